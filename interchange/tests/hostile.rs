//! Anything may be handed in: a reader answers with a refusal or with rejections, never with a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use common::{Files, Whole};
use interchange::oneroster::File;
use interchange::report::Refusal;
use proptest::prelude::*;
use proptest::sample::Index;

/// Counts must add up and every reference of a row that was taken must lead to another that was taken.
fn holds_together(read: Result<Whole, Refusal>) {
    let read = match read {
        Ok(read) => read,
        Err(refusal) => return assert!(!refusal.sentence.is_empty() && !refusal.sentence.contains('\n')),
    };
    let bundle = &read.bundle;
    assert!(bundle.files.iter().all(|count| count.read == count.kept + count.skipped + count.rejected));
    let rejected: u64 = bundle.files.iter().map(|count| count.rejected).sum();
    assert!(rejected <= bundle.rejections.len() as u64 + bundle.unlisted);
    let user = |id: &str| bundle.users.iter().any(|user| user.sourced_id == id);
    let class = |id: &str| bundle.classes.iter().any(|class| class.sourced_id == id);
    let org = |id: &str| bundle.orgs.iter().any(|org| org.sourced_id == id);
    assert!(bundle.enrollments.iter().all(|row| user(&row.user) && class(&row.class)));
    assert!(bundle.classes.iter().all(|row| org(&row.school)));
    assert!(
        bundle.family_links.iter().all(|link| user(&link.guardian) && user(&link.child) && link.guardian != link.child)
    );
    // A file that is not there cannot contradict.
    let no_items = bundle.count(File::LineItems).is_none();
    let item = |id: &str| no_items || read.line_items.iter().any(|item| item.sourced_id == id);
    assert!(read.results.iter().all(|row| user(&row.student) && item(&row.line_item)));
    assert!(bundle.rejections.iter().all(|told| told.line >= 1 && told.value.chars().count() <= 40));
}

/// A change that a careless or malicious hand might make.
#[derive(Debug, Clone)]
enum Change {
    Byte(Index, Index, u8),
    Insert(Index, Index, Vec<u8>),
    Cut(Index, Index),
    SwapCells(Index, Index, Index),
    RepeatLine(Index, Index),
    DropFile(Index),
}

fn change() -> impl Strategy<Value = Change> {
    let spot = any::<Index>;
    let pieces = prop::sample::select(vec![
        "\"",
        ",",
        "\r",
        "\n",
        "\r\n",
        "\0",
        "\u{feff}",
        "tobedeleted",
        "o-1",
        "u-a",
        "y-26,q-1",
        "-0.005",
        "2026-02-30",
        "=1+1",
        "\u{202e}",
        "delta",
        "bulk",
        "1.2",
    ]);
    prop_oneof![
        3 => (spot(), spot(), any::<u8>()).prop_map(|(file, at, byte)| Change::Byte(file, at, byte)),
        3 => (spot(), spot(), pieces).prop_map(|(file, at, piece)| Change::Insert(file, at, piece.as_bytes().to_vec())),
        1 => (spot(), spot()).prop_map(|(file, at)| Change::Cut(file, at)),
        3 => (spot(), spot(), spot()).prop_map(|(file, one, other)| Change::SwapCells(file, one, other)),
        1 => (spot(), spot()).prop_map(|(file, line)| Change::RepeatLine(file, line)),
        1 => spot().prop_map(Change::DropFile),
    ]
}

fn apply(files: &mut Files, change: &Change) {
    let (Change::Byte(file, ..)
    | Change::Insert(file, ..)
    | Change::Cut(file, ..)
    | Change::SwapCells(file, ..)
    | Change::RepeatLine(file, ..)
    | Change::DropFile(file)) = change;
    if files.0.is_empty() {
        return;
    }
    let name = files.0.keys().nth(file.index(files.0.len())).unwrap().clone();
    let bytes = files.0.get_mut(&name).unwrap();
    if bytes.is_empty() {
        return;
    }
    match change {
        Change::Byte(_, at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Change::Insert(_, at, piece) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, piece.iter().copied());
        }
        Change::Cut(_, at) => bytes.truncate(at.index(bytes.len())),
        Change::SwapCells(_, one, other) => {
            let mut cells: Vec<Vec<u8>> = bytes.split(|byte| *byte == b',').map(<[u8]>::to_vec).collect();
            let (one, other) = (one.index(cells.len()), other.index(cells.len()));
            cells.swap(one, other);
            *bytes = cells.join(&b',');
        }
        Change::RepeatLine(_, line) => {
            let lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
            bytes.extend(lines[line.index(lines.len())].iter());
        }
        Change::DropFile(_) => {
            files.0.remove(&name);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mutated_bundle_is_read_or_refused(newer in any::<bool>(), changes in prop::collection::vec(change(), 1..6)) {
        let mut files = if newer { Files::v1p2() } else { Files::v1p1() };
        for change in &changes {
            apply(&mut files, change);
        }
        holds_together(files.read());
    }

    #[test]
    fn arbitrary_bytes_in_any_file_are_read_or_refused(file in any::<Index>(), bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let mut files = Files::v1p1();
        let name = files.0.keys().nth(file.index(files.0.len())).unwrap().clone();
        files.put(&name, bytes);
        holds_together(files.read());
    }

    #[test]
    fn arbitrary_rows_under_a_good_header_are_read_or_refused(
        file in any::<Index>(),
        rows in prop::collection::vec(prop::collection::vec("[a-z0-9\", \u{430}=.-]{0,12}", 0..20), 0..12),
    ) {
        let mut files = Files::v1p1();
        let name = files.0.keys().nth(file.index(files.0.len())).unwrap().clone();
        for row in rows {
            files = files.with_row(&name, &row.join(","));
        }
        holds_together(files.read());
    }

    #[test]
    fn a_mutated_zip_is_read_or_refused(spots in prop::collection::vec((any::<Index>(), any::<u8>()), 1..8)) {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("bundle.zip");
        Files::v1p1().zip(&path, "");
        let mut bytes = std::fs::read(&path).unwrap();
        for (at, byte) in spots {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        std::fs::write(&path, bytes).unwrap();
        holds_together(common::whole(&path));
    }

    #[test]
    fn arbitrary_bytes_are_no_zip(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        prop_assert!(interchange::oneroster::read(file.path()).is_err());
    }
}
