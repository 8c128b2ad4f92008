//! `apta doctor` asks Google, and says in a sentence what an operator has to mend.

use support::app::DIARY;
use support::database::{Database, Kind};
use support::fcm::Fcm as Google;
use support::process::{Ended, Process};

fn doctor(google: &Google) -> Ended {
    let (database, folder) = (Database::new(Kind::Sqlite, &DIARY), tempfile::tempdir().unwrap());
    let key_file = Google::key_file(folder.path()).display().to_string();
    let (url, token_url) = (google.url(), google.token_url());
    let settings = [
        ("DATABASE__URL", database.url()),
        ("FCM__CREDENTIALS", &key_file),
        ("FCM__BASE_URL", &url),
        ("FCM__TOKEN_URL", &token_url),
    ];
    Process::start(&["doctor"], &settings).ended()
}

#[test]
fn a_project_that_is_ready_is_told_apart_from_a_key_that_was_deleted() {
    let google = Google::start();
    let ended = doctor(&google);
    assert!(ended.stdout.contains("ok   push      FCM takes messages"), "{ended:?}");
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    google.refuse_tokens(Some(400));
    let ended = doctor(&google);
    assert!(ended.stdout.contains("FAIL push      Google refuses the key of APTA__FCM__CREDENTIALS"), "{ended:?}");
    assert_eq!(ended.code(), Some(1));
    assert!(google.calls().iter().all(|call| !call.delivered));
}

#[test]
fn production_without_a_mail_server_is_told_what_to_set() {
    let database = Database::new(Kind::Sqlite, &DIARY);
    let settings = [
        ("DATABASE__URL", database.url()),
        ("MODE", "production"),
        ("SECURITY__KEY", "0123456789abcdef0123456789abcdef"),
        ("HTTP__PUBLIC_URL", "https://diary.example"),
        ("FCM__OFF", "true"),
    ];
    let ended = Process::start(&["doctor"], &settings).ended();
    let told =
        "FAIL settings  mode production sends letters: set APTA__SMTP__URL to a mail server, or APTA__SMTP__OFF=true";
    assert!(ended.stdout.contains(told) && ended.code() == Some(1), "{ended:?}");
    let ended = Process::start(&["doctor"], &[settings.as_slice(), &[("SMTP__OFF", "true")]].concat()).ended();
    assert!(ended.stdout.contains("ok   settings  production") && ended.code() == Some(0), "{ended:?}");
}
