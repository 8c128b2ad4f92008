//! The calendar feed: what calendar apps are shown, that they understand it, and who may see it.

use std::collections::{BTreeMap, BTreeSet};

use calcard::icalendar::{ICalendarComponentType, ICalendarValue};
use calcard::{Entry, Parser};
use domain::intake;
use domain::timetable::Change;
use domain::types::{GradeKind, LessonStatus};
use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::{School, day, time};

use crate::access::world::{guardian, homework};
use crate::storage::{execute, number};

/// The properties of every event, by its UID; parameters are left out, texts as they were meant.
type Events = BTreeMap<String, BTreeMap<String, String>>;

struct Calendar {
    app: App,
    school: School,
    token: String,
    path: String,
}

impl Calendar {
    async fn at(app: App) -> Self {
        let school = School::make(&app.state.db, "bir");
        let token = school.guardian(&app.state.db, "g1").token;
        let path = subscribe(&app, &token).await;
        Self { app, school, token, path }
    }

    async fn ask(&self) -> Answer {
        self.app.get(&self.path, "").await
    }

    async fn events(&self) -> Events {
        let answer = self.ask().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        read(&String::from_utf8(answer.bytes).unwrap())
    }

    /// The one event of a child whose id begins so.
    async fn event(&self, noun: &str, child: usize, id: i64) -> BTreeMap<String, String> {
        let uid = format!("{noun}-{id}-{}@127.0.0.1", self.school.children[child].0);
        self.events().await.remove(&uid).unwrap_or_else(|| panic!("no {uid}"))
    }

    fn id(&self, table: &str, external: &str) -> i64 {
        number(&self.app.state.db, &format!("SELECT id AS number FROM {table} WHERE external_id = '{external}'"))
    }

    fn put<I: intake::Item>(&self, item: I) {
        self.school.put(&self.app.state.db, &[item]);
    }
}

/// Makes a feed and gives the path of its address.
async fn subscribe(app: &App, token: &str) -> String {
    let answer = app.send(Method::PUT, "/v1/calendar-feed", token, &Value::Null).await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, "no-store"), "{}", answer.body);
    let url = answer.body["url"].as_str().unwrap();
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or_else(|| panic!("{url}")).to_owned()
}

/// Reads a calendar with a parser of somebody else's, which must find what each value is, and by the rules it does not check.
fn read(text: &str) -> Events {
    let mut parser = Parser::new(text);
    let Entry::ICalendar(calendar) = parser.entry() else { panic!("no calendar: {text}") };
    assert_eq!(parser.entry(), Entry::Eof, "something follows the calendar");
    let mut kinds = calendar.components.iter().map(|component| &component.component_type);
    assert_eq!(kinds.next(), Some(&ICalendarComponentType::VCalendar));
    assert!(kinds.all(|kind| *kind == ICalendarComponentType::VEvent), "{text}");
    assert!(text.ends_with("END:VCALENDAR\r\n"));
    for line in text.split_terminator("\r\n") {
        assert!(line.len() <= 75 && !line.contains(['\r', '\n']), "{line:?}");
    }
    let unfolded = text.replace("\r\n ", "");
    let lines = unfolded.split("\r\nBEGIN:VEVENT\r\n").skip(1).map(|part| part.split("\r\nEND:VEVENT").next().unwrap());
    let mut events = Events::new();
    for (component, lines) in calendar.components[1..].iter().zip(lines) {
        assert_eq!(component.entries.len(), lines.lines().count(), "{lines}");
        let mut properties = BTreeMap::new();
        for (entry, line) in component.entries.iter().zip(lines.lines()) {
            let name = entry.name.as_str();
            let raw = line.split_once(':').unwrap().1.to_owned();
            let value = match (name, &entry.values[..]) {
                ("DTSTAMP" | "DTSTART" | "DTEND", [ICalendarValue::PartialDateTime(_)])
                | ("SEQUENCE", [ICalendarValue::Integer(_)])
                | ("STATUS", [ICalendarValue::Status(_)])
                | ("TRANSP", [ICalendarValue::Transparency(_)]) => raw,
                ("UID" | "SUMMARY" | "DESCRIPTION" | "LOCATION", [ICalendarValue::Text(text)]) => text.clone(),
                other => panic!("{other:?} in {line}"),
            };
            assert_eq!(properties.insert(name.to_owned(), value), None, "{name} comes twice");
        }
        for needed in ["DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE"] {
            assert!(properties.contains_key(needed), "no {needed}: {lines}");
        }
        assert!(properties.get("DTEND").is_none_or(|end| *end > properties["DTSTART"]), "{lines}");
        let uid = properties.remove("UID").unwrap();
        assert!(events.insert(uid.clone(), properties).is_none(), "{uid} comes twice");
    }
    events
}

both!(a_calendar_has_the_lessons_homework_and_works_of_all_children, async |app: App| {
    let calendar = Calendar::at(app).await;
    let events = calendar.events().await;
    let of = |noun: &str| events.keys().filter(|uid| uid.starts_with(noun)).count();
    assert_eq!((of("lesson"), of("homework"), of("work"), events.len()), (6, 4, 2, 12));
    let lesson = calendar.event("lesson", 0, calendar.id("lessons", "l3")).await;
    assert_eq!(lesson["SUMMARY"], "Әсел: Алгебра");
    assert_eq!((lesson["DTSTART"].as_str(), lesson["DTEND"].as_str()), ("20261118T030000Z", "20261118T034500Z"));
    assert_eq!((lesson["LOCATION"].as_str(), lesson["STATUS"].as_str()), ("204", "CONFIRMED"));
    assert_eq!(lesson["DESCRIPTION"], "Ахметова Гүлнәр\nКвадрат теңдеулер");
    let due = calendar.event("homework", 1, calendar.id("homework", "h2")).await;
    assert_eq!((due["SUMMARY"].as_str(), due["DTSTART"].as_str()), ("Дана: Үй тапсырмасы: Алгебра", "20261120"));
    assert_eq!(due["DESCRIPTION"], "№ 214, 215");
    let work = calendar.event("work", 0, calendar.id("assessments", "w1")).await;
    assert_eq!(
        (work["SUMMARY"].as_str(), &work["DTSTART"]),
        ("Әсел: БЖБ 1: Алгебра", &lesson["DTSTART"]),
        "at its lesson"
    );
});

both!(what_changes_about_a_lesson_is_seen_in_the_same_event, async |app: App| {
    let calendar = Calendar::at(app).await;
    let id = calendar.id("lessons", "l3");
    let before = calendar.events().await;
    let lesson = |status, from: &str, to: &str| intake::Lesson {
        external_id: "l3".to_owned(),
        course: "alg7".to_owned(),
        date: day("2026-11-18"),
        number: 1,
        starts_at: time(from),
        ends_at: time(to),
        teacher: Some("a1".to_owned()),
        room: Some("111".to_owned()),
        topic: None,
        status,
        change: Some(Change {
            reason: Some("ауырды".to_owned()),
            previous_teacher: Some("Ахметова Гүлнәр".to_owned()),
            previous_room: Some("204".to_owned()),
            previous_starts_at: None,
        }),
    };
    let mut last = calendar.event("lesson", 0, id).await;
    for (status, summary, state) in [
        (LessonStatus::Substituted, "Әсел: Алмастыру: Алгебра", "CONFIRMED"),
        (LessonStatus::Moved, "Әсел: Сабақ ауыстырылды: Алгебра", "CONFIRMED"),
        (LessonStatus::Cancelled, "Әсел: Сабақ болмайды: Алгебра", "CANCELLED"),
    ] {
        calendar.put(lesson(status, "10:00", "10:45"));
        let now = calendar.event("lesson", 0, id).await;
        assert_eq!((now["SUMMARY"].as_str(), now["STATUS"].as_str()), (summary, state));
        assert_eq!((now["DTSTART"].as_str(), now["LOCATION"].as_str()), ("20261118T050000Z", "111"));
        assert_eq!(now["DESCRIPTION"], "Серікова Директор\nауырды\nБұрын: 08:00, Ахметова Гүлнәр, 204");
        let sequence = |event: &BTreeMap<String, String>| event["SEQUENCE"].parse::<i64>().unwrap();
        assert!(sequence(&now) > sequence(&last), "calendar apps take the newer one");
        last = now;
    }
    let after: BTreeSet<String> = calendar.events().await.into_keys().collect();
    assert_eq!(after, before.into_keys().collect(), "no event came or went");
});

both!(a_tick_shows_and_words_are_in_the_accounts_language, async |app: App| {
    let calendar = Calendar::at(app).await;
    let id = calendar.id("homework", "h2");
    let path = format!("/v1/children/{}/homework/{id}/done", calendar.school.children[0].0);
    calendar.app.send(Method::PUT, &path, &calendar.token, &json!({"done": true})).await;
    for (language, summary) in [
        ("kk", "Әсел: ✓ Үй тапсырмасы: Алгебра"),
        ("ru", "Әсел: ✓ Домашнее задание: Алгебра"),
        ("en", "Әсел: ✓ Homework: Algebra"),
    ] {
        calendar.app.send(Method::PATCH, "/v1/me", &calendar.token, &json!({"language": language})).await;
        assert_eq!(calendar.event("homework", 0, id).await["SUMMARY"], summary);
    }
});

both!(any_text_a_teacher_writes_arrives_and_breaks_nothing, async |app: App| {
    let calendar = Calendar::at(app).await;
    let nasty = [
        "№ 1; 2, 3\\4 \"5\"\nEND:VEVENT\nBEGIN:VALARM",
        &"ұзақ мәтін ".repeat(60),
        &"👩‍🔬🧪 ".repeat(40),
        "a:b;c=d",
        "\u{2028}\u{200d}бос",
    ];
    for text in nasty {
        calendar.put(intake::Homework { text: text.to_owned(), ..homework("h9", "alg7", None, "2026-11-19") });
        let due = calendar.event("homework", 0, calendar.id("homework", "h9")).await;
        assert_eq!(due["DESCRIPTION"], text);
    }
    calendar
        .put(intake::Homework { text: "a\r\nb\tc\u{7}\rd".to_owned(), ..homework("h9", "alg7", None, "2026-11-19") });
    let due = calendar.event("homework", 0, calendar.id("homework", "h9")).await;
    assert_eq!(due["DESCRIPTION"], "a\nbcd", "what RFC 5545 cannot say is left out");
});

both!(only_works_that_count_are_in_a_calendar_and_only_near_days, async |app: App| {
    let calendar = Calendar::at(app).await;
    let work = |number: &str, kind, date: &str| intake::Assessment {
        external_id: number.to_owned(),
        course: "alg7".to_owned(),
        lesson: None,
        period: None,
        kind,
        title: number.to_owned(),
        date: day(date),
        max_points: None,
        weight: 100,
    };
    let works = [
        work("near", GradeKind::Term, "2027-01-17"),
        work("far", GradeKind::Term, "2027-01-18"),
        work("behind", GradeKind::Section, "2026-11-04"),
        work("gone", GradeKind::Section, "2026-11-03"),
        work("small", GradeKind::Formative, "2026-11-20"),
    ];
    calendar.school.put(&calendar.app.state.db, &works);
    let events = calendar.events().await;
    let shown = |title: &str| events.values().any(|event| event["SUMMARY"].contains(&format!(": {title}: ")));
    assert_eq!(["near", "far", "behind", "gone", "small"].map(shown), [true, false, true, false, false]);
});

both!(a_calendar_costs_one_statement_until_something_changes, async |app: App| {
    let calendar = Calendar::at(app).await;
    let plain = calendar.app.request(Method::GET, &calendar.path, "").header(ACCEPT_ENCODING, "identity");
    let first = Answer::of(plain.send().await.unwrap()).await;
    assert_eq!(first.header("content-type"), "text/calendar; charset=utf-8");
    assert!(first.header("cache-control").starts_with("private"));
    let tag = first.header("etag").to_owned();
    let ask = async |coding: &str| {
        let before = calendar.app.state.db.statements();
        let request = calendar.app.request(Method::GET, &calendar.path, "");
        let request = request.header(IF_NONE_MATCH, &tag).header(ACCEPT_ENCODING, coding);
        let answer = Answer::of(request.send().await.unwrap()).await;
        (answer.status, calendar.app.state.db.statements() - before)
    };
    assert_eq!(ask("identity").await, (304, 1));
    assert_eq!(ask("gzip").await, (200, 1), "a body of its own for each coding, kept");
    calendar.put(homework("h9", "alg7", None, "2026-11-19"));
    let (status, cost) = ask("identity").await;
    assert!(status == 200 && cost > 1, "{status} {cost}");
});

both!(a_calendar_ends_with_its_rights, async |app: App| {
    let calendar = Calendar::at(app).await;
    let db = &calendar.app.state.db;
    let stranger = calendar.app.get("/calendar/bTq0SjjL3kCcY2pS9Q1mXg.ics", "").await;
    assert_eq!((stranger.status, stranger.problem()), (404, "not-found"));
    calendar.app.send(Method::DELETE, "/v1/sessions/current", &calendar.token, &Value::Null).await;
    assert_eq!(calendar.ask().await.status, 200, "it is no session");

    calendar.school.put(db, &[guardian("g1", &["p2"])]);
    let events = calendar.events().await;
    assert!(events.len() == 6 && events.values().all(|event| !event["SUMMARY"].contains("Әсел")), "{events:?}");
    calendar.school.put(db, &[guardian("g1", &[])]);
    assert_eq!(calendar.events().await, Events::new());
    calendar.school.put(db, &[guardian("g1", &["p1"])]);
    assert_eq!(calendar.events().await.len(), 6);
    execute(db, "UPDATE accounts SET disabled_at = '2026-11-18 07:00:00'");
    assert_eq!(calendar.ask().await.status, 404);
});

both!(an_address_is_secret_replaced_and_ended, async |app: App| {
    let calendar = Calendar::at(app).await;
    let secret = calendar.path.trim_start_matches("/calendar/").trim_end_matches(".ics");
    assert_eq!(secret.len(), 22, "128 bits");
    let kept = format!("SELECT count(*) AS number FROM calendar_feeds WHERE token_hash LIKE '%{secret}%'");
    assert_eq!(number(&calendar.app.state.db, &kept), 0);
    let other = subscribe(&calendar.app, &calendar.token).await;
    assert_eq!(calendar.ask().await.status, 404);
    assert_eq!(calendar.app.get(&other, "").await.status, 200);
    for _time in 0..2 {
        let ended = calendar.app.send(Method::DELETE, "/v1/calendar-feed", &calendar.token, &Value::Null).await;
        assert_eq!(ended.status, 204);
        assert_eq!(calendar.app.get(&other, "").await.status, 404);
    }
    assert_eq!(calendar.app.send(Method::PUT, "/v1/calendar-feed", "", &Value::Null).await.status, 401);
});
