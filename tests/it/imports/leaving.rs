//! What a school's next bundle no longer holds: it leaves, its history stays, and nothing leaves by a slip.

use domain::db::Alone;
use interchange::oneroster::Options;
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::files::Files;
use super::{accept, counts, import, import_with, items, scales};

const SHRINK: Options = Options { allow_shrink: true, progress: None };

fn without_timur(files: Files) -> Files {
    files
        .edited("users.csv", "u-b,true,o-1,student,b,Тимур,Омаров,\n", "")
        .edited("users.csv", "\"u-a,u-b\"", "u-a")
        .edited("enrollments.csv", "e-3,k-alg,o-1,u-b,student,,,\n", "")
        .edited("results.csv", "r-2,l-1,u-b,exempt,,2026-11-10,\n", "")
        .edited("results.csv", "r-3,l-2,u-b,submitted,,2026-11-17,\n", "")
}

async fn week(app: &App, child: &Value, token: &str) -> Value {
    app.get(&format!("/v1/children/{child}/diary?from=2026-11-09&to=2026-11-20"), token).await.body
}

both!(a_pupil_who_left_leaves_the_class_and_keeps_diary_and_mother, async |app: App| {
    let home = Files::small().folder();
    let (school, _) = import(&app, home.path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let children = items(&app, "/v1/children", &token).await;
    let timur = children.as_array().unwrap().iter().find(|child| child["firstName"] == "Тимур").unwrap()["id"].clone();

    let next = without_timur(Files::small()).folder();
    let (_, report) = import_with(&app, next.path(), "Мектеп 7", SHRINK).unwrap();
    assert_eq!(counts(&report, "users.csv")["removed"], 1);
    assert_eq!(counts(&report, "enrollments.csv")["removed"], 1);
    assert_eq!(counts(&report, "results.csv")["removed"], 2);
    assert_eq!(
        items(&app, "/v1/children", &token).await.as_array().unwrap().len(),
        2,
        "the mother keeps both children"
    );
    let grades = items(&app, &format!("/v1/children/{timur}/grades"), &token).await;
    assert_eq!(grades, json!([]), "a grade that was taken back counts no more");
    let (_, again) = import_with(&app, next.path(), "Мектеп 7", Options::default()).unwrap();
    assert!(again.files.iter().all(|file| file.created + file.updated + file.removed == 0), "{again:?}");

    let (_, back) = import(&app, home.path(), "Мектеп 7").unwrap();
    assert_eq!(counts(&back, "users.csv")["updated"], 1, "whoever is named again has come back");
    assert_eq!(items(&app, &format!("/v1/children/{timur}/grades"), &token).await.as_array().unwrap().len(), 2);
});

both!(a_guardian_whom_the_bundle_drops_reads_no_more_from_the_next_request_on, async |app: App| {
    let home = Files::small().folder();
    let (school, _) = import(&app, home.path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let child = items(&app, "/v1/children", &token).await[0]["id"].clone();
    assert!(week(&app, &child, &token).await["days"].is_array());

    let other = "u-g,true,o-1,guardian,g,Марат,Омаров,\"u-a,u-b\"\n";
    let next = Files::small().edited("users.csv", "u-m,true,o-1,parent,m,Сауле,Омарова,\"u-a,u-b\"\n", other).edited(
        "users.csv",
        "Әлия,Омарова,u-m",
        "Әлия,Омарова,",
    );
    let refused = import(&app, next.folder().path(), "Мектеп 7").unwrap_err();
    assert!(refused.contains("1 of 1 guardians") && refused.contains("--allow-shrink"), "{refused}");
    assert!(week(&app, &child, &token).await["days"].is_array(), "a refused bundle changes nothing");

    import_with(&app, next.folder().path(), "Мектеп 7", SHRINK).unwrap();
    let gone = app.get(&format!("/v1/children/{child}/diary"), &token).await;
    assert_eq!(gone.status, 404);
});

both!(rows_marked_as_deleted_leave_like_rows_that_are_missing, async |app: App| {
    let with = |status: &str| {
        Files::small()
            .edited("results.csv", "scoreDate,comment\n", "scoreDate,comment,status\n")
            .edited("results.csv", "Жарайсың\n", &format!("Жарайсың,{status}\n"))
            .edited("results.csv", "r-2,l-1,u-b,exempt,,2026-11-10,\n", "r-2,l-1,u-b,exempt,,2026-11-10,,active\n")
            .edited("results.csv", "2026-11-17,\n", "2026-11-17,,active\n")
    };
    import(&app, with("active").folder().path(), "Мектеп 7").unwrap();
    let (_, report) = import_with(&app, with("tobedeleted").folder().path(), "Мектеп 7", SHRINK).unwrap();
    assert_eq!(counts(&report, "results.csv"), json!({"read": 3, "unchanged": 2, "removed": 1, "skipped": 1}));
});

both!(a_row_that_was_rejected_is_misspelt_and_takes_nothing_away, async |app: App| {
    let home = Files::small().folder();
    let (school, _) = import(&app, home.path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let misspelt = Files::small()
        .edited("users.csv", "u-b,true,o-1,student,b,Тимур,Омаров,", "u-b,true,o-1,stud,b,Тимур,Омаров,")
        .edited("results.csv", "9.50", "nine");
    let (_, report) = import(&app, misspelt.folder().path(), "Мектеп 7").unwrap();
    assert!(report.files.iter().all(|file| file.removed == 0), "{report:?}");
    assert_eq!(items(&app, "/v1/children", &token).await.as_array().unwrap().len(), 2);
});

both!(a_guardian_whose_role_is_misspelt_keeps_her_children, async |app: App| {
    let (school, _) = import(&app, scales::files().folder().path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let misspelt = scales::files().edited("roles.csv", "u-m,primary,parent", "u-m,primary,mother").folder();
    let (_, report) = import_with(&app, misspelt.path(), "Мектеп 7", SHRINK).unwrap();
    assert!(report.exit_code() == 2 && report.files.iter().all(|file| file.removed == 0), "{report:?}");
    assert_eq!(items(&app, "/v1/children", &token).await.as_array().unwrap().len(), 2);
});

both!(a_file_that_is_not_part_of_the_bundle_takes_nothing_away, async |app: App| {
    import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    let mut roster = Files::small();
    roster.0.retain(|name, _| !["results.csv", "lineItems.csv", "categories.csv"].contains(name));
    let (_, report) = import(&app, roster.folder().path(), "Мектеп 7").unwrap();
    assert!(report.files.iter().all(|file| file.removed == 0), "{report:?}");
});

both!(two_imports_of_one_school_do_not_run_at_once, async |app: App| {
    let home = Files::small().folder();
    let (school, _) = import(&app, home.path(), "Мектеп 7").unwrap();
    let running = app.state.db.alone(Alone::Import(school)).unwrap();
    assert!(running.is_some());
    let refused = import(&app, home.path(), "Мектеп 7").unwrap_err();
    assert!(refused.contains("Another import of this school is running"), "{refused}");
    drop(running);
    import(&app, home.path(), "Мектеп 7").unwrap();
});
