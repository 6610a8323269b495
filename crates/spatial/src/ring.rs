//! Rings on the grid: area, cleaning, and making polygons of rings that rounding has pinched.
//!
//! Cleaned rings have no repeated neighbours and no spikes, and a ring that passes a vertex twice is cut there, so
//! none touches itself at a vertex. What is *not* repaired: a vertex that rounding put onto, or across, another
//! edge of the polygon. Such a ring draws correctly but is not valid in the sense of OGC; that is rare, and seen at
//! low zooms where bends are as small as a unit.

use rustc_hash::FxHashMap;

use crate::GridPoint;

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

fn is_spike(a: GridPoint, b: GridPoint, c: GridPoint) -> bool {
    let (ux, uy) = (i128::from(b.x - a.x), i128::from(b.y - a.y));
    let (vx, vy) = (i128::from(c.x - b.x), i128::from(c.y - b.y));
    ux * vy == uy * vx && ux * vx + uy * vy < 0
}

/// Cuts a ring at vertices it passes more than once; the pieces pass each of theirs once.
fn split(ring: &[GridPoint]) -> Vec<Vec<GridPoint>> {
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

/// The ring, turned if need be: clockwise on the screen for an exterior, the other way for a hole.
pub(crate) fn turned(mut ring: Vec<GridPoint>, exterior: bool) -> Vec<GridPoint> {
    if (signed_area_doubled(&ring) > 0) != exterior {
        ring.reverse();
    }
    ring
}

/// Polygons of the rings of one polygon after snapping and clipping: exteriors run clockwise on the screen, holes
/// the other way, and so they do in the result. Empty when no area is left.
pub(crate) fn polygons(rings: Vec<Vec<GridPoint>>) -> Vec<GridPolygon> {
    let mut outer: Vec<Vec<GridPoint>> = Vec::new();
    let mut inner: Vec<Vec<GridPoint>> = Vec::new();
    // A piece that turns against its ring is a hole pinched off the exterior, or an island in a hole.
    for piece in rings.into_iter().flat_map(|ring| split(&clean(ring))) {
        if signed_area_doubled(&piece) > 0 { outer.push(piece) } else { inner.push(piece) }
    }
    let mut all: Vec<GridPolygon> =
        outer.into_iter().map(|exterior| GridPolygon { exterior, holes: Vec::new() }).collect();
    for hole in inner {
        // The smallest exterior around it; a hole around which nothing is left has nothing to cut.
        let around = all.iter_mut().filter(|p| holds(&p.exterior, &hole));
        if let Some(polygon) = around.min_by_key(|p| signed_area_doubled(&p.exterior)) {
            polygon.holes.push(hole);
        }
    }
    all.retain(|p| {
        let holes: i128 = p.holes.iter().map(|h| signed_area_doubled(h)).sum();
        signed_area_doubled(&p.exterior) + holes > 0
    });
    all
}

/// Whether the hole lies in the exterior: judged by its first vertex that is not on the exterior's border.
fn holds(exterior: &[GridPoint], hole: &[GridPoint]) -> bool {
    let large_enough = signed_area_doubled(exterior) >= -signed_area_doubled(hole);
    large_enough && hole.iter().find_map(|p| inside(exterior, *p)).unwrap_or(true)
}

/// Whether a point lies inside a ring; `None` on its border. Exact.
fn inside(ring: &[GridPoint], p: GridPoint) -> Option<bool> {
    let mut within = false;
    let mut a = *ring.last()?;
    for b in ring {
        let side =
            i128::from(b.x - a.x) * i128::from(p.y - a.y) - i128::from(b.y - a.y) * i128::from(p.x - a.x);
        let between = |u: i64, v: i64, w: i64| u.min(v) <= w && w <= u.max(v);
        if side == 0 && between(a.x, b.x, p.x) && between(a.y, b.y, p.y) {
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
        assert!(polygons(vec![square(0, 0, 4), turned(square(0, 0, 4), false)]).is_empty());
        assert_eq!(polygons(vec![square(0, 0, 4), turned(square(1, 1, 1), false)])[0].holes.len(), 1);
    }
}
