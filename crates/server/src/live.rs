//! Live events over server-sent events. A stream ends when the server stops; a browser comes back with the mark of
//! the last event it saw.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use engine::{LiveEvent, Subscription};
use futures_util::{StreamExt as _, stream};
use http::{HeaderName, HeaderValue};

use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// How soon a browser comes back after its stream broke.
const RETRY: Duration = Duration::from_secs(2);
const EVENT_STREAM: &str = "text/event-stream";
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// nginx must not hold events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// `GET /live`
pub(crate) async fn live(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["last"])?;
    ask.accepts(&[EVENT_STREAM])?;
    // The header is the newer one: a browser keeps sending the address it began with.
    let header = ask.headers.get(LAST_EVENT_ID).and_then(|v| v.to_str().ok()).filter(|v| !v.is_empty());
    let last = header.or(ask.one("last")?.filter(|v| !v.is_empty()));
    // A server that is a little behind the one the browser came from need not begin anew.
    app.engine().caught_up(last.into_iter()).await?;
    let subscription = app.engine().subscribe(&ask.actor, last);
    let hello = stream::once(async { Event::default().retry(RETRY).comment("diaban") });
    let events = stream::unfold((subscription, app.clone()), next);
    let keep_alive = KeepAlive::new().interval(app.config().live_keep_alive);
    let events = hello.chain(events).map(Ok::<_, Infallible>);
    let mut response = Sse::new(events).keep_alive(keep_alive).into_response();
    response.headers_mut().insert(BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// An open stream: its events, and the server whose end is its end.
type Open = (Subscription, App);

async fn next((mut subscription, app): Open) -> Option<(Event, Open)> {
    let mut stopping = app.stopping();
    let event = tokio::select! {
        _ = stopping.wait_for(|stop| *stop) => None,
        event = subscription.next() => event,
    }?;
    let event = match event {
        LiveEvent::Change { mark, data } => Event::default().event("change").id(mark).data(data),
        LiveEvent::Reset { mark } => Event::default().event("reset").id(mark).data("{}"),
    };
    Some((event, (subscription, app)))
}
