//! The diary and the timetable: days with their lessons.

use std::collections::BTreeMap;

use actix_web::{HttpRequest, HttpResponse, get, web};
use chrono::{Datelike, Duration, NaiveDate};
use domain::access::ChildAccess;
use domain::types::{DayOff, Language};
use domain::{Error, diary, timetable};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::parts::{Assessment, Grade, Homework, Lesson};
use crate::problem::{Problem, Problems};
use crate::request::{Asked, Token};
use crate::state::State;
use crate::viewer::{self, Ask};

/// The most days one answer holds.
const MOST_DAYS: i64 = 31;

/// The years a day may be asked for in; both databases order them alike.
pub const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// A child's days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Days {
    /// Whose days.
    pub child_id: i64,
    /// The first local day.
    pub from: NaiveDate,
    /// The last local day.
    pub to: NaiveDate,
    /// Every day from first to last.
    pub days: Vec<Day>,
}

/// One local day.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Day {
    /// The day.
    pub date: NaiveDate,
    /// Why there are no lessons, on a day off.
    pub day_off: Option<String>,
    /// The lessons, in their order.
    pub lessons: Vec<Lesson>,
    /// Homework due on this day that hangs on none of its lessons.
    pub homework: Vec<Homework>,
    /// Grades of this day that hang on none of its lessons.
    pub grades: Vec<Grade>,
    /// Assessments of this day.
    pub assessments: Vec<Assessment>,
}

/// Which days.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// The first local day; default: Monday of this week.
    from: Option<NaiveDate>,
    /// The last local day, at most 30 days later; default: six days after the first.
    to: Option<NaiveDate>,
}

impl Range {
    pub fn new(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        Self { from, to }
    }

    /// This week where nothing is said, else what is said, within `MOST_DAYS`.
    pub fn resolve(&self, access: &ChildAccess) -> domain::Result<(NaiveDate, NaiveDate)> {
        let today = access.today();
        let monday = today - Duration::days(today.weekday().num_days_from_monday().into());
        let (from, to) = match (self.from, self.to) {
            (None, None) => (monday, monday + Duration::days(6)),
            (Some(from), None) => (from, later(from, 6)),
            (None, Some(to)) => (later(to, -6), to),
            (Some(from), Some(to)) => (from, to),
        };
        if !YEARS.contains(&from.year()) || !YEARS.contains(&to.year()) {
            return Err(Error::flaw("/from", "range", "Days lie between 1900 and 2200."));
        }
        if to < from {
            return Err(Error::flaw("/to", "order", "`to` is not before `from`."));
        }
        if (to - from).num_days() >= MOST_DAYS {
            return Err(Error::flaw("/to", "range", "At most 31 days at once."));
        }
        Ok((from, to))
    }
}

fn later(day: NaiveDate, days: i64) -> NaiveDate {
    day.checked_add_signed(Duration::days(days)).unwrap_or(day)
}

/// The diary of some days
///
/// Lessons with their homework, grades and attendance, and what hangs on no lesson. Default: this week.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), Range),
    responses((status = 200, description = "The days.", body = Days), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The range breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/children/{id}/diary")]
async fn diary_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    range: web::Query<Range>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "diary");
    viewer::of_child(
        &state,
        ask,
        move |access| range.resolve(access),
        |conn, access, language, &(from, to)| {
            let (counters, diary) = diary::read(conn, access, from, to)?;
            let mut days = Days::empty(access, language, from, to);
            days.fill(diary, language);
            Ok((Some(counters), days))
        },
    )
    .await
}

/// The timetable of some days
///
/// The same days, lessons only: without homework, grades and attendance.
#[utoipa::path(tag = "diary", security(("bearer" = [])), params(("id" = i64, Path, description = "The child."), Range),
    responses((status = 200, description = "The days.", body = Days), (status = 304, description = "Nothing changed."),
        (status = 422, description = "The range breaks a rule.", content_type = "application/problem+json", body = crate::problem::ProblemDetails), Problems))]
#[get("/children/{id}/schedule")]
async fn schedule_of_child(
    token: Token,
    request: HttpRequest,
    state: web::Data<State>,
    child: web::Path<i64>,
    asked: Asked,
    range: web::Query<Range>,
) -> Result<HttpResponse, Problem> {
    let ask = Ask::new(&request, token.0, *child, asked, "schedule");
    viewer::of_child(
        &state,
        ask,
        move |access| range.resolve(access),
        |conn, access, language, &(from, to)| {
            let lessons = timetable::lessons(conn, access, from, to)?;
            let mut days = Days::empty(access, language, from, to);
            for mut lesson in lessons {
                lesson.attendance = None;
                days.add_lesson(Lesson::bare(lesson, language));
            }
            Ok((None, days))
        },
    )
    .await
}

impl Days {
    fn empty(access: &ChildAccess, language: Language, from: NaiveDate, to: NaiveDate) -> Self {
        let off = access.days_off();
        let day = |date: NaiveDate| Day {
            date,
            day_off: name_of_day_off(&off, date, language),
            lessons: Vec::new(),
            homework: Vec::new(),
            grades: Vec::new(),
            assessments: Vec::new(),
        };
        let days = from.iter_days().take_while(|date| *date <= to).map(day).collect();
        Self { child_id: access.child().0, from, to, days }
    }

    fn day(&mut self, date: NaiveDate) -> Option<&mut Day> {
        let place = usize::try_from((date - self.from).num_days()).ok()?;
        self.days.get_mut(place)
    }

    fn add_lesson(&mut self, lesson: Lesson) {
        if let Some(day) = self.day(lesson.date) {
            day.lessons.push(lesson);
        }
    }

    /// Hangs everything where it belongs: on its lesson, where that is among the lessons shown, else on its day.
    fn fill(&mut self, diary: diary::Diary, language: Language) {
        let mut places: BTreeMap<i64, (NaiveDate, usize)> = BTreeMap::new();
        for lesson in diary.lessons {
            let Some(day) = self.day(lesson.date) else { continue };
            places.insert(lesson.id.0, (lesson.date, day.lessons.len()));
            day.lessons.push(Lesson::bare(lesson, language));
        }
        for homework in diary.homework {
            let due_on = homework.due_on;
            let view = Homework::of(homework, language);
            match self.lesson(&places, view.lesson_id) {
                Some(lesson) => lesson.homework.push(view),
                None => self.day(due_on).map_or((), |day| day.homework.push(view)),
            }
        }
        for grade in diary.grades {
            let graded_on = grade.graded_on;
            let view = Grade::of(grade, language);
            match self.lesson(&places, view.lesson_id) {
                Some(lesson) => lesson.grades.push(view),
                None => self.day(graded_on).map_or((), |day| day.grades.push(view)),
            }
        }
        for assessment in diary.assessments {
            if let Some(day) = self.day(assessment.date) {
                day.assessments.push(Assessment::of(assessment, language));
            }
        }
    }

    fn lesson(&mut self, places: &BTreeMap<i64, (NaiveDate, usize)>, id: Option<i64>) -> Option<&mut Lesson> {
        let (date, place) = *places.get(&id?)?;
        self.day(date)?.lessons.get_mut(place)
    }
}

fn name_of_day_off(off: &[DayOff], date: NaiveDate, language: Language) -> Option<String> {
    let found = off.iter().find(|one| one.from <= date && date <= one.to)?;
    Some(found.names.in_language(language).to_owned())
}

pub fn routes(config: &mut ServiceConfig) {
    config.service(diary_of_child).service(schedule_of_child);
}
