//! The wall: whatever becomes of the rating, the diary answers the same.

use std::path::Path;

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{DIARY, noon};
use support::both;
use support::database::{Database, Kind, On};
use support::play::{PRODUCT, Play, changed as changed_purchase};
use support::process::{Process, program, program_without_rating};
use tempfile::TempDir;

use super::house::House;
use crate::access::operations::About;
use crate::crash::demo::token_of;
use crate::storage::execute;

/// All tables of the rating.
const TABLES: [&str; 9] = [
    "counting",
    "settled",
    "releases",
    "rounds",
    "subscribers",
    "subscriptions",
    "vouchers",
    "store_events",
    "store_inbox",
];

/// An answer of the diary: path, tag, bytes.
type Said = (String, String, Vec<u8>);

/// All that the diary answers the mother.
async fn recording(house: &House) -> Vec<Said> {
    let mut all = Vec::new();
    for operation in crate::access::operations::all() {
        let reads = operation.method == Method::GET && matches!(operation.about(), About::Child | About::Account);
        let path = operation.path.replace("/v1/children/{id}", &format!("/v1/children/{}", house.child()));
        if reads && !path.contains('{') {
            let answer = house.app.get(&path, &house.mother.token).await;
            assert_eq!(answer.status, 200, "{path}");
            all.push((path, answer.header("etag").to_owned(), answer.bytes));
        }
    }
    assert!(all.len() >= 12, "only {} operations", all.len());
    all
}

/// The paths that answer otherwise.
fn changed(one: &[Said], other: &[Said]) -> Vec<String> {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).filter(|(one, other)| one != other).map(|(one, _)| one.0.clone()).collect()
}

both!(the_diary_answers_byte_for_byte_the_same_whatever_becomes_of_the_rating, async |house: House| {
    // Before the rating was ever opened: as with its database down since the start.
    let away = house.app.get(&house.path(""), &house.mother.token).await;
    assert_eq!((away.status, away.header("retry-after")), (503, "60"));
    let bare = recording(&house).await;
    house.open();
    assert_eq!(changed(&recording(&house).await, &bare), [""; 0], "with a line released");
    house.redeem(&house.mother, &house.voucher(1, None)).await;
    assert_eq!(changed(&recording(&house).await, &bare), [""; 0], "with a subscription");
    let rating = house.app.state.rating.open().unwrap();
    for table in TABLES {
        // On PostgreSQL its role owns nothing.
        match house.app.database.kind() {
            Kind::Sqlite => execute(rating.own(), &format!("DROP TABLE {table}")),
            Kind::Postgres => execute(&house.app.state.db, &format!("DROP TABLE rating.{table}")),
        }
    }
    assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.status, 500);
    assert_eq!(changed(&recording(&house).await, &bare), [""; 0], "with its tables dropped");
});

/// Everything a family reads of the diary, from a server that runs as a program of its own.
async fn recorded(server: &Process, token: &str, children: &[i64]) -> Vec<Said> {
    let mut all = Vec::new();
    for operation in crate::access::operations::all() {
        let of = match operation.about() {
            About::Child => children,
            About::Account => &[0],
            _ => continue,
        };
        // Devices show when they were last used: that is the recording itself.
        if operation.method != Method::GET || operation.id == "list_sessions" {
            continue;
        }
        for child in of {
            let path = operation.path.replace("/v1/children/{id}", &format!("/v1/children/{child}"));
            if !path.contains('{') {
                let answer = server.get(&path, token).await;
                assert_eq!(answer.status, 200, "{path}");
                all.push((path, answer.header("etag").to_owned(), answer.bytes));
            }
        }
    }
    assert!(all.len() >= 12 * children.len(), "only {} answers", all.len());
    all
}

/// A demo school, its first family signed in, and how a server over it is set.
struct DemoSchool {
    token: String,
    children: Vec<i64>,
    stranger: String,
    settings: Vec<(&'static str, String)>,
    database: Database,
    data: TempDir,
}

impl On for DemoSchool {
    async fn on(kind: Kind) -> Self {
        let (database, data) = (Database::new(kind, &DIARY), TempDir::new().unwrap());
        let folder = data.path().join("demo").display().to_string();
        let settings = vec![("DATABASE__URL", database.url().to_owned()), ("DATA", folder.clone())];
        let arguments = ["demo", "--port", "0", "--json", "--data", &folder];
        let mut demo = Process::start(&arguments, &as_given(&settings[..1]));
        let line: Value = serde_json::from_str(&demo.first_line()).unwrap();
        demo.await_address();
        let [mother, stranger] = [&line["logins"][0], &line["logins"][1]];
        let (token, stranger) = (token_of(&demo, mother).await, token_of(&demo, stranger).await);
        let children = mother["childIds"].as_array().unwrap().iter().map(|child| child.as_i64().unwrap()).collect();
        demo.kill();
        Self { token, children, stranger, settings, database, data }
    }
}

fn as_given<'a>(settings: &'a [(&'static str, String)]) -> Vec<(&'a str, &'a str)> {
    settings.iter().map(|(name, value)| (*name, value.as_str())).collect()
}

impl DemoSchool {
    fn serve(&self, program: &Path, more: &[(&'static str, String)]) -> Process {
        let settings = [&self.settings[..], more].concat();
        let listen = [("HTTP__LISTEN", "127.0.0.1:0")];
        let mut server =
            Process::start_program(program, &["serve", "--no-worker"], &[&as_given(&settings)[..], &listen].concat());
        server.await_address();
        server
    }

    async fn recorded(&self, server: &Process) -> Vec<Said> {
        recorded(server, &self.token, &self.children).await
    }

    fn rating_of(&self) -> String {
        format!("/v1/children/{}/rating", self.children[0])
    }

    /// Takes all tables of the rating away.
    fn drop_tables(&self) {
        let url = self.database.url();
        let own = url.strip_prefix("sqlite://").map(|file| Path::new(file).with_file_name("rating.db"));
        for table in TABLES {
            if let Some(file) = &own {
                let mut owner = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
                owner.batch_execute(&format!("PRAGMA busy_timeout = 60000; DROP TABLE {table}")).unwrap();
            } else {
                let mut owner = PgConnection::establish(url).unwrap();
                owner.batch_execute(&format!("DROP TABLE rating.{table}")).unwrap();
            }
        }
    }
}

both!(a_demo_school_reads_the_same_with_the_rating_on_off_broken_down_or_slow, async |school: DemoSchool| {
    let on = school.serve(&program(), &[]);
    let seen = school.recorded(&on).await;
    assert_eq!(until_open(&on, &school.rating_of(), &school.token).await, 200, "this family has bought it");
    assert_eq!(changed(&school.recorded(&on).await, &seen), [""; 0], "two recordings differ by themselves");
    drop(on);

    let off = school.serve(&program_without_rating(), &[]);
    assert_eq!(off.get(&school.rating_of(), &school.token).await.status, 404);
    assert_eq!(off.get("/v1/subscriptions", &school.token).await.status, 404);
    assert_eq!(changed(&school.recorded(&off).await, &seen), [""; 0], "without the feature");
    drop(off);

    let nowhere = ("RATING__DATABASE_URL", "postgres://nobody@127.0.0.1:1/none".to_owned());
    let down = school.serve(&program(), &[nowhere]);
    assert_eq!(down.get(&school.rating_of(), &school.token).await.status, 503);
    assert_eq!(changed(&school.recorded(&down).await, &seen), [""; 0], "with its database down");
    drop(down);

    slow(&school, &seen).await;

    let broken = school.serve(&program(), &[]);
    assert_eq!(until_open(&broken, &school.rating_of(), &school.token).await, 200);
    school.drop_tables();
    assert_eq!(broken.get(&school.rating_of(), &school.token).await.status, 500);
    assert_eq!(changed(&school.recorded(&broken).await, &seen), [""; 0], "with its tables dropped");
});

/// A store that has not answered by the time everything is recorded.
async fn slow(school: &DemoSchool, seen: &[Said]) {
    let play = Play::start();
    play.sell("bought", None, 3000);
    let google = play.settings(school.data.path());
    let settings = [
        ("RATING__GOOGLE__PACKAGE", google.package),
        ("RATING__GOOGLE__CREDENTIALS", google.credentials.unwrap().display().to_string()),
        ("RATING__GOOGLE__AUDIENCE", google.audience),
        ("RATING__GOOGLE__PUSH_ACCOUNT", google.push_account),
        ("RATING__GOOGLE__BASE_URL", google.base_url),
        ("RATING__GOOGLE__TOKEN_URL", google.token_url.unwrap()),
        ("RATING__GOOGLE__KEYS_URL", google.keys_url),
    ];
    let server = school.serve(&program(), &settings);
    assert_eq!(until_open(&server, "/v1/subscriptions", &school.token).await, 200);
    play.fall_silent();
    let form = json!({"purchaseToken": "bought", "productId": PRODUCT});
    let buying = server.send(Method::POST, "/v1/subscriptions/google", &school.stranger, &form);
    let reading = async {
        play.await_held(1).await;
        assert_eq!(changed(&school.recorded(&server).await, seen), [""; 0], "while a store makes up its mind");
        play.speak();
    };
    let (bought, ()) = tokio::join!(buying, reading);
    // Where all this took longer than the server waits for a store, the phone brings it again.
    let bought = if bought.status == 503 {
        server.send(Method::POST, "/v1/subscriptions/google", &school.stranger, &form).await
    } else {
        bought
    };
    assert_eq!((bought.status, &bought.body["entitled"]), (200, &json!(true)), "{}", bought.body);
}

/// The status of a path once the rating is open, which it becomes behind the server's back.
async fn until_open(server: &Process, path: &str, token: &str) -> u16 {
    loop {
        let status = server.get(path, token).await.status;
        if status != 503 {
            return status;
        }
        tokio::task::yield_now().await;
    }
}

both!(a_store_that_makes_up_its_mind_holds_up_nothing, async |house: House| {
    house.open();
    let bare = recording(&house).await;
    house.play.sell("bought", Some(&house.account_token().await), 30);
    assert_eq!(house.push(&changed_purchase("m0", "bought")).await, 204, "its keys are known from here on");
    house.read_letters().await;
    house.play.fall_silent();
    let letter = house.push(&changed_purchase("m1", "bought")).await;
    assert_eq!(letter, 204, "the store has its answer while it gives none");
    let reading = async {
        house.play.await_held(2).await;
        assert_eq!(changed(&recording(&house).await, &bare), [""; 0]);
        assert_eq!(house.app.get(&house.path(""), &house.mother.token).await.status, 200, "what was known last holds");
        house.play.speak();
    };
    let (worked, brought, ()) = tokio::join!(house.read_letters(), house.bring(&house.mother, "bought"), reading);
    // Where all this took longer than the server waits for a store, it comes again.
    let again = house.rating().read_letters(noon() + TimeDelta::minutes(1)).await.unwrap();
    assert_eq!(worked + again, 1);
    let brought = if brought.status == 503 { house.bring(&house.mother, "bought").await } else { brought };
    assert_eq!(brought.status, 200);
});
