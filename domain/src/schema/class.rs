//! Classes and courses.

diesel::table! {
    class_groups (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        school_year -> Integer,
        level -> Nullable<Integer>,
        name -> Text,
        match_key -> Text,
        sort_key -> Text,
        shift -> Integer,
        language -> Text,
        staff_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    class_members (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        class_group_id -> BigInt,
        child_id -> BigInt,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
    }
}

diesel::table! {
    courses (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        school_year -> Integer,
        subject_id -> BigInt,
        class_group_id -> Nullable<BigInt>,
        staff_id -> Nullable<BigInt>,
        name -> Text,
        subgroup -> Nullable<Text>,
    }
}

diesel::table! {
    course_members (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        course_id -> BigInt,
        child_id -> BigInt,
        starts_on -> Date,
        ends_on -> Nullable<Date>,
    }
}
