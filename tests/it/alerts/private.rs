//! What strangers may find of a family at the level it begins with: nothing, in no push, letter, log line or Redis.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread::{self, JoinHandle};

use domain::db::{Db, Settings};
use domain::intake;
use reqwest::Method;
use serde_json::json;
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::fcm::Fcm as Google;
use support::process::Process;
use support::redis::Redis;
use support::school::{PASSWORD, School};
use support::smtp::Smtp;

use crate::providers::phone;
use crate::storage::execute;

/// What stands in the diary of the school's children, and who reads it.
const MARKS: &[&str] =
    &["Әсел", "Дана", "Омарова", "Айгүл", "Ахметова", "Алгебра", "Algebra", "зачёт-белгі", "father.marked@example.kz"];

/// Everything that is said to a Redis, from now on until it ends.
struct Ear(JoinHandle<Vec<u8>>);

impl Ear {
    fn at(redis: &Redis) -> Self {
        let address = redis.url().replace("redis://", "");
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"MONITOR\r\n").unwrap();
        let mut first = [0; 5];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"+OK\r\n");
        Self(thread::spawn(move || {
            let mut heard = Vec::new();
            // Ends when the server does.
            let _ = stream.read_to_end(&mut heard);
            heard
        }))
    }
}

/// A server and a journal: the mother has a phone, the father an address.
async fn family(process: &Process, school: &School, db: &Db, google: &Google) {
    for (number, language) in [("g1", "kk"), ("g2", "en")] {
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

both!(nothing_of_a_child_is_in_pushes_letters_log_lines_or_redis, async |kind: Kind| {
    let (google, smtp, redis, folder) = (Google::start(), Smtp::start(), Redis::start(), tempfile::tempdir().unwrap());
    let ear = Ear::at(&redis);
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
    let value = Some("зачёт-белгі".to_owned());
    let grade = intake::Grade { value, points: None, ..school.grade("e9", "p2", "1") };
    school.put_at(&db, chrono::Utc::now().naive_utc(), &[grade]);
    let calls = google.until_calls(1).await;
    let mail = smtp.mail(1).await;
    process.terminate();
    let log = process.ended().stderr;
    drop(redis);
    let heard = String::from_utf8_lossy(&ear.0.join().unwrap()).into_owned();
    assert!(log.contains("\"stopped\"") && log.contains("DEBUG"), "the log is not that of the run: {log}");
    assert!(!heard.is_empty(), "Redis was not used");
    let subject = mail.header("Subject").unwrap();
    assert_eq!(subject, "There is news in the diary");
    for (what, text) in
        [("push", &calls[0].bytes), ("letter", &mail.body().to_owned()), ("log", &log), ("Redis", &heard)]
    {
        // A letter's body may be quoted, the father's is English; Redis tells what is not ASCII as \xNN.
        let strange = what == "Redis" && text.contains("\\xd0") || what == "letter" && text.contains("=D0");
        let found = MARKS.iter().find(|mark| text.contains(**mark));
        assert!(found.is_none() && !strange, "{what} tells {found:?}: {text}");
    }
});
