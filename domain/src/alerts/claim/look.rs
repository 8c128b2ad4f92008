//! Everything that decides whether a delivery may leave, as it is at this moment.

use std::collections::{HashMap, HashSet};

use chrono::{Duration, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::Due;
use crate::Result;
use crate::access::families::{self, Ward};
use crate::alerts::plan::{Members, changes, members};
use crate::alerts::preferences::{self, Preferences};
use crate::changes::Change;
use crate::db::{Conn, on_backend};
use crate::schema::{accounts, alerts, devices, letter_links, suppressed_addresses};
use crate::types::{
    About, AccountId, AlertId, AlertKind, ChildId, DeviceId, EventId, Language, Names, NewsId, Platform, Way,
};
use crate::{news, secrets};

/// As of one claim.
pub struct Sight {
    people: HashMap<AccountId, Person>,
    wards: HashMap<(AccountId, ChildId), Ward>,
    wanted: HashMap<AccountId, Preferences>,
    phones: HashMap<DeviceId, Phone>,
    pub alerts: HashMap<AlertId, Matter>,
    pub changes: HashMap<EventId, Change>,
    pub titles: HashMap<NewsId, Names>,
    bundles: Members,
    refused: HashSet<String>,
    links: HashMap<AccountId, String>,
}

/// What an alert is about.
#[derive(Debug, Clone, Copy)]
pub struct Matter {
    pub kind: Option<AlertKind>,
    pub about: Option<About>,
    pub last: Option<EventId>,
    pub news: Option<NewsId>,
}

pub struct Person {
    pub language: Language,
    pub email: Option<String>,
    pub disabled: bool,
}

#[derive(Queryable)]
pub struct Phone {
    id: DeviceId,
    pub account: AccountId,
    pub platform: Platform,
    pub token: String,
    pub language: Language,
    pub quarantined_until: Option<NaiveDateTime>,
    /// How often the provider refused its token.
    pub strikes: i32,
}

impl Sight {
    pub fn load(conn: &mut Conn, due: &[Due], now: NaiveDateTime) -> Result<Self> {
        let accounts: HashSet<AccountId> = due.iter().map(|one| one.account).collect();
        let accounts: Vec<AccountId> = accounts.into_iter().collect();
        let alerts = about(conn, due)?;
        let events = due.iter().filter_map(|one| one.first).chain(alerts.values().filter_map(|alert| alert.last));
        let changes = changes(conn, events.collect())?;
        let people = people(conn, &accounts)?;
        let mailed: Vec<AccountId> = due.iter().filter(|one| one.way == Way::Email).map(|one| one.account).collect();
        let emails = mailed.iter().filter_map(|account| people.get(account)?.email.as_deref());
        Ok(Self {
            refused: refused(conn, emails.map(address_hash).collect(), now)?,
            links: links(conn, &mailed)?,
            bundles: bundles(conn, &alerts)?,
            titles: news::titles(conn, alerts.values().filter_map(|alert| alert.news).collect())?,
            wards: families::wards(conn, &accounts, now)?,
            wanted: preferences::of_accounts(conn, &accounts)?,
            phones: phones(conn, due)?,
            people,
            alerts,
            changes,
        })
    }

    pub fn person(&self, account: AccountId) -> Option<&Person> {
        self.people.get(&account).filter(|person| !person.disabled)
    }

    pub fn ward(&self, account: AccountId, child: ChildId) -> Option<&Ward> {
        self.wards.get(&(account, child))
    }

    /// The zone somebody lives in, as far as the children tell.
    pub fn zone(&self, account: AccountId) -> Tz {
        let own = self.wards.iter().filter(|((owner, _), _)| *owner == account);
        own.min_by_key(|((_, child), _)| *child).map_or(Tz::UTC, |(_, ward)| ward.zone)
    }

    pub fn wanted(&self, account: AccountId) -> Preferences {
        self.wanted.get(&account).cloned().unwrap_or_default()
    }

    pub fn phone(&self, device: DeviceId, account: AccountId) -> Option<&Phone> {
        self.phones.get(&device).filter(|phone| phone.account == account)
    }

    /// The alerts a bundle tells on this way, of the children its reader may still read about.
    pub fn bundle(&self, (alert, account): (AlertId, AccountId), way: Way) -> Vec<AlertKind> {
        let wanted = self.wanted(account);
        let is_told = |(child, kind): &&(ChildId, AlertKind)| {
            self.ward(account, *child).is_some() && wanted.choice(*child, *kind).allows(way)
        };
        self.bundles.get(&alert).into_iter().flatten().filter(is_told).map(|(_, kind)| *kind).collect()
    }

    pub fn is_refused(&self, email: &str) -> bool {
        self.refused.contains(&address_hash(email))
    }

    pub fn link(&self, account: AccountId) -> Option<String> {
        self.links.get(&account).cloned()
    }
}

/// How a refused address is remembered.
pub(in crate::alerts) fn address_hash(email: &str) -> String {
    secrets::hash(&email.trim().to_lowercase())
}

type MatterRow = (AlertId, Option<AlertKind>, Option<About>, Option<EventId>, Option<NewsId>);

fn about(conn: &mut Conn, due: &[Due]) -> Result<HashMap<AlertId, Matter>> {
    let ids: HashSet<AlertId> = due.iter().map(|one| one.alert).collect();
    let query = alerts::table.filter(alerts::id.eq_any(ids)).select((
        alerts::id,
        alerts::kind,
        alerts::about,
        alerts::last_event,
        alerts::news_id,
    ));
    let rows: Vec<MatterRow> = on_backend!(conn => query.load(conn))?;
    Ok(rows.into_iter().map(|(id, kind, about, last, news)| (id, Matter { kind, about, last, news })).collect())
}

fn people(conn: &mut Conn, ids: &[AccountId]) -> Result<HashMap<AccountId, Person>> {
    let query = accounts::table.filter(accounts::id.eq_any(ids)).select((
        accounts::id,
        accounts::language,
        accounts::email,
        accounts::disabled_at.is_not_null(),
    ));
    let rows: Vec<(AccountId, Language, Option<String>, bool)> = on_backend!(conn => query.load(conn))?;
    Ok(rows.into_iter().map(|(id, language, email, disabled)| (id, Person { language, email, disabled })).collect())
}

fn phones(conn: &mut Conn, due: &[Due]) -> Result<HashMap<DeviceId, Phone>> {
    let ids: HashSet<i64> = due.iter().filter(|one| one.way == Way::Push).map(|one| one.target).collect();
    let query = devices::table.filter(devices::id.eq_any(ids)).select((
        devices::id,
        devices::account_id,
        devices::platform,
        devices::push_token,
        devices::language,
        devices::quarantined_until,
        devices::strikes,
    ));
    Ok(on_backend!(conn => query.load::<Phone>(conn))?.into_iter().map(|phone| (phone.id, phone)).collect())
}

fn bundles(conn: &mut Conn, about: &HashMap<AlertId, Matter>) -> Result<Members> {
    let together = |about: &Matter| matches!(about.about, Some(About::Hour | About::Day | About::Week));
    let ids: Vec<AlertId> = about.iter().filter(|(_, about)| together(about)).map(|(id, _)| *id).collect();
    if ids.is_empty() { Ok(Members::new()) } else { members(conn, &ids) }
}

/// How long an address is left alone that a server refused for good. A relay that was set up wrongly refuses everybody's.
const REFUSED: Duration = Duration::days(30);

fn refused(conn: &mut Conn, hashes: Vec<String>, now: NaiveDateTime) -> Result<HashSet<String>> {
    if hashes.is_empty() {
        return Ok(HashSet::new());
    }
    let query = suppressed_addresses::table
        .filter(suppressed_addresses::address_hash.eq_any(hashes))
        .filter(suppressed_addresses::since.gt(now - REFUSED))
        .select(suppressed_addresses::address_hash);
    Ok(on_backend!(conn => query.load::<String>(conn))?.into_iter().collect())
}

/// What ends the letters of these accounts; whoever has no such word yet gets one.
fn links(conn: &mut Conn, ids: &[AccountId]) -> Result<HashMap<AccountId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = letter_links::table.filter(letter_links::account_id.eq_any(ids));
    let mut links: HashMap<AccountId, String> =
        on_backend!(conn => query.load::<(AccountId, String)>(conn))?.into_iter().collect();
    for id in ids {
        if !links.contains_key(id) {
            let row = (letter_links::account_id.eq(id), letter_links::token.eq(secrets::address()));
            let insert = diesel::insert_into(letter_links::table).values(row).on_conflict_do_nothing();
            on_backend!(conn => insert.execute(conn))?;
            // Another worker may have been first: its word counts.
            let kept = letter_links::table.find(id).select(letter_links::token);
            links.insert(*id, kept.first(conn)?);
        }
    }
    Ok(links)
}
