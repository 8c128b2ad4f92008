//! The line above the headings of each sheet: how it is filled in, in three languages.

use super::Sheet;

/// In Kazakh, Russian and English.
pub(crate) fn of(sheet: Sheet) -> [&'static str; 3] {
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

const CLASSES: [&str; 3] = [
    "Әр сыныпқа бір жол. Бүкіл кітап бір оқу жылына арналған. Сынып атауын барлық парақта бірдей жазыңыз, мысалы: 7 Ә. \
             Сұр жолдар — үлгі: олар оқылмайды, өшіріп тастауға болады.",
    "Одна строка на класс. Вся книга — об одном учебном годе. Название класса пишите на всех листах одинаково, \
             например 7 Ә. Серые строки — примеры: они не читаются, их можно удалить.",
    "One row per class. The whole workbook is of one school year. Write the name of a class alike on all sheets, for \
             example 7 Ә. The grey rows are examples: they are not read and can be deleted.",
];

const STUDENTS: [&str; 3] = [
    "Оқушы нөмірі міндетті және өзгермейді: келесі жүктеуде оқушы осы нөмір бойынша танылады. Ата-ана нөмірі бойынша, \
             нөмірі болмаса — оқушы нөмірі, кім болатыны және аты-жөні бойынша танылады. Телефон бірнеше баланың ата-анасын тану \
             үшін ғана керек, сақталмайды.",
    "Номер ученика обязателен и не меняется: по нему ученика узнают при следующей загрузке. Родителя узнают по номеру, а \
             без номера — по номеру ученика, родству и ФИО. Телефон нужен только для того, чтобы узнать родителя нескольких \
             детей; он не сохраняется.",
    "The student number is required and never changes: the next import knows the student by it. A guardian is known by \
             number, or else by student number, relation and name. The phone only tells that two children have the same \
             guardian; it is not kept.",
];

const STAFF: [&str; 3] = [
    "Қызметкер нөмірі бойынша, нөмірі болмаса — аты-жөні бойынша танылады. Аттас адамдарға нөмір беріңіз. Басқа парақтарда \
             нөмірін немесе аты-жөнін жазыңыз.",
    "Сотрудника узнают по номеру, а без номера — по ФИО. Тёзкам дайте номера. На других листах пишите номер или ФИО.",
    "Staff are known by number, or else by name. Give numbers to people of the same name. On other sheets write the \
             number or the name.",
];

const COURSES: [&str; 3] = [
    "Әр сыныптың әр пәніне бір жол. Сынып топшаларға бөлінсе — әр топшаға бір жол және топша оқушыларының нөмірлері, \
             үтірмен бөліп. Нөмірлер жазылмаса, пәнді бүкіл сынып оқиды.",
    "Одна строка на каждый предмет каждого класса. Если класс делится, — строка на каждую подгруппу с номерами её \
             учеников через запятую. Без номеров предмет изучает весь класс.",
    "One row per subject of each class. If the class is split, one row per subgroup, with the numbers of its students \
             separated by commas. Without numbers the whole class takes the subject.",
];

const TIMETABLE: [&str; 3] = [
    "Бір аптаның кестесі: ол мектептің оқу кезеңдеріне таратылады, демалыс пен каникулдан басқа. Уақыты жазылмаса, мектеп \
             қоңырауларының уақыты алынады. Кесте жыл ортасында өзгерсе, «Қолданыста» бағандарын толтырыңыз.",
    "Расписание одной недели: оно разворачивается на учебные периоды школы, кроме выходных и каникул. Без времени берутся \
             звонки школы. Если расписание меняется среди года, заполните «Действует с» и «Действует по».",
    "The timetable of one week: it is laid out over the school's periods, without days off. Without times the school's \
             bells are taken. If the timetable changes within the year, fill in “Valid from” and “Valid until”.",
];

const WORKS: [&str; 3] = [
    "Бағаланатын жұмыстар. Жұмыс сыныбы, пәні, атауы және күні бойынша танылады.",
    "Оцениваемые работы. Работу узнают по классу, предмету, названию и дате.",
    "Works to be graded. A work is known by class, subject, title and date.",
];

const GRADES: [&str; 3] = [
    "Сабақта қойылған баға үшін күні мен сабақ нөмірін, жұмыс бағасы үшін жұмыстың атауын жазыңыз. Баға болмаса, мәртебесін \
             жазыңыз: босатылған, тапсырмаған, бағаланбаған.",
    "Для оценки на уроке укажите дату и номер урока, для оценки за работу — название работы. Если оценки нет, укажите \
             статус: освобождён, не сдано, не аттестован.",
    "For a grade given in a lesson write the date and the number of the lesson, for a work its title. If there is no \
             grade, write the status: exempt, not submitted, not assessed.",
];

const ATTENDANCE: [&str; 3] = [
    "Келмегендер мен кешіккендерді ғана жазыңыз. Сабақ нөмірі жазылмаса, белгі сол күннің барлық сабағына қатысты.",
    "Записывайте только тех, кого не было или кто опоздал. Без номера урока отметка относится ко всем урокам дня.",
    "Write only those who were absent or late. Without the number of a lesson the row is about all lessons of the day.",
];

const PERIOD_GRADES: [&str; 3] = [
    "Табель бағалары: тоқсан, жартыжылдық, жылдық, емтихан, қорытынды. Пайыз 0-ден 100-ге дейін жазылады.",
    "Оценки табеля: четверть, полугодие, год, экзамен, итоговая. Процент пишется числом от 0 до 100.",
    "Grades of the report card: quarter, semester, year, exam, final. Percent is a number from 0 to 100.",
];
