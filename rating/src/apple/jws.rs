//! A JWS of the App Store: ES256 alone, with the chain of its certificates in its head, up to a pinned root.
//!
//! What the head says is a hint until the chain is proved: it chooses no algorithm and no root.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::NaiveDateTime;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::proof::{Refused, parts};

/// Apple's marks of a certificate that signs receipts, and of the authority above it.
const LEAF: &str = "1.2.840.113635.100.6.11.1";
const INTERMEDIATE: &str = "1.2.840.113635.100.6.2.1";

/// The roots that are believed, as DER.
#[derive(Debug, Clone)]
pub struct Roots(Vec<Vec<u8>>);

#[derive(Deserialize)]
struct Head {
    alg: String,
    x5c: Vec<String>,
}

impl Roots {
    pub fn new(roots: Vec<Vec<u8>>) -> Self {
        Self(roots)
    }

    /// The content of a JWS, if it is signed as it should be at `now`.
    pub fn open<T: DeserializeOwned>(&self, jws: &str, now: NaiveDateTime) -> Result<T, Refused> {
        let [head, content, signature] = parts(jws)?;
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refused::Shape);
        let read: Head = serde_json::from_slice(&bytes(head)?).map_err(|_| Refused::Shape)?;
        if read.alg != "ES256" {
            return Err(Refused::Algorithm);
        }
        let chain: Vec<Vec<u8>> = read.x5c.iter().filter_map(|der| STANDARD.decode(der).ok()).collect();
        let key = self.prove(&chain, read.x5c.len(), now)?;
        let signed = jws.get(..head.len() + 1 + content.len()).ok_or(Refused::Shape)?;
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)
            .verify(signed.as_bytes(), &bytes(signature)?)
            .map_err(|_| Refused::Signature)?;
        serde_json::from_slice(&bytes(content)?).map_err(|_| Refused::Content)
    }

    /// The key of the first certificate, once the chain is proved.
    fn prove(&self, chain: &[Vec<u8>], told: usize, now: NaiveDateTime) -> Result<Vec<u8>, Refused> {
        let [leaf, middle, root] = chain else { return Err(Refused::Shape) };
        if told != chain.len() {
            return Err(Refused::Shape);
        }
        if !self.0.contains(root) {
            return Err(Refused::Root);
        }
        let [leaf, middle, root] = [certificate(leaf)?, certificate(middle)?, certificate(root)?];
        for (one, above) in [(&leaf, &middle), (&middle, &root)] {
            let authority = above.basic_constraints().ok().flatten().is_some_and(|basic| basic.value.ca);
            let named = one.issuer() == above.subject();
            if !authority || !named || one.verify_signature(Some(above.public_key())).is_err() {
                return Err(Refused::Chain);
            }
        }
        let now = ASN1Time::from_timestamp(now.and_utc().timestamp()).map_err(|_| Refused::Expired)?;
        if ![&leaf, &middle, &root].iter().all(|one| one.validity().is_valid_at(now)) {
            return Err(Refused::Expired);
        }
        if !marked(&leaf, LEAF) || !marked(&middle, INTERMEDIATE) {
            return Err(Refused::Purpose);
        }
        Ok(leaf.public_key().subject_public_key.data.to_vec())
    }
}

fn certificate(der: &[u8]) -> Result<X509Certificate<'_>, Refused> {
    match X509Certificate::from_der(der) {
        Ok(([], certificate)) => Ok(certificate),
        _ => Err(Refused::Shape),
    }
}

fn marked(certificate: &X509Certificate<'_>, oid: &str) -> bool {
    certificate.extensions().iter().any(|extension| extension.oid.to_id_string() == oid)
}
