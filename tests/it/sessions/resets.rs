//! Forgotten passwords: the letter, the school's code, what a token does once.

use std::fs;
use std::time::{Duration, Instant};

use api::config::Config;
use domain::accounts::{self, Login, resets};
use domain::secrets;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::database::Kind;
use support::school::{PASSWORD, School, SignedIn};
use support::smtp::{Refusal, Smtp};

use super::letters::Letter;
use super::{FRESH, masked, sign_in, signed_in};
use crate::storage::{execute, number};

const EMAIL: &str = "aigul.mail@example.kz";

async fn ask(app: &App, login: &str) -> Answer {
    let answer = app.post("/v1/password-resets", "", &json!({"login": login})).await;
    assert_eq!((answer.status, answer.header("cache-control"), answer.bytes.len()), (202, "no-store", 0), "{answer:?}");
    answer
}

async fn confirm(app: &App, token: &str, password: &str) -> Answer {
    app.post("/v1/password-resets/confirm", "", &json!({"token": token, "password": password})).await
}

/// Refused, because the token is nobody's (any more).
async fn spent(app: &App, token: &str) {
    let answer = confirm(app, token, FRESH).await;
    let flaw = (&answer.body["errors"][0]["pointer"], &answer.body["errors"][0]["code"]);
    assert_eq!((answer.status, flaw), (422, (&json!("/token"), &json!("reset-token"))), "{answer:?}");
}

/// The guardian `bir-g1`, signed in, with an address for letters.
async fn mother(app: &App, language: &str) -> SignedIn {
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    school.guardian(&app.state.db, "g2");
    let patch = json!({"email": EMAIL, "language": language});
    assert_eq!(app.send(Method::PATCH, "/v1/me", &mother.token, &patch).await.status, 200);
    mother
}

/// The letters in the outbox, as soon as `n` of them are whole.
async fn outbox(app: &App, n: usize) -> Vec<Letter> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let files = fs::read_dir(app.data.path().join("outbox")).unwrap().map(|entry| entry.unwrap().path());
        let mails = files.filter(|path| path.extension().is_some_and(|end| end == "eml"));
        let letters: Vec<Letter> =
            mails.filter_map(|path| fs::read_to_string(path).ok()).map(|text| Letter::read(&text)).collect();
        if letters.iter().filter(|letter| letter.token().is_some()).count() >= n {
            return letters;
        }
        assert!(Instant::now() < deadline, "only {letters:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn token(app: &App) -> String {
    outbox(app, 1).await[0].token().unwrap().to_owned()
}

both!(without_a_mail_server_the_letter_is_a_file_in_the_readers_language, async |kind: Kind| {
    for (language, subject, word) in [
        ("kk", "Құпиясөзді қалпына келтіру", "құпиясөзін"),
        ("ru", "Восстановление пароля", "пароль дневника"),
        ("en", "Password reset", "new password"),
    ] {
        let app = App::start(kind, |_| ());
        mother(&app, language).await;
        ask(&app, "Bir-G1").await;
        let letters = outbox(&app, 1).await;
        assert_eq!((letters.len(), letters[0].to.as_str(), letters[0].subject.as_str()), (1, EMAIL, subject));
        assert!(letters[0].text.contains(word), "{:?}", letters[0]);
        // Nothing in it tells a stranger at the phone more than that somebody has an account.
        for personal in ["bir-g1", "Айгүл", "Омарова"] {
            assert!(!letters[0].subject.contains(personal) && !letters[0].text.contains(personal));
        }
    }
});

both!(a_token_sets_a_password_once_and_ends_every_session, async |app: App| {
    let mother = mother(&app, "ru").await;
    let opened = app.sign_in("bir-g1", PASSWORD).await;
    let other = app.sign_in("bir-g2", PASSWORD).await;
    ask(&app, "bir-g1").await;
    let token = token(&app).await;
    for weak in ["12345678", "bir-g1", "омарова1"] {
        let refused = confirm(&app, &token, weak).await;
        assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!("/password")), "{weak}");
    }
    assert!(signed_in(&app, &mother.token).await, "a flawed try changes nothing");
    let set = confirm(&app, &token, FRESH).await;
    assert_eq!((set.status, set.header("cache-control"), set.bytes.len()), (204, "no-store", 0), "{set:?}");
    assert!(!signed_in(&app, &mother.token).await);
    assert!(!signed_in(&app, opened["accessToken"].as_str().unwrap()).await);
    assert!(signed_in(&app, other["accessToken"].as_str().unwrap()).await);
    let refreshed = app.post("/v1/sessions/refresh", "", &json!({"refreshToken": opened["refreshToken"]})).await;
    assert_eq!(refreshed.status, 401);
    assert_eq!(sign_in(&app, "bir-g1", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&app, "bir-g1", FRESH).await.status, 201);
    spent(&app, &token).await;
    assert_eq!(sign_in(&app, "bir-g1", FRESH).await.status, 201);
});

both!(of_two_who_present_one_token_at_once_one_sets_the_password, async |app: App| {
    mother(&app, "kk").await;
    ask(&app, "bir-g1").await;
    let token = token(&app).await;
    let passwords = ["терезе бұлт көпір жол", "қарға сағат аспан тас"];
    let (one, other) = tokio::join!(confirm(&app, &token, passwords[0]), confirm(&app, &token, passwords[1]));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
    let winner = usize::from(other.status == 204);
    assert_eq!(sign_in(&app, "bir-g1", passwords[winner]).await.status, 201);
    assert_eq!(sign_in(&app, "bir-g1", passwords[1 - winner]).await.status, 401);
});

both!(a_token_is_good_for_a_day_and_one_that_was_used_ends_the_others, async |app: App| {
    mother(&app, "kk").await;
    ask(&app, "bir-g1").await;
    let late = token(&app).await;
    app.state.clock.advance(chrono::Duration::hours(24));
    spent(&app, &late).await;
    ask(&app, "bir-g1").await;
    ask(&app, "bir-g1").await;
    let letters = outbox(&app, 3).await;
    let mut fresh: Vec<&str> = letters.iter().filter_map(Letter::token).filter(|token| *token != late).collect();
    let last = fresh.pop().unwrap();
    assert_eq!(confirm(&app, last, FRESH).await.status, 204);
    spent(&app, fresh[0]).await;
});

both!(asking_is_answered_alike_whoever_is_asked_for, async |app: App| {
    mother(&app, "kk").await;
    execute(
        &app.state.db,
        "UPDATE accounts SET disabled_at = created_at, email = 'b@example.kz' WHERE login_key = 'bir-g2'",
    );
    let mut answers = Vec::new();
    for login in ["nobody-at-all", "bir-g2", "bir-g1"] {
        answers.push(masked(&ask(&app, login).await));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    // What cannot be a login is taken, too.
    for login in ["", "a b"] {
        ask(&app, login).await;
    }
    let letters = outbox(&app, 1).await;
    assert_eq!((letters.len(), letters[0].to.as_str()), (1, EMAIL));
    assert_eq!(number(&app.state.db, "SELECT count(*) AS number FROM password_resets"), 1);
    for body in [json!({}), json!({"login": null}), json!({"login": "x", "email": "x"})] {
        assert_eq!(app.post("/v1/password-resets", "", &body).await.status, 422);
    }
});

fn without_limits(config: &mut Config) {
    config.security.limits = 0;
}

both!(an_account_gets_three_letters_an_hour, async |kind: Kind| {
    let app = App::start(kind, without_limits);
    mother(&app, "kk").await;
    for _time in 0..6 {
        ask(&app, "bir-g1").await;
    }
    outbox(&app, 3).await;
    app.state.clock.advance(chrono::Duration::minutes(61));
    ask(&app, "bir-g1").await;
    assert_eq!(outbox(&app, 4).await.len(), 4);
    assert_eq!(number(&app.state.db, "SELECT count(*) AS number FROM password_resets"), 4);
});

both!(a_mail_server_gets_the_letter_in_a_real_conversation, async |kind: Kind| {
    let smtp = Smtp::start();
    let app = App::start(kind, |config| {
        config.smtp.url = Some(smtp.url().into());
        "Күнделік <diary@example.kz>".clone_into(&mut config.smtp.from);
    });
    mother(&app, "ru").await;
    smtp.refuse_next(Refusal::ForGood);
    ask(&app, "bir-g1").await;
    ask(&app, "bir-g1").await;
    let mail = smtp.mail(1).await;
    assert_eq!((mail.from.as_str(), mail.to.as_slice()), ("diary@example.kz", &[EMAIL.to_owned()][..]));
    let letter = Letter::read(&mail.data);
    assert_eq!(letter.subject, "Восстановление пароля");
    assert_eq!(confirm(&app, letter.token().unwrap(), FRESH).await.status, 204);
    assert_eq!(sign_in(&app, "bir-g1", FRESH).await.status, 201);
    assert!(!app.data.path().join("outbox").exists());
});

both!(without_an_address_the_code_of_the_school_does_the_same, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let code = secrets::code();
    let open = || {
        app.state.db.write_here(|conn| {
            let (account, _) = accounts::by_login(conn, &Login::parse("bir-g1")?)?.unwrap();
            resets::open(conn, account.id, &code, app.state.clock.now())
        })
    };
    assert!(open().unwrap());
    let typed = code.to_lowercase().replace('-', " ");
    assert_eq!(confirm(&app, &typed, FRESH).await.status, 204);
    assert!(!signed_in(&app, &mother.token).await);
    assert_eq!(sign_in(&app, "bir-g1", FRESH).await.status, 201);
    spent(&app, &code).await;
    for unknown in ["", "AAAA-BBBB-CCCC-DDDD", "ә"] {
        spent(&app, unknown).await;
    }
});

both!(a_disabled_account_cannot_be_reset, async |app: App| {
    mother(&app, "kk").await;
    ask(&app, "bir-g1").await;
    let token = token(&app).await;
    execute(&app.state.db, "UPDATE accounts SET disabled_at = created_at WHERE login_key = 'bir-g1'");
    spent(&app, &token).await;
    let body: Value = json!({"token": token, "password": "12345678"});
    let answer = app.post("/v1/password-resets/confirm", "", &body).await;
    assert_eq!(answer.body["errors"][0]["pointer"], "/token");
});
