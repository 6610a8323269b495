//! Following: another process may write the same file. `PRAGMA data_version` says so; the head is read and everyone
//! is told. The same task appends the head to the anchor, once a second when it moved.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval, sleep};

use super::connect::{self, Use};
use crate::StoreError;
use crate::sql::anchor::Anchoring;
use crate::sql::shared::Shared;
use crate::sql::{Conn, query};

/// How often the file is looked at: a small part of the 250 ms in which a change has to be seen.
const LOOK: Duration = Duration::from_millis(50);

/// How long it waits after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// Follows until it is stopped.
pub(super) async fn run(
    shared: Arc<Shared>,
    mut conn: Conn,
    path: PathBuf,
    purpose: Use,
    anchor: Option<PathBuf>,
) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut version = None;
    let mut anchoring = Anchoring::new(anchor, *shared.head.borrow());
    loop {
        ticks.tick().await;
        if let Err(error) = look(&shared, &mut conn, &mut version).await {
            tracing::warn!(%error, "cannot follow the log");
            version = None;
            sleep(RETRY).await;
            if let Ok(fresh) = connect::connect(&path, purpose).await {
                conn = fresh.into();
            }
        }
        anchoring.tick(&shared, &mut conn).await;
    }
}

async fn look(shared: &Shared, conn: &mut Conn, version: &mut Option<i64>) -> Result<(), StoreError> {
    let now: Option<i64> = query("pragma data_version").scalar(conn).await?;
    if *version != now {
        shared.look(conn).await?;
        *version = now;
    }
    Ok(())
}
