//! Undoes an import inside its transaction: one commit in which what the import made goes and what it changed is as
//! it was before. It is refused as a whole when anything of it was changed since.

use model::{Code, Fault, Feature, TimeKind};
use uuid::Uuid;

use super::change::{self, Work};
use super::log::{self, Meta, NewChange};
use super::{Conn, attachment, batches, bulk, define, log_read, query};
use crate::import;
use crate::{Batch, Change, Op, StoreError, Undo, UndoRequest, Undone};

/// How many changed features are named at most.
const MOST: i64 = 1000;

/// Undoes one import.
pub(crate) async fn undo(work: &mut Work<'_>, request: UndoRequest) -> Result<Undo, StoreError> {
    let batch = batches::one(work.conn, &request.batch).await?;
    let batch = batch.ok_or_else(|| Fault::of(Code::UnknownBatch))?;
    if batch.undone.is_some() {
        return Ok(Undo::Already);
    }
    let later = changed_since(work.conn, &batch).await?;
    if !later.is_empty() {
        return Ok(Undo::ChangedSince(later));
    }
    let layer = model::LayerId::new(&batch.layer).ok_or_else(|| StoreError::damaged("layer of an import"))?;
    let table = work.registry.table(&layer)?;
    let def = &*table.def;
    let seq = work.head.seq + 1;
    let mut done = Undone { seq, layer: batch.layer, removed: 0, restored: 0 };
    let mut changes = Vec::new();
    // The last change first, so that a row that came twice ends where it began.
    for was in log_read::of_commit(work.conn, batch.seq).await?.into_iter().rev() {
        let change = match &was.before {
            None => {
                query(table.delete()).bind(was.fid).execute(work.conn).await?;
                done.removed += 1;
                entry(was, Op::Delete, log::all_fields())
            }
            Some(before) => {
                let read = |text: &str| Feature::from_row_text(def, text, seq);
                let mut feature = read(before)?;
                feature.fid = was.fid;
                feature.id = was.id;
                let now = was.after.as_deref().ok_or_else(|| StoreError::damaged("an import's row"))?;
                let fields = Feature::changed_fields(def, &read(now)?, &feature);
                attachment::check(work.conn, table, Op::Import, None, &mut feature).await?;
                change::update(work.conn, table, &feature).await?;
                done.restored += 1;
                entry(was, Op::Revert, fields)
            }
        };
        changes.push(change);
    }
    if def.time == TimeKind::Interval {
        bulk::no_overlap(work, table, seq).await?;
    }
    let meta = Meta {
        at: request.at,
        actor: request.actor,
        batch: Some(import::undoing(&request.batch)),
        ..Meta::default()
    };
    define::touch(work.conn, def, meta.at).await?;
    log::append(work.conn, work.head, &meta, changes).await?;
    Ok(Undo::Done(done))
}

/// The change that takes `was` back: its row is still what `was` left, so the log's own texts tell both sides.
fn entry(was: Change, op: Op, fields: Vec<String>) -> NewChange {
    let (before, after) = (was.after, was.before);
    NewChange { layer: was.layer, fid: was.fid, id: was.id, op, fields, before, after }
}

/// Features of an import that some later commit changed, erasures among them.
async fn changed_since(conn: &mut Conn, batch: &Batch) -> Result<Vec<Uuid>, StoreError> {
    let rows = query(
        "select b.id from changes b where b.seq = ?1 and exists (select 1 from changes h \
         where h.layer = b.layer and h.id = b.id and h.seq > ?1) order by b.n limit ?2",
    )
    .bind(batch.seq)
    .bind(MOST)
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| row.uuid(0)?.ok_or_else(|| StoreError::damaged("changes"))).collect()
}
