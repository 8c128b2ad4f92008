//! Letters read as a mail program reads them: parts, transfer encodings, encoded words.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The texts of all parts, decoded.
pub fn texts(data: &str) -> Vec<String> {
    let data = data.replace("\r\n", "\n");
    let Some((headers, body)) = data.split_once("\n\n") else { return Vec::new() };
    let Some(boundary) = boundary(headers) else { return vec![decoded(headers, body)] };
    let between = format!("\n--{boundary}");
    let body = format!("\n{body}");
    let parts = body.split(between.as_str()).skip(1);
    let parts = parts.filter_map(|part| part.trim_start_matches('\n').split_once("\n\n"));
    parts.map(|(headers, body)| decoded(headers, body)).collect()
}

fn boundary(headers: &str) -> Option<&str> {
    headers.split_once("boundary=\"")?.1.split('"').next()
}

fn decoded(headers: &str, body: &str) -> String {
    let headers = headers.to_lowercase();
    if headers.contains("content-transfer-encoding: base64") {
        let text: String = body.split_whitespace().collect();
        let bytes = STANDARD.decode(text).expect("a part in base64");
        return String::from_utf8(bytes).expect("a part in UTF-8");
    }
    if headers.contains("content-transfer-encoding: quoted-printable") {
        return String::from_utf8(unquoted(&body.replace("=\n", ""))).expect("a part in UTF-8");
    }
    body.to_owned()
}

/// The bytes of a text in which some stand as `=D0`.
fn unquoted(text: &str) -> Vec<u8> {
    let mut parts = text.split('=');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (code, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).expect("two digits behind ="));
        bytes.extend_from_slice(rest.as_bytes());
    }
    bytes
}

/// A header's value with its encoded words (RFC 2047) decoded.
pub fn words(value: &str) -> String {
    // Between two encoded words a space is none.
    let value = value.replace("?= =?", "?==?");
    let mut text = Vec::new();
    let mut rest = value.as_str();
    while let Some((before, word)) = rest.split_once("=?") {
        text.extend_from_slice(before.as_bytes());
        let mut fields = word.splitn(4, '?');
        let (_charset, how, said, behind) = (fields.next(), fields.next(), fields.next(), fields.next());
        let said = said.expect("an encoded word");
        match how {
            Some("b" | "B") => text.extend(STANDARD.decode(said).expect("a word in base64")),
            _ => text.extend(unquoted(&said.replace('_', " "))),
        }
        let behind = behind.unwrap_or_default();
        rest = behind.strip_prefix('=').unwrap_or(behind);
    }
    text.extend_from_slice(rest.as_bytes());
    String::from_utf8(text).expect("a header in UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_headers_are_read_whatever_way_they_are_written() {
        let mail = "Subject: x\r\nContent-Type: multipart/alternative; boundary=\"b1\"\r\n\r\n--b1\r\n\
            Content-Transfer-Encoding: base64\r\n\r\n0JTQsNC9\r\n0LA=\r\n--b1\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\n=D0=94=\r\n=D0=B0 a=3Db\r\n--b1--\r\n";
        assert_eq!(texts(mail), ["Дана", "Да a=b"]);
        assert_eq!(texts("Subject: x\r\n\r\nplain"), ["plain"]);
        assert_eq!(words("=?utf-8?b?0JTQsNC9?= =?utf-8?b?0LA=?= 5"), "Дана 5");
        assert_eq!(words("=?utf-8?q?=D0=94_a?="), "Д a");
        assert_eq!(words("There is news"), "There is news");
    }
}
