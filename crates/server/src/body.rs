//! Reads a request's body: of a type that is read here, not beyond the limit, not slower than its time.

use std::time::Duration;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::BodyExt as _;
use model::Code;
use tokio::io::AsyncWriteExt as _;
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

/// Media types of a photo.
pub(crate) const PHOTO: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];

/// Refuses a body that is none of these types.
pub(crate) fn of_type(headers: &HeaderMap, taken: &[&str]) -> Result<(), Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let given = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if taken.contains(&given.as_str()) { Ok(()) } else { Err(Problem::of(Code::UnsupportedMediaType)) }
}

/// The whole body, in memory.
pub(crate) async fn read(ask: &Ask, body: Body, config: &ServeConfig) -> Result<Bytes, Problem> {
    read_most(ask, body, config, config.max_body).await
}

/// The whole body, in memory, which has a limit of its own.
pub(crate) async fn read_most(
    ask: &Ask,
    body: Body,
    config: &ServeConfig,
    most: u64,
) -> Result<Bytes, Problem> {
    let mut arriving = Arriving::new(ask, body, config, most);
    let mut bytes = BytesMut::new();
    while let Some(data) = arriving.next().await? {
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.freeze())
}

/// The whole body of an import, written to `file` as it arrives.
pub(crate) async fn to_file(
    ask: &Ask,
    body: Body,
    config: &ServeConfig,
    file: std::fs::File,
) -> Result<std::fs::File, Problem> {
    let failed = |e: std::io::Error| Problem::internal(format!("temporary file: {e}"));
    let mut arriving = Arriving::new(ask, body, config, config.max_import);
    let mut file = tokio::fs::File::from_std(file);
    while let Some(data) = arriving.next().await? {
        file.write_all(&data).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    Ok(file.into_std().await)
}

/// A body that is arriving, watched.
struct Arriving<'a> {
    ask: &'a Ask,
    body: Body,
    pause: Duration,
    end: Instant,
    left: u64,
}

impl<'a> Arriving<'a> {
    fn new(ask: &'a Ask, body: Body, config: &ServeConfig, limit: u64) -> Arriving<'a> {
        let end = Instant::now() + config.body_timeout * WHOLE;
        Arriving { ask, body, pause: config.body_timeout, end, left: limit }
    }

    /// The next piece; `None` when all is there.
    async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        // Two clocks: one for a pause, one for the whole.
        let frame = timeout_at(self.end, timeout(self.pause, self.body.frame())).await;
        let Ok(Ok(frame)) = frame else { return Err(self.refused(Problem::unfinished_body())) };
        let data = match frame {
            None => return Ok(None),
            Some(Err(_)) => return Err(Problem::unfinished_body()),
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        let Some(left) = self.left.checked_sub(data.len() as u64) else {
            return Err(self.refused(Problem::of(Code::TooLarge)));
        };
        self.left = left;
        Ok(Some(data))
    }

    /// Lets the sender read the refusal before the connection closes.
    fn refused(&self, problem: Problem) -> Problem {
        if let Some(connection) = &self.ask.connection {
            connection.linger();
        }
        problem
    }
}
