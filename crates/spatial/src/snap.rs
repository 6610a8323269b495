//! The one grid everything in tiles stands on. At zoom z the world is [`EXTENT`]·2ᶻ units wide; every vertex is
//! rounded to that grid *before* anything is clipped, so a vertex shared by neighbours is shared in every tile, and
//! no gap or overlap can open between borders that were one.
//!
//! Lines and polygons are simplified by the same rounding: up to [`COARSE_ZOOM`] their vertices stand in the middle of
//! cells of [`COARSE_STEP`] units, and of vertices that follow each other in a cell one is left. Where a vertex goes, and
//! so whether it is one with the next, depends on the vertex and the zoom and on nothing else. No other kind of rule keeps
//! borders whole: a polygon alone cannot know at which of its vertices its neighbour changes, and a rule that looks at
//! the vertices around one (the area of a triangle, the distance from a chord) sees different ones from either side
//! there. Cells of a zoom are made of whole cells of the next, so what falls together stays together farther out; and
//! their middles never lie on a side of a tile or of its grown box.

use crate::{Mercator, MercatorBox};

/// Units of a tile's side.
pub const EXTENT: u32 = 4096;

/// The deepest zoom at which lines and polygons are simplified; from the next on they are exact to a unit.
pub const COARSE_ZOOM: u8 = 12;

/// Up to [`COARSE_ZOOM`], the units between the places where vertices of lines and polygons may stand: half a pixel of a
/// tile drawn 512 pixels wide. So nothing moves by more than 2.83 units (0.18 pixels where a tile has 256).
pub const COARSE_STEP: i64 = 4;

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
    VertexGrid::fine(z).place(at)
}

/// Where a vertex of a line or polygon stands on the grid of zoom `z`: up to [`COARSE_ZOOM`] in the middle of its cell of
/// [`COARSE_STEP`] units, then like [`snap`].
///
/// ```
/// let near = spatial::Mercator { x: 0.5 + 1.0 / 4096.0, y: 0.5 - 3.0 / 4096.0 };
/// assert_eq!(spatial::snap_vertex(near, 0), spatial::GridPoint { x: 2050, y: 2046 });
/// assert_eq!(spatial::snap_vertex(near, 13), spatial::snap(near, 13));
/// ```
pub fn snap_vertex(at: Mercator, z: u8) -> GridPoint {
    VertexGrid::of(z).place(at)
}

/// Where vertices of lines and polygons may stand at a zoom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct VertexGrid {
    /// Steps across the world.
    side: f64,
    /// Units of a step.
    step: i64,
    /// What is added before the fraction is cut off, and to the units after: the nearest place, or the middle of a cell.
    round: f64,
    middle: i64,
}

impl VertexGrid {
    pub(crate) fn of(z: u8) -> VertexGrid {
        if z > COARSE_ZOOM {
            return VertexGrid::fine(z);
        }
        let side = ((i64::from(EXTENT) << z) / COARSE_STEP) as f64;
        VertexGrid { side, step: COARSE_STEP, round: 0.0, middle: COARSE_STEP / 2 }
    }

    /// Every place of the grid.
    pub(crate) fn fine(z: u8) -> VertexGrid {
        VertexGrid { side: (i64::from(EXTENT) << z) as f64, step: 1, round: 0.5, middle: 0 }
    }

    /// The nearest place.
    pub(crate) fn place(self, at: Mercator) -> GridPoint {
        // Never negative, so cutting off the fraction rounds down.
        let unit = |v: f64| (v * self.side + self.round) as i64 * self.step + self.middle;
        GridPoint { x: unit(at.x), y: unit(at.y) }
    }

    /// A place of the grid in the unit square; exact, and [`VertexGrid::place`] gives it back if it is of the grid.
    pub(crate) fn square(self, p: GridPoint) -> Mercator {
        let units = self.side * self.step as f64;
        Mercator { x: p.x as f64 / units, y: p.y as f64 / units }
    }

    /// The corners of a box; what lies in the box is placed between them.
    pub(crate) fn corners(self, b: &MercatorBox) -> (GridPoint, GridPoint) {
        let corner = |x, y| self.place(Mercator { x, y });
        (corner(b.min_x, b.min_y), corner(b.max_x, b.max_y))
    }
}

/// Adds a vertex unless it falls together with the one before.
pub(crate) fn push(out: &mut Vec<GridPoint>, p: GridPoint) {
    if out.last() != Some(&p) {
        out.push(p);
    }
}

/// Makes an open ring of one whose last vertices repeat the first.
pub(crate) fn open_up(ring: &mut Vec<GridPoint>) {
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vertex_places_are_places_of_the_grid() {
        for z in 0..=24 {
            let (grid, units) = (VertexGrid::of(z), (i64::from(EXTENT) << z) as f64);
            let at = Mercator { x: 0.787_654_321, y: 0.412_345_678 };
            let p = grid.place(at);
            assert_eq!(grid.place(grid.square(p)), p);
            let most = if z <= COARSE_ZOOM { 2.0 } else { 0.5 };
            assert!((at.x * units - p.x as f64).abs() <= most && (at.y * units - p.y as f64).abs() <= most);
            assert_eq!(VertexGrid::fine(z).place(grid.square(p)), p);
        }
    }
}
