//! Alerts by mail, to a server that takes them, refuses them, or hangs up.

use std::time::Duration;

use domain::alerts::facts::{Facts, Step, Thing};
use domain::clock::Clock;
use domain::types::{AlertKind, Language, Privacy};
use notifications::channel::{Channel, Message, Outcome, Reach, Target};
use notifications::email::Email;
use notifications::mail::{Mailer, Settings};
use support::app::noon;
use support::smtp::{Refusal, Smtp};
use tempfile::TempDir;

const HALF_AN_HOUR: Duration = Duration::from_secs(1800);

fn channel(url: String, folder: &TempDir) -> Email {
    at(url, folder, Clock::fixed(noon()))
}

fn at(url: String, folder: &TempDir, clock: Clock) -> Email {
    let from = "Apta <no-reply@diary.kz>".to_owned();
    let settings = Settings { url: Some(url.into()), from, ..Settings::default() };
    let mailer = Mailer::new(&settings, folder.path()).unwrap();
    Email::new(mailer, "https://diary.kz", clock)
}

fn target() -> Target {
    Target::Address { email: "ana@example.kz".to_owned(), unsubscribe: Some("opaque".to_owned()) }
}

fn english(facts: Facts, privacy: Privacy) -> Message {
    Message { language: Language::En, privacy, facts, ..super::message(17, "grade-1") }
}

fn generic() -> Message {
    english(Facts::Something, Privacy::Generic)
}

#[tokio::test]
async fn a_letter_arrives_in_both_forms_and_can_be_ended_with_one_click() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let outcome = channel(smtp.url(), &folder).send(&target(), &generic()).await;
    assert_eq!(outcome, Outcome::Accepted { name: "<alert-17@diary.kz>".to_owned() });
    let mail = smtp.mail(1).await;
    assert_eq!(
        (mail.from.as_str(), mail.to.as_slice()),
        ("no-reply@diary.kz", ["ana@example.kz".to_owned()].as_slice())
    );
    let header = |name| mail.header(name).unwrap();
    assert_eq!(header("Subject"), "There is news in the diary");
    assert_eq!(header("Message-ID"), "<alert-17@diary.kz>");
    assert_eq!(header("List-Unsubscribe"), "<https://diary.kz/v1/unsubscribe/opaque>");
    assert_eq!(header("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert!(header("Content-Type").starts_with("multipart/alternative"));
    assert!(mail.body().contains("text/plain") && mail.body().contains("text/html"));
}

#[tokio::test]
async fn a_repeated_letter_has_the_same_message_id() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let email = channel(smtp.url(), &folder);
    smtp.hang_up_next();
    let outcome = email.send(&target(), &generic()).await;
    let (at_least, reach) = (Some(HALF_AN_HOUR), Reach::Delivery);
    assert_eq!(outcome, Outcome::Retry { at_least, reach, ambiguous: true, reason: "connection-lost" });
    email.send(&target(), &generic()).await;
    let (first, second) = (smtp.mail(1).await, smtp.mail(2).await);
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
}

#[tokio::test]
async fn at_level_subject_the_subject_of_the_letter_names_the_school_subject_alone() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let (kind, step, subject) = (AlertKind::Grade, Step::Created, Some("Algebra".to_owned()));
    let thing = Facts::Thing(Thing { kind, step, subject, child: None, detail: None });
    channel(smtp.url(), &folder).send(&target(), &english(thing, Privacy::Subject)).await;
    assert_eq!(smtp.mail(1).await.header("Subject").unwrap(), "New grade: Algebra");
}

#[tokio::test]
async fn a_refusal_for_now_waits_half_an_hour_and_one_for_good_ends_the_address() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let email = channel(smtp.url(), &folder);
    smtp.refuse_next(Refusal::ForNow);
    let (at_least, reach) = (Some(HALF_AN_HOUR), Reach::Delivery);
    let later = Outcome::Retry { at_least, reach, ambiguous: false, reason: "refused-for-now" };
    assert_eq!(email.send(&target(), &generic()).await, later);
    smtp.refuse_next(Refusal::ForGood);
    assert_eq!(email.send(&target(), &generic()).await, Outcome::AddressDead);
    assert!(smtp.mails().is_empty());
    assert!(matches!(email.send(&target(), &generic()).await, Outcome::Accepted { .. }));
}

#[tokio::test]
async fn a_server_that_refuses_everybody_costs_no_more_than_nine_addresses() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let clock = Clock::fixed(noon());
    let email = at(smtp.url(), &folder, clock.clone());
    let (at_least, reach) = (Some(HALF_AN_HOUR), Reach::Delivery);
    let doubted = Outcome::Retry { at_least, reach, ambiguous: false, reason: "too-many-refused" };
    for time in 0..20 {
        smtp.refuse_next(Refusal::ForGood);
        let expected = if time < 9 { Outcome::AddressDead } else { doubted.clone() };
        assert_eq!(email.send(&target(), &generic()).await, expected, "{time}");
    }
    clock.advance(chrono::Duration::minutes(30));
    smtp.refuse_next(Refusal::ForGood);
    assert_eq!(email.send(&target(), &generic()).await, doubted, "it is tried again, and no more believed than before");
    assert!(matches!(email.send(&target(), &generic()).await, Outcome::Accepted { .. }));
    smtp.refuse_next(Refusal::ForGood);
    assert_eq!(email.send(&target(), &generic()).await, Outcome::AddressDead);
}

#[tokio::test]
async fn a_server_that_is_away_keeps_all_letters_waiting() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let email = channel(smtp.url(), &folder);
    drop(smtp);
    let outcome = email.send(&target(), &generic()).await;
    assert!(matches!(outcome, Outcome::Retry { reach: Reach::Lane, ambiguous: false, .. }), "{outcome:?}");
}

#[tokio::test]
async fn what_is_no_address_is_given_up() {
    let (smtp, folder) = (Smtp::start(), tempfile::tempdir().unwrap());
    let target = Target::Address { email: "not an address".to_owned(), unsubscribe: Some("opaque".to_owned()) };
    assert_eq!(channel(smtp.url(), &folder).send(&target, &generic()).await, Outcome::AddressDead);
}
