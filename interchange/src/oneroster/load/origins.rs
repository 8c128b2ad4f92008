//! The rows of a bundle as the diary's door knows them: file, line, and the cell behind a field.

use std::collections::BTreeMap;

use crate::door::{Origin, Place, Tally};
use crate::oneroster::{
    AcademicSession, Bundle, Category, Class, Course, Demographics, Enrollment, File, FileRead, LineItem, ResultRow,
    User,
};
use crate::report::{FileCount, Flaw};

/// What the reader counted and left out already.
pub(super) fn tally(bundle: &Bundle) -> Tally {
    let count = |file: &FileRead| FileCount {
        name: file.file.name().to_owned(),
        read: file.read,
        skipped: file.skipped + if file.file.is_aside() { file.kept } else { 0 },
        rejected: file.rejected,
        ..FileCount::default()
    };
    let counts: BTreeMap<Place, FileCount> = bundle.files.iter().map(|file| (file.file.place(), count(file))).collect();
    Tally::new(counts, bundle.rejections.clone())
}

/// A reference to a row that did not make it into the diary.
pub(super) fn lost(column: &'static str, value: &str, into: File) -> Flaw {
    let reason = format!("the row of {into} it refers to was left out");
    Flaw::new(column, value, reason, format!("Mend that row of {into}"))
}

/// A reference that a bundle of changes leaves to the diary, which does not know it.
pub(super) fn unknown(column: &'static str, value: &str, into: File) -> Flaw {
    let reason = format!("neither {into} nor the diary of this school holds it");
    Flaw::new(column, value, reason, format!("Add the row to {into}, or correct the id"))
}

macro_rules! origins {
    ($($row:ident => $file:ident),* $(,)?) => {$(
        impl Origin for $row {
            fn place(&self) -> Place {
                File::$file.place()
            }
            fn line(&self) -> u64 {
                self.line
            }
        }
    )*};
}

origins! {
    AcademicSession => AcademicSessions, Category => Categories, Class => Classes, Course => Courses,
    Demographics => Demographics, Enrollment => Enrollments, LineItem => LineItems, User => Users,
}

impl Origin for ResultRow {
    fn place(&self) -> Place {
        File::Results.place()
    }

    fn line(&self) -> u64 {
        self.line
    }

    fn cell(&self, field: &str) -> (&str, &str) {
        match field {
            "/studentExternalId" => ("studentSourcedId", &self.student),
            "/courseExternalId" | "/assessmentExternalId" => ("lineItemSourcedId", &self.line_item),
            _ => ("", ""),
        }
    }
}
