//! From a grade in the journal to a phone and a mailbox, through Google's stand-in and a mail server.

use std::collections::BTreeSet;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::intake;
use domain::types::{AttendanceStatus, GradeKind, GradeStatus, LessonStatus, Names, PeriodGradeKind};
use notifications::worker::Worker;
use reqwest::Method;
use serde_json::json;
use support::app::{App, noon};
use support::both;
use support::database::{Kind, On};
use support::fcm::{Fault, Fcm as Google};
use support::school::{School, SignedIn, day, time};
use support::smtp::Smtp;
use tempfile::TempDir;

use super::devices::{PHONE, register};
use super::preferences::choose;
use crate::providers::phone;
use crate::storage::{execute, number};

/// A server with everything configured, a school, a mother with a phone, and a father with nothing but an address.
pub struct House {
    pub app: App,
    pub google: Google,
    smtp: Smtp,
    school: School,
    pub mother: SignedIn,
    worker: Worker,
    _folder: TempDir,
}

impl On for House {
    async fn on(kind: Kind) -> Self {
        let (google, smtp, folder) = (Google::start(), Smtp::start(), tempfile::tempdir().unwrap());
        let app = App::start(kind, |config| {
            config.fcm.credentials = Some(Google::key_file(folder.path()));
            config.fcm.base_url = google.url();
            config.fcm.token_url = Some(google.token_url());
            config.smtp.url = Some(smtp.url().into());
        });
        let school = School::make(&app.state.db, "bir");
        let (mother, father) = (school.guardian(&app.state.db, "g1"), school.guardian(&app.state.db, "g2"));
        google.register(&phone(1));
        assert_eq!(register(&app, &mother.token, PHONE, &phone(1)).await.status, 200);
        let address = json!({"email": "father@example.kz", "language": "en"});
        assert_eq!(app.send(Method::PATCH, "/v1/me", &father.token, &address).await.status, 200);
        let worker = api::alerts::worker(&app.state).unwrap();
        execute(&app.state.db, "UPDATE events SET planned = TRUE");
        execute(&app.state.db, "UPDATE news SET tell_at = NULL");
        execute(&app.state.db, "UPDATE sessions SET access_expires_at = '2027-05-01 00:00:00'");
        Self { app, google, smtp, school, mother, worker, _folder: folder }
    }
}

impl House {
    fn put<I: intake::Item>(&self, items: &[I]) {
        self.school.put_at(&self.app.state.db, self.app.state.clock.now(), items);
    }

    pub fn grade(&self, number: &str, value: &str) {
        self.put(&[self.school.grade(number, "p2", value)]);
    }

    pub async fn pass(&self, seconds: u64) {
        self.worker.run_once().await.unwrap();
        self.app.state.clock.advance(chrono::Duration::from_std(Duration::from_secs(seconds)).unwrap());
        self.worker.run_once().await.unwrap();
    }

    pub fn deliveries(&self, of: &str) -> i64 {
        number(&self.app.state.db, &format!("SELECT count(*) AS number FROM alert_deliveries WHERE {of}"))
    }

    /// What the mother's phone shows: titles and texts.
    pub fn screen(&self) -> Vec<(String, String)> {
        self.google.phone(&phone(1)).screen().into_iter().map(|shown| (shown.title, shown.body)).collect()
    }
}

both!(a_grade_reaches_the_phone_and_where_there_is_none_the_mailbox, async |house: House| {
    house.grade("e9", "4");
    house.pass(61).await;
    let generic = ("В дневнике есть новости", "Откройте приложение, чтобы посмотреть.");
    assert_eq!(house.screen(), [(generic.0.to_owned(), generic.1.to_owned())], "in the language of her app");
    let mail = house.smtp.mail(1).await;
    assert_eq!(mail.to, ["father@example.kz"]);
    assert_eq!(mail.header("Subject").unwrap(), "There is news in the diary");
    assert_eq!((house.google.calls().len(), house.smtp.mails().len()), (1, 1), "each is told once");
    assert_eq!((house.deliveries("state = 'pending'"), house.deliveries("state = 'accepted'")), (0, 2));
});

both!(a_correction_replaces_the_grade_on_the_screen_and_says_what_it_was, async |house: House| {
    choose(&house.app, &house.mother.token, &json!({"privacy": "full", "language": "ru"})).await;
    house.grade("e9", "4");
    house.pass(61).await;
    assert_eq!(house.screen(), [("Новая оценка: Алгебра".to_owned(), "Дана: 4".to_owned())]);
    house.grade("e9", "5");
    house.pass(61).await;
    assert_eq!(house.screen(), [("Оценка изменена: Алгебра".to_owned(), "Дана: 4 → 5".to_owned())]);
});

both!(what_google_delivered_and_denied_is_sent_again_and_seen_once, async |house: House| {
    house.google.script(|script| script.next([Some(Fault::unavailable().delivered())]));
    house.grade("e9", "4");
    house.pass(61).await;
    assert_eq!(house.deliveries("state = 'pending'"), 1);
    house.pass(30).await;
    let phone = house.google.phone(&phone(1));
    assert_eq!((phone.came.len(), phone.screen().len()), (2, 1));
    assert_eq!(phone.came[0], phone.came[1], "the app knows the number");
    assert_eq!(house.deliveries("state = 'pending'"), 0);
});

both!(one_click_ends_letters_and_the_list_goes_on, async |house: House| {
    house.grade("e9", "4");
    house.pass(61).await;
    let link = house.smtp.mail(1).await.header("List-Unsubscribe").unwrap();
    let path = link.trim_matches(['<', '>']).strip_prefix("http://127.0.0.1:8080").unwrap().to_owned();
    let click = house.app.request(Method::POST, &path, "").body("List-Unsubscribe=One-Click");
    let click = click.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
    assert!(click.status().is_success(), "{}", click.status());
    house.grade("e8", "5");
    house.pass(61).await;
    assert_eq!(house.smtp.mails().len(), 1);
    let in_lists = number(&house.app.state.db, "SELECT count(*) AS number FROM alerts WHERE inbox");
    assert_eq!(in_lists, 4, "both guardians find both grades in the app");
});

#[derive(QueryableByName)]
struct Kinds {
    #[diesel(sql_type = Text)]
    alert: String,
    #[diesel(sql_type = Text)]
    kind: String,
}

impl House {
    /// Of which kinds of news somebody was told by these alerts, whether one by one or together with others.
    fn told(&self, channel: &str, sent: impl Iterator<Item = String>) -> Vec<String> {
        let sent: BTreeSet<String> = sent.collect();
        let sql = format!(
            "SELECT CAST(alert_id AS TEXT) AS alert, kind FROM alerts JOIN alert_deliveries \
             ON alert_id = alerts.id OR alert_id = bundle_id WHERE channel = '{channel}' AND kind IS NOT NULL"
        );
        let kinds = self.app.state.db.read_here(|conn| Ok(diesel::sql_query(&sql).load::<Kinds>(conn)?)).unwrap();
        let told = kinds.into_iter().filter(|one| sent.contains(&one.alert)).map(|one| one.kind);
        told.collect::<BTreeSet<_>>().into_iter().collect()
    }
}

/// What a school knows of a child, as it would stand in a text.
const MARKS: &[&str] = &[
    "Әсел",
    "Дана",
    "Омарова",
    "Гүлнәр",
    "Ахметова",
    "Алгебра",
    "Algebra",
    "Қазақ",
    "Kazakh",
    "зачёт",
    "№ 4711",
    "БЖБ 9",
    "Квадрат",
    "Жиналыс-белгі",
];

impl House {
    /// Something of every kind happens to the second child.
    fn everything(&self) {
        let now = noon().date();
        self.put(&[intake::Grade {
            value: Some("зачёт".to_owned()),
            points: None,
            ..self.school.grade("e9", "p2", "1")
        }]);
        let homework = intake::Homework {
            external_id: "h9".to_owned(),
            course: "alg7".to_owned(),
            lesson: None,
            assigned_on: now,
            due_on: day("2026-11-20"),
            text: "№ 4711".to_owned(),
            files: None,
        };
        self.put(&[homework]);
        let (status, student, lesson) = (AttendanceStatus::Absent, "p2".to_owned(), "l1".to_owned());
        let external_id = "n9".to_owned();
        self.put(&[intake::Attendance { external_id, student, lesson, status, minutes_late: None, comment: None }]);
        let lesson = intake::Lesson {
            external_id: "l3".to_owned(),
            course: "alg7".to_owned(),
            date: day("2026-11-19"),
            number: 1,
            starts_at: time("08:00"),
            ends_at: time("08:45"),
            teacher: Some("t1".to_owned()),
            room: Some("204".to_owned()),
            topic: Some("Квадрат теңдеулер".to_owned()),
            status: LessonStatus::Cancelled,
            change: None,
        };
        self.put(&[lesson]);
        let work = intake::Assessment {
            external_id: "w9".to_owned(),
            course: "alg7".to_owned(),
            lesson: None,
            period: Some("2".to_owned()),
            kind: GradeKind::Section,
            title: "БЖБ 9".to_owned(),
            date: day("2026-11-25"),
            max_points: Some(2000),
            weight: 100,
        };
        self.put(&[work]);
        let card = intake::PeriodGrade {
            external_id: "q9".to_owned(),
            student: "p2".to_owned(),
            subject: "kaz".to_owned(),
            period: "1".to_owned(),
            kind: PeriodGradeKind::Period,
            status: GradeStatus::Graded,
            value: Some("зачёт".to_owned()),
            percent: None,
        };
        self.put(&[card]);
        self.news();
    }

    fn news(&self) {
        let news = intake::News {
            external_id: "m9".to_owned(),
            level: None,
            class_group: Some("7a".to_owned()),
            title: Names::same("Жиналыс-белгі"),
            text: Names::same("Жиналыс-белгі"),
            published_at: None,
        };
        self.put(&[news]);
    }
}

both!(at_the_generic_level_nothing_of_a_child_leaves_the_house, async |house: House| {
    house.everything();
    house.pass(61).await;
    house.put(&[intake::Grade { removed: true, ..house.school.grade("e9", "p2", "1") }]);
    house.pass(61).await;
    house.pass(3600).await;
    let (calls, mails) = (house.google.calls(), house.smtp.mails());
    let each = ["assessment", "attendance", "grade", "homework", "news", "report-card", "schedule"];
    assert_eq!(house.told("push", calls.iter().map(|call| call.alert.clone())), each, "{} pushes", calls.len());
    let numbers = mails.iter().filter_map(|mail| mail.header("Message-ID"));
    let numbers = numbers.filter_map(|id| Some(id.strip_prefix("<alert-")?.split('@').next()?.to_owned()));
    assert_eq!(house.told("email", numbers), each, "{} letters", mails.len());
    assert_eq!(house.deliveries("state = 'pending'"), 0);
    for call in calls {
        let found = MARKS.iter().find(|mark| call.bytes.contains(**mark));
        assert_eq!(found, None, "{}", call.bytes);
    }
    for mail in mails {
        // The father reads English, so a letter of another alphabet could only come from the school: as it stands, in an
        // encoded header, or quoted.
        assert!(mail.data.is_ascii() && !mail.data.contains("=?"), "{}", mail.data);
        let found = MARKS.iter().find(|mark| mail.data.contains(**mark));
        assert_eq!(found, None, "{}", mail.data);
        assert!(!["=D0", "=D1", "=D2", "=D3", "base64"].iter().any(|sign| mail.data.contains(sign)), "{}", mail.data);
    }
});

both!(a_guardian_unlinked_before_the_sending_is_told_nothing, async |house: House| {
    house.grade("e9", "4");
    house.worker.run_once().await.unwrap();
    let only_the_mother = intake::Guardian {
        external_id: "g2".to_owned(),
        name: support::school::name("Айгүл", "Омарова"),
        email: None,
        wards: Vec::new(),
    };
    house.put(&[only_the_mother]);
    house.pass(61).await;
    assert_eq!(house.screen().len(), 1);
    let subjects: Vec<_> = house.smtp.mails().iter().filter_map(|mail| mail.header("Subject")).collect();
    assert_eq!(subjects, ["You can no longer see a child's diary"], "that she is out she is told");
});
