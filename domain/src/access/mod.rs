//! Who is asking, and may they see this child? One indexed read answers both and brings the revision counters along.

pub(crate) mod families;
mod school;

use chrono::{NaiveDate, NaiveDateTime};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::clock::local_day;
use crate::db::{Conn, on_backend};
use crate::error::Noun;
use crate::schema::{accounts, calendar_feeds, children, guardianships, schools, sessions};
use crate::secrets;
use crate::types::{AccountId, ChildId, DayOff, Language, Role, SchoolId, SessionId};
use crate::{Error, Result};

pub use school::{Actor, SchoolAccess, school};

/// A presented access token: somebody, not yet known. `now` is when the request came, in UTC.
#[derive(Debug, Clone)]
pub struct Bearer {
    hash: String,
    now: NaiveDateTime,
}

impl Bearer {
    pub fn new(token: &str, now: NaiveDateTime) -> Self {
        Self { hash: secrets::hash(token), now }
    }

    pub fn now(&self) -> NaiveDateTime {
        self.now
    }
}

/// Somebody signed in, as of this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    session: SessionId,
    account: AccountId,
    role: Role,
    language: Language,
    now: NaiveDateTime,
}

impl Viewer {
    pub fn session(&self) -> SessionId {
        self.session
    }
    pub fn account(&self) -> AccountId {
        self.account
    }
    pub fn role(&self) -> Role {
        self.role
    }
    pub fn language(&self) -> Language {
        self.language
    }
    pub fn now(&self) -> NaiveDateTime {
        self.now
    }
}

/// The right to read one child's diary, as of this request. [`child`] and [`children`] are the only ways to get one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildAccess {
    viewer: Viewer,
    child: ChildId,
    relation: String,
    school: School,
    counters: Counters,
}

/// The numbers of the last change of the child's diary and of what its school's families share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Counters {
    pub child: i64,
    pub school: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
struct School {
    id: SchoolId,
    time_zone: String,
    days_off: String,
    revision: i64,
}

impl ChildAccess {
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }
    pub fn child(&self) -> ChildId {
        self.child
    }
    /// The school the child attends now.
    pub fn school(&self) -> SchoolId {
        self.school.id
    }
    /// How the viewer stands to the child; `self` for the student.
    pub fn relation(&self) -> &str {
        &self.relation
    }
    pub fn counters(&self) -> Counters {
        self.counters
    }
    /// The school's zone; a zone this binary does not know counts as UTC.
    pub fn zone(&self) -> Tz {
        self.school.time_zone.parse().unwrap_or(Tz::UTC)
    }
    /// Today, where the school is.
    pub fn today(&self) -> NaiveDate {
        local_day(self.viewer.now, self.zone())
    }
    /// The school's days without lessons.
    pub fn days_off(&self) -> Vec<DayOff> {
        serde_json::from_str(&self.school.days_off).unwrap_or_default()
    }
}

type SignedIn = (SessionId, AccountId, Role, Language);
type Seen = (ChildId, i64, Option<AccountId>);

/// Who presents this token; [`Error::Unauthorised`] if nobody (any more).
pub fn viewer(conn: &mut Conn, bearer: &Bearer) -> Result<Viewer> {
    let row = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::access_hash.eq(&bearer.hash).and(sessions::ended_at.is_null()))
        .filter(sessions::access_expires_at.gt(bearer.now).and(accounts::disabled_at.is_null()))
        .select((sessions::id, accounts::id, accounts::role, accounts::language))
        .first::<SignedIn>(conn)
        .optional()?;
    row.map(|row| signed_in(row, bearer.now)).ok_or(Error::Unauthorised)
}

/// The right of the presenter of this token to read `child`. A foreign child and one that does not exist are the same.
pub fn child(conn: &mut Conn, bearer: &Bearer, child: ChildId) -> Result<ChildAccess> {
    let query = sessions::table
        .inner_join(accounts::table)
        .left_join(children::table.on(children::id.eq(child)))
        .left_join(schools::table.on(schools::id.nullable().eq(children::school_id.nullable())))
        .left_join(
            guardianships::table.on(guardianships::child_id
                .eq(child)
                .and(guardianships::account_id.eq(accounts::id.nullable()))
                .and(guardianships::ended_at.is_null().or(guardianships::ended_at.gt(bearer.now)))),
        )
        .filter(sessions::access_hash.eq(&bearer.hash).and(sessions::ended_at.is_null()))
        .filter(sessions::access_expires_at.gt(bearer.now).and(accounts::disabled_at.is_null()))
        .select((
            (sessions::id, accounts::id, accounts::role, accounts::language),
            (children::id, children::revision, children::account_id).nullable(),
            guardianships::relation.nullable(),
            (schools::id, schools::time_zone, schools::days_off, schools::revision).nullable(),
        ))
        .limit(1);
    let row = on_backend!(conn => query.load::<(SignedIn, Option<Seen>, Option<String>, Option<School>)>(conn))?.pop();
    let (row, seen, relation, school) = row.ok_or(Error::Unauthorised)?;
    let viewer = signed_in(row, bearer.now);
    grant(&viewer, seen, relation, school).ok_or(Error::NotFound(Noun::Child))
}

/// The children of the accounts `from` joins, in the order of their ids, one row each: guardianships in force and the student
/// itself.
macro_rules! wards {
    ($conn:expr, $from:expr, $session:expr, $now:expr) => {{
        let own = diesel::alias!(children as own);
        $from
            .left_join(
                guardianships::table.on(guardianships::account_id
                    .eq(accounts::id.nullable())
                    .and(guardianships::ended_at.is_null().or(guardianships::ended_at.gt($now)))),
            )
            .left_join(children::table.on(children::id.nullable().eq(guardianships::child_id.nullable())))
            .left_join(own.on(own.field(children::account_id).eq(accounts::id.nullable())))
            .left_join(
                schools::table.on(schools::id
                    .nullable()
                    .eq(children::school_id.nullable())
                    .or(schools::id.nullable().eq(own.field(children::school_id).nullable()))),
            )
            .filter(accounts::disabled_at.is_null())
            .order((guardianships::child_id, guardianships::id))
            .select((
                ($session, accounts::id, accounts::role, accounts::language),
                (children::id, children::revision, children::account_id).nullable(),
                own.fields((children::id, children::revision, children::account_id)).nullable(),
                guardianships::relation.nullable(),
                (schools::id, schools::time_zone, schools::days_off, schools::revision).nullable(),
            ))
            .load::<Wards>($conn)
    }};
}

/// The children the presenter of this token may read, in the order of their ids.
pub fn children(conn: &mut Conn, bearer: &Bearer) -> Result<(Viewer, Vec<ChildAccess>)> {
    let signed_in = sessions::table
        .inner_join(accounts::table)
        .filter(sessions::access_hash.eq(&bearer.hash).and(sessions::ended_at.is_null()))
        .filter(sessions::access_expires_at.gt(bearer.now));
    let found = wards!(conn, signed_in, sessions::id, bearer.now)?;
    seen_by(found, bearer.now).ok_or(Error::Unauthorised)
}

/// The children that whoever holds this token of a calendar feed may read about, on behalf of the account it belongs to, at
/// `now`. The viewer is on no device: its session is nobody's.
pub fn calendar(conn: &mut Conn, token: &str, now: NaiveDateTime) -> Result<(Viewer, Vec<ChildAccess>)> {
    let held =
        calendar_feeds::table.inner_join(accounts::table).filter(calendar_feeds::token_hash.eq(secrets::hash(token)));
    let found = wards!(conn, held, SessionId(0).into_sql::<BigInt>(), now)?;
    seen_by(found, now).ok_or(Error::NotFound(Noun::Calendar))
}

type Wards = (SignedIn, Option<Seen>, Option<Seen>, Option<String>, Option<School>);

fn seen_by(rows: Vec<Wards>, now: NaiveDateTime) -> Option<(Viewer, Vec<ChildAccess>)> {
    let viewer = signed_in(rows.first()?.0, now);
    let mut children: Vec<ChildAccess> = rows
        .into_iter()
        .filter_map(|(_, ward, own, relation, school)| grant(&viewer, ward.or(own), relation, school))
        .collect();
    children.dedup_by_key(|access| access.child);
    Some((viewer, children))
}

/// The counters now; a view computed since is whole only if they have not moved.
pub fn counters(conn: &mut Conn, access: &ChildAccess) -> Result<Counters> {
    let query = children::table
        .inner_join(schools::table)
        .filter(children::id.eq(access.child))
        .select((children::revision, schools::revision));
    let (child, school) = on_backend!(conn => query.first::<(i64, i64)>(conn))?;
    Ok(Counters { child, school })
}

fn signed_in((session, account, role, language): SignedIn, now: NaiveDateTime) -> Viewer {
    Viewer { session, account, role, language, now }
}

/// The rule: a guardian by a live guardianship, a student by being the child. Nobody else.
fn grant(viewer: &Viewer, seen: Option<Seen>, relation: Option<String>, school: Option<School>) -> Option<ChildAccess> {
    let (child, revision, account) = seen?;
    let school = school?;
    let relation = match viewer.role {
        Role::Guardian => relation?,
        Role::Student if account == Some(viewer.account) => "self".to_owned(),
        _ => return None,
    };
    let counters = Counters { child: revision, school: school.revision };
    Some(ChildAccess { viewer: viewer.clone(), child, relation, school, counters })
}
