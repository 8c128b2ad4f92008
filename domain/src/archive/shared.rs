//! What the families of a school share: periods, bells, subjects.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::files::{insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Fault};
use crate::schema::{bells, periods, subjects};
use crate::types::{Names, PeriodKind};

row! {
    /// A grading period or a school year.
    Period of periods in school_id {
        external_id "externalId": Cell,
        kind "kind": PeriodKind,
        school_year "schoolYear": i32,
        names "names": Cell,
        starts_on "startsOn": NaiveDate,
        ends_on "endsOn": NaiveDate,
        closed_at "closedAt": Option<NaiveDateTime>,
    }
}

row! {
    /// When a lesson of a shift begins and ends.
    Bell of bells in school_id {
        external_id "externalId": Cell,
        shift "shift": i32,
        number "number": i32,
        starts_at "startsAt": NaiveTime,
        ends_at "endsAt": NaiveTime,
    }
}

row! {
    /// A subject with its names in all languages.
    Subject of subjects in school_id {
        external_id "externalId": Cell,
        names "names": Cell,
    }
}

kept_by_id!(Period of periods, "periods.csv" as Periods, checked by Period::named);
kept_by_id!(Bell of bells, "bells.csv");
kept_by_id!(Subject of subjects, "subjects.csv" as Subjects, checked by Subject::named);

/// Names are JSON: an object of texts by language.
fn named(names: &Cell) -> Result<(), Fault> {
    let rule = r#"names must be a JSON object of texts by language, as in {"kk":"..."}"#;
    match serde_json::from_str::<Names>(names.as_str()) {
        Ok(_) => Ok(()),
        Err(_) => Err(Fault { column: "names", rule }),
    }
}

impl Period {
    fn named(&self) -> Result<(), Fault> {
        named(&self.names)
    }
}

impl Subject {
    fn named(&self) -> Result<(), Fault> {
        named(&self.names)
    }
}
