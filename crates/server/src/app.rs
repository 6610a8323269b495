//! What every handler shares: the engine, the settings, the meters, and the sign that the server stops.

use std::sync::Arc;

use engine::{Actor, Engine};
use model::Lang;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

use crate::ServeConfig;
use crate::telemetry::Meters;

/// The shared state of all handlers; clones are cheap.
#[derive(Clone)]
pub(crate) struct App {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Engine,
    config: ServeConfig,
    meters: Meters,
    uploads: Semaphore,
    stopping: watch::Sender<bool>,
    importing: Semaphore,
}

/// How many files are read at once.
const IMPORTS: usize = 2;

impl App {
    pub(crate) fn new(engine: Engine, config: ServeConfig) -> App {
        let uploads = Semaphore::new(config.max_uploads);
        let inner = Inner {
            engine,
            config,
            meters: Meters::new(),
            uploads,
            stopping: watch::Sender::new(false),
            importing: Semaphore::new(IMPORTS),
        };
        App { inner: Arc::new(inner) }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.inner.engine
    }

    pub(crate) fn config(&self) -> &ServeConfig {
        &self.inner.config
    }

    pub(crate) fn meters(&self) -> &Meters {
        &self.inner.meters
    }

    /// The turns of those who import.
    pub(crate) fn importing(&self) -> &Semaphore {
        &self.inner.importing
    }

    /// Room for one more photo to be received, when there is any.
    pub(crate) fn upload(&self) -> Option<SemaphorePermit<'_>> {
        self.inner.uploads.try_acquire().ok()
    }

    /// Whoever connects, until accounts exist.
    pub(crate) fn actor(&self, lang: Lang) -> Actor {
        Actor { role: self.inner.config.role, name: self.inner.config.actor_name.clone(), lang }
    }

    /// Ends open streams and asks connections to finish.
    pub(crate) fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Turns true when the server stops.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.inner.stopping.subscribe()
    }
}
