//! The App Store: what it signs is believed once the signature leads to the pinned root, and nothing before.

mod jws;
mod said;
mod server;

use std::path::PathBuf;

use domain::Error;
use serde::Deserialize;

pub use jws::Roots;
pub use said::Shop;
pub use server::Server;

/// The settings under `APTA__RATING__APPLE__`. Without an app nothing is sold over the App Store.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// The bundle id of the app.
    pub bundle_id: String,
    /// `Production`, or `Sandbox` while trying out.
    pub environment: String,
    /// The root certificate as Apple publishes it (Apple Root CA - G3), in DER.
    pub root_file: Option<PathBuf>,
    /// A key for the App Store Server API (.p8), which is asked once a day; its id, and the issuer App Store Connect names.
    pub key_file: Option<PathBuf>,
    pub key_id: String,
    pub issuer_id: String,
    pub base_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            bundle_id: String::new(),
            environment: "Production".to_owned(),
            root_file: None,
            key_file: None,
            key_id: String::new(),
            issuer_id: String::new(),
            base_url: "https://api.storekit.itunes.apple.com".to_owned(),
        }
    }
}

impl Settings {
    /// The shop they describe, if they describe one.
    pub(crate) fn shop(&self) -> domain::Result<Option<Shop>> {
        let Some(file) = self.root_file.as_ref().filter(|_| !self.bundle_id.is_empty()) else { return Ok(None) };
        let unread = |error| Error::Store(format!("cannot read the App Store root {}: {error}", file.display()));
        let roots = Roots::new(vec![std::fs::read(file).map_err(unread)?]);
        let (bundle_id, environment) = (self.bundle_id.clone(), self.environment.clone());
        Ok(Some(Shop { roots, bundle_id, environment }))
    }
    /// The API that is asked about it, if there is a key for it.
    pub(crate) fn server(&self) -> domain::Result<Option<Server>> {
        Server::new(self)
    }
}
