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

/// A baseline batch that changes more than this is not told thing by thing: phones load the children's diaries anew, which is
/// less for them and nearly nothing for the import.
const LISTED: usize = 100;

/// Some rows as they were before they are written, and what families saw of them.
pub(super) struct Before<R: Seen> {
    rows: BTreeMap<i64, R>,
    entities: HashMap<i64, String>,
    /// Whether there are so few of them that each is told.
    listed: bool,
}

impl<R: Seen> Before<R> {
    /// To be filled by `upsert!`.
    pub(super) fn nothing() -> Self {
        Self { rows: BTreeMap::new(), entities: HashMap::new(), listed: true }
    }

    /// Looks at rows that are about to change or to go.
    pub(super) fn look(&mut self, conn: &mut Conn, writer: Writer, rows: Vec<(i64, R)>) -> Result<()> {
        self.rows = rows.into_iter().collect();
        self.listed = is_listed(writer, self.rows.len());
        if self.listed {
            self.entities = entities(conn, &self.rows)?;
        }
        Ok(())
    }

    /// Tells of the rows that were written, and moves the counters of all who are told.
    pub(super) fn tell(
        mut self,
        conn: &mut Conn,
        touch: &mut Touch,
        writer: Writer,
        rows: &[R],
        written: &[Outcome],
    ) -> Result<()> {
        let changed = rows.iter().zip(written).filter_map(|(row, outcome)| match outcome {
            Outcome::Created(id) | Outcome::Updated(id) => Some((*id, row.clone())),
            _ => None,
        });
        let after: BTreeMap<i64, R> = changed.collect();
        self.rows.retain(|id, _| after.contains_key(id));
        self.compare(conn, touch, writer, &after)
    }

    /// Tells that the rows that were looked at are gone.
    pub(super) fn gone(self, conn: &mut Conn, touch: &mut Touch, writer: Writer) -> Result<()> {
        self.compare(conn, touch, writer, &BTreeMap::new())
    }

    fn compare(self, conn: &mut Conn, touch: &mut Touch, writer: Writer, after: &BTreeMap<i64, R>) -> Result<()> {
        let before = self.rows;
        let ids: BTreeSet<i64> = before.keys().chain(after.keys()).copied().collect();
        let listed = self.listed && is_listed(writer, ids.len());
        let now = if listed { entities(conn, after)? } else { HashMap::new() };
        let members = Members::of(conn, before.values().chain(after.values()))?;
        let mut told = Vec::new();
        for id in ids {
            let (old, new) = (before.get(&id), after.get(&id));
            let (had, have) = (members.children(old), members.children(new));
            let mut numbers = HashMap::new();
            for child in had.iter().chain(&have) {
                numbers.insert(*child, touch.child(*child)?);
            }
            let there = |row: Option<&R>, children: BTreeSet<ChildId>| {
                if row.is_some_and(Seen::is_there) { children } else { BTreeSet::new() }
            };
            let (had, have) = (there(old, had), there(new, have));
            let (was, is) = (self.entities.get(&id), now.get(&id));
            let kinds = R::KINDS.into_iter().zip([
                (have.difference(&had).copied().collect::<Vec<_>>(), is, None),
                (if was == is { Vec::new() } else { have.intersection(&had).copied().collect() }, is, was),
                (had.difference(&have).copied().collect(), was, None),
            ]);
            for (kind, (children, entity, previous)) in
                kinds.filter(|(_, (children, ..))| listed && !children.is_empty())
            {
                let heard = children.into_iter().filter_map(|child| Some((child, *numbers.get(&child)?))).collect();
                let event = Event::new(writer.school, kind, id, writer.now).baseline(writer.baseline);
                told.push(event.written(entity.cloned(), previous.cloned()).heard_by(heard));
            }
        }
        let ids: Vec<i64> = before.keys().copied().collect();
        members.touch_bound::<R>(conn, touch, &ids)?;
        events::append(conn, &told)
    }
}

fn is_listed(writer: Writer, changes: usize) -> bool {
    !writer.baseline || changes <= LISTED
}

/// What families see of these rows now, as events keep it.
fn entities<R: Seen>(conn: &mut Conn, rows: &BTreeMap<i64, R>) -> Result<HashMap<i64, String>> {
    let ids: Vec<i64> = rows.iter().filter(|(_, row)| row.is_there()).map(|(id, _)| *id).collect();
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

    fn children<R: Seen>(&self, row: Option<&R>) -> BTreeSet<ChildId> {
        match row.map(Seen::audience) {
            None => BTreeSet::new(),
            Some(Audience::Child(child)) => BTreeSet::from([child]),
            Some(Audience::Course(course, first, last)) => {
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
