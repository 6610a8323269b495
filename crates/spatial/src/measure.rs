//! Areas and distances on the ellipsoid of WGS 84, by the method of Karney (2013) as in GeographicLib, through
//! `geo`. Never in Web Mercator, where areas at Sơn La come out 15 % too large.

use geo::{Distance, Geodesic, GeodesicArea, Length};
use geo_types::{LineString, Point, Polygon};
use model::Geometry;

use crate::LonLat;

/// The area of a geometry (degrees, WGS 84) in square metres: of each polygon its exterior less its holes, however
/// they are wound. 0 for points and lines. Edges are geodesics; exact to well under a millimetre squared per edge.
///
/// ```
/// use geo_types::polygon;
/// let p = polygon![(x: 104.0, y: 21.0), (x: 104.01, y: 21.0), (x: 104.01, y: 21.01), (x: 104.0, y: 21.01)];
/// assert!((spatial::area_m2(&p.into()) / 1_151_100.0 - 1.0).abs() < 1e-3);
/// ```
pub fn area_m2(geometry: &Geometry) -> f64 {
    match geometry {
        Geometry::Polygon(p) => polygon_area(p),
        Geometry::MultiPolygon(all) => all.iter().map(polygon_area).sum(),
        Geometry::Rect(r) => polygon_area(&r.to_polygon()),
        Geometry::Triangle(t) => polygon_area(&t.to_polygon()),
        Geometry::GeometryCollection(all) => all.iter().map(area_m2).sum(),
        _ => 0.0,
    }
}

fn polygon_area(polygon: &Polygon<f64>) -> f64 {
    let ring = |r: &LineString<f64>| Polygon::new(r.clone(), Vec::new()).geodesic_area_signed().abs();
    ring(polygon.exterior()) - polygon.interiors().iter().map(ring).sum::<f64>()
}

/// The length of the lines of a geometry (degrees, WGS 84) in metres, along geodesics. 0 for points and polygons.
///
/// ```
/// use geo_types::line_string;
/// let l = line_string![(x: 104.0, y: 21.0), (x: 104.0, y: 21.01)];
/// assert!((spatial::length_m(&l.into()) - 1107.1).abs() < 0.5);
/// ```
pub fn length_m(geometry: &Geometry) -> f64 {
    match geometry {
        Geometry::Line(l) => Geodesic.length(l),
        Geometry::LineString(l) => Geodesic.length(l),
        Geometry::MultiLineString(all) => all.iter().map(|l| Geodesic.length(l)).sum(),
        Geometry::GeometryCollection(all) => all.iter().map(length_m).sum(),
        _ => 0.0,
    }
}

/// The distance between two places in metres, along the geodesic.
///
/// ```
/// use spatial::{LonLat, distance_m};
/// let d = distance_m(LonLat::new(0.0, 0.0), LonLat::new(1.0, 0.0));
/// assert!((d - 111_319.491).abs() < 0.001);
/// ```
pub fn distance_m(a: LonLat, b: LonLat) -> f64 {
    Geodesic.distance(Point::new(a.lon, a.lat), Point::new(b.lon, b.lat))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::polygon;

    #[test]
    fn equator_and_pole() {
        // WGS 84: a degree of the equator is 2πa/360; from equator to pole is the quarter meridian.
        let d = distance_m(LonLat::new(0.0, 0.0), LonLat::new(0.0, 90.0));
        assert!((d - 10_001_965.729).abs() < 0.001, "{d}");
    }

    #[test]
    fn an_octant_is_an_eighth_of_the_ellipsoid() {
        // Surface of WGS 84: 510 065 621 724 088 m² (GeographicLib).
        let p = polygon![(x: 0.0, y: 0.0), (x: 90.0, y: 0.0), (x: 0.0, y: 90.0)];
        let area = area_m2(&p.into());
        assert!((area / 63_758_202_715_511.0 - 1.0).abs() < 1e-9, "{area}");
    }

    #[test]
    fn holes_count_off_however_they_are_wound() {
        let hole = [(104.002, 21.002), (104.004, 21.002), (104.004, 21.004), (104.002, 21.004)];
        let around = |hole: LineString<f64>| {
            let square = polygon![(x: 104.0, y: 21.0), (x: 104.01, y: 21.0), (x: 104.01, y: 21.01), (x: 104.0, y: 21.01)];
            area_m2(&Polygon::new(square.exterior().clone(), vec![hole]).into())
        };
        let one: LineString<f64> = hole.to_vec().into();
        let other: LineString<f64> = hole.iter().rev().copied().collect::<Vec<_>>().into();
        assert!((around(one) - around(other)).abs() < 1e-6);
    }
}
