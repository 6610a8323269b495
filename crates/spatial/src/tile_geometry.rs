//! A feature's geometry in one tile: snapped to the world grid, clipped to the grown box, moved to the tile.
//!
//! Callers have already decided that the feature is in the tile, by its exact geometry; so something is always
//! given back, at least a pixel.

use crate::clip::{GridBox, clip_line, clip_rings};
use crate::fallback::{PIXEL, pixel_square, short_line};
use crate::outline::Outline;
use crate::ring::{GridPolygon, cut_polygons, polygons};
use crate::shape::{Place, Shape};
use crate::snap::{open_up, snap};
use crate::{EXTENT, GridPoint, Mercator, MercatorBox, TileCoord};

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

/// Lines and rings of a shape in the box, in world units.
#[derive(Default)]
struct Drawn {
    lines: Vec<Vec<GridPoint>>,
    polygons: Vec<GridPolygon>,
    /// A place inside the box on a ring, or else on a line, that vanished.
    trace: Option<GridPoint>,
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
        let whole = &shape.outline;
        if shape.areal && b.max_x - b.min_x < pixel && b.max_y - b.min_y < pixel {
            return self.square(centre);
        }
        let local = |line: Vec<GridPoint>| line.into_iter().map(|p| self.local(p)).collect::<Vec<_>>();
        let outline = whole.at(self.z);
        let mut drawn = self.drawn(outline);
        if !drawn.polygons.is_empty() {
            let each = drawn.polygons.into_iter().map(|p| GridPolygon {
                exterior: local(p.exterior),
                holes: p.holes.into_iter().map(local).collect(),
            });
            return TileGeometry::Polygons(each.collect());
        }
        if !drawn.lines.is_empty() {
            return TileGeometry::Lines(drawn.lines.into_iter().map(local).collect());
        }
        let points = self.points(whole);
        if !points.is_empty() {
            return TileGeometry::Points(local(points));
        }
        if !std::ptr::eq(outline, whole) {
            // Simplified it has left no trace here; the exact shape has.
            drawn = self.drawn(whole);
        }
        let at = drawn.trace.unwrap_or(centre);
        if !whole.polygons.is_empty() {
            self.square(at)
        } else if !whole.lines.is_empty() {
            TileGeometry::Lines(vec![local(short_line(at, &self.world))])
        } else {
            TileGeometry::Points(vec![self.local(at)])
        }
    }

    fn square(&self, at: GridPoint) -> TileGeometry {
        let exterior = pixel_square(at, &self.world).into_iter().map(|p| self.local(p)).collect();
        TileGeometry::Polygons(vec![GridPolygon { exterior, holes: Vec::new() }])
    }

    fn points(&self, outline: &Outline) -> Vec<GridPoint> {
        let grown = self.tile.grown_bounds();
        let inside = outline.points.iter().filter(|at| grown.contains(**at));
        let mut points: Vec<GridPoint> = inside.map(|at| self.world.nearest(snap(*at, self.z))).collect();
        points.dedup();
        points
    }

    fn drawn(&self, outline: &Outline) -> Drawn {
        let grid = outline.grid(self.z);
        let mut drawn = Drawn::default();
        let mut near = Vec::new();
        let beyond = |b: &MercatorBox| {
            let (least, most) = grid.corners(b);
            let (least, most) = (self.world.beyond(least), self.world.beyond(most));
            (least & most != 0, least | most != 0)
        };
        let (mut rings, mut cut) = (Vec::new(), false);
        for polygon in &outline.polygons {
            let (outside, crossing) = beyond(polygon[0].bounds());
            if outside {
                continue;
            }
            let from = rings.len();
            for (n, path) in polygon.iter().enumerate() {
                // Holes lie in their exterior, but for rounding.
                if n > 0 && beyond(path.bounds()).0 {
                    continue;
                }
                path.near(grid, &self.world, &mut near);
                open_up(&mut near);
                rings.push(std::mem::take(&mut near));
            }
            if outline.sound && !crossing {
                // Valid, and all of it is here.
                let holes = rings.split_off(from + 1);
                drawn.polygons.extend(rings.pop().map(|exterior| GridPolygon { exterior, holes }));
            }
            cut |= crossing;
        }
        let inside = |line: &[GridPoint]| line.iter().copied().filter(|p| self.world.contains(*p)).min();
        let mut trace = rings.iter().filter_map(|r| inside(r)).min();
        if cut {
            rings = clip_rings(rings, &self.world);
            trace = rings.iter().flatten().copied().min().or(trace);
        }
        if outline.sound {
            drawn.polygons.extend(cut_polygons(&rings, &self.world));
        } else {
            drawn.polygons.extend(polygons(rings));
        }
        for path in &outline.lines {
            let (outside, crossing) = beyond(path.bounds());
            if outside {
                continue;
            }
            near.clear();
            path.near(grid, &self.world, &mut near);
            trace = trace.or(inside(&near));
            if crossing {
                drawn.lines.extend(clip_line(&near, &self.world));
            } else if near.len() > 1 {
                drawn.lines.push(std::mem::take(&mut near));
            }
        }
        drawn.trace = trace;
        drawn
    }
}

#[cfg(test)]
mod tests {
    use geo_types::{Coord, LineString, Polygon};
    use model::Geometry;

    use super::*;
    use crate::COARSE_ZOOM;
    use crate::path::Path;
    use crate::snap::VertexGrid;

    /// Numbers from 0 to 1 that look random and are the same every time.
    fn chance(state: &mut u64) -> f64 {
        *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (*state >> 33) as f64 / (1_u64 << 31) as f64
    }

    /// A ring with bays of all sizes and a hole of the same form, in degrees.
    fn shape(n: usize, state: &mut u64) -> Polygon<f64> {
        let (phase, deep) = (chance(state) * 6.0, 0.1 + 0.5 * chance(state));
        let ring = |radius: f64| -> LineString<f64> {
            let at = |i: usize| {
                let turn = std::f64::consts::TAU * i as f64 / n as f64;
                let bays =
                    (turn * 5.0 + phase).sin() + 0.5 * (turn * 31.0).sin() + 0.1 * (turn * 173.0).cos();
                let r = radius * (1.0 + deep * bays / 1.6);
                Coord { x: 103.9 + r * turn.cos(), y: 21.35 + r * turn.sin() }
            };
            (0..n).chain([0]).map(at).collect()
        };
        Polygon::new(ring(0.1), vec![ring(0.05)])
    }

    #[test]
    fn what_is_passed_over_changes_nothing() {
        let mut state = 5;
        let mut seen = [0; 3];
        for n in [40, 100, 400, 1_500] {
            for _ in 0..60 {
                let polygon = shape(n, &mut state);
                let line = Geometry::LineString(polygon.exterior().clone());
                let outlines = [Outline::of(&polygon.clone().into()), Outline::of(&line)];
                let z = 9 + (chance(&mut state) * 8.0) as u8;
                let aside = |state: &mut u64| 0.00065 * (chance(state) - 0.5);
                let at = crate::LonLat::new(103.9, 21.35).to_mercator();
                let side = f64::from(1_u32 << z);
                let place = |v: f64| (v * side) as u32;
                let (x, y) = (place(at.x + aside(&mut state)), place(at.y + aside(&mut state)));
                let tile = TileCoord::new(z, x, y).unwrap();
                let clip = Clip { tile, z, world: tile.grid_box() };
                let grid = VertexGrid::of(z);
                let all = |path: &Path| {
                    let mut out = Vec::new();
                    path.near(grid, &GridBox::EVERYWHERE, &mut out);
                    out
                };
                let rings = outlines[0].polygons[0].iter().map(all).map(|mut r| {
                    open_up(&mut r);
                    r
                });
                let expected = polygons(clip_rings(rings.collect(), &clip.world));
                let found = clip.drawn(&outlines[0]);
                assert_eq!(found.polygons, expected, "{tile:?} of {n}");
                let expected = clip_line(&all(&outlines[1].lines[0]), &clip.world);
                assert_eq!(clip.drawn(&outlines[1]).lines, expected, "{tile:?} of {n}");
                // What is kept for a zoom is what would be found.
                if z <= COARSE_ZOOM {
                    assert_eq!(clip.drawn(outlines[1].at(z)).lines, expected, "{tile:?} of {n}");
                    let kept = clip.drawn(outlines[0].at(z)).polygons;
                    seen[2] += usize::from(kept != found.polygons);
                }
                seen[usize::from(found.polygons.is_empty())] += 1;
            }
        }
        assert!(seen[0] > 100 && seen[1] > 10, "inside and outside: {seen:?}");
        // Where rounding tangled a ring, it is repaired before it is cut and not after: the same but for the rim.
        assert!(seen[2] < 10, "{seen:?}");
    }
}
