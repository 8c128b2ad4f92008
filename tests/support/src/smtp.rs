//! A mail server that keeps what it is sent and refuses recipients when told to.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::watch;

use crate::listener::{Listener, locked};
use crate::mime;

/// One message as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// The sender of the envelope.
    pub from: String,
    /// The accepted recipients of the envelope.
    pub to: Vec<String>,
    /// Headers and body, lines ending in CRLF, dots unstuffed, transfer encoding untouched.
    pub data: String,
}

impl Mail {
    /// The first header of that name, unfolded, encoded words untouched.
    pub fn header(&self, name: &str) -> Option<String> {
        let (headers, _body) = self.data.split_once("\r\n\r\n")?;
        let unfolded = headers.replace("\r\n ", " ").replace("\r\n\t", " ");
        unfolded.split("\r\n").find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// The first header of that name, its encoded words decoded.
    pub fn words(&self, name: &str) -> Option<String> {
        self.header(name).map(|value| mime::words(&value))
    }

    /// The texts of the letter's parts, as a mail program shows them.
    pub fn texts(&self) -> Vec<String> {
        mime::texts(&self.data)
    }

    /// What follows the headers.
    pub fn body(&self) -> &str {
        self.data.split_once("\r\n\r\n").map_or("", |(_headers, body)| body)
    }
}

/// How a recipient is refused. The answer repeats the address, as many servers' do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 451: the sender should try again later.
    ForNow,
    /// 550: there is no such mailbox.
    ForGood,
}

/// The server. It closes its connections and ends when dropped.
#[derive(Debug)]
pub struct Smtp {
    shared: Arc<Shared>,
    listener: Listener,
}

#[derive(Debug)]
struct Shared {
    mails: watch::Sender<Vec<Mail>>,
    refusals: Mutex<VecDeque<Refusal>>,
    /// How many messages are kept without a word, and the connection is closed.
    hang_ups: AtomicUsize,
    /// For so long the next messages are kept without a word.
    delays: Mutex<VecDeque<Duration>>,
}

impl Smtp {
    /// Starts a server on a free port.
    pub fn start() -> Self {
        let shared = Arc::new(Shared {
            mails: watch::Sender::new(Vec::new()),
            refusals: Mutex::default(),
            hang_ups: AtomicUsize::new(0),
            delays: Mutex::default(),
        });
        let listener = Listener::start({
            let shared = Arc::clone(&shared);
            move |stream| Conversation::new(stream, Arc::clone(&shared)).and_then(Conversation::hold)
        });
        Self { shared, listener }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address
    }

    /// The address, as the setting `smtp.url` takes it.
    pub fn url(&self) -> String {
        format!("smtp://{}", self.address())
    }

    /// Refuses the next recipient that no earlier refusal awaits.
    pub fn refuse_next(&self, refusal: Refusal) {
        locked(&self.shared.refusals).push_back(refusal);
    }

    /// Keeps the next message, but hangs up without saying so.
    pub fn hang_up_next(&self) {
        self.shared.hang_ups.fetch_add(1, Ordering::SeqCst);
    }

    /// Keeps the next message, but says so only after `long`.
    pub fn delay_next(&self, long: Duration) {
        locked(&self.shared.delays).push_back(long);
    }

    /// What has come so far.
    pub fn mails(&self) -> Vec<Mail> {
        self.shared.mails.borrow().clone()
    }

    /// The `n`-th message, counted from 1, as soon as it has come; a panic if ten seconds do not bring it.
    pub async fn mail(&self, n: usize) -> Mail {
        let mut mails = self.shared.mails.subscribe();
        let come = tokio::time::timeout(Duration::from_secs(10), mails.wait_for(|mails| mails.len() >= n)).await;
        let Ok(come) = come else { panic!("mail {n} has not come, only {:#?}", self.mails()) };
        come.expect("the server lives")[n - 1].clone()
    }
}

/// One client's connection: RFC 5321 as far as a sender needs it.
struct Conversation {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
    shared: Arc<Shared>,
    from: Option<String>,
    to: Vec<String>,
}

impl Conversation {
    fn new(stream: TcpStream, shared: Arc<Shared>) -> io::Result<Self> {
        let writer = stream.try_clone()?;
        Ok(Self { reader: BufReader::new(stream), writer, shared, from: None, to: Vec::new() })
    }

    fn hold(mut self) -> io::Result<()> {
        self.say("220 mail.test ESMTP")?;
        while let Some(line) = self.line()? {
            let line = String::from_utf8_lossy(&line).into_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => self.reset("250-mail.test\r\n250 8BITMIME")?,
                "HELO" => self.reset("250 mail.test")?,
                "MAIL" => self.sender(&line)?,
                "RCPT" => self.recipient(&line)?,
                "DATA" => self.data()?,
                "RSET" => self.reset("250 2.0.0 forgotten")?,
                "NOOP" => self.say("250 2.0.0 here")?,
                "QUIT" => return self.say("221 2.0.0 bye"),
                _ => self.say("500 5.5.2 unknown command")?,
            }
        }
        Ok(())
    }

    fn say(&mut self, answer: &str) -> io::Result<()> {
        write!(self.writer, "{answer}\r\n")
    }

    /// The next line without its end, or nothing when the client is gone.
    fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        Ok(line.strip_suffix(b"\r\n").map(<[u8]>::to_vec))
    }

    fn reset(&mut self, answer: &str) -> io::Result<()> {
        self.from = None;
        self.to.clear();
        self.say(answer)
    }

    fn sender(&mut self, line: &str) -> io::Result<()> {
        match mailbox(line) {
            Some(_) if self.from.is_some() => self.say("503 5.5.1 one sender"),
            Some(from) => {
                self.from = Some(from);
                self.say("250 2.1.0 ok")
            }
            None => self.say("501 5.5.4 MAIL FROM:<address>"),
        }
    }

    fn recipient(&mut self, line: &str) -> io::Result<()> {
        let Some(to) = mailbox(line) else { return self.say("501 5.5.4 RCPT TO:<address>") };
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first");
        }
        let refusal = locked(&self.shared.refusals).pop_front();
        match refusal {
            Some(Refusal::ForNow) => self.say(&format!("451 4.3.0 <{to}> try again later")),
            Some(Refusal::ForGood) => self.say(&format!("550 5.1.1 <{to}> no such mailbox")),
            None => {
                self.to.push(to);
                self.say("250 2.1.5 ok")
            }
        }
    }

    fn data(&mut self) -> io::Result<()> {
        if self.to.is_empty() {
            return self.say("503 5.5.1 RCPT first");
        }
        self.say("354 end with a dot")?;
        let mut data = Vec::new();
        loop {
            let line = self.line()?.ok_or(io::ErrorKind::UnexpectedEof)?;
            if line == b"." {
                break;
            }
            data.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            data.extend_from_slice(b"\r\n");
        }
        let from = self.from.take().unwrap_or_default();
        let mail = Mail { from, to: std::mem::take(&mut self.to), data: String::from_utf8_lossy(&data).into_owned() };
        self.shared.mails.send_modify(|mails| mails.push(mail));
        if self.shared.hang_ups.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            self.writer.shutdown(Shutdown::Both)?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let delay = locked(&self.shared.delays).pop_front();
        std::thread::sleep(delay.unwrap_or_default());
        self.say("250 2.0.0 kept")
    }
}

/// The address between the angle brackets; the empty one is a bounce's sender.
fn mailbox(line: &str) -> Option<String> {
    let (_verb, rest) = line.split_once('<')?;
    let (address, _parameters) = rest.split_once('>')?;
    Some(address.to_owned())
}
