//! What the families of a school share, and the school itself.

diesel::table! {
    schools (id) {
        id -> BigInt,
        name -> Text,
        time_zone -> Text,
        languages -> Text,
        days_off -> Text,
        revision -> BigInt,
        created_at -> Timestamp,
    }
}

diesel::table! {
    periods (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        kind -> Text,
        school_year -> Integer,
        names -> Text,
        starts_on -> Date,
        ends_on -> Date,
        closed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    bells (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        shift -> Integer,
        number -> Integer,
        starts_at -> Time,
        ends_at -> Time,
    }
}

diesel::table! {
    subjects (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        names -> Text,
    }
}

diesel::table! {
    restores (school_id) {
        school_id -> BigInt,
        archive_hash -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}
