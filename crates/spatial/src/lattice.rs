//! Cells of one size over the whole world, in which features are counted. A lattice is absolute: which cell a place
//! falls in depends on nothing but the place, so tiles, zooms and servers agree.

use crate::mercator::MercatorBox;
use crate::{Mercator, curve};

/// The most cells across the world: a cell's two numbers fit in 23 bits each.
pub const MOST_CELLS_ACROSS: u64 = 1 << 23;

/// More than the rounding of places to 2⁻³² of the world (see [`curve::cell`]).
const ROUNDING: f64 = 1.0 / 2_147_483_648.0;

/// Cells over the unit square of Web Mercator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lattice {
    /// Squares, so many from west to east; with a power of two more they nest.
    Square {
        /// Cells from west to east, 1 to [`MOST_CELLS_ACROSS`].
        across: u64,
    },
    /// Regular hexagons standing on a corner, so many from west to east; odd rows are half a cell further east.
    Hexagon {
        /// Cells from west to east, 1 to [`MOST_CELLS_ACROSS`].
        across: u64,
    },
}

/// A cell's column and row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Cell {
    /// Row from the north.
    pub row: i32,
    /// Column from the west.
    pub column: i32,
}

/// A place rounded to 2⁻³² of the world.
pub(crate) type Fine = [u32; 2];

pub(crate) fn fine(at: Mercator) -> Fine {
    [curve::cell(at.x), curve::cell(at.y)]
}

/// The cells that a tile asks about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reach {
    first: Cell,
    last: Cell,
    /// Holds every place of these cells.
    pub(crate) bounds: MercatorBox,
}

impl Reach {
    pub(crate) fn holds(&self, cell: Cell) -> bool {
        (self.first.row..=self.last.row).contains(&cell.row)
            && (self.first.column..=self.last.column).contains(&cell.column)
    }
}

impl Lattice {
    fn across(self) -> u64 {
        match self {
            Lattice::Square { across } | Lattice::Hexagon { across } => across.clamp(1, MOST_CELLS_ACROSS),
        }
    }

    /// A hexagon's circumradius (centre to corner) in units of the square.
    fn circumradius(self) -> f64 {
        1.0 / self.across() as f64 / 3_f64.sqrt()
    }

    /// The cell of a place.
    pub(crate) fn cell(self, at: Fine) -> Cell {
        match self {
            Lattice::Square { .. } => {
                let n = |v: u32| ((u64::from(v) * self.across()) >> 32) as i32;
                Cell { row: n(at[1]), column: n(at[0]) }
            }
            Lattice::Hexagon { .. } => self.hexagon(at),
        }
    }

    /// Axial coordinates, rounded in the cube (source: the usual construction for hexagonal grids).
    fn hexagon(self, at: Fine) -> Cell {
        let [x, y] = at.map(|v| f64::from(v) / 4_294_967_296.0);
        let size = self.circumradius();
        let r = y * 2.0 / 3.0 / size;
        let q = x * self.across() as f64 - r / 2.0;
        let s = -q - r;
        let (mut rq, mut rr, rs) = (q.round(), r.round(), s.round());
        let (dq, dr, ds) = ((rq - q).abs(), (rr - r).abs(), (rs - s).abs());
        if dq > dr && dq > ds {
            rq = -rr - rs;
        } else if dr > ds {
            rr = -rq - rs;
        }
        let row = rr as i32;
        Cell { row, column: rq as i32 + row.div_euclid(2) }
    }

    /// The middle of a cell.
    pub(crate) fn centre(self, cell: Cell) -> Mercator {
        let n = self.across() as f64;
        let (column, row) = (f64::from(cell.column), f64::from(cell.row));
        match self {
            Lattice::Square { .. } => Mercator { x: (column + 0.5) / n, y: (row + 0.5) / n },
            Lattice::Hexagon { .. } => {
                let shift = f64::from(cell.row.rem_euclid(2)) / 2.0;
                Mercator { x: (column + shift) / n, y: row * 1.5 * self.circumradius() }
            }
        }
    }

    /// The corners of a cell, clockwise as seen on a map, not closed.
    pub(crate) fn corners(self, cell: Cell) -> Vec<Mercator> {
        let c = self.centre(cell);
        match self {
            Lattice::Square { .. } => {
                let n = self.across() as f64;
                let (west, north) = (f64::from(cell.column) / n, f64::from(cell.row) / n);
                let (east, south) = (f64::from(cell.column + 1) / n, f64::from(cell.row + 1) / n);
                [(west, north), (east, north), (east, south), (west, south)]
                    .map(|(x, y)| Mercator { x, y })
                    .to_vec()
            }
            Lattice::Hexagon { .. } => {
                let (r, half) = (self.circumradius(), 0.5 / self.across() as f64);
                [(0.0, -r), (half, -r / 2.0), (half, r / 2.0), (0.0, r), (-half, r / 2.0), (-half, -r / 2.0)]
                    .map(|(x, y)| Mercator { x: c.x + x, y: c.y + y })
                    .to_vec()
            }
        }
    }

    /// The box of a cell.
    pub(crate) fn bounds(self, cell: Cell) -> MercatorBox {
        let mut bounds = MercatorBox::EMPTY;
        self.corners(cell).iter().for_each(|c| bounds.include(c.x, c.y));
        bounds
    }

    /// The cell's area on the ground in square metres: on the sphere of the earth's mean radius, with the scale of
    /// its middle.
    pub(crate) fn area_m2(self, cell: Cell) -> f64 {
        const EARTH_M: f64 = 6_371_008.8;
        let side = 1.0 / self.across() as f64;
        let area = match self {
            Lattice::Square { .. } => side * side,
            Lattice::Hexagon { .. } => side * side * 3_f64.sqrt() / 2.0,
        };
        let scale =
            self.centre(cell).to_lon_lat().lat.to_radians().cos() * 2.0 * std::f64::consts::PI * EARTH_M;
        area * scale * scale
    }

    /// The cells that may meet the box, and a box around all their places.
    pub(crate) fn reach(self, b: &MercatorBox) -> Reach {
        let b = b.grown(ROUNDING);
        let corner = |x, y| self.cell(fine(Mercator { x, y }));
        let (mut first, mut last) = (corner(b.min_x, b.min_y), corner(b.max_x, b.max_y));
        if matches!(self, Lattice::Hexagon { .. }) {
            // Rows overlap, and odd ones stand half a cell aside.
            first = Cell { row: first.row - 1, column: first.column - 1 };
            last = Cell { row: last.row + 1, column: last.column + 1 };
        }
        let (near, far) = (self.bounds(first), self.bounds(last));
        let half = 0.5 / self.across() as f64;
        let aside = if matches!(self, Lattice::Hexagon { .. }) { half } else { 0.0 };
        let bounds = MercatorBox {
            min_x: near.min_x - aside,
            min_y: near.min_y,
            max_x: far.max_x + aside,
            max_y: far.max_y,
        };
        Reach { first, last, bounds: bounds.grown(ROUNDING) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATTICES: [Lattice; 4] = [
        Lattice::Square { across: 8 },
        Lattice::Square { across: 1_000_003 },
        Lattice::Hexagon { across: 7 },
        Lattice::Hexagon { across: 65_536 },
    ];

    fn places() -> impl Iterator<Item = Mercator> {
        (0..40_000_u64).map(|n| {
            let v = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            Mercator {
                x: (v >> 40) as f64 / f64::from(1 << 24),
                y: (v & 0xff_ffff) as f64 / f64::from(1 << 24),
            }
        })
    }

    #[test]
    fn a_place_lies_in_its_cell_and_nearer_to_its_middle_than_to_any_neighbours() {
        for lattice in LATTICES {
            for at in places() {
                let cell = lattice.cell(fine(at));
                assert!(lattice.bounds(cell).grown(ROUNDING).contains(at), "{lattice:?} {at:?} {cell:?}");
                let far = |c: Cell| {
                    let m = lattice.centre(c);
                    (m.x - at.x).hypot(m.y - at.y)
                };
                let own = far(cell);
                for (dr, dc) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, 1), (-1, -1), (1, 1), (1, -1)] {
                    let other = Cell { row: cell.row + dr, column: cell.column + dc };
                    assert!(own <= far(other) + 1e-9, "{lattice:?} {at:?}");
                }
            }
        }
    }

    #[test]
    fn a_reach_holds_every_cell_that_meets_the_box_whole() {
        for lattice in LATTICES {
            let across = lattice.across() as f64;
            for at in places().take(4_000) {
                let b = MercatorBox {
                    min_x: at.x,
                    min_y: at.y,
                    max_x: at.x + 3.3 / across,
                    max_y: at.y + 2.1 / across,
                };
                let reach = lattice.reach(&b);
                for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (0.5, 0.5)] {
                    let inside = Mercator { x: at.x + dx * 3.3 / across, y: at.y + dy * 2.1 / across };
                    if inside.x < 1.0 && inside.y < 1.0 {
                        let cell = lattice.cell(fine(inside));
                        assert!(reach.holds(cell) && reach.bounds.covers(&lattice.bounds(cell)));
                    }
                }
            }
        }
    }

    #[test]
    fn squares_nest_from_zoom_to_zoom() {
        let (coarse, close) = (Lattice::Square { across: 24 << 5 }, Lattice::Square { across: 24 << 6 });
        for at in places() {
            let (a, b) = (coarse.cell(fine(at)), close.cell(fine(at)));
            assert_eq!((a.column, a.row), (b.column / 2, b.row / 2));
        }
    }

    #[test]
    fn areas_of_cells_are_those_of_the_ground() {
        // A quarter of a million cells along the equator: 40,030 km / 262,144 = 152.7 m.
        let lattice = Lattice::Square { across: 1 << 18 };
        let middle = lattice.cell(fine(Mercator { x: 0.7, y: 0.5 }));
        assert!((lattice.area_m2(middle).sqrt() - 152.70).abs() < 0.01);
        // A hexagon of the same width has √3/2 of its square.
        let hexagon = Lattice::Hexagon { across: 1 << 18 };
        let cell = hexagon.cell(fine(Mercator { x: 0.7, y: 0.5 }));
        assert!((hexagon.area_m2(cell) / lattice.area_m2(middle) - 0.866_025).abs() < 1e-4);
    }
}
