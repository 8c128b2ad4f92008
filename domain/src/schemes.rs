//! The grading schemes a school writes and chooses: every change is a new version, the most specific choice is in force.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::Result;
use crate::assessment::{DEFAULT, Scheme, preset};
use crate::db::{Conn, Scope, Touch, on_backend};
use crate::error::{Error, Flaw};
use crate::intake::Writer;
use crate::schema::{grading_schemes, scheme_choices, subjects};
use crate::types::{SchoolId, SubjectId};

/// A version of a scheme. Presets have version 1 only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    pub name: String,
    pub version: i32,
    pub scheme: Scheme,
}

/// A version a school wrote; `body` is its JSON.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Listed {
    pub name: String,
    pub version: i32,
    pub body: String,
    pub created_at: NaiveDateTime,
}

/// What a school grades by in a school year; `None` stands for all subjects, for all levels.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Choice {
    pub school_year: i32,
    /// The school's own id of the subject.
    pub subject: Option<String>,
    pub level: Option<i32>,
    /// The name of a preset or of a scheme of the school.
    pub scheme: String,
}

/// The longest name of a scheme, in characters.
const NAME_MAX: usize = 80;

/// The lock of [`put`], [`choose`] and [`forget`]: forecasts of all families may change.
pub fn scope(school: SchoolId) -> Scope {
    Scope { school: Some(school), ..Scope::default() }
}

/// Writes a scheme from JSON: a new version where it differs from the newest one. Returns its version. Results that were
/// frozen keep theirs.
pub fn put(conn: &mut Conn, touch: &mut Touch, writer: Writer, name: &str, json: &str) -> Result<i32> {
    check_name(name)?;
    let scheme = Scheme::parse(json)?;
    let last: Option<(i32, String)> = grading_schemes::table
        .filter(grading_schemes::school_id.eq(writer.school).and(grading_schemes::name.eq(name)))
        .order(grading_schemes::version.desc())
        .select((grading_schemes::version, grading_schemes::body))
        .first(conn)
        .optional()?;
    let body = scheme.to_json();
    let version = match last {
        Some((version, same)) if same == body => return Ok(version),
        Some((version, _)) => version + 1,
        None => 1,
    };
    touch.school()?;
    diesel::insert_into(grading_schemes::table)
        .values((
            grading_schemes::school_id.eq(writer.school),
            grading_schemes::external_id.eq(format!("{name}/{version}")),
            grading_schemes::name.eq(name),
            grading_schemes::version.eq(version),
            grading_schemes::body.eq(body),
            grading_schemes::created_at.eq(writer.now),
        ))
        .execute(conn)?;
    Ok(version)
}

fn check_name(name: &str) -> Result<()> {
    let flaw = |code, detail| Err(Error::flaw("/name", code, detail));
    if name.trim().is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return flaw("length", "A scheme has a name of 1 to 80 characters.");
    }
    if preset(name).is_some() {
        return flaw("taken", "This is the name of a preset; give your scheme another one.");
    }
    Ok(())
}

/// Every version the school wrote, by name.
pub fn list(conn: &mut Conn, school: SchoolId) -> Result<Vec<Listed>> {
    let query = grading_schemes::table
        .filter(grading_schemes::school_id.eq(school))
        .order((grading_schemes::name, grading_schemes::version))
        .select((grading_schemes::name, grading_schemes::version, grading_schemes::body, grading_schemes::created_at));
    Ok(query.load(conn)?)
}

/// Chooses what is graded by a scheme from now on; what was frozen stays.
pub fn choose(conn: &mut Conn, touch: &mut Touch, writer: Writer, choice: &Choice) -> Result<()> {
    let subject = subject_of(conn, writer.school, choice)?;
    if preset(&choice.scheme).is_none() && !wrote(conn, writer.school, &choice.scheme)? {
        let detail = format!("{:?} is neither a preset nor a scheme of the school.", choice.scheme);
        return Err(Error::flaw("/scheme", "unknown-reference", detail));
    }
    if choices(conn, writer.school, choice.school_year)?.contains(choice) {
        return Ok(());
    }
    forget(conn, touch, writer, choice)?;
    touch.school()?;
    diesel::insert_into(scheme_choices::table)
        .values((
            scheme_choices::school_id.eq(writer.school),
            scheme_choices::external_id.eq(key(choice)),
            scheme_choices::school_year.eq(choice.school_year),
            scheme_choices::subject_id.eq(subject),
            scheme_choices::level.eq(choice.level),
            scheme_choices::scheme.eq(&choice.scheme),
        ))
        .execute(conn)?;
    Ok(())
}

/// Takes back what was chosen for this year, subject and level, and tells whether there was something.
pub fn forget(conn: &mut Conn, touch: &mut Touch, writer: Writer, choice: &Choice) -> Result<bool> {
    let same = scheme_choices::school_id.eq(writer.school).and(scheme_choices::external_id.eq(key(choice)));
    let gone = diesel::delete(scheme_choices::table.filter(same)).execute(conn)? > 0;
    if gone {
        touch.school()?;
    }
    Ok(gone)
}

/// What the school chose for a school year.
pub fn choices(conn: &mut Conn, school: SchoolId, school_year: i32) -> Result<Vec<Choice>> {
    let query = scheme_choices::table
        .left_join(subjects::table)
        .filter(scheme_choices::school_id.eq(school).and(scheme_choices::school_year.eq(school_year)))
        .order(scheme_choices::external_id)
        .select((
            scheme_choices::school_year,
            subjects::external_id.nullable(),
            scheme_choices::level,
            scheme_choices::scheme,
        ));
    Ok(query.load(conn)?)
}

/// One choice for each year, subject and level.
fn key(choice: &Choice) -> String {
    let level = choice.level.map_or_else(|| "*".to_owned(), |level| level.to_string());
    format!("{}/{}/{level}", choice.school_year, choice.subject.as_deref().unwrap_or("*"))
}

fn subject_of(conn: &mut Conn, school: SchoolId, choice: &Choice) -> Result<Option<SubjectId>> {
    let Some(subject) = choice.subject.as_deref() else { return Ok(None) };
    let named = subjects::school_id.eq(school).and(subjects::external_id.eq(subject));
    let found = subjects::table.filter(named).select(subjects::id).first(conn).optional()?;
    found.map(Some).ok_or_else(|| {
        let detail = format!("The school has no subject with the externalId {subject:?}.");
        Error::Invalid(vec![Flaw::new("/subjectExternalId", "unknown-reference", detail)])
    })
}

fn wrote(conn: &mut Conn, school: SchoolId, name: &str) -> Result<bool> {
    let own = grading_schemes::school_id.eq(school).and(grading_schemes::name.eq(name));
    Ok(grading_schemes::table.filter(own).select(grading_schemes::id).first::<i64>(conn).optional()?.is_some())
}

type For = (Option<SubjectId>, Option<i32>, String);

/// What is in force in one school year of a school.
#[derive(Debug)]
pub struct InForce {
    choices: Vec<For>,
    versions: HashMap<String, Version>,
}

/// Reads what is in force, in one statement: every choice with the newest version of its scheme.
pub(crate) fn in_force(conn: &mut Conn, school: SchoolId, school_year: i32) -> Result<InForce> {
    let newer = diesel::alias!(grading_schemes as newer);
    let superseded = newer
        .filter(newer.field(grading_schemes::school_id).eq(grading_schemes::school_id))
        .filter(newer.field(grading_schemes::name).eq(grading_schemes::name))
        .filter(newer.field(grading_schemes::version).gt(grading_schemes::version));
    let newest = grading_schemes::table.on(grading_schemes::school_id
        .eq(scheme_choices::school_id)
        .and(grading_schemes::name.eq(scheme_choices::scheme))
        .and(not(exists(superseded))));
    let query = scheme_choices::table
        .left_join(newest)
        .filter(scheme_choices::school_id.eq(school).and(scheme_choices::school_year.eq(school_year)))
        .select((
            (scheme_choices::subject_id, scheme_choices::level, scheme_choices::scheme),
            (grading_schemes::version, grading_schemes::body).nullable(),
        ));
    let mut in_force = InForce { choices: Vec::new(), versions: HashMap::new() };
    in_force.keep(DEFAULT, None)?;
    for (choice, written) in on_backend!(conn => query.load::<(For, Option<(i32, String)>)>(conn))? {
        in_force.keep(&choice.2, written)?;
        in_force.choices.push(choice);
    }
    Ok(in_force)
}

impl InForce {
    /// What a subject is graded by in a level. One chosen for the subject counts before one for the level alone.
    pub fn of(&self, subject: SubjectId, level: Option<i32>) -> Option<&Version> {
        let fits =
            |choice: &&For| choice.0.is_none_or(|own| own == subject) && choice.1.is_none_or(|own| Some(own) == level);
        let most_specific =
            self.choices.iter().filter(fits).max_by_key(|choice| (choice.0.is_some(), choice.1.is_some()));
        self.versions.get(most_specific.map_or(DEFAULT, |choice| choice.2.as_str()))
    }

    fn keep(&mut self, name: &str, written: Option<(i32, String)>) -> Result<()> {
        if self.versions.contains_key(name) {
            return Ok(());
        }
        let broken = || Error::Store(format!("the grading scheme {name:?} cannot be read; the data are damaged"));
        let (version, scheme) = match written {
            Some((version, body)) => (version, Scheme::parse(&body).map_err(|_| broken())?),
            None => (1, preset(name).ok_or_else(broken)?),
        };
        self.versions.insert(name.to_owned(), Version { name: name.to_owned(), version, scheme });
        Ok(())
    }
}
