//! Who may read what: every operation of the API document, asked by everybody, about every child.

mod custody;
pub mod operations;
pub mod world;

use reqwest::Method;
use reqwest::header::IF_NONE_MATCH;
use support::app::{Answer, App};
use support::database::Kind;
use support::{both, school::School};

use operations::{About, Operation, all, masked};
use world::{NOBODY, World};

use domain::types::ChildId;

/// A server without limits: the matrix asks more than a person does.
pub fn unlimited(kind: Kind) -> App {
    App::start(kind, |config| config.security.limits = 0)
}

const FORGED: &str = "forged-0123456789abcdefghijklmnopqrstuvwxyz";

both!(every_child_is_there_for_its_family_and_nobody_else, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    let (mut allowed, mut denied) = (0, 0);
    for operation in all().iter().filter(|one| one.about() == About::Child) {
        for principal in &world.principals {
            for (whose, child) in world.children() {
                let cell = format!("{}: {} for the {whose} child", operation.id, principal.name);
                if principal.sees.contains(&child) {
                    is_allowed(&app, &world, operation, &principal.who.token, child, &cell).await;
                    allowed += 1;
                } else {
                    is_nonexistent(&app, &world, operation, &principal.who.token, child, &cell).await;
                    denied += 1;
                }
            }
        }
    }
    // Thirteen operations; seven pairs of nine people and five children belong together.
    assert!(allowed >= 13 * 7 && denied >= 13 * 38, "{allowed} allowed, {denied} denied");
});

async fn is_allowed(app: &App, world: &World, operation: &Operation, token: &str, child: ChildId, place: &str) {
    let call = operation.call(&app.state.db, world, child);
    let answer = call.send(app, token).await;
    assert_eq!(answer.status, 200, "{place}: {}", answer.body);
    operation.is_there(&answer.body);
    if operation.is_view() {
        let again = app.request(Method::GET, &call.path, token).header(IF_NONE_MATCH, answer.header("etag"));
        assert_eq!(again.send().await.unwrap().status(), 304, "{place}");
    }
}

async fn is_nonexistent(app: &App, world: &World, operation: &Operation, token: &str, child: ChildId, cell: &str) {
    let db = &app.state.db;
    let (asked, nobody) = (operation.call(db, world, child), operation.call(db, world, ChildId(NOBODY)));
    let (answer, reference) = (asked.send(app, token).await, nobody.send(app, token).await);
    assert_eq!((reference.status, reference.problem()), (404, "not-found"), "{cell}");
    assert_eq!(masked(&answer), masked(&reference), "{cell}");
    // A tag that fits anything must not tell that there is something.
    let any = app.request(asked.method.clone(), &asked.path, token).header(IF_NONE_MATCH, "*");
    let any = asked.body.iter().fold(any, reqwest::RequestBuilder::json).send().await.unwrap();
    assert_eq!(masked(&Answer::of(any).await), masked(&reference), "{cell}, If-None-Match: *");
}

both!(whoever_is_not_signed_in_gets_the_same_401_everywhere, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    let reference = masked(&app.get("/v1/me", "").await);
    assert_eq!(reference.0, 401);
    for operation in all().iter().filter(|one| one.about() != About::Nobody) {
        for (whose, child) in world.children() {
            let call = operation.call(&app.state.db, &world, child);
            for token in ["", FORGED, "x", &world.guardian().token.to_uppercase()] {
                let answer = call.send(&app, token).await;
                assert_eq!(masked(&answer), reference, "{}: {token:?} for the {whose} child", operation.id);
            }
        }
    }
});

both!(an_account_is_there_for_whoever_is_signed_in, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    let mut operations = all();
    operations.retain(|one| one.about() == About::Account);
    // Signing out comes last, or nobody would be left.
    operations.sort_by_key(|one| one.id == "sign_out");
    for operation in &operations {
        for principal in &world.principals {
            let call = operation.call(&app.state.db, &world, ChildId(NOBODY));
            let answer = call.send(&app, &principal.who.token).await;
            let cell = format!("{}: {}", operation.id, principal.name);
            assert_eq!(answer.status, operation.account_status(), "{cell}: {}", answer.body);
            if operation.id == "list_children" {
                let ids =
                    answer.body["items"].as_array().unwrap().iter().map(|child| ChildId(child["id"].as_i64().unwrap()));
                assert_eq!(ids.collect::<Vec<_>>(), principal.sees, "{cell}");
            }
        }
    }
    for principal in &world.principals {
        assert_eq!(app.get("/v1/me", &principal.who.token).await.status, 401, "{} is signed out", principal.name);
    }
});

both!(what_asks_for_no_token_answers_everybody_alike, async |kind: Kind| {
    let app = unlimited(kind);
    let world = World::make(&app);
    for operation in all().iter().filter(|one| one.about() == About::Nobody) {
        let call = operation.call(&app.state.db, &world, ChildId(NOBODY));
        let reference = call.send(&app, "").await;
        assert!(reference.status < 500, "{}: {}", operation.id, reference.body);
        for token in world.principals.iter().map(|one| one.who.token.as_str()).chain([FORGED]) {
            assert_eq!(masked(&call.send(&app, token).await), masked(&reference), "{}", operation.id);
        }
    }
});

both!(an_id_behind_the_child_is_checked_like_the_child, async |app: App| {
    let world = World::make(&app);
    let (db, own) = (&app.state.db, world.bir.children[0]);
    let token = &world.guardian().token;
    let known = |one: &&Operation| one.about() == About::Child && one.path.matches('{').count() > 1;
    let ids: Vec<String> = all().iter().filter(known).map(|one| one.id.clone()).collect();
    assert_eq!(
        ids,
        ["history_of_grade", "set_homework_done", "what_if"],
        "say here which foreign ids a new operation must refuse"
    );

    let grades = [world.bir.children[1], world.classmate, world.eki.children[0]].map(|child| world.grade_of(db, child));
    let path = |grade: i64| format!("/v1/children/{}/grades/{grade}/history", own.0);
    assert_eq!(app.get(&path(world.grade_of(db, own)), token).await.status, 200);
    let reference = masked(&app.get(&path(4711), token).await);
    assert_eq!(reference.0, 404);
    for grade in grades {
        assert_eq!(masked(&app.get(&path(grade), token).await), reference, "grade {grade}");
    }

    let path = |homework: i64| format!("/v1/children/{}/homework/{homework}/done", own.0);
    let done = serde_json::json!({"done": true});
    let reference = masked(&app.send(Method::PUT, &path(4711), token, &done).await);
    assert_eq!(reference.0, 404);
    for homework in [world.homework_elsewhere(db), world.homework_of(db, world.eki.children[0])] {
        let answer = app.send(Method::PUT, &path(homework), token, &done).await;
        assert_eq!(masked(&answer), reference, "homework {homework}");
    }

    let (subject, period) = world.subject_and_period_of(db, own);
    let (foreign, strange) = world.subject_and_period_of(db, world.eki.children[0]);
    let ask = async |subject: i64, period: i64| {
        let form = serde_json::json!({"periodId": period, "grades": [{"kind": "formative", "points": 8}]});
        app.post(&format!("/v1/children/{}/subjects/{subject}/what-if", own.0), token, &form).await
    };
    assert_eq!(ask(subject, period).await.status, 200);
    let reference = masked(&ask(4711, period).await);
    assert_eq!(reference.0, 404);
    for (subject, period) in [(foreign, period), (subject, strange), (subject, 4711)] {
        assert_eq!(masked(&ask(subject, period).await), reference, "subject {subject}, period {period}");
    }
});

both!(an_id_in_a_query_is_checked_like_the_child, async |app: App| {
    let world = World::make(&app);
    let token = &world.guardian().token;
    let child = world.bir.children[0].0;
    let foreign = world.eki.children[0].0;
    let of_eki = world.principals.iter().find(|one| one.name == "guardian of another school").unwrap();
    let periods = app.get(&format!("/v1/children/{foreign}/periods"), &of_eki.who.token).await;
    let period = periods.body["items"][1]["id"].as_i64().unwrap();
    let subjects = app.get(&format!("/v1/children/{foreign}/subjects"), &of_eki.who.token).await;
    let subject = subjects.body["items"][0]["subject"]["id"].as_i64().unwrap();
    for view in ["subjects", "grades"] {
        let path = |period: i64| format!("/v1/children/{child}/{view}?periodId={period}");
        let (answer, reference) = (app.get(&path(period), token).await, app.get(&path(4711), token).await);
        assert_eq!(reference.status, 404, "{view}");
        assert_eq!(masked(&answer), masked(&reference), "{view}");
    }
    let path = |subject: i64| format!("/v1/children/{child}/grades?subjectId={subject}");
    let (answer, reference) = (app.get(&path(subject), token).await, app.get(&path(4711), token).await);
    assert_eq!((answer.status, &answer.body), (200, &reference.body));
    assert_eq!(answer.body["items"], serde_json::json!([]));
});

both!(a_session_of_somebody_else_cannot_be_ended, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let (one, other) = (school.guardian(&app.state.db, "g1"), school.guardian(&app.state.db, "g2"));
    let foreign = app.get("/v1/sessions", &other.token).await.body["items"][0]["id"].as_i64().unwrap();
    let end = async |id: i64| app.send(Method::DELETE, &format!("/v1/sessions/{id}"), &one.token, &().into()).await;
    let reference = end(4711).await;
    assert_eq!(reference.status, 404);
    assert_eq!(masked(&end(foreign).await), masked(&reference));
    assert_eq!(app.get("/v1/me", &other.token).await.status, 200);
});
