//! System tables come from `migrations/postgis`, embedded here. A schema from a newer version is refused.

use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{Postgres, SqlSafeStr, Transaction};

use crate::StoreError;
use crate::place::Database;
use crate::sql::{Conn, query};

/// (version, name, text) of every migration; a test compares the list with the folder.
const MIGRATIONS: &[(i64, &str, &str)] =
    &[(1, "site", include_str!("../../../../migrations/postgis/0001_site.sql"))];

/// Version of the newest migration known here.
pub(super) const KNOWN: i64 = MIGRATIONS[MIGRATIONS.len() - 1].0;

/// Tables that make a schema a site.
const OURS: &str = "'_sqlx_migrations', 'site', 'head', 'commits', 'changes', 'layers'";

/// How many of our tables the schema has.
pub(super) async fn ours(conn: &mut Conn) -> Result<i64, StoreError> {
    let text = format!(
        "select count(*) from pg_catalog.pg_tables where schemaname = current_schema() and tablename in ({OURS})"
    );
    Ok(query(crate::sql::table::reviewed(text)).scalar(conn).await?.unwrap_or(0))
}

/// Refuses a schema that is no site, or a site from a newer version. Answers its version.
pub(super) async fn check(database: &Database, conn: &mut Conn) -> Result<i64, StoreError> {
    let there: Option<bool> = query("select current_schema() is not null").scalar(conn).await?;
    if there != Some(true) {
        return Err(StoreError::Missing { place: database.into() });
    }
    match ours(conn).await? {
        0 => return Err(StoreError::Missing { place: database.into() }),
        6 => {}
        _ => return Err(StoreError::NotASite { place: database.into() }),
    }
    let text = "select max(version) from _sqlx_migrations where success";
    let found: Option<i64> = query(text).scalar::<Option<i64>>(conn).await?.flatten();
    match found {
        None => Err(StoreError::NotASite { place: database.into() }),
        Some(found) if found > KNOWN => {
            Err(StoreError::TooNew { place: database.into(), found, known: KNOWN })
        }
        Some(found) => Ok(found),
    }
}

/// Brings the schema to the newest version, inside the caller's transaction.
pub(super) async fn run(tx: &mut Transaction<'static, Postgres>) -> Result<(), StoreError> {
    let all = MIGRATIONS
        .iter()
        .map(|&(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        })
        .collect();
    let mut migrator = Migrator::with_migrations(all);
    // The caller holds a lock of this site; sqlx's would be of the whole database.
    migrator.set_locking(false);
    migrator.run_direct(None, &mut **tx, false).await.map_err(|e| match e {
        sqlx::migrate::MigrateError::Execute(e) | sqlx::migrate::MigrateError::ExecuteMigration(e, _) => {
            e.into()
        }
        e => StoreError::Database(sqlx::Error::Migrate(Box::new(e))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_the_folder() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgis");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.starts_with('0'))
            .collect();
        files.sort();
        let known: Vec<String> = MIGRATIONS.iter().map(|(v, name, _)| format!("{v:04}_{name}.sql")).collect();
        assert_eq!(files, known);
    }
}
