//! What somebody wants to hear of, and how. Whoever never chose anything has the defaults, which are meant to do.

use std::collections::HashMap;

use chrono::NaiveTime;
use diesel::prelude::*;

use crate::access::{ChildAccess, Viewer};
use crate::db::{Conn, on_backend};
use crate::error::Noun;
use crate::schema::{accounts, alert_choices, alert_preferences, letter_links};
use crate::types::{AccountId, AlertKind, ChildId, Digest, Language, Letters, Privacy, Threshold, Way};
use crate::{Error, Result};

/// What one account wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// `None`: the app's, else the account's.
    pub language: Option<Language>,
    pub privacy: Privacy,
    pub quiet: Option<Quiet>,
    pub digest: Digest,
    /// Whether alerts may come as letters at all.
    pub letters: bool,
    choices: HashMap<(ChildId, AlertKind), Choice>,
}

/// When nothing may ring, in local time; over midnight where it ends before it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub from: NaiveTime,
    pub to: NaiveTime,
}

/// How alerts of one kind about one child are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    pub push: bool,
    pub email: Letters,
    pub inbox: bool,
    pub only: Threshold,
    /// Hundredths of points; for a threshold that is not `all`.
    pub than: Option<i64>,
}

impl Default for Choice {
    fn default() -> Self {
        Self { push: true, email: Letters::Fallback, inbox: true, only: Threshold::All, than: None }
    }
}

impl Choice {
    /// Whether anything may leave this way.
    pub fn allows(&self, way: Way) -> bool {
        match way {
            Way::Push => self.push,
            Way::Email => self.email != Letters::Never,
        }
    }
}

impl Quiet {
    /// From ten in the evening to seven in the morning.
    const NIGHT: Self = Self { from: hour(22), to: hour(7) };
}

const fn hour(hour: u32) -> NaiveTime {
    match NaiveTime::from_hms_opt(hour, 0, 0) {
        Some(time) => time,
        None => NaiveTime::MIN,
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            language: None,
            privacy: Privacy::Generic,
            quiet: Some(Quiet::NIGHT),
            digest: Digest::None,
            letters: true,
            choices: HashMap::new(),
        }
    }
}

impl Preferences {
    /// How alerts of this kind about this child are told. What happens to the account itself cannot be switched off.
    pub fn choice(&self, child: ChildId, kind: AlertKind) -> Choice {
        let chosen = self.choices.get(&(child, kind)).copied();
        chosen.filter(|_| kind != AlertKind::Account).unwrap_or_default()
    }
}

/// The kinds that can be chosen.
pub fn kinds() -> impl Iterator<Item = AlertKind> {
    use crate::types::Word;
    AlertKind::ALL.iter().copied().filter(|kind| *kind != AlertKind::Account)
}

/// What the viewer wants.
pub fn own(conn: &mut Conn, viewer: &Viewer) -> Result<Preferences> {
    Ok(of_accounts(conn, &[viewer.account()])?.remove(&viewer.account()).unwrap_or_default())
}

/// Keeps what the viewer wants from now on. `chosen` are the choices that change; they must be about her own children.
pub fn keep(
    conn: &mut Conn,
    viewer: &Viewer,
    rights: &[ChildAccess],
    wanted: &Preferences,
    chosen: &[(ChildId, AlertKind, Choice)],
) -> Result<()> {
    let account = viewer.account();
    keep_row(conn, account, wanted)?;
    for (child, kind, choice) in chosen {
        if !rights.iter().any(|right| right.child() == *child) {
            return Err(Error::NotFound(Noun::Child));
        }
        diesel::delete(alert_choices::table.find((account, *child, *kind))).execute(conn)?;
        diesel::insert_into(alert_choices::table)
            .values((
                alert_choices::account_id.eq(account),
                alert_choices::child_id.eq(child),
                alert_choices::kind.eq(kind),
                alert_choices::push.eq(choice.push),
                alert_choices::email.eq(choice.email),
                alert_choices::inbox.eq(choice.inbox),
                alert_choices::threshold.eq(choice.only),
                alert_choices::than.eq(choice.than),
            ))
            .execute(conn)?;
    }
    Ok(())
}

fn keep_row(conn: &mut Conn, account: AccountId, wanted: &Preferences) -> Result<()> {
    diesel::delete(alert_preferences::table.find(account)).execute(conn)?;
    diesel::insert_into(alert_preferences::table)
        .values((
            alert_preferences::account_id.eq(account),
            alert_preferences::language.eq(wanted.language),
            alert_preferences::privacy.eq(wanted.privacy),
            alert_preferences::quiet_from.eq(wanted.quiet.map(|quiet| quiet.from)),
            alert_preferences::quiet_to.eq(wanted.quiet.map(|quiet| quiet.to)),
            alert_preferences::digest.eq(wanted.digest),
            alert_preferences::letters.eq(wanted.letters),
        ))
        .execute(conn)?;
    Ok(())
}

/// The language of whoever was sent this word in a letter.
pub fn language_of(conn: &mut Conn, word: &str) -> Result<Language> {
    let owner = owner_of(conn, word)?;
    let wanted = of_accounts(conn, &[owner])?.remove(&owner).and_then(|wanted| wanted.language);
    match wanted {
        Some(language) => Ok(language),
        None => Ok(accounts::table.find(owner).select(accounts::language).first(conn)?),
    }
}

fn owner_of(conn: &mut Conn, word: &str) -> Result<AccountId> {
    if !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(Error::NotFound(Noun::Account));
    }
    let owner = letter_links::table.filter(letter_links::token.eq(word)).select(letter_links::account_id);
    owner.first(conn).optional()?.ok_or(Error::NotFound(Noun::Account))
}

/// Ends the letters of whoever was sent this word in one. The word stays good, so that a second click is no error.
/// In her language it can be told.
pub fn end_letters(conn: &mut Conn, word: &str) -> Result<Language> {
    let owner = owner_of(conn, word)?;
    let wanted = of_accounts(conn, &[owner])?.remove(&owner).unwrap_or_default();
    keep_row(conn, owner, &Preferences { letters: false, ..wanted })?;
    language_of(conn, word)
}

#[derive(Queryable)]
struct Row {
    account: AccountId,
    language: Option<Language>,
    privacy: Privacy,
    from: Option<NaiveTime>,
    to: Option<NaiveTime>,
    digest: Digest,
    letters: bool,
}

#[derive(Queryable)]
struct Chosen {
    account: AccountId,
    child: ChildId,
    kind: AlertKind,
    push: bool,
    email: Letters,
    inbox: bool,
    only: Threshold,
    than: Option<i64>,
}

/// What these accounts want; whoever never chose is not among them.
pub(super) fn of_accounts(conn: &mut Conn, accounts: &[AccountId]) -> Result<HashMap<AccountId, Preferences>> {
    let rows = alert_preferences::table.filter(alert_preferences::account_id.eq_any(accounts));
    let rows: Vec<Row> = on_backend!(conn => rows.load(conn))?;
    let mut wanted: HashMap<AccountId, Preferences> = rows.into_iter().map(|row| (row.account, row.read())).collect();
    let chosen = alert_choices::table.filter(alert_choices::account_id.eq_any(accounts));
    for one in on_backend!(conn => chosen.load::<Chosen>(conn))? {
        let choice = Choice { push: one.push, email: one.email, inbox: one.inbox, only: one.only, than: one.than };
        wanted.entry(one.account).or_default().choices.insert((one.child, one.kind), choice);
    }
    Ok(wanted)
}

impl Row {
    fn read(self) -> Preferences {
        Preferences {
            language: self.language,
            privacy: self.privacy,
            quiet: self.from.zip(self.to).map(|(from, to)| Quiet { from, to }),
            digest: self.digest,
            letters: self.letters,
            choices: HashMap::new(),
        }
    }
}
