//! The rows checked against the log: every row is what its last change left, none is missing, none is unknown.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use model::Feature;
use sqlx::Row as _;
use sqlx::sqlite::SqliteConnection;

use super::registry::Registry;
use super::rows::Reader;
use super::table::{Part, Table};
use super::verify_log::{self, Last, Log};
use crate::report::codes;
use crate::{LAYERS, StoreError, VerifyReport};

/// Compares all layers.
pub(crate) async fn check(conn: &mut SqliteConnection, report: &mut VerifyReport, log: &Log) {
    if let Err(e) = definitions(conn, report, log).await {
        report.add(None, codes::FILE_DAMAGED, format!("the layers cannot be read: {e}"));
    }
    let registry = match Registry::read(conn).await {
        Ok(registry) => registry,
        Err(e) => {
            report.add(None, codes::FILE_DAMAGED, format!("the layers cannot be read: {e}"));
            return;
        }
    };
    let mut known: HashSet<&str> = HashSet::from([LAYERS]);
    for layer in registry.iter() {
        known.insert(layer.def.id.as_str());
        let Some(table) = &layer.table else { continue };
        let mut seen = HashSet::new();
        if let Err(e) = rows(conn, report, log, table, &mut seen).await {
            report.add(None, codes::FILE_DAMAGED, format!("{} cannot be read: {e}", layer.def.id));
        }
        missing(report, log, layer.def.id.as_str(), &seen);
    }
    for layer in verify_log::layers(log) {
        if !known.contains(layer) {
            report.add(None, codes::ROW_MISSING, format!("the log knows a layer {layer}, the file does not"));
        }
    }
}

/// Every accepted definition is the one logged last, and its hash is its own.
async fn definitions(
    conn: &mut SqliteConnection,
    report: &mut VerifyReport,
    log: &Log,
) -> Result<(), sqlx::Error> {
    let found = sqlx::query("select id, seq, cast(name as blob), cast(definition as blob), hash from layers")
        .fetch_all(&mut *conn)
        .await?;
    let mut seen = HashSet::new();
    for row in found {
        let id: String = row.try_get_unchecked(0)?;
        let seq: i64 = row.try_get_unchecked(1)?;
        let name = String::from_utf8_lossy(row.try_get_unchecked::<&[u8], _>(2)?).into_owned();
        let text = String::from_utf8_lossy(row.try_get_unchecked::<&[u8], _>(3)?).into_owned();
        let hash: String = row.try_get_unchecked(4)?;
        let own =
            model::parse_layer(&name, &text).is_ok_and(|def| def.hash == hash && def.id.as_str() == name);
        match log.last.get(&(LAYERS.to_owned(), id.clone())) {
            Some(last) if last.after.as_deref() == Some(&text) && last.seq == seq && own => {}
            Some(last) => {
                report.add(
                    Some(last.seq),
                    codes::ROW_DIFFERS,
                    format!("the definition of {name} is not the logged one"),
                );
            }
            None => {
                report.add(None, codes::ROW_UNLOGGED, format!("the definition of {name} is not in the log"));
            }
        }
        seen.insert(id);
    }
    missing(report, log, LAYERS, &seen);
    Ok(())
}

async fn rows(
    conn: &mut SqliteConnection,
    report: &mut VerifyReport,
    log: &Log,
    table: &Table,
    seen: &mut HashSet<String>,
) -> Result<(), StoreError> {
    let layer = table.def.id.as_str();
    let reader = Reader::new(table, Part::Whole);
    let mut rows = sqlx::query(table.select(Part::Whole, "order by fid")).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let fid: i64 = row.try_get_unchecked(0)?;
        let id: String = row.try_get_unchecked(1).unwrap_or_default();
        let seq: i64 = row.try_get_unchecked(2)?;
        let last = log.last.get(&(layer.to_owned(), id.clone()));
        if seq > report.head {
            report.add(
                Some(seq),
                codes::ROW_AHEAD,
                format!("{layer} row {fid} names commit {seq}, beyond the last"),
            );
        }
        match last {
            Some(last) if last.after.is_some() => {
                let same = reader.read(&row).is_ok_and(|now| same(table, &now, last));
                if !same {
                    let detail = format!("{layer} row {fid} is not what commit {} left", last.seq);
                    report.add(Some(last.seq), codes::ROW_DIFFERS, detail);
                }
            }
            Some(last) => {
                let detail = format!("{layer} row {fid} is there, although commit {} removed it", last.seq);
                report.add(Some(last.seq), codes::ROW_UNLOGGED, detail);
            }
            None => report.add(None, codes::ROW_UNLOGGED, format!("{layer} row {fid} is not in the log")),
        }
        seen.insert(id);
    }
    Ok(())
}

/// Whether a row is what its last change left. Read by the present definition: an older text may name fields in
/// another order.
fn same(table: &Table, now: &Feature, last: &Last) -> bool {
    let Some(text) = &last.after else { return false };
    now.seq == last.seq
        && now.fid == last.fid
        && Feature::from_row_text(&table.def, text, last.seq).is_ok_and(|logged| logged == *now)
}

fn missing(report: &mut VerifyReport, log: &Log, layer: &str, seen: &HashSet<String>) {
    let of_layer =
        log.last.iter().filter(|((l, id), last)| l == layer && last.after.is_some() && !seen.contains(id));
    let mut gone: Vec<(i64, &str)> = of_layer.map(|((_, id), last)| (last.seq, id.as_str())).collect();
    gone.sort_unstable();
    for (seq, id) in gone {
        report.add(Some(seq), codes::ROW_MISSING, format!("{layer} {id} is missing; commit {seq} left it"));
    }
}
