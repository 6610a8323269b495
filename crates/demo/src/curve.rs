//! Lines that look drawn by hand: smoothed through control points, sampled every few metres, wandering a
//! little between the points and not at all at them.

use crate::plane::Metres;
use crate::random::Random;

/// How a kind of line is sampled and how far it wanders.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Manner {
    /// Metres between samples.
    pub(crate) step_m: f64,
    /// Metres it wanders to either side.
    pub(crate) wander_m: f64,
}

/// Samples a Catmull–Rom curve through `points`; returns, for every control point but the last, the samples
/// from it (included) to the next (excluded). Control points keep their exact place.
pub(crate) fn sample(points: &[Metres], manner: Manner, random: &mut Random) -> Vec<Vec<Metres>> {
    let at = |i: isize| -> Metres {
        let last = points.len() as isize - 1;
        points[i.clamp(0, last) as usize]
    };
    let mut pieces = Vec::with_capacity(points.len());
    for i in 0..points.len() as isize - 1 {
        let (p0, p1, p2, p3) = (at(i - 1), at(i), at(i + 1), at(i + 2));
        let length = p1.distance(p2);
        let count = ((length / manner.step_m).round() as usize).max(1);
        // One sideways pull per piece, strongest in its middle, and a small one per sample; hardly any near the
        // ends, where lines meet at sharp angles.
        let pull = random.between(-1.0, 1.0) * manner.wander_m;
        let side = (-(p2.y - p1.y) / length, (p2.x - p1.x) / length);
        let piece = (0..count)
            .map(|k| {
                let t = k as f64 / count as f64;
                let on = catmull_rom(p0, p1, p2, p3, t);
                if k == 0 {
                    return p1;
                }
                let taper = 16.0 * t * t * (1.0 - t) * (1.0 - t);
                let off = taper * (pull + random.between(-0.35, 0.35) * manner.wander_m);
                on.plus(side.0 * off, side.1 * off)
            })
            .collect();
        pieces.push(piece);
    }
    pieces
}

fn catmull_rom(p0: Metres, p1: Metres, p2: Metres, p3: Metres, t: f64) -> Metres {
    let blend = |a: f64, b: f64, c: f64, d: f64| {
        let (t2, t3) = (t * t, t * t * t);
        0.5 * (2.0 * b
            + (c - a) * t
            + (2.0 * a - 5.0 * b + 4.0 * c - d) * t2
            + (3.0 * b - a - 3.0 * c + d) * t3)
    };
    Metres::new(blend(p0.x, p1.x, p2.x, p3.x), blend(p0.y, p1.y, p2.y, p3.y))
}

/// A line with its length, on which places are found by distance.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) points: Vec<Metres>,
    along: Vec<f64>,
}

impl Line {
    /// A line of at least two points.
    pub(crate) fn new(points: Vec<Metres>) -> Line {
        let mut along = vec![0.0];
        let mut total = 0.0;
        for pair in points.windows(2) {
            total += pair[0].distance(pair[1]);
            along.push(total);
        }
        Line { points, along }
    }

    pub(crate) fn length(&self) -> f64 {
        self.along.last().copied().unwrap_or_default()
    }

    fn piece(&self, distance: f64) -> (usize, f64) {
        let end = self.points.len() - 1;
        let i = self.along.partition_point(|a| *a <= distance).clamp(1, end);
        let (a, b) = (self.along[i - 1], self.along[i]);
        (i - 1, ((distance - a) / (b - a)).clamp(0.0, 1.0))
    }

    /// The place `distance` metres along the line and `off` metres to its left.
    pub(crate) fn at(&self, distance: f64, off: f64) -> Metres {
        let (i, t) = self.piece(distance);
        let (ux, uy) = self.direction(distance);
        self.points[i].towards(self.points[i + 1], t).plus(-uy * off, ux * off)
    }

    /// The unit direction of the line at a distance.
    pub(crate) fn direction(&self, distance: f64) -> (f64, f64) {
        let (i, _) = self.piece(distance);
        let (a, b) = (self.points[i], self.points[i + 1]);
        let length = a.distance(b);
        ((b.x - a.x) / length, (b.y - a.y) / length)
    }

    /// The part between two distances.
    pub(crate) fn slice(&self, from: f64, to: f64) -> Vec<Metres> {
        let mut points = vec![self.at(from, 0.0)];
        let inner = self.points.iter().zip(&self.along).filter(|(_, a)| **a > from + 1.0 && **a < to - 1.0);
        points.extend(inner.map(|(p, _)| *p));
        points.push(self.at(to, 0.0));
        points
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sampled_curve_keeps_its_control_points() {
        let points = [Metres::new(0.0, 0.0), Metres::new(100.0, 20.0), Metres::new(180.0, -40.0)];
        let manner = Manner { step_m: 10.0, wander_m: 5.0 };
        let pieces = sample(&points, manner, &mut Random::new(1, "curve"));
        assert_eq!(pieces.len(), 2);
        assert_eq!((pieces[0][0], pieces[1][0]), (points[0], points[1]));
        assert_eq!((pieces[0].len(), pieces[1].len()), (10, 10));
    }

    #[test]
    fn places_on_a_line_are_found_by_distance() {
        let line = Line::new(vec![Metres::new(0.0, 0.0), Metres::new(30.0, 0.0), Metres::new(30.0, 40.0)]);
        assert!((line.length() - 70.0).abs() < 1e-9);
        assert_eq!(line.at(10.0, 2.0), Metres::new(10.0, 2.0));
        assert_eq!(line.at(50.0, 0.0), Metres::new(30.0, 20.0));
        assert_eq!(line.slice(10.0, 50.0).len(), 3);
    }
}
