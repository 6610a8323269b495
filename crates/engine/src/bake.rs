//! Bakes layers into one file of tiles: from the whole world down, tile by tile along the Hilbert curve, never below
//! a tile that is empty. Tiles are those the server draws.

mod about;
mod asked;

use std::collections::VecDeque;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::thread::available_parallelism;

use model::{Code, Fault};
use serde_json::Value;
use store::format::pmtiles::{Part, Start, TileId, children, gzip, id_of, place_of};
use tokio::task::JoinHandle;

use self::asked::Asked;
pub use self::asked::BakeRequest;
use crate::tile::TileRequest;
use crate::{Actor, Encoding, Engine, EngineError};

/// How far a file is.
#[derive(Debug, Clone, Copy)]
pub struct BakeProgress {
    /// How the run began.
    pub start: Start,
    /// The zoom that is drawn.
    pub zoom: u8,
    /// Of the tiles of this zoom that may hold something, how many are done, and how many there are.
    pub done: (usize, usize),
    /// Tiles in the file.
    pub tiles: usize,
    /// Bytes of different tiles.
    pub bytes: u64,
}

/// A finished file.
#[derive(Debug, Clone)]
pub struct Baked {
    /// Places that have a tile.
    pub tiles: u64,
    /// Different tiles.
    pub contents: u64,
    /// Bytes of the file.
    pub bytes: u64,
    /// Whether tiles of an earlier, unfinished run were used, and how many; or whether such a run was thrown away.
    pub start: Start,
    /// What the file says about where it comes from.
    pub provenance: Value,
}

/// A tile under way.
type Drawing = JoinHandle<Result<Option<Vec<u8>>, EngineError>>;

impl Engine {
    /// Draws all tiles of a request into a file. The engine is held at one moment of the log from here on, so that
    /// all tiles tell the same; it is for a process that does nothing else.
    ///
    /// A run that was ended before is continued when site, log, arguments and program are the same.
    ///
    /// # Errors
    /// `unknown-layer`, `unknown-parameter`, `invalid-parameter`, `unknown-view`; `nothing-selected`; `busy` when
    /// another process writes the file; the store's when it cannot be written.
    pub async fn bake(
        &self,
        actor: &Actor,
        request: &BakeRequest,
        out: &Path,
        progress: &mut (dyn FnMut(BakeProgress) + Send),
    ) -> Result<Baked, EngineError> {
        self.hold().await;
        let asked = Arc::new(self.asked(actor, request)?);
        let survey = Arc::clone(&asked);
        let found = self.cpu().run(move || survey.iter().map(Asked::found).collect::<Vec<_>>()).await?;
        if found.iter().all(|f| f.count == 0) {
            return Err(Fault::of(Code::NothingSelected).into());
        }
        let zooms = (request.min_zoom, request.max_zoom);
        let (about, provenance) = about::about(&self.origin(actor), zooms, &asked, &found);
        let (path, fingerprint) = (out.to_owned(), self.fingerprint(actor, request, &about.metadata));
        let (mut part, start) = self.cpu().run(move || Part::open(&path, &fingerprint)).await??;
        let mut above: Vec<TileId> = Vec::new();
        for z in 0..=zooms.1 {
            let places = self.occupied(z, above, &asked).await?;
            if z < zooms.0 {
                above = places;
                continue;
            }
            let mut told = |done, part: &Part| {
                progress(BakeProgress { start, zoom: z, done, tiles: part.len(), bytes: part.bytes() });
            };
            self.draw_zoom(actor, &asked, places, &mut part, &mut told).await?;
            above = part.within(first_of(z)..first_of(z + 1)).collect();
        }
        let path = out.to_owned();
        let written = self.cpu().run(move || part.finish(&path, &about)).await??;
        let (tiles, contents, bytes) = (written.tiles, written.contents, written.bytes);
        Ok(Baked { tiles, contents, bytes, start, provenance })
    }

    /// Tiles of a zoom below those of the zoom above that have something in them.
    async fn occupied(
        &self,
        z: u8,
        above: Vec<TileId>,
        asked: &Arc<Vec<Asked>>,
    ) -> Result<Vec<TileId>, EngineError> {
        let asked = Arc::clone(asked);
        let candidates = move || {
            let below = above.into_iter().flat_map(|id| children(z - 1, id));
            let all: Vec<TileId> = if z == 0 { vec![first_of(0)] } else { below.collect() };
            all.into_iter().filter(|id| asked.iter().any(|a| a.may_be_in(*id))).collect()
        };
        self.cpu().run(candidates).await
    }

    /// Draws the tiles of a zoom that the journal does not have yet, several at once, and appends them in order.
    async fn draw_zoom(
        &self,
        actor: &Actor,
        asked: &Arc<Vec<Asked>>,
        places: Vec<TileId>,
        part: &mut Part,
        told: &mut (dyn FnMut((usize, usize), &Part) + Send),
    ) -> Result<(), EngineError> {
        let all = places.len();
        let known = part.last().map_or(0, |last| places.partition_point(|id| *id <= last));
        let mut waiting = places.into_iter().skip(known);
        let at_once = available_parallelism().map_or(2, NonZero::get);
        let mut under_way: VecDeque<(TileId, Drawing)> = VecDeque::new();
        let mut done = known;
        loop {
            while under_way.len() < at_once
                && let Some(id) = waiting.next()
            {
                let (engine, actor, asked) = (self.clone(), actor.clone(), Arc::clone(asked));
                under_way
                    .push_back((id, tokio::spawn(async move { engine.draw_one(&actor, &asked, id).await })));
            }
            told((done, all), part);
            let Some((id, drawing)) = under_way.pop_front() else { return Ok(()) };
            let drawn = drawing.await.map_err(|_| EngineError::Stopped)??;
            if let Some(bytes) = drawn {
                part.push(id, &bytes)?;
            }
            done += 1;
        }
    }

    /// One tile, compressed; `None` when it is empty. Layers of a vector tile follow one another, so tiles of single
    /// layers put together are the tile of all.
    async fn draw_one(
        &self,
        actor: &Actor,
        asked: &[Asked],
        id: TileId,
    ) -> Result<Option<Vec<u8>>, EngineError> {
        let (z, x, y) = place_of(id).map_err(|_| EngineError::Stopped)?;
        let mut plain = Vec::new();
        for one in asked.iter().filter(|a| a.may_be_in(id)) {
            let layers = vec![one.query.layer.to_string()];
            let request = TileRequest {
                layers,
                z: u32::from(z),
                x,
                y,
                params: one.params.clone(),
                encoding: Encoding::Plain,
            };
            plain.extend_from_slice(&self.tile(actor, &request).await?.bytes);
        }
        if plain.is_empty() {
            return Ok(None);
        }
        self.cpu().run(move || Some(gzip(&plain))).await
    }
}

/// The number of a zoom's first tile.
fn first_of(z: u8) -> TileId {
    // The curve begins in the upper left corner at every zoom, and a grid has one.
    id_of(z, 0, 0).expect("every zoom has an upper left corner")
}
