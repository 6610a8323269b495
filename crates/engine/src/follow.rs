//! Follows the log: whatever commits appear, this server's or another process's, become the next world, swapped
//! in once per batch, and are told to browsers.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use model::{LayerDef, LayerId, Touched, parse_layer};
use store::{Commit, Op, Store};
use tokio::sync::watch;
use uuid::Uuid;

use crate::EngineError;
use crate::cpu::Cpu;
use crate::live::Hub;
use crate::merging::Merger;
use crate::world::{Event, World};

/// Most commits applied in one batch.
const BATCH: usize = 1_000;

/// The following task.
pub(crate) struct Handle {
    task: tokio::task::JoinHandle<()>,
}

impl Handle {
    pub(crate) fn stop(&self) {
        self.task.abort();
    }

    pub(crate) fn alive(&self) -> bool {
        !self.task.is_finished()
    }
}

/// Starts to follow; the receiver tells the last commit that the world shows.
pub(crate) fn start(
    store: Store,
    world: Arc<ArcSwap<World>>,
    hub: Arc<Hub>,
    cpu: Cpu,
) -> (Handle, watch::Receiver<i64>) {
    let (shown, applied) = watch::channel(world.load().head);
    let task = tokio::spawn(async move {
        let mut heads = store.changes();
        let mut merger = Merger::new(cpu.clone());
        loop {
            match step(&store, &world, &hub, &cpu, &mut merger, &shown).await {
                Ok(true) => continue,
                Ok(false) => {}
                // The next hint tries again; reads go on from what is shown.
                Err(error) => {
                    tracing::error!(%error, "the log could not be followed");
                    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
                    continue;
                }
            }
            tokio::select! {
                changed = heads.changed() => if changed.is_err() { return },
                () = merger.finished() => {}
            }
        }
    });
    (Handle { task }, applied)
}

/// Applies what is new; tells whether there was anything.
async fn step(
    store: &Store,
    world: &ArcSwap<World>,
    hub: &Hub,
    cpu: &Cpu,
    merger: &mut Merger,
    shown: &watch::Sender<i64>,
) -> Result<bool, EngineError> {
    let current = world.load_full();
    // The head is raised after the commit: below it there is something to read, else the log need not be asked.
    let news = if store.head() > current.head { next(store, &current, cpu).await? } else { None };
    let Some((mut next, events)) = news else {
        let mut next = World::clone(&current);
        if merger.tend(&mut next) {
            world.store(Arc::new(next));
        }
        return Ok(false);
    };
    merger.tend(&mut next);
    let head = next.head;
    world.store(Arc::new(next));
    hub.publish(events);
    shown.send_replace(head);
    Ok(true)
}

/// The world after the next commits, and what browsers are told of them; `None` at the log's end.
pub(crate) async fn next(
    store: &Store,
    current: &World,
    cpu: &Cpu,
) -> Result<Option<(World, Vec<Event>)>, EngineError> {
    let commits = store.commits_after(current.head, BATCH).await?;
    let Some(head) = commits.last().map(|c| c.seq) else { return Ok(None) };
    let mut base = current.clone();
    let graves = graves(store, &commits).await?;
    let work = move || {
        base.define(definitions(&commits), head);
        base.after(&commits, &graves)
    };
    cpu.run(work).await.map(Some)
}

/// The layers these commits define: the log holds their files.
fn definitions(commits: &[Commit]) -> Vec<Arc<LayerDef>> {
    let defines = commits.iter().flat_map(|c| &c.changes).filter(|c| c.op == Op::Define);
    // A definition was parsed before it was logged.
    defines.filter_map(|c| parse_layer("layer", c.after.as_deref()?).ok().map(Arc::new)).collect()
}

/// What had touched features that these commits bring back: a deleted row is no longer in memory.
async fn graves(store: &Store, commits: &[Commit]) -> Result<HashMap<(i64, Uuid), Touched>, EngineError> {
    let mut all = HashMap::new();
    for commit in commits {
        for change in commit.changes.iter().filter(|c| c.op != Op::Define && c.before.is_none() && !c.erased)
        {
            if change.op != Op::Create && change.op != Op::Import {
                let Some(layer) = LayerId::new(&change.layer) else { continue };
                let touched = store.touched(&layer, change.id, commit.seq).await?;
                all.insert((commit.seq, change.id), touched);
            }
        }
    }
    Ok(all)
}
