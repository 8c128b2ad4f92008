//! The diary of a few days: lessons with what hangs on them, and what hangs on no lesson.

use chrono::NaiveDate;

use crate::Result;
use crate::access::{ChildAccess, Counters};
use crate::assessments::{self, Assessment};
use crate::db::Conn;
use crate::grades::{self, Grade};
use crate::homework::{self, Homework};
use crate::timetable::{self, Lesson};

/// Everything a family sees of some days, unsorted into days yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diary {
    pub lessons: Vec<Lesson>,
    pub homework: Vec<Homework>,
    pub assessments: Vec<Assessment>,
    pub grades: Vec<Grade>,
}

/// The diary from `from` to `to`, both included, in four statements; the last one brings the counters along.
pub fn read(conn: &mut Conn, access: &ChildAccess, from: NaiveDate, to: NaiveDate) -> Result<(Counters, Diary)> {
    let lessons = timetable::lessons(conn, access, from, to)?;
    let homework = homework::due(conn, access, from, to)?;
    let assessments = assessments::between(conn, access, from, to)?;
    let (counters, grades) = grades::with_counters(conn, access, from, to)?;
    Ok((counters, Diary { lessons, homework, assessments, grades }))
}
