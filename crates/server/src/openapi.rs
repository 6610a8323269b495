//! `GET /api/openapi.json`: OpenAPI 3.0, written from the table of routes and the layers a reader may see.

use axum::extract::State;
use axum::response::Response;
use engine::LayerInfo;
use model::{Code, LayerDef, Role};
use serde_json::{Map, Value, json};

use crate::answer::{GEOJSON, JSON, OPENAPI, SCHEMA, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::items::{DEFAULT_LIMIT, MAX_LIMIT};
use crate::problem::Problem;
use crate::schema::{asked, property};

const PROBLEM: &str = "application/problem+json";
const MVT: &str = "application/vnd.mapbox-vector-tile";

/// What one method of a path is: its name, a sentence, its success and the problems it may answer with.
struct Operation {
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    success: (u16, &'static str),
    problems: &'static [u16],
    body: &'static [&'static str],
}

const fn get(id: &'static str, summary: &'static str, kind: &'static str, problems: &'static [u16]) -> Operation {
    Operation { method: "get", id, summary, success: (200, kind), problems, body: &[] }
}

/// Every operation. A test compares the paths with the table of routes.
#[rustfmt::skip]
const OPERATIONS: &[(&str, &[Operation])] = &[
    ("/api", &[get("landingPage", "Landing page", JSON, &[400, 406])]),
    ("/api/site", &[get("site", "The site, the day to open the map at, and who is asking", JSON, &[400])]),
    ("/api/conformance", &[get("conformance", "What is conformed to", JSON, &[400, 406])]),
    ("/api/openapi.json", &[get("openapi", "This document", OPENAPI, &[400, 406])]),
    ("/api/collections", &[get("collections", "The layers", JSON, &[400, 406])]),
    ("/api/collections/{layer}", &[get("collection", "One layer and its definition", JSON, &[400, 404, 406])]),
    ("/api/collections/{layer}/schema", &[get("schema", "JSON Schema of a feature", SCHEMA, &[400, 404])]),
    ("/api/collections/{layer}/queryables", &[get("queryables", "JSON Schema of what can be asked for", SCHEMA, &[400, 404])]),
    ("/api/collections/{layer}/items", &[
        get("items", "A page of features", GEOJSON, &[400, 404, 406]),
        Operation { method: "post", id: "create", summary: "Makes a feature", success: (201, GEOJSON),
            problems: &[400, 403, 404, 408, 409, 413, 415, 422, 503], body: &[GEOJSON, JSON] },
    ]),
    ("/api/collections/{layer}/items/{id}", &[
        get("item", "One feature, whole", GEOJSON, &[400, 404, 406]),
        Operation { method: "put", id: "replace", summary: "Replaces a feature's fields", success: (200, GEOJSON),
            problems: &[400, 403, 404, 408, 409, 412, 413, 415, 422, 428, 503], body: &[GEOJSON, JSON] },
        Operation { method: "patch", id: "update", summary: "Changes a feature by a merge patch", success: (200, GEOJSON),
            problems: &[400, 403, 404, 408, 409, 412, 413, 415, 422, 428, 503], body: &["application/merge-patch+json", JSON] },
        Operation { method: "delete", id: "delete", summary: "Deletes a feature", success: (204, ""),
            problems: &[400, 403, 404, 412, 428, 503], body: &[] },
    ]),
    ("/api/collections/{layer}/items/{id}/history", &[get("history", "A feature's changes, newest first", JSON, &[400, 404])]),
    ("/api/collections/{layer}/items/{id}/revert", &[
        Operation { method: "post", id: "revert", summary: "Undoes one change of a feature", success: (200, GEOJSON),
            problems: &[400, 403, 404, 409, 412, 415, 422, 428, 503], body: &[JSON] },
    ]),
    ("/api/collections/{layer}/count", &[get("count", "Counts features", JSON, &[400, 404])]),
    ("/api/collections/{layer}/histogram", &[get("histogram", "Counts features over time", JSON, &[400, 404])]),
    ("/api/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}", &[get("collectionTile", "A vector tile, row before column", MVT, &[400, 404])]),
    ("/tiles/{layers}", &[get("tilejson", "TileJSON 3 of layers", JSON, &[400, 404])]),
    ("/tiles/{layers}/{z}/{x}/{y}", &[get("tile", "A vector tile of layers", MVT, &[400, 404, 413])]),
    ("/styles/{name}", &[get("style", "A MapLibre style", JSON, &[400, 404])]),
    ("/live", &[get("live", "Server-sent events of changes", "text/event-stream", &[400])]),
    ("/export/{layer}", &[get("export", "The features of a question as a file", GEOJSON, &[400, 404])]),
    ("/healthz", &[get("alive", "Whether the server runs", JSON, &[])]),
    ("/readyz", &[get("ready", "Whether the site is in order", JSON, &[503])]),
    ("/metrics", &[get("metrics", "Meters in the Prometheus format", "text/plain", &[])]),
];

/// `GET /api/openapi.json`
pub(crate) async fn document(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let layers = app.engine().layers(&ask.actor);
    worded(&ask, OPENAPI, &write(&ask, &layers))
}

fn write(ask: &Ask, layers: &[LayerInfo]) -> Value {
    let mut paths = Map::new();
    for (path, operations) in OPERATIONS {
        if path.contains("{layer}") {
            // One path for each layer: each has parameters of its own.
            for info in layers {
                let own = path.replace("{layer}", info.def.id.as_str());
                paths.insert(own, item(path, operations, ask, Some(info)));
            }
        } else {
            paths.insert((*path).to_owned(), item(path, operations, ask, None));
        }
    }
    let codes: Vec<&str> = Code::ALL.iter().map(|c| c.as_str()).collect();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "Địa Bàn",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A living map of a ward's order.",
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": ask.base}],
        "paths": paths,
        "components": {"schemas": {
            "Problem": {
                "type": "object",
                "required": ["type", "title", "status", "code"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "instance": {"type": "string"},
                    "code": {"type": "string", "enum": codes},
                    "errors": {"type": "array", "items": {"type": "object"}},
                },
            },
            "Feature": {
                "type": "object",
                "required": ["type", "properties", "geometry"],
                "properties": {
                    "type": {"type": "string", "enum": ["Feature"]},
                    "id": {"type": "string", "format": "uuid"},
                    "geometry": {"type": "object", "nullable": true},
                    "properties": {"type": "object"},
                },
            },
        }},
    })
}

fn item(path: &str, operations: &[Operation], ask: &Ask, info: Option<&LayerInfo>) -> Value {
    let mut out = Map::new();
    let own = |o: &&Operation| o.method == "get" || info.is_none_or(|i| i.editable);
    for operation in operations.iter().filter(own) {
        let id = info.map_or_else(|| operation.id.to_owned(), |i| format!("{}.{}", i.def.id, operation.id));
        let mut parameters = path_parameters(path);
        if operation.method == "get" {
            parameters.extend(query_parameters(path, ask, info));
        } else {
            parameters.extend(edit_parameters(operation.method, path));
        }
        let mut value = json!({
            "operationId": id,
            "summary": operation.summary,
            "parameters": parameters,
            "responses": responses(operation),
        });
        if !operation.body.is_empty() {
            let content: Map<String, Value> =
                operation.body.iter().map(|k| ((*k).to_owned(), json!({"schema": {"type": "object"}}))).collect();
            value["requestBody"] = json!({"required": operation.id != "revert", "content": content});
        }
        out.insert(operation.method.to_owned(), value);
    }
    Value::Object(out)
}

fn responses(operation: &Operation) -> Value {
    let (status, kind) = operation.success;
    let mut out = Map::new();
    let mut success = json!({"description": operation.summary});
    if !kind.is_empty() {
        let kind = kind.split(';').next().filter(|_| !kind.starts_with("application/vnd.oai")).unwrap_or(kind);
        let schema = match kind {
            GEOJSON | JSON | SCHEMA | OPENAPI => json!({"type": "object"}),
            MVT => json!({"type": "string", "format": "binary"}),
            _ => json!({"type": "string"}),
        };
        let mut content = Map::new();
        content.insert(kind.to_owned(), json!({"schema": schema}));
        success["content"] = Value::Object(content);
    }
    out.insert(status.to_string(), success);
    if kind == MVT {
        out.insert("204".to_owned(), json!({"description": "Nothing is there"}));
    }
    if operation.method == "get" && matches!(kind, GEOJSON | JSON | MVT | SCHEMA | OPENAPI) {
        out.insert("304".to_owned(), json!({"description": "The reader holds it already"}));
    }
    for status in operation.problems {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        let mut content = Map::new();
        content.insert(PROBLEM.to_owned(), json!({"schema": schema}));
        out.insert(status.to_string(), json!({"description": "A problem", "content": content}));
    }
    Value::Object(out)
}

fn parameter(name: &str, place: &str, schema: &Value) -> Value {
    let mut out = json!({"name": name, "in": place, "required": place == "path", "schema": schema});
    if schema["type"] == "array" {
        out["style"] = "form".into();
        out["explode"] = false.into();
    }
    out
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    names
        .filter(|name| *name != "layer")
        .map(|name| {
            let schema = match name {
                "z" | "x" | "y" | "row" | "col" => json!({"type": "integer", "minimum": 0}),
                "id" => json!({"type": "string", "format": "uuid"}),
                _ => json!({"type": "string"}),
            };
            parameter(name, "path", &schema)
        })
        .collect()
}

fn edit_parameters(method: &str, path: &str) -> Vec<Value> {
    let text = json!({"type": "string"});
    let mut out = vec![parameter("Idempotency-Key", "header", &text)];
    if path.contains("{id}") || method != "post" {
        out.push(parameter("If-Match", "header", &text));
    }
    out
}

fn query_parameters(path: &str, ask: &Ask, info: Option<&LayerInfo>) -> Vec<Value> {
    let end = path.rsplit('/').next().unwrap_or_default();
    let one = |name: &str, schema: Value| parameter(name, "query", &schema);
    let text = || json!({"type": "string"});
    let mut out = Vec::new();
    let selects = path.starts_with("/export") || path.contains("WebMercatorQuad") || matches!(end, "items" | "count" | "histogram");
    if let (true, Some(info)) = (selects, info) {
        out.extend(selection(&info.def, ask.actor.role, ask, !path.contains("WebMercatorQuad")));
    }
    match end {
        "items" => {
            let limit = json!({"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT});
            out.extend([one("limit", limit), one("after", text())]);
        }
        "count" => out.push(one("by", text())),
        "histogram" => {
            let mut field = one("field", text());
            field["required"] = true.into();
            let steps = json!({"type": "string", "enum": ["day", "week", "month", "year"], "default": "month"});
            out.extend([field, one("step", steps)]);
        }
        "{layer}" if path.starts_with("/export") => {
            out.push(one("format", json!({"type": "string", "enum": ["geojson", "csv"], "default": "geojson"})));
        }
        "{name}" => {
            out.push(one("theme", json!({"type": "string", "enum": ["light", "dark"], "default": "light"})));
            out.push(one("datetime", text()));
        }
        "{y}" | "{layers}" => out.push(one("datetime", text())),
        "live" => out.push(one("last", text())),
        _ => {}
    }
    let plain = matches!(path, "/live" | "/healthz" | "/readyz" | "/metrics") || path.contains("/{z}/");
    if !plain {
        out.push(one("lang", json!({"type": "string", "enum": ["vi", "en"]})));
        if !path.starts_with("/export") {
            out.push(one("f", json!({"type": "string", "enum": ["json"]})));
        }
    }
    out
}

/// The parameters that select features of a layer.
fn selection(def: &LayerDef, role: Role, ask: &Ask, past: bool) -> Vec<Value> {
    let one = |name: &str, schema: Value| parameter(name, "query", &schema);
    let mut out = vec![
        one("bbox", json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}})),
        one("datetime", json!({"type": "string"})),
        one("located", json!({"type": "boolean"})),
    ];
    if past {
        out.push(one("recorded", json!({"type": "string"})));
    }
    for field in asked(def, role) {
        let plain = property(field, role, ask.lang);
        // Several codes may be given, separated by commas.
        let schema = if plain.get("enum").is_some() { json!({"type": "array", "items": plain}) } else { plain };
        out.push(one(&field.name, schema));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn every_route_is_described() {
        let mut routes: Vec<&str> = ROUTES.iter().map(|(path, _)| *path).filter(|p| *p != "/api/").collect();
        let mut described: Vec<&str> = OPERATIONS.iter().map(|(path, _)| *path).collect();
        routes.sort_unstable();
        described.sort_unstable();
        assert_eq!(routes, described);
    }
}
