//! What tiles of large and of many shapes cost. Not a check: run it by hand, optimised, and compare two commits.
//!
//! `cargo test --release -p spatial --test it cost -- --ignored --nocapture`

use std::io::Write as _;
use std::time::{Duration, Instant};

use geo_types::{LineString, Polygon};
use model::{Bbox, Geometry};
use spatial::{Snapshot, TileCoord, tile_ranges};

use crate::support::{def, row, tile_of};

/// Most tiles of a zoom that are made, evenly spread.
const TILES: usize = 64;
/// A zoom is repeated until this much time has passed.
const LONG_ENOUGH: Duration = Duration::from_millis(300);

/// A ring of `n` vertices around a place: bays within bays, as boundaries along rivers have them.
fn wiggly(at: (f64, f64), radius: f64, n: usize) -> Geometry {
    let vertex = |i: usize| {
        let turn = std::f64::consts::TAU * i as f64 / n as f64;
        let bays = 0.12 * (turn * 17.0).sin() + 0.04 * (turn * 211.0).sin() + 0.01 * (turn * 1_013.0).cos();
        (at.0 + radius * (1.0 + bays) * turn.cos(), at.1 + radius * (1.0 + bays) * turn.sin())
    };
    let mut ring: Vec<(f64, f64)> = (0..n).map(vertex).collect();
    ring.push(ring[0]);
    Polygon::new(LineString::from(ring), Vec::new()).into()
}

/// The same vertices as a line that is not closed.
fn course(of: &Geometry) -> Geometry {
    let Geometry::Polygon(p) = of else { unreachable!("made here") };
    LineString(p.exterior().0[1..].to_vec()).into()
}

fn tiles(bounds: &Bbox, z: u8) -> Vec<TileCoord> {
    let ranges = tile_ranges(&[*bounds], None);
    let all: Vec<TileCoord> = ranges[&z]
        .iter()
        .flat_map(|[x0, y0, x1, y1]| (*x0..=*x1).flat_map(move |x| (*y0..=*y1).map(move |y| (x, y))))
        .map(|(x, y)| TileCoord::new(z, x, y).unwrap())
        .collect();
    let step = all.len().div_ceil(TILES);
    all.into_iter().step_by(step).collect()
}

fn report(name: &str, shapes: Vec<Geometry>) {
    let rows = shapes.into_iter().zip(1..).map(|(g, id)| row(id, Some(g))).collect();
    let started = Instant::now();
    let snapshot = Snapshot::build(def(), rows);
    let built = started.elapsed();
    let mut err = std::io::stderr();
    let _ = writeln!(err, "{name}: built in {:.1} ms", built.as_secs_f64() * 1e3);
    let bounds = snapshot.bounds().unwrap();
    for z in [6, 8, 10, 11, 12, 13, 14, 16, 18] {
        let tiles = tiles(&bounds, z);
        let (mut rounds, mut bytes, mut best) = (0, 0, Duration::MAX);
        let started = Instant::now();
        while rounds < 3 || started.elapsed() < LONG_ENOUGH {
            let round = Instant::now();
            bytes = tiles.iter().map(|t| tile_of(&snapshot, *t).len()).sum();
            best = best.min(round.elapsed());
            rounds += 1;
        }
        let each = best.as_secs_f64() * 1e6 / tiles.len() as f64;
        let size = bytes / tiles.len();
        let _ = writeln!(err, "  z{z:<2} {:>3} tiles {each:>9.1} µs each {size:>8} bytes each", tiles.len());
    }
}

#[test]
#[ignore = "a measurement, not a check"]
fn cost_of_tiles() {
    let large = wiggly((103.9, 21.35), 0.05, 10_000);
    report("a line of 10,000 vertices", vec![course(&large)]);
    report("a polygon of 10,000 vertices", vec![large]);
    let wide = wiggly((103.9, 21.35), 0.8, 10_000);
    report("a province of 10,000 vertices", vec![wide]);
    let small = |i: usize| {
        let (column, line) = ((i % 71) as f64, (i / 71) as f64);
        wiggly((103.85 + column * 1.4e-3, 21.3 + line * 1.4e-3), 6e-4, 12)
    };
    report("5,000 polygons of 12 vertices", (0..5_000).map(small).collect());
    let units =
        |i: usize| wiggly((103.85 + (i % 10) as f64 * 0.01, 21.3 + (i / 10) as f64 * 0.01), 4e-3, 300);
    report("100 polygons of 300 vertices", (0..100).map(units).collect());
}
