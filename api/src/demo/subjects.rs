//! The subjects the demo teaches, and how many lessons a week each has at which level.

use domain::types::{Language, Names};

use super::{texts_humanities, texts_languages, texts_sciences};

pub struct Subject {
    pub key: &'static str,
    /// In Kazakh, Russian and English.
    pub names: (&'static str, &'static str, &'static str),
    pub marks: Marks,
    /// Whether a class splits into two subgroups for it.
    pub split: bool,
    pub kk: Texts,
    pub ru: Texts,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    Points,
    /// Passed or not: no points, no section and term works.
    Pass,
}

/// What the journal writes about the subject, in one language.
pub struct Texts {
    pub topics: [&'static str; 6],
    pub tasks: [&'static str; 6],
}

impl Subject {
    pub fn all() -> impl Iterator<Item = &'static Self> {
        texts_languages::SUBJECTS.iter().chain(texts_sciences::SUBJECTS).chain(texts_humanities::SUBJECTS)
    }

    pub fn names(&self) -> Names {
        Names::of(self.names.0, self.names.1, self.names.2)
    }

    pub fn name(&self, language: Language) -> &'static str {
        match language {
            Language::Kk => self.names.0,
            Language::Ru => self.names.1,
            Language::En => self.names.2,
        }
    }

    pub fn texts(&self, language: Language) -> &Texts {
        if language == Language::Kk { &self.kk } else { &self.ru }
    }
}

type Plan = &'static [(&'static str, usize)];

/// 35 lessons a week each. `lit` stands for the literature of the language of instruction.
const PRIMARY: Plan = &[
    ("kaz", 5),
    ("rus", 4),
    ("lit", 3),
    ("eng", 3),
    ("math", 6),
    ("sci", 3),
    ("cs", 2),
    ("pe", 3),
    ("art", 3),
    ("mus", 3),
];
const LOWER: Plan = &[
    ("kaz", 5),
    ("lit", 3),
    ("rus", 4),
    ("eng", 4),
    ("math", 6),
    ("cs", 2),
    ("hist", 2),
    ("whist", 1),
    ("sci", 3),
    ("pe", 2),
    ("art", 2),
    ("mus", 1),
];
const MIDDLE: Plan = &[
    ("kaz", 3),
    ("lit", 3),
    ("rus", 3),
    ("eng", 3),
    ("alg", 4),
    ("geom", 2),
    ("cs", 1),
    ("hist", 2),
    ("whist", 1),
    ("geo", 2),
    ("bio", 2),
    ("phys", 3),
    ("chem", 2),
    ("pe", 3),
    ("art", 1),
];
const UPPER: Plan = &[
    ("kaz", 3),
    ("lit", 3),
    ("rus", 2),
    ("eng", 4),
    ("alg", 4),
    ("geom", 2),
    ("cs", 2),
    ("hist", 2),
    ("whist", 1),
    ("geo", 2),
    ("bio", 2),
    ("phys", 3),
    ("chem", 2),
    ("law", 1),
    ("pe", 2),
];

/// The subjects of a class and their lessons a week.
pub fn plan(level: i32, language: Language) -> Vec<(&'static Subject, usize)> {
    let plan = match level {
        ..=4 => PRIMARY,
        5..=6 => LOWER,
        7..=9 => MIDDLE,
        _ => UPPER,
    };
    let literature = if language == Language::Kk { "kazlit" } else { "ruslit" };
    let key = |key: &'static str| if key == "lit" { literature } else { key };
    let find = |wanted: &str| Subject::all().find(|subject| subject.key == wanted);
    plan.iter().filter_map(|(subject, hours)| Some((find(key(subject))?, *hours))).collect()
}

/// The subjects with an exam at the end of level 9 and 11.
pub fn has_exam(level: i32, subject: &Subject) -> bool {
    matches!(level, 9 | 11) && matches!(subject.key, "kaz" | "alg" | "hist" | "eng")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_35_lessons_a_week_in_either_language() {
        for level in 1..=11 {
            for language in [Language::Kk, Language::Ru] {
                assert_eq!(plan(level, language).iter().map(|(_, hours)| hours).sum::<usize>(), 35, "level {level}");
            }
        }
    }
}
