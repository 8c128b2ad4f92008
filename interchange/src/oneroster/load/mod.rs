//! From a checked bundle into the diary: each row through the same door a school's journal writes through.

mod classes;
mod dates;
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
use chrono_tz::Tz;
use domain::clock::local_day;
use domain::db::Db;
use domain::intake::Writer;
use domain::types::SchoolId;

use self::dates::Years;
use self::persons::Persons;
pub use self::schools::{Choice, choose};
use super::files::File;
use super::{Bundle, Org};
pub use crate::door::LoadError;
use crate::door::{Door, Mark, Progress, alone};
use crate::report::Report;

/// What the person at the keyboard allows and sees.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Take more than a fifth of something out of the diary.
    pub allow_shrink: bool,
    /// Who watches the rows go in.
    pub progress: Option<Progress<'a>>,
}

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
    let zone = db.read_here(|conn| domain::schools::one(conn, school))?.time_zone;
    let today = local_day(now, zone.parse().unwrap_or(Tz::UTC));
    let persons = Persons::new(bundle, choice);
    let leaving = leaving::find(db, school, today, bundle, &persons, options.allow_shrink)?;
    let writer = Writer { school, staff: None, now, baseline: true };
    let mut door = Door::new(db, writer, origins::tally(bundle)).watched(options.progress);
    let years = Years::new(&bundle.academic_sessions, &bundle.courses, now);
    orgs(&mut door, &bundle.orgs, choice);
    let periods = periods::write(&mut door, bundle, &years)?;
    let people = people::write(&mut door, bundle, choice, &persons, &years)?;
    let subjects = subjects::write(&mut door, bundle, choice)?;
    let classes = classes::write(&mut door, bundle, choice, &people, &subjects, &years)?;
    members::write(&mut door, bundle, &people, &classes, &years)?;
    let works = works::write(&mut door, bundle, &classes, &periods)?;
    scores::write(&mut door, bundle, &people, &works)?;
    leaving.take(&mut door, today)?;
    tracing::info!(school.id = school.0, rows = door.tally.read(), rejected = door.tally.rejected(), "bundle imported");
    Ok(door.tally.report())
}

/// A school is made before its bundle is loaded, so its own row says nothing new.
fn orgs(door: &mut Door<'_>, orgs: &[Org], choice: &Choice) {
    for org in orgs {
        let own = choice.holds(&org.sourced_id);
        door.tally.count(File::Orgs.place(), if own { Mark::Unchanged } else { Mark::Skipped });
    }
}
