//! Names, logins and keys that try to look like something else.

use domain::invitations::Invited;
use reqwest::Method;
use serde_json::{Value, json};
use support::both;
use support::database::Kind;
use support::school::PASSWORD;

use super::{Scene, is_refused, sent};
use crate::access::operations::{all, newcomer};

/// Control characters, and characters that turn or hide the text around them.
const TRICKS: [&str; 14] = [
    "\u{7}",
    "\n",
    "\r\n",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{202e}",
    "\u{202a}",
    "\u{2066}",
    "\u{2069}",
    "\u{200f}",
    "\u{061c}",
    "\u{200b}",
    "\u{feff}",
];

both!(a_newcomer_with_a_trick_in_a_name_is_refused_and_the_code_stays_good, async |kind: Kind| {
    let scene = Scene::set(kind);
    let code = scene.world.bir.invite(&scene.app.state.db, &Invited::Guardian("g2".to_owned()));
    let path = format!("/v1/invitations/{code}/accept");
    for field in ["login", "firstName", "lastName", "middleName"] {
        for trick in TRICKS {
            let mut form = newcomer("newcomer");
            form[field] = json!(format!("Ай{trick}гүл"));
            let answer = scene.app.post(&path, "", &form).await;
            is_refused(&answer, &[422], &format!("{field} {trick:?}"));
            assert_eq!(answer.body["errors"][0]["pointer"], format!("/{field}"), "{trick:?}");
        }
        for (what, value) in [("empty", String::new()), ("blank", " \u{a0}".repeat(2)), ("long", "ә".repeat(101))] {
            let mut form = newcomer("newcomer");
            form[field] = json!(value);
            is_refused(&scene.app.post(&path, "", &form).await, &[422], &format!("{field} {what}"));
        }
    }
    for trick in TRICKS {
        let mut form = newcomer("newcomer");
        form["device"]["name"] = json!(format!("phone{trick}"));
        is_refused(&scene.app.post(&path, "", &form).await, &[422], &format!("a device {trick:?}"));
    }
    for born in
        ["1899-12-31", "2026-11-19", "0000-01-01", "9999-12-31", "+275760-09-13", "-0001-01-01", "2026-02-30", ""]
    {
        let mut form = newcomer("newcomer");
        form["birthDate"] = json!(born);
        is_refused(&scene.app.post(&path, "", &form).await, &[422], &format!("born on {born:?}"));
    }
    assert_eq!(scene.app.post(&path, "", &newcomer("newcomer")).await.status, 201, "the code is still good");
});

both!(letters_of_every_language_are_names, async |kind: Kind| {
    let scene = Scene::set(kind);
    let code = scene.world.bir.invite(&scene.app.state.db, &Invited::Guardian("g2".to_owned()));
    let mut form = newcomer("Ғалия@Мектеп.қаз");
    form["firstName"] = json!("Ғалия-Әсем");
    form["lastName"] = json!("O’Нил 王 محمد");
    let answer = scene.app.post(&format!("/v1/invitations/{code}/accept"), "", &form).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!(answer.body["user"]["lastName"], "O’Нил 王 محمد");
    // A login is found however it is typed.
    app_signs_in(&scene, " ҒАЛИЯ@мектеп.Қаз ").await;
});

async fn app_signs_in(scene: &Scene, login: &str) {
    assert_eq!(scene.app.sign_in(login, PASSWORD).await["user"]["firstName"], "Ғалия-Әсем");
}

both!(contacts_that_are_none_are_refused_and_nothing_changes, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    let refused = async |field: &str, value: String| {
        let answer = scene.app.send(Method::PATCH, "/v1/me", &scene.token, &json!({field: value})).await;
        is_refused(&answer, &[422], &format!("{field} {value:?}"));
    };
    for trick in TRICKS {
        refused("displayName", format!("Айгүл{trick}О.")).await;
        refused("email", format!("a{trick}b@example.kz")).await;
        refused("phone", format!("+7701{trick}0000001")).await;
    }
    for email in
        ["", "a", "a@", "@example.kz", "a@b", "a@b@c.kz", "a b@c.kz", "a@.kz", "a@kz.", "a@b.kz\r\nBcc: x@y.kz"]
    {
        refused("email", email.to_owned()).await;
    }
    refused("email", format!("{}@example.kz", "a".repeat(300))).await;
    for phone in ["", "+", "7701", "+7701", "+7701000000a", "+7 701 000 0001", "٠١٢٣٤٥٦٧٨٩", "+77010000000000000000000"]
    {
        refused("phone", phone.to_owned()).await;
    }
    refused("displayName", "ә".repeat(101)).await;
    assert_eq!(scene.everything().await, before);
});

both!(a_junk_idempotency_key_is_a_400_and_changes_nothing, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    let operations: Vec<_> = all().into_iter().filter(|one| one.takes_key).collect();
    assert!(operations.len() >= 3, "{operations:?}");
    for operation in operations {
        let call = scene.call(&operation);
        for key in [&b""[..], b" ", b"a b", b"a\tb", b"\xff", "кілт".as_bytes(), &[b'k'; 201]] {
            let request = call.body.iter().fold(scene.request(&call), reqwest::RequestBuilder::json);
            let answer = sent(request.header("idempotency-key", key)).await;
            is_refused(&answer, &[400], &format!("{}: {key:?}", operation.id));
        }
        let request = call.body.iter().fold(scene.request(&call), reqwest::RequestBuilder::json);
        let answer = sent(request.header("idempotency-key", [b'~'; 200].as_slice())).await;
        assert_ne!(answer.status, 400, "{}: 200 characters are a key", operation.id);
    }
    let after = scene.everything().await;
    assert_eq!(after["me"], before["me"]);
    assert_eq!(after["list_sessions"], before["list_sessions"]);
});

both!(passwords_that_are_none_are_refused, async |kind: Kind| {
    let scene = Scene::set(kind);
    let form = |password: &str| json!({"currentPassword": PASSWORD, "password": password});
    for password in ["", "short", "password", "12345678", &"a".repeat(129), "Омарова1"] {
        let answer = scene.app.send(Method::PUT, "/v1/me/password", &scene.token, &form(password)).await;
        is_refused(&answer, &[422], password);
    }
    app_knows(&scene, PASSWORD, 201).await;
    app_knows(&scene, &"a".repeat(200_000), 401).await;
    app_knows(&scene, "", 401).await;
});

async fn app_knows(scene: &Scene, password: &str, status: u16) {
    let device = json!({"name": "phone", "platform": "ios"});
    let form: Value = json!({"login": "bir-g1", "password": password, "device": device});
    let answer = scene.app.post("/v1/sessions", "", &form).await;
    assert_eq!(answer.status, status, "{} characters", password.len());
}
