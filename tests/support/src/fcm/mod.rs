//! A stand-in for Google: its token endpoint and FCM HTTP v1 over real sockets, with phones, faults and a ledger.

pub(crate) mod assertion;
pub(crate) mod http;
mod phones;
mod script;
mod secure;
mod validate;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::watch;

use crate::listener::{Listener, locked};
use http::{Connection, Reply, Request};
pub use phones::{Phone, Shown};
pub use script::{Bad, Fault, Script};
use secure::Identity;

/// What an assertion for FCM asks for.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// The project of the key file.
pub const PROJECT: &str = "apta-test";

/// After this a sender may give up.
const GIVEN_UP: Duration = Duration::from_secs(15);
/// The same as it looks from here: a sender begins to wait before its message is here.
const SEEN_GIVEN_UP: Duration = Duration::from_secs(14);

/// One message that was sent here, whatever became of it.
#[derive(Debug, Clone)]
pub struct Call {
    pub at: Instant,
    /// When it was answered, or its sender gave up at the earliest.
    pub ended: Instant,
    pub token: String,
    pub alert: String,
    /// What it replaces on the phone by.
    pub tag: String,
    /// The text it shows.
    pub text: String,
    /// Whether the phone got it.
    pub delivered: bool,
    /// What was answered: a status, or nothing where the answer broke off.
    pub status: Option<u16>,
    /// So many seconds nothing should come after it.
    pub retry_after: u64,
    /// Whether the script put something in its way; a good answer that is slow but in time is none.
    pub fault: bool,
    /// What the script put in its way, if anything, in words.
    pub drawn: Option<String>,
    /// The access token it came with: each process has its own.
    pub access: String,
    /// Which of the connections that many messages share, if any.
    pub connection: Option<usize>,
    /// The request as it came.
    pub bytes: String,
}

impl Call {
    /// Whether it was taken and its sender told so.
    pub fn is_taken(&self) -> bool {
        self.status == Some(200) && self.delivered && !self.fault
    }
}

/// The server. It closes its connections and ends when dropped.
#[derive(Debug)]
pub struct Fcm {
    shared: Arc<Shared>,
    /// Where access tokens come from, and messages go unless there is a secure way.
    listener: Listener,
    secure: Option<(Listener, Identity)>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    calls: watch::Sender<Vec<Call>>,
    /// How many were made to the secure way.
    connections: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    script: Script,
    phones: BTreeMap<String, Phone>,
    access: BTreeSet<String>,
    handed_out: u64,
    /// What the token endpoint answers in place of a token.
    refuse_tokens: Option<u16>,
}

impl Fcm {
    /// Starts a server on a free port.
    pub fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let listener = Listener::start({
            let shared = Arc::clone(&shared);
            move |stream| hold(stream, &shared)
        });
        Self { shared, listener, secure: None }
    }

    /// Starts a server that takes messages over TLS and HTTP/2 alone.
    pub fn start_secure() -> Self {
        let (mut server, identity) = (Self::start(), Identity::make());
        let listener = Listener::start({
            let (config, shared) = (Arc::clone(&identity.config), Arc::clone(&server.shared));
            move |stream| secure::hold(stream, &config, &shared)
        });
        server.secure = Some((listener, identity));
        server
    }

    /// The address, as the setting `fcm.base_url` takes it.
    pub fn url(&self) -> String {
        match &self.secure {
            Some((listener, _)) => format!("https://localhost:{}", listener.address.port()),
            None => format!("http://{}", self.listener.address),
        }
    }

    /// Writes the root of the secure way into `folder`, for the variable `SSL_CERT_FILE`.
    pub fn root_file(&self, folder: &Path) -> Option<PathBuf> {
        self.secure.as_ref().map(|(_, identity)| identity.root_file(folder))
    }

    /// How many connections were made to the secure way.
    pub fn connections(&self) -> usize {
        *self.shared.connections.borrow()
    }

    /// The address, as the setting `fcm.token_url` takes it.
    pub fn token_url(&self) -> String {
        format!("http://{}/token", self.listener.address)
    }

    /// Writes a key file this server knows into `folder`, for the setting `fcm.credentials`.
    pub fn key_file(folder: &Path) -> PathBuf {
        let path = folder.join("service-account.json");
        std::fs::write(&path, assertion::key_file().to_string()).expect("a key file");
        path
    }

    /// A phone with this token is there.
    pub fn register(&self, token: &str) {
        self.state().phones.entry(token.to_owned()).or_default();
    }

    /// The app on it is gone.
    pub fn unregister(&self, token: &str) {
        self.state().phones.remove(token);
    }

    /// A phone as it is now.
    pub fn phone(&self, token: &str) -> Phone {
        self.state().phones.get(token).cloned().unwrap_or_default()
    }

    pub fn set_away(&self, token: &str, away: bool) {
        self.state().phones.entry(token.to_owned()).or_default().set_away(away);
    }

    /// Changes what goes wrong.
    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.state().script);
    }

    /// No access token handed out so far is good any more.
    pub fn revoke_access(&self) {
        self.state().access.clear();
    }

    /// The token endpoint answers with this status, or hands out tokens again.
    pub fn refuse_tokens(&self, status: Option<u16>) {
        self.state().refuse_tokens = status;
    }

    /// The access tokens that are good, as [`Call::access`] shows them.
    pub fn access(&self) -> BTreeSet<String> {
        self.state().access.iter().map(|token| format!("Bearer {token}")).collect()
    }

    /// How many access tokens were handed out.
    pub fn handed_out(&self) -> u64 {
        self.state().handed_out
    }

    /// Every message that was sent here.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.borrow().clone()
    }

    /// All calls, as soon as there are `n`; a panic if ten seconds do not bring them.
    pub async fn until_calls(&self, n: usize) -> Vec<Call> {
        let mut calls = self.shared.calls.subscribe();
        let patience = Duration::from_secs(10);
        let come = tokio::time::timeout(patience, calls.wait_for(|calls| calls.len() >= n)).await;
        assert!(come.is_ok(), "call {n} has not come, only {:#?}", self.calls());
        self.calls()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.shared.state)
    }
}

fn hold(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut connection = Connection::new(stream)?;
    while let Some(request) = connection.request()? {
        let (reply, bad) = answer(&request, shared);
        match bad {
            Some(Bad::Reset | Bad::GoAway) => connection.cut(),
            Some(Bad::Half) => {
                connection.answer(&reply, Some(reply.body.len() / 2))?;
                connection.cut();
            }
            Some(Bad::Slow(long)) => {
                std::thread::sleep(long);
                connection.answer(&reply, None)?;
            }
            _ => connection.answer(&reply, None)?,
        }
    }
    Ok(())
}

/// What is answered, and what goes wrong with that.
fn answer(request: &Request, shared: &Shared) -> (Reply, Option<Bad>) {
    if request.path == "/token" {
        return (shared.token(request), None);
    }
    if request.path == format!("/v1/projects/{PROJECT}/messages:send") {
        return shared.message(request);
    }
    (Reply { status: 404, headers: Vec::new(), body: "<html>Not Found".to_owned() }, None)
}

/// How long a sender is to wait: what `Retry-After` says, or a minute by the documentation where it says nothing.
fn retry_after(reply: &Reply) -> u64 {
    let told = reply.headers.iter().find(|(name, _)| *name == "retry-after");
    told.and_then(|(_, value)| value.parse().ok()).unwrap_or(60)
}

/// How long a sender waits for the answer at least.
fn takes(bad: Option<&Bad>) -> Duration {
    match bad {
        Some(Bad::Slow(long)) if *long >= GIVEN_UP => SEEN_GIVEN_UP,
        Some(Bad::Slow(long)) => *long,
        _ => Duration::ZERO,
    }
}

/// An error as Google writes it.
fn error(status: u16, general: &str, code: Option<&str>, details: Vec<Value>) -> Reply {
    let own =
        code.map(|code| json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code}));
    let details: Vec<Value> = own.into_iter().chain(details).collect();
    let error = json!({"code": status, "message": "told by the stand-in", "status": general, "details": details});
    Reply::json(status, &json!({"error": error}))
}

impl Shared {
    fn token(&self, request: &Request) -> Reply {
        let mut state = locked(&self.state);
        if let Some(status) = state.refuse_tokens {
            return Reply::json(status, &json!({"error": "invalid_grant"}));
        }
        if let Err(wrong) = assertion::check(&request.body, SCOPE) {
            return Reply::json(400, &json!({"error": "invalid_grant", "error_description": wrong}));
        }
        state.handed_out += 1;
        let token = format!("ya29.test-{}", state.handed_out);
        state.access.insert(token.clone());
        Reply::json(200, &json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"}))
    }

    fn message(&self, request: &Request) -> (Reply, Option<Bad>) {
        let parsed: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let (reply, fault) = self.judge(request, &parsed);
        let delivered = match &fault {
            Some(fault) => fault.delivers || matches!(fault.reply, Bad::Slow(_)),
            None => reply.status == 200,
        } && self.deliver(&parsed);
        let in_time = |fault: &Fault| matches!(fault.reply, Bad::Slow(long) if long < GIVEN_UP);
        let is_fault = fault.as_ref().is_some_and(|fault| !in_time(fault));
        let drawn = fault.as_ref().map(ToString::to_string);
        let bad = fault.map(|fault| fault.reply);
        let status = (!matches!(bad, Some(Bad::Reset | Bad::GoAway | Bad::Half))).then_some(reply.status);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let at = Instant::now();
        let call = Call {
            at,
            ended: at + takes(bad.as_ref()),
            token: text(&parsed["message"]["token"]),
            alert: text(&parsed["message"]["data"]["alertId"]),
            tag: phones::tag(&parsed["message"]),
            text: text(&parsed["message"]["notification"]["body"]),
            delivered,
            status,
            retry_after: retry_after(&reply),
            fault: is_fault,
            drawn,
            access: request.authorization.clone(),
            connection: request.connection,
            bytes: String::from_utf8_lossy(&request.body).into_owned(),
        };
        self.calls.send_modify(|calls| calls.push(call));
        (reply, bad)
    }

    /// What a message is answered, and what goes wrong with it if that is the script's doing.
    fn judge(&self, request: &Request, parsed: &Value) -> (Reply, Option<Fault>) {
        let mut state = locked(&self.state);
        let access = request.authorization.strip_prefix("Bearer ").unwrap_or_default();
        if !state.access.contains(access) {
            return (error(401, "UNAUTHENTICATED", None, Vec::new()), None);
        }
        if let Some(field) = validate::flaw(parsed, request.body.len()) {
            let violation = json!({"@type": "type.googleapis.com/google.rpc.BadRequest",
                "fieldViolations": [{"field": field, "description": "no"}]});
            return (error(400, "INVALID_ARGUMENT", None, vec![violation]), None);
        }
        let token = parsed["message"]["token"].as_str().unwrap_or_default();
        let fault = if parsed["validate_only"] == true { None } else { state.script.draw() };
        let name = format!("projects/{PROJECT}/messages/0:{}", self.calls.borrow().len());
        let fine = Reply::json(200, &json!({"name": name}));
        match fault {
            Some(fault) => (reply_of(&fault.reply, fine), Some(fault)),
            None if !validate::is_token(token) => {
                (error(400, "INVALID_ARGUMENT", Some("INVALID_ARGUMENT"), Vec::new()), None)
            }
            None if !state.phones.contains_key(token) => {
                (error(404, "NOT_FOUND", Some("UNREGISTERED"), Vec::new()), None)
            }
            None => (fine, None),
        }
    }

    /// Whether a phone got it.
    fn deliver(&self, parsed: &Value) -> bool {
        let message = &parsed["message"];
        let token = message["token"].as_str().unwrap_or_default();
        let mut state = locked(&self.state);
        let phone = state.phones.get_mut(token).filter(|_| parsed["validate_only"] != true);
        phone.map(|phone| phone.receive(message)).is_some()
    }
}

fn reply_of(bad: &Bad, fine: Reply) -> Reply {
    match bad {
        Bad::Error { status, general, code, retry_after } => {
            let mut reply = error(*status, general, *code, Vec::new());
            reply.headers.extend(retry_after.clone().map(|value| ("retry-after", value)));
            reply
        }
        Bad::Junk => Reply { body: "<html>It works!</html>".to_owned(), ..fine },
        Bad::Reset | Bad::GoAway | Bad::Half | Bad::Slow(_) => fine,
    }
}
