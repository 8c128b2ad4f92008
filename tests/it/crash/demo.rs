//! `apta demo`: one line for programs, a table for people, the same school the second time, one sentence when it cannot be.

use std::fs;
use std::net::TcpListener;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use support::database::run;
use support::process::{Ended, Process};
use tempfile::TempDir;

fn demo(data: &Path, more: &[&str]) -> Process {
    let data = data.to_str().unwrap();
    Process::start(&[&["demo", "--port", "0", "--data", data], more].concat(), &[])
}

/// A demo that serves, and its line.
fn served(data: &Path) -> (Process, Value) {
    let mut demo = demo(data, &["--json"]);
    let line: Value = serde_json::from_str(&demo.first_line()).unwrap();
    demo.await_address();
    assert_eq!(line["url"], format!("http://{}", demo.address));
    (demo, line)
}

async fn stop(demo: Process) -> Ended {
    // Whoever answers is also listening for signals.
    assert_eq!(demo.get("/health/live", "").await.status, 200);
    demo.terminate();
    let ended = demo.ended();
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    ended
}

/// The one sentence for a person among the log's lines; the exit code is 1.
fn sentence(process: Process) -> String {
    let ended = process.ended();
    assert_eq!((ended.code(), ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
    let lines: Vec<&str> = ended.stderr.lines().filter(|line| !line.starts_with('{')).collect();
    let [line] = lines[..] else { panic!("{lines:#?}") };
    line.strip_prefix("apta: ").unwrap_or_else(|| panic!("{line}")).to_owned()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Whether the line is as documented: names, types, and who is in it.
fn has_its_shape(line: &Value) {
    assert_eq!(keys(line), ["clients", "logins", "schoolId", "url"]);
    assert!(line["schoolId"].is_i64());
    let logins = line["logins"].as_array().unwrap();
    let mut roles = Vec::new();
    for login in logins {
        assert_eq!(keys(login), ["childIds", "login", "password", "role"]);
        let children = login["childIds"].as_array().unwrap();
        assert!(children.iter().all(Value::is_i64));
        roles.push((login["role"].as_str().unwrap(), children.len()));
    }
    assert_eq!(roles[..2], [("guardian", 3), ("guardian", 1)], "three children, and a stranger's");
    for role in ["student", "teacher", "school-admin"] {
        assert!(roles.iter().any(|(one, _)| *one == role), "no {role}");
    }
    let own = logins[0]["childIds"].as_array().unwrap();
    assert!(!logins[1]["childIds"].as_array().unwrap().iter().any(|child| own.contains(child)), "no stranger");
    for client in line["clients"].as_array().unwrap() {
        assert_eq!(keys(client), ["clientId", "clientSecret", "schoolId", "scopes"]);
    }
    assert_eq!(line["clients"][0]["schoolId"], line["schoolId"]);
}

async fn everybody_signs_in(demo: &Process, line: &Value) {
    for login in line["logins"].as_array().unwrap() {
        let device = json!({"name": "x", "platform": "web"});
        let body = json!({"login": login["login"], "password": login["password"], "device": device});
        let opened = demo.send(Method::POST, "/v1/sessions", "", &body).await;
        assert_eq!((opened.status, &opened.body["user"]["role"]), (201, &login["role"]), "{opened:?}");
        let token = opened.body["accessToken"].as_str().unwrap();
        let children = demo.get("/v1/children", token).await.body;
        let mut seen: Vec<i64> =
            children["items"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()).collect();
        let mut told: Vec<i64> =
            login["childIds"].as_array().unwrap().iter().map(|child| child.as_i64().unwrap()).collect();
        seen.sort_unstable();
        told.sort_unstable();
        assert_eq!(seen, told);
        for child in told {
            assert_eq!(demo.get(&format!("/v1/children/{child}/diary"), token).await.status, 200);
        }
    }
}

#[test]
fn a_demo_prints_one_line_of_json_and_is_found_again_with_the_same_ids_and_passwords() {
    run(async {
        let data = TempDir::new().unwrap();
        let (first, line) = served(data.path());
        has_its_shape(&line);
        everybody_signs_in(&first, &line).await;
        #[cfg(feature = "rating")]
        one_family_reads_the_comparison_and_one_does_not(&first, &line).await;
        let ended = stop(first).await;
        assert_eq!(ended.stdout.lines().count(), 1, "{}", ended.stdout);

        let (second, mut again) = served(data.path());
        everybody_signs_in(&second, &again).await;
        again["url"] = line["url"].clone();
        assert_eq!(again, line);
        assert!(!second.log().contains("making the demo school"));
        stop(second).await;
        a_demo_tells_people_the_same(data.path(), &line).await;
        a_demo_that_cannot_be_says_why_in_a_sentence(data.path());
    });
}

/// The token of a login of the line.
#[cfg(feature = "rating")]
pub async fn token_of(demo: &Process, login: &Value) -> String {
    let device = json!({"name": "x", "platform": "web"});
    let body = json!({"login": login["login"], "password": login["password"], "device": device});
    let opened = demo.send(Method::POST, "/v1/sessions", "", &body).await.body;
    opened["accessToken"].as_str().unwrap().to_owned()
}

#[cfg(feature = "rating")]
async fn one_family_reads_the_comparison_and_one_does_not(demo: &Process, line: &Value) {
    let [mother, stranger] = [&line["logins"][0], &line["logins"][1]];
    let (own, other) = (token_of(demo, mother).await, token_of(demo, stranger).await);
    let path = |login: &Value| format!("/v1/children/{}/rating", login["childIds"][0]);
    let seen = demo.get(&path(mother), &own).await;
    let items = seen.body["items"].as_array().unwrap_or_else(|| panic!("{seen:?}"));
    let with = items.iter().filter(|item| item["position"] != "unavailable").count();
    assert!(with >= 2, "only {with} subjects have a line: {}", seen.body);
    let there = demo.get(&format!("{}/availability", path(mother)), &own).await.body;
    let there = there["items"].as_array().unwrap().iter().filter(|item| item["available"] == true).count();
    assert_eq!(there, with);
    let refused = demo.get(&path(stranger), &other).await;
    assert_eq!((refused.status, refused.problem()), (403, "subscription-required"));
    assert_eq!(demo.get(&path(mother), &other).await.status, 404);
}

async fn a_demo_tells_people_the_same(data: &Path, line: &Value) {
    let mut demo = demo(data, &[]);
    demo.await_address();
    let text = stop(demo).await.stdout;
    for login in line["logins"].as_array().unwrap() {
        assert!(text.contains(login["login"].as_str().unwrap()) && text.contains(login["password"].as_str().unwrap()));
    }
    assert!(
        text.contains("/docs/") && text.matches("curl ").count() == 3 + usize::from(cfg!(feature = "rating")),
        "{text}"
    );
}

fn a_demo_that_cannot_be_says_why_in_a_sentence(data: &Path) {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let busy = Process::start(&["demo", "--port", &port, "--data", data.to_str().unwrap()], &[]);
    let told = sentence(busy);
    assert!(told.contains(&port) && told.contains("taken"), "{told}");

    let mut conn = SqliteConnection::establish(data.join("diary.db").to_str().unwrap()).unwrap();
    conn.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231235959')").unwrap();
    drop(conn);
    let told = sentence(demo(data, &[]));
    assert!(told.contains("newer version of apta"), "{told}");
}

#[test]
fn a_demo_in_a_folder_that_cannot_be_made_says_so() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("a file");
    fs::write(&file, "").unwrap();
    let told = sentence(demo(&file.join("data"), &[]));
    assert!(told.contains("data directory") && told.contains("a file"), "{told}");
}

#[test]
fn a_demo_beside_a_diary_that_is_none_leaves_it_alone() {
    let data = TempDir::new().unwrap();
    fs::write(data.path().join("diary.db"), "somebody's").unwrap();
    let told = sentence(demo(data.path(), &[]));
    assert!(told.contains("not a demo"), "{told}");
    assert_eq!(fs::read_to_string(data.path().join("diary.db")).unwrap(), "somebody's");
}

#[test]
fn a_demo_killed_half_way_is_made_anew() {
    run(async {
        let data = TempDir::new().unwrap();
        let mut half = demo(data.path(), &["--json"]);
        half.await_log("making the demo school");
        half.kill();
        assert!(!data.path().join("demo.json").exists());
        let (whole, line) = served(data.path());
        has_its_shape(&line);
        everybody_signs_in(&whole, &line).await;
        stop(whole).await;
    });
}

#[test]
fn a_server_with_settings_that_are_wrong_says_which() {
    for (settings, word) in [
        (("DATABASE__URL", "mysql://x/y"), "sqlite:PATH"),
        (("DATABASE__URL", "postgres://nobody@127.0.0.1:1/none"), "PostgreSQL"),
        (("DATABASE__CONECTIONS", "4"), "conections"),
        (("SECURITY__KEY", "short"), "APTA__SECURITY__KEY"),
        (("MODE", "production"), "sample key"),
        (("SMTP__FROM", "no address"), "APTA__SMTP__FROM"),
        (("SMTP__APP_URL", "http://app.example"), "APTA__SMTP__APP_URL"),
    ] {
        let told = sentence(Process::start(&["serve"], &[settings, ("HTTP__LISTEN", "127.0.0.1:0")]));
        assert!(told.contains(word), "{settings:?}: {told}");
    }
}
