//! Grades and attendance are for pupils of the course: whoever was moved to another subgroup gets them there.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Entry, put};
use crate::Result;
use crate::db::{Conn, IsAmong, on_backend};
use crate::error::Flaw;
use crate::intake::Writer;
use crate::intake::members::children;
use crate::schema::{course_members, courses, lessons};
use crate::types::{ChildId, CourseId};

/// First and last day in a course.
type Stay = (NaiveDate, Option<NaiveDate>);

/// PostgreSQL compares a row with one course after the other: of more than these it is quicker to read all of a pupil's.
const FEW: usize = 16;

/// What an item says of whom, where and when; `None` where the place is unknown, which its writer tells better.
pub(super) type Claim<'a> = (&'a str, Option<(CourseId, NaiveDate)>);

/// Place by place, who is not in the course on the day. An item that is `there` already may be corrected whatever became of
/// the membership. It reads under the counters of the children, which a move takes as well.
pub(super) fn strangers<I: super::Item>(
    conn: &mut Conn,
    writer: Writer,
    entries: &[Entry<I>],
    there: &HashSet<String>,
    claim: impl Fn(&I) -> Claim<'_>,
) -> Result<Vec<Option<Flaw>>> {
    let claims: Vec<Claim<'_>> = entries.iter().filter_map(put).map(&claim).collect();
    let pupils = children(conn, writer, claims.iter().map(|claim| claim.0))?;
    let asked: HashSet<CourseId> = claims.iter().filter_map(|claim| Some(claim.1?.0)).collect();
    let query = course_members::table.filter(course_members::child_id.among(pupils.values().copied())).select((
        (course_members::child_id, course_members::course_id),
        (course_members::starts_on, course_members::ends_on),
    ));
    let stays: Vec<((ChildId, CourseId), Stay)> = if asked.len() <= FEW {
        let query = query.filter(course_members::course_id.among(asked));
        on_backend!(conn => query.load(conn))?
    } else {
        on_backend!(conn => query.load(conn))?
    };
    let mut of: HashMap<(ChildId, CourseId), Vec<Stay>> = HashMap::new();
    for (whose, stay) in stays {
        of.entry(whose).or_default().push(stay);
    }
    let judge = |entry: &Entry<I>| {
        let item = put(entry).filter(|item| !there.contains(item.external_id()))?;
        let (pupil, Some((course, day))) = claim(item) else { return None };
        let stays = of.get(&(*pupils.get(pupil)?, course)).map_or(&[][..], Vec::as_slice);
        let holds = |stay: &Stay| stay.0 <= day && stay.1.is_none_or(|end| day <= end);
        (!stays.iter().any(holds)).then(stranger)
    };
    Ok(entries.iter().map(judge).collect())
}

fn stranger() -> Flaw {
    let detail = "The pupil is not in this course on that day: deliver the enrolment first.";
    Flaw::new("/studentExternalId", "not-in-course", detail)
}

/// The courses of the school, by its own ids.
pub(super) fn courses_named(conn: &mut Conn, writer: Writer, numbers: Vec<&str>) -> Result<HashMap<String, CourseId>> {
    let query = courses::table
        .filter(courses::school_id.eq(writer.school).and(courses::external_id.among(numbers)))
        .select((courses::external_id, courses::id));
    Ok(on_backend!(conn => query.load::<(String, CourseId)>(conn))?.into_iter().collect())
}

/// Course and day of lessons, by the school's own ids.
pub(super) fn lessons_named(
    conn: &mut Conn,
    writer: Writer,
    numbers: Vec<&str>,
) -> Result<HashMap<String, (CourseId, NaiveDate)>> {
    let query = lessons::table
        .filter(lessons::school_id.eq(writer.school).and(lessons::external_id.among(numbers)))
        .select((lessons::external_id, (lessons::course_id, lessons::date)));
    Ok(on_backend!(conn => query.load::<(String, (CourseId, NaiveDate))>(conn))?.into_iter().collect())
}
