//! A delivery: items of one collection in one transaction, each written or taken back, each with its outcome.

mod collections;
mod enrolments;
mod membership;
mod records;
mod taught;

use std::collections::HashSet;

use chrono::NaiveDate;

use super::{Item, Outcome, Writer};
use crate::Result;
use crate::access::{Actor, SchoolAccess};
use crate::clock::local_day;
use crate::db::{Conn, Days, Scope, Touch};
use crate::error::Flaw;
use crate::types::{ClientScope, Collection, StaffId};

pub use enrolments::Enrolment;
pub use records::{Record, records};

/// An item that can be delivered and taken back.
pub trait Delivered: Item + Clone {
    const COLLECTION: Collection;

    /// Whose counters taking these items back may move.
    fn leaving(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Scope>;

    /// Takes one item back. What others refer to stays, and says so.
    fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, today: NaiveDate, id: &str) -> Result<Outcome>;

    /// What a teacher may not do among these entries, place by place: she writes what hangs on her courses, and neither moves
    /// there nor changes what hangs on another's. Collections of the whole school are not hers at all.
    fn not_taught(conn: &mut Conn, writer: Writer, teacher: StaffId, of: &[Entry<Self>]) -> Result<Vec<Option<Flaw>>> {
        let _ = (conn, writer, teacher);
        Ok(of.iter().map(|_| Some(taught::foreign())).collect())
    }

    /// Which of these entries are about a pupil who is not in their course, place by place.
    fn not_members(conn: &mut Conn, writer: Writer, of: &[Entry<Self>]) -> Result<Vec<Option<Flaw>>> {
        let _ = (conn, writer);
        Ok(vec![None; of.len()])
    }
}

/// What is to become of one item.
#[derive(Debug, Clone)]
pub enum Entry<I> {
    /// It is written; `hash` is of the item as it was sent.
    Put { item: I, hash: String },
    /// The item of this id is taken back.
    Withdraw(String),
    /// It could not be read as an item: its id, if it has one, and why.
    Unread(Option<String>, Flaw),
}

impl<I: Item> Entry<I> {
    /// The school's own id of the item, where it could be read.
    pub fn external_id(&self) -> Option<&str> {
        match self {
            Self::Put { item, .. } => Some(item.external_id()),
            Self::Withdraw(id) => Some(id),
            Self::Unread(id, _) => id.as_deref(),
        }
    }
}

impl Collection {
    /// What a journal needs for writing it.
    pub fn scope(self) -> ClientScope {
        match self {
            Self::News => ClientScope::News,
            Self::Lessons
            | Self::Assessments
            | Self::Homework
            | Self::Grades
            | Self::Attendance
            | Self::PeriodGrades => ClientScope::Journal,
            _ => ClientScope::Roster,
        }
    }

    /// Whether its items hang on a course, so that the course's teacher may write them.
    pub fn is_of_courses(self) -> bool {
        matches!(self, Self::Lessons | Self::Assessments | Self::Homework | Self::Grades | Self::Attendance)
    }
}

/// Refuses whoever may write nothing of the collection.
pub fn may_deliver(access: &SchoolAccess, collection: Collection) -> Result<()> {
    match access.teacher() {
        Some(_) if collection.is_of_courses() => Ok(()),
        _ => access.need(collection.scope()),
    }
}

/// Who writes, as the right says.
pub fn writer(access: &SchoolAccess) -> Writer {
    let (staff, client) = match access.actor() {
        Actor::Client { id, .. } => (None, Some(*id)),
        Actor::Staff { id, .. } => (Some(*id), None),
    };
    Writer {
        school: access.school(),
        staff,
        client,
        now: access.now(),
        reopen: access.holds(ClientScope::Reopen),
        baseline: false,
    }
}

/// Whose counters a delivery may move.
pub fn scope<I: Delivered>(conn: &mut Conn, access: &SchoolAccess, entries: &[Entry<I>]) -> Result<Scope> {
    let writer = writer(access);
    let leaving: Vec<String> = entries.iter().filter_map(leaving).cloned().collect();
    let items: Vec<I> = entries.iter().filter_map(put).cloned().collect();
    let mut scope = if items.is_empty() { Scope::default() } else { I::scope(conn, writer, &items)? };
    if !leaving.is_empty() {
        let more = I::leaving(conn, writer, &leaving)?;
        scope.days = Days::both(scope.days, more.days);
        scope.school = scope.school.or(more.school);
        scope.children.extend(more.children);
    }
    Ok(scope)
}

/// Writes the items, then takes back what is to go, and tells what became of each entry, in their order. Of a `baseline`, a
/// first delivery or a roll-over, families read in their diaries and nobody is alerted.
pub fn deliver<I: Delivered>(
    conn: &mut Conn,
    touch: &mut Touch,
    access: &SchoolAccess,
    entries: &[Entry<I>],
    baseline: bool,
) -> Result<Vec<Outcome>> {
    may_deliver(access, I::COLLECTION)?;
    let writer = Writer { baseline, ..writer(access) };
    let today = local_day(access.now(), access.zone());
    let refusals = refusals(conn, writer, access, entries)?;
    let stands = entries.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none());
    let items: Vec<I> = stands.filter_map(|(entry, _)| put(entry)).cloned().collect();
    let mut written = I::write(conn, touch, writer, &items)?.into_iter();
    let mut outcomes = Vec::with_capacity(entries.len());
    for (entry, refusal) in entries.iter().zip(refusals) {
        outcomes.push(match (entry, refusal) {
            (_, Some(flaw)) => Outcome::Rejected(flaw),
            (Entry::Withdraw(id), None) => I::withdraw(conn, touch, writer, today, id)?,
            (_, None) => written.next().unwrap_or(Outcome::Absent),
        });
    }
    if let Some(client) = writer.client {
        records::note(conn, writer, client, entries, &outcomes)?;
    }
    Ok(outcomes)
}

fn put<I>(entry: &Entry<I>) -> Option<&I> {
    match entry {
        Entry::Put { item, .. } => Some(item),
        _ => None,
    }
}

fn leaving<I>(entry: &Entry<I>) -> Option<&String> {
    match entry {
        Entry::Withdraw(id) => Some(id),
        _ => None,
    }
}

/// Why an entry cannot be taken whatever it changes: it is no item, it comes twice, it is not the teacher's, its pupil is not
/// in the course.
fn refusals<I: Delivered>(
    conn: &mut Conn,
    writer: Writer,
    access: &SchoolAccess,
    entries: &[Entry<I>],
) -> Result<Vec<Option<Flaw>>> {
    let foreign = match access.teacher() {
        Some(teacher) => I::not_taught(conn, writer, teacher, entries)?,
        None => vec![None; entries.len()],
    };
    let strangers = I::not_members(conn, writer, entries)?;
    let mut seen = HashSet::new();
    let refusal = |(entry, (foreign, stranger)): (&Entry<I>, (Option<Flaw>, Option<Flaw>))| match entry {
        Entry::Unread(_, flaw) => Some(flaw.clone()),
        _ if !seen.insert(entry.external_id().unwrap_or_default().to_owned()) => Some(super::twice()),
        _ => foreign.or(stranger),
    };
    Ok(entries.iter().zip(foreign.into_iter().zip(strangers)).map(refusal).collect())
}
