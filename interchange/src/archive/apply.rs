//! From a checked archive into the diary, in steps so small that parents read and sign in meanwhile.

use std::time::Instant;

use chrono::NaiveDateTime;
use domain::archive::{self, Begun, Row, Target, Visit, each};
use domain::db::{Conn, Db, Scope};

use super::{Archive, ArchiveError, Progress};
use crate::report::{FileCount, LISTED_MAX, Refusal, Rejection, Report};

/// How many bytes of rows may wait for one transaction: long texts go in smaller steps.
const WEIGHT_MAX: usize = 2 << 20;

/// Restores a school, under another name if one is given. A restore that was cut off goes on when it is run again, and one
/// that came to its end changes nothing.
pub fn restore(
    db: &Db,
    archive: &Archive,
    name: Option<&str>,
    now: NaiveDateTime,
    progress: Progress<'_>,
) -> Result<Report, ArchiveError> {
    let card = archive.manifest.card(name);
    let target = match db.write_here(|conn| archive::begin(conn, &card, &archive.hash, now))? {
        Begun::Made(target) | Begun::Unfinished(target) => target,
        Begun::Finished => return Ok(unchanged(archive)),
        Begun::NameTaken => return Err(taken(&card.name, "it did not come from this archive:").into()),
        Begun::OtherUnfinished => {
            return Err(
                taken(&card.name, "the restore of another archive to it was cut off: finish that one, or").into()
            );
        }
    };
    let mut applying =
        Applying { db, archive, target, school: &card.name, files: Vec::new(), rejections: Vec::new(), progress };
    each(&mut applying, archive.has_accounts())?;
    let Applying { files, rejections, .. } = applying;
    db.write_here(|conn| archive::finish(conn, target, now))?;
    tracing::info!(school.id = target.school.0, rows = archive.manifest.rows(), "school restored");
    Ok(Report::taken(files, rejections))
}

fn taken(name: &str, why: &str) -> Refusal {
    Refusal::new(format!(
        "There is a school called {name:?} already, and {why} restore under another name with --as NAME."
    ))
}

/// The report of an archive that was restored before.
fn unchanged(archive: &Archive) -> Report {
    let files = archive.manifest.files.iter();
    let count = |file: &super::manifest::File| FileCount {
        name: file.name.clone(),
        read: file.rows,
        unchanged: file.rows,
        ..FileCount::default()
    };
    Report::taken(files.map(count).collect(), Vec::new())
}

struct Applying<'a> {
    db: &'a Db,
    archive: &'a Archive,
    target: Target,
    school: &'a str,
    files: Vec<FileCount>,
    rejections: Vec<Rejection>,
    progress: Progress<'a>,
}

impl Visit for Applying<'_> {
    type Error = ArchiveError;

    fn file<R: Row>(&mut self) -> Result<(), ArchiveError> {
        let mut count = FileCount { name: R::FILE.to_owned(), ..FileCount::default() };
        let mut waiting: Vec<(u64, R)> = Vec::new();
        let mut weight = 0;
        let archive = self.archive;
        archive.rows(|row: R, place| {
            waiting.push((place.line, row));
            weight += place.bytes;
            if waiting.len() < R::AT_ONCE && weight < WEIGHT_MAX {
                return Ok(());
            }
            weight = 0;
            self.step(&mut count, std::mem::take(&mut waiting))
        })?;
        self.step(&mut count, waiting)?;
        tracing::debug!(file = R::FILE, rows = count.read, "restored");
        self.files.push(count);
        Ok(())
    }
}

impl Applying<'_> {
    fn step<R: Row>(&mut self, count: &mut FileCount, waiting: Vec<(u64, R)>) -> Result<(), ArchiveError> {
        let (lines, rows): (Vec<u64>, Vec<R>) = waiting.into_iter().unzip();
        if rows.is_empty() {
            return Ok(());
        }
        let nobody = |_: &mut Conn| Ok(Scope::default());
        let started = Instant::now();
        let written = self.db.write_children_here(nobody, |conn, _| archive::write(conn, self.target, &rows))?;
        self.db.give_way(started.elapsed());
        for place in &written.taken {
            if let (Some(line), Some(row)) = (lines.get(*place), rows.get(*place))
                && self.rejections.len() < LISTED_MAX
            {
                self.rejections.push(self.taken(*line, row));
            }
        }
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        count.read += number(rows.len());
        count.created += number(written.created);
        count.rejected += number(written.taken.len());
        count.unchanged += number(rows.len() - written.created - written.taken.len());
        (self.progress)(R::FILE, count.read);
        Ok(())
    }

    /// An account whose login somebody has here: it may be somebody else, so she is asked again.
    fn taken<R: Row>(&self, line: u64, row: &R) -> Rejection {
        let reason = "this login is taken here and may be another person's, so it was not linked";
        let mend = row.person().map_or_else(String::new, |(kind, number)| {
            format!("Give a new code: apta invite {number:?} --as {kind} --school {:?}", self.school)
        });
        Rejection::new(
            R::FILE,
            line,
            R::COLUMNS.first().copied().unwrap_or_default(),
            row.shown().unwrap_or_default(),
            reason,
            mend,
        )
    }
}
