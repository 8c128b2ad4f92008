//! What a school takes back: who left, who is no guardian any more, which grades no longer count. History stays.

use std::time::Instant;

use chrono::NaiveDate;
use diesel::dsl::exists;
use diesel::prelude::*;

use super::guardians::listed;
use super::timetable::members;
use super::{BATCH, Writer, grades as written, ids_of};
use crate::Result;
use crate::db::{Conn, Db, Scope, Touch, on_backend};
use crate::events;
use crate::schema::{
    assessments, class_members, course_members, courses, enrolments, grades, guardians, guardianships,
};
use crate::types::{AccountId, ChildId, CourseId, EventKind, SchoolId};

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
    /// A work that was never graded is deleted; one that was is history.
    Assessments,
    /// A grade of a work is marked as removed, which is one more revision.
    Grades,
}

/// Something of the school that stands now and could leave.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Standing {
    pub external_id: String,
    /// The course it belongs to, by the school's own id, where it belongs to one.
    pub course: Option<String>,
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
        ($table:ident, $query:expr, $course:expr) => {{
            let query = $query
                .filter($table::school_id.eq(school).and($table::external_id.gt(after)))
                .order($table::external_id)
                .limit(limit)
                .select(($table::external_id, $course));
            on_backend!(conn => query.load::<Standing>(conn))?
        }};
    }
    let none = diesel::dsl::sql::<diesel::sql_types::Nullable<diesel::sql_types::Text>>("NULL");
    Ok(match kind {
        Kind::Students => page!(enrolments, enrolments::table.filter(enrolments::ends_on.is_null()), none),
        Kind::Guardians => {
            let live = guardianships::table
                .inner_join(enrolments::table.on(enrolments::child_id.eq(guardianships::child_id)))
                .filter(guardianships::guardian_id.eq(guardians::id).and(guardianships::ended_at.is_null()))
                .filter(enrolments::school_id.eq(school).and(enrolments::ends_on.is_null()));
            page!(guardians, guardians::table.filter(exists(live)), none)
        }
        Kind::ClassMembers => {
            let now = class_members::ends_on.is_null().or(class_members::ends_on.gt(today));
            page!(class_members, class_members::table.filter(now), none)
        }
        Kind::CourseMembers => {
            let now = course_members::ends_on.is_null().or(course_members::ends_on.gt(today));
            let table = course_members::table.inner_join(courses::table).filter(now);
            page!(course_members, table, courses::external_id.nullable())
        }
        Kind::Assessments => {
            let graded = grades::table.filter(grades::assessment_id.eq(assessments::id.nullable()));
            let table = assessments::table.inner_join(courses::table).filter(diesel::dsl::not(exists(graded)));
            page!(assessments, table, courses::external_id.nullable())
        }
        Kind::Grades => {
            let stand = grades::removed.eq(false).and(grades::assessment_id.is_not_null());
            page!(grades, grades::table.inner_join(courses::table).filter(stand), courses::external_id.nullable())
        }
    })
}

/// Takes things of one kind back, at most a batch in one transaction, and tells how many left. What does not stand is passed
/// over, so that doing it again changes nothing.
pub fn remove(db: &Db, writer: Writer, kind: Kind, today: NaiveDate, ids: &[String]) -> Result<u64> {
    let mut removed = 0;
    for ids in ids.chunks(BATCH / 4) {
        let scope = |conn: &mut Conn| Ok(Scope::from(touched(conn, writer, kind, ids)?));
        let work = |conn: &mut Conn, touch: &mut Touch| step(conn, touch, writer, kind, today, ids);
        let started = Instant::now();
        removed += db.write_children_here(scope, work)?;
        db.give_way(started.elapsed());
    }
    Ok(removed)
}

/// Whose diaries change.
fn touched(conn: &mut Conn, writer: Writer, kind: Kind, ids: &[String]) -> Result<Vec<ChildId>> {
    macro_rules! children {
        ($table:ident) => {{
            let named = $table::school_id.eq(writer.school).and($table::external_id.eq_any(ids));
            let query = $table::table.filter(named).select($table::child_id);
            on_backend!(conn => query.load::<ChildId>(conn))?
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
        Kind::Assessments => {
            let named = assessments::school_id.eq(writer.school).and(assessments::external_id.eq_any(ids));
            let query =
                assessments::table.inner_join(courses::table).filter(named).select((courses::external_id, courses::id));
            let of = on_backend!(conn => query.load::<(String, CourseId)>(conn))?.into_iter().collect();
            members(conn, &of)?.into_values().flatten().collect()
        }
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
    let removed = match kind {
        Kind::Students => end_enrolments(conn, writer, today, ids)?,
        Kind::ClassMembers => end_class_members(conn, writer, today, ids)?,
        Kind::CourseMembers => end_course_members(conn, writer, today, ids)?,
        // These tell by themselves whom it concerns.
        Kind::Guardians => return end_guardianships(conn, touch, writer, ids),
        Kind::Assessments => return written::delete_ungraded(conn, touch, writer, ids),
        Kind::Grades => return written::take_back(conn, touch, writer, ids),
    };
    if removed > 0 {
        for child in touch.held().collect::<Vec<_>>() {
            touch.child(child)?;
        }
    }
    Ok(removed)
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
