//! Random shapes, an independent projection, and a strict reader of tiles.

#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(clippy::unwrap_used, reason = "clippy knows tests, not their helpers")]

use std::collections::BTreeSet;
use std::sync::Arc;

use fast_mvt::{MvtReaderRef, proto::GeomType};
use geo::MapCoords;
use geo_types::{Coord, GeometryCollection, LineString, MultiPoint, MultiPolygon, Point, Polygon, Rect};
use model::{Bbox, Columns, Feature, Geometry, LayerDef, Touched, Value, parse_layer};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};
use spatial::{LonLat, MercatorBox, Row, Snapshot, TileCoord, TileLayer};

const LAYER: &str = r##"
id = "things"
title = { vi = "Vật", en = "Things" }
description = { vi = "Vật", en = "Things" }
geometry = "any"
time = "none"
[[fields]]
name = "name"
type = "text"
title = { vi = "Tên", en = "Name" }
tile = true
[[fields]]
name = "n"
type = "integer"
title = { vi = "Số", en = "Number" }
tile = true
[style]
draw = "any"
color = "#000000"
"##;

/// The layer of these tests.
pub(crate) fn def() -> Arc<LayerDef> {
    Arc::new(parse_layer("things.toml", LAYER).unwrap())
}

/// Runs a property on the same cases every time.
pub(crate) fn check<S: Strategy>(cases: u32, strategy: S, test: impl Fn(S::Value) -> TestCaseResult) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng).run(&strategy, test).unwrap();
}

/// A row whose fid is its id.
pub(crate) fn row(id: u128, geometry: Option<Geometry>) -> Row {
    let def = def();
    let mut feature = Feature::empty(&def, uuid::Uuid::from_u128(id));
    feature.fid = id as i64;
    feature.geometry = geometry;
    feature.set(&def, "n", Value::Int(id as i64 - 5));
    if id.is_multiple_of(2) {
        feature.set(&def, "name", Value::text(&format!("thing {}", id % 7)));
    }
    Row { feature, touched: Touched::default(), cold: false }
}

pub(crate) fn point(lon: f64, lat: f64) -> Geometry {
    Point::new(lon, lat).into()
}

fn centre() -> impl Strategy<Value = (f64, f64)> {
    (103.85..103.95_f64, 21.3..21.4_f64)
}

fn ring(at: (f64, f64), radii: &[f64], scale: f64) -> LineString<f64> {
    let n = radii.len() as f64;
    let mut ring: Vec<(f64, f64)> = radii
        .iter()
        .enumerate()
        .map(|(i, r)| {
            let turn = std::f64::consts::TAU * i as f64 / n;
            (at.0 + r * scale * turn.cos(), at.1 + r * scale * turn.sin())
        })
        .collect();
    ring.push(ring[0]);
    ring.into()
}

/// A polygon that does not cross itself, up to `size` degrees in radius, sometimes tiny, sometimes with a hole.
pub(crate) fn star(size: f64) -> impl Strategy<Value = Geometry> {
    let scale = prop_oneof![Just(size), Just(size / 50.0), Just(size / 10_000.0)];
    (centre(), prop::collection::vec(0.3..1.0_f64, 4..20), scale, any::<bool>()).prop_map(
        |(at, radii, scale, hole)| {
            let inner = hole.then(|| ring(at, &[0.1; 6], scale));
            Polygon::new(ring(at, &radii, scale), inner.into_iter().collect()).into()
        },
    )
}

/// Points, lines, polygons and collections of them.
pub(crate) fn shapes(size: f64) -> impl Strategy<Value = Geometry> {
    let line = || {
        (centre(), prop::collection::vec((-size..size, -size..size), 2..12))
            .prop_map(|(at, steps)| steps.iter().map(|(x, y)| (at.0 + x, at.1 + y)).collect::<LineString>())
    };
    prop_oneof![
        3 => centre().prop_map(|(x, y)| point(x, y)),
        1 => prop::collection::vec(centre(), 1..4).prop_map(|all| MultiPoint::from(all).into()),
        2 => line().prop_map(Geometry::from),
        1 => prop::collection::vec(line(), 1..3).prop_map(|all| geo_types::MultiLineString(all).into()),
        3 => star(size),
        1 => (star(size / 3.0), 0.8..1.5_f64).prop_map(move |(g, by)| {
            let Geometry::Polygon(p) = g else { unreachable!() };
            let moved = p.map_coords(|c| Coord { x: c.x + size * by, y: c.y });
            MultiPolygon(vec![p, moved]).into()
        }),
        1 => (star(size), line()).prop_map(|(a, b)| Geometry::GeometryCollection(GeometryCollection(vec![a, b.into()]))),
    ]
}

pub(crate) fn degrees_rect(b: &Bbox) -> Geometry {
    Rect::new((b.west, b.south), (b.east, b.north)).into()
}

pub(crate) fn mercator_rect(b: &MercatorBox) -> Geometry {
    Rect::new((b.min_x, b.min_y), (b.max_x, b.max_y)).into()
}

pub(crate) fn project(g: &Geometry) -> Geometry {
    g.map_coords(|c| {
        let m = LonLat::new(c.x, c.y).to_mercator();
        Coord { x: m.x, y: m.y }
    })
}

/// From a place to the nearest of a straight edge.
pub(crate) fn distance(p: (f64, f64), (a, b): ((f64, f64), (f64, f64))) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let length = dx * dx + dy * dy;
    let along = if length == 0.0 { 0.0 } else { ((p.0 - a.0) * dx + (p.1 - a.1) * dy) / length };
    let along = along.clamp(0.0, 1.0);
    (p.0 - a.0 - along * dx).hypot(p.1 - a.1 - along * dy)
}

/// The tile of all rows with both fields.
pub(crate) fn tile_of(snapshot: &Snapshot, coord: TileCoord) -> Vec<u8> {
    let layer = TileLayer {
        name: "things",
        snapshot,
        rows: &|_| true,
        fields: &[0, 1],
        plain: &[],
        value: &|row, field| snapshot.value(row, field, None),
        aggregate: None,
        budget: usize::MAX,
    };
    spatial::tile(coord, &[layer])
}

/// The ids of a tile, after checking everything the format asks for.
pub(crate) fn decode(bytes: &[u8]) -> BTreeSet<u64> {
    let mut ids = BTreeSet::new();
    let reader = MvtReaderRef::new(bytes).unwrap();
    for layer in reader.layers() {
        assert_eq!((layer.name(), layer.version(), layer.extent()), ("things", 2, 4096));
        assert!(!layer.is_empty());
        let mut last = 0;
        for feature in layer.features() {
            let id = feature.id().unwrap();
            assert!(id > last, "features stand in fid order, each once");
            last = id;
            ids.insert(id);
            let properties = feature.properties_vec().unwrap();
            let uuid = uuid::Uuid::from_u128(u128::from(id)).to_string();
            assert_eq!(properties[0], ("id", fast_mvt::MvtValueRef::String(&uuid)));
            assert_eq!(properties.len(), if id.is_multiple_of(2) { 3 } else { 2 });
            check_commands(feature.geom_type().unwrap(), feature.geometry_commands());
        }
    }
    ids
}

/// Reads the command stream by the specification: rings close, turn the right way and do not stand still, and
/// everything lies in the grown box.
fn check_commands(kind: GeomType, commands: &[u32]) {
    let mut words = commands.iter().copied();
    let (mut x, mut y) = (0_i64, 0_i64);
    let mut path: Vec<(i64, i64)> = Vec::new();
    let mut rings = 0;
    assert!(!commands.is_empty());
    while let Some(word) = words.next() {
        let (command, count) = (word & 7, word >> 3);
        if command == 7 {
            assert_eq!((kind, count), (GeomType::Polygon, 1));
            assert!(path.len() >= 3 && path.first() != path.last());
            let area: i64 = (0..path.len())
                .map(|i| {
                    let (a, b) = (path[i], path[(i + 1) % path.len()]);
                    a.0 * b.1 - a.1 * b.0
                })
                .sum();
            assert!(area != 0);
            assert!(area > 0 || rings > 0, "the first ring is an exterior");
            rings += 1;
            continue;
        }
        if command == 1 {
            assert!(kind == GeomType::Point || count == 1);
            assert!(kind != GeomType::Linestring || path.len() != 1);
            path.clear();
        }
        for _ in 0..count {
            let mut delta = || {
                let v = words.next().unwrap();
                i64::from((v >> 1) as i32 ^ -((v & 1) as i32))
            };
            let (dx, dy) = (delta(), delta());
            assert!(command == 1 || (dx, dy) != (0, 0), "no LineTo(0,0)");
            (x, y) = (x + dx, y + dy);
            assert!((-64..=4160).contains(&x) && (-64..=4160).contains(&y), "({x}, {y})");
            path.push((x, y));
        }
    }
    assert!(kind != GeomType::Linestring || path.len() > 1);
}
