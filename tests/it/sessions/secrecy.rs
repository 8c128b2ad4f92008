//! What nobody may find: secrets in the database, persons and secrets in the log.

use std::fs;

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::db::{Db, Settings};
use domain::invitations::Invited;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::process::Process;
use support::school::{PASSWORD, School};
use support::smtp::{Refusal, Smtp};

use super::letters::Letter;
use super::{FRESH, login, text};

/// A life with the diary: a code accepted, log-ins right and wrong, refreshes, resets, changes. Its secrets and its person.
struct Life {
    secrets: Vec<String>,
    personal: Vec<String>,
}

const EMAIL: &str = "marked.address@example.kz";
const PHONE: &str = "+77019998877";

struct Scene<'a> {
    process: &'a Process,
    life: Life,
}

impl Scene<'_> {
    async fn post(&self, path: &str, token: &str, body: &Value) -> (u16, Value) {
        let answer = self.process.send(Method::POST, path, token, body).await;
        (answer.status, answer.body)
    }

    /// Keeps the tokens of an answer that opens a session.
    fn opened(&mut self, (status, body): (u16, Value)) -> (String, String) {
        assert!(matches!(status, 200 | 201), "{body}");
        let (access, refresh) = (text(&body["accessToken"]).to_owned(), text(&body["refreshToken"]).to_owned());
        self.life.secrets.push(access.clone());
        self.life.secrets.extend(refresh.split('.').map(str::to_owned));
        (access, refresh)
    }

    async fn come_in(&mut self, code: &str) -> String {
        let form = json!({
            "login": "marked-login", "password": PASSWORD, "firstName": "Белгіжан", "lastName": "Белгілиева",
            "middleName": "Белгікызы", "birthDate": "1985-04-30", "sex": "female",
        });
        self.life.secrets.extend([code, PASSWORD, FRESH].map(str::to_owned));
        let names = ["marked-login", "Белгіжан", "Белгілиева", "Белгікызы", EMAIL, PHONE, "1985-04-30"];
        self.life.personal.extend(names.map(str::to_owned));
        let flawed = self.post(&format!("/v1/invitations/{code}/accept"), "", &json!({"login": "marked-login"})).await;
        assert_eq!(flawed.0, 422);
        let accepted = self.post(&format!("/v1/invitations/{code}/accept"), "", &form).await;
        let (access, refresh) = self.opened(accepted);
        assert_eq!(self.post(&format!("/v1/invitations/{code}/accept"), "", &form).await.0, 409);
        let again = self.post("/v1/sessions/refresh", "", &json!({"refreshToken": refresh})).await;
        self.opened(again);
        assert_eq!(self.process.get("/v1/me", &access).await.status, 401);
        let wrong = self.post("/v1/sessions", "", &login("marked-login", "marked wrong password")).await;
        assert_eq!(wrong.0, 401);
        self.life.secrets.push("marked wrong password".to_owned());
        let right = self.post("/v1/sessions", "", &login("marked-login", PASSWORD)).await;
        self.opened(right).0
    }

    async fn change(&self, access: &str) {
        let patch = json!({"email": EMAIL, "phone": PHONE});
        assert_eq!(self.process.send(Method::PATCH, "/v1/me", access, &patch).await.status, 200);
        let patch = json!({"email": format!("{EMAIL} {PHONE}"), "unknown": PASSWORD});
        assert_eq!(self.process.send(Method::PATCH, "/v1/me", access, &patch).await.status, 422);
        let weak = json!({"currentPassword": PASSWORD, "password": "marked-login"});
        self.process.send(Method::PUT, "/v1/me/password", access, &weak).await;
        assert_eq!(self.process.get(&format!("/v1/marked-login?token={access}"), access).await.status, 404);
        assert_eq!(self.process.get("/v1/children/4711/diary", access).await.status, 404);
    }

    async fn reset(&mut self, smtp: &Smtp) {
        smtp.refuse_next(Refusal::ForGood);
        for _time in 0..2 {
            let asked = self.post("/v1/password-resets", "", &json!({"login": "marked-login"})).await;
            assert_eq!(asked.0, 202);
        }
        let token = Letter::read(&smtp.mail(1).await.data).token().unwrap().to_owned();
        self.life.secrets.push(token.clone());
        let done = self.post("/v1/password-resets/confirm", "", &json!({"token": token, "password": FRESH})).await;
        assert_eq!(done.0, 204);
    }
}

/// Everything the database holds, as text.
fn everything(kind: Kind, url: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    if kind == Kind::Sqlite {
        let file = url.trim_start_matches("sqlite://");
        let parts = ["", "-wal"].map(|end| fs::read(format!("{file}{end}")).unwrap_or_default());
        return parts.iter().map(|bytes| String::from_utf8_lossy(bytes)).collect();
    }
    let mut conn = PgConnection::establish(url).unwrap();
    let tables: Vec<Row> =
        diesel::sql_query("SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'")
            .load(&mut conn)
            .unwrap();
    let dump = |table: Row| -> Vec<Row> {
        diesel::sql_query(format!("SELECT row::text AS text FROM {} AS row", table.text)).load(&mut conn).unwrap()
    };
    tables.into_iter().flat_map(dump).map(|row| row.text + "\n").collect()
}

both!(no_secret_is_in_the_database_and_no_person_in_the_log, async |kind: Kind| {
    let (database, smtp) = (Database::new(kind, &DIARY), Smtp::start());
    let settings = [
        ("DATABASE__URL", database.url()),
        ("SMTP__URL", &smtp.url()),
        ("LOG__FILTER", "debug"),
        ("HTTP__WORKERS", "1"),
    ];
    let process = Process::serve(&settings);
    let db = Db::open(&Settings { url: database.url().to_owned(), ..Settings::default() }).unwrap();
    let school = School::make(&db, "bir");
    let code = school.invite(&db, &Invited::Guardian("g1".to_owned()));
    let mut scene = Scene { process: &process, life: Life { secrets: Vec::new(), personal: Vec::new() } };
    let access = scene.come_in(&code).await;
    scene.change(&access).await;
    scene.reset(&smtp).await;
    let life = scene.life;
    drop(db);

    let kept = everything(kind, database.url());
    assert!(
        kept.contains("marked-login") && kept.contains(EMAIL) && kept.contains("$argon2id$"),
        "nothing was looked at"
    );
    for secret in &life.secrets {
        assert!(secret.len() >= 16 && !kept.contains(secret), "{secret} is in the database");
    }
    // The letter that was refused is told of, without its address.
    process.await_log("a reset letter did not leave");
    process.terminate();
    let log = process.ended().stderr;
    assert!(log.lines().filter(|line| line.contains("\"answered\"")).count() >= 12, "{log}");
    for word in life.secrets.iter().chain(&life.personal) {
        let hit = log.lines().find(|line| line.contains(word.as_str()));
        assert!(hit.is_none(), "{word} is in the log: {hit:?}");
    }
});
