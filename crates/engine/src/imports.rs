//! Imports as readers of the site make, list and undo them: the policy around [`crate::import`], and an answer that
//! comes when this server shows what was stored.

use std::fs::File;
use std::sync::Arc;

use jiff::Timestamp;
use model::{Code, Columns as _, Fault, LayerDef, LayerId, Role, Text, ValueRef};
use serde::Serialize;
use store::{ALL_FIELDS, Undo, UndoRequest};
use uuid::Uuid;

use crate::import::{self, Content, ImportError, ImportFile, ImportOptions, MappingChoice, Preview, Receipt};
use crate::{Actor, Engine, EngineError};

/// The most imports that are listed.
const LISTED: usize = 200;
/// The most features a refusal names.
const NAMED: usize = 20;

/// A file sent to be imported.
#[derive(Debug, Clone)]
pub struct Upload {
    /// The layer.
    pub layer: String,
    /// The file's name.
    pub filename: String,
    /// Its content.
    pub file: Arc<File>,
    /// A built-in mapping; chosen by the header without.
    pub mapping: Option<String>,
    /// Fields and their columns.
    pub map: Vec<(String, String)>,
    /// The column that identifies a record.
    pub key: Option<String>,
    /// The coordinates' system.
    pub crs: Option<String>,
    /// Make the layer from the file.
    pub new_layer: bool,
    /// Only look.
    pub dry_run: bool,
    /// Names the request.
    pub idempotency_key: Option<String>,
}

/// The receipt, and of a dry run what it saw.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ImportAnswer {
    /// The receipt.
    #[serde(flatten)]
    pub receipt: Receipt,
    /// Columns and rows.
    #[serde(flatten)]
    pub preview: Option<Preview>,
}

/// An import in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Batch {
    /// Its name.
    pub batch: String,
    /// The layer.
    pub layer: String,
    /// The files, as they were named, when that is known.
    pub files: Vec<String>,
    /// When.
    pub at: String,
    /// Who.
    pub actor: String,
    /// Rows read.
    pub read: usize,
    /// New records with a place.
    pub stored: usize,
    /// Known records that changed.
    pub updated: usize,
    /// Known records that did not.
    pub unchanged: usize,
    /// New records without a place.
    pub waiting_for_location: usize,
    /// Rows refused.
    pub rejected: usize,
    /// Whether it was undone.
    pub undone: bool,
    /// When it was undone, and by whom.
    pub undone_at: Option<String>,
    /// By whom.
    pub undone_by: Option<String>,
    /// Whether this reader may undo it, if nothing was changed since.
    pub undoable: bool,
    /// Where the log stood then.
    pub mark: String,
}

/// An import undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// The import.
    pub batch: String,
    /// The layer.
    pub layer: String,
    /// Features that are gone.
    pub removed: usize,
    /// Features that are as before.
    pub restored: usize,
    /// Whether the layer has no feature left. It stays: a layer is not undone.
    pub empty: bool,
    /// Where the log stands.
    pub mark: String,
}

/// Whether a role may make layers: those who keep the ward's maps, not those who add to them in the field.
fn makes_layers(role: Role) -> bool {
    matches!(role, Role::Analyst | Role::Planner | Role::Admin)
}

impl Engine {
    /// Imports a file, or looks at what that would do. Returns when it is durable and shown.
    ///
    /// # Errors
    /// As [`crate::import`]; `unknown-layer`, `forbidden`, `idempotency-key-reused`.
    pub async fn import(&self, actor: &Actor, upload: Upload) -> Result<ImportAnswer, ImportError> {
        let layer = self.target(actor, &upload)?;
        let options = ImportOptions {
            layer,
            files: vec![ImportFile { name: upload.filename, content: Content::Open(upload.file) }],
            mapping: upload.mapping.map_or(MappingChoice::Auto, MappingChoice::Named),
            map: upload.map,
            key: upload.key,
            crs: upload.crs,
            source_layer: None,
            new_layer: upload.new_layer,
            dry_run: upload.dry_run,
            strict: false,
            rejects: None,
            actor: actor.name.clone(),
            role: Some(actor.role),
            idempotency_key: upload.idempotency_key.filter(|_| !upload.dry_run),
            at: self.now(),
        };
        let outcome = import::run(self.store(), &options).await?;
        if let Some(seq) = outcome.seq {
            self.shown(seq).await.map_err(|_| ImportError::Stopped)?;
        }
        Ok(ImportAnswer { receipt: outcome.receipt, preview: outcome.preview })
    }

    /// The layer an upload may fill.
    fn target(&self, actor: &Actor, upload: &Upload) -> Result<LayerId, Fault> {
        let world = self.world();
        let seen = Engine::layer_state(&world, actor, &upload.layer).ok();
        let unknown = || Fault::at(Code::UnknownLayer, "?layer", Code::UnknownLayer.title());
        let id = LayerId::new(&upload.layer);
        let editable = match seen {
            Some(state) => state.snapshot.def().editable(actor.role),
            None if upload.new_layer && id.is_some() => makes_layers(actor.role),
            None if upload.new_layer => {
                let detail = Text::new(
                    "Tên lớp gồm chữ thường không dấu, số và gạch dưới, bắt đầu bằng chữ",
                    "a layer's name is lower-case letters, digits and underscores and begins with a letter",
                );
                return Err(Fault::parameter(Code::InvalidParameter, "layer", detail));
            }
            None => return Err(unknown()),
        };
        if !editable {
            return Err(Fault::of(Code::Forbidden));
        }
        id.ok_or_else(unknown)
    }

    /// The last imports into layers the reader may see, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn imports(&self, actor: &Actor) -> Result<Vec<Batch>, EngineError> {
        let world = self.world();
        let all = self.store().batches(LISTED).await?;
        Ok(all
            .into_iter()
            .filter_map(|b| {
                let state = Engine::layer_state(&world, actor, &b.layer).ok()?;
                Some(self.told(b, state.snapshot.def().editable(actor.role)))
            })
            .collect())
    }

    fn told(&self, b: store::Batch, editable: bool) -> Batch {
        let (undone_at, undone_by) = match &b.undone {
            Some((_, at, by)) => (Some(at.to_string()), Some(by.clone())),
            None => (None, None),
        };
        Batch {
            undoable: editable && b.undone.is_none(),
            undone: b.undone.is_some(),
            mark: self.marks().make(b.seq),
            batch: b.batch,
            layer: b.layer,
            files: b.note.files,
            at: b.at.to_string(),
            actor: b.actor,
            read: b.note.read,
            stored: b.note.stored,
            updated: b.note.updated,
            unchanged: b.note.unchanged,
            waiting_for_location: b.note.waiting,
            rejected: b.note.rejected,
            undone_at,
            undone_by,
        }
    }

    /// Undoes an import in one commit. Returns when it is durable and shown.
    ///
    /// # Errors
    /// `unknown-batch`, `forbidden`; `already-undone`, `changed-since` with the features that were changed after it,
    /// `validity-overlap`. Nothing is changed then.
    pub async fn undo_import(&self, actor: &Actor, batch: &str) -> Result<Undone, EngineError> {
        let unknown = || Fault::of(Code::UnknownBatch);
        let found = self.store().batch(batch).await?.ok_or_else(unknown)?;
        let def = {
            let world = self.world();
            let state = Engine::layer_state(&world, actor, &found.layer).map_err(|_| unknown())?;
            Arc::clone(state.snapshot.def())
        };
        // Who may not write a field does not put it back either.
        let fields = self.store().batch_fields(found.seq).await?;
        let all_visible = fields.iter().all(|f| f == ALL_FIELDS || def.shows(actor.role, f));
        if !def.editable(actor.role) || !all_visible {
            return Err(Fault::of(Code::Forbidden).into());
        }
        let request = UndoRequest { batch: batch.to_owned(), actor: actor.name.clone(), at: self.now() };
        let done = match self.store().undo(request).await? {
            Undo::Done(done) => done,
            Undo::Already => return Err(Fault::of(Code::AlreadyUndone).into()),
            Undo::ChangedSince(ids) => {
                let label = |id| self.label(actor, &def, id);
                return Err(changed_since(&ids, label));
            }
        };
        self.shown(done.seq).await?;
        let world = self.world();
        let empty = Engine::layer_state(&world, actor, &done.layer).is_ok_and(|s| s.snapshot.is_empty());
        Ok(Undone {
            batch: batch.to_owned(),
            layer: done.layer,
            removed: done.removed,
            restored: done.restored,
            empty,
            mark: self.marks().make(done.seq),
        })
    }

    /// What a feature is called, as far as the reader may know.
    fn label(&self, actor: &Actor, def: &LayerDef, id: Uuid) -> Option<String> {
        let world = self.world();
        let snapshot = &Engine::layer_state(&world, actor, def.id.as_str()).ok()?.snapshot;
        let field = def.label.filter(|i| def.fields[*i].visible(actor.role))?;
        match snapshot.value(snapshot.find(id)?, field, None) {
            ValueRef::Text(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

/// Undoes an import in a store that no server of this process shows.
///
/// # Errors
/// As [`Engine::undo_import`].
pub async fn undo_import(
    store: &store::Store,
    batch: &str,
    actor: &str,
    at: Timestamp,
) -> Result<store::Undone, EngineError> {
    let request = UndoRequest { batch: batch.to_owned(), actor: actor.to_owned(), at };
    match store.undo(request).await? {
        Undo::Done(done) => Ok(done),
        Undo::Already => Err(Fault::of(Code::AlreadyUndone).into()),
        Undo::ChangedSince(ids) => Err(changed_since(&ids, |_| None)),
    }
}

/// The refusal: how many, and the first of them by label and id.
fn changed_since(ids: &[Uuid], label: impl Fn(Uuid) -> Option<String>) -> EngineError {
    let names: Vec<String> =
        ids.iter().take(NAMED).map(|id| label(*id).unwrap_or_else(|| id.to_string())).collect();
    let (n, more) = (ids.len(), if ids.len() > NAMED { ", …" } else { "" });
    let list = names.join(", ");
    let whole = Text::new(
        format!("{n} bản ghi đã được sửa sau lượt nhập: {list}{more}"),
        format!("{n} records were changed after the import: {list}{more}"),
    );
    let mut faults = vec![Fault::at(Code::ChangedSince, "", whole)];
    faults.extend(
        ids.iter()
            .zip(&names)
            .map(|(id, name)| Fault::at(Code::ChangedSince, id.to_string(), Text::new(name, name))),
    );
    EngineError::Faults(faults)
}
