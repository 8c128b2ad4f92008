//! What is told, once, with its last value; and what is not told.

use std::time::Duration;

use domain::alerts::facts::{Facts, Step};
use domain::intake;
use domain::types::AttendanceStatus;
use domain::types::Privacy;
use serde_json::json;
use support::app::{App, noon};
use support::both;

use super::post::{Post, grade, visible};
use super::preferences::choose;

const MINUTE: Duration = Duration::from_secs(60);

fn step(facts: &Facts) -> Step {
    let Facts::Thing(thing) = facts else { panic!("{facts:?}") };
    thing.step
}

both!(a_grade_is_told_behind_its_settle_window_and_once, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e9", "4");
    post.run().await;
    post.pass(Duration::from_secs(59)).await;
    assert_eq!(post.taken().len(), 0, "a teacher may still mend it");
    post.pass(Duration::from_secs(1)).await;
    let taken = post.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!(grade(&taken[0]), (Some("4"), None));
    assert_eq!(taken[0].message.ttl, Duration::from_secs(86_400));
    for _ in 0..5 {
        post.pass(MINUTE).await;
    }
    assert_eq!(post.taken().len(), 0);
    assert_eq!(post.open(), 0);
});

both!(a_grade_corrected_within_the_window_is_told_once_with_its_last_value, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e9", "4");
    post.pass(Duration::from_secs(30)).await;
    post.grade("e9", "3");
    post.pass(Duration::from_secs(30)).await;
    post.grade("e9", "5");
    assert_eq!(post.taken().len(), 0, "each correction has a window of its own");
    post.settle().await;
    let taken = post.taken();
    assert_eq!(taken.len(), 1);
    assert_eq!((grade(&taken[0]), step(&taken[0].message.facts)), ((Some("5"), None), Step::Created));
    assert_eq!(post.count("state = 'superseded'"), 2, "what was planned and did not leave");
    assert_eq!(post.open(), 0);
});

both!(a_grade_taken_back_within_the_window_is_never_told, async |app: App| {
    let post = Post::at(app).await;
    let gone = intake::Grade { removed: true, ..post.school.grade("e9", "p1", "4") };
    post.grade("e9", "4");
    post.pass(Duration::from_secs(30)).await;
    post.put(std::slice::from_ref(&gone));
    post.settle().await;
    assert_eq!(post.taken().len(), 0);
    assert_eq!(post.count("reason = 'cancelled'"), 1);
    post.grade("e8", "4");
    post.put(&[intake::Grade { external_id: "e8".to_owned(), ..gone }]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (0, 0), "nor if it was gone before it was planned");
});

both!(a_grade_corrected_later_says_what_it_was_and_replaces_the_first, async |app: App| {
    let post = Post::at(app).await;
    post.grade("e9", "4");
    post.settle().await;
    post.grade("e9", "5");
    post.settle().await;
    let taken = post.taken();
    let told: Vec<_> = taken.iter().map(grade).collect();
    assert_eq!(told, [(Some("4"), None), (Some("5"), Some("4"))]);
    assert_eq!(step(&taken[1].message.facts), Step::Changed);
    assert_eq!(visible(&taken).len(), 1, "the phone shows the last of them");
    assert_ne!(taken[0].message.alert, taken[1].message.alert);
    post.grade("e8", "4");
    post.settle().await;
    assert_ne!(post.taken()[0].message.collapse, taken[0].message.collapse, "another grade is another thing");
});

both!(an_import_alarms_nobody, async |app: App| {
    let post = Post::at(app).await;
    let writer = intake::Writer { baseline: true, ..post.school.writer(post.now()) };
    let year: Vec<intake::Grade> = (0..150).map(|at| post.school.grade(&format!("y{at}"), "p1", "4")).collect();
    intake::put(post.db(), writer, &year[..50]).unwrap();
    intake::put(post.db(), writer, &year).unwrap();
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (0, 0));
    assert_eq!(post.count("id > 0"), 0, "not even in the plan");
});

both!(a_push_says_nothing_personal_unless_its_reader_chose_so, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"privacy": "generic"})).await;
    post.grade("e9", "4");
    post.settle().await;
    let taken = post.taken();
    assert_eq!((&taken[0].message.facts, taken[0].message.privacy), (&Facts::Something, Privacy::Generic));
    choose(&post.app, &post.mother.token, &json!({"privacy": "subject"})).await;
    post.grade("e9", "5");
    post.settle().await;
    let taken = post.taken();
    let Facts::Thing(thing) = &taken[0].message.facts else { panic!("{:?}", taken[0].message.facts) };
    assert_eq!((thing.subject.as_deref(), &thing.child, &thing.detail), (Some("Algebra"), &None, &None));
    // A choice made while it waits counts.
    post.grade("e9", "3");
    post.run().await;
    choose(&post.app, &post.mother.token, &json!({"privacy": "generic"})).await;
    post.settle().await;
    assert_eq!(post.taken()[0].message.facts, Facts::Something);
});

both!(what_is_no_news_is_not_told, async |app: App| {
    let post = Post::at(app).await;
    let grade =
        |comment: &str| intake::Grade { comment: Some(comment.to_owned()), ..post.school.grade("e1", "p1", "8") };
    post.put(&[grade("жақсы")]);
    let homework = format!("/v1/children/{}/homework", post.school.children[0].0);
    let id = post.app.get(&homework, &post.mother.token).await.body["items"][0]["id"].clone();
    let tick = format!("{homework}/{id}/done");
    let done = post.app.send(reqwest::Method::PUT, &tick, &post.mother.token, &json!({"done": true})).await;
    assert_eq!(done.status, 200, "{}", done.body);
    post.settle().await;
    assert_eq!((post.taken().len(), post.open()), (0, 0));
    assert!(post.now() > noon());
});

both!(an_absence_mended_before_it_was_told_is_told_to_nobody, async |app: App| {
    let post = Post::at(app).await;
    let noted = |status| intake::Attendance {
        external_id: "n9".to_owned(),
        student: "p1".to_owned(),
        lesson: "l1".to_owned(),
        status,
        minutes_late: None,
        comment: None,
    };
    post.put(&[noted(AttendanceStatus::Absent)]);
    post.run().await;
    post.put(&[noted(AttendanceStatus::Present)]);
    post.settle().await;
    assert_eq!((post.taken().len(), post.open(), post.inbox().0.len()), (0, 0, 0));
    post.put(&[noted(AttendanceStatus::Absent)]);
    post.settle().await;
    post.put(&[noted(AttendanceStatus::Present)]);
    post.settle().await;
    assert_eq!(post.taken().len(), 2, "whoever was told of an absence is told that it was none");
});

both!(thresholds_and_switches_silence_phones_and_not_the_list, async |app: App| {
    let post = Post::at(app).await;
    let first = post.school.children[0].0;
    let only = |choice| json!({"children": [{"childId": first, "kinds": {"grade": choice}}]});
    choose(&post.app, &post.mother.token, &only(json!({"only": "below", "than": 4}))).await;
    post.grade("e7", "3");
    post.grade("e8", "5");
    post.settle().await;
    let taken = post.taken();
    assert_eq!(taken.iter().map(grade).collect::<Vec<_>>(), [(Some("3"), None)]);
    assert_eq!(post.count("reason = 'threshold'"), 1);
    // Whoever was told of a 3 is told that it is none.
    post.grade("e7", "5");
    post.settle().await;
    assert_eq!(post.taken().iter().map(grade).collect::<Vec<_>>(), [(Some("5"), Some("3"))]);
    choose(&post.app, &post.mother.token, &only(json!({"push": false}))).await;
    post.grade("e6", "2");
    post.settle().await;
    assert_eq!((post.taken().len(), post.count("reason = 'switched-off'"), post.open()), (0, 1, 0));
});
