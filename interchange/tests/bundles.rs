//! Whole bundles of our own making: what is taken, what is left out, and what is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod common;

use chrono::NaiveDate;
use common::{Files, spots, whole};
use interchange::oneroster::{ClassKind, File, Hundredths, Role, RoleKind, ScoreStatus, Version};
use interchange::report::{LISTED_MAX, Refusal};

fn links(files: &Files) -> Vec<(String, String, Role)> {
    let bundle = files.read().unwrap().bundle;
    bundle.family_links.into_iter().map(|link| (link.guardian, link.child, link.relation)).collect()
}

#[test]
fn a_bundle_of_1_1_imports_whole() {
    let whole = Files::v1p1().read().unwrap();
    let bundle = &whole.bundle;
    assert_eq!(bundle.version, Version::V1p1);
    assert_eq!(bundle.rejections, []);
    assert!(bundle.files.iter().all(|file| file.read == file.kept));
    assert_eq!(bundle.academic_sessions[1].parent.as_deref(), Some("y-26"));
    assert_eq!(bundle.classes[0].kind, ClassKind::Homeroom);
    assert_eq!(bundle.classes[0].course, None);
    assert_eq!(bundle.classes[1].terms, ["y-26", "q-1"]);
    assert_eq!(bundle.classes[1].subjects, ["Algebra", "Geometry"]);
    assert_eq!((bundle.users[0].line, bundle.users[3].line), (2, 5));
    assert!(bundle.users[0].enabled && !bundle.users[3].enabled);
    assert_eq!(bundle.enrollments[3].primary, Some(true));
    assert_eq!(whole.line_items[0].session.as_deref(), Some("q-1"));
    assert_eq!(whole.line_items[0].max, Some(Hundredths(1000)));
    assert_eq!(whole.results[0].score, Some(Hundredths(950)));
    assert_eq!(whole.results[0].comment.as_deref(), Some("Good, go on"));
    assert_eq!((whole.results[1].status, whole.results[1].score), (ScoreStatus::Exempt, None));
}

#[test]
fn a_bundle_of_1_2_has_its_roles_weights_and_words() {
    let whole = Files::v1p2().read().unwrap();
    let bundle = &whole.bundle;
    assert_eq!((bundle.version, bundle.rejections.as_slice()), (Version::V1p2, [].as_slice()));
    assert_eq!(bundle.users[0].role, None);
    assert_eq!(bundle.users[1].preferred_given_name.as_deref(), Some("Аля"));
    assert_eq!((bundle.roles[4].role, bundle.roles[4].kind), (Role::Principal, RoleKind::Secondary));
    assert_eq!(bundle.categories[0].weight, Some(Hundredths(2500)));
    assert_eq!(whole.line_items[0].session.as_deref(), Some("q-1"));
    assert_eq!(whole.results[0].text_score.as_deref(), Some("A+"));
    assert!(whole.results[0].late);
}

#[test]
fn agents_link_families_from_either_side_once() {
    let expected = [("u-m", "u-a"), ("u-m", "u-b")];
    for (files, relation) in [(Files::v1p1(), Role::Parent), (Files::v1p2(), Role::Guardian)] {
        let expected = expected.map(|(guardian, child)| (guardian.to_owned(), child.to_owned(), relation));
        assert_eq!(links(&files), expected);
    }
}

#[test]
fn a_teacher_or_a_brother_named_as_agent_opens_no_diary_and_is_reported() {
    for agent in ["u-t", "u-b"] {
        let files = Files::v1p1().edited("users.csv", "u-m,7", &format!("{agent},7"));
        assert_eq!(links(&files).len(), 2, "the mother's own row still names both");
        let told = files.rejections();
        assert_eq!(spots(&told), [("users.csv", 3, "agentSourcedIds")]);
        assert_eq!(told[0].value, agent);
    }
}

#[test]
fn a_zip_reads_like_the_folder_with_and_without_a_folder_inside() {
    let home = tempfile::tempdir().unwrap();
    let expected = format!("{:?}", Files::v1p1().read().unwrap().bundle.users);
    for folder in ["", "export 2026/"] {
        let path = home.path().join("bundle.zip");
        Files::v1p1().zip(&path, folder);
        let read = whole(&path).unwrap();
        assert_eq!(format!("{:?}", read.bundle.users), expected);
        assert_eq!((read.line_items.len(), read.results.len()), (1, 2));
    }
}

#[test]
fn line_ends_marks_case_and_extra_columns_do_no_harm() {
    let mut files = Files::v1p1();
    for name in ["users.csv", "orgs.csv", "results.csv"] {
        let text = String::from_utf8(files.0[name].clone()).unwrap();
        files.put(name, format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n")));
    }
    files.edit("orgs.csv", "sourcedId,", " SourcedID ,");
    files.edit("orgs.csv", "parentSourcedId", "parentSourcedId,metadata.building,unheard");
    files.edit("orgs.csv", "007,", "007,,north,x");
    let orgs = files.0.remove("orgs.csv").unwrap();
    files.put("Orgs.CSV", orgs);
    let read = files.read().unwrap();
    assert_eq!(read.bundle.rejections, []);
    assert_eq!((read.bundle.users.len(), read.results.len()), (4, 2));
    assert_eq!(read.bundle.users[3].line, 5);
}

#[test]
fn rows_marked_as_deleted_are_counted_and_take_what_hangs_on_them_along() {
    let files = Files::v1p1().edited("classes.csv", "k-alg,,", "k-alg,tobedeleted,").edited(
        "academicSessions.csv",
        "q-1,,",
        "q-1,Inactive,",
    );
    let read = files.read().unwrap();
    assert_eq!(read.bundle.rejections, []);
    let skipped = |file| read.bundle.count(file).unwrap().skipped;
    assert_eq!((skipped(File::Classes), skipped(File::AcademicSessions)), (1, 1));
    assert_eq!((skipped(File::Enrollments), read.bundle.enrollments.len()), (3, 1));
    assert_eq!((skipped(File::LineItems), skipped(File::Results)), (1, 2));
    assert!(read.line_items.is_empty() && read.results.is_empty());
}

#[test]
fn parents_that_are_not_there_are_none_and_files_that_are_not_there_do_not_contradict() {
    let files = Files::v1p1().without("courses.csv").edited("orgs.csv", "007,", "007,o-district").edited(
        "academicSessions.csv",
        "2027-05-25,,",
        "2027-05-25,y-0,",
    );
    let bundle = files.read().unwrap().bundle;
    assert_eq!(bundle.rejections, []);
    assert_eq!((bundle.orgs[0].parent.as_deref(), bundle.academic_sessions[0].parent.as_deref()), (None, None));
    assert_eq!(bundle.classes[1].course.as_deref(), Some("c-alg"));
}

#[test]
fn a_cycle_of_parents_costs_one_reference_and_no_row() {
    let files = Files::v1p1()
        .edited("academicSessions.csv", "2027-05-25,,", "2027-05-25,q-1,")
        .edited("orgs.csv", "007,", "007,o-1");
    let bundle = files.read().unwrap().bundle;
    let expected = [("orgs.csv", 2, "parentSourcedId"), ("academicSessions.csv", 3, "parentSourcedId")];
    assert_eq!(spots(&bundle.rejections), expected);
    assert_eq!((bundle.orgs.len(), bundle.academic_sessions.len()), (1, 2));
    assert_eq!(bundle.academic_sessions[0].parent.as_deref(), Some("q-1"));
    assert_eq!(bundle.academic_sessions[1].parent, None);
}

#[test]
fn a_bad_row_is_left_out_alone_with_line_column_value_reason_and_mend() {
    let cases = [
        ("orgs.csv", "o 2,,,N,school,,", "sourcedId", "o 2"),
        ("orgs.csv", "o-2,,,N,kindergarten,,", "type", "kindergarten"),
        ("orgs.csv", "o-2,maybe,,N,school,,", "status", "maybe"),
        ("orgs.csv", "o-2,,,,school,,", "name", ""),
        ("orgs.csv", "o-2,,,N\0N,school,,", "name", "N·N"),
        ("orgs.csv", "o-1,,,Again,school,,", "sourcedId", "o-1"),
        ("orgs.csv", "o-2,,,N,school", "", ""),
        ("orgs.csv", "o-2,,,N,school,,,more", "", ""),
        ("academicSessions.csv", "y-2,,,T,term,01.09.2026,2027-05-25,,", "startDate", "01.09.2026"),
        ("academicSessions.csv", "y-2,,,T,term,2026-09-01,2026-08-01,,", "endDate", "2026-08-01"),
        ("academicSessions.csv", "y-2,,,T,term,2026-09-01,2026-10-01,,26/27", "schoolYear", "26/27"),
        ("classes.csv", "k-2,,,T,,,,scheduled,,o-9,y-26,,,", "schoolSourcedId", "o-9"),
        ("classes.csv", "k-2,,,T,,,,scheduled,,o-1,y-9,,,", "termSourcedIds", "y-9"),
        ("classes.csv", "k-2,,,T,,,,lab,,o-1,y-26,,,", "classType", "lab"),
        ("users.csv", "u-2,,,yes,o-1,student,,,N,N,,,,,,,,", "enabledUser", "yes"),
        ("users.csv", "u-2,,,true,o-1,pupil,,,N,N,,,,,,,,", "role", "pupil"),
        ("users.csv", "u-2,,,true,,student,,,N,N,,,,,,,,", "orgSourcedIds", ""),
        ("users.csv", "u-2,,,true,\"o-8,o-9\",student,,,N,N,,,,,,,,", "orgSourcedIds", "o-8"),
        ("enrollments.csv", "e-9,,,k-9,o-1,u-a,student,,,", "classSourcedId", "k-9"),
        ("enrollments.csv", "e-9,,,k-7a,o-1,u-9,student,,,", "userSourcedId", "u-9"),
        ("enrollments.csv", "e-9,,,k-7a,o-1,u-a,student,,2026-09-31,", "beginDate", "2026-09-31"),
        ("lineItems.csv", "l-2,,,T,,2026-09-07,2026-09-07,k-alg,g-9,q-1,0,10", "categorySourcedId", "g-9"),
        ("lineItems.csv", "l-2,,,T,,2026-09-07,2026-09-07,k-alg,g-f,q-1,10,0", "resultValueMax", "0"),
        ("results.csv", "r-9,,,l-1,u-a,fully graded,\"9,5\",2026-09-11,", "score", "9,5"),
        ("results.csv", "r-9,,,l-1,u-a,fully graded,,2026-09-11,", "score", ""),
        ("results.csv", "r-9,,,l-1,u-a,graded,9,2026-09-11,", "scoreStatus", "graded"),
        ("results.csv", "r-9,,,l-9,u-a,fully graded,9,2026-09-11,", "lineItemSourcedId", "l-9"),
        ("results.csv", "r-1,,,l-1,u-a,fully graded,9,2026-09-11,", "sourcedId", "r-1"),
    ];
    let before = Files::v1p1().read().unwrap();
    for (file, row, column, value) in cases {
        let files = Files::v1p1().with_row(file, row);
        let line = String::from_utf8_lossy(&files.0[file]).lines().count() as u64;
        let read = files.read().unwrap();
        assert_eq!(spots(&read.bundle.rejections), [(file, line, column)], "{row}");
        let told = &read.bundle.rejections[0];
        assert_eq!(told.value, value, "{row}");
        assert!(!told.reason.is_empty() && !told.mend.is_empty(), "{row}");
        assert_eq!((read.line_items, read.results), (before.line_items.clone(), before.results.clone()), "{row}");
        let counts = read.bundle.files.iter().find(|count| count.file.name() == file).unwrap();
        assert_eq!((counts.rejected, counts.read), (1, counts.kept + 1), "{row}");
    }
}

#[test]
fn a_reference_a_row_can_do_without_is_dropped_and_reported() {
    let cases = [
        ("courses.csv", "y-26,Algebra", "y-0,Algebra", "schoolYearSourcedId"),
        ("classes.csv", "c-alg", "c-0", "courseSourcedId"),
        ("classes.csv", "y-26, q-1", "y-26,q-0", "termSourcedIds"),
        ("users.csv", "u-a, u-b", "u-a,u-b,u-0", "agentSourcedIds"),
        ("lineItems.csv", "q-1", "q-0", "gradingPeriodSourcedId"),
    ];
    for (file, from, to, column) in cases {
        let read = Files::v1p1().edited(file, from, to).read().unwrap();
        let told: Vec<_> = read.bundle.rejections.iter().map(|r| (r.file.as_str(), r.column.as_str())).collect();
        assert_eq!(told, [(file, column)]);
        assert!(read.bundle.files.iter().all(|count| count.read == count.kept), "{file}");
        assert_eq!((read.line_items.len(), read.results.len()), (1, 2), "{file}");
    }
    let read = Files::v1p1().edited("lineItems.csv", "q-1", "q-0").read().unwrap();
    assert_eq!(read.line_items[0].session, None);
}

#[test]
fn what_hangs_on_a_rejected_row_falls_with_it_and_is_not_taken_for_absent() {
    let files = Files::v1p1().edited("users.csv", "u-b,,,true", "u-b,,,perhaps");
    let read = files.read().unwrap();
    let expected = [
        ("users.csv", 4, "enabledUser"),
        ("users.csv", 5, "agentSourcedIds"),
        ("enrollments.csv", 4, "userSourcedId"),
        ("results.csv", 3, "studentSourcedId"),
    ];
    assert_eq!(spots(&read.bundle.rejections), expected);
    assert!(read.bundle.rejections[2].reason.contains("left out"));
    assert!(read.bundle.was_rejected(File::Users, "u-b"));
    assert!(read.bundle.was_rejected(File::Results, "r-2"));
    assert!(!read.bundle.was_rejected(File::Users, "u-a"));
    assert!(!read.bundle.was_rejected(File::Users, "u-9"));
    assert_eq!(read.results.len(), 1);
}

#[test]
fn enrollments_outside_the_term_and_against_the_persons_role_are_taken_as_written() {
    let files = Files::v1p1().with_row("enrollments.csv", "e-9,,,k-alg,o-1,u-t,student,,2022-03-15,2022-06-15");
    let bundle = files.read().unwrap().bundle;
    assert_eq!(bundle.rejections, []);
    assert_eq!(bundle.enrollments[4].begin, NaiveDate::from_ymd_opt(2022, 3, 15));
}

#[test]
fn without_a_manifest_the_headers_tell_the_version() {
    for (files, version) in [(Files::v1p1(), Version::V1p1), (Files::v1p2(), Version::V1p2)] {
        assert_eq!(files.without("manifest.csv").read().unwrap().bundle.version, version);
    }
}

#[test]
fn a_person_twice_in_one_class_is_taken_once_where_enrollments_have_no_id() {
    let files = Files::of(&[
        ("orgs.csv", "sourcedId,name,type\n1,S,school\n2,T,academyConverter\n"),
        ("classes.csv", "sourcedId,orgSourcedId,title\nk,1,Algebra\n"),
        ("users.csv", "sourcedId,orgSourcedIds,givenName,familyName,role\nu,1,N,N,Student\n"),
        ("enrollments.csv", "classSourcedId,userSourcedId,role\nk,u,Student\nk,u,student\n"),
    ]);
    let bundle = files.read().unwrap().bundle;
    assert_eq!(bundle.version, Version::Sds2);
    assert_eq!(spots(&bundle.rejections), [("enrollments.csv", 3, "userSourcedId")]);
    assert_eq!((bundle.orgs.len(), bundle.enrollments.len()), (2, 1));
}

#[test]
fn a_broken_bundle_is_refused_with_one_sentence_that_says_what_to_mend() {
    let v1p1 = Files::v1p1;
    let latin = |name: &str| {
        let mut files = v1p1();
        files.0.get_mut(name).unwrap().extend(b"o-2,,,\xcc\xe5\xea,school,,\n");
        files
    };
    let header_only = |name: &str| {
        let mut files = v1p1();
        let text = String::from_utf8(files.0[name].clone()).unwrap();
        files.put(name, format!("{}\n", text.lines().next().unwrap()));
        files
    };
    let long = format!("o-2,,,{},school,,", "x".repeat(1_100_000));
    let cases = [
        (v1p1().edited("manifest.csv", "absent\n", "bulk\n"), "promises demographics.csv"),
        (v1p1().edited("manifest.csv", "1.1", "2.0"), "1.1 or 1.2"),
        (v1p1().without("enrollments.csv"), "enrollments.csv is missing"),
        (v1p1().without("academicSessions.csv"), "academicSessions.csv is missing"),
        (Files::v1p2().without("roles.csv"), "roles.csv is missing"),
        (v1p1().edited("users.csv", "familyName", "surname"), "users.csv lacks the column familyName"),
        (latin("orgs.csv"), "orgs.csv, line 3: the text is not UTF-8"),
        (v1p1().with_row("orgs.csv", "o-2,,,\"open,school,,"), "orgs.csv, line 3: a quoted cell"),
        (v1p1().with_row("orgs.csv", &long), "1 MiB"),
        (v1p1().with_row("orgs.csv", &",".repeat(300)), "200 columns"),
        (header_only("users.csv"), "users.csv holds no rows"),
        (header_only("classes.csv"), "classes.csv holds no rows"),
    ];
    for (files, part) in cases {
        let sentence = files.refusal();
        assert!(sentence.contains(part), "{sentence} / {part}");
        assert!(sentence.ends_with('.') && !sentence.contains('\n'), "{sentence}");
    }
}

#[test]
fn a_file_that_changes_between_check_and_import_is_refused() {
    let home = tempfile::tempdir().unwrap();
    Files::v1p1().write(home.path());
    let bundle = interchange::oneroster::read(home.path()).unwrap();
    Files::v1p1().with_row("results.csv", "r-3,,,l-1,u-a,submitted,,2026-09-11,").write(home.path());
    let told = bundle.results(|_| Ok::<_, Refusal>(())).unwrap_err();
    assert!(told.sentence.contains("changed while it was being read"), "{told}");
}

#[test]
fn the_first_error_of_the_visitor_ends_the_reading() {
    let home = tempfile::tempdir().unwrap();
    Files::v1p1().write(home.path());
    let bundle = interchange::oneroster::read(home.path()).unwrap();
    let mut seen = 0;
    let told = bundle.results(|_| {
        seen += 1;
        Err(Refusal::new("enough"))
    });
    assert_eq!((told, seen), (Err(Refusal::new("enough")), 1));
}

#[test]
fn rejections_beyond_the_limit_are_counted_not_listed() {
    let mut files = Files::v1p1();
    let bad = "r-1,,,l-1,u-a,nonsense,,2026-09-11,\n".repeat(LISTED_MAX + 5);
    files.0.get_mut("results.csv").unwrap().extend(bad.as_bytes());
    let bundle = files.read().unwrap().bundle;
    assert_eq!((bundle.rejections.len(), bundle.unlisted), (LISTED_MAX, 5));
    assert_eq!(bundle.count(File::Results).unwrap().rejected, LISTED_MAX as u64 + 5);
}
