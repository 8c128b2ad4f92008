//! A Redis server of one test's own, which it may kill and start again.

use std::env;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::listener::{free_port, locked};

/// A private server that keeps nothing on disk and ends when dropped.
#[derive(Debug)]
pub struct Redis {
    port: u16,
    folder: TempDir,
    process: Child,
}

impl Redis {
    /// Starts a server on a free port and returns when it answers.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        for _attempt in 0..5 {
            let port = free_port();
            if let Some(process) = launch(port, &folder) {
                return Self { port, folder, process };
            }
        }
        panic!("redis-server does not start: {}", log(&folder));
    }

    /// The address, as the setting `redis.url` takes it. It stays the same over a restart.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Ends the server at once, as a crash does. Without effect if it is dead.
    pub fn kill(&mut self) {
        self.process.kill().expect("redis-server can be killed");
        self.process.wait().expect("redis-server ends");
    }

    /// Forgets everything it holds.
    pub fn flush(&self) {
        assert!(command(self.port, b"FLUSHALL\r\n", b"+OK"), "Redis does not flush");
    }

    /// Answers nobody for so long.
    pub fn pause(&self, long: Duration) {
        let words = format!("CLIENT PAUSE {} ALL\r\n", long.as_millis());
        assert!(command(self.port, words.as_bytes(), b"+OK"), "Redis does not pause");
    }

    /// Starts the server anew and empty on the same port, killing it first if it lives.
    pub fn restart(&mut self) {
        self.kill();
        self.process = launch(self.port, &self.folder).unwrap_or_else(|| panic!("redis-server: {}", log(&self.folder)));
    }
}

impl Redis {
    /// How many listen to a channel there at this moment.
    pub fn listeners(&self, channel: &str) -> usize {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("Redis");
        stream.write_all(format!("PUBSUB NUMSUB {channel}\r\nQUIT\r\n").as_bytes()).expect("a question");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let number = answer.lines().find_map(|line| line.strip_prefix(':')?.parse().ok());
        number.unwrap_or_else(|| panic!("{answer}"))
    }

    /// Hears everything that is said to it, from now on.
    pub fn monitor(&self) -> Monitor {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("Redis");
        stream.write_all(b"MONITOR\r\n").expect("a request");
        let mut first = [0; 5];
        stream.read_exact(&mut first).expect("an answer");
        assert_eq!(&first, b"+OK\r\n");
        let heard = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heard);
        let thread = thread::spawn(move || {
            let mut part = [0; 4096];
            // Ends when the server does.
            while let Ok(read @ 1..) = stream.read(&mut part) {
                locked(&kept).extend_from_slice(&part[..read]);
            }
        });
        Monitor { heard, thread }
    }
}

/// What is said to a Redis, byte by byte; what is not ASCII as `\xNN`.
#[derive(Debug)]
pub struct Monitor {
    heard: Arc<Mutex<Vec<u8>>>,
    thread: JoinHandle<()>,
}

impl Monitor {
    /// So far.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&locked(&self.heard)).into_owned()
    }

    /// Until its Redis ended, which it must have.
    pub fn all(self) -> String {
        self.thread.join().expect("it was heard");
        String::from_utf8_lossy(&locked(&self.heard)).into_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A server that answers, or nothing if it ended at once, as it does when another took the port.
fn launch(port: u16, folder: &TempDir) -> Option<Child> {
    let program = env::var("APTA_TEST_REDIS_BIN").unwrap_or_else(|_| "redis-server".to_owned());
    let mut process = Command::new(&program)
        .args(["--bind", "127.0.0.1", "--port", &port.to_string(), "--save", "", "--appendonly", "no"])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(File::create(folder.path().join(LOG)).expect("a log file"))
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; run ./test, or set APTA_TEST_REDIS_BIN"));
    let deadline = Instant::now() + Duration::from_secs(10);
    while !answers(port) {
        if process.try_wait().expect("the state of redis-server").is_some() {
            return None;
        }
        assert!(Instant::now() < deadline, "redis-server does not answer: {}", log(folder));
        thread::sleep(Duration::from_millis(2));
    }
    Some(process)
}

const LOG: &str = "redis.log";

fn log(folder: &TempDir) -> String {
    fs::read_to_string(folder.path().join(LOG)).unwrap_or_default()
}

fn answers(port: u16) -> bool {
    command(port, b"PING\r\n", b"+PONG")
}

/// Whether the answer to these words begins so.
fn command(port: u16, words: &[u8], begin: &[u8]) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return false };
    let mut answer = vec![0; begin.len()];
    stream.write_all(words).and_then(|()| stream.read_exact(&mut answer)).is_ok() && answer == begin
}
