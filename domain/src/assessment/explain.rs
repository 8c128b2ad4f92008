//! The sentences that tell a family how a result came about, in Kazakh, Russian and English.

use super::assess::{Assessed, Border, Part};
use super::exact::Decimal;
use crate::types::{GradeKind, Language, Names};

/// What a result is, for the family that reads of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// What the period would end with if it ended today.
    Forecast,
    /// What it ended with.
    Final,
    /// What it would end with if these grades came.
    Imagined,
}

/// One to four short sentences: the grade, what it is made of, what is not there yet, where the grade begins.
pub fn explain(assessed: &Assessed, standing: Standing, language: Language) -> String {
    let sentences = [
        grade(assessed, standing, language),
        Some(made_of(assessed, language)),
        missing(assessed, standing, language),
        begins(assessed, language),
    ];
    sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn grade(assessed: &Assessed, standing: Standing, language: Language) -> Option<String> {
    let value = quoted(&assessed.value, assessed.names.as_ref(), language);
    let number = match (assessed.percent, assessed.mean, language) {
        (Some(share), _, _) => percent(share, language),
        (None, Some(mean), Language::Kk) => format!("орташа балл {}", number(mean, language)),
        (None, Some(mean), Language::Ru) => format!("средний балл {}", number(mean, language)),
        (None, Some(mean), Language::En) => format!("the mean is {}", number(mean, language)),
        (None, None, _) => return None,
    };
    Some(match (language, standing) {
        (Language::Kk, Standing::Forecast) => format!("Кезең бүгін аяқталса, баға {value} болар еді: {number}."),
        (Language::Kk, Standing::Final) => format!("Кезеңнің бағасы — {value}: {number}."),
        (Language::Kk, Standing::Imagined) => format!("Осындай бағалармен {value} болар еді: {number}."),
        (Language::Ru, Standing::Forecast) => {
            format!("Если бы период закончился сегодня, оценка была бы {value}: {number}.")
        }
        (Language::Ru, Standing::Final) => format!("Оценка за период — {value}: {number}."),
        (Language::Ru, Standing::Imagined) => format!("С такими оценками вышло бы {value}: {number}."),
        (Language::En, Standing::Forecast) => {
            format!("If the period ended today, the grade would be {value}: {number}.")
        }
        (Language::En, Standing::Final) => format!("The grade of the period is {value}: {number}."),
        (Language::En, Standing::Imagined) => format!("With such grades it would be {value}: {number}."),
    })
}

fn made_of(assessed: &Assessed, language: Language) -> String {
    let there: Vec<&Part> = assessed.parts.iter().filter(|part| part.count > 0).collect();
    if let ([part], 1) = (there.as_slice(), assessed.parts.len()) {
        let grades = grades(part.count, language);
        return match language {
            Language::Kk => format!("Есепке алынғаны: {grades}."),
            Language::Ru => format!("Учтено: {grades}."),
            Language::En => format!("Counted: {grades}."),
        };
    }
    let parts: Vec<String> = there.into_iter().filter_map(|part| of_part(part, language)).collect();
    let parts = parts.join("; ");
    match language {
        Language::Kk => format!("Ол мынадан құралады: {parts}."),
        Language::Ru => format!("Она складывается так: {parts}."),
        Language::En => format!("It is made of: {parts}."),
    }
}

fn of_part(part: &Part, language: Language) -> Option<String> {
    let share = part.percent.map(|share| percent(share, language)).or(part.mean.map(|mean| number(mean, language)))?;
    let (name, grades) = (named(part, language), grades(part.count, language));
    let weight = percent(i64::from(part.weight) * 100, language);
    Some(match language {
        Language::Kk => format!("{name} — {share} ({grades}, салмағы {weight})"),
        Language::Ru => format!("{name} — {share} ({grades}, вес {weight})"),
        Language::En => format!("{name} {share} ({grades}, weight {weight})"),
    })
}

fn missing(assessed: &Assessed, standing: Standing, language: Language) -> Option<String> {
    let names: Vec<String> =
        assessed.parts.iter().filter(|part| part.count == 0).map(|part| named(part, language)).collect();
    if names.is_empty() {
        return None;
    }
    let names = names.join(if language == Language::En { " or " } else { ", " });
    Some(match (language, standing) {
        (Language::Kk, Standing::Final) => format!("Бұл кезеңде болған жоқ: {names}; қалғаны үлесіне қарай есептелді."),
        (Language::Kk, _) => format!("Әзірге жоқ: {names}; сондықтан қалғаны үлесіне қарай есептеледі."),
        (Language::Ru, Standing::Final) => format!("Не было: {names}; остальное учтено пропорционально весу."),
        (Language::Ru, _) => format!("Пока нет: {names}; поэтому остальное учитывается пропорционально весу."),
        (Language::En, Standing::Final) => format!("There was no {names}; the rest counted in proportion."),
        (Language::En, _) => format!("There is no {names} yet, so the rest counts in proportion."),
    })
}

fn begins(assessed: &Assessed, language: Language) -> Option<String> {
    let Border { value, names, from } = assessed.border.as_ref()?;
    let (value, from) = (quoted(value, names.as_ref(), language), percent(*from, language));
    let rounded = assessed.rounded.map(|rounded| percent(rounded, language));
    Some(match (language, rounded) {
        (Language::Kk, Some(rounded)) => format!("Дөңгелектегенде {rounded}; {value} бағасы {from}-дан басталады."),
        (Language::Kk, None) => format!("{value} бағасы {from}-дан басталады."),
        (Language::Ru, Some(rounded)) => format!("После округления — {rounded}; {value} ставится начиная с {from}."),
        (Language::Ru, None) => format!("{value} ставится начиная с {from}."),
        (Language::En, Some(rounded)) => format!("Rounded it is {rounded}; {value} begins at {from}."),
        (Language::En, None) => format!("{value} begins at {from}."),
    })
}

fn quoted(value: &str, names: Option<&Names>, language: Language) -> String {
    let name = names.map_or(value, |names| names.in_language(language));
    if language == Language::En { format!("“{name}”") } else { format!("«{name}»") }
}

fn number(hundredths: i64, language: Language) -> String {
    let text = Decimal(hundredths).to_string();
    if language == Language::En { text } else { text.replace('.', ",") }
}

/// Kazakh and Russian part the sign from the number, with a space that does not break.
fn percent(hundredths: i64, language: Language) -> String {
    let number = number(hundredths, language);
    if language == Language::En { format!("{number}%") } else { format!("{number}\u{a0}%") }
}

fn grades(count: usize, language: Language) -> String {
    let word = match language {
        Language::Kk => "баға",
        Language::Ru => russian(count, "оценка", "оценки", "оценок"),
        Language::En if count == 1 => "grade",
        Language::En => "grades",
    };
    format!("{count}\u{a0}{word}")
}

/// One, two to four, or many, as Russian counts them.
fn russian<'a>(count: usize, one: &'a str, few: &'a str, many: &'a str) -> &'a str {
    match (count % 10, count % 100) {
        (_, 11..=14) => many,
        (1, _) => one,
        (2..=4, _) => few,
        _ => many,
    }
}

/// What a part is called: by its first kind, or by all where several parts are counted as one.
fn named(part: &Part, language: Language) -> String {
    let leading = |kind: &&GradeKind| matches!(kind, GradeKind::Formative | GradeKind::Section);
    let mut kinds: Vec<GradeKind> = part.kinds.iter().filter(leading).copied().collect();
    if kinds.is_empty() {
        kinds.extend(part.kinds.first());
    }
    let names: Vec<&str> = kinds.into_iter().map(|kind| kind_name(kind, language)).collect();
    names.join(match language {
        Language::Kk => " және ",
        Language::Ru => " и ",
        Language::En => " and ",
    })
}

fn kind_name(kind: GradeKind, language: Language) -> &'static str {
    let [kk, ru, en] = match kind {
        GradeKind::Formative => ["қалыптастырушы бағалау (ҚБ)", "формативное оценивание (ФО)", "formative work"],
        GradeKind::Section => {
            ["бөлім бойынша жиынтық бағалау (БЖБ)", "суммативное оценивание за раздел (СОР)", "section work"]
        }
        GradeKind::Term => ["тоқсандық жиынтық бағалау (ТЖБ)", "суммативное оценивание за четверть (СОЧ)", "term work"],
        GradeKind::Classwork => ["сыныптағы жұмыс", "работа на уроке", "classwork"],
        GradeKind::Test => ["бақылау жұмысы", "контрольная работа", "test work"],
        GradeKind::Homework => ["үй жұмысы", "домашняя работа", "homework"],
        GradeKind::Exam => ["емтихан", "экзамен", "exam"],
        GradeKind::Other => ["басқа жұмыс", "другая работа", "other work"],
    };
    match language {
        Language::Kk => kk,
        Language::Ru => ru,
        Language::En => en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assessment::{DEFAULT, Mark, assess, preset};
    use crate::types::GradeStatus;

    fn mark(kind: GradeKind, points: i64, most: i64) -> Mark {
        let (points, max_points) = (Some(points * 100), Some(most * 100));
        Mark { kind, status: GradeStatus::Graded, value: Some("5".to_owned()), points, max_points, weight: 100 }
    }

    fn said(scheme: &str, marks: &[Mark], standing: Standing) -> [String; 3] {
        let assessed = assess(&preset(scheme).unwrap(), marks).unwrap();
        [Language::Kk, Language::Ru, Language::En]
            .map(|language| explain(&assessed, standing, language).replace('\u{a0}', " "))
    }

    #[test]
    fn a_forecast_says_what_it_is_made_of_and_what_is_missing() {
        let marks = [mark(GradeKind::Formative, 7, 10), mark(GradeKind::Section, 13, 20)];
        let [kk, ru, en] = said(DEFAULT, &marks, Standing::Forecast);
        assert_eq!(
            kk,
            "Кезең бүгін аяқталса, баға «4» болар еді: 67,5 %. Ол мынадан құралады: қалыптастырушы бағалау (ҚБ) — 70 % \
             (1 баға, салмағы 25 %); бөлім бойынша жиынтық бағалау (БЖБ) — 65 % (1 баға, салмағы 25 %). Әзірге жоқ: \
             тоқсандық жиынтық бағалау (ТЖБ); сондықтан қалғаны үлесіне қарай есептеледі. Дөңгелектегенде 68 %; «4» \
             бағасы 65 %-дан басталады."
        );
        assert_eq!(
            ru,
            "Если бы период закончился сегодня, оценка была бы «4»: 67,5 %. Она складывается так: формативное оценивание \
             (ФО) — 70 % (1 оценка, вес 25 %); суммативное оценивание за раздел (СОР) — 65 % (1 оценка, вес 25 %). Пока \
             нет: суммативное оценивание за четверть (СОЧ); поэтому остальное учитывается пропорционально весу. После \
             округления — 68 %; «4» ставится начиная с 65 %."
        );
        assert_eq!(
            en,
            "If the period ended today, the grade would be “4”: 67.5%. It is made of: formative work 70% (1 grade, weight \
             25%); section work 65% (1 grade, weight 25%). There is no term work yet, so the rest counts in proportion. \
             Rounded it is 68%; “4” begins at 65%."
        );
    }

    #[test]
    fn several_missing_parts_are_one_list() {
        let [kk, ru, en] = said(DEFAULT, &[mark(GradeKind::Formative, 7, 10)], Standing::Final);
        assert!(
            kk.contains("болған жоқ: бөлім бойынша жиынтық бағалау (БЖБ), тоқсандық жиынтық бағалау (ТЖБ);"),
            "{kk}"
        );
        assert!(
            ru.contains("Не было: суммативное оценивание за раздел (СОР), суммативное оценивание за четверть (СОЧ);")
        );
        assert!(en.contains("There was no section work or term work; the rest counted in proportion."), "{en}");
    }

    #[test]
    fn a_final_result_of_one_part_is_said_shortly() {
        let marks = [mark(GradeKind::Formative, 5, 10), mark(GradeKind::Test, 5, 10)];
        let [kk, ru, en] = said("mean-2-5", &marks, Standing::Final);
        assert_eq!(kk, "Кезеңнің бағасы — «5»: орташа балл 5. Есепке алынғаны: 2 баға.");
        assert_eq!(ru, "Оценка за период — «5»: средний балл 5. Учтено: 2 оценки.");
        assert_eq!(en, "The grade of the period is “5”: the mean is 5. Counted: 2 grades.");
        let [_, ru, _] = said("kz-2016", &[mark(GradeKind::Section, 1, 10)], Standing::Imagined);
        assert!(
            ru.starts_with("С такими оценками вышло бы «2»: 10 %.") && ru.ends_with("«3» ставится начиная с 40 %.")
        );
    }

    #[test]
    fn grades_are_counted_as_each_language_counts() {
        let russian = |count| grades(count, Language::Ru).replace('\u{a0}', " ");
        let counted = [1, 2, 5, 11, 12, 21, 22, 25, 111].map(russian);
        assert_eq!(
            counted,
            [
                "1 оценка",
                "2 оценки",
                "5 оценок",
                "11 оценок",
                "12 оценок",
                "21 оценка",
                "22 оценки",
                "25 оценок",
                "111 оценок"
            ]
        );
        assert_eq!([1, 2].map(|count| grades(count, Language::En)), ["1\u{a0}grade", "2\u{a0}grades"]);
        assert_eq!(grades(7, Language::Kk), "7\u{a0}баға");
    }

    #[test]
    fn a_word_is_said_in_the_language_of_the_sentence() {
        let passed = Mark { value: Some("зачёт".to_owned()), ..mark(GradeKind::Formative, 1, 1) };
        let [kk, ru, en] = said("pass-fail", &[passed], Standing::Forecast);
        assert!(kk.contains("«есептелді»") && ru.contains("«зачёт»") && en.contains("“pass”"), "{kk} {ru} {en}");
    }
}
