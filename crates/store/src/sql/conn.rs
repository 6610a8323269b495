//! A connection to either database, and the readers of a store.

use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgConnection, PgPool};
use sqlx::sqlite::{SqliteConnection, SqlitePool};
use sqlx::{Connection, Postgres, Sqlite, Transaction};

use super::Dialect;
use crate::StoreError;

/// A connection of its own, one lent by a pool, or a transaction that ends with it.
pub(crate) enum Conn {
    Sqlite(Box<SqliteConnection>),
    SqliteLent(PoolConnection<Sqlite>),
    SqliteTx(Transaction<'static, Sqlite>),
    Postgres(Box<PgConnection>),
    PostgresLent(PoolConnection<Postgres>),
    PostgresTx(Transaction<'static, Postgres>),
}

/// The database's own connection.
pub(super) enum Raw<'c> {
    Sqlite(&'c mut SqliteConnection),
    Postgres(&'c mut PgConnection),
}

impl From<SqliteConnection> for Conn {
    fn from(conn: SqliteConnection) -> Conn {
        Conn::Sqlite(Box::new(conn))
    }
}

impl From<PgConnection> for Conn {
    fn from(conn: PgConnection) -> Conn {
        Conn::Postgres(Box::new(conn))
    }
}

impl Conn {
    /// How statements are said here.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Conn::Sqlite(_) | Conn::SqliteLent(_) | Conn::SqliteTx(_) => Dialect::Sqlite,
            Conn::Postgres(_) | Conn::PostgresLent(_) | Conn::PostgresTx(_) => Dialect::Postgres,
        }
    }

    pub(super) fn raw(&mut self) -> Raw<'_> {
        match self {
            Conn::Sqlite(conn) => Raw::Sqlite(conn),
            Conn::SqliteLent(conn) => Raw::Sqlite(conn),
            Conn::SqliteTx(conn) => Raw::Sqlite(conn),
            Conn::Postgres(conn) => Raw::Postgres(conn),
            Conn::PostgresLent(conn) => Raw::Postgres(conn),
            Conn::PostgresTx(conn) => Raw::Postgres(conn),
        }
    }

    /// The connection, when it is PostgreSQL's.
    pub(crate) fn postgres(&mut self) -> Option<&mut PgConnection> {
        match self.raw() {
            Raw::Postgres(conn) => Some(conn),
            Raw::Sqlite(_) => None,
        }
    }

    /// Closes a connection of its own; what was lent goes back.
    pub(crate) async fn close(self) -> Result<(), StoreError> {
        match self {
            Conn::Sqlite(conn) => conn.close().await?,
            Conn::Postgres(conn) => conn.close().await?,
            _ => {}
        }
        Ok(())
    }
}

/// Connections that read at the same time.
#[derive(Debug, Clone)]
pub(crate) enum Readers {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

impl Readers {
    /// One connection, for one statement.
    pub(crate) async fn one(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Readers::Sqlite(pool) => Conn::SqliteLent(pool.acquire().await.map_err(closed)?),
            Readers::Postgres(pool) => Conn::PostgresLent(pool.acquire().await.map_err(closed)?),
        })
    }

    /// A connection in a transaction that sees one moment, for statements that belong together.
    pub(crate) async fn snapshot(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Readers::Sqlite(pool) => Conn::SqliteTx(pool.begin().await.map_err(closed)?),
            Readers::Postgres(pool) => {
                let begin = "begin isolation level repeatable read read only";
                Conn::PostgresTx(pool.begin_with(begin).await.map_err(closed)?)
            }
        })
    }

    /// Closes them all.
    pub(crate) async fn close(&self) {
        match self {
            Readers::Sqlite(pool) => pool.close().await,
            Readers::Postgres(pool) => pool.close().await,
        }
    }
}

fn closed(error: sqlx::Error) -> StoreError {
    if matches!(error, sqlx::Error::PoolClosed) { StoreError::Closed } else { error.into() }
}
