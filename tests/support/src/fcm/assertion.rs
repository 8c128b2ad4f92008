//! The service account this stand-in knows, and whether an assertion is its own.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value, json};

use super::PROJECT;

/// The key of the service account.
pub(crate) const PEM: &str = include_str!("account.pem");
const EMAIL: &str = "apta@apta-test.iam.gserviceaccount.test";
const TOKEN_URI: &str = "https://oauth2.googleapis.test/token";

/// The key file, as the Firebase console would hand it out.
pub(crate) fn key_file() -> Value {
    let (_, key) = PEM.split_once('\n').expect("a line before the key");
    json!({
        "type": "service_account", "project_id": PROJECT, "private_key_id": "test-key", "private_key": key,
        "client_email": EMAIL, "client_id": "1", "token_uri": TOKEN_URI,
    })
}

fn public_key() -> Vec<u8> {
    key_pair(PEM).public_key().as_ref().to_vec()
}

/// The key of a PEM file with a line before it.
pub(crate) fn key_pair(pem: &str) -> RsaKeyPair {
    let base64: String =
        pem.lines().skip_while(|line| !line.starts_with("-----")).filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(base64).expect("a key in PEM");
    RsaKeyPair::from_pkcs8(&der).expect("an RSA key")
}

/// What is wrong with the form of a request for a token of this scope, in a word.
pub(crate) fn check(form: &[u8], scope: &str) -> Result<(), &'static str> {
    let form = String::from_utf8_lossy(form);
    let field =
        |name: &str| form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default();
    if field("grant_type") != "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer" {
        return Err("grant_type");
    }
    let assertion = field("assertion");
    let (signed, signature) = assertion.rsplit_once('.').ok_or("assertion")?;
    let signature = URL_SAFE_NO_PAD.decode(signature).map_err(|_| "base64")?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public_key());
    key.verify(signed.as_bytes(), &signature).map_err(|_| "signature")?;
    let (_, claims) = signed.split_once('.').ok_or("claims")?;
    let claims = URL_SAFE_NO_PAD.decode(claims).map_err(|_| "base64")?;
    let claims: Value = serde_json::from_slice(&claims).map_err(|_| "claims")?;
    let life = claims["exp"].as_i64().unwrap_or(0) - claims["iat"].as_i64().unwrap_or(0);
    let right =
        claims["iss"] == EMAIL && claims["aud"] == TOKEN_URI && claims["scope"] == scope && (1..=3600).contains(&life);
    if right { Ok(()) } else { Err("claims") }
}
