//! The web app, embedded in the binary: `/` and the files of its build. Nothing is read from the disk, so no path
//! can lead out of it.

use std::borrow::Cow;

use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use model::Code;
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::problem::Problem;
use crate::validator;

#[derive(RustEmbed)]
#[folder = "../../web/dist"]
struct Files;

/// Names of these files hold a hash of their content.
const HASHED: &str = "assets/";
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Whatever no route answers: a file of the web app, or nothing.
pub(crate) async fn file(request: Request) -> Response {
    let path = match request.uri().path() {
        "/" => "index.html",
        path => path.trim_start_matches('/'),
    };
    let Some(file) = Files::get(path) else { return Problem::of(Code::UnknownPath).into_response() };
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = Problem::of(Code::MethodNotAllowed).into_response();
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET,HEAD"));
        return response;
    }
    answer(path, file, request.headers(), request.method() == Method::HEAD)
}

fn answer(path: &str, file: EmbeddedFile, headers: &HeaderMap, head: bool) -> Response {
    use std::fmt::Write as _;
    let hash = file.metadata.sha256_hash();
    let etag = hash.iter().take(12).fold(String::from("\""), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    }) + "\"";
    let bytes = match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    };
    let mut response = Response::new(Body::empty());
    let out = response.headers_mut();
    if let Some(etag) = validator::header(&etag) {
        out.insert(ETAG, etag);
    }
    if path.starts_with(HASHED) {
        out.insert(CACHE_CONTROL, HeaderValue::from_static(FOREVER));
    } else {
        out.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    if validator::is_held(headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let kind = match (kind.type_().as_str(), kind.subtype().as_str()) {
        ("text", subtype) => format!("text/{subtype}; charset=utf-8"),
        (main, subtype) => format!("{main}/{subtype}"),
    };
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        out.insert(CONTENT_TYPE, kind);
    }
    out.insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
    if !head {
        *response.body_mut() = Body::from(bytes);
    }
    response
}
