//! What a look costs: one statement for what is known, at most five for what is not.

use domain::intake;
use domain::invitations::Invited;
use domain::types::Names;
use reqwest::Method;
use reqwest::header::{ACCEPT_ENCODING, IF_NONE_MATCH};
use serde_json::json;
use support::app::{Answer, App};
use support::both;
use support::school::School;

use super::{Family, each};
use crate::access::operations::{Operation, all};
use crate::access::world::World;

/// The views of a child, and the list of children.
fn views() -> Vec<Operation> {
    all().into_iter().filter(|one| one.is_view() || one.id == "list_children").collect()
}

both!(a_miss_costs_at_most_five_statements_and_the_rest_one, async |app: App| {
    let world = World::make(&app);
    let token = &world.guardian().token;
    let ask = async |path: &str, coding: &str, tag: &str| {
        let before = app.state.db.statements();
        let request = app.request(Method::GET, path, token).header(ACCEPT_ENCODING, coding).header(IF_NONE_MATCH, tag);
        let answer = Answer::of(request.send().await.unwrap()).await;
        (answer.status, app.state.db.statements() - before, answer.header("etag").to_owned())
    };
    for view in views() {
        let path = view.call(&app.state.db, &world, world.bir.children[0]).path;
        let (status, cost, tag) = ask(&path, "identity", "\"none\"").await;
        assert!(status == 200 && (2..=5).contains(&cost), "{}: {cost} statements for a miss", view.id);
        assert_eq!(ask(&path, "identity", "\"none\"").await, (200, 1, tag.clone()), "{}: a cached body", view.id);
        assert_eq!(ask(&path, "identity", &tag).await, (304, 1, tag), "{}: a 304", view.id);
        for coding in ["gzip", "br"] {
            let (status, cost, tag) = ask(&path, coding, "\"none\"").await;
            assert_eq!((status, cost), (200, 1), "{}: the same body in {coding}", view.id);
            assert_eq!(ask(&path, coding, &tag).await, (304, 1, tag), "{}: a 304 in {coding}", view.id);
        }
    }
    // Another child, another answer.
    let path = format!("/v1/children/{}/diary", world.bir.children[1].0);
    assert!(ask(&path, "identity", "\"none\"").await.1 > 1);
});

both!(a_filter_costs_no_more_than_five_statements, async |app: App| {
    let family = Family::at(app);
    let period = family.see("periods").await.body["items"][1]["id"].clone();
    let subject = family.see("subjects").await.body["items"][0]["subject"]["id"].clone();
    for view in [
        format!("grades?periodId={period}&subjectId={subject}&from=2026-09-02&limit=1"),
        format!("subjects?periodId={period}"),
        "report-card?schoolYear=2026".to_owned(),
        "diary?from=2026-11-01&to=2026-12-01".to_owned(),
    ] {
        let before = family.db().statements();
        family.see(&view).await;
        let cost = family.db().statements() - before;
        assert!(cost <= 5, "{view}: {cost}");
    }
});

both!(what_nobody_may_see_costs_one_statement, async |app: App| {
    let world = World::make(&app);
    let (own, foreign) = (world.guardian(), world.eki.children[0]);
    for view in views().iter().filter(|view| view.is_view()) {
        let path = view.call(&app.state.db, &world, foreign).path;
        for (token, status) in [(own.token.as_str(), 404), ("nobody", 401)] {
            let before = app.state.db.statements();
            assert_eq!(app.get(&path, token).await.status, status);
            assert_eq!(app.state.db.statements() - before, 1, "{}", view.id);
        }
    }
});

both!(a_parent_of_three_reads_three_weeks_and_then_three_304s, async |app: App| {
    let family = Family::at(app);
    let other = School::make(family.db(), "eki");
    let code = other.invite(family.db(), &Invited::Guardian("g2".to_owned()));
    let link = async || family.app.post(&format!("/v1/invitations/{code}/link"), &family.token, &json!(null)).await;
    let linked = link().await;
    assert_eq!((linked.status, &linked.body), (200, &json!({"childIds": [other.children[1].0]})));
    assert_eq!(link().await.problem(), "invitation-spent");

    let children = family.see_at("/v1/children").await.body;
    assert_eq!(each(&children, "id").len(), 3);
    assert_ne!(children["items"][0]["school"]["id"], children["items"][2]["school"]["id"]);
    let mut weeks = Vec::new();
    for child in each(&children, "id") {
        let path = format!("/v1/children/{child}/diary");
        let week = family.see_at(&path).await;
        assert_eq!(week.body["childId"], *child);
        assert_eq!(week.body["days"][0]["lessons"].as_array().unwrap().len(), 2);
        weeks.push((path, week.header("etag").to_owned()));
    }
    let before = family.db().statements();
    for (path, tag) in &weeks {
        let again = family.again(path, tag).await;
        assert_eq!((again.status, again.bytes.len()), (304, 0), "{path}");
    }
    assert_eq!(family.db().statements() - before, 3);
});

both!(what_a_school_shares_changes_for_its_own_children_only, async |app: App| {
    let family = Family::at(app);
    let other = School::make(family.db(), "eki");
    let stranger = other.guardian(family.db(), "g1").token;
    let foreign = format!("/v1/children/{}/diary", other.children[0].0);
    let foreign_tag = family.app.get(&foreign, &stranger).await.header("etag").to_owned();
    let paths = [family.path("diary"), family.path_of_sibling("diary"), "/v1/children".to_owned()];
    let mut tags = Vec::new();
    for path in &paths {
        tags.push(family.tag_of(path).await);
    }
    let renamed = |name: &str| intake::Subject { external_id: "alg".to_owned(), names: Names::of(name, name, name) };
    family.school.put(family.db(), &[renamed("Алгебра және геометрия")]);
    for (path, tag) in paths.iter().zip(&tags) {
        assert_eq!(family.again(path, tag).await.status, 200, "{path}");
    }
    let subject = family.see("diary").await.body["days"][0]["lessons"][0]["subject"]["name"].clone();
    assert_eq!(subject, "Алгебра және геометрия");
    let request = family.app.request(Method::GET, &foreign, &stranger).header(IF_NONE_MATCH, foreign_tag);
    assert_eq!(request.send().await.unwrap().status(), 304, "the other school's families notice nothing");

    // Writing what is there already moves nothing.
    let tag = family.tag_of(&paths[0]).await;
    family.school.put(family.db(), &[renamed("Алгебра және геометрия")]);
    assert_eq!(family.again(&paths[0], &tag).await.status, 304);
});

both!(a_grade_changes_the_diary_of_its_child_only, async |app: App| {
    let family = Family::at(app);
    let (own, sibling) = (family.path("diary"), family.path_of_sibling("diary"));
    let (tag, untouched) = (family.tag_of(&own).await, family.tag_of(&sibling).await);
    family.school.put(family.db(), &[family.school.grade("e9", "p1", "10")]);
    assert_eq!(family.again(&own, &tag).await.status, 200);
    assert_eq!(family.again(&sibling, &untouched).await.status, 304);
});

both!(two_parents_share_a_cached_week, async |app: App| {
    let family = Family::at(app);
    let father = family.school.guardian(family.db(), "g2").token;
    let path = family.path_of_sibling("diary");
    let hers = family.see_at(&path).await;
    let before = family.db().statements();
    let his = family.app.get(&path, &father).await;
    assert_eq!(family.db().statements() - before, 1);
    assert_eq!((his.bytes, his.headers.get("etag")), (hers.bytes, hers.headers.get("etag")));
});
