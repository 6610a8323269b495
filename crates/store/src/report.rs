//! What a check of the store found.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The commit concerned, when one can be named.
    pub seq: Option<i64>,
    /// A stable name; see [`codes`].
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

/// The stable names of problems.
pub mod codes {
    /// A commit's hash does not follow from its content and its predecessor, or is not what the anchor knows.
    pub const CHAIN_BROKEN: &str = "chain-broken";
    /// A change's texts are not those that were hashed.
    pub const PAYLOAD_MISMATCH: &str = "payload-mismatch";
    /// Texts were removed without a logged erasure.
    pub const ERASED_UNLOGGED: &str = "erased-unlogged";
    /// A row is not what its last change left.
    pub const ROW_DIFFERS: &str = "row-differs";
    /// The log says there is a row, the table has none.
    pub const ROW_MISSING: &str = "row-missing";
    /// The table has a row the log does not know.
    pub const ROW_UNLOGGED: &str = "row-unlogged";
    /// A row names a commit beyond the last.
    pub const ROW_AHEAD: &str = "row-ahead";
    /// A number is missing in the log.
    pub const COMMIT_MISSING: &str = "commit-missing";
    /// The anchor knows commits beyond the last of the log.
    pub const LOG_TRUNCATED: &str = "log-truncated";
    /// A photo's bytes are not those of its hash, or what is said of it is not what was logged.
    pub const ATTACHMENT_DIFFERS: &str = "attachment-differs";
    /// The log says there is a photo, the table has none.
    pub const ATTACHMENT_MISSING: &str = "attachment-missing";
    /// The table has a photo the log does not know.
    pub const ATTACHMENT_UNLOGGED: &str = "attachment-unlogged";
    /// A feature cites a photo that is not there.
    pub const CITED_MISSING: &str = "cited-missing";
    /// The database file is damaged.
    pub const FILE_DAMAGED: &str = "file-damaged";
    /// A line of the anchor cannot be read.
    pub const ANCHOR_DAMAGED: &str = "anchor-damaged";
}

/// A logged erasure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Redaction {
    /// The commit.
    pub seq: i64,
    /// When.
    pub at: Option<Timestamp>,
    /// The layer.
    pub layer: String,
    /// The feature.
    pub id: Uuid,
    /// The field; `None` for the whole row.
    pub field: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

/// The answer of `verify`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct VerifyReport {
    /// Whether nothing is wrong.
    pub ok: bool,
    /// Commits read.
    pub commits: i64,
    /// Number of the last commit.
    pub head: i64,
    /// Lines of the anchor compared; `None` when there is no anchor.
    pub anchored: Option<usize>,
    /// What is wrong.
    pub problems: Vec<Problem>,
    /// Logged erasures.
    pub redacted: Vec<Redaction>,
}

impl VerifyReport {
    pub(crate) fn add(&mut self, seq: Option<i64>, code: &'static str, detail: impl Into<String>) {
        self.problems.push(Problem { seq, code, detail: detail.into() });
    }
}
