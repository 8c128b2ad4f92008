//! Health, documents, problem pages, and what is on every answer.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;

use api::problem::TABLE;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use reqwest::Method;
use reqwest::header::ACCEPT_ENCODING;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::database::Kind;
use support::school::School;

use crate::storage::execute;

const ORIGIN: &str = "https://diary.example";

fn with_origin(kind: Kind) -> App {
    App::start(kind, |config| config.http.origins = vec![ORIGIN.to_owned()])
}

async fn ask(app: &App, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let request =
        headers.iter().fold(app.request(method, path, ""), |request, (name, value)| request.header(*name, *value));
    Answer::of(request.send().await.unwrap()).await
}

both!(a_server_is_alive_and_ready, async |app: App| {
    let live = app.get("/health/live", "").await;
    assert_eq!((live.status, &live.body), (200, &json!({"status": "ok"})));
    let ready = app.get("/health/ready", "").await;
    assert_eq!((ready.status, &ready.body), (200, &json!({"status": "ok", "alertsBehindSeconds": 0})));
});

both!(a_server_is_not_ready_while_its_database_lacks_a_migration, async |app: App| {
    let last = "SELECT max(version) FROM __diesel_schema_migrations";
    execute(&app.state.db, &format!("DELETE FROM __diesel_schema_migrations WHERE version = ({last})"));
    let ready = app.get("/health/ready", "").await;
    assert_eq!((ready.status, ready.problem()), (503, "busy"), "{ready:?}");
    assert!(ready.body["detail"].as_str().unwrap().contains("migration"));
    assert_eq!(app.get("/health/live", "").await.status, 200);
});

#[test]
fn a_server_whose_database_is_gone_is_alive_and_not_ready() {
    support::database::run(async {
        let app = App::start(Kind::Postgres, |config| config.database.patience_ms = 100);
        let name = app.database.url().rsplit('/').next().unwrap().split('?').next().unwrap().to_owned();
        let mut admin = PgConnection::establish(&env::var("APTA_TEST_POSTGRES").unwrap()).unwrap();
        admin.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).unwrap();
        for _time in 0..3 {
            let ready = app.get("/health/ready", "").await;
            assert_eq!((ready.status, ready.problem()), (503, "busy"), "{ready:?}");
            assert!(ready.header("retry-after").parse::<u32>().unwrap() >= 1);
        }
        assert_eq!(app.get("/v1/children", "a token").await.status, 503);
        assert_eq!(app.get("/health/live", "").await.status, 200);
        admin.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        domain::db::migrate(app.database.url()).unwrap();
        // Back without a restart.
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while app.get("/health/ready", "").await.status != 200 {
            assert!(std::time::Instant::now() < deadline, "not ready again");
        }
        assert_eq!(app.get("/v1/children", "a token").await.status, 401);
    });
}

fn committed() -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("openapi/diary.json")).unwrap()
}

both!(the_document_served_is_the_one_committed, async |app: App| {
    let answer = app.get("/openapi.json", "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let committed: Value = serde_json::from_slice(&committed()).unwrap();
    assert!(answer.body == committed, "openapi/diary.json is not what is served: run `cargo run -p openapi`");
    assert!(committed["openapi"].as_str().unwrap().starts_with("3.1"));
});

both!(the_document_is_compressed_for_who_can_read_it, async |app: App| {
    let plain = app.get("/openapi.json", "").await.bytes;
    // A client that takes what comes as it is.
    let raw = reqwest::Client::builder().no_proxy().no_gzip().no_brotli().build().unwrap();
    for coding in ["identity", "gzip", "br"] {
        let request = raw.get(app.url("/openapi.json")).header(ACCEPT_ENCODING, coding);
        let answer = Answer::of(request.send().await.unwrap()).await;
        if coding == "identity" {
            assert_eq!((answer.headers.get("content-encoding"), &answer.bytes), (None, &plain));
            continue;
        }
        assert_eq!(answer.header("content-encoding"), coding);
        assert!(answer.header("vary").to_lowercase().contains("accept-encoding"), "{coding}");
        assert!(answer.bytes.len() * 4 < plain.len(), "{coding}: {} bytes", answer.bytes.len());
        // A client that knows this coding alone reads it back.
        let client =
            reqwest::Client::builder().no_proxy().gzip(coding == "gzip").brotli(coding == "br").build().unwrap();
        let read = client.get(app.url("/openapi.json")).send().await.unwrap().bytes().await.unwrap();
        assert_eq!(read, plain);
    }
});

/// The values of `src` and `href` in a page.
fn links(page: &str) -> BTreeSet<String> {
    let values = ["src=\"", "href=\""].into_iter().flat_map(|name| page.split(name).skip(1));
    values.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

both!(the_documentation_is_served_whole_from_this_server, async |app: App| {
    let page = app.get("/docs/", "").await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").starts_with("text/html"));
    let text = String::from_utf8(page.bytes).unwrap();
    let links = links(&text);
    assert!(
        links.iter().any(|link| kind_of(link) == "js") && links.iter().any(|link| kind_of(link) == "css"),
        "{links:?}"
    );
    for link in &links {
        assert!(!link.contains("//"), "{link} is outside");
        let asset = app.get(&format!("/docs/{}", link.trim_start_matches("./")), "").await;
        assert_eq!(asset.status, 200, "{link}");
        assert!(!asset.bytes.is_empty() && !asset.header("content-type").is_empty(), "{link}");
        if kind_of(link) == "css" {
            let style = String::from_utf8(asset.bytes).unwrap();
            assert!(!style.contains("url(http") && !style.contains("url(//") && !style.contains("@import"), "{link}");
        }
    }
    // The page's policy runs no script inside the page.
    let inline = text.split("<script").skip(1).filter(|rest| !rest.split('>').next().unwrap().contains("src="));
    assert_eq!(inline.count(), 0, "{text}");
    let start = app.get("/docs/swagger-initializer.js", "").await;
    let start = String::from_utf8(start.bytes).unwrap();
    assert!(start.contains("/openapi.json") && !start.contains("https://"), "{start}");
    let short = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let short = short.get(app.url("/docs")).send().await.unwrap();
    assert_eq!((short.status().as_u16(), short.headers()["location"].to_str().unwrap()), (307, "/docs/"));
});

both!(every_problem_has_a_page_that_explains_it, async |app: App| {
    for row in TABLE {
        let page = app.get(&format!("/problems/{}", row.name), "").await;
        assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
        let text = String::from_utf8(page.bytes).unwrap();
        for part in [row.title, row.advice, &row.status.to_string()] {
            assert!(text.contains(part), "{}: {text}", row.name);
        }
    }
    for path in ["/problems/none", "/problems/", "/problems/..%2f..%2fetc"] {
        let missing = app.get(path, "").await;
        assert_eq!((missing.status, missing.problem()), (404, "not-found"), "{path}");
    }
});

both!(a_request_keeps_its_own_plain_id_and_gets_one_for_junk, async |app: App| {
    let long = "x".repeat(64);
    for plain in ["a", "01J-abc_D.9", &long] {
        let answer = ask(&app, Method::GET, "/v1/me", &[("x-request-id", plain)]).await;
        assert_eq!((answer.status, answer.header("x-request-id")), (401, plain));
        assert_eq!(answer.body["requestId"], plain);
    }
    let longer = "x".repeat(65);
    let mut given = BTreeSet::new();
    for junk in ["", " ", "a b", "<script>", "a;b", "ә", "a/b", &longer] {
        let answer = ask(&app, Method::GET, "/v1/me", &[("x-request-id", junk)]).await;
        let id = answer.header("x-request-id").to_owned();
        assert!(id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'), "{junk:?}: {id}");
        assert_eq!(answer.body["requestId"], id);
        given.insert(id);
    }
    assert_eq!(given.len(), 8);
    assert_eq!(app.get("/health/live", "").await.header("x-request-id").len(), 36);
});

fn is_safe(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("strict-transport-security", "max-age=31536000"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
    }
    let policy = answer.header("content-security-policy");
    assert!(policy.starts_with("default-src '") && policy.contains("frame-ancestors 'none'"), "{what}: {policy}");
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
    assert!(answer.headers.get("server").is_none() && answer.headers.get("x-powered-by").is_none(), "{what}");
    if answer.status >= 400 {
        assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    }
}

both!(every_answer_has_the_headers_of_safety, async |kind: Kind| {
    let app = with_origin(kind);
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let diary = format!("/v1/children/{}/diary", school.children[0].0);
    let seen = app.get(&diary, &mother.token).await;
    let again = app.request(Method::GET, &diary, &mother.token).header("if-none-match", seen.headers["etag"].clone());
    let again = again.header(ACCEPT_ENCODING, "gzip, br");
    let mut statuses = BTreeSet::new();
    let mut check = |answer: Answer, what: &str| {
        is_safe(&answer, what);
        statuses.insert(answer.status);
    };
    check(seen, "diary");
    check(Answer::of(again.send().await.unwrap()).await, "diary again");
    for path in [
        "/health/live",
        "/health/ready",
        "/openapi.json",
        "/docs/",
        "/problems/busy",
        "/v1/me",
        "/nothing",
        "/docs/nothing",
    ] {
        check(app.get(path, "").await, path);
    }
    check(ask(&app, Method::PATCH, "/v1/sessions", &[]).await, "method");
    check(ask(&app, Method::POST, "/v1/sessions", &[("content-type", "text/plain")]).await, "media type");
    check(app.post("/v1/sessions", "", &json!({})).await, "shape");
    check(app.post("/v1/sessions", "", &json!("x".repeat(300_000))).await, "size");
    check(ask(&app, Method::GET, "/v1/me", &[("origin", "https://evil.example")]).await, "origin");
    let preflight = [("origin", ORIGIN), ("access-control-request-method", "GET")];
    check(ask(&app, Method::OPTIONS, "/v1/me", &preflight).await, "preflight");
    check(app.send(Method::DELETE, "/v1/sessions/current", &mother.token, &Value::Null).await, "sign-out");
    for status in [200, 204, 304, 401, 403, 404, 405, 413, 415, 422] {
        assert!(statuses.contains(&status), "{status} was not looked at: {statuses:?}");
    }
});

both!(a_browser_of_a_listed_origin_may_call_and_no_other, async |kind: Kind| {
    let app = with_origin(kind);
    let answer = ask(&app, Method::GET, "/v1/me", &[("origin", ORIGIN)]).await;
    assert_eq!((answer.status, answer.header("access-control-allow-origin")), (401, ORIGIN));
    assert!(answer.header("access-control-expose-headers").to_lowercase().contains("etag"));
    assert!(answer.header("vary").to_lowercase().contains("origin"), "{answer:?}");
    let asked = [
        ("origin", ORIGIN),
        ("access-control-request-method", "PATCH"),
        ("access-control-request-headers", "authorization, content-type, if-none-match, idempotency-key"),
    ];
    let preflight = ask(&app, Method::OPTIONS, "/v1/me", &asked).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (200, ORIGIN), "{preflight:?}");
    assert!(preflight.header("access-control-allow-methods").contains("PATCH"));
    let headers = preflight.header("access-control-allow-headers").to_lowercase();
    assert!(headers.contains("authorization") && headers.contains("idempotency-key"), "{headers}");

    let evil = ask(&app, Method::GET, "/v1/me", &[("origin", "https://evil.example")]).await;
    assert_eq!((evil.status, evil.problem()), (403, "origin-refused"));
    assert!(evil.headers.get("access-control-allow-origin").is_none());
    assert_eq!(ask(&app, Method::GET, "/v1/me", &[]).await.status, 401, "apps send no origin");
});

both!(without_a_list_no_browser_is_told_that_it_may, async |app: App| {
    let answer = ask(&app, Method::GET, "/v1/me", &[("origin", ORIGIN)]).await;
    assert_eq!(answer.status, 401);
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("access-control-allow-origin")), "{answer:?}");
});

/// What stands behind the last dot of a link.
fn kind_of(link: &str) -> &str {
    link.rsplit('.').next().unwrap_or_default()
}
