//! Staff, pupils with their enrolments, guardians and guardianships, those that ended included.

use std::collections::{HashMap, HashSet};

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::files::{PAGE, insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Page, Ref, Row, Table, Target, Written};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{children, enrolments, guardians, guardianships, staff};
use crate::types::{ChildId, SchoolId, Sex};

row! {
    /// A member of staff.
    Staff of staff in school_id {
        external_id "externalId": Cell,
        first_name "firstName": Cell,
        last_name "lastName": Cell,
        middle_name "middleName": Option<Cell>,
    }
}

row! {
    /// An enrolment after the first, of a pupil who left and came back.
    Enrolment of enrolments in school_id {
        external_id "externalId": Cell,
        child_id "studentExternalId": Ref => Students,
        starts_on "startsOn": NaiveDate,
        ends_on "endsOn": Option<NaiveDate>,
    }
}

row! {
    /// A guardian as the school knows her.
    Guardian of guardians in school_id {
        external_id "externalId": Cell,
        first_name "firstName": Cell,
        last_name "lastName": Cell,
        middle_name "middleName": Option<Cell>,
        email "email": Option<Cell>,
    }
}

row! {
    /// That a guardian stands or stood for a pupil.
    Guardianship of guardianships in school_id {
        guardian_id "guardianExternalId": Ref => Guardians,
        child_id "studentExternalId": Ref => Students,
        relation "relation": Cell,
        starts_at "startsAt": NaiveDateTime,
        ended_at "endedAt": Option<NaiveDateTime>,
    }
}

kept_by_id!(Staff of staff, "staff.csv" as Staff);
kept_by_id!(Guardian of guardians, "guardians.csv" as Guardians);

/// A child with its first enrolment at the school, whose number stands for the child everywhere in the archive.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, Queryable)]
#[serde(rename_all = "camelCase")]
pub struct Student {
    external_id: Cell,
    first_name: Cell,
    last_name: Cell,
    middle_name: Option<Cell>,
    birth_date: Option<NaiveDate>,
    sex: Option<Sex>,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
}

/// The first enrolment of each child at the school: its number in the database and the school's own. "First" is the one that
/// was written first; the smallest text would depend on the database's collation.
pub(super) fn firsts(conn: &mut Conn, school: SchoolId, of: &[i64]) -> Result<HashMap<i64, (i64, Cell)>> {
    let query = enrolments::table.filter(enrolments::child_id.eq_any(of)).select((
        enrolments::id,
        enrolments::school_id,
        enrolments::child_id,
        enrolments::external_id,
    ));
    let mut firsts: HashMap<i64, (i64, Cell)> = HashMap::new();
    // The school is compared here: an index on it would be the wrong one.
    for (id, at, child, number) in on_backend!(conn => query.load::<(i64, SchoolId, i64, Cell)>(conn))? {
        if at == school && firsts.get(&child).is_none_or(|(first, _)| id < *first) {
            firsts.insert(child, (id, number));
        }
    }
    Ok(firsts)
}

/// Numbers of enrolments with their children, and after which number the next come.
type Enrolled = (Vec<(i64, i64)>, Option<i64>);

/// Enrolments after the number `after`, and after which number the next come.
fn enrolled(conn: &mut Conn, school: SchoolId, after: i64, most: i64) -> Result<Enrolled> {
    let found: Vec<(i64, i64)> = enrolments::table
        .filter((enrolments::school_id + 0).eq(school))
        .filter(enrolments::id.gt(after))
        .order(enrolments::id)
        .limit(most)
        .select((enrolments::id, enrolments::child_id))
        .load(conn)?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) == most;
    let next = found.last().map(|(id, _)| *id).filter(|_| full);
    Ok((found, next))
}

/// Parts the next enrolments into first ones and later ones; both lists hold the numbers of enrolments with their children.
type Parted = (Vec<(i64, i64)>, Vec<(i64, i64)>, Option<i64>);

fn parted(conn: &mut Conn, school: SchoolId, after: i64, most: i64) -> Result<Parted> {
    let (found, next) = enrolled(conn, school, after, most)?;
    let of: Vec<i64> = found.iter().map(|(_, child)| *child).collect();
    let firsts = firsts(conn, school, &of)?;
    let (first, later) =
        found.into_iter().partition(|(id, child)| firsts.get(child).is_some_and(|(first, _)| first == id));
    Ok((first, later, next))
}

/// Children in the order of `students.csv`, and after which number the next ones come.
pub(super) fn pupils(conn: &mut Conn, school: SchoolId, after: i64, most: i64) -> Result<(Vec<ChildId>, Option<i64>)> {
    let (first, _, next) = parted(conn, school, after, most)?;
    Ok((first.into_iter().map(|(_, child)| ChildId(child)).collect(), next))
}

impl Row for Student {
    const FILE: &'static str = "students.csv";
    const COLUMNS: &'static [&'static str] =
        &["externalId", "firstName", "lastName", "middleName", "birthDate", "sex", "startsOn", "endsOn"];
    const TABLE: Option<Table> = Some(Table::Students);
    // Two statements each.
    const AT_ONCE: usize = 250;

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["id", self.external_id.as_str()]);
    }

    fn refs(&mut self, _: &mut dyn FnMut(&'static str, Table, &mut Ref)) {}

    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        let (first, _, next) = parted(conn, school, after, PAGE)?;
        let ids: Vec<i64> = first.into_iter().map(|(id, _)| id).collect();
        let query = enrolments::table
            .inner_join(children::table)
            .filter(enrolments::id.eq_any(ids))
            .order(enrolments::id)
            .select((
                enrolments::external_id,
                children::first_name,
                children::last_name,
                children::middle_name,
                children::birth_date,
                children::sex,
                enrolments::starts_on,
                enrolments::ends_on,
            ));
        Ok(Page { rows: on_backend!(conn => query.load(conn))?, next })
    }

    fn write(conn: &mut Conn, target: Target, rows: Vec<Self>) -> Result<Written> {
        let there = numbers(conn, target.school, rows.iter().map(|row| row.external_id.as_str()))?;
        let mut created = 0;
        for row in rows {
            if !there.contains(row.external_id.as_str()) {
                row.born(conn, target)?;
                created += 1;
            }
        }
        Ok(Written { created, taken: Vec::new() })
    }
}

impl Student {
    fn born(self, conn: &mut Conn, target: Target) -> Result<()> {
        let insert = diesel::insert_into(children::table)
            .values((
                children::school_id.eq(target.school),
                children::first_name.eq(self.first_name),
                children::last_name.eq(self.last_name),
                children::middle_name.eq(self.middle_name),
                children::birth_date.eq(self.birth_date),
                children::sex.eq(self.sex),
                children::revision.eq(target.revision),
            ))
            .returning(children::id);
        let child: ChildId = on_backend!(conn => insert.get_result(conn))?;
        diesel::insert_into(enrolments::table)
            .values((
                enrolments::school_id.eq(target.school),
                enrolments::external_id.eq(self.external_id),
                enrolments::child_id.eq(child),
                enrolments::starts_on.eq(self.starts_on),
                enrolments::ends_on.eq(self.ends_on),
            ))
            .execute(conn)?;
        Ok(())
    }
}

/// Which of these numbers pupils of the school have.
fn numbers<'a>(conn: &mut Conn, school: SchoolId, of: impl Iterator<Item = &'a str>) -> Result<HashSet<String>> {
    let of: Vec<&str> = of.collect();
    let query = enrolments::table
        .filter(enrolments::school_id.eq(school).and(enrolments::external_id.eq_any(of)))
        .select(enrolments::external_id);
    Ok(on_backend!(conn => query.load::<String>(conn))?.into_iter().collect())
}

impl Row for Enrolment {
    shape!("enrolments.csv", None);
    const GOES_ON: Option<Table> = Some(Table::Students);

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["id", self.external_id.as_str()]);
    }

    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        let (_, later, next) = parted(conn, school, after, PAGE)?;
        let ids: Vec<i64> = later.into_iter().map(|(id, _)| id).collect();
        let rows = on_backend!(conn => enrolments::table
            .filter(enrolments::id.eq_any(ids))
            .order(enrolments::id)
            .select(Self::as_select())
            .load(conn))?;
        Ok(Page { rows, next })
    }

    fn write(conn: &mut Conn, target: Target, mut rows: Vec<Self>) -> Result<Written> {
        for row in &mut rows {
            row.school_id = target.school;
        }
        insert_new!(conn, enrolments, rows)
    }
}

/// Guardian, child, and from when to when the one stood for the other.
type Times = (i64, i64, NaiveDateTime, Option<NaiveDateTime>);

impl Row for Guardianship {
    shape!("guardianships.csv", None);

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        let (guardian, student) = (self.guardian_id.key.as_str(), self.child_id.key.as_str());
        let ended = self.ended_at.map(|at| at.to_string()).unwrap_or_default();
        take(&["times", guardian, student, &self.starts_at.to_string(), &ended]);
        if self.ended_at.is_none() {
            take(&["in force", guardian, student]);
        }
    }

    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        page_of!(conn, guardianships, school, after)
    }

    fn write(conn: &mut Conn, target: Target, mut rows: Vec<Self>) -> Result<Written> {
        for row in &mut rows {
            row.school_id = target.school;
        }
        let of: Vec<i64> = rows.iter().map(|row| row.child_id.id).collect();
        let query = guardianships::table.filter(guardianships::child_id.eq_any(of)).select((
            guardianships::guardian_id,
            guardianships::child_id,
            guardianships::starts_at,
            guardianships::ended_at,
        ));
        let there: Vec<Times> = on_backend!(conn => query.load(conn))?;
        let there: HashSet<Times> = there.into_iter().collect();
        // Only what is in force has a unique key; the past is told apart by its times.
        rows.retain(|row| !there.contains(&(row.guardian_id.id, row.child_id.id, row.starts_at, row.ended_at)));
        insert_new!(conn, guardianships, rows)
    }
}
