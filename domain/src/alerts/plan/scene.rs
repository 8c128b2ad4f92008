//! Who may hear of the children concerned, where, and what they want to hear.

use std::collections::{HashMap, HashSet};

use chrono::{Duration, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;

use super::{News, Rules};
use crate::Result;
use crate::access::families;
use crate::alerts::preferences::{self, Preferences};
use crate::alerts::windows;
use crate::db::{Conn, on_backend};
use crate::schema::{accounts, devices};
use crate::types::{AccountId, AlertKind, ChildId, DeviceId, Lane, Platform, Role};

pub struct Phone {
    pub device: DeviceId,
    pub lane: Lane,
    /// Whether the provider took its token when it was tried last.
    pub is_live: bool,
}

/// As of one plan.
pub struct Scene {
    zones: HashMap<ChildId, Tz>,
    hearers: HashMap<ChildId, Vec<AccountId>>,
    preferences: HashMap<AccountId, Preferences>,
    phones: HashMap<AccountId, Vec<Phone>>,
    mailboxes: HashSet<AccountId>,
    guardians: HashSet<AccountId>,
    windows: HashMap<(ChildId, AlertKind), Duration>,
}

impl Scene {
    /// Of these children, and of accounts to which something happened.
    pub fn load(
        conn: &mut Conn,
        rules: &Rules,
        concerned: &[ChildId],
        others: &[AccountId],
        now: NaiveDateTime,
    ) -> Result<Self> {
        let (zones, hearers) = families::readers(conn, concerned, now)?;
        let accounts: HashSet<AccountId> = hearers.values().flatten().chain(others).copied().collect();
        let accounts: Vec<AccountId> = accounts.into_iter().collect();
        let preferences = preferences::of_accounts(conn, &accounts)?;
        let phones = if rules.pushes { phones(conn, &accounts, now)? } else { HashMap::new() };
        let (mailboxes, guardians) = people(conn, &accounts)?;
        let windows = windows::of_children(conn, concerned)?;
        Ok(Self { zones, hearers, preferences, phones, mailboxes, guardians, windows })
    }

    /// Where the child's school is.
    pub fn zone(&self, child: ChildId) -> Tz {
        self.zones.get(&child).copied().unwrap_or(Tz::UTC)
    }

    /// Who may read the child's diary: its guardians and itself.
    pub fn hearers(&self, child: ChildId) -> &[AccountId] {
        self.hearers.get(&child).map_or(&[], Vec::as_slice)
    }

    /// When somebody is told of it: behind its settle window.
    pub fn due(&self, rules: &Rules, news: &News<'_>) -> NaiveDateTime {
        let kind = news.net.entity.alert_kind();
        let window = self.windows.get(&(news.child, kind)).copied();
        news.last.at + window.unwrap_or_else(|| rules.settle.of(kind))
    }

    pub fn preferences(&self, account: AccountId) -> Preferences {
        self.preferences.get(&account).cloned().unwrap_or_default()
    }

    pub fn phones(&self, account: AccountId) -> &[Phone] {
        self.phones.get(&account).map_or(&[], Vec::as_slice)
    }

    pub fn is_guardian(&self, account: AccountId) -> bool {
        self.guardians.contains(&account)
    }

    pub fn has_mailbox(&self, account: AccountId) -> bool {
        self.mailboxes.contains(&account)
    }
}

type PhoneRow = (AccountId, DeviceId, Platform, Option<NaiveDateTime>);

fn phones(conn: &mut Conn, accounts: &[AccountId], now: NaiveDateTime) -> Result<HashMap<AccountId, Vec<Phone>>> {
    let query = devices::table.filter(devices::account_id.eq_any(accounts)).order(devices::id).select((
        devices::account_id,
        devices::id,
        devices::platform,
        devices::quarantined_until,
    ));
    let mut phones: HashMap<AccountId, Vec<Phone>> = HashMap::new();
    for (account, device, platform, quarantined) in on_backend!(conn => query.load::<PhoneRow>(conn))? {
        let is_live = quarantined.is_none_or(|until| until <= now);
        phones.entry(account).or_default().push(Phone { device, lane: Lane::of(platform), is_live });
    }
    Ok(phones)
}

/// Which of these accounts have a mailbox, and which are guardians.
fn people(conn: &mut Conn, accounts: &[AccountId]) -> Result<(HashSet<AccountId>, HashSet<AccountId>)> {
    let query = accounts::table.filter(accounts::id.eq_any(accounts)).select((
        accounts::id,
        accounts::role,
        accounts::email.is_not_null(),
    ));
    let (mut mailboxes, mut guardians) = (HashSet::new(), HashSet::new());
    for (account, role, mailbox) in on_backend!(conn => query.load::<(AccountId, Role, bool)>(conn))? {
        mailboxes.extend(mailbox.then_some(account));
        guardians.extend((role == Role::Guardian).then_some(account));
    }
    Ok((mailboxes, guardians))
}
