//! What the parts of an open site share: its layers, the end of its log, what troubles it.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::watch;

use super::registry::Registry;
use super::{Conn, anchor, log};
use crate::{Site, StoreError};

/// What the writer shares with the rest of the store.
pub(crate) struct Shared {
    /// The name beside which the anchor and the snapshot file lie; none where nothing is kept beside the store.
    pub beside: Option<PathBuf>,
    pub site: Site,
    pub registry: RwLock<Arc<Registry>>,
    pub head: watch::Sender<i64>,
    /// What keeps it from following the log, in words.
    trouble: Mutex<Option<String>>,
}

impl Shared {
    /// What an open site begins with.
    pub(crate) fn new(beside: Option<PathBuf>, site: Site, registry: Registry, head: i64) -> Shared {
        Shared {
            beside,
            site,
            registry: RwLock::new(Arc::new(registry)),
            head: watch::Sender::new(head),
            trouble: Mutex::new(None),
        }
    }

    /// What keeps it from following the log.
    pub(crate) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says what keeps it from following the log, or that nothing does any more.
    pub(crate) fn set_trouble(&self, trouble: Option<String>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Reads the end of the log and tells everyone.
    pub(crate) async fn look(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let head = log::head_seq(conn).await?;
        // Definitions first: who hears of the head may ask for them.
        let known = self.registry();
        let fresh = known.fresh(conn).await?;
        if !Arc::ptr_eq(&known, &fresh) {
            self.set_registry(fresh);
        }
        self.raise(head);
        Ok(())
    }

    /// Appends the head to the anchor; answers its number.
    pub(crate) async fn write_anchor(&self, conn: &mut Conn, path: PathBuf) -> Result<i64, StoreError> {
        let head = log::head(conn, &self.site.id).await?;
        if head.seq > 0 {
            let job = move || anchor::append(&path, Timestamp::now(), &head);
            tokio::task::spawn_blocking(job).await.map_err(|e| StoreError::damaged(e.to_string()))??;
        }
        Ok(head.seq)
    }

    /// The layers.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the layers.
    pub(crate) fn set_registry(&self, next: Arc<Registry>) {
        *self.registry.write().unwrap_or_else(PoisonError::into_inner) = next;
    }

    /// Tells everyone of a new head; an older one is no news.
    pub(crate) fn raise(&self, seq: i64) {
        self.head.send_if_modified(|known| {
            let newer = seq > *known;
            if newer {
                *known = seq;
            }
            newer
        });
    }
}
