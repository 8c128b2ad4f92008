//! What alerts say, in Kazakh, Russian and English: for phones, the inbox and letters.

mod catalogue;
mod details;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use domain::alerts::facts::{AccountNews, Bundle, Facts, Span, Thing};
use domain::types::{AlertKind, Language, Word};
use fluent_bundle::FluentArgs;

use catalogue::{Part, text};

/// One alert in words. Both lines say no more than the facts let out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub title: String,
    pub body: String,
}

/// The words for `facts`.
pub fn say(facts: &Facts, language: Language) -> Said {
    match facts {
        Facts::Something => plain("generic", language),
        Facts::Test => plain("test", language),
        Facts::Account(news) => plain(account(*news), language),
        Facts::Thing(thing) => say_thing(thing, language),
        Facts::Bundle(bundle) => say_bundle(bundle, language),
    }
}

/// What a letter says around its alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub hello: String,
    pub open: String,
    pub why: String,
    pub unsubscribe: String,
}

/// The words around an alert in a letter.
pub fn frame(language: Language) -> Frame {
    let word = |key| text(language, key, Part::Headline, &FluentArgs::new());
    Frame {
        hello: word("mail-hello"),
        open: word("mail-open"),
        why: word("mail-why"),
        unsubscribe: word("mail-unsubscribe"),
    }
}

fn plain(key: &str, language: Language) -> Said {
    let none = FluentArgs::new();
    Said { title: text(language, key, Part::Headline, &none), body: text(language, key, Part::Detail, &none) }
}

fn account(news: AccountNews) -> &'static str {
    match news {
        AccountNews::SignedIn => "account-signed-in",
        AccountNews::TokenReused => "account-token-reused",
        AccountNews::ChildAdded => "account-child-added",
        AccountNews::ChildRemoved => "account-child-removed",
        AccountNews::GuardianAdded => "account-guardian-added",
        AccountNews::DataExported => "account-data-exported",
    }
}

fn say_thing(thing: &Thing, language: Language) -> Said {
    // News of the account are told by `Facts::Account`.
    if thing.kind == AlertKind::Account {
        return plain("generic", language);
    }
    let entry = details::entry(thing, language);
    let body = match &thing.detail {
        Some(_) => of_child(thing.child.as_deref(), text(language, &entry.key, entry.part, &entry.values), language),
        None => more(language),
    };
    Said { title: text(language, &entry.key, Part::Headline, &entry.values), body }
}

fn say_bundle(bundle: &Bundle, language: Language) -> Said {
    let key = match bundle.span {
        Span::Hour if bundle.counts.keys().eq([&AlertKind::Grade]) => "bundle-grades",
        Span::Hour => "bundle-hour",
        Span::Day => "bundle-day",
        Span::Week => "bundle-week",
    };
    let title = counted(key, bundle.counts.values().sum(), language);
    let body = match &bundle.child {
        Some(child) => of_child(Some(child), counts(&bundle.counts, language), language),
        None => more(language),
    };
    Said { title, body }
}

fn counts(counts: &BTreeMap<AlertKind, u32>, language: Language) -> String {
    let counted = counts.iter().map(|(kind, count)| counted(&format!("count-{}", kind.as_str()), *count, language));
    counted.collect::<Vec<_>>().join(", ")
}

fn counted(key: &str, count: u32, language: Language) -> String {
    let mut values = FluentArgs::new();
    values.set("count", count);
    text(language, key, Part::Headline, &values)
}

fn more(language: Language) -> String {
    text(language, "more", Part::Headline, &FluentArgs::new())
}

fn of_child(child: Option<&str>, told: String, language: Language) -> String {
    let Some(child) = child else { return told };
    let mut values = FluentArgs::new();
    values.set("child", child);
    values.set("text", told);
    text(language, "of-child", Part::Headline, &values)
}
