//! Successful answers: JSON with a validator, and links.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::ask::Ask;
use crate::problem::Problem;
use crate::{lang, validator};

/// `application/json`
pub(crate) const JSON: &str = "application/json";
/// `application/geo+json`
pub(crate) const GEOJSON: &str = "application/geo+json";
/// `application/schema+json`
pub(crate) const SCHEMA: &str = "application/schema+json";
/// OpenAPI 3.0 in JSON.
pub(crate) const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// Bodies from this size are handed to the connection in pieces, so that compressing one holds no thread for long.
const PIECE: usize = 64 << 10;

/// A link of a document.
pub(crate) fn link(rel: &str, kind: &str, href: &str) -> Value {
    json!({"rel": rel, "type": kind, "href": href})
}

/// A JSON document without words of a language.
pub(crate) fn document(ask: &Ask, kind: &'static str, value: &Value) -> Result<Response, Problem> {
    ask.accepts(&[kind.split(';').next().unwrap_or(kind), JSON])?;
    let bytes = Bytes::from(value.to_string());
    let etag = validator::weak_of(&bytes);
    Ok(validated(ask, kind, bytes, &etag))
}

/// A JSON document in the language asked for.
pub(crate) fn worded(ask: &Ask, kind: &'static str, value: &Value) -> Result<Response, Problem> {
    let mut response = document(ask, kind, value)?;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang::tag(ask.lang)));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    Ok(response)
}

/// An answer with an ETag: 304 when the reader already holds it.
pub(crate) fn validated(ask: &Ask, kind: &'static str, bytes: Bytes, etag: &str) -> Response {
    let mut response = if validator::is_held(&ask.headers, etag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        response
    } else {
        with_body(kind, bytes)
    };
    if let Some(etag) = validator::header(etag) {
        response.headers_mut().insert(ETAG, etag);
    }
    response
}

/// An answer with these bytes.
pub(crate) fn with_body(kind: &'static str, bytes: Bytes) -> Response {
    let length = bytes.len();
    let mut response = Response::new(body(bytes));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn body(bytes: Bytes) -> Body {
    if bytes.len() <= PIECE {
        return Body::from(bytes);
    }
    let pieces = futures_util::stream::unfold(bytes, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::task::yield_now().await;
        let piece = rest.split_to(rest.len().min(PIECE));
        Some((Ok::<_, std::convert::Infallible>(piece), rest))
    });
    // The compressor asks once more after the end.
    Body::from_stream(pieces.fuse())
}
