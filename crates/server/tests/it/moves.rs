//! How zones moved between two days, as asked over HTTP.

use model::Role;
use serde_json::{Value, json};

use crate::site::{Site, send};

const UNITS: &str = "/api/collections/units/items";
const CLASSES: &str = "/api/collections/unit_classes/items";
const MOVES: &str = "/api/collections/zones/moves";

/// A unit from 2020 on with these classes at year ends.
async fn unit(site: &Site, code: &str, lon: f64, classes: &[(i32, &str)]) {
    let square = json!([[[lon, 21.4], [lon + 0.01, 21.4], [lon + 0.01, 21.41], [lon, 21.41], [lon, 21.4]]]);
    let name = format!("Tổ {code}");
    let feature = json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": square},
        "properties": {"code": code, "name": name, "kind": "to", "valid_from": "2020-01-01", "predecessors": "Tổ cũ"}});
    let made = site.post(UNITS, &feature).await.expect(201).json();
    let entity = &made["properties"]["entity"];
    for (n, (year, class)) in classes.iter().enumerate() {
        let until = classes.get(n + 1).map(|(next, _)| format!("{next}-12-31"));
        let row = json!({"type": "Feature", "geometry": null, "properties": {"unit": entity, "class": class,
            "valid_from": format!("{year}-12-31"), "valid_to": until, "decision_no": format!("{year}/QĐ")}});
        site.post(CLASSES, &row).await.expect(201);
    }
}

async fn get(site: &Site, query: &str) -> Value {
    site.get(&format!("{MOVES}?field=class&{query}")).await.expect(200).json()
}

#[tokio::test(flavor = "multi_thread")]
async fn moves_name_the_decision_that_began_the_new_class() {
    let site = Site::new().await;
    unit(&site, "1", 104.0, &[(2020, "low_complexity"), (2021, "key"), (2022, "key")]).await;
    unit(&site, "2", 104.1, &[(2020, "key"), (2021, "low_complexity"), (2022, "drug_free")]).await;
    unit(&site, "3", 104.2, &[(2020, "drug_free"), (2021, "drug_free"), (2022, "drug_free")]).await;
    unit(&site, "4", 104.3, &[(2022, "drug_free")]).await;
    let answer = get(&site, "from=2020-12-31&to=2023-06-30").await;
    assert_eq!(answer["entities"], 4);
    let told: Vec<_> = answer["moves"].as_array().unwrap().iter().collect();
    let tell = |m: &Value| {
        let p = &m["properties"];
        [&m["label"], &m["change"], &m["from"], &m["to"], &m["on"], &p["decision_no"]]
            .map(|v| v.as_str().unwrap_or("-").to_owned())
            .join(" ")
    };
    let told: Vec<String> = told.into_iter().map(tell).collect();
    let expected = [
        // Key since the end of 2021, confirmed in 2022: the decision of 2021 moved it.
        "Tổ 1 worse low_complexity key 2021-12-31 2021/QĐ",
        "Tổ 4 other not_assessed drug_free 2022-12-31 2022/QĐ",
        "Tổ 2 better key drug_free 2022-12-31 2022/QĐ",
        "Tổ 3 same drug_free drug_free 2020-12-31 2020/QĐ",
    ];
    assert_eq!(told, expected);
    // The flows of either day are what the layer counts on it.
    for (side, day) in [("from", "2020-12-31"), ("to", "2023-06-30")] {
        let counted = site.get(&format!("/api/collections/zones/count?by=class&datetime={day}")).await.json();
        for (class, count) in counted["by"].as_object().unwrap() {
            let flows = answer["flows"].as_array().unwrap().iter().filter(|f| f[side] == *class);
            let sum: u64 = flows.map(|f| f["count"].as_u64().unwrap()).sum();
            assert_eq!(json!(sum), *count, "{class} on {day}");
        }
    }
    // A filter keeps those it holds of on either day; a box likewise.
    assert_eq!(get(&site, "from=2020-12-31&to=2023-06-30&class=key").await["entities"], 2);
    assert_eq!(get(&site, "from=2020-12-31&to=2023-06-30&bbox=104.2,21.3,104.25,21.5").await["entities"], 1);
    // Before they existed nothing is told; from then on they appear, and say from what they were formed.
    let answer = get(&site, "from=2019-06-01&to=2020-06-01").await;
    assert_eq!(answer["flows"], json!([{"from": null, "to": "not_assessed", "count": 4}]));
    assert_eq!(answer["moves"][0]["change"], "appeared");
    assert_eq!(answer["moves"][0]["on"], "2020-01-01");
    assert_eq!(answer["moves"][0]["properties"]["predecessors"], "Tổ cũ");
    let layer = site.get("/api/collections/zones").await.json();
    assert_eq!(layer["layer"]["lineage"], json!(["predecessors", "successors"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_about_moves_is_checked() {
    let site = Site::new().await;
    let refused = async |path: &str, code: &str, parameter: &str| {
        let reply = site.get(path).await.expect(400).json();
        assert_eq!(
            (&reply["code"], &reply["errors"][0]["parameter"]),
            (&json!(code), &json!(parameter)),
            "{path}"
        );
    };
    let days = "from=2020-12-31&to=2021-12-31";
    refused(&format!("{MOVES}?{days}"), "invalid-parameter", "field").await;
    refused(&format!("{MOVES}?field=class&to=2021-12-31"), "invalid-parameter", "from").await;
    refused(&format!("{MOVES}?field=class&from=2020-12-31&to=2021"), "invalid-parameter", "to").await;
    refused(&format!("{MOVES}?field=name&{days}"), "invalid-parameter", "field").await;
    refused(&format!("{MOVES}?field=class&{days}&datetime=2021-12-31"), "unknown-parameter", "datetime")
        .await;
    refused(&format!("{MOVES}?field=class&{days}&colour=red"), "unknown-parameter", "colour").await;
    let violations = "/api/collections/violations/moves";
    refused(&format!("{violations}?field=state&{days}"), "invalid-parameter", "field").await;
    let planner = site.as_role(Role::Planner);
    let hidden = "/api/collections/incidents/moves?field=category&from=2020-12-31&to=2021-12-31";
    let reply = send(&planner, "GET", hidden, &[], "").await;
    assert_eq!((reply.status, &reply.json()["code"]), (404, &json!("unknown-layer")));
}
