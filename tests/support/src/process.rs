//! The real `apta` program as a process of its own, to be killed, ended and listened to.
//!
//! Cargo does not build a program for the tests of another package: `./test` does, and by hand it is
//! `cargo build --workspace --bins --test it`: with the tests, for they give it the points at which it can fail.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder};
use serde_json::Value;
use tempfile::TempDir;

use crate::app::Answer;

/// How long a process may take for anything; a panic after that.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running process. It is killed when dropped.
pub struct Process {
    child: Child,
    stdout: Stream,
    stderr: Stream,
    /// Set once it serves.
    pub address: SocketAddr,
    pub client: reqwest::Client,
    _work: TempDir,
}

/// What a process that ended left behind.
#[derive(Debug)]
pub struct Ended {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// The most memory it ever had, in MiB, where the system tells.
    pub peak: Option<u64>,
}

impl Ended {
    /// The exit code; none if a signal ended it.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }
}

impl Process {
    /// Starts `apta` with these arguments and settings (`DATABASE__URL` stands for `APTA__DATABASE__URL`), in an empty
    /// folder.
    pub fn start(arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        Self::start_program(&program(), arguments, settings)
    }

    /// The same with variables that are no settings: `FAILPOINTS`, say.
    pub fn start_in(environment: &[(&str, &str)], arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        Self::launch((&program(), environment), arguments, settings)
    }

    /// The same with another program than the `apta` beside the tests.
    pub fn start_program(program: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        Self::launch((program, &[]), arguments, settings)
    }

    fn launch((program, environment): (&Path, &[(&str, &str)]), arguments: &[&str], settings: &[(&str, &str)]) -> Self {
        let work = TempDir::new().expect("a temporary folder");
        let mut command = Command::new(program);
        for (name, _) in env::vars().filter(|(name, _)| name.starts_with("APTA_") || name == "DATABASE_URL") {
            command.env_remove(name);
        }
        command.env("APTA__LOG__FORMAT", "json").env("RUST_BACKTRACE", "0");
        command.envs(settings.iter().map(|(name, value)| (format!("APTA__{name}"), value)));
        command.envs(environment.iter().copied());
        command.args(arguments).current_dir(work.path());
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("apta can be started");
        let stdout = Stream::of(child.stdout.take().expect("its output"));
        let stderr = Stream::of(child.stderr.take().expect("its log"));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { child, stdout, stderr, address: SocketAddr::from(([0, 0, 0, 0], 0)), client, _work: work }
    }

    /// Starts `apta serve` on a free port and returns when it answers.
    pub fn serve(settings: &[(&str, &str)]) -> Self {
        let mut settings = settings.to_vec();
        settings.push(("HTTP__LISTEN", "127.0.0.1:0"));
        let mut process = Self::start(&["serve"], &settings);
        process.await_address();
        process
    }

    /// Waits for the log line that tells where it serves.
    pub fn await_address(&mut self) {
        self.address = self.stderr.until("the address", |text| {
            let line = text.lines().find(|line| line.contains("\"serving\""))?;
            serde_json::from_str::<Value>(line).ok()?["address"].as_str()?.parse().ok()
        });
    }

    /// Waits until its log holds `words`.
    pub fn await_log(&self, words: &str) {
        self.stderr.until(words, |text| text.contains(words).then_some(()));
    }

    /// Waits for a line of the log with these words, and gives what it says.
    pub fn await_line(&self, words: &str) -> Value {
        self.stderr.until(words, |text| {
            let line = text.lines().find(|line| line.contains(words))?;
            serde_json::from_str(line).ok()
        })
    }

    /// The first line on its standard output.
    pub fn first_line(&self) -> String {
        self.stdout.until("a line", |text| text.split_once('\n').map(|(line, _)| line.to_owned()))
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        self.stderr.text()
    }

    /// A request, signed in if there is a token.
    pub fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("http://{}{path}", self.address));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.request(Method::GET, path, token).send().await.expect("an answer")).await
    }

    /// Sends `body` as JSON.
    pub async fn send(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        Answer::of(self.request(method, path, token).json(body).send().await.expect("an answer")).await
    }

    /// Ends it at once, as `kill -9` and a power cut do.
    pub fn kill(&mut self) {
        self.child.kill().expect("apta can be killed");
        self.child.wait().expect("apta ends");
    }

    /// Asks it to stop, as Ctrl-C's elder brother SIGTERM does.
    pub fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, by its name.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().expect("the program kill");
        assert!(sent.success(), "SIG{name} could not be sent");
    }

    /// Waits until it has ended by itself.
    pub fn ended(mut self) -> Ended {
        let deadline = Instant::now() + PATIENCE;
        let mut peak = None;
        let status = loop {
            // Its memory is gone with it, so this looks while it runs: the mark only rises.
            peak = self.peak().or(peak);
            if let Some(status) = self.child.try_wait().expect("its state") {
                break status;
            }
            assert!(Instant::now() < deadline, "apta does not end: {}", self.log());
            thread::sleep(Duration::from_millis(2));
        };
        Ended { status, stdout: self.stdout.rest(), stderr: self.stderr.rest(), peak }
    }

    fn peak(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let kib: u64 =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()?;
        Some(kib >> 10)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program beside the tests: `target/PROFILE/deps/it-..` is this one, `target/PROFILE/apta` that one.
pub fn program() -> PathBuf {
    beside("apta")
}

/// The same built without the feature `rating`, as `./test` puts it there.
pub fn program_without_rating() -> PathBuf {
    beside("apta-without-rating")
}

fn beside(name: &str) -> PathBuf {
    let own = env::current_exe().expect("the path of the tests");
    let program = own.parent().and_then(|deps| deps.parent()).expect("a profile's folder").join(name);
    assert!(program.is_file(), "{} is missing: run ./test first", program.display());
    program
}

/// What comes out of a process, collected by a thread.
struct Stream {
    shared: Arc<(Mutex<String>, Condvar)>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(source: impl Read + Send + 'static) -> Self {
        let shared = Arc::new((Mutex::new(String::new()), Condvar::new()));
        let kept = Arc::clone(&shared);
        let reader = thread::spawn(move || {
            for line in BufReader::new(source).split(b'\n').map_while(Result::ok) {
                let (text, changed) = &*kept;
                let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                text.push_str(&String::from_utf8_lossy(&line));
                text.push('\n');
                changed.notify_all();
            }
        });
        Self { shared, reader: Some(reader) }
    }

    fn text(&self) -> String {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Everything up to its end.
    fn rest(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
        self.text()
    }

    /// What `find` finds, as soon as it has come.
    fn until<T>(&self, what: &str, find: impl Fn(&str) -> Option<T>) -> T {
        let (text, changed) = &*self.shared;
        let deadline = Instant::now() + PATIENCE;
        let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(found) = find(&text) {
                return found;
            }
            let ended = self.reader.as_ref().is_some_and(JoinHandle::is_finished);
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!ended && !left.is_zero(), "apta does not tell {what}: {text}");
            // A process that dies says no more, so this looks again from time to time.
            let wait = left.min(Duration::from_millis(50));
            text = changed.wait_timeout(text, wait).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}
