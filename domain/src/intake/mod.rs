//! What a school's journal, a file or the demo writes: items by the school's own ids, each created, updated or left alone.

mod audiences;
mod delivery;
mod grades;
mod guardians;
pub mod held;
mod members;
mod news;
mod period_grades;
mod removal;
mod school;
mod shelf;
mod students;
mod telling;
mod timetable;

use std::collections::HashMap;
use std::time::{Duration, Instant};

use chrono::NaiveDateTime;

use crate::Result;
use crate::db::{Conn, Db, Scope, Touch};
use crate::error::Flaw;
use crate::types::{ClientId, SchoolId, StaffId};

pub use delivery::{Delivered, Enrolment, Entry, Record, deliver, may_deliver, records, scope, writer};
pub use grades::{Assessment, Grade};
pub use guardians::{Guardian, Ward, live_links};
pub use members::{ClassMember, CourseMember};
pub use news::News;
pub use period_grades::PeriodGrade;
pub use removal::{Kind, Standing, end_rights, remove, standing};
pub use school::{Bell, ClassGroup, Course, Period, Staff, Subject};
pub use students::Student;
pub use timetable::{Attendance, Homework, Lesson};

/// Who writes, for which school, and when (UTC): a member of staff, a journal, or, with neither, a file.
#[derive(Debug, Clone, Copy)]
pub struct Writer {
    pub school: SchoolId,
    pub staff: Option<StaffId>,
    pub client: Option<ClientId>,
    pub now: NaiveDateTime,
    /// May write into closed periods. Files may, for they bring years gone by: they complete the history, but what a closing
    /// froze stays what families read as the result, until the period is opened and closed again.
    pub reopen: bool,
    /// An import, a first delivery, a roll-over: families find it in their diaries, nobody is alerted.
    pub baseline: bool,
}

/// What became of one item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Created(i64),
    Updated(i64),
    /// It already was so: no counter moves, nobody is told.
    Unchanged(i64),
    /// It was taken back.
    Deleted(i64),
    /// There was nothing of this id to take back.
    Absent,
    Rejected(Flaw),
}

/// A collection of the school side: how its items are written.
pub trait Item: Sized {
    /// The school's own id of the item.
    fn external_id(&self) -> &str;

    /// Whose counters the items may move.
    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope>;

    /// Writes the items, whose ids are all different, and tells what became of each, in their order.
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>>;
}

/// The most items of one transaction.
pub const BATCH: usize = 1000;
/// The items of the first transaction; what it took decides on the next ones.
const FIRST: usize = 125;
/// The least items of one transaction. On a slow disk the commit alone takes longer than [`STEP`]: fewer items do not make it
/// shorter, there would only be more of them, in the end one for every item.
const LEAST: usize = 32;
/// A transaction is to stay well below the tenth of a second that others may be kept waiting.
const STEP: Duration = Duration::from_millis(60);

/// Writes any number of items in steps that leave room for everybody else, at most [`BATCH`] items in one transaction. Of two
/// items with one id in a transaction, the second is rejected.
pub fn put<I: Item>(db: &Db, writer: Writer, items: &[I]) -> Result<Vec<Outcome>> {
    let mut outcomes = Vec::with_capacity(items.len());
    let (mut rest, mut size) = (items, FIRST);
    while !rest.is_empty() {
        let (now, later) = rest.split_at(size.min(rest.len()));
        let started = Instant::now();
        let scope = |conn: &mut Conn| I::scope(conn, writer, now);
        outcomes.extend(db.write_children_here(scope, |conn, touch| batch(conn, touch, writer, now))?);
        let took = started.elapsed();
        if !later.is_empty() {
            db.give_way(took);
        }
        size = next(size, took);
        rest = later;
    }
    Ok(outcomes)
}

/// The items of a transaction after one of `size` that took so long.
fn next(size: usize, took: Duration) -> usize {
    if took > STEP {
        (size / 2).max(LEAST)
    } else if took < STEP / 2 {
        (size * 2).min(BATCH)
    } else {
        size
    }
}

fn batch<I: Item>(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[I]) -> Result<Vec<Outcome>> {
    let mut seen = HashMap::new();
    for (place, item) in items.iter().enumerate() {
        seen.entry(item.external_id()).or_insert(place);
    }
    if seen.len() == items.len() {
        return I::write(conn, touch, writer, items);
    }
    items
        .iter()
        .enumerate()
        .map(|(place, item)| match seen.get(item.external_id()) {
            Some(first) if *first == place => {
                let written = I::write(conn, touch, writer, std::slice::from_ref(item))?;
                Ok(written.into_iter().next().unwrap_or_else(|| Outcome::Rejected(twice())))
            }
            _ => Ok(Outcome::Rejected(twice())),
        })
        .collect()
}

fn twice() -> Flaw {
    Flaw::new("/externalId", "duplicate", "The same externalId stands earlier in this batch.")
}

/// A reference to something the school has not written (yet).
fn unknown(pointer: &'static str, external_id: &str) -> Flaw {
    Flaw::new(
        pointer,
        "unknown-reference",
        format!("The school has written nothing with the externalId {external_id:?} here."),
    )
}

/// Rejects the rows that would change something where `closed` says that a period is closed.
fn refuse_closed<R>(
    writer: Writer,
    pointer: &'static str,
    resolved: Vec<Result<R, Flaw>>,
    closed: impl Fn(&R) -> Result<bool>,
) -> Result<Vec<Result<R, Flaw>>> {
    if writer.reopen {
        return Ok(resolved);
    }
    let judge = |one: Result<R, Flaw>| match one {
        Ok(row) if closed(&row)? => Ok(Err(period_closed(pointer))),
        other => Ok(other),
    };
    resolved.into_iter().map(judge).collect()
}

fn period_closed(pointer: &'static str) -> Flaw {
    let told = "This period is closed and its results are final: open it again to change this.";
    Flaw::new(pointer, "period-closed", told)
}

/// A reference that cannot change once it is written.
fn immutable(pointer: &'static str) -> Flaw {
    Flaw::new(pointer, "immutable", "This reference cannot change: remove the item and write another.")
}

/// The database's ids of the school's own ids, for one table. No ids cost no statement.
macro_rules! ids_of {
    ($conn:expr, $table:ident, $id:ty, $school:expr, $keys:expr) => {{
        let conn: &mut $crate::db::Conn = $conn;
        let keys: Vec<&str> = $keys.collect();
        if keys.is_empty() {
            std::collections::HashMap::<String, $id>::new()
        } else {
            let query = $table::table
                .filter($table::school_id.eq($school).and($crate::db::IsAmong::among($table::external_id, keys)))
                .select(($table::external_id, $table::id));
            $crate::db::on_backend!(conn => query.load::<(String, $id)>(conn))?.into_iter().collect()
        }
    }};
}

/// The rows as they are, with their ids, by the school's own ids. No ids cost no statement.
macro_rules! rows_of {
    ($conn:expr, $table:ident, $row:ty, $school:expr, $keys:expr) => {{
        let conn: &mut $crate::db::Conn = $conn;
        let keys: Vec<&str> = $keys.collect();
        let mut known = std::collections::HashMap::<String, (i64, $row)>::new();
        if !keys.is_empty() {
            let rows = $crate::db::on_backend!(conn => $table::table
                .filter($table::school_id.eq($school).and($crate::db::IsAmong::among($table::external_id, keys)))
                .select(($table::id, <$row>::as_select()))
                .load::<(i64, $row)>(conn))?;
            known.extend(rows.into_iter().map(|(id, row)| (row.external_id.clone(), (id, row))));
        }
        known
    }};
}

/// Inserts new rows; their ids by the school's own ids. `COPY` tells no ids, so they are looked up.
macro_rules! born {
    ($conn:ident, $table:ident, $school:expr, $rows:ident) => {
        match (&mut *$conn, $rows.len()) {
            (_, 0) => std::collections::HashMap::new(),
            ($crate::db::Conn::Postgres(_), 2..) => {
                $crate::db::insert_rows!($conn, $table, $rows.iter().copied())?;
                $crate::intake::ids_of!($conn, $table, i64, $school, $rows.iter().map(|row| row.external_id.as_str()))
            }
            (conn, _) => $crate::db::insert_rows!(conn, $table, $rows, insert =>
                insert.returning(($table::external_id, $table::id)).get_results::<(String, i64)>(conn))?
                .into_iter()
                .collect::<std::collections::HashMap<_, _>>(),
        }
    };
}

/// Writes prepared rows: compares each with what is there, updates what differs, inserts the new ones in one statement.
/// Gives for every row its outcome, in the order of the rows. `over` is what is there, where it was read already. With
/// `keeps`, a row whose field would change is rejected: the counters of those who lose it are not held. With `before`, the
/// rows that will change are looked at, for telling families.
macro_rules! upsert {
    ($conn:expr, $table:ident, $row:ty, $school:expr, $rows:expr, over $known:expr
        $(, keeps $field:ident as $pointer:literal)? $(, before $before:ident by $writer:expr)?) => {{
        let conn: &mut $crate::db::Conn = $conn;
        let rows: &[$row] = $rows;
        let known: &std::collections::HashMap<String, (i64, $row)> = $known;
        $(
            let other = |row: &$row| known.get(&row.external_id).filter(|(_, old)| old != row).cloned();
            $before.look(conn, $writer, rows.iter().filter_map(other).collect())?;
        )?
        let fresh: Vec<&$row> = rows.iter().filter(|row| !known.contains_key(&row.external_id)).collect();
        let born = $crate::intake::born!(conn, $table, $school, fresh);
        $crate::db::on_backend!(conn => {
            let mut outcomes = Vec::with_capacity(rows.len());
            for row in rows {
                outcomes.push(match known.get(&row.external_id) {
                    Some((id, old)) if old == row => $crate::intake::Outcome::Unchanged(*id),
                    $(Some((_, old)) if old.$field != row.$field => {
                        $crate::intake::Outcome::Rejected($crate::intake::immutable($pointer))
                    })?
                    Some((id, _)) => {
                        diesel::update($table::table.filter($table::id.eq(*id))).set(row).execute(conn)?;
                        $crate::intake::Outcome::Updated(*id)
                    }
                    None => $crate::intake::Outcome::Created(born.get(&row.external_id).copied().unwrap_or_default()),
                });
            }
            outcomes
        })
    }};
    ($conn:expr, $table:ident, $row:ty, $school:expr, $rows:expr $(, $($more:tt)+)?) => {{
        let rows: &[$row] = $rows;
        let known = $crate::intake::rows_of!($conn, $table, $row, $school, rows.iter().map(|row| row.external_id.as_str()));
        $crate::intake::upsert!($conn, $table, $row, $school, rows, over &known $(, $($more)+)?)
    }};
}
use school::shared;
use {born, ids_of, rows_of, upsert};

impl Outcome {
    /// Whether something was written.
    pub fn changed(&self) -> bool {
        matches!(self, Self::Created(_) | Self::Updated(_))
    }

    /// The diary's id of the item, where there is one.
    pub fn id(&self) -> Option<i64> {
        match self {
            Self::Created(id) | Self::Updated(id) | Self::Unchanged(id) | Self::Deleted(id) => Some(*id),
            Self::Absent | Self::Rejected(_) => None,
        }
    }
}

/// Puts the outcomes of the rows that were written back among the items that were rejected before.
fn merge(resolved: Vec<Result<(), Flaw>>, written: Vec<Outcome>) -> Vec<Outcome> {
    let mut written = written.into_iter();
    let place = |one: Result<(), Flaw>| match one {
        Ok(()) => written.next(),
        Err(flaw) => Some(Outcome::Rejected(flaw)),
    };
    resolved.into_iter().filter_map(place).collect()
}

/// Parts what could be resolved from what could not; the second list has a place for every item.
fn part<R>(resolved: Vec<Result<R, Flaw>>) -> (Vec<R>, Vec<Result<(), Flaw>>) {
    let mut rows = Vec::with_capacity(resolved.len());
    let places = resolved.into_iter().map(|one| one.map(|row| rows.push(row))).collect();
    (rows, places)
}

/// The id behind an optional reference; a reference that is there must be known.
fn refer<I: Copy>(pointer: &'static str, key: Option<&str>, ids: &HashMap<String, I>) -> Result<Option<I>, Flaw> {
    key.map(|key| ids.get(key).copied().ok_or_else(|| unknown(pointer, key))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(transactions: usize, took: Duration) -> usize {
        (0..transactions).fold(FIRST, |size, _| next(size, took))
    }

    #[test]
    fn steps_shrink_on_a_slow_disk_but_never_to_single_items() {
        assert_eq!(after(1, STEP * 2), FIRST / 2);
        assert_eq!(after(20, STEP * 2), LEAST);
    }

    #[test]
    fn steps_grow_where_they_are_quick_and_stay_where_they_are_right() {
        assert_eq!(after(20, STEP / 3), BATCH);
        assert_eq!(after(20, STEP), FIRST);
    }
}
