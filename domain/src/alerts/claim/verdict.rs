//! Whether one delivery leaves now, later or never.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;

use super::look::{Matter, Sight};
use super::{Claimed, Due, To};
use crate::alerts::facts::{Bundle, Facts, Reader, Span};
use crate::alerts::preferences::Preferences;
use crate::alerts::{times, told};
use crate::types::{About, AlertKind, DeliveryState, DeviceId, Language, Privacy, Way};

pub enum Verdict {
    Send(Box<Claimed>),
    Close(DeliveryState, &'static str),
    Wait(NaiveDateTime),
}

/// Why it does not leave.
type Objection = Verdict;

pub fn of(due: &Due, sight: &Sight, now: NaiveDateTime, lease_until: NaiveDateTime) -> Verdict {
    send(due, sight, now, lease_until).unwrap_or_else(|objection| objection)
}

fn never(reason: &'static str) -> Objection {
    Verdict::Close(DeliveryState::Suppressed, reason)
}

fn send(due: &Due, sight: &Sight, now: NaiveDateTime, lease_until: NaiveDateTime) -> Result<Verdict, Objection> {
    let person = sight.person(due.account).ok_or_else(|| never("disabled"))?;
    let about = sight.alerts.get(&due.alert).copied().ok_or_else(|| never("forgotten"))?;
    if due.child.0 != 0 && sight.ward(due.account, due.child).is_none() {
        return Err(never("unlinked"));
    }
    if now >= due.expires_at {
        return Err(Verdict::Close(DeliveryState::Expired, "too-old"));
    }
    let wanted = sight.wanted(due.account);
    let (to, app) = target(due, sight, &wanted, (about, now))?;
    let zone = sight.ward(due.account, due.child).map_or_else(|| sight.zone(due.account), |ward| ward.zone);
    let rings_at_night = matches!(about.about, Some(About::SignedIn | About::TokenReused | About::Test));
    let quiet = wanted.quiet.filter(|_| !rings_at_night);
    if let Some(morning) = times::quiet_until(quiet, now, zone) {
        return Err(Verdict::Wait(morning));
    }
    let language = wanted.language.or(app).unwrap_or(person.language);
    let reader = Reader { language, privacy: wanted.privacy };
    Ok(Verdict::Send(Box::new(Claimed {
        delivery: due.id,
        epoch: due.epoch + 1,
        number: due.attempts + 1,
        to,
        alert: due.alert,
        collapse: due.collapse.clone(),
        language,
        privacy: wanted.privacy,
        facts: facts(due, sight, (about, &wanted), reader)?,
        ttl: due.expires_at - now,
        due_at: due.due_at,
        lease_until,
    })))
}

/// Where it goes, and the language of the app there.
fn target(
    due: &Due,
    sight: &Sight,
    wanted: &Preferences,
    (about, now): (Matter, NaiveDateTime),
) -> Result<(To, Option<Language>), Objection> {
    let must = about.kind == Some(AlertKind::Account);
    let is_allowed = about.kind.is_none_or(|kind| wanted.choice(due.child, kind).allows(due.way));
    if due.way == Way::Push {
        let device = DeviceId(due.target);
        let phone = sight.phone(device, due.account).ok_or_else(|| never("signed-out"))?;
        if !is_allowed {
            return Err(never("switched-off"));
        }
        if let Some(until) = phone.quarantined_until.filter(|until| *until > now) {
            return Err(Verdict::Wait(until.min(due.expires_at)));
        }
        let has_strikes = phone.strikes > 0;
        let to = To::Phone { device, platform: phone.platform, token: phone.token.clone(), has_strikes };
        return Ok((to, Some(phone.language)));
    }
    let email = sight.person(due.account).and_then(|person| person.email.clone());
    let email = email.ok_or_else(|| never("no-address"))?;
    if sight.is_refused(&email) {
        return Err(never("address-refused"));
    }
    let may_write = must || (wanted.letters && is_allowed);
    if !may_write {
        return Err(never("switched-off"));
    }
    let unsubscribe = if must { None } else { sight.link(due.account) };
    Ok((To::Mailbox { account: due.account, email, unsubscribe }, None))
}

fn facts(
    due: &Due,
    sight: &Sight,
    (about, wanted): (Matter, &Preferences),
    reader: Reader,
) -> Result<Facts, Objection> {
    let bundle = |span| bundle(due, sight, span, reader);
    match about.about {
        None => thing(due, sight, (about, wanted), reader),
        Some(About::Hour) => bundle(Span::Hour),
        Some(About::Day) => bundle(Span::Day),
        Some(About::Week) => bundle(Span::Week),
        Some(About::Test) => Ok(Facts::Test),
        Some(About::News) => {
            let title = about.news.and_then(|news| sight.titles.get(&news)).ok_or_else(|| never("withdrawn"))?;
            Ok(Facts::of_news(reader, title))
        }
        Some(of_account) => Facts::of_account(of_account).ok_or_else(|| never("forgotten")),
    }
}

fn thing(
    due: &Due,
    sight: &Sight,
    (about, wanted): (Matter, &Preferences),
    reader: Reader,
) -> Result<Facts, Objection> {
    let change = |event: Option<_>| event.and_then(|event| sight.changes.get(&event));
    let (first, last) = change(due.first).zip(change(about.last)).ok_or_else(|| never("forgotten"))?;
    let net = told::net(first, last).ok_or_else(|| never("cancelled"))?;
    if !told::passes(&wanted.choice(due.child, net.entity.alert_kind()), &net) {
        return Err(never("threshold"));
    }
    let child = sight.ward(due.account, due.child).map_or("", |ward| ward.name.as_str());
    Ok(Facts::of(reader, child, net.step, &net.entity, net.previous.as_ref()))
}

fn bundle(due: &Due, sight: &Sight, span: Span, reader: Reader) -> Result<Facts, Objection> {
    let mut counts = BTreeMap::new();
    for kind in sight.bundle((due.alert, due.account), due.way) {
        *counts.entry(kind).or_default() += 1;
    }
    if counts.is_empty() {
        return Err(never("cancelled"));
    }
    if reader.privacy == Privacy::Generic {
        return Ok(Facts::Something);
    }
    let child = sight.ward(due.account, due.child).filter(|_| reader.privacy == Privacy::Full);
    Ok(Facts::Bundle(Bundle { span, counts, child: child.map(|ward| ward.name.clone()) }))
}
