//! The results of a quarter or a half-year: by the engine from the grades, and the journal's own beside them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::rows::{ResultRow, levels, set};
use crate::Result;
use crate::assessment::{Mark, Settled, settle};
use crate::db::{Conn, on_backend};
use crate::periods::Period;
use crate::schema::{courses, grades};
use crate::schemes;
use crate::types::{ChildId, PeriodGradeKind, SubjectId};

/// What is to be frozen for these children.
pub(super) fn rows(
    conn: &mut Conn,
    period: &Period,
    frozen_at: NaiveDateTime,
    children: &[ChildId],
) -> Result<Vec<ResultRow>> {
    let in_force = schemes::in_force(conn, period.school, period.school_year)?;
    let levels = levels(conn, period, children)?;
    let mut rows = Vec::new();
    for (about, marks) in marks(conn, period, children)? {
        let level = levels.get(&about.0).copied();
        let Some(version) = in_force.of(about.1, level) else { continue };
        if !version.scheme.grades(level) || !version.scheme.graded_in(period.kind, period.nests) {
            continue;
        }
        let bare = || ResultRow::bare(period, frozen_at, about, PeriodGradeKind::Period);
        rows.extend(settle(&version.scheme, &marks).map(|settled| match settled {
            Settled::Graded(assessed) => ResultRow::assessed(bare(), version, &assessed),
            Settled::Without(status) => ResultRow::without(bare(), version, status),
        }));
    }
    let own = set(conn, period, children)?.into_values().filter(|set| set.kind == PeriodGradeKind::Period);
    rows.extend(own.map(|set| ResultRow::of_journal(period, frozen_at, &set)));
    Ok(rows)
}

type Row = (ChildId, SubjectId, Mark);

/// The grades that stand, by child and subject. The school is compared in a way no index serves: SQLite would read all its
/// grades instead of these children's.
fn marks(conn: &mut Conn, period: &Period, children: &[ChildId]) -> Result<BTreeMap<(ChildId, SubjectId), Vec<Mark>>> {
    let query = grades::table
        .inner_join(courses::table)
        .filter(grades::child_id.eq_any(children).and((grades::school_id + 0).eq(period.school)))
        .filter(grades::removed.eq(false).and(grades::graded_on.between(period.starts_on, period.ends_on)))
        .select((
            grades::child_id,
            courses::subject_id,
            (grades::kind, grades::status, grades::value, grades::points, grades::max_points, grades::weight),
        ));
    let mut marks: BTreeMap<(ChildId, SubjectId), Vec<Mark>> = BTreeMap::new();
    for (child, subject, mark) in on_backend!(conn => query.load::<Row>(conn))? {
        marks.entry((child, subject)).or_default().push(mark);
    }
    Ok(marks)
}
