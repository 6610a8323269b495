//! An import inside its transaction: known records are compared, new ones inserted, one commit says it all.

use std::collections::{HashMap, HashSet};

use model::{Code, Fault, Feature, LayerDef, Text, TimeKind, Value, system};
use sqlx::SqlStr;
use uuid::Uuid;

use super::change::{self, Work};
use super::log::{self, Meta, NewChange};
use super::rows::{self, Reader};
use super::table::{Part, Table};
use super::{Arg, Dialect, attachment, batch, batches, define, hash, load, log_read, query, run};
use crate::format::exported;
use crate::{Batch, ImportRequest, ImportRow, Imported, Op, StoreError};

/// How many records are looked up at once.
const CHUNK: usize = 500;

/// Stores the records of an import.
pub(crate) async fn import(work: &mut Work<'_>, request: ImportRequest) -> Result<Imported, StoreError> {
    let table = work.registry.table(&request.layer)?;
    let def = &*table.def;
    let key_at = def.index(system::SOURCE_KEY).ok_or_else(|| Fault::of(Code::Internal))?;
    distinct(&request.rows)?;
    let mut meta = Meta {
        at: request.at,
        actor: request.actor,
        reason: request.reason,
        batch: Some(request.batch),
        ..Meta::default()
    };
    if let Some(asked) = request.idempotency {
        let fingerprint = hash::fingerprint(work.site_key, &asked.fingerprint);
        if let Some(done) = batches::of_key(work.conn, &meta.actor, &asked.key, &fingerprint).await? {
            return Ok(replayed(done));
        }
        (meta.key, meta.fingerprint) = (Some(asked.key), Some(fingerprint));
    }
    if work.conn.dialect() == Dialect::Postgres {
        // The planner knows nothing of rows that were copied a moment ago, and would look for a key in all of them.
        run(work.conn, "set local enable_seqscan = off").await?;
    }
    let seq = work.head.seq + 1;
    let mut fid = change::next_fid(work.conn, table).await?;
    let layer = def.id.as_str();
    let entry = |op, fid, id, fields, before, after| NewChange {
        layer: layer.to_owned(),
        fid,
        id,
        op,
        fields,
        before,
        after: Some(after),
    };
    let mut out = Imported { ids: Vec::with_capacity(request.rows.len()), ..Imported::default() };
    let mut changes = Vec::new();
    let mut rows = request.rows;
    let mut seen = HashSet::with_capacity(rows.len());
    for some in rows.chunks_mut(CHUNK) {
        let mut known = known(work, table, key_at, some).await?;
        let gone = gone(work, def, some, &known).await?;
        let mut new = Vec::new();
        for row in some {
            let number = out.ids.len();
            let mut feature = std::mem::replace(&mut row.feature, Feature::empty(def, Uuid::nil()));
            rows::canonical(work.conn.dialect(), def, &mut feature)?;
            feature.values[key_at] = Value::text(&row.key);
            let before = known.remove(&row.key);
            if let Some(settle) = &request.settle {
                settle(number, before.as_ref(), &mut feature)?;
            }
            if let Some(before) = before {
                if !seen.insert(before.id) {
                    return Err(twice().into());
                }
                out.ids.push(before.id);
                let mut after = merged(def, &before, feature, &request.mapped, request.has_location, seq);
                attachment::check(work.conn, table, Op::Import, Some(&before), &mut after).await?;
                let fields = Feature::changed_fields(def, &before, &after);
                if fields.is_empty() {
                    out.unchanged += 1;
                    continue;
                }
                out.updated += 1;
                change::update(work.conn, table, &after).await?;
                let texts = (before.to_row_text(def), after.to_row_text(def));
                changes.push(entry(Op::Import, after.fid, after.id, fields, Some(texts.0), texts.1));
            } else {
                if feature.id.is_nil() {
                    feature.id = Uuid::now_v7();
                }
                if !seen.insert(feature.id) {
                    return Err(twice().into());
                }
                attachment::check(work.conn, table, Op::Import, None, &mut feature).await?;
                let back = gone.get(&feature.id);
                feature.fid = back.copied().unwrap_or(fid);
                feature.seq = seq;
                fid += i64::from(back.is_none());
                let waiting = def.has_geometry() && feature.geometry.is_none();
                *(if waiting { &mut out.waiting } else { &mut out.stored }) += 1;
                out.ids.push(feature.id);
                changes.push(entry(
                    if back.is_some() { Op::Restore } else { Op::Import },
                    feature.fid,
                    feature.id,
                    log::all_fields(),
                    None,
                    feature.to_row_text(def),
                ));
                new.push(feature);
            }
        }
        change::insert(work.conn, table, &new).await?;
    }
    if changes.is_empty() {
        return Ok(out);
    }
    change::used(work.conn, table, fid - 1).await?;
    if def.time == TimeKind::Interval {
        no_overlap(work, table, seq).await?;
    }
    if let Some(mut note) = request.note {
        note.stored += out.stored;
        note.updated += out.updated;
        note.unchanged += out.unchanged;
        note.waiting += out.waiting;
        meta.reason = Some(note.reason());
    }
    define::touch(work.conn, def, meta.at).await?;
    log::append(work.conn, work.head, &meta, changes).await?;
    out.seq = Some(seq);
    Ok(out)
}

/// The answer to a request that was made before.
fn replayed(batch: Batch) -> Imported {
    let note = &batch.note;
    Imported {
        seq: Some(batch.seq),
        stored: note.stored,
        waiting: note.waiting,
        updated: note.updated,
        unchanged: note.unchanged,
        ids: Vec::new(),
        replayed: Some(batch),
    }
}

fn distinct(rows: &[ImportRow]) -> Result<(), Fault> {
    let mut seen = HashSet::with_capacity(rows.len());
    if rows.iter().all(|r| seen.insert(r.key.as_str())) { Ok(()) } else { Err(twice()) }
}

/// Two records are one: which of them holds?
fn twice() -> Fault {
    Fault::at(
        Code::DuplicateKey,
        system::SOURCE_KEY,
        Text::new("Hai bản ghi có cùng khóa", "two records have the same key"),
    )
}

/// Features that were deleted and that records bring back by their id, with the numbers they had.
async fn gone(
    work: &mut Work<'_>,
    def: &LayerDef,
    some: &[ImportRow],
    known: &HashMap<String, Feature>,
) -> Result<HashMap<Uuid, i64>, StoreError> {
    let new: Vec<Uuid> = some
        .iter()
        .filter(|r| !known.contains_key(&r.key))
        .map(|r| r.feature.id)
        .filter(|i| !i.is_nil())
        .collect();
    log_read::numbers(work.conn, def, &new).await
}

/// Rows of the table that are records of these keys.
async fn known(
    work: &mut Work<'_>,
    table: &Table,
    key_at: usize,
    some: &[ImportRow],
) -> Result<HashMap<String, Feature>, StoreError> {
    let args = some.iter().map(|row| Arg::from(row.key.as_str())).collect();
    // Of several rows with one key (a copy was made by hand) the first is the record.
    let among = work.conn.dialect().among(&table.field(key_at), some.len());
    let rest = format!("where {among} order by fid desc");
    let text: SqlStr = table.select(Part::Whole, &rest);
    let found = load::collect(batch(text, args).fetch(work.conn)?, &Reader::new(table, Part::Whole)).await?;
    let mut known: HashMap<String, Feature> = found
        .into_iter()
        .filter_map(|f| f.values[key_at].as_text().map(str::to_owned).map(|key| (key, f)))
        .collect();
    // A record that brings an id of ours (an export coming back) is that feature, whatever key it was stored under.
    let by_id: HashMap<Uuid, &str> = some
        .iter()
        .filter(|r| !r.feature.id.is_nil() && !known.contains_key(&r.key))
        .map(|r| (r.feature.id, r.key.as_str()))
        .collect();
    let ids: Vec<Uuid> = by_id.keys().copied().collect();
    for feature in load::cold(work.conn, table, &ids).await? {
        if let Some(key) = by_id.get(&feature.id) {
            known.insert((*key).to_owned(), feature);
        }
    }
    Ok(known)
}

/// The known row with what the source speaks about taken from the record.
fn merged(
    def: &LayerDef,
    before: &Feature,
    record: Feature,
    mapped: &[usize],
    has_location: bool,
    seq: i64,
) -> Feature {
    let mut after = before.clone();
    after.seq = seq;
    for &i in mapped {
        let (Some(slot), Some(value)) = (after.values.get_mut(i), record.values.get(i)) else { continue };
        *slot = value.clone();
        let name = &def.fields[i].name;
        let own = |t: &&model::Transition| t.field == *name;
        if def.workflow(name).is_some() && record.transitions.iter().any(|t| own(&t)) {
            after.transitions.retain(|t| !own(&t));
            after.transitions.extend(record.transitions.iter().filter(own).cloned());
        }
    }
    if has_location && let Some(geometry) = record.geometry {
        // A file holds seven decimals, about a centimetre: a geometry that only lost the rest did not move.
        let moved = before.geometry.as_ref().is_none_or(|g| exported(g) != exported(&geometry));
        if moved {
            after.geometry = Some(geometry);
            after.given = record.given;
        }
    }
    after
}

/// Refuses two rows of one entity that would be valid at once.
pub(crate) async fn no_overlap(work: &mut Work<'_>, table: &Table, seq: i64) -> Result<(), StoreError> {
    let Some(text) = table.overlap() else { return Ok(()) };
    let Some(row) = query(text).bind(seq).fetch_optional(work.conn).await? else { return Ok(()) };
    let id = |at| Ok::<_, sqlx::Error>(row.uuid(at)?.unwrap_or_default());
    let (a, b) = (id(0)?, id(1)?);
    Err(Fault::at(
        Code::ValidityOverlap,
        system::VALID_FROM,
        Text::new(
            format!("Hai phiên bản cùng hiệu lực: {a}, {b}"),
            format!("two versions would be valid at once: {a}, {b}"),
        ),
    )
    .into())
}
