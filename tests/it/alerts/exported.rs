//! Families hear of it when all data of their school are copied out.

use domain::alerts::facts::{AccountNews, Facts};
use interchange::archive::{self, Options};
use serde_json::{Value, json};
use support::app::App;
use support::both;
use support::school::School;

use super::devices::{TABLET, register};
use super::post::{Post, TOKEN};
use super::preferences::choose;
use crate::storage::{execute, number};

fn export(post: &Post, school: &School, force: bool) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("school.zip");
    if !force {
        std::fs::write(&out, "somebody else's").unwrap();
    }
    archive::export(post.db(), school.id, &out, Options::default(), post.now(), &|_, _| ()).is_ok()
}

both!(whoever_reads_about_a_pupil_is_told_once_that_all_data_of_the_school_were_copied, async |app: App| {
    let post = Post::at(app).await;
    let other = School::make(post.db(), "eki");
    let stranger = other.guardian(post.db(), "g1").token;
    let former = post.father().await;
    post.stay_signed_in();
    register(&post.app, &stranger, TABLET, "strangers-tablet").await;
    register(&post.app, &former, "0b3f2c5e-3f0e-4f0a-9d57-0f6f5a1f9f77", "former-phone").await;
    execute(
        post.db(),
        "UPDATE guardianships SET ended_at = '2026-01-01 00:00:00' WHERE guardian_id IN (SELECT id FROM guardians WHERE external_id = 'g2')",
    );
    let off = json!({"children": [{"childId": post.school.children[0].0, "kinds": {"news": {"push": false}}}]});
    choose(&post.app, &post.mother.token, &off).await;
    post.run().await;
    post.taken();

    assert!(export(&post, &post.school, true));
    post.run().await;
    let taken = post.taken();
    let told: Vec<_> = taken.iter().map(|one| (one.to.as_str(), &one.message.facts)).collect();
    assert_eq!(told, [(TOKEN, &Facts::Account(AccountNews::DataExported))], "at once, and nobody else");
    let list = post.app.get("/v1/notifications", &post.mother.token).await.body;
    let first = &list["items"][0];
    assert_eq!((&first["kind"], &first["childId"], &first["change"]), (&json!("account"), &Value::Null, &Value::Null));
    assert_eq!(first["title"], "Мектептің барлық деректерінің көшірмесі жасалды");
    post.settle().await;
    let account = |one: &super::post::Sent| matches!(one.message.facts, Facts::Account(_));
    assert_eq!((post.taken().iter().filter(|one| account(one)).count(), post.open()), (0, 0), "once");
});

both!(an_export_that_was_refused_is_told_to_nobody, async |app: App| {
    let post = Post::at(app).await;
    assert!(!export(&post, &post.school, false), "there is a file already");
    post.run().await;
    assert_eq!(post.taken().len(), 0);
});

both!(a_large_school_is_told_step_by_step_and_a_worker_that_dies_between_goes_on, async |app: App| {
    let post = Post::at(app).await;
    let many = 230;
    post.crowd(many);
    assert!(export(&post, &post.school, true));
    assert_eq!(post.worker.plan().await.unwrap(), 1);
    let colleague = post.colleague();
    while colleague.plan().await.unwrap() > 0 {}
    let alerts = number(post.db(), "SELECT count(*) AS number FROM alerts WHERE about = 'data-exported'");
    let accounts = "SELECT count(DISTINCT account_id) AS number FROM alerts WHERE about = 'data-exported'";
    assert_eq!((alerts, number(post.db(), accounts)), (many + 1, many + 1));
});
