//! Reads a request's body: of a type that is read here, not beyond the limit, not slower than its time.

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use model::Code;
use tokio::time::{Instant, timeout, timeout_at};

use crate::ServeConfig;
use crate::ask::Ask;
use crate::problem::Problem;

/// A whole body may take this many times the longest silence within it.
const WHOLE: u32 = 6;

/// Media types of a feature.
pub(crate) const FEATURE: [&str; 2] = ["application/geo+json", "application/json"];
/// Media types of a change of a feature.
pub(crate) const PATCH: [&str; 3] =
    ["application/merge-patch+json", "application/json", "application/geo+json"];
/// Media types of a request about a feature.
pub(crate) const REQUEST: [&str; 2] = ["application/json", "application/geo+json"];

/// Refuses a body that is none of these types.
pub(crate) fn of_type(headers: &HeaderMap, taken: &[&str]) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if taken.contains(&given.as_str()) { Ok(()) } else { Err(Problem::of(Code::UnsupportedMediaType)) }
}

/// The whole body.
pub(crate) async fn read(ask: &Ask, body: Body, config: &ServeConfig) -> Result<Bytes, Problem> {
    let refused = |problem: Problem| {
        if let Some(connection) = &ask.connection {
            connection.linger();
        }
        problem
    };
    let limit = usize::try_from(config.max_body).unwrap_or(usize::MAX);
    let end = Instant::now() + config.body_timeout * WHOLE;
    let mut body = body;
    let mut bytes = BytesMut::new();
    loop {
        // Two clocks: one for a pause, one for the whole.
        let frame = timeout_at(end, timeout(config.body_timeout, body.frame())).await;
        let Ok(Ok(frame)) = frame else { return Err(refused(Problem::unfinished_body())) };
        let data = match frame {
            None => return Ok(bytes.freeze()),
            Some(Err(_)) => return Err(Problem::unfinished_body()),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        if bytes.len() + data.len() > limit {
            return Err(refused(Problem::of(Code::TooLarge)));
        }
        bytes.extend_from_slice(&data);
    }
}
