//! Changes to be told.

diesel::table! {
    events (id) {
        id -> BigInt,
        school_id -> BigInt,
        kind -> Text,
        entity_id -> BigInt,
        entity -> Nullable<Text>,
        previous -> Nullable<Text>,
        account_id -> Nullable<BigInt>,
        baseline -> Bool,
        at -> Timestamp,
        planned -> Bool,
    }
}

diesel::table! {
    child_events (child_id, revision, event_id) {
        child_id -> BigInt,
        revision -> BigInt,
        event_id -> BigInt,
    }
}
