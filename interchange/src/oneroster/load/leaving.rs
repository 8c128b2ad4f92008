//! Who and what a bundle no longer holds, found before anything is written.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::db::Db;
use domain::intake::{Kind, Standing};
use domain::types::SchoolId;

use super::LoadError;
use super::persons::Persons;
use crate::door::{Fate, Leaving};
use crate::oneroster::{Bundle, File};

/// The kinds in the order of leaving. Guardians go after the students, for those of a child that leaves stay its guardians.
const ORDER: [(Kind, File); 6] = [
    (Kind::Grades, File::Results),
    (Kind::Assessments, File::LineItems),
    (Kind::CourseMembers, File::Enrollments),
    (Kind::ClassMembers, File::Enrollments),
    (Kind::Students, File::Users),
    (Kind::Guardians, File::Users),
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
    let mut leaving = Leaving::new(allow_shrink);
    for (kind, file) in ORDER {
        if bundle.count(file).is_none() || (kind == Kind::Guardians && linked.is_empty()) {
            continue;
        }
        leaving.find(db, (school, today), kind, file.place(), |one| {
            let id = one.external_id.as_str();
            let held = match kind {
                Kind::Students => persons.is_pupil(id),
                Kind::Guardians => persons.is_family(id) || linked.contains(id),
                // Grades of lessons are a journal's or a workbook's.
                Kind::Grades if one.work.is_none() => return Fate::Foreign,
                Kind::Grades | Kind::Assessments => bundle.holds(file, id) || is_history(bundle, one),
                Kind::ClassMembers | Kind::CourseMembers | Kind::Lessons => bundle.holds(file, id),
            };
            if held || bundle.was_rejected(file, id) { Fate::Stays } else { Fate::Leaves }
        })?;
    }
    Ok(leaving)
}

fn is_history(bundle: &Bundle, one: &Standing) -> bool {
    one.of.as_deref().is_none_or(|course| !bundle.holds(File::Classes, course))
}
