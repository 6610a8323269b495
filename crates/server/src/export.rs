//! Exports: the question of a page of features, answered with a whole file, streamed.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::Format;
use http::HeaderValue;
use http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use tokio_stream::wrappers::ReceiverStream;

use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// `GET /export/{layer}?format=geojson|csv`
pub(crate) async fn export(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &["format", "lang"])?;
    ask.formats()?;
    let format = ask.one("format")?.unwrap_or("geojson");
    let format = Format::from_name(format).ok_or_else(|| {
        Problem::parameter("format", "format là geojson hoặc csv", "format is geojson or csv")
    })?;
    let export = app.engine().export(&ask.actor, &query, format).await?;
    let day = export.provenance.as_of.unwrap_or_else(|| app.engine().today());
    let name = format!("attachment; filename=\"{layer}-{day}.{}\"", format.extension());
    let mut response = Response::new(Body::from_stream(ReceiverStream::new(export.pieces)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
