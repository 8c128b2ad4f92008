//! The words of closed sets, as people write them in Kazakh, Russian and English.

use std::collections::HashMap;
use std::sync::LazyLock;

use domain::letters::match_key;
use domain::types::{AttendanceStatus, GradeKind, GradeStatus, Language, PeriodGradeKind, Sex};

/// The form headings, words and names are compared in: no spaces, no marks, no case, look-alikes folded.
pub(crate) fn key(text: &str) -> String {
    let spelled = text.replace('№', " no ").replace('%', " percent ").replace('ё', "е").replace('Ё', "Е");
    match_key(&spelled)
}

/// A word of a closed set: what the template offers in the three languages, then what else is understood.
pub(crate) trait Word: Copy + 'static {
    const ALL: &'static [(Self, [&'static str; 3], &'static [&'static str])];

    /// Every spelling by its key.
    fn index() -> &'static HashMap<String, Self>;

    fn read(text: &str) -> Option<Self> {
        Self::index().get(&key(text)).copied()
    }

    /// The words of one language, for drop-down lists and for the sentence that says how to mend a cell.
    fn choices(language: usize) -> Vec<&'static str> {
        Self::ALL.iter().filter_map(|(_, titles, _)| titles.get(language).copied()).collect()
    }
}

/// What a drop-down list of the template offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum List {
    Languages,
    Sexes,
    Relations,
    Weekdays,
    Shifts,
    Kinds,
    GradeStatuses,
    Presences,
    Periods,
    /// The names on the sheet of classes.
    Classes,
    /// The subjects on the sheet of courses.
    Subjects,
    /// The names on the sheet of staff.
    Staff,
}

impl List {
    /// The words, unless the list is a column of another sheet.
    pub(crate) fn words(self, language: usize) -> Option<Vec<&'static str>> {
        Some(match self {
            Self::Languages => Language::choices(language),
            Self::Sexes => Sex::choices(language),
            Self::Relations => Relation::choices(language),
            Self::Weekdays => Weekday::choices(language),
            Self::Shifts => vec!["1", "2", "3"],
            Self::Kinds => GradeKind::choices(language),
            Self::GradeStatuses => GradeStatus::choices(language),
            Self::Presences => AttendanceStatus::choices(language),
            Self::Periods => Period::choices(language),
            Self::Classes | Self::Subjects | Self::Staff => return None,
        })
    }
}

/// How a guardian stands to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Relation {
    Mother,
    Father,
    Grandmother,
    Grandfather,
    Guardian,
    Relative,
    Parent,
}

impl Relation {
    /// The word of the diary.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Mother => "mother",
            Self::Father => "father",
            Self::Grandmother => "grandmother",
            Self::Grandfather => "grandfather",
            Self::Guardian => "guardian",
            Self::Relative => "relative",
            Self::Parent => "parent",
        }
    }
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Weekday(pub(crate) chrono::Weekday);

/// A line of the report card: a period of the school year by its number, or something of the whole year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Period {
    Quarter(u8),
    Semester(u8),
    Whole(PeriodGradeKind),
}

macro_rules! words {
    ($word:ident: $($entry:expr),* $(,)?) => {
        impl Word for $word {
            const ALL: &'static [(Self, [&'static str; 3], &'static [&'static str])] = &[$($entry),*];

            fn index() -> &'static HashMap<String, Self> {
                static INDEX: LazyLock<HashMap<String, $word>> = LazyLock::new(indexed);
                &INDEX
            }
        }
    };
}

fn indexed<W: Word>() -> HashMap<String, W> {
    let spellings = |(word, titles, also): &(W, [&'static str; 3], &'static [&'static str])| {
        let texts = titles.iter().chain(*also).map(|text| key(text)).filter(|text| !text.is_empty());
        texts.map(|text| (text, *word)).collect::<Vec<_>>()
    };
    W::ALL.iter().flat_map(spellings).collect()
}

words! { Language:
        (Language::Kk, ["қазақша", "казахский", "Kazakh"], &["kk", "kaz", "каз", "қаз", "қазақ", "қазақ тілі"]),
        (Language::Ru, ["орысша", "русский", "Russian"], &["ru", "rus", "рус", "орыс", "орыс тілі"]),
        (Language::En, ["ағылшынша", "английский", "English"], &["en", "eng", "англ", "ағылшын", "ағылшын тілі"]),
}

words! { Sex:
        (Sex::Female, ["қыз", "жен", "female"], &["ж", "женский", "қ", "әйел", "f", "девочка", "girl", "қыз бала"]),
        (Sex::Male, ["ұл", "муж", "male"], &["м", "мужской", "ұ", "ер", "еркек", "m", "мальчик", "boy", "ұл бала"]),
}

words! { Relation:
        (Relation::Mother, ["анасы", "мать", "mother"], &["ана", "шешесі", "мама"]),
        (Relation::Father, ["әкесі", "отец", "father"], &["әке", "папа"]),
        (Relation::Grandmother, ["әжесі", "бабушка", "grandmother"], &["әже", "апасы"]),
        (Relation::Grandfather, ["атасы", "дедушка", "grandfather"], &["ата", "дед"]),
        (Relation::Guardian, ["қамқоршысы", "опекун", "guardian"], &["қамқоршы", "қорғаншы", "попечитель", "законный представитель", "заңды өкіл", "заңды өкілі"]),
        (Relation::Relative, ["туысы", "родственник", "relative"], &["туыс", "родственница"]),
        (Relation::Parent, ["ата-анасы", "родитель", "parent"], &["ата-ана"]),
}

words! { Weekday:
        (Weekday(chrono::Weekday::Mon), ["дүйсенбі", "понедельник", "Monday"], &["пн", "дс", "дүй", "mon", "1"]),
        (Weekday(chrono::Weekday::Tue), ["сейсенбі", "вторник", "Tuesday"], &["вт", "сс", "сей", "tue", "2"]),
        (Weekday(chrono::Weekday::Wed), ["сәрсенбі", "среда", "Wednesday"], &["ср", "сәр", "wed", "3"]),
        (Weekday(chrono::Weekday::Thu), ["бейсенбі", "четверг", "Thursday"], &["чт", "бс", "бей", "thu", "4"]),
        (Weekday(chrono::Weekday::Fri), ["жұма", "пятница", "Friday"], &["пт", "жм", "жұм", "fri", "5"]),
        (Weekday(chrono::Weekday::Sat), ["сенбі", "суббота", "Saturday"], &["сб", "сн", "сен", "sat", "6"]),
        (Weekday(chrono::Weekday::Sun), ["жексенбі", "воскресенье", "Sunday"], &["вс", "жс", "жек", "sun", "7"]),
}

words! { GradeKind:
        (GradeKind::Formative, ["ҚБ", "ФО", "formative"], &["қалыптастырушы бағалау", "формативное оценивание", "formative assessment"]),
        (GradeKind::Section, ["БЖБ", "СОР", "section"], &["бөлім бойынша жиынтық бағалау", "суммативное оценивание за раздел", "section work", "SAU"]),
        (GradeKind::Term, ["ТЖБ", "СОЧ", "term"], &["тоқсан бойынша жиынтық бағалау", "суммативное оценивание за четверть", "term work", "SAT"]),
        (GradeKind::Classwork, ["сынып жұмысы", "классная работа", "classwork"], &["сыныптағы жұмыс", "работа на уроке"]),
        (GradeKind::Test, ["бақылау жұмысы", "контрольная работа", "test"], &["бақылау", "контрольная", "тест", "самостоятельная работа", "өзіндік жұмыс"]),
        (GradeKind::Homework, ["үй жұмысы", "домашняя работа", "homework"], &["үй тапсырмасы", "домашнее задание", "дз", "үт"]),
        (GradeKind::Exam, ["емтихан", "экзамен", "exam"], &[]),
        (GradeKind::Other, ["басқа", "другое", "other"], &[]),
}

words! { GradeStatus:
        (GradeStatus::Graded, ["бағаланды", "оценено", "graded"], &[]),
        (GradeStatus::Exempt, ["босатылған", "освобождён", "exempt"], &["осв", "освобождена"]),
        (GradeStatus::NotSubmitted, ["тапсырмаған", "не сдано", "not submitted"], &["не сдал", "не сдала", "тапсырмады"]),
        (GradeStatus::NotAssessed, ["бағаланбаған", "не аттестован", "not assessed"], &["н/а", "не аттестована", "аттестацияланбаған", "б/е"]),
}

words! { AttendanceStatus:
        (AttendanceStatus::Absent, ["келмеді", "отсутствовал", "absent"], &["н", "ж", "жоқ", "нет", "не был", "не была", "отсутствовала", "пропуск"]),
        (AttendanceStatus::Ill, ["ауырды", "болел", "ill"], &["б", "а", "ауру", "болезнь", "болела", "sick"]),
        (AttendanceStatus::Excused, ["себепті", "по уважительной причине", "excused"], &["у", "с", "ув", "уважительная", "себепті себеппен"]),
        (AttendanceStatus::Late, ["кешікті", "опоздал", "late"], &["о", "к", "оп", "опоздала", "опоздание"]),
        (AttendanceStatus::Present, ["болды", "присутствовал", "present"], &["присутствовала", "был", "была"]),
}

words! { Period:
        (Period::Quarter(1), ["1-тоқсан", "1 четверть", "quarter 1"], &["1", "I", "I тоқсан", "I четверть", "1-я четверть", "Q1"]),
        (Period::Quarter(2), ["2-тоқсан", "2 четверть", "quarter 2"], &["2", "II", "II тоқсан", "II четверть", "2-я четверть", "Q2"]),
        (Period::Quarter(3), ["3-тоқсан", "3 четверть", "quarter 3"], &["3", "III", "III тоқсан", "III четверть", "3-я четверть", "Q3"]),
        (Period::Quarter(4), ["4-тоқсан", "4 четверть", "quarter 4"], &["4", "IV", "IV тоқсан", "IV четверть", "4-я четверть", "Q4"]),
        (Period::Semester(1), ["1-жартыжылдық", "1 полугодие", "semester 1"], &["I жартыжылдық", "I полугодие", "1-е полугодие"]),
        (Period::Semester(2), ["2-жартыжылдық", "2 полугодие", "semester 2"], &["II жартыжылдық", "II полугодие", "2-е полугодие"]),
        (Period::Whole(PeriodGradeKind::Year), ["жылдық", "год", "year"], &["жыл", "годовая", "за год"]),
        (Period::Whole(PeriodGradeKind::Exam), ["емтихан", "экзамен", "exam"], &["экзаменационная"]),
        (Period::Whole(PeriodGradeKind::Final), ["қорытынды", "итоговая", "final"], &["итог"]),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distinct<W: Word + std::fmt::Debug + PartialEq>() {
        let mut known = HashMap::new();
        for (word, titles, also) in W::ALL {
            for text in titles.iter().chain(*also) {
                let text = key(text);
                if text.is_empty() {
                    continue;
                }
                let before = known.insert(text.clone(), *word);
                assert!(before.is_none_or(|before| before == *word), "{text}: {before:?} and {word:?}");
            }
            for title in titles {
                assert_eq!(W::read(&format!(" {} ", title.to_uppercase())), Some(*word), "{title}");
            }
        }
    }

    #[test]
    fn no_word_means_two_things_and_all_are_read_back() {
        distinct::<Language>();
        distinct::<Sex>();
        distinct::<Relation>();
        distinct::<Weekday>();
        distinct::<GradeKind>();
        distinct::<GradeStatus>();
        distinct::<AttendanceStatus>();
        distinct::<Period>();
    }

    #[test]
    fn words_are_read_in_the_spelling_of_a_journal() {
        assert_eq!(GradeKind::read("Сор"), Some(GradeKind::Section));
        assert_eq!(GradeStatus::read("н/а"), Some(GradeStatus::NotAssessed));
        assert_eq!(GradeStatus::read("освобожден"), Some(GradeStatus::Exempt));
        assert_eq!(Period::read("II четверть"), Some(Period::Quarter(2)));
        assert_eq!(Weekday::read("ПН."), Some(Weekday(chrono::Weekday::Mon)));
        assert_eq!(Sex::read("Қыз"), Some(Sex::Female));
        assert_eq!(Language::read("по-немецки"), None);
        assert_eq!(Language::read(""), None);
    }
}
