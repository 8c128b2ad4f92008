//! What the diary holds of a school already, for bundles that tell only what changed; nothing for all others.

use std::collections::{HashMap, HashSet};

use domain::db::Db;
use domain::intake::{self, Ward, held};
use domain::types::SchoolId;

use crate::oneroster::{Bundle, Class, ClassKind, File};

/// By the school's own ids.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) students: HashMap<String, intake::Student>,
    pub(super) staff: HashSet<String>,
    pub(super) guardians: HashMap<String, intake::Guardian>,
    pub(super) groups: HashMap<String, intake::ClassGroup>,
    pub(super) courses: HashMap<String, intake::Course>,
    pub(super) subjects: HashSet<String>,
    pub(super) periods: HashMap<String, intake::Period>,
}

macro_rules! by_id {
    ($rows:expr) => {
        $rows.into_iter().map(|row| (row.external_id.clone(), row)).collect()
    };
}

impl Held {
    pub(super) fn new(db: &Db, school: SchoolId, bundle: &Bundle) -> domain::Result<Self> {
        if !bundle.has_deltas() {
            return Ok(Self::default());
        }
        db.read_here(|conn| {
            Ok(Self {
                students: by_id!(held::students(conn, school)?),
                staff: held::staff(conn, school)?.into_iter().map(|row| row.external_id).collect(),
                guardians: by_id!(held::guardians(conn, school)?),
                groups: by_id!(held::class_groups(conn, school)?),
                courses: by_id!(held::courses(conn, school)?),
                subjects: held::subjects(conn, school)?.into_iter().collect(),
                periods: by_id!(held::periods(conn, school)?),
            })
        })
    }

    /// Whether a class is a homeroom and which year it is of.
    pub(super) fn class(&self, id: &str) -> Option<(ClassKind, i32)> {
        let group = self.groups.get(id).map(|group| (ClassKind::Homeroom, group.school_year));
        group.or_else(|| self.courses.get(id).map(|course| (ClassKind::Scheduled, course.school_year)))
    }

    /// A homeroom with another teacher.
    pub(super) fn group(&self, id: &str, teacher: Option<String>) -> Option<intake::ClassGroup> {
        self.groups.get(id).map(|known| intake::ClassGroup { homeroom_teacher: teacher, ..known.clone() })
    }

    /// A course with another teacher.
    pub(super) fn course(&self, id: &str, teacher: Option<String>) -> Option<intake::Course> {
        self.courses.get(id).map(|known| intake::Course { teacher, ..known.clone() })
    }

    pub(super) fn teacher(&self, id: &str) -> Option<String> {
        let of_group = self.groups.get(id).and_then(|group| group.homeroom_teacher.clone());
        of_group.or_else(|| self.courses.get(id).and_then(|course| course.teacher.clone()))
    }

    pub(super) fn is_teacher(&self, id: &str, user: &str) -> bool {
        self.teacher(id).as_deref() == Some(user)
    }

    /// The school year of a class that the bundle describes without its sessions.
    pub(super) fn year_of(&self, class: &Class) -> Option<i32> {
        let years = class.terms.iter().filter_map(|term| self.periods.get(term)).map(|period| period.school_year);
        years.min().or_else(|| self.class(&class.sourced_id).map(|(_, year)| year))
    }

    /// The rights of guardians that a bundle of changes ends, and how many there are: the ids of guardian and child. An
    /// `agentSourcedIds` that is filled in names all there are; an empty one says nothing, since many exporters write only one
    /// side of a family.
    pub(super) fn ending(&self, bundle: &Bundle) -> (Vec<(String, String)>, usize) {
        if bundle.knows_everybody() || bundle.count(File::Users).is_none() {
            return (Vec::new(), 0);
        }
        let rows = bundle.users.iter().filter(|user| !user.agents.is_empty());
        let agents: HashMap<&str, &[String]> = rows.map(|user| (user.sourced_id.as_str(), &*user.agents)).collect();
        let says = |one: &str, other: &String| agents.get(one).map(|agents| agents.contains(other));
        let (mut ending, mut stood) = (Vec::new(), 0);
        for guardian in self.guardians.values() {
            for Ward { student, .. } in &guardian.wards {
                stood += 1;
                match (says(&guardian.external_id, student), says(student, &guardian.external_id)) {
                    (Some(true), _) | (_, Some(true)) | (None, None) => {}
                    _ => ending.push((guardian.external_id.clone(), student.clone())),
                }
            }
        }
        ending.sort_unstable();
        (ending, stood)
    }

    /// Pupils whose rows name no agents though they have guardians, who stay.
    pub(super) fn silent(&self, bundle: &Bundle) -> usize {
        let wards: HashSet<&str> =
            self.guardians.values().flat_map(|guardian| &guardian.wards).map(|ward| ward.student.as_str()).collect();
        let silent =
            |user: &&crate::oneroster::User| user.agents.is_empty() && wards.contains(user.sourced_id.as_str());
        bundle.users.iter().filter(silent).count()
    }
}
