//! Whether an area covers a point, exactly: a ray to the east crosses the boundary an odd number of times, each side
//! judged by the robust predicate of `geo`. The boundary belongs to the area.

use geo::GeoNum;
use geo::kernels::{Kernel, Orientation};
use geo_types::Coord;
use model::Area;

use crate::LonLat;

/// Whether the point lies in the area or on its boundary. The area is valid.
pub(crate) fn covers(area: &Area, at: LonLat) -> bool {
    let p = Coord { x: at.lon, y: at.lat };
    let mut inside = false;
    for [a, b] in area.edges_at(p.y) {
        let (low, high) = if a.y <= b.y { (a, b) } else { (b, a) };
        if p.y < low.y || p.y > high.y || p.x > a.x.max(b.x) {
            continue;
        }
        // The edge upwards: a point to its left is west of it.
        let side = <f64 as GeoNum>::Ker::orient2d(*low, *high, p);
        if side == Orientation::Collinear && p.x >= a.x.min(b.x) {
            return true;
        }
        // Half open, so that a corner counts once.
        if side == Orientation::CounterClockwise && low.y <= p.y && p.y < high.y {
            inside = !inside;
        }
    }
    inside
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    #[test]
    fn corners_edges_and_holes() {
        let ring = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0), (x: 2.0, y: 2.0), (x: 0.0, y: 4.0)],
            interiors: [[(x: 1.0, y: 0.5), (x: 1.0, y: 1.0), (x: 3.0, y: 1.0), (x: 3.0, y: 0.5)]],
        );
        let area = Area::new(ring.into()).unwrap();
        for (x, y, expected) in [
            (0.0, 0.0, true),
            (4.0, 4.0, true),
            (2.0, 2.0, true),
            (2.0, 2.1, false),
            (2.0, 1.5, true),
            (2.0, 0.75, false),
            (1.0, 0.75, true),
            (2.0, 0.5, true),
            (0.5, 0.5, true),
            (-0.1, 0.0, false),
            (4.1, 0.0, false),
            (3.0, 3.0, true),
            (3.0, 3.1, false),
            (-1.0, 4.0, false),
            (2.0, 4.0, false),
            (1.0, 2.0, true),
        ] {
            assert_eq!(covers(&area, LonLat::new(x, y)), expected, "{x} {y}");
        }
    }
}
