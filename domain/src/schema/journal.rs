//! Journals, and what they and the office send in.

diesel::table! {
    clients (id) {
        id -> BigInt,
        school_id -> BigInt,
        client_key -> Text,
        name -> Text,
        scopes -> Text,
        secret_hash -> Text,
        previous_secret_hash -> Nullable<Text>,
        created_at -> Timestamp,
        disabled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    client_schools (client_id, school_id) {
        client_id -> BigInt,
        school_id -> BigInt,
    }
}

diesel::table! {
    client_tokens (id) {
        id -> BigInt,
        client_id -> BigInt,
        token_hash -> Text,
        scopes -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    client_answers (client_id, key_hash) {
        client_id -> BigInt,
        key_hash -> Text,
        request_hash -> Text,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    deliveries (school_id, client_id, collection, external_id) {
        school_id -> BigInt,
        client_id -> BigInt,
        collection -> Text,
        external_id -> Text,
        item_id -> BigInt,
        hash -> Text,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    imports (id) {
        id -> BigInt,
        school_id -> BigInt,
        client_id -> Nullable<BigInt>,
        kind -> Text,
        dry_run -> Bool,
        allow_shrink -> Bool,
        status -> Text,
        report -> Nullable<Text>,
        created_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}
