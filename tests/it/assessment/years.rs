//! The year: the mean of its periods, exams, extra works, half-years.

use domain::db::Db;
use domain::types::{GradeKind, PeriodGradeKind, PeriodKind};
use domain::{Error, closing as closings, intake};
use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::{School, day};

use super::forecasts::Home;
use super::{choose, close, period, set, work, writer};
use crate::storage::execute;

fn level(db: &Db, level: i32) {
    execute(db, &format!("UPDATE class_groups SET level = {level}"));
}

/// Closes both quarters with these grades of the journal, then the year.
fn close_all(db: &Db, school: &School, first: &str, second: &str) {
    let grade = |number: &str, quarter: &str, value: &str| set(number, "p1", quarter, PeriodGradeKind::Period, value);
    school.put(db, &[grade("q1", "1", first), grade("y2", "2", second)]);
    for number in ["1", "2", "y"] {
        close(db, school, number);
    }
}

fn half_year() -> intake::Period {
    intake::Period {
        external_id: "h1".to_owned(),
        kind: PeriodKind::Semester,
        school_year: 2026,
        names: domain::types::Names::same("Half-year 1"),
        starts_on: day("2026-09-01"),
        ends_on: day("2026-12-27"),
    }
}

async fn row(home: &Home) -> Value {
    home.see("report-card", "en").await["rows"][0].clone()
}

both!(a_year_is_closed_after_its_periods_and_is_their_mean, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    close(db, school, "1");
    let early = closings::close(db, writer(school), period(db, school, "y"));
    let Err(Error::Invalid(flaws)) = early else { panic!("{early:?}") };
    assert_eq!(
        (flaws[0].code, flaws[0].detail.as_ref()),
        ("periods-open", "A year is the mean of its periods. Close these first: Quarter 2.")
    );
    // The journal's 5 for the first quarter and the engine's 4 for the second: 4.5.
    close(db, school, "2");
    close(db, school, "y");
    let row = row(&home).await;
    assert_eq!((&row["year"], &row["exam"], &row["final"]), (&json!("5"), &json!(null), &json!("5")));
});

both!(a_year_completes_the_closing_of_a_period_that_was_cut_off, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    close(db, school, "1");
    home.put(&[school.grade("e1", "p1", "1")]);
    let second = period(db, school, "2");
    let scope = |conn: &mut _| closings::scope(conn, school.id, second);
    db.write_children_here(scope, |conn, touch| closings::shut(conn, touch, writer(school), second)).unwrap();
    close(db, school, "y");
    let row = row(&home).await;
    assert_eq!(
        (&row["cells"][1]["value"], &row["year"]),
        (&json!("2"), &json!("4")),
        "3.5, not the first quarter alone"
    );
});

both!(an_exam_counts_in_level_nine_and_in_no_other, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    level(db, 9);
    school.put(db, &[set("x1", "p1", "y", PeriodGradeKind::Exam, "4")]);
    // 4.5 * 0.7 + 4 * 0.3 = 4.35, where the rounded year would give 4.7.
    close_all(db, school, "4", "5");
    let row = row(&home).await;
    assert_eq!((&row["year"], &row["exam"], &row["final"]), (&json!("5"), &json!("4"), &json!("4")));
});

both!(a_failed_year_waits_for_its_extra_work, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    close_all(db, school, "2", "2");
    let waits = row(&home).await;
    assert_eq!((&waits["year"], &waits["final"]), (&json!("2"), &json!(null)));
    assert!(super::reopen(db, school, "y"));
    school.put(db, &[set("x1", "p1", "y", PeriodGradeKind::Exam, "4")]);
    close(db, school, "y");
    let done = row(&home).await;
    assert_eq!((&done["year"], &done["exam"], &done["final"]), (&json!("2"), &json!("4"), &json!("3")));
});

both!(the_journals_year_counts_before_the_engines, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    school.put(
        db,
        &[set("x1", "p1", "y", PeriodGradeKind::Year, "3"), set("x2", "p1", "y", PeriodGradeKind::Final, "3")],
    );
    close_all(db, school, "4", "5");
    let row = row(&home).await;
    assert_eq!((&row["year"], &row["final"]), (&json!("3"), &json!("3")));
    let told = close(db, school, "y").differences;
    assert_eq!(told.iter().map(|one| one.kind).collect::<Vec<_>>(), [PeriodGradeKind::Final, PeriodGradeKind::Year]);
});

both!(a_half_year_subject_is_graded_in_the_half_year_alone, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    school.put(db, &[half_year()]);
    choose(db, school, Some("alg"), None, "kz-2020-half-year");
    home.put(&[work(school, "s1", GradeKind::Section, 13, 20)]);
    assert_eq!(home.algebra().await["forecast"], json!(null), "not in a quarter");
    let view = format!("subjects?periodId={}", home.period("h1"));
    let before = db.statements();
    let standing = home.see(&view, "en").await["items"][0]["forecast"].clone();
    assert!(db.statements() - before <= 5);
    // (80 + 65) / 2, and nothing is missing.
    assert_eq!((&standing["percent"], &standing["value"]), (&json!(72.5), &json!("4")));
    assert!(!standing["explanation"].as_str().unwrap().contains("yet"), "{standing}");
    execute(db, "DELETE FROM period_grades");
    assert_eq!((close(db, school, "1").results, close(db, school, "2").results), (0, 0));
    assert_eq!(close(db, school, "h1").results, 2);
    close(db, school, "y");
    let row = row(&home).await;
    assert_eq!((&row["year"], &row["final"]), (&json!("4"), &json!("4")));
});

both!(a_half_year_does_not_count_beside_its_quarters, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    school.put(db, &[half_year()]);
    school.put(db, &[set("h9", "p1", "h1", PeriodGradeKind::Period, "2")]);
    close(db, school, "h1");
    close_all(db, school, "4", "4");
    assert_eq!(row(&home).await["year"], "4");
});
