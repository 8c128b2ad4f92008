//! What a bundle says it is: `manifest.csv` where there is one, else the headers of its files.

use std::collections::BTreeSet;

use csv::StringRecord;

use super::files::{File, Version};
use super::table::{position, records};
use crate::report::Refusal;
use crate::untrusted::source::Source;

const MANIFEST: &str = "manifest.csv";
/// The older School Data Sync format, whose British variant has the same file names.
const OLDER_SDS: [&str; 6] =
    ["school.csv", "section.csv", "student.csv", "studentenrollment.csv", "teacher.csv", "teacherroster.csv"];

/// What a bundle says of itself.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Told {
    pub(crate) version: Version,
    /// The files that hold only what changed.
    pub(crate) deltas: BTreeSet<File>,
}

/// Tells the version and the modes, or refuses a bundle that is of another kind, incomplete, or at odds with its own manifest.
pub(crate) fn told(source: &Source) -> Result<Told, Refusal> {
    let told = if source.has(MANIFEST) {
        declared(source)?
    } else {
        if !source.has("users.csv") && OLDER_SDS.iter().filter(|name| source.has(name)).count() > 1 {
            return Err(Refusal::new(
                "This is the older School Data Sync format (School.csv, Section.csv, Student.csv, ...), not OneRoster; \
                 export OneRoster 1.1 or 1.2 CSV, or School Data Sync v2.1, instead.",
            ));
        }
        Told { version: guessed(source)?, deltas: BTreeSet::new() }
    };
    // What a bundle of changes does not bring, the diary may hold.
    let needs = |file: &File| told.deltas.is_empty() && told.version.needs(*file);
    match File::ALL.into_iter().find(|file| needs(file) && !source.has(file.name())) {
        Some(file) => {
            Err(Refusal::new(format!("{file} is missing; a diary cannot do without it, export it with the others.")))
        }
        None => Ok(told),
    }
}

fn declared(source: &Source) -> Result<Told, Refusal> {
    let refuse = |sentence: String| Err(Refusal::new(sentence));
    let properties = properties(source)?;
    let (mut version, mut deltas) = (None, BTreeSet::new());
    for (name, value) in &properties {
        if name.eq_ignore_ascii_case("oneroster.version") {
            version = Some(value);
        }
        let Some((_, stem)) = name.split_once('.').filter(|(head, _)| head.eq_ignore_ascii_case("file")) else {
            continue;
        };
        let file = format!("{stem}.csv");
        match (value.as_str(), source.has(&file)) {
            ("delta", true) => {
                deltas.extend(File::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(&file)));
            }
            ("bulk" | "delta", false) => {
                return refuse(format!("{MANIFEST} promises {file}, which is missing; export the whole again."));
            }
            ("absent", true) => {
                return refuse(format!(
                    "{MANIFEST} says that {file} is absent, but it is there; correct the manifest or take the file out."
                ));
            }
            ("bulk" | "absent", _) => {}
            _ => return refuse(format!("{MANIFEST} does not say bulk, delta or absent for {file}; correct it.")),
        }
    }
    let version = match version.map(String::as_str) {
        Some("1.1" | "1.1.0" | "1.1.1") => Version::V1p1,
        Some("1.2" | "1.2.0" | "1.2.1") => Version::V1p2,
        _ => {
            let sentence = "does not say oneroster.version 1.1 or 1.2; export one of these versions.";
            return refuse(format!("{MANIFEST} {sentence}"));
        }
    };
    Ok(Told { version, deltas })
}

/// Names as they are written, values in lower case.
fn properties(source: &Source) -> Result<Vec<(String, String)>, Refusal> {
    records(source, MANIFEST, |titles, next| {
        let column = |name: &str| {
            position(titles, name)
                .ok_or_else(|| Refusal::new(format!("{MANIFEST} lacks the column {name}; export it again.")))
        };
        let (name, value) = (column("propertyName")?, column("value")?);
        let mut found = Vec::new();
        let mut record = StringRecord::new();
        while next(&mut record)?.is_some() {
            let cell = |at| record.get(at).unwrap_or_default().trim();
            if found.len() == 1_000 {
                return Err(Refusal::new(format!("{MANIFEST} has more than 1,000 rows; export it again.")));
            }
            found.push((cell(name).to_owned(), cell(value).to_lowercase()));
        }
        Ok(found)
    })
}

/// Enrollments have ids of their own in the standard and none in School Data Sync; the newer of both keep roles apart, so that
/// `users.csv` has none.
fn guessed(source: &Source) -> Result<Version, Refusal> {
    let has = |file: File, name: &str| {
        if !source.has(file.name()) {
            return Ok(false);
        }
        records(source, file.name(), |titles, _| Ok::<_, Refusal>(position(titles, name).is_some()))
    };
    let standard = has(File::Enrollments, "sourcedId")? || !source.has(File::Enrollments.name());
    let roles_apart = source.has(File::Roles.name()) || !has(File::Users, "role")?;
    Ok(match (standard, roles_apart) {
        (true, false) => Version::V1p1,
        (true, true) => Version::V1p2,
        (false, false) => Version::Sds2,
        (false, true) => Version::Sds2p1,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests {
    use super::*;

    const FIVE: [&str; 5] = ["orgs.csv", "users.csv", "classes.csv", "enrollments.csv", "academicSessions.csv"];

    fn read(files: &[(&str, &str)]) -> Result<Told, String> {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(home.path().join(name), text).unwrap();
        }
        super::told(&Source::open(home.path()).unwrap()).map_err(|refusal| refusal.sentence)
    }

    fn told(files: &[(&str, &str)]) -> Result<Version, String> {
        read(files).map(|told| told.version)
    }

    fn with_manifest(lines: &str) -> Result<Version, String> {
        let manifest = format!("propertyName,value\n{lines}");
        let mut files: Vec<(&str, &str)> = FIVE.iter().map(|name| (*name, "sourcedId\n")).collect();
        files.push(("manifest.csv", &manifest));
        told(&files)
    }

    #[test]
    fn a_manifest_tells_the_version_in_any_case() {
        assert_eq!(
            with_manifest("oneroster.version, 1.1 \nfile.users,BULK\nsource.systemCode,absent\n"),
            Ok(Version::V1p1)
        );
        assert!(with_manifest("oneroster.version,1.0\n").unwrap_err().contains("1.1 or 1.2"));
        assert!(with_manifest("").unwrap_err().contains("1.1 or 1.2"));
    }

    #[test]
    fn each_file_is_bulk_or_delta_and_a_bundle_of_changes_needs_no_other_file() {
        let manifest = "propertyName,value\noneroster.version,1.2\nfile.Users,Delta\nfile.orgs,bulk\n";
        let told = read(&[("manifest.csv", manifest), ("users.csv", ""), ("orgs.csv", "")]).unwrap();
        assert_eq!(told, Told { version: Version::V1p2, deltas: BTreeSet::from([File::Users]) });
    }

    #[test]
    fn a_manifest_that_is_wrong_about_its_files_is_refused() {
        let version = "oneroster.version,1.1\n";
        assert!(with_manifest(&format!("{version}file.results,delta\n")).unwrap_err().contains("promises results.csv"));
        assert!(with_manifest(&format!("{version}file.results,bulk\n")).unwrap_err().contains("promises results.csv"));
        assert!(with_manifest(&format!("{version}file.users,absent\n")).unwrap_err().contains("it is there"));
        assert!(with_manifest(&format!("{version}file.users,some\n")).unwrap_err().contains("does not say bulk"));
    }

    #[test]
    fn headers_tell_the_version_where_there_is_no_manifest() {
        let all = |enrollments, more: &[(&'static str, &'static str)]| {
            let mut files: Vec<_> = FIVE.iter().map(|name| (*name, "sourcedId\n")).collect();
            files.push(("enrollments.csv", enrollments));
            files.push(("users.csv", "sourcedId,role\n"));
            files.extend(more);
            told(&files)
        };
        assert_eq!(all("sourcedId\n", &[]), Ok(Version::V1p1));
        assert_eq!(all("sourcedId\n", &[("roles.csv", "")]), Ok(Version::V1p2));
        assert_eq!(all("classSourcedId\n", &[]), Ok(Version::Sds2));
        assert_eq!(all("classSourcedId\n", &[("roles.csv", "")]), Ok(Version::Sds2p1));
        let roleless = all("sourcedId\n", &[("users.csv", "sourcedId\n")]);
        assert!(roleless.unwrap_err().contains("roles.csv is missing"), "it is 1.2, whose roles are forgotten");
    }

    #[test]
    fn the_older_format_and_a_missing_file_are_named() {
        assert!(told(&[("School.csv", ""), ("Section.csv", "")]).unwrap_err().contains("not OneRoster"));
        assert!(told(&[("orgs.csv", ""), ("users.csv", "")]).unwrap_err().contains(".csv is missing"));
    }
}
