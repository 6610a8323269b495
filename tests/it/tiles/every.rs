//! Every tile of every layer of the demo ward from z0 to z18, all layers in one tile as a map asks for them: read by the
//! tests' own reader, GDAL and tippecanoe (the browser's readers are in `web/e2e/tiles.test.mjs`); what GDAL and the own
//! reader make of polygons is valid for GEOS, and wound as the format says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{Http, Server, demo_copy, python_run, skip, temp_dir, tippecanoe_decode};
use serde_json::{Value, json};

use crate::grid::{BUFFER, EXTENT, Tile, bounds, covering};
use crate::mvt::{self, TileLayer};
use crate::site::{arg, drawn_layers, is_located, items};

const NAME: &str = "tiles::every::every_tile_of_every_demo_layer_is_read";

/// Ids by layer.
type Ids = BTreeMap<String, BTreeSet<String>>;

struct Fetched {
    tile: Tile,
    file: PathBuf,
    layers: Vec<TileLayer>,
}

impl Fetched {
    fn ids(&self) -> Ids {
        let ids = |l: &TileLayer| l.features.iter().map(|f| f.id().to_owned()).collect();
        self.layers.iter().map(|l| (l.name.clone(), ids(l))).collect()
    }
}

#[test]
fn every_tile_of_every_demo_layer_is_read() {
    let dir = temp_dir();
    let server = Server::serve(&demo_copy(dir.path()));
    let layers: Vec<String> = drawn_layers(&server).into_keys().collect();
    let mut located: Ids = BTreeMap::new();
    let mut boxes = Vec::new();
    for layer in &layers {
        let found: Vec<Value> = items(&server, layer, "").into_iter().filter(is_located).collect();
        boxes.extend(found.iter().filter_map(bounds));
        let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
        located.insert(layer.clone(), found.iter().map(id).collect());
    }
    let mut all: Vec<Fetched> = Vec::new();
    for z in 0..=18 {
        // What lies in the buffer of a tile is in it too.
        let grow = BUFFER / EXTENT / f64::from(1_u32 << z) * 360.0;
        let near = boxes.iter().flat_map(|[west, south, east, north]| {
            covering([west - grow, south - grow, east + grow, north + grow], z, 0)
        });
        let tiles: BTreeSet<Tile> = near.collect();
        let asked = tiles.len();
        let fetched: Vec<Fetched> =
            tiles.into_iter().filter_map(|tile| fetch(&server, &layers, tile, dir.path())).collect();
        println!("zoom {z}: {} tiles with something in them, of {asked} around features", fetched.len());
        let mut drawn: Ids = BTreeMap::new();
        for (layer, ids) in fetched.iter().flat_map(Fetched::ids) {
            drawn.entry(layer).or_default().extend(ids);
        }
        assert!(drawn == located, "zoom {z}: over all tiles the features are those located");
        all.extend(fetched);
    }
    let features: usize = all.iter().flat_map(|t| &t.layers).map(|l| l.features.len()).sum();
    println!("{} tiles, {features} features in them, read by our own reader", all.len());
    assert!(all.len() > 800, "{} tiles", all.len());
    if !assert_gdal(&all, dir.path()) {
        skip(NAME, "Python with GDAL is not here");
    }
    if !assert_tippecanoe(&all) {
        skip(NAME, "tippecanoe-decode is not here");
    }
}

/// One tile of all layers, if anything is in it.
fn fetch(http: &Http, layers: &[String], tile: Tile, dir: &Path) -> Option<Fetched> {
    let (z, x, y) = tile;
    let reply = http.get(&format!("/tiles/{}/{z}/{x}/{y}?aggregate=none", layers.join(",")));
    assert!(matches!(reply.status, 200 | 204), "{tile:?}: {}", reply.text());
    if reply.status == 204 {
        return None;
    }
    let read = mvt::decode(&reply.body);
    let inside = |v: i64| (-BUFFER as i64..=(EXTENT + BUFFER) as i64).contains(&v);
    for layer in &read {
        assert_eq!(layer.extent, EXTENT as u64, "{tile:?}");
        for feature in &layer.features {
            let place = || format!("{} {} in {tile:?}", layer.name, feature.id());
            assert!(feature.paths.iter().flatten().all(|(x, y)| inside(*x) && inside(*y)), "{}", place());
            // Panics at a hole before its exterior and at a ring without area.
            assert!(feature.kind != 3 || !feature.polygons().is_empty(), "{}", place());
        }
    }
    let file = dir.join(format!("{z}-{x}-{y}.mvt"));
    std::fs::write(&file, &reply.body).expect("a file for a tile");
    Some(Fetched { tile, file, layers: read })
}

/// GDAL finds the same features in each tile, and GEOS nothing invalid in its reading or ours.
fn assert_gdal(all: &[Fetched], dir: &Path) -> bool {
    let tiles: Vec<Value> = all
        .iter()
        .map(|t| {
            let areas = t.layers.iter().flat_map(|l| &l.features).filter(|f| f.kind == 3);
            let polygons: Vec<Value> = areas.map(|f| json!(f.polygons())).collect();
            json!({"file": arg(&t.file), "polygons": polygons})
        })
        .collect();
    let question = dir.join("every.json");
    std::fs::write(&question, json!(tiles).to_string()).expect("a question");
    let Some(run) = python_run(include_str!("../gis/every_tile.py"), [arg(&question)]) else { return false };
    let told = run.ok().text();
    assert_eq!(told.lines().count(), all.len());
    let (mut areas, mut shapes) = (0, 0);
    for (line, fetched) in told.lines().zip(all) {
        let told: Value = serde_json::from_str(line).expect("a line of JSON");
        let ids: Ids = serde_json::from_value(told["layers"].clone()).expect("ids by layer");
        assert!(ids == fetched.ids(), "{:?} as GDAL reads it", fetched.tile);
        assert_eq!(told["invalid"], json!([]), "{:?}", fetched.tile);
        areas += told["areas"].as_u64().expect("a number");
        shapes += told["shapes"].as_u64().expect("a number");
    }
    println!(
        "{} tiles read by GDAL; {shapes} shapes valid for GEOS, and {areas} areas of our own reading",
        all.len()
    );
    true
}

/// `tippecanoe-decode` finds the same features in each tile.
fn assert_tippecanoe(all: &[Fetched]) -> bool {
    let Some(decode) = tippecanoe_decode() else { return false };
    for fetched in all {
        let (z, x, y) = fetched.tile;
        let place = [z.to_string(), x.to_string(), y.to_string()];
        let output = Command::new(decode).arg(&fetched.file).args(place).output().expect("tippecanoe-decode");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaint.is_empty(), "{:?}: {complaint}", fetched.tile);
        let tile: Value = serde_json::from_slice(&output.stdout).expect("GeoJSON");
        let id = |f: &Value| f["properties"]["id"].as_str().expect("an id").to_owned();
        let layer = |l: &Value| {
            let features = l["features"].as_array().expect("features");
            (l["properties"]["layer"].as_str().expect("a name").to_owned(), features.iter().map(id).collect())
        };
        let ids: Ids = tile["features"].as_array().expect("layers").iter().map(layer).collect();
        assert!(ids == fetched.ids(), "{:?} as tippecanoe reads it", fetched.tile);
    }
    println!("{} tiles decoded by tippecanoe", all.len());
    true
}
