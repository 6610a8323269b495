//! Maps of others that lie under the ward's own: tiles of PMTiles and MBTiles files, and TileJSON. A name in an address
//! is looked up among the files opened at start; no path is ever made of it.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::{Basemap, TileKind};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, StatusCode};
use model::Code;
use serde_json::{Value, json};

use crate::answer::{JSON, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::collections::outward;
use crate::compress::takes_gzip;
use crate::problem::Problem;
use crate::tiles::{number, outside};
use crate::validator;

/// `GET /basemaps/{name}/{z}/{x}/{y}`
pub(crate) async fn tile(
    State(app): State<App>,
    Path((name, z, x, y)): Path<(String, String, String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    let basemap = named(&app, &name)?;
    ask.only(&[])?;
    let kind = basemap.about().kind;
    ask.accepts(&[kind.media_type(), "application/octet-stream"])?;
    let (column, row) = (number(&x), number(&y));
    let zoom = number(&z).and_then(|z| u8::try_from(z).ok());
    let (Some(zoom), Some(column), Some(row)) = (zoom, column, row) else {
        return Err(outside([&z, &x, &y]));
    };
    let found = basemap.tile(zoom, column, row, takes_gzip(&ask.headers)).await;
    let found = found.map_err(|error| match error {
        // A damaged file is ours to see in the log, not a store that will come back.
        engine::StoreError::Damaged(cause) => Problem::internal(cause),
        other => engine::EngineError::from(other).into(),
    })?;
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    let Some(tile) = found else {
        *response.status_mut() = StatusCode::NO_CONTENT;
        return Ok(response);
    };
    let etag = format!("W/\"{}\"", tile.etag);
    if let Some(etag) = validator::header(&etag) {
        headers.insert(ETAG, etag);
    }
    if validator::is_held(&ask.headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind.media_type()));
    if tile.packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    *response.body_mut() = Body::from(tile.bytes);
    Ok(response)
}

/// `GET /basemaps/{name}`: TileJSON 3.
pub(crate) async fn tilejson(
    State(app): State<App>,
    Path(name): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let basemap = named(&app, &name)?;
    ask.only(&["f", "lang"])?;
    let about = basemap.about();
    let mut body = json!({
        "tilejson": "3.0.0",
        "name": about.title.as_deref().unwrap_or(basemap.name()),
        "scheme": "xyz",
        "tiles": [ask.href(&address(basemap))],
        "minzoom": about.zooms.0,
        "maxzoom": about.zooms.1,
    });
    if about.kind == TileKind::Mvt {
        let layers = about.layers.iter().map(|layer| json!({"id": layer.id, "fields": layer.fields}));
        body["vector_layers"] = layers.collect::<Vec<Value>>().into();
    }
    if let Some(bounds) = about.bounds {
        body["bounds"] = json!(outward(bounds));
    }
    if let Some(attribution) = &about.attribution {
        body["attribution"] = attribution.as_str().into();
    }
    worded(&ask, JSON, &body)
}

/// The template of a basemap's tiles, as a path.
pub(crate) fn address(basemap: &Basemap) -> String {
    format!("/basemaps/{}/{{z}}/{{x}}/{{y}}", basemap.name())
}

fn named<'a>(app: &'a App, name: &str) -> Result<&'a Basemap, Problem> {
    let found = app.config().basemaps.iter().find(|basemap| basemap.name() == name);
    found.map(AsRef::as_ref).ok_or_else(|| Problem::of(Code::UnknownBasemap))
}
