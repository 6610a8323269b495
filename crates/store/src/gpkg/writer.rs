//! The one writer of this process. It takes edits as they come, puts those that wait together into one transaction,
//! each under a savepoint of its own, and answers after the commit.

use std::path::PathBuf;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use model::{Code, Fault, LayerDef};
use sqlx::Connection;
use sqlx::sqlite::SqliteConnection;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use super::change::{self, Work};
use super::connect::{self, Use};
use super::log::{self, Head};
use super::redact::{self, RedactRequest};
use super::registry::Registry;
use super::{attachment, bulk, schema, undo};
use crate::snapshot_file;
use crate::{EditRequest, Edited, ImportRequest, Imported, Site, StoreError, Undo, UndoRequest, Upload};

/// How many edits one transaction takes.
const MOST: usize = 64;

/// How long a transaction waits for more edits, when the last one had several.
const WAIT: Duration = Duration::from_millis(5);

/// Where the answer goes.
pub(crate) type Reply<T> = oneshot::Sender<Result<T, StoreError>>;

/// What the writer is asked to do.
pub(crate) enum Job {
    Edit(Box<EditRequest>, Reply<Edited>),
    Import(Box<ImportRequest>, Reply<Imported>),
    Undo(UndoRequest, Reply<Undo>),
    Attach(Box<Upload>, Reply<Option<i64>>),
    Define {
        defs: Vec<Arc<LayerDef>>,
        actor: String,
        at: Timestamp,
        reply: Reply<Option<i64>>,
    },
    Redact(Box<RedactRequest>, Reply<i64>),
    /// Moves the log of writes into the file and ends.
    Close(Reply<()>),
}

/// What the writer shares with the rest of the store.
pub(crate) struct Shared {
    pub path: PathBuf,
    pub site: Site,
    pub registry: RwLock<Arc<Registry>>,
    pub head: watch::Sender<i64>,
}

impl Shared {
    /// The layers.
    pub(crate) fn registry(&self) -> Arc<Registry> {
        Arc::clone(&self.registry.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Replaces the layers.
    pub(crate) fn set_registry(&self, next: Arc<Registry>) {
        *self.registry.write().unwrap_or_else(std::sync::PoisonError::into_inner) = next;
    }

    /// Tells everyone of a new head; an older one is no news.
    pub(crate) fn raise(&self, seq: i64) {
        self.head.send_if_modified(|known| {
            let newer = seq > *known;
            if newer {
                *known = seq;
            }
            newer
        });
    }
}

/// The writer.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    conn: SqliteConnection,
}

type Batch = Vec<(Box<EditRequest>, Reply<Edited>)>;

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, conn: SqliteConnection) -> Writer {
        Writer { shared, conn }
    }

    /// Works until the store is closed or dropped.
    pub(crate) async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut waiting = None;
        let mut last = 1;
        loop {
            let job = match waiting.take() {
                Some(job) => job,
                None => match jobs.recv().await {
                    Some(job) => job,
                    None => return,
                },
            };
            match job {
                Job::Edit(request, reply) => {
                    let mut batch = vec![(request, reply)];
                    waiting = gather(&mut jobs, &mut batch, last).await;
                    last = batch.len();
                    self.edits(batch).await;
                }
                Job::Import(request, reply) => {
                    let done = self.import(*request).await;
                    drop(reply.send(done));
                }
                Job::Undo(request, reply) => {
                    let done = self.undo(request).await;
                    drop(reply.send(done));
                }
                Job::Attach(upload, reply) => {
                    let done = self.attach(*upload).await;
                    drop(reply.send(done));
                }
                Job::Define { defs, actor, at, reply } => {
                    let done = self.define(&defs, &actor, at).await;
                    drop(reply.send(done));
                }
                Job::Redact(request, reply) => {
                    let done = self.redact(*request).await;
                    drop(reply.send(done));
                }
                Job::Close(reply) => {
                    jobs.close();
                    // Best effort: a reader may hold the file; whoever closes it last does it then.
                    let _ = sqlx::query("pragma busy_timeout = 500").execute(&mut self.conn).await;
                    let _ = sqlx::query("pragma wal_checkpoint(truncate)").execute(&mut self.conn).await;
                    drop(reply.send(self.conn.close().await.map_err(StoreError::from)));
                    return;
                }
            }
        }
    }

    /// Begins a transaction that will write, and reads what it builds on.
    async fn begin(&mut self) -> Result<(Head, Arc<Registry>), StoreError> {
        let begun = sqlx::query("begin immediate").execute(&mut self.conn).await;
        if let Err(e) = begun {
            if StoreError::is_busy(&e) {
                return Err(StoreError::Busy { path: self.shared.path.clone() });
            }
            return Err(e.into());
        }
        let head = log::head(&mut self.conn, &self.shared.site.id).await?;
        let registry = self.shared.registry().fresh(&mut self.conn).await?;
        Ok((head, registry))
    }

    /// Makes the transaction durable. When that fails nothing of it is kept, and it is not tried again.
    async fn commit(&mut self) -> Result<(), StoreError> {
        match sqlx::query("commit").execute(&mut self.conn).await {
            Ok(_) => Ok(()),
            Err(e) => Err(StoreError::NotCommitted(e.to_string())),
        }
    }

    /// Ends a failed transaction, with a new connection when this one cannot.
    async fn abandon(&mut self) {
        // SQLite may have rolled back already and then says so: begin and end an empty one to be sure.
        let _ = sqlx::query("rollback").execute(&mut self.conn).await;
        let clean = sqlx::query("begin").execute(&mut self.conn).await.is_ok()
            && sqlx::query("rollback").execute(&mut self.conn).await.is_ok();
        if !clean && let Ok(conn) = connect::connect(&self.shared.path, Use::Write).await {
            self.conn = conn;
        }
    }

    async fn edits(&mut self, batch: Batch) {
        let (requests, replies): (Vec<_>, Vec<_>) = batch.into_iter().unzip();
        match self.transaction(requests).await {
            Ok(done) => {
                for (reply, result) in replies.into_iter().zip(done) {
                    drop(reply.send(result));
                }
            }
            Err(error) => {
                self.abandon().await;
                let mut replies = replies.into_iter();
                let text = error.to_string();
                let path = matches!(error, StoreError::Busy { .. }).then(|| self.shared.path.clone());
                if let Some(first) = replies.next() {
                    drop(first.send(Err(error)));
                }
                for reply in replies {
                    let theirs = match &path {
                        Some(path) => StoreError::Busy { path: path.clone() },
                        None => StoreError::NotCommitted(text.clone()),
                    };
                    drop(reply.send(Err(theirs)));
                }
            }
        }
    }

    /// Makes all edits in one transaction. An error here is everyone's; an edit's own stands in its place.
    #[expect(clippy::vec_box, reason = "they come boxed through the channel")]
    async fn transaction(
        &mut self,
        requests: Vec<Box<EditRequest>>,
    ) -> Result<Vec<Result<Edited, StoreError>>, StoreError> {
        let (mut head, registry) = self.begin().await?;
        let before = head.seq;
        let mut done = Vec::with_capacity(requests.len());
        for request in requests {
            sqlx::query("savepoint edit").execute(&mut self.conn).await?;
            let from = head;
            let mut work = Work {
                conn: &mut self.conn,
                registry: &registry,
                site_key: &self.shared.site.key,
                head: &mut head,
            };
            let result = match change::edit(&mut work, *request).await {
                Err(StoreError::Database(e)) if !StoreError::is_refusal(&e) => return Err(e.into()),
                other => other,
            };
            if result.is_err() {
                sqlx::query("rollback to edit").execute(&mut self.conn).await?;
                head = from;
            }
            sqlx::query("release edit").execute(&mut self.conn).await?;
            done.push(result);
        }
        self.finish(before, head, &registry).await?;
        Ok(done)
    }

    /// Commits what moved the head from `before`, or goes back when nothing did.
    async fn finish(&mut self, before: i64, head: Head, registry: &Arc<Registry>) -> Result<(), StoreError> {
        if head.seq == before {
            sqlx::query("rollback").execute(&mut self.conn).await?;
        } else {
            self.commit().await?;
        }
        self.shared.set_registry(Arc::clone(registry));
        self.shared.raise(head.seq);
        Ok(())
    }

    /// One job in a transaction of its own: kept whole, or nothing of it.
    async fn whole<T>(
        &mut self,
        job: impl AsyncFnOnce(&mut Work<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let result = async {
            let (mut head, registry) = self.begin().await?;
            let before = head.seq;
            let mut work = Work {
                conn: &mut self.conn,
                registry: &registry,
                site_key: &self.shared.site.key,
                head: &mut head,
            };
            let done = job(&mut work).await?;
            self.finish(before, head, &registry).await?;
            Ok(done)
        }
        .await;
        if result.is_err() {
            self.abandon().await;
        }
        result
    }

    async fn import(&mut self, request: ImportRequest) -> Result<Imported, StoreError> {
        self.whole(async |work| bulk::import(work, request).await).await
    }

    async fn undo(&mut self, request: UndoRequest) -> Result<Undo, StoreError> {
        self.whole(async |work| undo::undo(work, request).await).await
    }

    async fn attach(&mut self, upload: Upload) -> Result<Option<i64>, StoreError> {
        self.whole(async |work| attachment::attach(work, upload).await).await
    }

    async fn define(
        &mut self,
        defs: &[Arc<LayerDef>],
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let result = async {
            let (mut head, registry) = self.begin().await?;
            let before = head.seq;
            let seq = define_all(&mut self.conn, &mut head, defs, actor, at).await?;
            let registry = registry.fresh(&mut self.conn).await?;
            self.finish(before, head, &registry).await?;
            Ok(seq)
        }
        .await;
        if result.is_err() {
            self.abandon().await;
        }
        result
    }

    async fn redact(&mut self, request: RedactRequest) -> Result<i64, StoreError> {
        let path = self.shared.path.clone();
        if !redact::checkpoint(&mut self.conn).await? {
            return Err(StoreError::Busy { path });
        }
        let erased = async |work: &mut Work<'_>| {
            redact::erase(work, request).await?;
            Ok(work.head.seq)
        };
        let seq = self.whole(erased).await?;
        // After the commit: whoever writes one meanwhile looks for it when it is written.
        snapshot_file::remove(&path)?;
        redact::clean(&mut self.conn, &path).await.map(|()| seq)
    }
}

/// Defines layers in one commit, inside the caller's transaction.
pub(crate) async fn define_all(
    conn: &mut SqliteConnection,
    head: &mut Head,
    defs: &[Arc<LayerDef>],
    actor: &str,
    at: Timestamp,
) -> Result<Option<i64>, StoreError> {
    let mut changes = Vec::new();
    for def in defs {
        changes.extend(schema::define(conn, def, at).await?);
    }
    if changes.is_empty() {
        return Ok(None);
    }
    schema::log_definitions(conn, head, actor, at, changes).await.map(Some)
}

/// Takes the edits that wait. When the last transaction had several, their makers are likely to be back at once:
/// then it waits a little for as many again. Answers a job that is no edit.
async fn gather(jobs: &mut mpsc::Receiver<Job>, batch: &mut Batch, last: usize) -> Option<Job> {
    let until = Instant::now() + WAIT;
    while batch.len() < MOST {
        let next = match jobs.try_recv() {
            Ok(job) => Some(job),
            Err(_) if batch.len() < last => tokio::time::timeout_at(until, jobs.recv()).await.ok().flatten(),
            Err(_) => None,
        };
        match next {
            Some(Job::Edit(request, reply)) => batch.push((request, reply)),
            other => return other,
        }
    }
    None
}

/// Sends a job and waits for its answer.
pub(crate) async fn ask<T>(
    jobs: &mpsc::Sender<Job>,
    job: impl FnOnce(Reply<T>) -> Job,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    jobs.send(job(reply)).await.map_err(|_| StoreError::Closed)?;
    // The writer answers every job it takes; when it does not, the fault is ours.
    answer.await.unwrap_or_else(|_| Err(Fault::of(Code::Internal).into()))
}
