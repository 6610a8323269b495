//! Looking whether there is a site, and taking one away that was only just made.

use super::connect::connect;
use super::migrate;
use crate::StoreError;
use crate::place::Database;
use crate::sql::registry::Registry;
use crate::sql::table::{quoted, reviewed};
use crate::sql::{self, query};

/// Whether the schema holds a site, or something that looks like one.
pub(crate) async fn exists(database: &Database) -> Result<bool, StoreError> {
    let mut conn = connect(database).await?;
    let found = migrate::ours(&mut conn).await? > 0;
    conn.close().await?;
    Ok(found)
}

/// Removes a site: its tables, and its schema when nothing else is in it.
pub(crate) async fn discard(database: &Database) -> Result<(), StoreError> {
    let mut conn = connect(database).await?;
    migrate::check(database, &mut conn).await?;
    let registry = Registry::read(&mut conn).await?;
    let mut tables: Vec<String> =
        registry.iter().filter_map(|l| l.table.as_ref()).map(|t| t.name.clone()).collect();
    let ours = "site, head, row_numbers, layers, commits, changes, attachments, _sqlx_migrations";
    tables.push(ours.to_owned());
    let drop = format!(
        "begin; drop table {}; drop function site_stays(), say_comment(text, text, text); commit",
        tables.join(", ")
    );
    sql::run(&mut conn, reviewed(drop)).await?;
    let rest = "select count(*) from pg_catalog.pg_class where relnamespace = current_schema()::regnamespace";
    if query(rest).scalar::<i64>(&mut conn).await? == Some(0) {
        // Best effort: an empty schema is in nobody's way.
        let _ = sql::run(&mut conn, reviewed(format!("drop schema {}", quoted(database.schema())))).await;
    }
    conn.close().await?;
    for name in [".anchor", ".snapshot"] {
        if let Some(path) = database.beside() {
            let mut path = path.into_os_string();
            path.push(name);
            let _ = std::fs::remove_file(path);
        }
    }
    Ok(())
}
