//! The results of a school year: the mean of its periods, exams, final grades, by the engine and by the journal.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rows::{ResultRow, Set, levels, set};
use crate::Result;
use crate::assessment::{Entry, Final, Year, final_grade, year};
use crate::db::{Conn, on_backend};
use crate::periods::Period;
use crate::schema::{periods, results};
use crate::schemes::{self, InForce, Version};
use crate::types::{ChildId, GradeStatus, PeriodGradeKind, PeriodKind, Source, SubjectId};

/// What is to be frozen for these children.
pub(super) fn rows(
    conn: &mut Conn,
    period: &Period,
    frozen_at: NaiveDateTime,
    children: &[ChildId],
) -> Result<Vec<ResultRow>> {
    let in_force = schemes::in_force(conn, period.school, period.school_year)?;
    let levels = levels(conn, period, children)?;
    let set = set(conn, period, children)?;
    let terms = terms(conn, period, children)?;
    let mut rows = Vec::new();
    for child in children {
        let level = levels.get(child).copied();
        let years = years(&in_force, level, terms.get(child));
        let failed = years.values().filter(|(version, year)| year.fails(&version.scheme)).count();
        for (subject, (version, year)) in &years {
            let bare = |kind| ResultRow::bare(period, frozen_at, (*child, *subject), kind);
            let exam = set.get(&(*child, *subject, PeriodGradeKind::Exam)).map(Set::entry);
            rows.push(match year {
                Year::Graded(_, symbol) => ResultRow::symbol(bare(PeriodGradeKind::Year), version, symbol),
                Year::Without(status) => ResultRow::without(bare(PeriodGradeKind::Year), version, *status),
            });
            rows.extend(match final_grade(&version.scheme, level, year, exam.as_ref(), failed) {
                Some(Final::Graded(symbol)) => Some(ResultRow::symbol(bare(PeriodGradeKind::Final), version, &symbol)),
                Some(Final::Without(status)) => Some(ResultRow::without(bare(PeriodGradeKind::Final), version, status)),
                Some(Final::Waits) | None => None,
            });
        }
    }
    rows.extend(set.values().map(|set| ResultRow::of_journal(period, frozen_at, set)));
    Ok(rows)
}

impl Set {
    fn entry(&self) -> Entry {
        Entry { status: self.status, value: self.value.clone() }
    }
}

type Terms = BTreeMap<SubjectId, Vec<(PeriodKind, Entry)>>;

/// What the year of each subject comes to. A subject that has grades of quarters is not graded by half-years as well.
fn years<'a>(
    in_force: &'a InForce,
    level: Option<i32>,
    terms: Option<&Terms>,
) -> BTreeMap<SubjectId, (&'a Version, Year)> {
    let mut years = BTreeMap::new();
    for (subject, entries) in terms.into_iter().flatten() {
        let Some(version) = in_force.of(*subject, level).filter(|version| version.scheme.grades(level)) else {
            continue;
        };
        let quarters = entries.iter().any(|(kind, _)| *kind == PeriodKind::Quarter);
        let counted = entries.iter().filter(|(kind, _)| !quarters || *kind == PeriodKind::Quarter);
        let counted: Vec<Entry> = counted.map(|(_, entry)| entry.clone()).collect();
        years.extend(year(&version.scheme, &counted).map(|year| (*subject, (version, year))));
    }
    years
}

type Row = (ChildId, SubjectId, PeriodKind, i64, Source, GradeStatus, Option<String>);

/// What is frozen for the periods of the year: one entry a period, the journal's before the engine's. Periods are joined in a
/// way no index serves: SQLite would read the results of the whole school.
fn terms(conn: &mut Conn, year: &Period, children: &[ChildId]) -> Result<BTreeMap<ChildId, Terms>> {
    let query = results::table
        .inner_join(periods::table.on(periods::id.eq(results::period_id + 0)))
        .filter(results::child_id.eq_any(children).and(results::kind.eq(PeriodGradeKind::Period)))
        .filter(periods::school_id.eq(year.school).and(periods::school_year.eq(year.school_year)))
        .filter(results::frozen_at.nullable().eq(periods::closed_at))
        .select((
            results::child_id,
            results::subject_id,
            periods::kind,
            results::period_id,
            results::source,
            results::status,
            results::value,
        ));
    let mut found = on_backend!(conn => query.load::<Row>(conn))?;
    found
        .sort_by_key(|(child, subject, _, period, source, ..)| (*child, *subject, *period, std::cmp::Reverse(*source)));
    found.dedup_by_key(|(child, subject, _, period, ..)| (*child, *subject, *period));
    let mut terms: BTreeMap<ChildId, Terms> = BTreeMap::new();
    for (child, subject, kind, _, _, status, value) in found {
        terms.entry(child).or_default().entry(subject).or_default().push((kind, Entry { status, value }));
    }
    Ok(terms)
}
