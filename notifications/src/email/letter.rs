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
    /// Where the diary opens.
    pub app_url: Option<String>,
    environment: Environment<'static>,
}

/// Why there is no letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unwritten;

impl Stationery {
    pub fn new(from: Mailbox, public_url: &str, app_url: Option<&str>) -> Self {
        let mut environment = Environment::new();
        environment.set_auto_escape_callback(|_| AutoEscape::Html);
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { from, public_url, app_url: app_url.map(str::to_owned), environment }
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
            title => &said.title, body => &said.body, link => &self.app_url,
            hello => &frame.hello, open => &frame.open, why => &frame.why,
            unsubscribe => unsubscribe.map(|_| &frame.unsubscribe), unsubscribe_link => unsubscribe,
        };
        self.environment.render_str(LAYOUT, values).map_err(|_| Unwritten)
    }

    fn text(&self, said: &Said, frame: &Frame, unsubscribe: Option<&str>) -> String {
        let Said { title, body } = said;
        let Frame { hello, open, why, unsubscribe: end } = frame;
        let mut text = format!("{hello}\n\n{title}\n{body}\n\n");
        if let Some(link) = &self.app_url {
            text.push_str(&format!("{open}: {link}\n\n"));
        }
        text.push_str("--\n");
        if let Some(link) = unsubscribe {
            text.push_str(&format!("{why}\n{end}: {link}\n"));
        }
        text + "Apta\n"
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use domain::alerts::facts::{AccountNews, Detail, Facts, Step, Thing};
    use domain::types::{AlertId, AlertKind, GradeStatus, Language, Privacy};

    use super::*;

    fn message(facts: Facts, language: Language) -> Message {
        let (ttl, collapse) = (Duration::from_secs(86_400), "k".to_owned());
        Message { alert: AlertId(17), collapse, language, privacy: Privacy::Full, facts, ttl }
    }

    fn written(facts: Facts, word: Option<&str>) -> String {
        opening(None, facts, word)
    }

    fn opening(app_url: Option<&str>, facts: Facts, word: Option<&str>) -> String {
        let stationery = Stationery::new("Apta <no-reply@diary.kz>".parse().unwrap(), "https://diary.kz/", app_url);
        let to = "ana@example.kz".parse().unwrap();
        let mail = stationery.write(to, word, &message(facts, Language::En)).unwrap();
        String::from_utf8(mail.formatted()).unwrap().replace("\r\n", "\n")
    }

    fn header<'a>(mail: &'a str, name: &str) -> Option<&'a str> {
        let (headers, _) = mail.split_once("\n\n").unwrap();
        headers.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    #[test]
    fn a_letter_carries_what_mailboxes_go_by() {
        let mail = written(Facts::Something, Some("opaque"));
        assert_eq!(header(&mail, "Message-ID"), Some("<alert-17@diary.kz>"));
        assert_eq!(header(&mail, "List-Unsubscribe"), Some("<https://diary.kz/v1/unsubscribe/opaque>"));
        assert_eq!(header(&mail, "List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
        assert_eq!(header(&mail, "Auto-Submitted"), Some("auto-generated"));
        assert_eq!(header(&mail, "Subject"), Some("There is news in the diary"));
        assert!(header(&mail, "Content-Type").unwrap().starts_with("multipart/alternative"));
        assert!(mail.contains("Content-Type: text/plain; charset=utf-8") && mail.contains("Content-Type: text/html"));
    }

    #[test]
    fn the_diary_opens_where_the_operator_says_and_else_nothing_offers_to_open_it() {
        let mail = opening(Some("https://app.example.kz/open"), Facts::Something, None).replace("=\n", "");
        assert!(mail.contains("Open the diary: https://app.example.kz/open\n"), "{mail}");
        assert!(mail.contains("href=3D\"https:&#x2f;&#x2f;app.example.kz&#x2f;open\""), "{mail}");
        let mail = written(Facts::Something, Some("opaque")).replace("=\n", "");
        assert!(!mail.contains("Open the diary"), "{mail}");
        assert_eq!(mail.matches("https:").count(), mail.matches("unsubscribe").count(), "{mail}");
    }

    #[test]
    fn where_nothing_can_be_switched_off_nothing_says_so() {
        let mail = written(Facts::Account(AccountNews::SignedIn), None);
        assert_eq!(header(&mail, "List-Unsubscribe"), None);
        assert!(!mail.contains("unsubscribe"), "{mail}");
    }

    #[test]
    fn nothing_a_school_writes_becomes_markup_or_a_header() {
        let graded_on = "2026-11-18".parse().unwrap();
        let value = Some("<b>5</b> & \"more\"".to_owned());
        let detail = Detail::Grade { status: GradeStatus::Graded, value, previous: None, graded_on };
        let (subject, child) = (Some("Algebra\r\nBcc: other@example.kz".to_owned()), Some("Aru".to_owned()));
        let kind = AlertKind::Grade;
        let facts = Facts::Thing(Thing { kind, step: Step::Created, subject, child, detail: Some(detail) });
        let mail = written(facts, Some("opaque"));
        assert_eq!(header(&mail, "Bcc"), None);
        let (_, html) = mail.split_once("text/html").unwrap();
        let html = html.replace("=\n", "");
        assert!(html.contains("Aru: &lt;b&gt;5&lt;&#x2f;b&gt; &amp; &quot;more&quot;"), "{html}");
        assert!(!html.contains("<b>"));
    }
}
