//! Collections: the layers a reader may see, each with its definition cut to what that reader may know.

use axum::extract::{Path, State};
use axum::response::Response;
use engine::LayerInfo;
use jiff::Timestamp;
use model::{Bbox, FieldDef, LayerDef, Role, TimeKind};
use serde_json::{Map, Value, json};

use crate::answer::{GEOJSON, JSON, SCHEMA, link, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// Longitude, latitude in degrees.
pub(crate) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const QUERYABLES: &str = "http://www.opengis.net/def/rel/ogc/1.0/queryables";
const SCHEMA_REL: &str = "http://www.opengis.net/def/rel/ogc/1.0/schema";
/// Decimals of the extent, as of coordinates in answers.
const SCALE: f64 = 1e7;

/// `GET /api/collections`
pub(crate) async fn list(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let layers = app.engine().layers(&ask.actor);
    let collections: Vec<Value> = layers.iter().map(|info| collection(&ask, info)).collect();
    let body = json!({"links": [link("self", JSON, &ask.own_href())], "collections": collections});
    worded(&ask, JSON, &body)
}

/// `GET /api/collections/{layer}`
pub(crate) async fn one(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let info = app.engine().layer(&ask.actor, &layer)?;
    ask.only(&["f", "lang"])?;
    worded(&ask, JSON, &collection(&ask, &info))
}

fn collection(ask: &Ask, info: &LayerInfo) -> Value {
    let def = &info.def;
    let path = format!("/api/collections/{}", def.id);
    let below = |end: &str| ask.href(&format!("{path}{end}"));
    let mut extent = Map::new();
    if let Some(bounds) = info.bounds {
        extent.insert("spatial".to_owned(), json!({"bbox": [outward(bounds)], "crs": CRS84}));
    }
    if def.time != TimeKind::None {
        let trs = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian";
        let interval = [instant(info.interval.0), instant(info.interval.1)];
        extent.insert("temporal".to_owned(), json!({"interval": [interval], "trs": trs}));
    }
    json!({
        "id": def.id,
        "title": def.title.get(ask.lang),
        "description": def.description.get(ask.lang),
        "itemType": "feature",
        "crs": [CRS84],
        "extent": extent,
        "links": [
            link("self", JSON, &below("")),
            link("items", GEOJSON, &below("/items")),
            link(SCHEMA_REL, SCHEMA, &below("/schema")),
            link(QUERYABLES, SCHEMA, &below("/queryables")),
        ],
        "layer": definition(def, ask.actor.role, info.editable),
    })
}

/// The box, rounded so that it still holds everything.
pub(crate) fn outward(b: Bbox) -> [f64; 4] {
    let down = |n: f64| (n * SCALE).floor() / SCALE;
    let up = |n: f64| (n * SCALE).ceil() / SCALE;
    [down(b.west).max(-180.0), down(b.south).max(-90.0), up(b.east).min(180.0), up(b.north).min(90.0)]
}

fn instant(second: Option<i64>) -> Option<String> {
    second.and_then(|s| Timestamp::from_second(s).ok()).map(|t| t.to_string())
}

/// The definition as `role` may know it: fields that are hidden are not named anywhere in it.
fn definition(def: &LayerDef, role: Role, editable: bool) -> Value {
    let visible =
        |i: Option<usize>| i.map(|i| &def.fields[i]).filter(|f| f.visible(role)).map(|f| f.name.as_str());
    let shown = |name: &str| def.field(name).is_some_and(|f| f.visible(role));
    let fields: Vec<Value> =
        def.fields.iter().filter(|f| f.visible(role)).map(|f| field(f, &shown)).collect();
    let workflows: Vec<_> = def.workflows.iter().filter(|w| shown(&w.field)).collect();
    let style = &def.style;
    json!({
        "id": def.id,
        "title": def.title,
        "description": def.description,
        "purpose": def.purpose,
        "geometry": def.geometry,
        "time": def.time,
        "start": visible(def.start),
        "end": visible(def.end),
        "order": def.order,
        "group": def.group,
        "stale_after_days": def.stale_after_days,
        "cluster_below": def.cluster_below,
        "label": visible(def.label),
        "entity": visible(Some(def.entity)),
        "lineage": def.lineage.map(|ends| ends.map(|i| visible(Some(i)))),
        "note": def.note,
        "editable": editable,
        "derived": def.derived.is_some(),
        "fields": fields,
        "workflows": workflows,
        "style": {
            "draw": style.draw,
            "by": style.by.as_deref().filter(|by| shown(by)),
            "color": style.color,
            "dark": style.dark,
            "width": style.width,
            "radius": style.radius,
            "min_zoom": style.min_zoom,
            "label_zoom": style.label_zoom,
            "opacity": style.opacity,
            "shown": style.shown,
        },
    })
}

/// A field; what it is held against is named only to those who see that too.
fn field(field: &FieldDef, shown: &impl Fn(&str) -> bool) -> Value {
    let mut json = serde_json::to_value(field).unwrap_or_default();
    if field.compare.as_deref().is_some_and(|other| !shown(other))
        && let Some(object) = json.as_object_mut()
    {
        for key in ["compare", "tolerance", "limit"] {
            object.remove(key);
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extent_is_rounded_outward() {
        let b = Bbox { west: 103.123_456_78, south: 21.400_000_04, east: 104.123_456_71, north: 21.5 };
        assert_eq!(json!(outward(b)), json!([103.123_456_7, 21.4, 104.123_456_8, 21.5]));
        let world = Bbox { west: -180.0, south: -90.0, east: 180.0, north: 90.0 };
        assert_eq!(json!(outward(world)), json!([-180.0, -90.0, 180.0, 90.0]));
    }
}
