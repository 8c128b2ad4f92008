//! What a teacher may write: what hangs on the courses she teaches, and nothing that hangs on another's.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;

use super::Entry;
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::error::Flaw;
use crate::intake::{Item, unknown};
use crate::schema::{courses, lessons};
use crate::types::{CourseId, LessonId, SchoolId, StaffId};

/// The courses a teacher teaches now, by the school's own ids.
pub(super) struct Taught(HashMap<String, CourseId>);

impl Taught {
    pub(super) fn by(conn: &mut Conn, school: SchoolId, teacher: StaffId) -> Result<Self> {
        let query = courses::table
            .filter(courses::school_id.eq(school).and(courses::staff_id.eq(teacher)))
            .select((courses::external_id, courses::id));
        Ok(Self(on_backend!(conn => query.load::<(String, CourseId)>(conn))?.into_iter().collect()))
    }

    /// Place by place what is not the teacher's: an item that goes to another's course (`goes_to`, answered as one that does
    /// not exist), or an id that names something of another's course (`lies_in`).
    pub(super) fn judge<I: Item>(
        &self,
        entries: &[Entry<I>],
        lies_in: &HashMap<String, CourseId>,
        goes_to: impl Fn(&I, &HashMap<String, CourseId>) -> Result<(), Flaw>,
    ) -> Vec<Option<Flaw>> {
        let own: HashSet<CourseId> = self.0.values().copied().collect();
        let judge = |entry: &Entry<I>| {
            if let Entry::Put { item, .. } = entry
                && let Err(flaw) = goes_to(item, &self.0)
            {
                return Some(flaw);
            }
            let course = lies_in.get(entry.external_id()?)?;
            (!own.contains(course)).then(foreign)
        };
        entries.iter().map(judge).collect()
    }

    /// The lessons of these courses, by the school's own ids.
    pub(super) fn lessons(&self, conn: &mut Conn, school: SchoolId, named: &[&str]) -> Result<HashSet<String>> {
        let own: Vec<CourseId> = self.0.values().copied().collect();
        let query = lessons::table
            .filter(lessons::school_id.eq(school).and(lessons::external_id.eq_any(named)))
            .filter(lessons::course_id.eq_any(own))
            .select((lessons::external_id, lessons::id));
        let found = on_backend!(conn => query.load::<(String, LessonId)>(conn))?;
        Ok(found.into_iter().map(|(number, _)| number).collect())
    }
}

/// An item's course, if it is one of those the teacher teaches.
pub(super) fn own_course(course: &str, taught: &HashMap<String, CourseId>) -> Result<(), Flaw> {
    if taught.contains_key(course) { Ok(()) } else { Err(unknown("/courseExternalId", course)) }
}

/// The id is in use for something that is not the teacher's.
pub(super) fn foreign() -> Flaw {
    Flaw::new("/externalId", "not-yours", "This is not of a course you teach: the school's office writes it.")
}
