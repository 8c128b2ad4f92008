//! The people of a school.

diesel::table! {
    staff (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        first_name -> Text,
        last_name -> Text,
        middle_name -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
        left_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    children (id) {
        id -> BigInt,
        school_id -> BigInt,
        first_name -> Text,
        last_name -> Text,
        middle_name -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        sex -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
        revision -> BigInt,
    }
}

diesel::table! {
    enrolments (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        child_id -> BigInt,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
    }
}

diesel::table! {
    guardians (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        first_name -> Text,
        last_name -> Text,
        middle_name -> Nullable<Text>,
        email -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    guardianships (id) {
        id -> BigInt,
        school_id -> BigInt,
        guardian_id -> BigInt,
        child_id -> BigInt,
        account_id -> Nullable<BigInt>,
        relation -> Text,
        starts_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    invitations (id) {
        id -> BigInt,
        school_id -> BigInt,
        code_hash -> Text,
        role -> Text,
        guardian_id -> Nullable<BigInt>,
        child_id -> Nullable<BigInt>,
        staff_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        accepted_at -> Nullable<Timestamp>,
    }
}
