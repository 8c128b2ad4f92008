//! Accounts and what hangs on them.

diesel::table! {
    accounts (id) {
        id -> BigInt,
        login_key -> Text,
        password_hash -> Text,
        role -> Text,
        first_name -> Text,
        last_name -> Text,
        middle_name -> Nullable<Text>,
        display_name -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        sex -> Nullable<Text>,
        language -> Text,
        email -> Nullable<Text>,
        phone -> Nullable<Text>,
        disabled_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    sessions (id) {
        id -> BigInt,
        account_id -> BigInt,
        device_name -> Text,
        platform -> Text,
        access_hash -> Text,
        access_expires_at -> Timestamp,
        family_hash -> Text,
        refresh_hash -> Text,
        spent_hash -> Nullable<Text>,
        refresh_expires_at -> Timestamp,
        created_at -> Timestamp,
        last_used_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    password_resets (id) {
        id -> BigInt,
        account_id -> BigInt,
        token_hash -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    idempotent_answers (account_id, key_hash) {
        account_id -> BigInt,
        key_hash -> Text,
        request_hash -> Text,
        status -> Integer,
        body -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    calendar_feeds (account_id) {
        account_id -> BigInt,
        token_hash -> Text,
        created_at -> Timestamp,
    }
}
