//! Accepts connections until told to stop, then lets running requests finish.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use engine::Engine;
use hyper::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tower::Service as _;

use crate::ServeConfig;
use crate::app::App;
use crate::connection::{Connection, Counted, Timed};
use crate::routes;

/// Pause after an accept that failed for want of a resource.
const BREATH: Duration = Duration::from_millis(50);
/// Time between two clearings of the meters' samples.
const UPKEEP: Duration = Duration::from_secs(5);
/// Most bytes of a request's headers.
const MAX_HEAD: usize = 64 << 10;

/// Serves a site until `shutdown` is ready. `on_ready` is told the real address once connections are accepted.
///
/// At shutdown nothing new is accepted, open event streams end at once, and running requests get the grace of the
/// configuration.
///
/// # Errors
/// An address that is not loopback, or one that cannot be bound.
pub async fn serve(
    engine: Engine,
    config: ServeConfig,
    on_ready: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()>,
) -> anyhow::Result<()> {
    anyhow::ensure!(
        config.listen.ip().is_loopback(),
        "{} is not an address of this machine alone: there are no accounts yet, so only loopback addresses \
         (127.0.0.1, [::1]) are served",
        config.listen
    );
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {}", config.listen))?;
    let address = listener.local_addr().context("the listening address")?;
    let app = App::new(engine, ServeConfig { listen: address, ..config });
    let router = routes::router(app.clone());
    let builder = Arc::new(builder(app.config()));
    let slots = Arc::new(Semaphore::new(app.config().max_connections));
    let mut connections = JoinSet::new();
    let mut upkeep = tokio::time::interval(UPKEEP);
    let mut shutdown = pin!(shutdown);
    on_ready(address);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                // Beyond the cap a connection is closed by being dropped.
                Ok((stream, _)) => if let Ok(slot) = Arc::clone(&slots).try_acquire_owned() {
                    connections.spawn(connection(stream, slot, app.clone(), router.clone(), Arc::clone(&builder)));
                } else {
                    app.meters().connection_refused();
                },
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BREATH).await;
                }
            },
            Some(_) = connections.join_next() => {}
            _ = upkeep.tick() => app.meters().upkeep(),
            () = &mut shutdown => break,
        }
    }
    drop(listener);
    app.stop();
    let finished = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(app.config().grace, finished).await.is_err() {
        tracing::warn!(connections = connections.len(), "cut off at shutdown");
        connections.shutdown().await;
    }
    Ok(())
}

fn builder(config: &ServeConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // The finer times are kept by `Timed`; this one stands behind them.
        .header_read_timeout(config.header_timeout.max(config.idle_timeout))
        .max_buf_size(MAX_HEAD);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(MAX_HEAD as u32)
        .max_concurrent_streams(128)
        .keep_alive_interval(config.idle_timeout)
        .keep_alive_timeout(config.header_timeout);
    builder
}

async fn connection(
    stream: TcpStream,
    slot: OwnedSemaphorePermit,
    app: App,
    router: Router,
    builder: Arc<Builder<TokioExecutor>>,
) {
    let _slot = slot;
    let _open = app.meters().connection_opened();
    // Small answers must not wait for more to fill a packet.
    let _ = stream.set_nodelay(true);
    let progress = Connection::default();
    let io = TokioIo::new(Timed::new(stream, progress.clone(), app.config()));
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let running = progress.begin();
        request.extensions_mut().insert(progress.clone());
        let answer = router.clone().call(request.map(Body::new));
        async move { answer.await.map(|response| response.map(|body| Counted::new(body, running))) }
    });
    let mut stopping = app.stopping();
    let mut served = pin!(builder.serve_connection::<_, _, Counted>(io, service));
    // The value watched is dropped at once: it must not be held while the connection finishes.
    let stopped = async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    };
    let ended = tokio::select! {
        done = served.as_mut() => Some(done),
        () = stopped => None,
    };
    let done: Result<(), _> = if let Some(done) = ended {
        done
    } else {
        served.as_mut().graceful_shutdown();
        served.await
    };
    if let Err(error) = done {
        // Readers go away all the time.
        tracing::trace!(%error, "a connection ended early");
    }
}
