//! The catalogue is whole in all three languages, and reads as it should.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, NaiveTime};
use domain::alerts::facts::{Detail, Reader, Step};
use domain::types::{AttendanceStatus, GradeKind, GradeStatus, LessonStatus, Names, PeriodGradeKind, Privacy};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::*;

const LANGUAGES: [Language; 3] = [Language::Kk, Language::Ru, Language::En];
const STEPS: [Step; 3] = [Step::Created, Step::Changed, Step::Removed];

/// Every text of a language (`key` or `key.attribute`) with the values it names.
fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let resource = parser::parse(catalogue::source(language)).expect("a Fluent file without mistakes");
    let mut found = BTreeMap::new();
    for entry in resource.body {
        let Entry::Message(message) = entry else { continue };
        let patterns = message.attributes.iter().map(|one| (format!(".{}", one.id.name), &one.value));
        for (name, pattern) in message.value.iter().map(|value| (String::new(), value)).chain(patterns) {
            let mut names = BTreeSet::new();
            in_pattern(pattern, &mut names);
            let twice = found.insert(format!("{}{name}", message.id.name), names);
            assert!(twice.is_none(), "{language:?} says {}{name} twice", message.id.name);
        }
    }
    found
}

fn in_pattern(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression: Expression::Inline(inline) } => in_inline(inline, names),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                in_inline(selector, names);
                for variant in variants {
                    in_pattern(&variant.value, names);
                }
            }
        }
    }
}

fn in_inline(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => names.extend([id.name.to_owned()]),
        other => panic!("only values may stand in a text: {other:?}"),
    }
}

#[test]
fn every_text_is_there_in_every_language_with_the_same_values() {
    let [kk, ru, en] = LANGUAGES.map(texts);
    assert_eq!(kk, ru);
    assert_eq!(kk, en);
    assert!(kk.len() > 60, "only {} texts", kk.len());
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> NaiveTime {
    text.parse().unwrap()
}

fn details() -> Vec<(AlertKind, Detail)> {
    let mut found = Vec::new();
    for previous in [None, Some("4".to_owned())] {
        for status in GradeStatus::ALL.iter().copied() {
            let (value, previous) = (Some("5".to_owned()), previous.clone());
            let graded_on = date("2026-11-18");
            for value in [None, value.clone()] {
                let grade = Detail::Grade { status, value, previous: previous.clone(), graded_on };
                found.push((AlertKind::Grade, grade));
            }
            for kind in PeriodGradeKind::ALL.iter().copied() {
                let (value, previous) = (value.clone(), previous.clone());
                found.push((AlertKind::ReportCard, Detail::ReportCard { kind, status, value, previous }));
            }
        }
        for kind in GradeKind::ALL.iter().copied() {
            let (title, day) = ("№ 2 бөлім".to_owned(), date("2026-11-20"));
            let previous = previous.as_ref().map(|_| date("2026-11-19"));
            found.push((AlertKind::Assessment, Detail::Assessment { kind, title, date: day, previous }));
        }
        for status in LessonStatus::ALL.iter().copied() {
            for teacher in [None, Some("Серікова Айгүл".to_owned())] {
                let previous = previous.as_ref().map(|_| (date("2026-11-18"), time("08:00:00")));
                let (date, starts_at) = (date("2026-11-19"), time("10:15:00"));
                let room = Some("204".to_owned());
                let lesson = Detail::Lesson { status, date, starts_at, room, teacher, previous };
                found.push((AlertKind::Schedule, lesson));
            }
        }
    }
    for status in AttendanceStatus::ALL.iter().copied() {
        for minutes_late in [None, Some(5)] {
            let attendance = Detail::Attendance { status, date: date("2026-11-18"), number: 3, minutes_late };
            found.push((AlertKind::Attendance, attendance));
        }
    }
    let homework = Detail::Homework { due_on: date("2026-11-18"), text: "§ 12".to_owned() };
    found.push((AlertKind::Homework, homework));
    found
}

/// Everything that can be told.
fn everything() -> Vec<Facts> {
    let mut all = vec![Facts::Something, Facts::Test];
    let news = [
        AccountNews::SignedIn,
        AccountNews::TokenReused,
        AccountNews::ChildAdded,
        AccountNews::ChildRemoved,
        AccountNews::GuardianAdded,
        AccountNews::DataExported,
    ];
    all.extend(news.map(Facts::Account));
    for step in STEPS {
        for kind in AlertKind::ALL.iter().copied() {
            let subject = Some("Алгебра".to_owned());
            all.push(Facts::Thing(Thing { kind, step, subject, child: None, detail: None }));
        }
        for (kind, detail) in details() {
            let (subject, child) = (Some("Алгебра".to_owned()), Some("Айару".to_owned()));
            all.push(Facts::Thing(Thing { kind, step, subject, child, detail: Some(detail) }));
        }
    }
    let reader = |privacy| Reader { language: Language::En, privacy };
    let title = Names::same("Olympiad");
    all.extend(Privacy::ALL.iter().map(|privacy| Facts::of_news(reader(*privacy), &title)));
    for span in [Span::Hour, Span::Day, Span::Week] {
        for child in [None, Some("Айару".to_owned())] {
            let all_kinds = AlertKind::ALL.iter().map(|kind| (*kind, 2)).collect();
            all.push(Facts::Bundle(Bundle { span, counts: all_kinds, child: child.clone() }));
            let counts = [(AlertKind::Grade, 5)].into();
            all.push(Facts::Bundle(Bundle { span, counts, child }));
        }
    }
    all
}

#[test]
fn whatever_happens_is_told_in_every_language_without_a_gap() {
    for facts in everything() {
        for language in LANGUAGES {
            // A missing text or value panics in the catalogue.
            let said = say(&facts, language);
            for line in [&said.title, &said.body] {
                assert!(!line.trim().is_empty(), "{facts:?} {language:?}: {said:?}");
                let odd = line.contains(['{', '}', '$', '\u{2068}']) || line.contains(": ,") || line.ends_with(": ");
                assert!(!odd, "{facts:?} {language:?}: {line}");
            }
        }
    }
}

#[test]
fn every_text_of_the_catalogue_is_said_somewhere() {
    let mut said = String::new();
    for facts in everything() {
        let Said { title, body } = say(&facts, Language::Ru);
        said.push_str(&format!("{title}\n{body}\n"));
    }
    let Frame { hello, open, why, unsubscribe } = frame(Language::Ru);
    said.push_str(&[hello, open, why, unsubscribe].join("\n"));
    for line in catalogue::source(Language::Ru).lines() {
        let Some((key, text)) = line.split_once(" = ") else { continue };
        let longest = text.split(['{', '}']).max_by_key(|part| part.len()).unwrap_or_default().trim();
        let spoken = longest.starts_with('$') || said.contains(longest);
        assert!(spoken, "nothing says {key}: {longest}");
    }
}

fn three(facts: &Facts) -> [String; 3] {
    LANGUAGES.map(|language| {
        let Said { title, body } = say(facts, language);
        format!("{title} | {body}")
    })
}

fn thing(kind: AlertKind, step: Step, subject: &str, detail: Option<Detail>) -> Facts {
    let child = detail.as_ref().map(|_| "Айару".to_owned());
    Facts::Thing(Thing { kind, step, subject: Some(subject.to_owned()), child, detail })
}

#[test]
fn at_the_generic_level_nothing_is_said_of_anybody() {
    assert_eq!(
        three(&Facts::Something),
        [
            "Күнделікте жаңалық бар | Көру үшін қолданбаны ашыңыз.",
            "В дневнике есть новости | Откройте приложение, чтобы посмотреть.",
            "There is news in the diary | Open the app to read it."
        ]
    );
}

#[test]
fn a_grade_is_told_by_its_subject_and_in_full_with_its_value() {
    assert_eq!(
        three(&thing(AlertKind::Grade, Step::Created, "Алгебра", None)),
        [
            "Жаңа баға: Алгебра | Толығырақ қолданбада.",
            "Новая оценка: Алгебра | Подробности в приложении.",
            "New grade: Алгебра | More in the app."
        ]
    );
    let graded_on = date("2026-11-18");
    let (value, previous) = (Some("5".to_owned()), Some("4".to_owned()));
    let changed = Detail::Grade { status: GradeStatus::Graded, value: value.clone(), previous, graded_on };
    assert_eq!(
        three(&thing(AlertKind::Grade, Step::Changed, "Алгебра", Some(changed))),
        [
            "Баға өзгерді: Алгебра | Айару: 4 → 5",
            "Оценка изменена: Алгебра | Айару: 4 → 5",
            "Grade changed: Алгебра | Айару: 4 → 5"
        ]
    );
    let missing = Detail::Grade { status: GradeStatus::NotSubmitted, value: None, previous: None, graded_on };
    let [kk, ru, en] = three(&thing(AlertKind::Grade, Step::Created, "Алгебра", Some(missing)));
    assert!(kk.ends_with("Айару: тапсырылмаған") && ru.ends_with("Айару: не сдано"), "{kk} {ru}");
    assert!(en.ends_with("Айару: not handed in"), "{en}");
}

#[test]
fn a_lesson_is_told_by_what_became_of_it() {
    let (day, starts_at) = (date("2026-11-18"), time("10:15:00"));
    let lesson = |status, previous| Detail::Lesson {
        status,
        date: day,
        starts_at,
        room: Some("204".to_owned()),
        teacher: Some("Серікова Айгүл".to_owned()),
        previous,
    };
    let told = |detail| three(&thing(AlertKind::Schedule, Step::Changed, "Химия", Some(detail)));
    assert_eq!(
        told(lesson(LessonStatus::Substituted, None)),
        [
            "Сабақты басқа мұғалім өткізеді: Химия | Айару: 18 қараша, ср, 10:15, 204-кабинет. Серікова Айгүл",
            "Урок проведёт другой учитель: Химия | Айару: 18 ноября, ср, 10:15, кабинет 204. Серікова Айгүл",
            "Another teacher takes the lesson: Химия | Айару: Wed, 18 November, 10:15, room 204. Серікова Айгүл"
        ]
    );
    assert!(told(lesson(LessonStatus::Cancelled, None))[1].starts_with("Урока не будет: Химия | "));
    let was = Some((date("2026-11-17"), time("08:00:00")));
    assert_eq!(
        told(lesson(LessonStatus::Moved, was))[0],
        "Сабақ басқа уақытқа ауыстырылды: Химия | Айару: енді 18 қараша, ср, 10:15, 204-кабинет (бұрын: 17 қараша, сс, 08:00)"
    );
    let (date, number, status) = (day, 3, AttendanceStatus::Late);
    let late = Detail::Attendance { status, date, number, minutes_late: Some(12) };
    assert_eq!(
        three(&thing(AlertKind::Attendance, Step::Created, "Химия", Some(late))),
        [
            "Сабаққа қатысу: Химия | Айару: 18 қараша, ср, 3-сабақ: сабаққа 12 минут кешікті",
            "Посещение урока: Химия | Айару: 18 ноября, ср, 3-й урок: опоздание на 12 минут",
            "Attendance: Химия | Айару: Wed, 18 November, lesson 3: 12 minutes late"
        ]
    );
}

#[test]
fn numbers_are_counted_as_each_language_counts() {
    let counted = |count, language| {
        let counts = [(AlertKind::Grade, count)].into();
        say(&Facts::Bundle(Bundle { span: Span::Hour, counts, child: None }), language).title
    };
    let russian = [1, 2, 5, 11, 12, 21, 22, 25, 111].map(|count| counted(count, Language::Ru));
    let expected = [
        "1 новая оценка",
        "2 новые оценки",
        "5 новых оценок",
        "11 новых оценок",
        "12 новых оценок",
        "21 новая оценка",
        "22 новые оценки",
        "25 новых оценок",
        "111 новых оценок",
    ];
    assert_eq!(russian, expected);
    assert_eq!([1, 5].map(|count| counted(count, Language::Kk)), ["1 жаңа баға", "5 жаңа баға"]);
    assert_eq!([1, 2, 21].map(|count| counted(count, Language::En)), ["1 new grade", "2 new grades", "21 new grades"]);
}

#[test]
fn a_digest_counts_each_kind_in_the_readers_language() {
    let counts = [(AlertKind::Grade, 3), (AlertKind::Homework, 1)].into();
    let digest = Facts::Bundle(Bundle { span: Span::Day, counts, child: Some("Айару".to_owned()) });
    assert_eq!(
        three(&digest),
        [
            "Бір күнде күнделікте 4 жаңалық | Айару: 3 баға, 1 үй тапсырмасы",
            "За день в дневнике 4 новости | Айару: 3 оценки, 1 домашнее задание",
            "The day in the diary: 4 updates | Айару: 3 grades, 1 piece of homework"
        ]
    );
}

#[test]
fn what_happens_to_an_account_is_told_to_parents_and_pupils_in_the_same_true_words() {
    let told = |news| three(&Facts::Account(news)).map(|said| said.split(" | ").next().unwrap().to_owned());
    assert_eq!(
        told(AccountNews::GuardianAdded),
        [
            "Балаңыздың күнделігін енді тағы бір ата-ана немесе қамқоршы оқи алады",
            "К дневнику вашего ребёнка получил доступ ещё один родитель или опекун",
            "Another parent or guardian can now read your child's diary"
        ]
    );
    assert_eq!(
        told(AccountNews::ChildRemoved),
        [
            "Бала күнделігі енді сізге көрінбейді",
            "Дневник ребёнка вам больше не доступен",
            "You can no longer see a child's diary"
        ]
    );
    assert_eq!(told(AccountNews::SignedIn)[0], "Аккаунтыңызға жаңа құрылғыдан кіру тіркелді");
    for said in three(&Facts::Account(AccountNews::TokenReused)) {
        assert!(["шығу орындалды", "выполнен выход", "signed out"].iter().any(|out| said.contains(out)), "{said}");
    }
    for said in three(&Facts::Account(AccountNews::DataExported)) {
        assert!(!["бала", "ребён", "child"].iter().any(|child| said.contains(child)), "a pupil has none: {said}");
    }
}

#[test]
fn coming_works_are_counted_and_named_as_schools_name_them() {
    let counted = |count, language| {
        let counts = [(AlertKind::Assessment, count)].into();
        say(&Facts::Bundle(Bundle { span: Span::Day, counts, child: Some("А".to_owned()) }), language).body
    };
    let russian = [1, 3, 5, 11, 21].map(|count| counted(count, Language::Ru));
    let expected = [
        "А: 1 уведомление о предстоящих работах",
        "А: 3 уведомления о предстоящих работах",
        "А: 5 уведомлений о предстоящих работах",
        "А: 11 уведомлений о предстоящих работах",
        "А: 21 уведомление о предстоящих работах",
    ];
    assert_eq!(russian, expected);
    for (kind, named) in [(GradeKind::Section, "Unit assessment"), (GradeKind::Term, "Term assessment")] {
        let detail = Detail::Assessment { kind, title: "№ 2".to_owned(), date: date("2026-11-20"), previous: None };
        let facts = thing(AlertKind::Assessment, Step::Created, "Algebra", Some(detail));
        assert!(say(&facts, Language::En).title.starts_with(named), "{facts:?}");
    }
}
