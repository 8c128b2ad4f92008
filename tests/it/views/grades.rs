//! Grades: pages without gaps, corrections and removals that leave their history, and what is no number.

use chrono::Duration;
use domain::intake;
use domain::types::{GradeKind, GradeStatus};
use serde_json::{Value, json};
use support::app::{App, noon};
use support::both;
use support::school::day;

use super::{Family, each};

impl Family {
    /// Gives the first child thirteen more grades: two subjects, two quarters, several a day.
    fn many_grades(&self) {
        let grade = |number: usize| intake::Grade {
            course: if number.is_multiple_of(3) { "kaz7" } else { "alg7" }.to_owned(),
            lesson: None,
            graded_on: day(["2026-09-14", "2026-10-23", "2026-11-02", "2026-11-16", "2026-11-17"][number % 5]),
            ..self.school.grade(&format!("m{number}"), "p1", &(number % 10 + 1).to_string())
        };
        self.school.put(self.db(), &(0..13).map(grade).collect::<Vec<_>>());
    }

    /// Every grade a filter gives, page by page.
    async fn walk(&self, filter: &str, limit: usize) -> Vec<Value> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = self.see(&format!("grades?limit={limit}{filter}{cursor}")).await.body;
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= limit, "{page}");
            found.extend(items.iter().cloned());
            assert!(found.len() < 100, "the pages never end");
            let Some(next) = page["nextCursor"].as_str() else { return found };
            assert_eq!(items.len(), limit, "only the last page is short: {page}");
            cursor = format!("&cursor={next}");
        }
    }
}

fn places(grades: &[Value]) -> Vec<(&str, i64)> {
    grades.iter().map(|grade| (grade["gradedOn"].as_str().unwrap(), grade["id"].as_i64().unwrap())).collect()
}

both!(pages_walk_every_grade_once_and_newest_first, async |app: App| {
    let family = Family::at(app);
    family.many_grades();
    let all = family.see("grades?limit=100").await.body["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 14);
    let mut sorted = places(&all);
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    sorted.dedup();
    assert_eq!(places(&all), sorted);
    for limit in [1, 2, 3, 7, 13, 14, 100] {
        assert_eq!(family.walk("", limit).await, all, "pages of {limit}");
    }
});

both!(a_filter_holds_on_every_page, async |app: App| {
    let family = Family::at(app);
    family.many_grades();
    let all = family.walk("", 100).await;
    let subjects = family.see("subjects").await.body;
    let periods = family.see("periods").await.body;
    let quarters = [&periods["items"][1], &periods["items"][2]];
    let mut seen = 0;
    for subject in subjects["items"].as_array().unwrap() {
        for quarter in quarters {
            let (from, to) = (quarter["startsOn"].as_str().unwrap(), quarter["endsOn"].as_str().unwrap());
            let within = |grade: &&Value| (from..=to).contains(&grade["gradedOn"].as_str().unwrap());
            let own = |grade: &&Value| grade["subject"] == subject["subject"] && within(grade);
            let expected: Vec<Value> = all.iter().filter(own).cloned().collect();
            let filter = format!("&subjectId={}&periodId={}", subject["subject"]["id"], quarter["id"]);
            assert_eq!(family.walk(&filter, 2).await, expected, "{filter}");
            assert!(!expected.is_empty(), "{filter}");
            seen += expected.len();
        }
    }
    assert_eq!(seen, all.len());
    let days = family.walk("&from=2026-11-02&to=2026-11-16", 2).await;
    assert!(
        !days.is_empty()
            && days.iter().all(|grade| ["2026-11-02", "2026-11-16"].contains(&grade["gradedOn"].as_str().unwrap()))
    );
    // A period and days together: what lies in both.
    let both = family.walk(&format!("&periodId={}&from=2026-11-03", quarters[0]["id"]), 2).await;
    assert_eq!(both, Vec::<Value>::new());
});

both!(a_grade_given_meanwhile_neither_repeats_nor_hides_another, async |app: App| {
    let family = Family::at(app);
    family.many_grades();
    let before = family.walk("", 100).await;
    let page = family.see("grades?limit=5").await.body;
    let newest = intake::Grade { graded_on: day("2026-11-18"), ..family.school.grade("late", "p1", "10") };
    family.school.put(family.db(), &[newest]);
    let rest = family.see(&format!("grades?limit=100&cursor={}", page["nextCursor"].as_str().unwrap())).await.body;
    let walked: Vec<Value> =
        [page["items"].as_array().unwrap().clone(), rest["items"].as_array().unwrap().clone()].concat();
    assert_eq!(walked, before);
});

both!(a_correction_shows_both_states, async |app: App| {
    let family = Family::at(app);
    let first = family.see("grades").await.body["items"][0].clone();
    assert_eq!((&first["value"], &first["revision"], &first["changed"]), (&json!("8"), &json!(1), &json!(false)));
    let corrected = intake::Grade {
        comment: Some("қайта тексерілді".to_owned()),
        ..family.school.grade("e1", "p1", "9")
    };
    family.school.put_at(family.db(), noon() + Duration::hours(1), &[corrected]);

    let now = family.see("grades").await.body["items"][0].clone();
    assert_eq!(now["id"], first["id"]);
    assert_eq!((&now["value"], &now["revision"], &now["changed"]), (&json!("9"), &json!(2), &json!(true)));
    let diary = family.see("diary").await.body;
    assert_eq!(diary["days"][0]["lessons"][0]["grades"], json!([now]));
    let history = family.see(&format!("grades/{}/history", first["id"])).await.body;
    assert_eq!(each(&history, "revision"), [1, 2]);
    assert_eq!(each(&history, "value"), ["8", "9"]);
    assert_eq!(each(&history, "comment"), [&Value::Null, &json!("қайта тексерілді")]);
    assert_eq!(each(&history, "at"), ["2026-11-18T07:00:00Z", "2026-11-18T08:00:00Z"]);
    assert_eq!(each(&history, "by"), ["journal", "journal"]);
});

both!(writing_the_same_grade_again_is_no_revision, async |app: App| {
    let family = Family::at(app);
    let tag = family.tag_of(&family.path("grades")).await;
    family.school.put_at(family.db(), noon() + Duration::hours(1), &[family.school.grade("e1", "p1", "8")]);
    assert_eq!(family.again(&family.path("grades"), &tag).await.status, 304);
});

both!(a_removed_grade_leaves_the_lists_and_stays_in_its_history, async |app: App| {
    let family = Family::at(app);
    let id = family.see("grades").await.body["items"][0]["id"].clone();
    let removed = intake::Grade { removed: true, ..family.school.grade("e1", "p1", "8") };
    family.school.put(family.db(), &[removed]);

    assert_eq!(family.see("grades").await.body["items"], json!([]));
    assert_eq!(family.see("diary").await.body["days"][0]["lessons"][0]["grades"], json!([]));
    let standing = family.see("subjects").await.body["items"][0].clone();
    assert_eq!(
        (&standing["gradesCount"], &standing["average"], &standing["percent"]),
        (&json!(0), &Value::Null, &Value::Null)
    );
    let history = family.see(&format!("grades/{id}/history")).await.body;
    assert_eq!(each(&history, "removed"), [false, true]);
    assert_eq!(each(&history, "value"), ["8", "8"]);

    // Given back, it is the same grade.
    family.school.put(family.db(), &[family.school.grade("e1", "p1", "8")]);
    let back = family.see("grades").await.body["items"][0].clone();
    assert_eq!((&back["id"], &back["revision"]), (&id, &json!(3)));
});

both!(what_is_no_number_is_not_a_zero, async |app: App| {
    let family = Family::at(app);
    let none = |number: &str, status| intake::Grade {
        status,
        value: None,
        points: None,
        ..family.school.grade(number, "p1", "1")
    };
    let words = [
        ("x1", GradeStatus::Exempt, "exempt"),
        ("x2", GradeStatus::NotSubmitted, "not-submitted"),
        ("x3", GradeStatus::NotAssessed, "not-assessed"),
    ];
    family.school.put(family.db(), &words.map(|(number, status, _)| none(number, status)));
    // Some journals write a zero for it all the same.
    let zero =
        intake::Grade { status: GradeStatus::NotSubmitted, points: Some(0), ..family.school.grade("x2", "p1", "0") };
    family.school.put(family.db(), &[zero]);
    let passed =
        intake::Grade { value: Some("зачёт".to_owned()), points: None, ..family.school.grade("x4", "p1", "1") };
    family.school.put(family.db(), &[passed]);

    let grades = family.see("grades").await.body;
    assert_eq!(each(&grades, "status"), ["graded", words[2].2, words[1].2, words[0].2, "graded"]);
    assert_eq!(each(&grades, "value"), [&json!("зачёт"), &Value::Null, &json!("0"), &Value::Null, &json!("8")]);
    assert_eq!(each(&grades, "points"), [&Value::Null, &Value::Null, &json!(0), &Value::Null, &json!(8)]);
    let standing = family.see("subjects").await.body["items"][0].clone();
    assert_eq!(
        (&standing["gradesCount"], &standing["average"], &standing["percent"]),
        (&json!(5), &json!(8), &json!(80))
    );
});

both!(a_section_work_counts_in_the_percent_and_not_in_the_average, async |app: App| {
    let family = Family::at(app);
    let section = intake::Grade {
        kind: GradeKind::Section,
        assessment: Some("w1".to_owned()),
        points: Some(1500),
        max_points: Some(2000),
        ..family.school.grade("s1", "p1", "15")
    };
    family.school.put(family.db(), &[section]);
    let standing = family.see("subjects").await.body["items"][0].clone();
    assert_eq!((&standing["average"], &standing["percent"]), (&json!(8), &json!(77.5)));
    let grades = family.see("grades").await.body;
    assert_eq!(grades["items"][0]["assessment"]["title"], "БЖБ 1");
    assert_eq!((&grades["items"][0]["points"], &grades["items"][0]["maxPoints"]), (&json!(15), &json!(20)));
});
