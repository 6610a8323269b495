//! Random meshes: cells that share wiggly borders vertex by vertex, and the ring around all of them.

use geo_types::{Coord, LineString, Polygon};
use model::Geometry;
use proptest::prelude::*;
use spatial::Mercator;

type Place = (f64, f64);

/// Cells that cover a square without gap or overlap.
#[derive(Debug)]
pub(crate) struct Mesh {
    /// In degrees. Rings begin and run as chance has it.
    pub(crate) cells: Vec<Polygon<f64>>,
    /// The outline of all cells, with the same vertices.
    pub(crate) whole: Polygon<f64>,
    /// The least width of a cell in the unit square, roughly.
    pub(crate) width: f64,
    /// A place of the mesh in the unit square.
    pub(crate) middle: Mercator,
}

/// What a mesh is made from.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Cells of a row.
    side: usize,
    /// Width of the mesh in the unit square, as a power of two.
    scale: f64,
    /// Vertices between two corners.
    steps: usize,
    triangles: bool,
    seed: u64,
}

pub(crate) fn plans() -> impl Strategy<Value = Plan> {
    (2..6_usize, -22.0..-4.0_f64, 0..60_usize, any::<bool>(), any::<u64>())
        .prop_map(|(side, scale, steps, triangles, seed)| Plan { side, scale, steps, triangles, seed })
}

/// Numbers between 0 and 1 that depend on the seed and a name alone, so that both sides of a border draw the same.
fn dice(seed: u64, name: [usize; 3]) -> f64 {
    let mut z =
        name.iter().fold(seed, |z, n| (z ^ *n as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(27));
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) as f64 / u64::MAX as f64
}

impl Plan {
    pub(crate) fn mesh(&self) -> Mesh {
        let n = self.side;
        let mut cells: Vec<Polygon<f64>> = Vec::new();
        for row in 0..n {
            for column in 0..n {
                let [a, b, c, d] =
                    [(0, 0), (1, 0), (1, 1), (0, 1)].map(|(x, y)| self.id(column + x, row + y));
                let parts =
                    if self.triangles { vec![vec![a, b, c], vec![a, c, d]] } else { vec![vec![a, b, c, d]] };
                for part in parts {
                    cells.push(self.polygon(&part, cells.len()));
                }
            }
        }
        let edge = |from: (usize, usize), step: (usize, usize)| {
            (0..n).map(move |i| (from.0 + step.0 * i, from.1 + step.1 * i))
        };
        let around = edge((0, 0), (1, 0))
            .chain(edge((n, 0), (0, 1)))
            .chain((0..n).map(|i| (n - i, n)))
            .chain((0..n).map(|i| (0, n - i)));
        let around: Vec<usize> = around.map(|(x, y)| self.id(x, y)).collect();
        let middle = self.corner(self.id(n / 2, n / 2));
        let width = self.scale.exp2() / n as f64 * if self.triangles { 0.3 } else { 0.5 };
        Mesh { whole: self.polygon(&around, 0), cells, width, middle: Mercator { x: middle.0, y: middle.1 } }
    }

    fn id(&self, x: usize, y: usize) -> usize {
        y * (self.side + 1) + x
    }

    /// A corner in the unit square: of a grid, moved.
    fn corner(&self, id: usize) -> Place {
        let (x, y) = (id % (self.side + 1), id / (self.side + 1));
        let cell = self.scale.exp2() / self.side as f64;
        let moved = |n: usize, axis: usize| cell * (n as f64 + 0.3 * (dice(self.seed, [id, axis, 1]) - 0.5));
        let from = |axis: usize| 0.4 + 0.3 * dice(self.seed, [axis, 7, 7]);
        (from(0) + moved(x, 0), from(1) + moved(y, 1))
    }

    /// The border from one corner towards another, without the last: it leaves the straight line by less than a sixth
    /// of the way to its nearer end, so borders meet at corners alone.
    fn border(&self, from: usize, to: usize) -> Vec<Place> {
        let (first, last) = (from.min(to), from.max(to));
        let (a, b) = (self.corner(first), self.corner(last));
        let at = |i: usize| {
            let t = i as f64 / (self.steps + 1) as f64;
            let off = t.min(1.0 - t) / 3.0 * (dice(self.seed, [first, last, i]) - 0.5);
            let off = if i == 0 || i > self.steps { 0.0 } else { off };
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            (a.0 + t * dx - off * dy, a.1 + t * dy + off * dx)
        };
        let mut all: Vec<Place> = (0..=self.steps + 1).map(at).collect();
        if from != first {
            all.reverse();
        }
        all.pop();
        all
    }

    fn polygon(&self, corners: &[usize], name: usize) -> Polygon<f64> {
        let next = corners.iter().skip(1).chain(corners.first());
        let mut ring: Vec<Place> =
            corners.iter().zip(next).flat_map(|(from, to)| self.border(*from, *to)).collect();
        let begin = (dice(self.seed, [name, 3, 3]) * ring.len() as f64) as usize;
        let begin = begin.min(ring.len() - 1);
        ring.rotate_left(begin);
        if dice(self.seed, [name, 4, 4]) < 0.5 {
            ring.reverse();
        }
        ring.push(ring[0]);
        let degrees = |(x, y): &Place| {
            let at = Mercator { x: *x, y: *y }.to_lon_lat();
            Coord { x: at.lon, y: at.lat }
        };
        Polygon::new(LineString(ring.iter().map(degrees).collect()), Vec::new())
    }
}

/// The same polygon, its rings begun elsewhere and perhaps running the other way.
pub(crate) fn begun_elsewhere(polygon: &Polygon<f64>, by: usize, reverse: bool) -> Geometry {
    let turn = |ring: &LineString<f64>| {
        let mut open = ring.0[1..].to_vec();
        let n = open.len();
        open.rotate_left(by % n);
        if reverse {
            open.reverse();
        }
        open.push(open[0]);
        LineString(open)
    };
    Polygon::new(turn(polygon.exterior()), polygon.interiors().iter().map(turn).collect()).into()
}
