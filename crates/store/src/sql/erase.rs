//! Erasure: the content of a feature, or one field of it, leaves the row and the log. What it leaves behind on disk is
//! for each store to remove.

use std::collections::BTreeSet;

use jiff::Timestamp;
use model::{Code, Fault, Feature, GEOMETRY, GIVEN, LayerId, Value};
use uuid::Uuid;

use super::change::{self, Work};
use super::log::{self, Meta, NewChange};
use super::{attachment, define, log_read, query};
use crate::{Op, StoreError};

/// What to erase, who asks and why.
#[derive(Debug, Clone)]
pub(crate) struct RedactRequest {
    pub layer: LayerId,
    pub id: Uuid,
    pub field: Option<String>,
    pub reason: String,
    pub actor: String,
    pub at: Timestamp,
}

/// Erases inside the caller's transaction: the row loses the field (or goes), every change of the feature loses
/// its texts and salts, photos that nothing else cites go, and one `erase` commit says so.
pub(crate) async fn erase(work: &mut Work<'_>, request: RedactRequest) -> Result<(), StoreError> {
    let table = work.registry.table(&request.layer)?;
    let def = &*table.def;
    let row = change::one(work.conn, table, request.id).await?;
    let (_, fid) = log_read::touched(work.conn, def, request.id, i64::MAX).await?;
    let Some(fid) = fid.or(row.as_ref().map(|r| r.fid)) else {
        return Err(Fault::of(Code::UnknownFeature).into());
    };
    // What is blanked below can no longer tell of them.
    let takes_photos =
        request.field.as_ref().is_none_or(|f| def.index(f).is_some_and(|i| Some(i) == def.photos()));
    let photos = if takes_photos {
        attachment::ever_cited(work.conn, table, request.id, row.as_ref()).await?
    } else {
        BTreeSet::new()
    };
    let mut after = None;
    if let Some(field) = &request.field {
        if !matches!(field.as_str(), GEOMETRY | GIVEN) && def.index(field).is_none() {
            return Err(Fault::at(Code::UnknownField, field.clone(), Code::UnknownField.title()).into());
        }
        after = row.map(|row| without(def, row, field));
    }
    match &mut after {
        Some(after) => {
            after.seq = work.head.seq + 1;
            change::update(work.conn, table, after).await?;
        }
        None => {
            query(table.delete()).bind(fid).execute(work.conn).await?;
        }
    }
    query("update changes set before = null, after = null, salt = null where layer = ? and id = ?")
        .bind(def.id.as_str())
        .bind(request.id)
        .execute(work.conn)
        .await?;
    let change = NewChange {
        layer: def.id.as_str().to_owned(),
        fid,
        id: request.id,
        op: Op::Erase,
        fields: request.field.map_or_else(log::all_fields, |f| vec![f]),
        before: None,
        after: after.map(|f| f.to_row_text(def)),
    };
    let meta = Meta { at: request.at, actor: request.actor, reason: Some(request.reason), ..Meta::default() };
    define::touch(work.conn, def, meta.at).await?;
    let mut changes = vec![change];
    changes.extend(attachment::erase(work.conn, work.registry, photos).await?);
    log::append(work.conn, work.head, &meta, changes).await?;
    Ok(())
}

fn without(def: &model::LayerDef, mut row: Feature, field: &str) -> Feature {
    if let Some(i) = def.index(field) {
        row.values[i] = Value::Null;
        row.transitions.retain(|t| t.field != field);
    }
    // The geometry as given says where the geometry is.
    if field == GEOMETRY {
        row.geometry = None;
    }
    if matches!(field, GEOMETRY | GIVEN) {
        row.given = None;
    }
    row
}
