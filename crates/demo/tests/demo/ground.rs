//! The ground of the demo ward: units tile the ward, polygons are valid, sizes are those of the domain page.

use std::collections::BTreeMap;

use crate::support::{features, layer, layers, text, valid_on, ward};
use demo::{FIRST_DAY, LAST_DAY, generate};
use geo::{GeodesicArea, Validation};
use geo_types::{Coord, Polygon};
use jiff::civil::{Date, date};
use model::{Feature, Geometry};

fn polygon(feature: &Feature) -> &Polygon<f64> {
    match &feature.geometry {
        Some(Geometry::Polygon(p)) => p,
        other => panic!("not a polygon: {other:?}"),
    }
}

/// Directed edges in ten-millionths of a degree, with how often each is used.
fn edges(polygons: &[&Polygon<f64>]) -> BTreeMap<[i64; 4], u32> {
    let whole = |c: &Coord<f64>| [(c.x * 1e7).round() as i64, (c.y * 1e7).round() as i64];
    let mut edges = BTreeMap::new();
    for ring in polygons.iter().map(|p| p.exterior()) {
        for pair in ring.0.windows(2) {
            let ([ax, ay], [bx, by]) = (whole(&pair[0]), whole(&pair[1]));
            *edges.entry([ax, ay, bx, by]).or_default() += 1;
        }
    }
    edges
}

const DAYS: [Date; 6] =
    [FIRST_DAY, date(2023, 7, 31), date(2023, 8, 1), date(2025, 6, 30), date(2025, 7, 1), LAST_DAY];

#[test]
fn thirteen_units_tile_the_ward_without_gap_or_overlap() {
    let outline = polygon(valid_on(ward(), "wards", FIRST_DAY)[0]);
    for day in DAYS {
        let rows = valid_on(ward(), "units", day);
        let units: Vec<_> = rows.iter().map(|f| polygon(f)).collect();
        assert_eq!(units.len(), 13, "{day}");
        let used = edges(&units);
        assert!(used.values().all(|n| *n == 1), "an edge used twice in one direction on {day}");
        // What no neighbour walks back is the outline of the ward, edge by edge.
        let outer: BTreeMap<_, _> = used
            .iter()
            .filter(|([ax, ay, bx, by], _)| !used.contains_key(&[*bx, *by, *ax, *ay]))
            .map(|(e, n)| (*e, *n))
            .collect();
        assert_eq!(outer, edges(&[outline]), "{day}");
        let sum: f64 = units.iter().map(|p| p.geodesic_area_unsigned()).sum();
        assert!((sum - outline.geodesic_area_unsigned()).abs() < 1.0, "{day}");
    }
}

#[test]
fn names_and_codes_are_the_thirteen_at_all_times() {
    let def = layer("units");
    let mut wanted: Vec<String> = (1..=11).map(|i| format!("Tổ Mẫu {i}")).collect();
    wanted.extend((1..=2).map(|i| format!("Bản Mẫu {i}")));
    wanted.sort();
    for day in DAYS {
        let rows = valid_on(ward(), "units", day);
        let mut names: Vec<&str> = rows.iter().map(|f| text(f, def, "name")).collect();
        names.sort_unstable();
        assert_eq!(names, wanted, "{day}");
        let bans = rows.iter().filter(|f| text(f, def, "kind") == "ban").count();
        assert_eq!(bans, 2, "{day}");
    }
    // A code is not an identity: Tổ Mẫu 7 before and after the reform of 2023 are two entities.
    let seven = |day| {
        let rows = valid_on(ward(), "units", day);
        rows.iter().find(|f| text(f, def, "code") == "T07").unwrap().entity(def).unwrap().to_owned()
    };
    assert_ne!(seven(date(2023, 7, 31)), seven(date(2023, 8, 1)));
    assert_eq!(seven(date(2025, 6, 30)), seven(date(2025, 7, 1)));
}

#[test]
fn the_ward_ends_and_another_takes_its_code() {
    let def = layer("wards");
    let (before, after) = (date(2025, 6, 30), date(2025, 7, 1));
    let (old, new) = (valid_on(ward(), "wards", before), valid_on(ward(), "wards", after));
    assert_eq!((old.len(), new.len()), (1, 1));
    assert_eq!((text(old[0], def, "name"), text(new[0], def, "name")), ("Phường Mẫu", "Phường Mẫu Mới"));
    assert_eq!(text(old[0], def, "code"), text(new[0], def, "code"));
    assert_ne!(old[0].entity(def), new[0].entity(def));
    let km2 = |f: &Feature| polygon(f).geodesic_area_unsigned() / 1e6;
    assert!((2.85..2.97).contains(&km2(old[0])), "{}", km2(old[0]));
    assert!((11.7..12.1).contains(&km2(new[0])), "{}", km2(new[0]));
    // Every unit names the ward it lies in at that time.
    let units = layer("units");
    for (day, ward_row) in [(before, old[0]), (after, new[0])] {
        let named = valid_on(ward(), "units", day);
        assert!(named.iter().all(|f| Some(text(f, units, "ward")) == ward_row.entity(def)), "{day}");
    }
}

#[test]
fn every_seed_gives_valid_polygons_near_the_promised_place() {
    for seed in [0, 1, 2, 3, 42, 1_000, u64::MAX] {
        let ward = generate(seed, layers()).unwrap();
        for (layer, feature) in ward.commits.iter().flat_map(|c| &c.features) {
            let Some(geometry) = &feature.geometry else { continue };
            assert!(geometry.is_valid(), "seed {seed}, {layer} {}", feature.id);
            if let Geometry::Polygon(p) = geometry {
                assert!(p.geodesic_area_signed() > 0.0, "seed {seed}, {layer} {}: clockwise", feature.id);
            }
        }
        let outline = polygon(valid_on(&ward, "wards", FIRST_DAY)[0]);
        let inside = |c: &Coord<f64>| (103.98..104.02).contains(&c.x) && (21.38..21.42).contains(&c.y);
        assert!(outline.exterior().0.iter().all(inside), "seed {seed}");
    }
}

#[test]
fn points_lie_in_the_ward_and_some_records_wait() {
    use geo::Contains;
    let outline = polygon(valid_on(ward(), "wards", FIRST_DAY)[0]);
    for name in ["violations", "incidents"] {
        let rows = features(ward(), name);
        let points = rows.iter().filter_map(|f| f.geometry.as_ref());
        assert!(points.clone().all(|g| matches!(g, Geometry::Point(p) if outline.contains(p))), "{name}");
        let waiting = rows.len() - points.count();
        assert!((1..=rows.len() / 20).contains(&waiting), "{name}: {waiting}");
    }
}
