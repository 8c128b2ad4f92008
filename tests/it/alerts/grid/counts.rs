//! What a worker tells an operator of its work.

use support::database::{Kind, run};
use support::fcm::Fault;

use super::scene::Scene;
use super::strike::Kill;
use super::{Cell, GRADES, MARKS};
use crate::storage::number;

/// What the first worker tells of itself, as Prometheus reads it: the number behind a line that begins so.
async fn told(metrics: &str, begin: &str) -> Option<f64> {
    let text = reqwest::get(metrics).await.unwrap().text().await.unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(begin).map(str::to_owned))?;
    Some(line.trim().parse().unwrap())
}

/// What the worker counted is what the books say; an operator reads nothing of anybody.
async fn count(kind: Kind) {
    let mut scene = Scene::new(kind, &Cell::new("counts", Kill::Never)).await;
    scene.processes.iter().for_each(|process| process.signal("STOP"));
    scene.grade(0..GRADES, "4");
    scene.processes.iter().for_each(|process| process.signal("CONT"));
    scene.until_done().await;
    scene.google.script(|script| script.next(vec![Some(Fault::unavailable()); 4]));
    scene.grade(0..1, "5");
    scene.google.until_calls(GRADES * 3 + 3).await;
    scene.grade(0..1, "3");
    scene.until_done().await;
    let line = scene.processes[0].await_line("telling metrics");
    let metrics = format!("http://{}/metrics", line["address"].as_str().unwrap());
    for state in ["accepted", "superseded"] {
        let books =
            number(&scene.db, &format!("SELECT count(*) AS number FROM alert_deliveries WHERE state = '{state}'"));
        let begin = format!("apta_alert_deliveries_total{{channel=\"push\",state=\"{state}\"}}");
        assert!(books > 0, "{state}");
        #[allow(clippy::cast_precision_loss, reason = "few")]
        let books = books as f64;
        assert_eq!(told(&metrics, &begin).await, Some(books), "{state}");
    }
    assert_eq!(told(&metrics, "apta_alert_outbox_age_seconds").await, Some(0.0));
    assert_eq!(told(&metrics, "apta_alert_pending{channel=\"push\"}").await, Some(0.0));
    assert!(told(&metrics, "apta_alert_provider_seconds_count{lane=\"android\"}").await.unwrap() >= 36.0);
    let all = reqwest::get(&metrics).await.unwrap().text().await.unwrap();
    assert!(!MARKS.iter().any(|mark| all.contains(mark)), "{all}");
    scene.stop();
}

#[test]
fn a_worker_counts_what_the_books_say_sqlite() {
    run(count(Kind::Sqlite));
}

#[test]
fn a_worker_counts_what_the_books_say_postgres() {
    run(count(Kind::Postgres));
}
