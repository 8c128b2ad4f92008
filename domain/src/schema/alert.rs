//! Alerts: where they go, what is wanted, what became of them.

diesel::table! {
    devices (id) {
        id -> BigInt,
        account_id -> BigInt,
        session_id -> BigInt,
        installation_id -> Text,
        platform -> Text,
        push_token -> Text,
        app_version -> Text,
        language -> Text,
        strikes -> Integer,
        quarantined_until -> Nullable<Timestamp>,
        seen_at -> Timestamp,
        created_at -> Timestamp,
    }
}

diesel::table! {
    alert_preferences (account_id) {
        account_id -> BigInt,
        language -> Nullable<Text>,
        privacy -> Text,
        quiet_from -> Nullable<Time>,
        quiet_to -> Nullable<Time>,
        digest -> Text,
        letters -> Bool,
    }
}

diesel::table! {
    alert_choices (account_id, child_id, kind) {
        account_id -> BigInt,
        child_id -> BigInt,
        kind -> Text,
        push -> Bool,
        email -> Text,
        inbox -> Bool,
        threshold -> Text,
        than -> Nullable<BigInt>,
    }
}

diesel::table! {
    alerts (id) {
        id -> BigInt,
        account_id -> BigInt,
        child_id -> Nullable<BigInt>,
        kind -> Nullable<Text>,
        first_event -> Nullable<BigInt>,
        last_event -> Nullable<BigInt>,
        collapse -> Text,
        bundle_id -> Nullable<BigInt>,
        inbox -> Bool,
        superseded -> Bool,
        at -> Timestamp,
        read_at -> Nullable<Timestamp>,
        news_id -> Nullable<BigInt>,
        about -> Nullable<Text>,
        tell_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    alert_deliveries (id) {
        id -> BigInt,
        alert_id -> BigInt,
        channel -> Text,
        target_id -> BigInt,
        lane -> Text,
        account_id -> BigInt,
        child_id -> BigInt,
        first_event -> Nullable<BigInt>,
        collapse -> Text,
        state -> Text,
        reason -> Nullable<Text>,
        due_at -> Timestamp,
        expires_at -> Timestamp,
        attempts -> Integer,
        epoch -> BigInt,
        lease_until -> Nullable<Timestamp>,
        provider_name -> Nullable<Text>,
        settled_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    alert_attempts (delivery_id, number) {
        delivery_id -> BigInt,
        number -> Integer,
        started_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    alert_lanes (lane) {
        lane -> Text,
        paused_until -> Timestamp,
        reason -> Text,
    }
}

diesel::table! {
    suppressed_addresses (address_hash) {
        address_hash -> Text,
        since -> Timestamp,
    }
}

diesel::table! {
    letter_links (account_id) {
        account_id -> BigInt,
        token -> Text,
    }
}

diesel::table! {
    settle_windows (school_id, kind) {
        school_id -> BigInt,
        kind -> Text,
        seconds -> Integer,
    }
}

diesel::table! {
    data_exports (id) {
        id -> BigInt,
        school_id -> BigInt,
        at -> Timestamp,
        told_to -> Nullable<BigInt>,
    }
}
