//! The two schools of the demo: their names, languages, classes and bells.

use chrono::NaiveTime;
use domain::intake;
use domain::types::Language;

/// What a school is made of.
pub struct Plan {
    pub key: &'static str,
    pub name: &'static str,
    pub languages: &'static [Language],
    pub cohorts: Vec<Cohort>,
}

/// Pupils who stay together from year to year; `level` and `shift` are those of the current school year.
pub struct Cohort {
    pub level: i32,
    pub letter: char,
    pub shift: i32,
    pub language: Language,
    pub pupils: usize,
}

const PUPILS: usize = 20;
/// The first child's class: of these, twenty and more have three grades in most subjects.
const PUPILS_FIRST: usize = 30;
const PUPILS_SCALED: usize = 25;
/// The Kazakh alphabet as far as classes need it.
const LETTERS: &str = "АӘБВГҒДЕЖЗИКҚЛМНҢОӨПРСТУҰҮФХЦЧШЭЮЯ";

/// The first cohort is the class of the first child, the second that of her brother and of the stranger's child. Level 10
/// sat an exam last year, level 11 will this year.
const FIRST: [(i32, char, i32, Language); 4] =
    [(7, 'Ә', 2, Language::Kk), (10, 'Б', 1, Language::Ru), (5, 'А', 1, Language::Kk), (11, 'Ғ', 1, Language::Kk)];
const SECOND: [(i32, char, i32, Language); 2] = [(6, 'А', 1, Language::Ru), (8, 'Б', 1, Language::Ru)];

/// The first school; with `pupils`, as many classes as they fill.
pub fn first(pupils: Option<usize>) -> Plan {
    let cohorts = match pupils {
        None => small(),
        Some(pupils) => scaled(pupils),
    };
    Plan {
        key: "first", name: "№ 12 мектеп-гимназия", languages: &[Language::Kk, Language::Ru], cohorts
    }
}

fn small() -> Vec<Cohort> {
    let mut cohorts: Vec<Cohort> = FIRST.map(|class| cohort(class, PUPILS)).into();
    if let Some(first) = cohorts.first_mut() {
        first.pupils = PUPILS_FIRST;
    }
    cohorts
}

pub fn second() -> Plan {
    let cohorts = SECOND.map(|class| cohort(class, PUPILS)).into();
    Plan { key: "second", name: "Школа-лицей № 48", languages: &[Language::Ru, Language::Kk], cohorts }
}

fn cohort((level, letter, shift, language): (i32, char, i32, Language), pupils: usize) -> Cohort {
    Cohort { level, letter, shift, language, pupils }
}

/// Classes of 25 for this many pupils, at least the two the families of the demo need, over the levels 5 to 11.
fn scaled(pupils: usize) -> Vec<Cohort> {
    let pupils = pupils.max(4);
    let classes = pupils.div_ceil(PUPILS_SCALED).max(2);
    let mut cohorts: Vec<Cohort> = Vec::with_capacity(classes);
    let mut levels = (5..=11).cycle();
    while cohorts.len() < classes {
        let class = FIRST.get(cohorts.len()).copied().or_else(|| next_class(&cohorts, levels.next()?));
        let Some(class) = class else { continue };
        let rest = usize::from(cohorts.len() < pupils % classes);
        cohorts.push(cohort(class, pupils / classes + rest));
    }
    cohorts
}

/// The next class of this level: the first letter still free; after the alphabet the letters repeat.
fn next_class(cohorts: &[Cohort], level: i32) -> Option<(i32, char, i32, Language)> {
    let taken = |letter: char| cohorts.iter().any(|cohort| cohort.level == level && cohort.letter == letter);
    let letter = LETTERS.chars().find(|letter| !taken(*letter)).or_else(|| LETTERS.chars().last())?;
    let language = if matches!(letter, 'Б' | 'В' | 'Д' | 'Ж' | 'И') { Language::Ru } else { Language::Kk };
    Some((level, letter, if (6..=8).contains(&level) { 2 } else { 1 }, language))
}

/// A shift, when its first lesson begins, the minutes of a lesson and of the breaks after each.
type Shift = (i32, (u32, u32), i64, [i64; 7]);

const BELLS: [Shift; 2] = [(1, (8, 0), 45, [5, 10, 15, 10, 5, 5, 0]), (2, (14, 10), 40, [5, 10, 5, 5, 5, 5, 0])];

/// The bells of both shifts: 08:00 to 14:05 and 14:10 to 19:25.
pub fn bells() -> Vec<intake::Bell> {
    let mut bells = Vec::new();
    for (shift, (hour, minute), minutes, breaks) in BELLS {
        let mut starts_at = NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default();
        for (number, pause) in (1..).zip(breaks) {
            let ends_at = starts_at + chrono::Duration::minutes(minutes);
            bells.push(intake::Bell {
                external_id: format!("bell-{shift}-{number}"),
                shift,
                number,
                starts_at,
                ends_at,
            });
            starts_at = ends_at + chrono::Duration::minutes(pause);
        }
    }
    bells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_shift_starts_after_the_first_and_ends_by_half_past_seven() {
        let bells = bells();
        let times: Vec<String> = bells.iter().map(|bell| format!("{}-{}", bell.starts_at, bell.ends_at)).collect();
        assert_eq!(times[0], "08:00:00-08:45:00");
        assert_eq!(times[6], "13:20:00-14:05:00");
        assert_eq!(times[7], "14:10:00-14:50:00");
        assert_eq!(times[13], "18:45:00-19:25:00");
    }

    #[test]
    fn a_thousand_pupils_are_forty_classes_of_25() {
        let plan = first(Some(1000));
        assert_eq!(plan.cohorts.len(), 40);
        assert!(plan.cohorts.iter().all(|cohort| cohort.pupils == 25));
        let names: std::collections::BTreeSet<_> = plan.cohorts.iter().map(|c| (c.level, c.letter)).collect();
        assert_eq!(names.len(), 40);
        assert_eq!(first(Some(60)).cohorts.iter().map(|cohort| cohort.pupils).sum::<usize>(), 60);
    }
}
