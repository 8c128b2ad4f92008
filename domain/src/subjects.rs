//! Subjects of one period: who teaches them, how many grades, the average, the forecast, the period grade.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::Result;
use crate::access::{ChildAccess, Counters};
use crate::assessment::decimal;
use crate::db::Conn;
use crate::forecasts::{self, Forecast, Frozen};
use crate::grades::{self, Grade};
use crate::periods::Period;
use crate::report_card::Value;
use crate::schema::{class_groups, class_members, course_members, courses, period_grades, results, staff, subjects};
use crate::schemes;
use crate::timetable::{Subject, Teacher};
use crate::types::{GradeKind, GradeStatus, PeriodGradeKind, SubjectId};

/// How a child stands in one subject and period. Averages and percents in hundredths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub subject: Subject,
    pub teacher: Option<Teacher>,
    pub grades: usize,
    pub average: Option<i64>,
    pub percent: Option<i64>,
    pub forecast: Option<Forecast>,
    pub period_grade: Option<Value>,
}

/// A subject the child is taught in a period, with what was set for it and the level of the child's class.
#[derive(Debug, Clone, Queryable)]
pub(crate) struct Taught {
    pub subject: Subject,
    pub teacher: Option<Teacher>,
    /// What the journal set; there may be a status instead of a value.
    pub set: Option<(GradeStatus, Option<String>)>,
    pub frozen: Option<Frozen>,
    pub level: Option<i32>,
}

/// The subjects the child has in `period`, by their ids, and the counters as of the last statement.
pub fn standings(conn: &mut Conn, access: &ChildAccess, period: &Period) -> Result<(Counters, Vec<Standing>)> {
    let taught = taught(conn, access, period)?;
    let in_force = schemes::in_force(conn, access.school(), period.school_year)?;
    let (counters, grades) = grades::with_counters(conn, access, period.starts_on, period.ends_on)?;
    let mut by_subject: BTreeMap<SubjectId, Vec<Grade>> = BTreeMap::new();
    for grade in grades {
        by_subject.entry(grade.subject.id).or_default().push(grade);
    }
    let standing = |taught: Taught| {
        let grades = by_subject.remove(&taught.subject.id).unwrap_or_default();
        Standing {
            grades: grades.len(),
            average: average(&grades),
            percent: percent(&grades),
            forecast: forecasts::of(&in_force, period, &taught, &grades),
            period_grade: taught.period_grade(),
            subject: taught.subject,
            teacher: taught.teacher,
        }
    };
    Ok((counters, taught.into_iter().map(standing).collect()))
}

impl Taught {
    /// What is set for the period: what a closing froze, else what the journal sent.
    fn period_grade(&self) -> Option<Value> {
        match &self.frozen {
            Some(frozen) => frozen.value.clone().map(|text| Value { text, names: frozen.names.clone() }),
            None => self.set.as_ref()?.1.clone().map(|text| Value { text, names: None }),
        }
    }
}

/// What the child is taught in `period`, one row a subject: of several courses the one begun last counts.
pub(crate) fn taught(conn: &mut Conn, access: &ChildAccess, period: &Period) -> Result<Vec<Taught>> {
    let mut taught: Vec<Taught> = Vec::new();
    for row in rows(conn, access, period)? {
        match taught.last_mut() {
            // A class of another year has no level here.
            Some(last) if last.subject.id == row.subject.id => last.level = last.level.or(row.level),
            _ => taught.push(row),
        }
    }
    Ok(taught)
}

/// One row for each course, class, grade of the journal and frozen result of a subject; the one that counts comes first.
fn rows(conn: &mut Conn, access: &ChildAccess, period: &Period) -> Result<Vec<Taught>> {
    Ok(course_members::table
        .inner_join(courses::table.inner_join(subjects::table).left_join(staff::table))
        .left_join(
            period_grades::table.on(period_grades::child_id
                .eq(course_members::child_id)
                .and(period_grades::subject_id.eq(subjects::id))
                .and(period_grades::period_id.eq(period.id))
                .and(period_grades::kind.eq(PeriodGradeKind::Period))),
        )
        .left_join(
            results::table.on(results::child_id
                .eq(course_members::child_id)
                .and(results::subject_id.eq(subjects::id))
                .and(results::period_id.eq(period.id))
                .and(results::kind.eq(PeriodGradeKind::Period))
                .and(results::frozen_at.nullable().eq(period.closed_at))),
        )
        .left_join(
            class_members::table.on(class_members::child_id
                .eq(course_members::child_id)
                .and(class_members::starts_on.le(period.ends_on))
                .and(class_members::ends_on.is_null().or(class_members::ends_on.ge(period.starts_on)))),
        )
        .left_join(
            class_groups::table.on(class_groups::id
                .nullable()
                .eq(class_members::class_group_id.nullable())
                .and(class_groups::school_year.eq(period.school_year))),
        )
        .filter(course_members::child_id.eq(access.child()))
        .filter(course_members::starts_on.le(period.ends_on))
        .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(period.starts_on)))
        .filter(courses::school_year.eq(period.school_year))
        .order((
            subjects::id,
            course_members::starts_on.desc(),
            courses::id,
            results::source.desc(),
            period_grades::id.desc(),
            class_members::starts_on.desc(),
        ))
        .select((
            (subjects::id, subjects::names),
            (staff::id, staff::first_name, staff::last_name, staff::middle_name).nullable(),
            (period_grades::status, period_grades::value).nullable(),
            (
                results::source,
                results::value,
                results::names,
                results::scheme,
                results::scheme_version,
                results::detail,
            )
                .nullable(),
            class_groups::level.nullable(),
        ))
        .load(conn)?)
}

/// The teachers of the child's courses on `day`, each with the subjects taught.
pub fn teachers(conn: &mut Conn, access: &ChildAccess, day: NaiveDate) -> Result<Vec<(Teacher, Vec<Subject>)>> {
    let rows: Vec<(Teacher, Subject)> = course_members::table
        .inner_join(courses::table.inner_join(subjects::table).inner_join(staff::table))
        .filter(course_members::child_id.eq(access.child()).and(course_members::starts_on.le(day)))
        .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(day)))
        .order((staff::last_name, staff::first_name, staff::id, subjects::id))
        .select(((staff::id, staff::first_name, staff::last_name, staff::middle_name), (subjects::id, subjects::names)))
        .load(conn)?;
    let mut teachers: Vec<(Teacher, Vec<Subject>)> = Vec::new();
    for (teacher, subject) in rows {
        match teachers.last_mut() {
            Some((last, subjects)) if last.id == teacher.id => {
                if subjects.last() != Some(&subject) {
                    subjects.push(subject);
                }
            }
            _ => teachers.push((teacher, vec![subject])),
        }
    }
    Ok(teachers)
}

/// The weighted mean of the values that are numbers, in hundredths, rounded half up; equal weights give the plain mean.
/// What is exempt, not submitted or not assessed is not a number and does not count. Section and term works have maximums
/// of their own («15» of 20), so they count in [`percent`] alone.
pub fn average(grades: &[Grade]) -> Option<i64> {
    let own_scale = |grade: &&Grade| matches!(grade.kind, GradeKind::Section | GradeKind::Term);
    let counted = grades.iter().filter(|grade| grade.status == GradeStatus::Graded && !own_scale(grade));
    let numbers = counted.filter_map(|grade| Some((decimal(grade.value.as_deref()?)?, grade.weight)));
    mean(numbers)
}

/// The weighted mean of points over the most there were, in hundredths of a percent, rounded half up.
pub fn percent(grades: &[Grade]) -> Option<i64> {
    let counted = grades.iter().filter(|grade| grade.status == GradeStatus::Graded);
    let shares = counted.filter_map(|grade| {
        let (points, most) = (i128::from(grade.points?), i128::from(grade.max_points.filter(|most| *most > 0)?));
        // Ten thousandths of a hundredth keep the mean of rounded shares exact enough to round once more.
        i64::try_from(points * 10_000 * SHARE / most).ok().map(|share| (share, grade.weight))
    });
    let mean = mean_exact(shares)?;
    i64::try_from(round(mean.0, mean.1 * SHARE)).ok()
}

const SHARE: i128 = 1_000_000;

fn mean(numbers: impl Iterator<Item = (i64, i64)>) -> Option<i64> {
    let (sum, weights) = mean_exact(numbers)?;
    i64::try_from(round(sum, weights)).ok()
}

fn mean_exact(numbers: impl Iterator<Item = (i64, i64)>) -> Option<(i128, i128)> {
    let (sum, weights) = numbers.fold((0, 0), |(sum, weights), (number, weight)| {
        (sum + i128::from(number) * i128::from(weight), weights + i128::from(weight))
    });
    (weights > 0).then_some((sum, weights))
}

fn round(numerator: i128, denominator: i128) -> i128 {
    (2 * numerator + denominator).div_euclid(2 * denominator)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{GradeId, Names};

    fn grade(status: GradeStatus, value: &str, points: Option<(i64, i64)>, weight: i64) -> Grade {
        Grade {
            id: GradeId(1),
            lesson: None,
            kind: GradeKind::Formative,
            status,
            value: Some(value.to_owned()),
            points: points.map(|p| p.0),
            max_points: points.map(|p| p.1),
            weight,
            comment: None,
            graded_on: NaiveDate::default(),
            recorded_at: chrono::NaiveDateTime::default(),
            revision: 1,
            subject: Subject { id: SubjectId(1), names: Names::same("x") },
            assessment: None,
        }
    }

    #[test]
    fn the_average_weighs_numbers_and_rounds_half_up() {
        let graded = |value, weight| grade(GradeStatus::Graded, value, None, weight);
        assert_eq!(average(&[graded("8", 100), graded("9", 100)]), Some(850));
        assert_eq!(average(&[graded("4", 100), graded("5", 300)]), Some(475));
        assert_eq!(average(&[graded("4", 100), graded("4", 100), graded("5", 100)]), Some(433));
        assert_eq!(average(&[graded("7", 100), graded("8", 100), graded("8", 100)]), Some(767));
    }

    #[test]
    fn what_is_no_number_is_never_a_zero() {
        let eight = grade(GradeStatus::Graded, "8", Some((800, 1000)), 100);
        for status in [GradeStatus::Exempt, GradeStatus::NotSubmitted, GradeStatus::NotAssessed] {
            let none = grade(status, "0", Some((0, 1000)), 100);
            assert_eq!(average(&[eight.clone(), none.clone()]), Some(800));
            assert_eq!(percent(&[eight.clone(), none]), Some(8000));
        }
        assert_eq!(average(&[grade(GradeStatus::Graded, "зачёт", None, 100)]), None);
        assert_eq!(average(&[]), None);
    }

    #[test]
    fn points_of_another_maximum_are_not_averaged_with_marks() {
        let section = Grade { kind: GradeKind::Section, ..grade(GradeStatus::Graded, "15", Some((1500, 2000)), 100) };
        let mark = grade(GradeStatus::Graded, "8", Some((800, 1000)), 100);
        assert_eq!(average(&[mark.clone(), section.clone()]), Some(800));
        assert_eq!(percent(&[mark, section]), Some(7750));
    }

    #[test]
    fn the_percent_is_the_mean_of_shares() {
        let third = grade(GradeStatus::Graded, "1", Some((100, 300)), 100);
        assert_eq!(percent(&[third.clone(), third.clone(), third]), Some(3333));
        let halves = [
            grade(GradeStatus::Graded, "5", Some((500, 1000)), 100),
            grade(GradeStatus::Graded, "20", Some((2000, 2000)), 100),
        ];
        assert_eq!(percent(&halves), Some(7500));
    }
}
