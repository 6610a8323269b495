//! Photos: taken in as they come from a camera, given out as JPEG under the hash of their bytes.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::{EngineError, PhotoSize};
use http::header::{ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use model::Code;
use serde_json::json;

use crate::answer::{JSON, validated, with_body};
use crate::app::App;
use crate::ask::Ask;
use crate::body;
use crate::problem::Problem;
use crate::validator::{self, is_held};

/// Where photos are sent to.
pub(crate) const PATH: &str = "/attachments";
const JPEG: &str = "image/jpeg";

/// `POST /attachments`
pub(crate) async fn take(State(app): State<App>, ask: Ask, content: Body) -> Result<Response, Problem> {
    ask.only(&["lang"])?;
    body::of_type(&ask.headers, &body::PHOTO)?;
    // Photos are large: only so many are held in memory at once.
    let Some(_room) = app.upload() else { return Err(Problem::of(Code::Busy)) };
    let sent = body::read_most(&ask, content, app.config(), app.config().max_photo).await?;
    let attached = app.engine().attach(&ask.actor, sent).await?;
    let mut response = with_body(JSON, json!(attached).to_string().into());
    *response.status_mut() = StatusCode::CREATED;
    let place = format!("{PATH}/{}", attached.sha256);
    for (name, value) in [(LOCATION, place), (ETAG, etag(&attached.sha256, PhotoSize::Full))] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// `GET /attachments/{sha256}`
pub(crate) async fn show(
    State(app): State<App>,
    Path(sha256): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    ask.only(&["size", "lang"])?;
    let size = match ask.one("size")? {
        None => PhotoSize::Full,
        Some("thumb") => PhotoSize::Thumb,
        Some(_) => {
            return Err(Problem::parameter("size", "size chỉ nhận “thumb”", "size takes “thumb” only"));
        }
    };
    app.engine().has_photo(&ask.actor, &sha256).await.map_err(not_there)?;
    ask.accepts(&[JPEG])?;
    let etag = etag(&sha256, size);
    // Its name says what it is: who holds it needs no look at the bytes.
    if is_held(&ask.headers, &etag) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        if let Some(etag) = validator::header(&etag) {
            response.headers_mut().insert(ETAG, etag);
        }
        return Ok(response);
    }
    let bytes = app.engine().photo(&sha256, size).await.map_err(not_there)?;
    Ok(validated(&ask, JPEG, bytes, &etag))
}

/// The address of a photo that is none, for this reader.
fn not_there(error: EngineError) -> Problem {
    let unknown = error.faults().iter().any(|f| f.code == Code::UnknownAttachment);
    if unknown { Problem::not_there(Code::UnknownAttachment) } else { error.into() }
}

/// Strong: a photo never changes under its name.
fn etag(sha256: &str, size: PhotoSize) -> String {
    match size {
        PhotoSize::Full => format!("\"{sha256}\""),
        PhotoSize::Thumb => format!("\"{sha256}.thumb\""),
    }
}
