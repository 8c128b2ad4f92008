//! One CSV file as rows of named cells: header matching, line numbers, and the rules a single cell must keep.

use std::borrow::Cow;
use std::collections::HashSet;

use chrono::{DateTime, Datelike, NaiveDate};
use csv::StringRecord;

use super::files::{File, Version};
use super::hundredths::Hundredths;
use super::words::{Status, Word};
use crate::report::Flaw;
use crate::report::Refusal;
use crate::untrusted::records::{self, Next};
use crate::untrusted::source::Source;

/// The longest text of a cell in characters; a comment may be longer.
const TEXT_MAX: usize = 1_000;
const COMMENT_MAX: usize = 10_000;
/// What a cell of a row that is held weighs beside its letters and the row itself, and an item of a list.
const CELL_WEIGHT: usize = 8;
const ITEM_WEIGHT: usize = 56;
/// The longest sourcedId, by the standard.
const ID_MAX: usize = 255;

/// Which cell of a row stands under which of the columns looked at.
pub(crate) struct Header {
    version: Version,
    cells: usize,
    /// Name in the standard, name in this file, position.
    found: Vec<(&'static str, &'static str, usize)>,
}

impl Header {
    /// Matches names exactly but for case and surrounding spaces. A missing required column refuses the bundle.
    fn bind(file: File, version: Version, titles: &StringRecord) -> Result<Self, Refusal> {
        let mut found = Vec::new();
        for column in file.columns() {
            let first = column.names.first().copied().unwrap_or_default();
            let spot = column.names.iter().find_map(|name| Some((*name, position(titles, name)?)));
            match spot {
                Some((name, at)) if titles.iter().skip(at + 1).any(|title| same(title, name)) => {
                    return Err(Refusal::new(format!("{file} has two columns named {name}; keep one.")));
                }
                Some((name, at)) => found.push((first, name, at)),
                None if column.need.holds(version) => return Err(lacks(file, first, titles)),
                None => {}
            }
        }
        Ok(Self { version, cells: titles.len(), found })
    }
}

fn same(title: &str, name: &str) -> bool {
    title.trim().eq_ignore_ascii_case(name)
}

pub(crate) fn position(titles: &StringRecord, name: &str) -> Option<usize> {
    titles.iter().position(|title| same(title, name))
}

fn lacks(file: File, name: &str, titles: &StringRecord) -> Refusal {
    Refusal::new(if titles.is_empty() {
        format!("{file} is empty, without even a header; export it again.")
    } else if titles.len() == 1 && titles.iter().any(|title| title.contains([';', '\t'])) {
        format!("{file} does not separate its cells by commas; export it again with commas.")
    } else {
        format!("{file} lacks the column {name}; add it to the export.")
    })
}

/// One row: cells by the column's name in the standard.
pub(crate) struct Cells<'a> {
    header: &'a Header,
    record: &'a StringRecord,
    pub(crate) line: u64,
}

/// Reads a file row by row. Blank rows are passed over; nothing but the row at hand is held.
pub(crate) fn each<E: From<Refusal>>(
    source: &Source,
    file: File,
    version: Version,
    mut visit: impl FnMut(&Cells<'_>) -> Result<(), E>,
) -> Result<(), E> {
    records(source, file.name(), |titles, next| {
        let header = Header::bind(file, version, titles)?;
        let mut record = StringRecord::new();
        while let Some(line) = next(&mut record)? {
            if record.iter().any(|cell| !cell.trim().is_empty()) {
                visit(&Cells { header: &header, record: &record, line })?;
            }
        }
        Ok(())
    })
}

/// Lends the header of a file and a way to the next record.
pub(crate) fn records<T, E: From<Refusal>>(
    source: &Source,
    name: &str,
    read: impl FnOnce(&StringRecord, Next<'_>) -> Result<T, E>,
) -> Result<T, E> {
    source.with(name, |bytes| records::records(bytes, name, read))
}

impl Cells<'_> {
    pub(crate) fn version(&self) -> Version {
        self.header.version
    }

    /// What the row weighs in bytes as text, a cell that is a list as a text for every item.
    pub(crate) fn weight(&self) -> usize {
        let text = self.record.as_slice();
        let items = text.bytes().filter(|byte| *byte == b',').count();
        text.len() + CELL_WEIGHT * self.header.found.len() + ITEM_WEIGHT * items
    }

    fn find(&self, name: &str) -> Option<(&'static str, usize)> {
        let spot = self.header.found.iter().find(|(first, _, _)| *first == name);
        spot.map(|(_, shown, at)| (*shown, *at))
    }

    /// The name the file itself gives a column, for the report.
    pub(crate) fn shown(&self, name: &'static str) -> &'static str {
        self.find(name).map_or(name, |(shown, _)| shown)
    }

    /// The cell without surrounding spaces; an empty cell is none.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        let (_, at) = self.find(name)?;
        self.record.get(at).map(str::trim).filter(|cell| !cell.is_empty())
    }

    /// A flaw of this cell.
    pub(crate) fn flaw(
        &self,
        name: &'static str,
        reason: impl Into<Cow<'static, str>>,
        mend: impl Into<Cow<'static, str>>,
    ) -> Flaw {
        let value = crate::report::cut(self.raw(name).unwrap_or_default());
        Flaw { column: self.shown(name).into(), value, reason: reason.into(), mend: mend.into() }
    }

    /// A row must have as many cells as the header: one more or less means that a comma or a quote went astray and
    /// values stand under the wrong names. Empty cells too many do no harm.
    pub(crate) fn shape(&self) -> Result<(), Flaw> {
        let (has, want) = (self.record.len(), self.header.cells);
        if has == want || has > want && self.record.iter().skip(want).all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        Err(Flaw {
            column: "".into(),
            value: String::new(),
            reason: format!("the row has {has} cells, the header {want}").into(),
            mend: "Put quotes around cells that hold commas or line ends, and give every row a cell for each column"
                .into(),
        })
    }

    /// Whether the row is marked as no longer standing.
    pub(crate) fn is_gone(&self) -> Result<bool, Flaw> {
        Ok(self.maybe_word::<Status>("status")? == Some(Status::ToBeDeleted))
    }

    fn missing(&self, name: &'static str) -> Flaw {
        self.flaw(name, "the cell is empty", "Fill it in")
    }

    fn clean(&self, name: &'static str, text: &str, most: usize) -> Result<(), Flaw> {
        if text.chars().any(|letter| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t')) {
            return Err(self.flaw(name, "the cell holds control characters", "Take them out"));
        }
        if text.len() > most && text.chars().count() > most {
            return Err(self.flaw(name, "the text is too long", format!("Shorten it to {most} characters")));
        }
        Ok(())
    }

    /// A text of at most 1,000 characters, if there is one.
    pub(crate) fn maybe_text(&self, name: &'static str) -> Result<Option<String>, Flaw> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        self.clean(name, text, TEXT_MAX)?;
        Ok(Some(text.to_owned()))
    }

    pub(crate) fn text(&self, name: &'static str) -> Result<String, Flaw> {
        self.maybe_text(name)?.ok_or_else(|| self.missing(name))
    }

    /// A text of at most 10,000 characters, if there is one.
    pub(crate) fn comment(&self, name: &'static str) -> Result<Option<String>, Flaw> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        self.clean(name, text, COMMENT_MAX)?;
        Ok(Some(text.to_owned()))
    }

    fn check_id(&self, name: &'static str, id: &str) -> Result<(), Flaw> {
        let allowed = |letter: char| letter.is_alphanumeric() || matches!(letter, '.' | '/' | '@' | '_' | '-');
        let short = id.len() <= ID_MAX || id.chars().count() <= ID_MAX;
        if short && id.chars().all(allowed) {
            return Ok(());
        }
        let mend = "Use 1 to 255 letters, digits and the signs . / @ _ -";
        Err(self.flaw(name, "this is no sourcedId", mend))
    }

    pub(crate) fn maybe_id(&self, name: &'static str) -> Result<Option<String>, Flaw> {
        let Some(id) = self.raw(name) else { return Ok(None) };
        self.check_id(name, id)?;
        Ok(Some(id.to_owned()))
    }

    pub(crate) fn id(&self, name: &'static str) -> Result<String, Flaw> {
        self.maybe_id(name)?.ok_or_else(|| self.missing(name))
    }

    /// Ids separated by commas, each once.
    pub(crate) fn ids(&self, name: &'static str) -> Result<Vec<String>, Flaw> {
        let mut ids = self.list(name)?;
        ids.iter().try_for_each(|id| self.check_id(name, id))?;
        let mut seen = HashSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        Ok(ids)
    }

    /// Texts separated by commas, spaces around them allowed; an item with a comma stands in quotes of its own.
    pub(crate) fn list(&self, name: &'static str) -> Result<Vec<String>, Flaw> {
        let Some(text) = self.raw(name) else { return Ok(Vec::new()) };
        self.clean(name, text, COMMENT_MAX)?;
        Ok(items(text))
    }

    pub(crate) fn maybe_word<W: Word>(&self, name: &'static str) -> Result<Option<W>, Flaw> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        let unknown =
            || self.flaw(name, "the word is not in the vocabulary", format!("Write one of: {}", W::choices()));
        W::read(text).map(Some).ok_or_else(unknown)
    }

    pub(crate) fn word<W: Word>(&self, name: &'static str) -> Result<W, Flaw> {
        self.maybe_word(name)?.ok_or_else(|| self.missing(name))
    }

    /// A day; a time after it must be a whole ISO instant and is dropped, for the day as the school wrote it counts.
    pub(crate) fn maybe_date(&self, name: &'static str) -> Result<Option<NaiveDate>, Flaw> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        let wrong = || self.flaw(name, "this is no date between 1900 and 2199", "Write the date as YYYY-MM-DD");
        day(text).map(Some).ok_or_else(wrong)
    }

    pub(crate) fn date(&self, name: &'static str) -> Result<NaiveDate, Flaw> {
        self.maybe_date(name)?.ok_or_else(|| self.missing(name))
    }

    pub(crate) fn maybe_number(&self, name: &'static str) -> Result<Option<Hundredths>, Flaw> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        let wrong = || self.flaw(name, "this is no number", "Write digits with a point before the decimals");
        Hundredths::read(text).map(Some).ok_or_else(wrong)
    }

    pub(crate) fn maybe_flag(&self, name: &'static str) -> Result<Option<bool>, Flaw> {
        match self.raw(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(self.flaw(name, "this is neither true nor false", "Write true or false")),
        }
    }
}

fn day(text: &str) -> Option<NaiveDate> {
    let date = if text.len() > 10 { DateTime::parse_from_rfc3339(text).ok()?.date_naive() } else { plain_day(text)? };
    (1900..2200).contains(&date.year()).then_some(date)
}

/// Exactly `YYYY-MM-DD`; by hand, because the date parser takes 2024-1-5 too and is slow over millions of rows.
fn plain_day(text: &str) -> Option<NaiveDate> {
    let mut parts = text.split('-');
    let mut part = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        part.bytes().try_fold(0_u16, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let whole = parts.next().is_none();
    whole.then(|| NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)))?
}

fn items(text: &str) -> Vec<String> {
    let (mut found, mut item, mut quoted) = (Vec::new(), String::new(), false);
    for letter in text.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => found.push(std::mem::take(&mut item)),
            _ => item.push(letter),
        }
    }
    found.push(item);
    found.iter().map(|item| item.trim()).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Result<Vec<u64>, String> {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("orgs.csv"), bytes).unwrap();
        let source = Source::open(home.path()).unwrap();
        let mut lines = Vec::new();
        let read = each(&source, File::Orgs, Version::V1p1, |cells| {
            lines.push(cells.line);
            Ok::<_, Refusal>(())
        });
        read.map(|()| lines).map_err(|refusal| refusal.sentence)
    }

    #[test]
    fn a_row_knows_the_line_it_begins_on_whatever_the_line_ends() {
        for end in ["\n", "\r\n", "\r"] {
            let text = ["sourcedId,name,type", "1,\"two", "lines\",school", "", ",,", "2,b,school"].join(end);
            let second = if end == "\r" { vec![2, 5] } else { vec![2, 6] };
            assert_eq!(lines(text.as_bytes()).unwrap(), second, "{end:?}");
        }
        assert_eq!(lines("\u{feff}sourcedId,name,type\r\n1,a,school".as_bytes()).unwrap(), [2]);
    }

    #[test]
    fn headers_match_in_any_case_with_spaces_around_and_may_not_repeat() {
        assert_eq!(lines(b" SOURCEDID , Name,type,metadata.x\n1,a,school,\n").unwrap(), [2]);
        assert_eq!(lines(b"sourcedId,name,type,Name\n").unwrap_err(), "orgs.csv has two columns named name; keep one.");
        assert_eq!(lines(b"sourcedId,type\n").unwrap_err(), "orgs.csv lacks the column name; add it to the export.");
        assert!(lines(b"sourcedId;name;type\n").unwrap_err().contains("commas"));
        assert!(lines(b"").unwrap_err().contains("empty"));
    }

    #[test]
    fn text_that_is_not_utf8_is_refused_with_file_and_line() {
        let told = lines(b"sourcedId,name,type\r\n1,a,school\r\n2,\xc0\xef\xf2\xe0,school\r\n").unwrap_err();
        assert_eq!(told, "orgs.csv, line 3: the text is not UTF-8; export or save the file as UTF-8.");
    }

    #[test]
    fn dates_are_iso_days_or_instants() {
        let date = NaiveDate::from_ymd_opt(2023, 5, 1);
        assert_eq!(day("2023-05-01"), date);
        assert_eq!(day("2023-05-01T18:25:43.511Z"), date);
        for text in ["2023-5-1", "01.05.2023", "5/1/2023", "2023-02-29", "0000-01-01", "9999-01-01", "2023-05-01T99"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn lists_take_spaces_and_quoted_commas() {
        assert_eq!(items("Science, Physics,Biology"), ["Science", "Physics", "Biology"]);
        assert_eq!(items("\"Arts, Crafts\", Music"), ["Arts, Crafts", "Music"]);
        assert!(items(" , ,").is_empty());
    }
}
