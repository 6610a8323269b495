//! Following: other servers write the same site. A notice says that something happened and is only a hint: it may be lost
//! with its connection, and on a standby there are none. The truth is the end of the log, read at least ten times a
//! second. The same task appends the head to the anchor.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::Notify;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::connect::connect;
use super::write::channel;
use crate::place::Database;
use crate::sql::Conn;
use crate::sql::anchor::Anchoring;
use crate::sql::shared::Shared;

/// How often the log is looked at without a notice: a part of the 250 ms in which a change has to be seen.
const LOOK: Duration = Duration::from_millis(80);

/// How long it waits after a failure.
const RETRY: Duration = Duration::from_secs(1);

/// Follows until it is stopped.
pub(super) async fn run(
    shared: Arc<Shared>,
    conn: Conn,
    database: Database,
    pool: PgPool,
    anchor: Option<PathBuf>,
) {
    let hint = Notify::new();
    let channel = channel(database.schema());
    // Neither ends: one looks whenever the other tells it to, and without being told.
    tokio::select! {
        () = look(&shared, conn, &database, anchor, &hint) => {}
        () = listen(&pool, &channel, &hint) => {}
    }
}

async fn look(shared: &Shared, mut conn: Conn, database: &Database, anchor: Option<PathBuf>, hint: &Notify) {
    let mut ticks = interval(LOOK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut anchoring = Anchoring::new(anchor, *shared.head.borrow());
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = hint.notified() => {}
        }
        match shared.look(&mut conn).await {
            Ok(()) => shared.set_trouble(None),
            Err(error) => {
                tracing::warn!(%error, "cannot follow the log");
                let trouble = format!("the database cannot be read, what is shown may be old: {error}");
                shared.set_trouble(Some(trouble));
                sleep(RETRY).await;
                if let Ok(fresh) = connect(database).await {
                    conn = fresh;
                }
                continue;
            }
        }
        anchoring.tick(shared, &mut conn).await;
    }
}

/// Passes on notices of commits, as long as the server sends them. Refused on a standby, it asks again: that may have
/// become the primary.
async fn listen(pool: &PgPool, channel: &str, hint: &Notify) {
    loop {
        if let Ok(mut listener) = PgListener::connect_with(pool).await {
            listener.ignore_pool_close_event(false);
            listener.eager_reconnect(false);
            if listener.listen(channel).await.is_ok() {
                // `None`: the connection was lost.
                while let Ok(Some(_)) = listener.try_recv().await {
                    hint.notify_one();
                }
            }
        }
        sleep(RETRY).await;
    }
}
