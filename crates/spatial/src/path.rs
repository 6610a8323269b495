//! A chain of vertices in the unit square, prepared once: boxes of its stretches, so that a tile looks only at those
//! near it.

use geo::GeoNum;
use geo::kernels::{Kernel, Orientation};
use geo_types::Coord;

use crate::clip::GridBox;
use crate::snap::{VertexGrid, push};
use crate::{GridPoint, Mercator, MercatorBox};

/// Vertices of a stretch.
const STRETCH: usize = 64;

/// A line, or a ring whose first vertex is not repeated.
#[derive(Debug)]
pub(crate) struct Path {
    vertices: Vec<Mercator>,
    closed: bool,
    bounds: MercatorBox,
    /// The box of each stretch with the edge that leads on from it; none when there is only one.
    stretches: Vec<MercatorBox>,
}

impl Path {
    pub(crate) fn line(vertices: Vec<Mercator>) -> Path {
        Path::new(vertices, false)
    }

    /// A ring; its last vertex may repeat the first.
    pub(crate) fn ring(mut vertices: Vec<Mercator>) -> Path {
        while vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        Path::new(vertices, true)
    }

    fn new(vertices: Vec<Mercator>, closed: bool) -> Path {
        let mut path = Path { vertices, closed, bounds: MercatorBox::EMPTY, stretches: Vec::new() };
        for v in &path.vertices {
            path.bounds.include(v.x, v.y);
        }
        if path.vertices.len() > STRETCH {
            let around = |from: usize| {
                let mut b = MercatorBox::EMPTY;
                path.along(from).for_each(|v| b.include(v.x, v.y));
                b
            };
            path.stretches = (0..path.vertices.len()).step_by(STRETCH).map(around).collect();
        }
        path
    }

    pub(crate) fn len(&self) -> usize {
        self.vertices.len()
    }

    pub(crate) fn bounds(&self) -> &MercatorBox {
        &self.bounds
    }

    /// Turns the path the other way.
    pub(crate) fn reversed(self) -> Path {
        let mut vertices = self.vertices;
        vertices.reverse();
        Path::new(vertices, self.closed)
    }

    /// The vertices of a stretch and the first of the next.
    fn along(&self, from: usize) -> impl Iterator<Item = Mercator> {
        let to = (from + STRETCH).min(self.vertices.len());
        let next = self.vertices.get(to).or_else(|| self.vertices.first().filter(|_| self.closed));
        self.vertices[from..to].iter().chain(next).copied()
    }

    fn edges(&self, from: usize) -> impl Iterator<Item = (Mercator, Mercator)> {
        // A path of a single vertex is an edge without length.
        let alone = self.vertices.first().filter(|_| self.vertices.len() == 1).map(|v| (*v, *v));
        self.along(from).zip(self.along(from).skip(1)).chain(alone)
    }

    /// Where each stretch begins, and its box.
    fn stretches(&self) -> impl Iterator<Item = (usize, &MercatorBox)> {
        let only =
            if self.stretches.is_empty() { std::slice::from_ref(&self.bounds) } else { &self.stretches };
        (0..self.vertices.len()).step_by(STRETCH).zip(only)
    }

    /// Doubled area of the ring in the unit square, positive when it runs clockwise on the screen.
    pub(crate) fn area_doubled(&self) -> f64 {
        let Some(o) = self.vertices.first() else { return 0.0 };
        // From a corner of its own: coordinates are large against the ring.
        let moved = |v: &Mercator| (v.x - o.x, v.y - o.y);
        let pairs = self.vertices.windows(2).map(|w| (moved(&w[0]), moved(&w[1])));
        pairs.map(|(a, b)| a.0 * b.1 - a.1 * b.0).sum()
    }

    /// Adds the vertices on the grid to `out`, each unless it falls together with the one before; of stretches that
    /// lie wholly beyond one side of the box only an end. So the part inside the box, and how often the path goes around
    /// it, are those of the whole path.
    pub(crate) fn near(&self, grid: VertexGrid, to: &GridBox, out: &mut Vec<GridPoint>) {
        let mut skipped = 0;
        for (from, bounds) in self.stretches() {
            let (least, most) = grid.corners(bounds);
            let beyond = to.beyond(least) & to.beyond(most);
            if beyond == 0 {
                let end = (from + STRETCH).min(self.vertices.len());
                out.reserve(end - from);
                self.vertices[from..end].iter().for_each(|v| push(out, grid.place(*v)));
                skipped = 0;
            } else if skipped & beyond != 0 {
                // Goes on beyond the same side: the vertex before and the next that is taken are joined there.
                skipped &= beyond;
            } else {
                push(out, grid.place(self.vertices[from]));
                skipped = beyond;
            }
        }
    }

    /// Whether an edge shares a point with the closed box, exactly.
    pub(crate) fn touches(&self, b: &MercatorBox) -> bool {
        let near = self.stretches().filter(|(_, bounds)| b.meets(bounds));
        b.meets(&self.bounds) && near.flat_map(|(from, _)| self.edges(from)).any(|(p, q)| edge_meets(p, q, b))
    }

    /// Whether a ring goes around a place, exactly; the place is not on it.
    pub(crate) fn encloses(&self, at: Mercator) -> bool {
        if !self.bounds.contains(at) {
            return false;
        }
        let mut within = false;
        for (from, bounds) in self.stretches() {
            if bounds.min_x > at.x || bounds.min_y > at.y || bounds.max_y < at.y {
                continue;
            }
            if bounds.max_x < at.x {
                // All to the left: a ray crosses it an odd number of times when its ends are on either side.
                let next = self.vertices.get(from + STRETCH).unwrap_or(&self.vertices[0]);
                within ^= (self.vertices[from].y > at.y) != (next.y > at.y);
            } else {
                for (p, q) in self.edges(from).filter(|(p, q)| (p.y > at.y) != (q.y > at.y)) {
                    // The edge is to the left when the place lies to the right of the way up.
                    within ^= (side(p, q, at) == Orientation::Clockwise) == (q.y > p.y);
                }
            }
        }
        within
    }
}

fn side(a: Mercator, b: Mercator, at: Mercator) -> Orientation {
    let c = |m: Mercator| Coord { x: m.x, y: m.y };
    <f64 as GeoNum>::Ker::orient2d(c(a), c(b), c(at))
}

/// Exact, by the axes that can part a segment from a box.
fn edge_meets(p: Mercator, q: Mercator, b: &MercatorBox) -> bool {
    let apart =
        p.x.max(q.x) < b.min_x || p.x.min(q.x) > b.max_x || p.y.max(q.y) < b.min_y || p.y.min(q.y) > b.max_y;
    if apart {
        return false;
    }
    if b.contains(p) || b.contains(q) {
        return true;
    }
    let corner = |x, y| side(p, q, Mercator { x, y });
    let first = corner(b.min_x, b.min_y);
    let others = [corner(b.min_x, b.max_y), corner(b.max_x, b.min_y), corner(b.max_x, b.max_y)];
    first == Orientation::Collinear || others.iter().any(|o| *o != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn m(x: f64, y: f64) -> Mercator {
        Mercator { x, y }
    }

    fn circle(n: usize) -> Path {
        let turn = |i: usize| std::f64::consts::TAU * i as f64 / n as f64;
        Path::ring((0..n).map(|i| m(0.5 + 0.3 * turn(i).cos(), 0.5 + 0.3 * turn(i).sin())).collect())
    }

    #[test]
    fn a_ring_goes_around_what_lies_inside() {
        for n in [3, 5, 64, 65, 1_000] {
            let ring = circle(n);
            assert!(ring.area_doubled() > 0.0 && circle(n).reversed().area_doubled() < 0.0);
            for at in [m(0.5, 0.5), m(0.36, 0.5), m(0.5, 0.501), m(0.55, 0.6)] {
                assert!(ring.encloses(at), "{n} {at:?}");
            }
            for at in [m(0.1, 0.5), m(0.9, 0.5), m(0.79, 0.79), m(0.5, 0.9), m(0.21, 0.21)] {
                assert!(!ring.encloses(at), "{n} {at:?}");
            }
        }
    }

    #[test]
    fn edges_touch_a_box_exactly() {
        let b = MercatorBox { min_x: 0.25, min_y: 0.25, max_x: 0.5, max_y: 0.5 };
        let touches = |x: f64, y: f64, u: f64, v: f64| Path::line(vec![m(x, y), m(u, v)]).touches(&b);
        assert!(
            touches(0.0, 0.75, 0.75, 0.0) && touches(0.0, 0.5, 0.5, 0.0) && touches(0.5, 0.1, 0.5, 0.2501)
        );
        assert!(touches(0.3, 0.3, 0.3, 0.3) && touches(0.1, 0.5, 0.9, 0.5));
        assert!(!touches(0.0, 0.49, 0.49, 0.0) && !touches(0.6, 0.0, 0.6, 1.0));
        assert!(Path::line(vec![m(0.5, 0.5)]).touches(&b) && !Path::line(vec![m(0.6, 0.5)]).touches(&b));
    }

    #[test]
    fn stretches_beyond_a_side_leave_an_end() {
        let ring = circle(6_400);
        let whole = GridBox { min_x: 0, min_y: 0, max_x: 4096, max_y: 4096 };
        let near = |b: &GridBox| {
            let mut out = Vec::new();
            ring.near(VertexGrid::of(0), b, &mut out);
            out
        };
        let all = near(&whole);
        let right = GridBox { min_x: 3_000, min_y: 1_500, max_x: 3_500, max_y: 2_500 };
        let some = near(&right);
        assert!(some.len() * 4 < all.len(), "{} of {}", some.len(), all.len());
        assert!(all.iter().filter(|p| right.contains(**p)).all(|p| some.contains(p)));
    }
}
