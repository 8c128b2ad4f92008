//! What ends, ends at once; and two parents of one child stay strangers to each other.

use domain::types::ChildId;
use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::{PASSWORD, School};

use super::operations::{About, Call, all, masked};
use super::world::{NOBODY, World, guardian};

/// Every view of a child with the tag it has now.
async fn tags(app: &App, world: &World, token: &str, child: ChildId) -> Vec<(Call, String)> {
    let mut found = Vec::new();
    for operation in all().iter().filter(|one| one.is_view()) {
        let call = operation.call(&app.state.db, world, child);
        let answer = call.send(app, token).await;
        assert_eq!(answer.status, 200, "{}", call.path);
        found.push((call, answer.header("etag").to_owned()));
    }
    assert!(found.len() >= 11, "{found:?}");
    found
}

async fn known(app: &App, call: &Call, token: &str, tag: &str) -> Answer {
    let request = app.request(Method::GET, &call.path, token).header(IF_NONE_MATCH, tag);
    Answer::of(request.send().await.unwrap()).await
}

both!(a_guardianship_removed_denies_the_next_request_tags_included, async |app: App| {
    let world = World::make(&app);
    let (token, [first, second]) = (&world.guardian().token, [world.bir.children[0], world.bir.children[1]]);
    let (gone, kept) = (tags(&app, &world, token, first).await, tags(&app, &world, token, second).await);
    let list = app.get("/v1/children", token).await;
    let done = format!("/v1/children/{}/homework/{}/done", first.0, world.homework_of(&app.state.db, first));
    let tick = async |path: &str| {
        let request =
            app.request(Method::PUT, path, token).header("idempotency-key", "once").json(&json!({"done": true}));
        Answer::of(request.send().await.unwrap()).await
    };
    assert_eq!(tick(&done).await.status, 200);

    world.bir.put(&app.state.db, &[guardian("g1", &["p2"])]);

    let reference = masked(&app.get(&format!("/v1/children/{NOBODY}/diary"), token).await);
    assert_eq!(reference.0, 404);
    for (call, tag) in &gone {
        assert_eq!(masked(&known(&app, call, token, tag).await), reference, "{} with its tag", call.path);
        assert_eq!(masked(&call.send(&app, token).await), reference, "{}", call.path);
    }
    assert_eq!(tick(&done).await.status, 404, "not even what was answered before");
    for (call, _) in &kept {
        assert_eq!(call.send(&app, token).await.status, 200, "{}", call.path);
    }
    let now = app.request(Method::GET, "/v1/children", token).header(IF_NONE_MATCH, list.header("etag"));
    let now = Answer::of(now.send().await.unwrap()).await;
    assert_eq!(now.status, 200);
    let ids: Vec<&Value> = now.body["items"].as_array().unwrap().iter().map(|child| &child["id"]).collect();
    assert_eq!(ids, [&json!(second.0)]);
});

both!(a_guardianship_given_back_opens_the_diary_again, async |app: App| {
    let world = World::make(&app);
    let path = format!("/v1/children/{}/diary", world.bir.children[0].0);
    let token = &world.guardian().token;
    world.bir.put(&app.state.db, &[guardian("g1", &[])]);
    assert_eq!(app.get(&path, token).await.status, 404);
    world.bir.put(&app.state.db, &[guardian("g1", &["p1"])]);
    assert_eq!(app.get(&path, token).await.status, 200);
});

both!(signing_out_denies_the_next_request_tags_included, async |app: App| {
    let world = World::make(&app);
    let child = world.bir.children[0];
    let token = &world.guardian().token;
    let other = app.sign_in("bir-g1", PASSWORD).await;
    let other = other["accessToken"].as_str().unwrap();
    let views = tags(&app, &world, token, child).await;
    assert_eq!(app.send(Method::DELETE, "/v1/sessions/current", token, &json!(null)).await.status, 204);
    for (call, tag) in &views {
        assert_eq!(known(&app, call, token, tag).await.problem(), "unauthenticated", "{}", call.path);
        assert_eq!(known(&app, call, other, tag).await.status, 304, "{}: the other phone stays signed in", call.path);
    }
});

both!(a_device_signed_out_by_another_is_denied_its_next_request, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let lost = school.guardian(&app.state.db, "g1").token;
    let kept = app.sign_in("bir-g1", PASSWORD).await["accessToken"].as_str().unwrap().to_owned();
    let sessions = app.get("/v1/sessions", &kept).await.body;
    let session = sessions["items"].as_array().unwrap().iter().find(|one| one["current"] == false).unwrap();
    let path = format!("/v1/sessions/{}", session["id"]);
    let end = async || app.send(Method::DELETE, &path, &kept, &json!(null)).await;
    assert_eq!(end().await.status, 204);
    assert_eq!(app.get("/v1/children", &lost).await.status, 401);
    assert_eq!(app.get("/v1/children", &kept).await.status, 200);
    assert_eq!(end().await.status, 404, "it has ended already");
});

both!(an_access_token_dies_after_half_an_hour_and_a_refresh_token_is_none, async |app: App| {
    let world = World::make(&app);
    let opened = app.sign_in("bir-g1", PASSWORD).await;
    let (access, refresh) = (opened["accessToken"].as_str().unwrap(), opened["refreshToken"].as_str().unwrap());
    for call in [refresh.split('.').next().unwrap(), refresh.split('.').nth(1).unwrap(), refresh] {
        assert_eq!(app.get("/v1/me", call).await.status, 401);
    }
    let views = tags(&app, &world, access, world.bir.children[0]).await;
    app.state.clock.advance(domain::sessions::ACCESS);
    for (call, tag) in &views {
        assert_eq!(known(&app, call, access, tag).await.status, 401, "{}", call.path);
    }
});

both!(two_parents_of_one_child_see_nothing_of_each_other, async |app: App| {
    let world = World::make(&app);
    let shared = world.bir.children[1];
    let marks = ["ana-phone", "ana@example.kz", "+77010000001", "Ana Q.", "bir-g1"];
    let device = json!({"name": marks[0], "platform": "ios"});
    let form = json!({"login": marks[4], "password": PASSWORD, "device": device});
    let mother = app.post("/v1/sessions", "", &form).await.body["accessToken"].as_str().unwrap().to_owned();
    let contacts = json!({"email": marks[1], "phone": marks[2], "displayName": marks[3]});
    assert_eq!(app.send(Method::PATCH, "/v1/me", &mother, &contacts).await.status, 200);

    let father = &world.principals[1].who.token;
    let before = app.get("/v1/me", father).await.body;
    for operation in
        all().iter().filter(|one| matches!(one.about(), About::Child | About::Account) && one.method == Method::GET)
    {
        let call = operation.call(&app.state.db, &world, shared);
        for (token, own) in [(father, false), (&mother, true)] {
            let answer = call.send(&app, token).await;
            // There is no such file, for either of them.
            let there = if operation.id == "file_of_homework" { 404 } else { 200 };
            assert_eq!(answer.status, there, "{}", operation.id);
            let text = String::from_utf8(answer.bytes).unwrap();
            let traces = marks.iter().filter(|mark| text.contains(**mark)).count();
            assert!(own || traces == 0, "{} shows the other parent: {text}", operation.id);
        }
    }
    let mine = app.get("/v1/me", &mother).await.body;
    assert!(mine["email"] == marks[1] && mine["displayName"] == marks[3], "the marks are really there: {mine}");
    assert_eq!(app.get("/v1/me", father).await.body, before);
    let sessions = app.get("/v1/sessions", father).await.body;
    assert_eq!(sessions["items"].as_array().unwrap().len(), 1);
    let children = app.get("/v1/children", father).await.body;
    assert_eq!(children["items"].as_array().unwrap().len(), 1, "the sibling is the mother's alone: {children}");
    assert_eq!(children["items"][0]["id"], shared.0);
});
