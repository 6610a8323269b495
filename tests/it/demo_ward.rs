//! `diaban demo`: the counts that were promised, the same seed the same bytes, a mark that stays.

use std::path::{Path, PathBuf};

use e2e::{Server, demo_copy, diaban, python_run, skip, temp_dir};
use serde_json::{Value, json};

use crate::site::{arg, items};

const LAYERS: [&str; 9] =
    ["documents", "incidents", "projects", "sites", "unit_classes", "units", "violations", "wards", "zones"];

fn demo(data: &Path, seed: &str) -> e2e::Run {
    diaban(["demo", "--no-serve", "--seed", seed, "--data", &arg(data)])
}

fn exports(data: &Path) -> Vec<(String, Vec<u8>)> {
    let kinds = LAYERS.iter().flat_map(|layer| ["geojson", "csv"].map(|format| (*layer, format)));
    let export = |layer: &str, format: &str| {
        diaban(["export", layer, "--format", format, "--data", &arg(data)]).ok().stdout
    };
    kinds.map(|(layer, format)| (format!("{layer}.{format}"), export(layer, format))).collect()
}

#[test]
fn the_ward_has_what_the_issue_promises() {
    let dir = temp_dir();
    let server = Server::serve(&demo_copy(dir.path()));
    let count = |layer: &str, params: &str| {
        let count = server.get_json(&format!("/api/collections/{layer}/count?{params}"));
        count["count"].as_u64().expect("a count")
    };
    let violations = count("violations", "");
    assert!((1900..=2100).contains(&violations), "about 2,000 violations: {violations}");
    assert_eq!([count("incidents", ""), count("projects", ""), count("sites", "")], [800, 40, 60]);
    assert_eq!(count("wards", ""), 2);
    for day in ["2020-12-31", "2023-07-31", "2023-08-01", "2025-12-31"] {
        assert_eq!(count("units", &format!("datetime={day}")), 13, "{day}");
        assert_eq!(count("wards", &format!("datetime={day}")), 1, "{day}");
    }
    let first = server.get_json("/api/collections/zones/count?by=class&datetime=2020-12-31");
    assert_eq!(first["by"], json!({"drug_free": 2, "key": 4, "low_complexity": 7}));
    let kinds = server.get_json("/api/collections/units/count?by=kind&datetime=2021-01-01");
    assert_eq!(kinds["by"], json!({"ban": 2, "to": 11}));
    let mut names: Vec<String> = items(&server, "units", "datetime=2021-01-01")
        .iter()
        .map(|unit| unit["properties"]["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort();
    let mut wanted: Vec<String> = (1..=11).map(|n| format!("Tổ Mẫu {n}")).collect();
    wanted.extend(["Bản Mẫu 1".to_owned(), "Bản Mẫu 2".to_owned()]);
    wanted.sort();
    assert_eq!(names, wanted);
    for (layer, field, first, last) in [
        ("violations", "found_on", "2020-12-31", "2025-12-31"),
        ("incidents", "occurred_from", "2020-12-30T17", "2025-12-31T17"),
    ] {
        for item in items(&server, layer, "") {
            let at = item["properties"][field].as_str().unwrap();
            assert!((first..=last).contains(&at), "{layer} {at}");
        }
    }
    let site = server.get_json("/api/site");
    assert_eq!((&site["demo"], &site["as_of"]), (&json!(true), &json!("2025-12-31")));
    let bounds: [f64; 4] = serde_json::from_value(site["bounds"].clone()).unwrap();
    assert!(bounds[0] < 104.0 && 104.0 < bounds[2] && bounds[1] < 21.4 && 21.4 < bounds[3], "{bounds:?}");
}

#[test]
fn the_same_seed_gives_the_same_bytes_of_every_export() {
    let dir = temp_dir();
    let first = demo_copy(dir.path());
    let again = dir.path().join("again.gpkg");
    demo(&again, "1").ok();
    let other = dir.path().join("other.gpkg");
    demo(&other, "2").ok();
    let (first, again, other) = (exports(&first), exports(&again), exports(&other));
    for ((name, bytes), (_, repeated)) in first.iter().zip(&again) {
        assert!(bytes.len() > 100, "{name}: {} bytes", bytes.len());
        assert!(bytes == repeated, "{name}: two wards of one seed differ");
    }
    for ((name, bytes), (_, different)) in first.iter().zip(&other) {
        // Decisions are the same papers in every ward.
        assert!(bytes != different || name.starts_with("documents"), "{name}: two seeds, one ward");
    }
}

#[test]
fn demo_reopens_its_own_file_and_refuses_any_other() {
    let dir = temp_dir();
    let own = demo_copy(dir.path());
    let before = diaban(["verify", "--json", "--data", &arg(&own)]).ok().json();
    // An edit survives: the ward is opened again, not made again.
    let server = Server::start(["demo", "--data", &arg(&own), "--seed", "9"]);
    let feature = json!({"type": "Feature", "geometry": null, "properties": {
        "category": "noise", "state": "found", "found_on": "2025-12-31"}});
    server.post("/api/collections/violations/items", &feature, &[]).expect(201);
    server.stop();
    demo(&own, "9").ok();
    let after = diaban(["verify", "--json", "--data", &arg(&own)]).ok().json();
    assert_eq!(after["commits"].as_i64().unwrap(), before["commits"].as_i64().unwrap() + 1);

    for (name, content) in [("notes.txt", &b"not a database"[..]), ("empty.gpkg", b"")] {
        let file = dir.path().join(name);
        std::fs::write(&file, content).unwrap();
        demo(&file, "1").exit(2);
        assert_eq!(std::fs::read(&file).unwrap(), content, "{name} is left alone");
    }
    let real = real(dir.path());
    let bytes = std::fs::read(&real).unwrap();
    let run = demo(&real, "1").exit(2);
    assert!(run.stderr.contains("real.gpkg"), "{}", run.stderr);
    assert_eq!(std::fs::read(&real).unwrap(), bytes, "a real site is left alone");
}

/// A site that is not a demo.
#[track_caller]
fn real(dir: &Path) -> PathBuf {
    let source = dir.join("points.geojson");
    let feature = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [104.0, 21.4]}, "properties": {
        "category": "noise", "state": "found", "found_on": "2025-12-31"}});
    std::fs::write(&source, json!({"type": "FeatureCollection", "features": [feature]}).to_string()).unwrap();
    let real = dir.join("real.gpkg");
    crate::site::import(&real, "violations", &[source], &[]).ok();
    real
}

#[test]
fn every_export_says_that_the_data_is_illustrative() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    for (name, bytes) in exports(&data) {
        let text = String::from_utf8(bytes).expect("UTF-8");
        if name.ends_with("geojson") {
            let file: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(file["diaban"]["notice"]["vi"], "dữ liệu minh hoạ", "{name}");
            continue;
        }
        let mut lines = text.lines();
        assert!(lines.next().unwrap().ends_with(",notice"), "{name}");
        // A line that ends a record; texts of the demo hold no line feeds.
        assert!(lines.clone().count() > 1 && lines.all(|line| line.ends_with(",dữ liệu minh hoạ")), "{name}");
    }
    let out = dir.path().join("units.csv");
    diaban(["export", "units", "--format", "csv", "--data", &arg(&data), "--out", &arg(&out)]).ok();
    let manifest = std::fs::read_to_string(dir.path().join("units.csv.manifest.json")).unwrap();
    assert!(manifest.contains("dữ liệu minh hoạ"), "{manifest}");
    // A real site says no such thing.
    let real = diaban(["export", "violations", "--data", &arg(&real(dir.path()))]).ok().text();
    assert!(!real.contains("minh hoạ"), "{real}");
}

/// Tries each statement on its own copy of the connection and says whether it was refused.
const TRY: &str = r"
import json, sqlite3, sys
refused = []
for statement in sys.argv[2:]:
    base = sqlite3.connect(sys.argv[1], isolation_level=None)
    try:
        base.execute(statement)
        refused.append(False)
    except sqlite3.Error:
        refused.append(True)
    base.close()
print(json.dumps(refused))
";

#[test]
fn the_mark_cannot_be_cleared() {
    let name = "demo_ward::the_mark_cannot_be_cleared";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let statements = [
        "update site set demo = 0",
        "update site set demo = 0, title_vi = 'x' where one = 1",
        "delete from site",
        "update or replace site set demo = 0",
        "insert or replace into site select one, id, key, title_vi, title_en, 0, as_of from site",
    ];
    let args = std::iter::once(arg(&data)).chain(statements.map(str::to_owned));
    let Some(run) = python_run(TRY, args) else { return skip(name, "no Python with GDAL") };
    assert_eq!(run.ok().json(), json!(statements.map(|_| true)), "refused, of {statements:#?}");
    let export = diaban(["export", "wards", "--data", &arg(&data)]).ok().json();
    assert_eq!(export["diaban"]["notice"]["en"], "illustrative data");
    assert_eq!(Server::serve(&data).get_json("/api/site")["demo"], true);
}
