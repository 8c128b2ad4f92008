//! A store of our own: a root, an authority below it, a certificate that signs.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    date_time_ymd,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use serde_json::{Value, json};

const LEAF: &[u64] = &[1, 2, 840, 113_635, 100, 6, 11, 1];
const INTERMEDIATE: &[u64] = &[1, 2, 840, 113_635, 100, 6, 2, 1];

/// The app whose purchases these are.
pub const BUNDLE: &str = "kz.apta.app";

/// What the certificates say of themselves.
#[derive(Debug)]
pub struct Marks {
    pub leaf: bool,
    pub middle: bool,
    /// Whether the middle one may sign others.
    pub authority: bool,
    /// The first of January of this year the first one ends.
    pub until: i32,
}

impl Default for Marks {
    fn default() -> Self {
        Self { leaf: true, middle: true, authority: true, until: 2030 }
    }
}

pub struct Forge {
    chain: Vec<Vec<u8>>,
    key: EcdsaKeyPair,
}

/// A transaction as the App Store writes it.
pub fn transaction(signed: i64, expires: i64) -> Value {
    json!({
        "transactionId": "1001", "originalTransactionId": "1000", "bundleId": BUNDLE, "environment": "Production",
        "signedDate": signed, "purchaseDate": signed, "expiresDate": expires, "appAccountToken": "5c0e6f9a",
        "productId": "rating.year", "type": "Auto-Renewable Subscription",
    })
}

fn params(name: &str, until: i32, authority: bool, mark: Option<&[u64]>) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = date_time_ymd(2020, 1, 1);
    params.not_after = date_time_ymd(until, 1, 1);
    params.is_ca = if authority { IsCa::Ca(BasicConstraints::Unconstrained) } else { IsCa::ExplicitNoCa };
    // The content of the mark is an empty NULL.
    params.custom_extensions = mark.map(|oid| CustomExtension::from_oid_content(oid, vec![5, 0])).into_iter().collect();
    params
}

impl Forge {
    pub fn new(marks: &Marks) -> Self {
        let [root_key, middle_key, leaf_key] = [(); 3].map(|()| KeyPair::generate().unwrap());
        let leaf_pkcs8 = leaf_key.serialize_der();
        let root_params = params("Root", 2040, true, None);
        let root = root_params.self_signed(&root_key).unwrap();
        let root_issuer = Issuer::new(root_params, root_key);
        let middle_params = params("Middle", 2040, marks.authority, marks.middle.then_some(INTERMEDIATE));
        let middle = middle_params.signed_by(&middle_key, &root_issuer).unwrap();
        let middle_issuer = Issuer::new(middle_params, middle_key);
        let leaf_params = params("Leaf", marks.until, false, marks.leaf.then_some(LEAF));
        let leaf = leaf_params.signed_by(&leaf_key, &middle_issuer).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &leaf_pkcs8, &SystemRandom::new()).unwrap();
        Self { chain: [&leaf, &middle, &root].map(|one| one.der().to_vec()).to_vec(), key }
    }

    pub fn chain(&self) -> Vec<Vec<u8>> {
        self.chain.clone()
    }

    pub fn root(&self) -> Vec<u8> {
        self.chain[2].clone()
    }

    pub fn sign(&self, content: &Value) -> String {
        self.sign_with(content, "ES256", &self.chain)
    }

    pub fn sign_with(&self, content: &Value, algorithm: &str, chain: &[Vec<u8>]) -> String {
        let x5c: Vec<String> = chain.iter().map(|der| STANDARD.encode(der)).collect();
        let head = json!({"alg": algorithm, "x5c": x5c});
        let [head, content] = [&head, content].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let signed = format!("{head}.{content}");
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }
}
