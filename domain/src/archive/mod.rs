//! One school as the rows of an archive: read in the order they were written, written again wherever the school moves.
//!
//! Every file is a type with [`Row`]; [`each`] names them all, parents before children. A row refers to others by the
//! school's own ids, so it means the same in every database.

mod accounts;
mod attachments;
mod cells;
mod copy;
mod files;
mod grades;
mod groups;
mod keys;
mod lessons;
mod people;
mod restores;
mod results;
mod shared;
mod windows;

use diesel::connection::SimpleConnection;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Result;
use crate::db::Conn;
use crate::types::SchoolId;

pub use accounts::Account;
pub use attachments::{File, FilePart, HomeworkFile};
pub use cells::{Cell, Ref, Refs};
pub use copy::copy;
pub use grades::{Assessment, Grade, GradeRevision, PeriodGrade};
pub use groups::{ClassGroup, ClassMember, Course, CourseMember};
pub use lessons::{Attendance, Homework, HomeworkDone, Lesson};
pub use people::{Enrolment, Guardian, Guardianship, Staff, Student};
pub use restores::{Begun, Card, begin, card, finish};
pub use results::{FrozenResult, GradingScheme, SchemeChoice};
pub use shared::{Bell, News, Period, Subject};
pub use windows::SettleWindow;

/// The most rows of one transaction of a restore; so many take well under 100 ms.
const BATCH: usize = 500;

/// What a row can refer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    Periods,
    Subjects,
    Staff,
    Students,
    Guardians,
    ClassGroups,
    Courses,
    Lessons,
    Homework,
    Files,
    Assessments,
    Grades,
}

/// What is wrong with a row: the column, and what it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    pub column: &'static str,
    pub rule: &'static str,
}

/// What became of some rows: those that are neither counted nor named were there already.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub created: usize,
    /// The places of accounts whose login somebody has already; nothing was linked to it.
    pub taken: Vec<usize>,
}

/// Some rows of a file, and after which number the next ones come; `None` at the end.
#[derive(Debug)]
pub struct Page<R> {
    pub rows: Vec<R>,
    pub next: Option<i64>,
}

/// Where rows are written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub school: SchoolId,
    /// What the children's counters start with: more than any counter of the archive, so that no phone takes a new diary for
    /// an old one.
    pub revision: i64,
}

/// One file of an archive: what a row of it is, how rows are read from the diary and how they are written into it.
pub trait Row: Serialize + DeserializeOwned + Clone {
    /// The file, for example `grades.csv`.
    const FILE: &'static str;
    /// Its columns, in their order.
    const COLUMNS: &'static [&'static str];
    /// What other rows refer to these as.
    const TABLE: Option<Table>;
    /// Another file whose ids must not come again in this one.
    const GOES_ON: Option<Table> = None;
    /// The version of the format since which the file is part of it.
    const SINCE: u32 = 1;
    /// Whether it is worth packing.
    const PACKED: bool = true;
    /// How many rows one transaction writes.
    const AT_ONCE: usize = BATCH;

    /// Tells every key that only one row may have; the key by which others name the row is `["id", key]`.
    fn unique(&self, take: &mut dyn FnMut(&[&str]));

    /// Shows every reference with its column.
    fn refs(&mut self, see: &mut dyn FnMut(&'static str, Table, &mut Ref));

    /// What a reader of the diary would stumble over.
    fn check(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// The cell to show where the row is left out, and its column's name, the first.
    fn shown(&self) -> Option<&str> {
        None
    }

    /// Whom the row is about, as `apta invite --as` names them: what to give a code to where its account is not taken over.
    fn person(&self) -> Option<(&'static str, &str)> {
        None
    }

    /// The rows of a school after the number `after`, in the order they were written; references hold numbers only.
    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>>;

    /// Writes those rows that are not there yet; references must hold numbers. Tells what became of them.
    fn write(conn: &mut Conn, target: Target, rows: Vec<Self>) -> Result<Written>;
}

/// Somebody who has something to do with every file.
pub trait Visit {
    type Error;
    fn file<R: Row>(&mut self) -> Result<(), Self::Error>;
}

/// Visits all files, those that are referred to before those that refer; accounts only if they are wanted.
pub fn each<V: Visit>(visitor: &mut V, accounts: bool) -> Result<(), V::Error> {
    visitor.file::<Period>()?;
    visitor.file::<Bell>()?;
    visitor.file::<Subject>()?;
    visitor.file::<Staff>()?;
    visitor.file::<Student>()?;
    visitor.file::<Enrolment>()?;
    visitor.file::<Guardian>()?;
    visitor.file::<Guardianship>()?;
    visitor.file::<ClassGroup>()?;
    visitor.file::<ClassMember>()?;
    visitor.file::<Course>()?;
    visitor.file::<CourseMember>()?;
    visitor.file::<Lesson>()?;
    visitor.file::<Attendance>()?;
    visitor.file::<Homework>()?;
    visitor.file::<HomeworkDone>()?;
    visitor.file::<Assessment>()?;
    visitor.file::<Grade>()?;
    visitor.file::<GradeRevision>()?;
    visitor.file::<PeriodGrade>()?;
    visitor.file::<GradingScheme>()?;
    visitor.file::<SchemeChoice>()?;
    visitor.file::<FrozenResult>()?;
    visitor.file::<File>()?;
    visitor.file::<FilePart>()?;
    visitor.file::<HomeworkFile>()?;
    visitor.file::<News>()?;
    visitor.file::<SettleWindow>()?;
    if accounts { visitor.file::<Account>() } else { Ok(()) }
}

/// The next rows of a file, ready to be written into an archive.
pub fn page<R: Row>(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<R>> {
    let mut page = R::page(conn, school, after)?;
    keys::name(conn, school, &mut page.rows)?;
    Ok(page)
}

/// Writes the rows of an archive that are not there yet, at most [`Row::AT_ONCE`] at a time. A reference to what is not there is
/// an error: an archive is checked before.
pub fn write<R: Row>(conn: &mut Conn, target: Target, rows: &[R]) -> Result<Written> {
    let mut rows = rows.to_vec();
    restores::hold(conn, target)?;
    by_index(conn)?;
    keys::resolve(conn, target.school, &mut rows)?;
    R::write(conn, target, rows)
}

/// PostgreSQL knows nothing of rows that came a moment ago, takes a table for small and reads all of it for every batch.
fn by_index(conn: &mut Conn) -> Result<()> {
    if let Conn::Postgres(conn) = conn {
        conn.batch_execute("SET LOCAL enable_seqscan = off")?;
    }
    Ok(())
}
