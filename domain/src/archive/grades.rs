//! Assessments, grades with every state they were ever in, and period grades of all years.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::files::{insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Page, Ref, Row, Target, Written};
use crate::Result;
use crate::db::{Conn, on_backend};
use crate::schema::{assessments, grade_revisions, grades, period_grades};
use crate::types::{GradeKind, GradeStatus, PeriodGradeKind, SchoolId};

row! {
    /// A piece of work that is graded; points and weight in hundredths.
    Assessment of assessments in school_id {
        external_id "externalId": Cell,
        course_id "courseExternalId": Ref => Courses,
        lesson_id "lessonExternalId": Option<Ref> => Lessons,
        period_id "periodExternalId": Option<Ref> => Periods,
        kind "kind": GradeKind,
        title "title": Cell,
        date "date": NaiveDate,
        max_points "maxPoints": Option<i64>,
        weight "weight": i64,
    }
}

row! {
    /// A grade as it is now; points and weight in hundredths.
    Grade of grades in school_id {
        external_id "externalId": Cell,
        child_id "studentExternalId": Ref => Students,
        course_id "courseExternalId": Ref => Courses,
        lesson_id "lessonExternalId": Option<Ref> => Lessons,
        assessment_id "assessmentExternalId": Option<Ref> => Assessments,
        kind "kind": GradeKind,
        status "status": GradeStatus,
        value "value": Option<Cell>,
        points "points": Option<i64>,
        max_points "maxPoints": Option<i64>,
        weight "weight": i64,
        comment "comment": Option<Cell>,
        graded_on "gradedOn": NaiveDate,
        recorded_at "recordedAt": NaiveDateTime,
        revision "revision": i32,
        removed "removed": bool,
    }
}

row! {
    /// A state a grade was in; who wrote it, or nobody for the school's journal.
    GradeRevision of grade_revisions {
        grade_id "gradeExternalId": Ref => Grades,
        revision "revision": i32,
        status "status": GradeStatus,
        value "value": Option<Cell>,
        points "points": Option<i64>,
        max_points "maxPoints": Option<i64>,
        weight "weight": i64,
        comment "comment": Option<Cell>,
        removed "removed": bool,
        recorded_at "recordedAt": NaiveDateTime,
        staff_id "staffExternalId": Option<Ref> => Staff,
    }
}

row! {
    /// An entry of the report card; percent in hundredths.
    PeriodGrade of period_grades in school_id {
        external_id "externalId": Cell,
        child_id "studentExternalId": Ref => Students,
        subject_id "subjectExternalId": Ref => Subjects,
        period_id "periodExternalId": Ref => Periods,
        kind "kind": PeriodGradeKind,
        status "status": GradeStatus,
        value "value": Option<Cell>,
        percent "percent": Option<i64>,
        recorded_at "recordedAt": NaiveDateTime,
    }
}

kept_by_id!(Assessment of assessments, "assessments.csv" as Assessments);
kept_by_id!(Grade of grades, "grades.csv" as Grades);
kept_by_id!(PeriodGrade of period_grades, "period_grades.csv");

/// How many grades' revisions are read at once.
const GRADES: i64 = 1000;

impl Row for GradeRevision {
    shape!("grade_revisions.csv", None);

    fn unique(&self, take: &mut dyn FnMut(&[&str])) {
        take(&["grade and revision", self.grade_id.key.as_str(), &self.revision.to_string()]);
    }

    /// By grade in the order of `grades.csv`, then by revision.
    fn page(conn: &mut Conn, school: SchoolId, after: i64) -> Result<Page<Self>> {
        let of: Vec<i64> = grades::table
            .filter((grades::school_id + 0).eq(school))
            .filter(grades::id.gt(after))
            .order(grades::id)
            .limit(GRADES)
            .select(grades::id)
            .load(conn)?;
        let full = i64::try_from(of.len()).unwrap_or(i64::MAX) == GRADES;
        let next = of.last().copied().filter(|_| full);
        let rows = on_backend!(conn => grade_revisions::table
            .filter(grade_revisions::grade_id.eq_any(of))
            .order((grade_revisions::grade_id, grade_revisions::revision))
            .select(Self::as_select())
            .load(conn))?;
        Ok(Page { rows, next })
    }

    fn write(conn: &mut Conn, _: Target, rows: Vec<Self>) -> Result<Written> {
        insert_new!(conn, grade_revisions, rows)
    }
}
