//! Invitations: who accepts them, once, and what is asked of a newcomer.

use chrono::Duration;
use domain::invitations::Invited;
use domain::types::Role;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::{PASSWORD, School};

use super::{FRESH, sign_in, signed_in, text};
use crate::storage::number;

fn newcomer(login: &str) -> Value {
    json!({
        "login": login, "password": FRESH, "firstName": "Айгүл", "lastName": "Омарова", "middleName": null,
        "birthDate": "1985-04-30", "sex": "female",
    })
}

/// The form with some of its fields changed.
fn with(mut form: Value, changes: Value) -> Value {
    form.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    form
}

async fn accept(app: &App, code: &str, form: &Value) -> Answer {
    app.post(&format!("/v1/invitations/{code}/accept"), "", form).await
}

async fn link(app: &App, code: &str, token: &str) -> Answer {
    app.send(Method::POST, &format!("/v1/invitations/{code}/link"), token, &Value::Null).await
}

fn guardian(number: &str) -> Invited {
    Invited::Guardian(number.to_owned())
}

async fn children(app: &App, token: &Value) -> Vec<i64> {
    let answer = app.get("/v1/children", text(token)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["items"].as_array().unwrap().iter().map(|child| child["id"].as_i64().unwrap()).collect()
}

both!(everybody_the_school_invites_accepts_once_and_is_signed_in, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let ids: Vec<i64> = school.children.iter().map(|child| child.0).collect();
    for (who, role, sees) in [
        (guardian("g1"), "guardian", ids.clone()),
        (guardian("g2"), "guardian", vec![ids[1]]),
        (Invited::Student("p1".to_owned()), "student", vec![ids[0]]),
        (Invited::Staff("t1".to_owned(), Role::Teacher), "teacher", vec![]),
        (Invited::Staff("a1".to_owned(), Role::SchoolAdmin), "school-admin", vec![]),
    ] {
        let code = school.invite(&app.state.db, &who);
        let login = format!("new-{role}-{}", sees.len());
        let opened = accept(&app, &code, &newcomer(&login)).await;
        assert_eq!((opened.status, opened.header("cache-control")), (201, "no-store"), "{opened:?}");
        assert_eq!((&opened.body["user"]["role"], &opened.body["expiresIn"]), (&json!(role), &json!(1800)));
        assert_eq!(children(&app, &opened.body["accessToken"]).await, sees, "{role}");
        assert_eq!(sign_in(&app, &login, FRESH).await.status, 201);
        let second = accept(&app, &code, &newcomer("second")).await;
        assert_eq!((second.status, second.problem()), (409, "invitation-spent"));
    }
    assert_eq!(sign_in(&app, "second", FRESH).await.status, 401);
});

both!(a_code_is_good_for_sixty_days_and_unknown_ones_are_nothing, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let code = school.invite(&app.state.db, &guardian("g1"));
    let late = school.invite(&app.state.db, &guardian("g2"));
    app.state.clock.advance(Duration::days(60) - Duration::seconds(1));
    assert_eq!(accept(&app, &code, &newcomer("in-time")).await.status, 201);
    app.state.clock.advance(Duration::days(1));
    let expired = accept(&app, &late, &newcomer("too-late")).await;
    assert_eq!((expired.status, expired.problem()), (409, "invitation-spent"));
    for unknown in ["AAAA-BBBB-CCCC-DDDD", "x", "%20", "%D3%99"] {
        let answer = accept(&app, unknown, &newcomer("nobody")).await;
        assert_eq!((answer.status, answer.problem()), (404, "not-found"), "{unknown}");
    }
});

both!(a_code_may_be_typed_in_small_letters_without_dashes, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let typed = school.invite(&app.state.db, &guardian("g1")).to_lowercase().replace('-', "");
    assert_eq!(accept(&app, &typed, &newcomer("plain")).await.status, 201);
    let typed = school.invite(&app.state.db, &guardian("g2")).to_lowercase().replace('-', "%20");
    assert_eq!(accept(&app, &typed, &newcomer("spaced")).await.status, 201);
});

both!(of_two_who_accept_one_code_at_once_one_gets_in, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    for round in 0..6 {
        let code = school.invite(&app.state.db, &guardian("g1"));
        let (one, other) = (newcomer(&format!("one-{round}")), newcomer(&format!("other-{round}")));
        let (one, other) = tokio::join!(accept(&app, &code, &one), accept(&app, &code, &other));
        let (winner, loser) = if one.status == 201 { (one, other) } else { (other, one) };
        assert_eq!((winner.status, loser.status, loser.problem()), (201, 409, "invitation-spent"), "{loser:?}");
        assert!(signed_in(&app, text(&winner.body["accessToken"])).await);
        let accounts =
            number(&app.state.db, &format!("SELECT count(*) AS number FROM accounts WHERE login_key LIKE '%-{round}'"));
        assert_eq!(accounts, 1);
    }
});

both!(of_two_who_take_one_login_at_once_one_gets_it_and_the_other_keeps_her_code, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    for round in 0..4 {
        let codes = [school.invite(&app.state.db, &guardian("g1")), school.invite(&app.state.db, &guardian("g2"))];
        let form = newcomer(&format!("same-{round}"));
        let (one, other) = tokio::join!(accept(&app, &codes[0], &form), accept(&app, &codes[1], &form));
        let (winner, loser, code) = if one.status == 201 { (one, other, &codes[1]) } else { (other, one, &codes[0]) };
        assert_eq!((winner.status, loser.status, loser.problem()), (201, 409, "login-taken"), "{loser:?}");
        assert_eq!(accept(&app, code, &newcomer(&format!("free-{round}"))).await.status, 201);
    }
});

both!(a_login_is_taken_in_any_case_and_the_code_stays_good, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    let code = school.invite(&app.state.db, &guardian("g2"));
    let taken = accept(&app, &code, &newcomer("BIR-G1")).await;
    assert_eq!((taken.status, taken.problem()), (409, "login-taken"));
    assert_eq!(accept(&app, &code, &newcomer("bir-g3")).await.status, 201);
    assert_eq!(sign_in(&app, "bir-g1", PASSWORD).await.status, 201);
});

both!(all_flaws_of_a_newcomer_are_told_at_once, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let code = school.invite(&app.state.db, &guardian("g1"));
    let changes = json!({
        "login": "a b", "password": "12345678", "firstName": " ", "lastName": "x".repeat(101), "middleName": "",
        "birthDate": "2026-11-19", "device": {"name": "", "platform": "web"},
    });
    let refused = accept(&app, &code, &with(newcomer("x"), changes)).await;
    assert_eq!((refused.status, refused.problem()), (422, "validation-failed"));
    let mut pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|one| text(&one["pointer"])).collect();
    pointers.sort_unstable();
    assert_eq!(
        pointers,
        ["/birthDate", "/device/name", "/firstName", "/lastName", "/login", "/middleName", "/password"]
    );
    assert_eq!(accept(&app, &code, &newcomer("mended")).await.status, 201);
});

both!(a_guessable_password_is_refused_with_its_place, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let code = school.invite(&app.state.db, &guardian("g1"));
    let login = "aigul.omarova";
    for weak in ["жеті", "password1", "мектеп2026", "qwerty12345", "Омарова1985", "aigul.omarova", &"ә".repeat(129)]
    {
        let refused = accept(&app, &code, &with(newcomer(login), json!({"password": weak}))).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/password")), "{weak}");
    }
    // The school's code is never a password.
    assert_eq!(accept(&app, &code, &newcomer(login)).await.status, 201);
});

both!(a_newcomer_reads_her_own_language_and_kazakh_if_she_names_none, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    for (round, (language, header, expected)) in
        [(Some("en"), "ru", "en"), (None, "ru-KZ, en;q=0.5", "ru"), (None, "de", "kk")].into_iter().enumerate()
    {
        let code = school.invite(&app.state.db, &guardian("g1"));
        let form = with(newcomer(&format!("reader-{round}")), json!({"language": language}));
        let request = app.request(Method::POST, &format!("/v1/invitations/{code}/accept"), "");
        let opened = Answer::of(request.header("accept-language", header).json(&form).send().await.unwrap()).await;
        assert_eq!((opened.status, &opened.body["user"]["language"]), (201, &json!(expected)), "{opened:?}");
    }
});

both!(a_guardian_adds_the_child_of_a_second_school, async |app: App| {
    let (first, second) = (School::make(&app.state.db, "bir"), School::make(&app.state.db, "eki"));
    let mother = first.guardian(&app.state.db, "g1");
    let code = second.invite(&app.state.db, &guardian("g2"));
    let linked = link(&app, &code.to_lowercase(), &mother.token).await;
    assert_eq!((linked.status, &linked.body), (200, &json!({"childIds": [second.children[1].0]})), "{linked:?}");
    let seen = children(&app, &json!(mother.token)).await;
    assert_eq!(seen, [first.children[0].0, first.children[1].0, second.children[1].0]);
    let again = link(&app, &code, &mother.token).await;
    assert_eq!((again.status, again.problem()), (409, "invitation-spent"));
    assert_eq!(accept(&app, &code, &newcomer("stranger")).await.status, 409);
    assert_eq!(link(&app, "AAAA-BBBB-CCCC-DDDD", &mother.token).await.status, 404);
    let code = second.invite(&app.state.db, &guardian("g1"));
    assert_eq!(link(&app, &code, "").await.status, 401);
    assert_eq!(link(&app, &code, &mother.token).await.status, 200);
});

both!(a_code_is_linked_by_guardians_and_for_guardians_only, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let student = school.account(&app.state.db, &Invited::Student("p1".to_owned()));
    let teacher = school.account(&app.state.db, &Invited::Staff("t1".to_owned(), Role::Teacher));
    let (of_guardian, of_student) = (guardian("g2"), Invited::Student("p2".to_owned()));
    let of_staff = Invited::Staff("a1".to_owned(), Role::SchoolAdmin);
    for (who, token) in [
        (&of_student, &mother),
        (&of_staff, &mother),
        (&of_guardian, &student),
        (&of_guardian, &teacher),
        (&of_student, &student),
    ] {
        let code = school.invite(&app.state.db, who);
        let refused = link(&app, &code, &token.token).await;
        assert_eq!((refused.status, refused.problem()), (403, "wrong-role"), "{who:?}");
        assert_eq!(accept(&app, &code, &newcomer(&format!("right-{code}"))).await.status, 201, "the code stays good");
    }
});
