//! The tables against the log: every row is what its last change left, no row more, no row less.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use model::{Feature, parse_layer};

use super::rows::Reader;
use super::table::{Part, Table, reviewed};
use super::verify::damaged;
use super::verify_log::{Known, Last, digest};
use super::{Conn, Dialect, Row, define, query};
use crate::report::codes;
use crate::{StoreError, VerifyReport};

/// Photos that rows cite: by hash, one row that does and its last commit.
pub(super) type Cited = BTreeMap<String, (String, i64)>;

/// Compares all tables with what the log knows. Answers the photos that rows cite.
pub(super) async fn run(conn: &mut Conn, known: &Known, report: &mut VerifyReport) -> Cited {
    let mut cited = Cited::new();
    if let Err(e) = definitions(conn, known, report).await {
        damaged(report, None, &format!("layers: {e}"));
    }
    let none = HashMap::new();
    let mut tables = HashSet::new();
    for (seq, text) in known.definitions.values() {
        let Ok(def) = parse_layer("log", text) else {
            // Its texts were not those hashed, which is reported; without them nothing can be compared.
            damaged(report, Some(*seq), "a definition in the log cannot be read");
            continue;
        };
        let layer = def.id.as_str().to_owned();
        if def.derived.is_none() {
            let table = Table::new(conn.dialect(), Arc::new(def), &[]);
            let last = known.rows.get(&layer).unwrap_or(&none);
            if let Err(e) = rows(conn, &table, last, report, &mut cited).await {
                damaged(report, None, &format!("{layer}: {e}"));
            }
        }
        tables.insert(layer);
    }
    for (layer, rows) in &known.rows {
        if !tables.contains(layer)
            && let Some(last) = rows.values().find(|l| l.after.is_some())
        {
            report.add(Some(last.seq), codes::ROW_MISSING, format!("there is no layer {layer}"));
        }
    }
    cited
}

/// The table `layers` against the definitions in the log.
async fn definitions(conn: &mut Conn, known: &Known, report: &mut VerifyReport) -> Result<(), sqlx::Error> {
    let dialect = conn.dialect();
    let (id, texts) =
        (dialect.id_bytes("id"), ["name", "definition", "hash"].map(|c| dialect.bytes(c)).join(", "));
    let text = format!("select {id}, seq, {texts} from layers");
    let found = query(reviewed(text)).fetch_all(conn).await?;
    let mut missing: BTreeMap<&str, i64> =
        known.definitions.iter().map(|(id, d)| (id.as_str(), d.0)).collect();
    for row in found {
        let text = |i: usize| -> Result<String, sqlx::Error> {
            Ok(String::from_utf8_lossy(row.bytes(i)?.unwrap_or_default()).into_owned())
        };
        let (id, name, definition) = (text(0)?, text(2)?, text(3)?);
        let seq: i64 = row.get(1)?;
        ahead(report, seq, &format!("layer {name}"));
        missing.remove(id.as_str());
        match known.definitions.get(&id) {
            None => report.add(None, codes::ROW_UNLOGGED, format!("layer {name}")),
            Some((last, logged)) => {
                let hash = super::hash::hex(&digest(definition.as_bytes()));
                let named = parse_layer("log", logged).is_ok_and(|def| def.id.as_str() == name);
                if definition != *logged || hash != text(4)? || !named || seq != *last {
                    report.add(Some(*last), codes::ROW_DIFFERS, format!("layer {name}"));
                }
            }
        }
    }
    for (id, seq) in missing {
        report.add(Some(seq), codes::ROW_MISSING, format!("layer {id}"));
    }
    Ok(())
}

fn ahead(report: &mut VerifyReport, seq: i64, what: &str) {
    if seq > report.head {
        report.add(Some(seq), codes::ROW_AHEAD, what);
    }
}

async fn rows(
    conn: &mut Conn,
    table: &Table,
    last: &HashMap<String, Last>,
    report: &mut VerifyReport,
    cited: &mut Cited,
) -> Result<(), sqlx::Error> {
    let def = &*table.def;
    let reader = Reader::new(table, Part::Whole);
    let mut seen = HashSet::with_capacity(last.len());
    let mut doubtful = Vec::new();
    let there = !define::present(conn, def.id.as_str()).await?.is_empty();
    if there {
        let mut rows = query(table.select(Part::Whole, "order by fid")).fetch(conn)?;
        while let Some(row) = rows.try_next().await? {
            let id = id_text(&row);
            let seq: i64 = row.get(2).unwrap_or(-1);
            let what = format!("{} {id}", def.id);
            ahead(report, seq, &what);
            let Some(known) = last.get(&id) else {
                report.add(None, codes::ROW_UNLOGGED, what);
                continue;
            };
            seen.insert(id.clone());
            let Some(after) = known.after else {
                report.add(Some(known.seq), codes::ROW_UNLOGGED, what);
                continue;
            };
            let read = reader.read(&row);
            if let (Some(at), Ok(feature)) = (def.photos(), &read) {
                for photo in feature.values[at].as_list() {
                    cited.entry(photo.to_string()).or_insert_with(|| (what.clone(), seq));
                }
            }
            match read {
                Ok(feature) if seq == known.seq && digest(feature.to_row_text(def).as_bytes()) == after => {}
                Ok(feature) if seq == known.seq => doubtful.push((id, known.seq, feature)),
                Ok(_) => report.add(Some(known.seq), codes::ROW_DIFFERS, what),
                Err(StoreError::Database(e @ sqlx::Error::Database(_))) => return Err(e),
                Err(e) => report.add(Some(known.seq), codes::ROW_DIFFERS, format!("{what}: {e}")),
            }
        }
    }
    for (id, known) in last {
        if known.after.is_some() && !seen.contains(id) {
            report.add(Some(known.seq), codes::ROW_MISSING, format!("{} {id}", def.id));
        }
    }
    // A text written under an earlier definition names its fields in another order: compare what it says.
    for (id, seq, feature) in doubtful {
        let text: Option<Option<String>> =
            query("select after from changes where layer = ? and id = ? and seq = ?")
                .bind(def.id.as_str())
                .bind(feature.id)
                .bind(seq)
                .scalar(conn)
                .await?;
        let text = text.flatten();
        let logged = text.and_then(|t| Feature::from_row_text(def, &t, seq).ok());
        if logged.as_ref() != Some(&feature) {
            report.add(Some(seq), codes::ROW_DIFFERS, format!("{} {id}", def.id));
        }
    }
    Ok(())
}

/// The id in column 1, byte for byte where it is a text.
fn id_text(row: &Row) -> String {
    match row.dialect() {
        Dialect::Sqlite => {
            let bytes = row.bytes(1).ok().flatten().unwrap_or_default();
            String::from_utf8_lossy(bytes).into_owned()
        }
        Dialect::Postgres => row.uuid(1).ok().flatten().map(|id| id.to_string()).unwrap_or_default(),
    }
}
