//! The one writer of this process. It takes edits as they come, puts those that wait together into one transaction,
//! each under a savepoint of its own, and answers after the commit.
//!
//! A transaction begins by taking the turn of all writers of the site (SQLite's write lock, PostgreSQL's row `head`) and
//! only then reads: what a decision meets is what it is written over.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use model::{Code, Fault, LayerDef, LayerId};
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use super::change::{self, Work};
use super::erase::{self, RedactRequest};
use super::log::Head;
use super::registry::Registry;
use super::shared::Shared;
use super::{Conn, attachment, bulk, define, run, undo};
use crate::{EditRequest, Edited, ImportRequest, Imported, Site, StoreError, Undo, UndoRequest, Upload};
use crate::{gpkg, postgis};

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
    /// Closes the connection and ends.
    Close(Reply<()>),
}

/// What each kind of store does in its own way when it writes.
pub(crate) enum Kind {
    Gpkg(gpkg::Writing),
    Postgis(postgis::Writing),
}

impl Kind {
    /// Begins a transaction that will write and takes the turn; answers the end of the log.
    async fn begin(&self, conn: &mut Conn, site: &Site) -> Result<Head, StoreError> {
        match self {
            Kind::Gpkg(kind) => kind.begin(conn, site).await,
            Kind::Postgis(kind) => kind.begin(conn).await,
        }
    }

    /// Makes the transaction durable. When that fails nothing of it is kept, and it is not tried again.
    async fn commit(&self, conn: &mut Conn, head: &Head) -> Result<(), StoreError> {
        match self {
            Kind::Gpkg(_) => gpkg::Writing::commit(conn).await,
            Kind::Postgis(_) => postgis::Writing::commit(conn, head).await,
        }
    }

    async fn connect(&self) -> Result<Conn, StoreError> {
        match self {
            Kind::Gpkg(kind) => kind.connect().await,
            Kind::Postgis(kind) => kind.connect().await,
        }
    }

    /// Before an erasure: refuses it where its traces could not be removed afterwards.
    async fn before_erasure(&self, conn: &mut Conn) -> Result<(), StoreError> {
        match self {
            Kind::Gpkg(kind) => kind.before_erasure(conn).await,
            Kind::Postgis(_) => Ok(()),
        }
    }

    /// After an erasure: removes what it left behind.
    async fn after_erasure(&self, conn: &mut Conn, layer: &LayerId) -> Result<(), StoreError> {
        match self {
            Kind::Gpkg(kind) => kind.after_erasure(conn).await,
            Kind::Postgis(kind) => kind.after_erasure(conn, layer).await,
        }
    }

    async fn close(&self, conn: Conn) -> Result<(), StoreError> {
        match self {
            Kind::Gpkg(_) => gpkg::Writing::close(conn).await,
            Kind::Postgis(_) => conn.close().await,
        }
    }
}

/// The writer.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    conn: Conn,
    kind: Kind,
}

type Batch = Vec<(Box<EditRequest>, Reply<Edited>)>;

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>, conn: Conn, kind: Kind) -> Writer {
        Writer { shared, conn, kind }
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
                    drop(reply.send(self.kind.close(self.conn).await));
                    return;
                }
            }
        }
    }

    /// Begins a transaction that will write, and reads what it builds on.
    async fn begin(&mut self) -> Result<(Head, Arc<Registry>), StoreError> {
        let head = self.kind.begin(&mut self.conn, &self.shared.site).await?;
        let registry = self.shared.registry().fresh(&mut self.conn).await?;
        Ok((head, registry))
    }

    /// Ends a failed transaction, with a new connection when this one cannot.
    async fn abandon(&mut self) {
        // The database may have rolled back already and then says so: begin and end an empty one to be sure.
        let _ = run(&mut self.conn, "rollback").await;
        let clean =
            run(&mut self.conn, "begin").await.is_ok() && run(&mut self.conn, "rollback").await.is_ok();
        if !clean && let Ok(conn) = self.kind.connect().await {
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
                let first = replies.next();
                for reply in replies {
                    drop(reply.send(Err(error.for_others())));
                }
                if let Some(first) = first {
                    drop(first.send(Err(error)));
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
        // One edit alone needs no savepoint: with it everything goes.
        let many = requests.len() > 1;
        if many {
            run(&mut self.conn, "savepoint edit").await?;
        }
        for request in requests {
            let from = head;
            let mut work = Work {
                conn: &mut self.conn,
                registry: &registry,
                site_key: &self.shared.site.key,
                head: &mut head,
            };
            let result = match change::edit(&mut work, *request).await {
                Err(error) if error.is_everyones() => return Err(error),
                other => other,
            };
            if result.is_err() {
                head = from;
            }
            if many {
                let next = if result.is_ok() { "release edit; savepoint edit" } else { "rollback to edit" };
                run(&mut self.conn, next).await?;
            }
            done.push(result);
        }
        self.finish(before, head, &registry).await?;
        Ok(done)
    }

    /// Commits what moved the head from `before`, or goes back when nothing did.
    async fn finish(&mut self, before: i64, head: Head, registry: &Arc<Registry>) -> Result<(), StoreError> {
        if head.seq == before {
            run(&mut self.conn, "rollback").await?;
        } else {
            self.kind.commit(&mut self.conn, &head).await?;
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
            let seq = define::all(&mut self.conn, &mut head, defs, actor, at).await?;
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
        self.kind.before_erasure(&mut self.conn).await?;
        let layer = request.layer.clone();
        let erased = async |work: &mut Work<'_>| {
            erase::erase(work, request).await?;
            Ok(work.head.seq)
        };
        let seq = self.whole(erased).await?;
        self.kind.after_erasure(&mut self.conn, &layer).await.map(|()| seq)
    }
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
