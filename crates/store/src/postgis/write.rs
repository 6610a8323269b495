//! What the writer does in PostgreSQL's own way: taking turns with the writers of other servers, and telling them.

use model::LayerId;

use super::connect::{connect, reach_postgis};
use crate::place::Database;
use crate::sql::log::Head;
use crate::sql::table::{quoted, reviewed};
use crate::sql::{self, Conn, query};
use crate::{StoreError, snapshot_file};

/// Writing to one database.
pub(crate) struct Writing {
    database: Database,
}

/// The channel on which servers of a site tell each other of commits.
pub(super) fn channel(schema: &str) -> String {
    format!("diaban_{schema}")
}

impl Writing {
    pub(crate) fn new(database: &Database) -> Writing {
        Writing { database: database.clone() }
    }

    /// Begins a transaction that holds the head. A connection that was lost since the last one is made anew: nothing of
    /// this transaction was asked yet, so nothing can happen twice.
    pub(crate) async fn begin(&self, conn: &mut Conn) -> Result<Head, StoreError> {
        match Writing::begin_on(conn).await {
            Err(StoreError::Lost(_)) => {
                *conn = self.connect().await?;
                Writing::begin_on(conn).await
            }
            Err(StoreError::Database(e)) if StoreError::sqlstate(&e) == Some("55P03") => {
                Err(StoreError::Busy { place: (&self.database).into() })
            }
            other => other,
        }
    }

    async fn begin_on(conn: &mut Conn) -> Result<Head, StoreError> {
        // Read committed, and that is enough: the first statement waits for the row `head`, and every later one sees all
        // that was committed before it began, so all that the holder before us wrote. From there on no other writer of the
        // site gets past this point until we end. What a decision reads therefore cannot change under it, which is what
        // serializable would give, without its failed attempts.
        sql::run(conn, "begin isolation level read committed").await?;
        Writing::lock(conn).await
    }

    /// Takes the turn; answers the end of the log.
    pub(super) async fn lock(conn: &mut Conn) -> Result<Head, StoreError> {
        let row = query("select seq, hash from head where one = 1 for update").fetch_optional(conn).await?;
        let row = row.ok_or_else(|| StoreError::damaged("the row that names the head is missing"))?;
        let hash: &[u8] = row.get(1)?;
        let hash = hash.try_into().map_err(|_| StoreError::damaged("the head of the log"))?;
        Ok(Head { seq: row.get(0)?, hash })
    }

    /// Writes the new end of the log and tells the others; they hear of it when it is committed.
    pub(super) async fn raise(conn: &mut Conn, head: &Head) -> Result<(), StoreError> {
        let text = "with moved as (update head set seq = ?, hash = ? where one = 1 returning seq) \
                    select pg_notify('diaban_' || current_schema(), seq::text) from moved";
        query(text).bind(head.seq).bind(&head.hash[..]).execute(conn).await?;
        Ok(())
    }

    pub(crate) async fn commit(conn: &mut Conn, head: &Head) -> Result<(), StoreError> {
        Writing::raise(conn, head).await.map_err(|e| StoreError::NotCommitted(e.to_string()))?;
        sql::run(conn, "commit").await.map_err(|e| match e.into() {
            // The answer was lost, not necessarily the commit.
            StoreError::Lost(cause) => StoreError::CommitUnknown(cause),
            e => StoreError::NotCommitted(e.to_string()),
        })
    }

    pub(crate) async fn connect(&self) -> Result<Conn, StoreError> {
        let mut conn = connect(&self.database).await?;
        reach_postgis(&mut conn).await?;
        Ok(conn)
    }

    /// Removes what an erasure left in files of ours and in dead rows. Copies and write-ahead logs of the server are the
    /// operator's.
    pub(crate) async fn after_erasure(&self, conn: &mut Conn, layer: &LayerId) -> Result<(), StoreError> {
        if let Some(path) = self.database.beside() {
            snapshot_file::remove(&path)?;
        }
        // Best effort: a role that may not clean up leaves it to the server, which does it later.
        let vacuum = format!("vacuum {}, changes, attachments", quoted(layer.as_str()));
        let _ = sql::run(conn, reviewed(vacuum)).await;
        Ok(())
    }
}
