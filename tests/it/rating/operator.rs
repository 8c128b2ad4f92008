//! What an operator does and sees: vouchers, the status, metrics. No child and no class is in any of it.

use reqwest::Method;
use serde_json::json;
use support::both;
use support::process::Process;
use support::school::PASSWORD;

use super::workers::Closed;

/// The lines of the rating's metrics, once they are told.
async fn metrics(closed: &Closed) -> Vec<String> {
    let server = closed.start(
        &closed.database,
        &["serve", "--no-worker"],
        &[("HTTP__LISTEN", "127.0.0.1:0"), ("METRICS__LISTEN", "127.0.0.1:0")],
    );
    let told = |line: &str| {
        let line: serde_json::Value = serde_json::from_str(line).ok()?;
        (line["message"] == "telling metrics").then(|| line["address"].as_str().map(str::to_owned))?
    };
    server.await_log("telling metrics");
    let address = server.log().lines().find_map(told).unwrap();
    loop {
        let text = server.client.get(format!("http://{address}/metrics")).send().await.unwrap().text().await.unwrap();
        // The last one told.
        if text.contains("apta_rating_letters_waiting") {
            return text.lines().filter(|line| line.starts_with("apta_rating")).map(str::to_owned).collect();
        }
        tokio::task::yield_now().await;
    }
}

/// A family redeems a code.
async fn redeem(closed: &Closed, code: &str) {
    let mut server = closed.start(&closed.database, &["serve", "--no-worker"], &[("HTTP__LISTEN", "127.0.0.1:0")]);
    server.await_address();
    let token = sign_in(&server).await;
    let form = json!({"code": code});
    loop {
        let answer = server.send(Method::POST, "/v1/subscriptions/voucher", &token, &form).await;
        // Until the rating is open.
        if answer.status != 503 {
            assert_eq!(answer.status, 200, "{answer:?}");
            return;
        }
        tokio::task::yield_now().await;
    }
}

async fn sign_in(server: &Process) -> String {
    let device = json!({"name": "phone", "platform": "android"});
    let form = json!({"login": "bir-m1", "password": PASSWORD, "device": device});
    let opened = server.send(Method::POST, "/v1/sessions", "", &form).await;
    opened.body["accessToken"].as_str().unwrap_or_else(|| panic!("{opened:?}")).to_owned()
}

both!(an_operator_sees_subscriptions_releases_and_the_budget_and_no_child, async |closed: Closed| {
    assert_eq!(closed.told(&["rating", "status"]), "vouchers       issued 0, redeemed 0\nletters        waiting 0\n");
    assert_eq!(closed.told(&["rating", "release"]), "2 lines released.\n");
    let codes = closed.told(&["voucher", "issue", "--count", "3", "--months", "2", "--school", "bir мектебі"]);
    let codes: Vec<&str> = codes.lines().collect();
    assert_eq!(codes.len(), 3);
    redeem(&closed, codes[0]).await;
    assert_eq!(
        closed.told(&["rating", "status"]),
        "subscriptions  voucher  active     1\n\
         vouchers       issued 3, redeemed 1\n\
         letters        waiting 0\n\
         releases       2026: 2; budget spent: at most 1 of 4 in any subject\n"
    );
    let lines = metrics(&closed).await;
    let has = |line: &str| assert!(lines.iter().any(|one| one == line), "{line}: {lines:#?}");
    has(r#"apta_rating_subscriptions{source="voucher",state="active"} 1"#);
    has(r#"apta_rating_subscriptions{source="google",state="revoked"} 0"#);
    has(r#"apta_rating_releases{school_year="2026"} 2"#);
    has(r#"apta_rating_budget_spent{school_year="2026"} 1"#);
    has(r#"apta_rating_vouchers{state="issued"} 3"#);
    has("apta_rating_letters_waiting 0");
    for line in &lines {
        let labels = line.split(['{', '}']).nth(1).unwrap_or_default();
        let names: Vec<&str> = labels.split(',').filter_map(|label| Some(label.split_once('=')?.0)).collect();
        assert!(names.iter().all(|name| ["source", "state", "school_year"].contains(name)), "{line}");
    }
});

both!(vouchers_that_make_no_sense_are_refused_with_a_sentence, async |closed: Closed| {
    for (arguments, word) in [
        (&["voucher", "issue", "--count", "0"][..], "--count"),
        (&["voucher", "issue", "--months", "61"], "--months"),
        (&["voucher", "issue", "--school", "nowhere"], "nowhere"),
    ] {
        let ended = closed.start(&closed.database, arguments, &[]).ended();
        assert_eq!((ended.code(), ended.stdout.as_str()), (Some(1), ""), "{ended:?}");
        assert!(ended.stderr.contains(word), "{}", ended.stderr);
    }
});
