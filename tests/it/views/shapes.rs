//! The shape of every answer a family reads: a new field fails until it is accepted here.

use chrono::Duration;
use domain::intake;
use domain::timetable::Change;
use domain::types::LessonStatus;
use serde_json::Value;
use support::app::{App, noon};
use support::both;
use support::school::{School, day, time};

use crate::access::operations::all;
use crate::access::world::{World, homework};

/// Adds what the school does not have yet: a correction, a substitution, overdue homework.
fn more(app: &App, school: &School) {
    let db = &app.state.db;
    let corrected =
        intake::Grade { comment: Some("қайта тексерілді".to_owned()), ..school.grade("e1", "p1", "9") };
    school.put_at(db, noon() + Duration::hours(1), &[corrected]);
    let of_work = intake::Grade {
        assessment: Some("w1".to_owned()),
        lesson: None,
        kind: domain::types::GradeKind::Section,
        value: Some("15,5".to_owned()),
        points: Some(1550),
        max_points: Some(2000),
        graded_on: day("2026-11-18"),
        ..school.grade("s1", "p1", "9")
    };
    school.put(db, &[of_work]);
    let substituted = intake::Lesson {
        external_id: "l4".to_owned(),
        course: "kaz7".to_owned(),
        date: day("2026-11-19"),
        number: 3,
        starts_at: time("09:50"),
        ends_at: time("10:35"),
        teacher: Some("a1".to_owned()),
        room: None,
        topic: None,
        status: LessonStatus::Substituted,
        change: Some(Change {
            reason: Some("ауырды".to_owned()),
            previous_teacher: Some("Ахметова Гүлнәр".to_owned()),
            previous_room: Some("204".to_owned()),
            previous_starts_at: Some("08:55".to_owned()),
        }),
    };
    school.put(db, &[substituted]);
    school.put(db, &[homework("h0", "alg7", None, "2026-11-12")]);
}

/// Compares with the snapshot `name`; ids differ from database to database.
fn is_as_before(name: &str, body: &Value) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for id in ["id", "childId", "lessonId", "periodId"] {
        settings.add_redaction(
            &format!(".**.{id}"),
            insta::dynamic_redaction(|value, _| match value {
                insta::internals::Content::None | insta::internals::Content::Unit => value,
                _ => "[id]".into(),
            }),
        );
    }
    settings.bind(|| insta::assert_json_snapshot!(name, body));
}

both!(the_answers_have_the_shape_they_had, async |app: App| {
    let world = World::make(&app);
    more(&app, &world.bir);
    let token = &world.guardian().token;
    for view in
        all().iter().filter(|one| one.is_view() || ["me", "list_sessions", "list_children"].contains(&one.id.as_str()))
    {
        // Grade and homework ids are asked for before: what the matrix writes is what is there.
        let path = match view.id.as_str() {
            "history_of_grade" => {
                let grades = app.get(&format!("/v1/children/{}/grades", world.bir.children[0].0), token).await.body;
                let corrected = grades["items"].as_array().unwrap().iter().find(|one| one["changed"] == true).unwrap();
                view.path
                    .replace("{id}", &world.bir.children[0].0.to_string())
                    .replace("{gradeId}", &corrected["id"].to_string())
            }
            _ => view.call(&app.state.db, &world, world.bir.children[0]).path,
        };
        let answer = app.get(&path, token).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{path}");
        is_as_before(&view.id, &answer.body);
    }
});
