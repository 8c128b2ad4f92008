//! Who and what a bundle no longer holds: found and weighed before anything is written, taken back after everything is.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::db::Db;
use domain::intake::{self, Kind, Standing};
use domain::types::SchoolId;

use super::LoadError;
use super::persons::Persons;
use crate::door::Door;
use crate::oneroster::{Bundle, File};
use crate::report::Refusal;

/// Of what stands, a bundle may take back one part in so many without being asked whether that is meant.
const SHRINK: usize = 5;
/// How many ids are looked at at once.
const PAGE: i64 = 4000;

/// What leaves, of each kind.
pub(super) struct Leaving(Vec<(Kind, File, Vec<String>)>);

/// The kinds in the order of leaving: what hangs on something goes before it, but guardians after the students, for those of
/// a child that leaves stay its guardians.
const ORDER: [(Kind, File, &str); 6] = [
    (Kind::Grades, File::Results, "grades"),
    (Kind::Assessments, File::LineItems, "assessments"),
    (Kind::CourseMembers, File::Enrollments, "memberships of courses"),
    (Kind::ClassMembers, File::Enrollments, "memberships of classes"),
    (Kind::Students, File::Users, "students"),
    (Kind::Guardians, File::Users, "guardians"),
];

/// Compares what stands in the diary with the bundle. A file that is not part of it takes nothing back, a row that was
/// rejected is not absent, and works and grades of courses that the bundle does not name are history.
pub(super) fn find(
    db: &Db,
    school: SchoolId,
    today: NaiveDate,
    bundle: &Bundle,
    persons: &Persons<'_>,
    allow_shrink: bool,
) -> Result<Leaving, LoadError> {
    let linked: HashSet<&str> = bundle.family_links.iter().map(|link| link.guardian.as_str()).collect();
    let stays = |kind, id: &str| match kind {
        Kind::Students => persons.is_pupil(id),
        _ => persons.is_family(id) || linked.contains(id),
    };
    let mut leaving = Vec::new();
    for (kind, file, noun) in ORDER {
        if bundle.count(file).is_none() || (kind == Kind::Guardians && linked.is_empty()) {
            continue;
        }
        let (mut stood, mut gone, mut after) = (0_usize, Vec::new(), String::new());
        loop {
            let page = db.read_here(|conn| intake::standing(conn, school, kind, today, &after, PAGE))?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.external_id);
            stood += page.len();
            gone.extend(
                page.into_iter().filter(|one| leaves(bundle, &stays, kind, file, one)).map(|one| one.external_id),
            );
        }
        if !allow_shrink && gone.len() * SHRINK > stood {
            return Err(LoadError::Refused(too_much(noun, gone.len(), stood)));
        }
        leaving.push((kind, file, gone));
    }
    Ok(Leaving(leaving))
}

/// `stays` knows who of the people stays.
fn leaves(bundle: &Bundle, stays: &impl Fn(Kind, &str) -> bool, kind: Kind, file: File, one: &Standing) -> bool {
    let id = one.external_id.as_str();
    let stays = match kind {
        Kind::Students | Kind::Guardians => stays(kind, id),
        Kind::ClassMembers | Kind::CourseMembers => bundle.holds(file, id),
        Kind::Assessments | Kind::Grades => {
            bundle.holds(file, id) || one.course.as_deref().is_none_or(|course| !bundle.holds(File::Classes, course))
        }
    };
    !stays && !bundle.was_rejected(file, id)
}

fn too_much(noun: &str, gone: usize, stood: usize) -> Refusal {
    Refusal::new(format!(
        "This would take {gone} of {stood} {noun} out of the diary, more than a fifth; export the whole again, or allow it \
         with --allow-shrink if that is meant."
    ))
}

impl Leaving {
    /// Takes back what was found, in small steps.
    pub(super) fn take(self, door: &mut Door<'_>, today: NaiveDate) -> Result<(), LoadError> {
        for (kind, file, ids) in self.0 {
            door.remove(file.place(), kind, today, &ids)?;
        }
        Ok(())
    }
}
