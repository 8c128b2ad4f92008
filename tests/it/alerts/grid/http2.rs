//! Messages as Google takes them: over TLS and HTTP/2, many at once over one connection, which may break under them.

use support::database::{Kind, run};
use support::fcm::{Bad, Fault};

use super::scene::Scene;
use super::strike::Kill;
use super::{Cell, GRADES, play_all};

/// The stand-in answers nobody who does not choose HTTP/2.
#[test]
fn many_messages_go_over_one_connection_of_http2() {
    run(async {
        let cell = Cell::new("HTTP/2", Kill::Never).over_http2();
        let mut scene = Scene::new(Kind::Sqlite, &cell).await;
        scene.grade(0..1, "4");
        scene.until_done().await;
        let begun = scene.google.connections();
        scene.grade(1..GRADES, "4");
        scene.until_done().await;
        assert_eq!((scene.google.calls().len(), scene.google.connections()), (GRADES * 3, begun));
        assert!(begun <= 3, "{begun} connections for the first three messages");
        scene.stop();
    });
}

/// Whole connections end with everything on them, and single answers break off.
fn broken() -> Vec<(f64, Fault)> {
    let delivered = |reply| Fault::bad(reply).delivered();
    vec![
        (0.06, delivered(Bad::Reset)),
        (0.06, Fault::bad(Bad::Reset)),
        (0.06, delivered(Bad::GoAway)),
        (0.06, Fault::bad(Bad::GoAway)),
        (0.06, delivered(Bad::Half)),
        (0.06, delivered(Bad::Junk)),
    ]
}

mod faults {
    use super::*;

    fn grid() -> Vec<Cell> {
        let two = &["", ""];
        vec![
            Cell::new("HTTP/2, all well", Kill::Never).over_http2().workers(two),
            Cell::new("HTTP/2, connections end", Kill::Never).over_http2().faults(broken()).workers(two),
            Cell::new("HTTP/2, killed mid-batch", Kill::After(9)).over_http2().faults(broken()),
        ]
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn sqlite() {
        play_all(Kind::Sqlite, grid());
    }

    #[test]
    #[ignore = "minutes: ./test --faults"]
    fn postgres() {
        play_all(Kind::Postgres, grid());
    }
}
