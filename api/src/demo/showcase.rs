//! The first child's diary: every kind and status of a grade, every kind of absence, in the last weeks with lessons.

use chrono::NaiveDate;
use domain::intake::Grade;
use domain::types::{AttendanceStatus, GradeKind, GradeStatus, Word};

use super::absences::Absences;
use super::calendar::Calendar;
use super::lessons::Lesson;
use super::marks::{Mark, blank, with_points};
use super::roster::Pupil;
use super::subjects::Marks;

/// The child's days with lessons, the last one first, each with the lessons that took place.
pub type Days<'a> = Vec<(NaiveDate, Vec<&'a Lesson>)>;

/// So many days are enough for everything.
const DAYS: usize = 12;

pub fn days<'a>(lessons: &'a [Lesson], pupil: &Pupil, calendar: &Calendar) -> Days<'a> {
    let own = |lesson: &&Lesson| lesson.course.members.iter().any(|member| member.number == pupil.number);
    let over = |lesson: &&Lesson| lesson.took_place(calendar) && lesson.row.date <= calendar.shown.1;
    let mut days: Days<'a> = Vec::new();
    for lesson in lessons.iter().rev().filter(own).filter(over) {
        let full = days.len() == DAYS;
        match days.last_mut() {
            Some((date, met)) if *date == lesson.row.date => met.push(lesson),
            _ if full => break,
            _ => days.push((lesson.row.date, vec![lesson])),
        }
    }
    for (_, met) in &mut days {
        met.sort_by_key(|lesson| lesson.row.number);
    }
    days
}

/// Late, excused, absent, and two days ill.
pub fn absences(days: &Days, pupil: &Pupil, absences: &mut Absences) {
    let at = |day: usize, nth: usize| days.get(day).and_then(|(_, met)| met.get(nth)).copied();
    for (lesson, minutes, comment) in [(at(1, 0), 7, "Көлік кептелісі"), (at(6, 0), 12, "Ұйықтап қалды")]
    {
        if let Some(lesson) = lesson {
            absences.note(lesson, pupil, AttendanceStatus::Late, Some(minutes), Some(comment));
        }
    }
    if let Some(lesson) = at(3, 4) {
        absences.note(lesson, pupil, AttendanceStatus::Excused, None, Some("Қалалық математика олимпиадасы"));
    }
    if let Some(lesson) = at(4, 5) {
        absences.note(lesson, pupil, AttendanceStatus::Absent, None, Some("Себепсіз"));
    }
    for lesson in [8, 9].iter().filter_map(|day| days.get(*day)).flat_map(|(_, met)| met) {
        absences.note(lesson, pupil, AttendanceStatus::Ill, None, Some("Анықтама бар"));
    }
}

/// How many days back, which lesson of that day, what for, points and the most there were, and the teacher's remark.
type Line = (usize, usize, GradeKind, Option<(i64, i64)>, &'static str);

const GRADED: [Line; 8] = [
    (0, 0, GradeKind::Formative, Some((8, 10)), "Жарайсың! Тақтада толық жауап берді"),
    (0, 2, GradeKind::Classwork, Some((9, 10)), "Топтық жұмыста белсенді болды"),
    (1, 3, GradeKind::Test, Some((17, 20)), "Шағын тест: екі қате"),
    (1, 5, GradeKind::Homework, Some((10, 10)), "Үй жұмысы ұқыпты орындалған"),
    (2, 1, GradeKind::Section, Some((16, 20)), "БЖБ қайта тапсырылды"),
    (2, 3, GradeKind::Term, Some((24, 30)), "ТЖБ қосымша күні тапсырылды"),
    (5, 2, GradeKind::Exam, Some((34, 40)), "Байқау емтиханы"),
    (5, 4, GradeKind::Other, None, "Жоба қорғады: «Қаламның тарихы»"),
];
const NOT_GRADED: [(usize, usize, GradeKind, GradeStatus, &str); 3] = [
    (3, 1, GradeKind::Formative, GradeStatus::Exempt, "Дәрігердің анықтамасы бойынша босатылды"),
    (4, 2, GradeKind::Homework, GradeStatus::NotSubmitted, "Үй жұмысын тапсырған жоқ"),
    (7, 3, GradeKind::Section, GradeStatus::NotAssessed, "Ауырып қалды, БЖБ-ны кейін тапсырады"),
];

/// One grade of each kind and each status, a corrected one and one taken back.
pub fn marks(days: &Days, pupil: &Pupil, absences: &Absences) -> Vec<Mark> {
    let at = |day: usize, nth: usize| {
        let there = days.get(day)?.1.iter().filter(|lesson| lesson.work.is_none() && !absences.has(lesson, pupil));
        there.filter(|lesson| lesson.course.subject.marks == Marks::Points).cycle().nth(nth).copied()
    };
    let mut marks = Vec::new();
    for (day, nth, kind, points, comment) in GRADED {
        marks.extend(at(day, nth).map(|lesson| {
            let grade = Grade {
                value: Some("есептелді".to_owned()),
                ..shown(lesson, pupil, kind, GradeStatus::Graded)
            };
            let grade = points.map_or(grade.clone(), |(points, most)| with_points(grade, points, most));
            Mark { grade: Grade { comment: Some(comment.to_owned()), ..grade }, later: None }
        }));
    }
    for (day, nth, kind, status, comment) in NOT_GRADED {
        marks.extend(at(day, nth).map(|lesson| {
            let grade = Grade { comment: Some(comment.to_owned()), ..shown(lesson, pupil, kind, status) };
            Mark { grade, later: None }
        }));
    }
    marks.extend(at(3, 0).map(|lesson| corrected(lesson, pupil)));
    marks.extend(at(6, 1).map(|lesson| taken_back(lesson, pupil)));
    marks
}

fn shown(lesson: &Lesson, pupil: &Pupil, kind: GradeKind, status: GradeStatus) -> Grade {
    let grade = blank(lesson, pupil, kind, status);
    Grade { external_id: format!("{}-{}", grade.external_id, kind.as_str()), ..grade }
}

fn corrected(lesson: &Lesson, pupil: &Pupil) -> Mark {
    let blank = shown(lesson, pupil, GradeKind::Formative, GradeStatus::Graded);
    let first = Grade {
        comment: Some("Соңғы есеп шығарылмаған".to_owned()), ..with_points(blank.clone(), 6, 10)
    };
    let second = "Жұмыс қайта тексерілді: соңғы есеп дұрыс, баға түзетілді";
    let later = Grade { comment: Some(second.to_owned()), ..with_points(blank, 8, 10) };
    Mark { grade: first, later: Some(later) }
}

fn taken_back(lesson: &Lesson, pupil: &Pupil) -> Mark {
    let blank = shown(lesson, pupil, GradeKind::Formative, GradeStatus::Graded);
    let grade =
        Grade { comment: Some("Басқа оқушының бағасы".to_owned()), ..with_points(blank, 3, 10) };
    Mark { later: Some(Grade { removed: true, ..grade.clone() }), grade }
}
