//! The one grid everything in tiles stands on. At zoom z the world is [`EXTENT`]·2ᶻ units wide; every vertex is
//! rounded to that grid *before* anything is clipped, so a vertex shared by neighbours is shared in every tile, and
//! no gap or overlap can open between borders that were one.

use geo_types::{Coord, LineString};

use crate::Mercator;

/// Units of a tile's side.
pub const EXTENT: u32 = 4096;

/// A place on the world grid of a zoom (or, after [`crate::tile`] moved it, of a tile): x to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GridPoint {
    /// Units to the right.
    pub x: i64,
    /// Units down.
    pub y: i64,
}

/// The nearest place on the grid of zoom `z`.
///
/// ```
/// let centre = spatial::LonLat::new(0.0, 0.0).to_mercator();
/// assert_eq!(spatial::snap(centre, 0), spatial::GridPoint { x: 2048, y: 2048 });
/// ```
pub fn snap(at: Mercator, z: u8) -> GridPoint {
    let side = (i64::from(EXTENT) << z) as f64;
    GridPoint { x: (at.x * side).round() as i64, y: (at.y * side).round() as i64 }
}

/// A line in the unit square, snapped; vertices that fall together with the one before are dropped.
pub(crate) fn snap_line(line: &[Coord<f64>], z: u8) -> Vec<GridPoint> {
    let mut out: Vec<GridPoint> = Vec::with_capacity(line.len());
    for c in line {
        let p = snap(Mercator { x: c.x, y: c.y }, z);
        if out.last() != Some(&p) {
            out.push(p);
        }
    }
    out
}

/// A closed ring in the unit square of [`Mercator`], snapped at zoom `z`: open (the first vertex is not repeated),
/// without vertices that fall together with the one before.
pub fn snap_ring(ring: &LineString<f64>, z: u8) -> Vec<GridPoint> {
    let mut out = snap_line(&ring.0, z);
    while out.len() > 1 && out.first() == out.last() {
        out.pop();
    }
    out
}
