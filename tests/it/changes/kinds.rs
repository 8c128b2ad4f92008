//! Every kind of change, in the shapes of the views, in the reader's language.

use domain::intake::{self, Kind};
use domain::types::{AttendanceStatus, GradeStatus, LessonStatus, Names, PeriodGradeKind};
use reqwest::Method;
use reqwest::header::ACCEPT_LANGUAGE;
use serde_json::{Value, json};
use support::app::{Answer, App, noon};
use support::both;
use support::school::{day, name, time};

use super::{Phone, kind};
use crate::access::world::homework;

fn lesson(number: &str, date: &str, room: &str) -> intake::Lesson {
    intake::Lesson {
        external_id: number.to_owned(),
        course: "alg7".to_owned(),
        date: day(date),
        number: 4,
        starts_at: time("10:45"),
        ends_at: time("11:30"),
        teacher: Some("t1".to_owned()),
        room: Some(room.to_owned()),
        topic: None,
        status: LessonStatus::Planned,
        change: None,
    }
}

fn work(number: &str, title: &str) -> intake::Assessment {
    intake::Assessment {
        external_id: number.to_owned(),
        course: "alg7".to_owned(),
        lesson: None,
        period: Some("2".to_owned()),
        kind: domain::types::GradeKind::Term,
        title: title.to_owned(),
        date: day("2026-11-20"),
        max_points: Some(3000),
        weight: 100,
    }
}

fn noted(status: AttendanceStatus) -> intake::Attendance {
    intake::Attendance {
        external_id: "n9".to_owned(),
        student: "p1".to_owned(),
        lesson: "l1".to_owned(),
        status,
        minutes_late: None,
        comment: None,
    }
}

fn set(value: &str) -> intake::PeriodGrade {
    intake::PeriodGrade {
        external_id: "q9".to_owned(),
        student: "p1".to_owned(),
        subject: "kaz".to_owned(),
        period: "1".to_owned(),
        kind: PeriodGradeKind::Period,
        status: GradeStatus::Graded,
        value: Some(value.to_owned()),
        percent: None,
    }
}

impl Phone {
    /// The one item of a view of the first child for which `wanted` holds.
    async fn seen(&self, view: &str, pointer: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let answer = self.app.get(&format!("/v1/children/{}/{view}", self.first()), &self.token).await;
        let list = answer.body.pointer(pointer).unwrap_or_else(|| panic!("{view}: {}", answer.body));
        list.as_array().unwrap().iter().find(|item| wanted(item)).unwrap_or_else(|| panic!("{list}")).clone()
    }

    /// What the one new change of the first child says: its kind, the entity, what it was before.
    async fn learns(&mut self) -> (String, Value, Value) {
        let items = self.catch_up().await;
        let first = self.first();
        let mut own = items.iter().filter(|item| item["childId"] == first);
        let item = own.next().unwrap().clone();
        assert_eq!(own.next(), None, "{items:?}");
        assert_eq!(item["at"], "2026-11-18T07:00:00Z");
        (item["kind"].as_str().unwrap().to_owned(), item["entity"].clone(), item["previous"].clone())
    }
}

both!(a_grade_comes_changes_and_goes_as_the_list_of_grades_has_it, async |app: App| {
    let mut phone = Phone::at(app).await;
    let grade = |value: &str| phone.school.grade("e9", "p1", value);
    let (four, five) = (grade("4"), grade("5"));
    let gone = intake::Grade { removed: true, ..grade("5") };
    phone.school.put(phone.db(), &[four]);
    let of = |value: &'static str| move |item: &Value| item["value"] == value;
    let was = phone.seen("grades", "/items", of("4")).await;
    assert_eq!(phone.learns().await, ("grade.created".to_owned(), was.clone(), Value::Null));
    phone.school.put(phone.db(), std::slice::from_ref(&five));
    let is = phone.seen("grades", "/items", of("5")).await;
    assert_eq!(phone.learns().await, ("grade.changed".to_owned(), is.clone(), was));
    phone.school.put(phone.db(), &[five]);
    assert_eq!(phone.kinds().await, [], "unchanged is no change");
    phone.school.put(phone.db(), &[gone]);
    assert_eq!(phone.learns().await, ("grade.removed".to_owned(), is, Value::Null));
});

both!(lessons_and_works_are_told_to_the_whole_course_as_the_views_have_them, async |app: App| {
    let mut phone = Phone::at(app).await;
    let both = |word: &str| [kind(word, phone.first()), kind(word, phone.second())];
    let [created, changed] = [both("lesson.created"), both("lesson.changed")];
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-20", "204")]);
    assert_eq!(phone.kinds().await, created);
    let room = |item: &Value| item["number"] == 4;
    let was = phone.seen("schedule", "/days/4/lessons", room).await;
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-20", "111")]);
    let (word, is, previous) = phone.learns().await;
    assert_eq!((word.as_str(), previous), ("lesson.changed", was));
    assert_eq!(is, phone.seen("schedule", "/days/4/lessons", room).await);
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-20", "112")]);
    assert_eq!(phone.kinds().await, changed);

    phone.school.put(phone.db(), &[work("w9", "ТЖБ")]);
    let term = |item: &Value| item["kind"] == "term";
    let was = phone.seen("assessments", "/items", term).await;
    assert_eq!(phone.learns().await, ("assessment.created".to_owned(), was.clone(), Value::Null));
    phone.school.put(phone.db(), &[work("w9", "ТЖБ 2")]);
    let is = phone.seen("assessments", "/items", term).await;
    assert_eq!(phone.learns().await, ("assessment.changed".to_owned(), is.clone(), was));
    let writer = phone.school.writer(noon());
    intake::remove(phone.db(), writer, Kind::Assessments, day("2026-11-18"), &["w9".to_owned()]).unwrap();
    assert_eq!(phone.learns().await, ("assessment.removed".to_owned(), is, Value::Null));
});

both!(attendance_and_period_grades_are_told_as_the_views_have_them, async |app: App| {
    let mut phone = Phone::at(app).await;
    phone.school.put(phone.db(), &[noted(AttendanceStatus::Absent)]);
    let first = |item: &Value| item["number"] == 1;
    let was = phone.seen("attendance", "/items", first).await;
    assert_eq!(phone.learns().await, ("attendance.created".to_owned(), was.clone(), Value::Null));
    phone.school.put(phone.db(), &[noted(AttendanceStatus::Excused)]);
    let is = phone.seen("attendance", "/items", first).await;
    assert_eq!(phone.learns().await, ("attendance.changed".to_owned(), is, was));

    phone.school.put(phone.db(), &[set("4")]);
    let (word, was, _) = phone.learns().await;
    assert_eq!((word.as_str(), &was["value"], &was["kind"]), ("period-grade.created", &json!("4"), &json!("period")));
    phone.school.put(phone.db(), &[set("5")]);
    let (word, is, previous) = phone.learns().await;
    assert_eq!((word.as_str(), &is["value"], previous), ("period-grade.changed", &json!("5"), was));
    let row = phone.seen("report-card", "/rows", |row| row["subject"] == is["subject"]).await;
    let cell = &row["cells"][0];
    for field in ["periodId", "value", "percent", "status"] {
        assert_eq!(cell[field], is[field], "{field}");
    }
});

both!(homework_is_told_with_the_childs_own_tick, async |app: App| {
    let mut phone = Phone::at(app).await;
    phone.school.put(phone.db(), &[homework("h9", "alg7", None, "2026-11-19")]);
    let ours = |item: &Value| item["dueOn"] == "2026-11-19";
    let open = phone.seen("homework", "/items", ours).await;
    assert_eq!(phone.learns().await, ("homework.created".to_owned(), open.clone(), Value::Null));
    let path = format!("/v1/children/{}/homework/{}/done", phone.first(), open["id"]);
    let done = phone.app.send(Method::PUT, &path, &phone.token, &json!({"done": true})).await.body;
    assert_eq!(phone.learns().await, ("homework.changed".to_owned(), done.clone(), open));

    let longer = intake::Homework { text: "№ 216".to_owned(), ..homework("h9", "alg7", None, "2026-11-19") };
    phone.school.put(phone.db(), &[longer]);
    let items = phone.catch_up().await;
    for (item, ticked) in items.iter().zip([true, false]) {
        let (is, was) = (&item["entity"], &item["previous"]);
        assert_eq!((&is["done"], &was["done"]), (&json!(ticked), &json!(ticked)), "{item}");
        assert_eq!((&is["text"], &was["text"]), (&json!("№ 216"), &json!("№ 214, 215")));
    }
    assert_eq!(items.len(), 2);
    assert_eq!(items[0]["entity"], phone.seen("homework", "/items", ours).await);

    phone.app.send(Method::PUT, &path, &phone.token, &json!({"done": false})).await;
    phone.app.send(Method::PUT, &path, &phone.token, &json!({"done": true})).await;
    let items = phone.catch_up().await;
    let done: Vec<_> =
        items.iter().map(|item| (item["previous"]["done"] == true, item["entity"]["done"] == true)).collect();
    assert_eq!(done, [(true, false), (false, true)], "each tick as it was");
});

both!(names_come_in_the_language_asked_for, async |app: App| {
    let phone = Phone::at(app).await;
    phone.school.put(phone.db(), &[set("4")]);
    for (language, subject) in [("kk", "Қазақ тілі"), ("ru", "Казахский язык"), ("en", "Kazakh")]
    {
        let path = format!("/v1/changes?after={}", phone.cursor);
        let request = phone.app.request(Method::GET, &path, &phone.token).header(ACCEPT_LANGUAGE, language);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.body["items"][0]["entity"]["subject"]["name"], subject);
    }
});

both!(what_cannot_be_listed_is_told_once_for_each_child_it_concerns, async |app: App| {
    let mut phone = Phone::at(app).await;
    let both = [kind("school.changed", phone.first()), kind("school.changed", phone.second())];
    let renamed = |name: &str| intake::Subject { external_id: "alg".to_owned(), names: Names::same(name) };
    phone.school.put(phone.db(), &[renamed("Алгебра 7")]);
    phone.school.put(phone.db(), &[renamed("Алгебра 8")]);
    assert_eq!(phone.kinds().await, both, "names");
    let member = intake::CourseMember {
        external_id: "kaz7-p1".to_owned(),
        course: "kaz7".to_owned(),
        student: "p1".to_owned(),
        starts_on: day("2026-09-01"),
        ends_on: Some(day("2026-11-17")),
    };
    phone.school.put(phone.db(), &[member]);
    assert_eq!(phone.kinds().await, [kind("school.changed", phone.first())], "a course");
    let pupil = intake::Student {
        external_id: "p2".to_owned(),
        name: name("Дана", "Ахметова"),
        birth_date: None,
        sex: None,
        starts_on: day("2026-09-01"),
    };
    phone.school.put(phone.db(), &[pupil]);
    phone.school.put(phone.db(), &[phone.school.grade("e9", "p2", "7")]);
    let second = phone.second();
    assert_eq!(phone.kinds().await, [kind("school.changed", second), kind("grade.created", second)], "in their order");
});

both!(an_import_is_listed_while_it_is_small, async |app: App| {
    let mut phone = Phone::at(app).await;
    let writer = intake::Writer { baseline: true, ..phone.school.writer(noon()) };
    let grades = |from: usize, to: usize| -> Vec<intake::Grade> {
        (from..to).map(|number| phone.school.grade(&format!("i{number}"), "p1", "8")).collect()
    };
    let (few, many) = (grades(0, 3), grades(3, 120));
    intake::put(phone.db(), writer, &few).unwrap();
    assert_eq!(phone.kinds().await, vec![kind("grade.created", phone.first()); 3]);
    intake::put(phone.db(), writer, &many).unwrap();
    assert_eq!(phone.kinds().await, [kind("school.changed", phone.first())]);
    // The same from the journal is told grade by grade.
    let more: Vec<_> = many.into_iter().map(|grade| intake::Grade { value: Some("9".to_owned()), ..grade }).collect();
    phone.school.put(phone.db(), &more);
    assert_eq!(phone.kinds().await, vec![kind("grade.changed", phone.first()); 117]);
});

both!(only_who_was_in_the_course_on_the_day_is_told, async |app: App| {
    let mut phone = Phone::at(app).await;
    let left = intake::CourseMember {
        external_id: "alg7-p2".to_owned(),
        course: "alg7".to_owned(),
        student: "p2".to_owned(),
        starts_on: day("2026-09-01"),
        ends_on: Some(day("2026-11-17")),
    };
    phone.school.put(phone.db(), &[left]);
    phone.catch_up().await;
    let (first, second) = (phone.first(), phone.second());
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-17", "204")]);
    assert_eq!(phone.kinds().await, [kind("lesson.created", first), kind("lesson.created", second)]);
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-20", "204")]);
    assert_eq!(phone.kinds().await, [kind("lesson.changed", first), kind("lesson.removed", second)]);
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-20", "111")]);
    assert_eq!(phone.kinds().await, [kind("lesson.changed", first)]);
    phone.school.put(phone.db(), &[lesson("l9", "2026-11-16", "111")]);
    assert_eq!(phone.kinds().await, [kind("lesson.changed", first), kind("lesson.created", second)]);
    // She left, but the grade she got for the work shows its title.
    let of_work = intake::Grade { assessment: Some("w9".to_owned()), ..phone.school.grade("e9", "p2", "7") };
    phone.school.put(phone.db(), &[work("w9", "ТЖБ")]);
    phone.school.put(phone.db(), &[of_work]);
    phone.catch_up().await;
    phone.school.put(phone.db(), &[work("w9", "ТЖБ 2")]);
    assert_eq!(phone.kinds().await, [kind("assessment.changed", first), kind("school.changed", second)]);
});
