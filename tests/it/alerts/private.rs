//! What strangers may find of a family at the level it begins with: nothing, in no push, letter, log line or Redis.

use std::time::Duration;

use domain::db::{Db, Settings};
use reqwest::Method;
use serde_json::json;
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::fcm::{Fault, Fcm as Google};
use support::process::Process;
use support::redis::Redis;
use support::school::{PASSWORD, School};
use support::smtp::{Refusal, Smtp};

use crate::providers::phone;
use crate::school::deliveries::grade;
use crate::storage::{execute, number};

/// What stands in the diary of the school's children, and who reads it.
const MARKS: &[&str] =
    &["Әсел", "Дана", "Омарова", "Айгүл", "Ахметова", "Алгебра", "Algebra", "зачёт-белгі", "father.marked@example.kz"];

/// A server and a journal: the mother has a phone, the father an address.
async fn family(process: &Process, school: &School, db: &Db, google: &Google) {
    for (number, language) in [("g1", "kk"), ("g2", "kk")] {
        let login = school.guardian(db, number).login;
        let body = json!({"login": login, "password": PASSWORD, "device": {"name": "x", "platform": "android"}});
        let session = process.send(Method::POST, "/v1/sessions", "", &body).await;
        let token = session.body["accessToken"].as_str().unwrap_or_else(|| panic!("{}", session.body)).to_owned();
        let always = json!({"quietHours": null, "language": language});
        assert_eq!(process.send(Method::PATCH, "/v1/notification-preferences", &token, &always).await.status, 200);
        if number == "g1" {
            google.register(&phone(1));
            let form = json!({"platform": "android", "pushToken": phone(1), "appVersion": "1.0", "language": "kk"});
            let path = "/v1/devices/0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f01";
            assert_eq!(process.send(Method::PUT, path, &token, &form).await.status, 200);
        } else {
            let address = json!({"email": "father.marked@example.kz"});
            assert_eq!(process.send(Method::PATCH, "/v1/me", &token, &address).await.status, 200);
        }
    }
}

/// A grade comes to the journal's server, over HTTP as from any journal.
async fn give(process: &Process, school: &School, journal: &str, number: &str) {
    let path = format!("/v1/schools/{}/grades", school.id.0);
    let items = json!({"items": [grade(number, "p2", "зачёт-белгі")]});
    let answer = process.send(Method::PUT, &path, journal, &items).await;
    assert_eq!((answer.status, &answer.body["results"][0]["outcome"]), (200, &json!("created")), "{}", answer.body);
}

/// Waits until so many deliveries are as said.
async fn until(db: &Db, count: i64, of: &str) {
    let sql = format!("SELECT count(*) AS number FROM alert_deliveries WHERE {of}");
    let come = async {
        while number(db, &sql) != count {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(60), come).await.is_ok(), "no {count} deliveries with {of}");
}

both!(nothing_of_a_child_is_in_pushes_letters_log_lines_or_redis, async |kind: Kind| {
    let (google, smtp, redis, folder) = (Google::start(), Smtp::start(), Redis::start(), tempfile::tempdir().unwrap());
    let monitor = redis.monitor();
    let database = Database::new(kind, &DIARY);
    let db = Db::open(&Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }).unwrap();
    let school = School::make(&db, "bir");
    let key_file = Google::key_file(folder.path()).display().to_string();
    let process = Process::serve(&[
        ("DATABASE__URL", database.url()),
        ("REDIS__URL", &redis.url()),
        ("SMTP__URL", &smtp.url()),
        ("FCM__CREDENTIALS", &key_file),
        ("FCM__BASE_URL", &google.url()),
        ("FCM__TOKEN_URL", &google.token_url()),
        ("NOTIFICATIONS__SETTLE", "0s"),
        ("LOG__FILTER", "debug"),
    ]);
    family(&process, &school, &db, &google).await;
    execute(&db, "UPDATE events SET planned = TRUE");
    execute(&db, "UPDATE news SET tell_at = NULL");
    let journal = school.journal_at(&db, "journal", chrono::Utc::now().naive_utc());
    // The first is refused by both, and the log tells of it.
    google.script(|script| script.next([Some(Fault::bad_message())]));
    smtp.refuse_next(Refusal::ForNow);
    give(&process, &school, &journal, "e8").await;
    until(&db, 1, "state = 'dead-letter' AND channel = 'push'").await;
    until(&db, 1, "state = 'pending' AND attempts = 1 AND lease_until IS NULL AND channel = 'email'").await;
    give(&process, &school, &journal, "e9").await;
    let calls = google.until_calls(2).await;
    let mail = smtp.mail(1).await;
    process.terminate();
    let log = process.ended().stderr;
    drop(redis);
    let heard = monitor.all();
    assert!(log.contains("\"stopped\"") && log.contains("DEBUG"), "the log is not that of the run: {log}");
    assert!(log.contains("cannot be sent as it is") && log.contains("/grades"), "it tells of neither: {log}");
    assert!(!heard.is_empty(), "Redis was not used");
    let (subject, texts) = (mail.words("Subject").unwrap(), mail.texts().join("\n"));
    assert_eq!(subject, "Күнделікте жаңалық бар");
    assert!(texts.contains(&subject) && mail.data.contains("base64"), "{}", mail.data);
    let pushes = format!("{} {}", calls[0].bytes, calls[1].bytes);
    for (what, text) in [("push", &pushes), ("letter", &texts), ("log", &log), ("Redis", &heard)] {
        // Redis tells what is not ASCII as \xNN.
        let strange = what == "Redis" && (text.contains("\\xd0") || text.contains("\\xd3"));
        let found = MARKS.iter().find(|mark| text.contains(**mark));
        assert!(found.is_none() && !strange, "{what} tells {found:?}: {text}");
    }
});
