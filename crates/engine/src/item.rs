//! Features as GeoJSON for one reader: visible fields in the order of the layer, small counts masked, and the
//! strong ETag that changes when something the reader may see changes.

use jiff::civil::Date;
use model::{Columns, Feature, LayerDef, Role, Touched, Transition, ValueRef, write_geometry};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::view::{View, mask, visible_fields};

/// One feature for one reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its id.
    pub id: Uuid,
    /// A GeoJSON Feature, complete but for links.
    pub json: String,
    /// Opaque, without quotes; each representation adds its suffix.
    pub etag: String,
}

/// Decimals of coordinates in answers: about a centimetre.
const DECIMALS: usize = 7;

/// The feature's validator for `role`: of (id, number of changes that role could see, definition).
pub(crate) fn etag(def: &LayerDef, id: Uuid, touched: Touched, role: Role) -> String {
    let mut hash = Sha256::new();
    hash.update(id.as_bytes());
    hash.update(touched.of(role).to_be_bytes());
    hash.update(def.hash.as_bytes());
    hash.update(role.name().as_bytes());
    hash.finalize().iter().take(10).fold(String::new(), |mut s, b| {
        use std::fmt::Write as _;
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// Appends a row of a snapshot as a GeoJSON Feature: no cold fields, no transitions.
pub(crate) fn write_row(out: &mut String, view: View<'_>, fields: &[usize], row: usize, as_of: Option<Date>) {
    begin(out, view.snapshot.id(row));
    write_properties(out, view.def(), fields.iter().map(|&i| (i, view.value(row, i, as_of))));
    out.push_str(",\"geometry\":");
    match view.snapshot.geometry(row) {
        Some(g) => write_geometry(out, &g, Some(DECIMALS)),
        None => out.push_str("null"),
    }
    out.push('}');
}

/// A whole feature, cold fields and transitions included.
pub(crate) fn whole(def: &LayerDef, role: Role, feature: &Feature, touched: Touched) -> Item {
    let mut json = String::with_capacity(512);
    begin(&mut json, feature.id);
    let values = visible_fields(def, role).map(|i| (i, mask(def, i, role, feature.values[i].borrow())));
    write_properties(&mut json, def, values);
    let transitions: Vec<&Transition> =
        feature.transitions.iter().filter(|t| def.shows(role, &t.field)).collect();
    if !def.workflows.is_empty() {
        json.push_str(",\"transitions\":");
        json.push_str(&serde_json::to_string(&transitions).unwrap_or_default());
    }
    if let Some(given) = &feature.given {
        let given = serde_json::json!({"crs": given.crs, "text": given.text});
        json.push_str(",\"given\":");
        json.push_str(&given.to_string());
    }
    json.push_str(",\"geometry\":");
    match &feature.geometry {
        Some(g) => write_geometry(&mut json, g, Some(DECIMALS)),
        None => json.push_str("null"),
    }
    json.push('}');
    Item { id: feature.id, json, etag: etag(def, feature.id, touched, role) }
}

fn begin(out: &mut String, id: Uuid) {
    out.push_str("{\"type\":\"Feature\",\"id\":\"");
    out.push_str(&id.to_string());
    out.push_str("\",\"properties\":");
}

fn write_properties<'a>(
    out: &mut String,
    def: &LayerDef,
    values: impl Iterator<Item = (usize, ValueRef<'a>)>,
) {
    out.push('{');
    for (n, (i, value)) in values.enumerate() {
        if n > 0 {
            out.push(',');
        }
        write_text(out, &def.fields[i].name);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn write_value(out: &mut String, value: ValueRef<'_>) {
    use std::fmt::Write as _;
    let _ = match value {
        ValueRef::Null => out.write_str("null"),
        ValueRef::Bool(b) => write!(out, "{b}"),
        ValueRef::Int(i) => write!(out, "{i}"),
        ValueRef::Text(s) => {
            write_text(out, s);
            Ok(())
        }
        ValueRef::Date(d) => write!(out, "\"{d}\""),
        ValueRef::Time(t) => write!(out, "\"{t}\""),
        ValueRef::Num(_) | ValueRef::List(_) => write!(out, "{}", value.to_json()),
    };
}

fn write_text(out: &mut String, text: &str) {
    let plain = |b: u8| b >= 0x20 && b != b'"' && b != b'\\';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&serde_json::Value::from(text).to_string());
    }
}
