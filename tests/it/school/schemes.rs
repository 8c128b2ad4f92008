//! What a school grades by, over HTTP: schemes are versions, the most specific choice counts.

use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

use super::SCOPES;

fn own() -> Value {
    serde_json::to_value(domain::assessment::preset("kz-2016").unwrap()).unwrap()
}

async fn send(app: &App, token: &str, school: &School, path: &str, body: &Value) -> Answer {
    app.send(Method::PUT, &format!("/v1/schools/{}/{path}", school.id.0), token, body).await
}

async fn percent(app: &App, school: &School, token: &str) -> Value {
    let subjects = app.get(&format!("/v1/children/{}/subjects", school.children[0].0), token).await.body;
    subjects["items"][0]["forecast"]["scheme"].clone()
}

both!(a_journal_writes_a_scheme_and_chooses_it, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let before = percent(&app, &school, &mother).await;
    let write = json!({"name": "Own", "scheme": own()});
    for _ in 0..2 {
        let written = send(&app, &journal, &school, "grading-schemes", &write).await;
        assert_eq!((written.status, written.body), (200, json!({"name": "Own", "version": 1})));
    }
    let mut changed = write.clone();
    changed["scheme"]["rounding"] = json!(if own()["rounding"] == "none" { "half-up" } else { "none" });
    let second = send(&app, &journal, &school, "grading-schemes", &changed).await;
    assert_eq!(second.body["version"], 2, "{}", second.body);

    let choice = json!({"subjectExternalId": "alg", "level": 7, "scheme": "Own"});
    let chosen = send(&app, &journal, &school, "grading-schemes/choices?schoolYear=2026", &choice).await;
    assert_eq!((chosen.status, &chosen.body["choices"]), (200, &json!([choice])), "{}", chosen.body);
    assert_ne!(percent(&app, &school, &mother).await, before, "the parent's forecast says by what it was made");

    let path = format!("/v1/schools/{}/grading-schemes?schoolYear=2026", school.id.0);
    let listed = app.get(&path, &journal).await.body;
    assert_eq!(listed["presets"][0], "kz-2020");
    let versions: Vec<_> = listed["own"].as_array().unwrap().iter().map(|one| &one["version"]).collect();
    assert_eq!(versions, [1, 2]);
    assert_eq!(listed["own"][1]["scheme"], changed["scheme"]);

    let back = json!({"subjectExternalId": "alg", "level": 7, "scheme": null});
    let left = send(&app, &journal, &school, "grading-schemes/choices?schoolYear=2026", &back).await;
    assert_eq!(left.body["choices"], json!([]));
    assert_eq!(percent(&app, &school, &mother).await, before);
});

both!(what_is_wrong_with_a_scheme_is_told_with_its_place, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mut light = own();
    light["components"][0]["weight"] = json!(1);
    let cases = [
        ("grading-schemes", json!({"name": "Own", "scheme": light}), "/scheme/components"),
        ("grading-schemes", json!({"name": "kz-2020", "scheme": own()}), "/name"),
        ("grading-schemes", json!({"name": "", "scheme": own()}), "/name"),
        ("grading-schemes", json!({"name": "Own", "scheme": {"basis": "feelings"}}), "/scheme"),
        ("grading-schemes/choices?schoolYear=2026", json!({"scheme": "nowhere"}), "/scheme"),
        ("grading-schemes/choices?schoolYear=2026", json!({"level": 13, "scheme": "kz-2016"}), "/level"),
        (
            "grading-schemes/choices?schoolYear=2026",
            json!({"subjectExternalId": "none", "scheme": "kz-2016"}),
            "/subjectExternalId",
        ),
        ("grading-schemes/choices?schoolYear=26", json!({"scheme": "kz-2016"}), "/schoolYear"),
    ];
    for (path, body, pointer) in cases {
        let answer = send(&app, &journal, &school, path, &body).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", answer.body);
    }
    let listed = app.get(&format!("/v1/schools/{}/grading-schemes?schoolYear=2026", school.id.0), &journal).await.body;
    assert_eq!((&listed["own"], &listed["choices"]), (&json!([]), &json!([])));
});

both!(a_scheme_sent_again_under_its_key_is_answered_as_before, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let path = format!("/v1/schools/{}/grading-schemes", school.id.0);
    let send = async |scheme: Value| {
        let request = app.request(Method::PUT, &path, &journal).header("idempotency-key", "one");
        Answer::of(request.json(&json!({"name": "Own", "scheme": scheme})).send().await.unwrap()).await
    };
    let first = send(own()).await;
    assert_eq!((first.status, send(own()).await.body), (200, first.body));
    let mut other = own();
    other["ungradedLevels"] = json!([1, 2]);
    assert_eq!(send(other).await.problem(), "idempotency-key-reused");
});
