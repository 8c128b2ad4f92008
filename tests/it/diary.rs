//! What a family reads.

use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH};
use serde_json::json;
use support::app::{Answer, App};
use support::both;
use support::school::School;

both!(a_guardian_reads_the_week_of_her_child_and_gets_304_the_second_time, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let path = format!("/v1/children/{}/diary", school.children[0].0);
    let first = app.get(&path, &mother.token).await;
    assert_eq!(first.status, 200, "{:?}", first.body);
    assert_eq!(first.body["from"], "2026-11-16");
    let monday = &first.body["days"][0];
    assert_eq!(monday["lessons"][0]["grades"][0]["value"], "8");
    assert_eq!(monday["lessons"][1]["attendance"], json!({"status": "late", "minutesLate": 7, "comment": null}));
    let wednesday = &first.body["days"][2];
    assert_eq!(wednesday["lessons"][0]["homework"][0]["text"], "№ 214, 215");
    assert_eq!(wednesday["assessments"][0]["maxPoints"], 20);
    assert_eq!(first.body["days"][4]["homework"][0]["dueOn"], "2026-11-20");

    let before = app.state.db.statements();
    let again = app.request(Method::GET, &path, &mother.token).header(IF_NONE_MATCH, first.headers[ETAG].clone());
    let again = Answer::of(again.header(ACCEPT_ENCODING, "gzip, br").send().await.unwrap()).await;
    assert_eq!(again.status, 304, "{again:?}");
    assert_eq!(app.state.db.statements() - before, 1);
});
