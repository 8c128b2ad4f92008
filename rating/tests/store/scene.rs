//! A diary with frozen results, and a rating beside it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use chrono::{NaiveDateTime, TimeDelta};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use domain::access::{self, Bearer, ChildAccess};
use domain::db::{Conn, Db, Settings};
use domain::types::{ChildId, Language, PeriodId};
use rating::Rating;
use rating::counting::{self, Answer};
use rating::line::ReleaseKey;
use rating::standing::Standing;

use crate::database::{Database, Kind, On, Template};

static DIARY: Template = Template::new(|url| {
    domain::db::migrate(url).unwrap();
});

pub fn noon() -> NaiveDateTime {
    "2026-11-18T07:00:00".parse().unwrap()
}

/// Long enough after every closing of these tests.
pub fn later() -> NaiveDateTime {
    noon() + TimeDelta::days(10)
}

/// One school with two quarters and algebra. Children are numbered by class and place.
pub struct Scene {
    pub db: Db,
    pub rating: Rating,
    /// What is in the journal: percent and number of grades, by child and quarter. Only a closing brings it to the rating.
    journal: RefCell<BTreeMap<(i64, i64), (i64, i64)>>,
    // Last: connections are closed first.
    pub database: Database,
}

impl On for Scene {
    async fn on(kind: Kind) -> Self {
        let database = Database::new(kind, &DIARY);
        let settings = diary(&database);
        rating::migrate(&rating::Settings::default(), &settings).unwrap();
        let db = Db::open(&settings).unwrap();
        execute(
            &db,
            "INSERT INTO schools VALUES (1, 'School', 'Asia/Almaty', '[]', '[]', 0, '2026-09-01 00:00:00');
             INSERT INTO periods (id, school_id, external_id, kind, school_year, names, starts_on, ends_on) VALUES
             (1, 1, '1', 'quarter', 2026, '{}', '2026-09-01', '2026-10-25'), (2, 1, '2', 'quarter', 2026, '{}', '2026-11-02', '2026-12-27');
             INSERT INTO subjects (id, school_id, external_id, names) VALUES (1, 1, 'alg', '{\"en\":\"Algebra\"}');
             INSERT INTO guardians (id, school_id, external_id, first_name, last_name) VALUES (1, 1, 'g1', 'A', 'B');",
        );
        sign_in(&db, (GUARDIAN, "guardian"));
        sign_in(&db, (STUDENT, "student"));
        let rating = open(&database, 1);
        Self { db, rating, journal: RefCell::default(), database }
    }
}

pub fn diary(database: &Database) -> Settings {
    Settings { url: database.url().to_owned(), connections: 2, patience_ms: 5000 }
}

/// A rating of its own, as another process has it.
pub fn open(database: &Database, key: u8) -> Rating {
    let settings = rating::Settings { connections: 1, ..rating::Settings::default() };
    Rating::open(&settings, &diary(database), ReleaseKey::new([key; ReleaseKey::BYTES])).unwrap()
}

pub fn execute(db: &Db, sql: &str) {
    db.write_here(|conn| Ok(conn.batch_execute(sql)?)).unwrap();
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = BigInt)]
    line: i64,
}

/// The accounts of the guardian of every child, and of the first child of class 1; their tokens are the words of their roles.
const GUARDIAN: i64 = 1;
const STUDENT: i64 = 2;

fn sign_in(db: &Db, (account, role): (i64, &str)) {
    let (now, later, hash) = (noon(), noon() + TimeDelta::days(365), domain::secrets::hash(role));
    execute(
        db,
        &format!(
            "INSERT INTO accounts (id, login_key, password_hash, role, first_name, last_name, language, created_at) \
             VALUES ({account}, '{role}', '', '{role}', 'A', 'B', 'kk', '{now}');
             INSERT INTO sessions (account_id, device_name, platform, access_hash, access_expires_at, family_hash, refresh_hash, \
             refresh_expires_at, created_at, last_used_at) \
             VALUES ({account}, '', 'web', '{hash}', '{later}', '{role}', '', '{later}', '{now}', '{now}');"
        ),
    );
}

/// What was released of each unit.
pub fn budget(rating: &Rating) -> Vec<(String, i64)> {
    let query = "SELECT unit, line FROM releases ORDER BY unit";
    let rows: Vec<Row> = rating.own().read_here(|conn| Ok(diesel::sql_query(query).load(conn)?)).unwrap();
    rows.into_iter().map(|row| (row.unit, row.line)).collect()
}

/// Forgets the releases, as a backup has not heard of them.
pub fn forget(rating: &Rating) {
    for table in ["releases", "settled", "rounds"] {
        execute(rating.own(), &format!("DELETE FROM {table}"));
    }
}

/// So many results around 70 percent.
pub fn spread(children: i64) -> Vec<i64> {
    (0..children).map(|place| 50 + 40 * place / children).collect()
}

impl Scene {
    /// A class of level 7 with a result for each child in the first quarter, from three grades.
    pub fn class(&self, class: i64, results: &[i64]) -> Vec<ChildId> {
        let mut sql = format!(
            "INSERT INTO class_groups (id, school_id, external_id, school_year, level, name, match_key, sort_key, shift, language) \
             VALUES ({class}, 1, 'c{class}', 2026, 7, 'c', 'c', 'c', 1, 'kk');"
        );
        let children: Vec<ChildId> = (0..results.len()).map(|place| ChildId(class * 100 + place as i64)).collect();
        for ChildId(child) in &children {
            sql += &format!(
                "INSERT INTO children (id, school_id, first_name, last_name, revision) VALUES ({child}, 1, 'A', 'B', 0);
                 INSERT INTO guardianships (school_id, guardian_id, child_id, account_id, relation, starts_at) \
                 VALUES (1, 1, {child}, {GUARDIAN}, 'mother', '2026-09-01 00:00:00');"
            );
        }
        execute(&self.db, &sql);
        for child in &children {
            self.seat(*child, class, "2026-09-01");
        }
        self.grade(&children, results, 1);
        children
    }

    /// The child sits in this class from this day on.
    pub fn seat(&self, ChildId(child): ChildId, class: i64, from: &str) {
        execute(
            &self.db,
            &format!(
                "INSERT INTO class_members (school_id, external_id, class_group_id, child_id, starts_on) \
                 VALUES (1, '{class}/{child}', {class}, {child}, '{from}')"
            ),
        );
    }

    /// Sets results in whole percent, from three grades each.
    pub fn grade(&self, children: &[ChildId], results: &[i64], quarter: i64) {
        for (child, percent) in children.iter().zip(results) {
            self.journal.borrow_mut().insert((child.0, quarter), (percent * 100, 3));
        }
    }

    /// Leaves the child with fewer grades.
    pub fn ungrade(&self, child: ChildId, grades: i64) {
        self.journal.borrow_mut().entry((child.0, 1)).and_modify(|(_, count)| *count = grades);
    }

    /// Freezes the quarter at a moment, as `domain::closing` does.
    pub fn close_at(&self, quarter: i64, at: NaiveDateTime) {
        let mut sql = format!("UPDATE periods SET closed_at = '{at}' WHERE id = {quarter};");
        for ((child, _), (percent, grades)) in self.journal.borrow().iter().filter(|((_, of), _)| *of == quarter) {
            let detail = format!("{{\"parts\":[{{\"count\":{}}},{{\"count\":1}},{{\"count\":0}}]}}", grades - 1);
            sql += &format!(
                "INSERT INTO results (school_id, child_id, subject_id, period_id, kind, source, status, percent, detail, frozen_at) \
                 VALUES (1, {child}, 1, {quarter}, 'period', 'engine', 'graded', {percent}, '{detail}', '{at}');"
            );
        }
        execute(&self.db, &sql);
    }

    pub fn close(&self, quarter: i64) {
        self.close_at(quarter, noon());
    }

    /// Answers of the guardians of these children at a moment.
    pub fn answer(&self, children: &[ChildId], counted: bool, at: NaiveDateTime) {
        let answer = Answer { language: Language::Kk, counted };
        let rights: Vec<ChildAccess> = children.iter().map(|child| self.right(*child)).collect();
        let work = |conn: &mut Conn| rights.iter().try_for_each(|right| counting::answer(conn, right, answer, at));
        self.rating.own().write_here(work).unwrap();
    }

    /// The guardian's right to read about this child.
    pub fn right(&self, child: ChildId) -> ChildAccess {
        self.right_of("guardian", child)
    }

    fn right_of(&self, role: &str, child: ChildId) -> ChildAccess {
        let bearer = Bearer::new(role, noon());
        self.db.read_here(|conn| access::child(conn, &bearer, child)).unwrap()
    }

    /// What comes of a pupil who wants to be counted.
    pub fn answer_of_pupil(&self, child: ChildId) -> domain::Result<()> {
        execute(&self.db, &format!("UPDATE children SET account_id = {STUDENT} WHERE id = {}", child.0));
        let (right, answer) = (self.right_of("student", child), Answer { language: Language::Kk, counted: true });
        self.rating.own().write_here(|conn| counting::answer(conn, &right, answer, noon()))
    }

    pub async fn standing(&self, child: ChildId, quarter: i64) -> Standing {
        self.rating.standings(&self.right(child), Some(PeriodId(quarter))).await.unwrap().unwrap().1.remove(0)
    }
}
