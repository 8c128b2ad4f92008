//! Alerts that are told together: what is too much for an hour, and digests.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use super::Rules;
use super::draft::Draft;
use super::scene::Scene;
use crate::Result;
use crate::alerts::preferences::Preferences;
use crate::alerts::times;
use crate::db::{Conn, on_backend};
use crate::schema::{alert_deliveries, alerts};
use crate::types::{About, AccountId, AlertId, AlertKind, ChildId, DeliveryState, Digest};

/// The bundle an alert is told in. `child` is 0 where it is of several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Together {
    pub account: AccountId,
    pub child: ChildId,
    pub about: About,
    /// When it is told.
    pub at: NaiveDateTime,
}

/// What came lately and which bundles are open.
pub struct Bundles<'a> {
    rules: &'a Rules,
    scene: &'a Scene,
    now: NaiveDateTime,
    /// When something of a child rang for an account, and whether that was a bundle.
    rung: HashMap<(AccountId, ChildId), Vec<(NaiveDateTime, bool)>>,
    /// The bundles that may still be joined, in the order of their times.
    open: HashMap<(AccountId, ChildId, About), BTreeSet<Together>>,
    ids: HashMap<Together, AlertId>,
}

/// What a family wants to know at once, however much there is.
const NEVER_ROLLED_UP: [AlertKind; 2] = [AlertKind::Attendance, AlertKind::Account];

impl<'a> Bundles<'a> {
    /// As it is for the readers of these children before something that is due at `first` at the earliest.
    pub fn load(
        conn: &mut Conn,
        rules: &'a Rules,
        scene: &'a Scene,
        (of, first): (&[ChildId], Option<NaiveDateTime>),
        now: NaiveDateTime,
    ) -> Result<Self> {
        let children: HashSet<ChildId> = of.iter().copied().collect();
        let accounts: HashSet<AccountId> = children.iter().flat_map(|child| scene.hearers(*child)).copied().collect();
        let accounts: Vec<AccountId> = accounts.into_iter().collect();
        let mut bundles = Self { rules, scene, now, rung: HashMap::new(), open: HashMap::new(), ids: HashMap::new() };
        let Some(first) = first else { return Ok(bundles) };
        for (account, child, at, about) in lately(conn, &accounts, children, first)? {
            bundles.rung.entry((account, child)).or_default().push((at, about == Some(About::Hour)));
        }
        let open = alerts::table
            .filter(alerts::account_id.eq_any(&accounts).and(alerts::tell_at.is_not_null()))
            .filter(alerts::about.eq_any([About::Hour, About::Day, About::Week]))
            .select((alerts::id, alerts::account_id, alerts::child_id, alerts::about.assume_not_null(), alerts::at));
        for (id, account, child, about, at) in on_backend!(conn => open.load::<BundleRow>(conn))? {
            let child = child.unwrap_or(ChildId(0));
            let together = Together { account, child, about, at };
            bundles.open.entry((account, child, about)).or_default().insert(together);
            bundles.ids.insert(together, id);
        }
        Ok(bundles)
    }

    /// The bundle in which an alert due at `due` is told, if it is not told alone.
    pub fn join(
        &mut self,
        wanted: &Preferences,
        account: AccountId,
        (child, kind): (ChildId, AlertKind),
        due: NaiveDateTime,
    ) -> Option<Together> {
        let about = match wanted.digest {
            Digest::None => return self.roll_up(account, (child, kind), due),
            Digest::Daily => About::Day,
            Digest::Weekly => About::Week,
        };
        let at = times::digest_at(wanted.digest, due.max(self.now), self.scene.zone(child))?;
        Some(self.opened(Together { account, child: ChildId(0), about, at }, due))
    }

    fn roll_up(
        &mut self,
        account: AccountId,
        (child, kind): (ChildId, AlertKind),
        due: NaiveDateTime,
    ) -> Option<Together> {
        if NEVER_ROLLED_UP.contains(&kind) {
            return None;
        }
        let rung = self.rung.entry((account, child)).or_default();
        let hour = rung.iter().filter(|(at, _)| *at > due - HOUR && *at <= due);
        if hour.clone().count() < self.rules.roll_up {
            rung.push((due, false));
            return None;
        }
        let (first, last) = (hour.clone().min()?, hour.filter(|(_, bundle)| *bundle).max());
        let at = (last.unwrap_or(first).0 + HOUR).max(due).max(self.now);
        Some(self.opened(Together { account, child, about: About::Hour, at }, due))
    }

    /// The next bundle behind `due` that is open already, or this one.
    fn opened(&mut self, together: Together, due: NaiveDateTime) -> Together {
        let Together { account, child, about, at } = together;
        let open = self.open.entry((account, child, about)).or_default();
        if let Some(next) = open.iter().find(|open| open.at >= due) {
            return *next;
        }
        open.insert(together);
        if about == About::Hour {
            self.rung.entry((account, child)).or_default().push((at, true));
        }
        together
    }

    /// The alerts that tell the bundles these drafts need and that are not there yet.
    pub fn missing(&self, drafts: &[Draft]) -> Vec<(Together, Draft)> {
        let needed: BTreeSet<Together> = drafts.iter().filter_map(|draft| draft.together).collect();
        let missing = needed.into_iter().filter(|together| !self.ids.contains_key(together));
        missing.map(|together| (together, self.draft(together))).collect()
    }

    /// Says which alert a bundle became.
    pub fn made(&mut self, together: Together, id: AlertId) {
        self.ids.insert(together, id);
    }

    pub fn id(&self, together: Together) -> Option<AlertId> {
        self.ids.get(&together).copied()
    }

    fn draft(&self, together: Together) -> Draft {
        let Together { account, child, about, at } = together;
        Draft {
            account,
            child: Some(child).filter(|child| child.0 != 0),
            kind: None,
            about: Some(about),
            news: None,
            first: None,
            last: None,
            collapse: self.rules.key.of(account, child, (about_word(about), at.and_utc().timestamp())),
            inbox: false,
            superseded: false,
            at,
            tell_at: Some(at),
            together: None,
            outs: Vec::new(),
        }
    }
}

type Rung = (AccountId, ChildId, NaiveDateTime, Option<About>);

/// What rang these accounts about these children in the hour before `first`, alone or for many.
fn lately(conn: &mut Conn, accounts: &[AccountId], of: HashSet<ChildId>, first: NaiveDateTime) -> Result<Vec<Rung>> {
    let left = alert_deliveries::table
        .filter(alert_deliveries::alert_id.eq(alerts::id))
        .filter(alert_deliveries::state.ne(DeliveryState::Suppressed));
    let rings = diesel::dsl::exists(left).or(alerts::tell_at.is_not_null());
    let counts = alerts::kind.is_null().or(alerts::kind.ne_all(NEVER_ROLLED_UP));
    let lately = alerts::table
        .filter(alerts::account_id.eq_any(accounts).and(alerts::child_id.eq_any(of)))
        .filter(alerts::at.gt(first - HOUR).and(alerts::bundle_id.is_null()))
        .filter(alerts::about.is_null().or(alerts::about.eq_any([About::News, About::Hour])))
        .filter(counts.and(diesel::dsl::not(alerts::superseded)))
        .filter(rings)
        .order(alerts::at)
        .select((alerts::account_id, alerts::child_id.assume_not_null(), alerts::at, alerts::about));
    Ok(on_backend!(conn => lately.load(conn))?)
}

type BundleRow = (AlertId, AccountId, Option<ChildId>, About, NaiveDateTime);

const HOUR: Duration = Duration::hours(1);

fn about_word(about: About) -> &'static str {
    use crate::types::Word;
    about.as_str()
}
