//! Closing a period over HTTP: grades are refused from then on, differences are for the school alone.

use domain::invitations::Invited;
use domain::types::{PeriodGradeKind, Role};
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App};
use support::both;
use support::school::School;

use super::deliveries::grade;
use super::{SCOPES, deliver, put, refusal};
use crate::assessment::set;

async fn closing(app: &App, method: Method, school: &School, period: &str, token: &str) -> Answer {
    let path = format!("/v1/schools/{}/periods/{period}/closing", school.id.0);
    Answer::of(app.request(method, &path, token).send().await.unwrap()).await
}

both!(a_journal_closes_a_period_and_opens_it_again, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let looked = closing(&app, Method::GET, &school, "2", &journal).await;
    assert_eq!((looked.status, &looked.body["closedAt"]), (200, &Value::Null));
    let closed = closing(&app, Method::PUT, &school, "2", &journal).await;
    assert_eq!((closed.status, &closed.body["frozen"]), (200, &json!(2)), "{}", closed.body);
    assert!(closed.body["closedAt"].is_string());
    let refused = put(&app, &journal, school.id, "grades", &[grade("late", "p1", "7")]).await;
    assert_eq!(refusal(&refused), ("/items/0/gradedOn", "period-closed"));

    let again = closing(&app, Method::PUT, &school, "2", &journal).await;
    assert_eq!((&again.body["frozen"], &again.body["closedAt"]), (&json!(0), &closed.body["closedAt"]));

    let denied = closing(&app, Method::DELETE, &school, "2", &journal).await;
    assert_eq!((denied.status, denied.problem()), (403, "insufficient-scope"), "it holds no `reopen`");
    let trusted = school.journal(&app.state.db, "journal reopen");
    for _ in 0..2 {
        let opened = closing(&app, Method::DELETE, &school, "2", &trusted).await;
        assert_eq!((opened.status, &opened.body["closedAt"]), (200, &Value::Null), "{}", opened.body);
    }
    assert_eq!(deliver(&app, &journal, school.id, "grades", &[grade("late", "p1", "7")]).await, ["created"]);
});

both!(a_difference_is_told_to_the_school_and_not_to_the_parent, async |app: App| {
    let db = &app.state.db;
    let school = School::make(db, "bir");
    school.put(db, &[set("a1", "p1", "2", PeriodGradeKind::Period, "5")]);
    let blind = school.journal(db, "journal");
    let seeing = school.journal(db, "journal read");
    let office = school.account(db, &Invited::Staff("a1".to_owned(), Role::SchoolAdmin)).token;
    let teacher = school.account(db, &Invited::Staff("t1".to_owned(), Role::Teacher)).token;
    let mother = school.guardian(db, "g1").token;

    let closed = closing(&app, Method::PUT, &school, "2", &blind).await.body;
    assert_eq!((&closed["differing"], &closed["differences"]), (&json!(1), &Value::Null), "it may not read: {closed}");
    for token in [&seeing, &office] {
        let looked = closing(&app, Method::GET, &school, "2", token).await.body;
        let expected = json!([{"studentExternalId": "p1", "subject": "Algebra", "kind": "period",
            "journal": {"status": "graded", "value": "5"}, "scheme": {"status": "graded", "value": "4"}, "percent": 80}]);
        assert_eq!(looked["differences"], expected, "{looked}");
    }
    let denied = closing(&app, Method::GET, &school, "2", &teacher).await;
    assert_eq!((denied.status, denied.problem()), (403, "insufficient-scope"));
    let card = app.get(&format!("/v1/children/{}/report-card?schoolYear=2026", school.children[0].0), &mother).await;
    let cells = card.body["rows"].to_string();
    assert!(
        cells.contains(r#""value":"5""#) && !cells.contains(r#""value":"4""#),
        "the journal's grade alone: {cells}"
    );
    let opened = closing(&app, Method::DELETE, &school, "2", &office).await;
    assert_eq!(opened.status, 200, "the office undoes what it may do");
});

both!(a_year_is_closed_after_its_periods_and_an_unknown_period_is_not_there, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let journal = school.journal(&app.state.db, SCOPES);
    let early = closing(&app, Method::PUT, &school, "y", &journal).await;
    assert_eq!((early.status, &early.body["errors"][0]["code"]), (422, &json!("periods-open")), "{}", early.body);
    for period in ["1", "2", "y"] {
        assert_eq!(closing(&app, Method::PUT, &school, period, &journal).await.status, 200, "{period}");
    }
    let other = School::make(&app.state.db, "eki");
    let foreign: i64 =
        closing(&app, Method::GET, &other, "2", &other.journal(&app.state.db, SCOPES)).await.body["periodId"]
            .as_i64()
            .unwrap();
    for period in ["no-such", "999999", &foreign.to_string()] {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let answer = closing(&app, method.clone(), &school, period, &journal).await;
            assert_eq!((answer.status, answer.problem()), (404, "not-found"), "{method} {period}");
        }
    }
});
