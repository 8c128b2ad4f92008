//! Who was not there: spells of illness, single lessons missed, late arrivals.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use chrono::NaiveDate;
use domain::intake::Attendance;
use domain::types::{AttendanceStatus, Language};

use super::calendar::Calendar;
use super::dice::Dice;
use super::lessons::Lesson;
use super::roster::Pupil;

#[derive(Default)]
pub struct Absences {
    pub rows: Vec<Attendance>,
    /// Lesson and pupil, for all who were not there.
    away: HashSet<(String, String)>,
}

impl Absences {
    pub fn has(&self, lesson: &Lesson, pupil: &Pupil) -> bool {
        !self.away.is_empty() && self.away.contains(&(lesson.row.external_id.clone(), pupil.number.clone()))
    }

    /// Notes how a pupil was at a lesson.
    pub fn note(
        &mut self,
        lesson: &Lesson,
        pupil: &Pupil,
        status: AttendanceStatus,
        minutes_late: Option<i32>,
        comment: Option<&str>,
    ) {
        let key = (lesson.row.external_id.clone(), pupil.number.clone());
        self.rows.push(Attendance {
            external_id: format!("a-{}-{}", pupil.number, lesson.row.external_id),
            student: pupil.number.clone(),
            lesson: lesson.row.external_id.clone(),
            status,
            minutes_late,
            comment: comment.map(str::to_owned),
        });
        if status != AttendanceStatus::Late {
            self.away.insert(key);
        }
    }
}

/// What the journal noted of everybody but the first child, whose days are written by hand. Only what is over is noted.
pub fn noted(lessons: &[Lesson], pupils: &[Rc<Pupil>], calendar: &Calendar, dice: &mut Dice) -> Absences {
    let ill = spells(lessons, pupils, calendar, dice);
    let mut absences = Absences::default();
    let over = |lesson: &&Lesson| lesson.took_place(calendar) && calendar.is_over(lesson.row.date, lesson.row.ends_at);
    for lesson in lessons.iter().filter(over) {
        for pupil in lesson.course.members.iter().filter(|pupil| !pupil.shown) {
            if ill.get(&pupil.number).is_some_and(|days| days.contains(&lesson.row.date)) {
                absences.note(lesson, pupil, AttendanceStatus::Ill, None, None);
                continue;
            }
            let kazakh = lesson.class.language == Language::Kk;
            match dice.between(1, 10_000) {
                1..=60 => absences.note(lesson, pupil, AttendanceStatus::Absent, None, None),
                61..=140 => {
                    let minutes = i32::try_from(dice.between(2, 15)).ok();
                    absences.note(lesson, pupil, AttendanceStatus::Late, minutes, None);
                }
                141..=190 => {
                    let reason = if kazakh {
                        "Олимпиадаға қатысты"
                    } else {
                        "Участие в олимпиаде"
                    };
                    absences.note(lesson, pupil, AttendanceStatus::Excused, None, Some(reason));
                }
                _ => {}
            }
        }
    }
    absences
}

/// The days each pupil is ill: now and then two to four days with lessons in a row.
fn spells(
    lessons: &[Lesson],
    pupils: &[Rc<Pupil>],
    calendar: &Calendar,
    dice: &mut Dice,
) -> HashMap<String, HashSet<NaiveDate>> {
    let mut days: Vec<NaiveDate> = lessons.iter().map(|lesson| lesson.row.date).collect();
    days.sort_unstable();
    days.dedup();
    days.retain(|day| *day <= calendar.today());
    let mut ill: HashMap<String, HashSet<NaiveDate>> = HashMap::new();
    for pupil in pupils {
        let mut left = 0;
        for day in &days {
            if left == 0 && dice.happens(90) {
                left = dice.between(2, 4);
            }
            if left > 0 {
                left -= 1;
                ill.entry(pupil.number.clone()).or_default().insert(*day);
            }
        }
    }
    ill
}
