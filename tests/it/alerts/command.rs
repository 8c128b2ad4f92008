//! `apta alerts`, as an operator runs it, and `apta worker` beside a server.

use notifications::channel::Outcome;
use support::app::App;
use support::both;
use support::process::{Ended, Process};

use super::post::Post;

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
    let one = apta(&post, &["alerts", "redrive", &first]);
    assert_eq!((one.code(), one.stdout.as_str()), (Some(0), "1 will be sent again.\n"));
    let unknown = apta(&post, &["alerts", "redrive", &first]);
    assert!(
        unknown.code() == Some(1) && unknown.stderr.contains("1 of the numbers are of no dead delivery"),
        "{unknown:?}"
    );
    assert_eq!(apta(&post, &["alerts", "redrive", "--all"]).stdout, "1 will be sent again.\n");
    assert_eq!(apta(&post, &["alerts", "dead"]).stdout, "");
    // The commands read the machine's clock, which is ahead of the test's.
    post.pass(std::time::Duration::from_secs(400 * 86_400)).await;
    assert_eq!((post.count("state = 'dead-letter'"), post.open()), (0, 0));
});
