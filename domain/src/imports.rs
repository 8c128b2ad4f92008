//! Files sent in over the API: who sent one, how far it is, what became of it.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::access::{Actor, SchoolAccess};
use crate::db::{Conn, on_backend};
use crate::error::Noun;
use crate::schema::imports;
use crate::types::{ClientId, ClientScope, ImportId, ImportKind, ImportStatus, SchoolId};
use crate::{Error, Result};

/// How a file is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manner {
    pub kind: ImportKind,
    /// Nothing is changed; the report says what would be.
    pub dry_run: bool,
    /// More than a fifth may be taken out.
    pub allow_shrink: bool,
}

/// An import as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
pub struct Import {
    pub id: ImportId,
    pub school_id: SchoolId,
    client_id: Option<ClientId>,
    pub kind: ImportKind,
    pub dry_run: bool,
    pub allow_shrink: bool,
    pub status: ImportStatus,
    pub report: Option<String>,
    pub created_at: NaiveDateTime,
    pub finished_at: Option<NaiveDateTime>,
}

/// Opens an import for a file that is about to be kept.
pub fn open(conn: &mut Conn, access: &SchoolAccess, manner: Manner) -> Result<ImportId> {
    access.need(ClientScope::Roster)?;
    let insert = diesel::insert_into(imports::table)
        .values((
            imports::school_id.eq(access.school()),
            imports::client_id.eq(client(access)),
            imports::kind.eq(manner.kind),
            imports::dry_run.eq(manner.dry_run),
            imports::allow_shrink.eq(manner.allow_shrink),
            imports::status.eq(ImportStatus::Queued),
            imports::created_at.eq(access.now()),
        ))
        .returning(imports::id);
    Ok(on_backend!(conn => insert.get_result(conn))?)
}

fn client(access: &SchoolAccess) -> Option<ClientId> {
    match access.actor() {
        Actor::Client { id, .. } => Some(*id),
        Actor::Staff { .. } => None,
    }
}

/// An import of the school. Its report repeats cells of the file, so a journal sees its own alone; the office sees all.
pub fn of_school(conn: &mut Conn, access: &SchoolAccess, id: ImportId) -> Result<Import> {
    access.need(ClientScope::Roster)?;
    let found = one(conn, id)?;
    let own = client(access).is_none_or(|client| found.client_id == Some(client));
    if found.school_id == access.school() && own { Ok(found) } else { Err(Error::NotFound(Noun::Import)) }
}

/// The import, for whoever carries it out.
pub fn one(conn: &mut Conn, id: ImportId) -> Result<Import> {
    let found = on_backend!(conn => imports::table.find(id).select(Import::as_select()).first(conn)).optional()?;
    found.ok_or(Error::NotFound(Noun::Import))
}

/// The imports that were not carried out to the end, oldest first.
pub fn unfinished(conn: &mut Conn) -> Result<Vec<ImportId>> {
    let open = imports::status.eq_any([ImportStatus::Queued, ImportStatus::Running]);
    let query = imports::table.filter(open).order(imports::id).select(imports::id);
    Ok(on_backend!(conn => query.load(conn))?)
}

/// Says that it is being carried out.
pub fn start(conn: &mut Conn, id: ImportId) -> Result<()> {
    diesel::update(imports::table.find(id)).set(imports::status.eq(ImportStatus::Running)).execute(conn)?;
    Ok(())
}

/// Says what became of it.
pub fn finish(conn: &mut Conn, id: ImportId, taken: bool, report: &str, now: NaiveDateTime) -> Result<()> {
    let status = if taken { ImportStatus::Done } else { ImportStatus::Refused };
    diesel::update(imports::table.find(id))
        .set((imports::status.eq(status), imports::report.eq(Some(report)), imports::finished_at.eq(Some(now))))
        .execute(conn)?;
    Ok(())
}
