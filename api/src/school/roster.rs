//! People and classes: periods, subjects, class groups, staff, students, guardians, courses, enrolments.

use chrono::NaiveDate;
use domain::error::Flaw;
use domain::intake;
use domain::types::Language;
use serde::Deserialize;
use utoipa::ToSchema;

use super::delivery::Form;
use super::fields::{NamesForm, external_id, full_name, line, optional, reference};
use crate::request::{object, objects};
use crate::words;

/// A grading period, or the school year that frames them; both days are included.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct PeriodForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; the other fields are not needed then.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// What kind of period.
    kind: words::PeriodKind,
    /// The year in which the school year starts.
    #[schema(example = 2026)]
    school_year: i32,
    /// What it is called.
    #[serde(deserialize_with = "object")]
    names: NamesForm,
    /// The first day.
    starts_on: NaiveDate,
    /// The last day.
    ends_on: NaiveDate,
}

impl Form for PeriodForm {
    type Item = intake::Period;
    fn item(self) -> Result<intake::Period, Flaw> {
        Ok(intake::Period {
            external_id: external_id("/externalId", &self.external_id)?,
            kind: self.kind.0,
            school_year: year(self.school_year)?,
            names: self.names.read("/names", 200)?,
            starts_on: self.starts_on,
            ends_on: self.ends_on,
        })
    }
}

fn year(year: i32) -> Result<i32, Flaw> {
    let wrong = || Flaw::new("/schoolYear", "range", "A school year is the year it starts in, 2000 to 2100.");
    (2000..=2100).contains(&year).then_some(year).ok_or_else(wrong)
}

/// A subject.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct SubjectForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; the other fields are not needed then.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// What it is called.
    #[serde(deserialize_with = "object")]
    names: NamesForm,
}

impl Form for SubjectForm {
    type Item = intake::Subject;
    fn item(self) -> Result<intake::Subject, Flaw> {
        let external_id = external_id("/externalId", &self.external_id)?;
        Ok(intake::Subject { external_id, names: self.names.read("/names", 200)? })
    }
}

/// A homeroom class.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct ClassGroupForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; the other fields are not needed then.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The year in which the school year starts.
    school_year: i32,
    /// The level, 0 to 12.
    level: Option<i32>,
    /// What it is called.
    #[schema(example = "7 Ә", max_length = 50)]
    name: String,
    /// Which shift it learns in, 1 or 2; default 1.
    shift: Option<i32>,
    /// The language of instruction.
    language: words::Language,
    /// The homeroom teacher.
    homeroom_teacher_external_id: Option<String>,
}

impl Form for ClassGroupForm {
    type Item = intake::ClassGroup;
    fn item(self) -> Result<intake::ClassGroup, Flaw> {
        if self.level.is_some_and(|level| !(0..=12).contains(&level)) {
            return Err(Flaw::new("/level", "range", "A level is 0 to 12."));
        }
        let shift = self.shift.unwrap_or(1);
        if !(1..=3).contains(&shift) {
            return Err(Flaw::new("/shift", "range", "A shift is 1, 2 or 3."));
        }
        let language: Language = self.language.0;
        Ok(intake::ClassGroup {
            external_id: external_id("/externalId", &self.external_id)?,
            school_year: year(self.school_year)?,
            level: self.level,
            name: line("/name", &self.name, 50)?,
            shift,
            language,
            homeroom_teacher: reference("/homeroomTeacherExternalId", self.homeroom_teacher_external_id)?,
        })
    }
}

/// A member of the school's staff.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StaffForm {
    /// The school's own id.
    external_id: String,
    /// True when she left: she acts for the school no more, what she taught and wrote keeps her name.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// First name.
    #[schema(max_length = 100)]
    first_name: String,
    /// Last name.
    #[schema(max_length = 100)]
    last_name: String,
    /// Middle name or patronymic.
    #[schema(max_length = 100)]
    middle_name: Option<String>,
}

impl Form for StaffForm {
    type Item = intake::Staff;
    fn item(self) -> Result<intake::Staff, Flaw> {
        let external_id = external_id("/externalId", &self.external_id)?;
        Ok(intake::Staff { external_id, name: full_name(&self.first_name, &self.last_name, self.middle_name)? })
    }
}

/// A pupil. Nothing more is kept of a child than this.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct StudentForm {
    /// The school's own number of the pupil.
    external_id: String,
    /// True when the pupil left: enrolment and memberships end today, the diary and its guardians stay.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// First name.
    #[schema(max_length = 100)]
    first_name: String,
    /// Last name.
    #[schema(max_length = 100)]
    last_name: String,
    /// Middle name or patronymic.
    #[schema(max_length = 100)]
    middle_name: Option<String>,
    /// Day of birth.
    birth_date: Option<NaiveDate>,
    /// Sex.
    sex: Option<words::Sex>,
    /// The first day at this school.
    starts_on: NaiveDate,
}

impl Form for StudentForm {
    type Item = intake::Student;
    fn item(self) -> Result<intake::Student, Flaw> {
        Ok(intake::Student {
            external_id: external_id("/externalId", &self.external_id)?,
            name: full_name(&self.first_name, &self.last_name, self.middle_name)?,
            birth_date: self.birth_date,
            sex: self.sex.map(|sex| sex.0),
            starts_on: self.starts_on,
        })
    }
}

/// A guardian with all her children at this school: one no longer named is no longer hers, from the next request on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct GuardianForm {
    /// The school's own id.
    external_id: String,
    /// True ends all her guardianships at this school.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// First name.
    #[schema(max_length = 100)]
    first_name: String,
    /// Last name.
    #[schema(max_length = 100)]
    last_name: String,
    /// Middle name or patronymic.
    #[schema(max_length = 100)]
    middle_name: Option<String>,
    /// Where the school writes to; the guardian sets her own in the app.
    #[schema(max_length = 254)]
    email: Option<String>,
    /// Her children, at most 20.
    #[schema(max_items = 20)]
    #[serde(deserialize_with = "objects")]
    children: Vec<WardForm>,
}

/// A guardian's child.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct WardForm {
    /// The pupil.
    student_external_id: String,
    /// How she stands to the child.
    #[schema(example = "mother", max_length = 50)]
    relation: String,
}

impl Form for GuardianForm {
    type Item = intake::Guardian;
    fn item(self) -> Result<intake::Guardian, Flaw> {
        if self.children.len() > 20 {
            return Err(Flaw::new("/children", "length", "A guardian has at most 20 children."));
        }
        let ward = |ward: WardForm| {
            Ok(intake::Ward {
                student: external_id("/children", &ward.student_external_id)?,
                relation: line("/children", &ward.relation, 50)?,
            })
        };
        Ok(intake::Guardian {
            external_id: external_id("/externalId", &self.external_id)?,
            name: full_name(&self.first_name, &self.last_name, self.middle_name)?,
            email: optional("/email", self.email, 254)?,
            wards: self.children.into_iter().map(ward).collect::<Result<_, Flaw>>()?,
        })
    }
}

/// A subject taught to a class or a part of it in one school year.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct CourseForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back; the other fields are not needed then.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The year in which the school year starts.
    school_year: i32,
    /// The subject.
    subject_external_id: String,
    /// The class; without one the course is of several classes.
    class_group_external_id: Option<String>,
    /// The teacher: with an account she may write for this course.
    teacher_external_id: Option<String>,
    /// What it is called.
    #[schema(max_length = 200)]
    name: String,
    /// The part of the class.
    #[schema(max_length = 50)]
    subgroup: Option<String>,
}

impl Form for CourseForm {
    type Item = intake::Course;
    fn item(self) -> Result<intake::Course, Flaw> {
        Ok(intake::Course {
            external_id: external_id("/externalId", &self.external_id)?,
            school_year: year(self.school_year)?,
            subject: external_id("/subjectExternalId", &self.subject_external_id)?,
            class_group: reference("/classGroupExternalId", self.class_group_external_id)?,
            teacher: reference("/teacherExternalId", self.teacher_external_id)?,
            name: line("/name", &self.name, 200)?,
            subgroup: optional("/subgroup", self.subgroup, 50)?,
        })
    }
}

/// A pupil in a class group or in a course; both days are included.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct EnrolmentForm {
    /// The school's own id.
    external_id: String,
    /// True ends it today; one that has not begun is taken back.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// The pupil.
    student_external_id: String,
    /// The class group; either this or the course.
    class_group_external_id: Option<String>,
    /// The course; either this or the class group.
    course_external_id: Option<String>,
    /// The first day.
    starts_on: NaiveDate,
    /// The last day, if it is known.
    ends_on: Option<NaiveDate>,
}

impl Form for EnrolmentForm {
    type Item = intake::Enrolment;
    fn item(self) -> Result<intake::Enrolment, Flaw> {
        let external_id_ = external_id("/externalId", &self.external_id)?;
        let student = external_id("/studentExternalId", &self.student_external_id)?;
        let (starts_on, ends_on) = (self.starts_on, self.ends_on);
        let class_group = reference("/classGroupExternalId", self.class_group_external_id)?;
        let course = reference("/courseExternalId", self.course_external_id)?;
        match (class_group, course) {
            (Some(class_group), None) => Ok(intake::Enrolment::Class(intake::ClassMember {
                external_id: external_id_,
                class_group,
                student,
                starts_on,
                ends_on,
            })),
            (None, Some(course)) => Ok(intake::Enrolment::Course(intake::CourseMember {
                external_id: external_id_,
                course,
                student,
                starts_on,
                ends_on,
            })),
            _ => Err(Flaw::new("", "required", "Name either classGroupExternalId or courseExternalId.")),
        }
    }
}
