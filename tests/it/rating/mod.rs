//! The student rating: what is released, to whom it stands, and what it must never hang on.

mod app_store;
mod doors;
mod google;
mod house;
mod operator;
pub mod problems;
mod wall;
mod workers;

use chrono::{NaiveDateTime, TimeDelta};
use domain::access::{self, Bearer, ChildAccess};
use domain::db::{Conn, Db};
use domain::intake::{self, Outcome};
use domain::types::{ChildId, GradeKind, Language};
use rating::Rating;
use rating::counting::{self, Answer};
use support::app::noon;
use support::school::{School, SignedIn, day, name};

/// Pupils of a class; `results` in whole percent, one for each pupil.
pub struct Class<'a> {
    pub number: &'a str,
    pub results: &'a [i64],
}

/// Long enough after every closing of these tests.
pub fn later() -> NaiveDateTime {
    noon() + TimeDelta::days(10)
}

/// Who writes classes: a school and its database.
#[derive(Clone, Copy)]
pub struct Desk<'a> {
    pub db: &'a Db,
    pub school: &'a School,
}

impl Desk<'_> {
    /// Writes a class of level 7 with its course in algebra, and a result for each pupil in a quarter.
    pub fn class(self, class: &Class, quarter: &str) -> Vec<ChildId> {
        let numbers: Vec<String> = (0..class.results.len()).map(|place| format!("{}-{place}", class.number)).collect();
        let pupil = |number: &String| intake::Student {
            external_id: number.clone(),
            name: name("Аян", "Сейтов"),
            birth_date: None,
            sex: None,
            starts_on: day("2026-09-01"),
        };
        let born = self.school.put(self.db, &numbers.iter().map(pupil).collect::<Vec<_>>());
        self.seat(class.number, &numbers);
        self.grade(class, quarter);
        let id = |outcome: &Outcome| match outcome {
            Outcome::Created(id) => ChildId(*id),
            other => panic!("{other:?}"),
        };
        born.iter().map(id).collect()
    }

    fn seat(self, class: &str, numbers: &[String]) {
        let group = intake::ClassGroup {
            external_id: class.to_owned(),
            school_year: 2026,
            level: Some(7),
            name: class.to_owned(),
            shift: 1,
            language: Language::Kk,
            homeroom_teacher: None,
        };
        let course = intake::Course {
            external_id: format!("alg-{class}"),
            school_year: 2026,
            subject: "alg".to_owned(),
            class_group: Some(class.to_owned()),
            teacher: None,
            name: class.to_owned(),
            subgroup: None,
        };
        self.school.put(self.db, &[group]);
        self.school.put(self.db, &[course]);
        let in_class = |number: &String| intake::ClassMember {
            external_id: format!("{class}/{number}"),
            class_group: class.to_owned(),
            student: number.clone(),
            starts_on: day("2026-09-01"),
            ends_on: None,
        };
        let in_course = |number: &String| intake::CourseMember {
            external_id: format!("alg-{class}/{number}"),
            course: format!("alg-{class}"),
            student: number.clone(),
            starts_on: day("2026-09-01"),
            ends_on: None,
        };
        self.school.put(self.db, &numbers.iter().map(in_class).collect::<Vec<_>>());
        self.school.put(self.db, &numbers.iter().map(in_course).collect::<Vec<_>>());
    }

    /// Three works that come to the wanted percent.
    pub fn grade(self, class: &Class, quarter: &str) {
        let kinds = [GradeKind::Formative, GradeKind::Section, GradeKind::Term];
        let graded_on = day(if quarter == "1" { "2026-10-05" } else { "2026-11-17" });
        let works = class.results.iter().enumerate().flat_map(|(place, percent)| {
            kinds.map(|kind| intake::Grade {
                course: format!("alg-{}", class.number),
                lesson: None,
                kind,
                points: Some(percent * 100),
                max_points: Some(10_000),
                graded_on,
                ..self.school.grade(
                    &format!("{}-{place}-{quarter}-{kind:?}", class.number),
                    &format!("{}-{place}", class.number),
                    &percent.to_string(),
                )
            })
        });
        self.school.put(self.db, &works.collect::<Vec<_>>());
    }
}

/// A guardian of these children says for each of them whether it is counted.
pub fn answer(rating: &Rating, db: &Db, guardian: &SignedIn, children: &[ChildId], counted: bool) {
    let (bearer, answer) = (Bearer::new(&guardian.token, noon()), Answer { language: Language::Kk, counted });
    let right = |child: &ChildId| db.read_here(|conn| access::child(conn, &bearer, *child)).unwrap();
    let rights: Vec<ChildAccess> = children.iter().map(right).collect();
    let work = |conn: &mut Conn| rights.iter().try_for_each(|right| counting::answer(conn, right, answer, noon()));
    rating.own().write_here(work).unwrap();
}

/// What was released of each unit, as it stands in the budget.
pub fn budget(rating: &Rating) -> Vec<(String, i64)> {
    use diesel::prelude::*;
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        unit: String,
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        line: i64,
    }
    let rows: Vec<Row> = rating
        .own()
        .read_here(|conn| Ok(diesel::sql_query("SELECT unit, line FROM releases ORDER BY unit").load(conn)?))
        .unwrap();
    rows.into_iter().map(|row| (row.unit, row.line)).collect()
}

/// So many results around 70 percent.
pub fn spread(children: i64) -> Vec<i64> {
    (0..children).map(|place| 50 + 40 * place / children).collect()
}
