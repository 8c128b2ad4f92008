//! From the database's numbers to the school's own ids, and back.

use std::collections::{BTreeMap, HashMap, HashSet};

use diesel::prelude::*;

use super::{Cell, Ref, Row, Table, people};
use crate::db::{Conn, on_backend};
use crate::schema::{
    assessments, class_groups, courses, enrolments, files, grades, guardians, homework, lessons, periods, staff,
    subjects,
};
use crate::types::SchoolId;
use crate::{Error, Result};

/// As many ids as one statement names.
const CHUNK: usize = 5000;

macro_rules! kept_in {
    ($($kind:ident => $table:ident),* $(,)?) => {
        /// The school's own ids of these numbers.
        fn keys_of(conn: &mut Conn, school: SchoolId, kind: Table, ids: &[i64]) -> Result<Vec<(i64, Cell)>> {
            match kind {
                Table::Students => {
                    let firsts = people::firsts(conn, school, ids)?;
                    Ok(firsts.into_iter().map(|(child, (_, number))| (child, number)).collect())
                }
                $(Table::$kind => {
                    let query = $table::table
                        .filter($table::id.eq_any(ids))
                        .select(($table::id, $table::school_id, $table::external_id));
                    let found: Vec<(i64, SchoolId, Cell)> = on_backend!(conn => query.load(conn))?;
                    Ok(found.into_iter().filter(|(_, at, _)| *at == school).map(|(id, _, key)| (id, key)).collect())
                })*
            }
        }

        /// The numbers of these ids of the school.
        fn ids_of(conn: &mut Conn, school: SchoolId, kind: Table, keys: &[&str]) -> Result<Vec<(Cell, i64)>> {
            match kind {
                Table::Students => {
                    let query = enrolments::table
                        .filter(enrolments::school_id.eq(school).and(enrolments::external_id.eq_any(keys)))
                        .select((enrolments::external_id, enrolments::child_id));
                    Ok(on_backend!(conn => query.load(conn))?)
                }
                $(Table::$kind => {
                    let query = $table::table
                        .filter($table::school_id.eq(school).and($table::external_id.eq_any(keys)))
                        .select(($table::external_id, $table::id));
                    Ok(on_backend!(conn => query.load(conn))?)
                })*
            }
        }
    };
}

kept_in! {
    Periods => periods, Subjects => subjects, Staff => staff, Guardians => guardians, ClassGroups => class_groups,
    Courses => courses, Lessons => lessons, Homework => homework, Files => files, Assessments => assessments, Grades => grades,
}

/// Puts the school's own ids into the references of rows that were read.
pub(super) fn name<R: Row>(conn: &mut Conn, school: SchoolId, rows: &mut [R]) -> Result<()> {
    let mut wanted: BTreeMap<Table, HashSet<i64>> = BTreeMap::new();
    for row in &mut *rows {
        row.refs(&mut |_, kind, one| {
            wanted.entry(kind).or_default().insert(one.id);
        });
    }
    let mut known: HashMap<(Table, i64), Cell> = HashMap::new();
    for (kind, ids) in wanted {
        let ids: Vec<i64> = ids.into_iter().collect();
        for ids in ids.chunks(CHUNK) {
            known.extend(keys_of(conn, school, kind, ids)?.into_iter().map(|(id, key)| ((kind, id), key)));
        }
    }
    let mut stranger = None;
    let mut fill = |column: &'static str, kind: Table, one: &mut Ref| match known.get(&(kind, one.id)) {
        Some(key) => one.key.clone_from(key),
        None => stranger = Some(column),
    };
    for row in rows {
        row.refs(&mut fill);
    }
    match stranger {
        Some(column) => Err(stray(R::FILE, column)),
        None => Ok(()),
    }
}

/// Puts the numbers of this database into the references of rows that are to be written.
pub(super) fn resolve<R: Row>(conn: &mut Conn, school: SchoolId, rows: &mut [R]) -> Result<()> {
    let mut wanted: BTreeMap<Table, HashSet<Cell>> = BTreeMap::new();
    for row in &mut *rows {
        row.refs(&mut |_, kind, one| {
            let of_kind = wanted.entry(kind).or_default();
            if !of_kind.contains(&one.key) {
                of_kind.insert(one.key.clone());
            }
        });
    }
    let mut known: BTreeMap<Table, HashMap<Cell, i64>> = BTreeMap::new();
    for (kind, keys) in &wanted {
        let keys: Vec<&str> = keys.iter().map(Cell::as_str).collect();
        for keys in keys.chunks(CHUNK) {
            known.entry(*kind).or_default().extend(ids_of(conn, school, *kind, keys)?);
        }
    }
    let mut stranger = None;
    let mut fill = |column: &'static str, kind: Table, one: &mut Ref| match known
        .get(&kind)
        .and_then(|of_kind| of_kind.get(&one.key))
    {
        Some(id) => one.id = *id,
        None => stranger = Some(column),
    };
    for row in rows {
        row.refs(&mut fill);
    }
    match stranger {
        Some(column) => Err(stray(R::FILE, column)),
        None => Ok(()),
    }
}

fn stray(file: &str, column: &str) -> Error {
    Error::Store(format!(
        "a row of {file} refers by {column} to something its school does not have; the data are damaged"
    ))
}
