//! The engine: what a site can be asked and told, without HTTP. Every call takes an actor and reads through one
//! view of the current world.

use std::sync::Arc;

use arc_swap::ArcSwap;
use jiff::Timestamp;
use jiff::civil::Date;
use model::{Code, Fault, LayerDef, LayerId, Role, Text};
use spatial::Snapshot;
use store::Store;
use tokio::sync::watch;
use uuid::Uuid;

use crate::aggregate;
use crate::answer::{self, Count, ItemsPage};
use crate::attachment::Photos;
use crate::cpu::Cpu;
use crate::histogram::{self, Histogram, Step};
use crate::item::{self, Item};
use crate::live::{Hub, Subscription};
use crate::mark::Marks;
use crate::moves::{self, Moves};
use crate::query::{self, Query, Recorded};
use crate::search::Indexes;
use crate::sort::Sort;
use crate::start::{Config, Keeper};
use crate::tile::Tiles;
use crate::view::View;
use crate::world::{LayerState, World};
use crate::{Actor, EngineError, follow, start};

/// A site, open. Clones share it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    world: Arc<ArcSwap<World>>,
    applied: watch::Receiver<i64>,
    follower: follow::Handle,
    hub: Arc<Hub>,
    marks: Marks,
    tiles: Tiles,
    photos: Photos,
    indexes: Indexes,
    cpu: Cpu,
    keeper: Keeper,
    config: Config,
}

impl Engine {
    /// Loads a site into memory and begins to follow its log.
    ///
    /// # Errors
    /// The store's.
    pub async fn open(store: Store, config: Config) -> Result<Engine, EngineError> {
        let cpu = Cpu::new();
        let (world, read_all) = start::world(&store, &cpu).await?;
        let head = world.head;
        let keeper = Keeper::new(config.keep_snapshot);
        if read_all {
            keeper.after_start(&store, &world).await;
        }
        let world = Arc::new(ArcSwap::from_pointee(world));
        let hub = Arc::new(Hub::new(head));
        let (handle, applied) =
            follow::start(store.clone(), Arc::clone(&world), Arc::clone(&hub), cpu.clone());
        Ok(Engine {
            inner: Arc::new(Inner {
                marks: Marks::new(&store.site().id, &store.site().key),
                store,
                world,
                applied,
                follower: handle,
                hub,
                tiles: Tiles::new(config.tile_cache_bytes),
                photos: Photos::new(),
                indexes: Indexes::default(),
                cpu,
                keeper,
                config,
            }),
        })
    }

    /// Stops following and closes the store: the log's head is anchored, the file left whole.
    ///
    /// # Errors
    /// The store's.
    pub async fn close(&self) -> Result<(), EngineError> {
        self.inner.follower.stop();
        self.inner.keeper.at_stop(&self.inner.store, &self.world()).await;
        Ok(self.inner.store.close().await?)
    }

    /// Stops following the log: the engine answers from this moment on.
    pub(crate) async fn hold(&self) {
        self.inner.follower.stop();
        // A step under way may still swap its world in.
        while self.inner.follower.alive() {
            tokio::task::yield_now().await;
        }
    }

    /// The instant taken for now.
    pub fn now(&self) -> Timestamp {
        self.inner.config.now.unwrap_or_else(Timestamp::now)
    }

    /// Today in Asia/Ho_Chi_Minh.
    pub fn today(&self) -> Date {
        model::day_of(self.now().as_second())
    }

    pub(crate) fn world(&self) -> Arc<World> {
        self.inner.world.load_full()
    }

    pub(crate) fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn marks(&self) -> &Marks {
        &self.inner.marks
    }

    pub(crate) fn tiles(&self) -> &Tiles {
        &self.inner.tiles
    }

    pub(crate) fn photos(&self) -> &Photos {
        &self.inner.photos
    }

    pub(crate) fn indexes(&self) -> &Indexes {
        &self.inner.indexes
    }

    pub(crate) fn cpu(&self) -> Cpu {
        self.inner.cpu.clone()
    }

    /// A layer the actor may see.
    pub(crate) fn layer_state<'w>(
        world: &'w World,
        actor: &Actor,
        layer: &str,
    ) -> Result<&'w LayerState, EngineError> {
        LayerId::new(layer)
            .and_then(|id| world.layers.get(&id))
            .filter(|s| s.snapshot.def().visible(actor.role))
            .ok_or_else(|| {
                Fault::at(
                    Code::UnknownLayer,
                    layer.chars().take(64).collect::<String>(),
                    Text::new("Không có lớp này", "there is no such layer"),
                )
                .into()
            })
    }

    pub(crate) fn read_query(
        &self,
        def: &LayerDef,
        role: Role,
        params: &[(String, String)],
        others: &[&str],
        lenient: bool,
    ) -> Result<Query, EngineError> {
        Ok(query::read(def, role, params, others, lenient, &self.inner.marks)?)
    }

    /// Reads a question about one layer from parameters; names in `others` belong to the path.
    ///
    /// # Errors
    /// `unknown-layer`, `unknown-parameter`, `invalid-parameter`.
    pub fn query(
        &self,
        actor: &Actor,
        layer: &str,
        params: &[(String, String)],
        others: &[&str],
    ) -> Result<Query, EngineError> {
        let world = self.world();
        let state = Engine::layer_state(&world, actor, layer)?;
        self.read_query(state.snapshot.def(), actor.role, params, others, false)
    }

    /// Puts the pages of a question into the order that `sortby` names: `-found_on,category`.
    ///
    /// # Errors
    /// `unknown-layer`; `invalid-parameter` for what is no field that the reader may see.
    pub fn sorted(&self, actor: &Actor, query: Query, sortby: &str) -> Result<Query, EngineError> {
        let world = self.world();
        let state = Engine::layer_state(&world, actor, query.layer.as_str())?;
        let sort = Sort::read(state.snapshot.def(), actor.role, sortby)?;
        Ok(Query { sort, ..query })
    }

    /// The question about the features that a cluster of tiles stands for; `params` are those of its tile.
    ///
    /// # Errors
    /// `invalid-parameter` when the number is no cluster's, or for a `radius` that tiles do not take.
    pub fn members(
        &self,
        query: Query,
        params: &[(String, String)],
        cluster_id: u64,
    ) -> Result<Query, EngineError> {
        let of_cluster = aggregate::members(params, cluster_id)?;
        Ok(Query { filter: query.filter.clone().and(of_cluster), ..query })
    }

    /// The snapshot a query is about: the current one, or one rebuilt from the log.
    pub(crate) async fn snapshot(&self, actor: &Actor, query: &Query) -> Result<Snapshot, EngineError> {
        let world = self.world();
        let current = Engine::layer_state(&world, actor, query.layer.as_str())?.snapshot.clone();
        match query.recorded {
            None => Ok(current),
            Some(at) => self.as_recorded(&world, current.def(), at).await,
        }
    }

    async fn as_recorded(
        &self,
        world: &World,
        def: &Arc<LayerDef>,
        at: Recorded,
    ) -> Result<Snapshot, EngineError> {
        let until = match at {
            Recorded::Seq(seq) => store::Until::Seq(seq),
            Recorded::At(time) => store::Until::Time(time),
        };
        let past = async |def: Arc<LayerDef>| -> Result<Snapshot, EngineError> {
            let rows = self.inner.store.as_recorded(&def.id, until, MAX_RECORDED + 1).await?;
            if rows.len() > MAX_RECORDED {
                return Err(Fault::of(Code::TooLarge).into());
            }
            self.inner.cpu.run(move || Snapshot::build(def, rows)).await
        };
        let Some(derived) = &def.derived else { return past(Arc::clone(def)).await };
        let side = |name: &str| {
            let state = LayerId::new(name).and_then(|id| world.layers.get(&id));
            state.map(|s| Arc::clone(s.snapshot.def())).ok_or_else(|| Fault::of(Code::UnknownLayer))
        };
        let shapes = past(side(&derived.geometry_from)?).await?;
        let values = past(side(&derived.values_from)?).await?;
        let def = Arc::clone(def);
        self.inner
            .cpu
            .run(move || Snapshot::build(Arc::clone(&def), spatial::derive_zones(&def, &shapes, &values)))
            .await
    }

    /// A page of features.
    ///
    /// # Errors
    /// `unknown-layer`, `invalid-parameter`, `too-large`.
    pub async fn items(
        &self,
        actor: &Actor,
        query: &Query,
        limit: usize,
        after: Option<&str>,
    ) -> Result<ItemsPage, EngineError> {
        let snapshot = self.snapshot(actor, query).await?;
        let after = after.map(|text| query.sort.read_cursor(snapshot.def(), text)).transpose()?;
        let (query, role) = (query.clone(), actor.role);
        let page = move || answer::page(View::new(&snapshot, role), &query, limit, after.as_ref());
        self.inner.cpu.run(page).await
    }

    /// One feature, whole.
    ///
    /// # Errors
    /// `unknown-layer`, `unknown-feature`.
    pub async fn item(&self, actor: &Actor, layer: &str, id: Uuid) -> Result<Item, EngineError> {
        let world = self.world();
        let snapshot = &Engine::layer_state(&world, actor, layer)?.snapshot;
        let row = snapshot.find(id).ok_or_else(|| Fault::of(Code::UnknownFeature))?;
        let def = snapshot.def();
        let mut feature = snapshot.feature(row);
        if def.derived.is_none() {
            // Cold values and the geometry as given are kept on disk only.
            if let Some(full) = self.inner.store.cold(&def.id, &[id]).await?.into_iter().next() {
                for (i, field) in def.fields.iter().enumerate().filter(|(_, f)| f.cold) {
                    feature.values[i] = full.get(def, &field.name).to_owned();
                }
                feature.given = full.given;
            }
        }
        Ok(item::whole(def, actor.role, &feature, snapshot.touched(row)))
    }

    /// Counts what a query selects, in all or per value of a field.
    ///
    /// # Errors
    /// As [`Engine::items`]; `invalid-parameter` for a field that cannot be counted by.
    pub async fn count(&self, actor: &Actor, query: &Query, by: Option<&str>) -> Result<Count, EngineError> {
        let snapshot = self.snapshot(actor, query).await?;
        let by = by.map(|name| answer::named(&snapshot, actor.role, "by", name)).transpose()?;
        let (query, role) = (query.clone(), actor.role);
        self.inner.cpu.run(move || answer::count(View::new(&snapshot, role), &query, by)).await
    }

    /// Counts what a query selects over time.
    ///
    /// # Errors
    /// As [`Engine::count`]; the field must be a day or an instant.
    pub async fn histogram(
        &self,
        actor: &Actor,
        query: &Query,
        field: &str,
        step: Step,
    ) -> Result<Histogram, EngineError> {
        let snapshot = self.snapshot(actor, query).await?;
        let field = answer::field_named(&snapshot, actor.role, "field", field, &histogram::KINDS)?;
        let (query, role) = (query.clone(), actor.role);
        let bars = move || histogram::histogram(View::new(&snapshot, role), &query, field, step);
        Ok(self.inner.cpu.run(bars).await??)
    }

    /// Compares a code field of an interval layer on two days, entity by entity; at most `limit` are listed, the
    /// flows tell all.
    ///
    /// # Errors
    /// As [`Engine::count`]; `invalid-parameter` for a layer without periods of validity.
    pub async fn moves(
        &self,
        actor: &Actor,
        query: &Query,
        field: &str,
        days: [Date; 2],
        limit: usize,
    ) -> Result<Moves, EngineError> {
        let snapshot = self.snapshot(actor, query).await?;
        moves::check(snapshot.def())?;
        let field = answer::field_named(&snapshot, actor.role, "field", field, &moves::KINDS)?;
        let (query, role) = (query.clone(), actor.role);
        self.inner.cpu.run(move || moves::moves(View::new(&snapshot, role), &query, field, days, limit)).await
    }

    /// A stream of changes the reader may see, from now or from where a mark stands.
    pub fn subscribe(&self, actor: &Actor, last: Option<&str>) -> Subscription {
        let head = self.world().head;
        // A mark that is not ours is as good as one too old.
        let last = last.map(|mark| self.inner.marks.read(mark).unwrap_or(-1));
        self.inner.hub.subscribe(actor.role, self.inner.marks.clone(), last, head)
    }

    /// The last commit that this server's snapshots show.
    pub(crate) fn head(&self) -> i64 {
        *self.inner.applied.borrow()
    }

    /// Waits until this server's snapshots show commit `seq`.
    pub(crate) async fn shown(&self, seq: i64) -> Result<(), EngineError> {
        let mut applied = self.inner.applied.clone();
        applied.wait_for(|head| *head >= seq).await.map(|_| ()).map_err(|_| EngineError::Stopped)
    }

    /// What keeps the site from being ready; empty when nothing does.
    pub fn troubles(&self) -> Vec<String> {
        let mut troubles = self.inner.store.troubles();
        if !self.inner.follower.alive() {
            troubles.push("the log is no longer followed".to_owned());
        }
        troubles
    }

    /// Features in memory, over all layers.
    pub fn feature_count(&self) -> usize {
        self.world().len()
    }
}

/// The most rows a question about the past may rebuild.
const MAX_RECORDED: usize = 200_000;
