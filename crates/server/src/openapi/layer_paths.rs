//! The paths of one layer, with a parameter for each of its fields.

use model::{FieldDef, FieldType, Lang, LayerDef, Pair, Role, TimeKind};
use serde_json::{Value, json};

use super::aggregate;
use super::components::feature_name;
use super::operation::{Operation, in_path, list, query, schema, shared};
use crate::answer::{GEOJSON, JSON, SCHEMA};
use crate::body;
use crate::schema::{asked, clock_name, clock_property, clocks, property};
use crate::tiles::MVT;

/// The paths below a collection, and its export.
pub(super) fn paths(def: &LayerDef, editable: bool, role: Role) -> Vec<(String, Value)> {
    let layer = Layer { def, editable, role };
    let base = format!("/api/collections/{}", def.id);
    let below = |end: &str| format!("{base}{end}");
    let mut paths = vec![
        (below(""), layer.one_get("describe", "The layer", (JSON, schema("collection")))),
        (below("/schema"), layer.one_get("schema", "JSON Schema of features", (SCHEMA, schema("object")))),
        (
            below("/queryables"),
            layer.one_get("queryables", "What can be asked for", (SCHEMA, schema("object"))),
        ),
        (below("/items"), layer.items()),
        (below("/items/{id}"), layer.item()),
        (below("/items/{id}/history"), layer.history()),
        (below("/items/{id}/revert"), layer.revert()),
        (below("/count"), layer.count()),
        (below("/histogram"), layer.histogram()),
        (below("/clusters/{cluster_id}/items"), layer.cluster()),
        (below("/tiles/WebMercatorQuad/{z}/{row}/{col}"), layer.tile()),
        (format!("/export/{}", def.id), layer.export()),
    ];
    paths.extend(layer.moves().map(|moves| (below("/moves"), moves)));
    paths
}

/// The parameters of a layer's fields, described once and referred to by name.
pub(super) fn parameters(def: &LayerDef, role: Role, lang: Lang) -> Vec<(String, Value)> {
    let fields = asked(def, role).map(|field| of_field(field, role, lang));
    let clocks = clocks(def, role).map(|(field, clock)| {
        let property = clock_property(field, clock, lang);
        list(&clock_name(field, clock), property["title"].as_str().unwrap_or_default(), &property)
    });
    fields.chain(clocks).enumerate().map(|(n, one)| (parameter_name(def, n), one)).collect()
}

/// The parameter of one field: values, ranges of days and numbers, parts of texts, null or not.
fn of_field(field: &FieldDef, role: Role, lang: Lang) -> Value {
    let title = field.title.get(lang);
    let null = "`null:` without a value, `any:` with one";
    let text = json!({"type": "string"});
    match field.kind {
        FieldType::Code => {
            let codes = field.codes.iter().map(|c| c.code.as_str()).chain(["null:", "any:"]);
            let codes: Vec<&str> = codes.collect();
            list(&field.name, &format!("{title}; {null}"), &json!({"type": "string", "enum": codes}))
        }
        FieldType::Text => query(
            &field.name,
            &format!("{title}: the whole text, or `~part` without regard to diacritics and case; {null}"),
            &text,
        ),
        FieldType::Date | FieldType::DateTime => {
            let what = format!("{title}: days or moments, or ranges a/b, a/.., ../b with both ends; {null}");
            list(&field.name, &what, &text)
        }
        FieldType::Integer | FieldType::Number => {
            list(&field.name, &format!("{title}: numbers, or ranges a..b, a.., ..b; {null}"), &text)
        }
        // Several values mean any of them.
        FieldType::Boolean | FieldType::Ref | FieldType::Photos => {
            let mut one = property(field, role, lang);
            one["type"] = "string".into();
            list(&field.name, &format!("{title}; {null}"), &one)
        }
    }
}

/// By number: a field's own name may hold what a component's name must not.
fn parameter_name(def: &LayerDef, n: usize) -> String {
    format!("{}.{n}", def.id)
}

struct Layer<'a> {
    def: &'a LayerDef,
    editable: bool,
    role: Role,
}

impl Layer<'_> {
    fn operation(&self, verb: &str, summary: &str) -> Operation {
        let id = format!("{verb}.{}", self.def.id);
        Operation::new(&id, self.def.id.as_str(), summary).fails(&[404])
    }

    fn one_get(&self, verb: &str, summary: &str, content: (&str, Value)) -> Value {
        let operation = self.operation(verb, summary).takes([shared("f"), shared("lang")]);
        json!({"get": operation.answers(200, summary, Some(content)).validated().fails(&[406]).done()})
    }

    /// The parameters of a question: the standard's, ours, and one per field.
    fn question(&self) -> Vec<Value> {
        let common = ["bbox", "intersects", "datetime", "recorded", "located"].map(shared);
        let count = asked(self.def, self.role).count() + clocks(self.def, self.role).count();
        let own = (0..count).map(|n| shared(&parameter_name(self.def, n)));
        let pairs = (!Pair::all(self.def, self.role).is_empty()).then(|| shared("departs"));
        common.into_iter().chain(pairs).chain(own).collect()
    }

    fn page(&self) -> Value {
        json!({
            "type": "object",
            "required": ["type", "features"],
            "properties": {
                "type": {"type": "string", "enum": ["FeatureCollection"]},
                "links": {"type": "array", "items": schema("link")},
                "numberMatched": {"type": "integer"},
                "numberReturned": {"type": "integer"},
                "features": {"type": "array", "items": schema(&feature_name(self.def))},
            },
        })
    }

    fn cluster(&self) -> Value {
        let number = json!({"type": "integer", "minimum": 1_u64 << 52});
        let operation = self
            .operation(
                "cluster",
                "The features that a cluster of tiles stands for, under the filter of its tile",
            )
            .takes([in_path("cluster_id", &number), aggregate::radius()])
            .takes(["limit", "after", "sortby", "f", "lang"].map(shared))
            .takes(self.question())
            .answers(200, "Features", Some((GEOJSON, self.page())))
            .with_headers(200, &["ETag"])
            .validated()
            .fails(&[406, 503]);
        json!({"get": operation.done()})
    }

    fn items(&self) -> Value {
        let page = self
            .operation("items", "A page of features")
            .takes(["limit", "after", "sortby", "f", "lang"].map(shared))
            .takes(self.question())
            .answers(200, "Features", Some((GEOJSON, self.page())))
            .with_headers(200, &["ETag"])
            .validated()
            .fails(&[406, 503]);
        let mut item = json!({"get": page.done(), "options": self.options("allowed").done()});
        if self.editable {
            item["post"] = self.edit("create", "A new feature", &body::FEATURE, 201, &["Location"]).done();
        }
        item
    }

    fn item(&self) -> Value {
        let get = self
            .operation("item", "One feature, with its long texts")
            .takes([shared("f"), shared("lang")])
            .answers(200, "The feature", Some((GEOJSON, schema(&feature_name(self.def)))))
            .with_headers(200, &["ETag"])
            .validated()
            .fails(&[406, 503]);
        let mut item =
            json!({"parameters": [id()], "get": get.done(), "options": self.options("allowedOnOne").done()});
        if self.editable {
            item["put"] = self.edit("replace", "All fields anew", &body::FEATURE, 200, &[]).done();
            item["patch"] = self.edit("update", "A merge patch", &body::PATCH, 200, &[]).done();
            let delete =
                self.operation("delete", "Removal").takes([shared("ifMatch"), shared("idempotencyKey")]);
            item["delete"] = delete
                .answers(204, "Gone", None)
                .with_headers(204, &["X-Diaban-Mark"])
                .fails(&[408, 412, 413, 422, 428, 503])
                .done();
        }
        item
    }

    fn options(&self, verb: &str) -> Operation {
        self.operation(verb, "Methods this reader may use").answers(200, "See the header Allow", None)
    }

    fn edit(&self, verb: &str, summary: &str, types: &[&str], status: u16, headers: &[&str]) -> Operation {
        let feature = schema(&feature_name(self.def));
        let sent = if verb == "update" { schema("patch") } else { feature.clone() };
        let mut operation = self
            .operation(verb, summary)
            .takes([shared("idempotencyKey"), shared("f"), shared("lang")])
            .reads(types, &sent, true)
            .answers(status, "Durable and shown", Some((GEOJSON, feature)))
            .with_headers(status, &[headers, &["ETag", "X-Diaban-Mark"]].concat())
            .fails(&[408, 409, 413, 415, 422, 503]);
        if verb != "create" {
            operation = operation.takes([shared("ifMatch")]).fails(&[412, 428]);
        }
        operation
    }

    fn history(&self) -> Value {
        let operation = self
            .operation("history", "What happened to the feature, newest first")
            .takes([id(), shared("f"), shared("lang")])
            .answers(200, "Changes", Some((JSON, schema("history"))))
            .validated()
            .fails(&[406, 503]);
        json!({"get": operation.done()})
    }

    fn revert(&self) -> Value {
        let operation = self
            .operation("revert", "A new edit that undoes one; also brings back what was removed")
            .takes([id(), shared("ifMatch"), shared("idempotencyKey"), shared("f"), shared("lang")])
            .reads(&body::REQUEST, &schema("revert"), false)
            .answers(200, "Durable and shown", Some((GEOJSON, schema(&feature_name(self.def)))))
            .with_headers(200, &["ETag", "X-Diaban-Mark"])
            .answers(204, "Undoing its creation removed it", None)
            .fails(&[408, 409, 412, 413, 415, 422, 428, 503]);
        json!({"post": operation.done()})
    }

    fn count(&self) -> Value {
        let fields = asked(self.def, self.role).map(|f| f.name.clone());
        let clocks = clocks(self.def, self.role).map(|(field, clock)| clock_name(field, clock));
        let names: Vec<String> = fields.chain(clocks).collect();
        let what = "Count per value of this field, or per hour or weekday";
        let by = query("by", what, &json!({"type": "string", "enum": names}));
        let operation = self
            .operation("count", "How many features")
            .takes([by, shared("f"), shared("lang")])
            .takes(self.question())
            .answers(200, "Counts", Some((JSON, schema("count"))))
            .validated()
            .fails(&[406, 503]);
        json!({"get": operation.done()})
    }

    fn histogram(&self) -> Value {
        let times =
            asked(self.def, self.role).filter(|f| matches!(f.kind, FieldType::Date | FieldType::DateTime));
        let names: Vec<&str> = times.map(|f| f.name.as_str()).collect();
        let mut field =
            query("field", "The day or instant that is counted", &json!({"type": "string", "enum": names}));
        field["required"] = true.into();
        let steps = json!({"type": "string", "enum": ["day", "week", "month", "year"], "default": "month"});
        let operation = self
            .operation("histogram", "Features over time")
            .takes([field, query("step", "Width of the bars", &steps), shared("f"), shared("lang")])
            .takes(self.question())
            .answers(200, "Bars", Some((JSON, schema("histogram"))))
            .validated()
            .fails(&[406, 503]);
        json!({"get": operation.done()})
    }

    /// Where rows are versions of things and a code field can be compared.
    fn moves(&self) -> Option<Value> {
        let codes = asked(self.def, self.role).filter(|f| f.kind == FieldType::Code);
        let names: Vec<&str> = codes.map(|f| f.name.as_str()).collect();
        if self.def.time != TimeKind::Interval || names.is_empty() {
            return None;
        }
        let day = json!({"type": "string", "format": "date"});
        let mut own = [
            query("field", "The code field that is compared", &json!({"type": "string", "enum": names})),
            query("from", "The first day", &day),
            query("to", "The second day", &day),
        ];
        for one in &mut own {
            one["required"] = true.into();
        }
        let question = self.question().into_iter().filter(|p| *p != shared("datetime"));
        let operation = self
            .operation("moves", "How things moved between two days: flows, and those that got worse in front")
            .takes(own)
            .takes(["limit", "f", "lang"].map(shared))
            .takes(question)
            .answers(200, "Flows and moves", Some((JSON, schema("moves"))))
            .validated()
            .fails(&[406, 503]);
        Some(json!({"get": operation.done()}))
    }

    fn tile(&self) -> Value {
        let number = json!({"type": "integer", "minimum": 0});
        let question = self.question().into_iter().filter(|p| *p != shared("recorded"));
        let operation = self
            .operation("tile", "A vector tile; row before column")
            .takes(["z", "row", "col"].map(|name| in_path(name, &number)))
            .takes(question)
            .takes(aggregate::parameters())
            .answers(200, "Mapbox Vector Tile", Some((MVT, json!({"type": "string", "format": "binary"}))))
            .answers(204, "Nothing is there", None)
            .validated()
            .fails(&[406]);
        json!({"get": operation.done()})
    }

    fn export(&self) -> Value {
        let formats = json!({"type": "string", "enum": ["geojson", "csv"], "default": "geojson"});
        let mut operation = self
            .operation("export", "The question of a page, as a file")
            .takes([query("format", "The file's format", &formats), shared("lang")])
            .takes(self.question())
            .answers(200, "The file", Some((GEOJSON, schema("object"))))
            .with_headers(200, &["Content-Disposition"])
            .fails(&[503])
            .done();
        operation["responses"]["200"]["content"]["text/csv"] = json!({"schema": {"type": "string"}});
        json!({"get": operation})
    }
}

fn id() -> Value {
    in_path("id", &json!({"type": "string", "format": "uuid"}))
}
