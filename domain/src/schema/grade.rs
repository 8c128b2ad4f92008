//! Works, grades, and what becomes of them.

diesel::table! {
    assessments (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        course_id -> BigInt,
        lesson_id -> Nullable<BigInt>,
        period_id -> Nullable<BigInt>,
        kind -> Text,
        title -> Text,
        date -> Date,
        max_points -> Nullable<BigInt>,
        weight -> BigInt,
    }
}

diesel::table! {
    grades (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        child_id -> BigInt,
        course_id -> BigInt,
        lesson_id -> Nullable<BigInt>,
        assessment_id -> Nullable<BigInt>,
        kind -> Text,
        status -> Text,
        value -> Nullable<Text>,
        points -> Nullable<BigInt>,
        max_points -> Nullable<BigInt>,
        weight -> BigInt,
        comment -> Nullable<Text>,
        graded_on -> Date,
        recorded_at -> Timestamp,
        revision -> Integer,
        removed -> Bool,
    }
}

diesel::table! {
    grade_revisions (grade_id, revision) {
        grade_id -> BigInt,
        revision -> Integer,
        status -> Text,
        value -> Nullable<Text>,
        points -> Nullable<BigInt>,
        max_points -> Nullable<BigInt>,
        weight -> BigInt,
        comment -> Nullable<Text>,
        removed -> Bool,
        recorded_at -> Timestamp,
        staff_id -> Nullable<BigInt>,
        client_id -> Nullable<BigInt>,
    }
}

diesel::table! {
    period_grades (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        child_id -> BigInt,
        subject_id -> BigInt,
        period_id -> BigInt,
        kind -> Text,
        status -> Text,
        value -> Nullable<Text>,
        percent -> Nullable<BigInt>,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    grading_schemes (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        name -> Text,
        version -> Integer,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    scheme_choices (id) {
        id -> BigInt,
        school_id -> BigInt,
        external_id -> Text,
        school_year -> Integer,
        subject_id -> Nullable<BigInt>,
        level -> Nullable<Integer>,
        scheme -> Text,
    }
}

diesel::table! {
    results (id) {
        id -> BigInt,
        school_id -> BigInt,
        child_id -> BigInt,
        subject_id -> BigInt,
        period_id -> BigInt,
        kind -> Text,
        source -> Text,
        status -> Text,
        value -> Nullable<Text>,
        names -> Nullable<Text>,
        percent -> Nullable<BigInt>,
        scheme -> Nullable<Text>,
        scheme_version -> Nullable<Integer>,
        detail -> Nullable<Text>,
        frozen_at -> Timestamp,
    }
}
