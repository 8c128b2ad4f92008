//! The engine: from a child's grades in one subject and period to the result, with what it is made of.

use diesel::Queryable;
use num_traits::{One, Zero};
use serde::{Deserialize, Serialize};

use super::exact::{Exact, cut, half_up, hundredths, mean, whole};
use super::scale::{Reading, Rounding, Symbol};
use super::scheme::{Aggregation, Basis, Component, Scheme};
use crate::types::{GradeKind, GradeStatus, Names};

/// A grade as the engine sees it; points and weight in hundredths.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Mark {
    pub kind: GradeKind,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub points: Option<i64>,
    pub max_points: Option<i64>,
    pub weight: i64,
}

/// A result and how it came about. Percents and means in hundredths, cut off; the result itself was found with the exact ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assessed {
    /// The symbol.
    pub value: String,
    /// What families read, where the symbol is a word.
    pub names: Option<Names>,
    /// Where points are counted.
    pub percent: Option<i64>,
    /// The whole percent it was rounded to, where it was.
    pub rounded: Option<i64>,
    /// Where values are counted.
    pub mean: Option<i64>,
    /// Where the symbol begins; for the worst one, where the next begins.
    pub border: Option<Border>,
    /// All parts of the scheme, also those that have no grade yet.
    pub parts: Vec<Part>,
}

/// From this percent on a symbol is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Border {
    pub value: String,
    pub names: Option<Names>,
    pub from: i64,
}

/// One part of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The kinds of works in it.
    pub kinds: Vec<GradeKind>,
    /// In percent, as the scheme has it.
    pub weight: u32,
    pub percent: Option<i64>,
    pub mean: Option<i64>,
    /// How many grades count in it.
    pub count: usize,
}

/// What a period ends with for one child and subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    Graded(Assessed),
    /// Why there is no result; none of these is a zero.
    Without(GradeStatus),
}

/// What counts of a mark: so much of so much, with a weight.
struct Counted {
    amount: Exact,
    most: Exact,
    weight: Exact,
}

impl Assessed {
    /// Whether every part of the scheme has a grade.
    pub fn complete(&self) -> bool {
        self.parts.iter().all(|part| part.count > 0)
    }
}

/// The result of these grades; `None` while nothing counts. A part without grades is left out, and the weights of the others
/// count in proportion. Exempt, not submitted and not assessed are no grades: they never count as zero.
pub fn assess(scheme: &Scheme, marks: &[Mark]) -> Option<Assessed> {
    let mut parts = Vec::new();
    let mut weighed = Vec::new();
    for group in scheme.groups() {
        let components = group.iter().filter_map(|place| scheme.components.get(*place));
        let counted: Vec<Counted> = marks.iter().filter_map(|mark| count(scheme, &group, mark)).collect();
        let weight = components.clone().map(|component| component.weight).sum();
        let share = together(scheme.aggregation, &counted);
        parts.push(Part {
            kinds: components.flat_map(|component| component.kinds.iter().copied()).collect(),
            weight,
            percent: share.as_ref().filter(|_| scheme.basis == Basis::Points).map(|share| cut(&(share * whole(100)))),
            mean: share.as_ref().filter(|_| scheme.basis == Basis::Values).map(cut),
            count: counted.len(),
        });
        weighed.extend(share.map(|share| (share, whole(weight))));
    }
    let total = mean(weighed)?;
    match scheme.basis {
        Basis::Points => by_percent(scheme, &(total * whole(100)), parts),
        Basis::Values => by_mean(scheme, &total, parts),
    }
}

/// What the period ends with. Where all there is of a part is missed works (`not-assessed`), the child is not assessed yet,
/// whatever else it has; who is exempt from everything is exempt. `None` if there is nothing to say.
pub fn settle(scheme: &Scheme, marks: &[Mark]) -> Option<Settled> {
    let missed = scheme.groups().into_iter().any(|group| {
        let mut own = marks.iter().filter(|mark| belongs(scheme, &group, mark.kind)).peekable();
        own.peek().is_some() && own.all(|mark| mark.status == GradeStatus::NotAssessed)
    });
    if missed {
        return Some(Settled::Without(GradeStatus::NotAssessed));
    }
    if let Some(assessed) = assess(scheme, marks) {
        return Some(Settled::Graded(assessed));
    }
    let exempt = !marks.is_empty() && marks.iter().all(|mark| mark.status == GradeStatus::Exempt);
    exempt.then_some(Settled::Without(GradeStatus::Exempt))
}

fn belongs(scheme: &Scheme, group: &[usize], kind: GradeKind) -> bool {
    scheme.component(kind).is_some_and(|place| group.contains(&place))
}

/// What counts of a mark in a group of components. A grade without points is a comment where points are counted.
fn count(scheme: &Scheme, group: &[usize], mark: &Mark) -> Option<Counted> {
    let place = scheme.component(mark.kind).filter(|place| group.contains(place))?;
    if mark.status != GradeStatus::Graded || mark.weight <= 0 {
        return None;
    }
    let (amount, most) = match scheme.basis {
        Basis::Points => points(scheme.components.get(place)?, mark)?,
        Basis::Values => match scheme.scale.read(mark.value.as_deref()?) {
            Reading::Number(number) => (number, Exact::one()),
            Reading::NoValue | Reading::Unknown => return None,
        },
    };
    Some(Counted { amount, most, weight: hundredths(mark.weight) })
}

/// Points and the most there were. Nobody gets more than all or less than nothing.
fn points(component: &Component, mark: &Mark) -> Option<(Exact, Exact)> {
    let most = mark.max_points.or(component.max.map(|max| max.0)).filter(|most| *most > 0)?;
    Some((hundredths(mark.points?.clamp(0, most)), hundredths(most)))
}

fn together(aggregation: Aggregation, counted: &[Counted]) -> Option<Exact> {
    match aggregation {
        Aggregation::Mean => mean(counted.iter().map(|one| (&one.amount / &one.most, one.weight.clone()))),
        Aggregation::Sum | Aggregation::Pooled => {
            let sum =
                |of: fn(&Counted) -> &Exact| counted.iter().fold(Exact::zero(), |sum, one| sum + of(one) * &one.weight);
            let most = sum(|one| &one.most);
            (!most.is_zero()).then(|| sum(|one| &one.amount) / most)
        }
    }
}

fn by_percent(scheme: &Scheme, percent: &Exact, parts: Vec<Part>) -> Option<Assessed> {
    let looked_up = match scheme.rounding {
        Rounding::HalfUp => half_up(percent),
        Rounding::None => percent.clone(),
    };
    let symbol = scheme.scale.at_percent(&looked_up)?;
    Some(Assessed {
        percent: Some(cut(percent)),
        rounded: (looked_up != *percent).then(|| cut(&looked_up)),
        border: border(scheme, symbol),
        ..by_symbol(symbol, parts)
    })
}

fn by_mean(scheme: &Scheme, mean: &Exact, parts: Vec<Part>) -> Option<Assessed> {
    Some(Assessed { mean: Some(cut(mean)), ..by_symbol(scheme.scale.nearest(mean)?, parts) })
}

fn by_symbol(symbol: &Symbol, parts: Vec<Part>) -> Assessed {
    let (value, names) = (symbol.symbol.clone(), symbol.names.clone());
    Assessed { value, names, percent: None, rounded: None, mean: None, border: None, parts }
}

fn border(scheme: &Scheme, symbol: &Symbol) -> Option<Border> {
    let bands = &scheme.scale.bands;
    let own = bands.iter().position(|band| band.symbol == symbol.symbol)?;
    let band = bands.get(own.max(1))?;
    let of = scheme.scale.find(&band.symbol)?;
    Some(Border { value: of.symbol.clone(), names: of.names.clone(), from: band.from.0 })
}
