//! What a school takes back: who left, who is no guardian any more, which grades no longer count. History stays.

use std::time::Instant;

use chrono::NaiveDate;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel::sql_types::{Date, Nullable, Text};

use super::guardians::listed;
use super::members::children;
use super::telling::Before;
use super::timetable::{LessonRow, members};
use super::{BATCH, Writer, grades as written, ids_of};
use crate::Result;
use crate::db::{Conn, Db, Scope, Touch, on_backend};
use crate::events;
use crate::schema::{
    assessments, attendance, class_groups, class_members, course_members, courses, enrolments, grades, guardians,
    guardianships, homework, lessons,
};
use crate::types::{AccountId, ChildId, CourseId, EventKind, GuardianId, SchoolId};

/// What can leave the diary by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An enrolment ends today, and every membership with it; the child, its diary and its guardians stay.
    Students,
    /// Every live guardianship of a pupil ends at once, and with it the right to read. Of a child that left the school, the
    /// guardians stay: what it takes along is not this school's to close.
    Guardians,
    /// The membership ends today; one that has not begun is deleted.
    ClassMembers,
    CourseMembers,
    /// A lesson nothing hangs on is deleted; one with attendance, homework, works or grades is history.
    Lessons,
    /// A work that was never graded is deleted; one that was is history.
    Assessments,
    /// A grade is marked as removed, which is one more revision.
    Grades,
}

impl Kind {
    /// Whether taking it back tells by itself whom that concerns, and moves their counters.
    pub(super) fn tells(self) -> bool {
        matches!(self, Self::Guardians | Self::Lessons | Self::Assessments | Self::Grades)
    }
}

/// Something of the school that stands now and could leave.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Standing {
    pub external_id: String,
    /// The course or the class it belongs to, by the school's own id, where it belongs to one.
    pub of: Option<String>,
    /// The work a grade is for, by the school's own id.
    pub work: Option<String>,
    /// The day of a lesson, a work, a grade.
    pub date: Option<NaiveDate>,
}

/// At most `limit` things of a kind that stand on the day `today` and follow `after`, in the order of their ids.
pub fn standing(
    conn: &mut Conn,
    school: SchoolId,
    kind: Kind,
    today: NaiveDate,
    after: &str,
    limit: i64,
) -> Result<Vec<Standing>> {
    macro_rules! page {
        ($table:ident, $query:expr, $($shown:expr),*) => {{
            let query = $query
                .filter($table::school_id.eq(school).and($table::external_id.gt(after)))
                .order($table::external_id)
                .limit(limit)
                .select(($table::external_id, $($shown),*));
            on_backend!(conn => query.load::<Standing>(conn))?
        }};
    }
    let none = diesel::dsl::sql::<Nullable<Text>>("NULL");
    let never = diesel::dsl::sql::<Nullable<Date>>("NULL");
    let course = courses::external_id.nullable();
    Ok(match kind {
        Kind::Students => {
            page!(enrolments, enrolments::table.filter(enrolments::ends_on.is_null()), none.clone(), none, never)
        }
        Kind::Guardians => {
            let live = guardianships::table
                .inner_join(enrolments::table.on(enrolments::child_id.eq(guardianships::child_id)))
                .filter(guardianships::guardian_id.eq(guardians::id).and(guardianships::ended_at.is_null()))
                .filter(enrolments::school_id.eq(school).and(enrolments::ends_on.is_null()));
            page!(guardians, guardians::table.filter(exists(live)), none.clone(), none, never)
        }
        Kind::ClassMembers => {
            let now = class_members::ends_on.is_null().or(class_members::ends_on.gt(today));
            let table = class_members::table.inner_join(class_groups::table).filter(now);
            page!(class_members, table, class_groups::external_id.nullable(), none, never)
        }
        Kind::CourseMembers => {
            let now = course_members::ends_on.is_null().or(course_members::ends_on.gt(today));
            page!(course_members, course_members::table.inner_join(courses::table).filter(now), course, none, never)
        }
        Kind::Lessons => {
            let table = lessons::table.inner_join(courses::table).filter(bare());
            page!(lessons, table, course, none, lessons::date.nullable())
        }
        Kind::Assessments => {
            let graded = grades::table.filter(grades::assessment_id.eq(assessments::id.nullable()));
            let table = assessments::table.inner_join(courses::table).filter(not(exists(graded)));
            page!(assessments, table, course, none, assessments::date.nullable())
        }
        Kind::Grades => {
            let table = grades::table.inner_join(courses::table).left_join(assessments::table);
            let stand = table.filter(grades::removed.eq(false));
            page!(grades, stand, course, assessments::external_id.nullable(), grades::graded_on.nullable())
        }
    })
}

/// Whether nothing hangs on a lesson.
#[diesel::dsl::auto_type]
fn bare() -> _ {
    let noted = attendance::table.filter(attendance::lesson_id.eq(lessons::id));
    let given = homework::table.filter(homework::lesson_id.eq(lessons::id.nullable()));
    let worked = assessments::table.filter(assessments::lesson_id.eq(lessons::id.nullable()));
    let graded = grades::table.filter(grades::lesson_id.eq(lessons::id.nullable()));
    not(exists(noted)).and(not(exists(given))).and(not(exists(worked))).and(not(exists(graded)))
}

/// Takes things of one kind back, at most a batch in one transaction, and tells how many left. What does not stand is passed
/// over, so that doing it again changes nothing.
pub fn remove(db: &Db, writer: Writer, kind: Kind, today: NaiveDate, ids: &[String]) -> Result<u64> {
    let mut removed = 0;
    for ids in ids.chunks(BATCH / 4) {
        let scope = |conn: &mut Conn| {
            let days = if kind == Kind::Grades { written::days(conn, writer, ids)? } else { None };
            Ok(Scope { days, ..touched(conn, writer, kind, ids)?.into() })
        };
        let work = |conn: &mut Conn, touch: &mut Touch| step(conn, touch, writer, kind, today, ids);
        let started = Instant::now();
        removed += db.write_children_here(scope, work)?;
        db.give_way(started.elapsed());
    }
    Ok(removed)
}

/// Whose diaries change.
pub(super) fn touched(conn: &mut Conn, writer: Writer, kind: Kind, ids: &[String]) -> Result<Vec<ChildId>> {
    macro_rules! children {
        ($table:ident) => {{
            let named = $table::school_id.eq(writer.school).and($table::external_id.eq_any(ids));
            let query = $table::table.filter(named).select($table::child_id);
            on_backend!(conn => query.load::<ChildId>(conn))?
        }};
    }
    macro_rules! of_courses {
        ($table:ident) => {{
            let named = $table::school_id.eq(writer.school).and($table::external_id.eq_any(ids));
            let query = $table::table.inner_join(courses::table).filter(named);
            let query = query.select((courses::external_id, courses::id)).distinct();
            let of = on_backend!(conn => query.load::<(String, CourseId)>(conn))?.into_iter().collect();
            members(conn, &of)?.into_values().flatten().collect()
        }};
    }
    Ok(match kind {
        Kind::Students => children!(enrolments),
        Kind::ClassMembers => children!(class_members),
        Kind::CourseMembers => children!(course_members),
        Kind::Grades => children!(grades),
        Kind::Guardians => {
            let named = guardians::school_id.eq(writer.school).and(guardians::external_id.eq_any(ids));
            let query = guardianships::table.inner_join(guardians::table).filter(named).select(guardianships::child_id);
            on_backend!(conn => query.load::<ChildId>(conn))?
        }
        Kind::Assessments => of_courses!(assessments),
        Kind::Lessons => of_courses!(lessons),
    })
}

fn step(
    conn: &mut Conn,
    touch: &mut Touch,
    writer: Writer,
    kind: Kind,
    today: NaiveDate,
    ids: &[String],
) -> Result<u64> {
    let removed = take(conn, touch, writer, kind, today, ids)?;
    if removed > 0 && !kind.tells() {
        for child in touch.held().collect::<Vec<_>>() {
            touch.child(child)?;
        }
    }
    Ok(removed)
}

/// Takes things of one kind back and tells how many stood.
pub(super) fn take(
    conn: &mut Conn,
    touch: &mut Touch,
    writer: Writer,
    kind: Kind,
    today: NaiveDate,
    ids: &[String],
) -> Result<u64> {
    match kind {
        Kind::Students => end_enrolments(conn, writer, today, ids),
        Kind::Guardians => end_guardianships(conn, touch, writer, ids),
        Kind::ClassMembers => end_class_members(conn, writer, today, ids),
        Kind::CourseMembers => end_course_members(conn, writer, today, ids),
        Kind::Lessons => delete_lessons(conn, touch, writer, ids),
        Kind::Assessments => written::delete_ungraded(conn, touch, writer, ids),
        Kind::Grades => written::take_back(conn, touch, writer, ids),
    }
}

/// The number of the thing the school calls `id`.
pub(super) fn number(conn: &mut Conn, writer: Writer, kind: Kind, id: &str) -> Result<Option<i64>> {
    macro_rules! number {
        ($table:ident, $column:ident) => {{
            let named = $table::school_id.eq(writer.school).and($table::external_id.eq(id));
            let query = $table::table.filter(named).select($table::$column);
            on_backend!(conn => query.first::<i64>(conn)).optional()?
        }};
    }
    Ok(match kind {
        Kind::Students => number!(enrolments, child_id),
        Kind::Guardians => number!(guardians, id),
        Kind::ClassMembers => number!(class_members, id),
        Kind::CourseMembers => number!(course_members, id),
        Kind::Lessons => number!(lessons, id),
        Kind::Assessments => number!(assessments, id),
        Kind::Grades => number!(grades, id),
    })
}

fn end_enrolments(conn: &mut Conn, writer: Writer, today: NaiveDate, ids: &[String]) -> Result<u64> {
    let school = writer.school;
    let leaving = enrolments::school_id.eq(school).and(enrolments::ends_on.is_null());
    let query = enrolments::table.filter(leaving.and(enrolments::external_id.eq_any(ids))).select(enrolments::child_id);
    let children = on_backend!(conn => query.load::<ChildId>(conn))?;
    macro_rules! memberships {
        ($table:ident) => {{
            let query = $table::table
                .filter($table::school_id.eq(school).and($table::child_id.eq_any(&children)))
                .select($table::external_id);
            on_backend!(conn => query.load::<String>(conn))?
        }};
    }
    let (classes, taught) = (memberships!(class_members), memberships!(course_members));
    end_class_members(conn, writer, today, &classes)?;
    end_course_members(conn, writer, today, &taught)?;
    let ended = diesel::update(enrolments::table.filter(leaving.and(enrolments::external_id.eq_any(ids))))
        .set(enrolments::ends_on.eq(Some(today)))
        .execute(conn)?;
    Ok(ended as u64)
}

fn end_guardianships(conn: &mut Conn, touch: &Touch, writer: Writer, ids: &[String]) -> Result<u64> {
    let named = ids_of!(conn, guardians, i64, writer.school, ids.iter().map(String::as_str));
    let (mut removed, mut told) = (0, Vec::new());
    for guardian in named.into_values() {
        let pupils = enrolments::table
            .filter(enrolments::school_id.eq(writer.school).and(enrolments::ends_on.is_null()))
            .select(enrolments::child_id);
        let live = guardianships::guardian_id.eq(guardian).and(guardianships::ended_at.is_null());
        let live = live.and(guardianships::child_id.eq_any(pupils));
        let ended: Vec<(ChildId, Option<AccountId>)> = guardianships::table
            .filter(live)
            .select((guardianships::child_id, guardianships::account_id))
            .load(conn)?;
        for (child, account) in &ended {
            touch.holds(*child)?;
            told.extend(account.map(|account| listed(writer, EventKind::ChildRemoved, account, *child)));
        }
        diesel::update(guardianships::table.filter(live))
            .set(guardianships::ended_at.eq(Some(writer.now)))
            .execute(conn)?;
        removed += u64::from(!ended.is_empty());
    }
    events::append(conn, &told)?;
    Ok(removed)
}

macro_rules! end_memberships {
    ($name:ident, $table:ident) => {
        fn $name(conn: &mut Conn, writer: Writer, today: NaiveDate, ids: &[String]) -> Result<u64> {
            let mut removed = 0;
            for ids in ids.chunks(BATCH) {
                let named = || $table::school_id.eq(writer.school).and($table::external_id.eq_any(ids));
                let ahead = $table::table.filter(named().and($table::starts_on.gt(today)));
                removed += diesel::delete(ahead).execute(conn)? as u64;
                let now = $table::ends_on.is_null().or($table::ends_on.gt(today));
                removed += diesel::update($table::table.filter(named().and(now)))
                    .set($table::ends_on.eq(Some(today)))
                    .execute(conn)? as u64;
            }
            Ok(removed)
        }
    };
}
end_memberships!(end_class_members, class_members);
end_memberships!(end_course_members, course_members);

fn delete_lessons(conn: &mut Conn, touch: &mut Touch, writer: Writer, ids: &[String]) -> Result<u64> {
    let named = lessons::school_id.eq(writer.school).and(lessons::external_id.eq_any(ids));
    let free = on_backend!(conn => lessons::table
        .filter(named)
        .filter(bare())
        .select((lessons::id, LessonRow::as_select()))
        .load::<(i64, LessonRow)>(conn))?;
    let ids: Vec<i64> = free.iter().map(|(id, _)| *id).collect();
    let mut before = Before::nothing();
    before.look(conn, writer, free)?;
    diesel::delete(lessons::table.filter(lessons::id.eq_any(&ids))).execute(conn)?;
    before.gone(conn, touch, writer)?;
    Ok(ids.len() as u64)
}

/// Ends the right of a guardian to read a child, for pairs of the school's own ids of both, and tells how many ended. The
/// guardian's other children stay hers.
pub fn end_rights(db: &Db, writer: Writer, pairs: &[(String, String)]) -> Result<u64> {
    let mut ended = 0;
    for pairs in pairs.chunks(BATCH / 4) {
        let children = |conn: &mut Conn| children(conn, writer, pairs.iter().map(|(_, child)| child.as_str()));
        let scope = |conn: &mut Conn| Ok(Scope::from(children(conn)?.into_values().collect::<Vec<_>>()));
        let work = |conn: &mut Conn, touch: &mut Touch| {
            let wards = children(conn)?;
            let names = pairs.iter().map(|(guardian, _)| guardian.as_str());
            let guardians = ids_of!(conn, guardians, GuardianId, writer.school, names);
            let (mut ended, mut told) = (0, Vec::new());
            for (guardian, child) in pairs {
                let (Some(guardian), Some(child)) = (guardians.get(guardian), wards.get(child)) else { continue };
                let pair = guardianships::guardian_id.eq(*guardian).and(guardianships::child_id.eq(*child));
                let live = guardianships::table.filter(pair.and(guardianships::ended_at.is_null()));
                let account: Option<Option<AccountId>> =
                    live.select(guardianships::account_id).first(conn).optional()?;
                let Some(account) = account else { continue };
                touch.holds(*child)?;
                diesel::update(live).set(guardianships::ended_at.eq(Some(writer.now))).execute(conn)?;
                told.extend(account.map(|account| listed(writer, EventKind::ChildRemoved, account, *child)));
                ended += 1;
            }
            events::append(conn, &told)?;
            Ok(ended)
        };
        let started = Instant::now();
        ended += db.write_children_here(scope, work)?;
        db.give_way(started.elapsed());
    }
    Ok(ended)
}
