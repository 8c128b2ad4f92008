//! What FCM's answers mean. The same status may mean two things: the details in the body decide.

use std::time::Duration;

use chrono::{DateTime, NaiveDateTime};
use serde::Deserialize;

/// The meaning of one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// FCM has the message and calls it so. Nobody has read it yet.
    Accepted(String),
    /// There is no such installation any more.
    Unregistered,
    /// This is no token, or a mangled one.
    BadToken,
    /// The token belongs to another project, or our key does.
    WrongSender,
    /// FCM cannot read what we sent: our mistake, whatever the token.
    BadPayload,
    /// Apple, or a browser's push service, refuses the project's key for it.
    ThirdPartyRefused,
    /// The access token is not taken.
    Unauthenticated,
    /// The account may not send for this project, or nobody is at this address.
    Forbidden,
    /// Too fast for the project.
    Quota(Option<Duration>),
    /// Not now; it may have been delivered all the same.
    Unavailable(Option<Duration>),
    /// No sense can be made of it; it may have been delivered.
    Unclear,
}

#[derive(Deserialize)]
struct Success {
    name: String,
}

#[derive(Deserialize)]
struct Failure {
    error: Status,
}

#[derive(Deserialize)]
struct Status {
    #[serde(default)]
    status: String,
    #[serde(default)]
    details: Vec<Detail>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Detail {
    #[serde(rename = "@type", default)]
    kind: String,
    #[serde(default)]
    error_code: String,
    #[serde(default)]
    field_violations: Vec<Violation>,
}

#[derive(Deserialize)]
struct Violation {
    #[serde(default)]
    field: String,
}

impl Status {
    /// FCM's own code, else the general one.
    fn code(&self) -> &str {
        let own = self.details.iter().find(|detail| detail.kind.ends_with("google.firebase.fcm.v1.FcmError"));
        own.map(|detail| detail.error_code.as_str()).filter(|code| !code.is_empty()).unwrap_or(&self.status)
    }

    fn is_of_fcm(&self) -> bool {
        self.details.iter().any(|detail| detail.kind.ends_with("google.firebase.fcm.v1.FcmError"))
    }

    /// Whether something else than the token is wrong with the message.
    fn blames_the_message(&self) -> bool {
        let mut violations = self.details.iter().flat_map(|detail| &detail.field_violations);
        !self.is_of_fcm() || violations.any(|violation| violation.field != "message.token")
    }
}

/// Reads an answer that has come whole. `retry_after` is the header of that name, `now` is UTC.
pub(super) fn read(status: u16, retry_after: Option<&str>, body: &[u8], now: NaiveDateTime) -> Answer {
    if (200..300).contains(&status) {
        return match serde_json::from_slice::<Success>(body) {
            Ok(success) if !success.name.is_empty() => Answer::Accepted(success.name),
            _ => Answer::Unclear,
        };
    }
    let wait = retry_after.and_then(|value| wait(value, now));
    let error = serde_json::from_slice::<Failure>(body).ok().map(|failure| failure.error);
    match (status, error.as_ref().map(Status::code)) {
        (429, _) => Answer::Quota(wait),
        (408 | 500.., _) => Answer::Unavailable(wait),
        (400, Some("INVALID_ARGUMENT")) if error.as_ref().is_some_and(|error| !error.blames_the_message()) => {
            Answer::BadToken
        }
        (404, Some("UNREGISTERED" | "NOT_FOUND")) => Answer::Unregistered,
        (401, Some("THIRD_PARTY_AUTH_ERROR")) => Answer::ThirdPartyRefused,
        (401, _) => Answer::Unauthenticated,
        (403, Some("SENDER_ID_MISMATCH")) => Answer::WrongSender,
        (300..400 | 403 | 404, _) => Answer::Forbidden,
        (400 | 405..=499, Some(_)) => Answer::BadPayload,
        _ => Answer::Unclear,
    }
}

/// How long `Retry-After` asks for: seconds, or a date (RFC 9110, 10.2.3). Nothing waits longer than an alert lives.
fn wait(value: &str, now: NaiveDateTime) -> Option<Duration> {
    let value = value.trim();
    let seconds = if let Ok(seconds) = value.parse::<u64>() {
        seconds
    } else {
        let until = DateTime::parse_from_rfc2822(value).ok()?.naive_utc();
        u64::try_from((until - now).num_seconds()).unwrap_or(0)
    };
    Some(Duration::from_secs(seconds.min(24 * 3600)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn now() -> NaiveDateTime {
        "2026-11-18T07:00:00".parse().unwrap()
    }

    /// An error as FCM writes it: the general status, and FCM's own code if there is one.
    fn error(status: &str, code: Option<&str>, fields: &[&str]) -> String {
        let mut details = Vec::new();
        if let Some(code) = code {
            details.push(json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}));
        }
        if !fields.is_empty() {
            let violations: Vec<_> = fields.iter().map(|field| json!({"field": field, "description": "no"})).collect();
            details.push(json!({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations}));
        }
        json!({"error": {"code": 400, "message": "told", "status": status, "details": details}}).to_string()
    }

    #[test]
    fn every_row_of_the_table_is_read_as_it_is_meant() {
        let invalid = "INVALID_ARGUMENT";
        let rows = [
            (200, r#"{"name":"projects/p/messages/1"}"#.to_owned(), Answer::Accepted("projects/p/messages/1".into())),
            (200, r#"{"name":"projects/p/mess"#.to_owned(), Answer::Unclear),
            (200, "<html>".to_owned(), Answer::Unclear),
            (204, String::new(), Answer::Unclear),
            (400, error(invalid, Some(invalid), &[]), Answer::BadToken),
            (400, error(invalid, Some(invalid), &["message.token"]), Answer::BadToken),
            (400, error(invalid, Some(invalid), &["message.android.ttl"]), Answer::BadPayload),
            (400, error(invalid, Some(invalid), &["message.token", "message.data"]), Answer::BadPayload),
            (400, error(invalid, None, &["message.data[0].value"]), Answer::BadPayload),
            (400, error(invalid, None, &["message.token"]), Answer::BadPayload),
            (400, error(invalid, None, &[]), Answer::BadPayload),
            (400, "junk".to_owned(), Answer::Unclear),
            (404, error("NOT_FOUND", Some("UNREGISTERED"), &[]), Answer::Unregistered),
            (404, error("NOT_FOUND", None, &[]), Answer::Unregistered),
            (404, "<html>no such page</html>".to_owned(), Answer::Forbidden),
            (403, error("PERMISSION_DENIED", Some("SENDER_ID_MISMATCH"), &[]), Answer::WrongSender),
            (403, error("PERMISSION_DENIED", None, &[]), Answer::Forbidden),
            (401, error("UNAUTHENTICATED", Some("THIRD_PARTY_AUTH_ERROR"), &[]), Answer::ThirdPartyRefused),
            (401, error("UNAUTHENTICATED", None, &[]), Answer::Unauthenticated),
            (401, String::new(), Answer::Unauthenticated),
            (413, error("INVALID_ARGUMENT", None, &[]), Answer::BadPayload),
            (429, error("RESOURCE_EXHAUSTED", Some("QUOTA_EXCEEDED"), &[]), Answer::Quota(None)),
            (500, error("INTERNAL", Some("INTERNAL"), &[]), Answer::Unavailable(None)),
            (502, "<html>bad gateway</html>".to_owned(), Answer::Unavailable(None)),
            (503, error("UNAVAILABLE", Some("UNAVAILABLE"), &[]), Answer::Unavailable(None)),
            (302, String::new(), Answer::Forbidden),
            (418, "tea".to_owned(), Answer::Unclear),
        ];
        for (status, body, expected) in rows {
            assert_eq!(read(status, None, body.as_bytes(), now()), expected, "{status} {body}");
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let seconds = |value: &str| match read(429, Some(value), b"", now()) {
            Answer::Quota(wait) => wait.map(|wait| wait.as_secs()),
            other => panic!("{other:?}"),
        };
        assert_eq!(seconds("30"), Some(30));
        assert_eq!(seconds(" 0 "), Some(0));
        assert_eq!(seconds("Wed, 18 Nov 2026 07:02:05 GMT"), Some(125));
        assert_eq!(seconds("Wed, 18 Nov 2026 06:00:00 GMT"), Some(0));
        assert_eq!(seconds("99999999999"), Some(86400));
        assert_eq!(seconds("soon"), None);
        assert_eq!(read(503, Some("7"), b"", now()), Answer::Unavailable(Some(Duration::from_secs(7))));
    }
}
