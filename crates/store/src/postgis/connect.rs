//! Connections to the database, and their settings.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::time::timeout;

use crate::StoreError;
use crate::place::Database;
use crate::sql::{Conn, query};

/// How long a connection may take to be made: a machine that is gone does not answer at all.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connections that read at the same time, one of them for notices.
const READERS: u32 = 5;

/// Settings of a connection.
pub(super) fn options(database: &Database) -> PgConnectOptions {
    PgConnectOptions::clone(&database.options)
        .application_name(database.options.get_application_name().unwrap_or("diaban"))
        .disable_statement_logging()
        .options([
            ("search_path", database.schema()),
            // A writer waits for its turn as long as it would for a file.
            ("lock_timeout", "30s"),
            ("client_min_messages", "warning"),
            // A server that is gone must not be waited for until the system gives up.
            ("tcp_keepalives_idle", "10"),
            ("tcp_keepalives_interval", "5"),
            ("tcp_keepalives_count", "3"),
        ])
}

/// Opens one connection.
pub(super) async fn connect(database: &Database) -> Result<Conn, StoreError> {
    let options = options(database);
    let connecting = PgConnection::connect_with(&options);
    let lost = |cause: String| StoreError::Unreachable { place: database.into(), cause };
    match timeout(PATIENCE, connecting).await {
        Err(_) => Err(lost(format!("no answer for {} s", PATIENCE.as_secs()))),
        Ok(Ok(conn)) => Ok(conn.into()),
        Ok(Err(e)) => Err(lost(e.to_string())),
    }
}

/// Puts the functions and types of PostGIS within reach, wherever the extension is.
pub(super) async fn reach_postgis(conn: &mut Conn) -> Result<(), StoreError> {
    let text = "select set_config('search_path', current_schema() || ', ' || quote_ident(n.nspname), false) \
                from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'postgis'";
    query(text).fetch_optional(conn).await?;
    Ok(())
}

/// The readers; they connect when they are needed.
pub(super) fn pool(database: &Database) -> PgPool {
    PgPoolOptions::new()
        .max_connections(READERS)
        .min_connections(0)
        .acquire_timeout(PATIENCE)
        .connect_lazy_with(options(database))
}
