//! Enrolments: a pupil in a class group or in a course. One collection, two tables.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::Delivered;
use crate::Result;
use crate::db::{Conn, Scope, Touch, on_backend};
use crate::error::Flaw;
use crate::intake::removal::{self, Kind};
use crate::intake::{ClassMember, CourseMember, Item, Outcome, Writer, merge};
use crate::schema::{class_members, course_members};
use crate::types::Collection;

/// A pupil in a class group or in a course, from when to when.
#[derive(Debug, Clone)]
pub enum Enrolment {
    Class(ClassMember),
    Course(CourseMember),
}

impl Enrolment {
    /// The kind of the other table.
    fn other(&self) -> Kind {
        match self {
            Self::Class(_) => Kind::CourseMembers,
            Self::Course(_) => Kind::ClassMembers,
        }
    }
}

impl Item for Enrolment {
    fn external_id(&self) -> &str {
        match self {
            Self::Class(member) => &member.external_id,
            Self::Course(member) => &member.external_id,
        }
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let (classes, courses) = parted(items);
        let mut scope = ClassMember::scope(conn, writer, &classes)?;
        scope.children.extend(CourseMember::scope(conn, writer, &courses)?.children);
        Ok(scope)
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let ids: Vec<&str> = items.iter().map(Self::external_id).collect();
        let (in_classes, in_courses) =
            (known(conn, writer, Kind::ClassMembers, &ids)?, known(conn, writer, Kind::CourseMembers, &ids)?);
        let place = |item: &Self| {
            let taken = if item.other() == Kind::ClassMembers { &in_classes } else { &in_courses };
            if taken.iter().any(|id| id == item.external_id()) { Err(crossed()) } else { Ok(()) }
        };
        let places: Vec<Result<(), Flaw>> = items.iter().map(place).collect();
        let fit: Vec<Self> =
            items.iter().zip(&places).filter(|(_, place)| place.is_ok()).map(|(item, _)| item.clone()).collect();
        let (classes, courses) = parted(&fit);
        let mut classes = ClassMember::write(conn, touch, writer, &classes)?.into_iter();
        let mut courses = CourseMember::write(conn, touch, writer, &courses)?.into_iter();
        let written = fit.iter().filter_map(|item| match item {
            Self::Class(_) => classes.next(),
            Self::Course(_) => courses.next(),
        });
        Ok(merge(places, written.collect()))
    }
}

impl Delivered for Enrolment {
    const COLLECTION: Collection = Collection::Enrolments;

    fn leaving(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Scope> {
        let mut children = removal::touched(conn, writer, Kind::ClassMembers, ids)?;
        children.extend(removal::touched(conn, writer, Kind::CourseMembers, ids)?);
        Ok(children.into())
    }

    /// The membership ends today; one that has not begun is deleted.
    fn withdraw(conn: &mut Conn, touch: &mut Touch, writer: Writer, today: NaiveDate, id: &str) -> Result<Outcome> {
        match super::collections::take(conn, touch, writer, Kind::ClassMembers, today, id)? {
            Outcome::Absent => super::collections::take(conn, touch, writer, Kind::CourseMembers, today, id),
            gone => Ok(gone),
        }
    }
}

fn parted(items: &[Enrolment]) -> (Vec<ClassMember>, Vec<CourseMember>) {
    let (mut classes, mut courses) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Enrolment::Class(member) => classes.push(member.clone()),
            Enrolment::Course(member) => courses.push(member.clone()),
        }
    }
    (classes, courses)
}

/// Which of these ids one table has.
fn known(conn: &mut Conn, writer: Writer, kind: Kind, ids: &[&str]) -> Result<Vec<String>> {
    macro_rules! known {
        ($table:ident) => {{
            let named = $table::school_id.eq(writer.school).and($table::external_id.eq_any(ids));
            let query = $table::table.filter(named).select($table::external_id);
            on_backend!(conn => query.load(conn))?
        }};
    }
    Ok(if kind == Kind::ClassMembers { known!(class_members) } else { known!(course_members) })
}

fn crossed() -> Flaw {
    let detail = "This externalId is a membership of the other kind, in a class group or in a course: use another one.";
    Flaw::new("/externalId", "immutable", detail)
}
