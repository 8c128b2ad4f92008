//! The tables of the diary, as Diesel knows them; a test holds them against both migration trees.

mod account;
mod alert;
mod class;
mod event;
mod grade;
mod journal;
mod lesson;
mod person;
mod school;

pub use account::*;
pub use alert::*;
pub use class::*;
pub use event::*;
pub use grade::*;
pub use journal::*;
pub use lesson::*;
pub use person::*;
pub use school::*;

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
diesel::joinable!(data_exports -> schools (school_id));
diesel::joinable!(settle_windows -> schools (school_id));
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
    data_exports,
    settle_windows,
    suppressed_addresses,
    letter_links,
);
