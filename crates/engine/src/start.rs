//! The first world of an engine: from the snapshot file and what the log says since, or from every row of the store;
//! and that file, written for the next start.

use std::sync::Arc;

use jiff::Timestamp;
use store::{Kept, Store, StoreError, Unfit};
use tokio::sync::Mutex;

use crate::cpu::Cpu;
use crate::world::World;
use crate::{EngineError, follow};

/// What a caller may set.
#[derive(Debug, Clone)]
pub struct Config {
    /// A fixed "now" (`DIABAN_NOW`); the clock when absent.
    pub now: Option<Timestamp>,
    /// Most bytes of drawn tiles that are kept.
    pub tile_cache_bytes: u64,
    /// Whether to write the snapshot file beside the store for the next start. It is read either way.
    pub keep_snapshot: bool,
}

impl Default for Config {
    fn default() -> Self {
        Config { now: None, tile_cache_bytes: 256 << 20, keep_snapshot: false }
    }
}

/// From so many rows on, a start that had to read them all writes the snapshot file at once: the server may be stopped
/// without a chance to.
const LARGE: usize = 20_000;

/// The world as of the log's end, and whether every row had to be read for it.
pub(crate) async fn world(store: &Store, cpu: &Cpu) -> Result<(World, bool), EngineError> {
    match store.kept().await {
        Ok(kept) => {
            let from = kept.head;
            let Kept { head, layers, photos } = kept;
            let mut world = Arc::new(cpu.run(move || World::of(head, layers, &photos)).await?);
            while let Some((next, _)) = follow::next(store, &world, cpu).await? {
                world = Arc::new(next);
            }
            tracing::info!(from, head = world.head, "started from the snapshot file");
            return Ok(((*world).clone(), false));
        }
        Err(Unfit::Missing) => tracing::info!("reading every row: there is no snapshot file"),
        Err(Unfit::Store(error)) => return Err(error.into()),
        Err(why) => tracing::info!(%why, "reading every row"),
    }
    let loaded = store.load().await?;
    Ok((cpu.run(move || World::build(loaded)).await?, true))
}

/// Writes the snapshot file. A site does without one, so that it could not be written is only told.
async fn keep(store: &Store, world: &World) {
    match store.keep(world.kept()).await {
        Ok(written) => tracing::info!(head = world.head, written, "the snapshot file is of this commit"),
        Err(StoreError::Closed) => {}
        Err(error) => tracing::warn!(%error, "the snapshot file could not be written"),
    }
}

/// Writes the snapshot file, one writing at a time.
pub(crate) struct Keeper {
    wanted: bool,
    busy: Arc<Mutex<()>>,
}

impl Keeper {
    /// One that writes, or one that is asked in vain.
    pub(crate) fn new(wanted: bool) -> Keeper {
        Keeper { wanted, busy: Arc::default() }
    }

    /// Begins to write after a start that read every row, where that takes long.
    pub(crate) async fn after_start(&self, store: &Store, world: &World) {
        if self.wanted && world.len() >= LARGE {
            let busy = Arc::clone(&self.busy).lock_owned().await;
            let (store, world) = (store.clone(), world.clone());
            tokio::spawn(async move {
                keep(&store, &world).await;
                drop(busy);
            });
        }
    }

    /// Writes when the server stops.
    pub(crate) async fn at_stop(&self, store: &Store, world: &World) {
        if self.wanted {
            let _busy = self.busy.lock().await;
            keep(store, world).await;
        }
    }
}
