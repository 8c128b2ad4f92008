//! News, as families read it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use crate::Result;
use crate::access::ChildAccess;
use crate::db::{Conn, on_backend};
use crate::people::{self, Child, ClassGroup, School};
use crate::schema::news;
use crate::types::{ChildId, ClassGroupId, Names, NewsAudience, NewsId, SchoolId};

/// One piece of news, with those of the family's children it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    pub id: NewsId,
    pub school: School,
    pub audience: Audience,
    pub title: Names,
    pub text: Names,
    pub published_at: NaiveDateTime,
    pub updated_at: NaiveDateTime,
    pub children: Vec<ChildId>,
}

/// Whose families read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    School,
    Level(i32),
    Class(ClassGroupId),
}

impl Audience {
    fn of(level: Option<i32>, class: Option<ClassGroupId>) -> Self {
        match (class, level) {
            (Some(class), _) => Self::Class(class),
            (None, Some(level)) => Self::Level(level),
            (None, None) => Self::School,
        }
    }

    pub fn word(self) -> NewsAudience {
        match self {
            Self::School => NewsAudience::School,
            Self::Level(_) => NewsAudience::Level,
            Self::Class(_) => NewsAudience::Class,
        }
    }

    fn holds(self, class: Option<&ClassGroup>) -> bool {
        match self {
            Self::School => true,
            Self::Level(level) => class.is_some_and(|class| class.level == Some(level)),
            Self::Class(id) => class.is_some_and(|class| class.id == id),
        }
    }
}

/// The titles of the news that is still there.
pub(crate) fn titles(conn: &mut Conn, mut ids: Vec<NewsId>) -> Result<HashMap<NewsId, Names>> {
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let query = news::table.filter(news::id.eq_any(ids)).select((news::id, news::title));
    Ok(on_backend!(conn => query.load::<(NewsId, Names)>(conn))?.into_iter().collect())
}

/// A place in the list, newest first: what comes after this one.
pub type After = (NaiveDateTime, NewsId);

type Row = (NewsId, (Option<i32>, Option<ClassGroupId>), Names, Names, NaiveDateTime, NaiveDateTime);

/// At most `limit` pieces of the news that was published by `now` for the children these rights are for, newest first: of the school each
/// attends, and of the class it is in, or was in last.
pub fn page(
    conn: &mut Conn,
    rights: &[ChildAccess],
    now: NaiveDateTime,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<News>> {
    let of = people::children(conn, rights)?;
    let after = after.unwrap_or((now, NewsId(i64::MAX)));
    let schools: BTreeMap<SchoolId, &School> = of.iter().map(|(child, _)| (child.school.id, &child.school)).collect();
    let mut found = Vec::new();
    for (id, school) in schools {
        let pupils: Vec<_> = of.iter().filter(|(child, _)| child.school.id == id).collect();
        found.extend(of_school(conn, school, &pupils, after, limit)?);
    }
    found.sort_by_key(|news| Reverse((news.published_at, news.id)));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(found)
}

fn of_school(
    conn: &mut Conn,
    school: &School,
    pupils: &[&(Child, Option<ClassGroup>)],
    (moment, id): After,
    limit: i64,
) -> Result<Vec<News>> {
    let classes = || pupils.iter().filter_map(|(_, class)| class.as_ref());
    let levels: Vec<Option<i32>> = classes().filter(|class| class.level.is_some()).map(|class| class.level).collect();
    let groups: Vec<Option<ClassGroupId>> = classes().map(|class| Some(class.id)).collect();
    let query = news::table
        .filter(news::school_id.eq(school.id).and(news::published_at.le(moment)))
        .filter(news::published_at.lt(moment).or(news::id.lt(id)))
        .filter(news::level.is_null().or(news::level.eq_any(levels)))
        .filter(news::class_group_id.is_null().or(news::class_group_id.eq_any(groups)))
        .order((news::published_at.desc(), news::id.desc()))
        .select((
            news::id,
            (news::level, news::class_group_id),
            news::title,
            news::text,
            news::published_at,
            news::updated_at,
        ))
        .limit(limit);
    let found: Vec<Row> = on_backend!(conn => query.load(conn))?;
    let news = |(id, (level, class), title, text, published_at, updated_at): Row| {
        let audience = Audience::of(level, class);
        let readers = pupils.iter().filter(|(_, class)| audience.holds(class.as_ref()));
        let children = readers.map(|(child, _)| child.id).collect();
        News { id, school: school.clone(), audience, title, text, published_at, updated_at, children }
    };
    Ok(found.into_iter().map(news).collect())
}
