//! One alert as a letter: plain text and HTML beside each other, with what mail programs and mailboxes go by.

use domain::types::Word;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message as Mail};
use minijinja::{AutoEscape, Environment, context};

use crate::channel::{Message, UNSUBSCRIBE};
use crate::texts::{self, Frame, Said};

const LAYOUT: &str = include_str!("layout.html");

/// What letters have in common.
pub(super) struct Stationery {
    pub from: Mailbox,
    /// The server's address as the outside knows it, without a slash at its end.
    pub public_url: String,
    environment: Environment<'static>,
}

/// Why there is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unwritten;

impl Stationery {
    pub fn new(from: Mailbox, public_url: &str) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { from, public_url, environment }
    }

    /// The letter to `to`; `word` is her way to end letters, if she may.
    pub fn write(&self, to: Address, word: Option<&str>, message: &Message) -> Result<Mail, Unwritten> {
        let said = texts::say(&message.facts, message.language);
        let frame = texts::frame(message.language);
        let unsubscribe = word.map(|word| format!("{}{UNSUBSCRIBE}{word}", self.public_url));
        let html = self.html(message, &said, &frame, unsubscribe.as_deref())?;
        let text = self.text(&said, &frame, unsubscribe.as_deref());
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&said.title)
            .message_id(Some(self.message_id(message)))
            .raw_header(header("Auto-Submitted", "auto-generated"));
        if let Some(link) = unsubscribe {
            // One click, without a page in between (RFC 8058).
            builder = builder
                .raw_header(header("List-Unsubscribe", &format!("<{link}>")))
                .raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
        }
        builder.multipart(MultiPart::alternative_plain_html(text, html)).map_err(|_| Unwritten)
    }

    /// The same for every repetition of one letter, so that a mailbox may drop the second.
    pub fn message_id(&self, message: &Message) -> String {
        format!("<alert-{}@{}>", message.alert.0, self.from.email.domain())
    }

    fn html(
        &self,
        message: &Message,
        said: &Said,
        frame: &Frame,
        unsubscribe: Option<&str>,
    ) -> Result<String, Unwritten> {
        let values = context! {
            language => message.language.as_str(),
            title => &said.title, body => &said.body, link => &self.public_url,
            hello => &frame.hello, open => &frame.open, why => &frame.why,
            unsubscribe => unsubscribe.map(|_| &frame.unsubscribe), unsubscribe_link => unsubscribe,
        };
        self.environment.render_str(LAYOUT, values).map_err(|_| Unwritten)
    }

    fn text(&self, said: &Said, frame: &Frame, unsubscribe: Option<&str>) -> String {
        let Said { title, body } = said;
        let Frame { hello, open, why, unsubscribe: end } = frame;
        let mut text = format!("{hello}\n\n{title}\n{body}\n\n{open}: {}\n\n--\n", self.public_url);
        if let Some(link) = unsubscribe {
            text.push_str(&format!("{why}\n{end}: {link}\n"));
        }
        text + "Apta\n"
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}
