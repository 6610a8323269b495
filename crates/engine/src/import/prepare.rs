//! Records become drafts: fields by the plan, geometry checked, keys made, personal data looked for. What depends on
//! the records that are already there is settled afterwards.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use model::{Code, Fault, Feature, LayerDef, Text, TimeKind, Transition, Value, system};
use store::format::{Cell, Format, Record, Table};

use super::choose::{Plan, Wanted, plan};
use super::receipt::{PersonFinding, Receipt, Reject};
use super::{ImportError, ImportOptions, cells, keys};

/// One record, read.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Its key.
    pub(crate) key: String,
    /// Its values.
    pub(crate) feature: Feature,
    /// The fields its file speaks about.
    pub(crate) mapped: Arc<[usize]>,
    /// State fields whose whole course the record tells; of others it tells only the present state.
    pub(crate) courses: Vec<String>,
    /// A required field that its file does not speak about: a fault, unless the record is known already.
    pub(crate) lacks: Option<Fault>,
    /// Its file, by number.
    pub(crate) file: usize,
    /// Its row.
    pub(crate) row: usize,
}

/// Everything an import would store.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// The records, with distinct keys.
    pub(crate) drafts: Vec<Draft>,
    /// The fields some file speaks about.
    pub(crate) mapped: Vec<usize>,
    /// Whether a file speaks about geometry.
    pub(crate) has_location: bool,
    /// Personal data found.
    pub(crate) personal: Vec<PersonFinding>,
    /// Rows refused, by file number.
    pub(crate) rejects: Vec<(usize, Reject)>,
    /// How each file is read.
    pub(crate) plans: Vec<Plan>,
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
    /// Drafts of one file, for tests.
    #[cfg(test)]
    pub(crate) fn for_test(drafts: Vec<Draft>, mapped: Vec<usize>) -> Prepared {
        Prepared { drafts, mapped, files: vec!["x".to_owned()], ..Prepared::default() }
    }

    /// Refuses a draft.
    pub(crate) fn reject(&mut self, file: usize, row: usize, fault: &Fault) {
        let reject = Reject::new(&self.files[file], row, fault);
        self.rejects.push((file, reject));
    }

    /// The receipt before anything is stored.
    pub(crate) fn receipt(&mut self, options: &ImportOptions) -> Receipt {
        self.rejects.sort_by_key(|(file, reject)| (*file, reject.row));
        let joined = |all: &[String]| (!all.is_empty()).then(|| all.join(","));
        Receipt {
            batch: uuid::Uuid::now_v7().to_string(),
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
            rejects: self.rejects.iter().map(|(_, r)| r.clone()).collect(),
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
    let mut out = Prepared::default();
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
        let mapped: Arc<[usize]> = sorted(plan.mapped()).into();
        out.mapped = sorted(out.mapped.iter().copied().chain(mapped.iter().copied()));
        out.personal.extend(super::person::personal(def, name, table, &plan)?);
        one(def, table, &plan, &mapped, at, &mut out, &mut places)?;
        out.plans.push(plan);
    }
    Ok(out)
}

fn sorted(fields: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut fields: Vec<usize> = fields.collect();
    fields.sort_unstable();
    fields.dedup();
    fields
}

fn one(
    def: &LayerDef,
    table: &Table,
    plan: &Plan,
    mapped: &Arc<[usize]>,
    at: Timestamp,
    out: &mut Prepared,
    places: &mut HashMap<String, usize>,
) -> Result<(), Fault> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let file = out.files.len() - 1;
    for record in table.records() {
        let record = record?;
        out.read += 1;
        let row = record.row;
        if let Some(fault) = &record.fault {
            out.reject(file, row, fault);
            continue;
        }
        let key = keys::key(table, plan, &record, &mut counts);
        let made = feature(def, table, plan, &record, at)
            .and_then(|(f, courses)| lacking(def, mapped, &f).map(|lacks| (f, courses, lacks)));
        let (mut feature, courses, lacks) = match made {
            Ok(made) => made,
            Err(fault) => {
                out.reject(file, row, &fault);
                continue;
            }
        };
        if def.time == TimeKind::Interval && feature.values[def.entity].is_null() {
            feature.values[def.entity] = Value::text(&keys::stable_id(def, &key).to_string());
        }
        let draft = Draft { key, feature, mapped: Arc::clone(mapped), courses, lacks, file, row };
        if let Some(&at) = places.get(&draft.key) {
            // The same record again in a later file: the later one is taken.
            let same = out.drafts[at].feature == draft.feature;
            *(if same { &mut out.repeated } else { &mut out.replaced }) += 1;
            out.drafts[at] = draft;
        } else {
            places.insert(draft.key.clone(), out.drafts.len());
            out.drafts.push(draft);
        }
    }
    Ok(())
}

/// The first required field that is empty: an error where the file speaks about it, else what it lacks.
fn lacking(def: &LayerDef, mapped: &[usize], feature: &Feature) -> Result<Option<Fault>, Fault> {
    let mut lacks = None;
    for (i, field) in def.fields.iter().enumerate() {
        if !field.required || !feature.values[i].is_null() {
            continue;
        }
        let title = &field.title;
        let detail = Text::new(format!("Thiếu “{}”", title.vi), format!("“{}” is missing", title.en));
        let fault = Fault::at(Code::Required, field.name.clone(), detail);
        if mapped.contains(&i) {
            return Err(fault);
        }
        lacks = lacks.or(Some(fault));
    }
    Ok(lacks)
}

fn feature(
    def: &LayerDef,
    table: &Table,
    plan: &Plan,
    record: &Record,
    at: Timestamp,
) -> Result<(Feature, Vec<String>), Fault> {
    let mut feature = Feature::empty(def, keys::own_id(plan, record));
    super::place::place(def, table, plan, record, &mut feature)?;
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
        feature.values[rule.field] = storable(field, reading.value)?;
    }
    let courses = states(def, record, at, &mut feature);
    if def.time == TimeKind::Interval && feature.span(def).is_some_and(|s| s.from >= s.to) {
        return Err(Fault::at(
            Code::InvalidValue,
            system::VALID_TO,
            Text::new("Ngày hết hiệu lực phải sau ngày bắt đầu", "validity must end after it begins"),
        ));
    }
    Ok((feature, courses))
}

/// Each state begins on the day the case does, or as the record's own transitions say; answers the fields of which
/// they do.
fn states(def: &LayerDef, record: &Record, at: Timestamp, feature: &mut Feature) -> Vec<String> {
    let mut courses = Vec::new();
    if def.workflows.is_empty() {
        return courses;
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
        if model::value_on(&moves, &workflow.field, jiff::civil::Date::MAX) == Some(state.as_str()) {
            courses.push(workflow.field.clone());
        } else {
            moves = vec![Transition { field: workflow.field.clone(), to: state, on }];
        }
        feature.transitions.extend(moves);
    }
    // In the order in which they were made.
    feature.transitions.sort_by_key(|t| own.iter().position(|o| o == t).unwrap_or(usize::MAX));
    courses
}

/// Instants are kept to the millisecond, and time begins with the year 1.
fn storable(field: &model::FieldDef, value: Value) -> Result<Value, Fault> {
    let (value, year) = match value {
        Value::Time(at) => {
            let at = Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at);
            (Value::Time(at), at.to_zoned(jiff::tz::TimeZone::UTC).year())
        }
        Value::Date(day) => (value, day.year()),
        other => return Ok(other),
    };
    if year >= 1 {
        return Ok(value);
    }
    let detail = Text::new("Năm phải từ 1 trở đi", "the year must be 1 or later");
    Err(Fault::at(Code::InvalidValue, field.name.clone(), detail))
}
