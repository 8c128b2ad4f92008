//! The settle window: how long a teacher has to mend a slip before anybody is told. Each kind of alert has one, and a school
//! may choose its own.

use std::collections::{BTreeMap, HashMap};

use chrono::Duration;
use diesel::prelude::*;

use crate::access::SchoolAccess;
use crate::db::{Conn, on_backend};
use crate::schema::{children, settle_windows};
use crate::types::{AlertKind, ChildId, ClientScope, Word as _};
use crate::{Error, Result};

/// The longest window a school may choose, in seconds.
pub const LONGEST: i32 = 3600;

/// The windows where a school chose nothing.
#[derive(Debug, Clone)]
pub struct Windows {
    pub all: Duration,
    /// Those that differ.
    pub kinds: BTreeMap<AlertKind, Duration>,
}

impl Windows {
    pub fn of(&self, kind: AlertKind) -> Duration {
        self.kinds.get(&kind).copied().unwrap_or(self.all)
    }
}

/// Whether alerts of this kind wait for a correction. What is not of the school (the account, messages) is told at once.
pub fn settles(kind: AlertKind) -> bool {
    !matches!(kind, AlertKind::Account | AlertKind::Message)
}

/// What the school chose, in seconds, by kind. Needs the scope `journal`.
pub fn chosen(conn: &mut Conn, access: &SchoolAccess) -> Result<BTreeMap<AlertKind, i32>> {
    access.need(ClientScope::Journal)?;
    let query = settle_windows::table
        .filter(settle_windows::school_id.eq(access.school()))
        .select((settle_windows::kind, settle_windows::seconds));
    Ok(on_backend!(conn => query.load::<(AlertKind, i32)>(conn))?.into_iter().collect())
}

/// Chooses for the school, in place of all it chose before: seconds from 0 (at once) to [`LONGEST`], for what [`settles`].
/// Needs the scope `journal`. Counts for what is planned from now on.
pub fn choose(conn: &mut Conn, access: &SchoolAccess, chosen: &BTreeMap<AlertKind, i32>) -> Result<()> {
    access.need(ClientScope::Journal)?;
    for (kind, seconds) in chosen {
        let pointer = format!("/kinds/{}", kind.as_str());
        if !settles(*kind) {
            return Err(Error::flaw(pointer, "unsettled", "This is told at once: no window holds it back."));
        }
        if !(0..=LONGEST).contains(seconds) {
            return Err(Error::flaw(pointer, "range", "A window is 0 to 3600 seconds."));
        }
    }
    let school = access.school();
    diesel::delete(settle_windows::table.filter(settle_windows::school_id.eq(school))).execute(conn)?;
    let row = |(kind, seconds): (&AlertKind, &i32)| {
        (settle_windows::school_id.eq(school), settle_windows::kind.eq(*kind), settle_windows::seconds.eq(*seconds))
    };
    let rows: Vec<_> = chosen.iter().map(row).collect();
    if !rows.is_empty() {
        on_backend!(conn => diesel::insert_into(settle_windows::table).values(rows).execute(conn))?;
    }
    Ok(())
}

/// What the schools of these children chose.
pub(super) fn of_children(conn: &mut Conn, concerned: &[ChildId]) -> Result<HashMap<(ChildId, AlertKind), Duration>> {
    let query = settle_windows::table
        .inner_join(children::table.on(children::school_id.eq(settle_windows::school_id)))
        .filter(children::id.eq_any(concerned))
        .select((children::id, settle_windows::kind, settle_windows::seconds));
    let rows: Vec<(ChildId, AlertKind, i32)> = on_backend!(conn => query.load(conn))?;
    Ok(rows.into_iter().map(|(child, kind, seconds)| ((child, kind), span(seconds))).collect())
}

pub(super) fn span(seconds: i32) -> Duration {
    Duration::seconds(seconds.into())
}
