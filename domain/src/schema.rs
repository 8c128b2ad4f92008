//! The tables of the diary, as Diesel knows them; a test holds them against both migration trees.

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
    }
}

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

diesel::table! {
    restores (school_id) {
        school_id -> BigInt,
        archive_hash -> Text,
        started_at -> Timestamp,
        finished_at -> Nullable<Timestamp>,
    }
}

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

diesel::table! {
    calendar_feeds (account_id) {
        account_id -> BigInt,
        token_hash -> Text,
        created_at -> Timestamp,
    }
}

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
        about -> Nullable<Text>,
        first_event -> Nullable<BigInt>,
        last_event -> Nullable<BigInt>,
        collapse -> Text,
        bundle_id -> Nullable<BigInt>,
        inbox -> Bool,
        superseded -> Bool,
        at -> Timestamp,
        read_at -> Nullable<Timestamp>,
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

diesel::joinable!(periods -> schools (school_id));
diesel::joinable!(bells -> schools (school_id));
diesel::joinable!(subjects -> schools (school_id));
diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(password_resets -> accounts (account_id));
diesel::joinable!(idempotent_answers -> accounts (account_id));
diesel::joinable!(staff -> schools (school_id));
diesel::joinable!(staff -> accounts (account_id));
diesel::joinable!(children -> schools (school_id));
diesel::joinable!(children -> accounts (account_id));
diesel::joinable!(enrolments -> schools (school_id));
diesel::joinable!(enrolments -> children (child_id));
diesel::joinable!(guardians -> schools (school_id));
diesel::joinable!(guardians -> accounts (account_id));
diesel::joinable!(guardianships -> schools (school_id));
diesel::joinable!(guardianships -> guardians (guardian_id));
diesel::joinable!(guardianships -> children (child_id));
diesel::joinable!(guardianships -> accounts (account_id));
diesel::joinable!(invitations -> schools (school_id));
diesel::joinable!(invitations -> guardians (guardian_id));
diesel::joinable!(invitations -> children (child_id));
diesel::joinable!(invitations -> staff (staff_id));
diesel::joinable!(clients -> schools (school_id));
diesel::joinable!(imports -> schools (school_id));
diesel::joinable!(imports -> clients (client_id));
diesel::joinable!(client_schools -> clients (client_id));
diesel::joinable!(client_schools -> schools (school_id));
diesel::joinable!(client_tokens -> clients (client_id));
diesel::joinable!(client_answers -> clients (client_id));
diesel::joinable!(deliveries -> schools (school_id));
diesel::joinable!(deliveries -> clients (client_id));
diesel::joinable!(class_groups -> schools (school_id));
diesel::joinable!(class_groups -> staff (staff_id));
diesel::joinable!(class_members -> schools (school_id));
diesel::joinable!(class_members -> class_groups (class_group_id));
diesel::joinable!(class_members -> children (child_id));
diesel::joinable!(courses -> schools (school_id));
diesel::joinable!(courses -> subjects (subject_id));
diesel::joinable!(courses -> class_groups (class_group_id));
diesel::joinable!(courses -> staff (staff_id));
diesel::joinable!(course_members -> schools (school_id));
diesel::joinable!(course_members -> courses (course_id));
diesel::joinable!(course_members -> children (child_id));
diesel::joinable!(lessons -> schools (school_id));
diesel::joinable!(lessons -> courses (course_id));
diesel::joinable!(lessons -> staff (staff_id));
diesel::joinable!(attendance -> schools (school_id));
diesel::joinable!(attendance -> children (child_id));
diesel::joinable!(attendance -> lessons (lesson_id));
diesel::joinable!(homework -> schools (school_id));
diesel::joinable!(homework -> courses (course_id));
diesel::joinable!(homework -> lessons (lesson_id));
diesel::joinable!(homework_done -> children (child_id));
diesel::joinable!(homework_done -> homework (homework_id));
diesel::joinable!(news -> schools (school_id));
diesel::joinable!(news -> class_groups (class_group_id));
diesel::joinable!(files -> schools (school_id));
diesel::joinable!(files -> staff (staff_id));
diesel::joinable!(files -> clients (client_id));
diesel::joinable!(file_parts -> files (file_id));
diesel::joinable!(homework_files -> homework (homework_id));
diesel::joinable!(homework_files -> files (file_id));
diesel::joinable!(assessments -> schools (school_id));
diesel::joinable!(assessments -> courses (course_id));
diesel::joinable!(assessments -> lessons (lesson_id));
diesel::joinable!(assessments -> periods (period_id));
diesel::joinable!(grades -> schools (school_id));
diesel::joinable!(grades -> children (child_id));
diesel::joinable!(grades -> courses (course_id));
diesel::joinable!(grades -> lessons (lesson_id));
diesel::joinable!(grades -> assessments (assessment_id));
diesel::joinable!(grade_revisions -> grades (grade_id));
diesel::joinable!(grade_revisions -> staff (staff_id));
diesel::joinable!(grade_revisions -> clients (client_id));
diesel::joinable!(period_grades -> schools (school_id));
diesel::joinable!(period_grades -> children (child_id));
diesel::joinable!(period_grades -> subjects (subject_id));
diesel::joinable!(period_grades -> periods (period_id));
diesel::joinable!(grading_schemes -> schools (school_id));
diesel::joinable!(scheme_choices -> schools (school_id));
diesel::joinable!(scheme_choices -> subjects (subject_id));
diesel::joinable!(results -> schools (school_id));
diesel::joinable!(results -> children (child_id));
diesel::joinable!(results -> subjects (subject_id));
diesel::joinable!(results -> periods (period_id));
diesel::joinable!(restores -> schools (school_id));
diesel::joinable!(events -> schools (school_id));
diesel::joinable!(child_events -> events (event_id));
diesel::joinable!(calendar_feeds -> accounts (account_id));
diesel::joinable!(devices -> accounts (account_id));
diesel::joinable!(devices -> sessions (session_id));
diesel::joinable!(alert_preferences -> accounts (account_id));
diesel::joinable!(alert_choices -> accounts (account_id));
diesel::joinable!(alert_choices -> children (child_id));
diesel::joinable!(alerts -> accounts (account_id));
diesel::joinable!(alerts -> children (child_id));
diesel::joinable!(alert_deliveries -> alerts (alert_id));
diesel::joinable!(alert_deliveries -> accounts (account_id));
diesel::joinable!(alert_attempts -> alert_deliveries (delivery_id));
diesel::joinable!(letter_links -> accounts (account_id));

diesel::allow_tables_to_appear_in_same_query!(
    schools,
    periods,
    bells,
    subjects,
    accounts,
    sessions,
    password_resets,
    idempotent_answers,
    staff,
    children,
    enrolments,
    guardians,
    guardianships,
    invitations,
    clients,
    client_schools,
    client_tokens,
    client_answers,
    deliveries,
    imports,
    class_groups,
    class_members,
    courses,
    course_members,
    lessons,
    attendance,
    homework,
    homework_done,
    files,
    file_parts,
    homework_files,
    news,
    assessments,
    grades,
    grade_revisions,
    period_grades,
    grading_schemes,
    scheme_choices,
    results,
    restores,
    events,
    child_events,
    calendar_feeds,
    devices,
    alert_preferences,
    alert_choices,
    alerts,
    alert_deliveries,
    alert_attempts,
    alert_lanes,
    suppressed_addresses,
    letter_links,
);
