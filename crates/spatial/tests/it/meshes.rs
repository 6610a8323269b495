//! Polygons in tiles from z0 to z18, by random meshes: neighbours leave neither gap nor overlap, what is drawn is valid and
//! near to what it stands for, and it depends on nothing but the shape.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::f64::consts::SQRT_2;

use fast_mvt::MvtReaderRef;
use geo::{Area as _, BooleanOps, MapCoords, Relate};
use geo_types::{Coord, Geometry as Any, LineString, MultiPolygon, Polygon};
use model::Geometry;
use proptest::prelude::*;
use spatial::{COARSE_STEP, COARSE_ZOOM, Mercator, Snapshot, TileCoord, check_geometry};

use crate::mesh::{Mesh, begun_elsewhere, plans};
use crate::support::{check, decode, def, distance, mercator_rect, project, row, tile_of};

/// The row that is the outline of all cells.
const WHOLE: u64 = 1_000;

fn snapshot(mesh: &Mesh) -> Snapshot {
    let cells = mesh.cells.iter().zip(1..).map(|(cell, id)| row(id, Some(cell.clone().into())));
    let whole = row(u128::from(WHOLE), Some(mesh.whole.clone().into()));
    Snapshot::build(def(), cells.chain([whole]).collect())
}

/// The tile of a zoom around a place, or a neighbour of it.
fn tile_near(at: Mercator, z: u8, aside: (i64, i64)) -> TileCoord {
    let side = f64::from(1_u32 << z);
    let place = |v: f64, by: i64| ((v * side) as i64 + by).clamp(0, (1 << z) - 1) as u32;
    TileCoord::new(z, place(at.x, aside.0), place(at.y, aside.1)).unwrap()
}

/// The polygons of a tile by id, in its units.
fn drawn(bytes: &[u8]) -> BTreeMap<u64, MultiPolygon<f64>> {
    decode(bytes);
    let reader = MvtReaderRef::new(bytes).unwrap();
    let features = reader.layers().flat_map(|l| l.features().collect::<Vec<_>>());
    let polygons = |g: Any<i32>| match g {
        Any::Polygon(p) => MultiPolygon(vec![p]),
        Any::MultiPolygon(m) => m,
        other => panic!("{other:?}"),
    };
    let exact = |m: MultiPolygon<i32>| m.map_coords(|c| Coord { x: f64::from(c.x), y: f64::from(c.y) });
    features.map(|f| (f.id().unwrap(), exact(polygons(f.geometry().unwrap())))).collect()
}

/// Areas on the grid are whole or half.
fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 0.25
}

/// Whether a feature is but the square that stands for what is too small to see.
fn stands_in(polygons: &MultiPolygon<f64>) -> bool {
    polygons.0.len() == 1 && same(polygons.unsigned_area(), 64.0) && polygons.0[0].exterior().0.len() == 5
}

/// How far a vertex may be from where it stands in the source: half the width of a cell both ways.
fn moved(z: u8) -> f64 {
    let cell = if z <= COARSE_ZOOM { COARSE_STEP as f64 } else { 1.0 };
    cell / 2.0 * SQRT_2
}

#[test]
fn neighbours_leave_neither_gap_nor_overlap_and_are_valid() {
    let (tiles, exact) = (Cell::new(0), Cell::new(0));
    check(600, (plans(), -1..=1_i64, -1..=1_i64), |(plan, dx, dy)| {
        let mesh = plan.mesh();
        let snapshot = snapshot(&mesh);
        for z in 0..=18 {
            let tile = tile_near(mesh.middle, z, (dx, dy));
            let mut parts = drawn(&tile_of(&snapshot, tile));
            for (id, polygons) in &parts {
                let valid = check_geometry(&Geometry::from(polygons.clone()));
                prop_assert!(valid.is_ok(), "{:?} {}: {:?}", tile, id, valid);
            }
            let Some(whole) = parts.remove(&WHOLE) else { continue };
            if parts.values().any(stands_in) || stands_in(&whole) {
                // Squares of a pixel overlap what is beside them.
                continue;
            }
            tiles.set(tiles.get() + 1);
            let sum: f64 = parts.values().map(MultiPolygon::unsigned_area).sum();
            let cells: Vec<Polygon<f64>> = parts.into_values().flat_map(|p| p.0).collect();
            let union = geo::unary_union(&cells);
            let gap = whole.difference(&union).unsigned_area();
            let overlap = sum - union.unsigned_area();
            exact.set(exact.get() + usize::from(same(sum, whole.unsigned_area()) && same(gap, 0.0)));
            // Two cells can have a place in common, or one a place outside, where the cell between them, or between it
            // and the outside, is thinner than the rounding.
            let few = 4.0 * moved(z).powi(2);
            prop_assert!(gap < 0.5 && overlap <= few, "{:?}: gap {}, overlap {}", tile, gap, overlap);
            let beyond = union.difference(&whole).unsigned_area();
            prop_assert!(beyond <= few, "{:?}: {} outside the mesh", tile, beyond);
        }
        Ok(())
    });
    println!("{} tiles, {} of them without a gap or overlap at all", tiles.get(), exact.get());
    assert!(tiles.get() > 3_000 && exact.get() * 200 > tiles.get() * 199);
}

#[test]
fn what_is_drawn_depends_on_the_shape_alone() {
    let inputs = (plans(), any::<prop::sample::Index>(), any::<bool>(), any::<prop::sample::Index>());
    check(250, inputs, |(plan, by, reverse, cell)| {
        let mesh = plan.mesh();
        let all = snapshot(&mesh);
        let id = cell.index(mesh.cells.len());
        let cell = &mesh.cells[id];
        let alone = |g: Geometry| Snapshot::build(def(), vec![row(id as u128 + 1, Some(g))]);
        let by = by.index(cell.exterior().0.len() - 1);
        let (given, elsewhere) = (alone(cell.clone().into()), alone(begun_elsewhere(cell, by, reverse)));
        for z in 0..=18 {
            let tile = tile_near(mesh.middle, z, (0, 0));
            let bytes = tile_of(&given, tile);
            prop_assert_eq!(&bytes, &tile_of(&elsewhere, tile), "where the ring begins and how it runs");
            let of = |bytes: &[u8]| drawn(bytes).remove(&(id as u64 + 1));
            prop_assert_eq!(of(&bytes), of(&tile_of(&all, tile)), "what other rows there are");
        }
        Ok(())
    });
}

/// The vertices of lines in units of a tile.
fn in_units(line: &LineString<f64>, tile: TileCoord) -> Vec<(f64, f64)> {
    let side = f64::from(1_u32 << tile.z());
    let unit = |v: f64, n: u32| (v * side - f64::from(n)) * 4096.0;
    line.coords().map(|c| (unit(c.x, tile.x()), unit(c.y, tile.y()))).collect()
}

/// How far the farthest of some points is from a line.
fn farthest(points: impl Iterator<Item = (f64, f64)>, line: &[(f64, f64)]) -> f64 {
    let distance =
        |p: (f64, f64)| line.windows(2).map(|w| distance(p, (w[0], w[1]))).fold(f64::INFINITY, f64::min);
    points.map(distance).fold(0.0, f64::max)
}

/// Places along a line, close together, those well inside the box of a tile.
fn samples(line: &[(f64, f64)]) -> impl Iterator<Item = (f64, f64)> {
    let inside = |v: f64| (-56.0..=4152.0).contains(&v);
    let along = |w: &[(f64, f64)]| {
        let (a, b) = (w[0], w[1]);
        let n = ((b.0 - a.0).hypot(b.1 - a.1) / 4.0).ceil().clamp(1.0, 400.0);
        (0..=n as usize).map(move |i| {
            let t = i as f64 / n;
            (a.0 + t * (b.0 - a.0), a.1 + t * (b.1 - a.1))
        })
    };
    line.windows(2).flat_map(along).filter(move |(x, y)| inside(*x) && inside(*y))
}

#[test]
fn what_is_drawn_is_near_to_the_shape() {
    let worst = Cell::new([0.0_f64; 2]);
    check(120, (plans(), any::<prop::sample::Index>()), |(plan, pick)| {
        let mesh = plan.mesh();
        let cell = &mesh.cells[pick.index(mesh.cells.len())];
        let course = Geometry::from(cell.exterior().clone());
        let rows = vec![row(1, Some(cell.clone().into())), row(2, Some(course.clone()))];
        let snapshot = Snapshot::build(def(), rows);
        let Geometry::LineString(exact) = project(&course) else { unreachable!("a line") };
        for z in 0..=18 {
            let tile = tile_near(mesh.middle, z, (0, 0));
            let exact = in_units(&exact, tile);
            let bytes = tile_of(&snapshot, tile);
            let reader = MvtReaderRef::new(&bytes).unwrap();
            for feature in reader.layers().flat_map(|l| l.features().collect::<Vec<_>>()) {
                let lines: Vec<LineString<i32>> = match feature.geometry().unwrap() {
                    Any::LineString(l) => vec![l],
                    Any::MultiLineString(m) => m.0,
                    Any::Polygon(p) => rings(p),
                    Any::MultiPolygon(m) => m.0.into_iter().flat_map(rings).collect(),
                    other => panic!("{other:?}"),
                };
                let lines: Vec<Vec<(f64, f64)>> =
                    lines.iter().map(|l| l.0.iter().map(|c| (c.x.into(), c.y.into())).collect()).collect();
                let there = lines.iter().map(|l| farthest(samples(l), &exact)).fold(0.0, f64::max);
                // A line where it is cut is rounded again.
                let most = moved(z) + 0.5;
                let is_line = feature.id() == Some(2);
                let tiny = lines.iter().map(Vec::len).sum::<usize>() <= 5;
                prop_assert!(there <= most || tiny, "{:?}: drawn {} units away", tile, there);
                if is_line && !tiny {
                    let all = lines.concat();
                    let back = farthest(samples(&exact), &all);
                    prop_assert!(back <= most, "{:?}: {} units away and not drawn", tile, back);
                    let [a, b] = worst.get();
                    worst.set([a.max(there), b.max(back)]);
                }
            }
        }
        Ok(())
    });
    println!(
        "lines: drawn at most {:.2} units from the shape, the shape {:.2} from them",
        worst.get()[0],
        worst.get()[1]
    );
    assert!(worst.get()[0] > 1.5, "the bound is of something");
}

fn rings(polygon: Polygon<i32>) -> Vec<LineString<i32>> {
    let (exterior, holes) = polygon.into_inner();
    std::iter::once(exterior).chain(holes).collect()
}

#[test]
fn large_shapes_are_in_the_tiles_they_meet() {
    let met = Cell::new([0; 2]);
    check(150, (plans(), -3..=3_i64, -3..=3_i64, 0..=4_i32), |(plan, dx, dy, closer)| {
        let mesh = plan.mesh();
        let course = Geometry::from(mesh.whole.exterior().clone());
        let rows = vec![row(1, Some(mesh.whole.clone().into())), row(2, Some(course.clone()))];
        let snapshot = Snapshot::build(def(), rows);
        // Tiles about as large as the mesh, and smaller ones.
        let z = (1.0 - mesh.width.log2()).floor() as i32 - 4 + closer;
        let tile = tile_near(mesh.middle, z.clamp(0, 24) as u8, (dx, dy));
        let grown = mercator_rect(&tile.grown_bounds());
        let meets = |g: &Geometry| grown.relate(&project(g)).is_intersects();
        let expected: BTreeSet<u64> = [(1, meets(&mesh.whole.clone().into())), (2, meets(&course))]
            .iter()
            .filter(|m| m.1)
            .map(|m| m.0)
            .collect();
        prop_assert_eq!(decode(&tile_of(&snapshot, tile)), expected.clone());
        let [no, yes] = met.get();
        met.set([no + usize::from(expected.is_empty()), yes + usize::from(expected.len() == 1)]);
        Ok(())
    });
    assert!(met.get().iter().all(|n| *n > 10), "outside and inside alone: {:?}", met.get());
}
