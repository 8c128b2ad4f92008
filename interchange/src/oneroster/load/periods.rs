//! Academic sessions as periods of the diary.

use std::collections::HashSet;

use domain::intake;
use domain::types::{Names, PeriodKind};

use super::LoadError;
use super::dates::Years;
use super::held::Held;
use crate::door::{Door, Mark, Plan};
use crate::oneroster::{AcademicSession, Bundle, SessionKind};

/// Writes the periods and returns the ids of those the diary holds. The last day is taken as the exporter wrote it.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    held: &'b Held,
    years: &Years<'_>,
) -> Result<HashSet<&'b str>, LoadError> {
    let plan = |row: &AcademicSession| {
        Plan::Write(intake::Period {
            external_id: row.sourced_id.clone(),
            kind: kind(row.kind),
            school_year: years.of_session(row),
            names: Names::same(&row.title),
            starts_on: row.start,
            ends_on: row.end,
        })
    };
    let marks = door.put_counted(&bundle.academic_sessions, plan)?;
    let written = marks.into_iter().filter(|(_, mark)| *mark != Mark::Rejected).map(|(row, _)| row.sourced_id.as_str());
    Ok(written.chain(held.periods.keys().map(String::as_str)).collect())
}

/// A kind of the exporter's own is some part of a year that grades are given for.
fn kind(kind: SessionKind) -> PeriodKind {
    match kind {
        SessionKind::SchoolYear => PeriodKind::Year,
        SessionKind::Semester => PeriodKind::Semester,
        SessionKind::Term | SessionKind::GradingPeriod | SessionKind::Other => PeriodKind::Quarter,
    }
}
