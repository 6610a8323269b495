//! A site in a schema of a PostgreSQL database with PostGIS. What is in it is written in [`crate::sql`], as in a
//! GeoPackage; here is what belongs to the server: its versions and rights, tables for people who query them, how several
//! servers take turns and hear of each other, and copying many rows at once.

mod check;
mod connect;
pub(crate) mod copy;
mod discard;
mod follow;
mod migrate;
mod open;
pub(crate) mod schema;
mod write;

use std::path::Path;

pub(crate) use discard::{discard, exists};
pub(crate) use write::Writing;

use crate::place::Database;
use crate::sql::tables::Tables;
use crate::sql::{anchor, verify};
use crate::{StoreError, VerifyReport};

/// A site in a database. Clones share everything.
#[derive(Clone)]
pub struct Postgis {
    database: Database,
    tables: Tables,
}

impl Postgis {
    /// Where it lies.
    pub fn database(&self) -> &Database {
        &self.database
    }

    pub(crate) fn tables(&self) -> &Tables {
        &self.tables
    }

    pub(crate) fn troubles(&self) -> Vec<String> {
        self.tables.troubles(&self.database)
    }

    pub(crate) async fn verify(&self, anchor: Option<&Path>) -> Result<VerifyReport, StoreError> {
        verify_database(&self.database, anchor).await
    }
}

/// Checks a site against `anchor`, or against the anchor in its state folder.
///
/// # Errors
/// When the database cannot be reached, or the named anchor not be read; what is wrong with the site is in the report.
pub(crate) async fn verify_database(
    database: &Database,
    anchor: Option<&Path>,
) -> Result<VerifyReport, StoreError> {
    let mut report = VerifyReport::default();
    let beside = database.beside().map(|path| anchor::path_of(&path));
    // Before the log: a live store may append to both while we read.
    let anchored = verify::read_anchor(beside.as_deref(), anchor, &mut report)?;
    let mut conn = connect::connect(database).await?;
    migrate::check(database, &mut conn).await?;
    Ok(verify::run(conn, &anchored, report).await)
}
