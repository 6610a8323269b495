//! `GET /export/{layer}`: the question of the map as a file, streamed.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::Format;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};

use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// `GET /export/{layer}`
pub(crate) async fn export(State(app): State<App>, Path(layer): Path<String>, ask: Ask) -> Result<Response, Problem> {
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &["format", "lang"])?;
    let format = match ask.one("format")? {
        None => Format::GeoJson,
        Some(name) => Format::from_name(name).ok_or_else(|| {
            Problem::parameter("format", "format là geojson hoặc csv", "format is geojson or csv")
        })?,
    };
    let export = app.engine().export(&ask.actor, &query, format).await?;
    let pieces = futures_util::stream::unfold(export.pieces, |mut pieces| async move {
        let piece = pieces.recv().await?;
        Some((piece, pieces))
    });
    let mut response = Response::new(Body::from_stream(pieces));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    // A layer's name holds only letters, digits and low lines.
    let name = format!("attachment; filename=\"{}.{}\"", query.layer, format.extension());
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
