//! Keeps features and the log: GeoPackage and PostGIS, import and export formats, backup, verify.
//!
//! Every change is an entry in an append-only, hash-chained log, written in the transaction that changes the row.
//! [`Store`] is a closed set of kinds of stores; they answer alike, and `tests/contract` runs on each.

mod advice;
mod attachment;
mod basemap;
mod edit;
mod error;
pub mod format;
mod gpkg;
mod import;
mod log;
mod place;
mod postgis;
mod report;
mod site;
mod snapshot_file;
mod sql;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use model::{Feature, LayerDef, LayerId, Touched};
use sql::tables::Tables;
use tokio::sync::watch;
use uuid::Uuid;

pub use attachment::{ATTACHMENTS, Attachment, Claim, Upload};
pub use basemap::{Basemap, BasemapAbout, BasemapTile, VectorLayer};
pub use edit::{Current, Decide, Decision, EditRequest, Edited, Idempotency};
pub use error::StoreError;
pub use gpkg::Gpkg;
pub use import::{
    Batch, ImportNote, ImportRequest, ImportRow, Imported, Settle, Undo, UndoRequest, Undone, note_of, undoes,
};
pub use log::{ALL_FIELDS, Change, Commit, LAYERS, LoggedChange, Op, Until};
pub use place::{Database, Place};
pub use postgis::Postgis;
pub use report::{Problem, Redaction, VerifyReport, codes};
pub use site::{NewSite, Site};
pub use snapshot_file::{Kept, Unfit};
pub use sql::load::Loaded;

/// Where a site is kept. Clones share everything.
#[derive(Clone)]
pub enum Store {
    /// In one GeoPackage file.
    Gpkg(Gpkg),
    /// In a schema of a PostgreSQL database with PostGIS.
    Postgis(Postgis),
}

impl Store {
    /// Makes a site at `place` with these layers, defined in one commit of `actor`, and opens it.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is one; nothing is left behind when anything fails.
    pub async fn create(
        place: impl Into<Place>,
        site: NewSite,
        layers: &[Arc<LayerDef>],
        actor: &str,
        at: Timestamp,
    ) -> Result<Store, StoreError> {
        match place.into() {
            Place::File(path) => Gpkg::create(&path, site, layers, actor, at).await.map(Store::Gpkg),
            Place::Database(db) => Postgis::create(&db, site, layers, actor, at).await.map(Store::Postgis),
        }
    }

    /// Opens a site and brings it to the newest schema (a copy is made first).
    ///
    /// # Errors
    /// [`StoreError::Missing`], [`StoreError::NotASite`], [`StoreError::TooNew`], [`StoreError::Sqlite`], or what the
    /// database says.
    pub async fn open(place: impl Into<Place>) -> Result<Store, StoreError> {
        match place.into() {
            Place::File(path) => Gpkg::open(&path).await.map(Store::Gpkg),
            Place::Database(db) => Postgis::open(&db).await.map(Store::Postgis),
        }
    }

    /// Opens a site that this process will not change. Changes by others are followed.
    ///
    /// # Errors
    /// As [`Store::open`], and [`StoreError::TooOld`] when it would have to be migrated.
    pub async fn open_read_only(place: impl Into<Place>) -> Result<Store, StoreError> {
        match place.into() {
            Place::File(path) => Gpkg::open_read_only(&path).await.map(Store::Gpkg),
            Place::Database(db) => Postgis::open_read_only(&db).await.map(Store::Postgis),
        }
    }

    /// Checks the site at `place`, however damaged, against `anchor` or the anchor beside it.
    ///
    /// # Errors
    /// Only when the place or the named anchor cannot be opened; what is wrong with the site is in the report.
    pub async fn verify_at(
        place: impl Into<Place>,
        anchor: Option<&Path>,
    ) -> Result<VerifyReport, StoreError> {
        match place.into() {
            Place::File(path) => gpkg::verify_file(&path, anchor).await,
            Place::Database(db) => postgis::verify_database(&db, anchor).await,
        }
    }

    /// Whether there is something at `place` where a site would be.
    ///
    /// # Errors
    /// When a database cannot be reached.
    pub async fn exists(place: impl Into<Place>) -> Result<bool, StoreError> {
        match place.into() {
            Place::File(path) => Ok(path.exists()),
            Place::Database(db) => postgis::exists(&db).await,
        }
    }

    /// Removes a closed site with what is kept beside it: one that was made for an import that came to nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn discard(place: impl Into<Place>) -> Result<(), StoreError> {
        match place.into() {
            Place::File(path) => {
                gpkg::discard(&path);
                Ok(())
            }
            Place::Database(db) => postgis::discard(&db).await,
        }
    }

    /// Where it is kept.
    pub fn place(&self) -> Place {
        match self {
            Store::Gpkg(g) => g.path().into(),
            Store::Postgis(p) => p.database().into(),
        }
    }

    fn tables(&self) -> &Tables {
        match self {
            Store::Gpkg(g) => g.tables(),
            Store::Postgis(p) => p.tables(),
        }
    }

    /// The site.
    pub fn site(&self) -> &Site {
        self.tables().site()
    }

    /// The layers, by name; derived ones too.
    pub fn layers(&self) -> Vec<Arc<LayerDef>> {
        self.tables().layers()
    }

    /// What keeps the store from working well; empty when nothing does.
    pub fn troubles(&self) -> Vec<String> {
        match self {
            Store::Gpkg(g) => g.troubles(),
            Store::Postgis(p) => p.troubles(),
        }
    }

    /// How many changes each role saw of a feature, up to and with commit `until`.
    ///
    /// # Errors
    /// `unknown-layer`, or the database's.
    pub async fn touched(&self, layer: &LayerId, id: Uuid, until: i64) -> Result<Touched, StoreError> {
        self.tables().touched(layer, id, until).await
    }

    /// The last commit known here.
    pub fn head(&self) -> i64 {
        self.tables().head()
    }

    /// Tells of every new head: of own commits at once, of another process's within 100 ms.
    pub fn changes(&self) -> watch::Receiver<i64> {
        self.tables().changes()
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
        self.tables().define(vec![def], actor, at).await
    }

    /// Everything, at one moment, without cold values.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load(&self) -> Result<Loaded, StoreError> {
        self.tables().load().await
    }

    /// Everything, as the snapshot file beside the store holds it: how it was at some commit, after which the log goes
    /// on. A file that may hold what was erased since is deleted.
    ///
    /// # Errors
    /// Why the file is of no use; [`Store::load`] then knows everything.
    pub async fn kept(&self) -> Result<Kept, Unfit> {
        self.tables().kept().await
    }

    /// Writes the snapshot file beside the store, whole or not at all, unless the one there is of the same commit; tells
    /// whether it did.
    ///
    /// # Errors
    /// What the file system or the database says.
    pub async fn keep(&self, kept: Kept) -> Result<bool, StoreError> {
        self.tables().keep(kept).await
    }

    /// One layer: the head at that moment, its definition, its rows in the order of `fid`.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub async fn load_one(
        &self,
        layer: &LayerId,
    ) -> Result<(i64, Arc<LayerDef>, Vec<spatial::Row>), StoreError> {
        self.tables().load_one(layer).await
    }

    /// Commits after `seq` in their order, at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn commits_after(&self, seq: i64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        self.tables().commits_after(seq, limit).await
    }

    /// Makes one edit: reads what it meets and lets `decide` say what becomes of it, in one transaction. It
    /// answers when the change is durable.
    ///
    /// # Errors
    /// The fault of `decide`; `unknown-layer`, `unknown-feature`, `idempotency-key-reused`, or values the table
    /// cannot hold. Nothing is changed then.
    pub async fn edit(&self, request: EditRequest) -> Result<Edited, StoreError> {
        self.tables().edit(request).await
    }

    /// Stores many records in one commit, all or none.
    ///
    /// # Errors
    /// `duplicate-key` when two records have one key, `validity-overlap`, or values the table cannot hold.
    pub async fn import(&self, request: ImportRequest) -> Result<Imported, StoreError> {
        self.tables().import(request).await
    }

    /// Undoes an import in one commit: what it made goes, what it changed is as before.
    ///
    /// # Errors
    /// `unknown-batch`; `validity-overlap` when what was before no longer fits. Nothing is changed then.
    pub async fn undo(&self, request: UndoRequest) -> Result<Undo, StoreError> {
        self.tables().undo(request).await
    }

    /// The last imports, newest first, at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batches(&self, limit: usize) -> Result<Vec<Batch>, StoreError> {
        self.tables().batches(limit).await
    }

    /// One import.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batch(&self, batch: &str) -> Result<Option<Batch>, StoreError> {
        self.tables().batch(batch).await
    }

    /// Names of the fields that the commit of an import changed in known features.
    ///
    /// # Errors
    /// What the database says.
    pub async fn batch_fields(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        self.tables().batch_fields(seq).await
    }

    /// Whether this actor has used this key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn key_used(&self, actor: &str, key: &str) -> Result<bool, StoreError> {
        self.tables().key_used(actor, key).await
    }

    /// Keeps a photo. The same photo again is the same attachment; that another uploaded it too is logged. Answers
    /// the commit when it is durable, `None` when there was nothing new.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attach(&self, upload: Upload) -> Result<Option<i64>, StoreError> {
        self.tables().attach(upload).await
    }

    /// The bytes of a photo; `None` when there is none of that hash.
    ///
    /// # Errors
    /// What the database says.
    pub async fn attachment(&self, sha256: &str) -> Result<Option<Attachment>, StoreError> {
        self.tables().attachment(sha256).await
    }

    /// Who uploaded a photo; `None` when there is none of that hash.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claims(&self, sha256: &str) -> Result<Option<Vec<Claim>>, StoreError> {
        self.tables().claims(sha256).await
    }

    /// Changes of one feature, newest first, at most 1000.
    ///
    /// # Errors
    /// What the database says.
    pub async fn history(&self, layer: &LayerId, id: Uuid) -> Result<Vec<LoggedChange>, StoreError> {
        self.tables().history(layer, id).await
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
        self.tables().as_recorded(layer, until, limit).await
    }

    /// Whole rows by id, with cold values and given geometry, in the order of `fid`; unknown ids are left out.
    ///
    /// # Errors
    /// `unknown-layer`.
    pub async fn cold(&self, layer: &LayerId, ids: &[Uuid]) -> Result<Vec<Feature>, StoreError> {
        self.tables().cold(layer, ids).await
    }

    /// Checks the store against `anchor` or the anchor beside it.
    ///
    /// # Errors
    /// Only when the file or the named anchor cannot be opened.
    pub async fn verify(&self, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
        match self {
            Store::Gpkg(g) => g.verify(anchor).await,
            Store::Postgis(p) => p.verify(anchor).await,
        }
    }

    /// Copies the site to `out` while it is used.
    ///
    /// # Errors
    /// [`StoreError::Exists`] when there is such a file; [`StoreError::NoFileCopy`] of a site in a database.
    pub async fn backup(&self, out: &Path) -> Result<(), StoreError> {
        match self {
            Store::Gpkg(g) => g.backup(out).await,
            Store::Postgis(_) => Err(StoreError::NoFileCopy),
        }
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
        self.tables()
            .redact(sql::erase::RedactRequest {
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
        self.tables().close().await
    }
}
