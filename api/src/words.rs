//! Words of closed sets in the API document: one wrapper serves every set of the domain.

use std::borrow::Cow;

use domain::types::Word as DomainWord;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// A word, spelled as the domain spells it and documented with all words of its set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Word<T>(pub T);

impl<T: DomainWord> Serialize for Word<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de, T: DomainWord> Deserialize<'de> for Word<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        T::parse(&text).map(Self).ok_or_else(|| {
            let words: Vec<&str> = T::ALL.iter().map(|word| word.as_str()).collect();
            serde::de::Error::custom(format!("expected one of {}", words.join(", ")))
        })
    }
}

impl<T: DomainWord> PartialSchema for Word<T> {
    fn schema() -> RefOr<Schema> {
        let words: Vec<&str> = T::ALL.iter().map(|word| word.as_str()).collect();
        let text = format!("One of: {}.", words.join(", "));
        ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).description(Some(text)).into()
    }
}

impl<T: DomainWord> ToSchema for Word<T> {
    fn name() -> Cow<'static, str> {
        Cow::Borrowed(T::NAME)
    }
}

// The document's macros do not see through generics: each set gets a plain name.
pub type AlertKind = Word<domain::types::AlertKind>;
pub type AttendanceStatus = Word<domain::types::AttendanceStatus>;
pub type DeliveryState = Word<domain::types::DeliveryState>;
pub type Digest = Word<domain::types::Digest>;
pub type GradeKind = Word<domain::types::GradeKind>;
pub type GradeStatus = Word<domain::types::GradeStatus>;
pub type ImportStatus = Word<domain::types::ImportStatus>;
pub type Language = Word<domain::types::Language>;
pub type Letters = Word<domain::types::Letters>;
pub type LessonStatus = Word<domain::types::LessonStatus>;
pub type NewsAudience = Word<domain::types::NewsAudience>;
pub type PeriodGradeKind = Word<domain::types::PeriodGradeKind>;
pub type PeriodKind = Word<domain::types::PeriodKind>;
pub type Platform = Word<domain::types::Platform>;
pub type Privacy = Word<domain::types::Privacy>;
pub type Role = Word<domain::types::Role>;
pub type Sex = Word<domain::types::Sex>;
pub type Threshold = Word<domain::types::Threshold>;
