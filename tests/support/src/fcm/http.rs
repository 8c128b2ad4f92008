//! HTTP/1.1 as far as a stand-in for Google needs it, by hand: a library would not let it break its own answers.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};

/// A request with its body read.
#[derive(Debug)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub authorization: String,
    /// The number of the connection, where many requests share one.
    pub connection: Option<usize>,
    pub body: Vec<u8>,
}

/// An answer to be written.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
}

impl Reply {
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type", "application/json; charset=UTF-8".to_owned())];
        Self { status, headers, body: body.to_string() }
    }
}

/// A client's connection.
pub struct Connection {
    reader: BufReader<TcpStream>,
    writer: TcpStream,
}

impl Connection {
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        let writer = stream.try_clone()?;
        Ok(Self { reader: BufReader::new(stream), writer })
    }

    /// The next request, or nothing when the client is gone.
    pub fn request(&mut self) -> io::Result<Option<Request>> {
        let Some(first) = self.line()? else { return Ok(None) };
        let word = |place: usize| first.split(' ').nth(place).unwrap_or_default().to_owned();
        let (method, path) = (word(0), word(1));
        let (mut authorization, mut length) = (String::new(), 0);
        while let Some(line) = self.line()?.filter(|line| !line.is_empty()) {
            let Some((name, value)) = line.split_once(':') else { continue };
            match name.to_ascii_lowercase().as_str() {
                "authorization" => value.trim().clone_into(&mut authorization),
                "content-length" => length = value.trim().parse().unwrap_or(0),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        self.reader.read_exact(&mut body)?;
        Ok(Some(Request { method, path, authorization, connection: None, body }))
    }

    fn line(&mut self) -> io::Result<Option<String>> {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }

    /// Writes the answer; only a part of its body if told so, though it promised all of it.
    pub fn answer(&mut self, reply: &Reply, part: Option<usize>) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} told\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
        for (name, value) in &reply.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = &reply.body.as_bytes()[..part.unwrap_or(reply.body.len())];
        self.writer.write_all(&[head.as_bytes(), b"\r\n", body].concat())
    }

    /// Breaks the connection off without a word.
    pub fn cut(&self) {
        let _ = self.writer.shutdown(Shutdown::Both);
    }
}
