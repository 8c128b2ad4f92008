//! Reads letters as a mailbox does: headers unfolded and decoded, the body out of its transfer encoding.

use support::smtp::Mail;

/// A letter as a person sees it.
#[derive(Debug, Clone)]
pub struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Letter {
    /// `message`: headers and body with CRLF at the ends of lines.
    pub fn read(message: &str) -> Self {
        let mail = Mail { from: String::new(), to: Vec::new(), data: message.to_owned() };
        let header = |name: &str| mail.header(name).unwrap_or_default();
        let body = match header("Content-Transfer-Encoding").as_str() {
            "base64" => base64(mail.body()),
            "quoted-printable" => quoted(&mail.body().replace("=\r\n", "")),
            _ => mail.body().as_bytes().to_vec(),
        };
        let text = String::from_utf8(body).unwrap().replace("\r\n", "\n");
        Self { to: header("To"), subject: words(&header("Subject")), text }
    }

    /// The token or code: the one line without a space between two empty ones.
    pub fn token(&self) -> Option<&str> {
        let token = self.text.split("\n\n").nth(1)?;
        (token.len() >= 43 && !token.contains(char::is_whitespace)).then_some(token)
    }
}

/// The encoded words of RFC 2047.
fn words(header: &str) -> String {
    let parts = header.split_whitespace().map(|word| {
        let inside = word.strip_prefix("=?utf-8?").and_then(|rest| rest.strip_suffix("?="));
        match inside.and_then(|inside| inside.split_once('?')) {
            Some(("b", text)) => base64(text),
            Some(("q", text)) => quoted(&text.replace('_', " ")),
            _ => format!(" {word}").into_bytes(),
        }
    });
    String::from_utf8(parts.flatten().collect()).unwrap().trim().to_owned()
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => Some(u32::from(c - b'A')),
        b'a'..=b'z' => Some(u32::from(c - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(c - b'0') + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let digits: Vec<u32> = text.bytes().filter_map(digit).collect();
    let bytes = digits.chunks(4).flat_map(|group| {
        let number = group.iter().fold(0, |number, digit| number << 6 | digit) << (6 * (4 - group.len()));
        number.to_be_bytes()[1..group.len()].to_vec()
    });
    bytes.collect()
}

fn quoted(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let hex = more.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let coded = hex.and_then(|two| u8::from_str_radix(two, 16).ok()).filter(|_| *first == b'=');
        bytes.push(coded.unwrap_or(*first));
        rest = if coded.is_some() { &more[2..] } else { more };
    }
    bytes
}

#[test]
fn letters_are_decoded_whatever_their_encoding() {
    let message = "To: a@example.kz\r\nSubject: =?utf-8?b?0JrRg9C90LTQtdC70ZbQug==?=\r\n =?utf-8?b?INCx0LDRgA==?=\r\n\
                   Content-Transfer-Encoding: quoted-printable\r\n\r\n=D3=98=D0=B1=\r\n=D0=B4=3D\r\n";
    let letter = Letter::read(message);
    assert_eq!((letter.subject.as_str(), letter.text.as_str()), ("Кунделік бар", "Әбд=\n"));
    assert_eq!(base64("TWE="), b"Ma");
}
