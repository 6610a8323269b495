//! What can go wrong in the store. A [`Fault`] is the caller's to show; everything else is the site's.

use std::path::PathBuf;

use model::{Code, Fault};
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

use crate::Place;
use crate::sql::pg::NulInText;
use crate::sql::rows::nul_text;

/// A failure of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The request was refused; nothing was changed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// The database answered with an error.
    #[error("database: {0}")]
    Database(#[source] sqlx::Error),
    /// The transaction that would have made the change durable failed; nothing of it was kept.
    #[error("commit not made: {0}")]
    NotCommitted(String),
    /// The connection was lost while the change was made durable, so that nobody knows whether it was.
    #[error(
        "the connection was lost during the commit ({0}): look whether the change was made, or repeat it under the same key"
    )]
    CommitUnknown(String),
    /// The database does not answer, or no longer.
    #[error("the connection to the database is lost: {0}")]
    Lost(String),
    /// The database could not be reached.
    #[error("{place} cannot be reached: {cause}")]
    Unreachable {
        /// Where.
        place: Place,
        /// What was said.
        cause: String,
    },
    /// The server is too old, or not as it has to be.
    #[error("{what} is {found}; {needed} is needed")]
    Server {
        /// What it is about.
        what: &'static str,
        /// What was found.
        found: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// The database has no PostGIS.
    #[error("{place} has no PostGIS")]
    NoPostgis {
        /// Where.
        place: Place,
    },
    /// The database's role may not do what is asked.
    #[error("the role has not the rights: {0}")]
    NoRights(String),
    /// The database's disk is full.
    #[error("the database's disk is full: {0}")]
    DiskFull(String),
    /// A site in a database is not copied as a file.
    #[error("a site in a database is copied by pg_dump or pg_basebackup")]
    NoFileCopy,
    /// What should say where a site lies does not.
    #[error("{0}")]
    BadPlace(String),
    /// Another process held the file longer than we wait.
    #[error("{place} is held by another process")]
    Busy {
        /// Where.
        place: Place,
    },
    /// The file was written by a newer version.
    #[error("{place} needs a newer version (its schema is {found}, this one knows {known})")]
    TooNew {
        /// Where.
        place: Place,
        /// Schema version of the file.
        found: i64,
        /// Newest schema version known here.
        known: i64,
    },
    /// The file was written by an older version and was opened for reading only.
    #[error("{place} has to be migrated first (its schema is {found}, this version needs {known})")]
    TooOld {
        /// Where.
        place: Place,
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
    #[error("{place} is not a site")]
    NotASite {
        /// Where.
        place: Place,
    },
    /// There is no such file.
    #[error("{place} does not exist")]
    Missing {
        /// Where.
        place: Place,
    },
    /// A file that must not be overwritten exists.
    #[error("{place} already exists")]
    Exists {
        /// Where.
        place: Place,
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
        let error = error.as_database_error()?;
        error.try_downcast_ref::<SqliteError>()?;
        error.code()?.parse::<u32>().ok().map(|c| c & 0xff)
    }

    /// PostgreSQL's five signs.
    pub(crate) fn sqlstate(error: &sqlx::Error) -> Option<&str> {
        error.as_database_error()?.try_downcast_ref::<PgDatabaseError>().map(PgDatabaseError::code)
    }

    /// Whether the database said that another connection holds the file.
    pub(crate) fn is_busy(error: &sqlx::Error) -> bool {
        // SQLITE_BUSY, SQLITE_LOCKED.
        matches!(StoreError::code(error), Some(5 | 6))
    }

    /// Whether the database refused one statement but can go on (a constraint, a value too big).
    fn is_refusal(error: &sqlx::Error) -> bool {
        // SQLITE_TOOBIG, SQLITE_CONSTRAINT, SQLITE_MISMATCH; data, constraints and limits in PostgreSQL.
        let state = StoreError::sqlstate(error).unwrap_or_default();
        matches!(StoreError::code(error), Some(18..=20))
            || ["22", "23", "54"].iter().any(|c| state.starts_with(c))
    }

    /// Whether it ends the transaction for all edits in it, not only for the one that met it.
    pub(crate) fn is_everyones(&self) -> bool {
        match self {
            StoreError::Database(e) => !StoreError::is_refusal(e),
            StoreError::Lost(_)
            | StoreError::DiskFull(_)
            | StoreError::NoRights(_)
            | StoreError::ReadOnly => true,
            _ => false,
        }
    }

    /// The same, for others who were in the transaction.
    pub(crate) fn for_others(&self) -> StoreError {
        match self {
            StoreError::Busy { place } => StoreError::Busy { place: place.clone() },
            StoreError::Lost(cause) => StoreError::Lost(cause.clone()),
            StoreError::CommitUnknown(cause) => StoreError::CommitUnknown(cause.clone()),
            StoreError::DiskFull(cause) => StoreError::DiskFull(cause.clone()),
            StoreError::Unreachable { place, cause } => {
                StoreError::Unreachable { place: place.clone(), cause: cause.clone() }
            }
            other => StoreError::NotCommitted(other.to_string()),
        }
    }
}

impl From<sqlx::Error> for StoreError {
    /// Sorts what PostgreSQL says into what somebody can do something about.
    fn from(error: sqlx::Error) -> StoreError {
        if let sqlx::Error::Encode(cause) = &error
            && cause.is::<NulInText>()
        {
            return Fault::at(Code::InvalidValue, "", nul_text()).into();
        }
        if matches!(error, sqlx::Error::Io(_) | sqlx::Error::Tls(_)) {
            return StoreError::Lost(error.to_string());
        }
        match StoreError::sqlstate(&error) {
            Some("53100") => StoreError::DiskFull(error.to_string()),
            Some("42501") => StoreError::NoRights(error.to_string()),
            Some("25006") => StoreError::ReadOnly,
            Some("57P01" | "57P02" | "57P03") => StoreError::Lost(error.to_string()),
            Some(state) if state.starts_with("08") => StoreError::Lost(error.to_string()),
            _ => StoreError::Database(error),
        }
    }
}
