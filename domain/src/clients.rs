//! Journals: the schools' own systems, which write over OAuth 2 client credentials.

use chrono::{Duration, NaiveDateTime};
use diesel::prelude::*;

use crate::db::{Conn, on_backend};
use crate::error::{Noun, Rule};
use crate::schema::{client_schools, client_tokens, clients};
use crate::types::{ClientId, ClientScope, SchoolId, Word};
use crate::{Error, Result, secrets};

/// How long an access token of a journal lives.
pub const ACCESS: Duration = Duration::hours(1);

/// A set of scopes; as text its words stand with spaces between, in the order of the contract.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scopes(Vec<ClientScope>);

impl Scopes {
    /// The scopes of a text with spaces between; an unknown word is given back.
    pub fn parse(text: &str) -> Result<Self, String> {
        let known = |word: &str| ClientScope::parse(word).ok_or_else(|| word.to_owned());
        text.split_whitespace().map(known).collect::<Result<Vec<_>, _>>().map(Self::of)
    }

    fn of(mut scopes: Vec<ClientScope>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self(scopes)
    }

    pub fn holds(&self, scope: ClientScope) -> bool {
        self.0.contains(&scope)
    }

    /// Whether every scope of `other` is in this set.
    pub fn holds_all(&self, other: &Self) -> bool {
        other.0.iter().all(|scope| self.holds(*scope))
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn text(&self) -> String {
        self.0.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The scopes of a column; a word that is no longer known gives no right.
    pub(crate) fn of_column(text: &str) -> Self {
        Self::of(text.split_whitespace().filter_map(ClientScope::parse).collect())
    }
}

/// A journal to be made. It may act for these schools and no others.
#[derive(Debug, Clone)]
pub struct NewClient {
    pub name: String,
    pub schools: Vec<SchoolId>,
    pub scopes: Scopes,
}

/// A journal, as an operator lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// What it calls itself by: the OAuth 2 `client_id`.
    pub key: String,
    pub name: String,
    pub schools: Vec<SchoolId>,
    pub scopes: Scopes,
    pub disabled: bool,
}

/// Makes a journal. Only the hash of the secret is kept.
pub fn add(conn: &mut Conn, client: &NewClient, credentials: (&str, &str), now: NaiveDateTime) -> Result<()> {
    let first = *client.schools.first().ok_or(Error::NotFound(Noun::School))?;
    let insert = diesel::insert_into(clients::table)
        .values((
            clients::school_id.eq(first),
            clients::client_key.eq(credentials.0),
            clients::name.eq(&client.name),
            clients::scopes.eq(client.scopes.text()),
            clients::secret_hash.eq(secrets::hash(credentials.1)),
            clients::created_at.eq(now),
        ))
        .returning(clients::id);
    let id: ClientId = on_backend!(conn => insert.get_result(conn))?;
    let bound: Vec<_> = client
        .schools
        .iter()
        .map(|school| (client_schools::client_id.eq(id), client_schools::school_id.eq(*school)))
        .collect();
    on_backend!(conn => diesel::insert_into(client_schools::table).values(bound).execute(conn))?;
    Ok(())
}

/// All journals with their schools, in the order they were made.
pub fn all(conn: &mut Conn) -> Result<Vec<Client>> {
    let rows = clients::table
        .inner_join(client_schools::table)
        .order((clients::id, client_schools::school_id))
        .select((clients::client_key, clients::name, clients::scopes, clients::disabled_at, client_schools::school_id))
        .load::<(String, String, String, Option<NaiveDateTime>, SchoolId)>(conn)?;
    let mut all: Vec<Client> = Vec::new();
    for (key, name, scopes, disabled_at, school) in rows {
        match all.last_mut() {
            Some(last) if last.key == key => last.schools.push(school),
            _ => {
                let scopes = Scopes::of_column(&scopes);
                all.push(Client { key, name, schools: vec![school], scopes, disabled: disabled_at.is_some() });
            }
        }
    }
    Ok(all)
}

/// Gives a journal another secret. The one before stays good until the next rotation, so that nothing stops meanwhile; with
/// `at_once` it ends now, and every token with it.
pub fn rotate(conn: &mut Conn, key: &str, secret: &str, at_once: bool) -> Result<()> {
    let (id, current): (ClientId, String) = clients::table
        .filter(clients::client_key.eq(key))
        .select((clients::id, clients::secret_hash))
        .first(conn)
        .optional()?
        .ok_or(Error::NotFound(Noun::Client))?;
    diesel::update(clients::table.find(id))
        .set((
            clients::secret_hash.eq(secrets::hash(secret)),
            clients::previous_secret_hash.eq((!at_once).then_some(current)),
        ))
        .execute(conn)?;
    if at_once {
        end_tokens(conn, id)?;
    }
    Ok(())
}

/// Ends a journal's right to act, with its next request.
pub fn disable(conn: &mut Conn, key: &str, now: NaiveDateTime) -> Result<()> {
    let live = clients::table.filter(clients::client_key.eq(key));
    match diesel::update(live).set(clients::disabled_at.eq(Some(now))).execute(conn)? {
        0 => Err(Error::NotFound(Noun::Client)),
        _ => Ok(()),
    }
}

fn end_tokens(conn: &mut Conn, id: ClientId) -> Result<()> {
    diesel::delete(client_tokens::table.filter(client_tokens::client_id.eq(id))).execute(conn)?;
    Ok(())
}

/// What a journal presents for a token.
#[derive(Clone)]
pub struct Credentials {
    pub key: String,
    pub secret: String,
    /// The scopes wanted; all it has, if none are named.
    pub scopes: Scopes,
}

/// Opens a token for the scopes wanted and tells them. Unknown journals, wrong secrets and disabled ones are alike.
pub fn open_token(conn: &mut Conn, who: &Credentials, token: &str, now: NaiveDateTime) -> Result<Scopes> {
    let found: Option<(ClientId, String, String, Option<String>)> = clients::table
        .filter(clients::client_key.eq(&who.key).and(clients::disabled_at.is_null()))
        .select((clients::id, clients::scopes, clients::secret_hash, clients::previous_secret_hash))
        .first(conn)
        .optional()?;
    let hash = secrets::hash(&who.secret);
    let right = found.filter(|(_, _, current, previous)| *current == hash || previous.as_ref() == Some(&hash));
    let (id, scopes, ..) = right.ok_or(Error::Denied(Rule::InvalidClient))?;
    let own = Scopes::of_column(&scopes);
    if !own.holds_all(&who.scopes) {
        return Err(Error::Denied(Rule::InvalidScope));
    }
    let scopes = if who.scopes.is_empty() { own } else { who.scopes.clone() };
    let old = client_tokens::client_id.eq(id).and(client_tokens::expires_at.le(now));
    diesel::delete(client_tokens::table.filter(old)).execute(conn)?;
    diesel::insert_into(client_tokens::table)
        .values((
            client_tokens::client_id.eq(id),
            client_tokens::token_hash.eq(secrets::hash(token)),
            client_tokens::scopes.eq(scopes.text()),
            client_tokens::created_at.eq(now),
            client_tokens::expires_at.eq(now + ACCESS),
        ))
        .execute(conn)?;
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_a_set_in_the_order_of_the_contract() {
        let scopes = Scopes::parse(" journal roster journal").unwrap();
        assert_eq!(scopes.text(), "roster journal");
        assert!(scopes.holds_all(&Scopes::parse("journal").unwrap()));
        assert!(!scopes.holds_all(&Scopes::parse("journal read").unwrap()));
        assert_eq!(Scopes::parse("journal writer"), Err("writer".to_owned()));
    }
}
