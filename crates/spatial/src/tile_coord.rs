//! A tile's place in the pyramid WebMercatorQuad: zoom, column from the west, row from the north.

use crate::MercatorBox;
use crate::clip::GridBox;
use crate::snap::{EXTENT, GridPoint};

/// Deepest zoom served.
pub const MAX_ZOOM: u8 = 24;

/// How far a tile reaches over its edge, in units of [`EXTENT`].
pub const BUFFER: u32 = 64;

/// A tile that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileCoord {
    z: u8,
    x: u32,
    y: u32,
}

/// Why numbers are no tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileCoordError {
    /// Deeper than [`MAX_ZOOM`].
    #[error("zoom {0} is deeper than {MAX_ZOOM}")]
    Zoom(u8),
    /// Column or row outside the zoom's grid.
    #[error("tile {z}/{x}/{y} lies outside the grid")]
    OutOfRange {
        /// Zoom.
        z: u8,
        /// Column.
        x: u32,
        /// Row.
        y: u32,
    },
}

impl TileCoord {
    /// Checks zoom, column and row.
    ///
    /// # Errors
    /// [`TileCoordError`] when there is no such tile.
    ///
    /// ```
    /// assert!(spatial::TileCoord::new(1, 1, 0).is_ok());
    /// assert!(spatial::TileCoord::new(1, 2, 0).is_err());
    /// ```
    pub fn new(z: u8, x: u32, y: u32) -> Result<TileCoord, TileCoordError> {
        if z > MAX_ZOOM {
            return Err(TileCoordError::Zoom(z));
        }
        let side = 1_u32 << z;
        if x >= side || y >= side {
            return Err(TileCoordError::OutOfRange { z, x, y });
        }
        Ok(TileCoord { z, x, y })
    }

    /// Zoom.
    pub fn z(self) -> u8 {
        self.z
    }

    /// Column, from the west.
    pub fn x(self) -> u32 {
        self.x
    }

    /// Row, from the north.
    pub fn y(self) -> u32 {
        self.y
    }

    /// The tile's box in the unit square; exact.
    pub fn bounds(self) -> MercatorBox {
        self.grown_by(0)
    }

    /// The tile's box grown by [`BUFFER`] units on every side: what intersects it is in the tile. Exact; at the
    /// edge of the world it reaches outside the unit square.
    pub fn grown_bounds(self) -> MercatorBox {
        self.grown_by(i64::from(BUFFER))
    }

    fn grown_by(self, units: i64) -> MercatorBox {
        // Whole units over a power of two: no rounding.
        let side = (i64::from(EXTENT) << self.z) as f64;
        let at = |tile: u32, add: i64| (i64::from(tile) * i64::from(EXTENT) + add) as f64 / side;
        let far = i64::from(EXTENT) + units;
        MercatorBox {
            min_x: at(self.x, -units),
            min_y: at(self.y, -units),
            max_x: at(self.x, far),
            max_y: at(self.y, far),
        }
    }

    /// The tile's upper left corner on the world grid of its zoom.
    pub(crate) fn origin(self) -> GridPoint {
        let unit = i64::from(EXTENT);
        GridPoint { x: i64::from(self.x) * unit, y: i64::from(self.y) * unit }
    }

    /// The grown box on the world grid of its zoom.
    pub(crate) fn grid_box(self) -> GridBox {
        let (o, far) = (self.origin(), i64::from(EXTENT + BUFFER));
        let near = i64::from(BUFFER);
        GridBox { min_x: o.x - near, min_y: o.y - near, max_x: o.x + far, max_y: o.y + far }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_is_outside() {
        assert_eq!(TileCoord::new(25, 0, 0), Err(TileCoordError::Zoom(25)));
        assert_eq!(TileCoord::new(0, 0, 1), Err(TileCoordError::OutOfRange { z: 0, x: 0, y: 1 }));
        assert!(TileCoord::new(24, (1 << 24) - 1, 0).is_ok());
    }

    #[test]
    fn neighbours_share_an_edge_exactly() {
        let a = TileCoord::new(14, 12_921, 7_195).unwrap();
        let b = TileCoord::new(14, 12_922, 7_195).unwrap();
        assert_eq!(a.bounds().max_x.to_bits(), b.bounds().min_x.to_bits());
        let grown = a.grown_bounds();
        let by = 64.0 / 4096.0 / 16_384.0;
        assert!((a.bounds().min_x - grown.min_x - by).abs() < 1e-18);
    }
}
