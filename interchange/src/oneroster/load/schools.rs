//! Which school of a bundle is imported, and what belongs to it.

use std::collections::{HashMap, HashSet};

use domain::letters::match_key;

use crate::oneroster::{Bundle, Class, Org, OrgKind};
use crate::report::{Refusal, cut};

/// How many schools a refusal lists.
const LISTED_MAX: usize = 20;

/// The school whose rows are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it is called in the diary.
    pub name: String,
    /// None if there are no classes.
    school: Option<String>,
    /// Whether all classes are its own.
    alone: bool,
    homes: Homes,
}

/// The school of each organisation, and whether that is one by its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Homes(HashMap<String, (String, bool)>);

/// Chooses by name or id among the schools that have classes; of changes without classes, among all schools. If there is only
/// one, any name will do: it is what the school is called in the diary.
pub fn choose(bundle: &Bundle, name: &str) -> Result<Choice, Refusal> {
    if bundle.orgs.is_empty() {
        let users = bundle.users.iter().flat_map(|user| user.orgs.iter().map(String::as_str));
        let roles = bundle.roles.iter().map(|role| role.org.as_str());
        let named = bundle.classes.iter().map(|class| class.school.as_str()).chain(users).chain(roles);
        if named.collect::<HashSet<_>>().len() > 1 {
            let sentence =
                "The changes are of several organisations; put orgs.csv into the bundle, to tell their schools.";
            return Err(Refusal::new(sentence));
        }
    }
    among(&bundle.orgs, &bundle.classes, name)
}

fn among(orgs: &[Org], classes: &[Class], name: &str) -> Result<Choice, Refusal> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Refusal::new("The school has no name; write it after --school."));
    }
    let homes = Homes::new(orgs);
    let found: Vec<&Org> = if classes.is_empty() {
        orgs.iter().filter(|org| is_school(org)).collect()
    } else {
        with_classes(orgs, classes, &homes)
    };
    let (name, school) = match found.as_slice() {
        [] => (name.to_owned(), None),
        [one] => (name.to_owned(), Some(one.sourced_id.clone())),
        several => {
            let (org, name) = pick(several, name)?;
            (name, Some(org.sourced_id.clone()))
        }
    };
    Ok(Choice { name, school, alone: found.len() < 2, homes })
}

/// The schools that classes are of, in the order of the classes.
fn with_classes<'a>(orgs: &'a [Org], classes: &[Class], homes: &Homes) -> Vec<&'a Org> {
    let by_id: HashMap<&str, &Org> = orgs.iter().map(|org| (org.sourced_id.as_str(), org)).collect();
    let mut seen = HashSet::new();
    let homes = classes.iter().filter_map(|class| homes.of(&class.school)).filter(|home| seen.insert(*home));
    homes.filter_map(|home| by_id.get(home).copied()).collect()
}

/// The school of this name or id, and what to call it.
fn pick<'a>(found: &[&'a Org], name: &str) -> Result<(&'a Org, String), Refusal> {
    let namesakes = |org: &Org| found.iter().filter(|other| other.name == org.name).count();
    if let Some(org) = found.iter().find(|org| org.sourced_id == name) {
        // Two schools of one name must not become one.
        let called = if namesakes(org) == 1 { &org.name } else { name };
        return Ok((org, called.to_owned()));
    }
    let exactly: Vec<&Org> = found.iter().copied().filter(|org| org.name.trim() == name).collect();
    let alike: Vec<&Org> = found.iter().copied().filter(|org| match_key(&org.name) == match_key(name)).collect();
    match (exactly.as_slice(), alike.as_slice()) {
        ([org], _) | ([], [org]) => Ok((org, org.name.clone())),
        ([], []) => Err(Refusal::new(format!(
            "The classes belong to several schools and none is called {:?}; write one of these after --school: {}.",
            cut(name),
            listed(found, |org| &org.name)
        ))),
        _ => Err(Refusal::new(format!(
            "Several schools are called {:?}; write the id of one after --school: {}.",
            cut(name),
            listed(&alike, |org| &org.sourced_id)
        ))),
    }
}

fn listed<'a>(orgs: &[&'a Org], text: impl Fn(&'a Org) -> &'a String) -> String {
    let mut list: Vec<String> = orgs.iter().take(LISTED_MAX).map(|org| format!("{:?}", cut(text(org)))).collect();
    if orgs.len() > LISTED_MAX {
        list.push(format!("and {} more", orgs.len() - LISTED_MAX));
    }
    list.join(", ")
}

impl Homes {
    /// The school of an organisation is the nearest school, college or university at or above it; exporters hang classes on
    /// departments. Where there is none, it is the organisation itself.
    fn new(orgs: &[Org]) -> Self {
        let by_id: HashMap<&str, &Org> = orgs.iter().map(|org| (org.sourced_id.as_str(), org)).collect();
        // The school at or above each organisation that was walked over; a tree may be as deep as the file is long.
        let mut above: HashMap<&str, Option<&str>> = HashMap::with_capacity(orgs.len());
        for org in orgs {
            let (mut walked, mut at, mut school) = (Vec::new(), Some(org), None);
            while let Some(here) = at {
                if let Some(known) = above.get(here.sourced_id.as_str()) {
                    school = *known;
                    break;
                }
                walked.push(here.sourced_id.as_str());
                school = is_school(here).then_some(here.sourced_id.as_str());
                at = here.parent.as_deref().filter(|_| school.is_none()).and_then(|parent| by_id.get(parent).copied());
            }
            above.extend(walked.into_iter().map(|id| (id, school)));
        }
        let home = |id: &str, school: Option<&str>| (school.unwrap_or(id).to_owned(), school.is_some());
        Self(above.into_iter().map(|(id, school)| (id.to_owned(), home(id, school))).collect())
    }

    fn of(&self, org: &str) -> Option<&str> {
        self.0.get(org).map(|(home, _)| home.as_str())
    }
}

fn is_school(org: &Org) -> bool {
    matches!(org.kind, OrgKind::School | OrgKind::College | OrgKind::University)
}

impl Choice {
    /// Whether what hangs on this organisation is the school's. A bundle of one school names its district, too, for people
    /// who are nobody else's; only another school is somebody else.
    pub(super) fn holds(&self, org: &str) -> bool {
        match (self.homes.0.get(org), &self.school) {
            (Some((home, _)), Some(school)) if home == school => true,
            (Some((_, true)), Some(_)) => false,
            _ => self.alone,
        }
    }

    /// The same of a row that may name none.
    pub(super) fn holds_if_any(&self, org: Option<&str>) -> bool {
        org.map_or(self.alone, |org| self.holds(org))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oneroster::ClassKind;

    fn org(id: &str, name: &str, kind: OrgKind, parent: Option<&str>) -> Org {
        let (sourced_id, name, parent) = (id.to_owned(), name.to_owned(), parent.map(str::to_owned));
        Org { line: 2, sourced_id, name, kind, identifier: None, parent }
    }

    fn class(school: &str) -> Class {
        Class {
            line: 2,
            sourced_id: format!("k-{school}"),
            title: "7 Ә".to_owned(),
            kind: ClassKind::Scheduled,
            code: None,
            course: None,
            school: school.to_owned(),
            terms: Vec::new(),
            grades: Vec::new(),
            subjects: Vec::new(),
            subject_codes: Vec::new(),
            periods: Vec::new(),
            location: None,
        }
    }

    fn town() -> Vec<Org> {
        vec![
            org("o", "Білім басқармасы", OrgKind::Ministry, None),
            org("1", "Мектеп 1", OrgKind::School, Some("o")),
            org("1m", "Maths", OrgKind::Department, Some("1")),
            org("2", "Мектеп 2", OrgKind::School, Some("o")),
            org("3", "Мектеп 2", OrgKind::College, Some("o")),
        ]
    }

    fn chosen(classes: &[&str], name: &str) -> Result<(String, Option<String>), String> {
        let classes: Vec<Class> = classes.iter().map(|school| class(school)).collect();
        among(&town(), &classes, name).map(|choice| (choice.name, choice.school)).map_err(|refusal| refusal.sentence)
    }

    #[test]
    fn the_name_is_free_if_all_classes_are_of_one_school() {
        let one = |name: &str| Ok((name.to_owned(), Some("1".to_owned())));
        assert_eq!(chosen(&["1", "1m", "1"], " Our school "), one("Our school"));
        assert_eq!(chosen(&["1m"], "x"), one("x"));
        assert_eq!(chosen(&["o"], "x"), Ok(("x".to_owned(), Some("o".to_owned()))));
        assert!(chosen(&["1"], " ").unwrap_err().contains("no name"));
    }

    #[test]
    fn one_of_several_is_chosen_by_name_or_id() {
        let classes = ["1", "2"];
        let first = Ok(("Мектеп 1".to_owned(), Some("1".to_owned())));
        for name in ["Мектеп 1", "мектеп 1", "МЕКТЕП  1", "1"] {
            assert_eq!(chosen(&classes, name), first, "{name}");
        }
        assert_eq!(chosen(&[], "1"), first, "without classes, all schools can be meant");
        let sentence = chosen(&classes, "Мектеп 9").unwrap_err();
        assert!(sentence.contains("\"Мектеп 1\", \"Мектеп 2\""), "{sentence}");
    }

    #[test]
    fn namesakes_are_told_apart_by_id_and_stay_apart() {
        let sentence = chosen(&["2", "3"], "Мектеп 2").unwrap_err();
        assert!(sentence.contains("\"2\", \"3\""), "{sentence}");
        assert_eq!(chosen(&["2", "3"], "3"), Ok(("3".to_owned(), Some("3".to_owned()))));
    }

    #[test]
    fn a_tree_as_deep_as_the_file_is_long_is_walked_once() {
        let id = |number: usize| format!("d{number}");
        let mut orgs: Vec<Org> =
            (1..100_000).map(|number| org(&id(number), "Бөлім", OrgKind::Department, Some(&id(number - 1)))).collect();
        let classes: Vec<Class> = (1..100_000).map(|number| class(&id(number))).collect();
        assert!(among(&orgs, &classes, "x").unwrap_err().sentence.contains("and 99979 more"));
        orgs.push(org("d0", "Мектеп", OrgKind::School, None));
        assert_eq!(among(&orgs, &classes, "x").unwrap().school.as_deref(), Some("d0"));
    }

    #[test]
    fn a_district_belongs_to_a_school_that_is_alone_and_another_school_to_none() {
        let holds = |classes: &[&str], name: &str| {
            let classes: Vec<Class> = classes.iter().map(|school| class(school)).collect();
            let choice = among(&town(), &classes, name).unwrap();
            ["o", "1", "1m", "2"].map(|org| choice.holds(org))
        };
        assert_eq!(holds(&["1"], "x"), [true, true, true, false]);
        assert_eq!(holds(&["1", "2"], "1"), [false, true, true, false]);
        assert_eq!(holds(&[], "1"), [false, true, true, false], "changes without classes");
    }
}
