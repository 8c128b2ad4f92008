//! The lessons of a class over a school year, with the section and term works among them.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;

use chrono::{Datelike, NaiveDate};
use domain::intake::{Assessment, Bell};
use domain::types::{GradeKind, Language, LessonStatus};

use super::calendar::{Calendar, Term, Year};
use super::dice::fingerprint;
use super::roster::{Class, Course};
use super::subjects::Marks;

pub struct Lesson {
    pub row: domain::intake::Lesson,
    pub class: Rc<Class>,
    pub course: Rc<Course>,
    pub work: Option<Rc<Assessment>>,
}

/// At most so many term works may be written by a class in a day.
const TERM_WORKS_A_DAY: usize = 3;
/// A term has at least so many lessons of a subject that is taught twice a week.
const TWO_A_WEEK: usize = 12;

impl Lesson {
    /// Whether its pupils may have been given something there.
    pub fn took_place(&self, calendar: &Calendar) -> bool {
        self.row.status != LessonStatus::Cancelled && calendar.is_noted(self.row.date, self.row.ends_at)
    }
}

/// All lessons of a class in its year, as planned, and its section and term works.
pub fn of_class(class: &Rc<Class>, calendar: &Calendar, bells: &[Bell]) -> (Vec<Lesson>, Vec<Rc<Assessment>>) {
    let Some(year) = calendar.years.iter().find(|year| year.start == class.year) else {
        return (Vec::new(), Vec::new());
    };
    let mut lessons = Vec::new();
    let mut met: HashMap<String, usize> = HashMap::new();
    for day in &year.days {
        lessons.extend(of_day(class, *day, calendar, bells, &mut met));
    }
    let works = works(&mut lessons, year);
    (lessons, works)
}

fn of_day(
    class: &Rc<Class>,
    date: NaiveDate,
    calendar: &Calendar,
    bells: &[Bell],
    met: &mut HashMap<String, usize>,
) -> Vec<Lesson> {
    let weekday = usize::try_from(date.weekday().num_days_from_monday()).unwrap_or(0);
    let Some(day) = class.grid.get(weekday) else { return Vec::new() };
    let mut lessons = Vec::new();
    for (slot, bell) in day.iter().zip(bells.iter().filter(|bell| bell.shift == class.shift)) {
        for course in slot {
            let times = met.entry(course.external_id.clone()).or_default();
            // Two lessons a topic; the texts start over when they are through.
            let topic = course.subject.texts(class.language).topics.iter().cycle().nth(*times / 2 % 6).copied();
            *times += 1;
            let over = calendar.is_over(date, bell.ends_at);
            let row = domain::intake::Lesson {
                external_id: format!(
                    "l{}-{}-{}",
                    course.external_id.trim_start_matches('k'),
                    date.format("%Y%m%d"),
                    bell.number
                ),
                course: course.external_id.clone(),
                date,
                number: bell.number,
                starts_at: bell.starts_at,
                ends_at: bell.ends_at,
                teacher: Some(course.teacher.number.clone()),
                room: Some(course.teacher.room.clone()),
                topic: topic.map(str::to_owned),
                status: if over { LessonStatus::Held } else { LessonStatus::Planned },
                change: None,
            };
            lessons.push(Lesson { row, class: Rc::clone(class), course: Rc::clone(course), work: None });
        }
    }
    lessons
}

/// Sets one or two section works a term and subject and a term work near its end, but none on the last day of the term;
/// a subject of one lesson a week has no term work.
fn works(lessons: &mut [Lesson], year: &Year) -> Vec<Rc<Assessment>> {
    let mut works = Vec::new();
    for term in &year.terms {
        let last = year.days.iter().filter(|day| **day <= term.to).max().copied();
        let mut crowd: HashMap<NaiveDate, usize> = HashMap::new();
        for places in by_course(lessons, term, last).into_values() {
            for (number, place) in (1..).zip(sections(&places, lessons)) {
                works.extend(set(lessons, place, GradeKind::Section, number, term));
            }
            if places.len() >= TWO_A_WEEK {
                let late = places.iter().rev().skip(1).take(5).copied();
                let free = late.filter(|place| {
                    lessons
                        .get(*place)
                        .is_some_and(|lesson| crowd.get(&lesson.row.date).is_none_or(|n| *n < TERM_WORKS_A_DAY))
                });
                let Some(place) = free.into_iter().next() else { continue };
                if let Some(lesson) = lessons.get(place)
                    && lesson.course.subgroup != Some(2)
                {
                    *crowd.entry(lesson.row.date).or_default() += 1;
                }
                works.extend(set(lessons, place, GradeKind::Term, 1, term));
            }
        }
    }
    works
}

/// Which lessons of a course have a section work: around a third and two thirds of the term, each subject at its own time.
fn sections(places: &[usize], lessons: &[Lesson]) -> Vec<usize> {
    let subject = places.first().and_then(|place| lessons.get(*place)).map_or("", |lesson| lesson.course.subject.key);
    let shift = usize::try_from(fingerprint(subject) % 30).unwrap_or(0);
    let shares = if places.len() >= TWO_A_WEEK { vec![20 + shift, 52 + shift] } else { vec![35 + shift] };
    shares.into_iter().filter_map(|share| places.get(places.len() * share / 100).copied()).collect()
}

/// Where the lessons of each course with points stand, within the term and before its last day.
fn by_course(lessons: &[Lesson], term: &Term, last: Option<NaiveDate>) -> BTreeMap<String, Vec<usize>> {
    let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (place, lesson) in lessons.iter().enumerate() {
        let date = lesson.row.date;
        if lesson.course.subject.marks == Marks::Points && date >= term.from && date <= term.to && Some(date) != last {
            places.entry(lesson.course.external_id.clone()).or_default().push(place);
        }
    }
    places
}

fn set(lessons: &mut [Lesson], place: usize, kind: GradeKind, number: usize, term: &Term) -> Option<Rc<Assessment>> {
    let lesson = lessons.get_mut(place)?;
    let topic = lesson.row.topic.clone().unwrap_or_default();
    let kazakh = lesson.class.language == Language::Kk;
    let (max, weight, title) = match (kind, kazakh) {
        (GradeKind::Term, true) => (30, 400, format!("{}-тоқсан бойынша ТЖБ", term.number)),
        (GradeKind::Term, false) => (30, 400, format!("СОЧ за {}-ю четверть", term.number)),
        (_, true) => (20, 200, format!("№ {number} БЖБ: {topic}")),
        (_, false) => (20, 200, format!("СОР № {number}: {topic}")),
    };
    lesson.row.topic = Some(title.clone());
    let letter = if kind == GradeKind::Term { "t" } else { "s" };
    let work = Rc::new(Assessment {
        external_id: format!("w{}-{}{letter}{number}", lesson.course.external_id.trim_start_matches('k'), term.number),
        course: lesson.course.external_id.clone(),
        lesson: Some(lesson.row.external_id.clone()),
        period: Some(term.external_id.clone()),
        kind,
        title,
        date: lesson.row.date,
        max_points: Some(max * 100),
        weight,
    });
    lesson.work = Some(Rc::clone(&work));
    Some(work)
}
