//! Keeps features and the log: GeoPackage, file formats, backup, verify, redact. The only crate with SQL.
//!
//! [`Store`] is a closed enum: each variant keeps the same tables and the same log, and one contract suite runs on
//! all of them. Every change is written together with its log entry in one transaction; there is no other way to
//! change a row.

mod edit;
mod error;
pub mod format;
mod gpkg;
mod import;
mod log;
mod report;
mod site;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use model::{Code, Fault, Feature, LayerDef, LayerId, Touched};
use spatial::Row;
use tokio::sync::watch;
use uuid::Uuid;

pub use edit::{Current, Decide, Decision, EditRequest, Edited, Idempotency};
pub use error::StoreError;
pub use gpkg::{Gpkg, Loaded};
pub use import::{ImportRequest, ImportRow, Imported};
pub use log::{ALL_FIELDS, Change, Commit, LAYERS, LoggedChange, Op, Until};
pub use report::{Problem, Redaction, VerifyReport, codes};
pub use site::{NewSite, Site};

/// A site's store. Clones share it.
#[derive(Clone)]
pub enum Store {
    /// One GeoPackage file.
    Gpkg(Gpkg),
}

fn layer_id(layer: &str) -> Result<LayerId, StoreError> {
    LayerId::new(layer).ok_or_else(|| Fault::at(Code::UnknownLayer, layer, Code::UnknownLayer.title()).into())
}

impl Store {
    /// Makes a site in a GeoPackage at `path`, which must not exist, and opens it.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Io`], [`StoreError::Database`].
    pub async fn create(path: &Path, site: NewSite, layers: &[Arc<LayerDef>]) -> Result<Store, StoreError> {
        let made = Gpkg::create(path, site, layers, "system", Timestamp::now()).await?;
        Ok(Store::Gpkg(made))
    }

    /// Opens the site in the GeoPackage at `path` and begins to follow it.
    ///
    /// # Errors
    /// [`StoreError::NotASite`], [`StoreError::TooNew`], [`StoreError::Sqlite`], [`StoreError::Missing`].
    pub async fn open(path: &Path) -> Result<Store, StoreError> {
        Ok(Store::Gpkg(Gpkg::open(path).await?))
    }

    /// Opens a site for reading only; nothing is written beside it either.
    ///
    /// # Errors
    /// As [`Store::open`], and [`StoreError::TooOld`] where a migration would have to come first.
    pub async fn open_read_only(path: &Path) -> Result<Store, StoreError> {
        Ok(Store::Gpkg(Gpkg::open_read_only(path).await?))
    }

    /// Who and what the store belongs to.
    pub fn site(&self) -> &Site {
        match self {
            Store::Gpkg(s) => s.site(),
        }
    }

    /// The layers, by name.
    ///
    /// # Errors
    /// [`StoreError::Database`].
    pub async fn layers(&self) -> Result<Vec<Arc<LayerDef>>, StoreError> {
        match self {
            Store::Gpkg(s) => s.fresh_layers().await,
        }
    }

    /// Adds or extends layers in one commit; `None` when nothing changed.
    ///
    /// # Errors
    /// [`StoreError::Incompatible`] where the table cannot follow the definition.
    pub async fn define(
        &self,
        defs: Vec<Arc<LayerDef>>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        match self {
            Store::Gpkg(s) => s.define(defs, actor, at).await,
        }
    }

    /// Adds or extends one layer.
    ///
    /// # Errors
    /// As [`Store::define`].
    pub async fn define_layer(
        &self,
        def: Arc<LayerDef>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        self.define(vec![def], actor, at).await
    }

    /// Makes one edit; returns when it is durable.
    ///
    /// # Errors
    /// [`StoreError::Fault`] from the rules; others when it could not be made durable.
    pub async fn edit(&self, request: EditRequest) -> Result<Edited, StoreError> {
        match self {
            Store::Gpkg(s) => s.edit(request).await,
        }
    }

    /// Stores records together, in one commit.
    ///
    /// # Errors
    /// As [`Store::edit`].
    pub async fn import(&self, request: ImportRequest) -> Result<Imported, StoreError> {
        match self {
            Store::Gpkg(s) => s.import(request).await,
        }
    }

    /// Everything at one moment, without cold values.
    ///
    /// # Errors
    /// [`StoreError::Database`], [`StoreError::Damaged`].
    pub async fn load(&self) -> Result<Loaded, StoreError> {
        match self {
            Store::Gpkg(s) => s.load().await,
        }
    }

    /// One layer at one moment: the head, the definition, the rows.
    ///
    /// # Errors
    /// As [`Store::load`]; `unknown-layer`.
    pub async fn load_one(&self, layer: &LayerId) -> Result<(i64, Arc<LayerDef>, Vec<Row>), StoreError> {
        match self {
            Store::Gpkg(s) => s.load_one(layer).await,
        }
    }

    /// The next commits after `seq`, in order, at most `limit`.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn commits_after(&self, seq: i64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        match self {
            Store::Gpkg(s) => s.commits_after(seq, limit).await,
        }
    }

    /// The changes of one feature, newest first, at most 1,000.
    ///
    /// # Errors
    /// As [`Store::load`]; `unknown-layer`.
    pub async fn history(&self, layer: &str, id: Uuid) -> Result<Vec<LoggedChange>, StoreError> {
        match self {
            Store::Gpkg(s) => s.history(&layer_id(layer)?, id).await,
        }
    }

    /// How many changes each role saw of a feature, up to and with commit `until`.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn touched(&self, layer: &str, id: Uuid, until: i64) -> Result<Touched, StoreError> {
        match self {
            Store::Gpkg(s) => s.touched(&layer_id(layer)?, id, until).await,
        }
    }

    /// The rows of a layer as the log knew them, without cold values, at most `limit`.
    ///
    /// # Errors
    /// `too-large` when there are more; as [`Store::history`].
    pub async fn as_recorded(&self, layer: &str, until: Until, limit: usize) -> Result<Vec<Row>, StoreError> {
        let rows = match self {
            Store::Gpkg(s) => s.as_recorded(&layer_id(layer)?, until, limit.saturating_add(1)).await?,
        };
        if rows.len() > limit { Err(Fault::of(Code::TooLarge).into()) } else { Ok(rows) }
    }

    /// Whole features by id, cold values included; unknown ids are left out.
    ///
    /// # Errors
    /// As [`Store::history`].
    pub async fn cold(&self, layer: &str, ids: &[Uuid]) -> Result<Vec<Feature>, StoreError> {
        match self {
            Store::Gpkg(s) => s.cold(&layer_id(layer)?, ids).await,
        }
    }

    /// The last commit known.
    pub fn head(&self) -> i64 {
        match self {
            Store::Gpkg(s) => s.head(),
        }
    }

    /// Tells of every new head: own commits at once, those of other processes within 250 ms.
    pub fn changes(&self) -> watch::Receiver<i64> {
        match self {
            Store::Gpkg(s) => s.changes(),
        }
    }

    /// What keeps the store from working well; empty when nothing does.
    pub fn troubles(&self) -> Vec<String> {
        match self {
            Store::Gpkg(s) => s.troubles(),
        }
    }

    /// Checks the site at `path`: file, log, rows, anchor (beside it when none is named).
    ///
    /// # Errors
    /// Only when nothing could be checked: no such file, an untrusted SQLite, the file held by another process.
    pub async fn verify(path: &Path, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
        gpkg::verify_file(path, anchor).await
    }

    /// Copies the site to `out`, which must not exist, while it is in use.
    ///
    /// # Errors
    /// [`StoreError::Exists`], [`StoreError::Io`], [`StoreError::Database`].
    pub async fn backup(&self, out: &Path) -> Result<(), StoreError> {
        match self {
            Store::Gpkg(s) => s.backup(out).await,
        }
    }

    /// Erases a field of a feature (or the feature) from row and log, and its traces from the file. Answers the
    /// number of the commit that says so.
    ///
    /// # Errors
    /// `unknown-layer`, `unknown-feature`, `unknown-field`; [`StoreError::EraseUnfinished`].
    pub async fn redact(
        &self,
        layer: &str,
        id: Uuid,
        field: Option<&str>,
        reason: &str,
        actor: &str,
        at: Timestamp,
    ) -> Result<i64, StoreError> {
        let request = gpkg::RedactRequest {
            layer: layer_id(layer)?,
            id,
            field: field.map(str::to_owned),
            reason: reason.to_owned(),
            actor: actor.to_owned(),
            at,
        };
        match self {
            Store::Gpkg(s) => s.redact(request).await,
        }
    }

    /// Ends the writer, anchors the head, closes every connection.
    ///
    /// # Errors
    /// [`StoreError::Io`], [`StoreError::Database`].
    pub async fn close(&self) -> Result<(), StoreError> {
        match self {
            Store::Gpkg(s) => s.close().await,
        }
    }
}
