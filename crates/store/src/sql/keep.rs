//! The snapshot file held against the log: whether it is of this site, how far the log went since, and whether
//! something in it has to be forgotten.

use std::sync::Arc;

use model::LayerDef;
use spatial::Snapshot;

use super::tables::Tables;
use super::{Conn, hash, query};
use crate::snapshot_file::{self, Header, Kept, Opened, Unfit};
use crate::{Op, StoreError};

/// So many changes are followed, however few rows the file has; of a large one, an eighth of its rows.
const LEAST_BEHIND: usize = 20_000;

/// The hash of a commit; `None` when the log has none such.
async fn commit_hash(conn: &mut Conn, site: &[u8; 16], seq: i64) -> Result<Option<[u8; 32]>, StoreError> {
    if seq == 0 {
        return Ok(Some(hash::first(site)));
    }
    let hash: Option<Vec<u8>> =
        query("select hash from commits where seq = ?").bind(seq).scalar(conn).await?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

async fn erased_since(conn: &mut Conn, seq: i64) -> Result<bool, StoreError> {
    let text = "select seq from changes where seq > ? and op = ? limit 1";
    let erased: Option<i64> = query(text).bind(seq).bind(Op::Erase.as_str()).scalar(conn).await?;
    Ok(erased.is_some())
}

/// How many changes came after a commit, counted up to `most` and one.
async fn changes_since(conn: &mut Conn, seq: i64, most: usize) -> Result<usize, StoreError> {
    let most = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
    let text = "select count(*) from (select 1 from changes where seq > ? limit ?) behind";
    let count: i64 = query(text).bind(seq).bind(most).scalar(conn).await?.unwrap_or(0);
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Runs file work off the async threads.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| StoreError::damaged(e.to_string()))
}

impl Tables {
    /// What the snapshot file beside the store holds, if it is of this store and of use.
    pub(crate) async fn kept(&self) -> Result<Kept, Unfit> {
        let kept = self.read_kept().await;
        // A damaged file must not be taken for one that is already of this commit.
        if matches!(kept, Err(Unfit::Erased | Unfit::Unreadable(_))) && self.writes() {
            self.forget().await?;
        }
        kept
    }

    async fn read_kept(&self) -> Result<Kept, Unfit> {
        let Some(path) = self.beside().map(ToOwned::to_owned) else { return Err(Unfit::Missing) };
        let opened = blocking(move || Opened::open(&path)).await??;
        let (header, site) = (&opened.header, &self.site().id);
        if !header.is_ours() {
            return Err(Unfit::OtherVersion);
        }
        if header.site != *site {
            return Err(Unfit::OtherSite);
        }
        let mut tx = self.snapshot().await?;
        if commit_hash(&mut tx, site, header.seq).await? != Some(header.hash) {
            return Err(Unfit::OtherHistory);
        }
        if erased_since(&mut tx, header.seq).await? {
            return Err(Unfit::Erased);
        }
        let registry = self.shared().registry().fresh(&mut tx).await.map_err(Unfit::Store)?;
        let (real, derived): (Vec<_>, Vec<_>) = registry.iter().partition(|l| l.table.is_some());
        let same = real.len() == header.layers.len()
            && real
                .iter()
                .zip(&header.layers)
                .all(|(l, kept)| l.def.id.as_str() == kept.id && l.def.hash == kept.hash);
        if !same {
            return Err(Unfit::OtherLayers);
        }
        let rows: usize = header.layers.iter().map(|l| l.rows).sum();
        let most = LEAST_BEHIND.max(rows / 8);
        if changes_since(&mut tx, header.seq, most).await? > most {
            return Err(Unfit::FarBehind);
        }
        drop(tx);
        let head = header.seq;
        let defs: Vec<Arc<LayerDef>> = real.iter().map(|l| Arc::clone(&l.def)).collect();
        let (mut layers, photos) = blocking(move || opened.read(&defs)).await??;
        layers.extend(derived.iter().map(|l| Snapshot::build(Arc::clone(&l.def), Vec::new())));
        Ok(Kept { head, layers, photos })
    }

    /// Writes the snapshot file, unless the one that is there says the same; tells whether it was written.
    pub(crate) async fn keep(&self, kept: Kept) -> Result<bool, StoreError> {
        let Some(path) = self.beside().map(ToOwned::to_owned) else { return Ok(false) };
        let site = self.site().id;
        let seq = kept.head;
        let hash = commit_hash(&mut self.reader().await?, &site, seq).await?;
        let hash = hash.ok_or_else(|| StoreError::damaged(format!("commit {seq}: missing")))?;
        let written = blocking(move || {
            let there = Opened::open(&path).ok().map(|opened| opened.header);
            if there.is_some_and(|h| h.is_ours() && h.site == site && h.seq == seq && h.hash == hash) {
                return Ok(false);
            }
            let mut layers: Vec<_> = kept
                .layers
                .iter()
                .filter(|s| s.def().derived.is_none())
                .map(|s| (Arc::clone(s.def()), s.pack()))
                .collect();
            layers.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
            let header = Header::new(site, seq, hash, &layers);
            snapshot_file::write(&path, &header, &layers, &kept.photos)
        })
        .await??;
        // Whoever erases removes the file afterwards; whoever writes it looks afterwards. One of both sees the other.
        if written && erased_since(&mut self.reader().await?, seq).await? {
            self.forget().await?;
            return Ok(false);
        }
        Ok(written)
    }

    /// Removes the snapshot file.
    async fn forget(&self) -> Result<(), StoreError> {
        let Some(path) = self.beside().map(ToOwned::to_owned) else { return Ok(()) };
        blocking(move || snapshot_file::remove(&path)).await?
    }
}
