//! The week of each class: seven lessons on five days, no teacher in two places if it can be helped.

use std::collections::HashSet;
use std::rc::Rc;

use super::dice::Dice;
use super::roster::{Class, Course};
use super::subjects;

/// Day by day, lesson by lesson: the courses that meet then. More than one where the class is split.
pub type Grid = Vec<Vec<Vec<Rc<Course>>>>;

/// Which teacher is taken when: shift, day, number of the lesson.
pub type Busy = HashSet<(String, i32, usize, usize)>;

const DAYS: usize = 5;
const LESSONS: usize = 7;
/// So many orders of a day are tried to find one without clashes.
const TRIES: usize = 60;

type Slot = Vec<Rc<Course>>;

/// The class with its week; the teachers' times are noted in `busy`.
pub fn laid_out(mut class: Class, busy: &mut Busy, dice: &mut Dice) -> Class {
    for (day, mut slots) in spread(&class).into_iter().enumerate() {
        let mut best: Option<(usize, Vec<Slot>)> = None;
        for _ in 0..TRIES {
            dice.shuffle(&mut slots);
            let clashes = times(&slots, class.shift, day).filter(|time| busy.contains(time)).count();
            if best.as_ref().is_none_or(|(least, _)| clashes < *least) {
                best = Some((clashes, slots.clone()));
            }
            if clashes == 0 {
                break;
            }
        }
        let slots = best.map(|(_, slots)| slots).unwrap_or_default();
        busy.extend(times(&slots, class.shift, day));
        class.grid.push(slots);
    }
    class
}

fn times(slots: &[Slot], shift: i32, day: usize) -> impl Iterator<Item = (String, i32, usize, usize)> {
    let slots = slots.iter().enumerate();
    slots.flat_map(move |(number, slot)| slot.iter().map(move |one| (one.teacher.number.clone(), shift, day, number)))
}

/// Spreads the lessons of each subject over the days: the emptiest day that does not have the subject yet.
fn spread(class: &Class) -> Vec<Vec<Slot>> {
    let mut days: Vec<Vec<Slot>> = vec![Vec::new(); DAYS];
    let mut plan = subjects::plan(class.level, class.language);
    plan.sort_by_key(|(_, hours)| std::cmp::Reverse(*hours));
    for (subject, hours) in plan {
        let of_subject = |course: &&Rc<Course>| course.subject.key == subject.key;
        let slot: Slot = class.courses.iter().filter(of_subject).map(Rc::clone).collect();
        for _ in 0..hours {
            let has = |day: &[Slot]| day.iter().flatten().any(|course| course.subject.key == subject.key);
            let emptiest = days.iter_mut().filter(|day| day.len() < LESSONS).min_by_key(|day| (has(day), day.len()));
            if let Some(day) = emptiest {
                day.push(slot.clone());
            }
        }
    }
    days
}
