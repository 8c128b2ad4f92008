//! Closing a period: what is frozen, what is refused, what families and the school are told.

use domain::closing as closings;
use domain::intake::{self, Writer};
use domain::types::{GradeKind, GradeStatus, PeriodGradeKind};
use serde_json::json;
use support::app::App;
use support::both;
use support::school::day;

use super::forecasts::Home;
use super::{close, flaws, period, reopen, set, work, writer};
use crate::storage::number;

both!(a_closed_period_has_its_results_and_says_so, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    home.put(&[work(school, "s1", GradeKind::Section, 13, 20), work(school, "t1", GradeKind::Term, 20, 25)]);
    let before = home.algebra().await;
    let revision =
        || number(db, &format!("SELECT revision AS number FROM children WHERE id = {}", school.children[0].0));
    let moved = revision();
    let closed = close(db, school, "2");
    assert_eq!((closed.already, closed.results, closed.differences.len()), (false, 2, 0), "one for each child");
    assert_eq!(revision(), moved + 1, "the phones see it");
    let after = home.algebra().await;
    assert_eq!((&before["periodGrade"], &after["periodGrade"]), (&json!(null), &json!("4")));
    assert_eq!((&after["forecast"]["final"], &after["forecast"]["percent"]), (&json!(true), &json!(76.25)));
    assert_eq!(after["forecast"]["components"], before["forecast"]["components"]);
    assert!(after["forecast"]["explanation"].as_str().unwrap().starts_with("The grade of the period is “4”: 76.25%."));
    let card = home.see("report-card", "en").await;
    let cells = &card["rows"][0]["cells"];
    assert_eq!(cells[1], json!({"periodId": home.period("2"), "value": "4", "percent": 76.25, "status": "graded"}));
    assert_eq!(
        (&cells[0]["value"], &cells[0]["percent"]),
        (&json!("5"), &json!(86.5)),
        "the journal's, not closed yet"
    );
    let periods = home.see("periods", "en").await;
    let states: Vec<_> = periods["items"].as_array().unwrap().iter().map(|one| one["closed"].clone()).collect();
    assert_eq!(states, [json!(false), json!(false), json!(true)]);
});

both!(a_second_close_changes_nothing, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    close(db, school, "2");
    let state = || {
        let sum = "SELECT CAST((SELECT sum(revision) FROM children) + (SELECT sum(revision) FROM schools) + 1000 * (SELECT count(*) FROM results) AS BIGINT) AS number";
        number(db, sum)
    };
    let before = state();
    let again = close(db, school, "2");
    assert_eq!((again.already, again.results), (true, 0));
    assert_eq!(state(), before);
});

both!(a_closing_that_was_cut_off_goes_on_where_it_stopped, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    let id = period(db, school, "2");
    let scope = |conn: &mut _| closings::scope(conn, school.id, id);
    let shut = db.write_children_here(scope, |conn, touch| closings::shut(conn, touch, writer(school), id)).unwrap();
    let one = [school.children[0]];
    let froze = db.write_children_here(
        |conn| closings::step(conn, &shut, &one),
        |conn, touch| closings::freeze(conn, touch, &shut, &one),
    );
    assert_eq!(froze.unwrap(), 1);
    assert_eq!(flaws(&intake::put(db, writer(school), &[school.grade("e2", "p2", "10")]).unwrap()), ["period-closed"]);
    let rest = close(db, school, "2");
    assert_eq!((rest.already, rest.results), (false, 1));
});

both!(a_closed_period_refuses_one_by_one_what_would_change_it, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    home.put(&[work(school, "t1", GradeKind::Term, 20, 25)]);
    close(db, school, "2");
    let moved =
        |number: &str, to: &str| intake::Grade { lesson: None, graded_on: day(to), ..school.grade(number, "p1", "8") };
    let outcomes = intake::put(
        db,
        writer(school),
        &[
            school.grade("e1", "p1", "8"),
            school.grade("e2", "p2", "10"),
            school.grade("new", "p1", "10"),
            moved("e1-moved-out", "2027-01-20"),
            intake::Grade { removed: true, ..work(school, "t1", GradeKind::Term, 20, 25) },
            moved("last-day", "2026-12-27"),
            moved("day-after", "2026-12-28"),
        ],
    );
    let outcomes = outcomes.unwrap();
    let closed = "period-closed";
    assert_eq!(flaws(&outcomes), ["", closed, closed, "", closed, closed, ""]);
    let intake::Outcome::Rejected(flaw) = &outcomes[1] else { panic!("{outcomes:?}") };
    assert_eq!(flaw.pointer, "/gradedOn");
    assert!(flaw.detail.contains("open it again"), "{}", flaw.detail);
    let out = intake::put(db, writer(school), &[moved("e1", "2027-01-20")]).unwrap();
    assert_eq!(flaws(&out), [closed], "a grade cannot leave either");

    let mut essay = intake::Assessment {
        external_id: "w1".to_owned(),
        course: "alg7".to_owned(),
        lesson: Some("l3".to_owned()),
        period: Some("2".to_owned()),
        kind: GradeKind::Section,
        title: "БЖБ 1".to_owned(),
        date: day("2026-11-18"),
        max_points: Some(2000),
        weight: 100,
    };
    assert_eq!(flaws(&intake::put(db, writer(school), &[essay.clone()]).unwrap()), [""], "unchanged");
    essay.max_points = Some(3000);
    assert_eq!(flaws(&intake::put(db, writer(school), &[essay.clone()]).unwrap()), [closed]);
    essay.date = day("2027-01-20");
    assert_eq!(flaws(&intake::put(db, writer(school), &[essay]).unwrap()), [closed]);
    let own = [set("q7", "p1", "2", PeriodGradeKind::Period, "5"), set("q8", "p1", "1", PeriodGradeKind::Period, "5")];
    assert_eq!(flaws(&intake::put(db, writer(school), &own).unwrap()), [closed, ""]);

    assert!(reopen(db, school, "2") && !reopen(db, school, "2"));
    assert_eq!(flaws(&intake::put(db, writer(school), &[school.grade("e2", "p2", "10")]).unwrap()), [""]);
    assert_eq!(close(db, school, "2").results, 2, "both children have results again");
    let standing = number(db, "SELECT count(*) AS number FROM results");
    assert_eq!(standing, 4, "what was frozen first stays on record");
});

both!(a_file_may_complete_a_closed_period_but_what_was_frozen_stays, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    close(db, school, "2");
    let before = home.algebra().await;
    let file = Writer { reopen: true, ..writer(school) };
    let written = intake::put(db, file, &[school.grade("e1", "p1", "1"), school.grade("new", "p1", "1")]).unwrap();
    assert_eq!(flaws(&written), ["", ""]);
    intake::put(db, file, &[set("q9", "p1", "2", PeriodGradeKind::Period, "3")]).unwrap();
    let after = home.algebra().await;
    assert_eq!(after["gradesCount"], 2, "the diary has them");
    assert_eq!((&after["periodGrade"], &after["forecast"]), (&before["periodGrade"], &before["forecast"]));
    assert_eq!(home.see("report-card", "en").await["rows"][0]["cells"][1]["value"], "4");
    let told = close(db, school, "2");
    assert!(told.already);
    assert_eq!(told.differences.len(), 1, "the school is told");
    assert_eq!(told.differences[0].journal.value.as_deref(), Some("3"));
});

both!(
    the_journals_own_grade_and_the_engines_are_both_kept_and_only_the_school_hears_of_the_difference,
    async |app: App| {
        let home = Home::at(app);
        let (db, school) = (&home.app.state.db, &home.school);
        let quarter =
            |number: &str, student: &str, value: &str| set(number, student, "2", PeriodGradeKind::Period, value);
        let not_assessed = intake::PeriodGrade {
            subject: "kaz".to_owned(),
            status: GradeStatus::NotAssessed,
            value: None,
            ..quarter("k1", "p1", "")
        };
        // Engine: 4 for the first child, 2 for the second.
        school.put(db, &[quarter("a1", "p1", "5"), quarter("a2", "p2", " 2 "), not_assessed]);
        let closed = close(db, school, "2");
        assert_eq!(closed.results, 5);
        let [difference] = &closed.differences[..] else { panic!("{:?}", closed.differences) };
        assert_eq!((difference.student.as_str(), difference.percent), ("p1", Some(8000)));
        assert_eq!((difference.journal.value.as_deref(), difference.engine.value.as_deref()), (Some("5"), Some("4")));
        let algebra = home.algebra().await;
        assert_eq!((&algebra["periodGrade"], &algebra["forecast"]), (&json!("5"), &json!(null)));
        let card = home.see("report-card", "en").await;
        assert_eq!(card["rows"][0]["cells"][1]["value"], "5");
        assert_eq!(
            (&card["rows"][1]["cells"][1]["value"], &card["rows"][1]["cells"][1]["status"]),
            (&json!(null), &json!("not-assessed"))
        );
        let kept = number(db, "SELECT count(*) AS number FROM results WHERE source = 'engine'");
        assert_eq!(kept, 2);
    }
);

both!(a_grade_of_a_closed_period_is_taken_back_by_a_file_alone, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    close(db, school, "2");
    let take = |writer| {
        let ids = ["e1".to_owned(), "e2".to_owned()];
        intake::remove(db, writer, intake::Kind::Grades, day("2026-11-18"), &ids).unwrap()
    };
    assert_eq!(take(writer(school)), 0);
    assert_eq!(home.algebra().await["gradesCount"], 1);
    assert_eq!(take(Writer { reopen: true, ..writer(school) }), 2);
    let algebra = home.algebra().await;
    assert_eq!((&algebra["gradesCount"], &algebra["periodGrade"]), (&json!(0), &json!("4")));
});

both!(who_missed_the_term_work_is_not_assessed, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    let missed = intake::Grade {
        status: GradeStatus::NotAssessed,
        value: None,
        points: None,
        ..work(school, "t1", GradeKind::Term, 20, 25)
    };
    home.put(&[missed]);
    assert_eq!(home.algebra().await["forecast"]["value"], "4", "so far");
    close(db, school, "2");
    let cell = home.see("report-card", "en").await["rows"][0]["cells"][1].clone();
    assert_eq!((&cell["value"], &cell["status"]), (&json!(null), &json!("not-assessed")));
});

both!(another_schools_period_is_not_there, async |app: App| {
    let home = Home::at(app);
    let db = &home.app.state.db;
    let other = support::school::School::make(db, "eki");
    let foreign = period(db, &other, "2");
    let refused = closings::close(db, writer(&home.school), foreign);
    assert!(matches!(refused, Err(domain::Error::NotFound(_))), "{refused:?}");
    assert!(db.read_here(|conn| closings::find(conn, home.school.id, &foreign.0.to_string())).is_err());
    assert_eq!(number(db, "SELECT count(*) AS number FROM periods WHERE closed_at IS NOT NULL"), 0);
});
