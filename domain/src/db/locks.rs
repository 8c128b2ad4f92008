//! The revision counters: each child's is the lock of its diary, the number of its changes and the heart of its `ETag`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::{Conn, on_backend};
use crate::schema::{children, enrolments, schools};
use crate::types::{ChildId, SchoolId};
use crate::{Error, Result};

/// Whose counters a write takes.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Set if something changes that the families of the school share: periods, bells, names of subjects and teachers.
    pub school: Option<SchoolId>,
    pub children: Vec<ChildId>,
}

impl From<Vec<ChildId>> for Scope {
    fn from(children: Vec<ChildId>) -> Self {
        Self { school: None, children }
    }
}

/// The counters a transaction holds. A counter moves once per transaction, and only if it was touched.
#[derive(Debug)]
pub struct Touch {
    school: Option<SchoolId>,
    school_touched: bool,
    held: BTreeMap<ChildId, i64>,
    touched: BTreeSet<ChildId>,
}

/// As many ids as one statement names.
const CHUNK: usize = 1000;

impl Touch {
    /// Takes the school's counter first, then the children's in ascending order: one order for all, so no deadlock.
    pub(super) fn lock(conn: &mut Conn, scope: Scope) -> Result<Self> {
        let mut ids = scope.children;
        if let Some(school) = scope.school {
            lock_school(conn, school)?;
            ids.extend(former_pupils(conn, school)?);
        }
        ids.sort_unstable();
        ids.dedup();
        let mut held = BTreeMap::new();
        for ids in ids.chunks(CHUNK) {
            held.extend(lock_children(conn, ids)?);
        }
        Ok(Self { school: scope.school, school_touched: false, held, touched: BTreeSet::new() })
    }

    /// Says that `child` changes and returns the number of this change. A child that is not held makes the work run again.
    pub fn child(&mut self, child: ChildId) -> Result<i64> {
        let revision = *self.held.get(&child).ok_or(Error::Outgrown)?;
        self.touched.insert(child);
        Ok(revision + 1)
    }

    /// Says that the work hangs on `child`'s lock without changing its diary. A child that is not held makes it run again.
    pub fn holds(&self, child: ChildId) -> Result<()> {
        self.held.contains_key(&child).then_some(()).ok_or(Error::Outgrown)
    }

    /// Says that what the families of the school share changes.
    pub fn school(&mut self) -> Result<()> {
        if self.school.is_none() {
            return Err(Error::Outgrown);
        }
        self.school_touched = true;
        Ok(())
    }

    /// Whether something of `child` was said to change.
    pub fn is_touched(&self, child: ChildId) -> bool {
        self.touched.contains(&child)
    }

    /// The children held.
    pub fn held(&self) -> impl Iterator<Item = ChildId> {
        self.held.keys().copied()
    }

    /// Moves the counters of all that was touched.
    pub(super) fn settle(mut self, conn: &mut Conn) -> Result<()> {
        if self.school_touched
            && let Some(school) = self.school
        {
            diesel::update(schools::table.find(school))
                .set(schools::revision.eq(schools::revision + 1))
                .execute(conn)?;
            let former = former_pupils(conn, school)?;
            self.touched.extend(former.into_iter().filter(|child| self.held.contains_key(child)));
        }
        let touched: Vec<ChildId> = self.touched.into_iter().collect();
        for ids in touched.chunks(CHUNK) {
            diesel::update(children::table.filter(children::id.eq_any(ids)))
                .set(children::revision.eq(children::revision + 1))
                .execute(conn)?;
        }
        Ok(())
    }
}

fn lock_school(conn: &mut Conn, school: SchoolId) -> Result<()> {
    let query = schools::table.find(school).select(schools::revision);
    match conn {
        Conn::Sqlite(conn) => query.first::<i64>(conn)?,
        Conn::Postgres(conn) => query.for_update().first::<i64>(conn)?,
    };
    Ok(())
}

fn lock_children(conn: &mut Conn, ids: &[ChildId]) -> Result<Vec<(ChildId, i64)>> {
    let query =
        children::table.filter(children::id.eq_any(ids)).order(children::id).select((children::id, children::revision));
    Ok(match conn {
        Conn::Sqlite(conn) => query.load(conn)?,
        Conn::Postgres(conn) => query.for_update().load(conn)?,
    })
}

/// Children who left the school: they join another school's counter, so what this school shares must move their own.
fn former_pupils(conn: &mut Conn, school: SchoolId) -> Result<Vec<ChildId>> {
    let query = enrolments::table
        .inner_join(children::table)
        .filter(enrolments::school_id.eq(school).and(children::school_id.ne(school)))
        .select(children::id);
    Ok(on_backend!(conn => query.load(conn))?)
}
