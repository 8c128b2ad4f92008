//! News of a school becomes alerts once it is published and settled: one for each account, however many of its children the
//! news is for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::bundles::Bundles;
use super::draft::{Draft, Out, targets};
use super::scene::Scene;
use super::{Planned, Rules, write};
use crate::Result;
use crate::access::families;
use crate::alerts::windows;
use crate::clock::local_day;
use crate::db::{Conn, on_backend};
use crate::schema::{alerts, children, class_groups, class_members, news, schools, settle_windows};
use crate::types::{About, AccountId, AlertKind, ChildId, ClassGroupId, DeliveryState, NewsId, SchoolId, Way};

/// As many accounts are told in one transaction: news may be for all families of a school.
const ACCOUNTS: usize = 200;

#[derive(Queryable)]
struct Piece {
    id: NewsId,
    school: SchoolId,
    level: Option<i32>,
    class: Option<ClassGroupId>,
    tell_at: NaiveDateTime,
    /// The last account that was told.
    told_to: Option<AccountId>,
    /// The window its school chose, in seconds.
    window: Option<i32>,
}

impl Piece {
    fn due(&self, rules: &Rules) -> NaiveDateTime {
        self.tell_at + self.window.map_or_else(|| rules.settle.of(AlertKind::News), windows::span)
    }
}

/// Whether there is any news to plan for.
pub fn is_due(conn: &mut Conn, rules: &Rules, now: NaiveDateTime) -> Result<bool> {
    Ok(!due(conn, rules, now)?.is_empty())
}

/// The news that is published and settled, the oldest first.
fn due(conn: &mut Conn, rules: &Rules, now: NaiveDateTime) -> Result<Vec<Piece>> {
    let chosen = settle_windows::school_id.eq(news::school_id).and(settle_windows::kind.eq(AlertKind::News));
    let query = news::table
        .left_join(settle_windows::table.on(chosen))
        .filter(news::tell_at.le(now))
        .order((news::tell_at, news::id))
        .select((
            news::id,
            news::school_id,
            news::level,
            news::class_group_id,
            news::tell_at.assume_not_null(),
            news::told_to,
            settle_windows::seconds.nullable(),
        ));
    let published: Vec<Piece> = on_backend!(conn => query.load(conn))?;
    Ok(published.into_iter().filter(|piece| piece.due(rules) <= now).collect())
}

/// Tells the next families of the oldest news that is due.
pub fn plan(conn: &mut Conn, rules: &Rules, now: NaiveDateTime, planned: &mut Planned) -> Result<()> {
    let Some(piece) = due(conn, rules, now)?.into_iter().next() else { return Ok(()) };
    let readers = readers(conn, &piece, now)?;
    let last = if readers.len() == ACCOUNTS { readers.keys().next_back().copied() } else { None };
    planned.ended(&tell(conn, rules, &piece, &readers, now)?);
    planned.of += 1;
    // If nobody is left it is told.
    let tell_at = last.map(|_| piece.tell_at);
    let told = diesel::update(news::table.find(piece.id));
    told.set((news::tell_at.eq(tell_at), news::told_to.eq(last))).execute(conn)?;
    Ok(())
}

/// Takes back what was told of news that is no more. What was not sent yet finds nothing to say.
pub fn withdraw(conn: &mut Conn, id: NewsId) -> Result<()> {
    let told = alerts::table.filter(alerts::news_id.eq(id));
    diesel::update(told).set(alerts::superseded.eq(true)).execute(conn)?;
    Ok(())
}

type Readers = BTreeMap<AccountId, Vec<ChildId>>;

/// The next accounts that may read about a pupil it is for, with these pupils.
fn readers(conn: &mut Conn, piece: &Piece, now: NaiveDateTime) -> Result<Readers> {
    let pupils = audience(conn, piece, now)?;
    let (_, hearers) = families::readers(conn, &pupils, now)?;
    let mut readers = Readers::new();
    for pupil in pupils {
        let behind = hearers.get(&pupil).into_iter().flatten().filter(|account| Some(**account) > piece.told_to);
        behind.for_each(|account| readers.entry(*account).or_default().push(pupil));
    }
    Ok(readers.into_iter().take(ACCOUNTS).collect())
}

fn tell(conn: &mut Conn, rules: &Rules, piece: &Piece, readers: &Readers, now: NaiveDateTime) -> Result<Vec<Draft>> {
    let pupils: BTreeSet<ChildId> = readers.values().flatten().copied().collect();
    let pupils: Vec<ChildId> = pupils.into_iter().collect();
    let scene = Scene::load(conn, rules, &pupils, &[], now)?;
    let due = piece.due(rules);
    let mut bundles = Bundles::load(conn, rules, &scene, (&pupils, Some(due)), now)?;
    let draft =
        |(account, of): (&AccountId, &Vec<ChildId>)| draft(rules, &scene, &mut bundles, (piece, due), *account, of);
    let drafts: Vec<Draft> = readers.iter().filter_map(draft).collect();
    write::write(conn, &mut bundles, &drafts, now)?;
    Ok(drafts)
}

/// The pupils it is for: of the school, and of a class of that level, or of that class, today.
fn audience(conn: &mut Conn, piece: &Piece, now: NaiveDateTime) -> Result<Vec<ChildId>> {
    let pupils = children::table.filter(children::school_id.eq(piece.school)).order(children::id).select(children::id);
    if piece.level.is_none() && piece.class.is_none() {
        return Ok(on_backend!(conn => pupils.load(conn))?);
    }
    let zone: String = schools::table.find(piece.school).select(schools::time_zone).first(conn)?;
    let today = local_day(now, zone.parse().unwrap_or(chrono_tz::Tz::UTC));
    let members = class_members::table
        .inner_join(class_groups::table)
        .filter(class_groups::level.nullable().eq(piece.level).or(class_groups::id.nullable().eq(piece.class)))
        .filter(class_members::starts_on.le(today))
        .filter(class_members::ends_on.is_null().or(class_members::ends_on.ge(today)))
        .select(class_members::child_id);
    let pupils = pupils.filter(children::id.eq_any(members));
    Ok(on_backend!(conn => pupils.load(conn))?)
}

/// What one account is told, as a matter of the first of its children for which it wants to hear of news.
fn draft(
    rules: &Rules,
    scene: &Scene,
    bundles: &mut Bundles<'_>,
    (piece, due): (&Piece, NaiveDateTime),
    account: AccountId,
    of: &[ChildId],
) -> Option<Draft> {
    let wanted = scene.preferences(account);
    let choice = |child: ChildId| wanted.choice(child, AlertKind::News);
    let child = *of.iter().find(|child| choice(**child).push).or(of.first())?;
    let choice = choice(child);
    let switched_off = (DeliveryState::Suppressed, "switched-off");
    let mut outs: Vec<Out> = targets(scene, account, &wanted, choice.email)
        .into_iter()
        .map(|(target, lane)| {
            let closed = (target.0 == Way::Push && !choice.push).then_some(switched_off);
            Out { target, lane, first: None, closed, due }
        })
        .collect();
    let rings = outs.iter().any(|out| out.closed.is_none());
    let together = if rings { bundles.join(&wanted, account, (child, AlertKind::News), due) } else { None };
    super::draft::leave_to(together, &mut outs);
    Some(Draft {
        account,
        child: Some(child),
        kind: Some(AlertKind::News),
        about: Some(About::News),
        news: Some(piece.id),
        first: None,
        last: None,
        collapse: rules.key.of(account, ChildId(0), ("news", piece.id.0)),
        inbox: choice.inbox,
        superseded: false,
        at: due,
        tell_at: None,
        together,
        outs,
    })
}
