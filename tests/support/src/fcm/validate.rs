//! What FCM refuses in a message, by its reference documentation.

use serde_json::Value;

/// The first field that is wrong, if any is.
pub(super) fn flaw(request: &Value, length: usize) -> Option<&'static str> {
    let message = &request["message"];
    let strings = |value: &Value| value.as_object().is_none_or(|fields| fields.values().all(Value::is_string));
    let seconds = |value: &Value| {
        let ttl = value.as_str().and_then(|text| text.strip_suffix('s')?.parse::<u32>().ok());
        value.is_null() || ttl.is_some_and(|ttl| ttl <= 2_419_200)
    };
    let collapse = message["apns"]["headers"]["apns-collapse-id"].as_str().unwrap_or_default();
    let topic = message["webpush"]["headers"]["Topic"].as_str().unwrap_or_default();
    let rules = [
        ("message", message.is_object() && length <= 4096),
        ("message.token", message["token"].is_string()),
        ("message.data[0].value", strings(&message["data"])),
        ("message.android.ttl", seconds(&message["android"]["ttl"])),
        ("message.apns.headers", strings(&message["apns"]["headers"]) && collapse.len() <= 64),
        ("message.webpush.headers", strings(&message["webpush"]["headers"]) && topic.len() <= 32),
    ];
    rules.into_iter().find(|(_, holds)| !holds).map(|(field, _)| field)
}

/// Whether it could be a token: they are long, of letters, digits and a few signs.
pub(super) fn is_token(token: &str) -> bool {
    token.len() >= 20 && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
}
