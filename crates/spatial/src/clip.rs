//! Clipping on the integer grid, side after side: polygons with all their rings at once, lines segment by segment.
//!
//! Where an edge crosses a side is computed from its ends in a fixed order, so the same edge walked the other way
//! (the neighbour's border) is cut at the same grid point. Rings are cut into chains at a side, and the chains'
//! ends, sorted along the side, are joined in pairs: of a polygon without self-crossings every second stretch of
//! the side lies inside. So a concave ring falls into several, and a hole that reaches the side opens. Where
//! rounding has left crossings and the pairs do not come out, each ring is cut alone by Sutherland–Hodgman, which
//! may lay edges over each other along the side, in the buffer.

use crate::GridPoint;

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

impl GridBox {
    /// Whether the point lies in the box, edges included.
    pub fn contains(&self, p: GridPoint) -> bool {
        p.x >= self.min_x && p.x <= self.max_x && p.y >= self.min_y && p.y <= self.max_y
    }

    /// The nearest point in the box.
    pub(crate) fn nearest(&self, p: GridPoint) -> GridPoint {
        GridPoint { x: p.x.clamp(self.min_x, self.max_x), y: p.y.clamp(self.min_y, self.max_y) }
    }

    fn sides(&self) -> [Side; 4] {
        [
            Side { vertical: true, at: self.min_x, keep_above: true },
            Side { vertical: true, at: self.max_x, keep_above: false },
            Side { vertical: false, at: self.min_y, keep_above: true },
            Side { vertical: false, at: self.max_y, keep_above: false },
        ]
    }
}

/// A half-plane: what is kept lies at or beyond `at` on one axis.
#[derive(Clone, Copy)]
struct Side {
    vertical: bool,
    at: i64,
    keep_above: bool,
}

impl Side {
    fn keeps(self, p: GridPoint) -> bool {
        let v = if self.vertical { p.x } else { p.y };
        if self.keep_above { v >= self.at } else { v <= self.at }
    }

    /// Where the edge between `a` and `b`, which lie on different sides, crosses: rounded to the nearest unit,
    /// the same for both directions of the edge.
    fn crossing(self, a: GridPoint, b: GridPoint) -> GridPoint {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        if self.vertical {
            GridPoint { x: self.at, y: low.y + share(self.at - low.x, high.x - low.x, high.y - low.y) }
        } else {
            GridPoint { x: low.x + share(self.at - low.y, high.y - low.y, high.x - low.x), y: self.at }
        }
    }
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
/// runs one way and its holes the other; so do the rings that come back. The result may touch itself along the
/// box's sides; see [`crate::clean`].
pub fn clip_rings(rings: Vec<Vec<GridPoint>>, to: &GridBox) -> Vec<Vec<GridPoint>> {
    let mut rings = rings;
    for side in to.sides() {
        if rings.iter().flatten().all(|p| side.keeps(*p)) {
            continue;
        }
        rings = cut(&rings, side).unwrap_or_else(|| rings.iter().map(|r| cut_alone(r, side)).collect());
        rings.retain(|r| !r.is_empty());
    }
    rings
}

/// An end of a chain on a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct End {
    along: i64,
    chain: usize,
    enters: bool,
}

/// Cuts all rings at a side and joins the chains along it. `None` when entries and exits do not alternate.
fn cut(rings: &[Vec<GridPoint>], side: Side) -> Option<Vec<Vec<GridPoint>>> {
    let mut out = Vec::new();
    let mut chains: Vec<Vec<GridPoint>> = Vec::new();
    for ring in rings {
        if ring.iter().all(|p| side.keeps(*p)) {
            out.push(ring.clone());
        } else {
            chains.extend(chains_of(ring, side));
        }
    }
    let along = |p: GridPoint| if side.vertical { p.y } else { p.x };
    let mut ends: Vec<End> = Vec::with_capacity(chains.len() * 2);
    for (chain, points) in chains.iter().enumerate() {
        ends.push(End { along: along(*points.first()?), chain, enters: true });
        ends.push(End { along: along(*points.last()?), chain, enters: false });
    }
    ends.sort_unstable();
    let mut next = vec![0; chains.len()];
    for i in (0..ends.len()).step_by(2) {
        // Of several ends at one place any that fits will do.
        let fits = |e: &End| e.along == ends[i + 1].along && e.enters != ends[i].enters;
        let j = i + 1 + ends[i + 1..].iter().position(fits)?;
        ends.swap(i + 1, j);
        let (exit, entry) = if ends[i].enters { (ends[i + 1], ends[i]) } else { (ends[i], ends[i + 1]) };
        next[exit.chain] = entry.chain;
    }
    for start in 0..chains.len() {
        let mut ring = Vec::new();
        let mut at = start;
        while !chains[at].is_empty() {
            for p in std::mem::take(&mut chains[at]) {
                push(&mut ring, p);
            }
            at = next[at];
        }
        open_up(&mut ring);
        out.push(ring);
    }
    Some(out)
}

/// The stretches of a ring inside a side, each from where it enters to where it leaves; those of a single point are
/// left out.
fn chains_of(ring: &[GridPoint], side: Side) -> Vec<Vec<GridPoint>> {
    let n = ring.len();
    let mut chains = Vec::new();
    let mut open = Vec::new();
    let first = (0..n).find(|i| side.keeps(ring[*i]) && !side.keeps(ring[(i + n - 1) % n]));
    // Begun where the ring enters, the walk ends outside: no stretch is left open.
    for i in first.into_iter().flat_map(|first| first..first + n) {
        let (before, p) = (ring[(i + n - 1) % n], ring[i % n]);
        if side.keeps(p) != side.keeps(before) {
            push(&mut open, side.crossing(before, p));
        }
        if side.keeps(p) {
            push(&mut open, p);
        } else if !open.is_empty() {
            chains.push(std::mem::take(&mut open));
        }
    }
    chains.retain(|c| c.len() > 1);
    chains
}

fn cut_alone(ring: &[GridPoint], side: Side) -> Vec<GridPoint> {
    let mut kept = Vec::with_capacity(ring.len() + 4);
    let Some(mut before) = ring.last().copied() else { return kept };
    for p in ring.iter().copied() {
        if side.keeps(p) != side.keeps(before) {
            push(&mut kept, side.crossing(before, p));
        }
        if side.keeps(p) {
            push(&mut kept, p);
        }
        before = p;
    }
    open_up(&mut kept);
    kept
}

fn open_up(ring: &mut Vec<GridPoint>) {
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
}

fn push(out: &mut Vec<GridPoint>, p: GridPoint) {
    if out.last() != Some(&p) {
        out.push(p);
    }
}

/// The parts of a line inside the box, in order, each of two points or more (a line that only touches the box
/// leaves nothing).
pub fn clip_line(line: &[GridPoint], to: &GridBox) -> Vec<Vec<GridPoint>> {
    let mut parts: Vec<Vec<GridPoint>> = Vec::new();
    let mut open = false;
    for pair in line.windows(2) {
        let Some((a, b)) = clip_segment(pair[0], pair[1], to) else {
            open = false;
            continue;
        };
        match parts.last_mut() {
            // The part goes on when the segment starts where the one before ended, uncut.
            Some(part) if open && a == pair[0] => push(part, b),
            _ => parts.push(if a == b { vec![a] } else { vec![a, b] }),
        }
        open = b == pair[1];
    }
    parts.retain(|p| p.len() > 1);
    parts
}

fn clip_segment(mut a: GridPoint, mut b: GridPoint, to: &GridBox) -> Option<(GridPoint, GridPoint)> {
    for side in to.sides() {
        match (side.keeps(a), side.keeps(b)) {
            (true, true) => {}
            (false, false) => return None,
            (true, false) => b = side.crossing(a, b),
            (false, true) => a = side.crossing(a, b),
        }
    }
    Some((a, b))
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
