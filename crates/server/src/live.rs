//! `GET /live`: server-sent events of the changes a reader may see, resumed where the reader was cut off.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use engine::{LiveEvent, Subscription};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokio::sync::watch;
use tokio::time::{Duration, timeout};

use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// A browser that lost the stream tries again after this many milliseconds.
const RETRY: &str = "retry: 1000\n\n";

struct Stream {
    subscription: Subscription,
    stopping: watch::Receiver<bool>,
    keep_alive: Duration,
    begun: bool,
}

/// `GET /live`
pub(crate) async fn live(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["last", "lang"])?;
    let header = ask.headers.get("last-event-id").and_then(|v| v.to_str().ok()).filter(|s| !s.is_empty());
    let last = header.or(ask.one("last")?);
    let stream = Stream {
        subscription: app.engine().subscribe(&ask.actor, last),
        stopping: app.stopping(),
        keep_alive: app.config().live_keep_alive,
        begun: false,
    };
    let body = Body::from_stream(futures_util::stream::unfold(stream, |mut stream| async move {
        let piece = stream.next().await?;
        Some((Ok::<_, Infallible>(piece), stream))
    }));
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}

impl Stream {
    /// The next piece of the stream; `None` when the server stops.
    async fn next(&mut self) -> Option<Bytes> {
        if !self.begun {
            // Sent at once, so that the reader knows it is heard from now on.
            self.begun = true;
            return Some(Bytes::from_static(RETRY.as_bytes()));
        }
        let stopped = self.stopping.wait_for(|stopping| *stopping);
        tokio::select! {
            _ = stopped => None,
            event = timeout(self.keep_alive, self.subscription.next()) => match event {
                Err(_) => Some(Bytes::from_static(b": \n\n")),
                Ok(event) => event.map(|e| Bytes::from(written(&e))),
            },
        }
    }
}

/// An event as the protocol writes it. JSON holds no line breaks.
fn written(event: &LiveEvent) -> String {
    match event {
        LiveEvent::Change { mark, data } => format!("event: change\nid: {mark}\ndata: {data}\n\n"),
        LiveEvent::Reset { mark } => format!("event: reset\nid: {mark}\ndata: {{}}\n\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_written_as_the_protocol_says() {
        let change = LiveEvent::Change { mark: "m".to_owned(), data: "{\"a\":1}".to_owned() };
        assert_eq!(written(&change), "event: change\nid: m\ndata: {\"a\":1}\n\n");
        assert_eq!(written(&LiveEvent::Reset { mark: "m".to_owned() }), "event: reset\nid: m\ndata: {}\n\n");
    }
}
