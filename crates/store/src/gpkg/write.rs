//! What the writer does in a GeoPackage's own way.

use std::path::{Path, PathBuf};

use super::clean;
use super::connect::{self, Use};
use crate::sql::log::{self, Head};
use crate::sql::{self, Conn};
use crate::{Site, StoreError, snapshot_file};

/// Writing to one file.
pub(crate) struct Writing {
    path: PathBuf,
}

impl Writing {
    pub(crate) fn new(path: &Path) -> Writing {
        Writing { path: path.to_owned() }
    }

    /// Takes SQLite's write lock: from here on nobody else writes.
    pub(crate) async fn begin(&self, conn: &mut Conn, site: &Site) -> Result<Head, StoreError> {
        if let Err(e) = sql::run(conn, "begin immediate").await {
            if StoreError::is_busy(&e) {
                return Err(StoreError::Busy { place: self.path.as_path().into() });
            }
            return Err(e.into());
        }
        log::head(conn, &site.id).await
    }

    pub(crate) async fn commit(conn: &mut Conn) -> Result<(), StoreError> {
        sql::run(conn, "commit").await.map_err(|e| StoreError::NotCommitted(e.to_string()))
    }

    pub(crate) async fn connect(&self) -> Result<Conn, StoreError> {
        Ok(connect::connect(&self.path, Use::Write).await?.into())
    }

    pub(crate) async fn before_erasure(&self, conn: &mut Conn) -> Result<(), StoreError> {
        if clean::checkpoint(conn).await? {
            Ok(())
        } else {
            Err(StoreError::Busy { place: self.path.as_path().into() })
        }
    }

    pub(crate) async fn after_erasure(&self, conn: &mut Conn) -> Result<(), StoreError> {
        // After the commit: whoever writes one meanwhile looks for it when it is written.
        snapshot_file::remove(&self.path)?;
        clean::clean(conn, &self.path).await
    }

    /// Moves the log of writes into the file. Best effort: a reader may hold it; whoever closes it last does it then.
    pub(crate) async fn close(mut conn: Conn) -> Result<(), StoreError> {
        let _ = sql::run(&mut conn, "pragma busy_timeout = 500").await;
        let _ = sql::run(&mut conn, "pragma wal_checkpoint(truncate)").await;
        conn.close().await
    }
}
