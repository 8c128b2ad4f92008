//! Bundles of changes: what they name changes, what they do not name stays, what they point at may stand in the diary.

use domain::intake::held;
use interchange::oneroster::Options;
use serde_json::{Value, json};
use support::app::App;
use support::both;

use super::files::Files;
use super::{accept, assert_still, counts, import, import_with, items, spots};

const SHRINK: Options = Options { allow_shrink: true, progress: None };
const USERS: &str = "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,givenName,familyName,\
                     agentSourcedIds\n";
const ENROLLMENTS: &str =
    "sourcedId,status,dateLastModified,classSourcedId,userSourcedId,role,primary,beginDate,endDate\n";
const LINE_ITEMS: &str = "sourcedId,status,dateLastModified,title,assignDate,dueDate,classSourcedId,categorySourcedId,\
                          gradingPeriodSourcedId,resultValueMax\n";
const RESULTS: &str =
    "sourcedId,status,dateLastModified,lineItemSourcedId,studentSourcedId,scoreStatus,score,scoreDate\n";
const DAY: &str = "2026-11-20T10:00:00.000Z";

/// A bundle of changes; `*` in a row stands for active and the day.
fn changes(files: &[(&'static str, &str, &[&str])]) -> Files {
    let mut manifest = "propertyName,value\noneroster.version,1.1\n".to_owned();
    let mut bundle = Files(std::collections::BTreeMap::new());
    for (name, header, rows) in files {
        manifest += &format!("file.{},delta\n", name.trim_end_matches(".csv"));
        let rows: String = rows.iter().map(|row| row.replace('*', &format!("active,{DAY}")) + "\n").collect();
        bundle.0.insert(name, (*header).to_owned() + &rows.replace("gone", &format!("tobedeleted,{DAY}")));
    }
    bundle.0.insert("manifest.csv", manifest);
    bundle
}

async fn children(app: &App, token: &str) -> Vec<String> {
    let children = items(app, "/v1/children", token).await;
    children.as_array().unwrap().iter().map(|child| child["firstName"].as_str().unwrap().to_owned()).collect()
}

fn removed(report: &interchange::report::Report) -> u64 {
    report.files.iter().map(|file| file.removed).sum()
}

both!(a_change_of_one_row_changes_that_and_takes_nothing_away, async |app: App| {
    let whole = Files::small().folder();
    let (school, _) = import(&app, whole.path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let delta = changes(&[
        ("users.csv", USERS, &["u-a,*,true,o-1,student,a,Алия,Омарова,u-m"]),
        (
            "results.csv",
            RESULTS,
            &["r-1,*,l-1,u-a,fully graded,8,2026-11-10", "r-9,*,l-2,u-a,fully graded,17,2026-11-19"],
        ),
    ])
    .folder();
    let (_, report) = import(&app, delta.path(), "Мектеп 7").unwrap();
    assert_eq!((report.exit_code(), removed(&report)), (0, 0), "{report:?}");
    assert_eq!(counts(&report, "users.csv"), json!({"read": 1, "updated": 1}));
    assert_eq!(counts(&report, "results.csv"), json!({"read": 2, "created": 1, "updated": 1}));
    assert_still(&app, delta.path(), "Мектеп 7");

    let all = items(&app, "/v1/children", &token).await;
    assert_eq!((&all[0]["firstName"], all.as_array().unwrap().len()), (&json!("Алия"), 2));
    assert_eq!(all[0]["classGroup"]["name"], "7 Ә");
    let pupils = app.state.db.read_here(|conn| held::students(conn, school)).unwrap();
    let alia = pupils.iter().find(|pupil| pupil.external_id == "u-a").unwrap();
    assert_eq!(alia.birth_date, "2013-05-04".parse().ok(), "what no row tells stays");
    let grades = items(&app, &format!("/v1/children/{}/grades", all[0]["id"]), &token).await;
    let seen: Vec<_> =
        grades.as_array().unwrap().iter().map(|one| (&one["value"], &one["kind"], &one["maxPoints"])).collect();
    let expected = [(&json!("17"), &json!("section"), &json!(20)), (&json!("8"), &json!("formative"), &json!(10))];
    assert_eq!(seen, expected, "kind and points of works that only the diary holds");
});

both!(pupils_teachers_and_classes_that_the_diary_holds_need_not_be_told_again, async |app: App| {
    let whole = Files::small().folder();
    let (school, _) = import(&app, whole.path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let delta = changes(&[
        ("users.csv", USERS, &["u-n,*,true,o-1,teacher,n,Анна,Ли,", "u-c,*,true,o-1,student,c,Дана,Омарова,u-m"]),
        (
            "enrollments.csv",
            ENROLLMENTS,
            &["e-10,*,k-art,u-b,student,,,", "e-11,*,k-alg,u-n,teacher,true,,", "e-12,*,k-7a,u-c,student,,,"],
        ),
    ]);
    let (_, report) = import(&app, delta.folder().path(), "Мектеп 7").unwrap();
    assert_eq!((report.exit_code(), removed(&report)), (0, 0), "{report:?}");
    assert_eq!(counts(&report, "enrollments.csv"), json!({"read": 3, "created": 2, "updated": 1}));
    assert_still(&app, delta.folder().path(), "Мектеп 7");
    assert_eq!(
        children(&app, &token).await,
        ["Әлия", "Тимур", "Дана"],
        "a new child of a mother who is not named again"
    );
    let all = items(&app, "/v1/children", &token).await;
    let timur = all.as_array().unwrap().iter().find(|child| child["firstName"] == "Тимур").unwrap();
    let subjects = items(&app, &format!("/v1/children/{}/subjects", timur["id"]), &token).await;
    let seen: Vec<Value> = subjects
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!([one["subject"]["name"], one["teacher"]["name"]]))
        .collect();
    assert_eq!(seen, [json!(["Art 7 Ә", null]), json!(["Алгебра", "Ли Анна"])]);
    let dana = all.as_array().unwrap().iter().find(|child| child["firstName"] == "Дана").unwrap();
    assert_eq!(dana["classGroup"]["name"], "7 Ә");
});

both!(rows_to_be_deleted_leave_and_more_than_a_fifth_is_refused, async |app: App| {
    let (school, _) = import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let all = items(&app, "/v1/children", &token).await;
    let gone = |name, header, row: &str| changes(&[(name, header, &[row])]).folder();
    let refused =
        import(&app, gone("users.csv", USERS, "u-b,gone,true,o-1,student,b,Тимур,Омаров,").path(), "Мектеп 7");
    assert!(refused.unwrap_err().contains("1 of 2 students"));

    let result = gone("results.csv", RESULTS, "r-1,gone,l-1,u-a,fully graded,9.5,2026-11-10");
    let (_, report) = import_with(&app, result.path(), "Мектеп 7", SHRINK).unwrap();
    assert_eq!(counts(&report, "results.csv"), json!({"read": 1, "skipped": 1, "removed": 1}));
    assert_eq!(items(&app, &format!("/v1/children/{}/grades", all[0]["id"]), &token).await, json!([]));
    let work = gone("lineItems.csv", LINE_ITEMS, "l-2,gone,БЖБ 1,2026-11-16,2026-11-19,k-alg,g-s,q-2,20");
    assert_eq!(
        removed(&import_with(&app, work.path(), "Мектеп 7", SHRINK).unwrap().1),
        1,
        "a work takes its grades along"
    );
    let member = gone("enrollments.csv", ENROLLMENTS, "e-1,gone,k-7a,u-a,student,,,");
    assert_eq!(removed(&import_with(&app, member.path(), "Мектеп 7", SHRINK).unwrap().1), 1);

    let mother = gone("users.csv", USERS, "u-m,gone,true,o-1,parent,m,Сауле,Омарова,");
    assert_eq!(removed(&import_with(&app, mother.path(), "Мектеп 7", SHRINK).unwrap().1), 1);
    assert_eq!(children(&app, &token).await, [""; 0]);
});

both!(a_list_of_agents_that_is_filled_in_names_all_and_an_empty_one_says_nothing, async |app: App| {
    let (school, _) = import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    let token = accept(&app, school, "u-m").await;
    let row = |agents: &str| {
        let rows = [
            format!("u-b,*,true,o-1,student,b,Тимур,Омаров,{agents}"),
            "u-g,*,true,o-1,guardian,g,Марат,Омаров,".to_owned(),
        ];
        changes(&[("users.csv", USERS, &rows.each_ref().map(String::as_str))]).folder()
    };
    let (_, report) = import(&app, row("").path(), "Мектеп 7").unwrap();
    assert!(report.notes[0].contains("1 pupils name no agents"), "{report:?}");
    assert_eq!(children(&app, &token).await.len(), 2);
    let (_, report) = import_with(&app, row("u-g").path(), "Мектеп 7", SHRINK).unwrap();
    assert_eq!((counts(&report, "users.csv")["removed"].clone(), report.exit_code()), (json!(1), 0), "{report:?}");
    assert_eq!(children(&app, &token).await, ["Әлия"], "another guardian is named instead");
});

both!(what_neither_the_changes_nor_the_diary_hold_is_reported, async |app: App| {
    import(&app, Files::small().folder().path(), "Мектеп 7").unwrap();
    let delta = changes(&[
        ("users.csv", USERS, &["u-a,*,true,o-1,student,a,Әлия,Омарова,u-x", "u-b,,,true,o-1,student,b,Тимур,Омаров,"]),
        ("enrollments.csv", ENROLLMENTS, &["e-10,*,k-none,u-a,student,,,", "e-11,*,k-art,u-none,student,,,"]),
        ("lineItems.csv", LINE_ITEMS, &["l-9,*,Жаңа,2026-11-16,2026-11-19,k-alg,g-new,q-2,20"]),
        ("results.csv", RESULTS, &["r-9,*,l-none,u-a,fully graded,8,2026-11-10"]),
    ]);
    let (_, report) = import_with(&app, delta.folder().path(), "Мектеп 7", SHRINK).unwrap();
    let expected = [
        ("users.csv", 2, "agentSourcedIds", "u-x"),
        ("users.csv", 3, "status", ""),
        ("enrollments.csv", 2, "classSourcedId", "k-none"),
        ("enrollments.csv", 3, "userSourcedId", "u-none"),
        ("lineItems.csv", 2, "categorySourcedId", "g-new"),
        ("results.csv", 2, "lineItemSourcedId", "l-none"),
    ];
    assert_eq!((spots(&report), report.exit_code()), (expected.to_vec(), 2));
});
