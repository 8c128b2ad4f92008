//! The grades of a thousand real pupils, as a gradebook.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use support::app::App;
use support::both;
use support::school::School;

use super::files::Files;
use super::{assert_still, counts, data, import, items, spots};

const SCHOOLS: [&str; 2] = ["GP", "MS"];
const PERIODS: [(&str, &str); 3] = [("G1", "2026-12-18"), ("G2", "2027-03-19"), ("G3", "2027-06-11")];

/// A pupil of the published data and the three grades.
struct Pupil {
    id: String,
    class: String,
    grades: [String; 3],
}

fn pupils() -> Vec<Pupil> {
    let file = |subject: &str| {
        std::fs::read_to_string(data(&format!("uci-student-performance/student-{subject}.csv"))).unwrap()
    };
    let mut pupils = Vec::new();
    for subject in ["mat", "por"] {
        for (at, line) in file(subject).lines().skip(1).enumerate() {
            let cells: Vec<&str> = line.trim().split(',').collect();
            let class = format!("{}-{subject}", cells[0]);
            let grades = [5, 6, 7].map(|column| cells[column].to_owned());
            pupils.push(Pupil { id: format!("{class}-{:04}", at + 1), class, grades });
        }
    }
    pupils
}

/// The data as a 1.1 gradebook of two schools; `wards` are the children of one guardian a school.
fn gradebook(pupils: &[Pupil], wards: &[&Pupil]) -> Files {
    let mut files = Files(
        Files::small()
            .0
            .into_iter()
            .map(|(name, text)| (name, text.lines().next().unwrap().to_owned() + "\n"))
            .collect(),
    );
    let mut add = |name: &'static str, row: String| *files.0.get_mut(name).unwrap() += &(row + "\n");
    add("academicSessions.csv", "y,2026/27,schoolYear,2026-09-01,2027-06-15,,2027".to_owned());
    add("courses.csv", "mat,y,Mathematics,,,,,".to_owned());
    add("courses.csv", "por,y,Portuguese,,,,,".to_owned());
    add("categories.csv", "t,Test".to_owned());
    for school in SCHOOLS {
        add("orgs.csv", format!("{school},{school},school"));
        for subject in ["mat", "por"] {
            let class = format!("{school}-{subject}");
            add("classes.csv", format!("{class},{class},,{subject},,scheduled,,{school},y"));
            for (work, day) in PERIODS {
                add("lineItems.csv", format!("{class}-{work},{work},,{day},{day},{class},t,,0,20"));
            }
        }
        let own: Vec<&str> =
            wards.iter().filter(|pupil| pupil.class.starts_with(school)).map(|pupil| pupil.id.as_str()).collect();
        add("users.csv", format!("guardian-{school},true,{school},guardian,,Ana,Silva,\"{}\"", own.join(",")));
    }
    for Pupil { id, class, grades } in pupils {
        let school = &class[..2];
        add("users.csv", format!("{id},true,{school},student,,Pupil,{id},"));
        add("enrollments.csv", format!("{id},{class},{school},{id},student,,,"));
        for ((work, day), grade) in PERIODS.iter().zip(grades) {
            add("results.csv", format!("{id}-{work},{class}-{work},{id},fully graded,{grade},{day},"));
        }
    }
    files
}

both!(a_gradebook_of_a_thousand_pupils_reads_back_to_the_number, async |app: App| {
    let pupils = pupils();
    // A linear congruential generator: the same pupils in every run.
    let mut seed = 20_081_u64;
    let mut next = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % most
    };
    let wards: Vec<&Pupil> = (0..20).map(|_| &pupils[next(pupils.len())]).collect();
    let folder = gradebook(&pupils, &wards).folder();
    let mut read = 0;
    for school in SCHOOLS {
        let ours = pupils.iter().filter(|pupil| pupil.class.starts_with(school)).count();
        let (id, report) = import(&app, folder.path(), school).unwrap();
        assert_eq!((report.exit_code(), spots(&report)), (0, vec![]));
        let results = json!({"read": 3 * 1044, "created": 3 * ours, "skipped": 3 * (1044 - ours)});
        assert_eq!(counts(&report, "results.csv"), results);
        assert_eq!(counts(&report, "users.csv"), json!({"read": 1046, "created": ours + 1, "skipped": 1045 - ours}));
        let school = School { id, children: Vec::new(), prefix: school.to_owned() };
        let token = school.guardian(&app.state.db, &format!("guardian-{}", school.prefix)).token;
        for child in items(&app, "/v1/children", &token).await.as_array().unwrap() {
            let pupil = wards.iter().find(|pupil| child["lastName"] == pupil.id.as_str()).unwrap();
            let grades = items(&app, &format!("/v1/children/{}/grades", child["id"]), &token).await;
            let seen: BTreeMap<_, _> = grades
                .as_array()
                .unwrap()
                .iter()
                .map(|grade| {
                    let points = grade["points"].as_i64().unwrap();
                    assert_eq!(
                        (&grade["value"], &grade["maxPoints"]),
                        (&json!(points.to_string()), &json!(20)),
                        "{grade}"
                    );
                    let work = grade["assessment"]["title"].as_str().unwrap();
                    (
                        work.to_owned(),
                        (grade["value"].as_str().unwrap().to_owned(), grade["gradedOn"].as_str().unwrap().to_owned()),
                    )
                })
                .collect();
            let written = PERIODS.iter().zip(&pupil.grades);
            let written: BTreeMap<_, _> =
                written.map(|((work, day), grade)| ((*work).to_owned(), (grade.clone(), (*day).to_owned()))).collect();
            assert_eq!(seen, written, "{}", pupil.id);
            read += 1;
        }
    }
    let different: BTreeSet<_> = wards.iter().map(|pupil| &pupil.id).collect();
    assert_eq!(read, different.len());
    assert!(read >= 15, "the dice fell on {read} pupils");
    assert_still(&app, folder.path(), "GP");
});
