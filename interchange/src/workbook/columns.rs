//! The columns of each sheet: their headings in three languages, whether a row can do without them, how they look.

pub(crate) use super::field::Field;
use super::words::List;

/// How the cells of a column look in the template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    Text,
    /// Text even if it is all digits: «0017» keeps its zeros.
    Digits,
    Date,
    Time,
    Number,
    List(List),
}

/// One column of a sheet.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) field: Field,
    /// In Kazakh, Russian and English; the template writes these.
    pub(crate) titles: [&'static str; 3],
    /// What else people write above it.
    pub(crate) also: &'static [&'static str],
    /// Whether the sheet is useless without it.
    pub(crate) needed: bool,
    pub(crate) look: Look,
    /// In characters; a column of width 0 is read, but not in the template.
    pub(crate) width: u8,
}

const fn column(
    field: Field,
    titles: [&'static str; 3],
    also: &'static [&'static str],
    look: Look,
    width: u8,
) -> Column {
    Column { field, titles, also, needed: false, look, width }
}

const fn needed(
    field: Field,
    titles: [&'static str; 3],
    also: &'static [&'static str],
    look: Look,
    width: u8,
) -> Column {
    Column { field, titles, also, needed: true, look, width }
}

const MARK: Column = column(Field::Mark, ["Үлгі", "Пример", "Example"], &[], Look::Text, 10);
const CLASS: Column = needed(Field::Class, ["Сынып", "Класс", "Class"], &["Сыныбы"], Look::List(List::Classes), 10);
const SUBJECT: Column =
    needed(Field::Subject, ["Пән", "Предмет", "Subject"], &["Пәні", "Дисциплина"], Look::List(List::Subjects), 24);
const SUBGROUP: Column =
    column(Field::Subgroup, ["Топша", "Подгруппа", "Subgroup"], &["Топ", "Группа", "Group"], Look::Text, 12);
const STUDENT: Column = needed(
    Field::Student,
    ["Оқушы нөмірі", "Номер ученика", "Student no."],
    &["Оқушының нөмірі", "№ ученика", "№ оқушы", "Student number", "Ученик", "Оқушы", "Student"],
    Look::Digits,
    16,
);
const NUMBER: &[&str] = &["№", "Нөмірі", "Номер", "Number", "Код", "Табельный номер", "Табельный №", "Личный номер"];
const NAME: Column = column(
    Field::FullName,
    ["Аты-жөні", "ФИО", "Full name"],
    &["Тегі аты әкесінің аты", "Т.А.Ә.", "Ф.И.О.", "Фамилия имя отчество", "Name", "Фамилия имя"],
    Look::Text,
    34,
);
const LAST: Column = column(Field::Last, ["Тегі", "Фамилия", "Last name"], &["Surname", "Family name"], Look::Text, 0);
const FIRST: Column = column(Field::First, ["Аты", "Имя", "First name"], &["Given name"], Look::Text, 0);
const MIDDLE: Column =
    column(Field::Middle, ["Әкесінің аты", "Отчество", "Middle name"], &["Patronymic"], Look::Text, 0);
const TEACHER: Column = column(
    Field::Teacher,
    ["Мұғалім", "Учитель", "Teacher"],
    &["Мұғалімі", "Педагог", "Преподаватель"],
    Look::List(List::Staff),
    30,
);
const LESSON: [&str; 3] = ["Сабақ №", "Урок №", "Lesson no."];
const LESSON_ALSO: &[&str] = &["Сабақ нөмірі", "Номер урока", "№ урока", "Lesson", "Lesson number", "Урок", "Сабақ"];
const DATE: Column = needed(Field::Date, ["Күні", "Дата", "Date"], &["Күн", "День"], Look::Date, 13);
const COMMENT: Column = column(
    Field::Comment,
    ["Түсініктеме", "Комментарий", "Comment"],
    &["Ескертпе", "Примечание", "Note", "Пікір"],
    Look::Text,
    30,
);

pub(crate) const CLASSES: &[Column] = &[
    MARK,
    Column { look: Look::Text, ..CLASS },
    column(Field::Year, ["Оқу жылы", "Учебный год", "School year"], &["Жыл", "Год", "Year"], Look::Text, 14),
    column(
        Field::Language,
        ["Оқыту тілі", "Язык обучения", "Language of instruction"],
        &["Тілі", "Язык", "Language"],
        Look::List(List::Languages),
        22,
    ),
    column(Field::Shift, ["Ауысым", "Смена", "Shift"], &["Ауысымы"], Look::List(List::Shifts), 10),
    column(
        Field::Teacher,
        ["Сынып жетекшісі", "Классный руководитель", "Class teacher"],
        &["Кл. руководитель", "Homeroom teacher"],
        Look::List(List::Staff),
        34,
    ),
];

pub(crate) const STUDENTS: &[Column] = &[
    MARK,
    needed(
        Field::Number,
        ["Оқушы нөмірі", "Номер ученика", "Student no."],
        &["№", "Нөмірі", "Номер", "Number", "Student number", "Оқушының нөмірі", "№ ученика", "Личный номер", "Код"],
        Look::Digits,
        16,
    ),
    NAME,
    LAST,
    FIRST,
    MIDDLE,
    CLASS,
    column(
        Field::BirthDate,
        ["Туған күні", "Дата рождения", "Birth date"],
        &["Date of birth", "День рождения", "Туған жылы, айы, күні"],
        Look::Date,
        14,
    ),
    column(Field::Sex, ["Жынысы", "Пол", "Sex"], &["Gender", "Жыныс"], Look::List(List::Sexes), 10),
    column(
        Field::Since,
        ["Сыныпта, бастап", "В классе с", "In the class from"],
        &["Дата зачисления", "Қабылданған күні", "Since"],
        Look::Date,
        16,
    ),
    column(
        Field::Until,
        ["Сыныпта, дейін", "В классе по", "In the class until"],
        &["Дата выбытия", "Кеткен күні", "Until"],
        Look::Date,
        16,
    ),
    guardian_number(1),
    relation(1),
    guardian_name(1),
    phone(1),
    email(1),
    guardian_number(2),
    relation(2),
    guardian_name(2),
    phone(2),
    email(2),
];

const fn of(nth: u8, first: [&'static str; 3], second: [&'static str; 3]) -> [&'static str; 3] {
    if nth == 1 { first } else { second }
}

const fn guardian_number(nth: u8) -> Column {
    let titles = of(
        nth,
        ["1-ата-ана: нөмірі", "Родитель 1: номер", "Guardian 1: number"],
        ["2-ата-ана: нөмірі", "Родитель 2: номер", "Guardian 2: number"],
    );
    column(Field::GuardianNumber(nth), titles, &[], Look::Digits, 18)
}

const fn relation(nth: u8) -> Column {
    let titles = of(
        nth,
        ["1-ата-ана: кім болады", "Родитель 1: кем приходится", "Guardian 1: relation"],
        ["2-ата-ана: кім болады", "Родитель 2: кем приходится", "Guardian 2: relation"],
    );
    column(Field::Relation(nth), titles, &[], Look::List(List::Relations), 26)
}

const fn guardian_name(nth: u8) -> Column {
    let titles = of(
        nth,
        ["1-ата-ана: аты-жөні", "Родитель 1: ФИО", "Guardian 1: full name"],
        ["2-ата-ана: аты-жөні", "Родитель 2: ФИО", "Guardian 2: full name"],
    );
    column(Field::GuardianName(nth), titles, &[], Look::Text, 34)
}

const fn phone(nth: u8) -> Column {
    let titles = of(
        nth,
        ["1-ата-ана: телефон", "Родитель 1: телефон", "Guardian 1: phone"],
        ["2-ата-ана: телефон", "Родитель 2: телефон", "Guardian 2: phone"],
    );
    column(Field::Phone(nth), titles, &[], Look::Digits, 20)
}

const fn email(nth: u8) -> Column {
    let titles = of(
        nth,
        ["1-ата-ана: e-mail", "Родитель 1: e-mail", "Guardian 1: e-mail"],
        ["2-ата-ана: e-mail", "Родитель 2: e-mail", "Guardian 2: e-mail"],
    );
    column(Field::Email(nth), titles, &[], Look::Text, 26)
}

pub(crate) const STAFF: &[Column] = &[
    MARK,
    column(Field::Number, ["Қызметкер нөмірі", "Номер сотрудника", "Staff no."], NUMBER, Look::Digits, 18),
    NAME,
    LAST,
    FIRST,
    MIDDLE,
];

pub(crate) const COURSES: &[Column] = &[
    MARK,
    Column { look: Look::Text, ..SUBJECT },
    CLASS,
    SUBGROUP,
    TEACHER,
    column(
        Field::Members,
        ["Топша оқушыларының нөмірлері", "Номера учеников подгруппы", "Student nos. of the subgroup"],
        &["Оқушылар", "Ученики", "Students", "Members"],
        Look::Digits,
        34,
    ),
];

pub(crate) const TIMETABLE: &[Column] = &[
    MARK,
    needed(
        Field::Weekday,
        ["Апта күні", "День недели", "Weekday"],
        &["Күн", "Күні", "День", "Day"],
        Look::List(List::Weekdays),
        14,
    ),
    needed(Field::Lesson, LESSON, LESSON_ALSO, Look::Number, 11),
    CLASS,
    SUBJECT,
    SUBGROUP,
    TEACHER,
    column(Field::Room, ["Кабинет", "Кабинет", "Room"], &["Бөлме", "Аудитория"], Look::Digits, 10),
    column(Field::Begins, ["Басталуы", "Начало", "Begins"], &["Сағат, бастап", "Время с", "From"], Look::Time, 11),
    column(
        Field::Ends,
        ["Аяқталуы", "Конец", "Ends"],
        &["Окончание", "Сағат, дейін", "Время по", "To"],
        Look::Time,
        11,
    ),
    column(Field::Since, ["Қолданыста, бастап", "Действует с", "Valid from"], &["Since"], Look::Date, 18),
    column(Field::Until, ["Қолданыста, дейін", "Действует по", "Valid until"], &["Until"], Look::Date, 18),
];

pub(crate) const WORKS: &[Column] = &[
    MARK,
    CLASS,
    SUBJECT,
    SUBGROUP,
    needed(
        Field::Title,
        ["Жұмыс атауы", "Название работы", "Title"],
        &["Атауы", "Название", "Жұмыс", "Работа", "Work", "Assessment"],
        Look::Text,
        28,
    ),
    needed(Field::Kind, ["Түрі", "Вид", "Kind"], &["Жұмыс түрі", "Вид работы", "Тип"], Look::List(List::Kinds), 20),
    DATE,
    column(
        Field::MaxPoints,
        ["Ең жоғары балл", "Максимальный балл", "Maximum points"],
        &["Макс. балл", "Max points", "Out of"],
        Look::Number,
        18,
    ),
    column(Field::Weight, ["Салмағы", "Вес", "Weight"], &[], Look::Number, 10),
];

pub(crate) const GRADES: &[Column] = &[
    MARK,
    STUDENT,
    SUBJECT,
    SUBGROUP,
    DATE,
    column(Field::Lesson, LESSON, LESSON_ALSO, Look::Number, 11),
    column(
        Field::Work,
        ["Жұмыс", "Работа", "Assessment"],
        &["Жұмыс атауы", "Название работы", "Work", "Title"],
        Look::Text,
        26,
    ),
    column(Field::Kind, ["Түрі", "Вид", "Kind"], &["Баға түрі", "Вид оценки", "Тип"], Look::List(List::Kinds), 20),
    needed(Field::Grade, ["Баға", "Оценка", "Grade"], &["Бағасы", "Отметка", "Mark"], Look::Text, 10),
    column(Field::Points, ["Балл", "Балл", "Points"], &["Баллы", "Ұпай", "Score"], Look::Number, 10),
    column(Field::Status, ["Мәртебе", "Статус", "Status"], &["Күйі"], Look::List(List::GradeStatuses), 18),
    COMMENT,
];

pub(crate) const ATTENDANCE: &[Column] = &[
    MARK,
    STUDENT,
    DATE,
    column(Field::Lesson, LESSON, LESSON_ALSO, Look::Number, 11),
    Column { needed: false, ..SUBJECT },
    needed(
        Field::Status,
        ["Мәртебе", "Статус", "Status"],
        &["Күйі", "Посещаемость", "Қатысу", "Attendance", "Отметка", "Белгісі"],
        Look::List(List::Presences),
        24,
    ),
    column(
        Field::Minutes,
        ["Неше минут кешікті", "Опоздание, минут", "Minutes late"],
        &["Минут", "Minutes"],
        Look::Number,
        20,
    ),
    COMMENT,
];

pub(crate) const PERIOD_GRADES: &[Column] = &[
    MARK,
    STUDENT,
    SUBJECT,
    needed(
        Field::Period,
        ["Кезең", "Период", "Period"],
        &["Тоқсан", "Четверть", "Полугодие", "Term"],
        Look::List(List::Periods),
        18,
    ),
    needed(Field::Grade, ["Баға", "Оценка", "Grade"], &["Бағасы", "Отметка", "Mark"], Look::Text, 10),
    column(Field::Percent, ["Пайыз", "Процент", "Percent"], &["%"], Look::Number, 10),
    column(Field::Status, ["Мәртебе", "Статус", "Status"], &["Күйі"], Look::List(List::GradeStatuses), 18),
];

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::workbook::Sheet;
    use crate::workbook::words::key;

    #[test]
    fn no_heading_of_a_sheet_means_two_things() {
        for sheet in Sheet::ALL {
            let mut known: HashMap<String, Field> = HashMap::new();
            for column in sheet.columns() {
                for title in column.titles.iter().chain(column.also) {
                    let other = known.insert(key(title), column.field);
                    assert!(other.is_none_or(|other| other == column.field), "{sheet:?}: {title}");
                }
            }
        }
    }
}
