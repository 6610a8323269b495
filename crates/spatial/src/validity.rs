//! Validity of geometry in the sense of OGC Simple Features, judged by `geo::Validation`.
//!
//! Found: rings with too few points, rings that cross or touch themselves, holes outside or across their exterior,
//! overlapping parts, lines without length, coordinates that are not finite. Not found: an interior cut in two by
//! rings that touch at several points.

use geo::Validation;
use geo::algorithm::validation::{
    InvalidGeometry, InvalidGeometryCollection, InvalidLineString, InvalidMultiLineString,
    InvalidMultiPolygon, InvalidPolygon, RingRole,
};
use model::{Geometry, Text};

/// Why a geometry is not valid, as a sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid geometry: {}", reason.en)]
pub struct GeometryFault {
    /// The sentence, lower case where a language has it and without a full stop.
    pub reason: Text,
}

/// Checks a geometry in degrees.
///
/// # Errors
/// The first fault found.
///
/// ```
/// use geo_types::polygon;
/// let bow_tie = polygon![(x: 0.0, y: 0.0), (x: 1.0, y: 1.0), (x: 1.0, y: 0.0), (x: 0.0, y: 1.0)];
/// let fault = spatial::check_geometry(&bow_tie.into()).unwrap_err();
/// assert!(fault.reason.en.contains("crosses itself"));
/// ```
pub fn check_geometry(geometry: &Geometry) -> Result<(), GeometryFault> {
    if crate::extent(geometry).is_none() {
        return Err(fault(
            "không có tọa độ, hoặc tọa độ không phải là số hữu hạn",
            "no coordinates, or one that is not finite",
        ));
    }
    geometry.check_validation().map_err(|e| reason(&e))
}

fn fault(vi: impl Into<String>, en: impl Into<String>) -> GeometryFault {
    GeometryFault { reason: Text::new(vi.into(), en.into()) }
}

fn reason(error: &InvalidGeometry) -> GeometryFault {
    match error {
        InvalidGeometry::InvalidPolygon(e) => polygon(e),
        InvalidGeometry::InvalidMultiPolygon(e) => match e {
            InvalidMultiPolygon::InvalidPolygon(at, e) => part(at.0, &polygon(e)),
            InvalidMultiPolygon::ElementsOverlaps(a, b) => fault(
                format!("phần {} và phần {} chồng lên nhau", a.0 + 1, b.0 + 1),
                format!("parts {} and {} overlap", a.0 + 1, b.0 + 1),
            ),
            InvalidMultiPolygon::ElementsTouchOnALine(a, b) => fault(
                format!("phần {} và phần {} có chung một đoạn ranh giới", a.0 + 1, b.0 + 1),
                format!("parts {} and {} touch along a line", a.0 + 1, b.0 + 1),
            ),
        },
        InvalidGeometry::InvalidLineString(e) => line(e),
        InvalidGeometry::InvalidMultiLineString(InvalidMultiLineString::InvalidLineString(at, e)) => {
            part(at.0, &line(e))
        }
        InvalidGeometry::InvalidGeometryCollection(InvalidGeometryCollection::InvalidGeometry(at, e)) => {
            part(at.0, &reason(e))
        }
        InvalidGeometry::InvalidLine(_) => line(&InvalidLineString::TooFewPoints),
        InvalidGeometry::InvalidPoint(_) | InvalidGeometry::InvalidMultiPoint(_) => not_finite(),
        InvalidGeometry::InvalidRect(_) | InvalidGeometry::InvalidTriangle(_) => {
            fault("hình không có diện tích", "the shape has no area")
        }
    }
}

fn not_finite() -> GeometryFault {
    fault("tọa độ không phải là số hữu hạn", "a coordinate is not finite")
}

fn line(error: &InvalidLineString) -> GeometryFault {
    match error {
        InvalidLineString::TooFewPoints => {
            fault("đường phải có ít nhất hai điểm khác nhau", "a line needs two different points")
        }
        InvalidLineString::NonFiniteCoord(_) => not_finite(),
    }
}

fn part(index: usize, fault_of_part: &GeometryFault) -> GeometryFault {
    let (vi, en) = (&fault_of_part.reason.vi, &fault_of_part.reason.en);
    fault(format!("phần {}: {vi}", index + 1), format!("part {}: {en}", index + 1))
}

fn ring(role: RingRole) -> (String, String) {
    match role {
        RingRole::Exterior => ("đường bao ngoài".to_owned(), "the outer ring".to_owned()),
        RingRole::Interior(i) => (format!("lỗ thứ {}", i + 1), format!("hole {}", i + 1)),
    }
}

fn polygon(error: &InvalidPolygon) -> GeometryFault {
    let of = |role: RingRole, vi: &str, en: &str| {
        let (ring_vi, ring_en) = ring(role);
        fault(format!("{ring_vi} {vi}"), format!("{ring_en} {en}"))
    };
    let pair = |a: RingRole, b: RingRole, vi: &str, en: &str| {
        let ((a_vi, a_en), (b_vi, b_en)) = (ring(a), ring(b));
        fault(format!("{a_vi} và {b_vi} {vi}"), format!("{a_en} and {b_en} {en}"))
    };
    match error {
        InvalidPolygon::TooFewPointsInRing(r) => {
            of(*r, "phải có ít nhất ba điểm khác nhau", "needs three different points")
        }
        InvalidPolygon::SelfIntersection(r) => {
            of(*r, "tự cắt hoặc tự chạm", "crosses itself or touches itself")
        }
        InvalidPolygon::NonFiniteCoord(..) => not_finite(),
        InvalidPolygon::InteriorRingNotContainedInExteriorRing(r) => {
            of(*r, "không nằm trong đường bao ngoài", "does not lie inside the outer ring")
        }
        InvalidPolygon::IntersectingRingsOnALine(a, b) => pair(*a, *b, "có chung một đoạn", "share a line"),
        InvalidPolygon::IntersectingRingsOnAnArea(a, b) => pair(*a, *b, "chồng lên nhau", "overlap"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{LineString, MultiPolygon, Point, Polygon, line_string, polygon};

    fn en(g: impl Into<Geometry>) -> String {
        check_geometry(&g.into()).unwrap_err().reason.en
    }

    fn square(x: f64, y: f64, side: f64) -> Polygon<f64> {
        polygon![(x: x, y: y), (x: x + side, y: y), (x: x + side, y: y + side), (x: x, y: y + side)]
    }

    #[test]
    fn names_what_is_wrong() {
        let outside = Polygon::new(
            square(0.0, 0.0, 1.0).exterior().clone(),
            vec![square(5.0, 5.0, 1.0).exterior().clone()],
        );
        assert!(en(outside).starts_with("hole 1 does not lie inside"));
        assert!(
            en(Polygon::new(LineString::from(vec![(0.0, 0.0), (1.0, 1.0), (0.0, 0.0)]), vec![]))
                .contains("three")
        );
        let overlap = MultiPolygon(vec![square(0.0, 0.0, 2.0), square(1.0, 1.0, 2.0)]);
        assert_eq!(en(overlap), "parts 1 and 2 overlap");
        assert!(en(line_string![(x: 1.0, y: 1.0), (x: 1.0, y: 1.0)]).contains("two different"));
        assert!(en(Point::new(f64::INFINITY, 0.0)).contains("finite"));
        // A ring that goes out and back along a spike.
        let spike = polygon![(x: 0.0, y: 0.0), (x: 4.0, y: 0.0), (x: 9.0, y: 0.0), (x: 4.0, y: 0.0), (x: 4.0, y: 4.0)];
        assert!(en(spike).contains("touches itself"));
    }

    #[test]
    fn lets_the_valid_through() {
        let holed = Polygon::new(
            square(0.0, 0.0, 9.0).exterior().clone(),
            vec![square(2.0, 2.0, 1.0).exterior().clone()],
        );
        assert_eq!(check_geometry(&holed.into()), Ok(()));
        assert_eq!(check_geometry(&Point::new(104.0, 21.0).into()), Ok(()));
        let apart = MultiPolygon(vec![square(0.0, 0.0, 1.0), square(2.0, 0.0, 1.0)]);
        assert_eq!(check_geometry(&apart.into()), Ok(()));
    }
}
