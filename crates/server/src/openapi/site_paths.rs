//! Paths that are not of one layer.

use engine::LayerInfo;
use serde_json::{Value, json};

use super::aggregate;
use super::operation::{Operation, in_path, list, query, schema, shared};
use crate::answer::{JSON, OPENAPI};
use crate::body;
use crate::search::{DEFAULT_FOUND, MAX_FOUND};
use crate::tiles::MVT;

/// Every path that does not name a layer in itself.
pub(super) fn paths(layers: &[LayerInfo]) -> Vec<(String, Value)> {
    let get = |operation: Operation| json!({"get": operation.done()});
    let json = |id: &str, summary: &str, of: &str| {
        Operation::new(id, "site", summary)
            .takes([shared("f"), shared("lang")])
            .answers(200, summary, Some((JSON, schema(of))))
            .validated()
            .fails(&[406])
    };
    let text = |id: &str, summary: &str| {
        let plain = Some(("text/plain", json!({"type": "string"})));
        Operation::new(id, "operations", summary).answers(200, summary, plain)
    };
    let description = Operation::new("getApi", "site", "This description")
        .takes([shared("f"), shared("lang")])
        .answers(200, "OpenAPI 3.0", Some((OPENAPI, schema("object"))))
        .validated()
        .fails(&[406]);
    let ready = Operation::new("getReadiness", "operations", "Whether the site can be read and written")
        .answers(200, "Ready", Some((JSON, schema("object"))))
        .answers(503, "Not ready, with what is wrong", Some((JSON, schema("object"))));
    vec![
        ("/api".to_owned(), get(json("getLandingPage", "The landing page", "landing"))),
        ("/api/site".to_owned(), get(json("getSite", "What the site is and who asks", "object"))),
        ("/api/conformance".to_owned(), get(json("getConformance", "Standards that hold", "conformance"))),
        ("/api/openapi.json".to_owned(), get(description)),
        ("/api/collections".to_owned(), get(json("getCollections", "The layers", "collections"))),
        ("/api/imports".to_owned(), super::import_paths::imports(layers)),
        ("/api/imports/{batch}".to_owned(), super::import_paths::import()),
        ("/api/search".to_owned(), get(search(layers))),
        ("/tiles/{layers}".to_owned(), get(tilejson(layers))),
        ("/tiles/{layers}/{z}/{x}/{y}".to_owned(), get(tile(layers))),
        ("/basemaps/{name}".to_owned(), get(basemap())),
        ("/basemaps/{name}/{z}/{x}/{y}".to_owned(), get(basemap_tile())),
        ("/styles/{name}".to_owned(), get(style())),
        ("/live".to_owned(), get(live())),
        ("/attachments".to_owned(), json!({"post": take_photo().done()})),
        ("/attachments/{sha256}".to_owned(), get(show_photo())),
        ("/healthz".to_owned(), get(text("getLiveness", "The process answers"))),
        ("/readyz".to_owned(), get(ready)),
        ("/metrics".to_owned(), get(text("getMetrics", "Meters in the text format of Prometheus"))),
    ]
}

/// One or several layers in a path.
fn layers_in_path(layers: &[LayerInfo]) -> Value {
    let ids: Vec<&str> = layers.iter().map(|i| i.def.id.as_str()).collect();
    let mut parameter =
        in_path("layers", &json!({"type": "array", "minItems": 1, "items": {"type": "string", "enum": ids}}));
    parameter["style"] = "simple".into();
    parameter["explode"] = false.into();
    parameter
}

fn search(layers: &[LayerInfo]) -> Operation {
    let ids: Vec<&str> = layers.iter().map(|i| i.def.id.as_str()).collect();
    let what = "Names, codes, addresses or numbers, with or without diacritics; or coordinates";
    let number = json!({"type": "integer", "minimum": 1, "maximum": MAX_FOUND, "default": DEFAULT_FOUND});
    Operation::new("getSearch", "site", "Search in everything the reader may see; best first")
        .takes([
            query("q", what, &json!({"type": "string", "maxLength": 200})),
            query("limit", "Most results", &number),
            list("layers", "Only in these layers", &json!({"type": "string", "enum": ids})),
        ])
        .takes([shared("f"), shared("lang")])
        .answers(200, "Results", Some((JSON, schema("finding"))))
        .validated()
        .fails(&[404, 406])
}

fn tilejson(layers: &[LayerInfo]) -> Operation {
    let summary = "TileJSON 3 of layers; filter parameters go on into the tiles";
    Operation::new("getTileJson", "tiles", summary)
        .takes([layers_in_path(layers), shared("datetime"), shared("f"), shared("lang")])
        .takes(aggregate::parameters())
        .answers(200, "TileJSON", Some((JSON, schema("object"))))
        .validated()
        .fails(&[404, 406])
}

fn tile(layers: &[LayerInfo]) -> Operation {
    let number = json!({"type": "integer", "minimum": 0});
    let summary = "A vector tile of layers; parameters of their fields filter it";
    Operation::new("getTile", "tiles", summary)
        .takes([layers_in_path(layers), in_path("z", &number), in_path("x", &number), in_path("y", &number)])
        .takes(["datetime", "bbox", "intersects", "located", "departs"].map(shared))
        .takes(aggregate::parameters())
        .answers(200, "Mapbox Vector Tile", Some((MVT, json!({"type": "string", "format": "binary"}))))
        .answers(204, "Nothing is there", None)
        .validated()
        .fails(&[404, 406, 413])
}

/// The name of a basemap's file in a path.
fn basemap_in_path() -> Value {
    in_path("name", &json!({"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$"}))
}

fn basemap() -> Operation {
    Operation::new("getBasemap", "tiles", "TileJSON 3 of a map that lies under the ward's layers")
        .takes([basemap_in_path(), shared("f"), shared("lang")])
        .answers(200, "TileJSON", Some((JSON, schema("object"))))
        .validated()
        .fails(&[404, 406])
}

fn basemap_tile() -> Operation {
    let number = json!({"type": "integer", "minimum": 0});
    let bytes = json!({"type": "string", "format": "binary"});
    Operation::new(
        "getBasemapTile",
        "tiles",
        "A tile as it stands in the basemap's file: vector or a picture",
    )
    .takes([basemap_in_path(), in_path("z", &number), in_path("x", &number), in_path("y", &number)])
    .answers(200, "The tile, in the media type of its kind", Some(("*/*", bytes)))
    .with_headers(200, &["ETag"])
    .answers(204, "Nothing is there", None)
    .validated()
    .fails(&[404, 406])
}

fn style() -> Operation {
    let words = |all: &[&str]| json!({"type": "string", "enum": all});
    Operation::new("getStyle", "tiles", "A MapLibre style of all layers")
        .takes([
            in_path("name", &words(&["ward"])),
            query("theme", "Light or dark", &words(&["light", "dark"])),
        ])
        .takes([shared("datetime"), shared("f"), shared("lang")])
        .answers(200, "MapLibre style, version 8", Some((JSON, schema("object"))))
        .validated()
        .fails(&[404, 406])
}

fn take_photo() -> Operation {
    let summary =
        "Takes a photo in: turned upright, without metadata, encoded anew. Cite it in `photos` of a feature";
    Operation::new("takePhoto", "attachments", summary)
        .takes([shared("lang")])
        .reads(&body::PHOTO, &json!({"type": "string", "format": "binary"}), true)
        .answers(
            201,
            "The photo, durable; the same picture again is the same photo",
            Some((JSON, schema("attached"))),
        )
        .with_headers(201, &["Location", "ETag"])
        .fails(&[408, 413, 415, 422, 503])
}

fn show_photo() -> Operation {
    let name = json!({"type": "string", "pattern": "^[0-9a-f]{64}$"});
    let size =
        query("size", "As it is kept, or at most 320 pixels", &json!({"type": "string", "enum": ["thumb"]}));
    let jpeg = json!({"type": "string", "format": "binary"});
    Operation::new(
        "getPhoto",
        "attachments",
        "A photo that a feature the reader may see cites, or that the reader took",
    )
    .takes([in_path("sha256", &name), size, shared("lang")])
    .answers(200, "JPEG", Some(("image/jpeg", jpeg)))
    .with_headers(200, &["ETag"])
    .validated()
    .fails(&[404, 406, 503])
}

fn live() -> Operation {
    let after =
        json!({"name": "Last-Event-ID", "in": "header", "required": false, "schema": {"type": "string"}});
    Operation::new("getLive", "live", "Server-sent events of changes")
        .takes([query("last", "The mark to go on after", &json!({"type": "string"})), after])
        .answers(200, "Events `change` and `reset`", Some(("text/event-stream", json!({"type": "string"}))))
        .fails(&[406])
}
