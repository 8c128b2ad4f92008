//! The report card (табель): what was set for each subject and period of one school year.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use crate::Result;
use crate::access::ChildAccess;
use crate::db::{Conn, on_backend};
use crate::schema::{period_grades, periods, results, subjects};
use crate::timetable::Subject;
use crate::types::{GradeStatus, Language, Names, PeriodGradeKind, PeriodId, Source, SubjectId};

/// What families read as a result: a symbol, or a word in their language.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Serialize, Deserialize)]
pub struct Value {
    pub text: String,
    pub names: Option<Names>,
}

impl Value {
    pub fn in_language(&self, language: Language) -> &str {
        self.names.as_ref().map_or(self.text.as_str(), |names| names.in_language(language))
    }
}

/// One entry; percent in hundredths.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub subject: Subject,
    pub period: PeriodId,
    pub kind: PeriodGradeKind,
    pub status: GradeStatus,
    pub value: Option<Value>,
    pub percent: Option<i64>,
}

macro_rules! columns {
    () => {
        (
            (subjects::id, subjects::names),
            period_grades::period_id,
            period_grades::kind,
            period_grades::status,
            period_grades::value,
            period_grades::percent,
        )
    };
}

type Row = (Subject, PeriodId, PeriodGradeKind, GradeStatus, Option<String>, Option<i64>);

/// The entries of one school year, by subject, at most one for each period and kind. What a closing froze counts before what
/// the journal sent later, and of what was frozen the journal's own grade before the engine's result.
pub fn entries(conn: &mut Conn, access: &ChildAccess, school_year: i32) -> Result<Vec<Entry>> {
    let mut entries: BTreeMap<(SubjectId, PeriodId, PeriodGradeKind), Entry> = BTreeMap::new();
    let mut keep = |row: Row, names: Option<Names>| {
        let entry = entry(row, names);
        entries.insert((entry.subject.id, entry.period, entry.kind), entry);
    };
    let set = period_grades::table
        .inner_join(subjects::table)
        .inner_join(periods::table)
        .filter(period_grades::child_id.eq(access.child()).and(periods::school_year.eq(school_year)))
        .order(period_grades::id)
        .select(columns!())
        .load::<Row>(conn)?;
    for row in set {
        keep(row, None);
    }
    let mut frozen = results::table
        .inner_join(subjects::table)
        .inner_join(periods::table)
        .filter(results::child_id.eq(access.child()).and(periods::school_year.eq(school_year)))
        .filter(results::frozen_at.nullable().eq(periods::closed_at))
        .select((
            (
                (subjects::id, subjects::names),
                results::period_id,
                results::kind,
                results::status,
                results::value,
                results::percent,
            ),
            results::names,
            results::source,
        ))
        .load::<(Row, Option<Names>, Source)>(conn)?;
    frozen.sort_by_key(|(_, _, source)| *source);
    for (row, names, _) in frozen {
        keep(row, names);
    }
    Ok(entries.into_values().collect())
}

fn entry((subject, period, kind, status, text, percent): Row, names: Option<Names>) -> Entry {
    Entry { subject, period, kind, status, value: text.map(|text| Value { text, names }), percent }
}

/// The entries with these ids, as events tell of them.
pub(crate) fn told(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, Entry)>> {
    let query = period_grades::table
        .inner_join(subjects::table)
        .filter(period_grades::id.eq_any(ids))
        .select((period_grades::id, columns!()));
    let rows = on_backend!(conn => query.load::<(i64, Row)>(conn))?;
    Ok(rows.into_iter().map(|(id, row)| (id, entry(row, None))).collect())
}
