//! System tables come from `migrations/gpkg`, embedded here. A file from a newer version is refused.

use std::path::Path;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::SqliteConnection;

use crate::StoreError;

/// (version, name, text) of every migration; a test compares the list with the folder.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "site", include_str!("../../../../migrations/gpkg/0001_site.sql"))];

/// Version of the newest migration known here.
pub(crate) const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Version of the file's schema; `None` when the file is no site.
pub(crate) async fn version(conn: &mut SqliteConnection) -> Result<Option<i64>, sqlx::Error> {
    let ours: i64 = sqlx::query_scalar(
        "select count(*) from sqlite_master where name in ('_sqlx_migrations', 'site', 'commits', 'changes', 'layers')",
    )
    .fetch_one(&mut *conn)
    .await?;
    let id: i64 = sqlx::query_scalar("pragma application_id").fetch_one(&mut *conn).await?;
    if ours < 5 || id != 0x4750_4B47 {
        return Ok(None);
    }
    let found: Option<i64> =
        sqlx::query_scalar("select max(version) from _sqlx_migrations where success").fetch_one(conn).await?;
    Ok(found)
}

/// Brings the file to the newest schema.
pub(crate) async fn run(path: &Path, conn: &mut SqliteConnection) -> Result<(), StoreError> {
    let all = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(all).run_direct(None, conn, false).await.map_err(|e| match e {
        sqlx::migrate::MigrateError::VersionMissing(found) => {
            StoreError::TooNew { place: path.into(), found, known: KNOWN }
        }
        e => StoreError::Database(sqlx::Error::Migrate(Box::new(e))),
    })
}

/// Refuses a file that is no site, or a site from a newer version. Answers its version.
pub(crate) async fn check(path: &Path, conn: &mut SqliteConnection) -> Result<i64, StoreError> {
    match version(conn).await {
        Ok(Some(found)) if found > KNOWN => {
            Err(StoreError::TooNew { place: path.into(), found, known: KNOWN })
        }
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(StoreError::NotASite { place: path.into() }),
        Err(e) => Err(e.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/gpkg");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let known: Vec<String> = MIGRATIONS.iter().map(|(v, name, _)| format!("{v:04}_{name}.sql")).collect();
        assert_eq!(files, known);
    }
}
