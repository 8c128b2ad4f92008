//! Class groups, courses and who belongs to them.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::files::{insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Ref};
use crate::letters;
use crate::schema::{class_groups, class_members, course_members, courses};
use crate::types::{Language, SchoolId};

/// A homeroom class. The keys it is compared and sorted by are computed where it is written.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize, Queryable, Selectable, Insertable)]
#[diesel(table_name = class_groups, treat_none_as_default_value = false)]
pub struct ClassGroup {
    #[serde(skip, default = "crate::archive::files::nowhere")]
    school_id: SchoolId,
    #[serde(rename = "externalId")]
    external_id: Cell,
    #[serde(rename = "schoolYear")]
    school_year: i32,
    level: Option<i32>,
    name: Cell,
    #[serde(skip)]
    match_key: String,
    #[serde(skip)]
    sort_key: String,
    shift: i32,
    language: Language,
    #[serde(rename = "homeroomTeacherExternalId")]
    staff_id: Option<Ref>,
}

impl ClassGroup {
    const OWN_COLUMNS: &'static [&'static str] =
        &["externalId", "schoolYear", "level", "name", "shift", "language", "homeroomTeacherExternalId"];

    fn own_refs(&mut self, see: &mut dyn FnMut(&'static str, super::Table, &mut Ref)) {
        if let Some(teacher) = &mut self.staff_id {
            see("homeroomTeacherExternalId", super::Table::Staff, teacher);
        }
    }

    fn ready(&mut self) {
        self.match_key = letters::match_key(self.name.as_str());
        self.sort_key = letters::sort_key(self.name.as_str());
    }
}

row! {
    /// A pupil in a homeroom class.
    ClassMember of class_members in school_id {
        external_id "externalId": Cell,
        class_group_id "classGroupExternalId": Ref => ClassGroups,
        child_id "studentExternalId": Ref => Students,
        starts_on "startsOn": NaiveDate,
        ends_on "endsOn": Option<NaiveDate>,
    }
}

row! {
    /// A subject taught to a class or a subgroup of it.
    Course of courses in school_id {
        external_id "externalId": Cell,
        school_year "schoolYear": i32,
        subject_id "subjectExternalId": Ref => Subjects,
        class_group_id "classGroupExternalId": Option<Ref> => ClassGroups,
        staff_id "teacherExternalId": Option<Ref> => Staff,
        name "name": Cell,
        subgroup "subgroup": Option<Cell>,
    }
}

row! {
    /// A pupil in a course.
    CourseMember of course_members in school_id {
        external_id "externalId": Cell,
        course_id "courseExternalId": Ref => Courses,
        child_id "studentExternalId": Ref => Students,
        starts_on "startsOn": NaiveDate,
        ends_on "endsOn": Option<NaiveDate>,
    }
}

kept_by_id!(ClassGroup of class_groups, "class_groups.csv" as ClassGroups, readied by ClassGroup::ready);
kept_by_id!(ClassMember of class_members, "class_members.csv");
kept_by_id!(Course of courses, "courses.csv" as Courses);
kept_by_id!(CourseMember of course_members, "course_members.csv");
