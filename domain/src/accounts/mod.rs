//! Accounts: a login, a password, and the person behind it.

pub mod passwords;
pub mod resets;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error as SqlError};
use unicode_normalization::UnicodeNormalization;

use crate::access::Viewer;
use crate::db::{Conn, on_backend};
use crate::error::{Flaw, Noun, Rule};
use crate::letters::is_hidden;
use crate::schema::accounts;
use crate::types::{AccountId, FullName, Language, Role, Sex};
use crate::{Error, Result};

/// An account as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Account {
    pub id: AccountId,
    pub role: Role,
    pub first: String,
    pub last: String,
    pub middle: Option<String>,
    pub display_name: Option<String>,
    pub language: Language,
    pub email: Option<String>,
    pub phone: Option<String>,
}

/// A person about to get an account. Nothing more is asked of a parent than this.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub login: Login,
    pub password_hash: String,
    pub role: Role,
    pub name: FullName,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    pub language: Language,
    pub email: Option<String>,
}

/// A login in the form it is compared in: NFC, lower case, no spaces around.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Login(String);

impl Login {
    /// A login has 3 to 100 characters, none of them a space or a control character.
    pub fn parse(text: &str) -> Result<Self> {
        let key: String = text.trim().nfc().collect::<String>().to_lowercase();
        let length = key.chars().count();
        if !(3..=100).contains(&length) || key.chars().any(|c| c.is_whitespace() || is_hidden(c)) {
            let rule = "A login has 3 to 100 characters and no spaces; an e-mail address or a phone number will do.";
            return Err(Error::flaw("/login", "login", rule));
        }
        Ok(Self(key))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! columns {
    () => {
        (
            accounts::id,
            accounts::role,
            accounts::first_name,
            accounts::last_name,
            accounts::middle_name,
            accounts::display_name,
            accounts::language,
            accounts::email,
            accounts::phone,
        )
    };
}

/// The account and its password hash, for signing in; a disabled account is not found.
pub fn by_login(conn: &mut Conn, login: &Login) -> Result<Option<(Account, String)>> {
    Ok(accounts::table
        .filter(accounts::login_key.eq(login.as_str()).and(accounts::disabled_at.is_null()))
        .select((columns!(), accounts::password_hash))
        .first(conn)
        .optional()?)
}

pub fn one(conn: &mut Conn, id: AccountId) -> Result<Account> {
    accounts::table.find(id).select(columns!()).first(conn).optional()?.ok_or(Error::NotFound(Noun::Account))
}

/// Makes an account; the login must be free.
pub fn create(conn: &mut Conn, newcomer: &Newcomer, now: NaiveDateTime) -> Result<AccountId> {
    if by_login_taken(conn, &newcomer.login)? {
        return Err(Error::Conflict(Rule::LoginTaken));
    }
    let insert = diesel::insert_into(accounts::table)
        .values((
            accounts::login_key.eq(newcomer.login.as_str()),
            accounts::password_hash.eq(&newcomer.password_hash),
            accounts::role.eq(newcomer.role),
            accounts::first_name.eq(&newcomer.name.first),
            accounts::last_name.eq(&newcomer.name.last),
            accounts::middle_name.eq(&newcomer.name.middle),
            accounts::birth_date.eq(newcomer.birth_date),
            accounts::sex.eq(newcomer.sex),
            accounts::language.eq(newcomer.language),
            accounts::email.eq(&newcomer.email),
            accounts::created_at.eq(now),
        ))
        .returning(accounts::id);
    let made: Result<AccountId, SqlError> = on_backend!(conn => insert.get_result(conn));
    made.map_err(|error| match error {
        SqlError::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => Error::Conflict(Rule::LoginTaken),
        other => Error::Db(other),
    })
}

fn by_login_taken(conn: &mut Conn, login: &Login) -> Result<bool> {
    let taken = accounts::table.filter(accounts::login_key.eq(login.as_str())).select(accounts::id);
    Ok(taken.first::<AccountId>(conn).optional()?.is_some())
}

/// What the owner may change of an account; `None` leaves a field, `Some(None)` empties it.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    pub language: Option<Language>,
    pub email: Option<Option<String>>,
    pub phone: Option<Option<String>>,
    pub display_name: Option<Option<String>>,
}

/// Changes the viewer's own account and returns it.
pub fn patch(conn: &mut Conn, viewer: &Viewer, patch: &Patch) -> Result<Account> {
    check(patch)?;
    let id = viewer.account();
    let own = accounts::table.find(id);
    if let Some(language) = patch.language {
        diesel::update(own).set(accounts::language.eq(language)).execute(conn)?;
    }
    if let Some(email) = &patch.email {
        diesel::update(own).set(accounts::email.eq(email)).execute(conn)?;
    }
    if let Some(phone) = &patch.phone {
        diesel::update(own).set(accounts::phone.eq(phone)).execute(conn)?;
    }
    if let Some(display_name) = &patch.display_name {
        diesel::update(own).set(accounts::display_name.eq(display_name)).execute(conn)?;
    }
    one(conn, id)
}

fn check(patch: &Patch) -> Result<()> {
    let mut flaws = Vec::new();
    if let Some(Some(email)) = &patch.email
        && !is_email(email)
    {
        flaws.push(Flaw::new("/email", "email", "This is not an e-mail address."));
    }
    if let Some(Some(phone)) = &patch.phone
        && !(phone.len() <= 20
            && phone.starts_with('+')
            && phone.chars().skip(1).all(|c| c.is_ascii_digit())
            && phone.len() >= 8)
    {
        flaws.push(Flaw::new("/phone", "phone", "A phone number is + and 7 to 19 digits."));
    }
    if let Some(Some(name)) = &patch.display_name
        && (name.trim().is_empty() || name.chars().count() > 100 || name.chars().any(is_hidden))
    {
        flaws.push(Flaw::new("/displayName", "length", "A name to display has 1 to 100 characters."));
    }
    if flaws.is_empty() { Ok(()) } else { Err(Error::Invalid(flaws)) }
}

/// One `@` with something on both sides and a dot in the domain; whether it exists, only a letter tells.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let plain = |c: char| !c.is_whitespace() && !is_hidden(c) && c != '@';
    text.len() <= 254
        && !local.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && text.chars().filter(|c| *c == '@').count() == 1
        && local.chars().chain(domain.chars()).all(plain)
}

/// Replaces the password of an account.
pub fn set_password(conn: &mut Conn, id: AccountId, password_hash: &str) -> Result<()> {
    diesel::update(accounts::table.find(id)).set(accounts::password_hash.eq(password_hash)).execute(conn)?;
    Ok(())
}

/// The password hash of an account, for confirming who changes it.
pub fn password_hash(conn: &mut Conn, id: AccountId) -> Result<String> {
    Ok(accounts::table.find(id).select(accounts::password_hash).first(conn)?)
}
