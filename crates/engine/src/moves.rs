//! How things moved between two days: the values of one code field of an interval layer on either day, entity by
//! entity, as flows and as a list with those that got worse in front.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use model::{Code, Columns, Fault, FieldDef, FieldType, LayerDef, Text, TimeKind, ValueRef, system};
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::query::Query;
use crate::view::{View, visible_fields};

/// The answer to "who moved between these days".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moves {
    /// The field whose values are compared.
    pub field: String,
    /// The first day.
    pub from: Date,
    /// The second day; it may lie before the first.
    pub to: Date,
    /// Entities that are told: those the query selects on either day.
    pub entities: usize,
    /// How many went from each value to each; they sum to `entities`.
    pub flows: Vec<Flow>,
    /// The entities, those that got worse in front; cut at the limit.
    pub moves: Vec<Move>,
}

/// How many entities had one value on the first day and one on the second.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flow {
    /// The value on the first day: empty without a value, `None` when the entity did not exist.
    pub from: Option<String>,
    /// The value on the second day, likewise.
    pub to: Option<String>,
    /// Entities.
    pub count: usize,
}

/// What became of an entity, in the order in which it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// To a worse code.
    Worse,
    /// To a value that cannot be ranked against the first: out of the order, into it, or without one.
    Other,
    /// To a better code.
    Better,
    /// Not there on the first day.
    Appeared,
    /// Not there on the second day.
    Ended,
    /// The same value on both days.
    Same,
}

/// One entity on both days.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Move {
    /// The entity.
    pub entity: String,
    /// What it is called: by its row of the second day, else of the first.
    pub label: Option<String>,
    /// What became of it.
    pub change: Change,
    /// Its value on the first day, as in [`Flow`].
    pub from: Option<String>,
    /// Its value on the second day.
    pub to: Option<String>,
    /// Its row of the first day.
    pub before: Option<Uuid>,
    /// Its row of the second day.
    pub after: Option<Uuid>,
    /// The day from which what holds on the later day holds without a break, when that has a beginning; of one that
    /// ended, the day it did.
    pub on: Option<Date>,
    /// The row that began on that day (or ended on it), with what the reader may see of it: the decision behind it.
    pub by: Option<Uuid>,
    /// The values of that row.
    pub properties: Map<String, Value>,
}

/// A row of an entity and its days `[from, to)`.
#[derive(Clone, Copy)]
struct Version {
    row: usize,
    from: Date,
    to: Date,
}

impl Version {
    fn holds(&self, day: Date) -> bool {
        self.from <= day && day < self.to
    }
}

/// Refuses a layer whose rows are no versions of anything.
pub(crate) fn check(def: &LayerDef) -> Result<(), Fault> {
    if def.time == TimeKind::Interval {
        return Ok(());
    }
    let detail = Text::new(
        "Lớp này không có các kỳ hiệu lực để so sánh",
        "this layer has no periods of validity to compare",
    );
    Err(Fault::parameter(Code::InvalidParameter, "field", detail))
}

/// The kinds of fields that can be compared.
pub(crate) const KINDS: [FieldType; 1] = [FieldType::Code];

/// Compares two days. An entity is told when the query selects its row of either day; then both days are told.
pub(crate) fn moves(
    view: View<'_>,
    query: &Query,
    field: usize,
    [from, to]: [Date; 2],
    limit: usize,
) -> Moves {
    let mut flows: BTreeMap<(Option<String>, Option<String>), usize> = BTreeMap::new();
    let mut all = Vec::new();
    for (entity, versions) in entities(view) {
        let on = |day: Date| versions.iter().rposition(|v| v.holds(day));
        let (before, after) = (on(from), on(to));
        let selected = |at: Option<usize>, day: Date| {
            at.is_some_and(|i| query.filter.selects(&view, versions[i].row, Some(day)))
        };
        if !selected(before, from) && !selected(after, to) {
            continue;
        }
        let told = |at: Option<usize>| at.map(|i| text(view.value(versions[i].row, field, None)));
        let (a, b) = (told(before), told(after));
        *flows.entry((a.clone(), b.clone())).or_default() += 1;
        let change = change(&view.def().fields[field], a.as_deref(), b.as_deref());
        let last = [before, after].into_iter().flatten().max().unwrap_or_default();
        let order = view.snapshot.fid(versions[last].row);
        all.push(((change, order), entity, versions, [before, after], [a, b]));
    }
    all.sort_by_key(|(key, ..)| *key);
    let count = all.len();
    let moves = all.into_iter().take(limit).map(|((change, _), entity, versions, at, [a, b])| {
        let later = if from <= to { at[1] } else { at[0] };
        let turn = turn(view, field, &versions, later, from.max(to), change);
        let id = |at: Option<usize>| at.map(|i| view.snapshot.id(versions[i].row));
        let named = at[1].or(at[0]).map(|i| versions[i].row);
        Move {
            entity,
            label: named.and_then(|row| label(view, row)),
            change,
            from: a,
            to: b,
            before: id(at[0]),
            after: id(at[1]),
            on: turn.map(|(_, day)| day).filter(|day| *day > Date::MIN),
            by: turn.map(|(row, _)| view.snapshot.id(row)),
            properties: turn.map(|(row, _)| properties(view, row)).unwrap_or_default(),
        }
    });
    Moves {
        field: view.def().fields[field].name.clone(),
        from,
        to,
        entities: count,
        moves: moves.collect(),
        flows: flows.into_iter().map(|((from, to), count)| Flow { from, to, count }).collect(),
    }
}

/// The versions of every entity, each entity's in the order of time.
fn entities(view: View<'_>) -> Vec<(String, Vec<Version>)> {
    let def = view.def();
    let index = |name: &str| def.index(name);
    let (first, last) = (index(system::VALID_FROM), index(system::VALID_TO));
    let day = |row: usize, field: Option<usize>, open: Date| match field.map(|f| view.value(row, f, None)) {
        Some(ValueRef::Date(d)) => d,
        _ => open,
    };
    let mut found: HashMap<String, Vec<Version>> = HashMap::new();
    for row in view.snapshot.rows_after(-1) {
        let entity = match view.value(row, def.entity, None) {
            ValueRef::Text(entity) => entity.to_owned(),
            _ => view.snapshot.id(row).to_string(),
        };
        let version = Version { row, from: day(row, first, Date::MIN), to: day(row, last, Date::MAX) };
        found.entry(entity).or_default().push(version);
    }
    let mut found: Vec<_> = found.into_iter().collect();
    for (_, versions) in &mut found {
        versions.sort_by_key(|v| (v.from, view.snapshot.fid(v.row)));
    }
    found
}

fn text(value: ValueRef<'_>) -> String {
    if let ValueRef::Text(s) = value { s.to_owned() } else { String::new() }
}

fn change(field: &FieldDef, from: Option<&str>, to: Option<&str>) -> Change {
    let (Some(from), Some(to)) = (from, to) else {
        return if to.is_some() { Change::Appeared } else { Change::Ended };
    };
    if from == to {
        return Change::Same;
    }
    match (field.rank(from), field.rank(to)) {
        (Some(a), Some(b)) if a < b => Change::Worse,
        (Some(a), Some(b)) if a > b => Change::Better,
        _ => Change::Other,
    }
}

/// The row with which the entity's standing on the later day `day` began, and since when; of one that had ended by
/// then its last row and its end.
fn turn(
    view: View<'_>,
    field: usize,
    versions: &[Version],
    later: Option<usize>,
    day: Date,
    change: Change,
) -> Option<(usize, Date)> {
    let Some(mut at) = later else {
        let gone = versions.iter().rfind(|v| v.to <= day)?;
        return Some((gone.row, gone.to));
    };
    // What is only there on one of the days is told from its coming into being, others from their value's.
    let whole = matches!(change, Change::Appeared | Change::Ended);
    let value = |i: usize| view.value(versions[i].row, field, None);
    while at > 0 && versions[at - 1].to >= versions[at].from && (whole || value(at - 1) == value(at)) {
        at -= 1;
    }
    Some((versions[at].row, versions[at].from))
}

fn label(view: View<'_>, row: usize) -> Option<String> {
    let field = view.def().label.filter(|&i| view.def().fields[i].visible(view.role))?;
    let value = view.value(row, field, None);
    (value != ValueRef::Null).then(|| text(value))
}

fn properties(view: View<'_>, row: usize) -> Map<String, Value> {
    let fields = &view.def().fields;
    visible_fields(view.def(), view.role)
        .filter(|&i| !fields[i].cold)
        .map(|i| (fields[i].name.clone(), view.value(row, i, None).to_json()))
        .collect()
}

#[cfg(test)]
mod tests;
