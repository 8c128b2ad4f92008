//! The people of a school as families see them: children with their school and class.

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::Result;
use crate::access::ChildAccess;
use crate::db::Conn;
use crate::schema::{children, class_groups, class_members, schools};
use crate::types::{ChildId, ClassGroupId, SchoolId};

/// A child in the list a family starts from.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Child {
    pub id: ChildId,
    pub first: String,
    pub last: String,
    pub middle: Option<String>,
    pub school: School,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct School {
    pub id: SchoolId,
    pub name: String,
    pub time_zone: String,
}

/// The homeroom class, «7 Ә».
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct ClassGroup {
    pub id: ClassGroupId,
    pub name: String,
    pub level: Option<i32>,
}

/// The children these rights are for, in the same order, each with the class it is in today (or was in last).
pub fn children(conn: &mut Conn, rights: &[ChildAccess]) -> Result<Vec<(Child, Option<ClassGroup>)>> {
    let ids: Vec<ChildId> = rights.iter().map(ChildAccess::child).collect();
    let found: Vec<Child> = children::table
        .inner_join(schools::table)
        .filter(children::id.eq_any(&ids))
        .select((
            children::id,
            children::first_name,
            children::last_name,
            children::middle_name,
            (schools::id, schools::name, schools::time_zone),
        ))
        .load(conn)?;
    let classes: Vec<(ChildId, NaiveDate, ClassGroup)> = class_members::table
        .inner_join(class_groups::table)
        .filter(class_members::child_id.eq_any(&ids))
        .order((class_members::child_id, class_members::starts_on.desc(), class_members::id.desc()))
        .select((
            class_members::child_id,
            class_members::starts_on,
            (class_groups::id, class_groups::name, class_groups::level),
        ))
        .load(conn)?;
    let class_of = |right: &ChildAccess| {
        let begun = classes.iter().find(|(child, since, _)| *child == right.child() && *since <= right.today());
        begun.map(|(_, _, class)| class.clone())
    };
    let one = |right: &ChildAccess| {
        let child = found.iter().find(|child| child.id == right.child())?;
        Some((child.clone(), class_of(right)))
    };
    Ok(rights.iter().filter_map(one).collect())
}
