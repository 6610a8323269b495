//! Records become features: fields by the plan, geometry checked, keys made, personal data looked for.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use model::{
    Code, Fault, Feature, FieldType, Geometry, Given, LayerDef, Text, TimeKind, Transition, Value,
    geometry_from_json, geometry_kind, personal_header, personal_value, system,
};
use sha2::{Digest, Sha256};
use store::ImportRow;
use store::format::{Cell, Format, Record, Table};
use uuid::Uuid;

use super::cells;
use super::choose::{Plan, Wanted, plan};
use super::receipt::{PersonFinding, Receipt, Reject};
use super::{ImportError, ImportOptions};

/// Everything an import would store.
pub(crate) struct Prepared {
    pub(crate) rows: Vec<ImportRow>,
    pub(crate) mapped: Vec<usize>,
    pub(crate) has_location: bool,
    pub(crate) personal: Vec<PersonFinding>,
    rejects: Vec<Reject>,
    read: usize,
    /// Rows that only repeat a record of an earlier file, and rows that replace one.
    repeated: usize,
    replaced: usize,
    files: Vec<String>,
    sha256: Vec<String>,
    mappings: Vec<String>,
    crs: Vec<String>,
    dropped: Vec<String>,
}

impl Prepared {
    /// The receipt before anything is stored.
    pub(crate) fn receipt(&self, options: &ImportOptions) -> Receipt {
        let joined = |all: &[String]| (!all.is_empty()).then(|| all.join(","));
        Receipt {
            batch: Uuid::now_v7().to_string(),
            layer: options.layer.to_string(),
            files: self.files.clone(),
            sha256: self.sha256.clone(),
            mapping: joined(&self.mappings),
            crs: joined(&self.crs),
            read: self.read,
            stored: 0,
            updated: self.replaced,
            unchanged: self.repeated,
            waiting_for_location: 0,
            rejected: self.rejects.len(),
            rejects: self.rejects.clone(),
            dropped: self.dropped.clone(),
        }
    }
}

fn add(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|i| i == item) {
        list.push(item.to_owned());
    }
}

/// Reads all records of all files.
pub(crate) fn all(
    def: &LayerDef,
    tables: &[(String, Table)],
    wanted: &Wanted<'_>,
    at: Timestamp,
) -> Result<Prepared, ImportError> {
    let mut out = Prepared {
        rows: Vec::new(),
        mapped: Vec::new(),
        has_location: false,
        personal: Vec::new(),
        rejects: Vec::new(),
        read: 0,
        repeated: 0,
        replaced: 0,
        files: Vec::new(),
        sha256: Vec::new(),
        mappings: Vec::new(),
        crs: Vec::new(),
        dropped: Vec::new(),
    };
    let mut places: HashMap<String, usize> = HashMap::new();
    for (name, table) in tables {
        let plan = plan(def, table, wanted)?;
        out.files.push(name.clone());
        out.sha256.push(table.sha256.clone());
        if let Some(mapping) = &plan.mapping {
            add(&mut out.mappings, mapping);
        }
        let located = plan.x.is_some() || matches!(table.format, Format::GeoJson | Format::GeoJsonSeq);
        if located && def.has_geometry() {
            add(&mut out.crs, &plan.crs);
            out.has_location = true;
        }
        for column in &plan.dropped {
            add(&mut out.dropped, column);
        }
        let mut mapped: Vec<usize> = out.mapped.iter().copied().chain(plan.mapped()).collect();
        mapped.sort_unstable();
        mapped.dedup();
        out.mapped = mapped;
        out.personal.extend(personal(def, name, table, &plan)?);
        one(def, name, table, &plan, at, &mut out, &mut places)?;
    }
    Ok(out)
}

/// Looks for personal data in the columns that are read as text.
fn personal(def: &LayerDef, file: &str, table: &Table, plan: &Plan) -> Result<Vec<PersonFinding>, Fault> {
    let mut found: BTreeMap<(usize, u8), PersonFinding> = BTreeMap::new();
    let wordy = |i: usize| matches!(def.fields[i].kind, FieldType::Text | FieldType::Ref);
    let mut columns: Vec<usize> =
        plan.fields.iter().filter(|f| wordy(f.field)).filter_map(|f| f.column).collect();
    columns.extend(plan.key);
    columns.sort_unstable();
    columns.dedup();
    for &column in &columns {
        if let Some(kind) = personal_header(&table.header[column]) {
            found.insert((column, 0), PersonFinding::new(file, &table.header[column], kind));
        }
    }
    for record in table.records() {
        let record = record?;
        for &column in &columns {
            let Some(cell) = record.cells.get(column).and_then(Option::as_ref) else { continue };
            let Some(kind) = personal_value(&cells::text(cell)) else { continue };
            let entry = found
                .entry((column, kind as u8 + 1))
                .or_insert_with(|| PersonFinding::new(file, &table.header[column], kind));
            entry.count += 1;
            if entry.rows.len() < PersonFinding::ROWS {
                entry.rows.push(record.row);
            }
        }
    }
    Ok(found.into_values().collect())
}

fn one(
    def: &LayerDef,
    name: &str,
    table: &Table,
    plan: &Plan,
    at: Timestamp,
    out: &mut Prepared,
    places: &mut HashMap<String, usize>,
) -> Result<(), Fault> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for record in table.records() {
        let record = record?;
        out.read += 1;
        let row = record.row;
        let made = match &record.fault {
            Some(fault) => Err(fault.clone()),
            None => feature(def, table, plan, &record, at),
        };
        let mut feature = match made {
            Ok(feature) => feature,
            Err(fault) => {
                out.rejects.push(Reject::new(name, row, &fault));
                continue;
            }
        };
        let key = key(plan, &record, feature.id, &mut counts);
        if feature.values[def.entity].is_null() {
            feature.values[def.entity] = Value::text(&stable_id(def, &key).to_string());
        }
        if let Some(&at) = places.get(&key) {
            // The same record again in a later file: the later one is taken.
            let same = out.rows[at].feature == feature;
            *(if same { &mut out.repeated } else { &mut out.replaced }) += 1;
            out.rows[at].feature = feature;
        } else {
            places.insert(key.clone(), out.rows.len());
            out.rows.push(ImportRow { key, feature });
        }
    }
    Ok(())
}

/// The record's key: of the mapping, so that codes of two sources do not meet; the n-th row with the same key in
/// one file is a record of its own; a row without key is known by its content.
fn key(plan: &Plan, record: &Record, id: Uuid, counts: &mut HashMap<String, usize>) -> String {
    if !id.is_nil() {
        return format!("id:{id}");
    }
    let named = plan.key.and_then(|k| record.cells.get(k)?.as_ref()).map(cells::text);
    let base = if let Some(key) = named.filter(|k| !k.trim().is_empty()) {
        key.trim().to_owned()
    } else {
        let mut hash = Sha256::new();
        for cell in &record.cells {
            let text = cell.as_ref().map(cells::text).unwrap_or_default();
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text.as_bytes());
        }
        hash.update(record.geometry.as_ref().map(ToString::to_string).unwrap_or_default().as_bytes());
        let digest = hash.finalize();
        digest.iter().take(16).fold("sha:".to_owned(), |mut s, b| {
            use std::fmt::Write as _;
            let _ = write!(s, "{b:02x}");
            s
        })
    };
    let n = counts.entry(base.clone()).or_default();
    *n += 1;
    format!("{}:{base}#{n}", plan.mapping.as_deref().unwrap_or("file"))
}

/// An id that the same record always gets: the entity of a source that names none.
fn stable_id(def: &LayerDef, key: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(def.id.as_str().as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

fn feature(
    def: &LayerDef,
    table: &Table,
    plan: &Plan,
    record: &Record,
    at: Timestamp,
) -> Result<Feature, Fault> {
    let mut feature = Feature::empty(def, own_id(plan, record));
    place(def, table, plan, record, &mut feature)?;
    for rule in &plan.fields {
        let field = &def.fields[rule.field];
        if rule.rules.located && feature.geometry.is_none() {
            continue;
        }
        let constant = rule.rules.value.as_ref().map(|v| Cell::Text(v.clone()));
        let cell = match rule.column {
            Some(column) => record.cells.get(column).and_then(Option::as_ref),
            None => constant.as_ref(),
        };
        let reading = cells::read(field, &rule.rules, cell, plan.own)?;
        if let (Some(end), Some(last)) = (rule.end, reading.last) {
            feature.values[end] = cells::end_of(&def.fields[end], last);
        }
        if let (Some(precision), Some(name)) = (rule.precision, reading.precision) {
            feature.values[precision] = Value::text(name);
        }
        feature.values[rule.field] = reading.value;
    }
    states(def, record, at, &mut feature);
    if let Some(field) = def.fields.iter().zip(&feature.values).find(|(f, v)| f.required && v.is_null()) {
        let title = &field.0.title;
        return Err(Fault::at(
            Code::Required,
            field.0.name.clone(),
            Text::new(format!("Thiếu “{}”", title.vi), format!("“{}” is missing", title.en)),
        ));
    }
    if def.time == TimeKind::Interval && feature.span(def).is_some_and(|s| s.from >= s.to) {
        return Err(Fault::at(
            Code::InvalidValue,
            system::VALID_TO,
            Text::new("Ngày hết hiệu lực phải sau ngày bắt đầu", "validity must end after it begins"),
        ));
    }
    Ok(feature)
}

/// The id of a feature of our own export; nil for any other record.
fn own_id(plan: &Plan, record: &Record) -> Uuid {
    if !plan.own {
        return Uuid::nil();
    }
    let cell = plan.id.and_then(|i| record.cells.get(i)?.as_ref()).map(cells::text);
    cell.or_else(|| record.id.clone()).and_then(|s| Uuid::try_parse(&s).ok()).unwrap_or_default()
}

/// Each state begins on the day the case does, or as the record's own transitions say.
fn states(def: &LayerDef, record: &Record, at: Timestamp, feature: &mut Feature) {
    if def.workflows.is_empty() {
        return;
    }
    let own: Vec<Transition> =
        record.transitions.as_ref().and_then(|t| serde_json::from_value(t.clone()).ok()).unwrap_or_default();
    let start = def.start.and_then(|i| feature.values[i].as_day());
    let on = start.unwrap_or_else(|| model::day_of(at.as_second()));
    for workflow in &def.workflows {
        let Some(i) = def.index(&workflow.field) else { continue };
        if feature.values[i].is_null()
            && def.fields[i].required
            && let Some(first) = workflow.initial.first()
        {
            feature.values[i] = Value::text(first);
        }
        let Some(state) = feature.values[i].as_text().map(str::to_owned) else { continue };
        let mut moves: Vec<Transition> = own
            .iter()
            .filter(|t| t.field == workflow.field && def.fields[i].code(&t.to).is_some())
            .cloned()
            .collect();
        if model::value_on(&moves, &workflow.field, jiff::civil::Date::MAX) != Some(state.as_str()) {
            moves = vec![Transition { field: workflow.field.clone(), to: state, on }];
        }
        feature.transitions.extend(moves);
    }
}

fn place(
    def: &LayerDef,
    table: &Table,
    plan: &Plan,
    record: &Record,
    feature: &mut Feature,
) -> Result<(), Fault> {
    if !def.has_geometry() {
        return Ok(());
    }
    let geometry = match table.format {
        Format::GeoJson | Format::GeoJsonSeq => from_json(plan, record, feature)?,
        Format::Csv | Format::JsonArray => from_columns(plan, record, feature)?,
    };
    let Some(geometry) = geometry else { return Ok(()) };
    let fits = match def.geometry {
        model::GeometryKind::Any => geometry_kind(&geometry).is_some(),
        kind => geometry_kind(&geometry) == Some(kind),
    };
    if !fits {
        return Err(Fault::at(
            Code::InvalidGeometry,
            "/geometry/type",
            Text::new(
                "Lớp này không nhận loại hình học đó",
                "this layer does not take that type of geometry",
            ),
        ));
    }
    spatial::check_geometry(&geometry)
        .map_err(|f| Fault::at(Code::InvalidGeometry, "/geometry/coordinates", f.reason))?;
    feature.geometry = Some(geometry);
    Ok(())
}

fn is_wgs84(crs: &str) -> bool {
    matches!(crs, "EPSG:4326" | "OGC:CRS84" | "CRS84")
}

fn from_json(plan: &Plan, record: &Record, feature: &mut Feature) -> Result<Option<Geometry>, Fault> {
    let Some(json) = &record.geometry else { return Ok(None) };
    if is_wgs84(&plan.crs) {
        return geometry_from_json(json, "/geometry");
    }
    // Plane coordinates would not pass as degrees: they are converted number by number first.
    let mut moved = json.clone();
    if !moved.is_null() {
        feature.given = Some(Given { crs: plan.crs.clone(), text: json.to_string() });
        convert(&plan.crs, &mut moved["coordinates"])?;
    }
    geometry_from_json(&moved, "/geometry")
}

fn convert(crs: &str, value: &mut serde_json::Value) -> Result<(), Fault> {
    let Some(items) = value.as_array_mut() else { return Ok(()) };
    if let [x, y, ..] = items.as_slice()
        && let (Some(x), Some(y)) = (x.as_f64(), y.as_f64())
    {
        let (lon, lat) = to_degrees(crs, x, y)?;
        *items = vec![lon.into(), lat.into()];
        return Ok(());
    }
    items.iter_mut().try_for_each(|item| convert(crs, item))
}

fn to_degrees(crs: &str, x: f64, y: f64) -> Result<(f64, f64), Fault> {
    spatial::to_wgs84(crs, x, y).map_err(|e| {
        Fault::at(
            Code::InvalidGeometry,
            "/geometry/coordinates",
            Text::new(format!("Tọa độ không thuộc {crs}"), format!("the coordinates do not fit {crs}: {e}")),
        )
    })
}

fn from_columns(plan: &Plan, record: &Record, feature: &mut Feature) -> Result<Option<Geometry>, Fault> {
    let text = |at: Option<usize>| {
        let cell = at.and_then(|i| record.cells.get(i)?.as_ref());
        cell.map(cells::text).map(|s| s.trim().to_owned()).filter(|s| !s.is_empty())
    };
    let (Some(x_text), Some(y_text)) = (text(plan.x), text(plan.y)) else { return Ok(None) };
    let number = |s: &str| s.parse::<f64>().ok().filter(|n| n.is_finite());
    let (Some(x), Some(y)) = (number(&x_text), number(&y_text)) else {
        return Err(Fault::at(
            Code::InvalidGeometry,
            "/geometry/coordinates",
            Text::new("Tọa độ phải là số", "coordinates must be numbers"),
        ));
    };
    let (lon, lat) = if is_wgs84(&plan.crs) {
        (x, y)
    } else {
        feature.given = Some(Given { crs: plan.crs.clone(), text: format!("{x_text} {y_text}") });
        to_degrees(&plan.crs, x, y)?
    };
    geometry_from_json(&serde_json::json!({"type": "Point", "coordinates": [lon, lat]}), "/geometry")
}
