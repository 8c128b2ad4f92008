//! What handlers take from a request: the token, the body, the language, the address it came from.

use std::fmt;
use std::future::{Ready, ready};
use std::marker::PhantomData;
use std::net::IpAddr;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use domain::access::Bearer;
use domain::idempotency::Key;
use domain::types::{Language, Word};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess, Visitor};

use crate::bodies::Tag;
use crate::limits::{Limit, Standing};
use crate::problem::{Code, Problem};
use crate::state::State;

/// The largest body that is read, in bytes.
pub const BODY_LIMIT: usize = 256 * 1024;

/// The access token of the request; 401 without one.
pub struct Token(pub Bearer);

impl FromRequest for Token {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(token(request).ok_or_else(|| Problem::new(Code::Unauthenticated)))
    }
}

fn token(request: &HttpRequest) -> Option<Token> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let state = request.app_data::<web::Data<State>>()?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Token(Bearer::new(token.trim(), state.clock.now())))
}

/// The language asked for by `Accept-Language`, if it asks for one the diary speaks.
#[derive(Debug, Clone, Copy)]
pub struct Asked(pub Option<Language>);

impl Asked {
    /// The language to answer in: the one asked for, else the account's.
    pub fn or(self, own: Language) -> Language {
        self.0.unwrap_or(own)
    }
}

impl FromRequest for Asked {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let value = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        ready(Ok(Self(value.and_then(language))))
    }
}

/// The most wanted of the three languages in an `Accept-Language` value; the first one wins a draw.
fn language(value: &str) -> Option<Language> {
    let ranked = value.split(',').filter_map(|part| {
        let mut pieces = part.split(';');
        let tag = pieces.next()?.trim().to_ascii_lowercase();
        let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
        let language = Language::parse(tag.split('-').next()?)?;
        (weight > 0.0).then_some((weight, language))
    });
    let best = ranked.reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.map(|(_, language)| language)
}

/// Where the request came from: the peer, or what a configured proxy says it was.
#[derive(Debug, Clone, Copy)]
pub struct Address(pub IpAddr);

impl FromRequest for Address {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let peer = request.peer_addr().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.ip());
        let proxies = request.app_data::<web::Data<State>>().map(|state| state.config.http.proxies.as_slice());
        let forwarded = || {
            let value = request.headers().get("x-forwarded-for")?.to_str().ok()?;
            // The last address is the one our own proxy saw.
            value.rsplit(',').next()?.trim().parse().ok()
        };
        let believed = proxies.is_some_and(|proxies| proxies.contains(&peer));
        ready(Ok(Self(if believed { forwarded().unwrap_or(peer) } else { peer })))
    }
}

/// Takes one of a limit and notes where the caller stands, for the `RateLimit` headers of the answer.
pub async fn limited(request: &HttpRequest, state: &State, limit: Limit, what: &str) -> Result<(), Problem> {
    let taken = state.limits.take(limit, what).await;
    // Who is refused has nothing left.
    if let Some(standing) = taken.as_ref().map_or(Some(Standing { limit, remaining: 0 }), |standing| *standing) {
        request.extensions_mut().insert(standing);
    }
    taken.map(drop)
}

/// A JSON body of at most 256 KiB. Unreadable: 400; readable but of the wrong shape: 422; not JSON by its type: 415.
///
/// The second field says what the request was, for [`Once`].
pub struct Body<T>(pub T, pub Fingerprint);

/// Method, path with query, and body of a request, hashed.
#[derive(Debug, Clone)]
pub struct Fingerprint(String);

impl Fingerprint {
    fn of(request: &HttpRequest, body: &[u8]) -> Self {
        Self(format!("{} {} {}", request.method(), request.uri(), Tag::of(&String::from_utf8_lossy(body)).as_str()))
    }
}

/// The `Idempotency-Key` of a request that writes, if it has one: 1 to 200 visible ASCII characters.
pub struct Once(Option<String>);

impl FromRequest for Once {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(value) = request.headers().get("idempotency-key") else { return ready(Ok(Self(None))) };
        let key = value
            .to_str()
            .ok()
            .filter(|key| (1..=200).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()));
        let wrong = || Problem::malformed("An Idempotency-Key is 1 to 200 visible ASCII characters.");
        ready(key.map(|key| Self(Some(key.to_owned()))).ok_or_else(wrong))
    }
}

impl Once {
    /// The key as the database keeps it, for a request with this body.
    pub fn key(&self, request: &Fingerprint) -> Option<Key> {
        self.0.as_ref().map(|key| Key::new(key, &request.0))
    }

    /// The key of a request without a body.
    pub fn bare(&self, request: &HttpRequest) -> Option<Key> {
        self.key(&Fingerprint::of(request, &[]))
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let json =
            request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).is_some_and(is_json);
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            if !json {
                return Err(Problem::new(Code::UnsupportedMediaType));
            }
            let bytes = bytes.await.map_err(|error| match error.as_response_error().status_code().as_u16() {
                413 => Problem::new(Code::PayloadTooLarge),
                _ => Problem::malformed("The body ended early."),
            })?;
            Ok(Self(parse(&bytes)?, Fingerprint::of(&request, &bytes)))
        })
    }
}

/// Reads a form from an object and nothing else: left alone, serde would take a list of its values as well.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(Object(PhantomData))
}

/// As [`object`], for a form that may be left out.
pub fn object_or_null<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Whole<T>>::deserialize(deserializer)?.map(|form| form.0))
}

/// As [`object`], for a list of forms.
pub fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    Ok(Vec::<Whole<T>>::deserialize(deserializer)?.into_iter().map(|form| form.0).collect())
}

/// A form read from an object and nothing else.
pub struct Whole<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Whole<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer).map(Self)
    }
}

struct Object<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map))
    }
}

fn is_json(value: &str) -> bool {
    let mut pieces = value.split(';');
    let json = pieces.next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"));
    json && pieces.all(|piece| match piece.trim().to_ascii_lowercase().strip_prefix("charset=") {
        Some(charset) => charset.trim_matches('"') == "utf-8",
        None => true,
    })
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    if std::str::from_utf8(bytes).is_err() {
        return Err(Problem::malformed("The body is not UTF-8."));
    }
    // No name and no text has a NUL in it, and PostgreSQL cannot keep one.
    if bytes.contains(&0) || bytes.windows(6).any(|window| window == br"\u0000") {
        return Err(Problem::malformed("The body has a NUL character in it."));
    }
    let read = |bytes| {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let form = object(&mut reader)?;
        reader.end().map(|()| form)
    };
    read(bytes).map_err(|error: serde_json::Error| {
        let detail = error.to_string();
        match error.classify() {
            serde_json::error::Category::Data => Problem {
                errors: vec![domain::error::Flaw::new("", "shape", detail)],
                ..Problem::new(Code::ValidationFailed)
            },
            _ => Problem::malformed(detail),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_most_wanted_wins() {
        assert_eq!(language("ru-KZ, kk;q=0.9"), Some(Language::Ru));
        assert_eq!(language("de, kk;q=0.5, en;q=0.8"), Some(Language::En));
        assert_eq!(language("kk;q=0, de"), None);
        assert_eq!(language(""), None);
    }

    #[test]
    fn json_is_known_by_its_type() {
        assert!(is_json("application/json; charset=UTF-8"));
        assert!(!is_json("application/json; charset=latin1"));
        assert!(!is_json("text/plain"));
    }
}
