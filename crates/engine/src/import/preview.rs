//! What a dry run shows: the columns with samples and where they go, and some rows with what would become of them.
//!
//! Nothing that looks like personal data is repeated, not even to the reader who sent it.

use std::collections::HashSet;

use model::{Feature, LayerDef, Text, geometry_to_json, personal_header, personal_value};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use store::format::{Cell, Record, Table};
use uuid::Uuid;

use super::choose::Plan;
use super::prepare::{Draft, Prepared};
use super::receipt::Reject;
use super::settle::Seen;
use super::{cells, place};

/// The most rows that are shown.
const ROWS: usize = 500;
/// The most values of a column that are shown, the rows they are looked for in, and the length of each.
const SAMPLES: usize = 3;
const SAMPLED_ROWS: usize = 200;
const SAMPLE_LENGTH: usize = 80;

/// A column of the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Some of its values; none where they look like personal data.
    pub samples: Vec<String>,
    /// The field it fills; `x` or `y` where it tells the place; `None` when it is dropped.
    pub field: Option<String>,
    /// What kind of personal data its name or a sample looks like.
    pub personal: Option<Text>,
}

/// What a dry run shows besides the receipt.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Preview {
    /// The columns of the first file, in its order.
    pub columns: Vec<Column>,
    /// The column that identifies a record.
    pub key: Option<String>,
    /// Some rows as GeoJSON features, refused ones first; `row`, `outcome`, `faults` and `values` are properties.
    pub preview: Json,
}

impl Seen {
    fn name(self) -> &'static str {
        match self {
            Seen::Stored => "stored",
            Seen::Updated => "updated",
            Seen::Unchanged => "unchanged",
            Seen::Waiting => "waiting",
        }
    }
}

/// The columns of the first file.
pub(crate) fn columns(def: &LayerDef, tables: &[(String, Table)], prepared: &Prepared) -> Vec<Column> {
    let (Some((_, table)), Some(plan)) = (tables.first(), prepared.plans.first()) else { return Vec::new() };
    let mut all: Vec<Column> = table
        .header
        .iter()
        .enumerate()
        .map(|(i, name)| Column {
            name: name.clone(),
            samples: Vec::new(),
            field: filled(def, plan, i),
            personal: personal_header(name).map(model::PersonalData::title),
        })
        .collect();
    for record in table.records().filter_map(Result::ok).take(SAMPLED_ROWS) {
        for (column, cell) in all.iter_mut().zip(&record.cells) {
            let Some(text) = cell.as_ref().map(cells::text) else { continue };
            if let Some(kind) = personal_value(&text) {
                column.personal.get_or_insert_with(|| kind.title());
            }
            let sample: String = text.trim().chars().take(SAMPLE_LENGTH).collect();
            if column.samples.len() < SAMPLES && !column.samples.contains(&sample) {
                column.samples.push(sample);
            }
        }
    }
    // What was found further down counts too.
    for column in &mut all {
        if let Some(found) = prepared.personal.iter().find(|p| p.column == column.name) {
            column.personal.get_or_insert_with(|| found.kind.clone());
        }
        if column.personal.is_some() {
            column.samples.clear();
        }
    }
    all
}

fn filled(def: &LayerDef, plan: &Plan, column: usize) -> Option<String> {
    let field =
        plan.fields.iter().find(|f| f.column == Some(column)).map(|f| def.fields[f.field].name.clone());
    let place = || {
        let names = [(plan.x, "x"), (plan.y, "y")];
        names.into_iter().find(|(at, _)| *at == Some(column)).map(|(_, name)| name.to_owned())
    };
    field.or_else(place)
}

/// What a dry run shows.
pub(crate) fn preview(
    def: &LayerDef,
    tables: &[(String, Table)],
    prepared: &Prepared,
    outcomes: &[Seen],
) -> Preview {
    // Refused rows are what a reader looks for; but some of the others are shown whenever there are any.
    let refused = prepared.rejects.len().min(ROWS - prepared.drafts.len().min(ROWS / 2));
    let mut features: Vec<Json> = refusals(def, tables, prepared, refused);
    let rest = ROWS - features.len();
    features.extend(
        prepared.drafts.iter().zip(outcomes).take(rest).map(|(d, seen)| taken(def, prepared, d, *seen)),
    );
    let key = tables.first().zip(prepared.plans.first());
    Preview {
        columns: columns(def, tables, prepared),
        key: key.and_then(|((_, table), plan)| Some(table.header.get(plan.key?)?.clone())),
        preview: json!({"type": "FeatureCollection", "features": features}),
    }
}

fn taken(def: &LayerDef, prepared: &Prepared, draft: &Draft, seen: Seen) -> Json {
    let told = draft.mapped.iter().filter(|i| prepared.mapped.contains(i));
    let values: Map<String, Json> =
        told.map(|&i| (def.fields[i].name.clone(), draft.feature.values[i].borrow().to_json())).collect();
    feature(draft.row, seen.name(), draft.feature.geometry.as_ref(), &values, &[])
}

/// Refused rows as their file has them: a second look, because a row that cannot be read leaves nothing behind.
fn refusals(def: &LayerDef, tables: &[(String, Table)], prepared: &Prepared, most: usize) -> Vec<Json> {
    let shown: HashSet<(usize, usize)> =
        prepared.rejects.iter().take(most).map(|(file, reject)| (*file, reject.row)).collect();
    let mut all = Vec::with_capacity(shown.len());
    for (file, ((_, table), plan)) in tables.iter().zip(&prepared.plans).enumerate() {
        let mut left = shown.iter().filter(|(f, _)| *f == file).count();
        for record in table.records().filter_map(Result::ok) {
            if left == 0 {
                break;
            }
            if !shown.contains(&(file, record.row)) {
                continue;
            }
            left -= 1;
            let faults: Vec<&Reject> = prepared
                .rejects
                .iter()
                .filter(|(f, reject)| *f == file && reject.row == record.row)
                .map(|(_, reject)| reject)
                .collect();
            all.push(refusal(def, table, plan, &record, &faults));
        }
    }
    all
}

fn refusal(def: &LayerDef, table: &Table, plan: &Plan, record: &Record, faults: &[&Reject]) -> Json {
    let raw = |cell: &Cell| match cell {
        cell if personal_value(&cells::text(cell)).is_some() => Json::Null,
        Cell::Json(json) => json.clone(),
        Cell::Text(text) => text.trim().into(),
    };
    let values: Map<String, Json> = plan
        .fields
        .iter()
        .filter_map(|f| {
            Some((def.fields[f.field].name.clone(), record.cells.get(f.column?)?.as_ref().map(raw)?))
        })
        .collect();
    let mut placed = Feature::empty(def, Uuid::nil());
    // Where it would lie, if that can be told.
    let _ = place::place(def, table, plan, record, &mut placed);
    feature(record.row, "rejected", placed.geometry.as_ref(), &values, faults)
}

fn feature(
    row: usize,
    outcome: &str,
    geometry: Option<&model::Geometry>,
    values: &Map<String, Json>,
    faults: &[&Reject],
) -> Json {
    let faults: Vec<Json> =
        faults.iter().map(|r| json!({"field": r.field, "code": r.code, "detail": r.detail})).collect();
    json!({
        "type": "Feature",
        "geometry": geometry_to_json(geometry, Some(7)),
        "properties": {"row": row, "outcome": outcome, "faults": faults, "values": values},
    })
}
