//! A site in one GeoPackage file, `ward.gpkg`: layer tables that other programs can read (copies of), system tables
//! that only we use, and the log. What is in them is written in [`crate::sql`]; here is what belongs to the file: its
//! settings, what GeoPackage wants to be told, how another process's writing is noticed, copies.

mod backup;
mod clean;
mod connect;
mod follow;
mod migrate;
mod open;
pub(crate) mod schema;
mod verify;
mod write;

use std::path::Path;
use std::sync::Arc;

pub(crate) use verify::run as verify_file;
pub(crate) use write::Writing;

use crate::sql::tables::Tables;
use crate::{StoreError, VerifyReport};

/// A site in a GeoPackage. Clones share everything.
#[derive(Clone)]
pub struct Gpkg {
    path: Arc<Path>,
    tables: Tables,
}

impl Gpkg {
    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(crate) fn troubles(&self) -> Vec<String> {
        self.tables.troubles(&self.path.display())
    }

    pub(crate) async fn verify(&self, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
        verify_file(&self.path, anchor).await
    }

    pub(crate) async fn backup(&self, out: &Path) -> Result<(), StoreError> {
        backup::run(&self.path, out).await
    }
}

/// Removes a site's file and what lies beside it.
pub(crate) fn discard(path: &Path) {
    for suffix in ["", "-wal", "-shm", ".anchor", ".snapshot"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(name);
    }
}
