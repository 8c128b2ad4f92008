//! The sheets of a workbook and their columns, as people of three languages call them.

use super::columns::{self, Column};
use super::words::key;

/// A sheet that is read. The order is the one in which rows can name those above them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sheet {
    Staff,
    Classes,
    Students,
    Courses,
    Timetable,
    Works,
    Grades,
    Attendance,
    PeriodGrades,
}

/// What belongs to the template and is nobody's data: the words of the drop-down lists.
const LISTS: [&str; 3] = ["Тізімдер", "Списки", "Lists"];

impl Sheet {
    /// In the order in which they are read.
    pub const ALL: [Self; 9] = [
        Self::Staff,
        Self::Classes,
        Self::Students,
        Self::Courses,
        Self::Timetable,
        Self::Works,
        Self::Grades,
        Self::Attendance,
        Self::PeriodGrades,
    ];

    /// In the order in which people fill them in.
    pub(crate) const SHOWN: [Self; 9] = [
        Self::Classes,
        Self::Students,
        Self::Staff,
        Self::Courses,
        Self::Timetable,
        Self::Works,
        Self::Grades,
        Self::Attendance,
        Self::PeriodGrades,
    ];

    /// What the template calls it: in Kazakh, Russian and English.
    pub fn titles(self) -> [&'static str; 3] {
        match self {
            Self::Classes => ["Сыныптар", "Классы", "Classes"],
            Self::Students => ["Оқушылар", "Ученики", "Students"],
            Self::Staff => ["Қызметкерлер", "Сотрудники", "Staff"],
            Self::Courses => ["Пәндер", "Предметы", "Courses"],
            Self::Timetable => ["Сабақ кестесі", "Расписание", "Timetable"],
            Self::Works => ["Жұмыстар", "Работы", "Assessments"],
            Self::Grades => ["Бағалар", "Оценки", "Grades"],
            Self::Attendance => ["Сабаққа қатысу", "Посещаемость", "Attendance"],
            Self::PeriodGrades => ["Қорытынды бағалар", "Итоговые оценки", "Period grades"],
        }
    }

    /// What else people call it.
    fn also(self) -> &'static [&'static str] {
        match self {
            Self::Classes | Self::Timetable | Self::Grades => &[],
            Self::Students => &["Учащиеся", "Обучающиеся", "Білім алушылар", "Pupils"],
            Self::Staff => &["Мұғалімдер", "Учителя", "Педагоги", "Педагогтер", "Teachers"],
            Self::Courses => &["Пәндер мен курстар", "Предметы и курсы", "Subjects and courses", "Subjects"],
            Self::Works => &["Бағалау жұмыстары", "Works", "Контрольные работы"],
            Self::Attendance => &["Қатысу", "Пропуски"],
            Self::PeriodGrades => &["Тоқсандық бағалар", "Четвертные оценки", "Табель"],
        }
    }

    fn names(self) -> impl Iterator<Item = &'static str> {
        self.titles().into_iter().chain(self.also().iter().copied())
    }

    /// The sheet with this name in any of the languages.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = key(name);
        Self::ALL.into_iter().find(|sheet| sheet.names().any(|known| key(known) == name))
    }

    /// The sheet a file is a copy of: spreadsheets save «Мектеп 7 - Бағалар.csv». The longest name decides, because some end
    /// like others.
    pub(crate) fn of_file(stem: &str) -> Option<Self> {
        let stem = key(stem);
        let ends = |known: &str| stem.ends_with(&key(known)).then(|| key(known).len());
        let longest = |sheet: Self| sheet.names().filter_map(ends).max();
        Self::ALL.into_iter().filter_map(|sheet| Some((longest(sheet)?, sheet))).max().map(|(_, sheet)| sheet)
    }

    /// Whether a sheet is a part of the template that holds no data.
    pub(crate) fn is_lists(name: &str) -> bool {
        LISTS.iter().any(|known| key(known) == key(name))
    }

    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::Classes => columns::CLASSES,
            Self::Students => columns::STUDENTS,
            Self::Staff => columns::STAFF,
            Self::Courses => columns::COURSES,
            Self::Timetable => columns::TIMETABLE,
            Self::Works => columns::WORKS,
            Self::Grades => columns::GRADES,
            Self::Attendance => columns::ATTENDANCE,
            Self::PeriodGrades => columns::PERIOD_GRADES,
        }
    }
}

/// The sheet of the drop-down lists, by language.
pub(crate) fn lists_title(language: usize) -> &'static str {
    LISTS.get(language).copied().unwrap_or("Lists")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_are_known_in_three_languages_and_in_any_case() {
        for sheet in Sheet::ALL {
            for title in sheet.titles() {
                assert_eq!(Sheet::named(&format!(" {} ", title.to_uppercase())), Some(sheet), "{title}");
                assert!(title.chars().count() <= 31, "Excel takes no longer name: {title}");
            }
        }
        assert_eq!(Sheet::named("Столовая"), None);
        assert!(Sheet::is_lists("списки") && !Sheet::is_lists("Классы"));
    }

    #[test]
    fn a_file_is_known_by_the_end_of_its_name() {
        assert_eq!(Sheet::of_file("Мектеп 7 - Бағалар"), Some(Sheet::Grades));
        assert_eq!(Sheet::of_file("Школа_Итоговые оценки"), Some(Sheet::PeriodGrades));
        assert_eq!(Sheet::of_file("students"), Some(Sheet::Students));
        assert_eq!(Sheet::of_file("notes"), None);
    }
}
