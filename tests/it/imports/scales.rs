//! Score scales of OneRoster 1.2 and the files that only point: what a parent reads, and what is counted but not kept.

use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::files::Files;
use super::{accept, assert_still, counts, import, items, spots};

const LINKS: &str = "sourcedId,status,dateLastModified,";

/// A bundle of 1.2 with a scale for each of its two works and one that nothing is on.
pub fn files() -> Files {
    let mut files = Files::small()
        .edited("users.csv", ",orgSourcedIds,role,", ",")
        .edited("users.csv", "o-1,teacher,", "")
        .edited("users.csv", "o-1,student,", "")
        .edited("users.csv", "o-1,parent,", "")
        .edited("lineItems.csv", "gradingPeriodSourcedId", "academicSessionSourcedId")
        .edited("results.csv", "score,scoreDate,comment", "score,scoreDate,comment,textScore")
        .edited("results.csv", "9.50,2026-11-10,Жарайсың", "9.50,2026-11-10,Жарайсың,")
        .edited("results.csv", "r-2,l-1,u-b,exempt,,2026-11-10,", "r-2,l-1,u-b,fully graded,3.9,2026-11-10,,")
        .edited("results.csv", "r-3,l-2,u-b,submitted,,2026-11-17,", "r-3,l-2,u-b,fully graded,,2026-11-17,,p")
        .with_rows("results.csv", "r-4,l-2,u-a,fully graded,,2026-11-17,,Қолайлы\n");
    let mut put = |name, text: &str| files.0.insert(name, text.to_owned());
    put(
        "roles.csv",
        "sourcedId,userSourcedId,roleType,role,orgSourcedId\np-1,u-t,primary,teacher,o-1\np-2,u-a,primary,student,o-1\n\
         p-3,u-b,primary,student,o-1\np-4,u-m,primary,parent,o-1\n",
    );
    put(
        "scoreScales.csv",
        "sourcedId,title,type,orgSourcedId,courseSourcedId,classSourcedId,scoreScaleValue\n\
         s-1,2-5,bands,o-1,,k-alg,\"{0-39:2},{40-64:3},{65-84:4},{85-100:5}\"\n\
         s-2,words,words,o-1,,k-alg,\"{P:зачёт},{N:незачёт}\"\ns-3,five,points,o-1,,k-alg,\"{Қолайлы:20},{Жоқ:0}\"\n",
    );
    put(
        "lineItemScoreScales.csv",
        &format!("{LINKS}lineItemSourcedId,scoreScaleSourcedId\nx-1,,,l-1,s-1\nx-2,,,l-2,s-2\n"),
    );
    put("resultScoreScales.csv", &format!("{LINKS}resultSourcedId,scoreScaleSourcedId\ny-1,,,r-4,s-3\n"));
    files
}

async fn grades(app: &App, child: &Value, token: &str) -> Vec<Value> {
    let grades = items(app, &format!("/v1/children/{}/grades", child["id"]), token).await;
    grades.as_array().unwrap().iter().map(|one| json!([one["value"], one["points"], one["maxPoints"]])).collect()
}

both!(a_parent_reads_the_symbol_of_the_scale_and_the_points_behind_it_count, async |app: App| {
    let home = files().folder();
    let (school, report) = import(&app, home.path(), "Мектеп 7").unwrap();
    assert_eq!((spots(&report), report.exit_code()), (vec![], 0));
    assert_eq!(counts(&report, "scoreScales.csv"), json!({"read": 3, "skipped": 3}));
    assert_eq!(counts(&report, "lineItemScoreScales.csv"), json!({"read": 2, "skipped": 2}));
    let token = accept(&app, school, "u-m").await;
    let children = items(&app, "/v1/children", &token).await;
    let (alia, timur) = (grades(&app, &children[0], &token).await, grades(&app, &children[1], &token).await);
    assert_eq!(alia, [json!(["Қолайлы", 20, 20]), json!(["5", 9.5, 10])]);
    assert_eq!(timur, [json!(["зачёт", null, 20]), json!(["2", 3.9, 10])]);
    assert_still(&app, home.path(), "Мектеп 7");
});

both!(a_score_that_is_not_on_its_scale_and_a_scale_nobody_can_read_are_reported, async |app: App| {
    let bad = files()
        .edited("results.csv", "2026-11-17,,p", "2026-11-17,,maybe")
        .edited("scoreScales.csv", "{40-64:3}", "{41-64:3}")
        .edited("results.csv", "3.9,2026", "4.05,2026")
        .edited("scoreScales.csv", "\"{Қолайлы:20},{Жоқ:0}\"", "A to F")
        .with_rows("lineItemScoreScales.csv", "x-3,,,l-1,s-2\nx-4,,,l-none,s-1\n");
    let (_, report) = import(&app, bad.folder().path(), "Мектеп 7").unwrap();
    let expected = [
        ("scoreScales.csv", 4, "scoreScaleValue", "A to F"),
        ("lineItemScoreScales.csv", 4, "lineItemSourcedId", "l-1"),
        ("lineItemScoreScales.csv", 5, "lineItemSourcedId", "l-none"),
        ("results.csv", 4, "textScore", "maybe"),
        ("results.csv", 5, "textScore", "Қолайлы"),
        ("resultScoreScales.csv", 2, "scoreScaleSourcedId", "s-3"),
    ];
    assert_eq!((spots(&report), report.exit_code()), (expected.to_vec(), 2));
    let between = files().edited("scoreScales.csv", "{0-39:2},{40-64:3}", "{0-30:2},{50-64:3}");
    let (_, report) = import(&app, between.folder().path(), "Мектеп 7").unwrap();
    assert_eq!(spots(&report), [("results.csv", 3, "score", "3.9")]);
});

both!(files_about_what_a_diary_does_not_keep_are_checked_and_counted, async |app: App| {
    let mut more = files();
    for (name, header, row) in [
        ("userProfiles.csv", "userSourcedId,profileType,username,password", "u-a,system,alia,Pa55-word"),
        ("resources.csv", "vendorResourceId,title", "v-1,Алгебра 7"),
        ("courseResources.csv", "title,courseSourcedId,resourceSourcedId", "Кітап,c-alg,a-1"),
        ("classResources.csv", "title,classSourcedId,resourceSourcedId", "Кітап,k-alg,a-1"),
        ("userResources.csv", "userSourcedId,resourceSourcedId", "u-a,a-1"),
        ("lineItemLearningObjectiveIds.csv", "lineItemSourcedId,source,learningObjectiveId", "l-1,case,o-1"),
        ("resultLearningObjectiveIds.csv", "resultSourcedId,source,learningObjectiveId", "r-none,case,o-1"),
    ] {
        more.0.insert(name, format!("{LINKS}{header}\na-1,,,{row}\n"));
    }
    let (_, report) = import(&app, more.folder().path(), "Мектеп 7").unwrap();
    for name in ["userProfiles", "resources", "courseResources", "classResources", "userResources"] {
        assert_eq!(counts(&report, &format!("{name}.csv")), json!({"read": 1, "skipped": 1}), "{name}");
    }
    assert_eq!(spots(&report), [("resultLearningObjectiveIds.csv", 2, "resultSourcedId", "r-none")]);
    let told = format!("{report:?}");
    assert!(!told.contains("Pa55-word") && !told.contains("alia"), "{told}");
});
