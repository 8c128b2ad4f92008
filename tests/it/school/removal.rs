//! Taking back: what goes, what stays because others refer to it, and what the family sees of it.

use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::School;

use super::deliveries::{COLLECTIONS, again, gone, grade};
use super::{SCOPES, deliver, put, refusal};

both!(what_others_refer_to_stays_until_they_are_gone, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    for (collection, number) in
        [("periods", "2"), ("subjects", "alg"), ("class-groups", "7a"), ("courses", "alg7"), ("lessons", "l1")]
    {
        let answer = put(&app, &journal, school.id, collection, &[gone(number)]).await;
        assert_eq!(refusal(&answer), ("/items/0/externalId", "in-use"), "{collection}");
    }
    // From the leaves to the root: attendance, homework and works first, then what they hung on.
    for (collection, numbers) in [
        ("attendance", vec!["n1", "n2"]),
        ("homework", vec!["h1", "h2"]),
        ("assessments", vec!["w1"]),
        ("period-grades", vec!["q1", "q2"]),
        ("lessons", vec!["l2", "l3"]),
        ("periods", vec!["1", "2"]),
    ] {
        let items: Vec<Value> = numbers.into_iter().map(gone).collect();
        let outcomes = deliver(&app, &journal, school.id, collection, &items).await;
        assert!(outcomes.iter().all(|one| one == "deleted"), "{collection}: {outcomes:?}");
        // Said again, there is nothing left to do.
        let outcomes = deliver(&app, &journal, school.id, collection, &items).await;
        assert!(outcomes.iter().all(|one| one == "unchanged"), "{collection}: {outcomes:?}");
    }
    let mother = school.guardian(&app.state.db, "g1").token;
    let child = school.children[0].0;
    let week = app.get(&format!("/v1/children/{child}/diary?from=2026-11-16&to=2026-11-22"), &mother).await.body;
    assert_eq!(week["days"][0]["lessons"].as_array().unwrap().len(), 1, "{week}");
    let homework = app.get(&format!("/v1/children/{child}/homework?from=2026-11-16&to=2026-11-22"), &mother).await.body;
    assert_eq!(homework["items"], json!([]));
});

both!(a_grade_taken_back_is_gone_from_the_diary_and_stays_in_its_history, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    let child = school.children[0].0;
    let id = app.get(&format!("/v1/children/{child}/grades"), &mother).await.body["items"][0]["id"].clone();
    deliver(&app, &journal, school.id, "grades", &[grade("e1", "p1", "9")]).await;
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[gone("e1")]).await, ["deleted"]);
    assert_eq!(app.get(&format!("/v1/children/{child}/grades"), &mother).await.body["items"], json!([]));
    let history = app.get(&format!("/v1/children/{child}/grades/{id}/history"), &mother).await.body;
    let seen = |place: usize, field: &str| history["items"][place][field].clone();
    assert_eq!([seen(0, "value"), seen(1, "value"), seen(2, "removed")], [json!("8"), json!("9"), json!(true)]);
    assert_eq!(seen(2, "by"), "journal");
    // Written again it is back, as one more revision.
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[grade("e1", "p1", "9")]).await, ["updated"]);
    let back = app.get(&format!("/v1/children/{child}/grades"), &mother).await.body;
    assert_eq!((&back["items"][0]["value"], &back["items"][0]["revision"]), (&json!("9"), &json!(4)));
});

both!(a_guardian_taken_back_reads_no_more_from_the_next_request_on, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let (mother, father) = (school.guardian(&app.state.db, "g1").token, school.guardian(&app.state.db, "g2").token);
    let path = format!("/v1/children/{}/diary", school.children[1].0);
    assert_eq!(app.get(&path, &father).await.status, 200);
    assert_eq!(deliver(&app, &journal, school.id, "guardians", &[gone("g2")]).await, ["deleted"]);
    assert_eq!(app.get(&path, &father).await.status, 404);
    assert_eq!(app.get(&path, &mother).await.status, 200);
    assert_eq!(deliver(&app, &journal, school.id, "guardians", &[gone("g2")]).await, ["unchanged"]);
});

both!(a_pupil_who_left_keeps_the_diary_and_is_in_no_class, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let mother = school.guardian(&app.state.db, "g1").token;
    assert_eq!(deliver(&app, &journal, school.id, "enrolments", &[gone("kaz7-p1")]).await, ["deleted"]);
    assert_eq!(deliver(&app, &journal, school.id, "students", &[gone("p1")]).await, ["deleted"]);
    app.state.clock.advance(chrono::Duration::days(1));
    let mother =
        app.sign_in("bir-g1", support::school::PASSWORD).await["accessToken"].as_str().map_or(mother, str::to_owned);
    let child = school.children[0].0;
    let grades = app.get(&format!("/v1/children/{child}/grades"), &mother).await;
    assert_eq!((grades.status, &grades.body["items"][0]["value"]), (200, &json!("8")));
    assert_eq!(app.get(&format!("/v1/children/{child}/teachers"), &mother).await.body["items"], json!([]));
});

both!(what_was_never_there_is_nothing_to_take_back, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    for collection in COLLECTIONS {
        assert_eq!(
            deliver(&app, &journal, school.id, collection, &[gone("never")]).await,
            ["unchanged"],
            "{collection}"
        );
        // The other fields do no harm and are not needed.
        let whole =
            super::deliveries::with(super::deliveries::with(again(collection), "externalId", "never"), "deleted", true);
        assert_eq!(deliver(&app, &journal, school.id, collection, &[whole]).await, ["unchanged"], "{collection}");
    }
});
