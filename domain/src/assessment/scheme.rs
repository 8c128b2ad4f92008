//! A grading scheme: what counts, how much, and how it becomes a result. Data of a school, JSON in its database.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::exact::Decimal;
use super::scale::{Rounding, Scale};
use crate::Result;
use crate::error::{Error, Flaw};
use crate::types::{GradeKind, PeriodKind, Word};

/// The rules by which grades become results. [`Scheme::parse`] takes none that contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Scheme {
    pub basis: Basis,
    pub aggregation: Aggregation,
    /// `half-up`: a percent is rounded to a whole one before it is looked up in the bands.
    pub rounding: Rounding,
    pub components: Vec<Component>,
    pub scale: Scale,
    #[serde(default)]
    pub graded_by: Rhythm,
    /// The levels that get no grades at all; in Kazakhstan the first.
    #[serde(default)]
    pub ungraded_levels: Vec<i32>,
    #[serde(default)]
    pub exam: Option<ExamRule>,
    #[serde(default)]
    pub extra_work: Option<ExtraWork>,
}

/// What is counted: `points` out of the most there were, or `values`, the numbers behind the symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    Points,
    Values,
}

/// How the grades of a component are put together: `mean` of their shares, `sum` of points over `sum` of maximums, or `pooled`,
/// which is the sum over all components but term works and exams at once, under their weights added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aggregation {
    Mean,
    Sum,
    Pooled,
}

/// Works that count together. The first kind gives the component its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Component {
    pub kinds: Vec<GradeKind>,
    /// In percent; all weights add up to 100.
    pub weight: u32,
    /// The most points of a grade that names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Decimal>,
}

/// Which periods of a school a result is for: its shortest ones, or half-years (subjects of one lesson a week).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rhythm {
    #[default]
    Period,
    HalfYear,
}

/// In these levels an exam counts in the final grade beside the unrounded mean of the year, with these weights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExamRule {
    pub levels: Vec<i32>,
    pub year: u32,
    pub exam: u32,
}

/// Who fails the year in at most so many subjects writes an extra work in them; the final grade is the mean of both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExtraWork {
    pub subjects: usize,
}

impl Scheme {
    /// Reads a scheme from JSON, or says everything that is wrong with it.
    pub fn parse(json: &str) -> Result<Self> {
        let scheme: Self = serde_json::from_str(json).map_err(|error| Error::flaw("", "shape", format!("{error}.")))?;
        let flaws = scheme.flaws();
        if flaws.is_empty() { Ok(scheme) } else { Err(Error::Invalid(flaws)) }
    }

    /// The scheme as JSON.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether pupils of this level get grades by it; a level nobody knows does.
    pub fn grades(&self, level: Option<i32>) -> bool {
        level.is_none_or(|level| !self.ungraded_levels.contains(&level))
    }

    /// Whether a period has results by it. `nesting`: there are shorter graded periods inside this one.
    pub fn graded_in(&self, kind: PeriodKind, nesting: bool) -> bool {
        match self.graded_by {
            Rhythm::Period => kind != PeriodKind::Year && !nesting,
            Rhythm::HalfYear => kind == PeriodKind::Semester,
        }
    }

    /// The component works of this kind count in.
    pub fn component(&self, kind: GradeKind) -> Option<usize> {
        self.components.iter().position(|component| component.kinds.contains(&kind))
    }

    /// The components that are counted as one: each by itself; pooled ones together, before the others.
    pub(super) fn groups(&self) -> Vec<Vec<usize>> {
        let is_apart = |place: &usize| {
            let kinds = self.components.get(*place).into_iter().flat_map(|component| &component.kinds);
            let late = kinds.into_iter().any(|kind| matches!(kind, GradeKind::Term | GradeKind::Exam));
            late || self.aggregation != Aggregation::Pooled
        };
        let (apart, pooled): (Vec<usize>, Vec<usize>) = (0..self.components.len()).partition(is_apart);
        let pool = Some(pooled).filter(|pooled| !pooled.is_empty());
        pool.into_iter().chain(apart.into_iter().map(|place| vec![place])).collect()
    }

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws = self.flaws_of_components();
        let mut wrong = |pointer: &'static str, detail: &'static str| flaws.push(Flaw::new(pointer, "rule", detail));
        if self.basis == Basis::Points && self.scale.bands.is_empty() {
            wrong("/scale/bands", "A scheme that counts points has bands: from which percent each symbol is given.");
        }
        if self.basis == Basis::Values && self.aggregation != Aggregation::Mean {
            wrong("/aggregation", "Values are not points: only their mean can be taken.");
        }
        if self.exam.as_ref().is_some_and(|exam| exam.year.checked_add(exam.exam) != Some(100)) {
            wrong("/exam", "The weights of year and exam add up to 100.");
        }
        flaws.extend(self.scale.flaws());
        flaws
    }

    fn flaws_of_components(&self) -> Vec<Flaw> {
        let mut flaws = Vec::new();
        let mut known = BTreeSet::new();
        for (place, component) in self.components.iter().enumerate() {
            let mut wrong = |field: &str, code, detail: String| {
                flaws.push(Flaw::new(format!("/components/{place}/{field}"), code, detail));
            };
            if component.kinds.is_empty() {
                wrong("kinds", "required", "A component has one kind of work at least.".to_owned());
            }
            for kind in component.kinds.iter().filter(|kind| !known.insert(**kind)) {
                wrong("kinds", "duplicate", format!("{} counts in two places.", kind.as_str()));
            }
            if !(1..=100).contains(&component.weight) {
                wrong("weight", "range", "A weight is a whole number from 1 to 100.".to_owned());
            }
            if component.max == Some(Decimal(0)) {
                wrong("max", "range", "The most points are more than 0.".to_owned());
            }
        }
        let sum: u64 = self.components.iter().map(|component| u64::from(component.weight)).sum();
        if sum != 100 {
            let detail = format!("The weights add up to {sum}; they must add up to 100.");
            flaws.push(Flaw::new("/components", "sum", detail));
        }
        flaws
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::assessment::{DEFAULT, preset};

    fn flaws_of(pointer: &str, value: Value) -> Vec<(String, &'static str)> {
        let mut json = serde_json::to_value(preset(DEFAULT).unwrap()).unwrap();
        *json.pointer_mut(pointer).unwrap() = value;
        match Scheme::parse(&json.to_string()) {
            Err(Error::Invalid(flaws)) => {
                flaws.into_iter().map(|flaw| (flaw.pointer.into_owned(), flaw.code)).collect()
            }
            other => panic!("{pointer}: {other:?}"),
        }
    }

    #[test]
    fn a_scheme_that_contradicts_itself_is_told_where() {
        for (pointer, value, told, code) in [
            ("/components/0/weight", json!(26), "/components", "sum"),
            ("/components/0/weight", json!(0), "/components/0/weight", "range"),
            ("/components/0/kinds", json!(["term"]), "/components/2/kinds", "duplicate"),
            ("/components/0/kinds", json!([]), "/components/0/kinds", "required"),
            ("/components/0/max", json!(0), "/components/0/max", "range"),
            ("/scale/bands", json!([]), "/scale/bands", "rule"),
            ("/scale/bands/1/from", json!(0), "/scale/bands/1/from", "order"),
            ("/scale/bands/0/from", json!(1), "/scale/bands/0/from", "order"),
            ("/scale/bands/3/from", json!(101), "/scale/bands/3/from", "order"),
            ("/scale/bands/1/symbol", json!("6"), "/scale/bands/1/symbol", "unknown-reference"),
            ("/scale/symbols/1/number", json!(2), "/scale/symbols/1/number", "order"),
            ("/scale/symbols/1/symbol", json!("2"), "/scale/symbols/0/symbol", "duplicate"),
            ("/scale/symbols/1/symbol", json!(" "), "/scale/symbols/1/symbol", "required"),
            ("/scale/direction", json!("down"), "/scale/symbols/1/number", "order"),
            ("/scale/noValue", json!(["5"]), "/scale/symbols/3/symbol", "duplicate"),
            ("/scale/pass", json!("1"), "/scale/pass", "unknown-reference"),
            ("/scale/step", json!(0), "/scale/step", "range"),
            ("/exam/exam", json!(40), "/exam", "rule"),
            ("/scale/noValue", json!(vec!["н/а"; 201]), "/scale", "too-many"),
            ("/basis", json!("marks"), "", "shape"),
            ("/scale/step", json!(0.5), "", "shape"),
        ] {
            let flaws = flaws_of(pointer, value.clone());
            assert!(flaws.contains(&(told.to_owned(), code)), "{pointer} = {value}: {flaws:?}");
        }
        let mut unknown = serde_json::to_value(preset(DEFAULT).unwrap()).unwrap();
        unknown["colour"] = json!("red");
        assert!(Scheme::parse(&unknown.to_string()).is_err());
    }

    #[test]
    fn a_half_year_subject_has_no_result_in_a_quarter() {
        let (quarters, half_years) = (preset("kz-2020").unwrap(), preset("kz-2020-half-year").unwrap());
        assert!(quarters.graded_in(PeriodKind::Quarter, false) && !half_years.graded_in(PeriodKind::Quarter, false));
        assert!(!quarters.graded_in(PeriodKind::Semester, true) && half_years.graded_in(PeriodKind::Semester, true));
        assert!(quarters.graded_in(PeriodKind::Semester, false), "a school without quarters");
        assert!(!quarters.graded_in(PeriodKind::Year, false));
        assert!(!quarters.grades(Some(1)) && quarters.grades(Some(2)) && quarters.grades(None));
    }
}
