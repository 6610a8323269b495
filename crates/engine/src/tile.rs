//! Vector tiles: drawn from the snapshots of a view, kept under (stamps, filter, role), computed once however
//! many ask.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use jiff::civil::Date;
use model::{Code, Columns, Fault, Filter, LayerDef, LayerId, Role, Text};
use moka::future::Cache;
use spatial::{Snapshot, TileCoord, TileLayer};

use crate::aggregate::{AGGREGATE_PARAMETERS, Asked, Counted};
use crate::compressed::Encoding;
use crate::query::Query;
use crate::select;
use crate::view::{View, visible_fields};
use crate::world::World;
use crate::{Actor, Engine, EngineError};

/// A tile in one form.
#[derive(Debug, Clone)]
pub struct Tile {
    /// MVT bytes in their encoding; empty when nothing is there.
    pub bytes: Bytes,
    /// The form of the bytes; an empty tile has only one.
    pub encoding: Encoding,
    /// Of the plain bytes, without quotes.
    pub etag: Arc<str>,
}

/// What a tile is asked for.
#[derive(Debug, Clone)]
pub struct TileRequest {
    /// Layer ids, each drawn as an MVT layer.
    pub layers: Vec<String>,
    /// Zoom.
    pub z: u32,
    /// Column from the west.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
    /// Filter parameters, and those of [`AGGREGATE_PARAMETERS`]; each applies to the layers that have it.
    pub params: Vec<(String, String)>,
    /// The form wanted.
    pub encoding: Encoding,
}

/// What makes two tiles the same: the version of what is drawn there, the filter, the reader's policy, the place, the
/// form. The definition is in the stamp: a layer that is defined anew changed everywhere.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    layers: Vec<(LayerId, i64, Option<Arc<str>>)>,
    role: Role,
    coord: TileCoord,
    encoding: Encoding,
}

/// The most layers one tile may hold.
const MAX_LAYERS: usize = 16;

/// The most features of a layer in one tile. A phone draws no more, and a tile is some 10 MB by then.
const BUDGET: usize = 100_000;

/// The most points that are drawn where they are asked for.
const LIGHT: usize = 1_000;

/// Tiles that were drawn, bounded by their weight in bytes.
#[derive(Clone)]
pub(crate) struct Tiles {
    /// `None` keeps nothing: every tile is drawn for whoever asks.
    cache: Option<Cache<Key, Tile>>,
    drawn: Arc<AtomicU64>,
}

/// One layer of a tile.
struct Part {
    snapshot: Snapshot,
    query: Query,
    counted: Option<Counted>,
}

impl Tiles {
    pub(crate) fn new(capacity_bytes: u64) -> Tiles {
        let weigh =
            |_: &Key, tile: &Tile| u32::try_from(tile.bytes.len()).unwrap_or(u32::MAX).saturating_add(256);
        let build = || Cache::builder().max_capacity(capacity_bytes).weigher(weigh).build();
        Tiles { cache: (capacity_bytes > 0).then(build), drawn: Arc::default() }
    }
}

impl Engine {
    /// How many tiles were drawn since the start: not those that were kept.
    pub fn tiles_drawn(&self) -> u64 {
        self.tiles().drawn.load(Ordering::Relaxed)
    }

    /// Draws a tile for a reader.
    ///
    /// # Errors
    /// `unknown-layer`, `out-of-range`, or a fault of the parameters.
    pub async fn tile(&self, actor: &Actor, request: &TileRequest) -> Result<Tile, EngineError> {
        let outside = || {
            Fault::at(
                Code::OutOfRange,
                format!("{}/{}/{}", request.z, request.x, request.y),
                Text::new("Số hiệu ô nằm ngoài lưới", "the tile lies outside the grid"),
            )
        };
        let z = u8::try_from(request.z).map_err(|_| outside())?;
        let coord = TileCoord::new(z, request.x, request.y).map_err(|_| outside())?;
        let world = self.world();
        let parts = self.parts(&world, actor, &request.layers, &request.params, z)?;
        let layers = parts.iter().map(|part| {
            let reach = part.counted.as_ref().map_or_else(|| coord.grown_bounds(), |c| c.bins.reach(coord));
            let stamp = world.layers.get(&part.query.layer).map_or(0, |state| state.stamps.newest_in(&reach));
            (part.query.layer.clone(), stamp, told(&part.query, part.counted.as_ref()))
        });
        let layers = layers.collect();
        let key = Key { layers, role: actor.role, coord, encoding: Encoding::Plain };
        self.form(key, request.encoding, parts).await
    }

    /// Checks what [`Engine::tile`] would refuse at every place.
    ///
    /// # Errors
    /// As there, but for the place.
    pub fn check_tiles(
        &self,
        actor: &Actor,
        layers: &[String],
        params: &[(String, String)],
    ) -> Result<(), EngineError> {
        self.parts(&self.world(), actor, layers, params, 0).map(|_| ())
    }

    /// The layers of a tile of zoom `z`, each with what is asked of it.
    fn parts(
        &self,
        world: &World,
        actor: &Actor,
        layers: &[String],
        params: &[(String, String)],
        z: u8,
    ) -> Result<Vec<Part>, EngineError> {
        let asked = Asked::read(params)?;
        let mut parts: Vec<Part> = Vec::with_capacity(layers.len());
        let mut refused: Option<Fault> = None;
        for (n, name) in layers.iter().enumerate() {
            if layers[..n].contains(name) {
                continue;
            }
            if parts.len() >= MAX_LAYERS {
                return Err(Fault::parameter(
                    Code::TooLarge,
                    "layers",
                    Text::new("Quá nhiều lớp trong một ô", "too many layers in one tile"),
                )
                .into());
            }
            let snapshot = Engine::layer_state(world, actor, name)?.snapshot.clone();
            let query = self.read_query(snapshot.def(), actor.role, params, &AGGREGATE_PARAMETERS, true)?;
            let counted = match asked.of(&snapshot, actor.role, z, false) {
                Err(fault) if layers.len() > 1 => {
                    refused = refused.or(Some(fault));
                    asked.of(&snapshot, actor.role, z, true)?
                }
                counted => counted?,
            };
            parts.push(Part { snapshot, query, counted });
        }
        check(&parts, actor.role, params, refused)?;
        Ok(parts)
    }

    /// A tile in the form asked for, made of the plain one.
    async fn form(&self, key: Key, encoding: Encoding, parts: Vec<Part>) -> Result<Tile, EngineError> {
        let Some(cache) = &self.tiles().cache else {
            let plain = self.draw(key, parts).await?;
            return self.encode(plain, encoding).await;
        };
        let own = Key { encoding, ..key.clone() };
        if let Some(tile) = cache.get(&own).await {
            return Ok(tile);
        }
        let drawn = self.draw(key.clone(), parts);
        let plain = cache.try_get_with(key, drawn).await.map_err(|e| shared(&e))?;
        if encoding == Encoding::Plain || plain.bytes.is_empty() {
            return Ok(plain);
        }
        cache.try_get_with(own, self.encode(plain, encoding)).await.map_err(|e| shared(&e))
    }

    async fn draw(&self, key: Key, parts: Vec<Part>) -> Result<Tile, EngineError> {
        let is_light = is_light(key.coord, &parts);
        let drawn = Arc::clone(&self.tiles().drawn);
        let work = move || {
            drawn.fetch_add(1, Ordering::Relaxed);
            draw(key.coord, &parts, key.role)
        };
        if is_light { Ok(work()) } else { self.cpu().run(work).await }
    }

    async fn encode(&self, plain: Tile, encoding: Encoding) -> Result<Tile, EngineError> {
        if encoding == Encoding::Plain || plain.bytes.is_empty() {
            return Ok(plain);
        }
        self.cpu()
            .run(move || match encoding.encode(&plain.bytes) {
                Ok(bytes) => Tile { bytes: bytes.into(), encoding, etag: plain.etag },
                // The plain form is always right.
                Err(_) => plain,
            })
            .await
    }
}

/// The outcome of a computation that others waited for too.
fn shared(error: &Arc<EngineError>) -> EngineError {
    match &**error {
        EngineError::Faults(f) => EngineError::Faults(f.clone()),
        _ => EngineError::Stopped,
    }
}

/// What is asked of a layer beside its version, in one form for all ways of writing it; `None` for all of it.
fn told(query: &Query, counted: Option<&Counted>) -> Option<Arc<str>> {
    let as_of: Option<Date> = query.as_of();
    if query.filter == Filter::All && as_of.is_none() && counted.is_none() {
        return None;
    }
    Some(format!("{:?} {as_of:?} {counted:?}", query.filter.clone().normal()).into())
}

/// Refuses a parameter that no layer of the request has, and what tiles do not answer.
fn check(
    parts: &[Part],
    role: Role,
    params: &[(String, String)],
    refused: Option<Fault>,
) -> Result<(), EngineError> {
    let defs: Vec<&LayerDef> = parts.iter().map(|p| p.snapshot.def().as_ref()).collect();
    crate::query::check_known(&defs, role, params, &AGGREGATE_PARAMETERS)?;
    if let Some(part) = parts.iter().find(|p| p.query.recorded.is_some()) {
        return Err(Fault::parameter(
            Code::UnknownParameter,
            "recorded",
            Text::new(
                "Ô không nhận tham số “recorded”",
                format!("tiles of {} take no “recorded”", part.query.layer),
            ),
        )
        .into());
    }
    // A field to count by is wrong when no layer has it.
    let names = |name: &str| params.iter().any(|(n, _)| n == name);
    let counts = |p: &Part| p.counted.as_ref().is_some_and(Counted::has_fields);
    match refused {
        Some(fault) if (names("sum") || names("by")) && !parts.iter().any(counts) => Err(fault.into()),
        _ => Ok(()),
    }
}

/// Whether a tile is so little work (a few points on columns, far below a millisecond) that handing it to another thread
/// would cost as much.
fn is_light(coord: TileCoord, parts: &[Part]) -> bool {
    let weight = parts.iter().map(|part| {
        let reach = part.counted.as_ref().map_or_else(|| coord.grown_bounds(), |c| c.bins.reach(coord));
        let (points, shapes) = part.snapshot.at_most(&reach);
        let slow = part.query.filter.area().is_some();
        if slow || shapes > 0 { LIGHT + 1 } else { points }
    });
    weight.sum::<usize>() <= LIGHT
}

fn draw(coord: TileCoord, parts: &[Part], role: Role) -> Tile {
    let fields: Vec<Vec<usize>> = parts
        .iter()
        .map(|p| {
            let def = p.snapshot.def();
            visible_fields(def, role).filter(|&i| def.fields[i].tile).collect()
        })
        .collect();
    let views: Vec<View<'_>> = parts.iter().map(|p| View::new(&p.snapshot, role)).collect();
    let plain: Vec<Vec<bool>> = (parts.iter().zip(&views).zip(&fields))
        .map(|((part, view), fields)| {
            let as_of = part.query.as_of();
            fields.iter().map(|&f| select::is_plain(view, f) && !part.snapshot.varies(f, as_of)).collect()
        })
        .collect();
    let rows: Vec<_> = parts
        .iter()
        .zip(&views)
        .map(|(part, view)| {
            let predicate = select::predicate(view, &part.query);
            move |row: usize| predicate.selects(row)
        })
        .collect();
    let values: Vec<_> = parts
        .iter()
        .zip(&views)
        .map(|(part, view)| {
            let as_of = part.query.as_of();
            move |row: usize, field: usize| view.value(row, field, as_of)
        })
        .collect();
    let drawn: Vec<TileLayer<'_>> = parts
        .iter()
        .enumerate()
        .map(|(n, part)| TileLayer {
            name: part.query.layer.as_str(),
            snapshot: &part.snapshot,
            rows: &rows[n],
            fields: &fields[n],
            plain: &plain[n],
            value: &values[n],
            aggregate: part.counted.as_ref().map(Counted::aggregate),
            budget: BUDGET,
        })
        .collect();
    let bytes = spatial::tile(coord, &drawn);
    let etag = format!("{:032x}", twox_hash::XxHash3_128::oneshot(&bytes));
    Tile { bytes: bytes.into(), encoding: Encoding::Plain, etag: etag.into() }
}
