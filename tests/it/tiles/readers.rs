//! Other people's readings of our tiles. Each returns false when its tool is not here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::{ogrinfo, python_run, tippecanoe_decode};
use serde_json::{Value, json};

use super::survey::{Fetched, Survey};
use crate::mvt::TileFeature;
use crate::site::arg;

/// Tiles whose polygons are compared with the exact shapes.
const SHAPES: usize = 80;

fn ids(fetched: &Fetched) -> BTreeSet<&str> {
    fetched.features.iter().map(TileFeature::id).collect()
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array().expect("a list").iter().map(|id| id.as_str().expect("an id")).collect()
}

/// What lies in each tile is what GEOS finds among all features; the polygons there have the shape they should.
#[track_caller]
pub(super) fn assert_brute_force(survey: &Survey, sample: &[&Fetched], dir: &Path) -> bool {
    let tiles: Vec<Value> = sample
        .iter()
        .enumerate()
        .map(|(n, t)| {
            let with_shapes = n % sample.len().div_ceil(SHAPES) == 0;
            let areas = t.features.iter().filter(|f| with_shapes && f.kind == 3);
            let polygons: serde_json::Map<String, Value> =
                areas.map(|f| (f.id().to_owned(), json!(f.polygons()))).collect();
            json!({"tile": t.tile, "polygons": polygons})
        })
        .collect();
    let features: Vec<&Value> = survey.features.values().collect();
    let question = dir.join("question.json");
    std::fs::write(&question, json!({"features": features, "tiles": tiles}).to_string()).expect("a question");
    let Some(run) = python_run(include_str!("../gis/brute_force.py"), [arg(&question)]) else { return false };
    let answers = run.ok().json();
    let (mut inside, mut borderline) = (0, 0);
    for (fetched, answer) in sample.iter().zip(answers.as_array().unwrap()) {
        let (drawn, must, may) = (ids(fetched), texts(&answer["must"]), texts(&answer["may"]));
        let place = format!("{} {:?}", survey.name, fetched.tile);
        let missing: Vec<_> = must.difference(&drawn).collect();
        assert!(missing.is_empty(), "{place}: not drawn {missing:?}");
        let strange: Vec<_> = drawn.iter().filter(|id| !must.contains(*id) && !may.contains(*id)).collect();
        assert!(strange.is_empty(), "{place}: drawn and not there {strange:?}");
        assert_eq!(answer["wrong"], json!([]), "{place}: polygons of another shape");
        inside += must.len();
        borderline += may.len();
    }
    println!(
        "{}: {} tiles against GEOS, {inside} times inside, {borderline} borderline",
        survey.name,
        sample.len()
    );
    assert!(inside > 0 && borderline * 100 <= inside, "{}: too many borderline cases", survey.name);
    true
}

/// GDAL opens each tile and finds the same ids; `ogrinfo` says the same of one.
#[track_caller]
pub(super) fn assert_gdal(survey: &Survey, files: &[(PathBuf, &Fetched)], dir: &Path) -> bool {
    let list = dir.join("tiles.json");
    let names: Vec<String> = files.iter().map(|(file, _)| arg(file)).collect();
    std::fs::write(&list, json!(names).to_string()).expect("a list of tiles");
    let Some(run) = python_run(include_str!("../gis/gdal_tiles.py"), [arg(&list)]) else { return false };
    let told = run.ok().text();
    assert_eq!(told.lines().count(), files.len());
    for (line, (file, fetched)) in told.lines().zip(files) {
        let layers: Value = serde_json::from_str(line).expect("a line of JSON");
        assert_eq!(layers, json!({&survey.layer: ids(fetched)}), "{}", file.display());
    }
    let (file, fetched) = &files[files.len() / 2];
    let source = format!("MVT:{}", file.display());
    let Some(run) = ogrinfo(["-ro", "-al", "-so", "-oo", "CLIP=NO", &source]) else { return false };
    let summary = run.ok().text();
    let count = format!("Feature Count: {}\n", fetched.features.len());
    assert!(
        summary.contains(&count) && summary.contains(&format!("Layer name: {}\n", survey.layer)),
        "{summary}"
    );
    println!("{}: {} tiles opened by GDAL", survey.name, files.len());
    true
}

/// `tippecanoe-decode` prints the same ids for each tile.
#[track_caller]
pub(super) fn assert_tippecanoe(survey: &Survey, files: &[(PathBuf, &Fetched)]) -> bool {
    let Some(decode) = tippecanoe_decode() else { return false };
    for (file, fetched) in files {
        let (z, x, y) = fetched.tile;
        let place = [z.to_string(), x.to_string(), y.to_string()];
        let output = Command::new(decode).arg(file).args(place).output().expect("tippecanoe-decode");
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && complaint.is_empty(), "{}: {complaint}", file.display());
        let tile: Value = serde_json::from_slice(&output.stdout).expect("GeoJSON");
        let layers = tile["features"].as_array().expect("layers");
        let [layer] = &layers[..] else { panic!("{} layers", layers.len()) };
        assert_eq!(layer["properties"]["layer"], survey.layer.as_str());
        let features = layer["features"].as_array().expect("features");
        let decoded: BTreeSet<&str> =
            features.iter().map(|f| f["properties"]["id"].as_str().unwrap()).collect();
        assert_eq!(decoded, ids(fetched), "{}", file.display());
    }
    println!("{}: {} tiles decoded by tippecanoe", survey.name, files.len());
    true
}
