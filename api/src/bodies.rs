//! Finished answers: their tags, their compressed forms, and the bounded memory they are kept in.

use std::io::Write;
use std::sync::{Arc, OnceLock};

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Bytes;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use moka::sync::Cache;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A view as JSON. One that cannot be written is our fault (500), never an empty answer.
pub fn json(view: &impl Serialize) -> domain::Result<String> {
    serde_json::to_string(view).map_err(|error| domain::Error::Store(format!("a view cannot be written: {error}")))
}

/// How an answer may travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    Identity,
    Gzip,
    Brotli,
}

impl Coding {
    /// The best coding the client takes; brotli before gzip.
    pub fn accepted(headers: &HeaderMap) -> Self {
        let Some(accepted) = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()) else {
            return Self::Identity;
        };
        let takes = |name: &str| {
            accepted.split(',').any(|part| {
                let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
                coding.trim().eq_ignore_ascii_case(name) && !is_zero(weight)
            })
        };
        if takes("br") {
            Self::Brotli
        } else if takes("gzip") {
            Self::Gzip
        } else {
            Self::Identity
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Identity => "",
            Self::Gzip => "-gz",
            Self::Brotli => "-br",
        }
    }

    fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }
}

/// `;q=0`, `;q=0.0` and so on.
fn is_zero(weight: &str) -> bool {
    let weight = weight.trim().trim_start_matches("q=");
    !weight.is_empty() && weight.chars().all(|c| c == '0' || c == '.')
}

/// What a view depends on, as one short text: equal tags, equal bodies.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// Of everything the view depends on.
    pub fn of(key: &str) -> Self {
        let digest = Sha256::digest(key.as_bytes());
        Self(URL_SAFE_NO_PAD.encode(digest.get(..15).unwrap_or_default()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The strong tag of this body in one coding.
    fn header(&self, coding: Coding) -> String {
        format!("\"{}{}\"", self.0, coding.suffix())
    }

    /// Whether the client already has this body in this coding.
    pub fn known(&self, headers: &HeaderMap, coding: Coding) -> bool {
        let own = self.header(coding);
        let known = headers.get_all(header::IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
        known.flat_map(|value| value.split(',')).any(|tag| tag.trim() == own || tag.trim() == "*")
    }

    /// 304, or the body, which is JSON.
    pub fn respond(&self, body: Option<&Body>, coding: Coding) -> HttpResponse {
        self.respond_as("application/json", body, coding)
    }

    /// 304, or the body.
    pub fn respond_as(&self, media_type: &'static str, body: Option<&Body>, coding: Coding) -> HttpResponse {
        let mut response = HttpResponse::build(if body.is_some() { StatusCode::OK } else { StatusCode::NOT_MODIFIED });
        response
            .insert_header((header::ETAG, self.header(coding)))
            .insert_header((header::CACHE_CONTROL, "private, no-cache"))
            .insert_header((header::VARY, "Accept-Language, Accept-Encoding"));
        let Some(body) = body else { return response.finish() };
        // Named even for identity: the compressing middleware leaves such answers alone.
        response.insert_header((header::CONTENT_ENCODING, coding.name().unwrap_or("identity")));
        response.content_type(media_type).body(body.coded(coding))
    }
}

/// A finished answer; its compressed forms are made once, when first asked for.
#[derive(Debug)]
pub struct Body {
    plain: Bytes,
    gzip: OnceLock<Bytes>,
    brotli: OnceLock<Bytes>,
}

impl Body {
    pub fn new(plain: Vec<u8>) -> Self {
        Self { plain: Bytes::from(plain), gzip: OnceLock::new(), brotli: OnceLock::new() }
    }

    /// The bytes in this coding.
    pub fn coded(&self, coding: Coding) -> Bytes {
        match coding {
            Coding::Identity => self.plain.clone(),
            Coding::Gzip => self.gzip.get_or_init(|| gzip(&self.plain)).clone(),
            Coding::Brotli => self.brotli.get_or_init(|| brotli(&self.plain)).clone(),
        }
    }

    /// A guess at the memory it will hold with its compressed forms.
    fn weight(&self) -> u32 {
        u32::try_from(self.plain.len() * 3 / 2 + 512).unwrap_or(u32::MAX)
    }
}

// Compression into memory cannot fail; were it to, an empty body would be wrong, so the plain one stays.
fn gzip(plain: &Bytes) -> Bytes {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(5));
    let done = encoder.write_all(plain).and_then(|()| encoder.finish());
    done.map_or_else(|_| plain.clone(), Bytes::from)
}

fn brotli(plain: &Bytes) -> Bytes {
    let mut coded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut coded, 4096, 4, 20);
    let done = encoder.write_all(plain);
    drop(encoder);
    if done.is_ok() { Bytes::from(coded) } else { plain.clone() }
}

/// The answers kept, by tag. A tag names everything the answer depends on, so nothing is ever invalidated.
#[derive(Clone)]
pub struct Bodies {
    kept: Cache<Tag, Arc<Body>>,
}

impl Bodies {
    /// Keeps about this many megabytes.
    pub fn new(megabytes: u64) -> Self {
        let kept = Cache::builder()
            .max_capacity(megabytes * 1024 * 1024)
            .weigher(|_: &Tag, body: &Arc<Body>| body.weight())
            .build();
        Self { kept }
    }

    pub fn get(&self, tag: &Tag) -> Option<Arc<Body>> {
        self.kept.get(tag)
    }

    pub fn keep(&self, tag: Tag, body: Arc<Body>) {
        self.kept.insert(tag, body);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_coding_is_taken_and_a_refused_one_is_not() {
        let accepted = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, value.parse().unwrap());
            Coding::accepted(&headers)
        };
        assert_eq!(accepted("gzip, deflate, br"), Coding::Brotli);
        assert_eq!(accepted("gzip;q=1.0, br;q=0"), Coding::Gzip);
        assert_eq!(accepted("identity"), Coding::Identity);
        assert_eq!(Coding::accepted(&HeaderMap::new()), Coding::Identity);
    }

    #[test]
    fn every_coding_has_a_tag_of_its_own() {
        let tag = Tag::of("a view");
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, tag.header(Coding::Gzip).parse().unwrap());
        assert!(tag.known(&headers, Coding::Gzip));
        assert!(!tag.known(&headers, Coding::Brotli));
        assert!(!Tag::of("another view").known(&headers, Coding::Gzip));
    }
}
