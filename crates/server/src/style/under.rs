//! Maps of others under the ward's layers, in place of our own base map: pictures as they are, vector tiles in our
//! quiet tones. A stranger's layers mean nothing to us: each is drawn by the geometry it turns out to have.

use engine::{Basemap, TileKind};
use serde_json::{Map, Value, json};

use super::Theme;

/// What the ids of sources and parts begin with; the web app knows the base map by it.
const PREFIX: &str = "basemap-";
/// Pixels to a side of a picture; files do not say, and this is what nearly all have.
const PICTURE: u16 = 256;

/// The name of a basemap's source.
fn source_of(basemap: &Basemap) -> String {
    format!("{PREFIX}{}", basemap.name())
}

/// Adds the source of a basemap, whose tiles are at `tiles`.
pub(super) fn add_source(sources: &mut Map<String, Value>, basemap: &Basemap, tiles: &str) {
    let about = basemap.about();
    let mut source = json!({"tiles": [tiles], "minzoom": about.zooms.0, "maxzoom": about.zooms.1});
    if about.kind == TileKind::Mvt {
        source["type"] = "vector".into();
    } else {
        source["type"] = "raster".into();
        source["tileSize"] = PICTURE.into();
    }
    if let Some(b) = about.bounds {
        source["bounds"] = json!([b.west, b.south, b.east, b.north]);
    }
    if let Some(attribution) = &about.attribution {
        source["attribution"] = attribution.as_str().into();
    }
    sources.insert(source_of(basemap), source);
}

/// The parts of a basemap, low ones first: areas of all its layers, then lines, then points.
pub(super) fn parts(basemap: &Basemap, theme: Theme) -> Vec<Value> {
    let source = source_of(basemap);
    if basemap.about().kind != TileKind::Mvt {
        let mut part = json!({"id": source, "type": "raster", "source": source});
        if theme == Theme::Dark {
            // A bright picture would outshine everything that lies on it.
            part["paint"] = json!({"raster-brightness-max": 0.55, "raster-saturation": -0.4});
        }
        return vec![part];
    }
    let layers = &basemap.about().layers;
    let each = |name: &'static str, kind: &'static str, geometry: &'static str, paint: Value| {
        let source = source.clone();
        layers.iter().map(move |layer| {
            json!({
                "id": format!("{source}-{}-{name}", layer.id),
                "type": kind,
                "source": source,
                "source-layer": layer.id,
                "filter": ["in", ["geometry-type"], ["literal", [geometry, format!("Multi{geometry}")]]],
                "paint": paint,
            })
        })
    };
    let (ground, edge, line) =
        (theme.of("#e9e7e1", "#1e2427"), theme.of("#d3d0c8", "#2b3236"), theme.of("#c9c5bb", "#363f43"));
    let width = json!(["interpolate", ["exponential", 1.4], ["zoom"], 8, 0.4, 14, 1, 18, 4]);
    let mut parts: Vec<Value> = each(
        "area",
        "fill",
        "Polygon",
        json!({"fill-color": ground, "fill-opacity": 0.6, "fill-outline-color": edge}),
    )
    .collect();
    parts.extend(each("line", "line", "LineString", json!({"line-color": line, "line-width": width})));
    parts.extend(each("point", "circle", "Point", json!({"circle-color": line, "circle-radius": 1.5})));
    parts
}
