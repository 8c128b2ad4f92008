//! Line items as assessments; their categories tell kind and weight.

use std::collections::{HashMap, HashSet};

use domain::intake;
use domain::types::GradeKind;

use super::classes::{Classes, Found};
use super::origins::{lost, unknown};
use super::{LoadError, kinds};
use crate::door::{BATCH, Door, Mark, Plan, WEIGHT_MAX};
use crate::oneroster::scales::Scales;
use crate::oneroster::{Bundle, Category, File, Hundredths, LineItem, ResultRow};
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
    /// The scale its own row names.
    pub(super) scale: Option<usize>,
}

/// The works of the school, by id.
#[derive(Debug, Default)]
pub(super) struct Works {
    taken: HashMap<String, Work>,
    rejected: HashSet<String>,
    /// Those that are not among the changes are looked up in the diary.
    in_diary: bool,
}

/// What became of a work.
pub(super) enum Fate<'w> {
    Taken(&'w Work),
    Rejected,
    /// Of another school.
    Foreign,
    /// Neither the changes nor the diary hold it.
    Unknown,
}

impl Works {
    pub(super) fn fate(&self, line_item: &str) -> Fate<'_> {
        match self.taken.get(line_item) {
            Some(work) => Fate::Taken(work),
            None if self.rejected.contains(line_item) => Fate::Rejected,
            None if self.in_diary => Fate::Unknown,
            None => Fate::Foreign,
        }
    }

    /// Learns the works that some scores are for, where the bundle tells changes only.
    pub(super) fn learn(&mut self, door: &Door<'_>, rows: &[ResultRow]) -> domain::Result<()> {
        if !self.in_diary {
            return Ok(());
        }
        let ids = rows.iter().map(|row| row.line_item.as_str());
        let unknown: HashSet<&str> =
            ids.filter(|id| !self.taken.contains_key(*id) && !self.rejected.contains(*id)).collect();
        for known in door.works(&unknown.into_iter().collect::<Vec<_>>())? {
            let work = Work {
                course: known.course,
                kind: known.kind,
                weight: known.weight,
                max: known.max_points,
                scale: None,
            };
            self.taken.insert(known.external_id, work);
        }
        Ok(())
    }
}

/// What writing a batch needs to know.
struct Desk<'a, 'b> {
    categories: HashMap<&'b str, (&'b Category, GradeKind)>,
    classes: &'a Classes<'b>,
    periods: &'a HashSet<&'b str>,
    is_delta: bool,
    scales: &'a Scales,
}

/// Writes the assessed works of the school. A category counts as what became of the works that carry it.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    classes: &Classes<'b>,
    periods: &HashSet<&'b str>,
) -> Result<Works, LoadError> {
    let kind = |row: &'b Category| (row.sourced_id.as_str(), (row, kinds::of(&row.title)));
    let desk = Desk {
        categories: bundle.categories.iter().map(kind).collect(),
        classes,
        periods,
        is_delta: bundle.is_delta(File::LineItems),
        scales: &bundle.scales,
    };
    let in_diary = bundle.has_deltas() && !bundle.is_whole(File::LineItems);
    let mut works = Works { in_diary, ..Works::default() };
    let (mut marks, mut batch, mut weight) = (HashMap::new(), Vec::with_capacity(BATCH), 0);
    bundle.line_items(|row| -> Result<(), LoadError> {
        weight += row.title.len() + row.description.as_ref().map_or(0, String::len);
        batch.push(row);
        if batch.len() < BATCH && weight < WEIGHT_MAX {
            return Ok(());
        }
        weight = 0;
        desk.flush(door, &mut batch, &mut works, &mut marks)
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
        let known = if works.in_diary { self.held(door, batch)? } else { HashMap::new() };
        for (row, mark) in door.put_counted(batch.iter(), |row| self.plan(row, known.get(&row.sourced_id)))? {
            let seen = marks.entry(row.category.clone()).or_default();
            *seen = (*seen).max(mark.shared());
            match mark {
                Mark::Skipped => {}
                Mark::Rejected => drop(works.rejected.insert(row.sourced_id.clone())),
                _ => drop(works.taken.insert(row.sourced_id.clone(), self.work(row, known.get(&row.sourced_id)))),
            }
        }
        batch.clear();
        Ok(())
    }

    /// What the diary holds of works whose category is not among the changes: it keeps no categories by themselves.
    fn held(&self, door: &Door<'_>, batch: &[LineItem]) -> domain::Result<HashMap<String, intake::Assessment>> {
        let alone = batch.iter().filter(|row| !self.categories.contains_key(row.category.as_str()));
        let ids: Vec<&str> = alone.map(|row| row.sourced_id.as_str()).collect();
        Ok(door.works(&ids)?.into_iter().map(|work| (work.external_id.clone(), work)).collect())
    }

    fn plan(&self, row: &LineItem, known: Option<&intake::Assessment>) -> Plan<intake::Assessment> {
        match self.classes.find(&row.class) {
            Found::Foreign => return Plan::Skip,
            Found::Rejected => return Plan::Refuse(lost("classSourcedId", &row.class, File::Classes)),
            Found::Unknown => return Plan::Refuse(unknown("classSourcedId", &row.class, File::Classes)),
            found if found.is_homeroom() => {
                let (reason, mend) = ("no subject is taught in a homeroom", "Name the scheduled class of the subject");
                return Plan::Refuse(Flaw::new("classSourcedId", &row.class, reason, mend));
            }
            Found::Here(_) | Found::Held(..) => {}
        }
        if self.is_delta && known.is_none() && !self.categories.contains_key(row.category.as_str()) {
            let reason = "the category is not in the bundle, and the diary keeps none by themselves";
            let mend = format!("Put {} into the bundle, in bulk", File::Categories);
            return Plan::Refuse(Flaw::new("categorySourcedId", &row.category, reason, mend));
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
        let Work { course, kind, weight, max, .. } = self.work(row, known);
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

    fn work(&self, row: &LineItem, known: Option<&intake::Assessment>) -> Work {
        let category = self.categories.get(row.category.as_str());
        Work {
            course: row.class.clone(),
            kind: category.map_or_else(|| known.map_or(GradeKind::Other, |known| known.kind), |(_, kind)| *kind),
            weight: match (category, known) {
                (None, Some(known)) => known.weight,
                _ => category.and_then(|(category, _)| category.weight).map_or(USUAL_WEIGHT, |weight| weight.0),
            },
            // Some exporters write 0 where no limit is set.
            max: row.max.map(|max| max.0).filter(|max| *max > 0),
            scale: self.scales.place(row.score_scale.as_deref()),
        }
    }
}
