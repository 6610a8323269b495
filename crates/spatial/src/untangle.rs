//! Makes valid rings of rings that rounding has laid onto or across each other.
//!
//! The usual way of overlays: edges are cut where they touch, those that lie on each other are counted against each other, and what the rings go
//! around at least once becomes the inside. For neighbours that share their borders these counts add up to one
//! everywhere, so some neighbour has every place: no gap opens. Two can have the same place only where a third one
//! between them is thinner than the rounding, and lost it.
//!
//! Where edges cross, the crossing is rounded to the grid: less than a unit, as at any vertex of a neighbour.

use crate::GridPoint;
use crate::clip::GridBox;
use crate::edges::{Edge, Edges, between, turn};
use crate::ring::{signed_area_doubled, split};

/// Rounded crossings may cross others; a few rounds settle that. (Nothing proves that they always do. What is not settled
/// after so many is drawn as it is.)
const ROUNDS: usize = 16;

/// Pairs of so few edges are tried faster than a tree is built.
const FEW: usize = 24;

/// Whether the rings, cleaned of spikes, are the outline of an area as they are: none touches another or itself, and
/// clockwise ones lie outside, the others inside.
pub(crate) fn is_sound(rings: &[Vec<GridPoint>]) -> bool {
    if let [ring] = rings
        && ring.len() <= FEW
    {
        return signed_area_doubled(ring) > 0 && is_simple(ring);
    }
    let edges = Edges::of_rings(rings);
    let starts = starts(rings);
    if edges.pairs(&mut |i, j| touch(&edges, &starts, i, j)) {
        return false;
    }
    if let [ring] = rings {
        return signed_area_doubled(ring) > 0;
    }
    starts.windows(2).all(|ring| {
        let n = (ring[0]..ring[1]).find(|n| edges.all[*n].from.y != edges.all[*n].to.y);
        n.is_some_and(|n| matches!(sides(&edges, n), (0, 1) | (1, 0)))
    })
}

/// Whether rings cut to a box from an outline of an area, each of which passes a place once, are one too: no edge that
/// ends on the rim touches another. Exteriors may touch at a place of the rim.
pub(crate) fn is_sound_along(rings: &[Vec<GridPoint>], rim: &GridBox) -> bool {
    let edges = Edges::of_rings(rings);
    let starts = starts(rings);
    let holes: Vec<bool> = rings.iter().map(|ring| signed_area_doubled(ring) < 0).collect();
    let in_hole = |n: usize| holes[starts.partition_point(|start| *start <= n) - 1];
    let ends_there = |n: &usize| rim.has_on_rim(edges.all[*n].from) || rim.has_on_rim(edges.all[*n].to);
    (0..edges.all.len()).filter(ends_there).all(|n| {
        let touches = |m: usize| {
            n != m
                && touch(&edges, &starts, n.min(m), n.max(m))
                && (in_hole(n) || in_hole(m) || !edges.all[n].is_joined_to(&edges.all[m]))
        };
        !edges.near(&edges.all[n].bounds(), &mut |m| touches(m))
    })
}

/// Where the edges of each ring begin in the list of all, and where the list ends.
fn starts(rings: &[Vec<GridPoint>]) -> Vec<usize> {
    let ends = rings.iter().scan(0, |at, ring| {
        *at += ring.len();
        Some(*at)
    });
    std::iter::once(0).chain(ends).collect()
}

/// Whether two edges share a point that is not the vertex between them, the first of which stands before the second.
fn touch(edges: &Edges, starts: &[usize], i: usize, j: usize) -> bool {
    let (a, b) = (&edges.all[i], &edges.all[j]);
    // Of neighbours along a ring only a spike would share more than the vertex, and there is none.
    let follows = j == i + 1 && a.to == b.from;
    // The last edge of a ring leads on to its first.
    let closes = || starts.binary_search(&i).is_ok_and(|ring| starts[ring + 1] == j + 1);
    !follows && a.meets(b) && !closes()
}

/// The same of one ring, by all pairs of edges.
fn is_simple(ring: &[GridPoint]) -> bool {
    let n = ring.len();
    let edge = |i: usize| Edge { from: ring[i], to: ring[if i + 1 == n { 0 } else { i + 1 }], times: 1 };
    (0..n).all(|i| {
        let (a, until) = (edge(i), if i == 0 { n - 1 } else { n });
        let bounds = a.bounds();
        (i + 2..until).map(edge).all(|b| !bounds.meets(&b.bounds()) || !a.meets(&b))
    })
}

/// How often the rings go around the places to either side of an edge: left and right of it on the screen, or above and
/// below a level one.
fn sides(edges: &Edges, n: usize) -> (i32, i32) {
    let Edge { from, to, times } = edges.all[n];
    let level = from.y == to.y;
    let middle = GridPoint { x: from.x + to.x, y: from.y + to.y };
    let near = edges.winding(middle, Some(n), level);
    let forward = if level { to.x > from.x } else { to.y < from.y };
    (near, near + if forward { times } else { -times })
}

/// The outline of what the rings go around: open rings, none of which passes a place twice; exteriors run clockwise on
/// the screen.
pub(crate) fn untangle(rings: &[Vec<GridPoint>]) -> Vec<Vec<GridPoint>> {
    let mut edges = Edges::of_rings(rings).all;
    for _ in 0..ROUNDS {
        edges = netted(edges);
        let Some(cut) = cut_where_they_touch(&edges) else { break };
        edges = cut;
    }
    let edges = Edges::new(netted(edges));
    let mut border = Vec::new();
    for n in 0..edges.all.len() {
        let (near, far) = sides(&edges, n);
        if (near >= 1) == (far >= 1) {
            continue;
        }
        let Edge { from, to, .. } = edges.all[n];
        // The inside lies to the right of the way: up with it on the right, forward with it below.
        let forward = if from.y == to.y { to.x > from.x } else { to.y < from.y };
        border.push(if forward == (far >= 1) { (from, to) } else { (to, from) });
    }
    trace(border).iter().flat_map(|ring| split(ring)).collect()
}

/// Each edge once, in an order of their own, with how often it is walked one way more than the other.
fn netted(edges: Vec<Edge>) -> Vec<Edge> {
    // From above to below, so that boxes over several are low: a ray to the left meets few of them.
    let key = |p: GridPoint| (p.y, p.x);
    let ordered = |e: Edge| {
        if key(e.from) <= key(e.to) { e } else { Edge { from: e.to, to: e.from, times: -e.times } }
    };
    let mut all: Vec<Edge> = edges.into_iter().filter(|e| e.from != e.to).map(ordered).collect();
    all.sort_unstable_by_key(|e| (key(e.from), key(e.to)));
    let mut net: Vec<Edge> = Vec::with_capacity(all.len());
    for e in all {
        match net.last_mut() {
            Some(last) if (last.from, last.to) == (e.from, e.to) => last.times += e.times,
            _ => net.push(e),
        }
    }
    net.retain(|e| e.times != 0);
    net
}

/// The edges cut at vertices that lie on them and at their crossings; `None` when there are neither.
fn cut_where_they_touch(edges: &[Edge]) -> Option<Vec<Edge>> {
    let tree = Edges::new(edges.to_vec());
    let mut cuts: Vec<(usize, GridPoint)> = Vec::new();
    tree.pairs(&mut |i, j| {
        let (a, b) = (&edges[i], &edges[j]);
        if a.meets(b) {
            let on = |e: &Edge, p: GridPoint| {
                p != e.from && p != e.to && turn(e.from, e.to, p) == 0 && between(e.from, e.to, p)
            };
            let before = cuts.len();
            cuts.extend([b.from, b.to].into_iter().filter(|p| on(a, *p)).map(|p| (i, p)));
            cuts.extend([a.from, a.to].into_iter().filter(|p| on(b, *p)).map(|p| (j, p)));
            let joined = [a.from, a.to].iter().any(|p| *p == b.from || *p == b.to);
            if cuts.len() == before && !joined {
                let at = crossing(a, b);
                cuts.extend([(i, at), (j, at)]);
            }
        }
        false
    });
    cuts.retain(|(n, p)| *p != edges[*n].from && *p != edges[*n].to);
    if cuts.is_empty() {
        return None;
    }
    let far = |n: usize, p: GridPoint| {
        let (dx, dy) = (i128::from(p.x - edges[n].from.x), i128::from(p.y - edges[n].from.y));
        dx * dx + dy * dy
    };
    cuts.sort_unstable_by_key(|(n, p)| (*n, far(*n, *p), *p));
    let mut left = cuts.into_iter().peekable();
    let mut out = Vec::with_capacity(edges.len() + left.len());
    for (n, edge) in edges.iter().enumerate() {
        let mut from = edge.from;
        while let Some((_, p)) = left.next_if(|(of, _)| *of == n) {
            out.push(Edge { from, to: p, times: edge.times });
            from = p;
        }
        out.push(Edge { from, to: edge.to, times: edge.times });
    }
    Some(out)
}

/// Where two edges cross, rounded to the grid; the same whichever comes first. They cross inside both.
fn crossing(a: &Edge, b: &Edge) -> GridPoint {
    let (from, to) = (turn(b.from, b.to, a.from), turn(b.from, b.to, a.to));
    let (mut part, mut whole) = (i128::from(from), i128::from(from - to));
    if whole < 0 {
        (part, whole) = (-part, -whole);
    }
    let along =
        |from: i64, to: i64| from + (2 * part * i128::from(to - from) + whole).div_euclid(2 * whole) as i64;
    GridPoint { x: along(a.from.x, a.to.x), y: along(a.from.y, a.to.y) }
}

/// Follows directed border edges with the inside to their right into closed walks, each around one piece of the inside.
fn trace(mut border: Vec<(GridPoint, GridPoint)>) -> Vec<Vec<GridPoint>> {
    border.sort_unstable();
    let mut used = vec![false; border.len()];
    let mut rings = Vec::new();
    for start in 0..border.len() {
        let mut ring = Vec::new();
        let mut n = start;
        while !used[n] {
            used[n] = true;
            let (from, at) = border[n];
            ring.push(from);
            let first = border.partition_point(|(p, _)| *p < at);
            let leaving = first..first + border[first..].partition_point(|(p, _)| *p == at);
            // As many edges leave a place as arrive; the next is the first one across the inside.
            let Some(next) = leaving
                .filter(|m| !used[*m] || *m == start)
                .min_by(|a, b| across(at, from, border[*a].1, border[*b].1))
            else {
                break;
            };
            n = next;
        }
        if !ring.is_empty() {
            rings.push(ring);
        }
    }
    rings
}

/// Which of two places is met first when turning counterclockwise on the screen around `at`, from `from` on.
fn across(at: GridPoint, from: GridPoint, a: GridPoint, b: GridPoint) -> std::cmp::Ordering {
    // Less than half a turn, just that, or more.
    let half = |p: GridPoint| turn(at, from, p).cmp(&0);
    half(a).cmp(&half(b)).then_with(|| turn(at, a, b).cmp(&0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signed_area_doubled;

    fn p(x: i64, y: i64) -> GridPoint {
        GridPoint { x, y }
    }

    fn areas(rings: &[Vec<GridPoint>]) -> Vec<i128> {
        let mut all: Vec<i128> = untangle(rings).iter().map(|r| signed_area_doubled(r)).collect();
        all.sort_unstable();
        all
    }

    #[test]
    fn sound_rings_are_left_alone() {
        let outer = vec![p(0, 0), p(9, 0), p(9, 9), p(0, 9)];
        let hole = vec![p(2, 2), p(2, 4), p(4, 4), p(4, 2)];
        assert!(is_sound(std::slice::from_ref(&outer)));
        assert!(is_sound(&[outer.clone(), hole.clone()]));
        assert!(!is_sound(std::slice::from_ref(&hole)), "a hole in nothing");
        assert!(!is_sound(&[outer.clone(), hole.iter().rev().copied().collect()]), "one inside another");
        let moved = |by: i64| hole.iter().map(|q| p(q.x + by, q.y)).collect::<Vec<_>>();
        assert!(!is_sound(&[outer.clone(), moved(-2)]), "a hole along the border");
        assert!(!is_sound(&[outer.clone(), moved(20)]), "a hole beside its polygon");
        assert_eq!(areas(&[outer, hole]), [-8, 162]);
    }

    #[test]
    fn what_is_gone_around_stays() {
        // Two squares that cross at two corners.
        let bow = vec![p(0, 0), p(4, 0), p(4, 4), p(8, 4), p(8, 8), p(4, 8), p(4, 4), p(0, 4)];
        assert!(!is_sound(std::slice::from_ref(&bow)));
        assert_eq!(areas(&[bow]), [32, 32]);
        // An eight: one half is walked the wrong way.
        assert_eq!(areas(&[vec![p(0, 0), p(4, 0), p(0, 4), p(4, 4)]]), [8]);
        // The border passes through a vertex of the other side.
        let touching = vec![p(0, 0), p(8, 0), p(8, 8), p(4, 0), p(0, 8)];
        assert_eq!(areas(&[touching]), [32, 32]);
        // Overlapping parts become one, with what lies between them.
        let (a, b) = (vec![p(0, 0), p(4, 0), p(4, 4), p(0, 4)], vec![p(2, 2), p(6, 2), p(6, 6), p(2, 6)]);
        assert_eq!(areas(&[a, b]), [56]);
    }

    #[test]
    fn holes_that_cut_a_polygon_leave_two() {
        let outer = vec![p(0, 0), p(12, 0), p(12, 6), p(0, 6)];
        let hole = vec![p(6, 0), p(4, 3), p(6, 6), p(8, 3)];
        assert_eq!(areas(&[outer.clone(), hole]), [60, 60]);
        let hole = vec![p(6, 0), p(4, 3), p(6, 5), p(8, 3)];
        let rings = untangle(&[outer, hole]);
        assert_eq!(rings.len(), 2, "one that touches in one place stays a hole");
    }

    #[test]
    fn nothing_stays_of_what_cancels_out() {
        let ring = vec![p(0, 0), p(4, 0), p(4, 4), p(0, 4)];
        let back = ring.iter().rev().copied().collect();
        assert!(untangle(&[ring, back]).is_empty());
    }

    #[test]
    fn whatever_is_walked_becomes_valid() {
        use geo_types::{LineString, MultiPolygon, Polygon};

        let mut state = 11_u64;
        let mut chance = |n: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % n) as i64
        };
        let b = GridBox { min_x: 5, min_y: 5, max_x: 45, max_y: 40 };
        let mut kept = 0;
        for case in 0..3_000 {
            let size = 6 + chance(60) as u64;
            let rings: Vec<Vec<GridPoint>> = (0..=chance(2))
                .map(|_| (0..3 + chance(30)).map(|_| p(chance(size), chance(size))).collect())
                .collect();
            let rings = if case % 2 == 0 { rings } else { crate::clip_rings(rings, &b) };
            let found = crate::ring::polygons(rings);
            let line =
                |r: &Vec<GridPoint>| r.iter().map(|q| (q.x as f64, q.y as f64)).collect::<LineString>();
            let all: MultiPolygon = found
                .iter()
                .map(|f| Polygon::new(line(&f.exterior), f.holes.iter().map(line).collect()))
                .collect();
            if all.0.is_empty() {
                continue;
            }
            let valid = crate::check_geometry(&all.into());
            assert!(valid.is_ok(), "case {case}: {valid:?}");
            assert!(found.iter().all(|f| signed_area_doubled(&f.exterior) > 0));
            assert!(found.iter().flat_map(|f| &f.holes).all(|h| signed_area_doubled(h) < 0));
            kept += 1;
        }
        assert!(kept > 2_000, "{kept}");
    }
}
