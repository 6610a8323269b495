//! Coordinates with their space in the type: degrees on WGS 84, and the unit square of Web Mercator.

use std::f64::consts::PI;

use model::Bbox;

/// A place on WGS 84: longitude and latitude in degrees (OGC:CRS84 order).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LonLat {
    /// Longitude in degrees, east positive.
    pub lon: f64,
    /// Latitude in degrees, north positive.
    pub lat: f64,
}

/// A place in Web Mercator (EPSG:3857) scaled to the unit square: x from 0 at 180° W to 1 at 180° E, y from 0 at
/// 85.0511° N **down** to 1 at 85.0511° S. Both always lie in `[0, 1]`: what is nearer to a pole, or past the
/// antimeridian, lies on the edge.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mercator {
    /// From the left edge, 0 to 1.
    pub x: f64,
    /// From the top edge, 0 to 1.
    pub y: f64,
}

/// A closed box in the unit square of [`Mercator`]; a grown tile box may reach outside it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MercatorBox {
    /// Left edge.
    pub min_x: f64,
    /// Top edge.
    pub min_y: f64,
    /// Right edge.
    pub max_x: f64,
    /// Bottom edge.
    pub max_y: f64,
}

impl LonLat {
    /// A place from degrees.
    pub fn new(lon: f64, lat: f64) -> Self {
        LonLat { lon, lat }
    }

    /// Projects to the unit square (spherical Web Mercator; latitudes past ±85.0511° fall on the edge).
    ///
    /// ```
    /// let m = spatial::LonLat::new(0.0, 0.0).to_mercator();
    /// assert_eq!((m.x, m.y), (0.5, 0.5));
    /// ```
    pub fn to_mercator(self) -> Mercator {
        // atanh(sin φ) is the isometric latitude; at the poles it is infinite and the clamp takes it.
        let y = 0.5 - self.lat.to_radians().sin().atanh() / (2.0 * PI);
        Mercator { x: (self.lon / 360.0 + 0.5).clamp(0.0, 1.0), y: y.clamp(0.0, 1.0) }
    }
}

impl Mercator {
    /// Projects back to degrees.
    ///
    /// ```
    /// let place = spatial::LonLat::new(103.9, 21.34);
    /// let back = place.to_mercator().to_lon_lat();
    /// assert!((back.lon - 103.9).abs() < 1e-12 && (back.lat - 21.34).abs() < 1e-12);
    /// ```
    pub fn to_lon_lat(self) -> LonLat {
        let lat = (2.0 * PI * (0.5 - self.y)).sinh().atan().to_degrees();
        LonLat { lon: (self.x - 0.5) * 360.0, lat }
    }
}

impl MercatorBox {
    /// A box that holds nothing and grows by [`Self::include`].
    pub(crate) const EMPTY: MercatorBox = MercatorBox {
        min_x: f64::INFINITY,
        min_y: f64::INFINITY,
        max_x: f64::NEG_INFINITY,
        max_y: f64::NEG_INFINITY,
    };

    /// More than the rounding of the projection (40 µm on the ground), so that a box of degrees, projected by its
    /// corners, never misses what it holds.
    pub(crate) const ROUNDING: f64 = 1e-12;

    /// The boxes of a degree box: one, or two when it crosses the antimeridian. Grown by the rounding of the
    /// projection, so a superset.
    pub(crate) fn of_degrees(bbox: &Bbox) -> Vec<MercatorBox> {
        let project = |b: &Bbox| {
            let low = LonLat::new(b.west, b.south).to_mercator();
            let high = LonLat::new(b.east, b.north).to_mercator();
            MercatorBox { min_x: low.x, min_y: high.y, max_x: high.x, max_y: low.y }.grown(Self::ROUNDING)
        };
        bbox.parts().iter().map(project).collect()
    }

    /// The box grown on every side, in units of the square.
    #[must_use]
    pub fn grown(self, by: f64) -> MercatorBox {
        MercatorBox {
            min_x: self.min_x - by,
            min_y: self.min_y - by,
            max_x: self.max_x + by,
            max_y: self.max_y + by,
        }
    }

    /// The least box around both.
    #[must_use]
    pub(crate) fn around(&self, other: &MercatorBox) -> MercatorBox {
        let mut both = *self;
        both.include(other.min_x, other.min_y);
        both.include(other.max_x, other.max_y);
        both
    }

    /// Its middle.
    pub(crate) fn middle(&self) -> Mercator {
        Mercator { x: f64::midpoint(self.min_x, self.max_x), y: f64::midpoint(self.min_y, self.max_y) }
    }

    /// Whether the place lies in the box, edges included.
    pub fn contains(&self, at: Mercator) -> bool {
        at.x >= self.min_x && at.x <= self.max_x && at.y >= self.min_y && at.y <= self.max_y
    }

    /// Whether the whole of `other` lies in the box.
    pub(crate) fn covers(&self, other: &MercatorBox) -> bool {
        other.min_x >= self.min_x
            && other.max_x <= self.max_x
            && other.min_y >= self.min_y
            && other.max_y <= self.max_y
    }

    /// Whether the boxes share a point, edges included.
    pub fn meets(&self, other: &MercatorBox) -> bool {
        self.min_x <= other.max_x
            && other.min_x <= self.max_x
            && self.min_y <= other.max_y
            && other.min_y <= self.max_y
    }

    pub(crate) fn include(&mut self, x: f64, y: f64) {
        self.min_x = self.min_x.min(x);
        self.min_y = self.min_y.min(y);
        self.max_x = self.max_x.max(x);
        self.max_y = self.max_y.max(y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_of_the_world() {
        let m = LonLat::new(-180.0, 90.0).to_mercator();
        assert_eq!((m.x, m.y), (0.0, 0.0));
        let m = LonLat::new(180.0, -90.0).to_mercator();
        assert_eq!((m.x, m.y), (1.0, 1.0));
    }

    #[test]
    fn agrees_with_the_definition_of_epsg_3857() {
        // Guidance note 7-2, method 1024, worked example: 100°20'00"W 24°22'54.433"N
        // is easting −11169055.58, northing 2800000.00.
        let m = LonLat::new(-(100.0 + 20.0 / 60.0), 24.0 + 22.0 / 60.0 + 54.433 / 3600.0).to_mercator();
        let half = PI * 6_378_137.0;
        assert!(((m.x * 2.0 - 1.0) * half + 11_169_055.58).abs() < 0.01);
        assert!(((1.0 - m.y * 2.0) * half - 2_800_000.00).abs() < 0.01);
    }

    #[test]
    fn a_box_across_the_antimeridian_is_two() {
        let b = Bbox { west: 170.0, south: -1.0, east: -170.0, north: 1.0 };
        assert_eq!(MercatorBox::of_degrees(&b).len(), 2);
    }
}
