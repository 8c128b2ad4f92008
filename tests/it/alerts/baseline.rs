//! What a school brings along is told to nobody: imports, and the first delivery of a journal.

use std::sync::Arc;

use domain::invitations::{self, Invited};
use domain::schools;
use domain::types::SchoolId;
use notifications::worker::Settings;
use reqwest::Method;
use serde_json::json;
use support::app::App;
use support::both;
use support::process::Process;
use support::school::PASSWORD;

use super::devices::{PHONE, register};
use super::post::{Post, Provider, worker};
use crate::imports::files::Files;
use crate::school::deliveries::grade;
use crate::storage::number;

/// What `apta import` does, as an operator runs it.
fn import(app: &App, files: &Files) -> SchoolId {
    let home = files.folder();
    let arguments = ["import", "oneroster", home.path().to_str().unwrap(), "--school", "Мектеп 7", "--json"];
    let ended = Process::start(&arguments, &[("DATABASE__URL", app.database.url())]).ended();
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    app.state.db.read_here(schools::all).unwrap()[0].id
}

/// The mother in the files takes her code, and has a phone.
async fn mother(app: &App, school: SchoolId) {
    let (code, who) = (domain::secrets::code(), Invited::Guardian("u-m".to_owned()));
    let now = app.state.clock.now();
    app.state.db.write_here(|conn| invitations::open(conn, school, &who, &code, now)).unwrap();
    let form = json!({"login": "saule", "password": PASSWORD, "firstName": "Сауле", "lastName": "Омарова",
        "birthDate": "1979-04-02", "sex": "female", "language": "kk"});
    let accepted = app.post(&format!("/v1/invitations/{code}/accept"), "", &form).await;
    assert_eq!(accepted.status, 201, "{}", accepted.body);
    let token = accepted.body["accessToken"].as_str().unwrap();
    assert_eq!(register(app, token, PHONE, "mothers-phone").await.status, 200);
}

fn count(app: &App, of: &str) -> i64 {
    number(&app.state.db, &format!("SELECT count(*) AS number FROM {of}"))
}

/// Everything but what happens to accounts themselves.
const OF_THE_DIARY: &str = "alerts WHERE kind IS NULL OR kind <> 'account'";

both!(an_import_run_by_hand_alerts_nobody_of_what_is_new_or_changed, async |app: App| {
    let school = import(&app, &Files::small());
    mother(&app, school).await;
    let next = Files::small()
        .edited("results.csv", "9.50", "8.50")
        .with_rows("results.csv", "r-9,l-2,u-a,fully graded,17,2026-11-19,\n");
    import(&app, &next);
    let told = "events WHERE baseline AND kind LIKE 'grade.%'";
    assert!(count(&app, told) >= 2, "her app reads what changed");
    let provider = Arc::new(Provider::default());
    worker(&app, &Settings::default(), &provider).run_once().await.unwrap();
    assert_eq!((count(&app, OF_THE_DIARY), count(&app, "events WHERE NOT planned")), (0, 0));
    assert_eq!(count(&app, "alert_deliveries WHERE child_id <> 0"), 0);
});

both!(a_first_delivery_alerts_nobody_and_the_next_one_does, async |app: App| {
    let post = Post::at(app).await;
    let journal = post.school.journal(post.db(), "journal");
    let path = format!("/v1/schools/{}/grades", post.school.id.0);
    let deliver = async |query: &str, number: &str| {
        let items = json!({"items": [grade(number, "p1", "4"), grade("e1", "p1", number)]});
        let answer = post.app.send(Method::PUT, &format!("{path}{query}"), &journal, &items).await;
        let outcome = |n: usize| answer.body["results"][n]["outcome"].clone();
        assert_eq!(
            (answer.status, outcome(0), outcome(1)),
            (200, json!("created"), json!("updated")),
            "{}",
            answer.body
        );
        post.settle().await;
    };
    deliver("?baseline=true", "5").await;
    assert_eq!((count(&post.app, OF_THE_DIARY), post.count("id > 0"), post.taken().len()), (0, 0, 0));
    assert_eq!(count(&post.app, "events WHERE baseline"), 2);
    deliver("", "6").await;
    assert_eq!((count(&post.app, OF_THE_DIARY), post.taken().len()), (2, 2));
});
