//! What an import says afterwards: counts per file, the rows it left out, or why it took nothing at all.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

/// How many rejections are listed; all are counted.
pub const LISTED_MAX: usize = 10_000;

/// The longest cell a report repeats, in characters: enough to find it, too short to copy a life.
const VALUE_MAX: usize = 40;

/// The longest sentence of a refusal, in characters.
const SENTENCE_MAX: usize = 1_000;

/// The whole bundle was refused and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{sentence}")]
pub struct Refusal {
    /// One sentence for the person at the keyboard: what is wrong and what to mend.
    pub sentence: String,
}

impl Refusal {
    /// A refusal that says this, on one line. What is repeated from a file in it may be endless or hold anything.
    pub fn new(sentence: impl Into<String>) -> Self {
        let mut sentence = sentence.into();
        if sentence.contains(char::is_control) || sentence.len() > SENTENCE_MAX {
            let begin: String = sentence.chars().take(SENTENCE_MAX).map(mask).collect();
            sentence = if sentence.chars().nth(SENTENCE_MAX).is_some() { begin + "…" } else { begin };
        }
        Self { sentence }
    }
}

/// One row, or one reference of a row, that was left out while the rest was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// The file as it is named in the bundle, for example `users.csv`.
    pub file: String,
    /// The line the row begins on; the header is line 1.
    pub line: u64,
    /// The column at fault as the file spells it; empty when the whole row is at fault.
    pub column: String,
    /// What stands in the cell, at most 40 characters, control characters masked. Personal: never logged.
    pub value: String,
    /// What is wrong, without the value.
    pub reason: String,
    /// What to write instead.
    pub mend: String,
}

impl Rejection {
    /// A rejection whose value is cut and masked so that it can stand on a terminal.
    pub fn new(
        file: impl Into<String>,
        line: u64,
        column: impl Into<String>,
        value: &str,
        reason: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        let (file, column) = (file.into(), column.into());
        Self { file, line, column, value: cut(value), reason: reason.into(), mend: mend.into() }
    }
}

/// Why one row, or one reference of it, is left out: a [`Rejection`] that does not know its place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flaw {
    pub(crate) column: Cow<'static, str>,
    pub(crate) value: String,
    pub(crate) reason: Cow<'static, str>,
    pub(crate) mend: Cow<'static, str>,
}

impl Flaw {
    /// A flaw whose value is cut.
    pub(crate) fn new(
        column: impl Into<Cow<'static, str>>,
        value: &str,
        reason: impl Into<Cow<'static, str>>,
        mend: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { column: column.into(), value: cut(value), reason: reason.into(), mend: mend.into() }
    }

    /// The rejection of the row on this line of this file.
    pub(crate) fn at(self, file: &str, line: u64) -> Rejection {
        Rejection::new(file, line, self.column, &self.value, self.reason, self.mend)
    }
}

/// The first 40 characters, the last of them `…` when something was cut; control characters become `·`.
pub fn cut(value: &str) -> String {
    let mut kept: String = value.chars().take(VALUE_MAX).map(mask).collect();
    if value.chars().nth(VALUE_MAX).is_some() {
        kept.pop();
        kept.push('…');
    }
    kept
}

fn mask(letter: char) -> char {
    if letter.is_control() { '·' } else { letter }
}

/// How many rows of one file were read, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileCount {
    /// The file as it is named in the bundle.
    pub name: String,
    /// Data rows in the file.
    pub read: u64,
    /// Rows that made something new.
    pub created: u64,
    /// Rows that changed something.
    pub updated: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Things taken out of the diary because the file no longer holds them.
    pub removed: u64,
    /// Rows marked as deleted, of another school, or about what a diary does not keep.
    pub skipped: u64,
    /// Rows left out; each stands among the rejections while those are listed.
    pub rejected: u64,
}

/// The outcome of one import, for a terminal or as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Whether the bundle was taken; it may still have lost rows.
    pub ok: bool,
    /// Counts per file, in the order they were read.
    pub files: Vec<FileCount>,
    /// The rows left out. A long list is cut; the counts are always whole.
    pub rejections: Vec<Rejection>,
    /// What was passed over without harm, in whole sentences: sheets and columns nobody knows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Whether this is what an import would have done: nothing was changed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub dry_run: bool,
    /// Why nothing was taken; present only when the whole bundle was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
}

impl Report {
    /// The report of a bundle that was taken.
    pub fn taken(files: Vec<FileCount>, rejections: Vec<Rejection>) -> Self {
        Self { ok: true, files, rejections, ..Self::default() }
    }

    /// The report of a bundle that was refused whole.
    pub fn refused(refusal: &Refusal) -> Self {
        Self { refusal: Some(refusal.sentence.clone()), ..Self::default() }
    }

    /// 0 only if nothing was left out, 2 if some rows or references were, 1 if the whole was refused.
    pub fn exit_code(&self) -> u8 {
        if !self.ok {
            1
        } else if self.rejections.is_empty() && self.files.iter().all(|file| file.rejected == 0) {
            0
        } else {
            2
        }
    }

    /// The report on one line of JSON.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }

    /// The report as plain text: a table of counts, then a table of what was left out and how to mend it.
    pub fn table(&self) -> String {
        if let Some(sentence) = &self.refusal {
            return format!("Refused, nothing was changed: {sentence}\n");
        }
        let mut text = String::new();
        if self.dry_run {
            text.push_str("Nothing was changed. This is what the import would do:\n\n");
        }
        text.push_str(&aligned(&self.counts(), 1));
        if !self.rejections.is_empty() {
            text.push('\n');
            text.push_str(&aligned(&self.left_out(), usize::MAX));
        }
        let hidden = self.hidden();
        if hidden > 0 {
            let _ = writeln!(text, "… and {hidden} more rows");
        }
        for (at, note) in self.notes.iter().enumerate() {
            let gap = if at == 0 { "\n" } else { "" };
            let _ = writeln!(text, "{gap}{}", note.chars().map(mask).collect::<String>());
        }
        text
    }

    fn counts(&self) -> Vec<Vec<String>> {
        let head = ["file", "read", "created", "updated", "unchanged", "removed", "skipped", "rejected"];
        let mut rows = vec![head.map(String::from).to_vec()];
        for f in &self.files {
            let numbers = [f.read, f.created, f.updated, f.unchanged, f.removed, f.skipped, f.rejected];
            rows.push(std::iter::once(cut(&f.name)).chain(numbers.map(|n| n.to_string())).collect());
        }
        rows
    }

    fn left_out(&self) -> Vec<Vec<String>> {
        let head = ["file", "line", "column", "value", "reason", "mend"];
        let mut rows = vec![head.map(String::from).to_vec()];
        for r in &self.rejections {
            let cells = [&r.file, &r.line.to_string(), &r.column, &r.value, &r.reason, &r.mend];
            rows.push(cells.map(|cell| cell.chars().map(mask).collect()).to_vec());
        }
        rows
    }

    fn hidden(&self) -> u64 {
        let rejected: u64 = self.files.iter().map(|file| file.rejected).sum();
        rejected.saturating_sub(u64::try_from(self.rejections.len()).unwrap_or(u64::MAX))
    }
}

/// Columns padded to their widest cell, two spaces between; columns from `right` on are numbers and stand right.
fn aligned(rows: &[Vec<String>], right: usize) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (at, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let gap = if at == 0 { "" } else { "  " };
            let _ = if at >= right { write!(line, "{gap}{cell:>width$}") } else { write!(line, "{gap}{cell:<width$}") };
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]
mod tests {
    use super::*;

    fn sample() -> Report {
        let files = vec![
            FileCount {
                name: "users.csv".into(),
                read: 120,
                created: 117,
                skipped: 1,
                rejected: 2,
                ..FileCount::default()
            },
            FileCount { name: "orgs.csv".into(), read: 1, unchanged: 1, ..FileCount::default() },
        ];
        let bad = Rejection::new("users.csv", 7, "birthDate", "Әлия\u{1b}[2J", "not a date", "Write YYYY-MM-DD");
        Report::taken(files, vec![bad])
    }

    #[test]
    fn the_json_has_the_published_shape() {
        let json: serde_json::Value = serde_json::from_str(&sample().json().unwrap()).unwrap();
        assert_eq!(json["ok"], true);
        assert!(json.get("refusal").is_none());
        let first = json["files"][0].as_object().unwrap();
        let names: Vec<_> = first.keys().map(String::as_str).collect();
        for name in ["name", "read", "created", "updated", "unchanged", "removed", "skipped", "rejected"] {
            assert!(names.contains(&name), "{name}");
        }
        assert_eq!(json["rejections"][0]["line"], 7);
        assert_eq!(json["rejections"][0]["mend"], "Write YYYY-MM-DD");
    }

    #[test]
    fn the_table_is_aligned_and_says_how_many_rows_it_does_not_list() {
        let expected = "\
file       read  created  updated  unchanged  removed  skipped  rejected
users.csv   120      117        0          0        0        1         2
orgs.csv      1        0        0          1        0        0         0

file       line  column     value     reason      mend
users.csv  7     birthDate  Әлия·[2J  not a date  Write YYYY-MM-DD
… and 1 more rows
";
        assert_eq!(sample().table(), expected);
    }

    #[test]
    fn a_long_value_is_cut_to_forty_characters() {
        assert_eq!(cut(&"ә".repeat(40)), "ә".repeat(40));
        assert_eq!(cut(&"ә".repeat(41)), format!("{}…", "ә".repeat(39)));
    }

    #[test]
    fn a_refusal_is_one_line_however_much_of_a_file_it_repeats() {
        assert_eq!(Refusal::new("«a\n\u{1b}[2J» is unknown.").sentence, "«a··[2J» is unknown.");
        assert_eq!(Refusal::new("ә".repeat(SENTENCE_MAX)).sentence, "ә".repeat(SENTENCE_MAX));
        assert_eq!(Refusal::new("ә".repeat(1 << 20)).sentence, "ә".repeat(SENTENCE_MAX) + "…");
    }

    #[test]
    fn the_exit_code_tells_whole_partial_and_refused_apart() {
        assert_eq!(Report::taken(vec![], vec![]).exit_code(), 0);
        assert_eq!(sample().exit_code(), 2);
        let refused = Report::refused(&Refusal::new("users.csv is missing"));
        assert_eq!(refused.exit_code(), 1);
        assert_eq!(refused.table(), "Refused, nothing was changed: users.csv is missing\n");
    }
}
