//! All tiles of a layer over some zooms, and what is true of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use e2e::Http;
use serde_json::Value;

use super::readers;
use crate::grid::{BUFFER, Dice, EXTENT, Tile, around, bounds, covering, mercator, union};
use crate::mvt::{self, TileFeature};
use crate::site::{by_id, is_located, items};

/// Beyond this many tiles of a zoom only those near features are fetched, and some of the others.
const MANY: usize = 500;
/// Tiles of a layer that GEOS, GDAL and tippecanoe look at, beside all up to zoom 12.
const SAMPLED: usize = 600;

/// A tile that was fetched.
pub(super) struct Fetched {
    pub(super) tile: Tile,
    pub(super) bytes: Vec<u8>,
    pub(super) features: Vec<TileFeature>,
}

/// A layer's located features and its tiles.
pub(super) struct Survey {
    pub(super) layer: String,
    /// Layer and parameters, for messages.
    pub(super) name: String,
    pub(super) features: BTreeMap<String, Value>,
    pub(super) tiles: Vec<Fetched>,
    is_point: bool,
}

impl Survey {
    /// Fetches the tiles that cover the extent of what the parameters select, grown by one tile.
    #[track_caller]
    pub(super) fn make(
        http: &Http,
        layer: &str,
        definition: &Value,
        params: &str,
        zooms: RangeInclusive<u8>,
        dice: &mut Dice,
    ) -> Self {
        let mut features = items(http, layer, params);
        features.retain(is_located);
        let extent = features.iter().filter_map(bounds).reduce(union).expect("something is located");
        // Feature by feature: far out some layers are clustered unless asked otherwise.
        let and = if params.is_empty() { "" } else { "&" };
        let query = format!("?{params}{and}aggregate=none");
        let mut tiles = Vec::new();
        for z in zooms {
            let mut wanted: BTreeSet<Tile> = covering(extent, z, 1).into_iter().collect();
            if wanted.len() > MANY {
                let near = around(&features, z);
                let far = dice.sample(wanted.difference(&near).copied().collect(), MANY / 10);
                wanted = near.into_iter().chain(far).collect();
            }
            for tile in wanted {
                let (z, x, y) = tile;
                let reply = http.get(&format!("/tiles/{layer}/{z}/{x}/{y}{query}"));
                assert!(matches!(reply.status, 200 | 204), "{layer} {tile:?}: {}", reply.text());
                let mut layers = mvt::decode(&reply.body);
                assert!(layers.len() < 2 && layers.iter().all(|l| l.name == layer && l.extent == 4096));
                let features = layers.pop().map(|l| l.features).unwrap_or_default();
                assert_eq!(reply.status == 204, features.is_empty(), "{layer} {tile:?}");
                tiles.push(Fetched { tile, bytes: reply.body, features });
            }
        }
        let is_point = definition["geometry"] == "point";
        let name = format!("{layer} {params}");
        Self { layer: layer.to_owned(), name, features: by_id(features), tiles, is_point }
    }

    /// Over all tiles of a zoom, the union of ids is the located features.
    #[track_caller]
    fn assert_union(&self) {
        let all: BTreeSet<&str> = self.features.keys().map(String::as_str).collect();
        assert!(!all.is_empty());
        let mut drawn: BTreeMap<u8, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for fetched in &self.tiles {
            let (count, ids) = drawn.entry(fetched.tile.0).or_default();
            *count += 1;
            for feature in &fetched.features {
                assert!(ids.insert(feature.id()) || *count > 1, "{}: twice in {:?}", self.name, fetched.tile);
            }
            let distinct: BTreeSet<&str> = fetched.features.iter().map(TileFeature::id).collect();
            assert_eq!(distinct.len(), fetched.features.len(), "{}: twice in {:?}", self.name, fetched.tile);
        }
        for (z, (count, ids)) in &drawn {
            println!(
                "{}: zoom {z}: {} of {} located features in {count} tiles",
                self.name,
                ids.len(),
                all.len()
            );
            assert_eq!(*ids, all, "{} at zoom {z}", self.name);
        }
    }

    /// A feature has one number in all tiles; points stand where they belong, and nothing leaves the grown box.
    #[track_caller]
    fn assert_places(&self) {
        let mut numbers: BTreeMap<&str, u64> = BTreeMap::new();
        let allowed = -BUFFER as i64..=(EXTENT + BUFFER) as i64;
        for fetched in &self.tiles {
            let (z, x, y) = fetched.tile;
            for feature in &fetched.features {
                let place = format!("{} {} in {:?}", self.name, feature.id(), fetched.tile);
                assert_eq!(*numbers.entry(feature.id()).or_insert(feature.fid), feature.fid, "{place}");
                for (a, b) in feature.paths.iter().flatten() {
                    assert!(allowed.contains(a) && allowed.contains(b), "{place}: {a} {b}");
                }
                if self.is_point {
                    let at = bounds(&self.features[feature.id()]).unwrap();
                    let (u, v) = mercator(at[0], at[1]);
                    let side = f64::from(1_u32 << z);
                    let exact = ((u * side - f64::from(x)) * EXTENT, (v * side - f64::from(y)) * EXTENT);
                    let drawn = feature.paths[0][0];
                    // Half a unit of rounding, and what seven decimals of a degree leave open.
                    let near = |a: f64, b: i64| (a - b as f64).abs() < 0.6;
                    assert!(
                        near(exact.0, drawn.0) && near(exact.1, drawn.1),
                        "{place}: {drawn:?}, {exact:?}"
                    );
                } else if feature.kind == 3 {
                    assert!(!feature.polygons().is_empty(), "{place}");
                }
            }
        }
        let distinct: BTreeSet<u64> = numbers.values().copied().collect();
        assert_eq!(distinct.len(), numbers.len(), "{}: a number of two features", self.name);
    }

    /// All tiles up to zoom 12 and some hundreds above.
    fn sample(&self, dice: &mut Dice) -> Vec<&Fetched> {
        let (low, high): (Vec<_>, Vec<_>) = self.tiles.iter().partition(|t| t.tile.0 <= 12);
        low.into_iter().chain(dice.sample(high, SAMPLED)).collect()
    }
}

/// The checks of one test over several surveys; what a missing tool leaves unchecked is said once, at the end.
pub(super) struct Tested<'a> {
    name: &'a str,
    dir: &'a Path,
    missing: BTreeSet<&'static str>,
}

impl<'a> Tested<'a> {
    /// For the test `name`; tiles are kept in `dir` for the readers.
    pub(super) fn new(name: &'a str, dir: &'a Path) -> Self {
        Self { name, dir, missing: BTreeSet::new() }
    }

    /// Everything a survey must satisfy.
    #[track_caller]
    pub(super) fn check(&mut self, survey: &Survey, dice: &mut Dice) {
        survey.assert_union();
        survey.assert_places();
        let sample = survey.sample(dice);
        if !readers::assert_brute_force(survey, &sample, self.dir) {
            self.missing.insert("Python with GDAL");
        }
        let files: Vec<(PathBuf, &Fetched)> =
            sample.into_iter().filter(|t| !t.bytes.is_empty()).map(|t| (self.write(survey, t), t)).collect();
        assert!(!files.is_empty());
        if !readers::assert_gdal(survey, &files, self.dir) {
            self.missing.insert("Python with GDAL");
        }
        if !readers::assert_tippecanoe(survey, &files) {
            self.missing.insert("tippecanoe-decode");
        }
    }

    fn write(&self, survey: &Survey, fetched: &Fetched) -> PathBuf {
        let (z, x, y) = fetched.tile;
        let file = self.dir.join(format!("{}-{z}-{x}-{y}.mvt", survey.layer));
        std::fs::write(&file, &fetched.bytes).expect("a file for a tile");
        file
    }

    /// Says what could not be checked.
    pub(super) fn finish(self) {
        for tool in self.missing {
            e2e::skip(self.name, &format!("{tool} is not here"));
        }
    }
}
