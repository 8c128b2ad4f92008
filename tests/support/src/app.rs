//! The server under test: in this process, on a free port, with a database of its own and a clock that stands still.

use std::net::SocketAddr;
#[cfg(feature = "rating")]
use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use actix_web::dev::ServerHandle;
use api::config::Config;
use api::state::State;
use chrono::NaiveDateTime;
use domain::clock::Clock;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;
use tempfile::TempDir;

#[cfg(feature = "rating")]
use crate::app_store::{BUNDLE, Forge};
use crate::database::{Database, Kind, On, Template};

/// The diary's schema, made once in this process.
pub static DIARY: Template = Template::new(|url| {
    domain::db::migrate(url).unwrap();
});

/// A Wednesday at noon in Almaty, in the second quarter of 2026/27.
pub fn noon() -> NaiveDateTime {
    "2026-11-18T07:00:00".parse().unwrap()
}

/// A running server.
pub struct App {
    pub state: State,
    pub address: SocketAddr,
    pub client: reqwest::Client,
    pub data: TempDir,
    handle: ServerHandle,
    thread: Option<JoinHandle<()>>,
    // Last: the server lets go of its connections first.
    pub database: Database,
}

impl On for App {
    async fn on(kind: Kind) -> Self {
        Self::start(kind, |_| ())
    }
}

impl App {
    /// Starts a server with settings changed by `change`.
    pub fn start(kind: Kind, change: impl FnOnce(&mut Config)) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let database = Database::new(kind, &DIARY);
        let data = tempfile::tempdir().unwrap();
        let mut config = Config { data: data.path().to_owned(), ..Config::default() };
        database.url().clone_into(&mut config.database.url);
        config.database.connections = 4;
        config.database.patience_ms = 5000;
        config.http.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        config.http.workers = 2;
        change(&mut config);
        let state = State::new(config, Clock::fixed(noon())).unwrap();
        let (sender, receiver) = mpsc::channel();
        let served = state.clone();
        let thread = std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let bound = api::server::bind(served, false).unwrap();
                sender.send((bound.address, bound.handle())).unwrap();
                bound.server.await.unwrap();
            });
        });
        let (address, handle) = receiver.recv().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { state, address, client, data, handle, thread: Some(thread), database }
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A request, signed in if there is a token.
    pub fn request(&self, method: Method, path: &str, token: &str) -> RequestBuilder {
        let request = self.client.request(method, self.url(path));
        if token.is_empty() { request } else { request.bearer_auth(token) }
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        Answer::of(self.request(Method::GET, path, token).send().await.unwrap()).await
    }

    /// Sends `body` as JSON.
    pub async fn send(&self, method: Method, path: &str, token: &str, body: &Value) -> Answer {
        Answer::of(self.request(method, path, token).json(body).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, token, body).await
    }

    /// Signs in and returns the answer's body with both tokens.
    pub async fn sign_in(&self, login: &str, password: &str) -> Value {
        let device = serde_json::json!({"name": "test phone", "platform": "android"});
        let body = serde_json::json!({"login": login, "password": password, "device": device});
        let answer = self.post("/v1/sessions", "", &body).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        answer.body
    }
}

#[cfg(feature = "rating")]
impl Forge {
    /// The settings of a server that sells over this store; its root is kept in `folder`.
    pub fn settings(&self, folder: &Path) -> api::rating::AppStore {
        let root = folder.join("app-store-root.der");
        std::fs::write(&root, self.root()).unwrap();
        api::rating::AppStore { bundle_id: BUNDLE.to_owned(), root_file: Some(root), ..Default::default() }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// An answer with its body read; `body` is null where it is not JSON.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
    pub body: Value,
}

impl Answer {
    pub async fn of(response: Response) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Self { status, headers, bytes, body }
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The last segment of a problem's type.
    pub fn problem(&self) -> &str {
        self.body["type"].as_str().and_then(|kind| kind.rsplit('/').next()).unwrap_or_default()
    }
}
