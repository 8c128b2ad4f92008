//! Files of homework, with their bytes.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::NaiveDateTime;
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::prelude::*;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Binary, Text};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::files::{PAGE, insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Fault, Page, Ref, Row, Target, Written};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::files::{MOST, PART};
use crate::homework::{Attachment, Attachments};
use crate::schema::{file_parts, files, homework, homework_files};
use crate::types::{HomeworkId, SchoolId};

row! {
    /// A file, without its bytes.
    File of files in school_id {
        external_id "externalId": Cell,
        name "name": Cell,
        media_type "mediaType": Cell,
        size "size": i64,
        sha256 "sha256": Cell,
        staff_id "staffExternalId": Option<Ref> => Staff,
        created_at "createdAt": NaiveDateTime,
        stored_at "storedAt": Option<NaiveDateTime>,
    }
}

row! {
    /// A piece of a file.
    FilePart of file_parts {
        file_id "fileExternalId": Ref => Files,
        part "part": i32,
        bytes "bytes": Bytes,
    }
}

row! {
    /// A file that goes with a piece of homework.
    HomeworkFile of homework_files {
        homework_id "homeworkExternalId": Ref => Homework,
        file_id "fileExternalId": Ref => Files,
        place "place": i32,
    }
}

/// Bytes, in base64 where they are a cell.
#[derive(Debug, Clone, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Binary)]
pub struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Cell(STANDARD.encode(&self.0)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cell::deserialize(deserializer)?;
        STANDARD.decode(text.as_str()).map(Self).map_err(|_| D::Error::custom("this is not base64"))
    }
}

impl<DB: Backend> ToSql<Binary, DB> for Bytes
where
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_slice().to_sql(out)
    }
}

impl<DB: Backend> FromSql<Binary, DB> for Bytes
where
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Vec::from_sql(bytes).map(Self)
    }
}

/// The column in which homework repeats its files, with the numbers of its database. An archive says `[]` there and has them
/// in `homework_files.csv`; whoever writes that file fills the column again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromSqlRow, AsExpression)]
#[diesel(sql_type = Text)]
pub struct Repeated;

impl Serialize for Repeated {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("[]")
    }
}

impl<'de> Deserialize<'de> for Repeated {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "[]" => Ok(Self),
            _ => Err(D::Error::custom("attachments must be []; homework_files.csv names the files")),
        }
    }
}

impl<DB: Backend> ToSql<Text, DB> for Repeated
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        "[]".to_sql(out)
    }
}

impl<DB: Backend> FromSql<Text, DB> for Repeated {
    fn from_sql(_: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self)
    }
}

kept_by_id!(File of files, "files.csv" as Files, since VERSION, checked by File::whole);

/// The version of the format that brought files.
const VERSION: u32 = 3;

impl File {
    fn whole(&self) -> Result<(), Fault> {
        let most = i64::try_from(MOST).unwrap_or(i64::MAX);
        match self.size {
            0.. if self.size <= most => Ok(()),
            _ => Err(Fault { column: "size", rule: "a file has 0 to 20 MiB" }),
        }
    }
}

impl Row for FilePart {
    shape!("file_parts.csv", None);
    const SINCE: u32 = VERSION;
    const AT_ONCE: usize = 4;
    const PACKED: bool = false;

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["file and part", self.file_id.key.as_str(), &self.part.to_string()]);
    }

    fn check(&self) -> Result<(), Fault> {
        if self.part < 0 {
            return Err(Fault { column: "part", rule: "parts count from 0" });
        }
        if self.bytes.0.len() > PART {
            return Err(Fault { column: "bytes", rule: "a part has at most 256 KiB" });
        }
        Ok(())
    }

    /// One file at a time.
    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        let query = files::table.filter((files::school_id + 0).eq(school).and(files::id.gt(after))).order(files::id);
        let next: Option<i64> = on_backend!(conn => query.select(files::id).first(conn)).optional()?;
        let query = file_parts::table.filter(file_parts::file_id.nullable().eq(next)).order(file_parts::part);
        let rows = on_backend!(conn => query.select(Self::as_select()).load(conn))?;
        Ok(Page { rows, next })
    }

    fn write(conn: &mut Conn, _: Target, rows: Vec<Self>) -> Result<Written> {
        insert_new!(conn, file_parts, rows)
    }
}

impl Row for HomeworkFile {
    shape!("homework_files.csv", None);
    const SINCE: u32 = VERSION;

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["homework and file", self.homework_id.key.as_str(), self.file_id.key.as_str()]);
    }

    /// By homework, each with all its files.
    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        let query = homework_files::table
            .inner_join(homework::table)
            .filter((homework::school_id + 0).eq(school).and(homework_files::homework_id.gt(after)))
            .order((homework_files::homework_id, homework_files::place))
            .limit(PAGE);
        let mut rows: Vec<Self> = on_backend!(conn => query.select(Self::as_select()).load(conn))?;
        let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) == PAGE;
        let last = rows.last().map(|row| row.homework_id.id).filter(|_| is_full);
        if let Some(last) = last {
            rows.retain(|row| row.homework_id.id < last);
        }
        Ok(Page { rows, next: last.map(|last| last - 1) })
    }

    fn write(conn: &mut Conn, _: Target, rows: Vec<Self>) -> Result<Written> {
        let of: BTreeSet<i64> = rows.iter().map(|row| row.homework_id.id).collect();
        let written: Result<Written> = insert_new!(conn, homework_files, rows);
        for id in of {
            repeat(conn, HomeworkId(id))?;
        }
        written
    }
}

/// Fills the column in which homework repeats its files.
fn repeat(conn: &mut Conn, id: HomeworkId) -> Result<()> {
    let query = homework_files::table
        .inner_join(files::table)
        .filter(homework_files::homework_id.eq(id))
        .order(homework_files::place)
        .select(crate::files::COLUMNS);
    let found: Vec<crate::files::File> = on_backend!(conn => query.load(conn))?;
    let column = Attachments(found.into_iter().map(Attachment::of).collect()).to_column();
    diesel::update(homework::table.find(id)).set(homework::attachments.eq(column)).execute(conn)?;
    Ok(())
}
