//! JSON Schemas of a layer's features (OGC API Features Part 5) and of what can be asked for (Part 3).

use axum::extract::{Path, State};
use axum::response::Response;
use model::{
    Clock, FieldDef, FieldType, GeometryKind, Lang, LayerDef, MAX_PHOTOS, Role, Text, TimeKind, system,
};
use serde_json::{Map, Value, json};

use crate::answer::{SCHEMA, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// `GET /api/collections/{layer}/schema`: every field the reader may see.
pub(crate) async fn schema(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let info = app.engine().layer(&ask.actor, &layer)?;
    ask.only(&["f", "lang"])?;
    let def = &info.def;
    let (role, lang) = (ask.actor.role, ask.lang);
    let mut properties = Map::new();
    properties.insert(
        "id".to_owned(),
        json!({"type": "string", "format": "uuid", "readOnly": true, "x-ogc-role": "id"}),
    );
    let shown = || def.fields.iter().filter(|f| f.visible(role));
    for field in shown() {
        let mut one = property(field, role, lang);
        if field.read_only || def.derived.is_some() {
            one["readOnly"] = true.into();
        }
        if let Some(kind) = role_of(def, &field.name) {
            one["x-ogc-role"] = kind.into();
        }
        properties.insert(field.name.clone(), one);
    }
    if let Some(format) = geometry_format(def.geometry) {
        properties.insert("geometry".to_owned(), json!({"format": format, "x-ogc-role": "primary-geometry"}));
    }
    let required: Vec<&str> = shown().filter(|f| f.required).map(|f| f.name.as_str()).collect();
    let mut body = root(&ask, def, &properties);
    body["required"] = json!(required);
    worded(&ask, SCHEMA, &body)
}

/// `GET /api/collections/{layer}/queryables`: fields, and clocks of them, that are parameters of items, counts, tiles and exports.
pub(crate) async fn queryables(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let info = app.engine().layer(&ask.actor, &layer)?;
    ask.only(&["f", "lang"])?;
    let (role, lang) = (ask.actor.role, ask.lang);
    let own = asked(&info.def, role).map(|f| (f.name.clone(), property(f, role, lang)));
    let clocks = clocks(&info.def, role)
        .map(|(field, clock)| (clock_name(field, clock), clock_property(field, clock, lang)));
    let properties = own.chain(clocks).collect();
    worded(&ask, SCHEMA, &root(&ask, &info.def, &properties))
}

/// Fields that can be asked for: what is seen and in memory.
pub(crate) fn asked(def: &LayerDef, role: Role) -> impl Iterator<Item = &FieldDef> {
    def.fields.iter().filter(move |f| f.visible(role) && !f.cold)
}

/// The clocks of the days and instants that can be asked for; a field of that name comes before.
pub(crate) fn clocks(def: &LayerDef, role: Role) -> impl Iterator<Item = (&FieldDef, Clock)> {
    let all = asked(def, role).flat_map(|f| Clock::ALL.into_iter().map(move |clock| (f, clock)));
    all.filter(move |(f, clock)| {
        let name = clock_name(f, *clock);
        clock.fits(f.kind) && !asked(def, role).any(|other| other.name == name)
    })
}

/// The parameter of a field's clock.
pub(crate) fn clock_name(field: &FieldDef, clock: Clock) -> String {
    format!("{}.{}", field.name, clock.name())
}

/// The schema of what a field's clock shows.
pub(crate) fn clock_property(field: &FieldDef, clock: Clock, lang: Lang) -> Value {
    let part = match clock {
        Clock::Hour => Text::new("giờ trong ngày, UTC+7", "hour of the day, UTC+7"),
        Clock::Weekday => Text::new("thứ trong tuần, 1 là thứ Hai", "weekday, 1 is Monday"),
    };
    let (least, most) = clock.range();
    json!({
        "type": "integer",
        "title": format!("{}: {}", field.title.get(lang), part.get(lang)),
        "minimum": least,
        "maximum": most,
    })
}

fn root(ask: &Ask, def: &LayerDef, properties: &Map<String, Value>) -> Value {
    json!({
        "$schema": DIALECT,
        "$id": ask.href(ask.uri.path()),
        "type": "object",
        "title": def.title.get(ask.lang),
        "description": def.description.get(ask.lang),
        "properties": properties,
        "additionalProperties": false,
    })
}

/// The schema of one field's values.
pub(crate) fn property(field: &FieldDef, role: Role, lang: Lang) -> Value {
    let mut out = match field.kind {
        // Small counts of people stand as a text for those who must not know them.
        FieldType::Integer if field.people && !role.sees_small_counts() => {
            json!({"type": ["integer", "string"]})
        }
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Number => json!({"type": "number"}),
        FieldType::Boolean => json!({"type": "boolean"}),
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::DateTime => json!({"type": "string", "format": "date-time"}),
        FieldType::Text | FieldType::Ref | FieldType::Code => json!({"type": "string"}),
        FieldType::Photos => json!({
            "type": "array",
            "maxItems": MAX_PHOTOS,
            "uniqueItems": true,
            "items": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        }),
    };
    out["title"] = field.title.get(lang).into();
    if !field.codes.is_empty() {
        out["enum"] = field.codes.iter().map(|c| c.code.as_str()).collect();
    }
    if let Some(most) = field.max_length {
        out["maxLength"] = most.into();
    }
    if let Some(min) = field.min {
        out["minimum"] = number(min);
    }
    if let Some(max) = field.max {
        out["maximum"] = number(max);
    }
    if let Some(unit) = &field.unit {
        out["x-ogc-unit"] = unit.as_str().into();
    }
    if let Some(layer) = &field.layer {
        out["x-ogc-collectionId"] = layer.as_str().into();
    }
    out
}

/// A bound without a needless ".0".
fn number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < 1e15 { (n as i64).into() } else { n.into() }
}

fn role_of(def: &LayerDef, name: &str) -> Option<&'static str> {
    let is = |i: Option<usize>| i.is_some_and(|i| def.fields[i].name == name);
    match def.time {
        TimeKind::Interval if name == system::VALID_FROM => Some("primary-interval-start"),
        TimeKind::Interval if name == system::VALID_TO => Some("primary-interval-end"),
        TimeKind::Event | TimeKind::State if def.end.is_some() && is(def.start) => {
            Some("primary-interval-start")
        }
        TimeKind::Event | TimeKind::State if is(def.end) => Some("primary-interval-end"),
        TimeKind::Event | TimeKind::State if is(def.start) => Some("primary-instant"),
        _ => None,
    }
}

/// The format name of a layer's geometry; `None` when it has none.
pub(crate) fn geometry_format(kind: GeometryKind) -> Option<&'static str> {
    match kind {
        GeometryKind::None => None,
        GeometryKind::Point => Some("geometry-point-or-multipoint"),
        GeometryKind::Line => Some("geometry-linestring-or-multilinestring"),
        GeometryKind::Polygon => Some("geometry-polygon-or-multipolygon"),
        GeometryKind::Any => Some("geometry-any"),
    }
}
