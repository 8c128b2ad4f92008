//! Period grades, the entries of the report card, as the school writes them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::members::children;
use super::telling::Before;
use super::{Item, Outcome, Writer, ids_of, merge, part, refuse_closed, rows_of, unknown, upsert};
use crate::db::{Conn, Days, Scope, Touch, on_backend};
use crate::schema::{period_grades, periods, subjects};
use crate::types::{ChildId, GradeStatus, PeriodGradeKind, PeriodId, SchoolId, SubjectId};
use crate::{Error, Result};

/// An entry of the report card; percent in hundredths.
#[derive(Debug, Clone)]
pub struct PeriodGrade {
    pub external_id: String,
    pub student: String,
    pub subject: String,
    pub period: String,
    pub kind: PeriodGradeKind,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub percent: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = period_grades, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct PeriodGradeRow {
    school_id: SchoolId,
    external_id: String,
    pub(super) child_id: ChildId,
    subject_id: SubjectId,
    period_id: PeriodId,
    kind: PeriodGradeKind,
    status: GradeStatus,
    value: Option<String>,
    percent: Option<i64>,
    recorded_at: NaiveDateTime,
}

impl Item for PeriodGrade {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let known = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let days = Days::of(writer.school, days_of_periods(conn, writer, items)?);
        Ok(Scope { days, ..known.into_values().collect::<Vec<_>>().into() })
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let pupils = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let taught = ids_of!(conn, subjects, SubjectId, writer.school, items.iter().map(|item| item.subject.as_str()));
        let within = ids_of!(conn, periods, PeriodId, writer.school, items.iter().map(|item| item.period.as_str()));
        let numbers = items.iter().map(|item| item.external_id.as_str());
        let before = rows_of!(conn, period_grades, PeriodGradeRow, writer.school, numbers);
        let row = |item: &Self| {
            let pupil = pupils.get(&item.student).copied();
            let subject = taught.get(&item.subject).copied();
            let period = within.get(&item.period).copied();
            let row = PeriodGradeRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                child_id: pupil.ok_or_else(|| unknown("/studentExternalId", &item.student))?,
                subject_id: subject.ok_or_else(|| unknown("/subjectExternalId", &item.subject))?,
                period_id: period.ok_or_else(|| unknown("/periodExternalId", &item.period))?,
                kind: item.kind,
                status: item.status,
                value: item.value.clone(),
                percent: item.percent,
                recorded_at: writer.now,
            };
            // The time of the last change is no change by itself.
            let old = before.get(&item.external_id).map(|(_, old)| old);
            let same = old.map(|old| PeriodGradeRow { recorded_at: old.recorded_at, ..row.clone() });
            Ok(same.filter(|same| Some(same) == old).unwrap_or(row))
        };
        let closed = |row: &PeriodGradeRow| {
            let old = before.get(&row.external_id).map(|(_, old)| old);
            let closed = |period| Ok::<_, Error>(touch.closed_at(period)?.is_some());
            Ok(old != Some(row) && (closed(row.period_id)? || old.map_or(Ok(false), |old| closed(old.period_id))?))
        };
        let resolved = refuse_closed(writer, "/periodExternalId", items.iter().map(row).collect(), closed)?;
        let (rows, places) = part(resolved);
        let mut told = Before::nothing();
        let written = upsert!(conn, period_grades, PeriodGradeRow, writer.school, &rows, over &before,
            keeps child_id as "/studentExternalId", before told by writer);
        told.tell(conn, touch, writer, &rows, &written)?;
        Ok(merge(places, written))
    }
}

/// First and last days of the periods that these entries are for, now and before.
fn days_of_periods(conn: &mut Conn, writer: Writer, items: &[PeriodGrade]) -> Result<Vec<NaiveDate>> {
    let numbers: Vec<&str> = items.iter().map(|item| item.external_id.as_str()).collect();
    let named: Vec<&str> = items.iter().map(|item| item.period.as_str()).collect();
    let before = period_grades::table
        .filter(period_grades::school_id.eq(writer.school).and(period_grades::external_id.eq_any(numbers)))
        .select(period_grades::period_id);
    let query = periods::table
        .filter(periods::school_id.eq(writer.school))
        .filter(periods::external_id.eq_any(named).or(periods::id.eq_any(before)))
        .select((periods::starts_on, periods::ends_on));
    let found = on_backend!(conn => query.load::<(NaiveDate, NaiveDate)>(conn))?;
    Ok(found.into_iter().flat_map(|(first, last)| [first, last]).collect())
}
