//! Writes who is at a school, in the order in which one thing refers to another.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use domain::intake::{ClassGroup, ClassMember, Course, CourseMember, Guardian, Staff, Student, Subject, Ward};
use domain::types::FullName;

use super::calendar::{Calendar, Year};
use super::roster::{Class, Roster, group_name};
use super::subjects;
use super::writing::Journal;
use super::{accounts, schools};

/// Writes the roster and gives the database's ids of the pupils, by the school's numbers.
pub fn write(journal: &Journal, roster: &Roster, calendar: &Calendar) -> anyhow::Result<HashMap<String, i64>> {
    journal.put(&calendar.periods)?;
    journal.put(&schools::bells())?;
    journal.put(&subjects(roster))?;
    journal.put(&staff(roster))?;
    let ids = journal.put(&students(roster, calendar))?;
    journal.put(&guardians(roster))?;
    let groups: Vec<ClassGroup> = roster.classes.iter().map(|class| group(class)).collect();
    journal.put(&groups)?;
    for class in &roster.classes {
        let Some(year) = calendar.years.iter().find(|year| year.start == class.year) else { continue };
        let last = calendar.years.last().is_some_and(|last| last.start == year.start);
        write_class(journal, class, year, (!last).then_some(year.last_day))?;
    }
    Ok(roster.pupils.iter().map(|pupil| pupil.number.clone()).zip(ids).collect())
}

fn subjects(roster: &Roster) -> Vec<Subject> {
    let taught = |subject: &&subjects::Subject| {
        roster.classes.iter().flat_map(|class| &class.courses).any(|course| course.subject.key == subject.key)
    };
    let item = |subject: &subjects::Subject| Subject { external_id: subject.key.to_owned(), names: subject.names() };
    subjects::Subject::all().filter(taught).map(item).collect()
}

fn staff(roster: &Roster) -> Vec<Staff> {
    let teachers = roster.teachers.iter();
    let mut staff: Vec<Staff> =
        teachers.map(|teacher| Staff { external_id: teacher.number.clone(), name: teacher.name.clone() }).collect();
    staff.push(accounts::head());
    staff
}

fn students(roster: &Roster, calendar: &Calendar) -> Vec<Student> {
    let since = calendar.years.first().map(|year| year.first_day).unwrap_or_default();
    let item = |pupil: &super::roster::Pupil| Student {
        external_id: pupil.number.clone(),
        name: pupil.name.clone(),
        birth_date: pupil.birth_date,
        sex: Some(pupil.sex),
        starts_on: since,
    };
    roster.pupils.iter().map(|pupil| item(pupil)).collect()
}

fn guardians(roster: &Roster) -> Vec<Guardian> {
    let mut families: BTreeMap<&str, (&FullName, Vec<Ward>)> = BTreeMap::new();
    for pupil in &roster.pupils {
        let (number, name) = &pupil.parent;
        let ward = Ward { student: pupil.number.clone(), relation: "mother".to_owned() };
        families.entry(number).or_insert((name, Vec::new())).1.push(ward);
    }
    let item = |(number, (name, wards)): (&str, (&FullName, Vec<Ward>))| Guardian {
        external_id: number.to_owned(),
        name: name.clone(),
        email: None,
        wards,
    };
    families.into_iter().map(item).collect()
}

fn group(class: &Class) -> ClassGroup {
    ClassGroup {
        external_id: class.external_id.clone(),
        school_year: class.year,
        level: Some(class.level),
        name: class.name.clone(),
        shift: class.shift,
        language: class.language,
        homeroom_teacher: class.homeroom_teacher.clone(),
    }
}

fn write_class(journal: &Journal, class: &Class, year: &Year, ends_on: Option<NaiveDate>) -> anyhow::Result<()> {
    let pupils = class.pupils.iter().map(|pupil| ClassMember {
        external_id: format!("{}-{}", class.external_id, pupil.number),
        class_group: class.external_id.clone(),
        student: pupil.number.clone(),
        starts_on: year.first_day,
        ends_on,
    });
    journal.put(&pupils.collect::<Vec<_>>())?;
    let courses = class.courses.iter().map(|course| Course {
        external_id: course.external_id.clone(),
        school_year: class.year,
        subject: course.subject.key.to_owned(),
        class_group: Some(class.external_id.clone()),
        teacher: Some(course.teacher.number.clone()),
        name: course.name.clone(),
        subgroup: course.subgroup.map(|group| group_name(group, class.language)),
    });
    journal.put(&courses.collect::<Vec<_>>())?;
    let members = class.courses.iter().flat_map(|course| {
        course.members.iter().map(move |pupil| CourseMember {
            external_id: format!("{}-{}", course.external_id, pupil.number),
            course: course.external_id.clone(),
            student: pupil.number.clone(),
            starts_on: year.first_day,
            ends_on,
        })
    });
    journal.put(&members.collect::<Vec<_>>())?;
    Ok(())
}
