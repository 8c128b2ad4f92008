//! Sets that others published and nobody here wrote.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use std::path::PathBuf;

use common::whole;
use interchange::oneroster::{self, ClassKind, File, OrgKind, Role, Version};

fn data(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/data").join(path)
}

fn kept(bundle: &oneroster::Bundle) -> Vec<(File, u64, u64)> {
    bundle.files.iter().map(|file| (file.file, file.read, file.kept)).collect()
}

#[test]
fn school_data_sync_2_imports_whole() {
    let bundle = whole(&data("microsoft-sds/SDS-v2")).unwrap().bundle;
    assert_eq!(bundle.version, Version::Sds2);
    assert_eq!(bundle.rejections, []);
    let counts = [(File::Orgs, 5, 5), (File::Classes, 4, 4), (File::Users, 29, 29), (File::Enrollments, 29, 29)];
    assert_eq!(kept(&bundle), counts);
    assert_eq!(bundle.orgs[0].kind, OrgKind::Ministry);
    assert_eq!(bundle.orgs[1].parent.as_deref(), Some("10000"));
    assert_eq!(bundle.classes[0].school, "10001");
    assert_eq!(bundle.classes[0].kind, ClassKind::Scheduled);
    assert_eq!(bundle.enrollments[0].sourced_id, "11001/13001");
    let role_of = |id: &str| bundle.users.iter().find(|user| user.sourced_id == id).unwrap().role.unwrap();
    assert_eq!(role_of("14009"), Role::Teacher, "faculty");
    assert_eq!(role_of("14011"), Role::Teacher, "Professor");
    assert_eq!(role_of("14012"), Role::Teacher, "Lecturer");
    assert_eq!(role_of("14008"), Role::Staff);
    assert_eq!(bundle.users[21].grades, ["PS3"]);
}

#[test]
fn school_data_sync_2_1_imports_whole_with_its_families() {
    let bundle = whole(&data("microsoft-sds/SDS-v2.1")).unwrap().bundle;
    assert_eq!(bundle.version, Version::Sds2p1);
    assert_eq!(bundle.rejections, []);
    let counts = [
        (File::Orgs, 4, 4),
        (File::AcademicSessions, 2, 2),
        (File::Courses, 3, 3),
        (File::Classes, 2, 2),
        (File::Users, 8, 8),
        (File::Roles, 7, 7),
        (File::Enrollments, 6, 6),
        (File::Demographics, 6, 6),
        (File::Relationships, 3, 3),
    ];
    assert_eq!(kept(&bundle), counts);
    let links: Vec<_> =
        bundle.family_links.iter().map(|l| (l.guardian.as_str(), l.child.as_str(), l.relation)).collect();
    let expected = [
        ("114002", "114001", Role::Guardian),
        ("114002", "114003", Role::Relative),
        ("114005", "114004", Role::Guardian),
    ];
    assert_eq!(links, expected);
    assert_eq!(bundle.classes[1].terms, ["SY2021K12"]);
    assert_eq!(bundle.classes[1].course.as_deref(), Some("B102021"));
    assert_eq!(bundle.courses[0].school_year.as_deref(), Some("SY2021K12"));
}

#[test]
fn passwords_races_and_flags_never_reach_a_row() {
    for set in ["microsoft-sds/SDS-v2", "microsoft-sds/SDS-v2.1"] {
        let everything = format!("{:?}", whole(&data(set)).unwrap());
        for word in ["P@ssword", "hispanic", "asian", "white", "freeLunch", "iep", "Woodenville"] {
            assert!(!everything.contains(word), "{set}: {word}");
        }
    }
}

#[test]
fn the_older_six_file_format_is_refused_with_what_to_export_instead() {
    let refusal = oneroster::read(&data("microsoft-sds/SDS-Format/25-Users")).unwrap_err();
    assert!(refusal.sentence.contains("older School Data Sync format"), "{refusal}");
    assert!(refusal.sentence.contains("export OneRoster 1.1 or 1.2"), "{refusal}");
}
