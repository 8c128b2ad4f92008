//! What pupils get: points by what they are able to, a few remarks, a few corrections.

use std::rc::Rc;

use domain::intake::{Assessment, Grade};
use domain::types::{GradeKind, GradeStatus, Language};

use super::absences::Absences;
use super::dice::Dice;
use super::lessons::Lesson;
use super::roster::Pupil;
use super::subjects::Marks;

/// A grade as it is written first, and what it becomes on the next day, if it does.
pub struct Mark {
    pub grade: Grade,
    pub later: Option<Grade>,
}

/// How many grades a pupil gets in a school year.
pub const A_YEAR: i64 = 300;

const PRAISE_KK: &[&str] = &[
    "Жарайсың!",
    "Тақтада жақсы жауап берді",
    "Сабаққа белсенді қатысты",
    "Есепті өз бетінше шығарды",
    "Жауабы толық әрі дәл",
];
const PRAISE_RU: &[&str] =
    &["Молодец!", "Хорошо отвечал у доски", "Активная работа на уроке", "Решение без ошибок", "Полный и точный ответ"];
const ADVICE_KK: &[&str] =
    &["Ережені қайталау керек", "Тақырыпты қайта оқып келу", "Есептеуде қате көп", "Үй жұмысына дайындалмаған"];
const ADVICE_RU: &[&str] =
    &["Повторить правило", "Перечитать параграф", "Много вычислительных ошибок", "Не готов к уроку"];

/// The grades of a lesson; `often` in ten thousand pupils get one where nothing is written.
pub fn of_lesson(lesson: &Lesson, absences: &Absences, often: i64, dice: &mut Dice) -> Vec<Mark> {
    let mut marks = Vec::new();
    for pupil in &lesson.course.members {
        let away = absences.has(lesson, pupil);
        let grade = match &lesson.work {
            Some(work) if away => Some(not_assessed(lesson, pupil, work)),
            Some(work) => Some(of_work(lesson, pupil, work, dice)),
            None if !away && dice.happens(often) => Some(of_answer(lesson, pupil, dice)),
            None => None,
        };
        marks.extend(grade.map(|grade| Mark { later: second_thought(&grade, dice), grade }));
    }
    marks
}

/// A grade without points yet.
pub fn blank(lesson: &Lesson, pupil: &Pupil, kind: GradeKind, status: GradeStatus) -> Grade {
    Grade {
        external_id: format!("g-{}-{}", pupil.number, lesson.row.external_id),
        student: pupil.number.clone(),
        course: lesson.row.course.clone(),
        lesson: Some(lesson.row.external_id.clone()),
        assessment: None,
        kind,
        status,
        value: None,
        points: None,
        max_points: None,
        weight: 100,
        comment: None,
        graded_on: lesson.row.date,
        removed: false,
    }
}

/// The grade with this many points of so many; the value a parent reads is the number of points.
pub fn with_points(mut grade: Grade, points: i64, most: i64) -> Grade {
    grade.value = Some(points.to_string());
    (grade.points, grade.max_points) = (Some(points * 100), Some(most * 100));
    grade
}

fn not_assessed(lesson: &Lesson, pupil: &Pupil, work: &Rc<Assessment>) -> Grade {
    let grade = blank(lesson, pupil, work.kind, GradeStatus::NotAssessed);
    let reason = if lesson.class.language == Language::Kk {
        "Сабақта болған жоқ, кейін тапсырады"
    } else {
        "Отсутствовал, напишет позже"
    };
    Grade { comment: Some(reason.to_owned()), ..for_work(grade, work) }
}

fn for_work(grade: Grade, work: &Rc<Assessment>) -> Grade {
    Grade { assessment: Some(work.external_id.clone()), weight: work.weight, max_points: work.max_points, ..grade }
}

fn of_work(lesson: &Lesson, pupil: &Pupil, work: &Rc<Assessment>, dice: &mut Dice) -> Grade {
    let status = match dice.between(1, 1000) {
        1..=8 => GradeStatus::NotSubmitted,
        9..=11 => GradeStatus::Exempt,
        _ => GradeStatus::Graded,
    };
    let grade = for_work(blank(lesson, pupil, work.kind, status), work);
    if status != GradeStatus::Graded {
        return grade;
    }
    let most = work.max_points.unwrap_or(2000) / 100;
    with_points(grade, scored(pupil, lesson, most, dice), most)
}

fn scored(pupil: &Pupil, lesson: &Lesson, most: i64, dice: &mut Dice) -> i64 {
    let percent = (pupil.ability(lesson.course.subject) + dice.between(-14, 14)).clamp(15, 100);
    ((most * percent + 50) / 100).clamp(1, most)
}

fn of_answer(lesson: &Lesson, pupil: &Pupil, dice: &mut Dice) -> Grade {
    let kazakh = lesson.class.language == Language::Kk;
    if lesson.course.subject.marks == Marks::Pass {
        let exempt = pupil.is_excused(lesson.course.subject) || dice.happens(400);
        let status = if exempt { GradeStatus::Exempt } else { GradeStatus::Graded };
        let value = (status == GradeStatus::Graded).then(|| passed(kazakh).to_owned());
        return Grade { value, ..blank(lesson, pupil, GradeKind::Formative, status) };
    }
    let kind = match dice.between(1, 100) {
        1..=76 => GradeKind::Formative,
        77..=86 => GradeKind::Classwork,
        87..=96 => GradeKind::Homework,
        _ => GradeKind::Test,
    };
    if kind == GradeKind::Homework && dice.happens(600) {
        return blank(lesson, pupil, kind, GradeStatus::NotSubmitted);
    }
    let points = scored(pupil, lesson, 10, dice);
    let comment = dice.happens(1500).then(|| dice.pick(remarks(kazakh, points)).to_owned());
    Grade { comment, ..with_points(blank(lesson, pupil, kind, GradeStatus::Graded), points, 10) }
}

pub fn passed(kazakh: bool) -> &'static str {
    if kazakh { "есептелді" } else { "зачёт" }
}

fn remarks(kazakh: bool, points: i64) -> &'static [&'static str] {
    match (kazakh, points >= 7) {
        (true, true) => PRAISE_KK,
        (true, false) => ADVICE_KK,
        (false, true) => PRAISE_RU,
        (false, false) => ADVICE_RU,
    }
}

/// Now and then a teacher corrects a grade by a point, or takes one back that was another pupil's.
fn second_thought(grade: &Grade, dice: &mut Dice) -> Option<Grade> {
    let (points, most) = (grade.points? / 100, grade.max_points? / 100);
    match dice.between(1, 1000) {
        1..=6 => Some(with_points(grade.clone(), if points < most { points + 1 } else { points - 1 }, most)),
        7 => Some(Grade { removed: true, ..grade.clone() }),
        _ => None,
    }
}
