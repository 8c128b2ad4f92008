//! Tables that are printed and kept in the README of the crate: a run that comes to other figures fails.

const README: &str = include_str!("../../README.md");

/// Prints the table and holds it against the README, which has it between two marks of its name.
pub fn keep(name: &str, head: &str, rows: &[String]) {
    let table = format!("{head}\n{}\n", rows.join("\n"));
    println!("{table}");
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let kept = README.split_once(&begin).and_then(|(_, rest)| rest.split_once(&end)).map(|(kept, _)| kept);
    assert_eq!(kept, Some(table.as_str()), "the README of the crate tells other figures under {name}");
}
