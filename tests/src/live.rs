//! Server-sent events of `/live`, as a browser reads them.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use ureq::http::Request;

use crate::http::agent;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// The event's name: `change`, `reset`.
    pub event: String,
    /// The event's id: a mark.
    pub id: String,
    /// The event's data.
    pub data: String,
}

impl Event {
    /// The data as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("not JSON: {error}\n{}", self.data))
    }
}

/// An open stream of events.
pub struct Live {
    events: Receiver<Event>,
}

impl Live {
    /// Opens the stream, after `last` if one is given. When this returns the server has answered, so that no later event
    /// is missed.
    #[track_caller]
    pub fn open(base: &str, path: &str, last: Option<&str>) -> Self {
        let mut request = Request::get(format!("{base}{path}")).header("accept", "text/event-stream");
        if let Some(mark) = last {
            request = request.header("last-event-id", mark);
        }
        let request = request.body(()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let answer = agent(None).run(request).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        let (send, events) = mpsc::channel();
        let body = answer.into_body().into_with_config().limit(u64::MAX).reader();
        // Ends with the server's stream: the reader has no other way to be woken.
        thread::spawn(move || read_events(body, &send));
        Self { events }
    }

    /// The next event, or `None` when none comes in time or the stream has ended.
    pub fn next(&self, within: Duration) -> Option<Event> {
        self.events.recv_timeout(within).ok()
    }

    /// The next event that satisfies `wanted`; others are passed over.
    pub fn find(&self, within: Duration, wanted: impl Fn(&Event) -> bool) -> Option<Event> {
        let deadline = Instant::now() + within;
        loop {
            let event = self.next(deadline.saturating_duration_since(Instant::now()))?;
            if wanted(&event) {
                return Some(event);
            }
        }
    }
}

/// Fields up to an empty line make an event; an event without data is none, a line that begins with a colon a comment.
fn read_events(body: impl Read, send: &Sender<Event>) {
    let mut event = Event::default();
    for line in BufReader::new(body).lines().map_while(Result::ok) {
        if line.is_empty() {
            let whole = std::mem::take(&mut event);
            if !whole.data.is_empty() && send.send(whole).is_err() {
                return;
            }
            continue;
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut event.event),
            "id" => value.clone_into(&mut event.id),
            "data" => {
                if !event.data.is_empty() {
                    event.data.push('\n');
                }
                event.data.push_str(value);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_as_a_browser_does() {
        let stream = ": hello\n\nevent: change\nid: m1\ndata: {\"a\":1,\ndata:\"b\":2}\n\nid: m2\n\nevent: reset\ndata: {}\n\n";
        let (send, events) = mpsc::channel();
        read_events(stream.as_bytes(), &send);
        drop(send);
        let events: Vec<Event> = events.iter().collect();
        assert_eq!(events.len(), 2);
        assert_eq!((events[0].event.as_str(), events[0].id.as_str()), ("change", "m1"));
        assert_eq!(events[0].json()["b"], 2);
        assert_eq!(events[1].event, "reset");
    }
}
