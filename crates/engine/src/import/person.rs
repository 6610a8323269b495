//! Looks for personal data in what would be stored as text: the columns' names, and every value.

use std::collections::BTreeMap;

use model::{Fault, FieldType, LayerDef, personal_header, personal_value};
use store::format::Table;

use super::cells;
use super::choose::Plan;
use super::receipt::PersonFinding;

/// What is found in one file. Names of all mapped columns are judged; values only of those kept as text, and of
/// the key, which is kept too.
pub(crate) fn personal(
    def: &LayerDef,
    file: &str,
    table: &Table,
    plan: &Plan,
) -> Result<Vec<PersonFinding>, Fault> {
    let mut found: BTreeMap<(usize, u8), PersonFinding> = BTreeMap::new();
    for column in plan.columns() {
        if let Some(kind) = personal_header(&table.header[column]) {
            found.insert((column, 0), PersonFinding::new(file, &table.header[column], kind));
        }
    }
    let wordy = |i: usize| matches!(def.fields[i].kind, FieldType::Text | FieldType::Ref);
    let mut columns: Vec<usize> =
        plan.fields.iter().filter(|f| wordy(f.field)).filter_map(|f| f.column).chain(plan.key).collect();
    columns.sort_unstable();
    columns.dedup();
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
