//! The gate for work that needs the processor: it runs off the async threads, and only as much of it at once
//! as there are cores.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::EngineError;

/// A bounded door to the blocking threads.
#[derive(Clone)]
pub(crate) struct Cpu {
    permits: Arc<Semaphore>,
}

impl Cpu {
    /// A gate as wide as the machine has cores, at least two.
    pub(crate) fn new() -> Cpu {
        let cores = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        Cpu { permits: Arc::new(Semaphore::new(cores)) }
    }

    /// Runs `work` on a blocking thread when its turn has come.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, EngineError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| EngineError::Stopped)?;
        tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work()
        })
        .await
        .map_err(|_| EngineError::Stopped)
    }
}
