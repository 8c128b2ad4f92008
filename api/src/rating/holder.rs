//! The rating, once it could be opened. Until then, and if it never can, the diary serves all the same.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use ::rating::line::ReleaseKey;
use ::rating::{Rating, Settings};
use anyhow::Context;
use tokio::sync::Notify;

use crate::config::{Config, Mode};
use crate::problem::{Code, Problem};

/// Where the rating is, and the rating itself after [`Holder::open`].
#[derive(Clone)]
pub struct Holder(Arc<Inner>);

struct Inner {
    settings: Settings,
    diary: domain::db::Settings,
    data: PathBuf,
    production: bool,
    opened: OnceLock<Rating>,
    letters: Notify,
}

impl Holder {
    pub fn new(config: &Config) -> Self {
        Self(Arc::new(Inner {
            settings: config.rating.clone(),
            diary: config.database.clone(),
            data: config.data.clone(),
            production: config.mode == Mode::Production,
            opened: OnceLock::new(),
            letters: Notify::new(),
        }))
    }

    /// The rating for a request; 503 while it is not open. Never waits.
    pub fn get(&self) -> Result<&Rating, Problem> {
        let away = || {
            let detail = "The comparison is away for the moment; the diary is not.";
            Problem { retry_after: Some(60), ..Problem::new(Code::Busy).detail(detail) }
        };
        self.0.opened.get().ok_or_else(away)
    }

    /// Tells the worker of this process that there is a letter of a store.
    pub fn wake(&self) {
        self.0.letters.notify_one();
    }

    /// Until somebody calls [`Holder::wake`], or has since the last time.
    pub async fn woken(&self) {
        self.0.letters.notified().await;
    }

    /// Migrates and opens the rating. May wait for its database, so it is not for a thread that serves.
    pub fn open(&self) -> anyhow::Result<&Rating> {
        if let Some(rating) = self.0.opened.get() {
            return Ok(rating);
        }
        ::rating::migrate(&self.0.settings, &self.0.diary)?;
        let rating = Rating::open(&self.0.settings, &self.0.diary, self.key()?)?;
        Ok(self.0.opened.get_or_init(|| rating))
    }

    fn key(&self) -> anyhow::Result<ReleaseKey> {
        let own = self.0.data.join("rating.key");
        let file = match &self.0.settings.key_file {
            Some(file) => file,
            None if self.0.production => {
                anyhow::bail!("mode production needs APTA__RATING__KEY_FILE, the same on all instances")
            }
            None => {
                make(&own)?;
                &own
            }
        };
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let short = || format!("{} must hold 32 characters or more", file.display());
        ReleaseKey::from_text(&text).with_context(short)
    }
}

/// Makes the key of a trial installation unless it is there; of two processes one wins.
fn make(file: &PathBuf) -> anyhow::Result<()> {
    if file.exists() {
        return Ok(());
    }
    let folder = file.parent().context("the data folder has a name")?;
    std::fs::create_dir_all(folder)?;
    // Readable by its owner alone, as temporary files are.
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    writeln!(fresh, "{}", domain::secrets::token())?;
    fresh.as_file().sync_all()?;
    match fresh.persist_noclobber(file) {
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => Err(error.error.into()),
        _ => Ok(()),
    }
}
