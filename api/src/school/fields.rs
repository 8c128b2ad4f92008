//! Fields of delivered items: texts within bounds, numbers with two decimals, names in several languages.

use chrono::NaiveTime;
use domain::error::Flaw;
use domain::letters::is_hidden;
use domain::types::{FullName, Names};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// A name in one to three languages; the others read the first there is of Kazakh, Russian, English.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamesForm {
    /// In Kazakh.
    #[schema(example = "Алгебра", max_length = 200)]
    pub kk: Option<String>,
    /// In Russian.
    #[schema(max_length = 200)]
    pub ru: Option<String>,
    /// In English.
    #[schema(max_length = 200)]
    pub en: Option<String>,
}

/// A text of several lines in one to three languages; the others read the first there is of Kazakh, Russian, English.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextsForm {
    /// In Kazakh.
    #[schema(max_length = 10_000)]
    pub kk: Option<String>,
    /// In Russian.
    #[schema(max_length = 10_000)]
    pub ru: Option<String>,
    /// In English.
    #[schema(max_length = 10_000)]
    pub en: Option<String>,
}

impl TextsForm {
    /// The texts that are there; at least one must be.
    pub fn read(self, pointer: &'static str, most: usize) -> Result<Names, Flaw> {
        let text = |text: &str| lines(pointer, text, most);
        in_languages(pointer, [("kk", self.kk), ("ru", self.ru), ("en", self.en)], text)
    }
}

fn in_languages(
    pointer: &'static str,
    given: [(&'static str, Option<String>); 3],
    read: impl Fn(&str) -> Result<String, Flaw>,
) -> Result<Names, Flaw> {
    let mut names = Names::default();
    for (language, text) in given {
        if let Some(text) = text.filter(|text| !text.trim().is_empty()) {
            names.0.insert(language.to_owned(), read(&text)?);
        }
    }
    if names.0.is_empty() {
        return Err(Flaw::new(pointer, "required", "Give it in at least one language: kk, ru or en."));
    }
    Ok(names)
}

impl NamesForm {
    /// The names that are there; at least one must be.
    pub fn read(self, pointer: &'static str, most: usize) -> Result<Names, Flaw> {
        in_languages(pointer, [("kk", self.kk), ("ru", self.ru), ("en", self.en)], |name| line(pointer, name, most))
    }
}

/// A text of one line, 1 to `most` characters, without spaces around it.
pub fn line(pointer: &'static str, text: &str, most: usize) -> Result<String, Flaw> {
    text_of(pointer, text, most, is_hidden)
}

/// A text of several lines, 1 to `most` characters.
pub fn lines(pointer: &'static str, text: &str, most: usize) -> Result<String, Flaw> {
    text_of(pointer, text, most, |c| is_hidden(c) && !matches!(c, '\n' | '\r' | '\t'))
}

fn text_of(pointer: &'static str, text: &str, most: usize, bad: impl Fn(char) -> bool) -> Result<String, Flaw> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > most {
        return Err(Flaw::new(pointer, "length", format!("This has 1 to {most} characters, {length} were sent.")));
    }
    if text.chars().any(bad) {
        return Err(Flaw::new(pointer, "characters", "There are characters in it that cannot be seen: take them out."));
    }
    Ok(text.to_owned())
}

/// As [`line`], where there is one; an empty text counts as none.
pub fn optional(pointer: &'static str, text: Option<String>, most: usize) -> Result<Option<String>, Flaw> {
    text.filter(|text| !text.trim().is_empty()).map(|text| line(pointer, &text, most)).transpose()
}

/// A person's names.
pub fn full_name(first: &str, last: &str, middle: Option<String>) -> Result<FullName, Flaw> {
    Ok(FullName {
        first: line("/firstName", first, 100)?,
        last: line("/lastName", last, 100)?,
        middle: optional("/middleName", middle, 100)?,
    })
}

/// The school's own id of a thing: 1 to 255 characters.
pub fn external_id(pointer: &'static str, id: &str) -> Result<String, Flaw> {
    line(pointer, id, 255)
}

/// A reference that may be left out.
pub fn reference(pointer: &'static str, id: Option<String>) -> Result<Option<String>, Flaw> {
    id.map(|id| external_id(pointer, &id)).transpose()
}

/// A local time, `HH:MM`.
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(value_type = String, example = "08:45", pattern = "^([01]\\d|2[0-3]):[0-5]\\d$")]
pub struct LocalTime(pub NaiveTime);

impl<'de> Deserialize<'de> for LocalTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = (text.len() == 5).then(|| NaiveTime::parse_from_str(&text, "%H:%M").ok()).flatten();
        time.map(Self).ok_or_else(|| serde::de::Error::custom("expected a local time as HH:MM"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_bounded_and_visible() {
        assert_eq!(line("/name", " 7 Ә ", 10), Ok("7 Ә".to_owned()));
        assert_eq!(line("/name", "  ", 10).unwrap_err().code, "length");
        assert_eq!(line("/name", "a\u{202e}b", 10).unwrap_err().code, "characters");
        assert_eq!(lines("/text", "№ 214\n№ 215", 20), Ok("№ 214\n№ 215".to_owned()));
        assert_eq!(line("/text", "№ 214\n№ 215", 20).unwrap_err().code, "characters");
    }
}
