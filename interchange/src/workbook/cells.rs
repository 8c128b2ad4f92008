//! One row of a sheet: its cells by what they are about, and the rules a single cell must keep.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveTime};
use domain::letters::is_hidden;

use super::Sheet;
use super::columns::Field;
use super::values::{Value, tidy};
use super::words::{Word, key};
use crate::report::{Flaw, cut};

/// The longest text of a cell in characters; a comment may be longer.
const TEXT_MAX: usize = 1_000;
const COMMENT_MAX: usize = 10_000;
/// The longest number of a person.
const NUMBER_MAX: usize = 64;

/// Which cell of a row stands under which heading.
#[derive(Debug)]
pub(crate) struct Heading {
    pub(crate) sheet: Sheet,
    /// Field, position, heading as it is written.
    found: Vec<(Field, usize, String)>,
    /// Headings nobody knows.
    pub(crate) ignored: Vec<String>,
}

impl Heading {
    /// How many headings of the sheet a row holds. The first of two equal ones counts.
    pub(crate) fn known(sheet: Sheet, row: &[Value]) -> usize {
        row.iter().filter_map(Value::text).filter(|title| field(sheet, title).is_some()).count()
    }

    /// Binds a row as the headings. Gives the heading a sheet is useless without, in the language of the others.
    pub(crate) fn bind(sheet: Sheet, row: &[Value]) -> Result<Self, &'static str> {
        let mut heading = Self { sheet, found: Vec::new(), ignored: Vec::new() };
        let mut language = 1;
        for (at, title) in row.iter().enumerate().filter_map(|(at, value)| Some((at, value.text()?))) {
            match field(sheet, &title) {
                Some((field, spoken)) if heading.place(field).is_none() => {
                    language = spoken.unwrap_or(language);
                    heading.found.push((field, at, title));
                }
                _ => heading.ignored.push(cut(&title)),
            }
        }
        let lacks = sheet.columns().iter().find(|column| column.needed && heading.place(column.field).is_none());
        let named = |field| heading.place(field).is_some();
        let nameless = sheet.columns().iter().find(|column| column.field == Field::FullName);
        let nameless = nameless.filter(|_| !(named(Field::FullName) || named(Field::Last) && named(Field::First)));
        match lacks.or(nameless) {
            Some(column) => Err(column.titles.get(language).copied().unwrap_or_default()),
            None => Ok(heading),
        }
    }

    /// Every heading that is known, as it is written.
    pub(crate) fn titles(&self) -> impl Iterator<Item = (Field, &str)> {
        self.found.iter().map(|(field, _, title)| (*field, title.as_str()))
    }

    fn place(&self, field: Field) -> Option<&(Field, usize, String)> {
        self.found.iter().find(|(known, ..)| *known == field)
    }
}

type Fields = HashMap<(Sheet, String), (Field, Option<usize>)>;

/// What each heading of each sheet is about, and the language if only one writes it so.
static FIELDS: LazyLock<Fields> = LazyLock::new(|| {
    let mut fields = HashMap::new();
    for sheet in Sheet::ALL {
        for column in sheet.columns() {
            let spoken = column.titles.iter().enumerate().map(|(language, title)| (title, Some(language)));
            for (title, language) in spoken.chain(column.also.iter().map(|title| (title, None))) {
                fields.entry((sheet, key(title))).or_insert((column.field, language));
            }
        }
    }
    fields
});

fn field(sheet: Sheet, title: &str) -> Option<(Field, Option<usize>)> {
    let title = Some(key(title)).filter(|title| !title.is_empty())?;
    FIELDS.get(&(sheet, title)).copied()
}

/// One row: cells by what they are about.
pub(crate) struct Cells<'a> {
    pub(crate) heading: &'a Heading,
    pub(crate) values: &'a [Value],
    pub(crate) line: u32,
}

static EMPTY: Value = Value::Empty;

impl Cells<'_> {
    fn value(&self, field: Field) -> &Value {
        let at = self.heading.place(field).map(|(_, at, _)| *at);
        at.and_then(|at| self.values.get(at)).unwrap_or(&EMPTY)
    }

    /// The heading as the file spells it.
    fn title(&self, field: Field) -> String {
        self.heading.place(field).map_or_else(String::new, |(_, _, title)| cut(title))
    }

    /// A flaw of this cell.
    pub(crate) fn flaw(
        &self,
        field: Field,
        reason: impl Into<Cow<'static, str>>,
        mend: impl Into<Cow<'static, str>>,
    ) -> Flaw {
        let value = self.value(field).text().unwrap_or_default();
        Flaw::new(self.title(field), &value, reason, mend)
    }

    pub(crate) fn has(&self, field: Field) -> bool {
        !self.value(field).is_blank()
    }

    /// The cell on one line, whatever it holds; for comparing, never for storing.
    pub(crate) fn raw(&self, field: Field) -> Option<String> {
        self.value(field).text()
    }

    /// All cells that are filled in, as text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = String> {
        self.values.iter().filter_map(Value::text)
    }

    fn missing(&self, field: Field) -> Flaw {
        self.flaw(field, "the cell is empty", "Fill it in")
    }

    /// The cell if it is filled in with something that can be read at all.
    fn some(&self, field: Field) -> Result<Option<&Value>, Flaw> {
        match self.value(field) {
            value if value.is_blank() => Ok(None),
            Value::Formula => {
                let reason = "the formula has no value in the file; formulas are never evaluated";
                Err(self.flaw(field, reason, "Write the value itself, or open and save the file in Excel"))
            }
            Value::Error(_) => Err(self.flaw(field, "the formula came to an error", "Write the value itself")),
            value => Ok(Some(value)),
        }
    }

    /// A text of at most 1,000 characters on one line, if there is one.
    pub(crate) fn maybe_text(&self, field: Field) -> Result<Option<String>, Flaw> {
        let Some(text) = self.some(field)?.and_then(Value::text) else { return Ok(None) };
        if text.len() > TEXT_MAX && text.chars().count() > TEXT_MAX {
            return Err(self.flaw(field, "the text is too long", format!("Shorten it to {TEXT_MAX} characters")));
        }
        Ok(Some(text))
    }

    pub(crate) fn text(&self, field: Field) -> Result<String, Flaw> {
        self.maybe_text(field)?.ok_or_else(|| self.missing(field))
    }

    /// A text of at most 10,000 characters that may have several lines.
    pub(crate) fn comment(&self, field: Field) -> Result<Option<String>, Flaw> {
        let text = match self.some(field)? {
            None => return Ok(None),
            Some(Value::Text(text)) => text.lines().map(tidy).collect::<Vec<_>>().join("\n").trim().to_owned(),
            Some(other) => other.text().unwrap_or_default(),
        };
        if text.len() > COMMENT_MAX && text.chars().count() > COMMENT_MAX {
            return Err(self.flaw(field, "the text is too long", format!("Shorten it to {COMMENT_MAX} characters")));
        }
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A person's number, which nobody derives: letters, digits and `. / @ _ -`.
    pub(crate) fn maybe_number(&self, field: Field) -> Result<Option<String>, Flaw> {
        let Some(text) = self.maybe_text(field)? else { return Ok(None) };
        if is_number(&text) {
            return Ok(Some(text));
        }
        let mend = format!("Use 1 to {NUMBER_MAX} letters, digits and the signs . / @ _ -");
        Err(self.flaw(field, "this is no number of a person", mend))
    }

    pub(crate) fn number(&self, field: Field) -> Result<String, Flaw> {
        self.maybe_number(field)?.ok_or_else(|| self.missing(field))
    }

    pub(crate) fn maybe_day(&self, field: Field) -> Result<Option<NaiveDate>, Flaw> {
        let Some(value) = self.some(field)? else { return Ok(None) };
        let flaw = || self.flaw(field, "this is no date", "Write the day as 05.09.2026 or 2026-09-05");
        value.day().map(Some).ok_or_else(flaw)
    }

    pub(crate) fn day(&self, field: Field) -> Result<NaiveDate, Flaw> {
        self.maybe_day(field)?.ok_or_else(|| self.missing(field))
    }

    pub(crate) fn maybe_time(&self, field: Field) -> Result<Option<NaiveTime>, Flaw> {
        let Some(value) = self.some(field)? else { return Ok(None) };
        value.time().map(Some).ok_or_else(|| self.flaw(field, "this is no time", "Write the time as 08:30"))
    }

    /// A word of a closed set.
    pub(crate) fn maybe_word<W: Word>(&self, field: Field) -> Result<Option<W>, Flaw> {
        let Some(text) = self.maybe_text(field)? else { return Ok(None) };
        let choices = || [1, 0, 2].map(|language| W::choices(language).join(", ")).join("; or ");
        let flaw = || self.flaw(field, "the word is not known here", format!("Write one of: {}", choices()));
        W::read(&text).map(Some).ok_or_else(flaw)
    }

    pub(crate) fn word<W: Word>(&self, field: Field) -> Result<W, Flaw> {
        self.maybe_word(field)?.ok_or_else(|| self.missing(field))
    }

    /// A whole number between two limits.
    pub(crate) fn maybe_whole(&self, field: Field, least: i32, most: i32) -> Result<Option<i32>, Flaw> {
        let Some(value) = self.some(field)? else { return Ok(None) };
        let whole = value.whole().filter(|number| (least..=most).contains(number));
        let mend = format!("Write a whole number from {least} to {most}");
        whole.map(Some).ok_or_else(|| self.flaw(field, "this is no such number", mend))
    }

    /// A number from nothing to `most`, both in hundredths.
    pub(crate) fn maybe_hundredths(&self, field: Field, most: i64) -> Result<Option<i64>, Flaw> {
        let Some(value) = self.some(field)? else { return Ok(None) };
        let number = value.hundredths().filter(|number| (0..=most).contains(number));
        let mend = format!("Write a number from 0 to {}", most / 100);
        number.map(Some).ok_or_else(|| self.flaw(field, "this is no such number", mend))
    }

    /// What the row weighs in memory.
    pub(crate) fn weight(&self) -> usize {
        self.values.iter().map(Value::weight).sum()
    }
}

/// Whether a text can be a person's number.
pub(crate) fn is_number(text: &str) -> bool {
    let allowed = |c: char| (c.is_alphanumeric() && !is_hidden(c)) || matches!(c, '.' | '/' | '@' | '_' | '-');
    !text.is_empty() && text.chars().count() <= NUMBER_MAX && text.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workbook::words::Weekday;

    fn texts(texts: &[&str]) -> Vec<Value> {
        texts.iter().map(|text| Value::Text((*text).to_owned())).collect()
    }

    #[test]
    fn headings_are_known_in_any_order_and_language_and_the_rest_is_named() {
        let row = texts(&["Столовая", "ФИО", " student NO. ", "Сынып", "ФИО"]);
        assert_eq!(Heading::known(Sheet::Students, &row), 4);
        let heading = Heading::bind(Sheet::Students, &row).unwrap();
        assert_eq!(heading.ignored, ["Столовая", "ФИО"]);
        let values = texts(&["суп", "Омарова Әлия", "17", "7 Ә"]);
        let cells = Cells { heading: &heading, values: &values, line: 5 };
        assert_eq!(cells.number(Field::Number).unwrap(), "17");
        assert_eq!(cells.text(Field::Class).unwrap(), "7 Ә");
        let flaw = cells.day(Field::BirthDate).unwrap_err();
        assert_eq!((flaw.column.as_ref(), flaw.reason.as_ref()), ("", "the cell is empty"));
    }

    #[test]
    fn a_missing_heading_is_named_in_the_language_of_the_sheet() {
        let lacking = |titles: &[&str]| Heading::bind(Sheet::Students, &texts(titles)).unwrap_err();
        assert_eq!(lacking(&["Номер ученика", "ФИО"]), "Класс");
        assert_eq!(lacking(&["Оқушы нөмірі", "Сынып"]), "Аты-жөні");
        assert_eq!(lacking(&["Student no.", "Class", "Last name"]), "Full name");
        assert!(Heading::bind(Sheet::Students, &texts(&["Student no.", "Class", "Last name", "First name"])).is_ok());
    }

    #[test]
    fn a_cell_that_breaks_a_rule_says_what_to_write() {
        let heading = Heading::bind(Sheet::Timetable, &texts(&["Weekday", "Lesson no.", "Class", "Subject"])).unwrap();
        let values = vec![
            Value::Text("Montag".to_owned()),
            Value::Number(99.0),
            Value::Formula,
            Value::Error("#N/A".to_owned()),
        ];
        let cells = Cells { heading: &heading, values: &values, line: 9 };
        let flaw = cells.word::<Weekday>(Field::Weekday).unwrap_err();
        assert_eq!((flaw.column.as_ref(), flaw.value.as_str()), ("Weekday", "Montag"));
        assert!(flaw.mend.contains("понедельник") && flaw.mend.contains("дүйсенбі") && flaw.mend.contains("Monday"));
        assert!(cells.maybe_whole(Field::Lesson, 0, 20).unwrap_err().mend.contains("from 0 to 20"));
        assert!(cells.text(Field::Class).unwrap_err().reason.contains("never evaluated"));
        assert!(cells.text(Field::Subject).unwrap_err().reason.contains("error"));
    }

    #[test]
    fn a_number_of_a_person_has_no_spaces_or_signs() {
        for text in ["1001", "А-17", "7/12", "a.b@c_d"] {
            assert!(is_number(text), "{text}");
        }
        for text in ["", "1 2", "1:2", "=1+1", "a,b", &"1".repeat(65)] {
            assert!(!is_number(text), "{text}");
        }
    }
}
