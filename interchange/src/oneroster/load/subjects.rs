//! Courses of a bundle as subjects of the diary; a class without one gets a subject of its own.

use std::collections::{HashMap, HashSet};

use domain::intake;
use domain::types::Names;

use super::LoadError;
use super::held::Held;
use super::schools::Choice;
use crate::door::{Door, Mark, Plan};
use crate::oneroster::{Bundle, Class, ClassKind, Course};

/// The subject of each taught class of the school, by the class's id.
pub(super) type Subjects<'b> = HashMap<&'b str, String>;

/// Writes the subjects of the school and those other schools share with it.
pub(super) fn write<'b>(
    door: &mut Door<'_>,
    bundle: &'b Bundle,
    choice: &Choice,
    held: &Held,
) -> Result<Subjects<'b>, LoadError> {
    let ours = |class: &&Class| class.kind != ClassKind::Homeroom && choice.holds(&class.school);
    let classes: Vec<&Class> = bundle.classes.iter().filter(ours).collect();
    let taught: HashSet<&str> = classes.iter().filter_map(|class| class.course.as_deref()).collect();
    let plan = |row: &Course| {
        if !choice.holds_if_any(row.org.as_deref()) && !taught.contains(row.sourced_id.as_str()) {
            return Plan::Skip;
        }
        Plan::Write(subject(row.sourced_id.clone(), &row.title))
    };
    let marks = door.put_counted(&bundle.courses, plan)?;
    let known: HashSet<&str> =
        marks.iter().filter(|(_, mark)| written(*mark)).map(|(row, _)| row.sourced_id.as_str()).collect();

    let known = |course: &str| known.contains(course) || held.subjects.contains(course);
    let own = |class: &&Class| !class.course.as_deref().is_some_and(known);
    let nameless: Vec<&Class> = classes.iter().copied().filter(own).collect();
    door.put(nameless.iter().copied(), |class| Plan::Write(subject(own_id(class), &own_name(class))))?;
    let of_class = |class: &&'b Class| match class.course.as_deref().filter(|course| known(course)) {
        Some(course) => (class.sourced_id.as_str(), course.to_owned()),
        None => (class.sourced_id.as_str(), own_id(class)),
    };
    let all = bundle.classes.iter().filter(ours);
    Ok(all.map(|class| of_class(&class)).collect())
}

fn written(mark: Mark) -> bool {
    !matches!(mark, Mark::Skipped | Mark::Rejected)
}

fn subject(external_id: String, name: &str) -> intake::Subject {
    intake::Subject { external_id, names: Names::same(name) }
}

/// No id of a file holds a colon, so this one is nobody else's.
fn own_id(class: &Class) -> String {
    format!("class:{}", class.sourced_id)
}

/// The subjects the class names, unless they are codes; else its title.
fn own_name(class: &Class) -> String {
    let words = class.subjects.iter().map(String::as_str).filter(|text| text.chars().any(char::is_alphabetic));
    let words: Vec<&str> = words.collect();
    if words.is_empty() { class.title.clone() } else { words.join(", ") }
}
