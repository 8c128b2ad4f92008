//! What the families of a school share: periods, bells, subjects, staff, class groups, courses.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::{Item, Outcome, Writer, ids_of, merge, part, unknown, upsert};
use crate::Result;
use crate::db::{Conn, Days, Scope, Touch};
use crate::error::Flaw;
use crate::letters;
use crate::schema::{bells, class_groups, courses, periods, staff, subjects};
use crate::types::{ClassGroupId, FullName, Language, Names, PeriodKind, SchoolId, StaffId, SubjectId};

/// A grading period or a school year; both days are included.
#[derive(Debug, Clone)]
pub struct Period {
    pub external_id: String,
    pub kind: PeriodKind,
    pub school_year: i32,
    pub names: Names,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

/// When lesson `number` of a shift begins and ends, local time.
#[derive(Debug, Clone)]
pub struct Bell {
    pub external_id: String,
    pub shift: i32,
    pub number: i32,
    pub starts_at: NaiveTime,
    pub ends_at: NaiveTime,
}

#[derive(Debug, Clone)]
pub struct Subject {
    pub external_id: String,
    pub names: Names,
}

#[derive(Debug, Clone)]
pub struct Staff {
    pub external_id: String,
    pub name: FullName,
}

/// A homeroom class; `language` is the language of instruction.
#[derive(Debug, Clone)]
pub struct ClassGroup {
    pub external_id: String,
    pub school_year: i32,
    pub level: Option<i32>,
    pub name: String,
    pub shift: i32,
    pub language: Language,
    pub homeroom_teacher: Option<String>,
}

/// A subject taught to a class or a subgroup of it.
#[derive(Debug, Clone)]
pub struct Course {
    pub external_id: String,
    pub school_year: i32,
    pub subject: String,
    pub class_group: Option<String>,
    pub teacher: Option<String>,
    pub name: String,
    pub subgroup: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = periods, treat_none_as_null = true, treat_none_as_default_value = false)]
struct PeriodRow {
    school_id: SchoolId,
    external_id: String,
    kind: PeriodKind,
    school_year: i32,
    names: String,
    starts_on: NaiveDate,
    ends_on: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = bells, treat_none_as_default_value = false)]
struct BellRow {
    school_id: SchoolId,
    external_id: String,
    shift: i32,
    number: i32,
    starts_at: NaiveTime,
    ends_at: NaiveTime,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = subjects, treat_none_as_default_value = false)]
struct SubjectRow {
    school_id: SchoolId,
    external_id: String,
    names: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = staff, treat_none_as_null = true, treat_none_as_default_value = false)]
struct StaffRow {
    school_id: SchoolId,
    external_id: String,
    first_name: String,
    last_name: String,
    middle_name: Option<String>,
    left_at: Option<NaiveDateTime>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = class_groups, treat_none_as_null = true, treat_none_as_default_value = false)]
struct ClassGroupRow {
    school_id: SchoolId,
    external_id: String,
    school_year: i32,
    level: Option<i32>,
    name: String,
    match_key: String,
    sort_key: String,
    shift: i32,
    language: Language,
    staff_id: Option<StaffId>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = courses, treat_none_as_null = true, treat_none_as_default_value = false)]
struct CourseRow {
    school_id: SchoolId,
    external_id: String,
    school_year: i32,
    subject_id: SubjectId,
    class_group_id: Option<ClassGroupId>,
    staff_id: Option<StaffId>,
    name: String,
    subgroup: Option<String>,
}

pub(super) fn shared(writer: Writer) -> Scope {
    Scope { school: Some(writer.school), ..Scope::default() }
}

fn told(touch: &mut Touch, outcomes: Vec<Outcome>) -> Result<Vec<Outcome>> {
    if outcomes.iter().any(Outcome::changed) {
        touch.school()?;
    }
    Ok(outcomes)
}

impl Item for Period {
    fn external_id(&self) -> &str {
        &self.external_id
    }
    /// Every period is held: these rows are among them, and rows are taken before counters.
    fn scope(_: &mut Conn, writer: Writer, _: &[Self]) -> Result<Scope> {
        Ok(Scope { days: Some(Days::all_alone(writer.school)), ..shared(writer) })
    }
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let row = |item: &Self| {
            if item.ends_on < item.starts_on {
                return Err(Flaw::new("/endsOn", "order", "A period cannot end before it starts."));
            }
            Ok(PeriodRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                kind: item.kind,
                school_year: item.school_year,
                names: item.names.to_column(),
                starts_on: item.starts_on,
                ends_on: item.ends_on,
            })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let written = upsert!(conn, periods, PeriodRow, writer.school, &rows);
        told(touch, merge(places, written))
    }
}

impl Item for Bell {
    fn external_id(&self) -> &str {
        &self.external_id
    }
    fn scope(_: &mut Conn, writer: Writer, _: &[Self]) -> Result<Scope> {
        Ok(shared(writer))
    }
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let row = |item: &Self| BellRow {
            school_id: writer.school,
            external_id: item.external_id.clone(),
            shift: item.shift,
            number: item.number,
            starts_at: item.starts_at,
            ends_at: item.ends_at,
        };
        let rows: Vec<BellRow> = items.iter().map(row).collect();
        told(touch, upsert!(conn, bells, BellRow, writer.school, &rows))
    }
}

impl Item for Subject {
    fn external_id(&self) -> &str {
        &self.external_id
    }
    fn scope(_: &mut Conn, writer: Writer, _: &[Self]) -> Result<Scope> {
        Ok(shared(writer))
    }
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let row = |item: &Self| SubjectRow {
            school_id: writer.school,
            external_id: item.external_id.clone(),
            names: item.names.to_column(),
        };
        let rows: Vec<SubjectRow> = items.iter().map(row).collect();
        told(touch, upsert!(conn, subjects, SubjectRow, writer.school, &rows))
    }
}

impl Item for Staff {
    fn external_id(&self) -> &str {
        &self.external_id
    }
    fn scope(_: &mut Conn, writer: Writer, _: &[Self]) -> Result<Scope> {
        Ok(shared(writer))
    }
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let row = |item: &Self| StaffRow {
            school_id: writer.school,
            external_id: item.external_id.clone(),
            first_name: item.name.first.clone(),
            last_name: item.name.last.clone(),
            middle_name: item.name.middle.clone(),
            // Whoever is written again has come back.
            left_at: None,
        };
        let rows: Vec<StaffRow> = items.iter().map(row).collect();
        told(touch, upsert!(conn, staff, StaffRow, writer.school, &rows))
    }
}

impl Item for ClassGroup {
    fn external_id(&self) -> &str {
        &self.external_id
    }
    fn scope(_: &mut Conn, writer: Writer, _: &[Self]) -> Result<Scope> {
        Ok(shared(writer))
    }
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let teachers = items.iter().filter_map(|item| item.homeroom_teacher.as_deref());
        let teachers = ids_of!(conn, staff, StaffId, writer.school, teachers);
        let row = |item: &Self| {
            let teacher = item.homeroom_teacher.as_deref();
            Ok(ClassGroupRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                school_year: item.school_year,
                level: item.level,
                name: item.name.clone(),
                match_key: letters::match_key(&item.name),
                sort_key: letters::sort_key(&item.name),
                shift: item.shift,
                language: item.language,
                staff_id: super::refer("/homeroomTeacherExternalId", teacher, &teachers)?,
            })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let written = upsert!(conn, class_groups, ClassGroupRow, writer.school, &rows);
        told(touch, merge(places, written))
    }
}

impl Item for Course {
    fn external_id(&self) -> &str {
        &self.external_id
    }
    fn scope(_: &mut Conn, writer: Writer, _: &[Self]) -> Result<Scope> {
        Ok(shared(writer))
    }
    fn write(conn: &mut Conn, touch: &mut Touch, writer: Writer, items: &[Self]) -> Result<Vec<Outcome>> {
        let taught = ids_of!(conn, subjects, SubjectId, writer.school, items.iter().map(|item| item.subject.as_str()));
        let classes = items.iter().filter_map(|item| item.class_group.as_deref());
        let classes = ids_of!(conn, class_groups, ClassGroupId, writer.school, classes);
        let teachers = items.iter().filter_map(|item| item.teacher.as_deref());
        let teachers = ids_of!(conn, staff, StaffId, writer.school, teachers);
        let row = |item: &Self| {
            let subject = taught.get(&item.subject).copied();
            Ok(CourseRow {
                school_id: writer.school,
                external_id: item.external_id.clone(),
                school_year: item.school_year,
                subject_id: subject.ok_or_else(|| unknown("/subjectExternalId", &item.subject))?,
                class_group_id: super::refer("/classGroupExternalId", item.class_group.as_deref(), &classes)?,
                staff_id: super::refer("/teacherExternalId", item.teacher.as_deref(), &teachers)?,
                name: item.name.clone(),
                subgroup: item.subgroup.clone(),
            })
        };
        let (rows, places) = part(items.iter().map(row).collect());
        let written = upsert!(conn, courses, CourseRow, writer.school, &rows);
        told(touch, merge(places, written))
    }
}
