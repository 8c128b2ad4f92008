//! The alerts of a plan before they are written: who is told of what, where, when, and whether alone or together with others.

use chrono::{Duration, NaiveDateTime};

use super::bundles::{Bundles, Together};
use super::open::{Open, Target};
use super::scene::Scene;
use super::{Fresh, News, Rules};
use crate::alerts::preferences::{Choice, Preferences};
use crate::alerts::told::{self, Net};
use crate::types::{
    About, AccountId, AlertKind, ChildId, DeliveryState, Digest, EventId, EventKind, Lane, Letters, NewsId, Way,
};

/// One alert for one account.
pub struct Draft {
    pub account: AccountId,
    /// `None`: about the account.
    pub child: Option<ChildId>,
    pub kind: Option<AlertKind>,
    pub about: Option<About>,
    pub news: Option<NewsId>,
    pub first: Option<EventId>,
    pub last: Option<EventId>,
    pub collapse: String,
    pub inbox: bool,
    pub superseded: bool,
    pub at: NaiveDateTime,
    /// When a bundle is told.
    pub tell_at: Option<NaiveDateTime>,
    pub together: Option<Together>,
    pub outs: Vec<Out>,
}

/// One delivery of it.
pub struct Out {
    pub target: Target,
    pub lane: Lane,
    pub first: Option<EventId>,
    /// It is over before it began.
    pub closed: Option<(DeliveryState, &'static str)>,
    pub due: NaiveDateTime,
}

/// How long a delivery may wait behind the time it is due.
pub fn life(way: Way) -> Duration {
    match way {
        Way::Push => Duration::days(1),
        Way::Email => Duration::days(4),
    }
}

/// Where an account is reached: its phones, and its mailbox where it wants letters.
pub fn targets(scene: &Scene, account: AccountId, wanted: &Preferences, letters: Letters) -> Vec<(Target, Lane)> {
    let phones = scene.phones(account);
    let mut targets: Vec<(Target, Lane)> =
        phones.iter().map(|phone| ((Way::Push, phone.device.0), phone.lane)).collect();
    let by_letter = match letters {
        Letters::Never => false,
        Letters::Fallback => !phones.iter().any(|phone| phone.is_live),
        Letters::Always => true,
    };
    if by_letter && wanted.letters && scene.has_mailbox(account) {
        targets.push(((Way::Email, account.0), Lane::Email));
    }
    targets
}

/// What is told together leaves no other way.
pub fn leave_to(together: Option<Together>, outs: &mut [Out]) {
    let Some(together) = together else { return };
    let reason = if together.about == About::Hour { "rolled-up" } else { "digest" };
    for out in outs.iter_mut().filter(|out| out.closed.is_none()) {
        out.closed = Some((DeliveryState::Superseded, reason));
    }
}

/// All alerts of a plan.
pub fn all(
    rules: &Rules,
    scene: &Scene,
    open: &Open,
    bundles: &mut Bundles<'_>,
    (news, fresh): (&[News<'_>], &[Fresh]),
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for one in news {
        for account in scene.hearers(one.child) {
            drafts.extend(Teller { rules, scene, open, account: *account, news: one }.draft(bundles));
        }
    }
    drafts.extend(fresh.iter().flat_map(|event| of_account(rules, scene, event)));
    drafts
}

/// What one account is told of one thing.
struct Teller<'a> {
    rules: &'a Rules,
    scene: &'a Scene,
    open: &'a Open,
    account: AccountId,
    news: &'a News<'a>,
}

impl Teller<'_> {
    /// `None` where nobody waits to hear of it, and it is not worth telling.
    fn draft(&self, bundles: &mut Bundles<'_>) -> Option<Draft> {
        let (news, account) = (self.news, self.account);
        let wanted = self.scene.preferences(account);
        let kind = news.net.entity.alert_kind();
        let choice = wanted.choice(news.child, kind);
        let collapse = self.rules.key.of(account, news.child, news.thing);
        let due = self.scene.due(self.rules, news);
        let first = self.open.inbox(&collapse);
        let targets = targets(self.scene, account, &wanted, choice.email);
        let waits = first.is_some() || targets.iter().any(|(target, _)| self.open.target(&collapse, *target).is_some());
        if !waits && self.net(None).is_none() {
            return None;
        }
        let mut outs: Vec<Out> = targets
            .into_iter()
            .map(|(target, lane)| {
                let first = self.open.target(&collapse, target);
                let closed = self.objection(first, &choice, target.0);
                Out { target, lane, first: Some(first.unwrap_or(news.first.id)), closed, due }
            })
            .collect();
        // A digest also waits for who has no phone at this moment.
        let nobody_yet = wanted.digest != Digest::None && outs.is_empty();
        let rings = outs.iter().any(|out| out.closed.is_none())
            || (nobody_yet && self.objection(first, &choice, Way::Push).is_none());
        let together = if rings { bundles.join(&wanted, account, (news.child, kind), due) } else { None };
        leave_to(together, &mut outs);
        Some(Draft {
            account,
            child: Some(news.child),
            kind: Some(kind),
            about: None,
            news: None,
            superseded: self.net(first).is_none(),
            first: Some(first.unwrap_or(news.first.id)),
            last: Some(news.last.id),
            collapse,
            inbox: choice.inbox,
            at: due,
            tell_at: None,
            together,
            outs,
        })
    }

    /// What is worth telling somebody who has heard nothing from the event `first` on.
    fn net(&self, first: Option<EventId>) -> Option<Net> {
        let net = match (first.and_then(|first| self.open.change(first)), self.news.last.change.as_ref()) {
            (Some(first), Some(last)) => told::net(first, last),
            _ => Some(self.news.net.clone()),
        };
        net.filter(|net| told::is_worth_telling(net, self.news.today))
    }

    /// Why nothing leaves, if so.
    fn objection(&self, first: Option<EventId>, choice: &Choice, way: Way) -> Option<(DeliveryState, &'static str)> {
        let suppressed = |reason| Some((DeliveryState::Suppressed, reason));
        let Some(net) = self.net(first) else { return suppressed("cancelled") };
        if way == Way::Push && !choice.push {
            return suppressed("switched-off");
        }
        if told::passes(choice, &net) { None } else { suppressed("threshold") }
    }
}

/// What happened to an account's list of children: it is told, and so are the other guardians of a child that gets one. A
/// student is not told that it is itself.
fn of_account(rules: &Rules, scene: &Scene, event: &Fresh) -> Vec<Draft> {
    let Some(account) = event.account.filter(|account| scene.is_guardian(*account)) else { return Vec::new() };
    let draft = |account, about| to_account(rules, scene, event, (account, about));
    match event.kind {
        EventKind::ChildAdded => {
            let others = scene.hearers(ChildId(event.entity)).iter().copied();
            let others = others.filter(|other| *other != account && scene.is_guardian(*other));
            let others = others.map(|other| draft(other, About::GuardianAdded));
            std::iter::once(draft(account, About::ChildAdded)).chain(others).collect()
        }
        EventKind::ChildRemoved => vec![draft(account, About::ChildRemoved)],
        _ => Vec::new(),
    }
}

/// News of an account itself: at once, and not to be switched off.
fn to_account(rules: &Rules, scene: &Scene, event: &Fresh, (account, about): (AccountId, About)) -> Draft {
    let noun = if about == About::GuardianAdded { "guardian" } else { "child" };
    let to = targets(scene, account, &scene.preferences(account), Letters::Fallback);
    let outs = to.into_iter().map(|(target, lane)| Out { target, lane, first: None, closed: None, due: event.at });
    Draft {
        account,
        child: None,
        kind: Some(AlertKind::Account),
        about: Some(about),
        news: None,
        first: None,
        last: Some(event.id),
        collapse: rules.key.of(account, ChildId(event.entity), (noun, event.entity)),
        inbox: true,
        superseded: false,
        at: event.at,
        tell_at: None,
        together: None,
        outs: outs.collect(),
    }
}
