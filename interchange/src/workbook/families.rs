//! Guardians: up to two on the row of each student, and one person whichever children's rows name her.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use domain::types::FullName;

use super::Sheet;
use super::book::{At, Book, Index};
use super::cells::Cells;
use super::columns::Field;
use super::log::Log;
use super::names;
use super::words::{Relation, key};
use crate::report::Flaw;

/// What one row of a student says of one guardian.
#[derive(Debug)]
pub(crate) struct Guardian {
    line: u32,
    /// The heading of the name, as it is written.
    column: String,
    /// None if the row of the student was left out.
    student: Option<At>,
    student_number: String,
    number: Option<String>,
    relation: Relation,
    name: FullName,
    email: Option<String>,
    /// The digits that tell two phones apart; never kept.
    phone: Option<String>,
}

/// A guardian with all her children.
#[derive(Debug)]
pub(crate) struct Family {
    /// The first row that names her.
    pub(crate) line: u32,
    /// The school's own number; else student, relation and name, of the smallest number of a student.
    pub(crate) id: String,
    pub(crate) name: FullName,
    pub(crate) email: Option<String>,
    pub(crate) wards: Vec<(At, Relation)>,
}

/// Notes the guardians on a student's row. One that cannot be read is reported and left out; the student stands.
pub(crate) fn of_student(cells: &Cells<'_>, student: Option<At>, number: &str, book: &mut Book, index: &mut Index) {
    for nth in [1, 2] {
        let fields = [Field::GuardianNumber(nth), Field::GuardianName(nth), Field::Phone(nth), Field::Email(nth)];
        if !fields.iter().any(|field| cells.has(*field)) {
            continue;
        }
        match guardian(cells, nth, &mut book.log) {
            Ok(guardian) => index.guardians.push(Guardian { student, student_number: number.to_owned(), ..guardian }),
            Err(flaw) => {
                if let Some(student) = student {
                    book.in_doubt.insert(student);
                    book.log.list(Sheet::Students, cells.line, without_her(flaw));
                }
            }
        }
    }
}

fn without_her(flaw: Flaw) -> Flaw {
    Flaw { reason: format!("{}; the student was taken without this guardian", flaw.reason).into(), ..flaw }
}

fn guardian(cells: &Cells<'_>, nth: u8, log: &mut Log) -> Result<Guardian, Flaw> {
    let name = names::in_one(cells, Field::GuardianName(nth))?;
    let email = cells.maybe_text(Field::Email(nth))?.filter(|email| {
        let fits = is_email(email);
        if !fits {
            let reason = "this is no e-mail address; the guardian was taken without it";
            log.list(Sheet::Students, cells.line, cells.flaw(Field::Email(nth), reason, "Write it as name@example.kz"));
        }
        fits
    });
    Ok(Guardian {
        line: cells.line,
        column: cells.flaw(Field::GuardianName(nth), "", "").column.into_owned(),
        student: None,
        student_number: String::new(),
        number: cells.maybe_number(Field::GuardianNumber(nth))?,
        relation: cells.maybe_word(Field::Relation(nth))?.unwrap_or(Relation::Parent),
        name,
        email,
        phone: cells.maybe_text(Field::Phone(nth))?.and_then(|text| phone(&text)),
    })
}

fn is_email(text: &str) -> bool {
    let parts =
        text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.contains('@'));
    parts && text.len() <= 254 && !text.contains(' ')
}

/// The last ten digits: +7 701 and 8 701 are one country.
fn phone(text: &str) -> Option<String> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let skipped = digits.len().checked_sub(10)?;
    Some(digits.into_iter().skip(skipped).collect())
}

/// Puts together what the rows say of one person. Two rows mean one person if the numbers are equal, or the names and the
/// phone or the e-mail address. Also gives the students of whose guardians one was left out.
pub(crate) fn settle(guardians: Vec<Guardian>, log: &mut Log) -> (Vec<Family>, Vec<At>) {
    let mut persons = Persons::default();
    let (numbered, others): (Vec<_>, Vec<_>) = guardians.into_iter().partition(|one| one.number.is_some());
    for guardian in numbered.into_iter().chain(others) {
        persons.add(guardian, log);
    }
    let mut families = Vec::with_capacity(persons.rows.len());
    for rows in &persons.rows {
        match family(rows, log) {
            Some(family) => families.push(family),
            None => persons.left_out.extend(rows.iter().filter_map(|row| row.student)),
        }
    }
    families.sort_by_key(|family: &Family| family.line);
    (families, persons.left_out)
}

#[derive(Default)]
struct Persons {
    rows: Vec<Vec<Guardian>>,
    /// The students of guardians that were left out.
    left_out: Vec<At>,
    by_number: HashMap<String, usize>,
    by_contact: HashMap<(String, String), usize>,
}

impl Persons {
    fn add(&mut self, guardian: Guardian, log: &mut Log) {
        let name = key(&guardian.name.formal());
        let contacts = [guardian.phone.clone(), guardian.email.as_deref().map(str::to_lowercase)];
        let contacts: Vec<_> = contacts.into_iter().flatten().map(|contact| (name.clone(), contact)).collect();
        let known = match &guardian.number {
            Some(number) => self.by_number.get(number),
            None => contacts.iter().find_map(|contact| self.by_contact.get(contact)),
        };
        let place = known.copied().unwrap_or(self.rows.len());
        if let Some(first) = self.rows.get(place).and_then(|rows| rows.first())
            && key(&first.name.formal()) != name
        {
            let flaw = guardian.flaw(
                format!(
                    "the number belongs to somebody of another name in row {}; this guardian was left out",
                    first.line
                ),
                "Give each guardian their own number, or write the name alike",
            );
            self.left_out.extend(guardian.student);
            return log.list(Sheet::Students, guardian.line, flaw);
        }
        if let Some(number) = &guardian.number {
            self.by_number.insert(number.clone(), place);
        }
        for contact in contacts {
            self.by_contact.entry(contact).or_insert(place);
        }
        match self.rows.get_mut(place) {
            Some(rows) => rows.push(guardian),
            None => self.rows.push(vec![guardian]),
        }
    }
}

impl Guardian {
    fn flaw(&self, reason: impl Into<Cow<'static, str>>, mend: &'static str) -> Flaw {
        Flaw::new(self.column.clone(), &self.name.formal(), reason, mend)
    }
}

/// A guardian is written with all her children at once, so one whose other child's row was left out has to wait: she would
/// lose that child.
fn family(rows: &[Guardian], log: &mut Log) -> Option<Family> {
    if let Some(lost) = rows.iter().find(|row| row.student.is_none()) {
        for row in rows.iter().filter(|row| row.student.is_some()) {
            let reason =
                format!("row {} of another child of this guardian was left out, so the guardian was, too", lost.line);
            log.list(Sheet::Students, row.line, row.flaw(reason, "Mend that row"));
        }
        return None;
    }
    let first = rows.iter().min_by_key(|row| (row.student_number.chars().count(), row.student_number.clone()))?;
    let derived = || format!("{}:{}:{}", first.student_number, first.relation.as_str(), first.name.formal());
    let (mut wards, mut known) = (Vec::new(), HashSet::new());
    for row in rows {
        match row.student {
            Some(student) if known.insert(student) => wards.push((student, row.relation)),
            _ => log.list(
                Sheet::Students,
                row.line,
                row.flaw(
                    "the row names this guardian twice; the second was left out",
                    "Name another guardian, or nobody",
                ),
            ),
        }
    }
    Some(Family {
        line: rows.iter().map(|row| row.line).min()?,
        id: rows.iter().find_map(|row| row.number.clone()).unwrap_or_else(derived),
        name: first.name.clone(),
        email: rows.iter().find_map(|row| row.email.clone()),
        wards,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u32, student: u32, number: &str, name: &str, phone: &str) -> Guardian {
        let (last, first) = name.split_once(' ').unwrap();
        Guardian {
            line,
            column: "ФИО".to_owned(),
            student: Some(student),
            student_number: (100 + student).to_string(),
            number: Some(number.to_owned()).filter(|number| !number.is_empty()),
            relation: Relation::Mother,
            name: FullName { first: first.to_owned(), last: last.to_owned(), middle: None },
            email: None,
            phone: super::phone(phone),
        }
    }

    fn settled(rows: Vec<Guardian>) -> (Vec<(String, usize)>, Vec<String>) {
        let mut log = Log::default();
        let (families, _) = settle(rows, &mut log);
        let reasons = log.rejections.into_iter().map(|one| one.reason).collect();
        (families.into_iter().map(|family| (family.id, family.wards.len())).collect(), reasons)
    }

    #[test]
    fn one_person_is_known_by_number_or_by_name_and_phone() {
        let (families, reasons) = settled(vec![
            row(3, 2, "", "Омарова Сауле", "+7 701 123-45-67"),
            row(4, 1, "", "ОМАРОВА Сауле", "8(701)1234567"),
            row(5, 3, "P-1", "Ли Анна", ""),
            row(6, 4, "P-1", "Ли Анна", ""),
            row(7, 5, "", "Ли Анна", ""),
        ]);
        assert!(reasons.is_empty(), "{reasons:?}");
        let of = |id: &str, wards| (id.to_owned(), wards);
        assert_eq!(families, [of("101:mother:ОМАРОВА Сауле", 2), of("P-1", 2), of("105:mother:Ли Анна", 1)]);
    }

    #[test]
    fn a_number_of_somebody_else_is_reported() {
        let (families, reasons) = settled(vec![row(3, 1, "P-1", "Ли Анна", ""), row(4, 2, "P-1", "Ким Анна", "")]);
        assert_eq!(families, [("P-1".to_owned(), 1)]);
        assert!(reasons[0].contains("another name in row 3"), "{reasons:?}");
    }

    #[test]
    fn a_guardian_waits_for_the_row_of_her_other_child() {
        let lost = Guardian { student: None, ..row(4, 2, "P-1", "Ли Анна", "") };
        let (families, reasons) = settled(vec![row(3, 1, "P-1", "Ли Анна", ""), lost]);
        assert!(families.is_empty());
        assert!(reasons[0].contains("row 4"), "{reasons:?}");
    }

    #[test]
    fn addresses_and_phones_are_told_from_other_text() {
        assert!(is_email("saule@example.kz"));
        for text in ["saule", "saule@kz", "@a.kz", "a b@c.kz", "a@b@c.kz"] {
            assert!(!is_email(text), "{text}");
        }
        assert_eq!(phone("нет"), None);
        assert_eq!(phone("+7 (701) 123 45 67"), phone("87011234567"));
    }
}
