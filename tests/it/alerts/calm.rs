//! When alerts ring: not at night, not a hundred times, not late.

use std::time::Duration;

use domain::alerts::facts::{AccountNews, Facts, Span};
use domain::intake;
use domain::types::{AlertKind, AttendanceStatus};
use serde_json::json;
use support::app::App;
use support::both;

use super::post::{Post, grade, local, unavailable};
use super::preferences::choose;

const HOUR: Duration = Duration::from_secs(3600);

impl Post {
    /// Lets time pass until an hour of the school's day, days ahead.
    pub async fn until(&self, days: i64, hour: u32) {
        let today = (self.now() - local(0)).num_days();
        let then = local(hour) + chrono::Duration::days(today + days);
        self.pass((then - self.now()).to_std().unwrap()).await;
    }

    pub fn grades(&self, name: &str, count: usize) {
        let all: Vec<intake::Grade> =
            (0..count).map(|at| self.school.grade(&format!("{name}{at}"), "p1", "5")).collect();
        self.put(&all);
    }
}

both!(a_hundred_grades_in_an_hour_ring_five_times_and_once_for_the_rest, async |app: App| {
    let post = Post::at(app).await;
    for batch in 0..4 {
        post.grades(&format!("h{batch}-"), 25);
        post.run().await;
        post.pass(Duration::from_secs(600)).await;
    }
    let taken = post.taken();
    assert_eq!(taken.len(), 5, "the first few come one by one");
    post.pass(HOUR).await;
    let taken = post.taken();
    assert_eq!(taken.len(), 1, "{taken:?}");
    let Facts::Bundle(bundle) = &taken[0].message.facts else { panic!("{:?}", taken[0].message.facts) };
    assert_eq!((bundle.span, bundle.counts.get(&AlertKind::Grade)), (Span::Hour, Some(&95)));
    assert_eq!(bundle.child.as_deref(), Some("Әсел"));
    assert_eq!(post.open(), 0);
    post.grade("later", "4");
    post.settle().await;
    assert_eq!(post.taken().len(), 1, "an hour later one comes alone again");
});

both!(what_is_rolled_up_counts_a_corrected_grade_once_and_a_removed_one_not, async |app: App| {
    let post = Post::at(app).await;
    post.grades("h", 9);
    post.settle().await;
    assert_eq!(post.taken().len(), 5);
    post.put(&[post.school.grade("h8", "p1", "2")]);
    post.put(&[intake::Grade { removed: true, ..post.school.grade("h7", "p1", "5") }]);
    post.settle().await;
    post.pass(HOUR).await;
    let taken = post.taken();
    let Facts::Bundle(bundle) = &taken[0].message.facts else { panic!("{:?}", taken[0].message.facts) };
    assert_eq!((taken.len(), bundle.counts.get(&AlertKind::Grade)), (1, Some(&3)));
});

both!(an_absence_is_never_rolled_up, async |app: App| {
    let post = Post::at(app).await;
    post.grades("h", 20);
    let absent = intake::Attendance {
        external_id: "n9".to_owned(),
        student: "p1".to_owned(),
        lesson: "l1".to_owned(),
        status: AttendanceStatus::Absent,
        minutes_late: None,
        comment: None,
    };
    post.put(&[absent]);
    post.settle().await;
    let taken = post.taken();
    let kind = |facts: &Facts| matches!(facts, Facts::Thing(thing) if thing.kind == AlertKind::Attendance);
    assert_eq!((taken.len(), taken.iter().filter(|one| kind(&one.message.facts)).count()), (6, 1));
});

both!(night_grades_wait_for_the_morning, async |app: App| {
    let post = Post::at(app).await;
    post.until(0, 23).await;
    post.grade("e9", "4");
    post.settle().await;
    post.pass(HOUR).await;
    assert_eq!(post.taken().len(), 0);
    assert_eq!(post.inbox().1, 1, "the list rings for nobody");
    post.grade("e9", "5");
    post.settle().await;
    post.pass(Duration::from_secs(6 * 3600 + 55 * 60)).await;
    assert_eq!(post.taken().len(), 0, "06:57");
    post.until(0, 7).await;
    let taken = post.taken();
    assert_eq!(taken.iter().map(grade).collect::<Vec<_>>(), [(Some("5"), None)], "corrected in the night, told once");
    choose(&post.app, &post.mother.token, &json!({"quietHours": null})).await;
    assert_eq!(post.open(), 0);
});

both!(a_retry_does_not_ring_at_night_either, async |app: App| {
    let post = Post::at(app).await;
    post.until(0, 21).await;
    post.pass(Duration::from_secs(3500)).await;
    post.answers(unavailable());
    post.grade("e9", "4");
    post.settle().await;
    post.pass(Duration::from_secs(600)).await;
    assert_eq!(post.taken().len(), 0);
    post.until(1, 7).await;
    assert_eq!(post.taken().len(), 1);
});

both!(who_else_may_read_the_diary_is_told_in_the_morning, async |app: App| {
    let post = Post::at(app).await;
    post.until(0, 23).await;
    post.school.guardian(post.db(), "g2");
    post.settle().await;
    assert_eq!(post.taken().len(), 0);
    post.until(1, 7).await;
    let taken = post.taken();
    assert_eq!(
        taken.iter().map(|one| &one.message.facts).collect::<Vec<_>>(),
        [&Facts::Account(AccountNews::GuardianAdded)]
    );
});

both!(a_digest_tells_a_day_in_the_evening, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"digest": "daily"})).await;
    post.until(1, 12).await;
    post.grades("d", 3);
    post.put(&[post.school.grade("other", "p2", "4")]);
    post.settle().await;
    assert_eq!(post.taken().len(), 0);
    post.until(0, 18).await;
    let taken = post.taken();
    assert_eq!(taken.len(), 1);
    let Facts::Bundle(bundle) = &taken[0].message.facts else { panic!("{:?}", taken[0].message.facts) };
    assert_eq!((bundle.span, bundle.counts.get(&AlertKind::Grade), &bundle.child), (Span::Day, Some(&4), &None));
    post.until(1, 18).await;
    assert_eq!((post.taken().len(), post.open()), (0, 0), "a day without news has no digest");
});

both!(the_provider_is_away_for_six_hours_and_all_comes_after_in_order, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"quietHours": null})).await;
    post.always(Some(unavailable()));
    for at in 1..=10 {
        post.grade(&format!("s{at}"), &at.to_string());
        for _ in 0..36 {
            post.pass(Duration::from_secs(60)).await;
        }
    }
    assert_eq!(post.taken().len(), 0);
    assert_eq!(post.open(), 10);
    post.always(None);
    for _ in 0..30 {
        post.pass(Duration::from_secs(60)).await;
    }
    let taken = post.taken();
    let values: Vec<String> = taken.iter().map(|one| grade(one).0.unwrap().to_owned()).collect();
    let all: Vec<String> = (1..=10).map(|at| at.to_string()).collect();
    assert_eq!(values, all);
    assert_eq!(post.open(), 0);
    let soonest = number_of_early_retries(&post);
    assert_eq!(soonest, 0, "no retry within ten seconds");
});

/// How many attempts began within ten seconds of the end of the one before.
fn number_of_early_retries(post: &Post) -> i64 {
    let gap = match post.app.database.kind() {
        support::database::Kind::Sqlite => "(julianday(b.started_at) - julianday(a.ended_at)) * 86400 < 9.9",
        support::database::Kind::Postgres => "b.started_at < a.ended_at + interval '10 seconds'",
    };
    let pairs = "alert_attempts a JOIN alert_attempts b ON a.delivery_id = b.delivery_id AND b.number = a.number + 1";
    crate::storage::number(post.db(), &format!("SELECT count(*) AS number FROM {pairs} WHERE {gap}"))
}

both!(nothing_older_than_a_day_rings, async |app: App| {
    let post = Post::at(app).await;
    choose(&post.app, &post.mother.token, &json!({"quietHours": null})).await;
    post.always(Some(unavailable()));
    post.grade("e9", "4");
    post.settle().await;
    for _ in 0..25 {
        post.pass(HOUR).await;
    }
    post.always(None);
    post.grade("e8", "5");
    post.settle().await;
    let told: Vec<_> = post.taken().iter().map(|one| grade(one).0.map(str::to_owned)).collect();
    assert_eq!(told, [Some("5".to_owned())]);
    assert_eq!((post.count("state = 'expired'"), post.open()), (1, 0));
    assert_eq!(post.inbox().0.len(), 2, "the list keeps it");
});
