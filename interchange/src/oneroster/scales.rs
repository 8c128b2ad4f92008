//! Score scales: which symbol stands for which scores, and which scale a score is on.
//!
//! `scoreScaleValue` is a list of `{left:right}`. The numbers, single or as a range, stand on either side; on the other stands
//! the symbol a parent reads. A scale may also be words on both sides: the right one is read then. A scale that goes up to the
//! most points of a work counts points, one that goes up to 100 counts percents.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::check::{Links, Loss, Row};
use super::files::File;
use super::hundredths::Hundredths;
use super::table::Cells;
use crate::report::Flaw;

/// The longest symbol in characters.
const SYMBOL_MAX: usize = 40;
const FORM: &str = "Write it as {90-100:A},{80-89:B}, each symbol once";

/// A scale of a school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreScale {
    pub sourced_id: String,
    /// The class it is for.
    pub class: Option<String>,
    pub steps: Vec<Step>,
}

/// One symbol of a scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What a parent reads.
    pub symbol: String,
    /// What else a score may call it.
    pub code: Option<String>,
    /// The least and the most it stands for.
    pub span: Option<(Hundredths, Hundredths)>,
}

/// Why a score finds no place on its scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misfit {
    /// The scale counts neither the points of the work nor percents.
    Unit,
    /// No step holds the score.
    Gap,
}

impl ScoreScale {
    /// The step a text names, by its symbol or its code.
    pub(crate) fn named(&self, text: &str) -> Option<&Step> {
        let same = |word: &str| word.trim().to_lowercase() == text.trim().to_lowercase();
        let by_symbol = self.steps.iter().find(|step| same(&step.symbol));
        by_symbol.or_else(|| self.steps.iter().find(|step| step.code.as_deref().is_some_and(same)))
    }

    /// The step a score falls into; a score between two whole steps is rounded half up first.
    pub(crate) fn holding(&self, score: i64, max: Option<i64>) -> Result<&Step, Misfit> {
        let most = max.filter(|_| self.is_percent(max));
        let value = match (self.top(), most) {
            (Some(top), None) if max.is_none_or(|max| max == top) => i128::from(score),
            // In millionths, so that nothing is rounded before it must be.
            (Some(_), Some(most)) => {
                let share = i128::from(score) * 10_000 * 100 / i128::from(most.max(1));
                return self.at(share, 100).or_else(|| self.at(rounded(share, 10_000), 100)).ok_or(Misfit::Gap);
            }
            _ => return Err(Misfit::Unit),
        };
        self.at(value, 1).or_else(|| self.at(rounded(value, 100), 1)).ok_or(Misfit::Gap)
    }

    /// The points that a step stands for in a work, if it stands for one number.
    pub(crate) fn points(&self, step: &Step, max: Option<i64>) -> Option<i64> {
        let (Hundredths(from), Hundredths(to)) = step.span.filter(|(from, to)| from == to)?;
        match max {
            Some(max) if self.is_percent(Some(max)) => Some((from * max + 5_000) / 10_000),
            Some(max) if self.top() == Some(max) => Some(to),
            _ => None,
        }
    }

    fn top(&self) -> Option<i64> {
        self.steps.iter().filter_map(|step| step.span).map(|(_, to)| to.0).max()
    }

    fn is_percent(&self, max: Option<i64>) -> bool {
        self.top() == Some(10_000) && max != Some(10_000)
    }

    /// Of steps that share a border, the higher one.
    fn at(&self, value: i128, scale: i128) -> Option<&Step> {
        let holds = |step: &&Step| {
            step.span.is_some_and(|(from, to)| i128::from(from.0) * scale <= value && value <= i128::from(to.0) * scale)
        };
        self.steps.iter().filter(holds).max_by_key(|step| step.span)
    }
}

fn rounded(value: i128, whole: i128) -> i128 {
    (value + whole / 2).div_euclid(whole) * whole
}

impl Row for ScoreScale {
    const FILE: File = File::ScoreScales;

    fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
        cells.text("title")?;
        Ok(Self {
            sourced_id: cells.id("sourcedId")?,
            class: cells.maybe_id("classSourcedId")?,
            steps: steps(cells.list("scoreScaleValue")?)
                .map_err(|reason| cells.flaw("scoreScaleValue", reason, FORM))?,
        })
    }

    fn key(&self) -> Option<&str> {
        Some(&self.sourced_id)
    }

    fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
        links.may(File::Classes, "classSourcedId", &mut self.class);
        Ok(())
    }
}

type Span = (Hundredths, Hundredths);

fn steps(items: Vec<String>) -> Result<Vec<Step>, &'static str> {
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        let inner = item.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
        let pair = inner.and_then(|inner| inner.split_once(':'));
        let (left, right) = pair.ok_or("a value of the scale is not written as {left:right}")?;
        pairs.push((left.trim().to_owned(), right.trim().to_owned()));
    }
    let spans = |side: fn(&(String, String)) -> &str| -> Option<Vec<Span>> {
        pairs.iter().map(|pair| span(side(pair))).collect()
    };
    let (left, right) = (spans(|pair| &pair.0), spans(|pair| &pair.1));
    let ranged = |spans: &Vec<Span>| spans.iter().any(|(from, to)| from != to);
    // Where both sides are numbers, the ranges are those that symbols stand for.
    let left_first = right.is_none() || left.as_ref().is_some_and(ranged);
    let steps: Vec<Step> = match (left, right) {
        (Some(spans), _) if left_first => {
            pairs.into_iter().zip(spans).map(|((_, symbol), span)| step(symbol, span)).collect()
        }
        (_, Some(spans)) => pairs.into_iter().zip(spans).map(|((symbol, _), span)| step(symbol, span)).collect(),
        _ => pairs.into_iter().map(|(code, symbol)| Step { symbol, code: Some(code), span: None }).collect(),
    };
    checked(steps)
}

fn step(symbol: String, span: Span) -> Step {
    Step { symbol, code: None, span: Some(span) }
}

fn checked(steps: Vec<Step>) -> Result<Vec<Step>, &'static str> {
    let mut seen = std::collections::HashSet::new();
    for step in &steps {
        if step.symbol.is_empty() || step.symbol.chars().count() > SYMBOL_MAX {
            return Err("a symbol of the scale is empty or too long");
        }
        if step.span.is_some_and(|(from, to)| to < from || from.0 < 0) {
            return Err("a range of the scale ends before it begins");
        }
        // Several words may mean the same; a symbol that stands for scores stands for one range.
        if step.span.is_some() && !seen.insert(step.symbol.to_lowercase()) {
            return Err("a symbol of the scale stands for two ranges");
        }
    }
    if steps.is_empty() { Err("the scale has no values") } else { Ok(steps) }
}

/// «90-100», «90 - 100 %», «5».
fn span(text: &str) -> Option<Span> {
    let number = |text: &str| Hundredths::read(text.trim().trim_end_matches('%').trim_end());
    if let Some(one) = number(text) {
        return Some((one, one));
    }
    let (from, to) = text.split_once(['-', '–'])?;
    Some((number(from)?, number(to)?))
}

macro_rules! link {
    ($(#[$doc:meta])* $row:ident = $file:ident, $column:literal in $into:ident) => {
        $(#[$doc])*
        pub(crate) struct $row {
            of: String,
            scale: String,
        }

        impl Row for $row {
            const FILE: File = File::$file;

            fn parse(cells: &Cells<'_>) -> Result<Self, Flaw> {
                cells.id("sourcedId")?;
                Ok(Self { of: cells.id($column)?, scale: cells.id("scoreScaleSourcedId")? })
            }

            fn key(&self) -> Option<&str> {
                Some(&self.of)
            }

            fn link(&mut self, links: &mut Links<'_, '_>) -> Result<(), Loss> {
                links.must(File::$into, $column, &self.of)?;
                links.must(File::ScoreScales, "scoreScaleSourcedId", &self.scale)
            }
        }
    };
}

link! {
    /// A work and its scale.
    WorkScale = LineItemScoreScales, "lineItemSourcedId" in LineItems
}
link! {
    /// A score and its scale.
    ResultScale = ResultScoreScales, "resultSourcedId" in Results
}

/// A scale, and whether the score itself names it: then the score must fit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OnScale<'s> {
    pub(crate) scale: &'s ScoreScale,
    pub(crate) is_named: bool,
}

/// The scales of a bundle, and what is on them. Of works and scores only keyed hashes are held.
#[derive(Debug, Default)]
pub(crate) struct Scales {
    all: Vec<ScoreScale>,
    by_id: HashMap<String, usize>,
    /// None where a class has several.
    by_class: HashMap<String, Option<usize>>,
    of_works: HashMap<u64, usize>,
    of_results: HashMap<u64, usize>,
    hasher: RandomState,
}

impl Scales {
    pub(crate) fn new(all: Vec<ScoreScale>) -> Self {
        let mut scales = Self::default();
        for (place, scale) in all.iter().enumerate() {
            scales.by_id.insert(scale.sourced_id.clone(), place);
            if let Some(class) = &scale.class {
                scales.by_class.entry(class.clone()).and_modify(|known| *known = None).or_insert(Some(place));
            }
        }
        Self { all, ..scales }
    }

    pub(crate) fn add_work(&mut self, link: &WorkScale) {
        let scale = self.by_id.get(&link.scale).copied();
        self.of_works.extend(scale.map(|scale| (self.hasher.hash_one(&link.of), scale)));
    }

    pub(crate) fn add_result(&mut self, link: &ResultScale) {
        let scale = self.by_id.get(&link.scale).copied();
        self.of_results.extend(scale.map(|scale| (self.hasher.hash_one(&link.of), scale)));
    }

    /// The scale a work names in its own row.
    pub(crate) fn place(&self, id: Option<&str>) -> Option<usize> {
        id.and_then(|id| self.by_id.get(id).copied())
    }

    /// The scale of a score: its own, else that of its work, else the only one of the class.
    pub(crate) fn of(&self, result: &str, work: &str, own: Option<usize>, class: &str) -> Option<OnScale<'_>> {
        if self.all.is_empty() {
            return None;
        }
        let linked = self.of_results.get(&self.hasher.hash_one(result));
        let named = linked.or_else(|| self.of_works.get(&self.hasher.hash_one(work))).copied().or(own);
        let place = named.or_else(|| self.by_class.get(class).copied().flatten())?;
        self.all.get(place).map(|scale| OnScale { scale, is_named: named.is_some() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(values: &[&str]) -> ScoreScale {
        let steps = steps(values.iter().map(|value| (*value).to_owned()).collect()).unwrap();
        ScoreScale { sourced_id: "s".to_owned(), class: None, steps }
    }

    fn read(scale: &ScoreScale, score: i64, max: Option<i64>) -> Result<&str, Misfit> {
        scale.holding(score, max).map(|step| step.symbol.as_str())
    }

    #[test]
    fn percents_fall_into_the_bands_of_the_country() {
        let scale = scale(&["{0-39:2}", "{40-64:3}", "{65-84:4}", "{85-100:5}"]);
        let max = Some(20_000);
        let cases = [
            (39.0, "2"),
            (39.49, "2"),
            (39.5, "3"),
            (64.49, "3"),
            (64.5, "4"),
            (84.49, "4"),
            (84.5, "5"),
            (100.0, "5"),
        ];
        for (percent, symbol) in cases {
            #[allow(clippy::cast_possible_truncation)]
            let score = (percent * 200.0) as i64;
            assert_eq!(read(&scale, score, max), Ok(symbol), "{percent}");
        }
        assert_eq!(read(&scale, 1_700, Some(2_000)), Ok("5"), "17 of 20");
    }

    #[test]
    fn points_fall_into_bands_that_share_borders() {
        let scale = scale(&["{A:15-20}", "{B:10-15}", "{F:0-10}"]);
        assert_eq!(
            [2_000, 1_500, 1_000, 0].map(|score| read(&scale, score, Some(2_000))),
            [Ok("A"), Ok("A"), Ok("B"), Ok("F")]
        );
        assert_eq!(read(&scale, 5, Some(3_000)), Err(Misfit::Unit));
        let single = self::scale(&["{5:100}", "{4:75}"]);
        assert_eq!(read(&single, 750, Some(1_000)), Ok("4"));
        assert_eq!(read(&single, 300, Some(1_000)), Err(Misfit::Gap));
    }

    #[test]
    fn a_symbol_of_one_number_gives_points_and_one_of_a_range_none() {
        let letters = scale(&["{A:4.0}", "{B+:3.5}", "{B:3}"]);
        let points = |scale: &ScoreScale, text: &str, max| scale.points(scale.named(text).unwrap(), max);
        assert_eq!(points(&letters, "b+", Some(400)), Some(350));
        assert_eq!(points(&letters, "B+", Some(1_000)), None);
        assert_eq!(points(&scale(&["{5:100}", "{4:75}"]), "4", Some(2_000)), Some(1_500));
        assert_eq!(points(&scale(&["{0-39:2}", "{85-100:5}"]), "5", Some(2_000)), None);
        let words = scale(&["{P:зачёт}", "{N:незачёт}"]);
        assert_eq!(words.named("p").map(|step| step.symbol.as_str()), Some("зачёт"));
        assert_eq!(words.named("Зачёт").map(|step| step.symbol.as_str()), Some("зачёт"));
    }

    #[test]
    fn a_scale_that_says_nothing_or_twice_is_refused() {
        let refused = |values: &[&str]| steps(values.iter().map(|value| (*value).to_owned()).collect()).unwrap_err();
        assert!(refused(&[]).contains("no values"));
        assert!(refused(&["A=5"]).contains("{left:right}"));
        assert!(refused(&["{100-90:A}"]).contains("ends before"));
        assert!(refused(&["{90-100:A}", "{80-89:a}"]).contains("two ranges"));
        assert!(refused(&["{90-100:}"]).contains("empty"));
    }
}
