//! An import: many rows, one commit, all or nothing.

use jiff::Timestamp;
use model::{Feature, LayerId};
use uuid::Uuid;

/// One record of a source.
#[derive(Debug, Clone)]
pub struct ImportRow {
    /// Its key in the source. A row of the layer with the same `source_key` is the same record.
    pub key: String,
    /// Its values. `id` is taken when the record is new (a nil id is replaced by a fresh one).
    pub feature: Feature,
}

/// Records to be stored together.
#[derive(Debug, Clone)]
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
    /// The records, with distinct keys.
    pub rows: Vec<ImportRow>,
    /// Indices of the fields the source speaks about: these are compared and overwritten in known records.
    pub mapped: Vec<usize>,
    /// Whether the source speaks about geometry. A record without one never takes a known record's away.
    pub has_location: bool,
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
    /// The features, in the order of the rows.
    pub ids: Vec<Uuid>,
}
