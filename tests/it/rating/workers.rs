//! Many workers, some of them killed, and a backup: one line for each unit, and always the same.

use domain::db::{Db, Settings};
use domain::intake;
use rating::Rating;
use rating::line::ReleaseKey;
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind, On};
use support::process::Process;
use support::school::{School, name};

use super::{Class, Desk, answer, budget, spread};
use crate::assessment::close;

const KEY: &str = "the key of all draws of this test";

/// A school whose first quarter is closed, with two classes that can have a line. Nobody is connected.
pub struct Closed {
    pub database: Database,
    folder: tempfile::TempDir,
}

impl On for Closed {
    async fn on(kind: Kind) -> Self {
        let (database, folder) = (Database::new(kind, &DIARY), tempfile::tempdir().unwrap());
        std::fs::write(folder.path().join("rating.key"), KEY).unwrap();
        let closed = Self { database, folder };
        let (db, rating) = (closed.diary(), closed.rating());
        let school = School::make(&db, "bir");
        let desk = Desk { db: &db, school: &school };
        let classes = ["7b", "7c"].map(|number| desk.class(&Class { number, results: &spread(22) }, "1"));
        let ward = |class: &str, place: usize| intake::Ward {
            student: format!("{class}-{place}"),
            relation: "mother".to_owned(),
        };
        let wards = ["7b", "7c"].iter().flat_map(|class| (0..22).map(move |place| ward(class, place)));
        let everybody = intake::Guardian {
            external_id: "m1".to_owned(),
            name: name("Айгүл", "Сейтова"),
            email: None,
            wards: wards.collect(),
        };
        school.put(&db, &[everybody]);
        let guardian = school.guardian(&db, "m1");
        answer(&rating, &db, &guardian, &classes.concat(), true);
        close(&db, &school, "1");
        closed
    }
}

fn settings(database: &Database) -> Settings {
    Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }
}

impl Closed {
    pub fn diary(&self) -> Db {
        Db::open(&settings(&self.database)).unwrap()
    }

    pub fn rating(&self) -> Rating {
        rating_of(&self.database)
    }

    /// Starts the program on a database of this school.
    pub fn start(&self, database: &Database, arguments: &[&str], more: &[(&str, &str)]) -> Process {
        let key = self.folder.path().join("rating.key").display().to_string();
        let data = self.folder.path().display().to_string();
        let own = [
            ("DATABASE__URL", database.url()),
            ("DATABASE__CONNECTIONS", "1"),
            ("DATABASE__PATIENCE_MS", "60000"),
            ("RATING__CONNECTIONS", "1"),
            ("RATING__KEY_FILE", &key),
            ("DATA", &data),
        ];
        Process::start(arguments, &[&own, more].concat())
    }

    /// What the program prints.
    pub fn told(&self, arguments: &[&str]) -> String {
        let ended = self.start(&self.database, arguments, &[]).ended();
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        ended.stdout
    }
}

fn rating_of(database: &Database) -> Rating {
    let own = rating::Settings { connections: 1, ..rating::Settings::default() };
    rating::migrate(&own, &settings(database)).unwrap();
    Rating::open(&own, &settings(database), ReleaseKey::from_text(KEY).unwrap()).unwrap()
}

both!(
    fifty_workers_some_of_them_killed_make_one_line_for_each_unit_and_so_does_a_restored_backup,
    async |closed: Closed| {
        let backup = closed.database.copy();
        let mut workers: Vec<_> =
            (0..50).map(|_| closed.start(&closed.database, &["rating", "release"], &[])).collect();
        let mut place = 0;
        while let Some(mut worker) = workers.pop() {
            // The first ones fall while nobody has done anything, the last ones among workers at work.
            if place % 3 == 0 {
                worker.kill();
            } else {
                let ended = worker.ended();
                assert_eq!(ended.code(), Some(0), "{ended:?}");
            }
            place += 1;
        }
        let lines = budget(&closed.rating());
        let units: Vec<&str> = lines.iter().map(|(unit, _)| unit.as_str()).collect();
        assert_eq!(units.len(), 2, "{units:?}");
        assert_eq!(closed.told(&["rating", "release"]), "0 lines released.\n");

        assert!(budget(&rating_of(&backup)).is_empty(), "the backup has heard of no line");
        let restored = closed.start(&backup, &["rating", "release"], &[]).ended();
        assert_eq!(restored.stdout, "2 lines released.\n", "{restored:?}");
        assert_eq!(budget(&rating_of(&backup)), lines);
    }
);
