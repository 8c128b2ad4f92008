//! What a letter looks like on its way.

use std::time::Duration;

use domain::alerts::facts::{AccountNews, Detail, Facts, Step, Thing};
use domain::types::{AlertId, AlertKind, GradeStatus, Language, Privacy};

use super::*;

fn message(facts: Facts, language: Language) -> Message {
    let (ttl, collapse) = (Duration::from_secs(86_400), "k".to_owned());
    Message { alert: AlertId(17), collapse, language, privacy: Privacy::Full, facts, ttl }
}

fn written(facts: Facts, word: Option<&str>) -> String {
    let stationery = Stationery::new("Apta <no-reply@diary.kz>".parse().unwrap(), "https://diary.kz/");
    let to = "ana@example.kz".parse().unwrap();
    let mail = stationery.write(to, word, &message(facts, Language::En)).unwrap();
    String::from_utf8(mail.formatted()).unwrap().replace("\r\n", "\n")
}

fn header<'a>(mail: &'a str, name: &str) -> Option<&'a str> {
    let (headers, _) = mail.split_once("\n\n").unwrap();
    headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn a_letter_carries_what_mailboxes_go_by() {
    let mail = written(Facts::Something, Some("opaque"));
    assert_eq!(header(&mail, "Message-ID"), Some("<alert-17@diary.kz>"));
    assert_eq!(header(&mail, "List-Unsubscribe"), Some("<https://diary.kz/v1/unsubscribe/opaque>"));
    assert_eq!(header(&mail, "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-generated"));
    assert_eq!(header(&mail, "Subject"), Some("There is news in the diary"));
    assert!(header(&mail, "Content-Type").unwrap().starts_with("multipart/alternative"));
    assert!(mail.contains("Content-Type: text/plain; charset=utf-8") && mail.contains("Content-Type: text/html"));
}

#[test]
fn where_nothing_can_be_switched_off_nothing_says_so() {
    let mail = written(Facts::Account(AccountNews::SignedIn), None);
    assert_eq!(header(&mail, "List-Unsubscribe"), None);
    assert!(!mail.contains("unsubscribe"), "{mail}");
}

#[test]
fn nothing_a_school_writes_becomes_markup_or_a_header() {
    let graded_on = "2026-11-18".parse().unwrap();
    let value = Some("<b>5</b> & \"more\"".to_owned());
    let detail = Detail::Grade { status: GradeStatus::Graded, value, previous: None, graded_on };
    let (subject, child) = (Some("Algebra\r\nBcc: other@example.kz".to_owned()), Some("Aru".to_owned()));
    let kind = AlertKind::Grade;
    let facts = Facts::Thing(Thing { kind, step: Step::Created, subject, child, detail: Some(detail) });
    let mail = written(facts, Some("opaque"));
    assert_eq!(header(&mail, "Bcc"), None);
    let (_, html) = mail.split_once("text/html").unwrap();
    let html = html.replace("=\n", "");
    assert!(html.contains("Aru: &lt;b&gt;5&lt;&#x2f;b&gt; &amp; &quot;more&quot;"), "{html}");
    assert!(!html.contains("<b>"));
}
