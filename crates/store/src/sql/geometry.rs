//! Geometry as it is kept. GeoPackage: a header (`GP`, flags, EPSG:4326, envelope of what is no point) and WKB.
//! PostGIS: EWKB, which is WKB with the number of the reference system.

use geo_types::{Coord, Geometry as G};
use geozero::wkb::{Ewkb, GpkgWkb};
use geozero::{CoordDimensions, ToGeo, ToWkb};
use model::Geometry;

use super::Dialect;
use crate::StoreError;

/// The reference system of every geometry.
pub(crate) const SRS: i32 = 4326;

/// Length of a point's blob: header 8, byte order 1, type 4, two doubles.
const POINT_LENGTH: usize = 29;

/// A box: least x, greatest x, least y, greatest y, in the order GeoPackage writes it.
pub(crate) type Envelope = [f64; 4];

/// The box around a geometry; `None` when it has no coordinates.
pub(crate) fn envelope(geometry: &Geometry) -> Option<Envelope> {
    let mut all: Envelope = [f64::INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::NEG_INFINITY];
    let mut grow = |c: &Coord<f64>| {
        all = [all[0].min(c.x), all[1].max(c.x), all[2].min(c.y), all[3].max(c.y)];
    };
    match geometry {
        G::Point(p) => grow(&p.0),
        G::MultiPoint(m) => m.iter().for_each(|p| grow(&p.0)),
        G::LineString(l) => l.0.iter().for_each(grow),
        G::MultiLineString(m) => m.iter().flat_map(|l| &l.0).for_each(grow),
        G::Polygon(p) => p.exterior().0.iter().for_each(grow),
        G::MultiPolygon(m) => m.iter().flat_map(|p| &p.exterior().0).for_each(grow),
        // Refused by `rows::canonical`.
        G::Line(_) | G::Rect(_) | G::Triangle(_) | G::GeometryCollection(_) => {}
    }
    (all[0] <= all[1] && all[2] <= all[3]).then_some(all)
}

/// The blob of a geometry.
pub(crate) fn encode(dialect: Dialect, geometry: &Geometry) -> Result<Vec<u8>, StoreError> {
    let bad = |e| StoreError::damaged(format!("a geometry cannot be written: {e}"));
    if dialect == Dialect::Postgres {
        return geometry.to_ewkb(CoordDimensions::xy(), Some(SRS)).map_err(bad);
    }
    let around = match geometry {
        G::Point(_) => Vec::new(),
        other => envelope(other).map_or(Vec::new(), |e| e.to_vec()),
    };
    geometry.to_gpkg_wkb(CoordDimensions::xy(), Some(SRS), around).map_err(bad)
}

/// The geometry of a blob.
pub(crate) fn decode(dialect: Dialect, blob: &[u8]) -> Result<Geometry, StoreError> {
    let bad = || StoreError::damaged("a geometry cannot be read");
    if dialect == Dialect::Postgres {
        return match ewkb_point(blob) {
            Some(point) => Ok(point),
            None => Ewkb(blob).to_geo().map_err(|_| bad()),
        };
    }
    if let Some(point) = point(blob) {
        return Ok(point);
    }
    if blob.len() < POINT_LENGTH || &blob[..2] != b"GP" {
        return Err(bad());
    }
    GpkgWkb(blob).to_geo().map_err(|_| bad())
}

/// Most rows are points: little-endian, without envelope.
fn point(blob: &[u8]) -> Option<Geometry> {
    if blob.len() != POINT_LENGTH || blob[..4] != [b'G', b'P', 0, 1] || blob[8..13] != [1, 1, 0, 0, 0] {
        return None;
    }
    at(blob, 13)
}

/// A point as PostGIS sends it: little-endian, with its reference system.
fn ewkb_point(blob: &[u8]) -> Option<Geometry> {
    if blob.len() != 25 || blob[..9] != [1, 1, 0, 0, 0x20, 0xe6, 0x10, 0, 0] {
        return None;
    }
    at(blob, 9)
}

/// The point whose coordinates begin at this byte.
fn at(blob: &[u8], at: usize) -> Option<Geometry> {
    let double = |at: usize| blob[at..at + 8].try_into().ok().map(f64::from_le_bytes);
    Some(G::Point(geo_types::Point::new(double(at)?, double(at + 8)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::geometry_from_json;
    use serde_json::json;

    fn read(value: &serde_json::Value) -> Geometry {
        geometry_from_json(value, "").unwrap().unwrap()
    }

    #[test]
    fn every_kind_comes_back() {
        for value in [
            json!({"type":"Point","coordinates":[104.001_234_567_8, -21.4]}),
            json!({"type":"MultiPoint","coordinates":[[104.0,21.4],[104.5,21.0]]}),
            json!({"type":"LineString","coordinates":[[104.0,21.4],[104.1,21.5]]}),
            json!({"type":"MultiLineString","coordinates":[[[104.0,21.4],[104.1,21.5]],[[1,2],[3,4]]]}),
            json!({"type":"Polygon","coordinates":[[[0,0],[4,0],[4,4],[0,0]],[[1,0.5],[2,0.5],[2,1],[1,0.5]]]}),
            json!({"type":"MultiPolygon","coordinates":[[[[0,0],[4,0],[4,4],[0,0]]],[[[9,9],[10,9],[10,10],[9,9]]]]}),
        ] {
            let geometry = read(&value);
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                let blob = encode(dialect, &geometry).unwrap();
                assert_eq!(decode(dialect, &blob).unwrap(), geometry);
            }
        }
    }

    #[test]
    fn the_bytes_are_those_of_the_standard() {
        let point =
            encode(Dialect::Sqlite, &read(&json!({"type":"Point","coordinates":[1.0, 2.0]}))).unwrap();
        let mut expected = vec![b'G', b'P', 0, 1, 0xe6, 0x10, 0, 0, 1, 1, 0, 0, 0];
        expected.extend(1f64.to_le_bytes());
        expected.extend(2f64.to_le_bytes());
        assert_eq!(point, expected);
        let line = encode(Dialect::Sqlite, &read(&json!({"type":"LineString","coordinates":[[3,8],[5,7]]})))
            .unwrap();
        // Flags: envelope of two dimensions (1 << 1), little-endian (1).
        assert_eq!(line[3], 0b11);
        let envelope: Vec<f64> =
            line[8..40].chunks(8).map(|c| f64::from_le_bytes(c.try_into().unwrap())).collect();
        assert_eq!(envelope, [3.0, 5.0, 7.0, 8.0]);
    }

    #[test]
    fn damaged_blobs_are_refused() {
        for bad in [&b""[..], b"GP", b"XX\0\x01\xe6\x10\0\0\x01\x01\0\0\0aaaaaaaabbbbbbbb", &[0; 29]] {
            assert!(decode(Dialect::Sqlite, bad).is_err());
            assert!(decode(Dialect::Postgres, bad).is_err());
        }
    }
}
