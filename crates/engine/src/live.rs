//! Live events: every browser hears of the changes it may see, with the tiles they touch, and can take up where
//! it was cut off.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use model::Role;
use tokio::sync::broadcast::{self, error::RecvError};

use crate::mark::Marks;
use crate::world::Event;

/// How many events are kept for browsers that come back.
const KEPT: usize = 20_000;
/// How many batches a slow reader may lag behind.
const LAG: usize = 1_024;
/// Beyond this many events in one batch a browser does better to ask for everything anew.
const BURST: usize = 1_000;

/// The hub that hands events to subscriptions.
pub(crate) struct Hub {
    sender: broadcast::Sender<Arc<Vec<Event>>>,
    kept: Mutex<Kept>,
}

struct Kept {
    /// Everything after this number is in the queue.
    since: i64,
    batches: VecDeque<Arc<Vec<Event>>>,
    events: usize,
}

/// A message to a browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiveEvent {
    /// A feature changed.
    Change {
        /// Where the reader is in the log.
        mark: String,
        /// The change, JSON.
        data: Arc<str>,
    },
    /// Too much was missed: ask for everything anew.
    Reset {
        /// Where the reader is in the log.
        mark: String,
    },
}

impl Hub {
    pub(crate) fn new(head: i64) -> Hub {
        let kept = Kept { since: head, batches: VecDeque::new(), events: 0 };
        Hub { sender: broadcast::channel(LAG).0, kept: Mutex::new(kept) }
    }

    pub(crate) fn publish(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let batch = Arc::new(events);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.events += batch.len();
        kept.batches.push_back(Arc::clone(&batch));
        while kept.events > KEPT
            && let Some(old) = kept.batches.pop_front()
        {
            kept.events -= old.len();
            kept.since = old.last().map_or(kept.since, |e| e.seq);
        }
        // Sent under the lock, so that a subscription sees every batch once: kept or sent.
        let _ = self.sender.send(batch);
    }

    pub(crate) fn subscribe(&self, role: Role, marks: Marks, last: Option<i64>, head: i64) -> Subscription {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let receiver = self.sender.subscribe();
        let mut subscription = Subscription { role, marks, receiver, queue: VecDeque::new(), head };
        match last {
            Some(last) if last < kept.since || last > head => subscription.reset(),
            Some(last) => {
                let missed: Vec<Event> =
                    kept.batches.iter().flat_map(|b| b.iter()).filter(|e| e.seq > last).cloned().collect();
                subscription.take(&missed);
            }
            None => {}
        }
        subscription
    }
}

/// One browser's stream of events.
pub struct Subscription {
    role: Role,
    marks: Marks,
    receiver: broadcast::Receiver<Arc<Vec<Event>>>,
    queue: VecDeque<LiveEvent>,
    head: i64,
}

impl Subscription {
    /// The next event; `None` when the server stops.
    pub async fn next(&mut self) -> Option<LiveEvent> {
        loop {
            if let Some(event) = self.queue.pop_front() {
                return Some(event);
            }
            match self.receiver.recv().await {
                Ok(batch) => self.take(&batch),
                Err(RecvError::Lagged(_)) => self.reset(),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Where the reader is in the log: everything up to there was told or is queued.
    pub fn mark(&self) -> String {
        self.marks.make(self.head)
    }

    fn reset(&mut self) {
        self.queue.clear();
        self.queue.push_back(LiveEvent::Reset { mark: self.marks.make(self.head) });
    }

    fn take(&mut self, batch: &[Event]) {
        let seen: Vec<&Event> = batch.iter().filter(|e| e.roles.contains(&self.role)).collect();
        self.head = batch.iter().map(|e| e.seq).max().unwrap_or(self.head).max(self.head);
        if seen.len() > BURST {
            self.reset();
            return;
        }
        for event in seen {
            let mark = self.marks.make(event.seq);
            self.queue.push_back(LiveEvent::Change { mark, data: Arc::clone(event.data()) });
        }
    }
}
