//! The rows the template brings along to show how a sheet is filled in; they are never imported.

use std::collections::HashSet;
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveTime};

use super::Sheet;
use super::cells::Cells;
use super::columns::Field;
use super::dates;
use super::values::Value;
use super::words::key;
use crate::report::Flaw;

/// What marks a row as an example, in the three languages.
pub(crate) const MARK: [&str; 3] = ["үлгі", "пример", "example"];

/// A cell of an example.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Sample {
    /// The same in all languages.
    Same(&'static str),
    /// In Kazakh, Russian and English.
    Each([&'static str; 3]),
    Number(f64),
    /// Year, month, day.
    Day(i32, u32, u32),
    Time(u32, u32),
}

impl Sample {
    pub(crate) fn text(self, language: usize) -> Option<&'static str> {
        match self {
            Self::Same(text) => Some(text),
            Self::Each(texts) => texts.get(language).copied(),
            _ => None,
        }
    }

    /// As the sheet shows it.
    fn shown(self, language: usize) -> Option<String> {
        match self {
            Self::Number(number) => Value::Number(number).text(),
            Self::Day(..) => self.day().map(dates::shown),
            Self::Time(..) => self.time().map(dates::shown_time),
            _ => self.text(language).map(str::to_owned),
        }
    }

    pub(crate) fn day(self) -> Option<NaiveDate> {
        let Self::Day(year, month, day) = self else { return None };
        NaiveDate::from_ymd_opt(year, month, day)
    }

    pub(crate) fn time(self) -> Option<NaiveTime> {
        let Self::Time(hour, minute) = self else { return None };
        NaiveTime::from_hms_opt(hour, minute, 0)
    }
}

use Sample::{Day, Each, Number, Same, Time};

type Row = &'static [(Field, Sample)];

const CLASS: (Field, Sample) = (Field::Class, Sample::Same("7 Ә"));
const ALGEBRA: (Field, Sample) = (Field::Subject, Sample::Each(["Алгебра", "Алгебра", "Algebra"]));
const ENGLISH: (Field, Sample) = (Field::Subject, Sample::Each(["Ағылшын тілі", "Английский язык", "English"]));
const TEACHER: (Field, Sample) = (Field::Teacher, Sample::Same("Сериков Болат Маратұлы"));
const STUDENT: (Field, Sample) = (Field::Student, Sample::Same("1001"));
const WORK: &str = "БЖБ/СОР 1";
const SECTION: (Field, Sample) = (Field::Kind, Sample::Each(["БЖБ", "СОР", "section"]));

pub(crate) fn of(sheet: Sheet) -> &'static [Row] {
    match sheet {
        Sheet::Classes => CLASSES,
        Sheet::Students => STUDENTS,
        Sheet::Staff => STAFF,
        Sheet::Courses => COURSES,
        Sheet::Timetable => TIMETABLE,
        Sheet::Works => WORKS,
        Sheet::Grades => GRADES,
        Sheet::Attendance => ATTENDANCE,
        Sheet::PeriodGrades => PERIOD_GRADES,
    }
}

const CLASSES: &[Row] = &[&[
    CLASS,
    (Field::Year, Same("2026/27")),
    (Field::Language, Each(["қазақша", "казахский", "Kazakh"])),
    (Field::Shift, Number(1.0)),
    TEACHER,
]];

const STUDENTS: &[Row] = &[&[
    (Field::Number, Same("1001")),
    (Field::FullName, Same("Омарова Әлия Ержанқызы")),
    CLASS,
    (Field::BirthDate, Day(2013, 5, 14)),
    (Field::Sex, Each(["қыз", "жен", "female"])),
    (Field::Since, Day(2026, 9, 1)),
    (Field::Relation(1), Each(["анасы", "мать", "mother"])),
    (Field::GuardianName(1), Same("Омарова Сауле Талғатқызы")),
    (Field::Phone(1), Same("8 701 000 00 01")),
    (Field::Email(1), Same("saule@example.kz")),
    (Field::Relation(2), Each(["әкесі", "отец", "father"])),
    (Field::GuardianName(2), Same("Омаров Ержан Асқарұлы")),
    (Field::Phone(2), Same("8 701 000 00 02")),
]];

const STAFF: &[Row] = &[&[(Field::Number, Same("T-01")), (Field::FullName, Same("Сериков Болат Маратұлы"))]];

const COURSES: &[Row] = &[
    &[ALGEBRA, CLASS, TEACHER],
    &[ENGLISH, CLASS, (Field::Subgroup, Same("1")), TEACHER, (Field::Members, Same("1001, 1002"))],
];

const TIMETABLE: &[Row] = &[&[
    (Field::Weekday, Each(["дүйсенбі", "понедельник", "Monday"])),
    (Field::Lesson, Number(1.0)),
    CLASS,
    ALGEBRA,
    (Field::Room, Same("205")),
    (Field::Begins, Time(8, 0)),
    (Field::Ends, Time(8, 45)),
]];

const WORKS: &[Row] = &[&[
    CLASS,
    ALGEBRA,
    (Field::Title, Same(WORK)),
    SECTION,
    (Field::Date, Day(2026, 10, 12)),
    (Field::MaxPoints, Number(20.0)),
]];

const GRADES: &[Row] = &[
    &[STUDENT, ALGEBRA, (Field::Date, Day(2026, 9, 7)), (Field::Lesson, Number(1.0)), (Field::Grade, Number(9.0))],
    &[STUDENT, ALGEBRA, (Field::Date, Day(2026, 10, 12)), (Field::Work, Same(WORK)), (Field::Grade, Number(17.0))],
];

const ATTENDANCE: &[Row] = &[&[
    STUDENT,
    (Field::Date, Day(2026, 9, 14)),
    (Field::Lesson, Number(1.0)),
    (Field::Status, Each(["кешікті", "опоздал", "late"])),
    (Field::Minutes, Number(10.0)),
]];

const PERIOD_GRADES: &[Row] = &[&[
    STUDENT,
    ALGEBRA,
    (Field::Period, Each(["1-тоқсан", "1 четверть", "quarter 1"])),
    (Field::Grade, Number(5.0)),
    (Field::Percent, Number(87.0)),
]];

/// The texts of all examples, by sheet.
static KNOWN: LazyLock<HashSet<(Sheet, String)>> = LazyLock::new(|| {
    let mut known = HashSet::new();
    for sheet in Sheet::ALL {
        for (_, sample) in of(sheet).iter().copied().flatten() {
            known.extend((0..3).filter_map(|language| Some((sheet, key(&sample.shown(language)?)))));
        }
    }
    known
});

/// Whether a row is an example of the template. One that is marked so but was filled in with something else would be lost,
/// so it is an error.
pub(crate) fn is_example(cells: &Cells<'_>) -> Result<bool, Flaw> {
    let Some(mark) = cells.raw(Field::Mark) else { return Ok(false) };
    if !MARK.iter().any(|known| key(known) == key(&mark)) {
        let mend = "Clear the cell: the column only marks the examples of the template";
        return Err(cells.flaw(Field::Mark, "this is no mark of an example", mend));
    }
    let sheet = cells.heading.sheet;
    let own = |text: &String| key(text) != key(&mark);
    if cells.texts().filter(own).all(|text| KNOWN.contains(&(sheet, key(&text)))) {
        return Ok(true);
    }
    let reason = "the row is marked as an example, but it is not the template's";
    Err(cells.flaw(Field::Mark, reason, "Clear the mark so that the row is imported, or delete the row"))
}
