//! Keeps features and the log: GeoPackage, import and export formats, backup, verify.
//!
//! Every change is an entry in an append-only, hash-chained log, written in the transaction that changes the row.
//! [`Store`] is a closed set of kinds of stores; they answer alike, and `tests/contract.rs` runs on each.

mod attachment;
mod basemap;
mod edit;
mod error;
pub mod format;
mod gpkg;
mod import;
mod log;
mod report;
mod site;
mod snapshot_file;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use model::{Feature, LayerDef, LayerId, Touched};
use tokio::sync::watch;
use uuid::Uuid;

pub use attachment::{ATTACHMENTS, Attachment, Claim, Upload};
pub use basemap::{Basemap, BasemapAbout, BasemapTile, VectorLayer};
pub use edit::{Current, Decide, Decision, EditRequest, Edited, Idempotency};
pub use error::StoreError;
pub use gpkg::{Gpkg, Loaded};
pub use import::{
    Batch, ImportNote, ImportRequest, ImportRow, Imported, Settle, Undo, UndoRequest, Undone, note_of, undoes,
};
pub use log::{ALL_FIELDS, Change, Commit, LAYERS, LoggedChange, Op, Until};
pub use report::{Problem, Redaction, VerifyReport, codes};
pub use site::{NewSite, Site};
pub use snapshot_file::{Kept, Unfit};

/// Where a site is kept. Clones share everything.
#[derive(Clone)]
pub enum Store {
    /// In one GeoPackage file.
    Gpkg(Gpkg),
}

impl Store {
    /// Makes a site at `path` with these layers, defined in one commit of `actor`, and opens it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is a file; nothing is left behind when anything fails.
    pub async fn create(
        path: &Path,
        site: NewSite,
        layers: &[Arc<LayerDef>],
        actor: &str,
        at: Timestamp,
    ) -> Result<Store, StoreError> {
        Gpkg::create(path, site, layers, actor, at).await.map(Store::Gpkg)
    }

    /// Opens a site and brings it to the newest schema (a copy is made first).
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::NotASite`], [`StoreError::TooNew`], [`StoreError::Sqlite`], or what the
    /// database says.
    pub async fn open(path: &Path) -> Result<Store, StoreError> {
        Gpkg::open(path).await.map(Store::Gpkg)
    }

    /// Opens a site that this process will not change. Changes by others are followed.
    ///
    /// # Errors
    /// As [`Store::open`], and [`StoreError::TooOld`] when it would have to be migrated.
    pub async fn open_read_only(path: &Path) -> Result<Store, StoreError> {
        Gpkg::open_read_only(path).await.map(Store::Gpkg)
    }

    /// Checks the site at `path`, however damaged, against `anchor` or the anchor beside it.
    ///
    /// # Errors
    /// Only when the file or the named anchor cannot be opened; what is wrong with the site is in the report.
    pub async fn verify_file(path: &Path, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
        gpkg::verify_file(path, anchor).await
    }

    /// The site.
    pub fn site(&self) -> &Site {
        let Store::Gpkg(g) = self;
        g.site()
    }

    /// The layers, by name; derived ones too.
    pub fn layers(&self) -> Vec<Arc<LayerDef>> {
        let Store::Gpkg(g) = self;
        g.layers()
    }

    /// What keeps the store from working well; empty when nothing does.
    pub fn troubles(&self) -> Vec<String> {
        let Store::Gpkg(g) = self;
        g.troubles()
    }

    /// How many changes each role saw of a feature, up to and with commit `until`.
    ///
    /// # Errors
    /// `unknown-layer`, or the database's.
    pub async fn touched(&self, layer: &LayerId, id: Uuid, until: i64) -> Result<Touched, StoreError> {
        let Store::Gpkg(g) = self;
        g.touched(layer, id, until).await
    }

    /// The last commit known here.
    pub fn head(&self) -> i64 {
        let Store::Gpkg(g) = self;
        g.head()
    }

    /// Tells of every new head: of own commits at once, of another process's within 100 ms.
    pub fn changes(&self) -> watch::Receiver<i64> {
        let Store::Gpkg(g) = self;
        g.changes()
    }

    /// Makes a layer, or extends it to this definition; answers the commit, `None` when nothing changed.
    ///
    /// # Errors
    /// [`StoreError::Incompatible`] when the table cannot be extended to it.
    pub async fn define_layer(
        &self,
        def: Arc<LayerDef>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let Store::Gpkg(g) = self;
        g.define(vec![def], actor, at).await
    }

    /// Everything, at one moment, without cold values.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(&self) -> Result<Loaded, StoreError> {
        let Store::Gpkg(g) = self;
        g.load().await
    }

    /// Everything, as the snapshot file beside the store holds it: how it was at some commit, after which the log goes
    /// on. A file that may hold what was erased since is deleted.
    ///
    /// # Errors
    /// Why the file is of no use; [`Store::load`] then knows everything.
    pub async fn kept(&self) -> Result<Kept, Unfit> {
        let Store::Gpkg(g) = self;
        g.kept().await
    }

    /// Writes the snapshot file beside the store, whole or not at all, unless the one there is of the same commit; tells
    /// whether it did.
    ///
    /// # Errors
    /// What the file system or the database says.
    pub async fn keep(&self, kept: Kept) -> Result<bool, StoreError> {
        let Store::Gpkg(g) = self;
        g.keep(kept).await
    }

    /// One layer: the head at that moment, its definition, its rows in the order of `fid`.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub async fn load_one(
        &self,
        layer: &LayerId,
    ) -> Result<(i64, Arc<LayerDef>, Vec<spatial::Row>), StoreError> {
        let Store::Gpkg(g) = self;
        g.load_one(layer).await
    }

    /// Commits after `seq` in their order, at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn commits_after(&self, seq: i64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        let Store::Gpkg(g) = self;
        g.commits_after(seq, limit).await
    }

    /// Makes one edit: reads what it meets and lets `decide` say what becomes of it, in one transaction. It
    /// answers when the change is durable.
    ///
    /// # Errors
    /// The fault of `decide`; `unknown-layer`, `unknown-feature`, `idempotency-key-reused`, or values the table
    /// cannot hold. Nothing is changed then.
    pub async fn edit(&self, request: EditRequest) -> Result<Edited, StoreError> {
        let Store::Gpkg(g) = self;
        g.edit(request).await
    }

    /// Stores many records in one commit, all or none.
    ///
    /// # Errors
    /// `duplicate-key` when two records have one key, `validity-overlap`, or values the table cannot hold.
    pub async fn import(&self, request: ImportRequest) -> Result<Imported, StoreError> {
        let Store::Gpkg(g) = self;
        g.import(request).await
    }

    /// Undoes an import in one commit: what it made goes, what it changed is as before.
    ///
    /// # Errors
    /// `unknown-batch`; `validity-overlap` when what was before no longer fits. Nothing is changed then.
    pub async fn undo(&self, request: UndoRequest) -> Result<Undo, StoreError> {
        let Store::Gpkg(g) = self;
        g.undo(request).await
    }

    /// The last imports, newest first, at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batches(&self, limit: usize) -> Result<Vec<Batch>, StoreError> {
        let Store::Gpkg(g) = self;
        g.batches(limit).await
    }

    /// One import.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batch(&self, batch: &str) -> Result<Option<Batch>, StoreError> {
        let Store::Gpkg(g) = self;
        g.batch(batch).await
    }

    /// Names of the fields that the commit of an import changed in known features.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batch_fields(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        let Store::Gpkg(g) = self;
        g.batch_fields(seq).await
    }

    /// Whether this actor has used this key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn key_used(&self, actor: &str, key: &str) -> Result<bool, StoreError> {
        let Store::Gpkg(g) = self;
        g.key_used(actor, key).await
    }

    /// Keeps a photo. The same photo again is the same attachment; that another uploaded it too is logged. Answers
    /// the commit when it is durable, `None` when there was nothing new.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attach(&self, upload: Upload) -> Result<Option<i64>, StoreError> {
        let Store::Gpkg(g) = self;
        g.attach(upload).await
    }

    /// The bytes of a photo; `None` when there is none of that hash.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attachment(&self, sha256: &str) -> Result<Option<Attachment>, StoreError> {
        let Store::Gpkg(g) = self;
        g.attachment(sha256).await
    }

    /// Who uploaded a photo; `None` when there is none of that hash.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claims(&self, sha256: &str) -> Result<Option<Vec<Claim>>, StoreError> {
        let Store::Gpkg(g) = self;
        g.claims(sha256).await
    }

    /// Changes of one feature, newest first, at most 1000.
    ///
    /// # Errors
    /// What the database says.
    pub async fn history(&self, layer: &LayerId, id: Uuid) -> Result<Vec<LoggedChange>, StoreError> {
        let Store::Gpkg(g) = self;
        g.history(layer, id).await
    }

    /// The rows of a layer as the log knew them, at most `limit`, in the order of `fid`, without cold values. A row
    /// whose content of that moment was erased is left out.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub async fn as_recorded(
        &self,
        layer: &LayerId,
        until: Until,
        limit: usize,
    ) -> Result<Vec<spatial::Row>, StoreError> {
        let Store::Gpkg(g) = self;
        g.as_recorded(layer, until, limit).await
    }

    /// Whole rows by id, with cold values and given geometry, in the order of `fid`; unknown ids are left out.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub async fn cold(&self, layer: &LayerId, ids: &[Uuid]) -> Result<Vec<Feature>, StoreError> {
        let Store::Gpkg(g) = self;
        g.cold(layer, ids).await
    }

    /// Checks the store against `anchor` or the anchor beside it.
    ///
    /// # Errors
    /// Only when the file or the named anchor cannot be opened.
    pub async fn verify(&self, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
        let Store::Gpkg(g) = self;
        g.verify(anchor).await
    }

    /// Copies the site to `out` while it is used.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is such a file.
    pub async fn backup(&self, out: &Path) -> Result<(), StoreError> {
        let Store::Gpkg(g) = self;
        g.backup(out).await
    }

    /// Erases a feature, or one field of it (`geometry` and `given` too), from the row, the log and the file, and
    /// with its photos those that no other feature cites; answers the commit that says so.
    ///
    /// # Errors
    /// `unknown-feature`, `unknown-field`; [`StoreError::Busy`] when another process does not let go of the file
    /// (nothing is changed then), [`StoreError::EraseUnfinished`] when it took hold of it meanwhile.
    pub async fn redact(
        &self,
        layer: &LayerId,
        id: Uuid,
        field: Option<&str>,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<i64, StoreError> {
        let Store::Gpkg(g) = self;
        g.redact(gpkg::RedactRequest {
            layer: layer.clone(),
            id,
            field: field.map(str::to_owned),
            reason: reason.to_owned(),
            actor: actor.to_owned(),
            at,
        })
        .await
    }

    /// Finishes what is under way, writes the anchor, moves everything into the file and closes it. Other clones
    /// answer [`StoreError::Closed`] from then on.
    ///
    /// # Errors
    /// What could not be written.
    pub async fn close(&self) -> Result<(), StoreError> {
        let Store::Gpkg(g) = self;
        g.close().await
    }
}
