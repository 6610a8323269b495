//! An import: many rows, one commit, all or nothing.

use std::sync::Arc;

use jiff::Timestamp;
use model::{Fault, Feature, LayerId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Idempotency;

/// One record of a source.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Its key in the source. A row of the layer with the same `source_key` is the same record.
    pub key: String,
    /// Its values. `id` is taken when the record is new (a nil id is replaced by a fresh one).
    pub feature: Feature,
}

/// Settles a record (by its number among the rows) against the row it belongs to, `None` for a new one. Runs inside the
/// transaction, so what it meets is what will be written over; a fault refuses the whole import.
pub type Settle = Arc<dyn Fn(usize, Option<&Feature>, &mut Feature) -> Result<(), Fault> + Send + Sync>;

/// Records to be stored together.
#[derive(Clone)]
pub struct ImportRequest {
    /// The layer.
    pub layer: LayerId,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// Names the import in the log.
    pub batch: String,
    /// What the log is told about the files; it stands in the place of `reason`.
    pub note: Option<ImportNote>,
    /// Answers a repetition.
    pub idempotency: Option<Idempotency>,
    /// The records, with distinct keys.
    pub rows: Vec<ImportRow>,
    /// Indices of the fields the source speaks about: these are compared and overwritten in known records.
    pub mapped: Vec<usize>,
    /// Whether the source speaks about geometry. A record without one never takes a known record's away.
    pub has_location: bool,
    /// The rules beyond these.
    pub settle: Option<Settle>,
}

/// What came of an import. The counts are disjoint and their sum is the number of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// The commit; `None` when nothing changed.
    pub seq: Option<i64>,
    /// New records with a place (in a layer without geometry: new records).
    pub stored: usize,
    /// New records without a place, in a layer with geometry.
    pub waiting: usize,
    /// Known records that changed.
    pub updated: usize,
    /// Known records that did not.
    pub unchanged: usize,
    /// The features, in the order of the rows; none of a repetition.
    pub ids: Vec<Uuid>,
    /// The batch of the earlier request of the same key, which this answers.
    pub replayed: Option<Batch>,
}

/// What the log keeps of an import besides its rows: where they came from and the numbers of the receipt. Given to an
/// import, the counts are those of rows that do not reach the store.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportNote {
    /// The files, as they were named.
    pub files: Vec<String>,
    /// SHA-256 of each.
    pub sha256: Vec<String>,
    /// Rows read.
    pub read: usize,
    /// New records with a place.
    pub stored: usize,
    /// Known records that changed.
    pub updated: usize,
    /// Known records that did not.
    pub unchanged: usize,
    /// New records without a place.
    pub waiting: usize,
    /// Rows refused.
    pub rejected: usize,
}

/// A commit's reason when it is a note.
#[derive(Serialize, Deserialize)]
struct Reason {
    import: ImportNote,
}

impl ImportNote {
    /// The note as a commit's reason.
    pub(crate) fn reason(&self) -> String {
        serde_json::to_string(&Reason { import: self.clone() }).unwrap_or_default()
    }
}

/// The note that a commit's reason is.
pub fn note_of(reason: Option<&str>) -> Option<ImportNote> {
    let reason = reason.filter(|r| r.starts_with("{\"import\""))?;
    serde_json::from_str::<Reason>(reason).ok().map(|r| r.import)
}

/// What stands before the batch in the commit that undoes it.
const UNDO: &str = "undo:";

/// The batch of the commit that undoes `batch`.
pub(crate) fn undoing(batch: &str) -> String {
    format!("{UNDO}{batch}")
}

/// Whether a commit of this batch undoes an import.
pub fn undoes(batch: &str) -> bool {
    batch.starts_with(UNDO)
}

/// An import as the log tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub batch: String,
    /// Its commit.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// The layer.
    pub layer: String,
    /// What it was; of imports that were logged without a note the counts are those of the changes.
    pub note: ImportNote,
    /// The commit that undid it, when and by whom.
    pub undone: Option<(i64, Timestamp, String)>,
}

/// The undoing of an import.
#[derive(Debug, Clone)]
pub struct UndoRequest {
    /// The import.
    pub batch: String,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
}

/// What came of undoing an import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Undo {
    /// It is undone.
    Done(Undone),
    /// Nothing was done: these features were changed after it, in the order of their rows.
    ChangedSince(Vec<Uuid>),
    /// It was undone before.
    Already,
}

/// An import undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undone {
    /// The commit.
    pub seq: i64,
    /// The layer.
    pub layer: String,
    /// Features the import had made, which are gone.
    pub removed: usize,
    /// Features the import had changed, which are as before.
    pub restored: usize,
}
