//! Vector tiles and TileJSON.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::{LayerInfo, TileRequest};
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, StatusCode};
use model::{Code, Fault, FieldType, Text};
use serde_json::{Map, Value, json};

use crate::answer::{JSON, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::collections::outward;
use crate::compress::takes_gzip;
use crate::problem::Problem;
use crate::validator;

/// The media type of a tile.
const MVT: &str = "application/vnd.mapbox-vector-tile";
/// The last zoom that is offered; tiles of greater ones are drawn when asked for.
const MAX_ZOOM: u8 = 18;

/// `GET /tiles/{layers}/{z}/{x}/{y}`, the last part with or without `.mvt`.
pub(crate) async fn tile(
    State(app): State<App>,
    Path((layers, z, x, y)): Path<(String, String, String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    let y = y.strip_suffix(".mvt").unwrap_or(&y).to_owned();
    draw(&app, &ask, &layers, [&z, &x, &y]).await
}

/// `GET /api/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}`
pub(crate) async fn of_collection(
    State(app): State<App>,
    Path((layer, z, row, col)): Path<(String, String, String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    app.engine().layer(&ask.actor, &layer)?;
    draw(&app, &ask, &layer, [&z, &col, &row]).await
}

async fn draw(app: &App, ask: &Ask, layers: &str, place: [&str; 3]) -> Result<Response, Problem> {
    let [z, x, y] = place.map(number);
    let (Some(z), Some(x), Some(y)) = (z, x, y) else {
        let place: String = place.join("/").chars().take(64).collect();
        let detail = Text::new("Số hiệu ô phải là số nguyên không âm", "tile numbers are whole and not negative");
        return Err(Fault::at(Code::OutOfRange, place, detail).into());
    };
    let params = ask.params.iter().filter(|(name, _)| name != "f").cloned().collect();
    ask.formats_of_tile()?;
    let request = TileRequest { layers: layers.split(',').map(str::to_owned).collect(), z, x, y, params };
    let tile = app.engine().tile(&ask.actor, &request).await?;
    let etag = format!("W/\"{}\"", tile.etag);
    let mut response = Response::new(Body::empty());
    let held = validator::is_held(&ask.headers, &etag);
    if held {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else if tile.bytes.is_empty() {
        *response.status_mut() = StatusCode::NO_CONTENT;
    } else {
        let gzip = takes_gzip(&ask.headers);
        let bytes = if gzip { tile.gzip } else { tile.bytes };
        let length = bytes.len();
        response = Response::new(Body::from(bytes));
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MVT));
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
    }
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(etag) = validator::header(&etag) {
        headers.insert(ETAG, etag);
    }
    Ok(response)
}

/// A whole number in plain digits.
fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 10 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// `GET /tiles/{layers}`: TileJSON 3. Filter parameters are carried into the tiles' address.
pub(crate) async fn tilejson(
    State(app): State<App>,
    Path(layers): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let mut infos: Vec<LayerInfo> = Vec::new();
    for name in layers.split(',') {
        let info = app.engine().layer(&ask.actor, name)?;
        if infos.iter().all(|i| i.def.id != info.def.id) {
            infos.push(info);
        }
    }
    ask.formats()?;
    for (name, _) in ask.params.iter().filter(|(name, _)| !matches!(name.as_str(), "f" | "lang")) {
        let one = [(name.clone(), ask.one(name)?.unwrap_or_default().to_owned())];
        let read = |i: &LayerInfo| app.engine().query(&ask.actor, i.def.id.as_str(), &one, &[]);
        let mut last = None;
        if !infos.iter().any(|i| read(i).map_err(|e| last = Some(e)).is_ok())
            && let Some(error) = last
        {
            return Err(error.into());
        }
    }
    let query = ask.query_without(&["f", "lang"]);
    let query = if query.is_empty() { query } else { format!("?{query}") };
    let names: Vec<&str> = infos.iter().map(|i| i.def.id.as_str()).collect();
    let mut out = json!({
        "tilejson": "3.0.0",
        "name": names.join(","),
        "scheme": "xyz",
        "tiles": [format!("{}/tiles/{}/{{z}}/{{x}}/{{y}}{query}", ask.base, names.join(","))],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "vector_layers": infos.iter().map(|i| vector_layer(&ask, i)).collect::<Vec<_>>(),
    });
    let bounds = infos.iter().filter_map(|i| i.bounds).reduce(|a, b| model::Bbox {
        west: a.west.min(b.west),
        south: a.south.min(b.south),
        east: a.east.max(b.east),
        north: a.north.max(b.north),
    });
    if let Some(bounds) = bounds {
        out["bounds"] = json!(outward(bounds));
    }
    worded(&ask, JSON, &out)
}

fn vector_layer(ask: &Ask, info: &LayerInfo) -> Value {
    let mut fields = Map::new();
    fields.insert("id".to_owned(), "String".into());
    for field in info.def.fields.iter().filter(|f| f.tile && f.visible(ask.actor.role)) {
        let kind = match field.kind {
            FieldType::Integer | FieldType::Number => "Number",
            FieldType::Boolean => "Boolean",
            FieldType::Text | FieldType::Code | FieldType::Ref | FieldType::Date | FieldType::DateTime => "String",
        };
        fields.insert(field.name.clone(), kind.into());
    }
    json!({
        "id": info.def.id,
        "description": info.def.title.get(ask.lang),
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "fields": fields,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tile_numbers_are_plain_digits() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("4294967295"), Some(u32::MAX));
        for bad in ["", "-1", "+1", "1.0", "4294967296", "1e3", " 1", "0x1", "1.mvt"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
