//! Schemas and parameters that operations share.

use model::{Lang, LayerDef, Role};
use serde_json::{Map, Value, json};

use super::operation::{list, query, schema};
use crate::items::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::problem::MEDIA_TYPE;
use crate::schema::property;

/// The name of a layer's feature schema.
pub(super) fn feature_name(def: &LayerDef) -> String {
    format!("feature_{}", def.id)
}

/// A feature of one layer, as `role` sees it.
pub(super) fn feature(def: &LayerDef, role: Role, lang: Lang) -> Value {
    let visible = || def.fields.iter().filter(|f| f.visible(role));
    let properties: Map<String, Value> = visible()
        .map(|f| {
            let mut one = property(f, role, lang);
            if one["type"].is_array() {
                // OpenAPI 3.0 knows one type only: a small count stands as a text.
                one = json!({"title": one["title"], "oneOf": [{"type": "integer"}, {"type": "string"}]});
            }
            if let Some(codes) = one.get_mut("enum").and_then(Value::as_array_mut) {
                codes.push(Value::Null);
            }
            one["nullable"] = true.into();
            if f.read_only || def.derived.is_some() {
                one["readOnly"] = true.into();
            }
            (f.name.clone(), one)
        })
        .collect();
    json!({
        "type": "object",
        "required": ["type", "properties", "geometry"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string", "format": "uuid", "readOnly": true},
            "properties": {"type": "object", "properties": properties},
            "geometry": {"nullable": true, "allOf": [schema("geometry")]},
            "links": {"type": "array", "items": schema("link"), "readOnly": true},
        },
    })
}

/// All that is shared.
pub(super) fn components() -> Value {
    json!({
        "parameters": parameters(),
        "responses": {
            "Problem": {"description": "Problem", "content": {MEDIA_TYPE: {"schema": schema("problem")}}},
        },
        "schemas": schemas(),
    })
}

fn parameters() -> Value {
    let mut bbox = query(
        "bbox",
        "West, south, east, north in degrees; features without geometry match every box",
        &json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}),
    );
    bbox["style"] = "form".into();
    bbox["explode"] = false.into();
    let text = json!({"type": "string"});
    let sortby = list(
        "sortby",
        "Fields in their order, `-` for descending; null last, equal ones by their number; texts as Vietnamese sorts them, codes as listed",
        &text,
    );
    json!({
        "limit": query("limit", "Most features of the page", &json!({
            "type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT,
        })),
        "after": query("after", "Where the page begins: of the link to the next page", &text),
        "sortby": sortby,
        "bbox": bbox,
        "intersects": query("intersects", "WKT POLYGON or MULTIPOLYGON, longitude latitude, at most 2,000 positions: features that share a point with it", &text),
        "datetime": query("datetime", "A day, an instant, or an interval a/b, ../b, a/..", &text),
        "recorded": query("recorded", "Answer as the log knew it at a day, an instant or a mark", &text),
        "located": query("located", "With geometry or without", &json!({"type": "boolean"})),
        "departs": query("departs", "With a value beyond its tolerance of the one it is held against, or with none; what was not measured is neither", &json!({"type": "boolean"})),
        "f": query("f", "The format; JSON is the only one", &json!({"type": "string", "enum": ["json", "geojson"]})),
        "lang": query("lang", "The language of texts", &json!({"type": "string", "enum": ["vi", "en"]})),
        "ifMatch": header("If-Match", "The ETag the change is based on; 428 without"),
        "idempotencyKey": header("Idempotency-Key", "Names the request: a repetition changes nothing and is answered alike"),
    })
}

fn header(name: &str, description: &str) -> Value {
    json!({"name": name, "in": "header", "description": description, "required": false, "schema": {"type": "string"}})
}

fn finding() -> Value {
    let text = json!({"type": "string"});
    let maybe = json!({"type": "string", "nullable": true});
    let numbers = |n: u8| json!({"type": "array", "nullable": true, "minItems": n, "maxItems": n, "items": {"type": "number"}});
    let day = json!({"type": "string", "format": "date", "nullable": true});
    let found = json!({"type": "object", "required": ["kind", "title", "match"], "properties": {
        "kind": {"type": "string", "enum": ["feature", "coordinates"]}, "layer": maybe, "id": maybe,
        "title": text, "detail": maybe, "match": {"type": "string", "enum": ["exact", "prefix", "folded", "old"]},
        "bbox": numbers(4), "point": numbers(2), "valid_from": day, "valid_to": day,
    }});
    json!({"type": "object", "required": ["query", "results", "more"], "properties": {
        "query": text, "results": {"type": "array", "items": found}, "more": {"type": "boolean"},
    }})
}

fn schemas() -> Value {
    let text = json!({"type": "string"});
    let object = json!({"type": "object"});
    let maybe = json!({"type": "string", "nullable": true});
    let day = json!({"type": "string", "format": "date"});
    let links = json!({"type": "array", "items": schema("link")});
    json!({
        "link": {
            "type": "object",
            "required": ["href", "rel"],
            "properties": {"href": text, "rel": text, "type": text, "title": text},
        },
        "text": {"type": "object", "required": ["vi", "en"], "properties": {"vi": text, "en": text}},
        "problem": {
            "type": "object",
            "required": ["type", "title", "status", "detail", "code"],
            "properties": {
                "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "code": text, "instance": text,
                "errors": {"type": "array", "items": {"type": "object", "required": ["code", "detail"], "properties": {
                    "code": text, "detail": text, "pointer": text, "parameter": text, "place": text,
                }}},
            },
        },
        "landing": {
            "type": "object",
            "required": ["links"],
            "properties": {"title": text, "description": text, "links": links},
        },
        "conformance": {
            "type": "object",
            "required": ["conformsTo"],
            "properties": {"conformsTo": {"type": "array", "items": text}},
        },
        "collections": {
            "type": "object",
            "required": ["links", "collections"],
            "properties": {"links": links, "collections": {"type": "array", "items": schema("collection")}},
        },
        "collection": {
            "type": "object",
            "required": ["id", "links"],
            "properties": {
                "id": text, "title": text, "description": text, "itemType": text, "extent": object, "links": links,
                "crs": {"type": "array", "items": text}, "layer": object,
            },
        },
        "geometry": {
            "type": "object",
            "required": ["type", "coordinates"],
            "properties": {
                "type": {"type": "string", "enum": [
                    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
                ]},
                "coordinates": {"type": "array", "items": {}},
            },
        },
        "count": {
            "type": "object",
            "required": ["count", "located", "waiting"],
            "properties": {
                "count": {"type": "integer"}, "located": {"type": "integer"}, "waiting": {"type": "integer"},
                "by": {"type": "object", "additionalProperties": {"type": "integer"}},
            },
        },
        "histogram": {
            "type": "object",
            "required": ["bars", "before", "without"],
            "properties": {
                "bars": {"type": "array", "items": {"type": "object", "properties": {
                    "from": {"type": "string", "format": "date"}, "to": {"type": "string", "format": "date"},
                    "count": {"type": "integer"},
                }}},
                "before": {"type": "integer", "description": "Began before the period asked for"},
                "without": {"type": "integer"},
            },
        },
        "moves": {
            "type": "object",
            "required": ["field", "from", "to", "entities", "flows", "moves"],
            "properties": {
                "field": text, "from": day, "to": day, "entities": {"type": "integer"},
                "flows": {"type": "array", "items": {"type": "object", "properties": {
                    "from": maybe, "to": maybe, "count": {"type": "integer"},
                }}},
                "moves": {"type": "array", "items": {"type": "object", "properties": {
                    "entity": text, "label": maybe, "from": maybe, "to": maybe, "before": maybe, "after": maybe,
                    "change": {"type": "string", "enum": ["worse", "other", "better", "appeared", "ended", "same"]},
                    "on": {"type": "string", "format": "date", "nullable": true}, "by": maybe, "properties": object,
                }}},
            },
        },
        "finding": finding(),
        "history": {
            "type": "object",
            "required": ["id", "entries"],
            "properties": {"id": text, "entries": {"type": "array", "items": {"type": "object", "properties": {
                "mark": text, "at": {"type": "string", "format": "date-time"}, "actor": text, "op": text,
                "reason": {"type": "string", "nullable": true}, "changes": {"type": "array", "items": object},
                "erased": {"type": "boolean"},
            }}}},
        },
        "patch": {
            "type": "object",
            "description": "A JSON merge patch of the feature; null removes a value",
            "properties": {
                "properties": object, "geometry": {"nullable": true, "allOf": [schema("geometry")]},
                "effective_on": {"type": "string", "format": "date"}, "reason": {"type": "string", "maxLength": 500},
            },
        },
        "attached": {
            "type": "object",
            "required": ["sha256", "media_type", "bytes", "width", "height"],
            "properties": {
                "sha256": text, "media_type": text, "bytes": {"type": "integer"},
                "width": {"type": "integer"}, "height": {"type": "integer"},
            },
        },
        "revert": {"type": "object", "properties": {"mark": text}},
        "object": object,
    })
}
