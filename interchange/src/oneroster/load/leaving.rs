//! Who and what a bundle no longer holds, found before anything is written.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::db::Db;
use domain::intake::{Kind, Standing};
use domain::types::SchoolId;

use super::LoadError;
use super::held::Held;
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
    (persons, held): (&Persons<'_>, &Held),
    allow_shrink: bool,
) -> Result<Leaving, LoadError> {
    let linked: HashSet<&str> = bundle.family_links.iter().map(|link| link.guardian.as_str()).collect();
    let mut leaving = Leaving::new(allow_shrink);
    for (kind, file) in ORDER {
        if bundle.has_deltas() && !is_whole(bundle, kind, file) {
            let told = if bundle.count(file).is_some() { file } else { above(kind) };
            leaving.find(db, (school, today), kind, told.place(), |one| {
                if is_taken_back(bundle, persons, kind, one) { Fate::Leaves } else { Fate::Stays }
            })?;
            continue;
        }
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
            let misspelt = if file == File::Users { is_misspelt(bundle, id) } else { bundle.was_rejected(file, id) };
            if held || misspelt { Fate::Stays } else { Fate::Leaves }
        })?;
    }
    let (ending, stood) = held.ending(bundle);
    leaving.rights(File::Users.place(), ending, stood)?;
    Ok(leaving)
}

/// Whether what is not named is gone.
fn is_whole(bundle: &Bundle, kind: Kind, file: File) -> bool {
    match kind {
        Kind::Students | Kind::Guardians => bundle.knows_everybody(),
        _ => bundle.is_whole(file),
    }
}

/// Whose rows take things of a kind along when their own file is not part of the bundle.
fn above(kind: Kind) -> File {
    match kind {
        Kind::Grades | Kind::Assessments => File::LineItems,
        Kind::Students | Kind::Guardians => File::Roles,
        Kind::ClassMembers | Kind::CourseMembers | Kind::Lessons => File::Classes,
    }
}

/// What the rows of a bundle of changes say: that it is gone, or what it hangs on.
fn is_taken_back(bundle: &Bundle, persons: &Persons<'_>, kind: Kind, one: &Standing) -> bool {
    let gone = |file, id: &str| bundle.is_delta(file) && bundle.is_gone(file, id);
    let id = one.external_id.as_str();
    let missing = |id| bundle.is_whole(File::Users) && !bundle.holds(File::Users, id) && !is_misspelt(bundle, id);
    let of = one.of.as_deref().unwrap_or_default();
    match kind {
        Kind::Students => gone(File::Users, id) || persons.lost_studies(id) || missing(id),
        Kind::Guardians => gone(File::Users, id) || persons.lost_family(id) || missing(id),
        Kind::ClassMembers | Kind::CourseMembers => gone(File::Enrollments, id) || gone(File::Classes, of),
        Kind::Assessments => gone(File::LineItems, id),
        Kind::Grades => gone(File::Results, id) || one.work.as_deref().is_some_and(|work| gone(File::LineItems, work)),
        Kind::Lessons => false,
    }
}

fn is_misspelt(bundle: &Bundle, user: &str) -> bool {
    bundle.was_rejected(File::Users, user) || bundle.is_in_doubt(user)
}

fn is_history(bundle: &Bundle, one: &Standing) -> bool {
    one.of.as_deref().is_none_or(|course| !bundle.holds(File::Classes, course))
}
