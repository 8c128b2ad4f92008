//! What a source no longer holds: found and weighed before anything is written, taken back after everything is.

use chrono::NaiveDate;
use domain::db::Db;
use domain::intake::{self, Kind, Standing};
use domain::types::SchoolId;

use super::{Door, LoadError, Place};
use crate::report::Refusal;

/// Of what stands, a source may take back one part in so many without being asked whether that is meant.
const SHRINK: usize = 5;
/// How many ids are looked at at once.
const PAGE: i64 = 4000;

/// What becomes of something that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The source is not about it.
    Foreign,
    Stays,
    Leaves,
}

/// What leaves, in the order of leaving: what hangs on something goes before it.
#[derive(Debug, Default)]
pub(crate) struct Leaving {
    allow_shrink: bool,
    things: Vec<(Kind, Place, Vec<String>)>,
    rights: Option<(Place, Vec<(String, String)>)>,
}

impl Leaving {
    /// With `allow_shrink`, any part of what stands may leave.
    pub(crate) fn new(allow_shrink: bool) -> Self {
        Self { allow_shrink, ..Self::default() }
    }

    /// Asks for everything of a kind that stands whether it leaves.
    pub(crate) fn find(
        &mut self,
        db: &Db,
        (school, today): (SchoolId, NaiveDate),
        kind: Kind,
        place: Place,
        fate: impl Fn(&Standing) -> Fate,
    ) -> Result<(), LoadError> {
        let (mut stood, mut gone, mut after) = (0, Vec::new(), String::new());
        loop {
            let page = db.read_here(|conn| intake::standing(conn, school, kind, today, &after, PAGE))?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.external_id);
            for one in page {
                let fate = fate(&one);
                stood += usize::from(fate != Fate::Foreign);
                if fate == Fate::Leaves {
                    gone.push(one.external_id);
                }
            }
        }
        self.weigh(noun(kind), gone.len(), stood)?;
        self.things.push((kind, place, gone));
        Ok(())
    }

    /// Before the things of a kind that were found leaves what they are of, which `of` tells from their ids.
    pub(crate) fn before(&mut self, kind: Kind, first: Kind, of: impl Fn(&str) -> Option<String>) {
        let Some(at) = self.things.iter().position(|(known, ..)| *known == kind) else { return };
        let Some((_, place, ids)) = self.things.get(at) else { return };
        let firsts = (first, *place, ids.iter().filter_map(|id| of(id)).collect());
        self.things.insert(at, firsts);
    }

    /// Of `stood` rights of guardians, those to single children that end: the school's own ids of both.
    pub(crate) fn rights(
        &mut self,
        place: Place,
        ending: Vec<(String, String)>,
        stood: usize,
    ) -> Result<(), LoadError> {
        self.weigh("rights of guardians", ending.len(), stood)?;
        self.rights = Some((place, ending));
        Ok(())
    }

    fn weigh(&self, noun: &str, gone: usize, stood: usize) -> Result<(), LoadError> {
        if self.allow_shrink || gone * SHRINK <= stood {
            return Ok(());
        }
        Err(LoadError::Refused(Refusal::new(format!(
            "This would take {gone} of {stood} {noun} out of the diary, more than a fifth; export the whole again, or \
             allow it with --allow-shrink if that is meant."
        ))))
    }

    /// Takes back what was found, in small steps.
    pub(crate) fn take(self, door: &mut Door<'_>, today: NaiveDate) -> domain::Result<()> {
        for (kind, place, ids) in self.things {
            door.remove(place, kind, today, &ids)?;
        }
        match self.rights {
            Some((place, ending)) => door.end_rights(place, &ending),
            None => Ok(()),
        }
    }
}

fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Students => "students",
        Kind::Guardians => "guardians",
        Kind::ClassMembers => "memberships of classes",
        Kind::CourseMembers => "memberships of courses",
        Kind::Lessons => "lessons",
        Kind::Assessments => "assessments",
        Kind::Grades => "grades",
    }
}
