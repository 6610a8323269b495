//! Rings on the grid: area, cleaning, and making polygons of rings that rounding has pinched.
//!
//! Cleaned rings have no repeated neighbours and no spikes. Where rounding has laid a ring onto or across itself or
//! another, `untangle` makes valid ones of them.

use rustc_hash::FxHashMap;

use crate::GridPoint;
use crate::clip::GridBox;
use crate::edges::{between, turn};
use crate::untangle::{is_sound, is_sound_along, untangle};

/// An exterior ring and its holes, all open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GridPolygon {
    pub(crate) exterior: Vec<GridPoint>,
    pub(crate) holes: Vec<Vec<GridPoint>>,
}

/// Twice the signed area of an open ring, in square units: positive when it runs clockwise on the screen (y down).
pub fn signed_area_doubled(ring: &[GridPoint]) -> i128 {
    let Some(mut before) = ring.last() else { return 0 };
    let mut sum = 0;
    for p in ring {
        sum += i128::from(before.x) * i128::from(p.y) - i128::from(before.y) * i128::from(p.x);
        before = p;
    }
    sum
}

/// An open ring without repeated neighbours and without spikes (A-B-A, or back along the same line); empty when
/// nothing with area is left.
///
/// ```
/// use spatial::{GridPoint, clean};
/// let p = |x, y| GridPoint { x, y };
/// let spiked = vec![p(0, 0), p(4, 0), p(9, 0), p(4, 0), p(4, 4)];
/// assert_eq!(clean(spiked), [p(0, 0), p(4, 0), p(4, 4)]);
/// ```
pub fn clean(ring: Vec<GridPoint>) -> Vec<GridPoint> {
    if is_clean(&ring) {
        return if signed_area_doubled(&ring) == 0 { Vec::new() } else { ring };
    }
    let mut kept: Vec<GridPoint> = Vec::with_capacity(ring.len());
    for p in ring {
        kept.push(p);
        loop {
            let n = kept.len();
            if n >= 2 && kept[n - 1] == kept[n - 2] {
                kept.pop();
            } else if n >= 3 && is_spike(kept[n - 3], kept[n - 2], kept[n - 1]) {
                kept.remove(n - 2);
            } else {
                break;
            }
        }
    }
    // The same across the seam.
    let mut from = 0;
    loop {
        let ring = &kept[from..];
        let n = ring.len();
        if n < 3 {
            return Vec::new();
        }
        if ring[0] == ring[n - 1] || is_spike(ring[n - 2], ring[n - 1], ring[0]) {
            kept.pop();
        } else if is_spike(ring[n - 1], ring[0], ring[1]) {
            from += 1;
        } else {
            break;
        }
    }
    kept.drain(..from);
    if signed_area_doubled(&kept) == 0 { Vec::new() } else { kept }
}

fn is_clean(ring: &[GridPoint]) -> bool {
    let n = ring.len();
    let fine = |a: GridPoint, b: GridPoint, c: GridPoint| b != c && !is_spike(a, b, c);
    n > 2
        && ring.windows(3).all(|w| fine(w[0], w[1], w[2]))
        && fine(ring[n - 2], ring[n - 1], ring[0])
        && fine(ring[n - 1], ring[0], ring[1])
}

fn is_spike(a: GridPoint, b: GridPoint, c: GridPoint) -> bool {
    let (ux, uy) = (i128::from(b.x - a.x), i128::from(b.y - a.y));
    let (vx, vy) = (i128::from(c.x - b.x), i128::from(c.y - b.y));
    ux * vy == uy * vx && ux * vx + uy * vy < 0
}

/// Cuts a ring at vertices it passes more than once; the pieces pass each of theirs once.
pub(crate) fn split(ring: &[GridPoint]) -> Vec<Vec<GridPoint>> {
    let mut pieces = Vec::new();
    let mut path: Vec<GridPoint> = Vec::with_capacity(ring.len());
    let mut at: FxHashMap<GridPoint, usize> = FxHashMap::default();
    for p in ring {
        if let Some(&from) = at.get(p) {
            let piece: Vec<GridPoint> = path.drain(from..).collect();
            for q in &piece {
                at.remove(q);
            }
            pieces.push(piece);
        }
        at.insert(*p, path.len());
        path.push(*p);
    }
    pieces.push(path);
    pieces.into_iter().map(clean).filter(|r| !r.is_empty()).collect()
}

/// Polygons of rings on the grid: exteriors run clockwise on the screen, holes the other way, and so they do in the
/// result, which is valid in the sense of OGC Simple Features. Each ring begins at its least vertex and polygons stand in
/// the order of those, so that the result does not depend on where rings began. Empty when no area is left.
pub(crate) fn polygons(rings: Vec<Vec<GridPoint>>) -> Vec<GridPolygon> {
    let rings: Vec<Vec<GridPoint>> = rings.into_iter().map(clean).filter(|r| !r.is_empty()).collect();
    grouped(if is_sound(&rings) { rings } else { untangle(&rings) })
}

/// The same of rings that were valid before they were cut to a box: only along its rim they may touch now.
pub(crate) fn cut_polygons(rings: &[Vec<GridPoint>], to: &GridBox) -> Vec<GridPolygon> {
    // Rings that touched at a vertex may have become one.
    let rings: Vec<Vec<GridPoint>> = rings.iter().flat_map(|ring| split(ring)).collect();
    grouped(if is_sound_along(&rings, to) { rings } else { untangle(&rings) })
}

fn grouped(mut rings: Vec<Vec<GridPoint>>) -> Vec<GridPolygon> {
    for ring in &mut rings {
        let least = (1..ring.len()).fold(0, |least, i| if ring[i] < ring[least] { i } else { least });
        ring.rotate_left(least);
    }
    if rings.len() == 1 {
        return rings.into_iter().map(|exterior| GridPolygon { exterior, holes: Vec::new() }).collect();
    }
    rings.sort_unstable();
    let (outer, inner): (Vec<_>, Vec<_>) = rings.into_iter().partition(|r| signed_area_doubled(r) > 0);
    let mut all: Vec<GridPolygon> =
        outer.into_iter().map(|exterior| GridPolygon { exterior, holes: Vec::new() }).collect();
    if let [only] = &mut all[..] {
        // Of valid rings there is no other around the holes.
        only.holes = inner;
        return all;
    }
    for hole in inner {
        // The smallest exterior around it.
        let around = all.iter_mut().filter(|p| holds(&p.exterior, &hole));
        if let Some(polygon) = around.min_by_key(|p| signed_area_doubled(&p.exterior)) {
            polygon.holes.push(hole);
        }
    }
    all
}

/// Whether the hole lies in the exterior: judged by its first vertex that is not on the exterior's border.
fn holds(exterior: &[GridPoint], hole: &[GridPoint]) -> bool {
    // Rings begin at their least vertex.
    exterior[0].x <= hole[0].x && hole.iter().find_map(|p| inside(exterior, *p)).unwrap_or(false)
}

/// Whether a point lies inside a ring; `None` on its border. Exact.
fn inside(ring: &[GridPoint], p: GridPoint) -> Option<bool> {
    let mut within = false;
    let mut a = *ring.last()?;
    for b in ring {
        let side = turn(a, *b, p);
        if side == 0 && between(a, *b, p) {
            return None;
        }
        if (a.y > p.y) != (b.y > p.y) && (side > 0) == (b.y > a.y) {
            within = !within;
        }
        a = *b;
    }
    Some(within)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(x: i64, y: i64) -> GridPoint {
        GridPoint { x, y }
    }

    fn square(x: i64, y: i64, side: i64) -> Vec<GridPoint> {
        vec![p(x, y), p(x + side, y), p(x + side, y + side), p(x, y + side)]
    }

    #[test]
    fn clockwise_on_the_screen_is_positive() {
        assert_eq!(signed_area_doubled(&square(0, 0, 3)), 18);
        assert_eq!(signed_area_doubled(&[]), 0);
    }

    #[test]
    fn spikes_go_also_across_the_seam() {
        assert_eq!(
            clean(vec![p(9, 0), p(0, 0), p(0, 4), p(4, 4), p(4, 0)]),
            [p(0, 0), p(0, 4), p(4, 4), p(4, 0)]
        );
        assert!(clean(vec![p(0, 0), p(5, 0), p(9, 0)]).is_empty());
        assert!(clean(vec![p(0, 0), p(0, 0), p(1, 1)]).is_empty());
        // A spike on a spike.
        assert_eq!(
            clean(vec![p(0, 0), p(4, 0), p(8, 0), p(8, 3), p(8, 0), p(4, 0), p(4, 4)]),
            [p(0, 0), p(4, 0), p(4, 4)]
        );
    }

    #[test]
    fn a_pinched_ring_becomes_two_polygons() {
        let bow = vec![p(0, 0), p(4, 0), p(4, 4), p(8, 4), p(8, 8), p(4, 8), p(4, 4), p(0, 4)];
        let all = polygons(vec![bow, vec![p(5, 5), p(5, 6), p(6, 6), p(6, 5)]]);
        assert_eq!(all.len(), 2);
        assert!(all.iter().all(|p| signed_area_doubled(&p.exterior) == 32));
        let holed: Vec<_> = all.iter().filter(|p| !p.holes.is_empty()).collect();
        assert_eq!(holed.len(), 1);
        assert!(holed[0].exterior.contains(&p(8, 8)) && signed_area_doubled(&holed[0].holes[0]) == -2);
    }

    #[test]
    fn a_hole_pinched_off_the_exterior_is_a_hole() {
        // The exterior goes in through (4, 0), around a square, and out again.
        let ring = vec![p(0, 0), p(4, 0), p(3, 2), p(5, 2), p(4, 0), p(8, 0), p(8, 8), p(0, 8)];
        let all = polygons(vec![ring]);
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].holes.len(), 1);
        assert!(signed_area_doubled(&all[0].exterior) > 0 && signed_area_doubled(&all[0].holes[0]) < 0);
    }

    #[test]
    fn a_hole_as_large_as_its_polygon_leaves_nothing() {
        let back = |ring: Vec<GridPoint>| ring.into_iter().rev().collect();
        assert!(polygons(vec![square(0, 0, 4), back(square(0, 0, 4))]).is_empty());
        assert_eq!(polygons(vec![square(0, 0, 4), back(square(1, 1, 1))])[0].holes.len(), 1);
    }
}
