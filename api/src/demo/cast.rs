//! The people behind the demo's logins: two families who are strangers to each other.

use domain::types::{FullName, Language, Sex};

pub struct Parent {
    /// The login, and after `p-` the school's number of the guardian.
    pub key: &'static str,
    pub name: (&'static str, &'static str, &'static str),
    pub birth_date: (i32, u32, u32),
    pub language: Language,
}

pub struct Child {
    /// The school's key, and the place of the pupil there: the class, and the place in the class.
    pub school: &'static str,
    pub cohort: usize,
    pub place: usize,
    pub name: (&'static str, &'static str, &'static str),
    pub sex: Sex,
    pub parent: &'static Parent,
}

pub static AIGUL: Parent = Parent {
    key: "aigul",
    name: ("Айгүл", "Сәрсенова", "Болатқызы"),
    birth_date: (1984, 4, 17),
    language: Language::Kk,
};
pub static STRANGER: Parent = Parent {
    key: "stranger",
    name: ("Наталья", "Ковалёва", "Андреевна"),
    birth_date: (1987, 11, 2),
    language: Language::Ru,
};

/// The first child is the one whose diary shows everything; the second has a login.
pub static CHILDREN: [Child; 4] = [
    Child {
        school: "first",
        cohort: 0,
        place: 0,
        name: ("Әсел", "Сәрсенова", "Ержанқызы"),
        sex: Sex::Female,
        parent: &AIGUL,
    },
    Child {
        school: "first",
        cohort: 1,
        place: 0,
        name: ("Дәулет", "Сәрсенов", "Ержанұлы"),
        sex: Sex::Male,
        parent: &AIGUL,
    },
    Child {
        school: "second",
        cohort: 0,
        place: 0,
        name: ("Аружан", "Сәрсенова", "Ержанқызы"),
        sex: Sex::Female,
        parent: &AIGUL,
    },
    Child {
        school: "first",
        cohort: 1,
        place: 1,
        name: ("Артём", "Ковалёв", "Сергеевич"),
        sex: Sex::Male,
        parent: &STRANGER,
    },
];

/// The child of the cast at this place, if one sits there.
pub fn at(school: &str, cohort: usize, place: usize) -> Option<&'static Child> {
    CHILDREN.iter().find(|child| (child.school, child.cohort, child.place) == (school, cohort, place))
}

pub fn full_name((first, last, middle): (&str, &str, &str)) -> FullName {
    FullName { first: first.to_owned(), last: last.to_owned(), middle: Some(middle.to_owned()) }
}

impl Parent {
    /// The schools' own number of her.
    pub fn number(&self) -> String {
        format!("p-{}", self.key)
    }
}
