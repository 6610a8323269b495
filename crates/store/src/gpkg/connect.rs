//! Connections to the file: their settings, and the gate that keeps a faulty SQLite out.

use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};

use crate::StoreError;

/// How long a connection waits for another that holds the file.
pub(crate) const BUSY: Duration = Duration::from_secs(30);

/// The first SQLite without the WAL-reset fault, by which two connections that write and checkpoint at the same
/// instant lose commits.
const GOOD: [u32; 3] = [3, 51, 3];

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// Reads and writes.
    Write,
    /// Reads a file that others write.
    Read,
    /// Reads a file that this process must not touch.
    ReadOnly,
}

/// Whether this version of SQLite may be trusted with a site.
pub(crate) fn is_good(version: &str) -> bool {
    let mut found = [0; 3];
    for (slot, part) in found.iter_mut().zip(version.split('.')) {
        let Ok(n) = part.parse() else { return false };
        *slot = n;
    }
    found >= GOOD
}

/// Settings of a connection.
pub(crate) fn options(path: &Path, purpose: Use) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        .row_buffer_size(512)
        .pragma("secure_delete", "on")
        .disable_statement_logging();
    match purpose {
        Use::Write => options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full),
        Use::Read => options.synchronous(SqliteSynchronous::Full).pragma("query_only", "on"),
        Use::ReadOnly => options.read_only(true),
    }
}

/// Opens one connection and checks the gate.
pub(crate) async fn connect(path: &Path, purpose: Use) -> Result<SqliteConnection, StoreError> {
    let mut conn = SqliteConnection::connect_with(&options(path, purpose)).await.map_err(|e| {
        if StoreError::is_busy(&e) { StoreError::Busy { place: path.into() } } else { e.into() }
    })?;
    let found: String = sqlx::query_scalar("select sqlite_version()").fetch_one(&mut conn).await?;
    if is_good(&found) { Ok(conn) } else { Err(StoreError::Sqlite { found }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_sqlite_without_the_fault_is_good() {
        for bad in ["3.40.1", "3.50.2", "3.51.1", "3.51.2", "2.99.99", "", "x", "3.51"] {
            assert!(!is_good(bad), "{bad}");
        }
        for good in ["3.51.3", "3.51.10", "3.53.2", "4.0.0"] {
            assert!(is_good(good), "{good}");
        }
    }

    #[tokio::test]
    async fn the_linked_sqlite_is_good() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.gpkg");
        let mut conn = SqliteConnection::connect_with(&options(&path, Use::Write).create_if_missing(true))
            .await
            .unwrap();
        let found: String = sqlx::query_scalar("select sqlite_version()").fetch_one(&mut conn).await.unwrap();
        assert!(is_good(&found), "{found}");
        let on: i64 = sqlx::query_scalar("pragma secure_delete").fetch_one(&mut conn).await.unwrap();
        assert_eq!(on, 1);
        let full: i64 = sqlx::query_scalar("pragma synchronous").fetch_one(&mut conn).await.unwrap();
        assert_eq!(full, 2);
    }
}
