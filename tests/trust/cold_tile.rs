//! A tile that nobody asked for before is drawn once, however many ask at once, and whoever goes away meanwhile.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use e2e::{Http, Server, diaban, temp_dir};

/// Points in the site: enough that a tile of them all takes longer than the requests for it to arrive.
const POINTS: usize = 20_000;
/// Readers of one cold tile.
const READERS: usize = 1_000;

/// A site with points spread over a tenth of a degree.
fn many_points(dir: &Path) -> PathBuf {
    let mut csv = "ref,category,occurred_from,found_by,lon,lat\n".to_owned();
    for n in 0..POINTS {
        let (lon, lat) = (104.0 + (n % 141) as f64 / 1410.0, 21.4 + (n / 141) as f64 / 1420.0);
        writeln!(csv, "R{n},theft,2025-01-01T10:00:00+07:00,citizen,{lon:.6},{lat:.6}").unwrap();
    }
    let (file, data) = (dir.join("points.csv"), dir.join("points.gpkg"));
    std::fs::write(&file, csv).unwrap();
    let (file, site) = (file.to_string_lossy(), data.to_string_lossy());
    diaban(["import", "incidents", &file, "--data", &site, "--key", "ref"]).ok();
    data
}

fn drawn(server: &Http) -> u64 {
    let meters = server.get("/metrics").expect(200).text();
    let line = meters.lines().find_map(|l| l.strip_prefix("diaban_tiles_drawn_total "));
    line.expect("the meter of drawn tiles").parse().expect("a number")
}

/// As many as asked, or what this process and the server may open, each its own end.
fn allowed(wanted: usize) -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find(|l| l.starts_with("Max open files"));
    let soft = line.and_then(|l| l.split_whitespace().nth(3)?.parse().ok());
    soft.map_or(wanted, |soft: usize| wanted.min(soft.saturating_sub(100)))
}

fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.url.strip_prefix("http://").unwrap()).expect("a connection")
}

fn ask(stream: &mut TcpStream, path: &str, encoding: &str) {
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAccept-Encoding: {encoding}\r\n\r\n"
    )
    .expect("a request");
}

/// The whole answer; it must be a 200.
fn body(mut stream: TcpStream) -> Vec<u8> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{}",
        String::from_utf8_lossy(&answer[..answer.len().min(300)])
    );
    let end = answer.windows(4).position(|w| w == b"\r\n\r\n").expect("the end of the headers") + 4;
    answer.split_off(end)
}

#[test]
fn a_thousand_readers_of_a_cold_tile_wait_for_one_drawing() {
    let dir = temp_dir();
    let server = Server::serve(&many_points(dir.path()));
    let path = "/tiles/incidents/6/50/28?aggregate=none";
    let before = drawn(&server);
    let codings = ["identity", "gzip", "br", "zstd"];
    // Every request lies at the server before the first answer is read.
    let mut readers: Vec<TcpStream> = (0..allowed(READERS)).map(|_| connect(&server)).collect();
    for (n, reader) in readers.iter_mut().enumerate() {
        ask(reader, path, codings[n % codings.len()]);
    }
    let mut first: [Option<Vec<u8>>; 4] = [const { None }; 4];
    for (n, reader) in readers.into_iter().enumerate() {
        let body = body(reader);
        assert!(body.len() > 10_000, "{} bytes", body.len());
        assert_eq!(*first[n % 4].get_or_insert_with(|| body.clone()), body, "reader {n} has another tile");
    }
    assert_eq!(drawn(&server) - before, 1);
    server.stop();
}

#[test]
fn a_reader_who_leaves_does_not_hold_the_others() {
    let dir = temp_dir();
    let server = Server::serve(&many_points(dir.path()));
    let before = drawn(&server);
    let rounds = 12;
    for round in 0..rounds {
        // Another filter each time: a cold tile.
        let path = format!("/tiles/incidents/6/50/28?aggregate=none&datetime=2024-01-{:02}/..", round + 1);
        let mut leader = connect(&server);
        ask(&mut leader, &path, "identity");
        let mut others: Vec<TcpStream> = (0..30).map(|_| connect(&server)).collect();
        for (n, other) in others.iter_mut().enumerate() {
            ask(other, &path, "identity");
            if n == 10 {
                leader.shutdown(std::net::Shutdown::Both).expect("the leader leaves");
            }
        }
        let bodies: Vec<Vec<u8>> = others.into_iter().map(body).collect();
        assert!(bodies.iter().all(|b| b.len() > 10_000 && *b == bodies[0]), "round {round}");
    }
    // Whoever takes over may have to begin again: once for the one who left, not once for everyone who waits.
    let times = drawn(&server) - before;
    assert!((rounds..=2 * rounds).contains(&times), "{times} drawings for {rounds} tiles");
    server.stop();
}
