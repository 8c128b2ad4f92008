//! Lessons, and what is noted and given at them.

diesel::table! {
    lessons (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        course_id -> BigInt,
        date -> Date,
        number -> Integer,
        starts_at -> Time,
        ends_at -> Time,
        staff_id -> Nullable<BigInt>,
        room -> Nullable<Text>,
        topic -> Nullable<Text>,
        status -> Text,
        change -> Nullable<Text>,
    }
}

diesel::table! {
    attendance (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        child_id -> BigInt,
        lesson_id -> BigInt,
        date -> Date,
        status -> Text,
        minutes_late -> Nullable<Integer>,
        comment -> Nullable<Text>,
    }
}

diesel::table! {
    homework (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        course_id -> BigInt,
        lesson_id -> Nullable<BigInt>,
        assigned_on -> Date,
        due_on -> Date,
        text -> Text,
        attachments -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    homework_done (child_id, homework_id) {
        child_id -> BigInt,
        homework_id -> BigInt,
        done_at -> Timestamp,
    }
}

diesel::table! {
    files (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        name -> Text,
        media_type -> Text,
        size -> BigInt,
        sha256 -> Text,
        staff_id -> Nullable<BigInt>,
        client_id -> Nullable<BigInt>,
        created_at -> Timestamp,
        stored_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    file_parts (file_id, part) {
        file_id -> BigInt,
        part -> Integer,
        bytes -> Binary,
    }
}

diesel::table! {
    homework_files (homework_id, file_id) {
        homework_id -> BigInt,
        file_id -> BigInt,
        place -> Integer,
    }
}

diesel::table! {
    news (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        level -> Nullable<Integer>,
        class_group_id -> Nullable<BigInt>,
        title -> Text,
        text -> Text,
        published_at -> Timestamp,
        updated_at -> Timestamp,
        tell_at -> Nullable<Timestamp>,
        told_to -> Nullable<BigInt>,
    }
}
