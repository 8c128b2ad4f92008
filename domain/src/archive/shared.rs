//! What the families of a school share: periods, bells, subjects.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use diesel::prelude::*;

use super::files::{insert_new, kept_by_id, page_of, row, shape};
use super::{Cell, Fault, Ref};
use crate::schema::{bells, news, periods, subjects};
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

row! {
    /// What a school told its families.
    News of news in school_id {
        external_id "externalId": Cell,
        level "level": Option<i32>,
        class_group_id "classGroupExternalId": Option<Ref> => ClassGroups,
        title "title": Cell,
        text "text": Cell,
        published_at "publishedAt": NaiveDateTime,
        updated_at "updatedAt": NaiveDateTime,
    }
}

/// The version of the format that brought news.
const NEWS: u32 = 3;

kept_by_id!(News of news, "news.csv", since NEWS, checked by News::readable);
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

impl News {
    fn readable(&self) -> Result<(), Fault> {
        let rule = r#"title and text must be JSON objects of texts by language, as in {"kk":"..."}"#;
        named(&self.title).and_then(|()| named(&self.text)).map_err(|_| Fault { column: "title", rule })?;
        match (&self.class_group_id, self.level) {
            (Some(_), Some(_)) => {
                Err(Fault { column: "level", rule: "news is for a level or for a class, not for both" })
            }
            _ => Ok(()),
        }
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
