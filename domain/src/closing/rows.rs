//! What a closing writes, and what it writes it from: levels, what the journal set, the row of a result.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::Result;
use crate::assessment::{Assessed, Symbol};
use crate::db::{Conn, on_backend};
use crate::periods::Period;
use crate::schema::{class_groups, class_members, period_grades, results};
use crate::schemes::Version;
use crate::types::{ChildId, GradeStatus, Names, PeriodGradeKind, PeriodId, SchoolId, Source, SubjectId};

/// A frozen result.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = results, treat_none_as_default_value = false)]
pub(super) struct ResultRow {
    pub school_id: SchoolId,
    pub child_id: ChildId,
    pub subject_id: SubjectId,
    pub period_id: PeriodId,
    pub kind: PeriodGradeKind,
    pub source: Source,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub names: Option<String>,
    pub percent: Option<i64>,
    pub scheme: Option<String>,
    pub scheme_version: Option<i32>,
    pub detail: Option<String>,
    pub frozen_at: NaiveDateTime,
}

/// What the journal set for a child, subject and kind.
#[derive(Debug, Clone, Queryable)]
pub(super) struct Set {
    pub child: ChildId,
    pub subject: SubjectId,
    pub kind: PeriodGradeKind,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub percent: Option<i64>,
}

/// As many rows as one statement takes.
const CHUNK: usize = 500;

impl ResultRow {
    /// The journal's own grade.
    pub fn of_journal(period: &Period, frozen_at: NaiveDateTime, set: &Set) -> Self {
        let bare = Self::bare(period, frozen_at, (set.child, set.subject), set.kind);
        Self { source: Source::Journal, status: set.status, value: set.value.clone(), percent: set.percent, ..bare }
    }

    /// A result of the engine without a number.
    pub fn without(of: Self, version: &Version, status: GradeStatus) -> Self {
        Self { status, ..of.by(version) }
    }

    /// A result of the engine that comes from grades.
    pub fn assessed(of: Self, version: &Version, assessed: &Assessed) -> Self {
        Self {
            value: Some(assessed.value.clone()),
            names: assessed.names.as_ref().map(Names::to_column),
            percent: assessed.percent,
            detail: serde_json::to_string(assessed).ok(),
            ..of.by(version)
        }
    }

    /// A result of the engine that is a symbol and nothing else.
    pub fn symbol(of: Self, version: &Version, symbol: &Symbol) -> Self {
        let names = symbol.names.as_ref().map(Names::to_column);
        Self { value: Some(symbol.symbol.clone()), names, ..of.by(version) }
    }

    /// A row about this child and subject, still to be filled.
    pub fn bare(
        period: &Period,
        frozen_at: NaiveDateTime,
        (child_id, subject_id): (ChildId, SubjectId),
        kind: PeriodGradeKind,
    ) -> Self {
        Self {
            school_id: period.school,
            child_id,
            subject_id,
            period_id: period.id,
            kind,
            source: Source::Engine,
            status: GradeStatus::Graded,
            value: None,
            names: None,
            percent: None,
            scheme: None,
            scheme_version: None,
            detail: None,
            frozen_at,
        }
    }

    fn by(self, version: &Version) -> Self {
        Self { scheme: Some(version.name.clone()), scheme_version: Some(version.version), ..self }
    }
}

/// Writes the rows.
pub(super) fn insert(conn: &mut Conn, rows: &[ResultRow]) -> Result<()> {
    for rows in rows.chunks(CHUNK) {
        on_backend!(conn => diesel::insert_into(results::table).values(rows).execute(conn))?;
    }
    Ok(())
}

/// The level of each child's class in the school year of the period.
pub(super) fn levels(conn: &mut Conn, period: &Period, children: &[ChildId]) -> Result<HashMap<ChildId, i32>> {
    let query = class_members::table
        .inner_join(class_groups::table)
        .filter(class_members::child_id.eq_any(children).and(class_groups::school_year.eq(period.school_year)))
        .filter(class_groups::school_id.eq(period.school).and(class_groups::level.is_not_null()))
        .order((class_members::starts_on, class_members::id))
        .select((class_members::child_id, class_groups::level.assume_not_null()));
    Ok(on_backend!(conn => query.load::<(ChildId, i32)>(conn))?.into_iter().collect())
}

/// What the journal set in the period, the entry written last for each child, subject and kind.
pub(super) fn set(
    conn: &mut Conn,
    period: &Period,
    children: &[ChildId],
) -> Result<BTreeMap<(ChildId, SubjectId, PeriodGradeKind), Set>> {
    let query = period_grades::table
        .filter(period_grades::child_id.eq_any(children).and(period_grades::period_id.eq(period.id)))
        .order((period_grades::recorded_at, period_grades::id))
        .select((
            period_grades::child_id,
            period_grades::subject_id,
            period_grades::kind,
            period_grades::status,
            period_grades::value,
            period_grades::percent,
        ));
    let found = on_backend!(conn => query.load::<Set>(conn))?;
    Ok(found.into_iter().map(|set| ((set.child, set.subject, set.kind), set)).collect())
}
