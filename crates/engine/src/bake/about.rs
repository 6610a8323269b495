//! What a file of tiles says about itself: layers and fields for map libraries, and where everything comes from.

use model::{Bbox, FieldType, Role, Text};
use serde_json::{Map, Value, json};
use store::format::Provenance;
use store::format::pmtiles::{About, TileKind};

use super::asked::{Asked, Found, around};
use crate::view::visible_fields;

/// The site and the moment of its log.
pub(super) struct Origin {
    pub(super) title: Text,
    pub(super) role: Role,
    pub(super) notice: Option<Text>,
    pub(super) mark: String,
}

/// The file's header and metadata, and the provenance in it. No clock and no path is in them: the same question to
/// the same data makes the same file.
pub(super) fn about(origin: &Origin, zooms: (u8, u8), asked: &[Asked], found: &[Found]) -> (About, Value) {
    let both = |text: &Text| format!("{} · {}", text.vi, text.en);
    let layers: Vec<Provenance> = asked.iter().zip(found).map(|(a, f)| provenance(a, f, origin)).collect();
    let provenance = json!({
        "site": origin.title,
        "role": origin.role,
        "mark": origin.mark,
        "notice": origin.notice,
        "count": found.iter().map(|f| f.count).sum::<usize>(),
        "layers": layers,
    });
    // What must be read wherever the map is shown: that data is made up, and what a layer asks to be said.
    let mut said: Vec<String> = origin.notice.iter().map(both).collect();
    for note in asked.iter().filter_map(|a| a.def().note.as_ref()) {
        if !said.contains(&both(note)) {
            said.push(both(note));
        }
    }
    let titles: Vec<&str> = asked.iter().map(|a| a.def().title.vi.as_str()).collect();
    let mut metadata = json!({
        "name": titles.join(" · "),
        "description": asked.iter().map(|a| both(&a.def().title)).collect::<Vec<_>>().join("; "),
        "type": "overlay",
        "format": "pbf",
        "vector_layers": asked.iter().map(|a| vector_layer(a, zooms)).collect::<Vec<_>>(),
        "diaban": provenance,
    });
    if !said.is_empty() {
        metadata["attribution"] = escaped(&said.join(" — ")).into();
    }
    let bounds = found.iter().filter_map(|f| f.bounds).reduce(around);
    let bounds = bounds.unwrap_or(Bbox { west: -180.0, south: -85.0, east: 180.0, north: 85.0 });
    let (lon, lat) = (f64::midpoint(bounds.west, bounds.east), f64::midpoint(bounds.south, bounds.north));
    let zoom = fitting_zoom(&bounds).clamp(zooms.0, zooms.1);
    (About { kind: TileKind::Mvt, zooms, bounds, centre: (zoom, lon, lat), metadata }, provenance)
}

fn provenance(asked: &Asked, found: &Found, origin: &Origin) -> Provenance {
    Provenance {
        layer: asked.query.layer.to_string(),
        title: asked.def().title.clone(),
        filter: (!asked.query.text.is_empty()).then(|| asked.query.text.clone()),
        as_of: asked.query.as_of(),
        count: found.count,
        demo: origin.notice.clone(),
        note: asked.def().note.clone(),
    }
}

/// The fields that are in the tiles, with the types that readers of tiles know.
fn vector_layer(asked: &Asked, zooms: (u8, u8)) -> Value {
    let def = asked.def();
    let drawn =
        visible_fields(def, asked.role()).map(|i| &def.fields[i]).filter(|f| f.tile && f.name != "id");
    let mut fields = Map::from_iter([("id".to_owned(), Value::from("String"))]);
    fields.extend(drawn.map(|f| {
        let kind = match f.kind {
            // A count that is too small to be told reads "<5".
            FieldType::Integer if f.people && !asked.role().sees_small_counts() => "String",
            FieldType::Integer | FieldType::Number => "Number",
            FieldType::Boolean => "Boolean",
            _ => "String",
        };
        (f.name.clone(), kind.into())
    }));
    json!({"id": def.id, "description": def.title.vi, "minzoom": zooms.0, "maxzoom": zooms.1, "fields": fields})
}

/// The zoom at which the wider side of a box is about as wide as two tiles.
fn fitting_zoom(bounds: &Bbox) -> u8 {
    let side = (bounds.east - bounds.west).max(bounds.north - bounds.south).max(1e-6);
    (360.0 / side).log2().floor().clamp(0.0, 24.0) as u8 + 1
}

/// Maps show the attribution as HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
