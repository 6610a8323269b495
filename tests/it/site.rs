//! What the tests ask a site again and again: imports, all items of a layer, what a file holds.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Http, Run, diaban, shared_data, skip};
use serde_json::Value;

/// A file or folder as an argument of a command.
pub(crate) fn arg(path: &Path) -> String {
    path.to_str().expect("paths of the tests are UTF-8").to_owned()
}

/// `diaban import LAYER … --json` into the site at `data`.
#[track_caller]
pub(crate) fn import(data: &Path, layer: &str, files: &[PathBuf], more: &[&str]) -> Run {
    let mut args: Vec<OsString> = ["import", "--json", "--data"].map(OsString::from).to_vec();
    args.extend([data.into(), layer.into()]);
    args.extend(files.iter().map(OsString::from));
    args.extend(more.iter().map(OsString::from));
    diaban(args)
}

/// Asserts the counts of a receipt: read, stored, updated, unchanged, waiting for location, rejected.
#[track_caller]
pub(crate) fn assert_counts(receipt: &Value, counts: [u64; 6]) {
    let names = ["read", "stored", "updated", "unchanged", "waiting_for_location", "rejected"];
    let told: Vec<_> = names.map(|name| (name, receipt[name].as_u64())).to_vec();
    let wanted: Vec<_> = names.into_iter().zip(counts.map(Some)).collect();
    assert_eq!(told, wanted, "{receipt:#}");
}

/// Every feature that the parameters (`datetime=…&…`, or nothing) select, page by page.
#[track_caller]
pub(crate) fn items(http: &Http, layer: &str, params: &str) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    let mut path =
        format!("/api/collections/{layer}/items?limit=700&{params}").trim_end_matches('&').to_owned();
    loop {
        let mut page = http.get_json(&path);
        let matched = page["numberMatched"].as_u64().expect("numberMatched") as usize;
        let Value::Array(features) = page["features"].take() else { panic!("{path}: no features") };
        assert_eq!(page["numberReturned"], features.len(), "{path}");
        all.extend(features);
        let links = page["links"].as_array().expect("links");
        let Some(next) = links.iter().find(|l| l["rel"] == "next") else {
            assert_eq!(all.len(), matched, "{path}: numberMatched");
            return all;
        };
        local(next["href"].as_str().expect("href")).clone_into(&mut path);
    }
}

/// The path of a link, which may name the server.
pub(crate) fn local(href: &str) -> &str {
    href.split_once("://").map_or(href, |(_, rest)| rest.find('/').map_or("/", |at| &rest[at..]))
}

/// Features by their ids.
#[track_caller]
pub(crate) fn by_id(features: Vec<Value>) -> BTreeMap<String, Value> {
    let count = features.len();
    let id = |f: &Value| f["id"].as_str().expect("an id").to_owned();
    let all: BTreeMap<String, Value> = features.into_iter().map(|f| (id(&f), f)).collect();
    assert_eq!(all.len(), count, "an id stands twice");
    all
}

/// Whether a feature has a place.
pub(crate) fn is_located(feature: &Value) -> bool {
    feature["geometry"].is_object()
}

/// The layers a reader may see that have geometry, by id, with their definitions.
pub(crate) fn drawn_layers(http: &Http) -> BTreeMap<String, Value> {
    let collections = http.get_json("/api/collections");
    let all = collections["collections"].as_array().expect("collections");
    let drawn = all.iter().filter(|c| c["layer"]["geometry"] != "none");
    drawn.map(|c| (c["id"].as_str().unwrap().to_owned(), c["layer"].clone())).collect()
}

/// The files of the shared data with these names, or none, having said that the test `name` is skipped.
pub(crate) fn shared(name: &str, files: &[&str]) -> Option<Vec<PathBuf>> {
    let found: Option<Vec<PathBuf>> = files.iter().map(|file| shared_data(file)).collect();
    if found.is_none() {
        skip(name, "the shared data is not here");
    }
    found
}

/// Three months of the City of London.
pub(crate) const LONDON: [&str; 3] = [
    "london/2023-01-city-of-london-street.csv",
    "london/2023-02-city-of-london-street.csv",
    "london/2023-03-city-of-london-street.csv",
];

/// Two thousand permits of Calgary.
pub(crate) const CALGARY: [&str; 1] = ["calgary_building_permits.csv"];

/// Phường Tô Hiệu and its three neighbours.
pub(crate) const WARDS: [&str; 4] = [
    "to_hieu_2025_03646.geojson",
    "03664_chieng_an_2025.geojson",
    "03670_chieng_coi_2025.geojson",
    "03679_chieng_sinh_2025.geojson",
];

/// A site in `dir` with all real input, or none when the input is not here.
#[track_caller]
pub(crate) fn real_site(test: &str, dir: &Path) -> Option<PathBuf> {
    let data = dir.join("real.gpkg");
    for (layer, names) in [("incidents", &LONDON[..]), ("sites", &CALGARY[..]), ("wards", &WARDS[..])] {
        import(&data, layer, &shared(test, names)?, &[]).ok();
    }
    Some(data)
}

/// Whether any file of a folder, or of the folders in it, holds these bytes.
pub(crate) fn files_with(dir: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("a folder").map(|e| e.expect("an entry").path()) {
        if entry.is_dir() {
            found.extend(files_with(&entry, needle));
        } else if holds(&fs::read(&entry).expect("a file"), needle) {
            found.push(entry);
        }
    }
    found
}

/// Whether these bytes hold a text.
pub(crate) fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|w| w == needle.as_bytes())
}
