//! Properties: the index answers as brute force does, tiles hold what they should, borders stay shared.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use geo::Relate;
use model::{Bbox, Columns, Geometry};
use proptest::prelude::*;
use spatial::{
    GridBox, GridPoint, LonLat, Mercator, RowChange, Snapshot, TileCoord, clean, clip_line, clip_rings,
    signed_area_doubled, tile_ranges,
};
use support::{check, decode, degrees_rect, mercator_rect, project, row, shapes, star};

/// What the snapshot should hold, by id.
type Truth = BTreeMap<u128, Option<Geometry>>;

fn built(geometries: Vec<Option<Geometry>>) -> (Snapshot, Truth) {
    let truth: Truth = geometries.into_iter().enumerate().map(|(i, g)| (i as u128 + 1, g)).collect();
    let rows = truth.iter().map(|(id, g)| row(*id, g.clone())).collect();
    (Snapshot::build(support::def(), rows), truth)
}

fn change(snapshot: &Snapshot, truth: &mut Truth, ops: Vec<(u8, Option<Geometry>)>) -> Snapshot {
    let mut changes = Vec::new();
    for (i, (kind, geometry)) in ops.into_iter().enumerate() {
        let known = truth.keys().nth(i % truth.len().max(1)).copied();
        let id = match (kind % 3, known) {
            (0, _) | (_, None) => truth.keys().next_back().map_or(1, |last| last + 1),
            (_, Some(id)) => id,
        };
        if kind % 3 == 2 {
            truth.remove(&id);
            changes.push(RowChange::Remove(uuid::Uuid::from_u128(id)));
        } else {
            truth.insert(id, geometry.clone());
            changes.push(RowChange::Put(row(id, geometry)));
        }
    }
    // In two steps, so that rows of the delta change too.
    let (first, second) = changes.split_at(changes.len() / 2);
    snapshot.apply(first).apply(second)
}

fn ids(snapshot: &Snapshot, rows: impl IntoIterator<Item = usize>) -> BTreeSet<u128> {
    rows.into_iter().map(|r| snapshot.id(r).as_u128()).collect()
}

fn place() -> impl Strategy<Value = Option<Geometry>> {
    prop_oneof![1 => Just(None), 9 => shapes(0.2).prop_map(Some)]
}

fn region() -> impl Strategy<Value = Bbox> {
    let side = || prop_oneof![0.0..0.02_f64, 0.0..0.6_f64];
    (103.7..104.2_f64, 21.1..21.6_f64, side(), side()).prop_map(|(west, south, w, h)| Bbox {
        west,
        south,
        east: west + w,
        north: south + h,
    })
}

#[test]
fn index_equals_brute_force_after_any_changes() {
    let ops = prop::collection::vec((any::<u8>(), place()), 0..60);
    let boxes = prop::collection::vec(region(), 4);
    let start = prop::collection::vec(place(), 0..60);
    check(400, (start, ops, boxes), |(start, ops, boxes)| {
        let (snapshot, mut truth) = built(start);
        let snapshot = change(&snapshot, &mut truth, ops);
        prop_assert_eq!(snapshot.len(), truth.len());
        prop_assert_eq!(snapshot.located_count(), truth.values().flatten().count());
        prop_assert_eq!(ids(&snapshot, snapshot.rows_after(0)), truth.keys().copied().collect());
        for (id, geometry) in &truth {
            let row = snapshot.find(uuid::Uuid::from_u128(*id)).unwrap();
            prop_assert_eq!(&snapshot.geometry(row), geometry);
            prop_assert_eq!(snapshot.find_fid(*id as i64), Some(row));
        }
        for b in boxes {
            let rect = degrees_rect(&b);
            let expected: BTreeSet<u128> = truth
                .iter()
                .filter(|(_, g)| g.as_ref().is_some_and(|g| rect.relate(g).is_intersects()))
                .map(|(id, _)| *id)
                .collect();
            let candidates = snapshot.candidates(&b);
            let found = candidates.iter().copied().filter(|r| snapshot.in_bbox(*r, &b));
            prop_assert_eq!(ids(&snapshot, found), expected);
            prop_assert_eq!(ids(&snapshot, candidates.iter().copied()).len(), candidates.len());
        }
        Ok(())
    });
}

#[test]
fn a_large_delta_is_due_for_a_merge() {
    let at = |i: u128| Some(support::point(103.5 + i as f64 / 3e3, 21.0));
    let (snapshot, _) = built((0..300).map(at).collect());
    let put = |id| RowChange::Put(row(id, at(id)));
    let small = snapshot.apply(&(200..1_200).map(put).collect::<Vec<_>>());
    assert_eq!((small.len(), small.capacity()), (1_199, 300 + 1_000), "101 rows of the base are tombstones");
    assert!(!small.merge_is_due());
    let mut changes: Vec<RowChange> = (1_200..1_300).map(put).collect();
    changes.extend((1..100).map(|id| RowChange::Remove(uuid::Uuid::from_u128(id))));
    let large = small.apply(&changes);
    assert!(large.merge_is_due());
    let merged = large.merged();
    assert_eq!(
        (merged.len(), merged.capacity()),
        (1_200, 1_200),
        "everything is in a new base, without holes"
    );
    assert_eq!((snapshot.len(), small.len()), (300, 1_199), "the snapshots before are untouched");
    let all = Bbox { west: 103.0, south: 20.0, east: 105.0, north: 22.0 };
    assert_eq!(ids(&large, large.candidates(&all)), (100..1_300).collect());
    assert_eq!(ids(&merged, merged.candidates(&all)), (100..1_300).collect());
    // So many at once cost as much as a new base, which they become.
    let many = small.apply(&(2_000..4_000).map(put).collect::<Vec<_>>());
    assert_eq!((many.len(), many.capacity()), (3_199, 3_199));
}

#[test]
fn one_edit_after_the_other_leaves_few_runs() {
    let at = |i: u128| Some(support::point(103.5 + i as f64 / 3e4, 21.0));
    let (mut snapshot, _) = built((0..9_000).map(at).collect());
    for n in 0..6_000_u128 {
        snapshot = snapshot.apply(&[RowChange::Put(row(n * 7 % 4_000 + 1, at(n)))]);
        // Each run has more than four times the rows of the next.
        assert!(snapshot.segments().count() <= 8, "{} after {n}", snapshot.segments().count());
    }
    assert_eq!(snapshot.len(), 9_000);
    assert!(
        snapshot.capacity() < 9_000 + 5_000,
        "{} rows were replaced by others",
        snapshot.capacity() - 9_000
    );
}

#[test]
fn a_tile_holds_what_intersects_its_grown_box() {
    let start = prop::collection::vec(place(), 1..40);
    let ops = prop::collection::vec((any::<u8>(), place()), 0..10);
    check(600, (start, ops, any::<prop::sample::Index>(), 8..=16_u8), |(start, ops, pick, z)| {
        let (snapshot, mut truth) = built(start);
        let snapshot = change(&snapshot, &mut truth, ops);
        let Some(bounds) = snapshot.bounds() else { return Ok(()) };
        let around = tile_ranges(&[bounds], None).remove(&z).unwrap()[0];
        let columns = around[2] - around[0] + 1;
        let rows = around[3] - around[1] + 1;
        let n = pick.index((columns * rows) as usize) as u32;
        let coord = TileCoord::new(z, around[0] + n % columns, around[1] + n / columns).unwrap();
        let rect = mercator_rect(&coord.grown_bounds());
        let expected: BTreeSet<u64> = truth
            .iter()
            .filter(|(_, g)| g.as_ref().is_some_and(|g| rect.relate(&project(g)).is_intersects()))
            .map(|(id, _)| *id as u64)
            .collect();
        let bytes = support::tile_of(&snapshot, coord);
        prop_assert_eq!(&bytes, &support::tile_of(&snapshot, coord));
        prop_assert_eq!(decode(&bytes), expected);
        Ok(())
    });
}

#[test]
fn over_all_tiles_of_a_zoom_the_ids_are_those_located() {
    let start = prop::collection::vec(prop_oneof![1 => Just(None), 6 => shapes(0.01).prop_map(Some)], 1..25);
    check(60, start, |start| {
        let (snapshot, truth) = built(start);
        let located: BTreeSet<u64> =
            truth.iter().filter(|(_, g)| g.is_some()).map(|(id, _)| *id as u64).collect();
        let extents: Vec<Bbox> = truth.values().flatten().filter_map(spatial::extent).collect();
        let ranges = tile_ranges(&extents, None);
        for z in 8..=16 {
            let mut found = BTreeSet::new();
            let mut tiles = BTreeSet::new();
            for [x0, y0, x1, y1] in ranges.get(&z).cloned().unwrap_or_default() {
                tiles.extend((x0..=x1).flat_map(|x| (y0..=y1).map(move |y| (x, y))));
            }
            for (x, y) in tiles {
                found.extend(decode(&support::tile_of(&snapshot, TileCoord::new(z, x, y).unwrap())));
            }
            prop_assert_eq!(&found, &located, "zoom {}", z);
        }
        Ok(())
    });
}

fn grid_line(points: std::ops::Range<usize>) -> impl Strategy<Value = Vec<GridPoint>> {
    prop::collection::vec((-300..300_i64, -300..300_i64).prop_map(|(x, y)| GridPoint { x, y }), points)
}

const BOX: GridBox = GridBox { min_x: -100, min_y: -100, max_x: 100, max_y: 100 };

#[test]
fn clipping_stays_in_the_box_and_does_nothing_twice() {
    check(400, (grid_line(3..12), grid_line(2..12)), |(ring, line)| {
        // Any ring, also one that crosses itself.
        let once = clip_rings(vec![ring.clone()], &BOX);
        prop_assert!(once.iter().flatten().all(|p| BOX.contains(*p)));
        prop_assert_eq!(&clip_rings(once.clone(), &BOX), &once);
        for ring in once {
            let cleaned = clean(ring.clone());
            prop_assert_eq!(
                signed_area_doubled(&cleaned),
                signed_area_doubled(&ring),
                "cleaning keeps the area"
            );
            prop_assert_eq!(clean(cleaned.clone()), cleaned);
        }
        for part in clip_line(&line, &BOX) {
            prop_assert!(part.iter().all(|p| BOX.contains(*p)));
            prop_assert!(part.windows(2).all(|w| w[0] != w[1]));
            prop_assert_eq!(clip_line(&part, &BOX), vec![part]);
        }
        let mut reversed = line.clone();
        reversed.reverse();
        let mut back: Vec<Vec<GridPoint>> = clip_line(&reversed, &BOX);
        back.reverse();
        for part in &mut back {
            part.reverse();
        }
        prop_assert_eq!(back, clip_line(&line, &BOX), "the same cuts both ways");
        Ok(())
    });
}

#[test]
fn clipping_a_polygon_keeps_its_area_and_lays_no_edge_over_another() {
    let radii = prop::collection::vec(20.0..600.0_f64, 5..25);
    check(300, (radii, -150..150_i64, -150..150_i64, any::<bool>()), |(radii, x, y, holed)| {
        let star = |scale: f64| -> Vec<GridPoint> {
            let turn = |i: usize| std::f64::consts::TAU * i as f64 / radii.len() as f64;
            let at = |(i, r): (usize, &f64)| GridPoint {
                x: x + (scale * r * turn(i).cos()).round() as i64,
                y: y + (scale * r * turn(i).sin()).round() as i64,
            };
            radii.iter().enumerate().map(at).collect()
        };
        let mut rings = vec![star(1.0)];
        if holed {
            rings.push(star(0.5).into_iter().rev().collect());
        }
        let as_polygon = |rings: &[Vec<GridPoint>]| {
            let ring =
                |r: &Vec<GridPoint>| r.iter().map(|p| (p.x as f64, p.y as f64)).collect::<Vec<_>>().into();
            geo_types::Polygon::new(ring(&rings[0]), rings[1..].iter().map(ring).collect())
        };
        let before = as_polygon(&rings);
        // Rounding may have made the star touch itself.
        prop_assume!(spatial::check_geometry(&before.clone().into()).is_ok());
        let side = geo_types::Rect::new((-100.0, -100.0), (100.0, 100.0)).to_polygon();
        let expected = geo::Area::unsigned_area(&geo::BooleanOps::intersection(&before, &side));
        let cut = clip_rings(rings, &BOX);
        let area: i128 = cut.iter().map(|r| signed_area_doubled(r)).sum();
        // Each cut is rounded to a unit, on edges up to 600 units long.
        let off = (area as f64 / 2.0 - expected).abs();
        prop_assert!(off <= 200.0 * (1.0 + radii.len() as f64), "{} against {}", area as f64 / 2.0, expected);
        // Laid over each other along a side, edges would be there twice.
        let mut along = BTreeMap::new();
        for ring in &cut {
            for i in 0..ring.len() {
                let (a, b) = (ring[i], ring[(i + 1) % ring.len()]);
                for (on, axis) in [(a.x == b.x && a.x.abs() == 100, 1), (a.y == b.y && a.y.abs() == 100, 0)] {
                    let (from, to, at) = if axis == 1 { (a.y, b.y, a.x) } else { (a.x, b.x, a.y) };
                    if on {
                        for unit in from.min(to)..from.max(to) {
                            *along.entry((axis, at, unit)).or_insert(0) += 1;
                        }
                    }
                }
            }
        }
        prop_assert!(along.values().all(|n| *n == 1));
        Ok(())
    });
}

#[test]
fn mercator_goes_there_and_back() {
    check(500, (-180.0..180.0_f64, -85.0..85.0_f64), |(lon, lat)| {
        let m = LonLat::new(lon, lat).to_mercator();
        let back = m.to_lon_lat();
        prop_assert!((back.lon - lon).abs() < 1e-10 && (back.lat - lat).abs() < 1e-10);
        let again = Mercator { ..m }.to_lon_lat().to_mercator();
        prop_assert!((again.x - m.x).abs() < 1e-14 && (again.y - m.y).abs() < 1e-14);
        Ok(())
    });
}

#[test]
fn tile_ranges_equal_brute_force() {
    check(60, (region(), 8..=11_u8), |(b, z)| {
        let [x0, y0, x1, y1] = tile_ranges(&[b], None)[&z][0];
        let low = LonLat::new(b.west, b.south).to_mercator();
        let high = LonLat::new(b.east, b.north).to_mercator();
        let extent = spatial::MercatorBox { min_x: low.x, min_y: high.y, max_x: high.x, max_y: low.y };
        for x in x0 - 2..=x1 + 2 {
            for y in y0 - 2..=y1 + 2 {
                let meets = TileCoord::new(z, x, y).unwrap().grown_bounds().meets(&extent);
                let listed = (x0..=x1).contains(&x) && (y0..=y1).contains(&y);
                prop_assert_eq!(meets, listed, "{}/{}/{}", z, x, y);
            }
        }
        Ok(())
    });
}

#[test]
fn star_polygons_are_valid() {
    check(100, star(0.1), |g| {
        prop_assert_eq!(spatial::check_geometry(&g), Ok(()));
        Ok(())
    });
}
