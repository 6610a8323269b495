//! By what a record is known again.

use std::collections::HashMap;

use model::LayerDef;
use sha2::{Digest, Sha256};
use store::format::{Record, Table};
use uuid::Uuid;

use super::cells;
use super::choose::Plan;

/// The id of a feature of our own export; nil for any other record.
pub(crate) fn own_id(plan: &Plan, record: &Record) -> Uuid {
    if !plan.own {
        return Uuid::nil();
    }
    let cell = plan.id.and_then(|i| record.cells.get(i)?.as_ref()).map(cells::text);
    cell.or_else(|| record.id.clone()).and_then(|s| Uuid::try_parse(s.trim()).ok()).unwrap_or_default()
}

/// The record's key, in the name of its mapping, so that codes of two sources do not meet. The n-th row with the
/// same key in one file is a record of its own; a row without key is known by its content. Rows that are rejected
/// count too: mending one must not give the rows after it other keys.
pub(crate) fn key(
    table: &Table,
    plan: &Plan,
    record: &Record,
    counts: &mut HashMap<String, usize>,
) -> String {
    let id = own_id(plan, record);
    if !id.is_nil() {
        return format!("id:{id}");
    }
    let named = match plan.key {
        Some(k) => record.cells.get(k).and_then(Option::as_ref).map(cells::text),
        None => record.id.clone(),
    };
    let base = match named.as_deref().map(str::trim).filter(|k| !k.is_empty()) {
        Some(key) => key.to_owned(),
        None => content(table, plan, record),
    };
    let n = counts.entry(base.clone()).or_default();
    *n += 1;
    format!("{}:{base}#{n}", plan.mapping.as_deref().unwrap_or("file"))
}

/// A hash of what is read of the record, whatever the order of its columns. Columns that are dropped leave no
/// trace, not even here.
fn content(table: &Table, plan: &Plan, record: &Record) -> String {
    let mut cells: Vec<(&str, String)> = plan
        .columns()
        .into_iter()
        .filter_map(|i| Some((table.header[i].as_str(), cells::text(record.cells.get(i)?.as_ref()?))))
        .collect();
    cells.sort();
    let mut hash = Sha256::new();
    for text in cells.iter().flat_map(|(name, text)| [*name, text.as_str()]) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.update(record.geometry.as_ref().map(ToString::to_string).unwrap_or_default().as_bytes());
    hash.finalize().iter().take(16).fold("sha:".to_owned(), |mut s, b| {
        use std::fmt::Write as _;
        let _ = write!(s, "{b:02x}");
        s
    })
}

/// An id that the same record always gets: the entity of a source that names none.
pub(crate) fn stable_id(def: &LayerDef, key: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(def.id.as_str().as_bytes());
    hash.update([0]);
    hash.update(key.as_bytes());
    let digest = hash.finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::format::open_bytes;

    fn keys(text: &str, plan: &Plan) -> Vec<String> {
        let table = open_bytes("x.csv", text.as_bytes().to_vec()).unwrap();
        let mut counts = HashMap::new();
        table.records().map(|r| key(&table, plan, &r.unwrap(), &mut counts)).collect()
    }

    #[test]
    fn a_repeated_key_is_numbered_and_an_empty_one_is_the_content() {
        let plan = Plan { mapping: Some("m".to_owned()), key: Some(0), x: Some(1), ..Plan::default() };
        let all = keys("k,v,private\na,1,x\na,2,x\n,3,x\n,3,y\n,4,x\n", &plan);
        assert_eq!(&all[..2], ["m:a#1", "m:a#2"]);
        assert!(all[2].starts_with("m:sha:") && all[2].ends_with("#1"));
        // The third column is not read: it does not tell the two rows apart, their number does.
        assert_eq!(all[3], all[2].replace("#1", "#2"));
        assert!(all[4].ends_with("#1") && all[4] != all[2]);
        // Neither another order of columns nor another file changes a key.
        let turned = Plan { key: Some(1), x: Some(0), ..plan };
        assert_eq!(keys("v,k\n3,\n", &turned)[0], all[2]);
    }

    #[test]
    fn an_id_of_ours_is_the_key() {
        let plan = Plan { own: true, id: Some(0), ..Plan::default() };
        let id = "01926f3e-7b2a-7c3d-9e4f-0123456789ab";
        assert_eq!(keys(&format!("id,v\n{id},1\n"), &plan), [format!("id:{id}")]);
    }
}
