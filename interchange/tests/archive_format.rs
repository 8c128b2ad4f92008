//! The description of the archive against the program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

use std::convert::Infallible;

use domain::archive::{Row, Visit, each};

struct Written(Vec<(String, Vec<String>)>);

impl Visit for Written {
    type Error = Infallible;

    fn file<R: Row>(&mut self) -> Result<(), Infallible> {
        self.0.push((R::FILE.to_owned(), R::COLUMNS.iter().map(|column| (*column).to_owned()).collect()));
        Ok(())
    }
}

/// The files of the description: a heading, then a line of nothing but columns.
fn described() -> Vec<(String, Vec<String>)> {
    let text = include_str!("../src/archive/FORMAT.md");
    let mut files = Vec::new();
    for part in text.split("\n### `").skip(1) {
        let (name, rest) = part.split_once('`').unwrap();
        let columns =
            rest.lines().find(|line| line.starts_with('`')).unwrap_or_else(|| panic!("{name} has no columns"));
        files.push((name.to_owned(), columns.split(", ").map(|one| one.trim_matches('`').to_owned()).collect()));
    }
    files
}

#[test]
fn the_description_names_the_files_and_columns_that_are_written() {
    let mut written = Written(Vec::new());
    let Ok(()) = each(&mut written, true);
    assert_eq!(described(), written.0);
}
