//! The log as others read it: commits and their changes.

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// What a change did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// A feature was made.
    Create,
    /// A feature was changed.
    Update,
    /// A feature was deleted.
    Delete,
    /// A deleted feature came back.
    Restore,
    /// An earlier change was undone.
    Revert,
    /// An import made or changed a feature.
    Import,
    /// Content was erased from the row and the log.
    Erase,
    /// A layer was defined or extended.
    Define,
}

impl Op {
    /// Every op.
    pub const ALL: [Op; 8] =
        [Op::Create, Op::Update, Op::Delete, Op::Restore, Op::Revert, Op::Import, Op::Erase, Op::Define];

    /// Its name in the log and in interfaces.
    pub fn as_str(self) -> &'static str {
        match self {
            Op::Create => "create",
            Op::Update => "update",
            Op::Delete => "delete",
            Op::Restore => "restore",
            Op::Revert => "revert",
            Op::Import => "import",
            Op::Erase => "erase",
            Op::Define => "define",
        }
    }

    /// The op of that name.
    pub fn parse(name: &str) -> Option<Op> {
        Op::ALL.into_iter().find(|op| op.as_str() == name)
    }
}

/// The name under which definitions of layers stand in the log.
pub const LAYERS: &str = "layers";

/// Stands for all fields among the changed fields of a creation, deletion or restoration.
pub const ALL_FIELDS: &str = "*";

/// One change of one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its number in the commit, from 1.
    pub n: i64,
    /// The layer; [`LAYERS`] for a definition.
    pub layer: String,
    /// The row's number.
    pub fid: i64,
    /// The row's id.
    pub id: Uuid,
    /// What it did.
    pub op: Op,
    /// Names of what changed; [`ALL_FIELDS`] alone for the whole row.
    pub fields: Vec<String>,
    /// The row before; `None` when there was none or when it was erased.
    pub before: Option<String>,
    /// The row after (of a definition: the layer file); `None` when there is none or when it was erased.
    pub after: Option<String>,
    /// Whether `before` and `after` were erased.
    pub erased: bool,
}

/// One commit: what became durable together, by one actor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its number, without gaps from 1.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why, when told.
    pub reason: Option<String>,
    /// The import it belongs to.
    pub batch: Option<String>,
    /// Its changes in their order.
    pub changes: Vec<Change>,
}

/// One change of a feature with what its commit says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedChange {
    /// The commit's number.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// Why, when told.
    pub reason: Option<String>,
    /// The import it belongs to.
    pub batch: Option<String>,
    /// The change.
    pub change: Change,
}

/// Up to where the log is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Up to and with this commit.
    Seq(i64),
    /// Up to and with the last commit made at or before this instant.
    Time(Timestamp),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ops_have_names() {
        for op in Op::ALL {
            assert_eq!(Op::parse(op.as_str()), Some(op));
        }
        assert_eq!(Op::parse("other"), None);
    }
}
