//! A PostgreSQL server of one test's own, which it may crash and start again.

use std::env;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use diesel::{Connection, PgConnection};
use tempfile::TempDir;

use crate::listener::free_port;

/// A private server. It keeps what it committed over a crash, and is gone with its files when dropped.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl Postgres {
    /// Makes an empty server on a free port and returns when it answers.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        if let Some((user, group)) = other_user() {
            std::os::unix::fs::chown(folder.path(), Some(user), Some(group)).expect("a folder of its own");
        }
        let made = command("initdb", &folder)
            .args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
            .output()
            .expect("initdb");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        for _attempt in 0..5 {
            let port = free_port();
            if let Some(process) = launch(port, &folder) {
                return Self { port, folder, process };
            }
        }
        panic!("PostgreSQL does not start: {}", log(&folder));
    }

    /// The address of a database there. It stays the same over a restart.
    pub fn url(&self) -> String {
        url(self.port)
    }

    /// Ends it at once and without a farewell, as `pg_ctl -m immediate` does: what comes after it recovers from its log.
    pub fn crash(&mut self) {
        let sent =
            Command::new("kill").args(["-QUIT", &self.process.id().to_string()]).status().expect("the program kill");
        assert!(sent.success(), "SIGQUIT could not be sent");
        self.process.wait().expect("PostgreSQL ends");
    }

    /// Starts it again, and returns when it answers.
    pub fn restart(&mut self) {
        self.process = launch(self.port, &self.folder)
            .unwrap_or_else(|| panic!("PostgreSQL does not start: {}", log(&self.folder)));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            // Killed with -9, it would leave its children behind for a while.
            let _ = Command::new("kill").args(["-QUIT", &self.process.id().to_string()]).status();
        }
        let _ = self.process.wait();
    }
}

fn url(port: u16) -> String {
    format!("postgres://postgres@127.0.0.1:{port}/postgres")
}

/// PostgreSQL refuses to run as root: the user and the group to be then.
fn other_user() -> Option<(u32, u32)> {
    let number = |arguments: &[&str]| {
        let told = Command::new("id").args(arguments).output().ok().filter(|told| told.status.success())?;
        String::from_utf8_lossy(&told.stdout).trim().parse::<u32>().ok()
    };
    if number(&["-u"]) != Some(0) {
        return None;
    }
    let other = |name| Some((number(&["-u", name])?, number(&["-g", name])?));
    Some(other("postgres").or_else(|| other("nobody")).expect("a user who is not root"))
}

/// One of PostgreSQL's programs, to be run in the folder.
fn command(program: &str, folder: &TempDir) -> Command {
    let Ok(bin) = env::var("APTA_TEST_POSTGRES_BIN") else { panic!("run ./test, or set APTA_TEST_POSTGRES_BIN") };
    let mut command = Command::new(PathBuf::from(bin).join(program));
    command.current_dir(folder.path()).stdin(Stdio::null());
    if let Some((user, group)) = other_user() {
        command.uid(user).gid(group);
    }
    command
}

/// A server that answers, or nothing if it ended at once, as it does when another took the port. Not by `pg_ctl`, which would
/// make it nobody's child: this one dies with the tests, however they end.
fn launch(port: u16, folder: &TempDir) -> Option<Child> {
    let errors = File::options().create(true).append(true).open(folder.path().join(LOG)).expect("a log file");
    let mut process = command("postgres", folder)
        .args(["-D", "data", "-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .args(["-c", "unix_socket_directories=", "-c", "fsync=off"])
        .stdout(Stdio::null())
        .stderr(errors)
        .spawn()
        .expect("postgres can be started");
    let deadline = Instant::now() + Duration::from_secs(60);
    while PgConnection::establish(&url(port)).is_err() {
        if process.try_wait().expect("the state of PostgreSQL").is_some() {
            return None;
        }
        assert!(Instant::now() < deadline, "PostgreSQL does not answer: {}", log(folder));
        thread::sleep(Duration::from_millis(20));
    }
    Some(process)
}

const LOG: &str = "log";

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join(LOG)).unwrap_or_default()
}
