//! `apta alerts`, as an operator runs it, and `apta worker` beside a server.

use domain::alerts::ledger::{self, Driven};
use notifications::channel::Outcome;
use support::app::App;
use support::both;
use support::process::{Ended, Process};

use super::post::{Post, grade};

fn apta(post: &Post, arguments: &[&str]) -> Ended {
    Process::start(arguments, &[("DATABASE__URL", post.app.database.url())]).ended()
}

both!(an_operator_sees_what_is_dead_and_sends_it_again, async |app: App| {
    let post = Post::at(app).await;
    for number in ["e8", "e9"] {
        post.answers(Outcome::Rejected { reason: "payload" });
        post.grade(number, "4");
        post.settle().await;
    }
    let dead = apta(&post, &["alerts", "dead", "--json"]);
    let lines: Vec<serde_json::Value> = dead.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2, "{dead:?}");
    assert_eq!((&lines[0]["channel"], &lines[0]["reason"]), (&"push".into(), &"payload".into()));
    assert!(!dead.stdout.contains("Algebra") && !dead.stdout.contains("Әсел"), "{dead:?}");
    let first = lines[0]["delivery"].to_string();
    // The commands read the machine's clock, which is more than a day ahead of the test's.
    let none = "0 will be sent again; 0 are overtaken by something newer, 1 too old to ring.\n";
    let one = apta(&post, &["alerts", "redrive", &first]);
    assert_eq!((one.code(), one.stdout.as_str()), (Some(0), none));
    let unknown = apta(&post, &["alerts", "redrive", &first]);
    assert!(
        unknown.code() == Some(1) && unknown.stderr.contains("1 of the numbers are of no dead delivery"),
        "{unknown:?}"
    );
    assert_eq!(apta(&post, &["alerts", "redrive", "--all"]).stdout, none);
    assert_eq!(apta(&post, &["alerts", "dead"]).stdout, "");
    assert_eq!((post.count("state = 'expired'"), post.count("state = 'dead-letter'"), post.open()), (2, 0, 0));
});

both!(dead_letters_driven_again_leave_unless_something_newer_was_told, async |app: App| {
    let post = Post::at(app).await;
    for number in ["e7", "e8", "e9"] {
        post.answers(Outcome::Rejected { reason: "payload" });
        post.grade(number, "4");
        post.settle().await;
    }
    post.grade("e8", "5");
    post.settle().await;
    assert_eq!(post.taken().iter().map(|one| grade(one).0).collect::<Vec<_>>(), [Some("5")]);
    let redrive = |now| post.db().write_here(|conn| ledger::redrive(conn, None, now)).unwrap();
    assert_eq!(redrive(post.now()), Driven { again: 2, superseded: 1, expired: 0 });
    post.run().await;
    assert_eq!(post.taken().iter().map(|one| grade(one).0).collect::<Vec<_>>(), [Some("4"), Some("4")]);
    assert_eq!((post.count("state = 'dead-letter'"), post.open()), (0, 0));
});
