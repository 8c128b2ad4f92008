//! The service account's key file, and the assertion it signs (RFC 7523, as Google's token endpoint takes it).
//!
//! As in `notifications::fcm::account`, which this crate may not know: another account, another scope, another shop.

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Error;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

/// What the assertion asks for.
const SCOPE: &str = "https://www.googleapis.com/auth/androidpublisher";

#[derive(Deserialize)]
struct KeyFile {
    private_key_id: String,
    private_key: SecretString,
    client_email: String,
    token_uri: String,
}

/// A service account that can prove who it is.
pub(super) struct Key {
    /// Where assertions are turned into access tokens.
    pub token_url: String,
    /// What `token_url` calls itself; stays what the key file says, whoever stands in for Google.
    audience: String,
    email: String,
    id: String,
    pair: RsaKeyPair,
}

impl Key {
    /// Reads the key file; `token_url` replaces the address in it. What is wrong is told without a word of what is in it.
    pub fn read(path: &Path, token_url: Option<&str>) -> domain::Result<Self> {
        let wrong = |what: &str| Error::Store(format!("APTA__RATING__GOOGLE__CREDENTIALS: {} {what}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
        let file: KeyFile =
            serde_json::from_str(&text).map_err(|_| wrong("is not the JSON key file of a service account"))?;
        let der = PrivatePkcs8KeyDer::from_pem_slice(file.private_key.expose_secret().as_bytes())
            .map_err(|_| wrong("has no private_key in PKCS #8: download it again"))?;
        let pair = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| wrong("has no RSA key of 2048 bits or more: download it again"))?;
        let token_url = token_url.unwrap_or(&file.token_uri).to_owned();
        Ok(Self { token_url, audience: file.token_uri, email: file.client_email, id: file.private_key_id, pair })
    }

    /// A signed assertion, good for an hour from `now` (seconds since 1970) on; none if it cannot be signed.
    pub fn assertion(&self, now: i64) -> Option<String> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.id});
        let claims = json!({"iss": self.email, "scope": SCOPE, "aud": self.audience, "iat": now, "exp": now + 3600});
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).ok()?;
        Some(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
