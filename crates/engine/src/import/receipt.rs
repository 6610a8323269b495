//! What came of an import: the receipt, and the reasons for which a whole import is refused.

use std::path::Path;

use model::{Code, Fault, PersonalData, Text};
use serde::Serialize;
use serde_json::{Value as Json, json};
use store::format::guard;
use store::{ImportNote, Imported, StoreError};

use super::preview::Column;
use super::settle::Seen;

/// The receipt. `read` is the sum of the five counts below it, which are disjoint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Receipt {
    /// Names the import in the log.
    pub batch: String,
    /// The layer.
    pub layer: String,
    /// The files, as they were named.
    pub files: Vec<String>,
    /// SHA-256 of each file, in the same order.
    pub sha256: Vec<String>,
    /// The mapping; several, when files were read by different ones, are joined by a comma.
    pub mapping: Option<String>,
    /// The coordinates' system.
    pub crs: Option<String>,
    /// Rows read.
    pub read: usize,
    /// New records with a place (in a layer without geometry: new records).
    pub stored: usize,
    /// Known records that changed.
    pub updated: usize,
    /// Known records that did not.
    pub unchanged: usize,
    /// New records that have no place yet.
    pub waiting_for_location: usize,
    /// Rows refused; `rejects` has one entry for each.
    pub rejected: usize,
    /// Why rows were refused: the first fault of each.
    pub rejects: Vec<Reject>,
    /// Columns that were not read.
    pub dropped: Vec<String>,
}

impl Receipt {
    /// What the log keeps of it. The counts are those of rows that do not reach the store.
    pub(crate) fn note(&self) -> ImportNote {
        ImportNote {
            files: self.files.clone(),
            sha256: self.sha256.clone(),
            read: self.read,
            stored: 0,
            updated: self.updated,
            unchanged: self.unchanged,
            waiting: 0,
            rejected: self.rejected,
        }
    }

    /// Completes it with what the store did, now or when the request came first.
    pub(crate) fn fill(&mut self, done: &Imported) {
        if let Some(first) = &done.replayed {
            self.batch.clone_from(&first.batch);
            (self.updated, self.unchanged) = (0, 0);
        }
        self.stored = done.stored;
        self.waiting_for_location = done.waiting;
        self.updated += done.updated;
        self.unchanged += done.unchanged;
    }

    /// Completes it with what the store would do.
    pub(crate) fn count(&mut self, outcomes: &[Seen]) {
        for outcome in outcomes {
            *match outcome {
                Seen::Stored => &mut self.stored,
                Seen::Updated => &mut self.updated,
                Seen::Unchanged => &mut self.unchanged,
                Seen::Waiting => &mut self.waiting_for_location,
            } += 1;
        }
    }
}

/// One row refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// The file, as it was named.
    pub file: String,
    /// The row, from 1: below the header, or among the features.
    pub row: usize,
    /// The field, or the pointer into the geometry; empty for the row as a whole.
    pub field: String,
    /// The problem code.
    pub code: &'static str,
    /// A sentence.
    pub detail: Text,
}

impl Reject {
    pub(crate) fn new(file: &str, row: usize, fault: &Fault) -> Self {
        Reject {
            file: file.to_owned(),
            row,
            field: fault.place.clone(),
            code: fault.code.as_str(),
            detail: fault.detail.clone(),
        }
    }
}

/// Personal data found in a column. It never holds what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PersonFinding {
    /// The file, as it was named.
    pub file: String,
    /// The column.
    pub column: String,
    /// What it looks like.
    pub kind: Text,
    /// The first rows, from 1; none when the column's name says it.
    pub rows: Vec<usize>,
    /// How many rows there are.
    pub count: usize,
}

impl PersonFinding {
    /// The most rows that are named.
    pub const ROWS: usize = 20;

    pub(crate) fn new(file: &str, column: &str, kind: PersonalData) -> Self {
        let (file, column) = (file.to_owned(), column.to_owned());
        PersonFinding { file, column, kind: kind.title(), rows: Vec::new(), count: 0 }
    }

    fn fault(&self) -> Fault {
        let rows: Vec<String> = self.rows.iter().map(ToString::to_string).collect();
        let rows = rows.join(", ");
        let detail = if self.count == 0 {
            Text::new(
                format!("Cột “{}”: {}", self.column, self.kind.vi),
                format!("column “{}”: {}", self.column, self.kind.en),
            )
        } else {
            let more = if self.count > self.rows.len() { ", …" } else { "" };
            Text::new(
                format!("Cột “{}” có {} ở {} dòng: {rows}{more}", self.column, self.kind.vi, self.count),
                format!(
                    "column “{}” has a {} in {} rows: {rows}{more}",
                    self.column, self.kind.en, self.count
                ),
            )
        };
        Fault::at(Code::PersonData, self.column.clone(), detail)
    }
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Faults of the request or of a file.
    #[error("{}", sentences(.0))]
    Faults(Vec<Fault>),
    /// Personal data; nothing of any file was stored.
    #[error("{}", sentences(&self.faults()))]
    PersonData(Vec<PersonFinding>, Vec<Column>),
    /// Rows were refused and `strict` was asked for.
    #[error("{} of {} rows were rejected, nothing is stored (--strict)", .0.rejected, .0.read)]
    Rejected(Box<Receipt>),
    /// The file of rejected rows could not be written; nothing was stored.
    #[error("the file of rejected rows cannot be written: {0}")]
    Rejects(std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// A task of ours died.
    #[error("a worker stopped")]
    Stopped,
}

fn sentences(faults: &[Fault]) -> String {
    let all: Vec<String> =
        faults.iter().map(|f| format!("{}: {} — {}", f.code.as_str(), f.detail.vi, f.detail.en)).collect();
    all.join("; ")
}

impl ImportError {
    /// The faults to tell, each with its code and both languages.
    pub fn faults(&self) -> Vec<Fault> {
        match self {
            ImportError::Faults(faults) => faults.clone(),
            ImportError::PersonData(found, _) => found.iter().map(PersonFinding::fault).collect(),
            ImportError::Rejected(_) => vec![Fault::of(Code::InvalidFile)],
            ImportError::Rejects(_) => vec![Fault::of(Code::InvalidParameter)],
            ImportError::Store(_) => vec![Fault::of(Code::StoreUnavailable)],
            ImportError::Stopped => vec![Fault::of(Code::Internal)],
        }
    }

    /// The error as JSON: `code`, `errors`, and what belongs to it (`person_data`, `receipt`).
    pub fn to_json(&self) -> Json {
        let faults = self.faults();
        let errors: Vec<Json> =
            faults.iter().map(|f| json!({"code": f.code, "place": f.place, "detail": f.detail})).collect();
        let code = faults.first().map_or(Code::Internal, |f| f.code);
        let mut out = json!({"code": code, "title": code.title(), "errors": errors});
        match self {
            ImportError::PersonData(found, _) => out["person_data"] = json!(found),
            ImportError::Rejected(receipt) => out["receipt"] = json!(receipt),
            _ => {}
        }
        out
    }
}

impl From<Fault> for ImportError {
    fn from(fault: Fault) -> Self {
        ImportError::Faults(vec![fault])
    }
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Fault(fault) => fault.into(),
            other => ImportError::Store(other),
        }
    }
}

/// Writes the rejected rows: file, row, field, code, and the sentence in both languages.
pub(crate) fn write_rejects(path: &Path, rejects: &[Reject]) -> std::io::Result<()> {
    let mut text = String::from("\u{feff}file,row,field,code,vi,en\r\n");
    let cell = |s: &str| format!("\"{}\"", guard(s).replace('"', "\"\""));
    for r in rejects {
        let cells = [
            cell(&r.file),
            r.row.to_string(),
            cell(&r.field),
            r.code.to_owned(),
            cell(&r.detail.vi),
            cell(&r.detail.en),
        ];
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    std::fs::write(path, text)
}
