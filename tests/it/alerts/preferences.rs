//! What somebody wants to be alerted of.

use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

/// Changes the preferences of whoever holds `token`.
pub async fn choose(app: &App, token: &str, form: &Value) -> Answer {
    app.send(Method::PATCH, "/v1/notification-preferences", token, form).await
}

both!(a_new_parent_has_defaults_that_do, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let token = school.guardian(&app.state.db, "g1").token;
    let answer = app.get("/v1/notification-preferences", &token).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let shown = &answer.body;
    assert_eq!(
        (&shown["language"], &shown["privacy"], &shown["digest"]),
        (&Value::Null, &json!("generic"), &json!("none"))
    );
    assert_eq!(shown["quietHours"], json!({"from": "22:00", "to": "07:00"}));
    assert_eq!(shown["letters"], true);
    let children = shown["children"].as_array().unwrap();
    assert_eq!(children.len(), 2);
    let kinds = children[0]["kinds"].as_object().unwrap();
    let names: Vec<&String> = kinds.keys().collect();
    let all = ["assessment", "attendance", "grade", "homework", "message", "news", "report-card", "schedule"];
    assert_eq!(names, all, "what happens to the account cannot be chosen");
    for choice in kinds.values() {
        let default = json!({"push": true, "email": "fallback", "inbox": true, "only": "all", "than": null});
        assert_eq!(*choice, default);
    }
});

both!(a_patch_changes_what_it_says_and_leaves_the_rest, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let token = school.guardian(&app.state.db, "g1").token;
    let [first, second] = [school.children[0].0, school.children[1].0];
    let form = json!({
        "privacy": "full", "quietHours": null, "language": "en",
        "children": [{"childId": first, "kinds": {"grade": {"only": "below", "than": 4.5}, "report-card": {"push": false}}}],
    });
    let answer = choose(&app, &token, &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let answer = choose(
        &app,
        &token,
        &json!({"digest": "daily", "children": [
            {"childId": first, "kinds": {"grade": {"email": "always"}}},
        ]}),
    )
    .await;
    let shown = &answer.body;
    assert_eq!(
        (&shown["privacy"], &shown["digest"], &shown["language"]),
        (&json!("full"), &json!("daily"), &json!("en"))
    );
    assert_eq!(shown["quietHours"], Value::Null);
    let own = |place: usize, kind: &str| shown["children"][place]["kinds"][kind].clone();
    let grade = json!({"push": true, "email": "always", "inbox": true, "only": "below", "than": 4.5});
    assert_eq!(own(0, "grade"), grade);
    assert_eq!(own(0, "report-card")["push"], false);
    assert_eq!(own(1, "grade")["only"], "all", "of the child {second} nothing was said");
    assert_eq!(app.get("/v1/notification-preferences", &token).await.body, *shown);
    let back = choose(&app, &token, &json!({"language": null, "quietHours": {"from": "23:30", "to": "06:00"}})).await;
    assert_eq!(back.body["language"], Value::Null);
    assert_eq!(back.body["quietHours"], json!({"from": "23:30", "to": "06:00"}));
    let all = json!({"children": [{"childId": first, "kinds": {"grade": {"only": "all"}}}]});
    assert_eq!(choose(&app, &token, &all).await.body["children"][0]["kinds"]["grade"]["than"], Value::Null);
});

both!(what_cannot_be_chosen_is_refused_with_its_place, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let token = school.guardian(&app.state.db, "g1").token;
    let first = school.children[0].0;
    let of = |kind: &str, choice: Value| json!({"children": [{"childId": first, "kinds": {kind: choice}}]});
    let before = app.get("/v1/notification-preferences", &token).await.body;
    for (form, pointer) in [
        (json!({"quietHours": {"from": "22:00", "to": "22:00"}}), "/quietHours"),
        (of("account", json!({"push": false})), "/children/0/kinds/account"),
        (of("homework", json!({"only": "below", "than": 3})), "/children/0/kinds/homework"),
        (of("grade", json!({"only": "below"})), "/children/0/kinds/grade"),
        (json!({"quietHours": {"from": "9:00", "to": "22:00"}}), ""),
        (json!({"quietHours": ["09:00", "22:00"]}), ""),
        (of("marks", json!({"push": false})), ""),
        (of("grade", json!([false])), ""),
        (of("grade", json!({"email": true})), ""),
    ] {
        let answer = choose(&app, &token, &form).await;
        assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{form}");
    }
    assert_eq!(app.get("/v1/notification-preferences", &token).await.body, before);
});

both!(a_choice_about_somebody_elses_child_is_about_nobody, async |app: App| {
    let (school, other) = (School::make(&app.state.db, "bir"), School::make(&app.state.db, "eki"));
    let token = school.guardian(&app.state.db, "g2").token;
    let choose = async |child: i64| {
        let form = json!({"privacy": "full", "children": [{"childId": child, "kinds": {"grade": {"push": false}}}]});
        self::choose(&app, &token, &form).await
    };
    let reference = choose(4711).await;
    assert_eq!((reference.status, reference.problem()), (404, "not-found"));
    for foreign in [school.children[0].0, other.children[0].0] {
        assert_eq!(choose(foreign).await.body["detail"], reference.body["detail"]);
    }
    assert_eq!(
        app.get("/v1/notification-preferences", &token).await.body["privacy"],
        "generic",
        "nothing of it was kept"
    );
});
