//! What people who put sensitive data into the product must be able to trust: edits are kept and locked, a crash
//! loses nothing that was acknowledged, tampering is named, roles cannot tell what is hidden, bad input is refused.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking and prints what it measured"
)]

mod bad_input;
mod cold_tile;
mod crash;
mod edits;
mod idempotency;
mod live;
mod photos;
mod roles;
mod seen;
mod slow;
mod tamper;

use e2e::{Http, Reply, diaban};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A small site, made by the command line: a ward with two units.
pub(crate) fn small_site(dir: &Path) -> PathBuf {
    let data = dir.join("ward.gpkg");
    let units = dir.join("units.geojson");
    let square = |west: f64| {
        json!([[[west, 21.40], [west + 0.01, 21.40], [west + 0.01, 21.41], [west, 21.41], [west, 21.40]]])
    };
    let unit = |code: &str, west: f64| {
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": square(west)},
            "properties": {"code": code, "name": format!("Tổ {code}"), "kind": "to", "valid_from": "2020-12-31",
                "residents": 120}})
    };
    let all = json!({"type": "FeatureCollection", "features": [unit("1", 104.00), unit("2", 104.01)]});
    std::fs::write(&units, all.to_string()).unwrap();
    diaban(["import", "units", units.to_str().unwrap(), "--key", "code", "--data", data.to_str().unwrap()])
        .ok();
    data
}

/// A violation at a place.
pub(crate) fn violation(lon: f64, lat: f64) -> Value {
    json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"category": "noise", "found_on": "2025-03-01", "address": "Chợ"}})
}

/// The items of a layer.
pub(crate) fn items(layer: &str) -> String {
    format!("/api/collections/{layer}/items")
}

/// One item.
pub(crate) fn item(layer: &str, id: &str) -> String {
    format!("/api/collections/{layer}/items/{id}")
}

/// Makes a feature; its id and ETag.
pub(crate) fn create(http: &Http, layer: &str, body: &Value) -> (String, String) {
    let reply = http.post(&items(layer), body, &[]).expect(201);
    (id_of(&reply), reply.etag())
}

/// The id in an answer.
pub(crate) fn id_of(reply: &Reply) -> String {
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// A small random source with a printed seed.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        println!("seed {seed}");
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    /// One of `all`.
    pub(crate) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len() as u64) as usize]
    }
}
