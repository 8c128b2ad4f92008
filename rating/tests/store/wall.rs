//! The wall between the rating and the diary.

use diesel::prelude::*;

use crate::both;
use crate::database::Kind;
use crate::scene::{Scene, diary};

both!(the_rating_can_read_two_views_of_the_diary_and_nothing_else, async |scene: Scene| {
    let own = scene.rating.own();
    let reads = |sql: &str| own.read_here(|conn| Ok(diesel::sql_query(sql).execute(conn)?)).is_ok();
    for table in ["children", "grades", "results", "accounts", "periods"] {
        assert!(!reads(&format!("SELECT * FROM {table}")), "{table}");
    }
    let writes = |sql: &str| own.write_here(|conn| Ok(diesel::sql_query(sql).execute(conn)?)).is_ok();
    assert!(!writes("DELETE FROM standings"));
    if scene.database.kind() == Kind::Postgres {
        assert!(reads("SELECT * FROM public.standings") && reads("SELECT * FROM public.closings"));
    }
});

both!(migrating_again_and_by_many_does_nothing, async |scene: Scene| {
    let settings = diary(&scene.database);
    let again = || rating::migrate(&rating::Settings::default(), &settings).unwrap();
    let done: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(again)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(done, 0);
});
