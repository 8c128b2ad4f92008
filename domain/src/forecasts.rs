//! Forecasts: what a period would end with by the school's scheme, what it ended with, and what it would with other grades.

use diesel::prelude::*;

use crate::access::ChildAccess;
use crate::assessment::{Assessed, Basis, Decimal, Mark, Reading, Scheme, assess};
use crate::db::Conn;
use crate::error::{Flaw, Noun};
use crate::grades::{self, Grade};
use crate::periods::Period;
use crate::schemes::{self, InForce, Version};
use crate::subjects::{self, Taught};
use crate::types::{GradeKind, GradeStatus, Names, Source, SubjectId, Word};
use crate::{Error, Result};

/// A result by a version of a scheme; final once the period is closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    pub assessed: Assessed,
    pub scheme: String,
    pub version: i32,
    pub is_final: bool,
}

/// What a closing froze for a subject.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub(crate) struct Frozen {
    pub source: Source,
    pub value: Option<String>,
    pub names: Option<Names>,
    pub scheme: Option<String>,
    pub version: Option<i32>,
    pub detail: Option<String>,
}

/// A grade somebody wonders about; points in hundredths. Where values are counted, the points are the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imagined {
    pub kind: GradeKind,
    pub points: i64,
    pub max_points: Option<i64>,
}

/// The forecast of a subject. Where the journal set its own grade there is none: that grade is the truth, and whether the
/// engine comes to another one is for the school to know.
pub(crate) fn of(in_force: &InForce, period: &Period, taught: &Taught, grades: &[Grade]) -> Option<Forecast> {
    match &taught.frozen {
        Some(frozen) if frozen.source == Source::Engine => frozen.forecast(),
        Some(_) => None,
        None if period.closed_at.is_some() || taught.set.is_some() => None,
        None => {
            let version = graded_by(in_force, period, taught)?;
            version.forecast(&grades.iter().map(Mark::from).collect::<Vec<_>>())
        }
    }
}

/// What the period would end with if these grades came beside the real ones; `None` while nothing counts. Nothing is kept.
pub fn what_if(
    conn: &mut Conn,
    access: &ChildAccess,
    period: &Period,
    subject: SubjectId,
    imagined: &[Imagined],
) -> Result<Option<Forecast>> {
    let taught = subjects::taught(conn, access, period)?;
    let taught = taught.into_iter().find(|one| one.subject.id == subject).ok_or(Error::NotFound(Noun::Subject))?;
    if period.closed_at.is_some() {
        let detail = "This period is closed: its grades are final. Choose one that is not.";
        return Err(Error::flaw("/periodId", "period-closed", detail));
    }
    let in_force = schemes::in_force(conn, access.school(), period.school_year)?;
    let Some(version) = graded_by(&in_force, period, &taught) else {
        let detail = "This subject gets no grade in this period.";
        return Err(Error::flaw("/periodId", "not-graded", detail));
    };
    let mut marks = imagine(&version.scheme, imagined)?;
    let (_, grades) = grades::with_counters(conn, access, period.starts_on, period.ends_on)?;
    marks.extend(grades.iter().filter(|grade| grade.subject.id == subject).map(Mark::from));
    Ok(version.forecast(&marks))
}

fn graded_by<'a>(in_force: &'a InForce, period: &Period, taught: &Taught) -> Option<&'a Version> {
    let version = in_force.of(taught.subject.id, taught.level)?;
    let scheme = &version.scheme;
    (scheme.grades(taught.level) && scheme.graded_in(period.kind, period.nests)).then_some(version)
}

impl Version {
    fn forecast(&self, marks: &[Mark]) -> Option<Forecast> {
        let assessed = assess(&self.scheme, marks)?;
        Some(Forecast { assessed, scheme: self.name.clone(), version: self.version, is_final: false })
    }
}

impl Frozen {
    fn forecast(&self) -> Option<Forecast> {
        let assessed = serde_json::from_str(self.detail.as_deref()?).ok()?;
        Some(Forecast { assessed, scheme: self.scheme.clone()?, version: self.version?, is_final: true })
    }
}

impl From<&Grade> for Mark {
    fn from(grade: &Grade) -> Self {
        Self {
            kind: grade.kind,
            status: grade.status,
            value: grade.value.clone(),
            points: grade.points,
            max_points: grade.max_points,
            weight: grade.weight,
        }
    }
}

/// The imagined grades as the engine takes them, or every one that could not be given.
fn imagine(scheme: &Scheme, imagined: &[Imagined]) -> Result<Vec<Mark>> {
    let mut flaws = Vec::new();
    let mut marks = Vec::new();
    for (place, one) in imagined.iter().enumerate() {
        match mark(scheme, one) {
            Ok(mark) => marks.push(mark),
            Err((field, code, detail)) => flaws.push(Flaw::new(format!("/grades/{place}/{field}"), code, detail)),
        }
    }
    if flaws.is_empty() { Ok(marks) } else { Err(Error::Invalid(flaws)) }
}

fn mark(scheme: &Scheme, one: &Imagined) -> Result<Mark, (&'static str, &'static str, String)> {
    let component = scheme.component(one.kind).and_then(|place| scheme.components.get(place));
    let Some(component) = component else {
        return Err(("kind", "not-counted", format!("{} does not count in this subject.", one.kind.as_str())));
    };
    let value = Decimal(one.points).to_string();
    match scheme.basis {
        Basis::Points => {
            let Some(most) = one.max_points.or(component.max.map(|max| max.0)) else {
                return Err(("maxPoints", "required", "Say how many points there are at most.".to_owned()));
            };
            if most <= 0 {
                return Err(("maxPoints", "range", "There are more than 0 points at most.".to_owned()));
            }
            if !(0..=most).contains(&one.points) {
                return Err(("points", "range", format!("Points are from 0 to {}.", Decimal(most))));
            }
        }
        Basis::Values if !matches!(scheme.scale.read(&value), Reading::Number(_)) => {
            return Err(("points", "range", format!("{value} is no grade of this subject.")));
        }
        Basis::Values => {}
    }
    Ok(Mark {
        kind: one.kind,
        status: GradeStatus::Graded,
        value: Some(value),
        points: Some(one.points),
        max_points: one.max_points,
        weight: 100,
    })
}
