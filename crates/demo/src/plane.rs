//! The plane the ward is drawn in: metres east and north of 104.00 E, 21.40 N, and back to rounded degrees.

use geo_types::Coord;

/// A place in metres east and north of the origin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Metres {
    pub(crate) x: f64,
    pub(crate) y: f64,
}

/// A place in ten-millionths of a degree: equal vertices are equal integers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Vertex {
    pub(crate) lon: i64,
    pub(crate) lat: i64,
}

const LON: i64 = 1_040_000_000;
const LAT: i64 = 214_000_000;
/// Metres per degree at 21.40 N on WGS 84: N·cos φ·π/180 and M·π/180.
const PER_LON: f64 = 103_690.877;
const PER_LAT: f64 = 110_722.266;

impl Metres {
    pub(crate) const fn new(x: f64, y: f64) -> Metres {
        Metres { x, y }
    }

    /// The nearest vertex.
    pub(crate) fn vertex(self) -> Vertex {
        Vertex {
            lon: LON + (self.x / PER_LON * 1e7).round() as i64,
            lat: LAT + (self.y / PER_LAT * 1e7).round() as i64,
        }
    }

    /// Degrees, rounded to seven decimals.
    pub(crate) fn degrees(self) -> Coord<f64> {
        self.vertex().degrees()
    }

    pub(crate) fn plus(self, dx: f64, dy: f64) -> Metres {
        Metres::new(self.x + dx, self.y + dy)
    }

    pub(crate) fn distance(self, other: Metres) -> f64 {
        let (dx, dy) = (other.x - self.x, other.y - self.y);
        (dx * dx + dy * dy).sqrt()
    }

    /// The point `t` of the way to `other`.
    pub(crate) fn towards(self, other: Metres, t: f64) -> Metres {
        Metres::new(self.x + (other.x - self.x) * t, self.y + (other.y - self.y) * t)
    }
}

impl Vertex {
    pub(crate) fn degrees(self) -> Coord<f64> {
        Coord { x: self.lon as f64 / 1e7, y: self.lat as f64 / 1e7 }
    }

    pub(crate) fn metres(self) -> Metres {
        Metres::new((self.lon - LON) as f64 / 1e7 * PER_LON, (self.lat - LAT) as f64 / 1e7 * PER_LAT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres_and_vertices_agree_within_the_rounding() {
        let p = Metres::new(-512.3, 1047.9);
        // Half of 1e-7° is about 5.5 mm.
        assert!(p.vertex().metres().distance(p) < 0.008);
        assert_eq!(Metres::default().degrees(), Coord { x: 104.0, y: 21.4 });
    }
}
