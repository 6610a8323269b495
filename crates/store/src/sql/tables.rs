//! A site as both stores show it: what is asked of it is read through its readers or given to its writer.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use jiff::Timestamp;
use model::{Code, Fault, Feature, LayerDef, LayerId, Touched};
use spatial::Row;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::erase::RedactRequest;
use super::load::Loaded;
use super::shared::Shared;
use super::writer::{Job, Writer, ask};
use super::{Conn, Readers, anchor, attachment, batches, load, log, log_read};
use crate::{
    Attachment, Batch, Claim, Commit, EditRequest, Edited, ImportRequest, Imported, LoggedChange, Site,
    StoreError, Undo, UndoRequest, Until, Upload,
};

/// Jobs that may wait for the writer before their senders have to.
const QUEUE: usize = 1024;

/// A site that is open. Clones share everything.
#[derive(Clone)]
pub(crate) struct Tables {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    /// To the writer; none when the store is read-only.
    jobs: Option<mpsc::Sender<Job>>,
    readers: Readers,
    follower: JoinHandle<()>,
    writer: Mutex<Option<JoinHandle<()>>>,
    anchor: Option<PathBuf>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        // The writer ends when its jobs do.
        self.follower.abort();
    }
}

impl Tables {
    /// Puts an open site together: its writer begins to work.
    pub(crate) fn new(
        shared: Arc<Shared>,
        readers: Readers,
        writer: Option<Writer>,
        follower: JoinHandle<()>,
        anchor: Option<PathBuf>,
    ) -> Tables {
        let (jobs, writer) = match writer {
            Some(writer) => {
                let (sender, receiver) = mpsc::channel(QUEUE);
                (Some(sender), Some(tokio::spawn(writer.run(receiver))))
            }
            None => (None, None),
        };
        let writer = Mutex::new(writer);
        Tables { inner: Arc::new(Inner { shared, jobs, readers, follower, writer, anchor }) }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.inner.shared
    }

    /// The name beside which the anchor and the snapshot file lie.
    pub(crate) fn beside(&self) -> Option<&Path> {
        self.inner.shared.beside.as_deref()
    }

    /// Whether it was opened for writing.
    pub(crate) fn writes(&self) -> bool {
        self.inner.jobs.is_some()
    }

    pub(crate) fn site(&self) -> &Site {
        &self.inner.shared.site
    }

    pub(crate) fn layers(&self) -> Vec<Arc<LayerDef>> {
        self.inner.shared.registry().iter().map(|l| Arc::clone(&l.def)).collect()
    }

    /// What keeps the store from working well; `place` names it.
    pub(crate) fn troubles(&self, place: &dyn std::fmt::Display) -> Vec<String> {
        let anchored = self.inner.anchor.as_deref().map_or(0, anchor::last);
        let mut troubles = Vec::new();
        if anchored > self.head() {
            troubles.push(format!("the log ends before what the anchor knows; run verify on {place}"));
        }
        if self.inner.jobs.as_ref().is_some_and(mpsc::Sender::is_closed) {
            troubles.push("the store no longer writes".to_owned());
        }
        troubles.extend(self.inner.shared.trouble());
        troubles
    }

    pub(crate) fn head(&self) -> i64 {
        *self.inner.shared.head.borrow()
    }

    pub(crate) fn changes(&self) -> watch::Receiver<i64> {
        self.inner.shared.head.subscribe()
    }

    fn jobs(&self) -> Result<&mpsc::Sender<Job>, StoreError> {
        self.inner.jobs.as_ref().ok_or(StoreError::ReadOnly)
    }

    pub(crate) async fn reader(&self) -> Result<Conn, StoreError> {
        self.inner.readers.one().await
    }

    pub(crate) async fn snapshot(&self) -> Result<Conn, StoreError> {
        self.inner.readers.snapshot().await
    }

    pub(crate) async fn touched(&self, layer: &LayerId, id: Uuid, until: i64) -> Result<Touched, StoreError> {
        let mut tx = self.snapshot().await?;
        let registry = self.inner.shared.registry().fresh(&mut tx).await?;
        Ok(log_read::touched(&mut tx, &registry.table(layer)?.def, id, until).await?.0)
    }

    pub(crate) async fn define(
        &self,
        defs: Vec<Arc<LayerDef>>,
        actor: &str,
        at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let actor = actor.to_owned();
        ask(self.jobs()?, |reply| Job::Define { defs, actor, at, reply }).await
    }

    pub(crate) async fn edit(&self, request: EditRequest) -> Result<Edited, StoreError> {
        ask(self.jobs()?, |reply| Job::Edit(Box::new(request), reply)).await
    }

    pub(crate) async fn import(&self, request: ImportRequest) -> Result<Imported, StoreError> {
        ask(self.jobs()?, |reply| Job::Import(Box::new(request), reply)).await
    }

    pub(crate) async fn undo(&self, request: UndoRequest) -> Result<Undo, StoreError> {
        ask(self.jobs()?, |reply| Job::Undo(request, reply)).await
    }

    pub(crate) async fn batches(&self, limit: usize) -> Result<Vec<Batch>, StoreError> {
        batches::list(&mut self.snapshot().await?, limit).await
    }

    pub(crate) async fn batch(&self, batch: &str) -> Result<Option<Batch>, StoreError> {
        batches::one(&mut self.snapshot().await?, batch).await
    }

    pub(crate) async fn batch_fields(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        batches::fields(&mut self.snapshot().await?, seq).await
    }

    pub(crate) async fn key_used(&self, actor: &str, key: &str) -> Result<bool, StoreError> {
        Ok(log_read::by_key(&mut self.reader().await?, actor, key).await?.is_some())
    }

    pub(crate) async fn attach(&self, upload: Upload) -> Result<Option<i64>, StoreError> {
        ask(self.jobs()?, |reply| Job::Attach(Box::new(upload), reply)).await
    }

    pub(crate) async fn attachment(&self, sha256: &str) -> Result<Option<Attachment>, StoreError> {
        attachment::content(&mut self.reader().await?, sha256).await
    }

    pub(crate) async fn claims(&self, sha256: &str) -> Result<Option<Vec<Claim>>, StoreError> {
        attachment::claims(&mut self.snapshot().await?, sha256).await
    }

    pub(crate) async fn redact(&self, request: RedactRequest) -> Result<i64, StoreError> {
        ask(self.jobs()?, |reply| Job::Redact(Box::new(request), reply)).await
    }

    pub(crate) async fn load(&self) -> Result<Loaded, StoreError> {
        let mut tx = self.snapshot().await?;
        let head = log::head_seq(&mut tx).await?;
        let registry = self.inner.shared.registry().fresh(&mut tx).await?;
        let mut layers = Vec::new();
        let mut photos = Vec::new();
        for layer in registry.iter() {
            let rows = match &layer.table {
                Some(table) => {
                    photos.push((layer.def.id.clone(), attachment::cited(&mut tx, table).await?));
                    load::layer(&mut tx, table, head).await?
                }
                None => Vec::new(),
            };
            layers.push((Arc::clone(&layer.def), rows));
        }
        Ok(Loaded { head, layers, photos })
    }

    pub(crate) async fn load_one(
        &self,
        layer: &LayerId,
    ) -> Result<(i64, Arc<LayerDef>, Vec<Row>), StoreError> {
        let mut tx = self.snapshot().await?;
        let head = log::head_seq(&mut tx).await?;
        let registry = self.inner.shared.registry().fresh(&mut tx).await?;
        let found = registry.get(layer.as_str()).ok_or_else(|| Fault::of(Code::UnknownLayer))?;
        let rows = match &found.table {
            Some(table) => load::layer(&mut tx, table, head).await?,
            None => Vec::new(),
        };
        Ok((head, Arc::clone(&found.def), rows))
    }

    pub(crate) async fn commits_after(&self, seq: i64, limit: usize) -> Result<Vec<Commit>, StoreError> {
        log_read::commits_after(&mut self.reader().await?, seq, limit).await
    }

    pub(crate) async fn history(&self, layer: &LayerId, id: Uuid) -> Result<Vec<LoggedChange>, StoreError> {
        log_read::history(&mut self.reader().await?, layer.as_str(), id).await
    }

    pub(crate) async fn as_recorded(
        &self,
        layer: &LayerId,
        until: Until,
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let mut tx = self.snapshot().await?;
        let registry = self.inner.shared.registry().fresh(&mut tx).await?;
        let def = Arc::clone(&registry.table(layer)?.def);
        load::as_recorded(&mut tx, &def, until, limit).await
    }

    pub(crate) async fn cold(&self, layer: &LayerId, ids: &[Uuid]) -> Result<Vec<Feature>, StoreError> {
        let mut tx = self.snapshot().await?;
        let registry = self.inner.shared.registry().fresh(&mut tx).await?;
        load::cold(&mut tx, registry.table(layer)?, ids).await
    }

    /// Ends the writer, anchors the head, closes every connection.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        let inner = &*self.inner;
        if let Some(jobs) = &inner.jobs {
            match ask(jobs, Job::Close).await {
                Ok(()) => {}
                Err(StoreError::Closed) => return Ok(()),
                Err(e) => return Err(e),
            }
        }
        inner.follower.abort();
        let writer = inner.writer.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(writer) = writer {
            let _ = writer.await;
        }
        let mut anchored = Ok(());
        if let Some(path) = &inner.anchor {
            let mut conn = self.reader().await?;
            let head = log::head_seq(&mut conn).await?;
            if head > anchor::last(path) {
                anchored = inner.shared.write_anchor(&mut conn, path.clone()).await.map(|_| ());
            }
        }
        inner.readers.close().await;
        anchored
    }
}
