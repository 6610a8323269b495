//! Features counted by the cells of a lattice: clusters, squares, hexagons. Nothing is estimated and nothing lost:
//! over all cells the counts are those of the features that the filter lets through.

use std::collections::BTreeMap;

use model::ValueRef;
use rustc_hash::FxHashMap;

use crate::lattice::{Cell, Fine, Lattice, Reach, fine};
use crate::{Mercator, MercatorBox, Snapshot, TileCoord};

/// Cells per tile side that clusters may have; a power of two more at each zoom, so that they nest.
pub const CELLS_PER_TILE: std::ops::RangeInclusive<u32> = 1..=32;
/// The deepest zoom at which features are clustered: cells then stay within [`crate::MOST_CELLS_ACROSS`].
pub const LAST_CLUSTER_ZOOM: u8 = 18;

/// How a layer is counted in a tile.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Bins {
    /// Clusters: a feature alone in its cell stays itself, several become a point at their mean. So many cells per
    /// side of a tile ([`CELLS_PER_TILE`]).
    Clusters {
        /// Cells per tile side.
        per_tile: u32,
        /// The zoom at which nothing is clustered any more.
        until: u8,
    },
    /// Cells of one size at every zoom, drawn as areas.
    Cells(Lattice),
}

/// What is counted and added up.
#[derive(Clone, Copy)]
pub struct Aggregate<'a> {
    /// The cells.
    pub bins: &'a Bins,
    /// Fields whose numbers are added up, by index. Sums are exact to six decimals.
    pub sums: &'a [usize],
    /// A field with its codes: features are counted per code.
    pub by: Option<(usize, &'a [String])>,
}

/// The features of one cell.
#[derive(Debug, Clone)]
pub(crate) struct Bin {
    pub(crate) count: u64,
    /// The row, while there is only one.
    pub(crate) row: usize,
    total: [u64; 2],
    least: Fine,
    most: Fine,
    /// Millionths, per field added up; `None` while no feature had a number.
    pub(crate) sums: Vec<Option<i128>>,
    /// Per code.
    pub(crate) codes: Vec<u32>,
}

impl Bins {
    /// The cells at a zoom; `None` where every feature is drawn by itself.
    pub fn lattice(&self, z: u8) -> Option<Lattice> {
        match self {
            Bins::Clusters { until, .. } if z >= *until || z > LAST_CLUSTER_ZOOM => None,
            Bins::Clusters { per_tile, .. } => {
                let per_tile = (*per_tile).clamp(*CELLS_PER_TILE.start(), *CELLS_PER_TILE.end());
                Some(Lattice::Square { across: u64::from(per_tile) << z })
            }
            Bins::Cells(lattice) => Some(*lattice),
        }
    }

    /// The box that a tile's content depends on: around all cells that meet it.
    pub fn reach(&self, coord: TileCoord) -> MercatorBox {
        let grown = coord.grown_bounds();
        self.lattice(coord.z()).map_or(grown, |lattice| lattice.reach(&grown).bounds)
    }
}

impl Bin {
    fn new(row: usize, at: Fine, sums: usize, codes: usize) -> Bin {
        Bin {
            count: 0,
            row,
            total: [0; 2],
            least: at,
            most: at,
            sums: vec![None; sums],
            codes: vec![0; codes],
        }
    }

    fn add(&mut self, at: Fine) {
        self.count += 1;
        for (a, v) in at.into_iter().enumerate() {
            self.total[a] += u64::from(v);
            self.least[a] = self.least[a].min(v);
            self.most[a] = self.most[a].max(v);
        }
    }

    /// The mean of the features' places, to 2⁻³² of the world.
    pub(crate) fn mean(&self) -> Mercator {
        let [x, y] = self.total.map(|t| (t / self.count) as f64 / 4_294_967_296.0);
        Mercator { x, y }
    }

    /// The least zoom below `z` at which not all features fall into one cell, at most the one where nothing is
    /// clustered.
    pub(crate) fn expansion_zoom(&self, bins: &Bins, z: u8) -> u8 {
        let splits = |z: &u8| bins.lattice(*z).is_none_or(|l| l.cell(self.least) != l.cell(self.most));
        (z + 1..=LAST_CLUSTER_ZOOM).find(splits).unwrap_or(LAST_CLUSTER_ZOOM + 1)
    }
}

/// The cells of a tile with their features. A feature's place is its point, or the middle of its box. Only cells
/// that may meet the tile's grown box are given, and those are complete.
pub(crate) fn bins<'v>(
    snapshot: &Snapshot,
    lattice: Lattice,
    reach: &Reach,
    aggregate: &Aggregate<'_>,
    mut wanted: impl FnMut(usize) -> bool,
    value: impl Fn(usize, usize) -> ValueRef<'v>,
) -> BTreeMap<Cell, Bin> {
    let codes: &[String] = aggregate.by.map_or(&[], |(_, codes)| codes);
    let by_code: FxHashMap<&str, usize> = codes.iter().enumerate().map(|(i, c)| (c.as_str(), i)).collect();
    let mut found: Vec<(Cell, Bin)> = Vec::new();
    let mut index: FxHashMap<Cell, usize> = FxHashMap::default();
    // Rows come along the curve: most fall into the cell of the one before.
    let mut last: Option<usize> = None;
    snapshot.visit(&reach.bounds, |row| {
        let Some(at) = snapshot.anchor(row) else { return };
        let cell = lattice.cell(at);
        if !reach.holds(cell) || !wanted(row) {
            return;
        }
        let n = match last.filter(|n| found[*n].0 == cell) {
            Some(n) => n,
            None => *index.entry(cell).or_insert_with(|| {
                found.push((cell, Bin::new(row, at, aggregate.sums.len(), codes.len())));
                found.len() - 1
            }),
        };
        last = Some(n);
        let bin = &mut found[n].1;
        bin.add(at);
        for (sum, field) in bin.sums.iter_mut().zip(aggregate.sums) {
            if let Some(millionths) = millionths(value(row, *field)) {
                *sum = Some(sum.unwrap_or(0) + millionths);
            }
        }
        if let Some((field, _)) = aggregate.by
            && let ValueRef::Text(code) = value(row, field)
            && let Some(n) = by_code.get(code)
        {
            bin.codes[*n] += 1;
        }
    });
    found.into_iter().collect()
}

fn millionths(value: ValueRef<'_>) -> Option<i128> {
    match value {
        ValueRef::Int(i) => Some(i128::from(i) * 1_000_000),
        // The cast saturates; a number that large has no sixth decimal.
        ValueRef::Num(n) if n.is_finite() => Some((n * 1e6).round() as i128),
        _ => None,
    }
}

/// The number of a cluster: its zoom and cell. Numbers of clusters are from 2⁵² on, those of features below, but
/// for features of derived layers.
pub fn cluster_id(z: u8, cell: Cell) -> u64 {
    1 << 52 | u64::from(z) << 46 | (cell.column as u64 & 0x7f_ffff) << 23 | (cell.row as u64 & 0x7f_ffff)
}

/// The zoom and cell of a cluster's number; `None` when it is none.
pub fn cluster_cell(id: u64) -> Option<(u8, Cell)> {
    let z = (id >> 46 & 0x3f) as u8;
    let cell = Cell { column: (id >> 23 & 0x7f_ffff) as i32, row: (id & 0x7f_ffff) as i32 };
    (id >> 52 == 1 && z <= LAST_CLUSTER_ZOOM).then_some((z, cell))
}

impl Snapshot {
    /// Where a row is counted: its point, or the middle of its box.
    pub(crate) fn anchor(&self, row: usize) -> Option<Fine> {
        self.middle(row).map(fine)
    }
}
