//! The rim of a box while a polygon is cut: the chains that lie inside, and how often each stretch of the rim is walked,
//! clockwise counted up and the other way down.
//!
//! All of it together is a closed walk whatever was cut. So where chains end and the count changes, as many ways lead on
//! as arrive, and following them gives rings. Of a polygon without crossings the count is one along what it covers and
//! nothing elsewhere.

use crate::GridPoint;
use crate::clip::GridBox;
use crate::snap::{open_up, push};

/// The rim and what has been seen of the polygon so far.
pub(crate) struct Rim {
    of: GridBox,
    /// Where each corner lies along the rim, clockwise from the upper left to there again.
    corners: [i64; 5],
    /// Where the count changes, and by how much.
    turns: Vec<(i64, i32)>,
    chains: Vec<Vec<GridPoint>>,
}

impl Rim {
    pub(crate) fn new(of: GridBox) -> Rim {
        let (wide, high) = (of.max_x - of.min_x, of.max_y - of.min_y);
        let corners = [0, wide, wide + high, 2 * wide + high, 2 * (wide + high)];
        Rim { of, corners, turns: Vec::new(), chains: Vec::new() }
    }

    /// How far along the rim a point of a side lies (sides clockwise from the top).
    fn along(&self, side: usize, p: GridPoint) -> i64 {
        let into = match side {
            0 => p.x - self.of.min_x,
            1 => p.y - self.of.min_y,
            2 => self.of.max_x - p.x,
            _ => self.of.max_y - p.y,
        };
        self.corners[side] + into
    }

    /// How far the way from one point of a side to another is: clockwise positive.
    pub(crate) fn way(&self, side: usize, from: GridPoint, to: GridPoint) -> i64 {
        self.along(side, to) - self.along(side, from)
    }

    /// The place along the rim of a point on it; the upper left corner is 0.
    fn position(&self, p: GridPoint) -> i64 {
        let side = match p {
            _ if p.y == self.of.min_y => 0,
            _ if p.x == self.of.max_x => 1,
            _ if p.y == self.of.max_y => 2,
            _ => 3,
        };
        self.along(side, p) % self.corners[4]
    }

    fn point(&self, at: i64) -> GridPoint {
        let side = (1..4).take_while(|side| self.corners[*side] <= at).count();
        let into = at - self.corners[side];
        let b = &self.of;
        match side {
            0 => GridPoint { x: b.min_x + into, y: b.min_y },
            1 => GridPoint { x: b.max_x, y: b.min_y + into },
            2 => GridPoint { x: b.max_x - into, y: b.max_y },
            _ => GridPoint { x: b.min_x, y: b.max_y - into },
        }
    }

    /// The polygon goes along the rim, from a point on it as far as `way`; perhaps around it, even several times.
    pub(crate) fn walk(&mut self, from: GridPoint, way: i64) {
        let length = self.corners[4];
        let by = way.signum() as i32;
        let around = (way.abs() / length) as i32;
        if around != 0 {
            self.turns.extend([(0, by * around), (length, -by * around)]);
        }
        let rest = way.abs() % length;
        if rest == 0 {
            return;
        }
        let start = self.position(from);
        let start = if way > 0 { start } else { (start - rest).rem_euclid(length) };
        let end = start + rest;
        if end <= length {
            self.turns.extend([(start, by), (end, -by)]);
        } else {
            self.turns.extend([(start, by), (length, -by), (0, by), (end - length, -by)]);
        }
    }

    /// The polygon passes the box, from one place of the rim to another.
    pub(crate) fn chain(&mut self, chain: Vec<GridPoint>) {
        // One of a single point begins where it ends: nothing of it is inside.
        if chain.len() > 1 {
            self.chains.push(chain);
        }
    }

    /// The rings of all that was seen.
    pub(crate) fn rings(mut self, out: &mut Vec<Vec<GridPoint>>) {
        self.follow_rim();
        let mut left = std::mem::take(&mut self.chains);
        let mut leaving: Vec<(i64, usize)> =
            left.iter().enumerate().map(|(n, chain)| (self.position(chain[0]), n)).collect();
        leaving.sort_unstable();
        for start in 0..left.len() {
            let mut ring = std::mem::take(&mut left[start]);
            while let Some(last) = ring.last() {
                let at = self.position(*last);
                let from = leaving.partition_point(|(place, _)| *place < at);
                let mut here = leaving[from..].iter().take_while(|(place, _)| *place == at);
                let Some((_, next)) = here.find(|(_, n)| !left[*n].is_empty()) else { break };
                for p in std::mem::take(&mut left[*next]) {
                    push(&mut ring, p);
                }
            }
            open_up(&mut ring);
            if !ring.is_empty() {
                out.push(ring);
            }
        }
    }

    /// Adds chains along the rim, from one change of the count to the next.
    fn follow_rim(&mut self) {
        let mut stops = std::mem::take(&mut self.turns);
        stops.extend(self.corners.map(|at| (at, 0)));
        let ends = self.chains.iter().filter_map(|chain| Some([*chain.first()?, *chain.last()?]));
        stops.extend(ends.flatten().map(|p| (self.position(p), 0)));
        stops.sort_unstable();
        let (mut count, mut from) = (0_i32, 0);
        for stops in stops.chunk_by(|a, b| a.0 == b.0) {
            let to = stops[0].0;
            let changed: i32 = stops.iter().map(|(_, by)| by).sum();
            // Where the way goes on as before and no chain ends there is nothing to stop for.
            if changed == 0 && stops.iter().all(|(_, by)| *by != 0) {
                continue;
            }
            if count != 0 && from != to {
                let mut edge = [self.point(from), self.point(to % self.corners[4])];
                if count < 0 {
                    edge.reverse();
                }
                self.chains.extend((0..count.unsigned_abs()).map(|_| edge.to_vec()));
            }
            (count, from) = (count + changed, to);
        }
    }
}
