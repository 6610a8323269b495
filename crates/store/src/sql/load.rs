//! Reading features: all of them at the start, some by id, some as the log knew them.

use std::sync::Arc;

use model::{Feature, LayerDef, LayerId, Value};
use spatial::Row;
use uuid::Uuid;

use super::query::Rows;
use super::rows::{Reader, warm};
use super::table::{Part, Table};
use super::{Arg, Conn, batch, log_read, query};
use crate::{StoreError, Until};

/// Everything the store holds at one moment, without cold values.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The last commit contained.
    pub head: i64,
    /// Every layer with its rows in the order of `fid`; a derived layer has none.
    pub layers: Vec<(Arc<LayerDef>, Vec<Row>)>,
    /// The photos that features cite, by layer: they are cold, and who may see them is decided in memory.
    pub photos: Vec<(LayerId, Vec<(Uuid, Value)>)>,
}

/// Reads selected rows into features.
pub(crate) async fn collect(mut rows: Rows<'_>, reader: &Reader<'_>) -> Result<Vec<Feature>, StoreError> {
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        all.push(reader.read(&row)?);
    }
    Ok(all)
}

/// The rows of one layer, inside the caller's transaction whose head is `head`.
pub(crate) async fn layer(conn: &mut Conn, table: &Table, head: i64) -> Result<Vec<Row>, StoreError> {
    let later = log_read::touched_later(conn, &table.def, head).await?;
    let once = log_read::once();
    let reader = Reader::new(table, Part::Hot);
    let mut rows = query(table.select(Part::Hot, "order by fid")).fetch(conn)?;
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let feature = reader.read(&row)?;
        let touched = later.get(&feature.fid).copied().unwrap_or(once);
        all.push(Row { feature, touched, cold: reader.has_cold(&row)? });
    }
    Ok(all)
}

/// Whole rows by id, in the order of `fid`; unknown ids are left out.
pub(crate) async fn cold(conn: &mut Conn, table: &Table, ids: &[Uuid]) -> Result<Vec<Feature>, StoreError> {
    let reader = Reader::new(table, Part::Whole);
    let mut all = Vec::with_capacity(ids.len());
    for some in ids.chunks(500) {
        let args = some.iter().map(|id| Arg::Uuid(*id)).collect();
        let rest = format!("where id in ({})", vec!["?"; some.len()].join(","));
        let text = table.select(Part::Whole, &rest);
        all.extend(collect(batch(text, args).fetch(conn)?, &reader).await?);
    }
    all.sort_by_key(|f| f.fid);
    all.dedup_by_key(|f| f.fid);
    Ok(all)
}

/// The rows of a layer as the log knew them, at most `limit`, in the order of `fid`. A row whose content of that
/// moment was erased is left out.
pub(crate) async fn as_recorded(
    conn: &mut Conn,
    def: &LayerDef,
    until: Until,
    limit: usize,
) -> Result<Vec<Row>, StoreError> {
    let seq = log_read::resolve(conn, until).await?;
    let later = log_read::touched_later(conn, def, seq).await?;
    let mut rows = query(
        "select h.fid, h.seq, h.after from changes h join \
         (select id, max(seq) as seq from changes where layer = ?1 and seq <= ?2 group by id) l \
         on h.layer = ?1 and h.id = l.id and h.seq = l.seq where h.after is not null order by h.fid limit ?3",
    )
    .bind(def.id.as_str())
    .bind(seq)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch(conn)?;
    let mut all = Vec::new();
    while let Some(row) = rows.try_next().await? {
        let fid: i64 = row.get(0)?;
        let feature = Feature::from_row_text(def, row.get(2)?, row.get(1)?)
            .map_err(|e| StoreError::damaged(format!("{} {fid}: {e}", def.id)))?;
        let touched = later.get(&fid).copied().unwrap_or_else(log_read::once);
        all.push(warm(def, feature, touched));
    }
    Ok(all)
}
