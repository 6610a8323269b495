//! Editing over HTTP: locking, workflow, validation, history, undo.

use std::collections::BTreeMap;

use e2e::{Http, Server, temp_dir};
use serde_json::{Value, json};

use crate::{create, item, items, small_site, violation};

fn if_match(etag: &str) -> [(&'static str, &str); 1] {
    [("if-match", etag)]
}

fn patch(http: &Http, id: &str, etag: &str, body: &Value) -> e2e::Reply {
    http.patch(&item("violations", id), body, &if_match(etag))
}

/// What may follow each state, from codes.md.
fn workflow() -> BTreeMap<&'static str, Vec<&'static str>> {
    BTreeMap::from([
        ("found", vec!["reminded", "recorded", "unfounded", "transferred"]),
        ("reminded", vec!["fixed", "recorded"]),
        ("recorded", vec!["decided"]),
        ("decided", vec!["fixing", "enforced"]),
        ("fixing", vec!["fixed"]),
        ("enforced", vec!["fixed"]),
        ("fixed", vec!["rechecked", "fixing"]),
        ("rechecked", vec![]),
        ("unfounded", vec![]),
        ("transferred", vec![]),
    ])
}

/// A way from `found` to a state, along the workflow.
fn way(to: &str) -> Vec<&'static str> {
    let all = workflow();
    let mut ways: Vec<Vec<&str>> = vec![vec!["found"]];
    loop {
        if let Some(found) = ways.iter().find(|w| w.last() == Some(&to)) {
            return found[1..].to_vec();
        }
        ways = ways
            .iter()
            .flat_map(|w| all[w.last().unwrap()].iter().map(move |n| [w.as_slice(), &[*n]].concat()))
            .collect();
    }
}

#[test]
fn every_transition_of_the_workflow_is_allowed_and_no_other() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let states: Vec<&str> = workflow().into_keys().collect();
    for (from, next) in workflow() {
        let (id, mut etag) = create(&server.http(), "violations", &violation(104.005, 21.405));
        for step in way(from) {
            let body = json!({"properties": {"state": step}});
            etag = patch(&server.http(), &id, &etag, &body).expect(200).etag();
        }
        for to in states.iter().filter(|s| **s != from) {
            let reply = patch(&server.http(), &id, &etag, &json!({"properties": {"state": to}}));
            if next.contains(to) {
                // Undone at once, so that the next state is tried from the same one.
                let etag_after = reply.expect(200).etag();
                let path = format!("{}/revert", item("violations", &id));
                etag = server.post(&path, &json!({}), &if_match(&etag_after)).expect(200).etag();
            } else {
                reply.problem(409, "transition-not-allowed");
            }
        }
    }
    server.stop();
}

#[test]
fn a_change_needs_the_version_it_was_based_on() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let (id, first) = create(&server.http(), "violations", &violation(104.005, 21.405));
    let path = item("violations", &id);
    let body = json!({"properties": {"address": "Ngõ 2"}});
    server.patch(&path, &body, &[]).problem(428, "version-required");
    server.put(&path, &violation(104.0, 21.4), &[]).problem(428, "version-required");
    server.delete(&path, &[]).problem(428, "version-required");
    let second = server.patch(&path, &body, &if_match(&first)).expect(200).etag();
    assert_ne!(first, second);
    server.patch(&path, &body, &if_match(&first)).problem(412, "stale-version");
    server.delete(&path, &if_match(&first)).problem(412, "stale-version");
    server.patch(&path, &body, &if_match(&format!("W/{second}"))).problem(412, "stale-version");
    assert_eq!(server.get(&path).expect(200).etag(), second);
    server.get_with(&path, &[("if-none-match", &second)]).expect(304);
    server.patch(&item("violations", &id.replace('0', "1")), &body, &if_match("\"x\"")).expect(404);
    server.stop();
}

#[test]
fn create_change_move_delete_revert_restore() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let http = server.http();
    let reply = http.post(&items("violations"), &violation(104.005, 21.405), &[]).expect(201);
    let location = reply.header("location").unwrap().to_owned();
    let id = crate::id_of(&reply);
    assert!(location.ends_with(&item("violations", &id)));
    let path = item("violations", &id);
    // Moved.
    let there = json!({"geometry": {"type": "Point", "coordinates": [104.006, 21.406]}});
    let moved = patch(&http, &id, &reply.etag(), &there).expect(200);
    assert_eq!(moved.json()["geometry"]["coordinates"], json!([104.006, 21.406]));
    // Its state, with the day it took effect.
    let state =
        json!({"properties": {"state": "reminded"}, "effective_on": "2025-04-01", "reason": "nhắc lần đầu"});
    let reminded = patch(&http, &id, &moved.etag(), &state).expect(200);
    for (day, expected) in [("2025-03-31", "found"), ("2025-04-01", "reminded")] {
        let page = http.get_json(&format!("{}?datetime={day}", items("violations")));
        assert_eq!(page["features"][0]["properties"]["state"], expected, "{day}");
    }
    // Waiting for a location.
    let nowhere = patch(&http, &id, &reminded.etag(), &json!({"geometry": null})).expect(200);
    assert_eq!(nowhere.json()["geometry"], Value::Null);
    let waiting = http.get_json(&format!("{}?located=false", items("violations")));
    assert_eq!(waiting["numberMatched"], 1);
    // Undone: the place is back, the state stays.
    let revert = format!("{path}/revert");
    let back = http.post(&revert, &json!({}), &if_match(&nowhere.etag())).expect(200);
    assert_eq!(back.json()["geometry"]["coordinates"], json!([104.006, 21.406]));
    assert_eq!(back.json()["properties"]["state"], "reminded");
    // Deleted, and restored.
    http.delete(&path, &if_match(&back.etag())).expect(204);
    http.get(&path).problem(404, "unknown-feature");
    let restored = http.post(&revert, &json!({}), &[]).expect(200);
    assert_eq!(restored.json()["properties"], back.json()["properties"]);
    assert_eq!(http.get(&path).expect(200).etag(), restored.etag());
    let history = http.get_json(&format!("{path}/history"));
    let entries = history["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 7, "{history}");
    assert_eq!(entries[6]["op"], "create");
    let reasons: Vec<_> = entries.iter().filter_map(|e| e["reason"].as_str()).collect();
    assert_eq!(reasons, ["nhắc lần đầu"]);
    // An older change is undone by its mark, as long as nothing changed on top of it.
    let mark = entries.iter().find(|e| e["reason"].is_string()).unwrap()["mark"].as_str().unwrap();
    let older = http.post(&revert, &json!({"mark": mark}), &if_match(&restored.etag())).expect(200);
    assert_eq!(older.json()["properties"]["state"], "found");
    server.stop();
}

#[test]
fn replacing_keeps_nothing_that_is_not_given() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let (id, etag) = create(&server.http(), "violations", &violation(104.005, 21.405));
    let mut body = violation(104.006, 21.406);
    body["properties"].as_object_mut().unwrap().remove("address");
    let replaced = server.put(&item("violations", &id), &body, &if_match(&etag)).expect(200).json();
    assert_eq!(replaced["properties"]["address"], Value::Null);
    assert_eq!(replaced["properties"]["state"], "found");
    assert_eq!(replaced["geometry"]["coordinates"], json!([104.006, 21.406]));
    server.stop();
}

#[test]
fn faults_are_told_with_their_pointers_in_both_languages() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let cases = [
        (json!({"category": "nonsense"}), "unknown-code", "/properties/category"),
        (json!({"category": 7}), "invalid-value", "/properties/category"),
        (json!({"found_on": "2025-02-30"}), "invalid-value", "/properties/found_on"),
        (json!({"category": null}), "required", "/properties/category"),
        (json!({"address": "x".repeat(301)}), "invalid-value", "/properties/address"),
        (json!({"fine": -1}), "invalid-value", "/properties/fine"),
        (json!({"no_such_field": 1}), "unknown-field", "/properties/no_such_field"),
        (
            json!({"relapse_of": "01890a5d-ac96-774b-bcce-b302099a8057"}),
            "invalid-value",
            "/properties/relapse_of",
        ),
        (json!({"address": "gọi 0912345678"}), "person-data", "/properties/address"),
    ];
    for (properties, code, pointer) in cases {
        let mut body = violation(104.005, 21.405);
        for (name, value) in properties.as_object().unwrap() {
            body["properties"][name] = value.clone();
        }
        let vi = server.post(&items("violations"), &body, &[]).problem(422, code);
        assert_eq!(vi["errors"][0]["pointer"], pointer, "{vi}");
        let en = server.post(&items("violations"), &body, &[("accept-language", "en")]).problem(422, code);
        assert_ne!(vi["detail"], en["detail"], "{code}");
    }
    assert_eq!(server.get_json("/api/collections/violations/count")["count"], 0);
    server.stop();
}

#[test]
fn two_classes_of_a_unit_cannot_hold_at_once() {
    let dir = temp_dir();
    let server = Server::serve(&small_site(dir.path()));
    let unit = server.get_json(&items("units"))["features"][0]["properties"]["entity"].clone();
    let class = |from: &str, to: Value| {
        json!({"type": "Feature", "geometry": null,
            "properties": {"unit": unit, "class": "key", "valid_from": from, "valid_to": to}})
    };
    server.post(&items("unit_classes"), &class("2021-12-31", json!("2022-12-31")), &[]).expect(201);
    // Half-open: the next begins where the last ended.
    server.post(&items("unit_classes"), &class("2022-12-31", Value::Null), &[]).expect(201);
    server
        .post(&items("unit_classes"), &class("2023-06-30", Value::Null), &[])
        .problem(409, "validity-overlap");
    server
        .post(&items("unit_classes"), &class("2020-01-01", json!("2022-01-01")), &[])
        .problem(409, "validity-overlap");
    server
        .post(&items("unit_classes"), &class("2019-01-01", json!("2018-01-01")), &[])
        .problem(422, "invalid-value");
    assert_eq!(server.get_json("/api/collections/unit_classes/count")["count"], 2);
    server.stop();
}
