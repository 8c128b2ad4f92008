//! Files sent in over the API: taken by the code behind `apta import`, told by the same report.

use domain::types::SchoolId;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

use super::SCOPES;
use crate::imports::files::Files;

const ZIP: &str = "application/zip";

/// Sends a file in and returns the answer.
async fn send(app: &App, token: &str, school: SchoolId, query: &str, file: Vec<u8>, media: &str) -> Answer {
    let part = Part::bytes(file).file_name("bundle.zip").mime_str(media).unwrap();
    let path = format!("/v1/schools/{}/imports{query}", school.0);
    let request = app.request(Method::POST, &path, token).multipart(Form::new().part("file", part));
    Answer::of(request.send().await.unwrap()).await
}

/// Asks until the import is done, as a journal does; there is nothing to wait for but the import.
async fn done(app: &App, token: &str, school: SchoolId, id: &Value) -> Value {
    loop {
        let answer = app.get(&format!("/v1/schools/{}/imports/{id}", school.0), token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        if answer.body["finishedAt"].is_string() {
            return answer.body;
        }
        tokio::task::yield_now().await;
    }
}

async fn import(app: &App, token: &str, school: SchoolId, query: &str, file: Vec<u8>) -> Value {
    let sent = send(app, token, school, query, file, ZIP).await;
    assert_eq!((sent.status, &sent.body["status"]), (202, &json!("queued")), "{}", sent.body);
    done(app, token, school, &sent.body["id"]).await
}

fn counts<'a>(import: &'a Value, file: &str) -> &'a Value {
    import["report"]["files"].as_array().unwrap().iter().find(|one| one["name"] == file).unwrap()
}

both!(a_bundle_sent_in_is_taken_and_told_as_on_the_command_line, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let rehearsed = import(&app, &journal, school.id, "?dryRun=true&allowShrink=true", Files::small().zip()).await;
    assert_eq!((&rehearsed["status"], &rehearsed["dryRun"]), (&json!("done"), &json!(true)), "{rehearsed}");
    let would = counts(&rehearsed, "users.csv")["created"].as_u64().unwrap();
    assert!(would > 0, "{rehearsed}");
    let taken = import(&app, &journal, school.id, "?allowShrink=true", Files::small().zip()).await;
    assert_eq!(taken["status"], "done", "{taken}");
    assert_eq!(counts(&taken, "users.csv")["created"], would, "the rehearsal changed nothing and told what would be");
    assert_eq!(taken["report"]["files"], rehearsed["report"]["files"]);
    let again = import(&app, &journal, school.id, "", Files::small().zip()).await;
    assert_eq!(counts(&again, "users.csv")["created"], 0, "{again}");
});

both!(a_file_that_is_refused_says_why_and_changes_nothing, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    for (file, sentence) in [(b"no zip".to_vec(), "zip"), (Vec::new(), "zip")] {
        let refused = import(&app, &journal, school.id, "", file).await;
        assert_eq!((&refused["status"], &refused["report"]["ok"]), (&json!("refused"), &json!(false)));
        assert!(refused["report"]["refusal"].as_str().unwrap().contains(sentence), "{refused}");
    }
    // The fixture's people are not in the bundle: that many may not leave by mistake.
    let shrunk = import(&app, &journal, school.id, "", Files::small().zip()).await;
    assert_eq!(shrunk["status"], "refused", "{shrunk}");
});

both!(what_is_no_file_is_refused_at_once, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    assert_eq!(send(&app, &journal, school.id, "", b"x".to_vec(), "text/plain").await.status, 415);
    let path = format!("/v1/schools/{}/imports", school.id.0);
    assert_eq!(app.post(&path, &journal, &json!({})).await.status, 415);
    let other = app.request(Method::POST, &path, &journal).multipart(Form::new().text("other", "x"));
    let other = Answer::of(other.send().await.unwrap()).await;
    assert_eq!((other.status, &other.body["errors"][0]["pointer"]), (422, &json!("/file")));
    let narrow = school.journal(&app.state.db, "journal");
    assert_eq!(send(&app, &narrow, school.id, "", Files::small().zip(), ZIP).await.problem(), "insufficient-scope");
});

both!(an_import_is_its_senders_and_the_offices, async |app: App| {
    let db = &app.state.db;
    let school = School::make(db, "bir");
    let (journal, other) = (school.journal(db, SCOPES), school.journal(db, SCOPES));
    let who = domain::invitations::Invited::Staff("a1".to_owned(), domain::types::Role::SchoolAdmin);
    let office = school.account(db, &who).token;
    let sent = send(&app, &journal, school.id, "?dryRun=true", Files::small().zip(), ZIP).await;
    done(&app, &office, school.id, &sent.body["id"]).await;
    let path = format!("/v1/schools/{}/imports/{}", school.id.0, sent.body["id"]);
    assert_eq!(app.get(&path, &other).await.status, 404);
    let elsewhere = School::make(db, "eki").journal(db, SCOPES);
    assert_eq!(app.get(&path, &elsewhere).await.status, 404);
    assert_eq!(
        app.get(&path.replace(&format!("imports/{}", sent.body["id"]), "imports/4711"), &journal).await.status,
        404
    );
});

both!(what_a_stopped_server_left_is_taken_up_by_the_next_one, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    // As after a kill: the row is there, the file is there, nobody works on it.
    let access = domain::access::Bearer::new(&journal, app.state.clock.now());
    let manner =
        domain::imports::Manner { kind: domain::types::ImportKind::Oneroster, dry_run: false, allow_shrink: true };
    let id = app
        .state
        .db
        .write_here(|conn| {
            let access = domain::access::school(conn, &access, school.id)?;
            let id = domain::imports::open(conn, &access, manner)?;
            domain::imports::start(conn, id)?;
            Ok(id)
        })
        .unwrap();
    app.state.imports.folder().unwrap();
    std::fs::write(app.state.imports.file(id), Files::small().zip()).unwrap();
    app.state.imports.resume().unwrap();
    let taken = done(&app, &journal, school.id, &json!(id.0)).await;
    assert_eq!(taken["status"], "done", "{taken}");
});
