//! Subjects of one period: who teaches them, how many grades, the average, the period grade.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use diesel::prelude::*;

use crate::Result;
use crate::access::ChildAccess;
use crate::assessment::decimal;
use crate::db::Conn;
use crate::grades::{self, Filter, Grade};
use crate::periods::Period;
use crate::schema::{course_members, courses, period_grades, staff, subjects};
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
    pub period_grade: Option<String>,
}

/// As many grades as one period of one child may have.
const MOST_GRADES: i64 = 5000;

type Row = (Subject, Option<Teacher>, Option<String>);

/// The subjects the child has in `period`, by their ids.
pub fn standings(conn: &mut Conn, access: &ChildAccess, period: &Period) -> Result<Vec<Standing>> {
    let rows = taught(conn, access, period)?;
    let filter = Filter { subject: None, from: Some(period.starts_on), to: Some(period.ends_on) };
    let mut by_subject: BTreeMap<SubjectId, Vec<Grade>> = BTreeMap::new();
    for grade in grades::page(conn, access, &filter, None, MOST_GRADES)? {
        by_subject.entry(grade.subject.id).or_default().push(grade);
    }
    let mut standings: Vec<Standing> = Vec::new();
    for (subject, teacher, period_grade) in rows {
        if standings.last().is_some_and(|last| last.subject.id == subject.id) {
            continue;
        }
        let grades = by_subject.remove(&subject.id).unwrap_or_default();
        standings.push(Standing {
            grades: grades.len(),
            average: average(&grades),
            percent: percent(&grades),
            subject,
            teacher,
            period_grade,
        });
    }
    Ok(standings)
}

fn taught(conn: &mut Conn, access: &ChildAccess, period: &Period) -> Result<Vec<Row>> {
    Ok(course_members::table
        .inner_join(courses::table.inner_join(subjects::table).left_join(staff::table))
        .left_join(
            period_grades::table.on(period_grades::child_id
                .eq(course_members::child_id)
                .and(period_grades::subject_id.eq(subjects::id))
                .and(period_grades::period_id.eq(period.id))
                .and(period_grades::kind.eq(PeriodGradeKind::Period))),
        )
        .filter(course_members::child_id.eq(access.child()))
        .filter(course_members::starts_on.le(period.ends_on))
        .filter(course_members::ends_on.is_null().or(course_members::ends_on.ge(period.starts_on)))
        .filter(courses::school_year.eq(period.school_year))
        .order((subjects::id, course_members::starts_on.desc(), courses::id))
        .select((
            (subjects::id, subjects::names),
            (staff::id, staff::first_name, staff::last_name, staff::middle_name).nullable(),
            period_grades::value.nullable(),
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
