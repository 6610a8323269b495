//! Over real sockets: silence, floods, oversized bodies, and a clean end.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use model::Role;
use server::ServeConfig;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::site::{Site, config};

/// A limit under test.
const SHORT: Duration = Duration::from_millis(300);
/// Limits that are not under test, and the longest any step may take.
const LONG: Duration = Duration::from_secs(20);

struct Running {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: JoinHandle<anyhow::Result<()>>,
    _site: Site,
}

/// Every limit long, so that each test shortens its own.
fn patient() -> ServeConfig {
    ServeConfig {
        first_byte_timeout: LONG,
        header_timeout: LONG,
        idle_timeout: LONG,
        body_timeout: LONG,
        ..config(Role::Analyst)
    }
}

async fn start(config: ServeConfig) -> Running {
    let site = Site::new().await;
    let (ready, address) = oneshot::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let engine = site.engine.clone();
    let task = tokio::spawn(async move {
        let told = move |address| ready.send(address).unwrap();
        server::serve(engine, config, told, async { drop(stopped.await) }).await
    });
    Running { address: address.await.unwrap(), stop, task, _site: site }
}

impl Running {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    async fn end(self) -> Duration {
        let start = Instant::now();
        self.stop.send(()).unwrap();
        timeout(LONG, self.task).await.expect("an end in time").unwrap().unwrap();
        start.elapsed()
    }
}

/// Everything until the server closes.
async fn rest(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    // A reset is an end too.
    let _ = timeout(LONG, stream.read_to_end(&mut all)).await.expect("a close in time");
    String::from_utf8_lossy(&all).into_owned()
}

/// Reads until `text` has come.
async fn until(stream: &mut TcpStream, text: &str) -> String {
    let mut all = String::new();
    let mut piece = [0; 4096];
    while !all.contains(text) {
        let n = timeout(LONG, stream.read(&mut piece)).await.expect("an answer in time").unwrap();
        assert!(n > 0, "closed after {all}");
        all.push_str(&String::from_utf8_lossy(&piece[..n]));
    }
    all
}

fn get(server: &Running, path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", server.address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_says_nothing_is_cut() {
    let server = start(ServeConfig { first_byte_timeout: SHORT, ..patient() }).await;
    // The server's clock may run before `connect` is back.
    let start = Instant::now();
    let mut stream = server.connect().await;
    assert_eq!(rest(&mut stream).await, "");
    assert!(start.elapsed() >= SHORT && start.elapsed() < LONG / 2, "{:?}", start.elapsed());
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_that_do_not_end_are_cut() {
    let server = start(ServeConfig { header_timeout: SHORT, ..patient() }).await;
    // One stops within hyper's sniffing of the protocol, one within the headers, one never stops.
    for begin in ["P", "PRI * HT", "GET / HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = server.connect().await;
        let start = Instant::now();
        stream.write_all(begin.as_bytes()).await.unwrap();
        assert_eq!(rest(&mut stream).await, "", "{begin}");
        assert!(start.elapsed() < LONG / 2, "{begin}");
    }
    let mut stream = server.connect().await;
    stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    let start = Instant::now();
    while start.elapsed() < LONG / 2 && stream.write_all(b"x: y\r\n").await.is_ok() {
        tokio::time::sleep(SHORT / 10).await;
    }
    assert!(start.elapsed() < LONG / 2, "a trickle of headers goes on");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_connection_is_kept_longer_than_headers_are_waited_for() {
    let server = start(ServeConfig { header_timeout: SHORT, idle_timeout: SHORT * 6, ..patient() }).await;
    let mut stream = server.connect().await;
    stream.write_all(get(&server, "/healthz").as_bytes()).await.unwrap();
    until(&mut stream, "ok\n").await;
    tokio::time::sleep(SHORT * 2).await;
    stream.write_all(get(&server, "/healthz").as_bytes()).await.unwrap();
    until(&mut stream, "ok\n").await;
    let start = Instant::now();
    assert_eq!(rest(&mut stream).await, "");
    assert!(start.elapsed() >= SHORT * 4 && start.elapsed() < LONG / 2, "{:?}", start.elapsed());
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_is_cut() {
    let server = start(ServeConfig { body_timeout: SHORT, ..patient() }).await;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /api/collections/violations/items HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 1000\r\n\r\n{{",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_gigabytes_are_refused_at_once() {
    let server = start(patient()).await;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /api/collections/violations/items HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: 2147483648\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The sender goes on sending, as clients do that do not look up.
    let (mut reading, mut writing) = stream.into_split();
    let flood = tokio::spawn(async move { while writing.write_all(&[b' '; 8_192]).await.is_ok() {} });
    let mut answer = Vec::new();
    let start = Instant::now();
    let _ = timeout(LONG, reading.read_to_end(&mut answer)).await.expect("an answer in time");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("too-large"), "{answer}");
    assert!(start.elapsed() < LONG / 4, "{:?}", start.elapsed());
    timeout(LONG, flood).await.expect("the connection is closed").unwrap();
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_is_cut_when_it_is_over() {
    let server = start(ServeConfig { max_body: 100_000, ..patient() }).await;
    let mut stream = server.connect().await;
    let head = format!(
        "POST /api/collections/violations/items HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n",
        server.address
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let chunk = format!("4000\r\n{}\r\n", " ".repeat(0x4000));
    for _ in 0..20 {
        if stream.write_all(chunk.as_bytes()).await.is_err() {
            break;
        }
    }
    let answer = rest(&mut stream).await;
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_connection_too_many_is_closed() {
    let server = start(ServeConfig { max_connections: 2, ..patient() }).await;
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = server.connect().await;
        stream.write_all(get(&server, "/healthz").as_bytes()).await.unwrap();
        until(&mut stream, "ok\n").await;
        kept.push(stream);
    }
    let mut third = server.connect().await;
    let _ = third.write_all(get(&server, "/healthz").as_bytes()).await;
    assert_eq!(rest(&mut third).await, "");
    // The others are served on, and a place that is left is taken again.
    kept[0].write_all(get(&server, "/metrics").as_bytes()).await.unwrap();
    until(&mut kept[0], "connections_refused_total 1").await;
    kept.clear();
    let start = Instant::now();
    loop {
        let mut fourth = server.connect().await;
        let _ = fourth.write_all(get(&server, "/healthz").as_bytes()).await;
        let mut byte = [0; 1];
        if matches!(timeout(LONG, fourth.read(&mut byte)).await.unwrap(), Ok(1)) {
            break;
        }
        assert!(start.elapsed() < LONG, "no place becomes free");
    }
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_takes_nothing_is_cut() {
    let server = start(ServeConfig { write_timeout: SHORT, ..patient() }).await;
    let mut stream = server.connect().await;
    // Many answers of a large document, none of them read: the buffers on both sides fill.
    let request = get(&server, "/api/openapi.json").repeat(200);
    let start = Instant::now();
    let written = timeout(LONG, stream.write_all(request.as_bytes())).await;
    let mut closed = written.is_ok_and(|w| w.is_err());
    while !closed && start.elapsed() < LONG {
        tokio::time::sleep(SHORT).await;
        closed = stream.write_all(b"GET").await.is_err();
    }
    assert!(closed, "the connection is still open");
    server.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_ends_open_streams_at_once() {
    let server = start(patient()).await;
    let mut live = server.connect().await;
    live.write_all(get(&server, "/live").as_bytes()).await.unwrap();
    until(&mut live, "diaban").await;
    let mut idle = server.connect().await;
    idle.write_all(get(&server, "/healthz").as_bytes()).await.unwrap();
    until(&mut idle, "ok\n").await;
    let silent = server.connect().await;
    let address = server.address;
    let took = server.end().await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    let end = rest(&mut live).await;
    assert!(end.ends_with("0\r\n\r\n"), "the stream ends whole: {end:?}");
    drop(silent);
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_loopback_is_served() {
    let site = Site::new().await;
    for address in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0"] {
        let config = ServeConfig { listen: address.parse().unwrap(), ..config(Role::Analyst) };
        let never = std::future::pending::<()>();
        let error = server::serve(site.engine.clone(), config, |_| panic!("ready"), never).await.unwrap_err();
        assert!(error.to_string().contains("loopback"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_port_in_host_is_refused() {
    let server = start(patient()).await;
    let port = server.address.port();
    for (host, status) in [
        (format!("localhost:{port}"), "200"),
        (format!("127.0.0.1:{port}"), "200"),
        ("localhost".to_owned(), "200"),
        (format!("localhost:{}", port.wrapping_add(1).max(1)), "403"),
        (format!("evil.example:{port}"), "403"),
    ] {
        let mut stream = server.connect().await;
        let request = format!("GET /api HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = rest(&mut stream).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
    }
    server.end().await;
}
