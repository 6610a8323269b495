//! Exports as files for others: GeoJSON by RFC 7946, CSV for spreadsheets, and back into a fresh site unchanged.

use std::path::Path;

use e2e::{Server, demo_copy, diaban, python_run, skip, temp_dir};
use serde_json::{Value, json};

use crate::grid::positions;
use crate::site::{arg, by_id, drawn_layers, import, items};

#[track_caller]
fn export(data: &Path, layer: &str, more: &[&str]) -> String {
    let data = arg(data);
    let mut args = vec!["export", layer, "--data", &data];
    args.extend(more);
    diaban(args).ok().text()
}

#[test]
fn the_command_and_the_address_give_the_same_file() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    for (layer, args, query) in [
        ("zones", &["--datetime", "2022-12-31"][..], "datetime=2022-12-31"),
        ("units", &[], ""),
        (
            "violations",
            &["--match", "state=found,reminded", "--bbox", "103.99,21.39,104.005,21.405"],
            "state=found,reminded&bbox=103.99,21.39,104.005,21.405",
        ),
        ("incidents", &["--datetime", "2023-01-01/2023-03-31"], "datetime=2023-01-01/2023-03-31"),
        ("documents", &[], ""),
        ("sites", &["--as", "planner"], ""),
    ] {
        for format in ["geojson", "csv"] {
            let by_command = export(&data, layer, &[args, &["--format", format]].concat());
            let reply = if args.contains(&"planner") {
                Server::serve_as("planner", &data).get(&format!("/export/{layer}?format={format}&{query}"))
            } else {
                server.get(&format!("/export/{layer}?format={format}&{query}"))
            };
            let reply = reply.expect(200);
            assert!(
                reply
                    .header("content-disposition")
                    .is_some_and(|v| v.starts_with("attachment") && v.contains(layer))
            );
            assert_eq!(reply.header("etag"), None, "exports have no ETag");
            assert!(
                reply.text() == by_command,
                "{layer} {query} {format}: {} bytes and {}",
                reply.body.len(),
                by_command.len()
            );
        }
        if !args.contains(&"planner") {
            let file: Value = serde_json::from_str(&export(&data, layer, args)).unwrap();
            let found = by_id(items(&server, layer, query));
            assert_eq!(file["features"].as_array().unwrap().len(), found.len(), "{layer} {query}");
            assert_eq!(file["diaban"]["count"], found.len());
            // Ordered by number: the order of the items.
            for feature in file["features"].as_array().unwrap() {
                let item = &found[feature["id"].as_str().unwrap()];
                assert_eq!(feature["geometry"], item["geometry"].clone(), "{layer}");
                for (name, value) in item["properties"].as_object().unwrap() {
                    assert_eq!(feature["properties"][name], *value, "{layer} {name}");
                }
            }
        }
    }
}

#[test]
fn geojson_is_by_rfc_7946_and_says_where_it_comes_from() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    let mut rings = 0;
    for layer in drawn_layers(&server).keys() {
        let text = export(&data, layer, &[]);
        let file: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(file["type"], "FeatureCollection");
        assert_eq!((&file["crs"], &file["diaban"]["layer"]), (&Value::Null, &json!(layer)));
        for feature in file["features"].as_array().unwrap() {
            assert_eq!(feature["type"], "Feature");
            assert!(feature["id"].is_string() && feature["properties"].is_object(), "{layer}");
            let geometry = &feature["geometry"];
            for [lon, lat] in positions(&geometry["coordinates"]) {
                assert!((-180.0..=180.0).contains(&lon) && (-90.0..=90.0).contains(&lat));
                assert!(decimals(lon) <= 7 && decimals(lat) <= 7, "{layer}: {lon} {lat}");
            }
            for (n, ring) in rings_of(geometry) {
                assert_eq!(ring.first(), ring.last(), "{layer}: a ring is closed");
                assert!(
                    (signed_area(&ring) > 0.0) == (n == 0),
                    "{layer}: exteriors run counter-clockwise, holes not"
                );
                rings += 1;
            }
        }
    }
    assert!(rings > 30, "{rings} rings");
    let about = |args: &[&str], layer: &str| {
        let file: Value = serde_json::from_str(&export(&data, layer, args)).unwrap();
        file["diaban"].clone()
    };
    let zones = about(&["--datetime", "2022-12-31", "--match", "class=key"], "zones");
    assert_eq!((&zones["as_of"], &zones["count"]), (&json!("2022-12-31"), &json!(2)), "{zones:#}");
    assert!(zones["filter"].as_str().is_some_and(|f| f.contains("class=key")), "{zones:#}");
    assert!(zones["note"]["vi"].as_str().is_some_and(|n| n.starts_with("Phân loại địa bàn")), "{zones:#}");
    assert_eq!(about(&[], "documents")["filter"], Value::Null);
}

fn decimals(n: f64) -> usize {
    let text = n.to_string();
    assert!(!text.contains(['e', 'E']), "{text}");
    text.split_once('.').map_or(0, |(_, after)| after.len())
}

/// The rings of polygons, each with its place: 0 is the exterior.
fn rings_of(geometry: &Value) -> Vec<(usize, Vec<[f64; 2]>)> {
    let polygons = match geometry["type"].as_str() {
        Some("Polygon") => vec![geometry["coordinates"].clone()],
        Some("MultiPolygon") => geometry["coordinates"].as_array().unwrap().clone(),
        _ => Vec::new(),
    };
    let rings = |p: Value| serde_json::from_value::<Vec<Vec<[f64; 2]>>>(p).unwrap().into_iter().enumerate();
    polygons.into_iter().flat_map(rings).collect()
}

fn signed_area(ring: &[[f64; 2]]) -> f64 {
    // From the first vertex, so that small rings far from the origin keep their digits.
    let [x, y] = ring[0];
    let pairs = ring.windows(2).map(|p| (p[0][0] - x) * (p[1][1] - y) - (p[1][0] - x) * (p[0][1] - y));
    pairs.sum()
}

/// Rows, and one column, as Python's reader of CSV and GDAL's see them.
const READ: &str = r"
import csv, json, sys
from osgeo import ogr
ogr.UseExceptions()
with open(sys.argv[1], encoding='utf-8-sig', newline='') as file:
    rows = list(csv.DictReader(file))
source = ogr.Open(sys.argv[1])
layer = source.GetLayer(0)
ids = [feature.GetField(0) for feature in layer]
print(json.dumps({'rows': rows, 'gdal': ids}))
";

#[test]
fn csv_opens_elsewhere_and_starts_no_formula() {
    let name = "export::csv_opens_elsewhere_and_starts_no_formula";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    let dangerous = [
        "=1+1",
        "+SUM(A1:A9)",
        "-2+3",
        "@SUM(1)",
        "\tcmd",
        "=HYPERLINK(\"http://127.0.0.1\",\"x\")",
        "a,=1+1",
        "'=1",
    ];
    let mut ids = Vec::new();
    for text in dangerous {
        let properties =
            json!({"category": "other", "state": "found", "found_on": "2025-12-31", "address": text});
        let feature = json!({"type": "Feature", "geometry": null, "properties": properties});
        let made = server.post("/api/collections/violations/items", &feature, &[]).expect(201).json();
        assert_eq!(made["properties"]["address"], text, "kept as it was typed");
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    let out = dir.path().join("violations.csv");
    let count = items(&server, "violations", "").len();
    export(&data, "violations", &["--format", "csv", "--out", &arg(&out)]);
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(dir.path().join("violations.csv.manifest.json")).unwrap())
            .unwrap();
    assert_eq!((&manifest["count"], &manifest["layer"]), (&json!(count), &json!("violations")));
    let Some(run) = python_run(READ, [arg(&out)]) else { return skip(name, "no Python with GDAL") };
    let told = run.ok().json();
    let rows = told["rows"].as_array().unwrap();
    assert_eq!((rows.len(), told["gdal"].as_array().unwrap().len()), (count, count));
    for (row, id) in rows.iter().zip(told["gdal"].as_array().unwrap()) {
        assert_eq!(row["id"], *id);
        for (column, cell) in row.as_object().unwrap() {
            let cell = cell.as_str().unwrap();
            let is_number = cell.parse::<f64>().is_ok();
            assert!(is_number || !cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{column}: {cell:?}");
        }
    }
    for (id, text) in ids.iter().zip(dangerous) {
        let row = rows.iter().find(|row| row["id"] == *id).expect("a row");
        let cell = row["address"].as_str().unwrap();
        assert!(
            cell != text && cell.replace('\'', "") == text.replace('\'', ""),
            "{cell:?} stands for {text:?}"
        );
    }
    drop(server);
    // Back in a fresh site the texts are what was typed.
    let fresh = dir.path().join("fresh.gpkg");
    import(&fresh, "violations", &[out], &[]).ok();
    let found = by_id(items(&Server::serve(&fresh), "violations", "category=other"));
    for (id, text) in ids.iter().zip(dangerous) {
        assert_eq!(found[id]["properties"]["address"], text);
    }
}

#[test]
fn an_export_imported_elsewhere_is_the_same_export() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let fresh = dir.path().join("fresh.gpkg");
    // What is referred to comes first.
    let layers =
        ["documents", "wards", "units", "unit_classes", "sites", "violations", "incidents", "projects"];
    for layer in layers {
        let file = dir.path().join(format!("{layer}.geojson"));
        export(&data, layer, &["--out", &arg(&file)]);
        let receipt = import(&fresh, layer, std::slice::from_ref(&file), &[]).ok().json();
        assert_eq!(receipt["rejected"], 0, "{layer}: {receipt:#}");
        let kept = receipt["stored"].as_u64().unwrap() + receipt["waiting_for_location"].as_u64().unwrap();
        assert_eq!(receipt["read"], kept, "{layer}: {receipt:#}");
        let again = import(&fresh, layer, &[file], &[]).ok().json();
        assert_eq!(again["unchanged"], again["read"], "{layer} again: {again:#}");
    }
    for layer in layers.into_iter().chain(["zones"]) {
        let features = |data: &Path| {
            let file: Value = serde_json::from_str(&export(data, layer, &[])).unwrap();
            file["features"].as_array().unwrap().clone()
        };
        let (there, here) = (features(&data), features(&fresh));
        assert_eq!(there.len(), here.len(), "{layer}");
        if layer == "zones" {
            // A zone's own id is made anew from those it is joined of; the rest is the same.
            let plain = |f: &Value| {
                (
                    f["properties"]["unit"].to_string(),
                    f["properties"]["valid_from"].to_string(),
                    f["geometry"].clone(),
                )
            };
            let mut both = [there.iter().map(plain).collect::<Vec<_>>(), here.iter().map(plain).collect()];
            for all in &mut both {
                all.sort_by(|a, b| (&a.0, &a.1).cmp(&(&b.0, &b.1)));
            }
            assert!(both[0] == both[1], "zones differ");
            continue;
        }
        for (a, b) in there.iter().zip(&here) {
            assert!(a == b, "{layer} {}: {}", a["id"], differences(a, b));
        }
    }
    // Past days are the same too: states as they were, classes as they were.
    let (ours, theirs) = (Server::serve(&data), Server::serve(&fresh));
    for (layer, day) in [("violations", "2023-06-30"), ("projects", "2022-01-01"), ("sites", "2024-06-30")] {
        let on = |server: &Server| items(server, layer, &format!("datetime={day}"));
        let (there, here) = (on(&ours), on(&theirs));
        let changed: Vec<_> = there.iter().filter(|f| !here.contains(f)).map(|f| &f["id"]).collect();
        assert!(
            changed.is_empty(),
            "{layer} on {day}: {} of {} differ: {changed:?}",
            changed.len(),
            there.len()
        );
        assert_eq!(there.len(), here.len(), "{layer} on {day}");
    }
}

/// Where two features differ, member by member.
fn differences(a: &Value, b: &Value) -> String {
    let both = |name: &str, a: &Value, b: &Value| (a != b).then(|| format!("{name}: {a} and {b}"));
    let members = ["geometry", "transitions", "type"].map(|name| both(name, &a[name], &b[name]));
    let properties = a["properties"].as_object().expect("properties").iter();
    let properties = properties.map(|(name, value)| both(name, value, &b["properties"][name]));
    members.into_iter().chain(properties).flatten().collect::<Vec<_>>().join("; ")
}
