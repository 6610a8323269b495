//! What a role may not see does not exist for it: two sites that differ only in that answer it alike, byte for byte.

use std::path::{Path, PathBuf};
use std::time::Duration;

use e2e::{Http, Reply, Server, temp_dir};
use serde_json::{Value, json};

use crate::{Random, create, item, items, small_site, violation};

const CASES: usize = 2_000;
const SOON: Duration = Duration::from_secs(5);

/// A site as an analyst fills it.
fn filled(dir: &Path) -> PathBuf {
    let data = small_site(dir);
    let server = Server::serve(&data);
    let http = server.http();
    let units = http.get(&items("units")).json();
    for (n, unit) in units["features"].as_array().unwrap().iter().enumerate() {
        let class = ["key", "low_complexity"][n];
        let body = json!({"type": "Feature", "geometry": null, "properties": {
            "unit": unit["properties"]["entity"], "class": class, "valid_from": "2021-12-31", "users_recorded": 7}});
        create(&http, "unit_classes", &body);
        let id = unit["id"].as_str().unwrap();
        let etag = http.get(&item("units", id)).etag();
        // A count of people that a planner sees as "<5".
        http.patch(&item("units", id), &json!({"properties": {"households": 2}}), &[("if-match", &etag)])
            .expect(200);
    }
    for n in 0..12 {
        let mut body = violation(104.001 + f64::from(n) * 0.0015, 21.402 + f64::from(n % 5) * 0.0015);
        body["properties"]["category"] =
            ["noise", "street_vending", "littering_dumping"][n as usize % 3].into();
        body["properties"]["internal_note"] = "một".into();
        let (id, etag) = create(&http, "violations", &body);
        if n % 2 == 0 {
            let state = json!({"properties": {"state": "reminded"}, "effective_on": "2025-05-01"});
            http.patch(&item("violations", &id), &state, &[("if-match", &etag)]).expect(200);
        }
    }
    let incident = json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [104.004, 21.404]},
        "properties": {"category": "theft", "found_by": "citizen", "occurred_from": "2025-01-01T03:00:00Z"}});
    create(&http, "incidents", &incident);
    server.stop();
    data
}

fn change(http: &Http, layer: &str, id: &str, properties: &Value) {
    let etag = http.get(&item(layer, id)).expect(200).etag();
    http.patch(&item(layer, id), &json!({"properties": properties}), &[("if-match", &etag)]).expect(200);
}

/// Changes a planner must not notice: hidden fields, a hidden layer, a count that stays between 1 and 4.
fn hidden_edits(http: &Http) {
    for (n, feature) in
        http.get(&items("violations")).json()["features"].as_array().unwrap().iter().enumerate()
    {
        if n % 2 == 0 {
            change(
                http,
                "violations",
                feature["id"].as_str().unwrap(),
                &json!({"internal_note": "hai", "evidence": "ảnh"}),
            );
        }
    }
    for feature in http.get(&items("unit_classes")).json()["features"].as_array().unwrap() {
        let hidden = json!({"users_recorded": 11, "arrests": 3, "internal_note": "ba"});
        change(http, "unit_classes", feature["id"].as_str().unwrap(), &hidden);
    }
    for feature in http.get(&items("units")).json()["features"].as_array().unwrap() {
        change(http, "units", feature["id"].as_str().unwrap(), &json!({"households": 4}));
    }
    for n in 0..5 {
        let incident = json!({"type": "Feature",
            "geometry": {"type": "Point", "coordinates": [104.01 + f64::from(n) * 0.001, 21.40]},
            "properties": {"category": "drugs", "found_by": "patrol", "occurred_from": "2024-01-01T03:00:00Z"}});
        create(http, "incidents", &incident);
    }
}

fn copy(from: &Path, dir: &Path) -> PathBuf {
    let to = dir.join("other.gpkg");
    std::fs::copy(from, &to).unwrap();
    std::fs::copy(format!("{}.anchor", from.display()), format!("{}.anchor", to.display())).unwrap();
    to
}

/// An answer without what may differ: the time, the request's name, and marks, which are sealed.
fn shown(reply: &Reply) -> String {
    let mut headers: Vec<String> = reply
        .headers
        .iter()
        .filter(|(name, _)| {
            !matches!(name.as_str(), "date" | "x-request-id" | "x-diaban-mark" | "set-cookie")
        })
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or_default()))
        .collect();
    headers.sort();
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    let body = match serde_json::from_slice::<Value>(&reply.body) {
        Ok(mut json) if json.get("entries").is_some() => {
            for entry in json["entries"].as_array_mut().unwrap() {
                entry["mark"] = Value::Null;
                entry["at"] = Value::Null;
            }
            headers.retain(|h| !h.starts_with("etag"));
            json.to_string()
        }
        Ok(mut json) if json.get("instance").is_some() => {
            json["instance"] = Value::Null;
            json.to_string()
        }
        // Tiles are no text: their bytes are compared.
        _ if text.contains('\u{fffd}') => format!("{:?}", reply.body),
        _ => text,
    };
    format!("{}\n{}\n\n{body}", reply.status, headers.join("\n"))
}

/// One request a curious planner could make.
fn question(random: &mut Random, ids: &[(String, String)]) -> String {
    let layers = ["violations", "units", "unit_classes", "zones", "incidents", "sites", "nonsense"];
    let layer = *random.one(&layers);
    let mut filters: Vec<String> = Vec::new();
    for _ in 0..random.below(3) {
        filters.push(
            random
                .one(&[
                    "category=noise",
                    "category=noise,street_vending",
                    "state=found",
                    "state=reminded",
                    "datetime=2025-04-01",
                    "datetime=2022-01-01/..",
                    "datetime=2025-06-01",
                    "located=true",
                    "located=false",
                    "bbox=104,21.4,104.01,21.41",
                    "households=2",
                    "households=4",
                    "residents=120",
                    "internal_note=hai",
                    "users_recorded=11",
                    "arrests=3",
                    "class=key",
                    "evidence=x",
                    "nonsense=1",
                    "code=1",
                    "name=T%E1%BB%95%201",
                    "limit=3",
                    "limit=0",
                    "by=class",
                    "by=households",
                    "by=internal_note",
                    "by=category",
                    "field=found_on",
                    "step=day",
                    "lang=en",
                    "format=csv",
                ])
                .to_string(),
        );
    }
    filters.sort();
    filters.dedup_by(|a, b| a.split('=').next() == b.split('=').next());
    let query = if filters.is_empty() { String::new() } else { format!("?{}", filters.join("&")) };
    let (of, id) = random.one(ids).clone();
    match random.below(14) {
        0..=2 => format!("/api/collections/{layer}/items{query}"),
        3 => format!("/api/collections/{layer}/count{query}"),
        4 => format!("/api/collections/{layer}/histogram{query}"),
        5..=6 => {
            let z = 9 + random.below(9);
            let n = (1u64 << z) as f64;
            let x = ((104.0 + 0.02 * (random.below(100) as f64 / 100.0) + 180.0) / 360.0 * n) as u64;
            let lat = (21.40f64 + 0.01 * (random.below(100) as f64 / 100.0)).to_radians();
            let y = ((1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * n) as u64;
            format!("/tiles/{layer}/{z}/{x}/{y}{query}")
        }
        7 => format!("/tiles/{layer}{query}"),
        8 => format!("/export/{layer}{query}"),
        9 => format!("/api/collections/{layer}/{}", random.one(&["schema", "queryables"])),
        10 => (*random.one(&["/api/collections", "/api/openapi.json", "/styles/ward", "/api/site", "/api"]))
            .to_owned(),
        11 => format!("/api/collections/{layer}"),
        12 => format!("/api/collections/{of}/items/{id}/history"),
        _ => format!("/api/collections/{of}/items/{id}{query}"),
    }
}

fn ask(server: &Server, path: &str) -> Reply {
    // One name for both, so that links agree.
    server.get_with(path, &[("host", "localhost")])
}

fn differences(one: &Server, other: &Server, ids: &[(String, String)], seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    let mut found = Vec::new();
    let mut successes = 0;
    for _ in 0..CASES {
        let path = question(&mut random, ids);
        let (a, b) = (ask(one, &path), ask(other, &path));
        successes += usize::from(a.status < 300);
        let (a, b) = (shown(&a), shown(&b));
        if a != b {
            found.push(format!("{path}\n--- {a}\n+++ {b}"));
        }
    }
    assert!(successes > CASES / 3, "only {successes} of {CASES} questions were answered");
    found
}

#[test]
fn planner_cannot_tell() {
    let dir = temp_dir();
    let data = filled(dir.path());
    let other = copy(&data, dir.path());
    let server = Server::serve(&other);
    hidden_edits(&server.http());
    let mut ids = Vec::new();
    for layer in ["violations", "units", "unit_classes", "zones", "incidents"] {
        for feature in server.get_json(&items(layer))["features"].as_array().unwrap() {
            ids.push((layer.to_owned(), feature["id"].as_str().unwrap().to_owned()));
        }
    }
    server.stop();
    let (one, two) = (Server::serve_as("planner", &data), Server::serve_as("planner", &other));
    let found = differences(&one, &two, &ids, 42);
    assert!(found.is_empty(), "{} of {CASES} answers differ, for instance\n{}", found.len(), found[0]);
    // Events: the same visible edits, with hidden ones between on one side.
    let (hear_one, hear_two) = (one.live(), two.live());
    let violation_id = ids.iter().find(|(l, _)| l == "violations").unwrap().1.clone();
    let mut heard = (Vec::new(), Vec::new());
    for n in 0..5 {
        for (server, live, list) in [(&one, &hear_one, &mut heard.0), (&two, &hear_two, &mut heard.1)] {
            change(&server.http(), "violations", &violation_id, &json!({"address": format!("Ngõ {n}")}));
            list.push(live.find(SOON, |e| e.event == "change").unwrap().data);
        }
    }
    assert_eq!(heard.0, heard.1);
    drop((hear_one, hear_two));
    one.stop();
    two.stop();
    // The control: an analyst is told of every difference.
    let (one, two) = (Server::serve(&data), Server::serve(&other));
    assert!(differences(&one, &two, &ids, 42).len() > CASES / 50);
    one.stop();
    two.stop();
}

#[test]
fn a_hidden_field_or_layer_is_as_unknown_as_nonsense() {
    let dir = temp_dir();
    let data = filled(dir.path());
    let server = Server::serve_as("planner", &data);
    let problem = |path: &str, word: &str| {
        let reply = server.get(path);
        let mut json = reply.json();
        json["instance"] = Value::Null;
        (reply.status, json.to_string().replace(word, "…"))
    };
    assert_eq!(
        problem("/api/collections/violations/items?internal_note=x", "internal_note"),
        problem("/api/collections/violations/items?nonsense=x", "nonsense")
    );
    assert_eq!(
        problem("/api/collections/incidents/items", "incidents"),
        problem("/api/collections/nonsense/items", "nonsense")
    );
    let feature = &server.get_json(&items("violations"))["features"][0];
    let id = feature["id"].as_str().unwrap();
    let etag = server.get(&item("violations", id)).etag();
    let hidden = json!({"properties": {"internal_note": "x"}});
    server.patch(&item("violations", id), &hidden, &[("if-match", &etag)]).problem(422, "unknown-field");
    server.post(&items("unit_classes"), &json!({"type": "Feature"}), &[]).problem(403, "forbidden");
    let units = server.get_json(&items("units"));
    assert_eq!(units["features"][0]["properties"]["households"], "<5");
    server.stop();
}
