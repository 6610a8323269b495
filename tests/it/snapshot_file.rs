//! The snapshot file beside a site: a start from it answers as a start from the store does, whatever happened to it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use e2e::{Http, Server, demo_copy, diaban, temp_dir};
use serde_json::json;

use crate::grid::covering;
use crate::site::{arg, drawn_layers, files_with, import, items};

/// The box of the demo ward's heart.
const HEART: [f64; 4] = [103.885, 21.315, 103.925, 21.345];
/// What the log says of a start from the file.
const FROM_FILE: &str = "started from the snapshot file";
/// And of one that read the store.
const FROM_STORE: &str = "reading every row";

fn serve(data: &Path) -> Server {
    Server::start_with_env(["serve", "--data", &arg(data)], &[("DIABAN_LOG", "info")])
}

/// Items, counts and tiles of every layer that is drawn.
fn answers(http: &Http) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    for layer in drawn_layers(http).keys() {
        all.insert(format!("{layer} items"), json!(items(http, layer, "")).to_string().into_bytes());
        let count = format!("/api/collections/{layer}/count");
        all.insert(count.clone(), http.get(&count).body);
        for (z, x, y) in (8..=15).flat_map(|z| covering(HEART, z, 0)) {
            let tile = format!("/tiles/{layer}/{z}/{x}/{y}");
            all.insert(tile.clone(), http.get(&tile).body);
        }
    }
    all
}

fn snapshot(data: &Path) -> PathBuf {
    data.with_file_name("demo.gpkg.snapshot")
}

#[test]
fn a_start_from_the_file_answers_as_one_from_the_store() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let file = snapshot(&data);
    let server = serve(&data);
    let from_store = answers(&server);
    assert!(server.stop().contains(FROM_STORE) && file.exists());
    let server = serve(&data);
    assert!(answers(&server) == from_store);
    assert!(server.stop().contains(FROM_FILE));

    // Another process changes the site while no server runs.
    let csv = dir.path().join("three.csv");
    let rows = "ref,category,occurred_from,found_by,lon,lat\nA,theft,2025-05-01T20:00:00+07:00,citizen,104.0,21.40\n\
                B,damage,2025-05-02T20:00:00+07:00,citizen,104.001,21.40\nC,other,2025-05-03T20:00:00+07:00,patrol,104.0,21.401\n";
    fs::write(&csv, rows).unwrap();
    import(&data, "incidents", &[csv], &["--key", "ref"]).ok();
    let mut server = serve(&data);
    let followed = answers(&server);
    assert!(server.log().contains(FROM_FILE) && followed != from_store);
    server.kill();
    let kept = fs::read(&file).unwrap();

    // Without it, and with what is left of it.
    fs::remove_file(&file).unwrap();
    let mut flipped = kept.clone();
    flipped[kept.len() / 2] ^= 4;
    for bytes in [None, Some(&flipped[..]), Some(&kept[..kept.len() / 3])] {
        if let Some(bytes) = bytes {
            fs::write(&file, bytes).unwrap();
        }
        let mut server = serve(&data);
        assert!(answers(&server) == followed);
        assert!(server.log().contains(FROM_STORE));
        server.kill();
    }
}

#[test]
fn what_was_erased_is_not_in_the_file() {
    const MARKER: &str = "Zqx-7719-khong-duoc-ghi";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = serve(&data);
    let feature = json!({
        "type": "Feature", "geometry": {"type": "Point", "coordinates": [104.001, 21.401]},
        "properties": {"category": "noise", "state": "found", "found_on": "2025-12-31", "address": MARKER},
    });
    let made = server.post("/api/collections/violations/items", &feature, &[]).expect(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    server.stop();
    let old = fs::read(snapshot(&data)).unwrap();
    assert!(files_with(dir.path(), MARKER).contains(&snapshot(&data)));
    let redact = ["redact", "--data", &arg(&data), "violations", &id, "--reason", "nhập nhầm"];
    diaban(redact).ok();
    assert_eq!(files_with(dir.path(), MARKER), Vec::<PathBuf>::new());
    // An old one is put back.
    fs::write(snapshot(&data), old).unwrap();
    let server = serve(&data);
    assert!(server.log().contains(FROM_STORE));
    assert_eq!(files_with(dir.path(), MARKER), Vec::<PathBuf>::new());
    server.stop();
    assert!(snapshot(&data).exists());
    assert_eq!(files_with(dir.path(), MARKER), Vec::<PathBuf>::new());
}
