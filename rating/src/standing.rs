//! What one family reads: its own child's frozen results and the released lines. Nothing here can reach another child.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use domain::Result;
use domain::access::ChildAccess;
use domain::db::{Conn, on_backend};
use domain::types::{ClassGroupId, Names, PeriodId, SubjectId};

use crate::diary::{self, Own};
use crate::line::Line;
use crate::schema::{releases, settled};
use crate::unit::Unit;
use crate::{Position, Rating, cohorts};

/// Where the child stands in one subject and period; results in hundredths of a percent. Without a line there is no position,
/// and nothing says why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub subject: (SubjectId, Names),
    pub line: Option<Line>,
    pub own: i64,
    /// The child's own results of the school year, the earliest first.
    pub trend: Vec<(PeriodId, i64)>,
}

impl Standing {
    pub fn position(&self) -> Option<Position> {
        self.line.map(|line| Position::of(self.own, line))
    }
}

impl Rating {
    /// How the child stands in each subject of a period that was closed; without one, of the last period that has a line for
    /// it, or else the last one closed. None if nothing of the child was frozen then.
    pub async fn standings(
        &self,
        access: &ChildAccess,
        period: Option<PeriodId>,
    ) -> Result<Option<(PeriodId, Vec<Standing>)>> {
        let own = self.frozen(access).await?;
        let asked = own.clone();
        let found = self.own.read(move |conn| lines(conn, &asked)).await?;
        let Some(period) = period.or_else(|| last(&own, &found)) else { return Ok(None) };
        let now = own.iter().filter(|one| one.period == period);
        let standing = |one: &Own| Standing {
            subject: (one.subject, one.names.clone()),
            line: found.get(&(one.subject, one.period)).copied(),
            own: one.percent,
            trend: own
                .iter()
                .filter(|other| same_year(one, other))
                .map(|other| (other.period, other.percent))
                .collect(),
        };
        let standings: Vec<Standing> = now.map(standing).collect();
        Ok((!standings.is_empty()).then_some((period, standings)))
    }

    /// The subjects of the child that have a line in any period of its last school year, by subject.
    pub async fn available(&self, access: &ChildAccess) -> Result<Vec<(SubjectId, Names, bool)>> {
        let own = self.frozen(access).await?;
        let asked = own.clone();
        let found = self.own.read(move |conn| lines(conn, &asked)).await?;
        let year = own.iter().map(|one| one.school_year).max();
        let mut subjects = BTreeMap::new();
        for one in own.iter().filter(|one| Some(one.school_year) == year) {
            let (_, there) = subjects.entry(one.subject).or_insert((one.names.clone(), false));
            *there |= found.contains_key(&(one.subject, one.period));
        }
        Ok(subjects.into_iter().map(|(subject, (names, there))| (subject, names, there)).collect())
    }

    async fn frozen(&self, access: &ChildAccess) -> Result<Vec<Own>> {
        let access = access.clone();
        self.diary.read(move |conn| diary::own(conn, &access)).await
    }
}

fn same_year(one: &Own, other: &Own) -> bool {
    one.subject == other.subject && one.school_year == other.school_year
}

/// The last period with a line, else the last one.
fn last(own: &[Own], lines: &BTreeMap<(SubjectId, PeriodId), Line>) -> Option<PeriodId> {
    let latest =
        |of: &mut dyn Iterator<Item = &Own>| of.max_by_key(|one| (one.starts_on, one.period)).map(|one| one.period);
    let mut with_line = own.iter().filter(|one| lines.contains_key(&(one.subject, one.period)));
    latest(&mut with_line).or_else(|| latest(&mut own.iter()))
}

/// The lines of the cohorts in which these results stand.
fn lines(conn: &mut Conn, own: &[Own]) -> Result<BTreeMap<(SubjectId, PeriodId), Line>> {
    let alone = alone(conn, own)?;
    let unit = |one: &Own| {
        let alone = *alone.get(&(one.class, one.subject))?;
        let cohort = cohorts::cohort(one.school, one.school_year, one.class, one.level, alone)?;
        Some(Unit { cohort, subject: one.subject.0, period: one.period.0 }.to_string())
    };
    let units: BTreeMap<String, (SubjectId, PeriodId)> =
        own.iter().filter_map(|one| Some((unit(one)?, (one.subject, one.period)))).collect();
    let query = releases::table.filter(releases::unit.eq_any(units.keys())).select((releases::unit, releases::line));
    let found = on_backend!(conn => query.load::<(String, i64)>(conn))?;
    let line = |(unit, line): (String, i64)| Some((*units.get(&unit)?, Line::from_percent(line)?));
    Ok(found.into_iter().filter_map(line).collect())
}

/// Whether the classes of these results stand alone, where it is settled.
fn alone(conn: &mut Conn, own: &[Own]) -> Result<BTreeMap<(ClassGroupId, SubjectId), bool>> {
    let classes: BTreeSet<ClassGroupId> = own.iter().map(|one| one.class).collect();
    let query = settled::table
        .filter(settled::class_group_id.eq_any(classes))
        .select(((settled::class_group_id, settled::subject_id), settled::alone));
    Ok(on_backend!(conn => query.load::<((ClassGroupId, SubjectId), bool)>(conn))?.into_iter().collect())
}
