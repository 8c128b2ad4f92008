//! Assessments, and grades with their append-only revisions, as the school writes them.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::members::children;
use super::telling::Before;
use super::timetable::course_scope;
use super::{Item, Outcome, Writer, ids_of, merge, part, refer, refuse_closed, rows_of, unknown, upsert};
use crate::Result;
use crate::db::{Conn, Days, IsAmong, Scope, Touch, insert_rows, on_backend};
use crate::error::Flaw;
use crate::schema::{assessments, courses, grade_revisions, grades, lessons, periods};
use crate::types::{
    AssessmentId, ChildId, ClientId, CourseId, GradeId, GradeKind, GradeStatus, LessonId, PeriodId, SchoolId, StaffId,
};

/// A piece of work to be graded; points and weight in hundredths.
#[derive(Debug, Clone)]
pub struct Assessment {
    pub external_id: String,
    pub course: String,
    pub lesson: Option<String>,
    pub period: Option<String>,
    pub kind: GradeKind,
    pub title: String,
    pub date: NaiveDate,
    pub max_points: Option<i64>,
    pub weight: i64,
}

/// What a pupil got; points and weight in hundredths. `removed` takes it back and keeps its history.
#[derive(Debug, Clone)]
pub struct Grade {
    pub external_id: String,
    pub student: String,
    pub course: String,
    pub lesson: Option<String>,
    pub assessment: Option<String>,
    pub kind: GradeKind,
    pub status: GradeStatus,
    pub value: Option<String>,
    pub points: Option<i64>,
    pub max_points: Option<i64>,
    pub weight: i64,
    pub comment: Option<String>,
    pub graded_on: NaiveDate,
    pub removed: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = assessments, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct AssessmentRow {
    school_id: SchoolId,
    external_id: String,
    pub(super) course_id: CourseId,
    lesson_id: Option<LessonId>,
    period_id: Option<PeriodId>,
    kind: GradeKind,
    title: String,
    pub(super) date: NaiveDate,
    max_points: Option<i64>,
    weight: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = grades, treat_none_as_null = true, treat_none_as_default_value = false)]
pub(super) struct GradeRow {
    school_id: SchoolId,
    external_id: String,
    pub(super) child_id: ChildId,
    pub(super) course_id: CourseId,
    lesson_id: Option<LessonId>,
    assessment_id: Option<AssessmentId>,
    kind: GradeKind,
    status: GradeStatus,
    value: Option<String>,
    points: Option<i64>,
    max_points: Option<i64>,
    weight: i64,
    comment: Option<String>,
    graded_on: NaiveDate,
    pub(super) removed: bool,
    recorded_at: NaiveDateTime,
    revision: i32,
}

#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = grade_revisions, treat_none_as_default_value = false)]
struct RevisionRow {
    grade_id: GradeId,
    revision: i32,
    status: GradeStatus,
    value: Option<String>,
    points: Option<i64>,
    max_points: Option<i64>,
    weight: i64,
    comment: Option<String>,
    removed: bool,
    recorded_at: NaiveDateTime,
    staff_id: Option<StaffId>,
    client_id: Option<ClientId>,
}

/// The days the items stand on now, for those that are there already.
macro_rules! days_before {
    ($conn:expr, $table:ident, $day:ident, $school:expr, $keys:expr) => {{
        let conn: &mut Conn = $conn;
        let keys: Vec<&str> = $keys.collect();
        let query = $table::table
            .filter($table::school_id.eq($school).and($table::external_id.among(keys)))
            .select($table::$day);
        on_backend!(conn => query.load::<NaiveDate>(conn))?
    }};
}

impl Item for Assessment {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let before = days_before!(conn, assessments, date, writer.school, items.iter().map(Item::external_id));
        let days = Days::of(writer.school, items.iter().map(|item| item.date).chain(before));
        Ok(Scope { days, ..course_scope(conn, writer, items.iter().map(|item| item.course.as_str()))? })
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let numbers = items.iter().map(|item| item.external_id.as_str());
        let before = rows_of!(conn, assessments, AssessmentRow, writer.school, numbers);
        let named = ids_of!(conn, courses, CourseId, writer.school, items.iter().map(|item| item.course.as_str()));
        let at =
            ids_of!(conn, lessons, LessonId, writer.school, items.iter().filter_map(|item| item.lesson.as_deref()));
        let within = items.iter().filter_map(|item| item.period.as_deref());
        let within = ids_of!(conn, periods, PeriodId, writer.school, within);
        let row = |item: &Self| {
            let course = named.get(&item.course).copied();
            Ok(AssessmentRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                course_id: course.ok_or_else(|| unknown("/courseExternalId", &item.course))?,
                lesson_id: refer("/lessonExternalId", item.lesson.as_deref(), &at)?,
                period_id: refer("/periodExternalId", item.period.as_deref(), &within)?,
                kind: item.kind,
                title: item.title.clone(),
                date: item.date,
                max_points: item.max_points,
                weight: item.weight,
            })
        };
        let closed = |row: &AssessmentRow| {
            let old = before.get(&row.external_id).map(|(_, old)| old);
            Ok(old != Some(row) && (touch.is_closed_on(row.date)? || was_closed(touch, old.map(|old| old.date))?))
        };
        let resolved = refuse_closed(writer, "/date", items.iter().map(row).collect(), closed)?;
        let (rows, places) = part(resolved);
        let mut told = Before::nothing();
        let written = upsert!(conn, assessments, AssessmentRow, writer.school, &rows, over &before,
            keeps course_id as "/courseExternalId", before told by writer);
        told.tell(conn, touch, writer, &rows, &written)?;
        Ok(merge(places, written))
    }
}

impl Item for Grade {
    fn external_id(&self) -> &str {
        &self.external_id
    }

    fn scope(conn: &mut Conn, writer: Writer, items: &[Self]) -> Result<Scope> {
        let known = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let before = days_before!(conn, grades, graded_on, writer.school, items.iter().map(Item::external_id));
        let days = Days::of(writer.school, items.iter().map(|item| item.graded_on).chain(before));
        Ok(Scope { days, ..known.into_values().collect::<Vec<_>>().into() })
    }

    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let pupils = children(conn, writer, items.iter().map(|item| item.student.as_str()))?;
        let named = ids_of!(conn, courses, CourseId, writer.school, items.iter().map(|item| item.course.as_str()));
        let at =
            ids_of!(conn, lessons, LessonId, writer.school, items.iter().filter_map(|item| item.lesson.as_deref()));
        let works = items.iter().filter_map(|item| item.assessment.as_deref());
        let works = ids_of!(conn, assessments, AssessmentId, writer.school, works);
        let before =
            rows_of!(conn, grades, GradeRow, writer.school, items.iter().map(|item| item.external_id.as_str()));
        let row = |item: &Self| {
            check(item)?;
            let course = named.get(&item.course).copied();
            let pupil = pupils.get(&item.student).copied();
            let row = GradeRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                child_id: pupil.ok_or_else(|| unknown("/studentExternalId", &item.student))?,
                course_id: course.ok_or_else(|| unknown("/courseExternalId", &item.course))?,
                lesson_id: refer("/lessonExternalId", item.lesson.as_deref(), &at)?,
                assessment_id: refer("/assessmentExternalId", item.assessment.as_deref(), &works)?,
                kind: item.kind,
                status: item.status,
                value: item.value.clone(),
                points: item.points,
                max_points: item.max_points,
                weight: item.weight,
                comment: item.comment.clone(),
                graded_on: item.graded_on,
                removed: item.removed,
                recorded_at: writer.now,
                revision: 1,
            };
            Ok(succeed(row, before.get(&item.external_id).map(|(_, old)| old)))
        };
        let closed = |row: &GradeRow| {
            let old = before.get(&row.external_id).map(|(_, old)| old);
            let moved = was_closed(touch, old.map(|old| old.graded_on));
            Ok(old != Some(row) && (touch.is_closed_on(row.graded_on)? || moved?))
        };
        let resolved = refuse_closed(writer, "/gradedOn", items.iter().map(row).collect(), closed)?;
        let (rows, places) = part(resolved);
        let mut told = Before::nothing();
        let written = upsert!(conn, grades, GradeRow, writer.school, &rows, over &before,
            keeps child_id as "/studentExternalId", before told by writer);
        remember(conn, writer, &rows, &written)?;
        told.tell(conn, touch, writer, &rows, &written)?;
        Ok(merge(places, written))
    }
}

/// Whether something was in a closed period before.
fn was_closed(touch: &Touch, before: Option<NaiveDate>) -> Result<bool> {
    before.map_or(Ok(false), |day| touch.is_closed_on(day))
}

fn check(item: &Grade) -> Result<(), Flaw> {
    if item.status == GradeStatus::Graded && item.value.is_none() && item.points.is_none() {
        return Err(Flaw::new("/value", "required", "A grade that is graded has a value or points."));
    }
    match (item.points, item.max_points) {
        (Some(points), _) if points < 0 => Err(Flaw::new("/points", "range", "Points are not negative.")),
        (Some(points), Some(most)) if points > most => {
            Err(Flaw::new("/points", "range", "There are more points than maxPoints."))
        }
        _ => Ok(()),
    }
}

/// The row with its revision: the old one where nothing changed, else the next.
fn succeed(row: GradeRow, before: Option<&GradeRow>) -> GradeRow {
    let Some(old) = before else { return row };
    let same = GradeRow { recorded_at: old.recorded_at, revision: old.revision, ..row.clone() };
    if same == *old { same } else { GradeRow { revision: old.revision + 1, ..row } }
}

/// The days of these grades.
pub(super) fn days(conn: &mut Conn, writer: Writer, ids: &[String]) -> Result<Option<Days>> {
    Ok(Days::of(writer.school, days_before!(conn, grades, graded_on, writer.school, ids.iter().map(String::as_str))))
}

/// Marks grades as removed, each in a revision of its own, and tells how many were not before. Those of closed periods stay,
/// unless the writer may change them.
pub(super) fn take_back(conn: &mut Conn, touch: &mut Touch, writer: Writer, ids: &[String]) -> Result<u64> {
    let before = rows_of!(conn, grades, GradeRow, writer.school, ids.iter().map(String::as_str));
    let mut rows = Vec::new();
    for (_, row) in before.values().filter(|(_, row)| !row.removed) {
        if writer.reopen || !touch.is_closed_on(row.graded_on)? {
            rows.push(GradeRow { removed: true, recorded_at: writer.now, revision: row.revision + 1, ..row.clone() });
        }
    }
    let mut told = Before::nothing();
    let written = upsert!(conn, grades, GradeRow, writer.school, &rows, over &before, before told by writer);
    remember(conn, writer, &rows, &written)?;
    told.tell(conn, touch, writer, &rows, &written)?;
    Ok(rows.len() as u64)
}

/// Deletes works that were never graded, and tells how many those were.
pub(super) fn delete_ungraded(conn: &mut Conn, touch: &mut Touch, writer: Writer, ids: &[String]) -> Result<u64> {
    let named = assessments::school_id.eq(writer.school).and(assessments::external_id.eq_any(ids));
    let graded = grades::table.filter(grades::assessment_id.eq(assessments::id.nullable()));
    let free = on_backend!(conn => assessments::table
        .filter(named.and(diesel::dsl::not(diesel::dsl::exists(graded))))
        .select((assessments::id, AssessmentRow::as_select()))
        .load::<(i64, AssessmentRow)>(conn))?;
    let ids: Vec<i64> = free.iter().map(|(id, _)| *id).collect();
    let mut before = Before::nothing();
    before.look(conn, writer, free)?;
    diesel::delete(assessments::table.filter(assessments::id.eq_any(&ids))).execute(conn)?;
    before.gone(conn, touch, writer)?;
    Ok(ids.len() as u64)
}

/// Appends a revision for every row that was written.
fn remember(conn: &mut Conn, writer: Writer, rows: &[GradeRow], written: &[Outcome]) -> Result<()> {
    let revision = |(row, outcome): (&GradeRow, &Outcome)| {
        let (Outcome::Created(id) | Outcome::Updated(id)) = outcome else { return None };
        Some(RevisionRow {
            grade_id: GradeId(*id),
            revision: row.revision,
            status: row.status,
            value: row.value.clone(),
            points: row.points,
            max_points: row.max_points,
            weight: row.weight,
            comment: row.comment.clone(),
            removed: row.removed,
            recorded_at: row.recorded_at,
            staff_id: writer.staff,
            client_id: writer.client,
        })
    };
    let revisions: Vec<RevisionRow> = rows.iter().zip(written).filter_map(revision).collect();
    if !revisions.is_empty() {
        insert_rows!(conn, grade_revisions, &revisions)?;
    }
    Ok(())
}
