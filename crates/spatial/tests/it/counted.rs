//! Counted tiles: whatever the cells, the filter and the zoom, nothing is lost and nothing counted twice; and a tile
//! changes only where its stamp and its event say.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fast_mvt::{MvtReaderRef, MvtValueRef};
use model::{Bbox, Columns};
use proptest::prelude::*;
use spatial::{
    Aggregate, Bins, Lattice, LonLat, RowChange, Snapshot, Stamps, TileCoord, TileLayer, cluster_cell, tile,
    tile_ranges,
};

use crate::support::{check, def, point, row, shapes};

/// A tile of the rows whose fid leaves this rest, counted.
fn counted(snapshot: &Snapshot, coord: TileCoord, bins: Option<&Bins>, rest: i64) -> Vec<u8> {
    let layer = TileLayer {
        name: "things",
        snapshot,
        rows: &|row| rest < 0 || snapshot.fid(row) % 3 == rest,
        fields: &[0],
        plain: &[],
        value: &|row, field| snapshot.value(row, field, None),
        aggregate: bins.map(|bins| Aggregate { bins, sums: &[1], by: None }),
        budget: usize::MAX,
    };
    tile(coord, &[layer])
}

/// What a tile says of each feature: how many it stands for, and their sum.
fn told(bytes: &[u8]) -> BTreeMap<u64, (i64, i64)> {
    let reader = MvtReaderRef::new(bytes).unwrap();
    let layers: Vec<_> = reader.layers().collect();
    let features = layers.iter().flat_map(|l| l.features());
    let each = features.map(|f| {
        let properties: HashMap<_, _> = f.properties_vec().unwrap().into_iter().collect();
        let int = |name: &str| match properties.get(name) {
            Some(MvtValueRef::Int(n) | MvtValueRef::SInt(n)) => *n,
            Some(MvtValueRef::UInt(n)) => *n as i64,
            _ => 0,
        };
        let id = f.id().unwrap();
        if properties.contains_key("point_count") {
            (id, (int("point_count"), int("sum_n")))
        } else {
            // A feature by itself: `row` gives it its id less five.
            (id, (1, id as i64 - 5))
        }
    });
    each.collect()
}

fn tiles_of(bounds: &Bbox, z: u8, bins: Option<&Bins>) -> BTreeSet<TileCoord> {
    let ranges = tile_ranges(&[*bounds], bins).remove(&z).unwrap();
    let all =
        ranges.iter().flat_map(|[x0, y0, x1, y1]| (*x0..=*x1).flat_map(|x| (*y0..=*y1).map(move |y| (x, y))));
    // Cells may reach into tiles around the box.
    let around = all.flat_map(|(x, y)| {
        (-1..=1_i64).flat_map(move |dx| (-1..=1_i64).map(move |dy| (i64::from(x) + dx, i64::from(y) + dy)))
    });
    around
        .filter_map(|(x, y)| TileCoord::new(z, u32::try_from(x).ok()?, u32::try_from(y).ok()?).ok())
        .collect()
}

fn ways() -> Vec<Bins> {
    vec![
        Bins::Clusters { per_tile: 8, until: 19 },
        Bins::Clusters { per_tile: 11, until: 15 },
        Bins::Cells(Lattice::Hexagon { across: 40_000 }),
        Bins::Cells(Lattice::Square { across: 77_777 }),
    ]
}

#[test]
fn over_all_tiles_of_a_zoom_the_counts_are_those_of_the_filter() {
    let start = prop::collection::vec(prop_oneof![1 => Just(None), 9 => shapes(0.01).prop_map(Some)], 1..60);
    check(40, (start, -1..3_i64), |(start, rest)| {
        let rows = start.iter().zip(1..).map(|(g, id)| row(id, g.clone())).collect();
        let snapshot = Snapshot::build(def(), rows);
        let Some(bounds) = snapshot.bounds() else { return Ok(()) };
        let wanted: Vec<i64> = (1..=start.len() as i64)
            .filter(|id| start[*id as usize - 1].is_some() && (rest < 0 || id % 3 == rest))
            .collect();
        let expected = (wanted.len() as i64, wanted.iter().map(|id| id - 5).sum::<i64>());
        for bins in ways() {
            for z in [0, 3, 8, 11, 13, 14] {
                let mut all: BTreeMap<u64, (i64, i64)> = BTreeMap::new();
                for coord in tiles_of(&bounds, z, Some(&bins)) {
                    for (id, said) in told(&counted(&snapshot, coord, Some(&bins), rest)) {
                        // A copy in a buffer says the same.
                        prop_assert_eq!(*all.entry(id).or_insert(said), said);
                    }
                }
                let sum = all.values().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
                prop_assert_eq!(sum, expected, "{:?} zoom {}", &bins, z);
            }
        }
        Ok(())
    });
}

#[test]
fn a_cluster_opens_at_its_expansion_zoom_and_its_number_names_its_cell() {
    // Two places 300 m apart and one far away, in the same tile at zoom 8.
    let places = [(103.9000, 21.3300), (103.9030, 21.3300), (104.4, 21.33)];
    let rows = places.iter().zip(1..).map(|((x, y), id)| row(id, Some(point(*x, *y)))).collect();
    let snapshot = Snapshot::build(def(), rows);
    let bins = Bins::Clusters { per_tile: 8, until: 17 };
    let m = LonLat::new(103.9, 21.33).to_mercator();
    let holding = |z: u8| {
        let side = f64::from(1_u32 << z);
        TileCoord::new(z, (m.x * side) as u32, (m.y * side) as u32).unwrap()
    };
    let at = |z: u8| counted(&snapshot, holding(z), Some(&bins), -1);
    let bytes = at(8);
    let reader = MvtReaderRef::new(&bytes).unwrap();
    let layer = reader.layers().next().unwrap();
    let cluster = layer.features().find(|f| f.id().unwrap() > 3).unwrap();
    let properties: HashMap<_, _> = cluster.properties_vec().unwrap().into_iter().collect();
    assert_eq!(properties["point_count"], MvtValueRef::Int(2));
    assert_eq!(properties["cluster"], MvtValueRef::Bool(true));
    let MvtValueRef::Int(expansion) = properties["expansion_zoom"] else { panic!("no zoom") };
    for z in 8..expansion as u8 {
        assert!(told(&at(z)).values().any(|(n, _)| *n == 2), "zoom {z}");
    }
    assert!(told(&at(expansion as u8)).values().all(|(n, _)| *n == 1));
    let (z, cell) = cluster_cell(cluster.id().unwrap()).unwrap();
    let n = 8.0 * 256.0;
    assert_eq!((z, cell.column, cell.row), (8, (m.x * n) as i32, (m.y * n) as i32));
}

#[test]
fn a_budget_tells_what_it_cut() {
    let rows = (1..=50).map(|id| row(id, Some(point(103.9 + id as f64 * 1e-4, 21.33)))).collect();
    let snapshot = Snapshot::build(def(), rows);
    let draw = |budget, bins: Option<&Bins>| {
        let layer = TileLayer {
            name: "things",
            snapshot: &snapshot,
            rows: &|_| true,
            fields: &[],
            plain: &[],
            value: &|row, field| snapshot.value(row, field, None),
            aggregate: bins.map(|bins| Aggregate { bins, sums: &[], by: None }),
            budget,
        };
        tile(TileCoord::new(0, 0, 0).unwrap(), &[layer])
    };
    for bins in [None, Some(Bins::Cells(Lattice::Square { across: 8_000_000 }))] {
        let bytes = draw(20, bins.as_ref());
        let reader = MvtReaderRef::new(&bytes).unwrap();
        let counts: Vec<_> = reader.layers().map(|l| (l.name().to_owned(), l.features().count())).collect();
        assert_eq!(counts, [("things".to_owned(), 20), ("_meta".to_owned(), 1)]);
        let layer = reader.layers().nth(1).unwrap();
        let meta = layer.features().next().unwrap().properties_vec().unwrap();
        assert_eq!(meta, [("layer", MvtValueRef::String("things")), ("dropped", MvtValueRef::Int(30))]);
        assert_eq!(bytes, draw(20, bins.as_ref()));
        let whole = draw(50, bins.as_ref());
        assert_eq!(MvtReaderRef::new(&whole).unwrap().layer_count(), 1);
    }
}

#[test]
fn tiles_change_only_where_stamps_and_events_say() {
    let start = prop::collection::vec(shapes(0.004), 8..30);
    let ops = prop::collection::vec((any::<u8>(), any::<u8>(), shapes(0.004)), 1..12);
    check(40, (start, ops), |(start, ops)| {
        let rows: Vec<_> = start.iter().zip(1..).map(|(g, id)| row(id, Some(g.clone()))).collect();
        let mut snapshot = Snapshot::build(def(), rows);
        let mut stamps = Stamps::new(0);
        let all = Bbox { west: 103.8, south: 21.25, east: 104.0, north: 21.45 };
        let ways: Vec<Option<Bins>> = [None].into_iter().chain(ways().into_iter().map(Some)).collect();
        let coords: Vec<TileCoord> = (0..=14).flat_map(|z| tiles_of(&all, z, None)).collect();
        let draw = |s: &Snapshot| -> Vec<Vec<u8>> {
            coords.iter().flat_map(|c| ways.iter().map(|b| counted(s, *c, b.as_ref(), -1))).collect()
        };
        let mut before = draw(&snapshot);
        for (n, (what, pick, place)) in ops.into_iter().enumerate() {
            let seq = n as i64 + 1;
            let id = u128::from(pick) % 40 + 1;
            let uuid = uuid::Uuid::from_u128(id);
            let mut extents: Vec<Bbox> =
                snapshot.find(uuid).and_then(|r| snapshot.extent(r)).into_iter().collect();
            let change = if what % 4 == 0 {
                RowChange::Remove(uuid)
            } else {
                extents.extend(spatial::extent(&place));
                RowChange::Put(row(id, Some(place)))
            };
            snapshot = snapshot.apply(&[change]);
            stamps.mark(&extents, seq);
            let after = draw(&snapshot);
            let pairs = coords.iter().flat_map(|c| ways.iter().map(move |b| (c, b)));
            for ((coord, bins), (old, new)) in pairs.zip(before.iter().zip(&after)) {
                if old == new {
                    continue;
                }
                let reach = bins.as_ref().map_or_else(|| coord.grown_bounds(), |b| b.reach(*coord));
                prop_assert_eq!(stamps.newest_in(&reach), seq, "{:?} {:?}", coord, bins);
                if !matches!(bins, Some(Bins::Cells(_))) {
                    let ranges = &tile_ranges(&extents, bins.as_ref())[&coord.z()];
                    let (x, y) = (coord.x(), coord.y());
                    prop_assert!(
                        ranges.iter().any(|[a, b, c, d]| (*a..=*c).contains(&x) && (*b..=*d).contains(&y)),
                        "{:?} {:?}",
                        coord,
                        bins
                    );
                }
            }
            before = after;
        }
        Ok(())
    });
}
