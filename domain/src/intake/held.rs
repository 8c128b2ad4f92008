//! What a school has written already, as the items that would write it again: for sources that tell only what changed.

use std::collections::HashMap;

use diesel::prelude::*;

use super::guardians::live_links;
use super::{Assessment, ClassGroup, Course, Guardian, Period, Staff, Student};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{assessments, children, class_groups, courses, enrolments, guardians, periods, staff, subjects};
use crate::types::{FullName, SchoolId};

macro_rules! load {
    ($conn:ident, $query:expr, $row:ty) => {{
        let query = $query;
        on_backend!($conn => query.load::<$row>($conn))?
    }};
}

fn name((first, last, middle): (String, String, Option<String>)) -> FullName {
    FullName { first, last, middle }
}

type Name = (String, String, Option<String>);

/// The pupils who have not left.
pub fn students(conn: &mut Conn, school: SchoolId) -> Result<Vec<Student>> {
    let query = enrolments::table
        .inner_join(children::table)
        .filter(enrolments::school_id.eq(school).and(enrolments::ends_on.is_null()))
        .select((
            enrolments::external_id,
            (children::first_name, children::last_name, children::middle_name),
            children::birth_date,
            children::sex,
            enrolments::starts_on,
        ));
    let rows = load!(conn, query, (String, Name, _, _, _));
    let student = |(external_id, called, birth_date, sex, starts_on)| Student {
        external_id,
        name: name(called),
        birth_date,
        sex,
        starts_on,
    };
    Ok(rows.into_iter().map(student).collect())
}

pub fn staff(conn: &mut Conn, school: SchoolId) -> Result<Vec<Staff>> {
    let query = staff::table
        .filter(staff::school_id.eq(school))
        .select((staff::external_id, (staff::first_name, staff::last_name, staff::middle_name)));
    let rows = load!(conn, query, (String, Name));
    Ok(rows.into_iter().map(|(external_id, called)| Staff { external_id, name: name(called) }).collect())
}

/// Each with the children who are hers now, those who left the school included.
pub fn guardians(conn: &mut Conn, school: SchoolId) -> Result<Vec<Guardian>> {
    let query = guardians::table.filter(guardians::school_id.eq(school)).select((
        guardians::external_id,
        (guardians::first_name, guardians::last_name, guardians::middle_name),
        guardians::email,
    ));
    let rows = load!(conn, query, (String, Name, Option<String>));
    let mut wards: HashMap<String, Vec<_>> = HashMap::new();
    for (guardian, ward) in live_links(conn, school)? {
        wards.entry(guardian).or_default().push(ward);
    }
    let guardian = |(external_id, called, email)| {
        let wards = wards.remove(&external_id).unwrap_or_default();
        Guardian { external_id, name: name(called), email, wards }
    };
    Ok(rows.into_iter().map(guardian).collect())
}

pub fn class_groups(conn: &mut Conn, school: SchoolId) -> Result<Vec<ClassGroup>> {
    let query = class_groups::table.left_join(staff::table).filter(class_groups::school_id.eq(school)).select((
        class_groups::external_id,
        class_groups::school_year,
        class_groups::level,
        class_groups::name,
        class_groups::shift,
        class_groups::language,
        staff::external_id.nullable(),
    ));
    let rows = load!(conn, query, (String, i32, Option<i32>, String, i32, _, Option<String>));
    let group = |(external_id, school_year, level, name, shift, language, homeroom_teacher)| ClassGroup {
        external_id,
        school_year,
        level,
        name,
        shift,
        language,
        homeroom_teacher,
    };
    Ok(rows.into_iter().map(group).collect())
}

pub fn courses(conn: &mut Conn, school: SchoolId) -> Result<Vec<Course>> {
    let query = courses::table
        .inner_join(subjects::table)
        .left_join(class_groups::table)
        .left_join(staff::table)
        .filter(courses::school_id.eq(school))
        .select((
            courses::external_id,
            courses::school_year,
            subjects::external_id,
            class_groups::external_id.nullable(),
            staff::external_id.nullable(),
            courses::name,
            courses::subgroup,
        ));
    let rows = load!(conn, query, (String, i32, String, Option<String>, Option<String>, String, Option<String>));
    let course = |(external_id, school_year, subject, class_group, teacher, name, subgroup)| Course {
        external_id,
        school_year,
        subject,
        class_group,
        teacher,
        name,
        subgroup,
    };
    Ok(rows.into_iter().map(course).collect())
}

/// The school's own ids of its subjects.
pub fn subjects(conn: &mut Conn, school: SchoolId) -> Result<Vec<String>> {
    let query = subjects::table.filter(subjects::school_id.eq(school)).select(subjects::external_id);
    Ok(load!(conn, query, String))
}

pub fn periods(conn: &mut Conn, school: SchoolId) -> Result<Vec<Period>> {
    let query = periods::table.filter(periods::school_id.eq(school)).select((
        periods::external_id,
        periods::kind,
        periods::school_year,
        periods::names,
        periods::starts_on,
        periods::ends_on,
    ));
    let rows = load!(conn, query, (String, _, i32, _, _, _));
    let period = |(external_id, kind, school_year, names, starts_on, ends_on)| Period {
        external_id,
        kind,
        school_year,
        names,
        starts_on,
        ends_on,
    };
    Ok(rows.into_iter().map(period).collect())
}

/// The works with these ids; without the lesson and the period they are for.
pub fn works(conn: &mut Conn, school: SchoolId, ids: &[&str]) -> Result<Vec<Assessment>> {
    let query = assessments::table
        .inner_join(courses::table)
        .filter(assessments::school_id.eq(school).and(assessments::external_id.eq_any(ids)))
        .select((
            assessments::external_id,
            courses::external_id,
            assessments::kind,
            assessments::title,
            assessments::date,
            assessments::max_points,
            assessments::weight,
        ));
    let rows = load!(conn, query, (String, String, _, String, _, Option<i64>, i64));
    let work = |(external_id, course, kind, title, date, max_points, weight)| Assessment {
        external_id,
        course,
        lesson: None,
        period: None,
        kind,
        title,
        date,
        max_points,
        weight,
    };
    Ok(rows.into_iter().map(work).collect())
}
