//! Bad input is refused with its code, in both languages, and leaves nothing behind.

use std::io::{Read as _, Write as _};

use e2e::{Http, Server, diaban, temp_dir};
use serde_json::{Value, json};

use crate::{items, small_site, violation};

/// Sends a body and checks the problem in both languages.
fn refused(http: &Http, body: &[u8], status: u16, code: &str) -> Value {
    let post = |lang: &str| {
        let headers = [("content-type", "application/geo+json"), ("accept-language", lang)];
        http.request("POST", &items("violations"), &headers, Some(body)).problem(status, code)
    };
    let (vi, en) = (post("vi"), post("en"));
    for problem in [&vi, &en] {
        assert!(
            !problem["detail"].as_str().unwrap().is_empty() && !problem["title"].as_str().unwrap().is_empty()
        );
    }
    assert_ne!(vi["title"], en["title"], "{code}");
    vi
}

fn with_geometry(geometry: &str) -> Vec<u8> {
    format!(
        r#"{{"type":"Feature","geometry":{geometry},"properties":{{"category":"noise","found_on":"2025-03-01"}}}}"#
    )
    .into_bytes()
}

#[test]
fn a_body_that_is_not_plain_geojson_is_refused() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let http = server.http();
    let whole = violation(104.0, 21.4).to_string();
    refused(&http, &whole.as_bytes()[..whole.len() - 5], 400, "invalid-json");
    refused(&http, b"", 400, "invalid-json");
    refused(&http, b"[1,2]", 400, "invalid-json");
    for number in ["NaN", "Infinity", "-Infinity", "1e400"] {
        let geometry = format!(r#"{{"type":"Point","coordinates":[{number},21.4]}}"#);
        refused(&http, &with_geometry(&geometry), 400, "invalid-json");
    }
    let twice = br#"{"type":"Feature","geometry":null,"properties":{"category":"noise","category":"other"}}"#;
    let problem = refused(&http, twice, 400, "duplicate-key");
    assert_eq!(problem["errors"][0]["pointer"], "/properties/category", "{problem}");
    refused(&http, "[".repeat(100_000).as_bytes(), 400, "too-deep");
    let deep = format!(
        r#"{{"type":"Feature","properties":{}1{}}}"#,
        r#"{"a":"#.repeat(100_000),
        "}".repeat(100_000)
    );
    refused(&http, deep.as_bytes(), 400, "too-deep");
    let swapped = refused(
        &http,
        &with_geometry(r#"{"type":"Point","coordinates":[21.4,104.0]}"#),
        422,
        "invalid-geometry",
    );
    assert!(swapped["detail"].as_str().unwrap().contains("đảo"), "{swapped}");
    assert_eq!(swapped["errors"][0]["pointer"], "/geometry/coordinates");
    let polygon = |ring: &str| with_geometry(&format!(r#"{{"type":"Polygon","coordinates":[{ring}]}}"#));
    // A layer of points does not take polygons, whatever they look like.
    refused(&http, &polygon("[[0,0],[1,0],[1,1],[0,0]]"), 422, "invalid-geometry");
    let unit = |ring: &str| {
        format!(
            r#"{{"type":"Feature","geometry":{{"type":"Polygon","coordinates":[{ring}]}},"properties":{{"code":"9","name":"Tổ 9","kind":"to"}}}}"#
        )
    };
    for (ring, pointer) in [
        ("[[104,21],[104.1,21],[104.1,21.1],[104,21.1]]", "/geometry/coordinates/0"),
        ("[[104,21],[104.1,21],[104,21]]", "/geometry/coordinates/0"),
        ("[[104,21],[104.1,21.1],[104.1,21],[104,21.1],[104,21]]", "/geometry/coordinates"),
    ] {
        let headers = [("content-type", "application/geo+json")];
        let reply = http.request("POST", &items("units"), &headers, Some(unit(ring).as_bytes()));
        assert_eq!(reply.problem(422, "invalid-geometry")["errors"][0]["pointer"], pointer, "{ring}");
    }
    assert_eq!(server.get_json("/api/collections/violations/count")["count"], 0);
    assert_eq!(server.get_json("/api/collections/units/count")["count"], 2);
    server.stop();
}

#[test]
fn an_address_or_a_sender_that_is_strange_is_refused() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    for (path, status, code) in [
        ("/api/collections/violations/items?no_such=1", 400, "unknown-parameter"),
        ("/api/collections/violations/items?bbox=1,2,3", 400, "invalid-parameter"),
        ("/api/collections/violations/items?bbox=1e309,2,3,4", 400, "invalid-parameter"),
        ("/api/collections/violations/items?bbox=NaN,2,3,4", 400, "invalid-parameter"),
        ("/api/collections/violations/items?datetime=yesterday", 400, "invalid-parameter"),
        ("/api/collections/violations/items?category=nonsense", 400, "invalid-parameter"),
        ("/api/collections/violations/items?limit=0", 400, "invalid-parameter"),
        ("/api/collections/violations/items?limit=abc", 400, "invalid-parameter"),
        ("/api/collections/nonsense/items", 404, "unknown-layer"),
        ("/api/collections/violations/items/nonsense", 404, "unknown-feature"),
        ("/api/nonsense", 404, "unknown-path"),
        ("/tiles/violations/25/0/0", 404, "out-of-range"),
        ("/tiles/violations/3/8/0", 404, "out-of-range"),
        ("/tiles/violations/3/0/8", 404, "out-of-range"),
        ("/tiles/violations/3/-1/0", 404, "out-of-range"),
        ("/tiles/violations/3/1e9/0", 404, "out-of-range"),
        ("/tiles/nonsense/3/0/0", 404, "unknown-layer"),
        ("/tiles/violations/3/0/0?nonsense=1", 400, "unknown-parameter"),
    ] {
        server.get_with(path, &[("accept-language", "en")]).problem(status, code);
        server.get(path).problem(status, code);
    }
    let body = violation(104.0, 21.4);
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        server.post(&items("violations"), &body, &[("origin", origin)]).problem(403, "foreign-origin");
    }
    server
        .post(&items("violations"), &body, &[("sec-fetch-site", "cross-site")])
        .problem(403, "foreign-origin");
    server.get_with("/api", &[("host", "evil.example")]).problem(403, "unknown-host");
    let text = [("content-type", "text/plain")];
    server.request("POST", &items("violations"), &text, Some(b"{}")).problem(415, "unsupported-media-type");
    let wrong = server.request("DELETE", "/api", &[], None);
    assert!(wrong.header("allow").is_some());
    wrong.problem(405, "method-not-allowed");
    assert_eq!(server.get_json("/api/collections/violations/count")["count"], 0);
    // The page's own origin may write.
    let own = server.url.clone();
    server.post(&items("violations"), &body, &[("origin", &own)]).expect(201);
    server.stop();
}

#[test]
fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let mut stream = server.connect();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/geo+json\r\nContent-Length: 2147483648\r\n\r\n{{",
        items("violations")
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 64];
    let n = stream.read(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer[..n]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    drop(stream);
    // The same without saying its length: cut when it is over.
    let mut request = format!(
        "POST {} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/geo+json\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n",
        items("violations")
    )
    .into_bytes();
    let chunk = vec![b' '; 1 << 20];
    for _ in 0..20 {
        request.extend_from_slice(b"100000\r\n");
        request.extend_from_slice(&chunk);
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"0\r\n\r\n");
    let answer = String::from_utf8_lossy(&server.raw(&request)).into_owned();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{}", &answer[..answer.len().min(200)]);
    server.stop();
}

#[test]
fn personal_data_refuses_a_whole_import() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let head = || diaban(["verify", "--json", "--data", data.to_str().unwrap()]).ok().json()["head"].clone();
    let before = head();
    let import = |text: &str| {
        let csv = dir.path().join("persons.csv");
        std::fs::write(&csv, text).unwrap();
        diaban([
            "import",
            "violations",
            csv.to_str().unwrap(),
            "--key",
            "code",
            "--json",
            "--data",
            data.to_str().unwrap(),
        ])
    };
    let rows = |address: &str| {
        format!("code,category,found_on,address\na,noise,2025-01-01,Ngõ 1\nb,noise,2025-01-01,{address}\n")
    };
    for secret in ["014203001234", "0912345678", "+84912345678"] {
        let run = import(&rows(&format!("gặp {secret} ở chợ"))).exit(1);
        let told = run.json();
        assert_eq!(told["code"], "person-data", "{told}");
        assert_eq!(told["person_data"][0]["column"], "address");
        assert_eq!(told["person_data"][0]["rows"], json!([2]));
        assert!(!run.text().contains(secret) && !run.stderr.contains(secret), "the value is told");
    }
    import("code,category,found_on,Họ tên\na,noise,2025-01-01,x\n").ok();
    assert_ne!(head(), before, "an unmapped column is dropped and no reason to refuse");
    let before = head();
    for bad in [
        "{\"type\":\"FeatureCollection\",\"features\":[",
        "{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\",\"properties\":{\"a\":NaN}}]}",
    ] {
        let file = dir.path().join("bad.geojson");
        std::fs::write(&file, bad).unwrap();
        let run = diaban([
            "import",
            "violations",
            file.to_str().unwrap(),
            "--json",
            "--data",
            data.to_str().unwrap(),
        ]);
        let told = run.exit(1).json();
        assert_eq!(told["code"], "invalid-json", "{told}");
        let detail = &told["errors"][0]["detail"];
        assert!(!detail["vi"].as_str().unwrap().is_empty() && detail["vi"] != detail["en"]);
    }
    assert_eq!(head(), before);
}
