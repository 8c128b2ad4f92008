//! The catalogue: one Fluent file a language, compiled in, with the plural rules of CLDR.

use std::sync::LazyLock;

use domain::types::{Language, Word};
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

type Bundle = FluentBundle<FluentResource>;

static KK: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Kk));
static RU: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::Ru));
static EN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::En));

/// The text of a language's file.
pub(super) fn source(language: Language) -> &'static str {
    match language {
        Language::Kk => include_str!("kk.ftl"),
        Language::Ru => include_str!("ru.ftl"),
        Language::En => include_str!("en.ftl"),
    }
}

fn bundle(language: Language) -> Bundle {
    let locales = language.as_str().parse().into_iter().collect();
    let mut bundle = Bundle::new_concurrent(locales);
    // Isolating marks around each value would show as boxes on old phones.
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source(language).to_owned()).unwrap_or_else(|(resource, errors)| {
        tracing::error!(
            language = language.as_str(),
            errors = errors.len(),
            "a catalogue of texts cannot be read whole"
        );
        resource
    });
    bundle.add_resource_overriding(resource);
    bundle
}

/// Which text of a message: its headline, what the full level adds, or that with what it was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Headline,
    Detail,
    Was,
}

/// The text with its values filled in. The tests hold that every key is there, with the same values, in every language.
pub(super) fn text(language: Language, key: &str, part: Part, values: &FluentArgs<'_>) -> String {
    let bundle = match language {
        Language::Kk => &KK,
        Language::Ru => &RU,
        Language::En => &EN,
    };
    let message = bundle.get_message(key);
    let pattern = message.and_then(|message| match part {
        Part::Headline => message.value(),
        Part::Detail => message.get_attribute("detail").map(|attribute| attribute.value()),
        Part::Was => message.get_attribute("was").map(|attribute| attribute.value()),
    });
    let Some(pattern) = pattern else {
        debug_assert!(false, "{key} has no {part:?}");
        tracing::error!(key, "a text is missing from the catalogue");
        return String::new();
    };
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(values), &mut errors).into_owned();
    debug_assert!(errors.is_empty(), "{key}: {errors:?}");
    text
}
