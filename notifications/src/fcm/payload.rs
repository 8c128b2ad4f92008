//! One message as FCM takes it: what the phone shows, and the blocks that make a later one replace it.

use domain::types::Platform;
use serde_json::{Value, json};

use crate::channel::Message;
use crate::texts::{self, Said};

/// FCM takes no more than this.
const LONGEST: usize = 4096;

/// What a phone shows of a body without being opened, and a little more.
const TITLE: usize = 120;
const BODY: usize = 300;

/// The key of `data` under which an app finds the alert's number.
pub const ALERT: &str = "alertId";

/// Groups the diary's alerts on an iPhone, and names their sounds and importance on Android.
const CHANNEL: &str = "diary";

/// The request for `message`, ready to be sent, or `None` if it is too long for FCM. `now` is seconds since 1970.
pub(super) fn request(platform: Platform, token: &str, message: &Message, now: i64) -> Option<String> {
    let Said { title, body } = texts::say(&message.facts, message.language);
    let ttl = message.ttl.as_secs();
    let mut sent = json!({
        "token": token,
        "notification": {"title": cut(&title, TITLE), "body": cut(&body, BODY)},
        "data": {ALERT: message.alert.0.to_string()},
    });
    let (name, block) = match platform {
        Platform::Android => ("android", android(message, ttl)),
        Platform::Ios => ("apns", apns(message, now, ttl)),
        Platform::Web => ("webpush", webpush(message, ttl)),
    };
    if let Some(fields) = sent.as_object_mut() {
        fields.insert(name.to_owned(), block);
    }
    let request = json!({"message": sent}).to_string();
    (request.len() <= LONGEST).then_some(request)
}

/// `tag` replaces what the phone shows, `collapse_key` what waits for a phone that is away.
fn android(message: &Message, ttl: u64) -> Value {
    json!({
        "priority": "high",
        "ttl": format!("{ttl}s"),
        "collapse_key": message.collapse,
        "notification": {"tag": message.collapse, "channel_id": CHANNEL},
    })
}

fn apns(message: &Message, now: i64, ttl: u64) -> Value {
    let expiration = now.saturating_add_unsigned(ttl);
    json!({
        "headers": {
            "apns-collapse-id": message.collapse,
            "apns-expiration": expiration.to_string(),
            "apns-priority": "10",
        },
        "payload": {"aps": {"thread-id": CHANNEL, "sound": "default"}},
    })
}

/// A browser replaces what has the same tag. `Topic` does so for a browser that is away; it takes 32 characters.
fn webpush(message: &Message, ttl: u64) -> Value {
    let topic: String = message.collapse.chars().take(32).collect();
    json!({
        "headers": {"TTL": ttl.to_string(), "Urgency": "high", "Topic": topic},
        "notification": {"tag": message.collapse},
    })
}

/// The beginning of a text that would be longer than `most` characters.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::alerts::facts::{Detail, Facts, Step, Thing};
    use domain::types::{AlertId, AlertKind, Language, Privacy};

    use super::*;

    fn message(facts: Facts, privacy: Privacy) -> Message {
        let (alert, ttl, collapse) = (AlertId(17), Duration::from_secs(86_400), "k".repeat(64));
        Message { alert, collapse, language: Language::Kk, privacy, facts, ttl }
    }

    fn read(platform: Platform, message: &Message) -> Value {
        let request = request(platform, "token", message, 1_000_000).unwrap();
        serde_json::from_str::<Value>(&request).unwrap()["message"].clone()
    }

    #[test]
    fn a_generic_push_is_these_bytes_and_no_others() {
        let message = message(Facts::Something, Privacy::Generic);
        let key = &message.collapse;
        let common = |name: &str, block: Value| {
            json!({
                "token": "token",
                "notification": {"title": "Күнделікте жаңалық бар", "body": "Көру үшін қолданбаны ашыңыз."},
                "data": {"alertId": "17"},
                name: block,
            })
        };
        let android = json!({"priority": "high", "ttl": "86400s", "collapse_key": key,
            "notification": {"tag": key, "channel_id": "diary"}});
        assert_eq!(read(Platform::Android, &message), common("android", android));
        let apns = json!({"headers": {"apns-collapse-id": key, "apns-expiration": "1086400", "apns-priority": "10"},
            "payload": {"aps": {"thread-id": "diary", "sound": "default"}}});
        assert_eq!(read(Platform::Ios, &message), common("apns", apns));
        let webpush = json!({"headers": {"TTL": "86400", "Urgency": "high", "Topic": &key[..32]},
            "notification": {"tag": key}});
        assert_eq!(read(Platform::Web, &message), common("webpush", webpush));
    }

    #[test]
    fn a_long_text_is_cut_for_the_phone_and_fits() {
        let detail = Detail::Homework { due_on: "2026-11-18".parse().unwrap(), text: "ұзақ ".repeat(2000) };
        let (subject, child) = (Some("Қазақ тілі мен әдебиеті ".repeat(20)), Some("Айару".to_owned()));
        let kind = AlertKind::Homework;
        let facts = Facts::Thing(Thing { kind, step: Step::Created, subject, child, detail: Some(detail) });
        let told = read(Platform::Android, &message(facts, Privacy::Full));
        let shown = &told["notification"];
        assert!(shown["body"].as_str().unwrap().starts_with("Айару: мерзімі 18 қараша, ср: ұзақ"));
        assert!(shown["body"].as_str().unwrap().ends_with("ұзақ…"), "{shown}");
        assert_eq!(shown["title"].as_str().unwrap().chars().count(), 120);
    }

    #[test]
    fn what_fcm_would_refuse_for_its_length_is_not_sent() {
        let message = message(Facts::Something, Privacy::Generic);
        assert_eq!(request(Platform::Android, &"t".repeat(4096), &message, 0), None);
    }
}
