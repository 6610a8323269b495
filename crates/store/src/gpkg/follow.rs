//! Following: another process may write the same file. `PRAGMA data_version` says so; the head is read and everyone
//! is told. The same task appends the head to the anchor, once a second when it moved.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::sqlite::SqliteConnection;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::connect::{self, Use};
use super::writer::Shared;
use super::{anchor, log};
use crate::StoreError;

/// How often the file is looked at: a small part of the 250 ms in which a change has to be seen.
const LOOK: Duration = Duration::from_millis(50);

/// How often the anchor is written.
const ANCHOR: Duration = Duration::from_secs(1);

/// How long it waits after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// Follows until it is stopped. Without `anchor` only reads.
pub(crate) async fn run(
    shared: Arc<Shared>,
    mut conn: SqliteConnection,
    purpose: Use,
    anchor: Option<PathBuf>,
) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut version = None;
    let mut anchored = *shared.head.borrow();
    let mut next_anchor = Instant::now() + ANCHOR;
    loop {
        ticks.tick().await;
        if let Err(error) = look(&shared, &mut conn, &mut version).await {
            tracing::warn!(%error, "cannot follow the log");
            version = None;
            sleep(RETRY).await;
            if let Ok(fresh) = connect::connect(&shared.path, purpose).await {
                conn = fresh;
            }
        }
        let Some(path) = &anchor else { continue };
        if Instant::now() < next_anchor || *shared.head.borrow() <= anchored {
            continue;
        }
        next_anchor = Instant::now() + ANCHOR;
        match write_anchor(&shared, &mut conn, path.clone()).await {
            Ok(seq) => anchored = seq,
            Err(error) => tracing::error!(%error, "cannot write the anchor"),
        }
    }
}

async fn look(
    shared: &Shared,
    conn: &mut SqliteConnection,
    version: &mut Option<i64>,
) -> Result<(), StoreError> {
    let now: i64 = sqlx::query_scalar("pragma data_version").fetch_one(&mut *conn).await?;
    if *version == Some(now) {
        return Ok(());
    }
    let head = log::head_seq(conn).await?;
    // Definitions first: who hears of the head may ask for them.
    let known = shared.registry();
    let fresh = known.fresh(conn).await?;
    if !Arc::ptr_eq(&known, &fresh) {
        shared.set_registry(fresh);
    }
    shared.raise(head);
    *version = Some(now);
    Ok(())
}

/// Appends the head to the anchor; answers its number.
pub(crate) async fn write_anchor(
    shared: &Shared,
    conn: &mut SqliteConnection,
    path: PathBuf,
) -> Result<i64, StoreError> {
    let head = log::head(conn, &shared.site.id).await?;
    if head.seq > 0 {
        let job = move || anchor::append(&path, Timestamp::now(), &head);
        tokio::task::spawn_blocking(job).await.map_err(|e| StoreError::damaged(e.to_string()))??;
    }
    Ok(head.seq)
}
