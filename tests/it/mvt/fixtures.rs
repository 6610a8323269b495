//! The suite of valid and invalid tiles that writers of decoders share (`@mapbox/mvt-fixtures`), before our reader: what is
//! valid is read as the suite says, what is not is an error and never a panic.

use std::path::PathBuf;

use e2e::{repo_root, skip};
use serde_json::Value;

use super::reader::read;
use super::{Spot, TileFeature};

/// Called valid by the suite, and no tile by the specification: 016 is byte for byte 003, which is invalid for its missing
/// kind of geometry ("decoders can choose", it says); 057 moves to 536,870,911 places and names one, as 051 does.
const DISPUTED: [&str; 2] = ["016", "057"];

/// The folders of the suite, in order.
fn suite(test: &str) -> Vec<PathBuf> {
    let folder = repo_root().join("web/node_modules/@mapbox/mvt-fixtures/fixtures");
    let Ok(entries) = folder.read_dir() else {
        skip(test, "the packages of web/ are not installed");
        return Vec::new();
    };
    let mut all: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    all.sort();
    assert!(all.len() > 70, "{} fixtures", all.len());
    all
}

fn json(fixture: &std::path::Path, name: &str) -> Value {
    let text = std::fs::read_to_string(fixture.join(name)).expect("a file of the suite");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn fixtures_behave_in_our_reader() {
    let (mut valid, mut invalid) = (0, 0);
    for fixture in suite("mvt::fixtures::fixtures_behave_in_our_reader") {
        let name = fixture.file_name().and_then(|n| n.to_str()).expect("a number").to_owned();
        let bytes = std::fs::read(fixture.join("tile.mvt")).expect("a tile");
        let info = json(&fixture, "info.json");
        let read = read(&bytes);
        if info["validity"]["v2"] != true || DISPUTED.contains(&name.as_str()) {
            let error = read.err().unwrap_or_else(|| panic!("{name} is read: {}", info["description"]));
            println!("{name}: {error:#}");
            invalid += 1;
            continue;
        }
        let layers = read.unwrap_or_else(|error| panic!("{name}: {error:#}: {}", info["description"]));
        let told = json(&fixture, "tile.json");
        let none = Vec::new();
        let told = told["layers"].as_array().unwrap_or(&none);
        assert_eq!(layers.len(), told.len(), "{name}");
        for (layer, told) in layers.iter().zip(told) {
            assert_eq!(layer.name, told["name"], "{name}");
            assert_eq!(layer.extent, told["extent"].as_u64().unwrap_or(4096), "{name}");
            assert_eq!(layer.version, told["version"].as_u64().expect("a version"), "{name}");
            let features = told["features"].as_array().expect("features");
            assert_eq!(layer.features.len(), features.len(), "{name}");
            for (feature, of) in layer.features.iter().zip(features) {
                assert_same(&name, feature, of, told);
            }
        }
        valid += 1;
    }
    println!("{valid} valid fixtures read, {invalid} invalid ones refused");
    assert!(valid == 0 || (valid > 40 && invalid > 20), "{valid} {invalid}");
}

#[track_caller]
fn assert_same(name: &str, feature: &TileFeature, told: &Value, layer: &Value) {
    assert_eq!(feature.fid, told["id"].as_u64().unwrap_or(0), "{name}");
    assert_eq!(feature.kind, told["type"].as_u64().unwrap_or(0), "{name}");
    let tags: Vec<usize> = numbers(&told["tags"]).into_iter().map(|n| n as usize).collect();
    assert_eq!(feature.properties.len() * 2, tags.len(), "{name}");
    for pair in tags.chunks(2) {
        let key = layer["keys"][pair[0]].as_str().expect("a key");
        let value = layer["values"][pair[1]].as_object().expect("a value");
        let (kind, value) = value.iter().next().expect("a value of some kind");
        let found = &feature.properties[key];
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
        let same = match (found.as_f64(), value.as_f64()) {
            (Some(a), Some(b)) => near(a, b),
            // 076 writes the number 613 as a text.
            (None, Some(_)) if kind == "string_value" => found.as_str() == Some(&value.to_string()),
            _ => found == value,
        };
        assert!(same, "{name} {key}: {found} and not {value}");
    }
    if feature.kind != 0 {
        assert_eq!(feature.paths, walked(&numbers(&told["geometry"])), "{name}");
    }
}

fn numbers(list: &Value) -> Vec<u64> {
    list.as_array().into_iter().flatten().map(|n| n.as_u64().expect("a number")).collect()
}

/// The places a pen passes that follows the commands, one path per time it is put down; points are one path.
fn walked(commands: &[u64]) -> Vec<Vec<Spot>> {
    let (mut all, mut x, mut y, mut next): (Vec<Vec<Spot>>, i64, i64, usize) = (Vec::new(), 0, 0, 0);
    while let Some(command) = commands.get(next) {
        next += 1;
        if command & 7 == 7 {
            continue;
        }
        if command & 7 == 1 {
            all.push(Vec::new());
        }
        for pair in commands[next..next + 2 * (command >> 3) as usize].chunks(2) {
            let step = |n: u64| if n.is_multiple_of(2) { (n / 2) as i64 } else { -(n.div_ceil(2) as i64) };
            (x, y) = (x + step(pair[0]), y + step(pair[1]));
            all.last_mut().expect("a path was begun").push((x, y));
            next += 2;
        }
    }
    all
}
