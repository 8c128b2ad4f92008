//! The service account's key file, and the assertion it signs (RFC 7523, as Google's token endpoint takes it).

use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;

use super::Error;

/// What the assertion asks for: to send messages, nothing else.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// The key file of a service account, as the Firebase console hands it out.
#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: String,
    project_id: String,
    private_key_id: String,
    private_key: SecretString,
    client_email: String,
    token_uri: String,
}

/// A service account that can prove who it is.
pub(super) struct Account {
    pub project: String,
    /// Where assertions are turned into access tokens.
    pub token_url: String,
    /// What `token_url` calls itself; stays what the key file says, whoever stands in for Google.
    audience: String,
    email: String,
    key_id: String,
    key: RsaKeyPair,
}

impl Account {
    /// Reads the key file; `token_url` replaces the address in it.
    pub fn read(path: &Path, token_url: Option<&str>) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| Error(format!("APTA__FCM__CREDENTIALS: {} cannot be read: {error}", path.display())))?;
        Self::parse(&text, token_url)
            .map_err(|what| Error(format!("APTA__FCM__CREDENTIALS: {} is {what}", path.display())))
    }

    /// What is wrong with a key file is told without a word of what is in it.
    fn parse(text: &str, token_url: Option<&str>) -> Result<Self, &'static str> {
        let file: KeyFile =
            serde_json::from_str(text).map_err(|_| "not the JSON key file of a service account (create one in the Firebase console under Service accounts)")?;
        if file.kind != "service_account" {
            return Err("a key of another kind; a service account's is needed");
        }
        let der = PrivatePkcs8KeyDer::from_pem_slice(file.private_key.expose_secret().as_bytes())
            .map_err(|_| "a key file whose private_key is not PKCS #8 in PEM: download it again")?;
        let key = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der())
            .map_err(|_| "a key file whose private_key is no RSA key of 2048 bits or more: download it again")?;
        Ok(Self {
            project: file.project_id,
            token_url: token_url.unwrap_or(&file.token_uri).to_owned(),
            audience: file.token_uri,
            email: file.client_email,
            key_id: file.private_key_id,
            key,
        })
    }

    /// A signed assertion, good for an hour from `now` (seconds since 1970) on.
    pub fn assertion(&self, now: i64) -> Result<String, Error> {
        let header = json!({"alg": "RS256", "typ": "JWT", "kid": self.key_id});
        let claims = json!({
            "iss": self.email, "scope": SCOPE, "aud": self.audience, "iat": now, "exp": now + 3600
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .map_err(|_| Error("the assertion for Google could not be signed".to_owned()))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_key_file_is_told_without_its_secrets() {
        let told = |text: &str| Account::parse(text, None).err().unwrap();
        assert!(told("{}").contains("not the JSON key file"));
        let file = |kind: &str, key: &str| {
            json!({"type": kind, "project_id": "p", "private_key_id": "k", "private_key": key,
                "client_email": "e", "token_uri": "https://oauth2.googleapis.com/token"})
            .to_string()
        };
        assert!(told(&file("authorized_user", "x")).contains("another kind"));
        assert!(told(&file("service_account", "mark-of-a-secret")).contains("PKCS #8"));
        let pem = "-----BEGIN PRIVATE KEY-----\nMAECAwQ=\n-----END PRIVATE KEY-----\n";
        assert!(told(&file("service_account", pem)).contains("no RSA key"));
    }
}
