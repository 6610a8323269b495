//! Four real wards that share borders (phường Tô Hiệu and its neighbours, 2025): read by path from the shared data
//! folder, skipped where it is absent.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::PathBuf;

use crate::support::{def, row, tile_of};
use fast_mvt::MvtReaderRef;
use geo::LinesIter;
use geo_types::{Coord, MultiPolygon, Polygon};
use model::{Geometry, geometry_from_json};
use spatial::{
    COARSE_ZOOM, EXTENT, GridPoint, LonLat, Snapshot, TileCoord, area_m2, check_geometry, snap_vertex,
};

type Edge = (GridPoint, GridPoint);

fn wards() -> Option<Vec<MultiPolygon<f64>>> {
    let shared = std::env::var_os("DIABAN_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"), PathBuf::from);
    let names =
        ["03664_chieng_an_2025", "03670_chieng_coi_2025", "03679_chieng_sinh_2025", "to_hieu_2025_03646"];
    let read = |name: &str| {
        let text = std::fs::read_to_string(shared.join(format!("data/{name}.geojson"))).ok()?;
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        match geometry_from_json(&json["features"][0]["geometry"], "").unwrap() {
            Some(Geometry::MultiPolygon(m)) => Some(m),
            _ => None,
        }
    };
    let all: Option<Vec<_>> = names.iter().map(|n| read(n)).collect();
    if all.is_none() {
        // Past the test harness, which swallows what a passing test prints.
        let _ = writeln!(std::io::stderr(), "SKIPPED: no ward boundaries in the shared data folder");
    }
    all
}

/// Border edges that two wards have in common, as degrees: from, to in the direction of the first.
fn shared_edges(a: &MultiPolygon<f64>, b: &MultiPolygon<f64>) -> Vec<(Coord<f64>, Coord<f64>)> {
    let bits = |c: Coord<f64>| (c.x.to_bits(), c.y.to_bits());
    let of_b: BTreeSet<_> = b.lines_iter().map(|l| (bits(l.end), bits(l.start))).collect();
    a.lines_iter()
        .filter(|l| of_b.contains(&(bits(l.start), bits(l.end))))
        .map(|l| (l.start, l.end))
        .collect()
}

/// The polygons of each ward in a tile, as decoded, on the world grid.
fn decoded(bytes: &[u8], tile: TileCoord) -> Vec<(u64, MultiPolygon<f64>)> {
    let at = |c: Coord<i32>| Coord {
        x: f64::from(c.x) + f64::from(tile.x()) * f64::from(EXTENT),
        y: f64::from(c.y) + f64::from(tile.y()) * f64::from(EXTENT),
    };
    let reader = MvtReaderRef::new(bytes).unwrap();
    let layers: Vec<_> = reader.layers().collect();
    let features = layers.iter().flat_map(|l| l.features());
    let polygons = |g| match g {
        geo_types::Geometry::Polygon(p) => vec![p],
        geo_types::Geometry::MultiPolygon(m) => m.0,
        other => panic!("{other:?}"),
    };
    features
        .map(|f| {
            let ring = |r: &geo_types::LineString<i32>| r.0.iter().map(|c| at(*c)).collect();
            let each = polygons(f.geometry().unwrap()).into_iter();
            let each =
                each.map(|p| Polygon::new(ring(p.exterior()), p.interiors().iter().map(ring).collect()));
            (f.id().unwrap(), each.collect())
        })
        .collect()
}

/// Some tiles in which vertices of these edges lie; deep zooms have hundreds, so every n-th.
fn tiles_of<'a>(edges: impl Iterator<Item = &'a Edge>, z: u8) -> Vec<TileCoord> {
    let side = i64::from(EXTENT);
    let all: BTreeSet<(u32, u32)> = edges.map(|(p, _)| ((p.x / side) as u32, (p.y / side) as u32)).collect();
    let step = all.len().div_ceil(60);
    all.into_iter().step_by(step).map(|(x, y)| TileCoord::new(z, x, y).unwrap()).collect()
}

fn grid(z: u8) -> impl Fn(&(Coord<f64>, Coord<f64>)) -> Edge {
    move |(p, q)| {
        let at = |c: &Coord<f64>| snap_vertex(LonLat::new(c.x, c.y).to_mercator(), z);
        (at(p), at(q))
    }
}

fn visible(tile: TileCoord) -> impl Fn(&Edge) -> bool {
    move |(p, q)| {
        let side = i64::from(EXTENT);
        let one = |v: i64, tile: u32| (0..=side).contains(&(v - i64::from(tile) * side));
        [p, q].into_iter().all(|p| one(p.x, tile.x()) && one(p.y, tile.y()))
    }
}

/// Edges of polygons in the direction they stand in.
fn edges(polygons: &MultiPolygon<f64>) -> Vec<Edge> {
    let point = |c: Coord<f64>| GridPoint { x: c.x as i64, y: c.y as i64 };
    polygons.lines_iter().map(|l| (point(l.start), point(l.end))).collect()
}

fn built(wards: &[MultiPolygon<f64>]) -> Snapshot {
    let rows = wards.iter().zip(1..).map(|(w, id)| row(id, Some(w.clone().into()))).collect();
    Snapshot::build(def(), rows)
}

#[test]
fn neighbours_keep_the_same_border_in_every_tile() {
    let Some(wards) = wards() else { return };
    let snapshot = built(&wards);
    let mut pairs = Vec::new();
    for a in 0..wards.len() {
        for b in a + 1..wards.len() {
            let edges = shared_edges(&wards[a], &wards[b]);
            assert!(edges.len() > 200, "wards {a} and {b} share a border");
            pairs.push((a as u64 + 1, b as u64 + 1, edges));
        }
    }
    for z in 8..=18 {
        let (mut compared, mut folded, mut alone) = (0, 0, 0);
        let pairs: Vec<(u64, u64, Vec<Edge>)> =
            pairs.iter().map(|(a, b, edges)| (*a, *b, edges.iter().map(grid(z)).collect())).collect();
        for tile in tiles_of(pairs.iter().flat_map(|(_, _, edges)| edges), z) {
            let parts = decoded(&tile_of(&snapshot, tile), tile);
            // Wards in the source run one way, rings in tiles the other: both directions.
            let of = |id: u64| -> BTreeSet<Edge> {
                let found = parts.iter().find(|(i, _)| *i == id).map(|(_, m)| edges(m));
                found.into_iter().flatten().flat_map(|(p, q)| [(p, q), (q, p)]).collect()
            };
            for (a, b, shared) in &pairs {
                let (of_a, of_b) = (of(*a), of(*b));
                let seen = visible(tile);
                for edge in shared.iter().filter(|e| e.0 != e.1 && seen(e)) {
                    let has = (of_a.contains(edge), of_b.contains(edge));
                    assert!(has.0 == has.1 || z <= COARSE_ZOOM, "{tile:?} {edge:?} of {a} and {b}");
                    compared += 1;
                    folded += usize::from(!has.0 && !has.1);
                    alone += usize::from(has.0 != has.1);
                }
            }
        }
        assert!(compared > 100, "zoom {z}: {compared} edges compared");
        // Where rounding folds a border back on itself both neighbours lose the same spike; where a ward is thinner than
        // a cell it is not there, and its neighbours meet.
        assert!(folded * 10 <= compared, "zoom {z}: {folded} of {compared} edges folded away");
        assert!(alone * 100 <= compared, "zoom {z}: {alone} of {compared} edges have a ward on one side");
    }
}

#[test]
fn between_neighbours_there_is_neither_gap_nor_overlap() {
    let Some(wards) = wards() else { return };
    let snapshot = built(&wards);
    let shared: Vec<_> = (0..wards.len())
        .flat_map(|a| (0..wards.len()).map(move |b| (a, b)))
        .filter(|(a, b)| a != b)
        .flat_map(|(a, b)| shared_edges(&wards[a], &wards[b]))
        .collect();
    let bits = |(p, q): &(Coord<f64>, Coord<f64>)| [p.x, p.y, q.x, q.y].map(f64::to_bits);
    let inner: BTreeSet<_> = shared.iter().map(bits).collect();
    let outer: Vec<_> = wards
        .iter()
        .flat_map(LinesIter::lines_iter)
        .map(|l| (l.start, l.end))
        .filter(|e| !inner.contains(&bits(e)))
        .collect();
    for z in 8..=18 {
        let inner: Vec<Edge> = shared.iter().map(grid(z)).collect();
        let outline: BTreeSet<Edge> = outer.iter().map(grid(z)).flat_map(|(p, q)| [(p, q), (q, p)]).collect();
        for tile in tiles_of(inner.iter(), z) {
            // An edge walked once each way has a ward on both sides. What remains is the outline.
            let parts = decoded(&tile_of(&snapshot, tile), tile);
            let mut walked: BTreeMap<Edge, i32> = BTreeMap::new();
            for (p, q) in parts.iter().flat_map(|(_, ward)| edges(ward)) {
                let (edge, by) = if p < q { ((p, q), 1) } else { ((q, p), -1) };
                *walked.entry(edge).or_default() += by;
            }
            let seen = visible(tile);
            for (edge, times) in walked.iter().filter(|(e, times)| **times != 0 && seen(e)) {
                assert!(
                    outline.iter().any(|o| lies_on(edge, o)),
                    "{tile:?}: {edge:?} walked {times} times over"
                );
            }
        }
    }
}

/// Whether an edge is a part of another: what is left where a spike of the outline went.
fn lies_on((p, q): &Edge, (a, b): &Edge) -> bool {
    let on = |p: &GridPoint| {
        let straight = (b.x - a.x) * (p.y - a.y) == (b.y - a.y) * (p.x - a.x);
        let between = |u: i64, v: i64, w: i64| u.min(v) <= w && w <= u.max(v);
        straight && between(a.x, b.x, p.x) && between(a.y, b.y, p.y)
    };
    on(p) && on(q)
}

#[test]
fn they_are_valid_in_every_tile() {
    let Some(wards) = wards() else { return };
    let snapshot = built(&wards);
    let vertices: Vec<_> = wards.iter().flat_map(LinesIter::lines_iter).map(|l| (l.start, l.end)).collect();
    for z in 0..=18 {
        let edges: Vec<Edge> = vertices.iter().map(grid(z)).collect();
        for tile in tiles_of(edges.iter(), z) {
            for (id, ward) in decoded(&tile_of(&snapshot, tile), tile) {
                let valid = check_geometry(&Geometry::from(ward));
                assert!(valid.is_ok(), "{tile:?} ward {id}: {valid:?}");
            }
        }
    }
}

#[test]
fn they_are_valid_and_of_the_published_area() {
    let Some(wards) = wards() else { return };
    for ward in &wards {
        assert_eq!(check_geometry(&ward.clone().into()), Ok(()));
    }
    // Phường Tô Hiệu: 11.92 km².
    let area = area_m2(&wards[3].clone().into());
    assert!((area / 1e6 - 11.92).abs() < 0.03, "{area}");
}
