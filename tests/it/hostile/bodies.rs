//! Bodies that are no JSON, or not the JSON that was asked for.

use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::{Value, json};
use support::both;
use support::database::Kind;

use super::{Scene, is_refused, sent};
use crate::access::operations::{About, Call, Operation, all};

/// The operations that take a body, each with its right call.
fn writers(scene: &Scene) -> Vec<(Operation, Call)> {
    let found: Vec<_> =
        all().into_iter().filter(|one| one.takes_body).map(|one| (one.clone(), scene.call(&one))).collect();
    assert!(found.len() >= 8, "{found:?}");
    found
}

fn text(call: &Call) -> String {
    call.body.as_ref().unwrap().to_string()
}

/// Bytes that cannot be read as JSON text.
fn unreadable(whole: &str) -> Vec<(&'static str, Vec<u8>)> {
    let cut = whole.strip_suffix('}').unwrap();
    let with = |more: &[u8]| [cut.as_bytes(), b",\"extra\":\"", more, b"\"}"].concat();
    vec![
        ("nothing", Vec::new()),
        ("spaces", b"  \n".to_vec()),
        ("an opened brace", b"{".to_vec()),
        ("words", b"nonsense".to_vec()),
        ("a cut body", cut.as_bytes().to_vec()),
        ("two bodies", [whole, whole].concat().into_bytes()),
        ("a comma too many", format!("{cut},}}").into_bytes()),
        ("single quotes", whole.replace('"', "'").into_bytes()),
        ("a comment", format!("/* */{whole}").into_bytes()),
        ("a byte order mark", [&[0xef, 0xbb, 0xbf], whole.as_bytes()].concat()),
        ("UTF-16", whole.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a raw NUL", with(b"a\0b")),
        ("an escaped NUL", with(br"a\u0000b")),
        ("a lone surrogate", whole.replacen('{', r#"{"a\ud800b":1,"#, 1).into_bytes()),
        ("invalid UTF-8", with(b"a\xff")),
        ("an overlong slash", with(b"\xc0\xaf")),
        ("a surrogate in UTF-8", with(b"\xed\xa0\x80")),
        ("a raw line break", whole.replacen('{', "{\"a\nb\":1,", 1).into_bytes()),
    ]
}

both!(a_body_that_cannot_be_read_is_a_400_and_changes_nothing, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    for (operation, call) in writers(&scene) {
        for (what, body) in unreadable(&text(&call)) {
            let answer = scene.with_body(&call, "application/json", body).await;
            is_refused(&answer, &[400], &format!("{}: {what}", operation.id));
        }
    }
    assert_eq!(scene.everything().await, before);
});

/// JSON of another shape than the form.
fn misshapen(form: &Value) -> Vec<(String, String)> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    let mut all: Vec<(String, String)> = ["null", "true", "17", "-1", "1e308", "\"text\"", "[]", "[null]", "[{}]"]
        .map(|body| (body.to_owned(), body.to_owned()))
        .to_vec();
    all.push(("deep arrays".to_owned(), deep("[", "]")));
    all.push(("deep objects".to_owned(), deep("{\"a\":", "}").replace(":}", ":1}")));
    let fields = form.as_object().unwrap();
    all.push(("the values in an array".to_owned(), json!(fields.values().collect::<Vec<_>>()).to_string()));
    let whole = form.to_string();
    all.push(("an unknown field".to_owned(), whole.replacen('{', "{\"extra\":1,", 1)));
    all.push(("a field of a prototype".to_owned(), whole.replacen('{', "{\"__proto__\":{},", 1)));
    for (name, value) in fields {
        all.push((format!("{name} twice"), whole.replacen('{', &format!("{{\"{name}\":{value},"), 1)));
        for wrong in ["{}", "{\"a\":1}", "[[]]", "-17.5", "1e308", "18446744073709551616", &deep("[", "]")] {
            let other = whole.replace(&format!("\"{name}\":{value}"), &format!("\"{name}\":{wrong}"));
            all.push((format!("{name} is {}", if wrong.len() > 99 { "deep" } else { wrong }), other));
        }
        let padded = whole.replace(&format!("\"{name}\""), &format!("\"{name} \""));
        all.push((format!("{name} with a space"), padded));
        all.push((
            format!("{name} in capitals"),
            whole.replace(&format!("\"{name}\""), &format!("\"{}\"", name.to_uppercase())),
        ));
    }
    all
}

both!(a_body_of_another_shape_is_a_422_and_changes_nothing, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    for (operation, call) in writers(&scene) {
        for (what, body) in misshapen(call.body.as_ref().unwrap()) {
            // No window of its own is a choice too.
            if (operation.id.as_str(), what.as_str()) == ("choose_settle_windows", "kinds is {}") {
                continue;
            }
            let answer = scene.with_body(&call, "application/json", body).await;
            // Items are judged one by one.
            if answer.status == 200 && operation.about() == About::School {
                let outcomes: Vec<&Value> = answer.body["results"].as_array().unwrap().iter().collect();
                assert!(!outcomes.is_empty(), "{}: {what}", operation.id);
                assert!(outcomes.iter().all(|one| one["outcome"] == "rejected"), "{}: {what}", operation.id);
                continue;
            }
            let statuses: &[u16] = if what.contains("deep") { &[400, 422] } else { &[422] };
            is_refused(&answer, statuses, &format!("{}: {what}", operation.id));
        }
        // Too big for any number: not even readable.
        for number in ["1e309".to_owned(), "9".repeat(10_000)] {
            let body = format!("{{\"extra\":{number}}}");
            let answer = scene.with_body(&call, "application/json", body).await;
            is_refused(&answer, &[400, 422], &operation.id);
        }
    }
    assert_eq!(scene.everything().await, before);
});

both!(a_device_given_as_a_list_is_refused, async |kind: Kind| {
    let scene = Scene::set(kind);
    let form = json!({"login": "bir-g1", "password": support::school::PASSWORD, "device": ["phone", "ios"]});
    is_refused(&scene.app.post("/v1/sessions", "", &form).await, &[422], "a list for a device");
});

/// The most bytes an operation reads: a delivery has up to a thousand items.
fn most(operation: &Operation) -> usize {
    if operation.about() == About::School { 2 * 1024 * 1024 } else { 256 * 1024 }
}

both!(a_body_beyond_its_limit_is_a_413_and_one_within_is_read, async |kind: Kind| {
    let scene = Scene::set(kind);
    for (operation, call) in writers(&scene) {
        let whole = text(&call);
        let padded = |size: usize| format!("{}{whole}", " ".repeat(size - whole.len()));
        let right = scene.with_body(&call, "application/json", padded(most(&operation))).await;
        assert_eq!(right.status, scene.send(&call).await.status, "{}", operation.id);
        let long = scene.with_body(&call, "application/json", padded(most(&operation) + 1)).await;
        is_refused(&long, &[413], &operation.id);
    }
});

both!(a_small_body_that_unpacks_to_a_large_one_is_a_413, async |kind: Kind| {
    let scene = Scene::set(kind);
    for (operation, call) in writers(&scene).into_iter().filter(|(one, _)| one.about() != About::School) {
        for (coding, body, statuses) in
            [("gzip", bomb(), &[413]), ("gzip", b"no gzip".to_vec(), &[400]), ("br", vec![0xff; 9], &[400])]
        {
            let request =
                scene.request(&call).header(CONTENT_TYPE, "application/json").header(CONTENT_ENCODING, coding);
            is_refused(&sent(request.body(body)).await, statuses, &format!("{}: {coding}", operation.id));
        }
    }
});

/// 300 KiB of spaces and `{}`, in gzip: 336 bytes, nearly all of them zero.
fn bomb() -> Vec<u8> {
    let head = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03\xed\xc1\x01\x09\0\0\x0c\x03\xa0\x2a\xeb\x39\xd6\xfd\x39\x0e\x6a\x02";
    let tail = b"\xff\x74\x07\x51\xcf\x09\x1b\x02\xb0\x04\0";
    [&head[..], &vec![0; 336 - head.len() - tail.len()], &tail[..]].concat()
}

both!(a_body_of_another_media_type_is_a_415_and_changes_nothing, async |kind: Kind| {
    let scene = Scene::set(kind);
    let before = scene.everything().await;
    for (operation, call) in writers(&scene) {
        let whole = text(&call);
        for media in [
            "",
            "text/plain",
            "text/json",
            "application/xml",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "application/jsonx",
            "application/json-patch+json",
            "application/problem+json",
            "json",
            "application/json; charset=latin1",
            "application/json;charset=utf-16",
            "application/json; charset=\"\"",
            "*/*",
            &"a".repeat(10_000),
        ] {
            let answer = scene.with_body(&call, media, whole.clone()).await;
            is_refused(&answer, &[415], &format!("{}: {media:?}", operation.id));
        }
        is_refused(&sent(scene.request(&call).body(whole.clone())).await, &[415], &operation.id);
    }
    assert_eq!(scene.everything().await, before);
});

both!(json_by_any_of_its_names_is_read, async |kind: Kind| {
    let scene = Scene::set(kind);
    for (operation, call) in writers(&scene) {
        let right = scene.send(&call).await.status;
        for media in [
            "application/json",
            "Application/JSON",
            "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
        ] {
            let answer = scene.with_body(&call, media, text(&call)).await;
            assert_eq!(answer.status, right, "{}: {media}", operation.id);
        }
    }
});

both!(a_body_where_none_is_asked_for_does_no_harm, async |kind: Kind| {
    let scene = Scene::set(kind);
    for operation in all().iter().filter(|one| !one.takes_body && one.id != "sign_out") {
        let call = scene.call(operation);
        // A token is asked for by a form.
        if call.body.is_some() {
            continue;
        }
        let right = scene.send(&call).await;
        let answer = scene.with_body(&call, "application/json", "{\"a\":[[[\0").await;
        assert_eq!(answer.status, right.status, "{}", operation.id);
        assert!(operation.about() == About::Nobody || answer.body["items"] == right.body["items"], "{}", operation.id);
    }
});
