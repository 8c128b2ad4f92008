//! Schemes as data of a school: versions, choices, and what is in force.

use domain::Error;
use domain::assessment::{Rounding, Scheme, preset};
use domain::schemes::{self, Choice};
use domain::types::GradeKind;
use serde_json::json;
use support::app::App;
use support::both;

use super::forecasts::Home;
use super::{choose, close, decide, reopen, work, writer};

fn lenient() -> Scheme {
    let mut scheme = preset("kz-2020").unwrap();
    scheme.scale.bands[3].from = serde_json::from_str("80").unwrap();
    scheme
}

both!(an_edited_scheme_is_a_new_version_and_old_results_keep_theirs, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    let put = |scheme: &Scheme| {
        decide(db, school, |conn, touch| schemes::put(conn, touch, writer(school), "Біздің", &scheme.to_json()))
            .unwrap()
    };
    assert_eq!(put(&lenient()), 1);
    choose(db, school, None, None, "Біздің");
    let forecast = home.algebra().await["forecast"].clone();
    assert_eq!(
        (&forecast["value"], &forecast["scheme"], &forecast["schemeVersion"]),
        (&json!("5"), &json!("Біздің"), &json!(1))
    );
    close(db, school, "2");
    let strict = Scheme { rounding: Rounding::None, ..preset("kz-2020").unwrap() };
    assert_eq!((put(&lenient()), put(&strict), put(&strict)), (1, 2, 2), "what is the same is no version");
    let frozen = home.algebra().await["forecast"].clone();
    assert_eq!((&frozen["value"], &frozen["schemeVersion"], &frozen["final"]), (&json!("5"), &json!(1), &json!(true)));
    assert!(reopen(db, school, "2"));
    let open = home.algebra().await["forecast"].clone();
    assert_eq!((&open["value"], &open["schemeVersion"], &open["final"]), (&json!("4"), &json!(2), &json!(false)));
    let listed = db.read_here(|conn| schemes::list(conn, school.id)).unwrap();
    assert_eq!(listed.iter().map(|one| one.version).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(Scheme::parse(&listed[0].body).unwrap(), lenient());
});

both!(the_most_specific_choice_is_in_force, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    let in_force = async || home.algebra().await["forecast"]["scheme"].clone();
    assert_eq!(in_force().await, "kz-2020", "without a choice");
    choose(db, school, None, None, "mean-1-12");
    assert_eq!(in_force().await, "mean-1-12");
    choose(db, school, None, Some(7), "mean-1-10");
    assert_eq!(in_force().await, "mean-1-10");
    choose(db, school, Some("alg"), None, "mean-0-20");
    assert_eq!(in_force().await, "mean-0-20");
    choose(db, school, Some("alg"), Some(7), "mean-percent");
    choose(db, school, Some("alg"), Some(8), "mean-1-12");
    choose(db, school, Some("kaz"), Some(7), "mean-1-12");
    assert_eq!(in_force().await, "mean-percent");
    choose(db, school, Some("alg"), Some(7), "kz-2020");
    assert_eq!(in_force().await, "kz-2020", "a second choice replaces the first");
    let choice = Choice { school_year: 2026, subject: Some("alg".to_owned()), level: Some(7), scheme: String::new() };
    let forget = || decide(db, school, |conn, touch| schemes::forget(conn, touch, writer(school), &choice)).unwrap();
    assert!(forget() && !forget());
    assert_eq!(in_force().await, "mean-0-20");
    let chosen = db.read_here(|conn| schemes::choices(conn, school.id, 2026)).unwrap();
    assert_eq!(chosen.len(), 5, "{chosen:?}");
});

both!(a_choice_moves_every_tag_of_the_school_and_a_repeated_one_none, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    let path = format!("/v1/children/{}/subjects", school.children[0].0);
    let tag = async || home.app.get(&path, &home.token).await.header("etag").to_owned();
    let before = tag().await;
    choose(db, school, None, None, "kz-2016");
    let after = tag().await;
    assert_ne!(before, after);
    choose(db, school, None, None, "kz-2016");
    assert_eq!(tag().await, after);
});

both!(what_contradicts_itself_is_not_taken, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    let put = |name: &str, json: &str| {
        decide(db, school, |conn, touch| schemes::put(conn, touch, writer(school), name, json))
    };
    let told = |done: domain::Result<i32>| match done {
        Err(Error::Invalid(flaws)) => flaws[0].pointer.clone().into_owned(),
        other => panic!("{other:?}"),
    };
    let good = lenient().to_json();
    for (name, json, pointer) in [
        ("kz-2020", good.as_str(), "/name"),
        ("", &good, "/name"),
        ("Біздің", &good.replace("\"weight\":50", "\"weight\":49"), "/components"),
        ("Біздің", "{}", ""),
    ] {
        assert_eq!(told(put(name, json)), pointer);
    }
    let choose = |subject: Option<&str>, scheme: &str| {
        let (subject, scheme) = (subject.map(str::to_owned), scheme.to_owned());
        let choice = Choice { school_year: 2026, subject, level: None, scheme };
        told(decide(db, school, |conn, touch| schemes::choose(conn, touch, writer(school), &choice).map(|()| 0)))
    };
    assert_eq!(choose(None, "no such scheme"), "/scheme");
    assert_eq!(choose(Some("no such subject"), "kz-2020"), "/subjectExternalId");
    assert_eq!(db.read_here(|conn| schemes::list(conn, school.id)).unwrap(), []);
});

both!(pass_or_fail_is_read_in_the_language_of_the_family, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    choose(db, school, Some("alg"), None, "pass-fail");
    home.put(&[domain::intake::Grade { points: None, max_points: None, ..school.grade("e1", "p1", "зачёт") }]);
    close(db, school, "2");
    for (language, word) in [("kk", "есептелді"), ("ru", "зачёт"), ("en", "pass")] {
        let standing = home.see("subjects", language).await["items"][0].clone();
        assert_eq!((&standing["periodGrade"], &standing["forecast"]["value"]), (&json!(word), &json!(word)));
        let card = home.see("report-card", language).await;
        assert_eq!(card["rows"][0]["cells"][1]["value"], word);
    }
});

both!(the_first_level_gets_no_grades, async |app: App| {
    let home = Home::at(app);
    let (db, school) = (&home.app.state.db, &home.school);
    assert!(!home.algebra().await["forecast"].is_null());
    crate::storage::execute(db, "UPDATE class_groups SET level = 1");
    crate::storage::execute(db, "UPDATE schools SET revision = revision + 1");
    assert!(home.algebra().await["forecast"].is_null());
    home.put(&[work(school, "t1", GradeKind::Term, 20, 25)]);
    assert_eq!(close(db, school, "2").results, 0);
});
