//! Files that go with homework: sent in by the school piece by piece, read by the families the homework is for.

use std::collections::HashMap;

use chrono::{Duration, NaiveDateTime};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::access::{Actor, ChildAccess, SchoolAccess};
use crate::db::{Conn, Db, on_backend};
use crate::error::{Noun, Rule};
use crate::homework::Attachment;
use crate::schema::{course_members, file_parts, files, homework, homework_files};
use crate::types::{ChildId, ClientId, ClientScope, FileId, HomeworkId, StaffId};
use crate::{Error, Result, secrets};

/// The bytes of one piece; the last one of a file may have fewer.
pub const PART: usize = 256 * 1024;
/// The largest file, in bytes.
pub const MOST: u64 = 20 * 1024 * 1024;
/// So many bytes, and so many files, of one school may hang on no homework; they are there to be attached.
const LOOSE: i64 = 512 * 1024 * 1024;
const LOOSE_FILES: i64 = 2000;
/// How long a file may wait to be attached.
pub const PATIENCE: Duration = Duration::days(1);

/// A file as it is read.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct File {
    pub id: FileId,
    pub name: String,
    pub media_type: String,
    /// In bytes.
    pub size: i64,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}

/// What a [`File`] is read from.
pub(crate) const COLUMNS: (files::id, files::name, files::media_type, files::size, files::sha256) =
    (files::id, files::name, files::media_type, files::size, files::sha256);

/// Opens a file that is about to be sent in, by a journal with the scope `journal` or by staff. Until [`finish`] nobody can
/// see it. [`Rule::TooManyFiles`] if the school has sent in much that hangs on nothing.
pub fn begin(conn: &mut Conn, access: &SchoolAccess, name: &str, media_type: &str) -> Result<FileId> {
    may_send(access)?;
    let attached = exists(homework_files::table.filter(homework_files::file_id.eq(files::id)));
    // What is older and hangs on nothing is about to be forgotten.
    let loose: Vec<i64> = files::table
        .filter(files::school_id.eq(access.school()).and(files::created_at.gt(access.now() - PATIENCE)))
        .filter(not(attached))
        .select(files::size)
        .limit(LOOSE_FILES)
        .load(conn)?;
    if loose.iter().sum::<i64>() > LOOSE || length(&loose) == LOOSE_FILES {
        return Err(Error::Conflict(Rule::TooManyFiles));
    }
    let (staff, client) = sender(access);
    let insert = diesel::insert_into(files::table)
        .values((
            files::school_id.eq(access.school()),
            files::external_id.eq(secrets::address()),
            files::name.eq(name),
            files::media_type.eq(media_type),
            files::size.eq(0),
            files::sha256.eq(""),
            files::staff_id.eq(staff),
            files::client_id.eq(client),
            files::created_at.eq(access.now()),
        ))
        .returning(files::id);
    Ok(on_backend!(conn => insert.get_result(conn))?)
}

/// Whether the actor may send in files: [`Rule::InsufficientScope`] if not.
pub fn may_send(access: &SchoolAccess) -> Result<()> {
    if access.teacher().is_some() { Ok(()) } else { access.need(ClientScope::Journal) }
}

fn sender(access: &SchoolAccess) -> (Option<StaffId>, Option<ClientId>) {
    match access.actor() {
        Actor::Client { id, .. } => (None, Some(*id)),
        Actor::Staff { id, .. } => (Some(*id), None),
    }
}

/// Keeps the next piece of a file, `part` counting from 0.
pub fn keep(conn: &mut Conn, id: FileId, part: i32, bytes: &[u8]) -> Result<()> {
    diesel::insert_into(file_parts::table)
        .values((file_parts::file_id.eq(id), file_parts::part.eq(part), file_parts::bytes.eq(bytes)))
        .execute(conn)?;
    diesel::update(files::table.find(id)).set(files::size.eq(files::size + length(bytes))).execute(conn)?;
    Ok(())
}

fn length<T>(of: &[T]) -> i64 {
    i64::try_from(of.len()).unwrap_or(i64::MAX)
}

/// Says that a file is whole; its hash is what its bytes hash to.
pub fn finish(conn: &mut Conn, id: FileId, sha256: &str, now: NaiveDateTime) -> Result<File> {
    diesel::update(files::table.find(id))
        .set((files::sha256.eq(sha256), files::stored_at.eq(Some(now))))
        .execute(conn)?;
    Ok(files::table.find(id).select(COLUMNS).first(conn)?)
}

/// Throws away a file that did not come to its end.
pub fn discard(conn: &mut Conn, id: FileId) -> Result<()> {
    diesel::delete(file_parts::table.filter(file_parts::file_id.eq(id))).execute(conn)?;
    diesel::delete(files::table.find(id)).execute(conn)?;
    Ok(())
}

/// A file that goes with homework of one of the children these rights are for. One that does not exist and one of others are
/// the same.
pub fn of_children(conn: &mut Conn, rights: &[ChildAccess], id: FileId) -> Result<File> {
    let of: Vec<ChildId> = rights.iter().map(ChildAccess::child).collect();
    let query = homework_files::table
        .inner_join(files::table)
        .inner_join(homework::table)
        .inner_join(course_members::table.on(course_members::course_id.eq(homework::course_id)))
        .filter(homework_files::file_id.eq(id).and(course_members::child_id.eq_any(of)))
        .filter(course_members::starts_on.le(homework::due_on))
        .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(homework::assigned_on.nullable())))
        .select(COLUMNS);
    on_backend!(conn => query.first(conn)).optional()?.ok_or(Error::NotFound(Noun::File))
}

/// One piece of a file that somebody may read.
pub fn part(conn: &mut Conn, file: &File, part: i32) -> Result<Vec<u8>> {
    let query = file_parts::table.find((file.id, part)).select(file_parts::bytes);
    on_backend!(conn => query.first(conn)).optional()?.ok_or(Error::NotFound(Noun::File))
}

/// Of `ids`, the files that `staff` or `client` sent in whole: what they may attach. A file of others is as good as none, for
/// whoever attaches it shows it to families.
pub(crate) fn attachable(
    conn: &mut Conn,
    (staff, client): (Option<StaffId>, Option<ClientId>),
    ids: &[FileId],
) -> Result<HashMap<FileId, Attachment>> {
    type Sent = (File, (Option<StaffId>, Option<ClientId>));
    let query = files::table
        .filter(files::id.eq_any(ids).and(files::stored_at.is_not_null()))
        .select((COLUMNS, (files::staff_id, files::client_id)));
    let found: Vec<Sent> = on_backend!(conn => query.load(conn))?;
    let own = found.into_iter().filter(|(_, sender)| *sender == (staff, client));
    Ok(own.map(|(file, _)| (file.id, Attachment::of(file))).collect())
}

/// Makes these the files of a piece of homework, in this order.
pub(crate) fn attach(conn: &mut Conn, to: HomeworkId, ids: &[FileId]) -> Result<()> {
    diesel::delete(homework_files::table.filter(homework_files::homework_id.eq(to))).execute(conn)?;
    let rows: Vec<_> = (0..)
        .zip(ids)
        .map(|(place, file): (i32, _)| {
            (homework_files::homework_id.eq(to), homework_files::file_id.eq(file), homework_files::place.eq(place))
        })
        .collect();
    if !rows.is_empty() {
        on_backend!(conn => diesel::insert_into(homework_files::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// Forgets the files that hang on nothing and came before `before` (UTC), one at a time.
pub async fn prune(db: &Db, before: NaiveDateTime) -> Result<()> {
    let loose = move |conn: &mut Conn| {
        let attached = exists(homework_files::table.filter(homework_files::file_id.eq(files::id)));
        let query = files::table.filter(files::created_at.lt(before).and(not(attached))).select(files::id);
        Ok(on_backend!(conn => query.load::<FileId>(conn))?)
    };
    for id in db.read(loose).await? {
        let forget = move |conn: &mut Conn| {
            let tied = homework_files::table.filter(homework_files::file_id.eq(id)).select(homework_files::homework_id);
            let tied: Option<HomeworkId> = on_backend!(conn => tied.first(conn)).optional()?;
            // It may have been attached a moment ago.
            if tied.is_none() { discard(conn, id) } else { Ok(()) }
        };
        db.write(forget).await?;
    }
    Ok(())
}
