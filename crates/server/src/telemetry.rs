//! What the server tells about itself: one log line per request, counters and times for `/metrics`.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use axum::extract::{MatchedPath, Request};
use axum::response::Response;
use http::{HeaderName, HeaderValue, Method, Uri};
use metrics::{Counter, counter, gauge, histogram, with_local_recorder};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};
use model::Lang;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use crate::app::App;
use crate::ask::{lang_of, params_of};
use crate::problem::{self, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Upper bounds of the times that are counted, in seconds.
const BUCKETS: [f64; 13] =
    [0.0001, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 10.0];

/// Begins to log to stderr as JSON, one line per event; `filter` is as in `DIABAN_LOG`.
///
/// # Errors
/// A filter that cannot be read, or a process that logs already.
pub fn telemetry(filter: &str) -> anyhow::Result<()> {
    let filter = tracing_subscriber::EnvFilter::try_new(filter)
        .with_context(|| format!("“{filter}” is not a log filter such as “debug” or “warn,server=info”"))?;
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init()
        .map_err(|error| anyhow::anyhow!("the log cannot be begun: {error}"))
}

/// The meters of one server. They are its own and not the process's, so that tests can hold several.
pub(crate) struct Meters {
    recorder: PrometheusRecorder,
    handle: PrometheusHandle,
    open: Arc<AtomicUsize>,
    /// Per route, so that an answer is counted without making names.
    known: RwLock<FxHashMap<Box<str>, Vec<Metered>>>,
}

/// An open connection; dropped, it is closed.
pub(crate) struct Open(Arc<AtomicUsize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Meters {
    pub(crate) fn new() -> Meters {
        let builder = PrometheusBuilder::new();
        // The bounds are a constant list that is not empty, the one thing this refuses.
        let builder = builder.set_buckets(&BUCKETS).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        let meters = Meters { recorder, handle, open: Arc::default(), known: RwLock::default() };
        meters.count(|| {
            gauge!("diaban_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
            counter!("connections_refused_total").absolute(0);
        });
        meters
    }

    fn count(&self, write: impl FnOnce()) {
        with_local_recorder(&self.recorder, write);
    }

    pub(crate) fn connection_opened(&self) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(Arc::clone(&self.open))
    }

    pub(crate) fn connection_refused(&self) {
        self.count(|| counter!("connections_refused_total").increment(1));
    }

    /// Sorts collected samples into their bounds; without it they would pile up.
    pub(crate) fn upkeep(&self) {
        self.handle.run_upkeep();
    }

    /// All meters in the text format of Prometheus.
    pub(crate) fn text(&self, features: usize, tiles_drawn: u64) -> String {
        let open = self.open.load(Ordering::Relaxed);
        self.count(|| {
            gauge!("features_in_memory").set(features as f64);
            gauge!("connections_open").set(open as f64);
            counter!("diaban_tiles_drawn_total").absolute(tiles_drawn);
        });
        self.handle.render()
    }

    fn answered(&self, method: &Method, route: &str, status: u16, seconds: f64) {
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::OPTIONS => "OPTIONS",
            Method::POST => "POST",
            Method::PUT => "PUT",
            Method::PATCH => "PATCH",
            Method::DELETE => "DELETE",
            _ => "other",
        };
        let is_it = |m: &&Metered| (m.method, m.status) == (method, status);
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(meter) = known.get(route).and_then(|all| all.iter().find(is_it)) {
            meter.requests.increment(1);
            meter.duration.record(seconds);
            return;
        }
        drop(known);
        let meter = with_local_recorder(&self.recorder, || {
            let labels =
                [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
            Metered {
                method,
                status,
                requests: counter!("http_requests_total", &labels),
                duration: histogram!("http_request_duration_seconds", "route" => route.to_owned()),
            }
        });
        meter.requests.increment(1);
        meter.duration.record(seconds);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.entry(route.into()).or_default().push(meter);
    }
}

/// The meters of one kind of answer on one route; two of the same kind write to the same.
struct Metered {
    method: &'static str,
    status: u16,
    requests: Counter,
    duration: metrics::Histogram,
}

/// A name that no other request has: the time, and a number that goes on from a random one. Asking the system for
/// random bytes each time would cost more than finding a tile.
fn request_id() -> Uuid {
    static NEXT: LazyLock<AtomicU64> = LazyLock::new(|| AtomicU64::new(Uuid::now_v7().as_u64_pair().1));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut rest = [0; 10];
    rest[2..].copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    let millis = u64::try_from(now.as_millis()).unwrap_or(u64::MAX);
    uuid::Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

/// A request on its way: what is told of it when it is answered.
pub(crate) struct Observed {
    start: Instant,
    id: Uuid,
    method: Method,
    uri: Uri,
    matched: Option<MatchedPath>,
    lang: Lang,
}

impl Observed {
    /// Names the request.
    pub(crate) fn begin(request: &Request) -> Observed {
        Observed {
            start: Instant::now(),
            id: request_id(),
            method: request.method().clone(),
            uri: request.uri().clone(),
            matched: request.extensions().get::<MatchedPath>().cloned(),
            lang: lang_of(&params_of(request.uri()), request.headers()),
        }
    }

    /// Writes a problem in the reader's language, counts, and logs once.
    pub(crate) fn end(self, app: &App, answer: Response) -> Response {
        let Observed { start, id, method, uri, matched, lang } = self;
        let route = matched.as_ref().map_or("other", MatchedPath::as_str);
        let mut buffer = Uuid::encode_buffer();
        let id: &str = id.hyphenated().encode_lower(&mut buffer);
        let mut response = problem::render(answer, &method, lang, id);
        let status = response.status().as_u16();
        let seconds = start.elapsed().as_secs_f64();
        let problem = response.extensions().get::<Problem>();
        let code = problem.map_or("", |p| p.code().as_str());
        let ms = (seconds * 1e6).round() / 1e3;
        if status >= 500 {
            let cause = problem.and_then(Problem::cause).unwrap_or_default();
            tracing::error!(request_id = %id, %method, route, path = uri.path(), status, ms, code, cause, "request");
        } else {
            tracing::debug!(request_id = %id, %method, route, path = uri.path(), status, ms, code, "request");
        }
        app.meters().answered(&method, route, status, seconds);
        if let Ok(id) = HeaderValue::from_str(id) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        response
    }
}
