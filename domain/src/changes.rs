//! What changed for a child since a place in its history: the feed of a phone that was away.

use chrono::NaiveDateTime;
use diesel::prelude::*;
use serde::de::DeserializeOwned;

use crate::access::ChildAccess;
use crate::assessments::Assessment;
use crate::attendance::Noted;
use crate::db::{Conn, on_backend};
use crate::error::Rule;
use crate::grades::Grade;
use crate::homework::{self, Homework};
use crate::report_card::Entry;
use crate::schema::{child_events, events};
use crate::timetable::Lesson;
use crate::types::{ChildId, EventId, EventKind, HomeworkId, SchoolId};
use crate::{Error, Result};

/// How far one child's changes are known: all up to `revision`, of the next number the events up to `event`, and what
/// `school` shares up to `shared`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub child: ChildId,
    pub revision: i64,
    pub event: EventId,
    pub school: SchoolId,
    pub shared: i64,
}

impl Place {
    /// Everything is known.
    pub fn now(access: &ChildAccess) -> Self {
        let counters = access.counters();
        let (child, school) = (access.child(), access.school());
        Self { child, revision: counters.child, event: EventId(0), school, shared: counters.school }
    }

    /// The last number of which at least a part is known.
    fn begun(&self) -> i64 {
        self.revision + i64::from(self.event.0 > 0)
    }

    /// Right behind one event.
    fn behind(&self, row: &Row) -> Self {
        Self { revision: row.revision - 1, event: row.event, ..*self }
    }

    /// Right before the first event of its number.
    fn before(&self, row: &Row) -> Self {
        Self { revision: row.revision - 1, event: EventId(0), ..*self }
    }
}

/// One step of the way from a place to now, and the place behind it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub place: Place,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "they live for one page")]
pub enum What {
    Event(Change),
    /// Something changed that no event describes: the child's views must be loaded anew.
    Anything,
}

/// One thing that came, changed or went, and what it was before it changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    pub kind: EventKind,
    pub at: NaiveDateTime,
    pub entity: Entity,
    pub previous: Option<Entity>,
}

/// What families read. A lesson comes without what hangs on it, which has events of its own.
#[derive(Debug, Clone, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "they live for one page")]
pub enum Entity {
    Grade(Grade),
    Homework(Homework),
    Lesson(Lesson),
    Attendance(Noted),
    PeriodGrade(Entry),
    Assessment(Assessment),
}

#[derive(Queryable)]
struct Row {
    revision: i64,
    event: EventId,
    kind: EventKind,
    at: NaiveDateTime,
    entity: Option<String>,
    previous: Option<String>,
}

/// At most `limit` steps from `from` on, in the order in which the changes were committed, and whether there are more. A
/// place ahead of the diary comes from another history of the database: [`Rule::CursorTooOld`].
pub fn since(conn: &mut Conn, access: &ChildAccess, from: &Place, limit: usize) -> Result<(Vec<Step>, bool)> {
    let now = Place::now(access);
    if from.revision > now.revision || (from.school == now.school && from.shared > now.shared) {
        return Err(Error::Conflict(Rule::CursorTooOld));
    }
    let mut rows = if from.revision < now.revision { rows(conn, access, from, &now, limit + 1)? } else { Vec::new() };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let (mut steps, mut begun, mut gap) = (Vec::with_capacity(limit + 1), from.begun(), None);
    for row in rows {
        if row.revision > begun + 1 {
            gap = Some((steps.len(), from.before(&row)));
        }
        begun = row.revision;
        steps.push(Step { place: from.behind(&row), what: What::Event(row.read()?) });
    }
    mend(conn, access, &mut steps)?;
    let moved = begun < now.revision || (from.school, from.shared) != (now.school, now.shared);
    if moved && !more {
        // It stays ahead while there is no room for it.
        let full = steps.len() == limit;
        if !full {
            steps.push(Step { place: now, what: What::Anything });
        }
        return Ok((steps, full));
    }
    // Whoever loads a child anew behind the last gap needs not do so behind those before.
    if let Some((index, place)) = gap {
        steps.insert(index, Step { place, what: What::Anything });
    }
    let more = more || steps.len() > limit;
    steps.truncate(limit);
    Ok((steps, more))
}

fn rows(conn: &mut Conn, access: &ChildAccess, from: &Place, now: &Place, limit: usize) -> Result<Vec<Row>> {
    let known = child_events::revision.gt(from.revision + 1).or(child_events::event_id.gt(from.event));
    let query = child_events::table
        .inner_join(events::table)
        .filter(child_events::child_id.eq(access.child()))
        .filter(child_events::revision.gt(from.revision).and(child_events::revision.le(now.revision)).and(known))
        .order((child_events::revision, child_events::event_id))
        .limit(i64::try_from(limit).unwrap_or(i64::MAX))
        .select((child_events::revision, events::id, events::kind, events::at, events::entity, events::previous));
    Ok(on_backend!(conn => query.load(conn))?)
}

impl Row {
    fn read(self) -> Result<Change> {
        Change::read(self.kind, self.at, self.entity.as_deref(), self.previous.as_deref())
    }
}

impl Change {
    /// A change as an event keeps it.
    pub(crate) fn read(
        kind: EventKind,
        at: NaiveDateTime,
        entity: Option<&str>,
        previous: Option<&str>,
    ) -> Result<Self> {
        let entity = Entity::read(kind, entity.unwrap_or_default())?;
        let previous = previous.map(|previous| Entity::read(kind, previous)).transpose()?;
        Ok(Self { kind, at, entity, previous })
    }
}

impl Entity {
    fn read(kind: EventKind, text: &str) -> Result<Self> {
        use EventKind as Kind;
        Ok(match kind {
            Kind::GradeCreated | Kind::GradeChanged | Kind::GradeRemoved => Self::Grade(parse(text)?),
            Kind::HomeworkCreated | Kind::HomeworkChanged | Kind::HomeworkRemoved => Self::Homework(parse(text)?),
            Kind::LessonCreated | Kind::LessonChanged | Kind::LessonRemoved => Self::Lesson(parse(text)?),
            Kind::AttendanceCreated | Kind::AttendanceChanged | Kind::AttendanceRemoved => {
                Self::Attendance(parse(text)?)
            }
            Kind::PeriodGradeCreated | Kind::PeriodGradeChanged | Kind::PeriodGradeRemoved => {
                Self::PeriodGrade(parse(text)?)
            }
            Kind::AssessmentCreated | Kind::AssessmentChanged | Kind::AssessmentRemoved => {
                Self::Assessment(parse(text)?)
            }
            Kind::ChildAdded | Kind::ChildRemoved => {
                return Err(Error::Store("an event of an account stands in a child's diary".to_owned()));
            }
        })
    }

    fn homework(&mut self) -> Option<&mut Homework> {
        match self {
            Self::Homework(homework) => Some(homework),
            _ => None,
        }
    }
}

fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    // The error's own words may hold a value of the event, and errors are logged.
    let unread = |error: serde_json::Error| {
        let (what, line, column) = (error.classify(), error.line(), error.column());
        Error::Store(format!("an event cannot be read: {what:?} at line {line}, column {column}"))
    };
    serde_json::from_str(text).map_err(unread)
}

/// Homework is told to a whole course at once, without anybody's tick; each child gets its own. An event that knows of a
/// tick is the tick itself and stays as it is.
fn mend(conn: &mut Conn, access: &ChildAccess, steps: &mut [Step]) -> Result<()> {
    let mut open: Vec<&mut Homework> = Vec::new();
    for step in steps {
        let What::Event(change) = &mut step.what else { continue };
        let both = [Some(&mut change.entity), change.previous.as_mut()];
        let both: Vec<&mut Homework> = both.into_iter().flatten().filter_map(Entity::homework).collect();
        if both.iter().all(|homework| homework.done_at.is_none()) {
            open.extend(both);
        }
    }
    let ids: Vec<HomeworkId> = open.iter().map(|homework| homework.id).collect();
    if !ids.is_empty() {
        let ticks = homework::ticks(conn, access, &ids)?;
        for homework in open {
            homework.done_at = ticks.get(&homework.id).copied();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_cannot_be_read_tells_none_of_its_values() {
        let told = Entity::read(EventKind::GradeCreated, "\"Айару\"").unwrap_err().to_string();
        assert_eq!(told, "an event cannot be read: Data at line 1, column 12");
    }
}
