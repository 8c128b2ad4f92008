//! SIGTERM: what is being answered is answered, and then it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;
use support::app::DIARY;
use support::both;
use support::database::{Database, Kind};
use support::process::Process;
use support::school::PASSWORD;

/// A connection that is known to be accepted: it has been answered once.
fn connect(server: &Process) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    assert!(answer(&mut stream).starts_with("HTTP/1.1 200"));
    stream
}

/// One answer: the head, and as many bytes as it announces.
fn answer(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let mut byte = [0];
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).unwrap_or(0) == 0 {
            return String::from_utf8(text).unwrap();
        }
        text.extend_from_slice(&byte);
    }
    let head = String::from_utf8(text).unwrap();
    let length =
        head.to_lowercase().split("content-length: ").nth(1).map(|rest| rest.split("\r\n").next().unwrap().parse());
    let mut body = vec![0; length.map_or(0, Result::unwrap)];
    stream.read_exact(&mut body).unwrap();
    head + &String::from_utf8(body).unwrap()
}

both!(a_server_asked_to_stop_answers_what_it_was_asked_and_ends_well, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    // One hash at a time, so that the requests queue.
    let server = Process::serve(&[("DATABASE__URL", database.url()), ("SECURITY__PASSWORD_THREADS", "1")]);
    let mut streams: Vec<TcpStream> = (0..8).map(|_| connect(&server)).collect();
    for (number, stream) in streams.iter_mut().enumerate() {
        let device = json!({"name": "x", "platform": "web"});
        let body = json!({"login": format!("nobody-{number}"), "password": PASSWORD, "device": device}).to_string();
        let head = format!(
            "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all((head + &body).as_bytes()).unwrap();
    }
    let first = answer(&mut streams[0]);
    server.terminate();
    for (number, stream) in streams.iter_mut().enumerate().skip(1) {
        let answer = answer(stream);
        assert!(answer.starts_with("HTTP/1.1 401") && answer.contains("invalid-credentials"), "{number}: {answer:?}");
    }
    assert!(first.starts_with("HTTP/1.1 401"), "{first}");
    let ended = server.ended();
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(ended.stderr.contains("\"stopped\"") && ended.stdout.is_empty(), "{ended:?}");
});

both!(connections_at_rest_do_not_hold_a_stop_up, async |kind: Kind| {
    let database = Database::new(kind, &DIARY);
    let server = Process::serve(&[("DATABASE__URL", database.url())]);
    let at_rest: Vec<TcpStream> = (0..4).map(|_| connect(&server)).collect();
    let silent = TcpStream::connect(server.address).unwrap();
    let begin = Instant::now();
    server.terminate();
    let ended = server.ended();
    assert_eq!(ended.code(), Some(0), "{ended:?}");
    assert!(begin.elapsed() < Duration::from_secs(5), "it took {:?}", begin.elapsed());
    drop((at_rest, silent));
});
