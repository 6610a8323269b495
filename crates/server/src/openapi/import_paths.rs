//! The paths of imports and what they answer.

use engine::LayerInfo;
use serde_json::{Value, json};

use super::operation::{Operation, in_path, query, schema, shared};
use crate::answer::JSON;
use crate::imports::FILES;

/// `/api/imports`
pub(super) fn imports(layers: &[LayerInfo]) -> Value {
    let text = json!({"type": "string"});
    let flag = json!({"type": "boolean", "default": false});
    let editable: Vec<&str> = layers.iter().filter(|i| i.editable).map(|i| i.def.id.as_str()).collect();
    let needed = |mut parameter: Value| {
        parameter["required"] = true.into();
        parameter
    };
    let layer = format!("The layer; of those that exist, these can be filled: {}", editable.join(", "));
    let map = json!({"name": "map", "in": "query", "required": false, "style": "form", "explode": true,
        "description": "field=column; without a column the field is left alone; x and y tell the place",
        "schema": {"type": "array", "items": text}});
    let key = json!({"name": "Idempotency-Key", "in": "header", "required": false, "schema": text});
    let list = Operation::new("getImports", "imports", "The last imports, newest first")
        .takes([shared("f"), shared("lang")])
        .answers(200, "Imports", Some((JSON, schema("imports"))))
        .validated()
        .fails(&[406, 503]);
    let create =
        Operation::new("createImport", "imports", "Imports a file; all rows that can be read, or none")
            .takes([
                needed(query("layer", &layer, &text)),
                needed(query("filename", "The file's name; its ending tells the format", &text)),
                query("dry_run", "Only look: the receipt, the columns and some rows", &flag),
                query("mapping", "A built-in mapping; chosen by the header without", &text),
                map,
                query("key", "The column that identifies a record", &text),
                query("crs", "The coordinates' system, for instance EPSG:9206", &text),
                query("new_layer", "Make the layer from the file", &flag),
                key,
            ])
            .takes([shared("f"), shared("lang")])
            .reads(&FILES, &json!({"type": "string", "format": "binary"}), true)
            .answers(200, "The receipt", Some((JSON, schema("receipt"))))
            .fails(&[404, 408, 409, 413, 415, 422, 503]);
    json!({"get": list.done(), "post": create.done()})
}

/// `/api/imports/{batch}`
pub(super) fn import() -> Value {
    let summary = "Undoes an import in one commit; refused when anything of it was changed since";
    let undo = Operation::new("undoImport", "imports", summary)
        .takes([in_path("batch", &json!({"type": "string"})), shared("f"), shared("lang")])
        .answers(200, "What is undone", Some((JSON, schema("undone"))))
        .fails(&[404, 409, 503]);
    json!({"delete": undo.done()})
}

/// What imports answer.
pub(super) fn schemas() -> [(&'static str, Value); 3] {
    let (text, whole) = (json!({"type": "string"}), json!({"type": "integer", "minimum": 0}));
    let maybe = json!({"type": "string", "nullable": true});
    let texts = json!({"type": "array", "items": text});
    let flag = json!({"type": "boolean"});
    let column = json!({"type": "object", "required": ["name", "samples", "field"], "properties": {
        "name": text, "samples": texts, "field": maybe,
        "personal": {"nullable": true, "allOf": [schema("text")]},
    }});
    let reject = json!({"type": "object", "required": ["file", "row", "field", "code", "detail"], "properties": {
        "file": text, "row": whole, "field": text, "code": text, "detail": schema("text"),
    }});
    let counts = ["read", "stored", "updated", "unchanged", "waiting_for_location", "rejected"];
    let counted = |mut properties: Value| {
        for name in counts {
            properties[name] = whole.clone();
        }
        properties
    };
    let receipt = json!({
        "type": "object",
        "required": ["batch", "layer", "files", "sha256", "read", "rejects", "dropped"],
        "properties": counted(json!({
            "batch": text, "layer": text, "files": texts, "sha256": texts, "mapping": maybe, "crs": maybe,
            "rejects": {"type": "array", "items": reject}, "dropped": texts,
            "columns": {"type": "array", "items": column}, "key": maybe,
            "preview": {"type": "object", "description": "GeoJSON; row, outcome, faults and values are properties"},
        })),
    });
    let one = json!({
        "type": "object",
        "required": ["batch", "layer", "files", "at", "actor", "undone", "undoable", "mark"],
        "properties": counted(json!({
            "batch": text, "layer": text, "files": texts, "at": {"type": "string", "format": "date-time"},
            "actor": text, "undone": flag, "undone_at": maybe, "undone_by": maybe, "undoable": flag, "mark": text,
        })),
    });
    let list = json!({
        "type": "object",
        "required": ["imports"],
        "properties": {"imports": {"type": "array", "items": one}},
    });
    let undone = json!({
        "type": "object",
        "required": ["batch", "layer", "removed", "restored", "empty", "mark"],
        "properties": {
            "batch": text, "layer": text, "removed": whole, "restored": whole, "empty": flag, "mark": text,
        },
    });
    [("receipt", receipt), ("imports", list), ("undone", undone)]
}
