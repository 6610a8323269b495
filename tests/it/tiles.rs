//! Tiles against the items they are drawn from, over all zooms at which a ward is looked at, by three decoders: the
//! tests' own, GDAL's and tippecanoe's; and what lies in a tile against GEOS trying every feature.

mod every;
mod readers;
mod survey;

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Http, Server, demo_copy, temp_dir};
use serde_json::Value;

use self::survey::{Survey, Tested};
use crate::grid::{Dice, bounds, covering, union};
use crate::mvt;
use crate::site::{by_id, drawn_layers, is_located, items, real_site};

/// Zooms at which every layer is looked at.
const ZOOMS: std::ops::RangeInclusive<u8> = 8..=16;

#[test]
fn tiles_of_the_demo_ward_hold_what_lies_in_them() {
    let dir = temp_dir();
    let server = Server::serve(&demo_copy(dir.path()));
    let layers = drawn_layers(&server);
    let ids: Vec<&str> = layers.keys().map(String::as_str).collect();
    let drawn = [
        "activities",
        "assets",
        "base",
        "groups",
        "hotspots",
        "incidents",
        "places",
        "planning",
        "posts",
        "projects",
        "sites",
        "units",
        "violations",
        "wards",
        "zones",
    ];
    assert_eq!(ids, drawn);
    let mut dice = Dice::new("tiles of the demo ward", 3_016);
    let name = "tiles::tiles_of_the_demo_ward_hold_what_lies_in_them";
    let mut tested = Tested::new(name, dir.path());
    for (layer, definition) in &layers {
        let survey = Survey::make(&server, layer, definition, "", ZOOMS, &mut dice);
        tested.check(&survey, &mut dice);
    }
    tested.finish();
}

#[test]
fn tiles_of_real_data_hold_what_lies_in_them() {
    let name = "tiles::tiles_of_real_data_hold_what_lies_in_them";
    let dir = temp_dir();
    let Some(data) = real_site(name, dir.path()) else { return };
    let server = Server::serve(&data);
    let layers = drawn_layers(&server);
    let mut dice = Dice::new("tiles of real data", 3_017);
    let mut tested = Tested::new(name, dir.path());
    for layer in ["incidents", "sites", "wards"] {
        let survey = Survey::make(&server, layer, &layers[layer], "", ZOOMS, &mut dice);
        tested.check(&survey, &mut dice);
    }
    tested.finish();
}

#[test]
fn tiles_of_a_day_hold_what_stood_on_that_day() {
    let dir = temp_dir();
    let server = Server::serve(&demo_copy(dir.path()));
    let layers = drawn_layers(&server);
    let mut dice = Dice::new("tiles of a day", 3_018);
    let mut tested = Tested::new("tiles::tiles_of_a_day_hold_what_stood_on_that_day", dir.path());
    for (layer, params) in [
        ("zones", "datetime=2021-06-30"),
        ("zones", "datetime=2023-09-01&class=not_assessed"),
        ("units", "datetime=2025-08-01"),
        ("wards", "datetime=2025-07-01"),
        ("violations", "datetime=2023-05-01/2023-05-31"),
        ("violations", "datetime=2024-03-31&state=found,reminded,recorded"),
        ("incidents", "datetime=../2022-06-30&category=theft"),
        ("sites", "datetime=2024-01-01"),
    ] {
        let survey = Survey::make(&server, layer, &layers[layer], params, 12..=15, &mut dice);
        tested.check(&survey, &mut dice);
    }
    tested.finish();
}

#[test]
fn one_tile_of_many_layers_is_those_layers() {
    let dir = temp_dir();
    let server = Server::serve(&demo_copy(dir.path()));
    let all = "zones,units,violations,projects";
    let extent = items(&server, "wards", "").iter().filter_map(bounds).reduce(union).unwrap();
    let mut seen = BTreeSet::new();
    for (z, x, y) in (11..=14).flat_map(|z| covering(extent, z, 0)) {
        // A day is a parameter of every layer, a class of zones alone: each takes what it knows.
        let params = "?datetime=2023-05-01&class=key,drug_free";
        let together = mvt::decode(&server.get(&format!("/tiles/{all}/{z}/{x}/{y}.mvt{params}")).body);
        for layer in &together {
            seen.insert(layer.name.clone());
            assert_eq!(layer.extent, 4096);
        }
        for layer in all.split(',') {
            let params = if layer == "zones" { params } else { "?datetime=2023-05-01" };
            let alone = server.get(&format!("/tiles/{layer}/{z}/{x}/{y}{params}"));
            let of = |layers: &[mvt::TileLayer]| {
                let found = layers.iter().find(|l| l.name == layer);
                format!("{:?}", found.map(|l| &l.features))
            };
            assert_eq!(of(&together), of(&mvt::decode(&alone.body)), "{layer} {z}/{x}/{y}");
            let params = params.replace('?', "?f=mvt&");
            let path = format!("/api/collections/{layer}/tiles/WebMercatorQuad/{z}/{y}/{x}{params}");
            assert_eq!(server.get(&path).body, alone.body, "{path}");
        }
    }
    assert_eq!(seen.into_iter().collect::<Vec<_>>().join(","), "projects,units,violations,zones");
}

#[test]
fn tiles_carry_the_fields_of_their_items() {
    let dir = temp_dir();
    let server = Server::serve(&demo_copy(dir.path()));
    let mut fids: BTreeMap<(String, u64), String> = BTreeMap::new();
    for (layer, definition) in drawn_layers(&server) {
        let found = items(&server, &layer, "");
        let extent = found.iter().filter_map(bounds).reduce(union).unwrap();
        let found = by_id(found);
        let fields = tile_fields(&definition);
        let mut compared = 0;
        for (z, x, y) in covering(extent, 13, 1) {
            for feature in mvt::features(&server.get(&format!("/tiles/{layer}/{z}/{x}/{y}")).body, &layer) {
                let id = feature.id().to_owned();
                let item = &found[&id];
                assert!(is_located(item));
                let told = |name: &str| feature.properties.get(name).unwrap_or(&Value::Null);
                for name in &fields {
                    assert!(
                        same(told(name), &item["properties"][name]),
                        "{layer} {id} {name}: {:?}",
                        told(name)
                    );
                }
                let known = |name: &str| name == "id" || fields.iter().any(|f| f == name);
                assert!(
                    feature.properties.keys().all(|name| known(name)),
                    "{layer}: {:?}",
                    feature.properties
                );
                let first = fids.entry((layer.clone(), feature.fid)).or_insert_with(|| id.clone());
                assert_eq!(*first, id, "{layer}: a number of two features");
                compared += 1;
            }
        }
        println!("{layer}: {compared} features of tiles compared with {} items", found.len());
        assert!(compared > 0, "{layer}");
    }
    assert_tilejson(&server);
}

/// Names of the fields that go into tiles.
fn tile_fields(definition: &Value) -> Vec<String> {
    let fields = definition["fields"].as_array().unwrap();
    let drawn = fields.iter().filter(|f| f["tile"] == true);
    drawn.map(|f| f["name"].as_str().unwrap().to_owned()).collect()
}

/// Equal, numbers by their value: 5 and 5.0 are the same.
fn same(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-12,
        _ => a == b,
    }
}

/// What the TileJSON promises is what can be fetched.
fn assert_tilejson(server: &Http) {
    let json = server.get_json("/tiles/zones,violations?datetime=2023-05-01");
    assert_eq!(json["tilejson"], "3.0.0");
    let layers = json["vector_layers"].as_array().unwrap();
    assert_eq!(layers.iter().map(|l| l["id"].as_str().unwrap()).collect::<Vec<_>>(), ["zones", "violations"]);
    assert!(layers[0]["fields"]["class"].is_string() && layers[1]["fields"]["state"].is_string());
    let template = json["tiles"][0].as_str().unwrap();
    // 104.00 E, 21.40 N at zoom 12, by the usual formula.
    let url = template.replace("{z}", "12").replace("{x}", "3231").replace("{y}", "1798");
    let tile = server.get(crate::site::local(&url)).expect(200);
    assert_eq!(mvt::decode(&tile.body).len(), 2, "{url}");
}
