//! Which children a line is the middle of. Settled for a subject at its first release of a school year, and kept.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::Result;
use domain::db::{Conn, on_backend};
use domain::types::{ClassGroupId, SchoolId, SubjectId};

use crate::diary::Closing;
use crate::schema::settled;
use crate::unit::Cohort;

/// The classes of a subject, each with its level and the number of its counted children.
pub(crate) type Classes = BTreeMap<ClassGroupId, (Option<i32>, usize)>;

/// Which classes stand alone: `true` for those with `least` counted children. Nothing is settled while neither a class nor a
/// parallel has so many, since then nothing is released.
pub(crate) fn settle(classes: &Classes, least: usize) -> Option<BTreeMap<ClassGroupId, bool>> {
    let alone: BTreeMap<ClassGroupId, bool> =
        classes.iter().map(|(class, (_, children))| (*class, *children >= least)).collect();
    let mut parallels: BTreeMap<i32, usize> = BTreeMap::new();
    for (level, children) in classes.values().filter(|(_, children)| *children < least) {
        if let Some(level) = level {
            *parallels.entry(*level).or_default() += children;
        }
    }
    let releases = alone.values().any(|alone| *alone) || parallels.values().any(|children| *children >= least);
    releases.then_some(alone)
}

/// The cohort of a class. A class without a level that does not stand alone has none.
pub(crate) fn cohort(
    school: SchoolId,
    year: i32,
    class: ClassGroupId,
    level: Option<i32>,
    alone: bool,
) -> Option<Cohort> {
    if alone {
        return Some(Cohort::Class(class.0));
    }
    level.map(|level| Cohort::Parallel { school: school.0, school_year: year, level })
}

/// What is settled for a subject in a school year; empty before its first release.
pub(crate) fn settled(
    conn: &mut Conn,
    (school, year): (SchoolId, i32),
    subject: SubjectId,
) -> Result<BTreeMap<ClassGroupId, bool>> {
    let query = settled::table
        .filter(settled::school_id.eq(school).and(settled::school_year.eq(year)))
        .filter(settled::subject_id.eq(subject))
        .select((settled::class_group_id, settled::alone));
    Ok(on_backend!(conn => query.load::<(ClassGroupId, bool)>(conn))?.into_iter().collect())
}

/// Settles what is not settled yet: everything at the first release; a class that is new since then joins its parallel.
/// Returns what is in force.
pub(crate) fn keep(
    conn: &mut Conn,
    closing: &Closing,
    subject: SubjectId,
    classes: &Classes,
    least: usize,
) -> Result<BTreeMap<ClassGroupId, bool>> {
    let mut kept = settled(conn, (closing.school, closing.school_year), subject)?;
    let wanted = if kept.is_empty() {
        settle(classes, least).unwrap_or_default()
    } else {
        classes.keys().map(|class| (*class, false)).collect()
    };
    for (class, alone) in wanted {
        if kept.contains_key(&class) {
            continue;
        }
        let row = (
            settled::class_group_id.eq(class),
            settled::subject_id.eq(subject),
            settled::school_id.eq(closing.school),
            settled::school_year.eq(closing.school_year),
            settled::alone.eq(alone),
        );
        on_backend!(conn => diesel::insert_into(settled::table).values(row).execute(conn))?;
        kept.insert(class, alone);
    }
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classes(counts: &[(i64, i32, usize)]) -> Classes {
        counts.iter().map(|(class, level, children)| (ClassGroupId(*class), (Some(*level), *children))).collect()
    }

    #[test]
    fn a_class_with_enough_counted_children_stands_alone_and_the_others_pool() {
        let settled = settle(&classes(&[(1, 7, 20), (2, 7, 12), (3, 7, 9)]), 20).unwrap();
        assert_eq!(settled.into_values().collect::<Vec<_>>(), [true, false, false]);
        let parallel = |class| cohort(SchoolId(1), 2026, ClassGroupId(class), Some(7), false);
        assert_eq!(parallel(2), parallel(3));
    }

    #[test]
    fn nothing_is_settled_while_nothing_can_be_released() {
        assert_eq!(settle(&classes(&[(1, 7, 19), (2, 8, 19)]), 20), None);
        assert!(settle(&classes(&[(1, 7, 10), (2, 7, 10)]), 20).is_some());
    }
}
