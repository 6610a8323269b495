//! Clipping on the integer grid: polygons with all their rings at once, lines segment by segment.
//!
//! Where an edge crosses a side is computed from its ends in a fixed order, so the same edge walked the other way
//! (the neighbour's border) is cut at the same grid point. What of a ring lies outside the box is moved to the nearest
//! places of the box's rim: that changes nothing of how often the ring goes around a place inside. The rim then counts
//! how often it is walked, and each way against the other (see `rim`): what remains of it, with the chains inside the
//! box, is the outline of the part inside. So a concave ring falls into several, a hole that reaches a side opens, and a
//! box that lies in the polygon is walked once around. No ring is looked at twice, and stretches outside count by their
//! ends alone.

use crate::GridPoint;
use crate::rim::Rim;
use crate::snap::push;

/// A closed box on the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridBox {
    /// Left edge.
    pub min_x: i64,
    /// Top edge.
    pub min_y: i64,
    /// Right edge.
    pub max_x: i64,
    /// Bottom edge.
    pub max_y: i64,
}

/// Sides of a box, clockwise from the top; as bits in [`GridBox::beyond`].
const TOP: usize = 0;
const RIGHT: usize = 1;
const BOTTOM: usize = 2;
const LEFT: usize = 3;

impl GridBox {
    /// Holds every place of every grid.
    pub(crate) const EVERYWHERE: GridBox =
        GridBox { min_x: i64::MIN, min_y: i64::MIN, max_x: i64::MAX, max_y: i64::MAX };

    /// Whether the point lies in the box, edges included.
    pub fn contains(&self, p: GridPoint) -> bool {
        p.x >= self.min_x && p.x <= self.max_x && p.y >= self.min_y && p.y <= self.max_y
    }

    /// Whether the boxes share a point, edges included.
    pub(crate) fn meets(&self, other: &GridBox) -> bool {
        self.min_x <= other.max_x
            && other.min_x <= self.max_x
            && self.min_y <= other.max_y
            && other.min_y <= self.max_y
    }

    /// Whether a point of the box lies on its rim.
    pub(crate) fn has_on_rim(&self, p: GridPoint) -> bool {
        p.x == self.min_x || p.x == self.max_x || p.y == self.min_y || p.y == self.max_y
    }

    /// The box around both.
    pub(crate) fn with(self, other: GridBox) -> GridBox {
        GridBox {
            min_x: self.min_x.min(other.min_x),
            min_y: self.min_y.min(other.min_y),
            max_x: self.max_x.max(other.max_x),
            max_y: self.max_y.max(other.max_y),
        }
    }

    /// The nearest point in the box.
    pub(crate) fn nearest(&self, p: GridPoint) -> GridPoint {
        GridPoint { x: p.x.clamp(self.min_x, self.max_x), y: p.y.clamp(self.min_y, self.max_y) }
    }

    /// The sides beyond which a point lies, as bits; none for a point in the box.
    pub(crate) fn beyond(&self, p: GridPoint) -> u8 {
        u8::from(p.y < self.min_y) << TOP
            | u8::from(p.x > self.max_x) << RIGHT
            | u8::from(p.y > self.max_y) << BOTTOM
            | u8::from(p.x < self.min_x) << LEFT
    }

    /// The coordinate of a side, and whether the side is upright.
    fn side(&self, side: usize) -> (i64, bool) {
        match side {
            TOP => (self.min_y, false),
            RIGHT => (self.max_x, true),
            BOTTOM => (self.max_y, false),
            _ => (self.min_x, true),
        }
    }

    /// The corner of two neighbouring sides.
    fn corner(&self, one: usize, other: usize) -> GridPoint {
        let has = |side: usize| one == side || other == side;
        GridPoint {
            x: if has(LEFT) { self.min_x } else { self.max_x },
            y: if has(TOP) { self.min_y } else { self.max_y },
        }
    }

    /// Where the edge between `a` and `b`, which lie on different sides of a side's line, crosses it: rounded to the
    /// nearest unit, the same for both directions of the edge.
    fn crossing(&self, side: usize, a: GridPoint, b: GridPoint) -> GridPoint {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        let (at, upright) = self.side(side);
        if upright {
            GridPoint { x: at, y: low.y + share(at - low.x, high.x - low.x, high.y - low.y) }
        } else {
            GridPoint { x: low.x + share(at - low.y, high.y - low.y, high.x - low.x), y: at }
        }
    }
}

/// How an edge lies to a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Both ends are beyond this side.
    Beyond(usize),
    /// It passes a corner: beyond the first side, then beyond the second.
    Around(usize, usize, GridPoint),
    /// A part lies in the box: from where to where, and the sides through which it comes and goes, if it does.
    Inside { from: GridPoint, to: GridPoint, comes: Option<usize>, goes: Option<usize> },
}

/// How the edge from `a` to `b` lies to the box; `out_a` and `out_b` are the sides beyond which its ends lie.
pub(crate) fn cut(a: GridPoint, b: GridPoint, out_a: u8, out_b: u8, to: &GridBox) -> Cut {
    if out_a & out_b != 0 {
        return Cut::Beyond((out_a & out_b).trailing_zeros() as usize);
    }
    let each = |bits: u8| (TOP..=LEFT).filter(move |side| bits >> side & 1 == 1);
    // How far along the edge a side's line is, as a fraction.
    let share_of = |side: usize| {
        let (at, upright) = to.side(side);
        if upright { ((at - a.x).abs(), (b.x - a.x).abs()) } else { ((at - a.y).abs(), (b.y - a.y).abs()) }
    };
    let before = |one: &usize, other: &usize| {
        let ((n, d), (m, e)) = (share_of(*one), share_of(*other));
        (i128::from(n) * i128::from(e)).cmp(&(i128::from(m) * i128::from(d)))
    };
    let comes = each(out_a).max_by(before);
    let goes = each(out_b).min_by(before);
    if let (Some(comes), Some(goes)) = (comes, goes)
        && before(&comes, &goes).is_ge()
    {
        return Cut::Around(comes, goes, to.corner(comes, goes));
    }
    let at = |side: Option<usize>, end| side.map_or(end, |side| to.crossing(side, a, b));
    Cut::Inside { from: at(comes, a), to: at(goes, b), comes, goes }
}

/// `part / whole · of`, rounded half up; exact, for any grid (24 levels times 4096 units squared is 2⁷²).
fn share(part: i64, whole: i64, of: i64) -> i64 {
    let (mut n, mut d) = (i128::from(part) * i128::from(of), i128::from(whole));
    if d < 0 {
        (n, d) = (-n, -d);
    }
    (2 * n + d).div_euclid(2 * d) as i64
}

/// The part of a polygon inside the box: open rings (first vertex not repeated) in, open rings out. An exterior
/// runs one way and its holes the other; so do the rings that come back. Rings may touch each other or themselves where
/// several edges are cut at one place.
pub fn clip_rings(rings: Vec<Vec<GridPoint>>, to: &GridBox) -> Vec<Vec<GridPoint>> {
    let mut out = Vec::with_capacity(rings.len());
    let mut rim = Rim::new(*to);
    for ring in rings {
        let (mut all, mut any) = (u8::MAX, 0);
        for p in &ring {
            let beyond = to.beyond(*p);
            (all, any) = (all & beyond, any | beyond);
        }
        if any == 0 {
            out.push(ring);
        } else if all == 0 {
            cut_ring(&ring, to, &mut rim);
        }
    }
    rim.rings(&mut out);
    out
}

/// Hands the chains of a ring inside the box, and its ways along the rim between them, to the rim.
fn cut_ring(ring: &[GridPoint], to: &GridBox, rim: &mut Rim) {
    let Some(start) = ring.iter().position(|p| !to.contains(*p)) else { return };
    let mut a = ring[start];
    let mut out_a = to.beyond(a);
    // Begun outside, the walk ends outside: no chain is left open.
    let mut chain: Vec<GridPoint> = Vec::new();
    let (mut left, mut way) = (to.nearest(a), 0);
    for b in ring[start + 1..].iter().chain(&ring[..=start]).copied() {
        let out_b = to.beyond(b);
        if out_a | out_b == 0 {
            push(&mut chain, b);
            a = b;
            continue;
        }
        match cut(a, b, out_a, out_b, to) {
            Cut::Beyond(side) => way += rim.way(side, to.nearest(a), to.nearest(b)),
            Cut::Around(first, second, corner) => {
                way += rim.way(first, to.nearest(a), corner) + rim.way(second, corner, to.nearest(b));
            }
            Cut::Inside { from, to: end, comes, goes } => {
                if let Some(side) = comes {
                    rim.walk(left, way + rim.way(side, to.nearest(a), from));
                    chain.push(from);
                }
                push(&mut chain, end);
                if let Some(side) = goes {
                    rim.chain(std::mem::take(&mut chain));
                    (left, way) = (end, rim.way(side, end, to.nearest(b)));
                }
            }
        }
        (a, out_a) = (b, out_b);
    }
    rim.walk(left, way);
}

/// The parts of a line inside the box, in order, each of two points or more (a line that only touches the box
/// leaves nothing).
pub fn clip_line(line: &[GridPoint], to: &GridBox) -> Vec<Vec<GridPoint>> {
    let mut parts: Vec<Vec<GridPoint>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        let Cut::Inside { from, to: end, comes, goes } = cut(a, b, to.beyond(a), to.beyond(b), to) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            // The part goes on when the segment starts where the one before ended, uncut.
            Some(part) if open && comes.is_none() => push(part, end),
            _ => parts.push(if from == end { vec![from] } else { vec![from, end] }),
        }
        open = goes.is_none();
    }
    parts.retain(|p| p.len() > 1);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i64, y: i64) -> GridPoint {
        GridPoint { x, y }
    }

    const BOX: GridBox = GridBox { min_x: 0, min_y: 0, max_x: 10, max_y: 10 };

    fn one(ring: &[GridPoint]) -> Vec<Vec<GridPoint>> {
        clip_rings(vec![ring.to_vec()], &BOX)
    }

    /// Rings in a form that does not depend on where they begin.
    fn normal(mut rings: Vec<Vec<GridPoint>>) -> Vec<Vec<GridPoint>> {
        for ring in &mut rings {
            let least = (0..ring.len()).min_by_key(|i| ring[*i]).unwrap_or(0);
            ring.rotate_left(least);
        }
        rings.sort();
        rings
    }

    #[test]
    fn a_ring_is_cut_to_the_box() {
        let ring = [p(-5, 2), p(5, 2), p(5, 6), p(-5, 6)];
        assert_eq!(normal(one(&ring)), [[p(0, 2), p(5, 2), p(5, 6), p(0, 6)]]);
        let around = [p(-5, -5), p(20, -5), p(20, 20), p(-5, 20)];
        assert_eq!(normal(one(&around)), [[p(0, 0), p(10, 0), p(10, 10), p(0, 10)]]);
        assert!(one(&[p(11, 0), p(12, 0), p(12, 5)]).is_empty());
        assert!(one(&[p(10, 5), p(15, 2), p(15, 8)]).is_empty(), "touching at a point leaves nothing");
    }

    #[test]
    fn a_comb_falls_into_its_teeth() {
        let comb = [p(20, 0), p(20, 9), p(5, 9), p(5, 7), p(15, 7), p(15, 2), p(5, 2), p(5, 0)];
        let low = [p(5, 0), p(10, 0), p(10, 2), p(5, 2)];
        let high = [p(5, 7), p(10, 7), p(10, 9), p(5, 9)];
        assert_eq!(normal(one(&comb)), [low, high]);
    }

    #[test]
    fn a_hole_that_reaches_the_side_opens() {
        let outer = vec![p(2, 0), p(20, 0), p(20, 10), p(2, 10)];
        let hole = vec![p(8, 2), p(8, 8), p(18, 8), p(18, 2)];
        let cut = clip_rings(vec![outer, hole], &BOX);
        let open = [p(2, 0), p(10, 0), p(10, 2), p(8, 2), p(8, 8), p(10, 8), p(10, 10), p(2, 10)];
        assert_eq!(normal(cut), [open]);
    }

    #[test]
    fn an_edge_is_cut_alike_both_ways() {
        let (a, b) = (p(-7, 1), p(4, 8));
        let there = clip_line(&[a, b], &BOX);
        let mut back = clip_line(&[b, a], &BOX);
        back[0].reverse();
        assert_eq!(there, back);
    }

    #[test]
    fn a_line_leaves_and_comes_back() {
        let line = [p(2, 2), p(20, 2), p(20, 5), p(2, 5), p(2, 7)];
        assert_eq!(clip_line(&line, &BOX), [vec![p(2, 2), p(10, 2)], vec![p(10, 5), p(2, 5), p(2, 7)]]);
        assert!(
            clip_line(&[p(-5, 5), p(5, -5)], &GridBox { min_x: 0, min_y: 0, max_x: 3, max_y: 3 }).is_empty()
        );
    }
}
