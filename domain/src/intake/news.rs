//! News, as the school writes it. It belongs to no diary: no counter moves, families' lists of news have tags of their own.

use chrono::{NaiveDateTime, Timelike};
use diesel::prelude::*;

use super::{Item, Outcome, Writer, ids_of, merge, part, refer, rows_of, upsert};
use crate::Result;
use crate::db::{Conn, Scope, Touch};
use crate::error::Flaw;
use crate::schema::{class_groups, news};
use crate::types::{ClassGroupId, Names, SchoolId};

/// Something a school tells the families of all its pupils, of those of a level, or of those of a class.
#[derive(Debug, Clone)]
pub struct News {
    pub external_id: String,
    pub level: Option<i32>,
    pub class_group: Option<String>,
    pub title: Names,
    pub text: Names,
    /// Nobody reads it before (UTC). `None` leaves the moment that is there; of new ones it is now.
    pub published_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = news, treat_none_as_null = true, treat_none_as_default_value = false)]
struct NewsRow {
    school_id: SchoolId,
    external_id: String,
    level: Option<i32>,
    class_group_id: Option<ClassGroupId>,
    title: String,
    text: String,
    published_at: NaiveDateTime,
    updated_at: NaiveDateTime,
    /// When families are to be told; `None`: they were, or never are to be.
    tell_at: Option<NaiveDateTime>,
}

impl Item for News {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(_: &mut Conn, _: Writer, _: &[Self]) -> Result<Scope> {
        Ok(Scope::default())
    }

    fn write(conn: &mut Conn, _: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let classes = items.iter().filter_map(|item| item.class_group.as_deref());
        let classes = ids_of!(conn, class_groups, ClassGroupId, writer.school, classes);
        let before = rows_of!(conn, news, NewsRow, writer.school, items.iter().map(Item::external_id));
        let row = |item: &Self| {
            if item.level.is_some() && item.class_group.is_some() {
                let told = "News is for a level or for a class, not for both: leave one of them out.";
                return Err(Flaw::new("/level", "audience", told));
            }
            let old = before.get(&item.external_id).map(|(_, old)| old);
            let published = item.published_at.or(old.map(|old| old.published_at)).unwrap_or(writer.now);
            // Both databases and the cursor keep whole seconds alike.
            let published = published.with_nanosecond(0).unwrap_or(published);
            let row = NewsRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                level: item.level,
                class_group_id: refer("/classGroupExternalId", item.class_group.as_deref(), &classes)?,
                title: item.title.to_column(),
                text: item.text.to_column(),
                published_at: published,
                updated_at: writer.now,
                tell_at: tell_at(writer, published, old),
            };
            // The time of the last change is no change by itself.
            let same =
                old.filter(|old| NewsRow { updated_at: old.updated_at, tell_at: old.tell_at, ..row.clone() } == **old);
            Ok(same.cloned().unwrap_or(row))
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let written = upsert!(conn, news, NewsRow, writer.school, &rows, over & before);
        Ok(merge(places, written))
    }
}

/// When families are to be told of what is published then: once, of a baseline never. What nobody was told of yet settles anew.
fn tell_at(writer: Writer, published: NaiveDateTime, old: Option<&NewsRow>) -> Option<NaiveDateTime> {
    match old {
        None if writer.baseline => None,
        Some(old) if writer.baseline || (old.tell_at.is_none() && published <= writer.now) => old.tell_at,
        _ => Some(published.max(writer.now)),
    }
}
