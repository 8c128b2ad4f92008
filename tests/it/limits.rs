//! Limits on log-in, reset and acceptance: counted here, in Redis, and here again when Redis is gone.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use domain::invitations::Invited;
use reqwest::Method;
use serde_json::{Value, json};
use support::app::{Answer, App, DIARY};
use support::both;
use support::database::{Database, Kind, run};
use support::process::Process;
use support::redis::Redis;
use support::school::{PASSWORD, School};

async fn log_in(app: &App, login: &str, password: &str) -> Answer {
    log_in_from(app, login, password, "").await
}

/// A log-in that a proxy says came from `address`.
async fn log_in_from(app: &App, login: &str, password: &str, address: &str) -> Answer {
    let body = json!({"login": login, "password": password, "device": {"name": "x", "platform": "web"}});
    let request = app.request(Method::POST, "/v1/sessions", "").json(&body);
    let request = if address.is_empty() { request } else { request.header("x-forwarded-for", address) };
    Answer::of(request.send().await.unwrap()).await
}

/// Refused, with how long to wait (at most `seconds`) and what the limit is.
fn too_many(answer: &Answer, limit: &str, most: u32, seconds: u64) {
    assert_eq!((answer.status, answer.problem()), (429, "too-many-requests"), "{answer:?}");
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=seconds).contains(&wait), "{wait} seconds");
    let window = seconds * u64::from(most);
    assert_eq!(answer.header("ratelimit-policy"), format!("\"{limit}\";q={most};w={window}"));
    assert_eq!(answer.header("ratelimit"), format!("\"{limit}\";r=0;t={window}"));
}

both!(a_source_is_kept_from_one_account_and_others_get_in, async |kind: Kind| {
    let app = App::start(kind, |config| config.http.proxies = vec!["127.0.0.1".parse().unwrap()]);
    let school = School::make(&app.state.db, "bir");
    school.guardian(&app.state.db, "g1");
    school.guardian(&app.state.db, "g2");
    let from = "203.0.113.7";
    for left in (0..10).rev() {
        let answer = log_in_from(&app, "bir-g1", "not the password", from).await;
        assert_eq!((answer.status, answer.header("ratelimit")), (401, &*format!("\"login-account\";r={left};t=600")));
        assert_eq!(answer.header("ratelimit-policy"), "\"login-account\";q=10;w=600");
    }
    too_many(&log_in_from(&app, "bir-g1", PASSWORD, from).await, "login-account", 10, 60);
    too_many(&log_in_from(&app, "  Bir-G1", PASSWORD, from).await, "login-account", 10, 60);
    // The source is locked out, never the account; and the source's other accounts get in.
    assert_eq!(log_in_from(&app, "bir-g1", PASSWORD, "203.0.113.8").await.status, 201);
    assert_eq!(log_in_from(&app, "bir-g2", PASSWORD, from).await.status, 201);
});

both!(unknown_logins_are_counted_like_known_ones, async |app: App| {
    for _time in 0..10 {
        assert_eq!(log_in(&app, "nobody", "not the password").await.status, 401);
    }
    too_many(&log_in(&app, "nobody", "not the password").await, "login-account", 10, 60);
});

both!(a_source_gets_sixty_log_ins_whatever_the_accounts, async |kind: Kind| {
    let app = App::start(kind, |config| config.http.proxies = vec!["127.0.0.1".parse().unwrap()]);
    let begin = Instant::now();
    let mut let_through = 0;
    let refused = loop {
        // What cannot be a login costs no hash, so this is faster than the limit grows again.
        let answer = log_in_from(&app, "x", "x", "203.0.113.7").await;
        if answer.status == 429 {
            break answer;
        }
        let_through += 1;
        assert!(let_through < 2000, "no limit");
    };
    too_many(&refused, "login-address", 60, 1);
    let grown = begin.elapsed().as_secs() + 1;
    assert!((60..=60 + grown).contains(&let_through), "{let_through} in {grown} s");
    assert_eq!(log_in_from(&app, "x", "x", "203.0.113.8").await.status, 401);
});

both!(an_address_is_believed_of_configured_proxies_only, async |app: App| {
    for last in 0..10 {
        assert_eq!(log_in_from(&app, "nobody", "x", &format!("203.0.113.{last}")).await.status, 401);
    }
    too_many(&log_in_from(&app, "nobody", "x", "203.0.113.99").await, "login-account", 10, 60);
});

both!(resets_are_counted_by_address_and_silently_by_account, async |app: App| {
    let ask = async |login: &str| app.post("/v1/password-resets", "", &json!({"login": login})).await;
    for left in [2, 1, 0, 0] {
        let answer = ask("nobody").await;
        assert_eq!((answer.status, answer.header("ratelimit")), (202, &*format!("\"reset-account\";r={left};t=3600")));
    }
    for number in 4..20 {
        assert_eq!(ask(&format!("nobody-{number}")).await.status, 202);
    }
    too_many(&ask("somebody").await, "reset-address", 20, 180);
});

fn newcomer() -> Value {
    json!({
        "login": "new-login", "password": PASSWORD, "firstName": "А", "lastName": "Б", "birthDate": "1985-01-01",
        "sex": "male",
    })
}

both!(codes_are_tried_twenty_times_wherever_they_are_tried, async |app: App| {
    let school = School::make(&app.state.db, "bir");
    let mother = school.guardian(&app.state.db, "g1");
    let code = school.invite(&app.state.db, &Invited::Guardian("g2".to_owned()));
    let form = newcomer();
    let reset = json!({"token": "AAAA-BBBB-CCCC-DDDD", "password": PASSWORD});
    for round in 0..20 {
        let (path, token, body, status) = match round % 3 {
            0 => ("/v1/invitations/AAAA-BBBB/accept", "", &form, 404),
            1 => ("/v1/invitations/AAAA-BBBB/link", mother.token.as_str(), &form, 404),
            _ => ("/v1/password-resets/confirm", "", &reset, 422),
        };
        assert_eq!(app.post(path, token, body).await.status, status, "{path}");
    }
    let accept = format!("/v1/invitations/{code}/accept");
    too_many(&app.post(&accept, "", &form).await, "accept", 20, 30);
    too_many(&app.post(&format!("/v1/invitations/{code}/link"), &mother.token, &form).await, "accept", 20, 30);
    too_many(&app.post("/v1/password-resets/confirm", "", &reset).await, "accept", 20, 30);
});

both!(without_limits_there_are_none_and_no_headers_of_them, async |kind: Kind| {
    let app = App::start(kind, |config| config.security.limits = 0);
    for _time in 0..65 {
        let answer = log_in(&app, "x", "x").await;
        assert_eq!((answer.status, answer.headers.get("ratelimit")), (401, None));
    }
});

fn with_redis(redis: &Redis) -> App {
    App::start(Kind::Sqlite, |config| config.redis.url = Some(redis.url().into()))
}

/// Asks Redis and returns the strings of its answer.
fn ask_redis(redis: &Redis, command: &str) -> Vec<String> {
    let mut stream = TcpStream::connect(redis.url().trim_start_matches("redis://")).unwrap();
    stream.write_all(format!("{command}\r\nQUIT\r\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let mut lines: Vec<String> =
        answer.lines().filter(|line| !line.starts_with(['$', '*'])).map(str::to_owned).collect();
    assert_eq!(lines.pop().as_deref(), Some("+OK"));
    lines
}

fn left(answer: &Answer) -> u32 {
    let value = answer.header("ratelimit");
    let left = value.split("r=").nth(1).and_then(|rest| rest.split(';').next());
    left.and_then(|left| left.parse().ok()).unwrap_or_else(|| panic!("{value:?}: {answer:?}"))
}

#[test]
fn two_servers_of_one_database_share_the_count_in_redis() {
    run(async {
        let (redis, database) = (Redis::start(), Database::new(Kind::Postgres, &DIARY));
        let settings = [("DATABASE__URL", database.url()), ("REDIS__URL", &redis.url()), ("HTTP__WORKERS", "1")];
        let servers = [Process::serve(&settings), Process::serve(&settings)];
        let body = json!({"login": "nobody", "password": "x", "device": {"name": "x", "platform": "web"}});
        for number in 0..10_u32 {
            let server = &servers[usize::from(number % 2 == 1)];
            let answer = server.send(Method::POST, "/v1/sessions", "", &body).await;
            assert_eq!((answer.status, left(&answer)), (401, 9 - number));
        }
        for server in &servers {
            too_many(&server.send(Method::POST, "/v1/sessions", "", &body).await, "login-account", 10, 60);
        }
    });
}

#[test]
fn two_servers_without_redis_count_for_themselves() {
    run(async {
        let apps = [App::start(Kind::Sqlite, |_| ()), App::start(Kind::Sqlite, |_| ())];
        for app in &apps {
            assert_eq!(left(&log_in(app, "nobody", "x").await), 9);
        }
    });
}

#[test]
fn redis_gives_back_what_governor_does_and_counts_every_limit() {
    run(async {
        let redis = Redis::start();
        let app = with_redis(&redis);
        for _time in 0..20 {
            assert_eq!(app.post("/v1/password-resets", "", &json!({"login": "nobody"})).await.status, 202);
        }
        too_many(&app.post("/v1/password-resets", "", &json!({"login": "nobody"})).await, "reset-address", 20, 180);
        for _time in 0..20 {
            assert_eq!(app.post("/v1/invitations/AAAA/accept", "", &newcomer()).await.status, 404);
        }
        too_many(&app.post("/v1/invitations/AAAA/accept", "", &newcomer()).await, "accept", 20, 30);
    });
}

#[test]
fn no_login_and_no_address_is_in_redis_and_everything_there_ends() {
    run(async {
        let redis = Redis::start();
        let app = with_redis(&redis);
        log_in(&app, "marked-login", "x").await;
        app.post("/v1/password-resets", "", &json!({"login": "marked-login"})).await;
        app.post("/v1/sessions/refresh", "", &json!({"refreshToken": "marked-token"})).await;
        app.post("/v1/invitations/MARKED-CODE/accept", "", &newcomer()).await;
        let keys = ask_redis(&redis, "KEYS *");
        assert_eq!(keys.len(), 6, "{keys:?}");
        for key in &keys {
            assert!(key.starts_with("apta:limit:"), "{key}");
            let lives: i64 = ask_redis(&redis, &format!("PTTL {key}"))[0].trim_start_matches(':').parse().unwrap();
            assert!((1..=3_600_000).contains(&lives), "{key} lives for {lives} ms");
            let value = ask_redis(&redis, &format!("GET {key}")).join(" ");
            for text in [key, &value] {
                let text = text.to_lowercase();
                assert!(!text.contains("marked") && !text.contains("127.0.0.1"), "{text}");
            }
        }
    });
}

/// A request that is counted must not wait for Redis.
async fn counted_at_once(app: &App, login: &str) -> Answer {
    let begin = Instant::now();
    let answer = log_in(app, login, "x").await;
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    answer
}

#[test]
fn with_redis_killed_requests_are_counted_here_and_in_redis_again_after_its_restart() {
    run(async {
        let mut redis = Redis::start();
        let app = with_redis(&redis);
        for expected in [9, 8, 7] {
            assert_eq!(left(&counted_at_once(&app, "nobody").await), expected);
        }
        redis.kill();
        for expected in (0..10).rev() {
            let answer = counted_at_once(&app, "nobody").await;
            assert_eq!((answer.status, left(&answer)), (401, expected));
        }
        too_many(&counted_at_once(&app, "nobody").await, "login-account", 10, 60);
        redis.restart();
        let deadline = Instant::now() + Duration::from_secs(30);
        while ask_redis(&redis, "KEYS apta:limit:refresh:*").is_empty() {
            assert!(Instant::now() < deadline, "Redis is not used again");
            let answer = app.post("/v1/sessions/refresh", "", &json!({"refreshToken": "x"})).await;
            assert!(matches!(answer.status, 401 | 429), "{answer:?}");
        }
        // Redis forgot, so the count starts anew.
        assert_eq!(left(&counted_at_once(&app, "nobody").await), 9);
        assert_eq!(left(&counted_at_once(&app, "nobody").await), 8);
    });
}

#[test]
fn a_redis_that_hangs_costs_a_moment_and_no_answer() {
    run(async {
        let redis = Redis::start();
        let app = with_redis(&redis);
        assert_eq!(left(&counted_at_once(&app, "nobody").await), 9);
        let mut stream = TcpStream::connect(redis.url().trim_start_matches("redis://")).unwrap();
        stream.write_all(b"CLIENT PAUSE 600000 ALL\r\n").unwrap();
        stream.read_exact(&mut [0; 5]).unwrap();
        for expected in [9, 8] {
            assert_eq!(left(&counted_at_once(&app, "nobody").await), expected);
        }
    });
}

#[test]
fn a_server_starts_and_counts_without_the_redis_it_is_told_of() {
    run(async {
        let app = App::start(Kind::Sqlite, |config| config.redis.url = Some("redis://127.0.0.1:1".into()));
        assert_eq!(left(&counted_at_once(&app, "nobody").await), 9);
    });
}
