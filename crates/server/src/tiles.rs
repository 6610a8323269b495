//! Vector tiles: XYZ with any number of layers, the OGC path with row before column, and TileJSON.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use engine::{Encoding, LayerInfo, Tile, TileRequest};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, ETAG, VARY};
use http::{HeaderValue, StatusCode};
use model::{Bbox, Code, Fault, FieldType, Role, Text};
use serde_json::{Map, Value, json};

use crate::answer::{JSON, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::collections::outward;
use crate::problem::Problem;
use crate::validator;

/// Mapbox Vector Tile.
pub(crate) const MVT: &str = "application/vnd.mapbox-vector-tile";
/// Media types a reader may ask a tile by.
const ASKED: [&str; 3] = [MVT, "application/x-protobuf", "application/octet-stream"];
/// The deepest zoom that styles and TileJSON name; deeper tiles are drawn too.
pub(crate) const MAX_ZOOM: u8 = 18;

/// `GET /tiles/{layers}/{z}/{x}/{y}`, with or without `.mvt`.
pub(crate) async fn tile(
    State(app): State<App>,
    Path((layers, z, x, y)): Path<(String, String, String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    let y = y.strip_suffix(".mvt").unwrap_or(&y);
    answer(&app, &ask, &layers, [&z, &x, y]).await
}

/// `GET /api/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}`
pub(crate) async fn of_collection(
    State(app): State<App>,
    Path((layer, z, row, col)): Path<(String, String, String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    answer(&app, &ask, &layer, [&z, &col, &row]).await
}

async fn answer(app: &App, ask: &Ask, layers: &str, place: [&str; 3]) -> Result<Response, Problem> {
    // Layers first: whoever may not see one must not learn its grid or parameters.
    let layers: Vec<String> = layers.split(',').map(str::to_owned).collect();
    for layer in &layers {
        app.engine().check_layer(&ask.actor, layer)?;
    }
    ask.accepts(&ASKED)?;
    let [z, x, y] = place.map(number);
    let (Some(z), Some(x), Some(y)) = (z, x, y) else { return Err(outside(place)) };
    ask.formats_of_tile()?;
    let params = ask.params.iter().filter(|(name, _)| name != "f").cloned().collect();
    let request = TileRequest { layers, z, x, y, params, encoding: ask.encoding };
    let tile = app.engine().tile(&ask.actor, &request).await?;
    Ok(drawn(ask, tile))
}

fn drawn(ask: &Ask, tile: Tile) -> Response {
    let etag = format!("W/\"{}\"", tile.etag);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Some(etag) = validator::header(&etag) {
        headers.insert(ETAG, etag);
    }
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if validator::is_held(&ask.headers, &etag) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else if tile.bytes.is_empty() {
        *response.status_mut() = StatusCode::NO_CONTENT;
    } else {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MVT));
        if tile.encoding != Encoding::Plain {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static(tile.encoding.name()));
        }
        *response.body_mut() = Body::from(tile.bytes);
    }
    response
}

/// A whole number as it stands in a path.
pub(crate) fn number(text: &str) -> Option<u32> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// The refusal of numbers that are no tile.
pub(crate) fn outside(place: [&str; 3]) -> Problem {
    let place: String = place.join("/").chars().take(64).collect();
    let detail = Text::new("Số hiệu ô nằm ngoài lưới", "the tile lies outside the grid");
    Fault::at(Code::OutOfRange, place, detail).into()
}

/// `GET /tiles/{layers}`: TileJSON 3. Filter parameters go on into the tiles' address.
pub(crate) async fn tilejson(
    State(app): State<App>,
    Path(layers): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let mut infos: Vec<LayerInfo> = Vec::new();
    for name in layers.split(',') {
        let info = app.engine().layer(&ask.actor, name)?;
        if !infos.iter().any(|i| i.def.id == info.def.id) {
            infos.push(info);
        }
    }
    ask.formats()?;
    check(&app, &ask, &infos)?;
    let site = app.engine().site(&ask.actor);
    let titles: Vec<&str> = infos.iter().map(|i| i.def.title.get(ask.lang)).collect();
    let ids: Vec<&str> = infos.iter().map(|i| i.def.id.as_str()).collect();
    let filter = ask.query_without(&["f", "lang"]);
    let query = if filter.is_empty() { String::new() } else { format!("?{filter}") };
    let tiles = ask.href(&format!("/tiles/{}/{{z}}/{{x}}/{{y}}{query}", ids.join(",")));
    let layers: Vec<Value> = infos.iter().map(|i| vector_layer(&ask, i)).collect();
    let mut body = json!({
        "tilejson": "3.0.0",
        "name": titles.join(" · "),
        "scheme": "xyz",
        "tiles": [tiles],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "vector_layers": layers,
    });
    if let Some(bounds) = infos.iter().filter_map(|i| i.bounds).reduce(around) {
        body["bounds"] = json!(outward(bounds));
    }
    if let Some(notice) = &site.notice {
        body["attribution"] = notice.get(ask.lang).into();
    }
    worded(&ask, JSON, &body)
}

/// Refuses a parameter as its tiles would.
fn check(app: &App, ask: &Ask, infos: &[LayerInfo]) -> Result<(), Problem> {
    let layers: Vec<String> = infos.iter().map(|info| info.def.id.to_string()).collect();
    let own = ["f", "lang"];
    let params: Vec<_> = ask.params.iter().filter(|(n, _)| !own.contains(&n.as_str())).cloned().collect();
    Ok(app.engine().check_tiles(&ask.actor, &layers, &params)?)
}

fn around(a: Bbox, b: Bbox) -> Bbox {
    Bbox {
        west: a.west.min(b.west),
        south: a.south.min(b.south),
        east: a.east.max(b.east),
        north: a.north.max(b.north),
    }
}

fn vector_layer(ask: &Ask, info: &LayerInfo) -> Value {
    let def = &info.def;
    json!({
        "id": def.id,
        "description": def.title.get(ask.lang),
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "fields": fields(info, ask.actor.role, ask),
    })
}

fn fields(info: &LayerInfo, role: Role, ask: &Ask) -> Map<String, Value> {
    let drawn = info.def.fields.iter().filter(|f| f.tile && f.visible(role));
    let own = std::iter::once(("id".to_owned(), Value::from("UUID")));
    own.chain(drawn.map(|f| {
        let kind = match f.kind {
            FieldType::Integer | FieldType::Number => "Number",
            FieldType::Boolean => "Boolean",
            _ => "String",
        };
        (f.name.clone(), format!("{kind}: {}", f.title.get(ask.lang)).into())
    }))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn tile_numbers_are_digits() {
        assert_eq!(number("0"), Some(0));
        assert_eq!(number("4294967295"), Some(u32::MAX));
        for bad in ["", "-1", "+1", "4294967296", "1e3", "1.0", " 1", "x"] {
            assert_eq!(number(bad), None, "{bad}");
        }
    }
}
