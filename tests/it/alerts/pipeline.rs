//! How the worker divides its work, so that nothing large holds up the rest.

use domain::alerts::claim::{self, Room, To};
use domain::db::Conn;
use support::app::App;
use support::both;
use support::database::Kind;

use super::bulletin::piece;
use super::devices::{TABLET, register};
use super::post::{Post, homework};
use crate::storage::{execute, number};

both!(letters_leave_room_for_pushes, async |app: App| {
    let post = Post::at(app).await;
    let father = post.father().await;
    register(&post.app, &father, TABLET, "fathers-tablet").await;
    post.crowd(4);
    execute(post.db(), "UPDATE accounts SET email = login_key || '@example.kz' WHERE login_key LIKE 'many-%'");
    post.grade("e8", "4");
    post.put(&[post.school.grade("e9", "p2", "4")]);
    while post.worker.plan().await.unwrap() > 0 {}
    post.app.state.clock.advance(chrono::Duration::seconds(60));
    // Due are the mother's push, four letters, and behind them two pushes more.
    let claim = |letters| {
        let room = Room { all: 3, letters };
        let claim = |conn: &mut Conn| claim::claim(conn, post.now(), chrono::Duration::seconds(60), room);
        let taken = post.db().write_here(claim).unwrap().taken;
        let letters = taken.iter().filter(|one| matches!(one.to, To::Mailbox { .. })).count();
        (taken.len() - letters, letters)
    };
    assert_eq!(claim(1), (1, 1));
    assert_eq!(claim(0), (2, 0), "pushes leave past the letters");
    assert_eq!(claim(10), (0, 3));
});

both!(events_are_planned_in_parts_that_hold_up_nobody, async |app: App| {
    let post = Post::at(app).await;
    let homework: Vec<_> = (0..300).map(|at| homework(&format!("w{at}"))).collect();
    post.put(&homework);
    let fresh = || number(post.db(), "SELECT count(*) AS number FROM events WHERE NOT planned");
    assert_eq!(fresh(), 300);
    assert_eq!(post.worker.plan().await.unwrap(), 251, "each is about two children");
    while post.worker.plan().await.unwrap() > 0 {}
    assert_eq!((fresh(), number(post.db(), "SELECT count(*) AS number FROM alerts WHERE kind = 'homework'")), (0, 600));
});

both!(a_step_of_the_plan_that_fails_holds_up_no_other, async |app: App| {
    let post = Post::at(app).await;
    let no_news = match post.app.database.kind() {
        Kind::Sqlite => {
            "CREATE TRIGGER no_news BEFORE INSERT ON alerts WHEN NEW.about = 'news' BEGIN SELECT RAISE(ABORT, 'no'); END"
        }
        Kind::Postgres => "ALTER TABLE alerts ADD CONSTRAINT no_news CHECK (about IS DISTINCT FROM 'news')",
    };
    execute(post.db(), no_news);
    post.put(&[piece("n1", "Olympiad", None, None)]);
    post.app.state.clock.advance(chrono::Duration::seconds(61));
    post.grade("e9", "4");
    assert!(post.worker.plan().await.is_err());
    post.app.state.clock.advance(chrono::Duration::seconds(60));
    assert_eq!(post.worker.claim(10).await.unwrap().taken.len(), 1, "the grade is told");
});
