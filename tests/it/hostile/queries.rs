//! Query strings: unknown names, bad days, ranges too long, numbers beyond numbers, cursors of somebody else.

use reqwest::Method;
use serde_json::{Value, json};
use support::both;
use support::database::Kind;

use super::{Scene, is_refused};
use crate::access::operations::{Operation, all, masked};

/// The operations with a query, each with the path of its right call.
fn askers(scene: &Scene) -> Vec<(Operation, String)> {
    let asks = |one: &Operation| !one.query.is_empty() && one.method == Method::GET;
    let found: Vec<_> = all().into_iter().filter(asks).map(|one| (one.clone(), scene.call(&one).path)).collect();
    assert!(found.len() >= 8, "{found:?}");
    found
}

/// What is no value of a parameter, by its schema; those that break a rule rather than the syntax are 422.
fn wrong_values(name: &str, schema: &Value) -> Vec<&'static str> {
    let text = schema.to_string();
    let mut wrong = vec!["", "%00", "%ff", "a", "%27%20OR%201=1--", "null", "[]", "{}"];
    if text.contains("date-time") {
        wrong.extend([
            "2026-11-18",
            "2026-11-18T00:00:00",
            "now",
            "1763424000",
            "9999-12-31T00:00:00Z",
            "-0001-01-01T00:00:00Z",
        ]);
    } else if text.contains("\"date\"") {
        wrong.extend(["2026-13-01", "2026-02-30", "2026-11", "18.11.2026", "2026-11-18T00:00:00", "today", "20261118"]);
        wrong.extend(["0000-01-01", "9999-12-31", "275760-09-13", "%2B275760-09-13", "%2B262142-12-31", "-0001-01-01"]);
    } else if text.contains("integer") {
        wrong.extend(["9223372036854775808", "-9223372036854775809", "1.5", "1e3", "0x10", "1,000", "%D9%A1", "1%202"]);
        if name == "limit" {
            let beyond = if schema["maximum"] == 1000 { "1001" } else { "101" };
            wrong.extend(["0", beyond, "-1", "9223372036854775807"]);
        }
        if name == "schoolYear" {
            wrong.extend(["2147483648", "-2147483649"]);
        }
    } else if text.contains("boolean") {
        wrong.extend(["maybe", "1", "TRUE", "yes"]);
    } else {
        assert!(["cursor", "after"].contains(&name), "say here what is no value of {name}: {text}");
    }
    wrong
}

both!(a_query_that_means_nothing_is_refused, async |kind: Kind| {
    let scene = Scene::set(kind);
    for (operation, path) in askers(&scene) {
        for (name, schema) in &operation.query {
            for value in wrong_values(name, schema) {
                let asked = format!("{path}?{name}={value}");
                is_refused(&scene.get(&asked).await, &[400, 422], &asked);
            }
            for asked in [format!("{path}?{name}"), format!("{path}?{name}=1&{name}=1"), format!("{path}?%00{name}=1")]
            {
                is_refused(&scene.get(&asked).await, &[400, 422], &asked);
            }
            let asked = format!("{path}?{}=1", name.to_uppercase());
            is_refused(&scene.get(&asked).await, &[400], &asked);
        }
        for unknown in ["extra=1", "=", "=1", "%ff=1", "from[]=1", "From=2026-11-18"] {
            is_refused(&scene.get(&format!("{path}?{unknown}")).await, &[400], unknown);
        }
        let long = scene.get(&format!("{path}?{}", "a".repeat(10_000))).await;
        is_refused(&long, &[400], &operation.id);
    }
});

both!(a_query_where_none_is_asked_for_changes_nothing, async |kind: Kind| {
    let scene = Scene::set(kind);
    for operation in all().iter().filter(|one| one.query.is_empty() && one.method == Method::GET) {
        let path = scene.call(operation).path;
        let (bare, asked) = (scene.get(&path).await, scene.get(&format!("{path}?childId=1&%00=%ff")).await);
        assert_eq!(masked(&bare), masked(&asked), "{path}");
    }
});

both!(a_range_is_at_most_31_days_and_goes_forward, async |kind: Kind| {
    let scene = Scene::set(kind);
    for (operation, path) in askers(&scene) {
        if !operation.query.iter().any(|(name, _)| name == "from") {
            continue;
        }
        let ask = async |from: &str, to: &str| scene.get(&format!("{path}?from={from}&to={to}")).await;
        assert_eq!(ask("2026-11-01", "2026-12-01").await.status, 200, "{}: 31 days", operation.id);
        assert_eq!(ask("2026-11-18", "2026-11-18").await.status, 200, "{}: one day", operation.id);
        let back = ask("2026-11-18", "2026-11-17").await;
        is_refused(&back, &[422], &operation.id);
        assert_eq!(back.body["errors"][0]["pointer"], "/to", "{}", operation.id);
        let long = ask("2026-11-01", "2026-12-02").await;
        if operation.id == "grades_of_child" {
            assert_eq!(long.status, 200, "pages bound the grades, not days");
        } else {
            is_refused(&long, &[422], &operation.id);
        }
    }
});

both!(a_range_open_on_one_side_is_a_week_even_at_the_end_of_time, async |kind: Kind| {
    let scene = Scene::set(kind);
    let path = format!("/v1/children/{}/diary", scene.child());
    let week = scene.get(&format!("{path}?from=2026-11-18")).await.body;
    assert_eq!((&week["from"], &week["to"]), (&json!("2026-11-18"), &json!("2026-11-24")));
    let week = scene.get(&format!("{path}?to=2026-11-18")).await.body;
    assert_eq!((&week["from"], &week["to"]), (&json!("2026-11-12"), &json!("2026-11-18")));
    for edge in ["from=%2B262142-12-31", "to=-262143-01-01", "from=2200-12-31", "to=1900-01-01"] {
        is_refused(&scene.get(&format!("{path}?{edge}")).await, &[400, 422], edge);
    }
});

both!(a_cursor_is_good_for_its_owner_its_filter_and_its_child_only, async |kind: Kind| {
    let scene = Scene::set(kind);
    let bir = &scene.world.bir;
    bir.put(
        &scene.app.state.db,
        &[bir.grade("e11", "p2", "9"), bir.grade("e12", "p2", "7"), bir.grade("e13", "p1", "7")],
    );
    let [first, second] = [bir.children[0].0, bir.children[1].0];
    let path = format!("/v1/children/{second}/grades?limit=1");
    let page = scene.get(&path).await;
    let cursor = page.body["nextCursor"].as_str().unwrap().to_owned();
    assert_eq!(scene.get(&format!("{path}&cursor={cursor}")).await.status, 200);

    let father = &scene.world.principals[1].who.token;
    assert_eq!(scene.app.get(&path, father).await.status, 200);
    let foreign = scene.app.get(&format!("{path}&cursor={cursor}"), father).await;
    is_refused(&foreign, &[400], "the cursor of another account");
    let subject = &page.body["items"][0]["subject"]["id"];
    for other in [format!("subjectId={subject}"), "from=2026-09-01".to_owned(), "to=2026-12-31".to_owned()] {
        let answer = scene.get(&format!("{path}&{other}&cursor={cursor}")).await;
        is_refused(&answer, &[400], &other);
    }
    is_refused(&scene.get(&format!("/v1/children/{first}/grades?cursor={cursor}")).await, &[400], "another child");
});

both!(a_cursor_is_not_forged_cut_or_mended, async |kind: Kind| {
    let scene = Scene::set(kind);
    let bir = &scene.world.bir;
    bir.put(&scene.app.state.db, &[bir.grade("e11", "p1", "9"), bir.grade("e12", "p1", "7")]);
    let path = format!("/v1/children/{}/grades?limit=1&cursor=", scene.child());
    let page = scene.get(path.trim_end_matches("&cursor=")).await;
    let cursor = page.body["nextCursor"].as_str().unwrap().to_owned();
    assert!(cursor.is_ascii() && cursor.len() > 24, "{cursor}");
    let mut forged: Vec<String> = (0..cursor.len()).map(|end| cursor[..end].to_owned()).collect();
    forged.extend((1..cursor.len()).map(|start| cursor[start..].to_owned()));
    forged.extend((0..cursor.len()).map(|at| {
        let other = if &cursor[at..=at] == "A" { "B" } else { "A" };
        format!("{}{other}{}", &cursor[..at], &cursor[at + 1..])
    }));
    for junk in ["=", "==", "A", "AA", "-", "%20", "%00", "%ff", "+"] {
        forged.extend([format!("{cursor}{junk}"), format!("{junk}{cursor}")]);
    }
    forged.extend([format!("{cursor}{cursor}"), cursor.to_uppercase(), "a".repeat(10_000), "2026-11-16/1".to_owned()]);
    for one in forged {
        let answer = scene.get(&format!("{path}{one}")).await;
        is_refused(&answer, &[400], &one);
        assert_eq!(answer.problem(), "bad-cursor", "{one}");
    }
});
