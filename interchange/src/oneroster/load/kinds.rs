//! What kind of work a category stands for, by its title.

use domain::types::GradeKind;

/// Words a title may hold, or begin with where they end in `*`, in the order they are tried: «Экзамен за четверть» is an exam,
/// a «Homework quiz» is homework.
const WORDS: &[(GradeKind, &[&str])] = &[
    (GradeKind::Exam, &["exam*", "экзамен*", "емтихан*"]),
    (GradeKind::Formative, &["formative*", "фо", "қб", "кб", "формативн*", "қалыптастыр*"]),
    (GradeKind::Section, &["section*", "сор", "бжб", "раздел*", "бөлім*"]),
    (GradeKind::Term, &["term", "quarter*", "соч", "тжб", "четверт*", "тоқсан*"]),
    (GradeKind::Homework, &["homework*", "home", "дз", "домашн*", "үй"]),
    (GradeKind::Test, &["test*", "quiz*", "тест*", "контрольн*", "самостоятельн*", "бақылау*"]),
    (GradeKind::Classwork, &["classwork*", "class", "классн*", "урок*", "сынып*", "сабақ*"]),
];

/// The kind a category's title names in English, Russian or Kazakh, else other.
pub(super) fn of(title: &str) -> GradeKind {
    let title = title.to_lowercase();
    let words: Vec<&str> = title.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let says = |known: &&str| match known.strip_suffix('*') {
        Some(stem) => words.iter().any(|word| word.starts_with(stem)),
        None => words.contains(known),
    };
    let found = WORDS.iter().find(|(_, known)| known.iter().any(says));
    found.map_or(GradeKind::Other, |(kind, _)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_in_three_languages_tell_the_kind() {
        let cases = [
            (GradeKind::Formative, ["Formative", "ФО", "ҚБ №3", "Формативное оценивание", "қалыптастырушы бағалау"]),
            (GradeKind::Section, ["Section work", "СОР", "БЖБ-1", "Суммативное за раздел", "Бөлім бойынша"]),
            (GradeKind::Term, ["Term work", "СОЧ", "ТЖБ", "Суммативное за четверть", "Тоқсандық"]),
            (GradeKind::Test, ["Tests", "Quizzes", "Контрольная работа", "Тестирование", "Бақылау жұмысы"]),
            (GradeKind::Homework, ["Homework", "home-work", "Домашняя работа", "Үй тапсырмасы", "Homework quiz"]),
            (
                GradeKind::Classwork,
                ["Classwork", "Class work", "Классная работа", "Работа на уроке", "Сыныптағы жұмыс"],
            ),
            (GradeKind::Exam, ["Exam", "Examination", "Экзамен за четверть", "Емтихан", "Midterm exam"]),
            (GradeKind::Other, ["Project", "Terminology", "Latest", "", "Сочинение"]),
        ];
        for (kind, titles) in cases {
            for title in titles {
                assert_eq!(of(title), kind, "{title}");
            }
        }
    }
}
