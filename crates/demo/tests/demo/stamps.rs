//! The demo ward under thousands of random edits: every tile whose bytes an edit changes has a new stamp, by brute
//! force over all tiles of zooms 0 to 14; and how many more tiles are stamped than change.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use demo::DEFAULT_SEED;
use geo::MapCoords as _;
use geo_types::Coord;
use model::{Bbox, Columns as _, Feature, Touched, Value};
use spatial::{
    Aggregate, Bins, Row, RowChange, Snapshot, Stamps, TileCoord, TileLayer, extent, tile, tile_ranges,
};

use crate::support::{features, layer, ward};

/// A linear congruential generator (Knuth, MMIX): the same edits every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    /// Degrees of a step, at most a few hundred metres.
    fn step(&mut self) -> f64 {
        (self.below(4_001) as f64 - 2_000.0) * 1e-6
    }
}

fn drawn(snapshot: &Snapshot, coord: TileCoord, bins: Option<&Bins>) -> u64 {
    let def = Arc::clone(snapshot.def());
    let fields: Vec<usize> = (0..def.fields.len()).filter(|&i| def.fields[i].tile).collect();
    let layer = TileLayer {
        name: def.id.as_str(),
        snapshot,
        rows: &|_| true,
        fields: &fields,
        plain: &[],
        value: &|row, field| snapshot.value(row, field, None),
        aggregate: bins.map(|bins| Aggregate { bins, sums: &[], by: None }),
        budget: usize::MAX,
    };
    let mut hash = DefaultHasher::new();
    tile(coord, &[layer]).hash(&mut hash);
    hash.finish()
}

/// Changed and stamped tiles of some edits of a layer.
fn edited(name: &str, most_rows: usize, edits: usize, bins: Option<&Bins>) -> (usize, usize) {
    let def = Arc::new(layer(name).clone());
    let mut dice = Dice(DEFAULT_SEED ^ edits as u64);
    let located: Vec<Feature> = features(ward(), name)
        .into_iter()
        .filter(|f| f.geometry.is_some())
        .take(most_rows)
        .cloned()
        .collect();
    assert!(located.len() > 10, "{name} has features");
    let mut rows: BTreeMap<usize, Feature> = located.into_iter().enumerate().collect();
    for (n, feature) in &mut rows {
        feature.fid = *n as i64 + 1;
    }
    let warm = |feature: &Feature| Row { feature: feature.clone(), touched: Touched::default(), cold: false };
    let mut snapshot = Snapshot::build(Arc::clone(&def), rows.values().map(warm).collect());
    let bounds = snapshot.bounds().unwrap();
    let wide = Bbox {
        west: bounds.west - 0.02,
        south: bounds.south - 0.02,
        east: bounds.east + 0.02,
        north: bounds.north + 0.02,
    };
    let ranges = tile_ranges(&[wide], bins);
    let coords: Vec<TileCoord> = (0..=14_u8)
        .flat_map(|z| ranges[&z].iter().map(move |r| (z, *r)))
        .flat_map(|(z, [a, b, c, d])| (a..=c).flat_map(move |x| (b..=d).map(move |y| (z, x, y))))
        .map(|(z, x, y)| TileCoord::new(z, x, y).unwrap())
        .collect();
    let field =
        (0..def.fields.len()).find(|&i| def.fields[i].tile && !def.fields[i].codes.is_empty()).unwrap();
    let codes: Vec<Value> = def.fields[field].codes.iter().map(|c| Value::text(&c.code)).collect();
    let mut stamps = Stamps::new(0);
    let mut before: Vec<u64> = coords.iter().map(|c| drawn(&snapshot, *c, bins)).collect();
    let (mut changed, mut stamped) = (0, 0);
    for seq in 1..=edits as i64 {
        let n = dice.below(rows.len());
        let feature = rows.get_mut(&n).unwrap();
        let mut extents: Vec<Bbox> = feature.geometry.as_ref().and_then(extent).into_iter().collect();
        if dice.below(3) == 0 {
            // Another code: where it is stays.
            let other = codes.iter().position(|c| *c == feature.values[field]).map_or(0, |i| i + 1);
            feature.values[field] = codes[other % codes.len()].clone();
        } else {
            let (dx, dy) = (dice.step(), dice.step());
            feature.geometry =
                feature.geometry.as_ref().map(|g| g.map_coords(|c| Coord { x: c.x + dx, y: c.y + dy }));
        }
        extents.extend(feature.geometry.as_ref().and_then(extent));
        snapshot = snapshot.apply(&[RowChange::Put(warm(feature))]);
        stamps.mark(&extents, seq);
        for (coord, old) in coords.iter().zip(&mut before) {
            let reach = bins.map_or_else(|| coord.grown_bounds(), |b| b.reach(*coord));
            let is_stamped = stamps.newest_in(&reach) == seq;
            let new = drawn(&snapshot, *coord, bins);
            assert!(is_stamped || new == *old, "{name} edit {seq}: {coord:?} changed without a stamp");
            changed += usize::from(new != *old);
            stamped += usize::from(is_stamped);
            *old = new;
        }
    }
    (changed, stamped)
}

#[test]
fn every_changed_tile_is_stamped_and_few_others() {
    let clusters = Bins::Clusters { per_tile: 8, until: 13 };
    let mut all = (0, 0);
    for (name, most_rows, edits, bins) in [
        ("violations", 120, 1_000, None),
        ("violations", 120, 600, Some(&clusters)),
        ("units", 40, 400, None),
        ("assets", 60, 400, None),
        ("planning", 60, 300, None),
        ("sites", 60, 300, None),
    ] {
        let (changed, stamped) = edited(name, most_rows, edits, bins);
        println!(
            "{name}{}: {edits} edits, {changed} tiles changed, {stamped} stamped: {:.2} times",
            if bins.is_some() { " (clusters)" } else { "" },
            stamped as f64 / changed as f64
        );
        all = (all.0 + changed, all.1 + stamped);
    }
    let excess = all.1 as f64 / all.0 as f64;
    println!("all: {excess:.2} times");
    assert!(excess <= 2.0, "{excess}");
}
