//! Guardians as the diary knows them: under which id each is written, which children stay hers, which rights end.

use std::collections::{HashMap, HashSet};

use domain::intake::Ward;

use super::ids;
use crate::workbook::Book;
use crate::workbook::families::Family;
use crate::workbook::words::key;

/// The families of a workbook beside the live guardianships of the school.
pub(super) struct Kin<'b> {
    book: &'b Book,
    /// Guardian and ward.
    links: Vec<(String, Ward)>,
    /// The id of each family, in their order.
    ids: Vec<String>,
}

impl<'b> Kin<'b> {
    pub(super) fn new(book: &'b Book, links: Vec<(String, Ward)>) -> Self {
        let live: HashSet<&str> = links.iter().map(|(guardian, _)| guardian.as_str()).collect();
        let mut named = HashMap::new();
        for (guardian, ward) in &links {
            if let Some(name) = derived_name(guardian) {
                named.entry((ward.student.as_str(), key(name))).or_insert(guardian.as_str());
            }
        }
        let mut taken: HashSet<&str> = book.families.iter().map(|family| family.id.as_str()).collect();
        let mut ids = Vec::with_capacity(book.families.len());
        for family in &book.families {
            let name = key(&family.name.formal());
            let known = || {
                let mut wards = family.wards.iter().map(|(student, _)| ids::student(book, *student));
                wards.find_map(|student| named.get(&(student.as_str(), name.clone())).copied())
            };
            let known = if live.contains(family.id.as_str()) { None } else { known() };
            let known = known.filter(|known| taken.insert(known));
            ids.push(known.unwrap_or(&family.id).to_owned());
        }
        Self { book, links, ids }
    }

    /// The families with their ids. She who stands in the diary without a number of her own, under the name of her eldest
    /// child, keeps that id when the child leaves or she gets a number: her log-in hangs on it.
    pub(super) fn families(&self) -> impl Iterator<Item = (&str, &'b Family)> {
        self.ids.iter().map(String::as_str).zip(&self.book.families)
    }

    /// The children that a guardian has in the diary beside those her rows name. What of them is to end, ends after all rows.
    pub(super) fn others(&self, guardian: &str, family: &Family) -> Vec<Ward> {
        let named =
            |ward: &Ward| family.wards.iter().any(|(student, _)| ids::student(self.book, *student) == ward.student);
        let hers = self.links.iter().filter(|(known, ward)| known == guardian && !named(ward));
        hers.map(|(_, ward)| ward.clone()).collect()
    }

    /// The rights that end, and how many there are: those to students of the sheet whose rows name the guardian no longer. A
    /// student whose guardians could not all be read keeps all, and so does everybody where the sheet names no guardian.
    pub(super) fn ending(&self) -> (Vec<(String, String)>, usize) {
        if self.book.families.is_empty() {
            return (Vec::new(), 0);
        }
        let certain = |at: &usize| !self.book.in_doubt.contains(&crate::workbook::book::at(*at));
        let rows = self.book.students.iter().enumerate().filter(|(at, _)| certain(at));
        let students: HashSet<&str> = rows.map(|(_, row)| row.number.as_str()).collect();
        let named: HashSet<(&str, String)> = self
            .families()
            .flat_map(|(id, family)| {
                family.wards.iter().map(move |(student, _)| (id, ids::student(self.book, *student)))
            })
            .collect();
        let ours = self.links.iter().filter(|(_, ward)| students.contains(ward.student.as_str()));
        let (mut ending, mut stood) = (Vec::new(), 0);
        for (guardian, ward) in ours {
            stood += 1;
            if !named.contains(&(guardian.as_str(), ward.student.clone())) {
                ending.push((guardian.clone(), ward.student.clone()));
            }
        }
        (ending, stood)
    }
}

/// The name in an id that was made of student, relation and name.
fn derived_name(id: &str) -> Option<&str> {
    id.splitn(3, ':').nth(2)
}
