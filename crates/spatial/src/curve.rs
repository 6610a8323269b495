//! The Hilbert curve over a square of 2³² × 2³² cells, and the ranges of it that cover a box.
//!
//! Points stored in the order of the curve answer a box by a few contiguous scans. The curve is walked with its
//! orientation as two flags (axes swapped, both axes flipped); source: the usual iterative construction.

use crate::{Mercator, MercatorBox};

/// Levels of the curve: bits per axis.
const LEVELS: u32 = 32;

/// A box is cut into cells no larger than its longer side over this, so the number of ranges is bounded (at most
/// the cells on the outline of a 6 × 6 square plus runs inside).
const CELLS_PER_SIDE: u64 = 4;

/// A range of positions on the curve, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CurveRange {
    pub(crate) start: u64,
    /// Last position, included.
    pub(crate) last: u64,
}

#[derive(Debug, Clone, Copy)]
struct Turn {
    swap: bool,
    flip: bool,
}

impl Turn {
    const START: Turn = Turn { swap: false, flip: false };

    /// The digit (0–3) of the quadrant with these bits, and the orientation inside it.
    fn step(self, x: bool, y: bool) -> (u64, Turn) {
        let (x, y) = (x ^ self.flip, y ^ self.flip);
        let (x, y) = if self.swap { (y, x) } else { (x, y) };
        let digit = (3 * u64::from(x)) ^ u64::from(y);
        let next = if y { self } else { Turn { swap: !self.swap, flip: self.flip ^ x } };
        (digit, next)
    }
}

/// The cell of a coordinate of the unit square; monotone, so a box maps to a box.
pub(crate) fn cell(v: f64) -> u32 {
    // The cast saturates: 1.0 is in the last cell, what lies outside on the edge.
    (v * 4_294_967_296.0) as u32
}

/// The position of a place on the curve.
pub(crate) fn position(at: Mercator) -> u64 {
    position_of(cell(at.x), cell(at.y))
}

fn position_of(x: u32, y: u32) -> u64 {
    let mut turn = Turn::START;
    let mut d = 0;
    for level in (0..LEVELS).rev() {
        let (digit, next) = turn.step(x >> level & 1 == 1, y >> level & 1 == 1);
        d = d << 2 | digit;
        turn = next;
    }
    d
}

/// Ranges of the curve that together cover the box, ascending and not adjacent. They may cover more.
pub(crate) fn ranges(b: &MercatorBox) -> Vec<CurveRange> {
    let mut walk = Walk {
        min: [u64::from(cell(b.min_x)), u64::from(cell(b.min_y))],
        max: [u64::from(cell(b.max_x)), u64::from(cell(b.max_y))],
        smallest: 0,
        found: Vec::new(),
    };
    if b.min_x > 1.0 || b.min_y > 1.0 || b.max_x < 0.0 || b.max_y < 0.0 {
        return Vec::new();
    }
    let longest = (walk.max[0] - walk.min[0]).max(walk.max[1] - walk.min[1]) + 1;
    walk.smallest = (longest / CELLS_PER_SIDE).max(1);
    walk.descend(LEVELS, [0, 0], 0, Turn::START);
    walk.found
}

/// Those of ascending positions that lie in a range.
pub(crate) fn within(positions: &[u64], range: CurveRange) -> std::ops::Range<usize> {
    let from = positions.partition_point(|p| *p < range.start);
    from..from + positions[from..].partition_point(|p| *p <= range.last)
}

struct Walk {
    min: [u64; 2],
    max: [u64; 2],
    smallest: u64,
    found: Vec<CurveRange>,
}

impl Walk {
    /// Visits the square of side `2^level` at `corner`, whose positions begin with `prefix`.
    fn descend(&mut self, level: u32, corner: [u64; 2], prefix: u64, turn: Turn) {
        let side = 1_u64 << level;
        let far = corner.map(|c| c + side - 1);
        if (0..2).any(|a| corner[a] > self.max[a] || far[a] < self.min[a]) {
            return;
        }
        let inside = (0..2).all(|a| corner[a] >= self.min[a] && far[a] <= self.max[a]);
        if inside || side <= self.smallest {
            // `prefix` has 64 − 2·level bits; at level 32 the range is the whole curve.
            let start = prefix.checked_shl(2 * level).unwrap_or(0);
            let last = start + (u64::MAX.checked_shr(64 - 2 * level).unwrap_or(0));
            return self.push(CurveRange { start, last });
        }
        let half = side / 2;
        let mut children = [(0, [0; 2], turn); 4];
        for (x, y) in [(false, false), (false, true), (true, false), (true, true)] {
            let (digit, next) = turn.step(x, y);
            let at = [corner[0] + u64::from(x) * half, corner[1] + u64::from(y) * half];
            children[digit as usize] = (prefix << 2 | digit, at, next);
        }
        for (prefix, at, next) in children {
            self.descend(level - 1, at, prefix, next);
        }
    }

    fn push(&mut self, range: CurveRange) {
        match self.found.last_mut() {
            Some(previous) if previous.last + 1 == range.start => previous.last = range.last,
            _ => self.found.push(range),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_continuous_and_fills_a_small_square() {
        // The 16 × 16 cells at the corner hold the first 256 positions, each once, neighbours touching.
        let mut at = [None; 256];
        for x in 0..16_u32 {
            for y in 0..16_u32 {
                let d = position_of(x, y) as usize;
                assert!(d < 256 && at[d].is_none());
                at[d] = Some((x, y));
            }
        }
        for pair in at.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0].unwrap(), pair[1].unwrap());
            assert_eq!(ax.abs_diff(bx) + ay.abs_diff(by), 1);
        }
    }

    #[test]
    fn ranges_cover_the_box_and_are_few() {
        let b = MercatorBox { min_x: 0.788, min_y: 0.438, max_x: 0.789, max_y: 0.4395 };
        let found = ranges(&b);
        assert!(found.len() <= 24, "{}", found.len());
        assert!(found.windows(2).all(|w| w[0].last + 1 < w[1].start));
        for i in 0..=20 {
            for j in 0..=20 {
                let x = b.min_x + (b.max_x - b.min_x) * f64::from(i) / 20.0;
                let y = b.min_y + (b.max_y - b.min_y) * f64::from(j) / 20.0;
                let d = position(Mercator { x, y });
                assert!(found.iter().any(|r| r.start <= d && d <= r.last));
            }
        }
    }

    #[test]
    fn the_whole_square_is_one_range() {
        let all = MercatorBox { min_x: -1.0, min_y: -1.0, max_x: 2.0, max_y: 2.0 };
        assert_eq!(ranges(&all), [CurveRange { start: 0, last: u64::MAX }]);
        let away = MercatorBox { min_x: 1.1, min_y: 0.0, max_x: 1.2, max_y: 1.0 };
        assert!(ranges(&away).is_empty());
    }
}
