//! News, as a journal or the office sends it.

use chrono::{DateTime, Utc};
use domain::error::Flaw;
use domain::intake;
use serde::Deserialize;
use utoipa::ToSchema;

use super::delivery::Form;
use super::fields::{NamesForm, TextsForm, external_id, reference};

/// What a school tells the families of all its pupils; with a level, or with a class, of those alone.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct NewsForm {
    /// The school's own id.
    external_id: String,
    /// True takes it back.
    #[serde(default, rename = "deleted")]
    _deleted: bool,
    /// Only for the families of this year of schooling, 1 to 12.
    #[schema(minimum = 1, maximum = 12)]
    level: Option<i32>,
    /// Only for the families of this class.
    class_group_external_id: Option<String>,
    /// One line, at most 200 characters a language.
    title: NamesForm,
    /// Plain text, at most 10,000 characters a language.
    text: TextsForm,
    /// Nobody reads it before. Without it: now, and later on as it is.
    published_at: Option<DateTime<Utc>>,
}

impl Form for NewsForm {
    type Item = intake::News;
    fn item(self) -> Result<intake::News, Flaw> {
        if self.level.is_some_and(|level| !(1..=12).contains(&level)) {
            return Err(Flaw::new("/level", "range", "A level is 1 to 12."));
        }
        Ok(intake::News {
            external_id: external_id("/externalId", &self.external_id)?,
            level: self.level,
            class_group: reference("/classGroupExternalId", self.class_group_external_id)?,
            title: self.title.read("/title", 200)?,
            text: self.text.read("/text", 10_000)?,
            published_at: self.published_at.map(|moment| moment.naive_utc()),
        })
    }
}
