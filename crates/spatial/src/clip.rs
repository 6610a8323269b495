//! Clipping on the integer grid: rings by Sutherland–Hodgman, lines segment by segment.
//!
//! Where an edge crosses a side is computed from its ends in a fixed order, so the same edge walked the other way
//! (the neighbour's border) is cut at the same grid point. A concave ring that leaves the box twice comes back as
//! one ring with edges along the box's side; they lie in the buffer, outside the visible tile.

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

/// The part of an open ring (first vertex not repeated) inside the box, as an open ring; empty when nothing is
/// left. The result may touch itself along the box's sides; see [`crate::clean`].
pub fn clip_ring(ring: &[GridPoint], to: &GridBox) -> Vec<GridPoint> {
    let mut ring = ring.to_vec();
    for side in to.sides() {
        if ring.iter().all(|p| side.keeps(*p)) {
            continue;
        }
        let mut kept = Vec::with_capacity(ring.len() + 4);
        let Some(mut before) = ring.last().copied() else { break };
        for p in ring {
            if side.keeps(p) != side.keeps(before) {
                push(&mut kept, side.crossing(before, p));
            }
            if side.keeps(p) {
                push(&mut kept, p);
            }
            before = p;
        }
        while kept.len() > 1 && kept.first() == kept.last() {
            kept.pop();
        }
        ring = kept;
    }
    ring
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

    #[test]
    fn a_ring_is_cut_to_the_box() {
        let ring = [p(-5, 2), p(5, 2), p(5, 6), p(-5, 6)];
        assert_eq!(clip_ring(&ring, &BOX), [p(0, 2), p(5, 2), p(5, 6), p(0, 6)]);
        let around = [p(-5, -5), p(20, -5), p(20, 20), p(-5, 20)];
        assert_eq!(clip_ring(&around, &BOX).len(), 4);
        assert!(clip_ring(&[p(11, 0), p(12, 0), p(12, 5)], &BOX).is_empty());
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
