//! Borders that neighbours share: four real wards from z8 to z18, without a gap and without an overlap.
//!
//! In the source neighbours have the same vertices along their borders, and their union has no hole. So in each tile both
//! must have the same edges, and what the source covers inside the outline of all four must be covered, and once.

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Http, Server, python_run, skip, temp_dir};
use serde_json::{Value, json};

use crate::grid::{Dice, EXTENT, Tile, covering, mercator};
use crate::mvt::{self, Spot};
use crate::site::{WARDS, arg, import, shared};

/// Points of shared borders around which tiles are looked at, per zoom.
const POINTS: usize = 24;
/// From this zoom on a unit is shorter than the edges of the source: rounding folds no border back onto itself.
const SHARP: u8 = 14;
/// Up to this zoom vertices stand in the middle of cells of some units.
const COARSE: (u8, i64) = (12, 4);
/// Square units (a pixel has 64) that arithmetic may leave of nothing.
const NOTHING: f64 = 1e-6;

/// A vertex of the source: its degrees as bits, so that equal means equal.
type Vertex = (u64, u64);

#[test]
fn shared_borders_show_no_gap_from_z8_to_z18() {
    let name = "borders::shared_borders_show_no_gap_from_z8_to_z18";
    let Some(files) = shared(name, &WARDS) else { return };
    let dir = temp_dir();
    let data = dir.path().join("wards.gpkg");
    import(&data, "wards", &files, &[]).ok();
    let server = Server::serve(&data);

    let wards: Vec<Ward> = files.iter().map(|file| Ward::read(&std::fs::read(file).unwrap())).collect();
    let borders = shared_edges(&wards);
    let vertices: Vec<Vertex> =
        borders.iter().map(|b| b.edge.0).collect::<BTreeSet<_>>().into_iter().collect();
    assert!(vertices.len() > 1500, "the source has {} shared vertices", vertices.len());

    let mut dice = Dice::new("shared borders", 818);
    let mut drawn: Vec<Drawn> = Vec::new();
    for z in 8..=18 {
        let tiles: BTreeSet<Tile> = (0..POINTS)
            .flat_map(|_| {
                let (lon, lat) = degrees(vertices[dice.below(vertices.len())]);
                covering([lon, lat, lon, lat], z, i64::from(z > 12))
            })
            .collect();
        let these: Vec<Drawn> = tiles.into_iter().map(|tile| Drawn::fetch(&server, tile, &wards)).collect();
        assert_same_edges(z, &these, &borders);
        drawn.extend(these);
    }
    assert_no_gap(name, &wards, &drawn, dir.path());
}

/// A ward of the source.
struct Ward {
    code: String,
    geometry: Value,
    edges: BTreeSet<(Vertex, Vertex)>,
}

impl Ward {
    fn read(bytes: &[u8]) -> Self {
        let mut file: Value = serde_json::from_slice(bytes).expect("GeoJSON");
        let feature = file["features"][0].take();
        let geometry = feature["geometry"].clone();
        assert_eq!(geometry["type"], "MultiPolygon");
        let rings = geometry["coordinates"].as_array().unwrap().iter().flat_map(|p| p.as_array().unwrap());
        let mut edges = BTreeSet::new();
        for ring in rings {
            let ring: Vec<[f64; 2]> = serde_json::from_value(ring.clone()).expect("a ring");
            let ring: Vec<Vertex> = ring.iter().map(|[lon, lat]| (lon.to_bits(), lat.to_bits())).collect();
            edges.extend(ring.windows(2).map(|pair| undirected(pair[0], pair[1])));
        }
        Self { code: feature["properties"]["code"].as_str().unwrap().to_owned(), geometry, edges }
    }
}

fn undirected<T: Ord>(a: T, b: T) -> (T, T) {
    if a < b { (a, b) } else { (b, a) }
}

fn degrees(at: Vertex) -> (f64, f64) {
    (f64::from_bits(at.0), f64::from_bits(at.1))
}

/// An edge that two wards (by their place in the list) have in common.
struct Border {
    wards: (usize, usize),
    edge: (Vertex, Vertex),
}

fn shared_edges(wards: &[Ward]) -> Vec<Border> {
    let pairs = (0..wards.len()).flat_map(|a| (a + 1..wards.len()).map(move |b| (a, b)));
    pairs
        .flat_map(|(a, b)| {
            let common: Vec<_> = wards[a].edges.intersection(&wards[b].edges).copied().collect();
            assert!(common.len() > 200, "{} and {} are neighbours", wards[a].code, wards[b].code);
            common.into_iter().map(move |edge| Border { wards: (a, b), edge })
        })
        .collect()
}

/// The polygons of each ward in a tile.
struct Drawn {
    tile: Tile,
    wards: Vec<Vec<Vec<Vec<Spot>>>>,
}

impl Drawn {
    #[track_caller]
    fn fetch(http: &Http, tile: Tile, wards: &[Ward]) -> Self {
        let (z, x, y) = tile;
        let features = mvt::features(&http.get(&format!("/tiles/wards/{z}/{x}/{y}")).body, "wards");
        let mut by_code: BTreeMap<String, Vec<Vec<Vec<Spot>>>> = BTreeMap::new();
        for feature in features {
            let polygons =
                feature.polygons().into_iter().map(|p| p.into_iter().map(<[Spot]>::to_vec).collect());
            let code = feature.properties["code"].as_str().expect("a code").to_owned();
            assert!(by_code.insert(code, polygons.collect()).is_none(), "{tile:?}: a ward stands twice");
        }
        Self { tile, wards: wards.iter().map(|w| by_code.remove(&w.code).unwrap_or_default()).collect() }
    }

    /// The edges of a ward's rings, those along the edge of the grown box too.
    fn edges(&self, ward: usize) -> BTreeSet<(Spot, Spot)> {
        let rings = self.wards[ward].iter().flatten();
        let pairs = rings.flat_map(|ring| ring.iter().copied().zip(ring.iter().copied().cycle().skip(1)));
        pairs.map(|(a, b)| undirected(a, b)).collect()
    }

    /// Where a vertex of the source stands in units of the tile, rounded or in the middle of its cell.
    fn spot(&self, at: Vertex) -> Spot {
        let (z, x, y) = self.tile;
        let (lon, lat) = degrees(at);
        let (u, v) = mercator(lon, lat);
        let units = EXTENT * f64::from(1_u32 << z);
        let corner = |n: u32| i64::from(n) * EXTENT as i64;
        let (last, cell) = COARSE;
        let place = |v: f64| {
            if z > last { (v * units).round() as i64 } else { (v * units) as i64 / cell * cell + cell / 2 }
        };
        (place(u) - corner(x), place(v) - corner(y))
    }
}

/// In every tile neighbours have the same edges along their border. Where simplification leaves nothing of a ward that is
/// thinner than a cell, others meet in its place; that they do without a gap is measured below.
#[track_caller]
fn assert_same_edges(z: u8, tiles: &[Drawn], borders: &[Border]) {
    let (mut compared, mut folded, mut alone) = (0, 0, 0);
    for drawn in tiles {
        let edges: Vec<_> = (0..drawn.wards.len()).map(|ward| drawn.edges(ward)).collect();
        let inside = |(a, b): &Spot| (0..=EXTENT as i64).contains(a) && (0..=EXTENT as i64).contains(b);
        for Border { wards: (a, b), edge } in borders {
            let (p, q) = (drawn.spot(edge.0), drawn.spot(edge.1));
            if p == q || !inside(&p) || !inside(&q) {
                continue;
            }
            let edge = undirected(p, q);
            let has = (edges[*a].contains(&edge), edges[*b].contains(&edge));
            let same = has.0 == has.1;
            assert!(same || z <= COARSE.0, "{:?}: {edge:?} is an edge of one neighbour only", drawn.tile);
            compared += 1;
            folded += usize::from(!has.0 && !has.1);
            alone += usize::from(!same);
        }
    }
    println!(
        "zoom {z}: {} tiles, {compared} shared edges, {folded} folded away, {alone} on one side only",
        tiles.len()
    );
    assert!(alone * 100 <= compared, "zoom {z}: {alone} of {compared} edges are on one side only");
    assert!(compared > 50, "zoom {z}: {compared} edges compared");
    let most = if z < SHARP { compared / 10 } else { 0 };
    assert!(folded <= most, "zoom {z}: {folded} of {compared} edges are in neither neighbour");
}

/// Nothing is uncovered, or covered twice, that the source covers once.
#[track_caller]
fn assert_no_gap(test: &str, wards: &[Ward], drawn: &[Drawn], dir: &std::path::Path) {
    let tiles: Vec<Value> = drawn.iter().map(|d| json!({"tile": d.tile, "polygons": d.wards})).collect();
    let geometries: Vec<&Value> = wards.iter().map(|w| &w.geometry).collect();
    let question = dir.join("borders.json");
    std::fs::write(&question, json!({"wards": geometries, "tiles": tiles}).to_string()).unwrap();
    let Some(run) = python_run(include_str!("gis/borders.py"), [arg(&question)]) else {
        return skip(test, "areas between neighbours are not measured: no Python with GDAL");
    };
    let told = run.ok().json();
    assert_eq!(
        (&told["holes"], told["overlap"].as_f64()),
        (&json!(0), Some(0.0)),
        "the source itself is whole"
    );
    let mut worst: BTreeMap<u8, [f64; 2]> = BTreeMap::new();
    for (drawn, found) in drawn.iter().zip(told["tiles"].as_array().unwrap()) {
        let most = worst.entry(drawn.tile.0).or_default();
        for (most, name) in most.iter_mut().zip(["gap", "overlap"]) {
            *most = most.max(found[name].as_f64().expect("an area"));
        }
    }
    assert_eq!(worst.len(), 11, "z8 to z18");
    for (z, [gap, overlap]) in worst {
        println!("zoom {z}: at most {gap:.1e} square units uncovered, {overlap:.1e} covered twice");
        assert!(gap < NOTHING && overlap < NOTHING, "zoom {z}: gap {gap}, overlap {overlap}");
    }
}
