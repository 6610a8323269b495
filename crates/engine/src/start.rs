//! The first world of an engine: from the snapshot file and what the log says since, or from every row of the store;
//! and that file, written for the next start.

use std::sync::Arc;

use store::{Kept, Store, StoreError, Unfit};

use crate::cpu::Cpu;
use crate::world::World;
use crate::{EngineError, follow};

/// From so many rows on, a start that had to read them all writes the snapshot file at once: the server may be stopped
/// without a chance to.
pub(crate) const LARGE: usize = 20_000;

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
pub(crate) async fn keep(store: &Store, world: &World) {
    match store.keep(world.kept()).await {
        Ok(written) => tracing::info!(head = world.head, written, "the snapshot file is of this commit"),
        Err(StoreError::Closed) => {}
        Err(error) => tracing::warn!(%error, "the snapshot file could not be written"),
    }
}
