//! A feature's geometry in one tile: snapped to the world grid, clipped to the grown box, moved to the tile.
//!
//! Callers have already decided that the feature is in the tile, by its exact geometry; so something is always
//! given back, at least a pixel.

use geo_types::{Geometry, LineString, Polygon};

use crate::clip::{GridBox, clip_line, clip_rings};
use crate::fallback::{PIXEL, pixel_square, short_line};
use crate::ring::{GridPolygon, polygons, turned};
use crate::shape::{Place, Shape};
use crate::snap::{snap, snap_line, snap_ring};
use crate::{EXTENT, GridPoint, Mercator, TileCoord};

/// Geometry in units of a tile. A vector tile knows one kind per feature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TileGeometry {
    Points(Vec<GridPoint>),
    Lines(Vec<Vec<GridPoint>>),
    Polygons(Vec<GridPolygon>),
}

/// The geometry of a feature that intersects the tile's grown box. Of a collection of several kinds the areas are
/// given, or else the lines, or else the points.
pub(crate) fn in_tile(place: &Place, tile: TileCoord) -> TileGeometry {
    let clip = Clip { tile, z: tile.z(), world: tile.grid_box() };
    match place {
        Place::Point(_, at) => TileGeometry::Points(vec![clip.point(*at)]),
        Place::Shape(shape) => clip.shape(shape),
    }
}

/// A point inside the tile's grown box, in units of the tile.
pub(crate) fn point_in_tile(at: Mercator, tile: TileCoord) -> GridPoint {
    Clip { tile, z: tile.z(), world: tile.grid_box() }.point(at)
}

struct Clip {
    tile: TileCoord,
    z: u8,
    /// The grown box on the world grid.
    world: GridBox,
}

/// Parts found so far, by kind, in world units.
#[derive(Default)]
struct Parts {
    points: Vec<GridPoint>,
    lines: Vec<Vec<GridPoint>>,
    polygons: Vec<GridPolygon>,
    /// A place inside the box on a line or ring that vanished.
    trace: Option<GridPoint>,
    has_lines: bool,
    has_polygons: bool,
}

impl Clip {
    /// A point inside the grown box; rounding may put it just outside, so it is put back.
    fn point(&self, at: Mercator) -> GridPoint {
        self.local(self.world.nearest(snap(at, self.z)))
    }

    fn local(&self, p: GridPoint) -> GridPoint {
        let o = self.tile.origin();
        GridPoint { x: p.x - o.x, y: p.y - o.y }
    }

    fn shape(&self, shape: &Shape) -> TileGeometry {
        let b = &shape.bounds;
        let centre = Mercator { x: f64::midpoint(b.min_x, b.max_x), y: f64::midpoint(b.min_y, b.max_y) };
        let centre = self.world.nearest(snap(centre, self.z));
        let units = (i64::from(EXTENT) << self.z) as f64;
        let pixel = PIXEL as f64 / units;
        let areal = matches!(shape.mercator, Geometry::Polygon(_) | Geometry::MultiPolygon(_));
        if areal && b.max_x - b.min_x < pixel && b.max_y - b.min_y < pixel {
            return self.square(centre);
        }
        let mut parts = Parts::default();
        self.collect(&shape.mercator, &mut parts);
        let local = |line: Vec<GridPoint>| line.into_iter().map(|p| self.local(p)).collect::<Vec<_>>();
        if !parts.polygons.is_empty() {
            let each = parts.polygons.into_iter().map(|p| GridPolygon {
                exterior: local(p.exterior),
                holes: p.holes.into_iter().map(local).collect(),
            });
            return TileGeometry::Polygons(each.collect());
        }
        if !parts.lines.is_empty() {
            return TileGeometry::Lines(parts.lines.into_iter().map(local).collect());
        }
        if !parts.points.is_empty() {
            return TileGeometry::Points(local(parts.points));
        }
        let at = parts.trace.unwrap_or(centre);
        if parts.has_polygons {
            self.square(at)
        } else if parts.has_lines {
            TileGeometry::Lines(vec![local(short_line(at, &self.world))])
        } else {
            TileGeometry::Points(vec![self.local(at)])
        }
    }

    fn square(&self, at: GridPoint) -> TileGeometry {
        let exterior = pixel_square(at, &self.world).into_iter().map(|p| self.local(p)).collect();
        TileGeometry::Polygons(vec![GridPolygon { exterior, holes: Vec::new() }])
    }

    fn collect(&self, geometry: &Geometry<f64>, parts: &mut Parts) {
        match geometry {
            Geometry::Point(p) => self.collect_point(Mercator { x: p.x(), y: p.y() }, parts),
            Geometry::MultiPoint(all) => {
                all.iter().for_each(|p| self.collect_point(Mercator { x: p.x(), y: p.y() }, parts));
            }
            Geometry::LineString(line) => self.collect_line(line, parts),
            Geometry::MultiLineString(all) => all.iter().for_each(|l| self.collect_line(l, parts)),
            Geometry::Polygon(polygon) => self.collect_polygon(polygon, parts),
            Geometry::MultiPolygon(all) => all.iter().for_each(|p| self.collect_polygon(p, parts)),
            Geometry::GeometryCollection(all) => all.iter().for_each(|g| self.collect(g, parts)),
            // Projection turned these into line strings and polygons.
            Geometry::Line(_) | Geometry::Rect(_) | Geometry::Triangle(_) => {}
        }
    }

    fn collect_point(&self, at: Mercator, parts: &mut Parts) {
        if self.tile.grown_bounds().contains(at) {
            let p = self.world.nearest(snap(at, self.z));
            if parts.points.last() != Some(&p) {
                parts.points.push(p);
            }
        }
    }

    fn collect_line(&self, line: &LineString<f64>, parts: &mut Parts) {
        parts.has_lines = true;
        let snapped = snap_line(&line.0, self.z);
        let clipped = clip_line(&snapped, &self.world);
        if clipped.is_empty() {
            let inside = snapped.into_iter().find(|p| self.world.contains(*p));
            parts.trace = parts.trace.or(inside);
        }
        parts.lines.extend(clipped);
    }

    fn collect_polygon(&self, polygon: &Polygon<f64>, parts: &mut Parts) {
        parts.has_polygons = true;
        let snapped = |ring: &LineString<f64>, exterior| turned(snap_ring(ring, self.z), exterior);
        let mut rings = vec![snapped(polygon.exterior(), true)];
        rings.extend(polygon.interiors().iter().map(|r| snapped(r, false)));
        let touches = rings[0].iter().copied().find(|p| self.world.contains(*p));
        let rings = clip_rings(rings, &self.world);
        let middle = rings.first().and_then(|r| r.get(r.len() / 2)).copied();
        let found = polygons(rings);
        if found.is_empty() {
            parts.trace = parts.trace.or(middle).or(touches);
        }
        parts.polygons.extend(found);
    }
}
