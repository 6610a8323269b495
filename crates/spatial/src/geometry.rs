//! Extents and projection of geometries.

use geo::{CoordsIter, MapCoords};
use geo_types::{Coord, LineString};
use model::{Bbox, Geometry};

use crate::{LonLat, Mercator};

/// The box of a geometry in degrees, of the same degrees that stand in it (never across the antimeridian).
/// `None` for a geometry without coordinates, or with one that is not finite: such a geometry has no place.
///
/// ```
/// use geo_types::line_string;
/// let line = line_string![(x: 104.0, y: 21.0), (x: 103.0, y: 22.0)];
/// let b = spatial::extent(&line.into()).unwrap();
/// assert_eq!((b.west, b.south, b.east, b.north), (103.0, 21.0, 104.0, 22.0));
/// ```
pub fn extent(geometry: &Geometry) -> Option<Bbox> {
    let mut all: Option<Bbox> = None;
    for c in geometry.coords_iter() {
        if !(c.x.is_finite() && c.y.is_finite()) {
            return None;
        }
        let one = Bbox { west: c.x, south: c.y, east: c.x, north: c.y };
        all = Some(all.map_or(one, |b| union(&b, &one)));
    }
    all
}

/// The box of both boxes; neither may cross the antimeridian.
pub(crate) fn union(a: &Bbox, b: &Bbox) -> Bbox {
    Bbox {
        west: a.west.min(b.west),
        south: a.south.min(b.south),
        east: a.east.max(b.east),
        north: a.north.max(b.north),
    }
}

/// The geometry in the unit square, in the six types of simple features: a `Line` becomes a line string, a `Rect`
/// or `Triangle` a polygon. Edges are straight in Mercator, as they are drawn.
pub(crate) fn project(geometry: &Geometry) -> Geometry {
    let simple = match geometry {
        Geometry::Line(l) => Geometry::LineString(LineString(vec![l.start, l.end])),
        Geometry::Rect(r) => Geometry::Polygon(r.to_polygon()),
        Geometry::Triangle(t) => Geometry::Polygon(t.to_polygon()),
        Geometry::GeometryCollection(all) => {
            return Geometry::GeometryCollection(all.iter().map(project).collect());
        }
        other => return other.map_coords(to_mercator),
    };
    simple.map_coords(to_mercator)
}

fn to_mercator(c: Coord<f64>) -> Coord<f64> {
    let Mercator { x, y } = LonLat::new(c.x, c.y).to_mercator();
    Coord { x, y }
}
