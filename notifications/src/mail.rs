//! Letters: over SMTP, or into a folder where no SMTP is configured.

use std::error::Error as _;
use std::io;
use std::path::Path;

use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncFileTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

/// How letters leave.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// `smtp://USER:PASSWORD@HOST:PORT?tls=required`, `smtps://...`, or `smtp://HOST:PORT` inside one machine.
    pub url: Option<SecretString>,
    /// Nothing is to be sent, and that is meant.
    pub off: bool,
    /// The sender, `Name <address>`.
    pub from: String,
    /// Where letters open the diary: the app's universal link, or a page of the operator's. Without it they link nowhere.
    pub app_url: Option<String>,
}

/// Where the sender of a fresh checkout lives: no mailbox there can answer, and no server believes it.
const SAMPLE_DOMAIN: &str = "@apta.invalid";

impl Default for Settings {
    fn default() -> Self {
        Self { url: None, off: false, from: format!("Apta <no-reply{SAMPLE_DOMAIN}>"), app_url: None }
    }
}

impl Settings {
    /// The server letters go to, if they go anywhere.
    pub fn server(&self) -> Option<&SecretString> {
        self.url.as_ref().filter(|_| !self.off)
    }

    /// Whether the sender is still the one nobody can answer.
    pub fn has_sample_sender(&self) -> bool {
        self.from.contains(SAMPLE_DOMAIN)
    }
}

/// Why a letter did not leave; no address and no text in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Settings(String),
    #[error("the letter could not be written: {0}")]
    Letter(&'static str),
    #[error("the letter was not taken: {0}")]
    Refused(String),
    /// Of a test, which names nobody: the server's own words.
    #[error("the SMTP server cannot be used: {0}")]
    Server(smtp::Error),
}

/// Why a letter was not taken.
#[derive(Debug)]
pub(crate) enum Lost {
    Smtp(smtp::Error),
    Folder,
}

impl Lost {
    /// For a log. A server's words often repeat the address, so they stay out.
    fn told(&self) -> String {
        match self {
            Self::Folder => "the folder cannot be written".to_owned(),
            Self::Smtp(error) => match error.status() {
                Some(code) => format!("SMTP {code}"),
                None if error.is_tls() => "no TLS".to_owned(),
                None if is_unreachable(error) => "no connection".to_owned(),
                None => "the connection broke".to_owned(),
            },
        }
    }
}

/// Whether no connection came about.
pub(crate) fn is_unreachable(error: &smtp::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkUnreachable};
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return matches!(error.kind(), ConnectionRefused | HostUnreachable | NetworkUnreachable | AddrNotAvailable);
        }
        source = error.source();
    }
    false
}

/// Sends letters. Cheap to clone; SMTP connections are pooled.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
    app_url: Option<String>,
    way: Way,
}

#[derive(Clone)]
enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// One `.eml` file a letter.
    Folder(AsyncFileTransport<Tokio1Executor>),
}

/// A letter in plain text. The subject must hold no personal data.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Mailer {
    /// Letters go to the configured SMTP server, else into `data/outbox`.
    pub fn new(settings: &Settings, data: &Path) -> Result<Self, Error> {
        let sender = |_| Error::Settings("APTA__SMTP__FROM must be an address, or `Name <address>`".to_owned());
        let from = settings.from.parse().map_err(sender)?;
        let app_url = settings.app_url.as_deref().map(secure).transpose()?;
        let way = if let Some(url) = settings.server() {
            let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                .map_err(|error| Error::Settings(format!("APTA__SMTP__URL cannot be used: {error}")))?;
            Way::Smtp(transport.timeout(Some(std::time::Duration::from_secs(20))).build())
        } else {
            let outbox = data.join("outbox");
            std::fs::create_dir_all(&outbox)
                .map_err(|error| Error::Settings(format!("cannot make {}: {error}", outbox.display())))?;
            Way::Folder(AsyncFileTransport::new(outbox))
        };
        Ok(Self { from, app_url, way })
    }

    /// Where letters open the diary, if anywhere.
    pub fn app_url(&self) -> Option<&str> {
        self.app_url.as_deref()
    }

    /// Whom letters come from.
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Hands the letter over; an answer means that the server (or the folder) has it.
    pub async fn send(&self, letter: &Letter) -> Result<(), Error> {
        let to: Mailbox = letter.to.parse().map_err(|_| Error::Letter("not an address"))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|_| Error::Letter("not a text"))?;
        self.hand_over(message).await.map_err(|lost| Error::Refused(lost.told()))
    }

    /// Hands over what is written already.
    pub(crate) async fn hand_over(&self, message: Message) -> Result<(), Lost> {
        match &self.way {
            Way::Smtp(smtp) => smtp.send(message).await.map(drop).map_err(Lost::Smtp),
            Way::Folder(folder) => folder.send(message).await.map(drop).map_err(|_| Lost::Folder),
        }
    }

    /// Whether the SMTP server answers; a folder always does.
    pub async fn test(&self) -> Result<bool, Error> {
        match &self.way {
            Way::Smtp(smtp) => smtp.test_connection().await.map_err(Error::Server),
            Way::Folder(_) => Ok(true),
        }
    }
}

/// A link of a letter: nobody between the mailbox and the page may change where it leads.
fn secure(url: &str) -> Result<String, Error> {
    let parsed = reqwest::Url::parse(url).ok().filter(|parsed| parsed.scheme() == "https");
    let wrong = || Error::Settings("APTA__SMTP__APP_URL must be an https:// address".to_owned());
    parsed.map(|_| url.to_owned()).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server for one conversation that refuses its recipient and repeats the address, as many do.
    fn refusing() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("smtp://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            stream.write_all(b"220 mail.test\r\n").unwrap();
            for line in lines {
                let refused = line.strip_prefix("RCPT TO:").map(|to| format!("550 5.1.1 {to} is not known here\r\n"));
                stream.write_all(refused.as_deref().unwrap_or("250 ok\r\n").as_bytes()).unwrap();
            }
        });
        url
    }

    fn mailer(settings: &Settings) -> (Result<Mailer, Error>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Mailer::new(settings, folder.path()), folder)
    }

    fn letter() -> Letter {
        Letter { to: "ana@example.kz".to_owned(), subject: "s".to_owned(), text: "t".to_owned() }
    }

    #[tokio::test]
    async fn of_a_refused_letter_the_code_is_told_and_no_word_of_the_server() {
        let settings = Settings { url: Some(refusing().into()), ..Settings::default() };
        let refused = mailer(&settings).0.unwrap().send(&letter()).await.unwrap_err();
        assert_eq!(refused.to_string(), "the letter was not taken: SMTP 550");
        let away = Settings { url: Some("smtp://127.0.0.1:1".into()), ..Settings::default() };
        let lost = mailer(&away).0.unwrap().send(&letter()).await.unwrap_err();
        assert_eq!(lost.to_string(), "the letter was not taken: no connection");
    }

    #[tokio::test]
    async fn what_is_off_asks_no_server() {
        let settings = Settings { url: Some("smtp://127.0.0.1:1".into()), off: true, ..Settings::default() };
        let (mailer, folder) = mailer(&settings);
        mailer.unwrap().send(&letter()).await.unwrap();
        assert_eq!(std::fs::read_dir(folder.path().join("outbox")).unwrap().count(), 1);
    }

    #[test]
    fn a_letter_links_to_nothing_but_https() {
        for (url, taken) in [
            ("https://apta.example.kz/open", true),
            ("http://apta.example.kz", false),
            ("javascript:alert(1)", false),
            ("apta.example.kz", false),
        ] {
            let settings = Settings { app_url: Some(url.to_owned()), ..Settings::default() };
            assert_eq!(mailer(&settings).0.is_ok(), taken, "{url}");
        }
    }
}
