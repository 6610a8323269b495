//! "Tại ngày": the map of a day is what was valid on that day, and what was entered later changes the map and not what
//! was known before.

use std::collections::BTreeMap;

use e2e::{Http, Server, demo_copy, temp_dir};
use serde_json::{Value, json};

use crate::grid::{bounds, covering, union};
use crate::mvt;
use crate::site::items;

/// A day after all data of the demo ward.
const TODAY: &str = "2026-01-15T09:00:00+07:00";

fn demo(dir: &std::path::Path) -> Server {
    let data = demo_copy(dir);
    Server::start_with_env(["serve", "--data", data.to_str().unwrap()], &[("DIABAN_NOW", TODAY)])
}

/// Class and grade of each unit's zone from the items of a day.
#[track_caller]
fn classes(http: &Http, params: &str) -> BTreeMap<String, String> {
    let zones = items(http, "zones", params);
    let all: BTreeMap<String, String> = zones.iter().map(|zone| class_of(&zone["properties"])).collect();
    assert_eq!(all.len(), zones.len(), "{params}: a unit has two zones");
    all
}

fn class_of(properties: &Value) -> (String, String) {
    let text = |name: &str| properties[name].as_str().unwrap_or_default().to_owned();
    (text("unit"), format!("{} {} {}", text("code"), text("class"), text("grade")))
}

/// The same from the tiles of one zoom, decoded.
#[track_caller]
fn drawn_classes(http: &Http, day: &str, z: u8) -> BTreeMap<String, String> {
    let extent = items(http, "units", "").iter().filter_map(bounds).reduce(union).unwrap();
    let mut all = BTreeMap::new();
    for (z, x, y) in covering(extent, z, 1) {
        let tile = http.get(&format!("/tiles/zones/{z}/{x}/{y}?datetime={day}"));
        for mut feature in mvt::features(&tile.body, "zones") {
            let properties = std::mem::take(&mut feature.properties).into_iter().collect();
            let (unit, class) = class_of(&Value::Object(properties));
            assert_eq!(*all.entry(unit).or_insert(class.clone()), class, "{day}: two classes in two tiles");
        }
    }
    all
}

#[test]
fn three_days_are_three_maps() {
    let dir = temp_dir();
    let server = demo(dir.path());
    let mut maps = Vec::new();
    for day in ["2021-06-30", "2022-12-31", "2025-08-01"] {
        let told = classes(&server, &format!("datetime={day}"));
        assert_eq!(told.len(), 13, "{day}: {told:?}");
        for z in [11, 14] {
            assert_eq!(drawn_classes(&server, day, z), told, "{day} at zoom {z}");
        }
        maps.push(told.into_values().collect::<Vec<String>>());
    }
    assert!(maps[0] != maps[1] && maps[1] != maps[2] && maps[0] != maps[2], "{maps:#?}");
    // The make-up the issue gives for the first year: 2 drug-free, 7 of low complexity, 4 key.
    let count = |class: &str| maps[0].iter().filter(|c| c.contains(&format!(" {class} "))).count();
    assert_eq!(
        [count("drug_free"), count("low_complexity"), count("has_drug_problem"), count("key")],
        [2, 7, 0, 4]
    );
    // A decision is of the year's last day: the day before still shows the year before.
    let eve = classes(&server, "datetime=2022-12-30");
    assert_eq!(eve, classes(&server, "datetime=2021-12-31"));
    assert_ne!(eve, classes(&server, "datetime=2022-12-31"));
    // Between the reform of August 2023 and the next decision the two new units are not assessed.
    let between = classes(&server, "datetime=2023-09-01");
    assert_eq!(between.values().filter(|c| c.contains("not_assessed")).count(), 2, "{between:#?}");
}

#[test]
fn a_decision_entered_today_changes_the_past_and_not_what_was_known() {
    let dir = temp_dir();
    let server = demo(dir.path());
    let day = "datetime=2022-12-31";
    let yesterday = "datetime=2022-12-31&recorded=2026-01-14";
    let (before, known) = (classes(&server, day), classes(&server, yesterday));
    assert_eq!(before, known, "nothing was entered since");

    let rows = items(&server, "unit_classes", &format!("{day}&class=low_complexity"));
    let row = rows.first().expect("a unit of low complexity");
    let unit = row["properties"]["unit"].as_str().unwrap();
    let path = format!("/api/collections/unit_classes/items/{}", row["id"].as_str().unwrap());
    let history = server.get_json(&format!("{path}/history"));
    let mark = history["entries"][0]["mark"].as_str().expect("a mark").to_owned();
    let etag = server.get(&path).expect(200).etag();
    let change = json!({"properties": {"class": "key", "grade": "II"}, "reason": "đính chính quyết định"});
    let reply = server.patch(&path, &change, &[("if-match", &etag)]).expect(200);
    assert_ne!(reply.etag(), etag);

    // The map of that day, in items and in tiles.
    let after = classes(&server, day);
    let changed: Vec<&String> = after.keys().filter(|u| after[*u] != before[*u]).collect();
    assert_eq!(changed, [unit]);
    assert!(after[unit].ends_with(" key II"), "{}", after[unit]);
    assert_eq!(drawn_classes(&server, "2022-12-31", 13), after);
    // From the next decision on nothing changed, nor before.
    for other in ["datetime=2022-12-30", "datetime=2023-12-31", "datetime=2025-12-31"] {
        assert_eq!(
            classes(&server, other),
            classes(&server, &format!("{other}&recorded=2026-01-14")),
            "{other}"
        );
    }
    // What was known: by the day, by the instant, by the mark of the row's last change before.
    assert_eq!(classes(&server, yesterday), before);
    let instant = format!("{day}&recorded=2026-01-15T01:59:59Z");
    assert_eq!(classes(&server, &instant), before);
    assert_eq!(classes(&server, &format!("{day}&recorded={mark}")), before);
    // And today it is known.
    assert_eq!(classes(&server, &format!("{day}&recorded=2026-01-15T09:00:00%2B07:00")), after);
    let recorded = server.get_json(&format!("{path}/history"));
    let newest = &recorded["entries"][0];
    assert_eq!((&newest["op"], &newest["reason"]), (&json!("update"), &json!("đính chính quyết định")));
    assert_eq!(classes(&server, &format!("{day}&recorded={}", newest["mark"].as_str().unwrap())), after);
    assert_eq!(
        recorded["entries"].as_array().unwrap().len(),
        history["entries"].as_array().unwrap().len() + 1
    );
}

#[test]
fn one_code_is_two_wards() {
    let dir = temp_dir();
    let server = demo(dir.path());
    let ward = |day: &str| {
        let found = items(&server, "wards", &format!("code=99901&datetime={day}"));
        let [ward] = &found[..] else { panic!("{day}: {} wards of one code", found.len()) };
        ward.clone()
    };
    let (before, after) = (ward("2025-06-30"), ward("2025-07-01"));
    assert_eq!(before["properties"]["name"], "Phường Mẫu");
    assert_eq!(after["properties"]["name"], "Phường Mẫu Mới");
    assert_ne!(before["properties"]["entity"], after["properties"]["entity"]);
    assert_eq!(
        (&before["properties"]["valid_to"], &after["properties"]["valid_from"]),
        (&json!("2025-07-01"), &json!("2025-07-01"))
    );
    // The larger ward on the map of the day.
    let drawn = |day: &str| {
        let extent = bounds(&after).unwrap();
        let mut names: Vec<String> = covering(extent, 13, 0)
            .into_iter()
            .flat_map(|(z, x, y)| {
                mvt::features(&server.get(&format!("/tiles/wards/{z}/{x}/{y}?datetime={day}")).body, "wards")
            })
            .map(|f| f.properties["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names.dedup();
        names
    };
    assert_eq!(drawn("2025-06-30"), ["Phường Mẫu"]);
    assert_eq!(drawn("2025-07-01"), ["Phường Mẫu Mới"]);
}

#[test]
fn a_case_shows_the_state_it_had_on_the_day() {
    let dir = temp_dir();
    let server = demo(dir.path());
    // A case that was fixed: what its transitions say is what the day shows, on the day of each and on the eve.
    let fixed = items(&server, "violations", "state=rechecked&datetime=2025-12-31");
    let id = fixed.iter().find_map(|f| f["id"].as_str()).expect("a case that is closed").to_owned();
    let case = server.get_json(&format!("/api/collections/violations/items/{id}"));
    let steps = case["transitions"].as_array().expect("transitions");
    assert!(steps.len() > 2, "{steps:?}");
    let found_on = case["properties"]["found_on"].as_str().unwrap();
    let mut by_day: BTreeMap<&str, &str> = BTreeMap::new();
    for step in steps.iter().filter(|s| s["field"] == "state") {
        by_day.insert(step["on"].as_str().unwrap(), step["to"].as_str().unwrap());
    }
    assert_eq!(by_day.first_key_value().map(|(day, _)| *day), Some(found_on));
    let at = bounds(&case).unwrap();
    let (z, x, y) = covering(at, 14, 0)[0];
    for (day, state) in by_day {
        let shown = items(&server, "violations", &format!("datetime={day}"));
        let state_of = |f: &Value| f["properties"]["state"].as_str().map(str::to_owned);
        let told = shown.iter().find(|f| f["id"] == *id).and_then(state_of);
        assert_eq!(told.as_deref(), Some(state), "{day}");
        let tile = server.get(&format!("/tiles/violations/{z}/{x}/{y}?datetime={day}"));
        let drawn = mvt::features(&tile.body, "violations");
        let drawn = drawn.iter().find(|f| f.id() == id).expect("the case is drawn");
        assert_eq!(drawn.properties["state"], *state, "{day}");
        assert!(
            shown.iter().all(|f| f["properties"]["found_on"].as_str().unwrap() <= day),
            "{day}: cases of later"
        );
    }
}
