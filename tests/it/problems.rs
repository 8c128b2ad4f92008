//! Every problem of the table, provoked over HTTP.

use std::sync::mpsc;

use api::problem::TABLE;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};
use domain::invitations::Invited;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, ORIGIN, RANGE};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::database::Kind;
use support::school::{PASSWORD, School};

use crate::access::operations::newcomer;
#[cfg(feature = "rating")]
use crate::rating::problems::Money;
use crate::storage::execute;
#[cfg(not(feature = "rating"))]
use crate::without_rating::Money;

/// A server with one school and its mother signed in.
struct Scene {
    app: App,
    school: School,
    token: String,
    /// What the problems of the rating take.
    money: Money,
}

const ORIGIN_ALLOWED: &str = "https://diary.example";

impl Scene {
    fn set(kind: Kind) -> Self {
        let money = Money::default();
        let app = App::start(kind, |config| {
            money.set(config);
            config.http.origins = vec![ORIGIN_ALLOWED.to_owned()];
            config.database.connections = 1;
            config.database.patience_ms = 50;
        });
        let school = School::make(&app.state.db, "bir");
        let token = school.guardian(&app.state.db, "g1").token;
        Self { app, school, token, money }
    }

    fn path(&self, view: &str) -> String {
        format!("/v1/children/{}/{view}", self.school.children[0].0)
    }

    async fn get(&self, view: &str) -> Answer {
        self.app.get(&self.path(view), &self.token).await
    }

    async fn tick(&self, content_type: &str, key: &str, body: impl Into<reqwest::Body>) -> Answer {
        let homework = self.get("homework").await.body["items"][0]["id"].clone();
        let request = self.app.request(Method::PUT, &self.path(&format!("homework/{homework}/done")), &self.token);
        let request = request.header(CONTENT_TYPE, content_type).header("idempotency-key", key).body(body);
        Answer::of(request.send().await.unwrap()).await
    }

    fn invite(&self, who: &Invited) -> String {
        self.school.invite(&self.app.state.db, who)
    }

    async fn link(&self, code: &str, token: &str) -> Answer {
        self.app.post(&format!("/v1/invitations/{code}/link"), token, &Value::Null).await
    }

    async fn ask_from(&self, origin: &str) -> Answer {
        let request = self.app.request(Method::GET, "/v1/me", &self.token).header(ORIGIN, origin);
        Answer::of(request.send().await.unwrap()).await
    }

    /// Asks while the one connection is taken.
    async fn ask_while_busy(&self) -> Answer {
        let ((taken, is_taken), (release, released)) = (mpsc::channel(), mpsc::channel::<()>());
        let db = self.app.state.db.clone();
        let slow = tokio::spawn(async move {
            let work = move |_: &mut _| {
                taken.send(()).unwrap();
                released.recv().unwrap();
                Ok(())
            };
            db.read(work).await.unwrap();
        });
        let is_taken = tokio::task::spawn_blocking(move || is_taken.recv().unwrap());
        is_taken.await.unwrap();
        let answer = self.get("diary").await;
        release.send(()).unwrap();
        slow.await.unwrap();
        answer
    }

    /// Takes a table away behind the server's back.
    fn lose_attendance(&self) {
        let url = self.app.database.url();
        if let Some(file) = url.strip_prefix("sqlite://") {
            SqliteConnection::establish(file).unwrap().batch_execute("DROP TABLE attendance").unwrap();
        } else {
            PgConnection::establish(url).unwrap().batch_execute("DROP TABLE attendance CASCADE").unwrap();
        }
    }

    async fn too_many(&self) -> Answer {
        for _ in 0..20 {
            assert_eq!(self.link("no-such-code", &self.token).await.status, 404);
        }
        self.link("no-such-code", &self.token).await
    }

    async fn send_file(&self, token: &str) -> Answer {
        let part = Part::bytes(b"%PDF-1.7\n".to_vec()).file_name("a.pdf");
        let path = format!("/v1/schools/{}/files", self.school.id.0);
        let request = self.app.request(Method::POST, &path, token).multipart(Form::new().part("file", part));
        Answer::of(request.send().await.unwrap()).await
    }

    async fn too_many_files(&self) -> Answer {
        let journal = self.school.journal(&self.app.state.db, "journal");
        assert_eq!(self.send_file(&journal).await.status, 201);
        execute(&self.app.state.db, "UPDATE files SET size = 1000000000");
        self.send_file(&journal).await
    }

    /// Asks for bytes behind the end of a file of nine.
    async fn ask_range(&self) -> Answer {
        let journal = self.school.journal(&self.app.state.db, "journal");
        let file = self.send_file(&journal).await.body["id"].as_i64().unwrap();
        let item = json!({"externalId": "x", "courseExternalId": "alg7", "assignedOn": "2026-11-16",
            "dueOn": "2026-11-20", "text": "x", "attachments": [file]});
        let path = format!("/v1/schools/{}/homework", self.school.id.0);
        self.app.send(Method::PUT, &path, &journal, &json!({"items": [item]})).await;
        let request = self.app.request(Method::GET, &format!("/v1/files/{file}"), &self.token);
        Answer::of(request.header(RANGE, "bytes=9-").send().await.unwrap()).await
    }

    async fn ask_token(&self, form: &str) -> Answer {
        let kind = if form.contains("client_id") { "grant_type=client_credentials" } else { "grant_type=password" };
        let request = self.app.request(Method::POST, "/v1/oauth/token", "");
        let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(format!("{kind}{form}"));
        Answer::of(request.send().await.unwrap()).await
    }

    async fn accept(&self, code: &str, login: &str) -> Answer {
        self.app.post(&format!("/v1/invitations/{code}/accept"), "", &newcomer(login)).await
    }

    /// Meets the problem `name`; a row of the table that is not known here fails the test.
    async fn provoke(&self, name: &str) -> Answer {
        let app = &self.app;
        match name {
            "malformed-request" => self.tick("application/json", "1", "{").await,
            "bad-cursor" => self.get("grades?cursor=AAAA").await,
            "unauthenticated" => app.get("/v1/me", "nobody").await,
            "invalid-credentials" => {
                let device = json!({"name": "phone", "platform": "ios"});
                app.post("/v1/sessions", "", &json!({"login": "bir-g1", "password": "wrong one", "device": device}))
                    .await
            }
            "invalid-client" => self.ask_token("&client_id=nobody&client_secret=none").await,
            "invalid-scope" => self.ask_token("&client_id=a&client_secret=b&scope=everything").await,
            "unsupported-grant-type" => self.ask_token("&grant=password").await,
            "insufficient-scope" => {
                let journal = self.school.journal(&app.state.db, "read");
                let path = format!("/v1/schools/{}/grades", self.school.id.0);
                app.send(Method::PUT, &path, &journal, &json!({"items": [{}]})).await
            }
            "refresh-token-spent" => app.post("/v1/sessions/refresh", "", &json!({"refreshToken": "a.b"})).await,
            "wrong-role" => {
                let student = self.school.account(&app.state.db, &Invited::Student("p1".to_owned()));
                self.link(&self.invite(&Invited::Guardian("g2".to_owned())), &student.token).await
            }
            "origin-refused" => self.ask_from("https://evil.example").await,
            "not-found" => app.get("/v1/children/4711/diary", &self.token).await,
            "method-not-allowed" => app.post(&self.path("diary"), &self.token, &json!({})).await,
            "login-taken" => self.accept(&self.invite(&Invited::Guardian("g2".to_owned())), "bir-g1").await,
            "invitation-spent" => {
                let code = self.invite(&Invited::Guardian("g2".to_owned()));
                assert_eq!(self.accept(&code, "somebody-new").await.status, 201);
                self.accept(&code, "somebody-else").await
            }
            "cursor-too-old" => {
                let cursor = app.get("/v1/changes", &self.token).await.body["nextCursor"].as_str().unwrap().to_owned();
                app.state.clock.advance(chrono::Duration::days(91));
                let token = app.sign_in("bir-g1", PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
                app.get(&format!("/v1/changes?after={cursor}"), &token).await
            }
            "too-many-files" => self.too_many_files().await,
            "range-not-satisfiable" => self.ask_range().await,
            "payload-too-large" => self.tick("application/json", "1", vec![b' '; 256 * 1024 + 1]).await,
            "unsupported-media-type" => self.tick("text/plain", "1", "{\"done\":true}").await,
            "validation-failed" => self.get("diary?from=2026-11-18&to=2026-11-17").await,
            "idempotency-key-reused" => {
                assert_eq!(self.tick("application/json", "one", "{\"done\":true}").await.status, 200);
                self.tick("application/json", "one", "{\"done\":false}").await
            }
            "too-many-requests" => self.too_many().await,
            "internal" => {
                self.lose_attendance();
                self.get("attendance").await
            }
            "busy" => self.ask_while_busy().await,
            other => self.money.provoke(&self.app, &self.school, &self.token, other).await,
        }
    }
}

/// Asserts the shape every problem has, and returns the problem's detail.
fn is_whole(answer: &Answer, name: &str, status: u16) -> String {
    let (body, row) = (&answer.body, TABLE.iter().find(|row| row.name == name).unwrap());
    assert_eq!(answer.problem(), name, "{body}");
    assert_eq!((answer.status, body["status"].as_u64()), (status, Some(u64::from(status))), "{name}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{name}");
    assert_eq!(body["type"], format!("/problems/{name}"));
    assert_eq!(body["title"], row.title);
    assert_eq!(body["requestId"], answer.header("x-request-id"), "{name}");
    assert!(body["instance"].as_str().is_some_and(|path| path.starts_with("/v1/")), "{name}: {body}");
    assert!(body["errors"].is_array(), "{name}: {body}");
    let keys: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(keys.len(), 7, "{name}: {keys:?}");
    let detail = body["detail"].as_str().unwrap();
    assert!(!detail.is_empty(), "{name}");
    detail.to_owned()
}

both!(every_row_of_the_table_can_be_met_and_is_whole, async |kind: Kind| {
    for row in TABLE {
        let scene = Scene::set(kind);
        let answer = scene.provoke(row.name).await;
        is_whole(&answer, row.name, row.status);
        let waits = matches!(row.status, 429 | 503);
        let seconds = answer.header("retry-after").parse::<u64>().ok();
        assert_eq!(seconds.is_some_and(|seconds| seconds >= 1), waits, "{}: Retry-After", row.name);
        assert_eq!(answer.headers.contains_key("www-authenticate"), row.status == 401, "{}", row.name);
        assert_eq!(answer.headers.contains_key("allow"), row.status == 405, "{}: Allow", row.name);
        assert_eq!(answer.body["errors"] != json!([]), row.name == "validation-failed", "{}", answer.body);
    }
});

both!(every_problem_has_a_page, async |app: App| {
    for row in TABLE {
        let page = app.get(&format!("/problems/{}", row.name), "").await;
        let text = String::from_utf8(page.bytes).unwrap();
        assert_eq!(page.status, 200, "{}", row.name);
        assert!(text.contains(row.title) && text.contains(row.advice), "{text}");
    }
    assert_eq!(app.get("/problems/no-such-problem", "").await.problem(), "not-found");
});

both!(a_failure_of_the_server_says_nothing_of_how_it_works, async |kind: Kind| {
    let scene = Scene::set(kind);
    let answer = scene.provoke("internal").await;
    is_whole(&answer, "internal", 500);
    let text = String::from_utf8(answer.bytes).unwrap().to_lowercase();
    for word in ["sql", "table", "relation", "select", "diesel", "database", ".rs"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert!(!text.replace(&scene.path("attendance"), "").contains("attendance"), "{text}");
    // What does not need the lost table is served on.
    assert_eq!(scene.get("grades").await.status, 200);
});

both!(a_busy_server_serves_again_once_a_connection_is_free, async |kind: Kind| {
    let scene = Scene::set(kind);
    assert_eq!(scene.ask_while_busy().await.status, 503);
    assert_eq!(scene.get("diary").await.status, 200);
});

both!(a_configured_origin_may_call_and_is_told_so, async |kind: Kind| {
    let scene = Scene::set(kind);
    let answer = scene.ask_from(ORIGIN_ALLOWED).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (200, ORIGIN_ALLOWED));
    let refused = scene.ask_from("https://evil.example").await;
    assert_eq!(refused.header("access-control-allow-origin"), "");
    // A phone sends no origin.
    assert_eq!(scene.app.get("/v1/me", &scene.token).await.status, 200);
});

both!(a_request_id_of_the_client_comes_back_and_junk_does_not, async |app: App| {
    let ask = async |id: &str| {
        let request = app.request(Method::GET, "/v1/nothing", "").header("x-request-id", id);
        Answer::of(request.send().await.unwrap()).await
    };
    let own = ask("phone-1.2_3").await;
    assert_eq!((own.header("x-request-id"), &own.body["requestId"]), ("phone-1.2_3", &json!("phone-1.2_3")));
    for junk in ["", "a b", "<script>", "a\"b", &"a".repeat(65)] {
        let answer = ask(junk).await;
        is_whole(&answer, "not-found", 404);
        assert_ne!(answer.header("x-request-id"), junk);
    }
});

both!(a_wrong_password_and_an_unknown_login_are_the_same, async |app: App| {
    School::make(&app.state.db, "bir").guardian(&app.state.db, "g1");
    let device = json!({"name": "phone", "platform": "ios"});
    let ask = async |login: &str, password: &str| {
        let form = json!({"login": login, "password": password, "device": device});
        let mut answer = app.post("/v1/sessions", "", &form).await;
        answer.body["requestId"] = Value::Null;
        (answer.status, answer.body)
    };
    let known = ask("bir-g1", "not the password").await;
    assert_eq!(known.0, 401);
    assert_eq!(ask("nobody-at-all", PASSWORD).await, known);
    assert_eq!(ask("no", PASSWORD).await, known, "not even a login");
});
