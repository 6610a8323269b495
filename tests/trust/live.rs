//! Live events: who may hear a change hears it, with the tiles it touches, and takes up where it was cut off.

use std::time::{Duration, Instant};

use e2e::{Live, Server, diaban, temp_dir};
use serde_json::{Value, json};

use crate::{create, item, items, small_site, violation};

const SOON: Duration = Duration::from_secs(5);

/// Column and row of a place, by the usual formula of slippy maps.
fn tile_of(lon: f64, lat: f64, z: u32) -> (u64, u64) {
    let n = f64::from(1 << z);
    let y = lat.to_radians();
    let row = (1.0 - (y.tan() + 1.0 / y.cos()).ln() / std::f64::consts::PI) / 2.0 * n;
    (((lon + 180.0) / 360.0 * n) as u64, row as u64)
}

fn covers(ranges: &Value, (x, y): (u64, u64)) -> bool {
    ranges.as_array().unwrap().iter().any(|r| {
        let n = |i: usize| r[i].as_u64().unwrap();
        (n(0)..=n(2)).contains(&x) && (n(1)..=n(3)).contains(&y)
    })
}

#[test]
fn a_move_names_the_tiles_it_left_and_those_it_reached() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let (id, etag) = create(&server.http(), "violations", &violation(104.0012, 21.4012));
    let (one, two) = (server.live(), server.live());
    let there = json!({"geometry": {"type": "Point", "coordinates": [104.0187, 21.4089]}});
    server.patch(&item("violations", &id), &there, &[("if-match", &etag)]).expect(200);
    for live in [&one, &two] {
        let event = live.find(SOON, |e| e.event == "change").unwrap().json();
        assert_eq!((&event["layer"], &event["id"]), (&json!("violations"), &json!(id)));
        assert!(event["fid"].is_i64() && event["op"] == "update");
        for z in 0..=18 {
            let ranges = &event["tiles"][z.to_string()];
            assert!(covers(ranges, tile_of(104.0012, 21.4012, z)), "zoom {z}: {ranges}");
            assert!(covers(ranges, tile_of(104.0187, 21.4089, z)), "zoom {z}: {ranges}");
        }
        // Not more than the place and its neighbours within the buffer.
        let last = event["tiles"]["18"].as_array().unwrap();
        let tiles: u64 = last
            .iter()
            .map(|r| {
                let n = |i: usize| r[i].as_u64().unwrap();
                (n(2) - n(0) + 1) * (n(3) - n(1) + 1)
            })
            .sum();
        assert!(tiles <= 8, "{tiles} tiles at zoom 18");
    }
    drop((one, two));
    server.stop();
}

#[test]
fn a_class_recolours_its_zone() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let unit = server.get_json(&items("units"))["features"][0]["properties"]["entity"].clone();
    let live = server.live();
    let class = json!({"type": "Feature", "geometry": null,
        "properties": {"unit": unit, "class": "key", "valid_from": "2021-12-31"}});
    create(&server.http(), "unit_classes", &class);
    let event = live.find(SOON, |e| e.event == "change" && e.json()["layer"] == "zones").unwrap().json();
    assert!(covers(&event["tiles"]["14"], tile_of(104.005, 21.405, 14)), "{event}");
    let zones = server.get_json(&format!("{}?datetime=2022-06-01", items("zones")));
    let classes: Vec<_> =
        zones["features"].as_array().unwrap().iter().map(|f| f["properties"]["class"].clone()).collect();
    assert_eq!(classes, [json!("key"), json!("not_assessed")]);
    drop(live);
    server.stop();
}

#[test]
fn a_stream_goes_on_where_it_was_cut_off() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let live = server.live();
    create(&server.http(), "violations", &violation(104.001, 21.401));
    let mark = live.find(SOON, |e| e.event == "change").unwrap().id;
    drop(live);
    let missed: Vec<String> =
        (0..3).map(|_| create(&server.http(), "violations", &violation(104.002, 21.402)).0).collect();
    let back = Live::open(&server.url, "/live", Some(&mark));
    for id in &missed {
        assert_eq!(back.find(SOON, |e| e.event == "change").unwrap().json()["id"], *id);
    }
    let strange = Live::open(&server.url, "/live", Some("no-mark-of-ours"));
    assert_eq!(strange.find(SOON, |e| !e.event.is_empty()).unwrap().event, "reset");
    drop((back, strange));
    server.stop();
}

#[test]
fn another_process_is_followed() {
    let dir = temp_dir();
    let data = small_site(dir.path());
    let server = Server::serve(&data);
    let live = server.live();
    let csv = dir.path().join("more.csv");
    std::fs::write(&csv, "code,category,found_on,lon,lat\na,noise,2025-01-01,104.003,21.403\n").unwrap();
    diaban([
        "import",
        "violations",
        csv.to_str().unwrap(),
        "--key",
        "code",
        "--data",
        data.to_str().unwrap(),
    ])
    .ok();
    let started = Instant::now();
    let event = live.find(SOON, |e| e.event == "change").unwrap();
    println!("seen {} ms after the import returned", started.elapsed().as_millis());
    assert_eq!(event.json()["layer"], "violations");
    assert_eq!(server.get_json("/api/collections/violations/count")["count"], 1);
    drop(live);
    server.stop();
}
