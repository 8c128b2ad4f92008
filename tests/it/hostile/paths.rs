//! Paths, methods and headers that lead nowhere.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use reqwest::header::{HeaderValue, IF_NONE_MATCH};
use serde_json::json;
use support::app::Answer;
use support::both;
use support::database::Kind;

use super::{Scene, is_refused, sent};
use crate::access::operations::{About, all};

const METHODS: [&str; 9] = ["GET", "PUT", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "FOO"];

/// The methods the document gives a path that looks like this one.
fn documented(path: &str) -> BTreeSet<String> {
    let fits = |pattern: &str| {
        let path = path.split('?').next().unwrap();
        let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
        pattern.len() == path.len()
            && pattern.iter().zip(path).all(|(own, given)| *own == given || own.starts_with('{'))
    };
    all().into_iter().filter(|one| fits(&one.path)).map(|one| one.method.to_string()).collect()
}

both!(a_wrong_method_is_a_405_that_names_the_right_ones, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    let paths: BTreeSet<String> = all().iter().map(|one| scene.call(one).path).collect();
    for path in paths {
        let right = documented(&path);
        for method in METHODS.iter().filter(|method| !right.contains(**method)) {
            let request = scene.app.request(method.parse().unwrap(), &path, &scene.token).json(&json!({}));
            let answer = sent(request).await;
            let what = format!("{method} {path}");
            assert_eq!(answer.status, 405, "{what}: {}", answer.body);
            let allow: Vec<String> = answer.header("allow").split(", ").map(str::to_owned).collect();
            assert_eq!(allow.len(), right.len(), "{what}: {allow:?}");
            assert_eq!(allow.into_iter().collect::<BTreeSet<_>>(), right, "{what}");
            if *method != "HEAD" {
                is_refused(&answer, &[405], &what);
            }
        }
    }
    assert_eq!(scene.everything().await, before);
});

both!(a_path_that_is_none_is_a_404, async |kind: Kind| {
    let scene = Scene::set(kind);
    let child = scene.child();
    let mut paths: Vec<String> = [
        "/",
        "//",
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/V1/me",
        "/v1/me/",
        "/v1//me",
        "/v1/children/",
        "/v2/children",
        "/.env",
        "/v1/../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/problems",
        "/problems/",
        "/problems/..",
        "/problems/%00",
        "/%",
        "/%00",
        "/%ff",
        "/v1/me;x=1",
        "/v1/me%2f",
        "/docs/%2e%2e/%2e%2e/Cargo.toml",
        "/metrics",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend([
        format!("/v1/children/{child}"),
        format!("/v1/children/{child}/diary/"),
        format!("/v1/children/{child}//diary"),
    ]);
    paths.extend([
        format!("/v1/{}", "a".repeat(10_000)),
        format!("/{}", "a/".repeat(5_000)),
        format!("/{}", "%41".repeat(3_000)),
    ]);
    for path in paths {
        for method in [Method::GET, Method::POST] {
            is_refused(&sent(scene.app.request(method, &path, &scene.token)).await, &[404], &path);
        }
    }
});

both!(an_id_that_is_none_is_a_404, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    let ids = [
        "9223372036854775808",
        "9223372036854775807",
        "-9223372036854775808",
        "-9223372036854775809",
        "-1",
        "0",
        "abc",
        "1.0",
        "1e3",
        "0x1",
        "null",
        "%20",
        "%00",
        "1%00",
        "%ff",
        "%e2%28%a1",
        "%",
        "%zz",
        "%2e%2e",
        "1%2fdiary",
        "1;2",
        "1,2",
        "%D9%A1",
        "'%20OR%20'1'='1",
        "true",
        "*",
        "{id}",
    ];
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).chain(["9".repeat(10_000)]).collect();
    for operation in all().iter().filter(|one| one.path.contains('{')) {
        let right = scene.call(operation);
        let (given, known): (Vec<&str>, Vec<&str>) =
            (right.path.split('/').collect(), operation.path.split('/').collect());
        for place in (0..known.len()).filter(|place| known[*place].starts_with('{')) {
            for id in &ids {
                let mut segments = given.clone();
                segments[place] = id;
                let call = crate::access::operations::Call { path: segments.join("/"), ..right.clone() };
                // Clients fold it away, and what is left may be another operation.
                let folded = call.path.replace(&format!("/{}/%2e%2e", segments[place - 1]), "");
                if all().iter().any(|one| one.path == folded) {
                    continue;
                }
                let answer = scene.send(&call).await;
                is_refused(&answer, &[404], &format!("{} {}", call.method, &call.path[..call.path.len().min(99)]));
                assert_eq!(answer.problem(), "not-found", "{}", operation.id);
            }
        }
    }
    assert_eq!(scene.everything().await, before);
});

/// Values no client sends.
fn junk() -> Vec<HeaderValue> {
    let long = "a".repeat(10_000);
    let mut all: Vec<HeaderValue> = [
        "",
        " ",
        ",",
        ";",
        ";;;q=,",
        "q=NaN",
        "kk;q=NaN, ru;q=inf",
        "*;q=-1",
        "kk;q=1e308",
        "\"",
        "\"\"",
        "W/\"x\"",
        "*, *",
        "\t",
        "br;q=0,gzip;q=0,identity;q=0,*;q=0",
        "' OR 1=1--",
        "${jndi:ldap://x}",
        "../../etc/passwd",
        "bytes=0-",
        &long,
    ]
    .iter()
    .map(|text| HeaderValue::from_str(text).unwrap())
    .collect();
    all.push(HeaderValue::from_bytes(b"\xff\xfe").unwrap());
    all.push(HeaderValue::from_bytes("қазақша".as_bytes()).unwrap());
    all
}

both!(junk_in_a_header_is_no_reason_to_fail, async |kind: Kind| {
    let scene = Scene::set(kind);
    let path = format!("/v1/children/{}/diary", scene.child());
    for header in [
        "accept",
        "accept-language",
        "accept-encoding",
        "if-none-match",
        "if-match",
        "if-modified-since",
        "range",
        "cookie",
        "user-agent",
        "x-request-id",
        "x-forwarded-for",
        "forwarded",
        "x-forwarded-proto",
        "origin",
        "referer",
        "expect",
        "idempotency-key",
        "content-type",
        "content-encoding",
        "x-http-method-override",
        "access-control-request-method",
    ] {
        for value in junk() {
            let answer = sent(scene.app.request(Method::GET, &path, &scene.token).header(header, &value)).await;
            // Two values mean something: whatever there is, is known; and no coding will do, the plain one included.
            let status = match header {
                "if-none-match" if value == "*, *" => 304,
                "accept-encoding" if value.as_bytes().starts_with(b"br;q=0") => 400,
                _ => 200,
            };
            assert_eq!(answer.status, status, "{header}: {value:?} {}", answer.body);
        }
    }
});

both!(junk_for_a_token_is_a_401, async |kind: Kind| {
    let scene = Scene::set(kind);
    let right = format!("Bearer {}", scene.token);
    let mut values = junk();
    for text in [
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Basic YTpi",
        "Token x",
        "Bearer a b",
        "Bearer null",
        "Bearer %00",
        "Bearer \"\"",
    ] {
        values.push(HeaderValue::from_static(text));
    }
    let own = [scene.token.clone(), format!("Bearer{}", scene.token), format!("Basic {}", scene.token)];
    let own =
        own.into_iter().chain([format!("{right}x"), right[..right.len() - 1].to_owned(), format!("{right}, {right}")]);
    values.extend(own.map(|text| HeaderValue::from_str(&text).unwrap()));
    values.push(HeaderValue::from_bytes(b"Bearer \xff").unwrap());
    values.push(HeaderValue::from_str(&format!("Bearer {}", "a".repeat(10_000))).unwrap());
    for operation in all().iter().filter(|one| one.about() != About::Nobody) {
        let call = scene.call(operation);
        for value in &values {
            let request = scene.app.request(call.method.clone(), &call.path, "").header("authorization", value);
            let request = call.body.iter().fold(request, reqwest::RequestBuilder::json).header(IF_NONE_MATCH, "*");
            is_refused(&sent(request).await, &[401], &format!("{}: {value:?}", operation.id));
        }
    }
    let plain = sent(scene.app.request(Method::GET, "/v1/me", "").header("authorization", right)).await;
    assert_eq!(plain.status, 200);
});

/// Sends bytes as they are and returns the status of the first answer; 0 if the server just hung up.
fn raw(scene: &Scene, bytes: &[u8]) -> u16 {
    let mut stream = TcpStream::connect(scene.app.address).unwrap();
    // The server may have hung up before it was told everything.
    let _ = stream.write_all(bytes).and_then(|()| stream.shutdown(std::net::Shutdown::Write));
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let text = String::from_utf8_lossy(&answer);
    text.split(' ').nth(1).map_or(0, |status| status.parse().unwrap())
}

both!(bytes_that_are_no_http_are_refused_and_the_server_lives, async |kind: Kind| {
    let scene = Scene::set(kind);
    let many = format!("GET /v1/me HTTP/1.1\r\nHost: x\r\n{}\r\n", "A: b\r\n".repeat(500));
    let huge = format!("GET /v1/me HTTP/1.1\r\nHost: x\r\nA: {}\r\n\r\n", "b".repeat(1_000_000));
    for bytes in [
        &b"\0\0\0\0\r\n\r\n"[..],
        b"GET /v1/me\r\n\r\n",
        b"GET /v1/me HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET /v1/\0me HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
        b"GET /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n{}{}{",
        b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
        b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        b"POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{}",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        many.as_bytes(),
        huge.as_bytes(),
    ] {
        let status = raw(&scene, bytes);
        assert!(status == 0 || (400..500).contains(&status), "{status}: {:?}", String::from_utf8_lossy(&bytes[..bytes.len().min(90)]));
    }
    let alive: Answer = scene.get("/v1/me").await;
    assert_eq!(alive.status, 200);
});
