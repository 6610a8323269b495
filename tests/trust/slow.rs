//! Slow clients and many of them: the real binary cuts them in time and goes on serving everyone else.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{Server, temp_dir};

use crate::small_site;

/// The limit under test; every other is far longer.
const SHORT: Duration = Duration::from_millis(400);
const LONG: &str = "600000";
/// A connection that is cut later than this was not cut by the limit. The machine may be busy.
const LATE: Duration = Duration::from_secs(20);

/// A server with one short limit.
fn with_short(name: &str, data: &Path) -> Server {
    let short = SHORT.as_millis().to_string();
    let all = ["FIRST_BYTE", "HEADER", "IDLE", "BODY"].map(|n| format!("DIABAN_{n}_TIMEOUT"));
    let env: Vec<(&str, &str)> =
        all.iter().map(|n| (n.as_str(), if n.contains(name) { short.as_str() } else { LONG })).collect();
    Server::start_with_env(["serve".as_ref(), "--data".as_ref(), data.as_os_str()], &env)
}

/// Reads to the end of the connection; what came, and how long it took from `begun`.
fn to_the_end(mut stream: TcpStream, begun: Instant) -> (String, Duration) {
    let mut answer = Vec::new();
    // A reset is an end too.
    let _ = stream.read_to_end(&mut answer);
    (String::from_utf8_lossy(&answer).into_owned(), begun.elapsed())
}

fn assert_cut(took: Duration) {
    assert!(took >= SHORT && took < LATE, "cut after {took:?}, the limit is {SHORT:?}");
}

#[test]
fn whoever_says_nothing_is_cut_and_others_are_served() {
    let dir = temp_dir();
    let server = with_short("FIRST_BYTE", &small_site(dir.path()));
    let begun = Instant::now();
    let silent: Vec<TcpStream> = (0..20).map(|_| server.connect()).collect();
    server.get("/healthz").expect(200);
    for stream in silent {
        let (answer, took) = to_the_end(stream, begun);
        assert_eq!(answer, "");
        assert_cut(took);
    }
    // Whoever has spoken is under other limits.
    let mut stream = server.connect();
    let begun = Instant::now();
    stream.write_all(b"GET /healthz HTTP/1.1\r\n").unwrap();
    while begun.elapsed() < SHORT * 2 {
        std::thread::sleep(Duration::from_millis(20));
        stream.write_all(b"X-A: b\r\n").unwrap();
    }
    stream.write_all(b"Host: localhost\r\nConnection: close\r\n\r\n").unwrap();
    assert!(to_the_end(stream, begun).0.starts_with("HTTP/1.1 200 "));
}

#[test]
fn headers_that_never_end_are_cut_however_steadily_they_come() {
    let dir = temp_dir();
    let server = with_short("HEADER", &small_site(dir.path()));
    let mut stream = server.connect();
    let begun = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").unwrap();
    // A byte now and then resets no clock. The write fails once the other side is gone.
    while begun.elapsed() < LATE && stream.write_all(b"X").is_ok() {
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = begun.elapsed();
    assert_cut(took);
    assert!(!to_the_end(stream, begun).0.contains("HTTP/1.1 200"));
    server.get("/healthz").expect(200);
}

#[test]
fn a_connection_that_rests_too_long_is_cut_and_a_body_that_stops_is_answered() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    {
        let server = with_short("IDLE", &data);
        let mut stream = server.connect();
        // The answer may be there before `write_all` is back.
        let begun = Instant::now();
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let (answer, took) = to_the_end(stream, begun);
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        assert_cut(took);
    }
    let server = with_short("BODY", &data);
    for (path, kind) in
        [("/api/collections/violations/items", "application/json"), ("/attachments", "image/jpeg")]
    {
        let mut stream = server.connect();
        let begun = Instant::now();
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nContent-Length: 1000\r\n\
             Connection: close\r\n\r\nhalf of it"
        );
        stream.write_all(head.as_bytes()).unwrap();
        let (answer, took) = to_the_end(stream, begun);
        assert!(answer.starts_with("HTTP/1.1 408 "), "{path}: {answer}");
        assert_cut(took);
    }
}

/// Asks on a connection that stays open; whether it was answered.
fn asks(stream: &mut TcpStream) -> bool {
    let request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut answer = [0; 15];
    stream.write_all(request).is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && answer == *b"HTTP/1.1 200 OK"
}

#[test]
fn beyond_the_cap_a_connection_is_closed_and_room_comes_back() {
    const CAP: usize = 8;
    let dir = temp_dir();
    let data = small_site(dir.path());
    let cap = CAP.to_string();
    let env = [("DIABAN_MAX_CONNECTIONS", cap.as_str())];
    let server = Server::start_with_env(["serve".as_ref(), "--data".as_ref(), data.as_os_str()], &env);
    // The client that waited for the server to be ready holds one or two.
    let mut held = Vec::new();
    loop {
        let mut stream = server.connect();
        if !asks(&mut stream) {
            break;
        }
        held.push(stream);
        assert!(held.len() <= CAP, "{} connections beside a cap of {CAP}", held.len());
    }
    assert!(held.len() >= CAP - 2, "only {} connections under a cap of {CAP}", held.len());
    // Those that were there are served as before, and one that leaves makes room.
    held.pop();
    let until = Instant::now() + LATE;
    let mut again = server.connect();
    while !asks(&mut again) {
        assert!(Instant::now() < until, "no room comes back");
        again = server.connect();
    }
}
