//! Geometries as bytes: every coordinate to the bit, every kind as it is.

use geo_types::{
    Coord, GeometryCollection, Line, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon,
    Rect, Triangle,
};
use model::Geometry;

use super::UnpackError;
use super::bytes::{Reader, put_array, put_len};

/// Collections within collections, at most: what is nested deeper is not read back.
const DEEPEST: u8 = 16;

fn bytes_of(c: Coord<f64>) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&c.x.to_le_bytes());
    bytes[8..].copy_from_slice(&c.y.to_le_bytes());
    bytes
}

fn put_coord(out: &mut Vec<u8>, c: Coord<f64>) {
    out.extend_from_slice(&bytes_of(c));
}

fn put_line(out: &mut Vec<u8>, line: &LineString<f64>) {
    put_array(out, line.0.iter().map(|c| bytes_of(*c)));
}

fn put_polygon(out: &mut Vec<u8>, polygon: &Polygon<f64>) {
    put_line(out, polygon.exterior());
    put_len(out, polygon.interiors().len());
    polygon.interiors().iter().for_each(|ring| put_line(out, ring));
}

/// Appends a geometry.
pub(super) fn put(out: &mut Vec<u8>, geometry: &Geometry) {
    match geometry {
        Geometry::Point(p) => {
            out.push(1);
            put_coord(out, p.0);
        }
        Geometry::LineString(line) => {
            out.push(2);
            put_line(out, line);
        }
        Geometry::Polygon(polygon) => {
            out.push(3);
            put_polygon(out, polygon);
        }
        Geometry::MultiPoint(all) => {
            out.push(4);
            put_array(out, all.0.iter().map(|p| bytes_of(p.0)));
        }
        Geometry::MultiLineString(all) => {
            out.push(5);
            put_len(out, all.0.len());
            all.iter().for_each(|line| put_line(out, line));
        }
        Geometry::MultiPolygon(all) => {
            out.push(6);
            put_len(out, all.0.len());
            all.iter().for_each(|polygon| put_polygon(out, polygon));
        }
        Geometry::GeometryCollection(all) => {
            out.push(7);
            put_len(out, all.0.len());
            all.iter().for_each(|g| put(out, g));
        }
        Geometry::Line(line) => {
            out.push(8);
            put_coord(out, line.start);
            put_coord(out, line.end);
        }
        Geometry::Rect(rect) => {
            out.push(9);
            put_coord(out, rect.min());
            put_coord(out, rect.max());
        }
        Geometry::Triangle(t) => {
            out.push(10);
            t.to_array().into_iter().for_each(|c| put_coord(out, c));
        }
    }
}

fn coord_of(bytes: [u8; 16]) -> Coord<f64> {
    let [x, y] = [0, 8].map(|at| {
        let mut half = [0; 8];
        half.copy_from_slice(&bytes[at..at + 8]);
        f64::from_le_bytes(half)
    });
    Coord { x, y }
}

fn coord(from: &mut Reader) -> Result<Coord<f64>, UnpackError> {
    Ok(Coord { x: from.num()?, y: from.num()? })
}

fn line(from: &mut Reader) -> Result<LineString<f64>, UnpackError> {
    from.array(coord_of).map(LineString)
}

fn polygon(from: &mut Reader) -> Result<Polygon<f64>, UnpackError> {
    let exterior = line(from)?;
    let n = from.len(8)?;
    let holes: Result<Vec<_>, _> = (0..n).map(|_| line(from)).collect();
    Ok(Polygon::new(exterior, holes?))
}

/// Reads a geometry.
pub(super) fn read(from: &mut Reader) -> Result<Geometry, UnpackError> {
    nested(from, 0)
}

fn nested(from: &mut Reader, depth: u8) -> Result<Geometry, UnpackError> {
    Ok(match from.byte()? {
        1 => Point(coord(from)?).into(),
        2 => line(from)?.into(),
        3 => polygon(from)?.into(),
        4 => MultiPoint(from.array(|c| Point(coord_of(c)))?).into(),
        5 => {
            let n = from.len(8)?;
            let all: Result<Vec<_>, _> = (0..n).map(|_| line(from)).collect();
            MultiLineString(all?).into()
        }
        6 => {
            let n = from.len(16)?;
            let all: Result<Vec<_>, _> = (0..n).map(|_| polygon(from)).collect();
            MultiPolygon(all?).into()
        }
        7 if depth < DEEPEST => {
            let n = from.len(9)?;
            let all: Result<Vec<_>, _> = (0..n).map(|_| nested(from, depth + 1)).collect();
            Geometry::GeometryCollection(GeometryCollection(all?))
        }
        8 => Line::new(coord(from)?, coord(from)?).into(),
        9 => Rect::new(coord(from)?, coord(from)?).into(),
        10 => Triangle::from([coord(from)?, coord(from)?, coord(from)?]).into(),
        _ => return Err(UnpackError("a kind of geometry")),
    })
}
