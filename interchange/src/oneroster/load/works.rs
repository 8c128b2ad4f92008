//! Line items as assessments; their categories tell kind and weight.

use std::collections::{HashMap, HashSet};

use domain::intake;
use domain::types::GradeKind;

use super::classes::Classes;
use super::origins::lost;
use super::{LoadError, kinds};
use crate::door::{BATCH, Door, Mark, Plan};
use crate::oneroster::{Bundle, Category, ClassKind, File, Hundredths, LineItem};
use crate::report::Flaw;

/// What a work counts where its category does not say, in hundredths: once.
const USUAL_WEIGHT: i64 = 100;
/// The most points a work has, in hundredths: what lies above is a slip of the keyboard.
pub(super) const POINTS_MAX: i64 = 100_000_000;

/// What a score must know of the work it is for.
#[derive(Debug, Clone)]
pub(super) struct Work {
    pub(super) course: String,
    pub(super) kind: GradeKind,
    pub(super) weight: i64,
    pub(super) max: Option<i64>,
}

/// The works of the school, by id.
#[derive(Debug, Default)]
pub(super) struct Works {
    taken: HashMap<String, Work>,
    rejected: HashSet<String>,
}

/// What became of a work.
pub(super) enum Fate<'w> {
    Taken(&'w Work),
    Rejected,
    /// Of another school.
    Foreign,
}

impl Works {
    pub(super) fn fate(&self, line_item: &str) -> Fate<'_> {
        match self.taken.get(line_item) {
            Some(work) => Fate::Taken(work),
            None if self.rejected.contains(line_item) => Fate::Rejected,
            None => Fate::Foreign,
        }
    }
}

/// What writing a batch needs to know.
struct Desk<'a, 'b> {
    categories: HashMap<&'b str, (&'b Category, GradeKind)>,
    classes: &'a Classes<'b>,
    periods: &'a HashSet<&'b str>,
}

/// Writes the assessed works of the school. A category counts as what became of the works that carry it.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    classes: &Classes<'b>,
    periods: &HashSet<&'b str>,
) -> Result<Works, LoadError> {
    let kind = |row: &'b Category| (row.sourced_id.as_str(), (row, kinds::of(&row.title)));
    let desk = Desk { categories: bundle.categories.iter().map(kind).collect(), classes, periods };
    let (mut works, mut marks, mut batch) = (Works::default(), HashMap::new(), Vec::with_capacity(BATCH));
    bundle.line_items(|row| -> Result<(), LoadError> {
        batch.push(row);
        if batch.len() < BATCH { Ok(()) } else { desk.flush(door, &mut batch, &mut works, &mut marks) }
    })?;
    desk.flush(door, &mut batch, &mut works, &mut marks)?;
    for row in &bundle.categories {
        door.tally.count(File::Categories.place(), marks.get(&row.sourced_id).copied().unwrap_or_default());
    }
    Ok(works)
}

impl Desk<'_, '_> {
    fn flush(
        &self,
        door: &mut Door<'_>,
        batch: &mut Vec<LineItem>,
        works: &mut Works,
        marks: &mut HashMap<String, Mark>,
    ) -> Result<(), LoadError> {
        for (row, mark) in door.put_counted(batch.iter(), |row| self.plan(row))? {
            let known = marks.entry(row.category.clone()).or_default();
            *known = (*known).max(mark.shared());
            match mark {
                Mark::Skipped => {}
                Mark::Rejected => drop(works.rejected.insert(row.sourced_id.clone())),
                _ => drop(works.taken.insert(row.sourced_id.clone(), self.work(row))),
            }
        }
        batch.clear();
        Ok(())
    }

    fn plan(&self, row: &LineItem) -> Plan<intake::Assessment> {
        match self.classes.get(&row.class) {
            Some((_, Mark::Skipped)) => return Plan::Skip,
            None | Some((_, Mark::Rejected)) => return Plan::Refuse(lost("classSourcedId", &row.class, File::Classes)),
            Some((class, _)) if class.kind == ClassKind::Homeroom => {
                let (reason, mend) = ("no subject is taught in a homeroom", "Name the scheduled class of the subject");
                return Plan::Refuse(Flaw::new("classSourcedId", &row.class, reason, mend));
            }
            Some(_) => {}
        }
        if let Some(Hundredths(max)) = row.max.filter(|max| max.0 > POINTS_MAX) {
            let (value, reason) = ((max / 100).to_string(), "no work has as many points");
            return Plan::Refuse(Flaw::new(
                "resultValueMax",
                &value,
                reason,
                "Write the most points the work can have",
            ));
        }
        let Work { course, kind, weight, max } = self.work(row);
        Plan::Write(intake::Assessment {
            external_id: row.sourced_id.clone(),
            course,
            lesson: None,
            period: row.session.clone().filter(|session| self.periods.contains(session.as_str())),
            kind,
            title: row.title.clone(),
            date: row.due,
            max_points: max,
            weight,
        })
    }

    fn work(&self, row: &LineItem) -> Work {
        let category = self.categories.get(row.category.as_str());
        Work {
            course: row.class.clone(),
            kind: category.map_or(GradeKind::Other, |(_, kind)| *kind),
            weight: category.and_then(|(category, _)| category.weight).map_or(USUAL_WEIGHT, |weight| weight.0),
            // Some exporters write 0 where no limit is set.
            max: row.max.map(|max| max.0).filter(|max| *max > 0),
        }
    }
}
