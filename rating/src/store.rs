//! The rating's own database: an own file beside SQLite, an own schema and role on PostgreSQL.

use std::path::PathBuf;
use std::sync::Arc;

use diesel::connection::SimpleConnection;
use diesel_migrations::embed_migrations;
use domain::db::{self, Conn, Db, Tree};
use domain::{Error, Result};
use serde::Deserialize;

use crate::google::Play;
use crate::line::ReleaseKey;
use crate::{apple, google};

const TREE: Tree = Tree {
    sqlite: embed_migrations!("../migrations/rating/sqlite"),
    postgres: embed_migrations!("../migrations/rating/postgres"),
    lock: 4_150_544_102,
};

/// What the rating's connections may do on PostgreSQL: their own schema, and two views of the diary. Diesel asks for the table
/// of migrations by making it if it is not there, which takes the right to make tables in that schema.
const GRANTS: &str = "
DO $$ BEGIN
  CREATE ROLE apta_rating NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT apta_rating TO CURRENT_USER;
GRANT USAGE, CREATE ON SCHEMA rating TO apta_rating;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA rating TO apta_rating;
GRANT SELECT ON public.standings, public.closings TO apta_rating;";

/// The settings under `APTA__RATING__`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Where the rating keeps its own tables. Empty: `rating.db` beside the diary's SQLite file, or the schema `rating` of the
    /// diary's PostgreSQL database, as the role `apta_rating`.
    pub database_url: String,
    pub connections: u32,
    /// The file with the key of all draws, 32 characters or more. Without it one is made in the data folder.
    pub key_file: Option<PathBuf>,
    /// So many counted children make a cohort.
    pub least: usize,
    /// Days between the closing of a period and its release.
    pub grace_days: u32,
    pub apple: apple::Settings,
    pub google: google::Settings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            database_url: String::new(),
            connections: 4,
            key_file: None,
            least: 20,
            grace_days: 3,
            apple: apple::Settings::default(),
            google: google::Settings::default(),
        }
    }
}

impl Settings {
    /// Where the rating's own tables are, beside the diary at `diary`.
    fn url(&self, diary: &str) -> String {
        if !self.database_url.is_empty() {
            return self.database_url.clone();
        }
        if is_postgres(diary) {
            return with_options(diary, "-c search_path=rating,public -c role=apta_rating");
        }
        let path = diary.trim_start_matches("sqlite:");
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        if folder.is_empty() { "sqlite:rating.db".to_owned() } else { format!("sqlite:{folder}/rating.db") }
    }

    fn pool(&self, url: String, diary: &db::Settings) -> db::Settings {
        db::Settings { url, connections: self.connections, ..diary.clone() }
    }
}

fn is_postgres(url: &str) -> bool {
    url.starts_with("postgres://") || url.starts_with("postgresql://")
}

/// The address with options for the session.
fn with_options(url: &str, options: &str) -> String {
    let sign = if url.contains('?') { '&' } else { '?' };
    let coded = options.replace(' ', "%20").replace('=', "%3D").replace(',', "%2C");
    format!("{url}{sign}options={coded}")
}

/// Brings the rating's own tables to this version, as the owner of the diary's database, and says how many migrations
/// that were. The diary must have been migrated.
pub fn migrate(settings: &Settings, diary: &db::Settings) -> Result<usize> {
    if !is_postgres(&diary.url) || !settings.database_url.is_empty() {
        return TREE.migrate(&settings.url(&diary.url));
    }
    let owner = Db::open(&settings.pool(diary.url.clone(), diary))?;
    run(&owner, "CREATE SCHEMA IF NOT EXISTS rating")?;
    let done = TREE.migrate(&with_options(&diary.url, "-c search_path=rating"))?;
    run(&owner, GRANTS)?;
    Ok(done)
}

fn run(owner: &Db, statements: &str) -> Result<()> {
    // Two processes may make the same schema or grant the same at once: the loser looks again.
    let work = |conn: &mut Conn| match conn {
        Conn::Postgres(conn) => Ok(conn.batch_execute(statements)?),
        Conn::Sqlite(_) => Ok(()),
    };
    let tried = (0..10).map(|_| owner.write_here(work)).find(|done| !matches!(done, Err(Error::Db(_))));
    tried.unwrap_or_else(|| owner.write_here(work))
}

/// The rating, at work.
#[derive(Clone)]
pub struct Rating {
    pub(crate) own: Db,
    pub(crate) diary: Db,
    pub(crate) key: ReleaseKey,
    pub(crate) settings: Settings,
    apple: Option<apple::Shop>,
    app_store: Option<Arc<apple::Server>>,
    google: Option<Arc<Play>>,
}

impl Rating {
    /// Opens the rating beside a diary. On PostgreSQL the diary is read by the rating's own role, on SQLite through a
    /// connection of its own.
    pub fn open(settings: &Settings, diary: &db::Settings, key: ReleaseKey) -> Result<Self> {
        if settings.least < 20 {
            return Err(Error::Store(
                "APTA__RATING__LEAST must be 20 or more: the bound was measured from there".to_owned(),
            ));
        }
        let own = TREE.open(&settings.pool(settings.url(&diary.url), diary))?;
        let diary = if is_postgres(&diary.url) && settings.database_url.is_empty() {
            own.clone()
        } else {
            Db::open(&settings.pool(diary.url.clone(), diary))?
        };
        Ok(Self {
            own,
            diary,
            key,
            settings: settings.clone(),
            apple: settings.apple.shop()?,
            app_store: settings.apple.server()?.map(Arc::new),
            google: settings.google.play()?.map(Arc::new),
        })
    }

    /// The App Store, if anything is sold over it.
    pub fn apple(&self) -> Option<&apple::Shop> {
        self.apple.as_ref()
    }

    pub(crate) fn app_store(&self) -> Option<&apple::Server> {
        self.app_store.as_deref()
    }

    /// Google Play, if anything is sold over it.
    pub fn google(&self) -> Option<&Play> {
        self.google.as_deref()
    }

    /// The rating's own tables.
    pub fn own(&self) -> &Db {
        &self.own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_own_place_is_beside_the_diary() {
        let url = |diary: &str| Settings::default().url(diary);
        assert_eq!(url("sqlite:data/diary.db"), "sqlite:data/rating.db");
        assert_eq!(url("sqlite:///srv/apta.db"), "sqlite:///srv/rating.db");
        assert_eq!(url("diary.db"), "sqlite:rating.db");
        assert_eq!(
            url("postgres://u@h/d?sslmode=require"),
            "postgres://u@h/d?sslmode=require&options=-c%20search_path%3Drating%2Cpublic%20-c%20role%3Dapta_rating"
        );
    }
}
