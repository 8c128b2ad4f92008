//! Signing in and out, devices, passwords.

mod invitations;
mod letters;
mod resets;
mod secrecy;
mod tokens;

use domain::invitations::Invited;
use domain::types::Role;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::{PASSWORD, School};

use crate::storage::execute;

/// Another password good enough for anybody.
const FRESH: &str = "бұлт көпір сағат қарға";

fn login(name: &str, password: &str) -> Value {
    json!({"login": name, "password": password, "device": {"name": "Айгүлдің телефоны", "platform": "ios"}})
}

async fn sign_in(app: &App, name: &str, password: &str) -> Answer {
    app.post("/v1/sessions", "", &login(name, password)).await
}

/// Whether the diary still knows who presents this token.
async fn signed_in(app: &App, token: &str) -> bool {
    let answer = app.get("/v1/me", token).await;
    assert!(matches!(answer.status, 200 | 401), "{answer:?}");
    answer.status == 200
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// An answer without what belongs to its request alone.
fn masked(answer: &Answer) -> (u16, Vec<String>, Value) {
    let mut body = answer.body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("requestId");
    }
    let own = ["date", "x-request-id", "ratelimit"];
    let headers = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str()));
    let mut headers: Vec<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    headers.sort_unstable();
    (answer.status, headers, body)
}

both!(a_log_in_answers_with_both_tokens_their_lives_and_the_user, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    let answer = sign_in(&app, "bir-g1", PASSWORD).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    let mut body = answer.body;
    let id = body["user"]["id"].take();
    assert!(id.is_i64());
    let (access, refresh) = (body["accessToken"].take(), body["refreshToken"].take());
    assert!(text(&access).len() >= 43 && text(&refresh).len() >= 43 && access != refresh);
    let user = json!({
        "id": null, "role": "guardian", "firstName": "Айгүл", "lastName": "Омарова", "middleName": null,
        "displayName": null, "language": "kk", "email": null, "phone": null,
    });
    let expected = json!({
        "accessToken": null, "tokenType": "Bearer", "expiresIn": 1800, "refreshToken": null,
        "refreshExpiresIn": 220 * 24 * 3600, "user": user,
    });
    assert_eq!(body, expected);
    let me = app.get("/v1/me", text(&access)).await;
    assert_eq!((me.status, &me.body["id"]), (200, &id));
});

both!(staff_stay_signed_in_for_fourteen_days, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    for (number, role, word) in [("t1", Role::Teacher, "teacher"), ("a1", Role::SchoolAdmin, "school-admin")] {
        let member = school.account(&app.state.db, &Invited::Staff(number.to_owned(), role));
        let opened = app.sign_in(&member.login, PASSWORD).await;
        assert_eq!((&opened["user"]["role"], &opened["refreshExpiresIn"]), (&json!(word), &json!(14 * 24 * 3600)));
        assert_eq!(opened["expiresIn"], 1800);
    }
    let student = school.account(&app.state.db, &Invited::Student("p1".to_owned()));
    let opened = app.sign_in(&student.login, PASSWORD).await;
    assert_eq!((&opened["user"]["role"], &opened["refreshExpiresIn"]), (&json!("student"), &json!(220 * 24 * 3600)));
});

both!(wrong_passwords_and_unknown_logins_are_answered_alike, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    school.guardian(&app.state.db, "g2");
    execute(&app.state.db, "UPDATE accounts SET disabled_at = created_at WHERE login_key = 'bir-g2'");
    let wrong = sign_in(&app, "bir-g1", "not the password").await;
    assert_eq!((wrong.status, wrong.problem()), (401, "invalid-credentials"));
    let long = "ә".repeat(129);
    for (name, password) in
        [("nobody", PASSWORD), ("bir-g2", PASSWORD), ("bir-g1", ""), ("nobody", &long), ("bir-g1", &long)]
    {
        assert_eq!(masked(&sign_in(&app, name, password).await), masked(&wrong), "{name}");
    }
    // What cannot be a login is no login either.
    for name in ["", "x", "a b c"] {
        let answer = sign_in(&app, name, PASSWORD).await;
        assert_eq!((answer.status, &answer.body["detail"]), (401, &wrong.body["detail"]), "{name:?}");
    }
});

both!(a_login_is_known_in_any_case_and_a_password_only_in_its_own, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    assert_eq!(sign_in(&app, " BIR-G1 ", PASSWORD).await.status, 201);
    assert_eq!(sign_in(&app, "bir-g1", &PASSWORD.to_uppercase()).await.status, 401);
});

both!(a_device_has_a_name_and_a_platform_of_the_list, async |app: App| {
    for (device, pointer) in [
        (json!({"name": "", "platform": "ios"}), "/device/name"),
        (json!({"name": "x".repeat(101), "platform": "ios"}), "/device/name"),
        (json!({"name": "x", "platform": "windows"}), ""),
        (json!({"name": "x"}), ""),
    ] {
        let answer = app.post("/v1/sessions", "", &json!({"login": "nobody", "password": "x", "device": device})).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{device}");
    }
});

both!(a_person_sees_her_devices_and_signs_one_of_them_out, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let first = school.guardian(&app.state.db, "g1");
    let other = school.guardian(&app.state.db, "g2");
    app.state.clock.advance(chrono::Duration::minutes(1));
    let second = app.sign_in("bir-g1", PASSWORD).await;
    let list = app.get("/v1/sessions", text(&second["accessToken"])).await;
    assert_eq!((list.status, &list.body["nextCursor"]), (200, &Value::Null));
    let items = list.body["items"].as_array().unwrap();
    let shown: Vec<_> =
        items.iter().map(|one| (text(&one["deviceName"]), text(&one["platform"]), &one["current"])).collect();
    assert_eq!(shown, [("test phone", "android", &json!(true)), ("test", "web", &json!(false))]);
    assert_eq!(items[0]["createdAt"], "2026-11-18T07:01:00Z");
    assert_eq!(items[0]["lastUsedAt"], items[0]["createdAt"]);

    let path = format!("/v1/sessions/{}", items[1]["id"]);
    let foreign = app.send(Method::DELETE, &path, &other.token, &Value::Null).await;
    let missing = app.send(Method::DELETE, "/v1/sessions/4711", &other.token, &Value::Null).await;
    assert_eq!((foreign.status, missing.status), (404, 404));
    assert_eq!(foreign.body["detail"], missing.body["detail"]);
    assert!(signed_in(&app, &first.token).await);

    let out = app.send(Method::DELETE, &path, text(&second["accessToken"]), &Value::Null).await;
    assert_eq!((out.status, out.bytes.len()), (204, 0));
    assert!(!signed_in(&app, &first.token).await);
    assert!(signed_in(&app, text(&second["accessToken"])).await);
    let again = app.send(Method::DELETE, &path, text(&second["accessToken"]), &Value::Null).await;
    assert_eq!(again.status, 404);
    let left = app.get("/v1/sessions", text(&second["accessToken"])).await;
    assert_eq!(left.body["items"].as_array().unwrap().len(), 1);
});

both!(signing_this_device_out_ends_both_its_tokens, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let other = school.guardian(&app.state.db, "g1");
    let opened = app.sign_in("bir-g1", PASSWORD).await;
    let out = app.send(Method::DELETE, "/v1/sessions/current", text(&opened["accessToken"]), &Value::Null).await;
    assert_eq!(out.status, 204);
    assert!(!signed_in(&app, text(&opened["accessToken"])).await);
    let refreshed = app.post("/v1/sessions/refresh", "", &json!({"refreshToken": opened["refreshToken"]})).await;
    assert_eq!((refreshed.status, refreshed.problem()), (401, "refresh-token-spent"));
    assert!(signed_in(&app, &other.token).await);
});

async fn change_password(app: &App, token: &str, current: &str, fresh: &str) -> Answer {
    app.send(Method::PUT, "/v1/me/password", token, &json!({"currentPassword": current, "password": fresh})).await
}

both!(a_new_password_ends_every_other_session_and_keeps_this_one, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let other = school.guardian(&app.state.db, "g1");
    let stranger = school.guardian(&app.state.db, "g2");
    let opened = app.sign_in("bir-g1", PASSWORD).await;
    let token = text(&opened["accessToken"]);
    let changed = change_password(&app, token, PASSWORD, FRESH).await;
    assert_eq!((changed.status, changed.bytes.len()), (204, 0), "{changed:?}");
    assert!(signed_in(&app, token).await);
    assert!(!signed_in(&app, &other.token).await);
    assert!(signed_in(&app, &stranger.token).await);
    let refreshed = app.post("/v1/sessions/refresh", "", &json!({"refreshToken": opened["refreshToken"]})).await;
    assert_eq!(refreshed.status, 200);
    assert_eq!(sign_in(&app, "bir-g1", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&app, "bir-g1", FRESH).await.status, 201);
    assert_eq!(sign_in(&app, "bir-g2", PASSWORD).await.status, 201);
});

both!(a_password_is_changed_by_who_knows_it_and_to_one_that_is_not_guessed, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let other = school.guardian(&app.state.db, "g1");
    let opened = app.sign_in("bir-g1", PASSWORD).await;
    let token = text(&opened["accessToken"]);
    let wrong = change_password(&app, token, "not the password", FRESH).await;
    assert_eq!((wrong.status, wrong.problem()), (401, "invalid-credentials"));
    for weak in ["короткий"[..6].to_owned(), "password1".to_owned(), "омарова2026".to_owned(), "ә".repeat(129)]
    {
        let refused = change_password(&app, token, PASSWORD, &weak).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/password")), "{weak}");
    }
    assert!(signed_in(&app, token).await && signed_in(&app, &other.token).await);
    assert_eq!(sign_in(&app, "bir-g1", PASSWORD).await.status, 201);
});

both!(a_disabled_account_is_out_with_the_next_request, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    let opened = app.sign_in("bir-g1", PASSWORD).await;
    assert!(signed_in(&app, text(&opened["accessToken"])).await);
    execute(&app.state.db, "UPDATE accounts SET disabled_at = created_at WHERE login_key = 'bir-g1'");
    assert!(!signed_in(&app, text(&opened["accessToken"])).await);
    let diary = app.get(&format!("/v1/children/{}/diary", school.children[0].0), text(&opened["accessToken"])).await;
    assert_eq!(diary.status, 401);
    let refreshed = app.post("/v1/sessions/refresh", "", &json!({"refreshToken": opened["refreshToken"]})).await;
    assert_eq!((refreshed.status, refreshed.problem()), (401, "refresh-token-spent"));
    assert_eq!(sign_in(&app, "bir-g1", PASSWORD).await.status, 401);
});

both!(a_person_changes_what_is_hers_to_change_and_empties_it_again, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let patch = async |body: Value| app.send(Method::PATCH, "/v1/me", &mother.token, &body).await;
    let set = json!({"language": "ru", "email": "a@example.kz", "phone": "+77010000000", "displayName": "Айгуль"});
    let changed = patch(set.clone()).await;
    assert_eq!(changed.status, 200, "{changed:?}");
    for (key, value) in set.as_object().unwrap() {
        assert_eq!(&changed.body[key], value);
    }
    let left = patch(json!({"phone": null})).await;
    assert_eq!((&left.body["phone"], &left.body["email"]), (&Value::Null, &json!("a@example.kz")));
    let flawed = patch(json!({"email": "no", "phone": "8701", "displayName": " "})).await;
    let pointers: Vec<_> = flawed.body["errors"].as_array().unwrap().iter().map(|one| text(&one["pointer"])).collect();
    assert_eq!((flawed.status, pointers), (422, vec!["/email", "/phone", "/displayName"]));
    for foreign in [json!({"role": "operator"}), json!({"language": "de"}), json!({"id": 1})] {
        assert_eq!(patch(foreign).await.status, 422);
    }
    assert_eq!(app.get("/v1/me", &mother.token).await.body, left.body);
});
