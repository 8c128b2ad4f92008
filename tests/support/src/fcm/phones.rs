//! Phones as FCM's documentation describes them: what has the same tag replaces, what waits for a phone that is away
//! collapses by its key, and four keys at most wait.

use std::collections::BTreeMap;

use serde_json::Value;

/// As many collapse keys as FCM keeps for a phone that is away.
const WAITING: usize = 4;

/// An alert on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub alert: String,
    pub title: String,
    pub body: String,
}

/// A phone that is registered.
#[derive(Debug, Clone, Default)]
pub struct Phone {
    away: bool,
    waiting: Vec<(String, Value)>,
    screen: BTreeMap<String, Shown>,
    /// The alerts that came, repeats too.
    pub came: Vec<String>,
}

impl Phone {
    /// What its owner sees.
    pub fn screen(&self) -> Vec<Shown> {
        self.screen.values().cloned().collect()
    }

    /// Out of reach, or back; what waited comes then.
    pub fn set_away(&mut self, away: bool) {
        self.away = away;
        if !away {
            for (_, message) in std::mem::take(&mut self.waiting) {
                self.show(&message);
            }
        }
    }

    pub(super) fn receive(&mut self, message: &Value) {
        if !self.away {
            return self.show(message);
        }
        let key = key(message);
        self.waiting.retain(|(waiting, _)| *waiting != key);
        self.waiting.push((key, message.clone()));
        if self.waiting.len() > WAITING {
            self.waiting.remove(0);
        }
    }

    fn show(&mut self, message: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let alert = text(&message["data"]["alertId"]);
        let (title, body) = (text(&message["notification"]["title"]), text(&message["notification"]["body"]));
        self.came.push(alert.clone());
        self.screen.insert(tag(message), Shown { alert, title, body });
    }
}

/// What a message replaces on the screen by; one without a tag replaces nothing.
pub(super) fn tag(message: &Value) -> String {
    let tags = [
        &message["android"]["notification"]["tag"],
        &message["apns"]["headers"]["apns-collapse-id"],
        &message["webpush"]["notification"]["tag"],
    ];
    let tag = tags.into_iter().find_map(Value::as_str);
    tag.map_or_else(|| format!("untagged {message}"), str::to_owned)
}

fn key(message: &Value) -> String {
    message["android"]["collapse_key"].as_str().map_or_else(|| tag(message), str::to_owned)
}
