//! What can go wrong in the store. A [`Fault`] is the caller's to show; everything else is the site's.

use std::path::PathBuf;

use model::Fault;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request was refused; nothing was changed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The database answered with an error.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// The transaction that would have made the change durable failed; nothing of it was kept.
    #[error("commit not made: {0}")]
    NotCommitted(String),
    /// Another process held the file longer than we wait.
    #[error("{path} is held by another process")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The file was written by a newer version.
    #[error("{path} needs a newer version (its schema is {found}, this one knows {known})")]
    TooNew {
        /// The file.
        path: PathBuf,
        /// Schema version of the file.
        found: i64,
        /// Newest schema version known here.
        known: i64,
    },
    /// The file was written by an older version and was opened for reading only.
    #[error("{path} has to be migrated first (its schema is {found}, this version needs {known})")]
    TooOld {
        /// The file.
        path: PathBuf,
        /// Schema version of the file.
        found: i64,
        /// Schema version needed.
        known: i64,
    },
    /// The linked SQLite has a fault that loses commits.
    #[error("SQLite {found} may lose commits; 3.51.3 or newer is required")]
    Sqlite {
        /// The version linked.
        found: String,
    },
    /// The file exists but is no site of ours.
    #[error("{path} is not a site")]
    NotASite {
        /// The file.
        path: PathBuf,
    },
    /// There is no such file.
    #[error("{path} does not exist")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file that must not be overwritten exists.
    #[error("{path} already exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The table of a layer cannot be extended to the new definition.
    #[error("layer {layer}: {reason}")]
    Incompatible {
        /// The layer.
        layer: String,
        /// Why.
        reason: String,
    },
    /// A row, a log entry or a definition in the file cannot be read.
    #[error("damaged: {0}")]
    Damaged(String),
    /// The erasure is logged and done in the tables, but its traces could not be removed from the file yet.
    #[error("erased, but {path} is held by another process and still has traces; run it again")]
    EraseUnfinished {
        /// The file.
        path: PathBuf,
    },
    /// The store was opened for reading only.
    #[error("the store is read-only")]
    ReadOnly,
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// A file operation failed.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl StoreError {
    /// Attaches a path to a failed file operation.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> StoreError {
        let path = path.into();
        move |source| StoreError::Io { path, source }
    }

    /// A row or text in the file that cannot be read.
    pub(crate) fn damaged(what: impl Into<String>) -> StoreError {
        StoreError::Damaged(what.into())
    }

    /// SQLite's result code, without its extension.
    pub(crate) fn code(error: &sqlx::Error) -> Option<u32> {
        let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code)?;
        code.parse::<u32>().ok().map(|c| c & 0xff)
    }

    /// Whether the database said that another connection holds the file.
    pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
        // SQLITE_BUSY, SQLITE_LOCKED.
        matches!(StoreError::code(error), Some(5 | 6))
    }

    /// Whether the database refused one statement but can go on (a constraint, a value too big).
    pub(crate) fn is_refusal(error: &sqlx::Error) -> bool {
        // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH.
        matches!(StoreError::code(error), Some(18..=20))
    }
}
