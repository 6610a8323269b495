//! What an erasure has to remove from a GeoPackage besides the content itself: free space, old pages, the log of writes.

use std::path::Path;
use std::time::{Duration, Instant};

use super::connect::BUSY;
use crate::StoreError;
use crate::sql::{self, Conn, query};

/// Removes what is left of erased content: free space and old pages (VACUUM writes a file without them), and the
/// log of writes.
pub(crate) async fn clean(conn: &mut Conn, path: &Path) -> Result<(), StoreError> {
    let unfinished = || StoreError::EraseUnfinished { path: path.to_owned() };
    let until = Instant::now() + BUSY;
    loop {
        match sql::run(conn, "vacuum").await {
            Ok(()) => break,
            Err(e) if !StoreError::is_busy(&e) => return Err(e.into()),
            Err(_) if Instant::now() > until => return Err(unfinished()),
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    if checkpoint(conn).await? { Ok(()) } else { Err(unfinished()) }
}

/// Moves the log of writes into the file and empties it; false when another process kept it from that for as long
/// as we wait.
pub(crate) async fn checkpoint(conn: &mut Conn) -> Result<bool, StoreError> {
    let until = Instant::now() + BUSY;
    loop {
        let busy = match query("pragma wal_checkpoint(truncate)").fetch_one(conn).await {
            Ok(row) => row.get::<i64>(0)? != 0,
            Err(e) if StoreError::is_busy(&e) => true,
            Err(e) => return Err(e.into()),
        };
        if !busy {
            return Ok(true);
        }
        if Instant::now() > until {
            return Ok(false);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
