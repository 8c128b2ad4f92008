//! The tables of the rating, and the two views of the diary it may read.

diesel::table! {
    counting (id) {
        id -> BigInt,
        child_id -> BigInt,
        account_id -> BigInt,
        counted -> Bool,
        text_version -> Text,
        language -> Text,
        at -> Timestamp,
    }
}

diesel::table! {
    settled (class_group_id, subject_id) {
        class_group_id -> BigInt,
        subject_id -> BigInt,
        school_id -> BigInt,
        school_year -> Integer,
        alone -> Bool,
    }
}

diesel::table! {
    releases (unit) {
        unit -> Text,
        school_id -> BigInt,
        school_year -> Integer,
        subject_id -> BigInt,
        period_id -> BigInt,
        line -> BigInt,
        epsilon -> BigInt,
        mechanism -> Text,
        code_version -> Text,
        released_at -> Timestamp,
    }
}

diesel::table! {
    rounds (period_id, closed_at) {
        period_id -> BigInt,
        closed_at -> Timestamp,
        done_at -> Timestamp,
    }
}

diesel::table! {
    subscribers (account_id) {
        account_id -> BigInt,
        link -> Text,
        created_at -> Timestamp,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> BigInt,
        account_id -> BigInt,
        source -> Text,
        external_id -> Text,
        state -> Text,
        expires_at -> Nullable<Timestamp>,
        unreachable_since -> Nullable<Timestamp>,
        updated_at -> Timestamp,
        asked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    vouchers (code_hash) {
        code_hash -> Text,
        months -> Integer,
        school_id -> Nullable<BigInt>,
        issued_at -> Timestamp,
        account_id -> Nullable<BigInt>,
        redeemed_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    store_events (source, event_id) {
        source -> Text,
        event_id -> Text,
        external_id -> Text,
        at -> Timestamp,
        said -> Text,
        link -> Nullable<Text>,
        received_at -> Timestamp,
    }
}

diesel::table! {
    store_inbox (source, letter_id) {
        source -> Text,
        letter_id -> Text,
        body -> Text,
        received_at -> Timestamp,
        due_at -> Timestamp,
        tries -> Integer,
        done_at -> Nullable<Timestamp>,
    }
}

pub(crate) mod views {
    diesel::table! {
        closings (period_id) {
            period_id -> BigInt,
            school_id -> BigInt,
            school_year -> Integer,
            starts_on -> Date,
            closed_at -> Timestamp,
        }
    }

    diesel::table! {
        standings (child_id, subject_id, period_id) {
            child_id -> BigInt,
            subject_id -> BigInt,
            subject_names -> Text,
            period_id -> BigInt,
            starts_on -> Date,
            school_id -> BigInt,
            school_year -> Integer,
            class_group_id -> BigInt,
            level -> Nullable<Integer>,
            percent -> BigInt,
            grades -> BigInt,
        }
    }
}

diesel::allow_tables_to_appear_in_same_query!(store_events, subscribers);
