//! A small site for tests of trust: two square units and whatever a test makes of it, and the requests for that.

use std::path::{Path, PathBuf};

use e2e::{Http, Reply, Server, diaban, diaban_with_env};
use serde_json::{Value, json};

/// The day on which these tests take place.
pub(crate) const TODAY: &str = "2025-12-31";

/// West and south edge of each unit; both are 0.01° wide and high.
pub(crate) const UNITS: [[f64; 2]; 2] = [[104.00, 21.40], [104.01, 21.40]];

/// A site in `dir` with two units of the codes "T1" and "T2", valid since the end of 2020.
#[track_caller]
pub(crate) fn small_site(dir: &Path) -> PathBuf {
    let unit = |n: usize| {
        let [west, south] = UNITS[n];
        let (east, north) = (west + 0.01, south + 0.01);
        let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]}, "properties": {
            "code": format!("T{}", n + 1), "name": format!("Tổ {}", n + 1), "kind": "to",
            "valid_from": "2020-12-31", "residents": 120 + n}})
    };
    let (data, file) = (dir.join("ward.gpkg"), dir.join("units.geojson"));
    let units = json!({"type": "FeatureCollection", "features": [unit(0), unit(1)]});
    std::fs::write(&file, units.to_string()).expect("a file of units");
    let (data_arg, file_arg) = (data.to_str().unwrap(), file.to_str().unwrap());
    diaban_with_env(
        ["import", "units", file_arg, "--key", "code", "--data", data_arg],
        &[("DIABAN_NOW", TODAY)],
    )
    .ok();
    data
}

/// Serves a site as an analyst on the tests' day.
#[track_caller]
pub(crate) fn serve(data: &Path) -> Server {
    serve_as("analyst", data)
}

/// Serves a site as a role on the tests' day.
#[track_caller]
pub(crate) fn serve_as(role: &str, data: &Path) -> Server {
    let data = data.to_str().unwrap();
    Server::start_with_env(["serve", "--as", role, "--data", data], &[("DIABAN_NOW", TODAY)])
}

/// The path of a layer's items.
pub(crate) fn items(layer: &str) -> String {
    format!("/api/collections/{layer}/items")
}

/// The path of one item.
pub(crate) fn item(layer: &str, id: &str) -> String {
    format!("/api/collections/{layer}/items/{id}")
}

/// A point as GeoJSON.
pub(crate) fn point(lon: f64, lat: f64) -> Value {
    json!({"type": "Point", "coordinates": [lon, lat]})
}

/// A violation at a place in the first unit.
pub(crate) fn violation(lon: f64, lat: f64) -> Value {
    json!({"type": "Feature", "geometry": point(lon, lat), "properties": {
        "category": "noise", "found_on": "2025-03-01", "address": "Chợ Mẫu"}})
}

/// A feature as it was answered last.
pub(crate) struct Made {
    /// Its id.
    pub(crate) id: String,
    /// Its ETag.
    pub(crate) etag: String,
    /// Its layer.
    pub(crate) layer: &'static str,
}

/// Makes a feature.
#[track_caller]
pub(crate) fn create(http: &Http, layer: &'static str, body: &Value) -> Made {
    let reply = http.post(&items(layer), body, &[]).expect(201);
    Made { id: reply.json()["id"].as_str().expect("an id").to_owned(), etag: reply.etag(), layer }
}

impl Made {
    /// Its path.
    pub(crate) fn path(&self) -> String {
        item(self.layer, &self.id)
    }

    /// Sends a merge patch based on the version known; the answer is not judged.
    #[track_caller]
    pub(crate) fn try_patch(&self, http: &Http, body: &Value) -> Reply {
        http.patch(&self.path(), body, &[("if-match", &self.etag)])
    }

    /// Changes it and remembers the new version.
    #[track_caller]
    pub(crate) fn patch(&mut self, http: &Http, body: &Value) -> Value {
        self.answered(self.try_patch(http, body))
    }

    /// Changes one property.
    #[track_caller]
    pub(crate) fn set(&mut self, http: &Http, field: &str, value: impl Into<Value>) -> Value {
        let value: Value = value.into();
        self.patch(http, &json!({"properties": {field: value}}))
    }

    /// Undoes its newest change.
    #[track_caller]
    pub(crate) fn revert(&mut self, http: &Http) -> Value {
        let reply = http.post(&format!("{}/revert", self.path()), &json!({}), &as_json(&self.etag));
        self.answered(reply)
    }

    /// Removes it.
    #[track_caller]
    pub(crate) fn delete(&self, http: &Http) {
        http.delete(&self.path(), &[("if-match", &self.etag)]).expect(204);
    }

    /// Takes over the version of an answer.
    #[track_caller]
    pub(crate) fn answered(&mut self, reply: Reply) -> Value {
        let reply = reply.expect(200);
        self.etag = reply.etag();
        reply.json()
    }

    /// Its history, newest first.
    #[track_caller]
    pub(crate) fn history(&self, http: &Http) -> Vec<Value> {
        let mut history = http.get_json(&format!("{}/history", self.path()));
        let Value::Array(entries) = history["entries"].take() else { panic!("no entries: {history}") };
        entries
    }
}

/// Headers of a request about a feature of this version.
pub(crate) fn as_json(etag: &str) -> [(&'static str, &str); 2] {
    [("content-type", "application/json"), ("if-match", etag)]
}

/// The entity of a unit by its code.
#[track_caller]
pub(crate) fn unit(http: &Http, code: &str) -> String {
    let page = http.get_json(&format!("{}?code={code}", items("units")));
    page["features"][0]["properties"]["entity"].as_str().expect("a unit").to_owned()
}

/// How many features a layer has.
#[track_caller]
pub(crate) fn count(http: &Http, layer: &str) -> u64 {
    http.get_json(&format!("/api/collections/{layer}/count"))["count"].as_u64().expect("a count")
}

/// What `diaban verify` says of a sound site.
#[track_caller]
pub(crate) fn sound(data: &Path) -> Value {
    let report = diaban(["verify", "--json", "--data", data.to_str().unwrap()]).ok().json();
    assert_eq!(report["ok"], true, "{report}");
    report
}

/// A small random source; the seed is printed.
pub(crate) struct Random(u64);

impl Random {
    /// From a seed.
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        println!("{name}: seed {seed}");
        Self(seed)
    }

    /// The next number (SplitMix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    /// A number in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of several.
    pub(crate) fn one<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
