//! The edges of some rings on the grid with a tree of boxes over them: which pairs may touch, and how often the rings go
//! around a place.

use crate::GridPoint;
use crate::clip::GridBox;

/// Edges of a leaf, and boxes under a box.
const FAN: usize = 4;

/// A directed edge; where several lie on each other the same way it counts more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: GridPoint,
    pub(crate) to: GridPoint,
    pub(crate) times: i32,
}

/// Edges in the order in which they were given, which should be that along their rings.
pub(crate) struct Edges {
    pub(crate) all: Vec<Edge>,
    /// Boxes of [`FAN`] edges each, then of as many of those, up to a few.
    tree: Vec<Vec<Node>>,
}

/// Some edges in a row.
#[derive(Clone, Copy)]
struct Node {
    bounds: GridBox,
    /// The directions in which all of them lead (right, down, left, up), as bits, if each begins where the one before
    /// ended. Edges that lead the same way one after the other do not meet but where they are joined.
    lead: u8,
    /// Whether the first of them begins where the edge before ended.
    goes_on: bool,
}

impl Node {
    fn of(edges: &[Edge], before: Option<&Edge>) -> Node {
        let first = &edges[0];
        let (mut bounds, mut lead) = (first.bounds(), u8::MAX);
        let mut end = first.from;
        for Edge { from, to, .. } in edges {
            let same = u8::from(*from == end) * u8::MAX;
            let (dx, dy) = (to.x - from.x, to.y - from.y);
            let way =
                u8::from(dx > 0) | u8::from(dy > 0) << 1 | u8::from(dx < 0) << 2 | u8::from(dy < 0) << 3;
            lead &= way & same;
            bounds = bounds.with(GridBox { min_x: to.x, min_y: to.y, max_x: to.x, max_y: to.y });
            if same == 0 {
                bounds = bounds.with(Edge { from: *from, to: *to, times: 1 }.bounds());
            }
            end = *to;
        }
        Node { bounds, lead, goes_on: before.is_some_and(|b| b.to == first.from) }
    }

    /// This and the next in the row.
    fn with(self, next: Node) -> Node {
        Node { bounds: self.bounds.with(next.bounds), lead: self.lead_on(&next), goes_on: self.goes_on }
    }

    fn lead_on(&self, next: &Node) -> u8 {
        if next.goes_on { self.lead & next.lead } else { 0 }
    }
}

/// On which side of the line from `a` to `b` a point lies: positive to the right on the screen (y down). Exact for
/// points less than 2³⁰ units from each other: whole shapes up to [`crate::COARSE_ZOOM`] (2²⁵, doubled), and what lies in
/// the box of a tile.
pub(crate) fn turn(a: GridPoint, b: GridPoint, p: GridPoint) -> i64 {
    (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x)
}

/// Whether a point on an edge's line lies between its ends, ends included.
pub(crate) fn between(a: GridPoint, b: GridPoint, p: GridPoint) -> bool {
    let within = |u: i64, v: i64, w: i64| u.min(v) <= w && w <= u.max(v);
    within(a.x, b.x, p.x) && within(a.y, b.y, p.y)
}

impl Edge {
    pub(crate) fn bounds(&self) -> GridBox {
        GridBox {
            min_x: self.from.x.min(self.to.x),
            min_y: self.from.y.min(self.to.y),
            max_x: self.from.x.max(self.to.x),
            max_y: self.from.y.max(self.to.y),
        }
    }

    /// Whether two edges share an end and nothing more.
    pub(crate) fn is_joined_to(&self, other: &Edge) -> bool {
        let only = |at: GridPoint, a: GridPoint, b: GridPoint| {
            let (ux, uy, vx, vy) = (a.x - at.x, a.y - at.y, b.x - at.x, b.y - at.y);
            ux * vy != uy * vx || ux * vx + uy * vy < 0
        };
        match (self.from, self.to, other.from, other.to) {
            (a, b, c, d) if a == c => only(a, b, d),
            (a, b, c, d) if a == d => only(a, b, c),
            (a, b, c, d) if b == c => only(b, a, d),
            (a, b, c, d) if b == d => only(b, a, c),
            _ => false,
        }
    }

    /// Whether two edges share a point. Those that share an end and no more are not looked at here.
    pub(crate) fn meets(&self, other: &Edge) -> bool {
        let apart = |a: GridPoint, b: GridPoint, c: GridPoint, d: GridPoint| {
            let (c, d) = (turn(a, b, c), turn(a, b, d));
            (c > 0 && d > 0) || (c < 0 && d < 0)
        };
        let (a, b) = (self.bounds(), other.bounds());
        a.meets(&b)
            && !apart(self.from, self.to, other.from, other.to)
            && !apart(other.from, other.to, self.from, self.to)
    }
}

impl Edges {
    pub(crate) fn new(all: Vec<Edge>) -> Edges {
        let mut tree = Vec::new();
        if all.len() > FAN {
            let before = |n: usize| (n * FAN).checked_sub(1).map(|n| &all[n]);
            let mut level: Vec<Node> =
                all.chunks(FAN).enumerate().map(|(n, edges)| Node::of(edges, before(n))).collect();
            while level.len() > 1 {
                let next = level
                    .chunks(FAN)
                    .map(|nodes| nodes[1..].iter().fold(nodes[0], |a, b| a.with(*b)))
                    .collect();
                tree.push(std::mem::replace(&mut level, next));
            }
        }
        Edges { all, tree }
    }

    pub(crate) fn of_rings(rings: &[Vec<GridPoint>]) -> Edges {
        let mut all = Vec::with_capacity(rings.iter().map(Vec::len).sum());
        for ring in rings {
            let next = ring.iter().skip(1).chain(ring.first());
            all.extend(ring.iter().zip(next).map(|(from, to)| Edge { from: *from, to: *to, times: 1 }));
        }
        Edges::new(all)
    }

    /// Looks at every pair that may share more than the vertex between them, by their places in `all`, the first before
    /// the second, until `found` says that it has seen enough; says whether it has.
    pub(crate) fn pairs(&self, found: &mut impl FnMut(usize, usize) -> bool) -> bool {
        let top = self.tree.len();
        let roots = self.tree.last().map_or(self.all.len(), Vec::len);
        (0..roots).any(|i| (i..roots).any(|j| self.pairs_of(top, i, j, found)))
    }

    /// Pairs of what lies under two boxes of a level; level 0 are the edges themselves.
    fn pairs_of(
        &self,
        level: usize,
        i: usize,
        j: usize,
        found: &mut impl FnMut(usize, usize) -> bool,
    ) -> bool {
        let Some(below) = level.checked_sub(1) else { return i != j && found(i, j) };
        let (a, b) = (&self.tree[below][i], &self.tree[below][j]);
        let apart = i != j && !a.bounds.meets(&b.bounds);
        if apart || (i == j && a.lead != 0) || (i + 1 == j && a.lead_on(b) != 0) {
            return false;
        }
        let count = if below == 0 { self.all.len() } else { self.tree[below - 1].len() };
        let under = |n: usize| n * FAN..((n + 1) * FAN).min(count);
        under(i).any(|a| under(j).filter(|b| *b >= a).any(|b| self.pairs_of(below, a, b, found)))
    }

    /// Looks at every edge whose box meets a box, until `found` says that it has seen enough; says whether it has.
    pub(crate) fn near(&self, b: &GridBox, found: &mut impl FnMut(usize) -> bool) -> bool {
        let roots = self.tree.last().map_or(self.all.len(), Vec::len);
        self.near_of(self.tree.len(), 0..roots, b, found)
    }

    fn near_of(
        &self,
        level: usize,
        mut nodes: std::ops::Range<usize>,
        b: &GridBox,
        found: &mut impl FnMut(usize) -> bool,
    ) -> bool {
        let Some(below) = level.checked_sub(1) else {
            return nodes.any(|n| self.all[n].bounds().meets(b) && found(n));
        };
        let count = if below == 0 { self.all.len() } else { self.tree[below - 1].len() };
        nodes.any(|n| {
            self.tree[below][n].bounds.meets(b)
                && self.near_of(below, n * FAN..((n + 1) * FAN).min(count), b, found)
        })
    }

    /// How often the rings go around a place: clockwise on the screen counted up. The place is given doubled, so that it
    /// may be the middle of an edge, and is meant a little to its left. Not counted is the edge `but`, on which it lies.
    /// `above`: the place is meant a little above instead, and lies on a level edge.
    pub(crate) fn winding(&self, doubled: GridPoint, but: Option<usize>, above: bool) -> i32 {
        let mut sum = 0;
        let mut count = |n: usize| {
            let Edge { from, to, times } = self.all[n];
            let twice = |p: GridPoint| GridPoint { x: 2 * p.x, y: 2 * p.y };
            let (from, to) = (twice(from), twice(to));
            let under = |p: GridPoint| p.y > doubled.y || (above && p.y == doubled.y);
            if under(from) == under(to) || but == Some(n) {
                return;
            }
            // Upwards along what the ring has to its right.
            let up = under(from);
            let right = turn(from, to, doubled);
            if (up && right > 0) || (!up && right < 0) {
                sum += if up { times } else { -times };
            }
        };
        let ray = GridBox {
            min_x: i64::MIN,
            min_y: doubled.y.div_euclid(2),
            max_x: -(-doubled.x).div_euclid(2),
            max_y: -(-doubled.y).div_euclid(2),
        };
        self.near(&ray, &mut |n| {
            count(n);
            false
        });
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circle(n: usize, radius: f64) -> Vec<GridPoint> {
        let turn = |i: usize| std::f64::consts::TAU * i as f64 / n as f64;
        let at = |i: usize| GridPoint {
            x: (radius * turn(i).cos()).round() as i64,
            y: (radius * turn(i).sin()).round() as i64,
        };
        (0..n).map(at).collect()
    }

    #[test]
    fn all_pairs_that_meet_are_looked_at() {
        for n in [3, 4, 5, 17, 80] {
            let edges = Edges::of_rings(&[circle(n, 500.0), circle(n, 480.0)]);
            let mut seen = Vec::new();
            edges.pairs(&mut |a, b| {
                seen.push((a, b));
                false
            });
            let distinct: std::collections::BTreeSet<_> = seen.iter().copied().collect();
            assert_eq!(distinct.len(), seen.len());
            for a in 0..edges.all.len() {
                for b in a + 1..edges.all.len() {
                    let meet = edges.all[a].bounds().meets(&edges.all[b].bounds());
                    let joined = edges.all[a].to == edges.all[b].from;
                    assert!(!meet || joined || distinct.contains(&(a, b)), "{n}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn rings_go_around_what_is_inside() {
        let mut hole = circle(40, 100.0);
        hole.reverse();
        let edges = Edges::of_rings(&[circle(90, 500.0), hole]);
        let around = |x: i64, y: i64| edges.winding(GridPoint { x: 2 * x + 1, y: 2 * y + 1 }, None, false);
        assert_eq!(
            [around(0, 0), around(150, 20), around(-150, 0), around(499, 90), around(-600, 3)],
            [0, 1, 1, 0, 0]
        );
    }
}
