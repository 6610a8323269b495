//! Vector tiles: drawn from the snapshots of a view, kept under (stamps, filter, role), computed once however
//! many ask.

use std::sync::Arc;

use bytes::Bytes;
use model::{Code, Columns, Fault, LayerDef, LayerId, Role, Text};
use moka::future::Cache;
use sha2::{Digest, Sha256};
use spatial::{Snapshot, TileCoord, TileLayer};

use crate::query::Query;
use crate::view::{View, visible_fields};
use crate::{Actor, Engine, EngineError};

/// A tile in its plain and compressed forms.
#[derive(Debug, Clone)]
pub struct Tile {
    /// MVT bytes; empty when nothing is there.
    pub bytes: Bytes,
    /// The same, compressed by gzip.
    pub gzip: Bytes,
    /// Of the plain bytes, without quotes.
    pub etag: String,
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
    /// Filter parameters; each applies to the layers that have it.
    pub params: Vec<(String, String)>,
}

/// What makes two tiles the same: the version of what is drawn, the filter, the reader's policy, the place.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Key {
    layers: Vec<(LayerId, i64, String)>,
    params: String,
    role: Role,
    coord: (u8, u32, u32),
}

/// The most layers one tile may hold.
const MAX_LAYERS: usize = 16;

/// Tiles that were drawn, bounded by their weight in bytes.
#[derive(Clone)]
pub(crate) struct Tiles {
    cache: Cache<Key, Tile>,
}

impl Tiles {
    pub(crate) fn new(capacity_bytes: u64) -> Tiles {
        let weigh = |_: &Key, tile: &Tile| {
            u32::try_from(tile.bytes.len() + tile.gzip.len()).unwrap_or(u32::MAX).saturating_add(256)
        };
        Tiles { cache: Cache::builder().max_capacity(capacity_bytes).weigher(weigh).build() }
    }
}

impl Engine {
    /// Draws a tile for a reader.
    ///
    /// # Errors
    /// `unknown-layer`, `out-of-range`, or a fault of the filter parameters.
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
        let mut layers: Vec<(Snapshot, Query)> = Vec::new();
        let mut versions = Vec::new();
        let mut names: Vec<&String> = Vec::new();
        for name in &request.layers {
            if names.contains(&name) {
                continue;
            }
            names.push(name);
            if names.len() > MAX_LAYERS {
                return Err(Fault::parameter(
                    Code::TooLarge,
                    "layers",
                    Text::new("Quá nhiều lớp trong một ô", "too many layers in one tile"),
                )
                .into());
            }
            let state = Engine::layer_state(&world, actor, name)?;
            let query = self.read_query(state.snapshot.def(), actor.role, &request.params, &[], true)?;
            versions.push((query.layer.clone(), state.stamp, state.snapshot.def().hash.clone()));
            layers.push((state.snapshot.clone(), query));
        }
        let defs: Vec<&LayerDef> = layers.iter().map(|(s, _)| s.def().as_ref()).collect();
        crate::query::check_known(&defs, actor.role, &request.params, &[])?;
        if let Some((_, query)) = layers.iter().find(|(_, q)| q.recorded.is_some()) {
            return Err(Fault::parameter(
                Code::UnknownParameter,
                "recorded",
                Text::new(
                    "Ô không nhận tham số “recorded”",
                    format!("tiles of {} take no “recorded”", query.layer),
                ),
            )
            .into());
        }
        let mut params: Vec<String> = request.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
        params.sort();
        let key = Key {
            layers: versions,
            params: params.join("&"),
            role: actor.role,
            coord: (coord.z(), coord.x(), coord.y()),
        };
        let (cpu, role) = (self.cpu(), actor.role);
        let made = self
            .tiles()
            .cache
            .try_get_with(key, async move { cpu.run(move || draw(coord, &layers, role)).await });
        made.await.map_err(|e: Arc<EngineError>| match &*e {
            EngineError::Faults(f) => EngineError::Faults(f.clone()),
            _ => EngineError::Stopped,
        })
    }
}

fn draw(coord: TileCoord, layers: &[(Snapshot, Query)], role: Role) -> Tile {
    let fields: Vec<Vec<usize>> = layers
        .iter()
        .map(|(s, _)| visible_fields(s.def(), role).filter(|&i| s.def().fields[i].tile).collect())
        .collect();
    let views: Vec<View<'_>> = layers.iter().map(|(s, _)| View::new(s, role)).collect();
    let rows: Vec<_> = layers
        .iter()
        .zip(&views)
        .map(|((_, query), view)| {
            let as_of = query.as_of();
            move |row: usize| query.filter.selects(view, row, as_of)
        })
        .collect();
    let values: Vec<_> = layers
        .iter()
        .zip(&views)
        .map(|((_, query), view)| {
            let as_of = query.as_of();
            move |row: usize, field: usize| view.value(row, field, as_of)
        })
        .collect();
    let drawn: Vec<TileLayer<'_>> = layers
        .iter()
        .enumerate()
        .map(|(n, (snapshot, query))| TileLayer {
            name: query.layer.as_str(),
            snapshot,
            rows: &rows[n],
            fields: &fields[n],
            value: &values[n],
        })
        .collect();
    let bytes = spatial::tile(coord, &drawn);
    let digest = Sha256::digest(&bytes);
    let etag = digest.iter().take(10).fold(String::new(), |mut s, b| {
        use std::fmt::Write as _;
        let _ = write!(s, "{b:02x}");
        s
    });
    let gzip = if bytes.is_empty() { Vec::new() } else { gzip(&bytes) };
    Tile { bytes: bytes.into(), gzip: gzip.into(), etag }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder =
        flate2::write::GzEncoder::new(Vec::with_capacity(bytes.len() / 2), flate2::Compression::new(4));
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}
