//! Homework: given at one lesson of a course, due at its next.

use std::collections::BTreeMap;

use domain::intake;

use super::calendar::Calendar;
use super::dice::Dice;
use super::lessons::Lesson;
use super::subjects::Marks;

/// How often in ten thousand lessons something is given.
const USUAL: i64 = 6000;
const SELDOM: i64 = 800;

/// The homework given so far (in a whole year: all of it), by the day it was given.
pub fn given(lessons: &[Lesson], calendar: &Calendar, dice: &mut Dice) -> Vec<intake::Homework> {
    let mut by_course: BTreeMap<&str, Vec<&Lesson>> = BTreeMap::new();
    for lesson in lessons {
        by_course.entry(lesson.row.course.as_str()).or_default().push(lesson);
    }
    let mut given = Vec::new();
    for met in by_course.values() {
        let pairs = met.iter().zip(met.iter().skip(1)).filter(|(now, next)| next.row.date > now.row.date);
        for (nth, (now, next)) in pairs.enumerate() {
            let often = if now.course.subject.marks == Marks::Points { USUAL } else { SELDOM };
            if !now.took_place(calendar) || !dice.happens(often) {
                continue;
            }
            let text = now.course.subject.texts(now.class.language).tasks.iter().cycle().nth(nth % 6).copied();
            given.push(intake::Homework {
                external_id: format!("h{}", now.row.external_id.trim_start_matches('l')),
                course: now.row.course.clone(),
                lesson: Some(next.row.external_id.clone()),
                assigned_on: now.row.date,
                due_on: next.row.date,
                text: text.unwrap_or_default().to_owned(),
                files: None,
            });
        }
    }
    given.sort_by(|a, b| (a.assigned_on, &a.external_id).cmp(&(b.assigned_on, &b.external_id)));
    given
}
