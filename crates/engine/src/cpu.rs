//! The gate for work that needs the processor: it runs off the async threads, and only as much of it at once
//! as there are cores. What takes long and nobody waits for has one thread of its own beside them.

use std::sync::{Arc, OnceLock};

use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::sync::{Semaphore, oneshot};

use crate::EngineError;

/// A bounded door to the blocking threads.
#[derive(Clone)]
pub(crate) struct Cpu {
    permits: Arc<Semaphore>,
    aside: Arc<OnceLock<Option<ThreadPool>>>,
}

impl Cpu {
    /// A gate as wide as the machine has cores, at least two.
    pub(crate) fn new() -> Cpu {
        let cores = std::thread::available_parallelism().map_or(2, usize::from).max(2);
        Cpu { permits: Arc::new(Semaphore::new(cores)), aside: Arc::default() }
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

    /// Runs `work` on the one thread for what nobody waits for, with whatever it would do side by side: what people
    /// ask for keeps the other cores. Nothing comes when it panics.
    pub(crate) fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> oneshot::Receiver<T> {
        let (send, done) = oneshot::channel();
        let job = move || drop(send.send(work()));
        let pool = self.aside.get_or_init(|| {
            // Without a handler a panic would end the process.
            let pool = ThreadPoolBuilder::new().num_threads(1).thread_name(|_| "aside".to_owned());
            pool.panic_handler(|_| tracing::error!("work aside panicked")).build().ok()
        });
        match pool {
            Some(pool) => pool.spawn(job),
            None => drop(tokio::task::spawn_blocking(job)),
        }
        done
    }
}
