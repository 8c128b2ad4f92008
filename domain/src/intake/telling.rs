//! Telling families: what a batch of rows changed for whom becomes events, in the transaction of the batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Serialize;

use super::{Outcome, Writer};
use crate::Result;
use crate::db::{Conn, Touch, on_backend};
use crate::events::{self, Event};
use crate::schema::course_members;
use crate::types::{ChildId, CourseId, EventKind};

/// Who sees a row.
#[derive(Debug, Clone, Copy)]
pub(super) enum Audience {
    Child(ChildId),
    /// The members of a course on one of these days, both included.
    Course(CourseId, NaiveDate, NaiveDate),
}

/// A row that families see.
pub(super) trait Seen: Clone {
    /// What they see of it.
    type Entity: Serialize;
    /// It came, it changed, it went.
    const KINDS: [EventKind; 3];

    fn audience(&self) -> Audience;

    /// Whether it is there for its audience; a removed grade is not, though its history is.
    fn is_there(&self) -> bool {
        true
    }

    fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Self::Entity)>>;

    /// Those of `children`, who do not see the rows, who see something that hangs on them.
    fn bound(_: &mut Conn, _ids: &[i64], _children: &[ChildId]) -> Result<Vec<ChildId>> {
        Ok(Vec::new())
    }
}

/// A baseline batch that changes more than this is not told thing by thing: phones load the children's diaries anew, which
/// is less for them and nearly nothing for the import.
const LISTED: usize = 100;

/// Some rows as they were before they are written, and what families saw of them.
pub(super) struct Before<R: Seen> {
    rows: Vec<(i64, R)>,
    entities: HashMap<i64, String>,
    /// Whether there are so few of them that each is told.
    listed: bool,
}

type Rows<'a, R> = BTreeMap<i64, &'a R>;

impl<R: Seen> Before<R> {
    /// To be filled by `upsert!`.
    pub(super) fn nothing() -> Self {
        Self { rows: Vec::new(), entities: HashMap::new(), listed: true }
    }

    /// Looks at rows that are about to change or to go.
    pub(super) fn look(&mut self, conn: &mut Conn, writer: Writer, rows: Vec<(i64, R)>) -> Result<()> {
        self.listed = is_listed(writer, rows.len());
        if self.listed {
            self.entities = entities(conn, rows.iter().map(|(id, row)| (*id, row)))?;
        }
        self.rows = rows;
        Ok(())
    }

    /// Tells of the rows that were written, and moves the counters of all who are told.
    pub(super) fn tell(
        self,
        conn: &mut Conn,
        touch: &mut Touch,
        writer: Writer,
        rows: &[R],
        written: &[Outcome],
    ) -> Result<()> {
        let changed = rows.iter().zip(written).filter_map(|(row, outcome)| match outcome {
            Outcome::Created(id) | Outcome::Updated(id) => Some((*id, row)),
            _ => None,
        });
        let after: Rows<'_, R> = changed.collect();
        let written = self.rows.iter().filter(|(id, _)| after.contains_key(id));
        let before = written.map(|(id, row)| (*id, row)).collect();
        self.compare(conn, touch, writer, &before, &after)
    }

    /// Tells that the rows that were looked at are gone.
    pub(super) fn gone(self, conn: &mut Conn, touch: &mut Touch, writer: Writer) -> Result<()> {
        let before = self.rows.iter().map(|(id, row)| (*id, row)).collect();
        self.compare(conn, touch, writer, &before, &Rows::new())
    }

    fn compare(
        &self,
        conn: &mut Conn,
        touch: &mut Touch,
        writer: Writer,
        before: &Rows<'_, R>,
        after: &Rows<'_, R>,
    ) -> Result<()> {
        let members = Members::of(conn, before.values().chain(after.values()).copied())?;
        let mut told = Vec::new();
        if self.listed && is_listed(writer, before.len().max(after.len())) {
            let now = entities(conn, after.iter().map(|(id, row)| (*id, *row)))?;
            for id in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let audience = |row: Option<&&R>| row.map_or_else(Vec::new, |row| members.children(*row));
                let change = Change {
                    id: *id,
                    old: (audience(before.get(id)), self.entities.get(id)),
                    new: (audience(after.get(id)), now.get(id)),
                };
                told.extend(change.events::<R>(touch, writer)?);
            }
        } else {
            for child in before.values().chain(after.values()).flat_map(|row| members.children(*row)) {
                touch.child(child)?;
            }
        }
        let ids: Vec<i64> = before.keys().copied().collect();
        members.touch_bound::<R>(conn, touch, &ids)?;
        events::append(conn, &told)
    }
}

/// One row before and after: whose it is, and what they see of it; nothing of a row that is not there.
struct Change<'a> {
    id: i64,
    old: (Vec<ChildId>, Option<&'a String>),
    new: (Vec<ChildId>, Option<&'a String>),
}

impl Change<'_> {
    /// It came for some, changed for others, went for others still. Everybody's counter moves, whether there is something to
    /// see or not.
    fn events<R: Seen>(&self, touch: &mut Touch, writer: Writer) -> Result<Vec<Event>> {
        let (had, have) = (&self.old.0, &self.new.0);
        let (was, is) = (self.old.1, self.new.1);
        let mut heard: [Vec<(ChildId, i64)>; 3] = Default::default();
        let [came, changed, went] = &mut heard;
        for child in had.iter().chain(have).collect::<BTreeSet<_>>() {
            let number = touch.child(*child)?;
            let before = was.filter(|_| had.contains(child));
            let after = is.filter(|_| have.contains(child));
            match (before, after) {
                (None, Some(_)) => came.push((*child, number)),
                (Some(before), Some(after)) if before != after => changed.push((*child, number)),
                (Some(_), None) => went.push((*child, number)),
                _ => {}
            }
        }
        let states = [(is, None), (is, was), (was, None)];
        let mut told = Vec::new();
        for ((kind, heard), (entity, previous)) in R::KINDS.into_iter().zip(heard).zip(states) {
            if !heard.is_empty() {
                let event = Event::new(writer.school, kind, self.id, writer.now).baseline(writer.baseline);
                told.push(event.written(entity.cloned(), previous.cloned()).heard_by(heard));
            }
        }
        Ok(told)
    }
}

fn is_listed(writer: Writer, changes: usize) -> bool {
    !writer.baseline || changes <= LISTED
}

/// What families see of these rows now, as events keep it.
fn entities<'a, R: Seen + 'a>(
    conn: &mut Conn,
    rows: impl Iterator<Item = (i64, &'a R)>,
) -> Result<HashMap<i64, String>> {
    let ids: Vec<i64> = rows.filter(|(_, row)| row.is_there()).map(|(id, _)| id).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    R::told(conn, &ids)?.into_iter().map(|(id, entity)| Ok((id, events::json(&entity)?))).collect()
}

type Stay = (CourseId, ChildId, NaiveDate, Option<NaiveDate>);

/// Who belongs or belonged to the courses some rows are about, and when.
struct Members(HashMap<CourseId, Vec<Stay>>);

impl Members {
    fn of<'a, R: Seen + 'a>(conn: &mut Conn, rows: impl Iterator<Item = &'a R>) -> Result<Self> {
        let course = |row: &R| match row.audience() {
            Audience::Course(course, ..) => Some(course),
            Audience::Child(_) => None,
        };
        let courses: BTreeSet<CourseId> = rows.filter_map(course).collect();
        let mut members: HashMap<CourseId, Vec<Stay>> = HashMap::new();
        if !courses.is_empty() {
            let query = course_members::table.filter(course_members::course_id.eq_any(courses)).select((
                course_members::course_id,
                course_members::child_id,
                course_members::starts_on,
                course_members::ends_on,
            ));
            for stay in on_backend!(conn => query.load::<Stay>(conn))? {
                members.entry(stay.0).or_default().push(stay);
            }
        }
        Ok(Self(members))
    }

    fn children<R: Seen>(&self, row: &R) -> Vec<ChildId> {
        match row.audience() {
            Audience::Child(child) => vec![child],
            Audience::Course(course, first, last) => {
                let stays = self.0.get(&course).into_iter().flatten();
                let there = stays.filter(|(_, _, from, to)| *from <= last && to.is_none_or(|to| to >= first));
                there.map(|(_, child, ..)| *child).collect()
            }
        }
    }

    /// Moves the counters of members who do not see the rows, but something that hangs on them.
    fn touch_bound<R: Seen>(&self, conn: &mut Conn, touch: &mut Touch, ids: &[i64]) -> Result<()> {
        let all: BTreeSet<ChildId> = self.0.values().flatten().map(|(_, child, ..)| *child).collect();
        let others: Vec<ChildId> = all.into_iter().filter(|child| !touch.is_touched(*child)).collect();
        if !others.is_empty() && !ids.is_empty() {
            for child in R::bound(conn, ids, &others)? {
                touch.child(child)?;
            }
        }
        Ok(())
    }
}
