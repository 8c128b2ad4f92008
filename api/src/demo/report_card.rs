//! Report cards: the grades of every closed term, of the year, of exams, and the final ones.

use domain::intake::PeriodGrade;
use domain::types::{GradeStatus, Language, PeriodGradeKind};

use super::calendar::{Calendar, Year};
use super::dice::Dice;
use super::marks::passed;
use super::roster::{Class, Pupil};
use super::subjects::{self, Marks, Subject};

/// What a report card says of a class in its year, as far as it is closed.
pub fn of_class(class: &Class, calendar: &Calendar, dice: &mut Dice) -> Vec<PeriodGrade> {
    let Some(year) = calendar.years.iter().find(|year| year.start == class.year) else { return Vec::new() };
    let mut set = Vec::new();
    for pupil in &class.pupils {
        for (subject, _) in subjects::plan(class.level, class.language) {
            set.extend(match subject.marks {
                Marks::Points => graded(class, pupil, subject, year, calendar, dice),
                Marks::Pass => passes(class, pupil, subject, year, calendar),
            });
        }
    }
    set
}

fn entry(pupil: &Pupil, subject: &Subject, period: &str, kind: PeriodGradeKind) -> PeriodGrade {
    let letter = match kind {
        PeriodGradeKind::Period => "p",
        PeriodGradeKind::Year => "y",
        PeriodGradeKind::Exam => "e",
        PeriodGradeKind::Final => "f",
    };
    PeriodGrade {
        external_id: format!("r{letter}-{}-{}-{period}", pupil.number, subject.key),
        student: pupil.number.clone(),
        subject: subject.key.to_owned(),
        period: period.to_owned(),
        kind,
        status: GradeStatus::Graded,
        value: None,
        percent: None,
    }
}

fn graded(
    class: &Class,
    pupil: &Pupil,
    subject: &Subject,
    year: &Year,
    calendar: &Calendar,
    dice: &mut Dice,
) -> Vec<PeriodGrade> {
    let mut set = Vec::new();
    let mut marks = Vec::new();
    for term in year.terms.iter().filter(|term| calendar.is_closed(term.to)) {
        let blank = entry(pupil, subject, &term.external_id, PeriodGradeKind::Period);
        // Hundredths of a percent: a term's result is rarely a whole one.
        let percent = (pupil.ability(subject) * 100 + dice.between(-600, 600)).clamp(2500, 10_000);
        if dice.happens(40) {
            set.push(PeriodGrade { status: GradeStatus::NotAssessed, ..blank });
            continue;
        }
        marks.push(mark(percent));
        set.push(PeriodGrade { value: Some(mark(percent).to_string()), percent: Some(percent), ..blank });
    }
    if !calendar.is_closed(year.last_day) || marks.is_empty() {
        return set;
    }
    let of_year = |kind, mark: i64| PeriodGrade {
        value: Some(mark.to_string()),
        ..entry(pupil, subject, &year.external_id, kind)
    };
    let count = i64::try_from(marks.len()).unwrap_or(1);
    let mean = marks.iter().sum::<i64>() * 100 / count;
    let mut last = (mean + 50) / 100;
    set.push(of_year(PeriodGradeKind::Year, last));
    if subjects::has_exam(class.level, subject) {
        let exam = (last + dice.between(-1, 1)).clamp(3, 5);
        set.push(of_year(PeriodGradeKind::Exam, exam));
        // Seven parts of the unrounded year and three of the exam.
        last = (mean * 7 + exam * 300 + 500) / 1000;
    }
    set.push(of_year(PeriodGradeKind::Final, last));
    set
}

/// The grade of a percent in hundredths, which is rounded to a whole one first.
fn mark(percent: i64) -> i64 {
    match (percent + 50) / 100 {
        ..=39 => 2,
        40..=64 => 3,
        65..=84 => 4,
        _ => 5,
    }
}

fn passes(class: &Class, pupil: &Pupil, subject: &Subject, year: &Year, calendar: &Calendar) -> Vec<PeriodGrade> {
    let terms = year.terms.iter().filter(|term| calendar.is_closed(term.to));
    let mut set: Vec<PeriodGrade> =
        terms.map(|term| entry(pupil, subject, &term.external_id, PeriodGradeKind::Period)).collect();
    if calendar.is_closed(year.last_day) {
        set.push(entry(pupil, subject, &year.external_id, PeriodGradeKind::Year));
        set.push(entry(pupil, subject, &year.external_id, PeriodGradeKind::Final));
    }
    for grade in &mut set {
        if pupil.is_excused(subject) {
            grade.status = GradeStatus::Exempt;
        } else {
            grade.value = Some(passed(class.language == Language::Kk).to_owned());
        }
    }
    set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percent_is_rounded_half_up_before_it_becomes_a_grade() {
        let borders = [(3949, 2), (3950, 3), (6449, 3), (6450, 4), (8449, 4), (8450, 5)];
        assert!(borders.iter().all(|(percent, grade)| mark(*percent) == *grade));
    }
}
