//! The stand-in over TLS and HTTP/2, as Google is: many messages at once over one connection, which may break under them.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

use super::http::{Reply, Request};
use super::script::Bad;
use super::{Shared, answer};

/// How a connection ends under all that is on it.
enum End {
    Cut,
    GoAway,
}

/// A root that nobody else trusts, and a server's certificate of it for `localhost`.
#[derive(Debug)]
pub(super) struct Identity {
    root: String,
    pub config: Arc<ServerConfig>,
}

impl Identity {
    pub fn make() -> Self {
        let [root_key, key] = [(); 2].map(|()| KeyPair::generate().expect("a key"));
        let mut root = CertificateParams::new(Vec::new()).expect("a root");
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let own = STANDARD.encode(root.self_signed(&root_key).expect("a root").der());
        let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a certificate");
        let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).expect("a certificate");
        let _ = rustls::crypto::ring::default_provider().install_default();
        let private = PrivateKeyDer::try_from(key.serialize_der()).expect("its key");
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)
            .expect("a server's settings");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self {
            root: format!("-----BEGIN CERTIFICATE-----\n{own}\n-----END CERTIFICATE-----\n"),
            config: Arc::new(config),
        }
    }

    /// Writes the root into `folder`, for the variable `SSL_CERT_FILE`.
    pub fn root_file(&self, folder: &Path) -> PathBuf {
        let path = folder.join("root.pem");
        std::fs::write(&path, &self.root).expect("a root file");
        path
    }
}

/// Holds one connection. Whoever does not choose HTTP/2, though it is offered, gets no answer.
pub(super) fn hold(stream: TcpStream, config: &Arc<ServerConfig>, shared: &Arc<Shared>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    // The listener has a handle as well: the end must be said.
    let handle = stream.try_clone()?;
    let ended = runtime.block_on(talk(stream, config, shared));
    handle.shutdown(Shutdown::Both)?;
    ended
}

async fn talk(stream: TcpStream, config: &Arc<ServerConfig>, shared: &Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let stream = tokio::net::TcpStream::from_std(stream)?;
    let stream = TlsAcceptor::from(Arc::clone(config)).accept(stream).await?;
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        return Err(io::Error::other("not HTTP/2"));
    }
    let mut connection = h2::server::handshake(stream).await.map_err(io::Error::other)?;
    let mut number = 0;
    shared.connections.send_modify(|connections| {
        *connections += 1;
        number = *connections;
    });
    let (end, mut ends) = mpsc::unbounded_channel();
    loop {
        tokio::select! {
            request = connection.accept() => {
                let Some(request) = request else { return Ok(()) };
                let (request, respond) = request.map_err(io::Error::other)?;
                tokio::spawn(serve(number, request, respond, (Arc::clone(shared), end.clone())));
            }
            Some(end) = ends.recv() => match end {
                End::Cut => return Ok(()),
                End::GoAway => connection.abrupt_shutdown(Reason::INTERNAL_ERROR),
            },
        }
    }
}

async fn serve(
    connection: usize,
    request: http::Request<RecvStream>,
    respond: SendResponse<Bytes>,
    (shared, end): (Arc<Shared>, mpsc::UnboundedSender<End>),
) -> Result<(), h2::Error> {
    let (head, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(part) = stream.data().await {
        let part = part?;
        stream.flow_control().release_capacity(part.len())?;
        body.extend_from_slice(&part);
    }
    let authorization = head.headers.get("authorization").and_then(|value| value.to_str().ok());
    let request = Request {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        authorization: authorization.unwrap_or_default().to_owned(),
        connection: Some(connection),
        body,
    };
    let (reply, bad) = answer(&request, &shared);
    match bad {
        Some(Bad::Reset) => drop(end.send(End::Cut)),
        Some(Bad::GoAway) => drop(end.send(End::GoAway)),
        Some(Bad::Half) => {
            let half = reply.body.len() / 2;
            write(&reply, respond, Some(half))?;
        }
        Some(Bad::Slow(long)) => {
            tokio::time::sleep(long).await;
            write(&reply, respond, None)?;
        }
        _ => write(&reply, respond, None)?,
    }
    Ok(())
}

/// Writes the answer; only a part of its body, and then a reset, if told so.
fn write(reply: &Reply, mut respond: SendResponse<Bytes>, part: Option<usize>) -> Result<(), h2::Error> {
    let mut response = http::Response::builder().status(reply.status).header("content-length", reply.body.len());
    for (name, value) in &reply.headers {
        response = response.header(*name, value);
    }
    let mut stream = respond.send_response(response.body(()).expect("an answer"), false)?;
    let body = Bytes::copy_from_slice(&reply.body.as_bytes()[..part.unwrap_or(reply.body.len())]);
    stream.send_data(body, part.is_none())?;
    if part.is_some() {
        stream.send_reset(Reason::INTERNAL_ERROR);
    }
    Ok(())
}
