//! Students: a child for life, known to the school by an enrolment.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Item, Outcome, Writer};
use crate::Result;
use crate::db::{Conn, Scope, Touch, on_backend};
use crate::schema::{children, enrolments};
use crate::types::{ChildId, FullName, SchoolId, Sex};

/// A pupil of the school.
#[derive(Debug, Clone)]
pub struct Student {
    pub external_id: String,
    pub name: FullName,
    pub birth_date: Option<NaiveDate>,
    pub sex: Option<Sex>,
    /// The first day at this school.
    pub starts_on: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = children, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ChildRow {
    school_id: SchoolId,
    first_name: String,
    last_name: String,
    middle_name: Option<String>,
    birth_date: Option<NaiveDate>,
    sex: Option<Sex>,
}

impl Item for Student {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let known = known(conn, writer, items)?;
        Ok(known.into_iter().map(|(_, child, ..)| child).collect::<Vec<_>>().into())
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let known = known(conn, writer, items)?;
        let known: HashMap<_, _> =
            known.into_iter().map(|(number, child, row, left)| (number, (child, row, left))).collect();
        items
            .iter()
            .map(|item| match known.get(&item.external_id) {
                None => Ok(Outcome::Created(born(conn, writer, item)?.0)),
                Some((child, old, left)) => {
                    // A child that moved on keeps the names its next school writes.
                    let row = ChildRow { school_id: old.school_id, ..row(writer, item) };
                    if old.school_id != writer.school || (*old == row && left.is_none()) {
                        return Ok(Outcome::Unchanged(child.0));
                    }
                    touch.child(*child)?;
                    diesel::update(children::table.find(child)).set(&row).execute(conn)?;
                    // Whoever is written again has come back.
                    let enrolment = enrolments::school_id.eq(writer.school);
                    let enrolment = enrolment.and(enrolments::external_id.eq(&item.external_id));
                    diesel::update(enrolments::table.filter(enrolment))
                        .set(enrolments::ends_on.eq(None::<NaiveDate>))
                        .execute(conn)?;
                    Ok(Outcome::Updated(child.0))
                }
            })
            .collect()
    }
}

/// Number, child, the child as it is, and the day it left.
type Known = (String, ChildId, ChildRow, Option<NaiveDate>);

fn known(conn: &mut Conn, writer: Writer, items: &[Student]) -> Result<Vec<Known>> {
    let numbers: Vec<&str> = items.iter().map(|item| item.external_id.as_str()).collect();
    Ok(on_backend!(conn => enrolments::table
        .inner_join(children::table)
        .filter(enrolments::school_id.eq(writer.school).and(enrolments::external_id.eq_any(numbers)))
        .select((enrolments::external_id, children::id, ChildRow::as_select(), enrolments::ends_on))
        .load(conn))?)
}

fn row(writer: Writer, item: &Student) -> ChildRow {
    ChildRow {
        school_id: writer.school,
        first_name: item.name.first.clone(),
        last_name: item.name.last.clone(),
        middle_name: item.name.middle.clone(),
        birth_date: item.birth_date,
        sex: item.sex,
    }
}

fn born(conn: &mut Conn, writer: Writer, item: &Student) -> Result<ChildId> {
    let row = row(writer, item);
    let insert = diesel::insert_into(children::table).values(&row).returning(children::id);
    let child: ChildId = on_backend!(conn => insert.get_result(conn))?;
    diesel::insert_into(enrolments::table)
        .values((
            enrolments::school_id.eq(writer.school),
            enrolments::external_id.eq(&item.external_id),
            enrolments::child_id.eq(child),
            enrolments::starts_on.eq(item.starts_on),
        ))
        .execute(conn)?;
    Ok(child)
}
