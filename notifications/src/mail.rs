//! Letters: over SMTP, or into a folder where no SMTP is configured.

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
    /// The sender, `Name <address>`.
    pub from: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self { url: None, from: "Apta <no-reply@apta.invalid>".to_owned() }
    }
}

/// Why a letter did not leave; no address and no text in it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Settings(String),
    #[error("the letter could not be written: {0}")]
    Letter(String),
    #[error("the letter was not taken: {0}")]
    Refused(String),
}

/// Why a letter was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Lost {
    #[error("{0}")]
    Smtp(smtp::Error),
    #[error("it could not be written into the folder")]
    Folder,
}

/// Sends letters. Cheap to clone; SMTP connections are pooled.
#[derive(Clone)]
pub struct Mailer {
    from: Mailbox,
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
        let way = if let Some(url) = &settings.url {
            let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose_secret())
                .map_err(|error| Error::Settings(format!("APTA__SMTP__URL cannot be used: {error}")))?;
            Way::Smtp(transport.timeout(Some(std::time::Duration::from_secs(20))).build())
        } else {
            let outbox = data.join("outbox");
            std::fs::create_dir_all(&outbox)
                .map_err(|error| Error::Settings(format!("cannot make {}: {error}", outbox.display())))?;
            Way::Folder(AsyncFileTransport::new(outbox))
        };
        Ok(Self { from, way })
    }

    /// Whom letters come from.
    pub fn from(&self) -> &Mailbox {
        &self.from
    }

    /// Hands the letter over; an answer means that the server (or the folder) has it.
    pub async fn send(&self, letter: &Letter) -> Result<(), Error> {
        let to: Mailbox = letter.to.parse().map_err(|_| Error::Letter("not an address".to_owned()))?;
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(&letter.subject)
            .message_id(None)
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone())
            .map_err(|error| Error::Letter(error.to_string()))?;
        self.hand_over(message).await.map_err(|lost| Error::Refused(lost.to_string()))
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
            Way::Smtp(smtp) => smtp.test_connection().await.map_err(|error| Error::Refused(error.to_string())),
            Way::Folder(_) => Ok(true),
        }
    }
}
