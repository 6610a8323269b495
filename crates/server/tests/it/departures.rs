//! Features with a value beyond its tolerance of the one it is held against, as asked over HTTP.

use model::Role;
use serde_json::json;

use crate::site::{Site, send};

const SITES: &str = "/api/collections/sites/items";

#[tokio::test(flavor = "multi_thread")]
async fn departures_are_found_and_what_was_not_measured_is_neither() {
    let site = Site::new().await;
    let planner = site.as_role(Role::Planner);
    let headers = [("content-type", "application/geo+json")];
    let layer = site.get("/api/collections/sites").await.expect(200).json();
    let fields = layer["layer"]["fields"].as_array().unwrap();
    let required = fields.iter().filter(|f| f["required"] == true && f["type"] == "code");
    let codes: Vec<_> = required.map(|f| (f["name"].clone(), f["codes"][0]["code"].clone())).collect();
    let make = async |name: &str, permitted: Option<i64>, built: Option<i64>| {
        let mut properties = json!({"permit_floors": permitted, "built_floors": built});
        for (field, code) in &codes {
            properties[field.as_str().unwrap()] = code.clone();
        }
        for field in fields.iter().filter(|f| f["required"] == true && f["type"] == "text") {
            properties[field["name"].as_str().unwrap()] = json!(name);
        }
        let feature = json!({"type": "Feature", "geometry": null, "properties": properties});
        let made = send(&planner, "POST", SITES, &headers, feature.to_string()).await.expect(201);
        made.json()["id"].as_str().unwrap().to_owned()
    };
    let over = make("over", Some(3), Some(4)).await;
    let within = make("within", Some(3), Some(3)).await;
    let under = make("under", Some(3), Some(2)).await;
    make("unmeasured", Some(3), None).await;
    make("unpermitted", None, Some(9)).await;
    let ids = async |query: &str| -> Vec<String> {
        let page = site.get(&format!("{SITES}?{query}")).await.expect(200).json();
        let ids = page["features"].as_array().unwrap().iter();
        ids.map(|f| f["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids("departs=true").await, std::slice::from_ref(&over));
    assert_eq!(ids("departs=false").await, [within, under]);
    let count = site.get("/api/collections/sites/count?departs=true").await.expect(200).json();
    assert_eq!(count["count"], 1);
    let wrong = site.get(&format!("{SITES}?departs=yes")).await.expect(400).json();
    assert_eq!(
        (&wrong["code"], &wrong["errors"][0]["parameter"]),
        (&json!("invalid-parameter"), &json!("departs"))
    );
    // A layer without such pairs has no such parameter.
    let unknown = site.get("/api/collections/violations/items?departs=true").await.expect(400).json();
    assert_eq!(unknown["code"], "unknown-parameter");
}
