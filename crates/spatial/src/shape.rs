//! Where a row is: a point, or a shape prepared once for tiles and predicates.

use std::sync::Arc;

use geo::{Intersects, Relate};
use geo_types::{Coord, Point, Rect};
use model::{Area, Bbox, Geometry, SpatialOp};

use crate::cover::covers;
use crate::geometry::extent;
use crate::outline::Outline;
use crate::{LonLat, Mercator, MercatorBox};

/// A geometry that is not a single point.
#[derive(Debug)]
pub(crate) struct Shape {
    /// As given, in degrees.
    pub(crate) geometry: Geometry,
    pub(crate) bbox: Bbox,
    /// In the unit square.
    pub(crate) outline: Outline,
    pub(crate) bounds: MercatorBox,
    /// Whether there is nothing but polygons.
    pub(crate) areal: bool,
}

/// Where a row is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Point(LonLat, Mercator),
    Shape(Arc<Shape>),
}

impl Place {
    /// Prepares a geometry; `None` when it has no place (no coordinates, or not finite).
    pub(crate) fn of(geometry: &Geometry) -> Option<Place> {
        if let Geometry::Point(p) = geometry {
            let at = LonLat::new(p.x(), p.y());
            return (at.lon.is_finite() && at.lat.is_finite()).then(|| Place::Point(at, at.to_mercator()));
        }
        let bbox = extent(geometry)?;
        let outline = Outline::of(geometry);
        let (bounds, areal) = (outline.bounds(), outline.is_areal());
        Some(Place::Shape(Arc::new(Shape { geometry: geometry.clone(), bbox, outline, bounds, areal })))
    }

    /// The geometry in degrees.
    pub(crate) fn geometry(&self) -> Geometry {
        match self {
            Place::Point(at, _) => Geometry::Point(Point::new(at.lon, at.lat)),
            Place::Shape(s) => s.geometry.clone(),
        }
    }

    /// The box in degrees.
    pub(crate) fn bbox(&self) -> Bbox {
        match self {
            Place::Point(at, _) => Bbox { west: at.lon, south: at.lat, east: at.lon, north: at.lat },
            Place::Shape(s) => s.bbox,
        }
    }

    /// The box in the unit square.
    pub(crate) fn bounds(&self) -> MercatorBox {
        match self {
            Place::Point(_, m) => MercatorBox { min_x: m.x, min_y: m.y, max_x: m.x, max_y: m.y },
            Place::Shape(s) => s.bounds,
        }
    }

    /// The point, or the middle of the box, in the unit square.
    pub(crate) fn middle(&self) -> Mercator {
        self.bounds().middle()
    }

    /// Whether the geometry shares a point with the closed box, exactly (robust predicates of `geo`).
    pub(crate) fn meets(&self, b: &MercatorBox) -> bool {
        match self {
            Place::Point(_, m) => b.contains(*m),
            Place::Shape(s) => b.meets(&s.bounds) && (b.covers(&s.bounds) || s.outline.meets(b)),
        }
    }

    /// Whether the geometry shares a point with the closed box of degrees.
    pub(crate) fn in_bbox(&self, bbox: &Bbox) -> bool {
        match self {
            Place::Point(at, _) => bbox.contains(at.lon, at.lat),
            Place::Shape(s) => bbox.parts().iter().any(|part| {
                let b = &s.bbox;
                let apart =
                    b.west > part.east || b.east < part.west || b.south > part.north || b.north < part.south;
                let within = b.west >= part.west
                    && b.east <= part.east
                    && b.south >= part.south
                    && b.north <= part.north;
                let degrees = || {
                    Rect::new(Coord { x: part.west, y: part.south }, Coord { x: part.east, y: part.north })
                };
                !apart && (within || s.geometry.intersects(&degrees()))
            }),
        }
    }

    /// The relation to an area, both in degrees with straight edges (DE-9IM by `geo::Relate` for within and
    /// contains).
    pub(crate) fn relates(&self, op: SpatialOp, area: &Area) -> bool {
        match op {
            SpatialOp::Intersects => self.meets_area(area),
            SpatialOp::Disjoint => !self.meets_area(area),
            SpatialOp::Within => self.geometry().relate(area.geometry()).is_within(),
            SpatialOp::Contains => self.geometry().relate(area.geometry()).is_contains(),
        }
    }

    /// Whether the geometry shares a point with the area, its boundary included, exactly.
    fn meets_area(&self, area: &Area) -> bool {
        let (own, other) = (self.bbox(), area.bbox());
        let apart = own.west > other.east
            || own.east < other.west
            || own.south > other.north
            || own.north < other.south;
        match self {
            _ if apart => false,
            Place::Point(at, _) => covers(area, *at),
            Place::Shape(s) => s.geometry.intersects(area.geometry()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{line_string, polygon};

    #[test]
    fn a_hole_is_not_part_of_the_polygon() {
        let ring: Geometry = polygon!(
            exterior: [(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 10.0)],
            interiors: [[(x: 2.0, y: 2.0), (x: 2.0, y: 8.0), (x: 8.0, y: 8.0), (x: 8.0, y: 2.0)]],
        )
        .into();
        let place = Place::of(&ring).unwrap();
        let b = |w, s, e, n| Bbox { west: w, south: s, east: e, north: n };
        assert!(!place.in_bbox(&b(3.0, 3.0, 7.0, 7.0)));
        assert!(place.in_bbox(&b(3.0, 3.0, 8.0, 7.0)));
        assert!(place.in_bbox(&b(1.0, 1.0, 1.0, 1.0)));
        let at = |x: f64, y: f64| Place::of(&Point::new(x, y).into()).unwrap();
        let area = Area::new(ring).unwrap();
        assert!(at(1.0, 1.0).relates(SpatialOp::Within, &area));
        assert!(at(5.0, 5.0).relates(SpatialOp::Disjoint, &area));
        let small: Geometry =
            polygon![(x: 0.5, y: 0.5), (x: 1.5, y: 0.5), (x: 1.5, y: 1.5), (x: 0.5, y: 0.5)].into();
        let small = Area::new(small).unwrap();
        assert!(place.relates(SpatialOp::Contains, &small) && place.relates(SpatialOp::Intersects, &small));
    }

    #[test]
    fn a_diagonal_misses_the_corner_of_its_box() {
        let line: Geometry = line_string![(x: 0.0, y: 0.0), (x: 10.0, y: 10.0)].into();
        let place = Place::of(&line).unwrap();
        assert!(!place.in_bbox(&Bbox { west: 8.0, south: 0.0, east: 10.0, north: 2.0 }));
        let across = Bbox { west: 9.0, south: 9.0, east: -170.0, north: 10.0 };
        assert!(place.in_bbox(&across));
    }

    #[test]
    fn nothing_has_no_place() {
        assert!(Place::of(&geo_types::MultiPoint::<f64>(Vec::new()).into()).is_none());
        assert!(Place::of(&Point::new(f64::NAN, 0.0).into()).is_none());
    }
}
