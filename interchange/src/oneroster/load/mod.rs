//! From a checked bundle into the diary: each row through the same door a school's journal writes through.

mod classes;
mod dates;
mod held;
mod kin;
mod kinds;
mod leaving;
mod members;
mod origins;
mod people;
mod periods;
mod persons;
mod schools;
mod scores;
mod subjects;
mod works;

use chrono::NaiveDateTime;
use domain::db::Db;
use domain::intake::Writer;
use domain::types::SchoolId;

use self::dates::Years;
use self::held::Held;
use self::persons::Persons;
pub use self::schools::{Choice, choose};
use super::files::File;
use super::{Bundle, Org};
use crate::door::{Door, Mark, alone, today};
pub use crate::door::{LoadError, Options};
use crate::report::Report;

/// Writes what `bundle` says of the chosen school, then takes back what it no longer says. A row the diary does not take is
/// reported and the rest goes on; a second import of the same bundle changes nothing. One import of a school at a time.
pub fn load(
    db: &Db,
    school: SchoolId,
    bundle: &Bundle,
    choice: &Choice,
    now: NaiveDateTime,
    options: Options<'_>,
) -> Result<Report, LoadError> {
    let _alone = alone(db, school)?;
    let today = today(db, school, now)?;
    let held = Held::new(db, school, bundle)?;
    let persons = Persons::new(bundle, choice, &held);
    let leaving = leaving::find(db, school, today, bundle, (&persons, &held), options.allow_shrink)?;
    let writer = Writer { school, staff: None, client: None, now, reopen: true, baseline: true };
    let mut door = Door::new(db, writer, origins::tally(bundle)).watched(options.progress);
    let years = Years::new(&bundle.academic_sessions, &bundle.courses, &held, now);
    orgs(&mut door, &bundle.orgs, choice);
    let periods = periods::write(&mut door, bundle, &held, &years)?;
    let people = people::write(&mut door, bundle, choice, (&persons, &held), &years)?;
    let subjects = subjects::write(&mut door, bundle, choice, &held)?;
    let classes = classes::write(&mut door, bundle, choice, (&people, &held), &subjects, &years)?;
    classes::reappoint(&mut door, bundle, &classes, &held)?;
    members::write(&mut door, bundle, &people, &classes, &years)?;
    let mut works = works::write(&mut door, bundle, &classes, &periods)?;
    scores::write(&mut door, bundle, &people, &mut works)?;
    leaving.take(&mut door, today)?;
    tracing::info!(school.id = school.0, rows = door.tally.read(), rejected = door.tally.rejected(), "bundle imported");
    Ok(Report { notes: notes(bundle, &held), ..door.tally.report() })
}

/// What was passed over without harm, but not without a word.
fn notes(bundle: &Bundle, held: &Held) -> Vec<String> {
    let silent = if bundle.is_delta(File::Users) { held.silent(bundle) } else { 0 };
    if silent == 0 {
        return Vec::new();
    }
    vec![format!(
        "{}: the rows of {silent} pupils name no agents, so their guardians stay; a bulk file, or the guardian's row with \
         tobedeleted, ends a right.",
        File::Users
    )]
}

/// A school is made before its bundle is loaded, so its own row says nothing new.
fn orgs(door: &mut Door<'_>, orgs: &[Org], choice: &Choice) {
    for org in orgs {
        let own = choice.holds(&org.sourced_id);
        door.tally.count(File::Orgs.place(), if own { Mark::Unchanged } else { Mark::Skipped });
    }
}
