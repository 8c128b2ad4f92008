//! Migrations: refused if unknown, asked for if missing, applied once however many try.

use std::sync::Barrier;
use std::thread;

use diesel::connection::SimpleConnection;
use domain::Error;
use domain::db::{Db, Settings, migrate};
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};

use super::{execute, open};

both!(a_migration_this_binary_does_not_know_is_refused_with_a_sentence, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    execute(&open(&database, 1), "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231235959')");
    let settings = Settings { url: database.url().to_owned(), ..Settings::default() };
    for refused in [migrate(database.url()).map(drop), Db::open(&settings).map(drop)] {
        let Err(Error::NewerStore(version)) = &refused else { panic!("{refused:?}") };
        assert_eq!(version, "20991231235959");
        let sentence = refused.unwrap_err().to_string();
        assert!(sentence.contains("newer version of apta") && sentence.contains("20991231235959"), "{sentence}");
    }
});

both!(a_database_without_tables_is_refused_until_it_is_migrated, async |kind: Kind| {
    let database = Database::empty(kind);
    let settings = Settings { url: database.url().to_owned(), ..Settings::default() };
    let Err(refused) = Db::open(&settings) else { panic!("opened") };
    assert!(refused.to_string().contains("apta migrate"), "{refused}");
    let applied = migrate(database.url()).unwrap();
    assert!(applied >= 5);
    assert_eq!(migrate(database.url()).unwrap(), 0);
    Db::open(&settings).map(drop).unwrap();
});

both!(a_process_that_starts_waits_for_nobody_who_writes, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let applied = open(&database, 1).write_here(|conn| {
        conn.batch_execute("UPDATE schools SET name = name")?;
        migrate(database.url())
    });
    assert_eq!(applied.unwrap(), 0);
});

both!(several_processes_may_migrate_at_once, async |kind: Kind| {
    for round in 0..8 {
        let database = Database::empty(kind);
        let start = Barrier::new(4);
        let applied: Vec<domain::Result<usize>> = thread::scope(|scope| {
            let migrator = || {
                start.wait();
                migrate(database.url())
            };
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(migrator)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let counts: Vec<usize> =
            applied.into_iter().map(|one| one.unwrap_or_else(|error| panic!("round {round}: {error}"))).collect();
        assert_eq!(counts.iter().filter(|count| **count > 0).count(), 1, "{counts:?}");
        open(&database, 1);
    }
});
