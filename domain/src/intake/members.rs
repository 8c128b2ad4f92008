//! Who belongs to which class and to which course, from when to when.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Item, Outcome, Writer, ids_of, merge, part, unknown, upsert};
use crate::Result;
use crate::db::{Conn, IsAmong, Scope, Touch, on_backend};
use crate::error::Flaw;
use crate::schema::{class_groups, class_members, course_members, courses, enrolments};
use crate::types::{ChildId, ClassGroupId, CourseId, SchoolId};

/// A pupil in a homeroom class; the last day is included.
#[derive(Debug, Clone)]
pub struct ClassMember {
    pub external_id: String,
    pub class_group: String,
    pub student: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

/// A pupil in a course; the last day is included.
#[derive(Debug, Clone)]
pub struct CourseMember {
    pub external_id: String,
    pub course: String,
    pub student: String,
    pub starts_on: NaiveDate,
    pub ends_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = class_members, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ClassMemberRow {
    school_id: SchoolId,
    external_id: String,
    class_group_id: ClassGroupId,
    child_id: ChildId,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = course_members, treat_none_as_null = true, treat_none_as_default_value = false)]
struct CourseMemberRow {
    school_id: SchoolId,
    external_id: String,
    course_id: CourseId,
    child_id: ChildId,
    starts_on: NaiveDate,
    ends_on: Option<NaiveDate>,
}

/// The children behind the school's own numbers of them.
pub(super) fn children<'a>(
    conn: &mut Conn,
    writer: Writer,
    numbers: impl Iterator<Item = &'a str>,
) -> Result<HashMap<String, ChildId>> {
    let numbers: Vec<&str> = numbers.collect();
    let query = enrolments::table
        .filter(enrolments::school_id.eq(writer.school).and(enrolments::external_id.among(numbers)))
        .select((enrolments::external_id, enrolments::child_id));
    Ok(on_backend!(conn => query.load::<(String, ChildId)>(conn))?.into_iter().collect())
}

fn in_order(starts_on: NaiveDate, ends_on: Option<NaiveDate>) -> Result<(), Flaw> {
    match ends_on {
        Some(end) if end < starts_on => Err(Flaw::new("/endsOn", "order", "A membership cannot end before it starts.")),
        _ => Ok(()),
    }
}

/// Moves the counters of the children whose rows changed.
pub(super) fn told(touch: &mut Touch, written: &[Outcome], of: impl Iterator<Item = ChildId>) -> Result<()> {
    for (outcome, child) in written.iter().zip(of) {
        if outcome.changed() {
            touch.child(child)?;
        }
    }
    Ok(())
}

impl Item for ClassMember {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let known = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        Ok(known.into_values().collect::<Vec<_>>().into())
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let pupils = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let classes = items.iter().map(|item| item.class_group.as_str());
        let classes = ids_of!(conn, class_groups, ClassGroupId, writer.school, classes);
        let row = |item: &Self| {
            in_order(item.starts_on, item.ends_on)?;
            let class = classes.get(&item.class_group).copied();
            let pupil = pupils.get(&item.student).copied();
            Ok(ClassMemberRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                class_group_id: class.ok_or_else(|| unknown("/classGroupExternalId", &item.class_group))?,
                child_id: pupil.ok_or_else(|| unknown("/studentExternalId", &item.student))?,
                starts_on: item.starts_on,
                ends_on: item.ends_on,
            })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let written =
            upsert!(conn, class_members, ClassMemberRow, writer.school, &rows, keeps child_id as "/studentExternalId");
        told(touch, &written, rows.iter().map(|row| row.child_id))?;
        Ok(merge(places, written))
    }
}

impl Item for CourseMember {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let known = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        Ok(known.into_values().collect::<Vec<_>>().into())
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let pupils = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let taught = ids_of!(conn, courses, CourseId, writer.school, items.iter().map(|item| item.course.as_str()));
        let row = |item: &Self| {
            in_order(item.starts_on, item.ends_on)?;
            let course = taught.get(&item.course).copied();
            let pupil = pupils.get(&item.student).copied();
            Ok(CourseMemberRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                course_id: course.ok_or_else(|| unknown("/courseExternalId", &item.course))?,
                child_id: pupil.ok_or_else(|| unknown("/studentExternalId", &item.student))?,
                starts_on: item.starts_on,
                ends_on: item.ends_on,
            })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let written = upsert!(conn, course_members, CourseMemberRow, writer.school, &rows, keeps child_id as "/studentExternalId");
        told(touch, &written, rows.iter().map(|row| row.child_id))?;
        Ok(merge(places, written))
    }
}
