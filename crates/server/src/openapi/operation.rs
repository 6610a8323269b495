//! One operation of the description, built up piece by piece.

use serde_json::{Value, json};

use crate::problem::MEDIA_TYPE;

/// A query parameter.
pub(super) fn query(name: &str, description: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "query", "description": description, "required": false, "schema": schema})
}

/// A list in one parameter, separated by commas.
pub(super) fn list(name: &str, description: &str, items: &Value) -> Value {
    let mut parameter = query(name, description, &json!({"type": "array", "items": items}));
    parameter["style"] = "form".into();
    parameter["explode"] = false.into();
    parameter
}

/// A part of the path.
pub(super) fn in_path(name: &str, schema: &Value) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": schema})
}

/// A parameter described once for all.
pub(super) fn shared(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// A schema described once for all.
pub(super) fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// An operation that is being described.
pub(super) struct Operation(Value);

impl Operation {
    pub(super) fn new(id: &str, tag: &str, summary: &str) -> Operation {
        let mut operation = Operation(json!({
            "operationId": id,
            "tags": [tag],
            "summary": summary,
            "parameters": [],
            "responses": {},
        }));
        // A host that is not ours, and a fault of ours, can meet every request.
        operation.0["responses"]["500"] = json!({"$ref": "#/components/responses/Problem"});
        operation.fails(&[400, 403])
    }

    pub(super) fn takes(mut self, parameters: impl IntoIterator<Item = Value>) -> Operation {
        if let Some(all) = self.0["parameters"].as_array_mut() {
            all.extend(parameters);
        }
        self
    }

    pub(super) fn reads(mut self, types: &[&str], schema: &Value, required: bool) -> Operation {
        let content: serde_json::Map<String, Value> =
            types.iter().map(|kind| ((*kind).to_owned(), json!({"schema": schema}))).collect();
        self.0["requestBody"] = json!({"required": required, "content": content});
        self
    }

    pub(super) fn answers(
        mut self,
        status: u16,
        description: &str,
        content: Option<(&str, Value)>,
    ) -> Operation {
        let mut response = json!({"description": description});
        if let Some((kind, schema)) = content {
            response["content"] = json!({kind: {"schema": schema}});
        }
        self.0["responses"][status.to_string()] = response;
        self
    }

    /// Names headers of an answer.
    pub(super) fn with_headers(mut self, status: u16, names: &[&str]) -> Operation {
        let header = |name: &&str| ((*name).to_owned(), json!({"schema": {"type": "string"}}));
        let headers: serde_json::Map<String, Value> = names.iter().map(header).collect();
        self.0["responses"][status.to_string()]["headers"] = headers.into();
        self
    }

    /// The answer to a reader who holds it already.
    pub(super) fn validated(self) -> Operation {
        self.answers(304, "Not modified", None)
    }

    pub(super) fn fails(mut self, statuses: &[u16]) -> Operation {
        for status in statuses {
            self.0["responses"][status.to_string()] = json!({
                "description": reason(*status),
                "content": {MEDIA_TYPE: {"schema": schema("problem")}},
            });
        }
        self
    }

    pub(super) fn done(self) -> Value {
        self.0
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        400 => "A parameter is unknown or cannot be read",
        403 => "Not allowed, or a foreign host or origin",
        404 => "No such thing for this reader",
        406 => "No acceptable representation",
        408 => "The body did not arrive in time",
        409 => "Contradicts the present state",
        412 => "Changed since it was read",
        413 => "Too large",
        415 => "Unsupported media type",
        422 => "Readable and wrong: each fault with its JSON pointer",
        428 => "If-Match is required",
        503 => "The store cannot be reached; try again",
        _ => "Problem",
    }
}
