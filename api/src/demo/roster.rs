//! Who is at a school: pupils, parents, teachers, classes of each year with their courses.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use chrono::NaiveDate;
use domain::types::{FullName, Language, Sex};

use super::calendar::{Calendar, Year};
use super::cast;
use super::dice::{Dice, fingerprint};
use super::names::{self, People};
use super::schools::{Cohort, Plan};
use super::subjects::{self, Subject};
use super::timetable::{self, Grid};

pub struct Roster {
    pub pupils: Vec<Rc<Pupil>>,
    pub teachers: Vec<Rc<Teacher>>,
    pub classes: Vec<Rc<Class>>,
}

pub struct Pupil {
    pub number: String,
    pub name: FullName,
    pub sex: Sex,
    pub birth_date: Option<NaiveDate>,
    /// The school's number of the parent, and her name.
    pub parent: (String, FullName),
    pub cohort: usize,
    /// What the pupil reaches on average, in percent.
    ability: i64,
    /// The first child of the cast: what happens to it is written by hand.
    pub shown: bool,
}

pub struct Teacher {
    pub number: String,
    pub name: FullName,
    pub subject: &'static str,
    pub room: String,
}

/// A class in one school year.
pub struct Class {
    pub external_id: String,
    pub year: i32,
    pub level: i32,
    pub name: String,
    pub shift: i32,
    pub language: Language,
    /// The place of its cohort in the plan.
    pub cohort: usize,
    pub homeroom_teacher: Option<String>,
    pub pupils: Vec<Rc<Pupil>>,
    pub courses: Vec<Rc<Course>>,
    pub grid: Grid,
}

/// A subject taught to a class or to one of its two subgroups.
pub struct Course {
    pub external_id: String,
    pub name: String,
    pub subject: &'static Subject,
    pub subgroup: Option<usize>,
    pub teacher: Rc<Teacher>,
    pub members: Vec<Rc<Pupil>>,
}

type Pool = BTreeMap<&'static str, Vec<Rc<Teacher>>>;

/// As many lessons a week as one teacher gives.
const LOAD: usize = 20;

impl Pupil {
    /// The first child's brother does no sport, so that a report card shows that too.
    pub fn is_excused(&self, subject: &Subject) -> bool {
        subject.key == "pe" && self.sex == Sex::Male && self.parent.0 == cast::AIGUL.number()
    }

    /// What the pupil reaches in a subject, in percent: everybody has stronger and weaker ones.
    pub fn ability(&self, subject: &Subject) -> i64 {
        let swing = i64::try_from(fingerprint(&format!("{} {}", self.number, subject.key)) % 21).unwrap_or(10) - 10;
        (self.ability + swing).clamp(25, 99)
    }
}

impl Roster {
    pub fn of(plan: &Plan, calendar: &Calendar, seed: u64) -> Self {
        let current = calendar.years.last().map_or(0, |year| year.start);
        let pupils = pupils(plan, current, seed);
        let pool = teachers(plan, calendar, current, seed);
        let mut classes = Vec::new();
        for year in &calendar.years {
            let mut dice = Dice::new(seed, &format!("{} classes {}", plan.key, year.start));
            let mut busy = HashSet::new();
            for (place, cohort) in plan.cohorts.iter().enumerate() {
                let members = pupils.iter().filter(|pupil| pupil.cohort == place).map(Rc::clone).collect();
                let class = class(cohort, place, year, current, members, &pool);
                classes.push(Rc::new(timetable::laid_out(class, &mut busy, &mut dice)));
            }
        }
        Self { pupils, teachers: pool.into_values().flatten().collect(), classes }
    }
}

fn pupils(plan: &Plan, current: i32, seed: u64) -> Vec<Rc<Pupil>> {
    let mut dice = Dice::new(seed, &format!("{} pupils", plan.key));
    let mut pupils = Vec::new();
    for (place, cohort) in plan.cohorts.iter().enumerate() {
        for seat in 0..cohort.pupils {
            let number = pupils.len() + 1;
            let mut pupil = pupil(&mut dice, cohort, number, current);
            pupil.cohort = place;
            if let Some(known) = cast::at(plan.key, place, seat) {
                pupil.name = cast::full_name(known.name);
                pupil.sex = known.sex;
                pupil.parent = (known.parent.number(), cast::full_name(known.parent.name));
                pupil.ability = pupil.ability.clamp(70, 85);
                pupil.shown = plan.key == "first" && place == 0;
            }
            pupils.push(Rc::new(pupil));
        }
    }
    pupils
}

fn pupil(dice: &mut Dice, cohort: &Cohort, number: usize, current: i32) -> Pupil {
    let kazakh = dice.happens(if cohort.language == Language::Kk { 9700 } else { 4000 });
    let people = if kazakh { People::Kazakh } else { People::Russian };
    let sex = if dice.happens(5000) { Sex::Female } else { Sex::Male };
    let stem = names::stem(dice, people);
    let (month, day) = (dice.between(1, 12), dice.between(1, 28));
    let born = (u32::try_from(month).unwrap_or(1), u32::try_from(day).unwrap_or(1));
    Pupil {
        number: format!("s-{number:04}"),
        name: names::child(dice, people, sex, stem),
        sex,
        birth_date: NaiveDate::from_ymd_opt(current - cohort.level - 6, born.0, born.1),
        parent: (format!("p-{number:04}"), names::adult(dice, people, Sex::Female, stem)),
        cohort: 0,
        ability: dice.between(52, 95),
        shown: false,
    }
}

/// Enough teachers of each subject for the fuller of the years, by subject.
fn teachers(plan: &Plan, calendar: &Calendar, current: i32, seed: u64) -> Pool {
    let mut dice = Dice::new(seed, &format!("{} teachers", plan.key));
    let mut most: BTreeMap<&'static str, usize> = BTreeMap::new();
    for year in &calendar.years {
        let mut hours: BTreeMap<&'static str, usize> = BTreeMap::new();
        for cohort in &plan.cohorts {
            for (subject, lessons) in subjects::plan(cohort.level - (current - year.start), cohort.language) {
                *hours.entry(subject.key).or_default() += lessons * if subject.split { 2 } else { 1 };
            }
        }
        for (subject, lessons) in hours {
            let most = most.entry(subject).or_default();
            *most = lessons.max(*most);
        }
    }
    let mut pool = Pool::new();
    let mut number = 0;
    for (subject, hours) in most {
        for _ in 0..hours.div_ceil(LOAD).max(if subject == "eng" { 2 } else { 1 }) {
            number += 1;
            pool.entry(subject).or_default().push(Rc::new(teacher(&mut dice, subject, number)));
        }
    }
    pool
}

fn teacher(dice: &mut Dice, subject: &'static str, number: usize) -> Teacher {
    let kazakh = match subject {
        "kaz" | "kazlit" => true,
        "ruslit" => false,
        _ => dice.happens(6500),
    };
    let people = if kazakh { People::Kazakh } else { People::Russian };
    let sex = if dice.happens(7500) { Sex::Female } else { Sex::Male };
    let stem = names::stem(dice, people);
    let room = if subject == "pe" {
        "Спортзал".to_owned()
    } else {
        format!("{}", 100 * (1 + number % 3) + number / 3 + 1)
    };
    Teacher { number: format!("t-{number:03}"), name: names::adult(dice, people, sex, stem), subject, room }
}

fn class(cohort: &Cohort, place: usize, year: &Year, current: i32, pupils: Vec<Rc<Pupil>>, pool: &Pool) -> Class {
    let level = cohort.level - (current - year.start);
    let name = format!("{level} {}", cohort.letter);
    let tag = format!("{}-{:02}", year.start, place + 1);
    let mut courses = Vec::new();
    for (subject, _) in subjects::plan(level, cohort.language) {
        let teachers = pool.get(subject.key).map(Vec::as_slice).unwrap_or_default();
        let groups = if subject.split { vec![Some(1), Some(2)] } else { vec![None] };
        for subgroup in groups {
            // The second subgroup has another teacher than the first, who is busy at the time.
            let turn = (place + subgroup.unwrap_or(0)).checked_rem(teachers.len()).unwrap_or(0);
            let Some(teacher) = teachers.get(turn) else { continue };
            let in_group = |seat: usize| subgroup.is_none_or(|group| seat % 2 == group - 1);
            let seated = pupils.iter().enumerate().filter(|(seat, _)| in_group(*seat));
            courses.push(Rc::new(Course {
                external_id: format!(
                    "k-{tag}-{}{}",
                    subject.key,
                    subgroup.map(|group| format!("-{group}")).unwrap_or_default()
                ),
                name: course_name(subject, &name, subgroup, cohort.language),
                subject,
                subgroup,
                teacher: Rc::clone(teacher),
                members: seated.map(|(_, pupil)| Rc::clone(pupil)).collect(),
            }));
        }
    }
    let homeroom = courses.get(place % courses.len().max(1)).map(|course| course.teacher.number.clone());
    Class {
        external_id: format!("c-{tag}"),
        year: year.start,
        level,
        name,
        shift: cohort.shift,
        language: cohort.language,
        cohort: place,
        homeroom_teacher: homeroom,
        pupils,
        courses,
        grid: Grid::new(),
    }
}

fn course_name(subject: &Subject, class: &str, subgroup: Option<usize>, language: Language) -> String {
    let whole = format!("{}, {class}", subject.name(language));
    subgroup.map_or(whole.clone(), |group| format!("{whole}, {}", group_name(group, language)))
}

/// How a subgroup is called.
pub fn group_name(group: usize, language: Language) -> String {
    if language == Language::Kk { format!("{group}-топ") } else { format!("{group} группа") }
}
