//! Codes the school hands out.

use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::{PASSWORD, School};

use super::SCOPES;
use crate::access::operations::newcomer;

async fn ask(app: &App, token: &str, school: &School, what: &str, items: &Value) -> Value {
    let answer = app.post(&format!("/v1/schools/{}/{what}", school.id.0), token, &json!({ "items": items })).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.body["results"].clone()
}

fn person(role: &str, number: &str) -> Value {
    json!({"role": role, "externalId": number})
}

both!(a_code_for_each_role_is_good_once, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let people = json!([person("guardian", "g1"), person("student", "p1"), person("teacher", "t1")]);
    let codes = ask(&app, &journal, &school, "invitations", &people).await;
    for (place, role) in ["guardian", "student", "teacher"].into_iter().enumerate() {
        let path = format!("/v1/invitations/{}/accept", codes[place]["code"].as_str().unwrap());
        let accepted = app.post(&path, "", &newcomer(&format!("new-{role}"))).await;
        assert_eq!((accepted.status, &accepted.body["user"]["role"]), (201, &json!(role)), "{}", accepted.body);
        assert_eq!(app.post(&path, "", &newcomer("again")).await.status, 409);
    }
    let refused = json!([person("student", "nobody"), person("school-admin", "a1"), person("guardian", "")]);
    let refused = ask(&app, &journal, &school, "invitations", &refused).await;
    let problem = |place: usize| (refused[place]["code"].clone(), refused[place]["problem"]["pointer"].clone());
    assert_eq!(problem(0), (Value::Null, json!("/items/0/externalId")));
    assert_eq!(problem(1), (Value::Null, json!("/items/1/role")), "only an operator makes an admin");
    assert_eq!(problem(2), (Value::Null, json!("/items/2/externalId")));
});

both!(a_reset_code_sets_a_new_password_and_ends_the_sessions, async |app: App| {
    let db = &app.state.db;
    let school = School::make(db, "bir");
    let journal = school.journal(db, SCOPES);
    let student = school.account(db, &domain::invitations::Invited::Student("p1".to_owned()));
    let people = json!([person("student", "p1"), person("student", "p2")]);
    let codes = ask(&app, &journal, &school, "reset-codes", &people).await;
    assert_eq!(codes[1]["problem"]["code"], "unknown-reference", "p2 has no account");
    let form = json!({"token": codes[0]["code"], "password": "тау бұлақ жусан"});
    let confirmed = app.post("/v1/password-resets/confirm", "", &form).await;
    assert!(confirmed.status < 300, "{}", confirmed.body);
    assert_eq!(app.get("/v1/me", &student.token).await.status, 401);
    app.sign_in(&student.login, "тау бұлақ жусан").await;
    // Three an hour.
    for _ in 0..2 {
        ask(&app, &journal, &school, "reset-codes", &json!([person("student", "p1")])).await;
    }
    let fourth = ask(&app, &journal, &school, "reset-codes", &json!([person("student", "p1")])).await;
    assert_eq!(fourth[0]["problem"]["code"], "too-many");
});

both!(an_account_of_two_schools_is_for_neither_to_reset, async |app: App| {
    let db = &app.state.db;
    let (bir, eki) = (School::make(db, "bir"), School::make(db, "eki"));
    let mother = bir.guardian(db, "g1");
    let journal = bir.journal(db, SCOPES);
    let reset = json!([person("guardian", "g1")]);
    assert!(ask(&app, &journal, &bir, "reset-codes", &reset).await[0]["code"].is_string());
    let code = eki.invite(db, &domain::invitations::Invited::Guardian("g1".to_owned()));
    assert_eq!(app.post(&format!("/v1/invitations/{code}/link"), &mother.token, &Value::Null).await.status, 200);
    let refused = ask(&app, &journal, &bir, "reset-codes", &reset).await;
    assert_eq!(refused[0]["problem"]["code"], "unknown-reference", "{refused}");
    app.sign_in(&mother.login, PASSWORD).await;
});
