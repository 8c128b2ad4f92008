//! Databases for tests: a fresh SQLite file or PostgreSQL database in milliseconds, gone when dropped.

use std::env;
use std::fs;
use std::future::Future;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use tempfile::TempDir;

/// The database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// The two tests of one body, `NAME::sqlite` and `NAME::postgres`. What the body asks for is made by [`On`]:
///
/// ```text
/// both!(a_parent_sees_only_her_own_children, async |app: App| {
///     app.get("/v1/children").await;
/// });
/// ```
#[macro_export]
macro_rules! both {
    ($name:ident, $body:expr) => {
        fn $name(kind: $crate::database::Kind) {
            $crate::database::run_on(kind, $body);
        }

        mod $name {
            #[test]
            fn sqlite() {
                super::$name($crate::database::Kind::Sqlite);
            }

            #[test]
            fn postgres() {
                super::$name($crate::database::Kind::Postgres);
            }
        }
    };
}

/// What the body of a [`both!`] may take as its argument.
pub trait On {
    fn on(kind: Kind) -> impl Future<Output = Self>;
}

impl On for Kind {
    async fn on(kind: Kind) -> Self {
        kind
    }
}

/// Makes what `body` asks for and runs it.
pub fn run_on<Argument: On>(kind: Kind, body: impl AsyncFnOnce(Argument)) {
    run(async { body(Argument::on(kind).await).await });
}

/// Runs one test on a runtime of its own.
pub fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime starts").block_on(test);
}

/// A database prepared once in a process and copied for every test. `prepare` migrates the database at an address and
/// leaves no connection open.
#[derive(Debug)]
pub struct Template {
    prepare: fn(&str),
    sqlite: OnceLock<Vec<u8>>,
    postgres: OnceLock<String>,
}

impl Template {
    pub const fn new(prepare: fn(&str)) -> Self {
        Self { prepare, sqlite: OnceLock::new(), postgres: OnceLock::new() }
    }

    fn sqlite(&self) -> &[u8] {
        self.sqlite.get_or_init(|| {
            let folder = TempDir::new().expect("a temporary folder");
            let file = folder.path().join(FILE);
            (self.prepare)(&sqlite_url(&file));
            assert!(!folder.path().join("apta.db-wal").exists(), "prepare left a connection open");
            fs::read(file).expect("the prepared file")
        })
    }

    fn postgres(&self) -> &str {
        self.postgres.get_or_init(|| {
            let server = Server::of_tests();
            let name = server.fresh_name("template");
            server.execute(&format!("CREATE DATABASE {name}"));
            (self.prepare)(&server.url(&name));
            name
        })
    }
}

/// A database of one test, removed on drop with whoever is still connected.
#[derive(Debug)]
pub struct Database {
    url: String,
    home: Home,
}

#[derive(Debug)]
enum Home {
    /// Removed on drop.
    Folder {
        folder: TempDir,
    },
    Server(String),
    /// A server that goes with it.
    Own,
}

impl Database {
    /// A copy of `template`.
    pub fn new(kind: Kind, template: &Template) -> Self {
        match kind {
            Kind::Sqlite => Self::file(template.sqlite()),
            Kind::Postgres => Self::on_server(&format!(" TEMPLATE {}", template.postgres())),
        }
    }

    /// The database at an address on a server of its own, prepared as `template` is.
    pub fn own(url: String, template: &Template) -> Self {
        (template.prepare)(&url);
        Self { url, home: Home::Own }
    }

    /// A database without a single table, for tests of the migrations themselves.
    pub fn empty(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => Self::file(&[]),
            Kind::Postgres => Self::on_server(""),
        }
    }

    /// A copy as a backup is one, with the files beside it. Nobody may be connected.
    #[must_use]
    pub fn copy(&self) -> Self {
        match &self.home {
            Home::Server(name) => Self::on_server(&format!(" TEMPLATE {name}")),
            Home::Own => panic!("a server of its own is not copied"),
            Home::Folder { folder } => {
                let copy = TempDir::new().expect("a temporary folder");
                for entry in fs::read_dir(folder.path()).expect("the folder").flatten() {
                    fs::copy(entry.path(), copy.path().join(entry.file_name())).expect("a copy");
                }
                Self { url: sqlite_url(&copy.path().join(FILE)), home: Home::Folder { folder: copy } }
            }
        }
    }

    /// The address, as the setting `database.url` takes it.
    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn kind(&self) -> Kind {
        match self.home {
            Home::Folder { .. } => Kind::Sqlite,
            Home::Server(_) | Home::Own => Kind::Postgres,
        }
    }

    fn file(content: &[u8]) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let file = folder.path().join(FILE);
        fs::write(&file, content).expect("a database file");
        Self { url: sqlite_url(&file), home: Home::Folder { folder } }
    }

    fn on_server(template: &str) -> Self {
        let server = Server::of_tests();
        let name = server.fresh_name("test");
        server.execute(&format!("CREATE DATABASE {name}{template}"));
        Self { url: server.url(&name), home: Home::Server(name) }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Home::Server(name) = &self.home else { return };
        // A panic here, in a test that already panics, would end all tests.
        if let Err(error) = Server::of_tests().try_execute(&drop_statement(name)) {
            eprintln!("{name} could not be dropped: {error}");
        }
    }
}

const FILE: &str = "apta.db";

fn sqlite_url(file: &Path) -> String {
    format!("sqlite://{}", file.display())
}

fn drop_statement(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

/// The PostgreSQL server of the tests and the one connection that makes and drops databases on it. Their names carry
/// the number of that connection, so that what a killed run left behind is known by its absence.
struct Server {
    address: String,
    parameters: String,
    owner: i32,
    admin: Mutex<PgConnection>,
    made: AtomicU32,
}

impl Server {
    fn of_tests() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| {
            let Ok(url) = env::var("APTA_TEST_POSTGRES") else { panic!("run ./test, or set APTA_TEST_POSTGRES") };
            Self::connect(&url)
        })
    }

    fn connect(url: &str) -> Self {
        let (path, parameters) =
            url.split_once('?').map_or((url, String::new()), |(path, rest)| (path, format!("?{rest}")));
        let (address, _database) = path.rsplit_once('/').expect("APTA_TEST_POSTGRES names a database");
        let mut admin = PgConnection::establish(url).expect("APTA_TEST_POSTGRES names a server that answers");
        admin.batch_execute("SET application_name = 'apta tests'").expect("a name for the connection");
        let owner = diesel::select(pg_backend_pid()).get_result(&mut admin).expect("the number of the connection");
        drop_orphans(&mut admin).expect("databases of killed runs can be dropped");
        Self { address: address.to_owned(), parameters, owner, admin: Mutex::new(admin), made: AtomicU32::new(0) }
    }

    fn url(&self, name: &str) -> String {
        format!("{}/{name}{}", self.address, self.parameters)
    }

    fn fresh_name(&self, what: &str) -> String {
        format!("apta_{what}_{}_{}", self.owner, self.made.fetch_add(1, Ordering::Relaxed))
    }

    fn execute(&self, statement: &str) {
        self.try_execute(statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    fn try_execute(&self, statement: &str) -> QueryResult<()> {
        self.admin.lock().unwrap_or_else(PoisonError::into_inner).batch_execute(statement)
    }
}

diesel::define_sql_function!(fn pg_backend_pid() -> diesel::sql_types::Integer);

#[derive(QueryableByName)]
struct Orphan {
    #[diesel(sql_type = Text)]
    datname: String,
}

/// Drops the databases whose run is over. A database with this connection's own number is as old as any other.
fn drop_orphans(admin: &mut PgConnection) -> QueryResult<()> {
    let orphans: Vec<Orphan> = diesel::sql_query(
        "SELECT datname::text FROM pg_database WHERE datname ~ '^apta_(test|template)_[0-9]+_[0-9]+$' \
         AND NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'apta tests' \
         AND pid <> pg_backend_pid() AND pid::text = split_part(datname, '_', 3))",
    )
    .load(admin)?;
    orphans.iter().try_for_each(|orphan| admin.batch_execute(&drop_statement(&orphan.datname)))
}
