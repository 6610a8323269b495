//! The limit of this machine: axum answering ready bytes from memory. `cargo xtask bench` holds `diaban` against it.
//!
//! `static_bytes FILE` reads answers and serves them on a free port of this machine; the first line on stdout is the
//! address. FILE is a run of `path encoding length` lines, each followed by so many bytes; the encoding of plain bytes
//! is `identity`.

use std::collections::HashMap;
use std::io::{BufReader, Write as _};
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, StatusCode, Uri};

/// One answer: its bytes, its encoding unless plain, its ETag.
struct Answer {
    bytes: Bytes,
    encoding: Option<HeaderValue>,
    etag: HeaderValue,
}

type Answers = Arc<HashMap<String, Answer>>;

fn main() -> anyhow::Result<()> {
    let file = std::env::args_os().nth(1).context("static_bytes FILE")?;
    let answers = Arc::new(read(BufReader::new(std::fs::File::open(file)?))?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let mut out = std::io::stdout();
        writeln!(out, "http://{}", listener.local_addr()?)?;
        out.flush()?;
        axum::serve(listener, Router::new().fallback(answer).with_state(answers)).await?;
        Ok(())
    })
}

fn read(mut file: impl std::io::BufRead) -> anyhow::Result<HashMap<String, Answer>> {
    let mut answers = HashMap::new();
    let mut line = String::new();
    while file.read_line(&mut line)? > 0 {
        let parts: Vec<&str> = line.split_whitespace().collect();
        let [path, encoding, length] = parts[..] else { anyhow::bail!("not `path encoding length`: {line}") };
        let mut bytes = vec![0; length.parse()?];
        file.read_exact(&mut bytes)?;
        let encoding = (encoding != "identity").then(|| HeaderValue::from_str(encoding)).transpose()?;
        // As long as the tiles' own.
        let etag = HeaderValue::from_str(&format!("W/\"{:032x}\"", answers.len()))?;
        answers.insert(path.to_owned(), Answer { bytes: bytes.into(), encoding, etag });
        line.clear();
    }
    Ok(answers)
}

async fn answer(State(answers): State<Answers>, uri: Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut response = Response::new(Body::empty());
    let Some(answer) = answers.get(path) else {
        *response.status_mut() = StatusCode::NOT_FOUND;
        return response;
    };
    let headers = response.headers_mut();
    headers.insert(ETAG, answer.etag.clone());
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/vnd.mapbox-vector-tile"));
    if let Some(encoding) = &answer.encoding {
        headers.insert(CONTENT_ENCODING, encoding.clone());
    }
    *response.body_mut() = Body::from(answer.bytes.clone());
    response
}
