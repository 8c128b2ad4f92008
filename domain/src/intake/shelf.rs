//! The files that items name: which of them the writer may attach, and the attaching.

use std::collections::HashMap;

use super::timetable::HomeworkRow;
use super::{Homework, Outcome, Writer};
use crate::Result;
use crate::db::Conn;
use crate::error::Flaw;
use crate::files;
use crate::homework::{Attachment, Attachments};
use crate::types::{FileId, HomeworkId};

/// The files the writer sent in, of those that some items name.
pub(super) struct Shelf(HashMap<FileId, Attachment>);

impl Shelf {
    pub(super) fn of(conn: &mut Conn, writer: Writer, items: &[Homework]) -> Result<Self> {
        let named: Vec<FileId> = items.iter().filter_map(|item| item.files.as_ref()).flatten().copied().collect();
        if named.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        Ok(Self(files::attachable(conn, (writer.staff, writer.client), &named)?))
    }

    /// What the column `attachments` of an item is to hold; `there` is what it holds now. What hangs there already may stay,
    /// whoever sent it in.
    pub(super) fn attachments(&self, item: &Homework, there: Option<&str>) -> Result<String, Flaw> {
        let Some(named) = &item.files else { return Ok(there.unwrap_or("[]").to_owned()) };
        let there: Attachments = there.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        let find = |id: &FileId| {
            let own = self.0.get(id).or_else(|| there.0.iter().find(|one| one.id == *id));
            own.cloned().ok_or_else(|| {
                let told =
                    format!("You have sent in no file with the id {}, or it waited too long: send it again.", id.0);
                Flaw::new("/attachments", "unknown-file", told)
            })
        };
        Ok(Attachments(named.iter().map(find).collect::<Result<_, _>>()?).to_column())
    }
}

/// Ties the files to the rows that were written.
pub(super) fn attach(conn: &mut Conn, rows: &[HomeworkRow], written: &[Outcome]) -> Result<()> {
    for (row, outcome) in rows.iter().zip(written) {
        let id = match outcome {
            Outcome::Created(id) if row.attachments != "[]" => *id,
            Outcome::Updated(id) => *id,
            _ => continue,
        };
        let attachments: Attachments = serde_json::from_str(&row.attachments).unwrap_or_default();
        let ids: Vec<FileId> = attachments.0.iter().map(|one| one.id).collect();
        files::attach(conn, HomeworkId(id), &ids)?;
    }
    Ok(())
}
