//! The rules of the workspace: which crate may know which, and what no file may hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What a crate may use of the workspace, and what it must not use of the world (by the beginning of the name).
struct Rule {
    package: &'static str,
    may_use: &'static [&'static str],
    must_not_use: &'static [&'static str],
}

const RULES: &[Rule] = &[
    Rule { package: "domain", may_use: &[], must_not_use: &["actix", "utoipa", "reqwest", "redis", "lettre"] },
    Rule { package: "notifications", may_use: &["domain"], must_not_use: &["actix", "utoipa", "diesel"] },
    Rule { package: "interchange", may_use: &["domain"], must_not_use: &["actix", "utoipa", "diesel"] },
    Rule { package: "rating", may_use: &["domain"], must_not_use: &["actix", "utoipa"] },
    Rule {
        package: "api",
        may_use: &["domain", "notifications", "interchange", "rating"],
        must_not_use: &["diesel", "pq-sys", "libsqlite3-sys", "rusqlite", "postgres", "tokio-postgres", "sqlx"],
    },
    Rule { package: "openapi", may_use: &["api"], must_not_use: &["actix", "diesel"] },
];

/// Crates that only tests and measurements are made of.
const BESIDE: &[&str] = &["tests", "bench"];

/// Modules of the domain that are not about one child: who may ask, and what schools write.
const NOT_OF_ONE_CHILD: &[&str] = &[
    "access",
    "accounts",
    "alerts",
    "archive",
    "clients",
    "clock",
    "closing",
    "calendar",
    "db",
    "faults",
    "files",
    "events",
    "idempotency",
    "imports",
    "intake",
    "invitations",
    "ledger",
    "schemes",
    "schools",
    "sessions",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// The packages of the workspace: name, folder, and the names of what each is built from.
fn packages() -> Vec<(String, PathBuf, BTreeSet<String>)> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--locked", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let package = |package: &Value| {
        let built = package["dependencies"].as_array().unwrap().iter().filter(|one| one["kind"] != "dev");
        let manifest = Path::new(package["manifest_path"].as_str().unwrap());
        (
            package["name"].as_str().unwrap().to_owned(),
            manifest.parent().unwrap().to_owned(),
            built.map(|one| one["name"].as_str().unwrap().to_owned()).collect(),
        )
    };
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

/// Every Rust file of the workspace by its path from the root.
fn sources() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders: Vec<PathBuf> = packages().into_iter().map(|(_, folder, _)| folder).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let key = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.insert(key, fs::read_to_string(&path).unwrap());
            }
        }
    }
    assert!(found.len() > 100, "only {} files found", found.len());
    found
}

fn is_test(path: &str) -> bool {
    path.contains("tests/") || path.ends_with("/tests.rs")
}

/// The part of a file that ships: unit tests stand at its foot.
fn shipped(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
}

/// The lines for which `bad` holds, as `file:line: text`.
fn lines<'a>(files: impl IntoIterator<Item = (&'a String, &'a str)>, bad: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        let hits = text.lines().enumerate().filter(|(_, line)| bad(line));
        found.extend(hits.map(|(place, line)| format!("{path}:{}: {}", place + 1, line.trim())));
    }
    found
}

#[test]
fn crates_know_only_whom_they_may_know() {
    let packages = packages();
    let own: BTreeSet<&str> = packages.iter().map(|(name, ..)| name.as_str()).collect();
    for (name, folder, uses) in &packages {
        let first = folder.strip_prefix(root()).unwrap().components().next().unwrap();
        if BESIDE.iter().any(|beside| first.as_os_str() == *beside) {
            continue;
        }
        let rule = RULES.iter().find(|rule| rule.package == name);
        let rule = rule.unwrap_or_else(|| panic!("the crate {name} is new: say here what it may use"));
        for used in uses {
            let stranger = own.contains(used.as_str()) && !rule.may_use.contains(&used.as_str());
            assert!(!stranger, "{name} must not know the crate {used}");
            let forbidden = rule.must_not_use.iter().any(|begin| used.starts_with(begin));
            assert!(!forbidden, "{name} must not use {used}");
        }
    }
    for name in ["domain", "notifications", "interchange", "api", "openapi"] {
        assert!(own.contains(name), "the crate {name} is gone");
    }
}

#[test]
fn the_program_that_is_released_has_no_points_to_fail_at() {
    let tree = |package: &str, edges: &str| {
        let arguments = ["tree", "--offline", "--locked", "--package", package, "--edges", edges, "--prefix", "none"];
        let output = Command::new(env!("CARGO")).args(arguments).current_dir(root()).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let fails = |tree: &str| tree.lines().any(|line| line.starts_with("fail v"));
    assert!(!fails(&tree("api", "normal")));
    assert!(fails(&tree("it", "all")), "the tests have lost them");
}

#[test]
fn openapi_knows_nothing_but_the_api() {
    let packages = packages();
    let (_, _, uses) = packages.iter().find(|(name, ..)| name == "openapi").unwrap();
    let own = packages.iter().map(|(name, ..)| name).filter(|name| uses.contains(*name));
    assert_eq!(own.collect::<Vec<_>>(), ["api"]);
}

#[test]
fn the_rating_reaches_nothing_of_the_diary_but_its_foundations() {
    let sources = sources();
    let own = sources.iter().filter(|(path, _)| path.starts_with("rating/src/"));
    let allowed = ["access", "db", "types", "error", "clock", "Error", "Result", "{"];
    let strange = |line: &str| {
        let mut uses = line.split("domain::").skip(1);
        uses.any(|used| !allowed.iter().any(|word| used.starts_with(word)))
    };
    let found = lines(own.map(|(path, text)| (path, shipped(text))), strange);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn there_is_no_sql_in_the_api() {
    let sources = sources();
    let api = sources.iter().filter(|(path, _)| path.starts_with("api/")).map(|(path, text)| (path, text.as_str()));
    let words = ["diesel", "sql_query", "SELECT ", "INSERT INTO", "DELETE FROM"];
    let found = lines(api, |line| words.iter().any(|word| line.contains(word)));
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_file_opens_with_what_it_is_for_and_ends_before_line_401() {
    for (path, text) in sources() {
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("//! ") && first.len() > 10, "{path} does not open with a `//!` sentence");
        let length = text.lines().count();
        assert!(length <= 400, "{path} has {length} lines: make it a folder");
    }
}

#[test]
fn nothing_is_left_to_do_and_nothing_is_unwrapped_outside_tests() {
    let sources = sources();
    let open = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let all = sources.iter().map(|(path, text)| (path, text.as_str()));
    let found = lines(all, |line| open.iter().any(|word| line.contains(word)));
    assert!(found.is_empty(), "{found:#?}");

    let ships = sources.iter().filter(|(path, _)| !is_test(path)).map(|(path, text)| (path, shipped(text)));
    // A constant is unwrapped by the compiler.
    let constant = |line: &str| line.trim_start().trim_start_matches("pub ").starts_with("const ");
    let found = lines(ships, |line| line.contains(".unwrap()") && !constant(line));
    assert!(found.is_empty(), "{found:#?}");
}

/// The name and the signature of every public function of a file, on one line each.
fn public_functions(text: &str) -> Vec<(String, String)> {
    let functions = shipped(text).split('\n').collect::<Vec<_>>().join(" ");
    let parts = functions.split("pub fn ").skip(1);
    parts
        .map(|part| {
            let signature = part.split('{').next().unwrap_or_default();
            let name = signature.split(['(', '<']).next().unwrap_or_default();
            (name.to_owned(), signature.to_owned())
        })
        .collect()
}

#[test]
fn whoever_reads_a_child_shows_the_right_to_do_so() {
    let mut asked = 0;
    for (path, text) in sources() {
        let Some(inside) = path.strip_prefix("domain/src/") else { continue };
        let module = inside.trim_end_matches(".rs").split('/').next().unwrap_or_default();
        if NOT_OF_ONE_CHILD.contains(&module) {
            continue;
        }
        for (name, signature) in public_functions(&text) {
            let of_schools = (module, name.as_str()) == ("periods", "current");
            if !signature.contains("&mut Conn") || of_schools {
                continue;
            }
            asked += 1;
            assert!(signature.contains("ChildAccess"), "{path}: {name} reads without a right: take &ChildAccess");
            assert!(!signature.contains("ChildId"), "{path}: {name} takes a bare id beside the right");
        }
    }
    assert!(asked >= 12, "only {asked} functions were looked at");
}

#[test]
fn whoever_reads_a_childs_rating_shows_the_right_to_do_so() {
    let mut asked = 0;
    for (path, text) in sources().iter().filter(|(path, _)| path.starts_with("rating/src/")) {
        let functions = shipped(text).replace("async fn ", "fn ");
        for (name, signature) in public_functions(&functions) {
            let inputs = signature.split(") ->").next().unwrap_or_default();
            assert!(!inputs.contains(": ChildId"), "{path}: {name} takes a bare id: take &ChildAccess");
            asked += usize::from(inputs.contains("ChildAccess"));
        }
    }
    assert!(asked >= 5, "only {asked} functions were looked at");
}

#[test]
fn what_was_frozen_of_others_is_out_of_reach_of_whoever_answers_a_family() {
    let sources = sources();
    let lib = &sources["rating/src/lib.rs"];
    assert!(lib.contains("\nmod diary;\n") && lib.contains("\nmod release;\n"), "another crate could name them");
    let own = sources.iter().filter(|(path, _)| path.starts_with("rating/src/"));
    let own: Vec<(&String, &str)> = own.map(|(path, text)| (path, shipped(text))).collect();
    // The frozen results are behind two functions: one asks for a right and reads its child, one is the release's.
    let reads = lines(own.iter().copied(), |line| line.contains("standings::table"));
    assert!(reads.iter().all(|line| line.starts_with("rating/src/diary.rs:")) && reads.len() == 2, "{reads:#?}");
    let counted = lines(own.iter().copied(), |line| line.contains("diary::counted"));
    assert!(
        counted.iter().all(|line| line.starts_with("rating/src/release.rs:")) && counted.len() == 1,
        "{counted:#?}"
    );
    let named = lines(own.iter().copied(), |line| line.contains("Counted") || line.contains("diary::counted"));
    let told: BTreeSet<&str> = named.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(told, BTreeSet::from(["rating/src/diary.rs", "rating/src/release.rs"]));
    let answers = sources.iter().filter(|(path, _)| path.starts_with("api/src/rating/"));
    let reaches = lines(answers.map(|(path, text)| (path, text.as_str())), |line| line.contains("diary::"));
    assert!(reaches.is_empty(), "{reaches:#?}");
}

#[test]
fn only_access_makes_a_right() {
    let sources = sources();
    let elsewhere = sources.iter().filter(|(path, _)| *path != "domain/src/access/mod.rs");
    let makes =
        |line: &str| line.contains(concat!("ChildAccess", " {")) && !line.contains(concat!("-> ", "ChildAccess", " {"));
    let made = lines(elsewhere.map(|(path, text)| (path, text.as_str())), makes);
    let made: Vec<_> = made.into_iter().filter(|line| !line.starts_with("tests/it/architecture.rs")).collect();
    assert!(made.is_empty(), "{made:#?}");
}
