//! The API's own description against what it describes.

use std::collections::BTreeSet;

use model::Role;
use serde_json::{Value, json};

use crate::site::{Site, send};

async fn document(site: &Site) -> Value {
    let reply = site.get("/api/openapi.json").await.expect(200);
    assert_eq!(reply.header("content-type"), "application/vnd.oai.openapi+json;version=3.0");
    reply.json()
}

/// The part of the document a reference leads to.
fn resolved<'a>(document: &'a Value, part: &'a Value) -> &'a Value {
    part.get("$ref").and_then(Value::as_str).map_or(part, |pointer| {
        document.pointer(pointer.trim_start_matches('#')).unwrap_or_else(|| panic!("{pointer} leads nowhere"))
    })
}

fn parameter<'a>(document: &'a Value, path: &str, name: &str) -> &'a Value {
    let all = document["paths"][path]["get"]["parameters"].as_array().unwrap_or_else(|| panic!("no {path}"));
    all.iter()
        .map(|p| resolved(document, p))
        .find(|p| p["name"] == name)
        .unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_openapi_3_0_and_holds_what_the_test_suite_reads() {
    let site = Site::new().await;
    let document = document(&site).await;
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(document["servers"][0]["url"], "http://localhost/api");
    let path = "/collections/violations/items";
    let limit = &parameter(&document, path, "limit")["schema"];
    assert_eq!(
        (&limit["minimum"], &limit["maximum"], &limit["default"]),
        (&json!(1), &json!(10_000), &json!(1_000))
    );
    let bbox = parameter(&document, path, "bbox");
    assert_eq!((&bbox["schema"]["minItems"], &bbox["schema"]["maxItems"]), (&json!(4), &json!(6)));
    assert_eq!((&bbox["style"], &bbox["explode"]), (&json!("form"), &json!(false)));
    let state = parameter(&document, path, "state");
    assert!(state["schema"]["items"]["enum"].as_array().unwrap().contains(&json!("found")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reference_leads_somewhere_and_every_name_stands_once() {
    let site = Site::new().await;
    let document = document(&site).await;
    let mut references = 0;
    let mut stack = vec![&document];
    while let Some(value) = stack.pop() {
        if value.get("$ref").is_some() {
            resolved(&document, value);
            references += 1;
        }
        match value {
            Value::Array(all) => stack.extend(all),
            Value::Object(all) => stack.extend(all.values()),
            _ => {}
        }
    }
    assert!(references > 100);
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(m, _)| is_method(m)) {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{id} stands twice");
            assert!(operation["responses"].as_object().unwrap().len() >= 3, "{method} {path}");
            let own = item.get("parameters").and_then(Value::as_array).into_iter().flatten();
            let given = own.chain(operation["parameters"].as_array().unwrap());
            let names: BTreeSet<&str> = given
                .map(|p| resolved(&document, p))
                .filter(|p| p["in"] == "path")
                .map(|p| p["name"].as_str().unwrap())
                .collect();
            let wanted: BTreeSet<&str> =
                path.split('{').skip(1).map(|p| p.split('}').next().unwrap()).collect();
            assert_eq!(names, wanted, "{method} {path}");
        }
    }
}

fn is_method(key: &str) -> bool {
    matches!(key, "get" | "put" | "post" | "patch" | "delete" | "options" | "head")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_described_path_answers() {
    let site = Site::new().await;
    let document = document(&site).await;
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (path, item) in document["paths"].as_object().unwrap() {
        let base = if item.get("servers").is_some() { "" } else { "/api" };
        let mut url = format!("{base}{path}");
        for (name, value) in [
            ("id", id),
            ("z", "0"),
            ("x", "0"),
            ("y", "0"),
            ("row", "0"),
            ("col", "0"),
            ("layers", "zones"),
            ("name", "ward"),
            ("batch", id),
        ] {
            url = url.replace(&format!("{{{name}}}"), value);
        }
        for (method, operation) in item.as_object().unwrap().iter().filter(|(m, _)| is_method(m)) {
            // An open stream has no end to wait for.
            let query = if path == "/live" { "?x=1" } else { "" };
            let reply = site.send(&method.to_uppercase(), &format!("{url}{query}"), &[], "").await;
            let status = reply.status.to_string();
            assert_ne!(reply.status, 405, "{method} {url}");
            assert!(
                operation["responses"].get(&status).is_some(),
                "{method} {url}: {status} is not described"
            );
            if reply.status == 404 {
                assert_ne!(reply.json()["code"], "unknown-path", "{url}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_tells_a_reader_nothing_hidden() {
    let site = Site::new().await;
    let app = site.as_role(Role::Planner);
    let reply = send(&app, "GET", "/api/openapi.json", &[], "").await.expect(200);
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    for hidden in ["incidents", "evidence", "users_recorded"] {
        assert!(!text.contains(hidden), "{hidden}");
    }
    let violation =
        serde_json::from_str::<Value>(&text).unwrap()["components"]["schemas"]["feature_violations"].take();
    assert!(violation.to_string().contains("category") && !violation.to_string().contains("internal_note"));
    // What the planner cannot edit is not described as if it could be.
    let document: Value = serde_json::from_str(&text).unwrap();
    assert!(document["paths"]["/collections/unit_classes/items"].get("post").is_none());
    assert!(document["paths"]["/collections/projects/items"].get("post").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_holds_is_advertised() {
    let site = Site::new().await;
    let body = site.get("/api/conformance").await.expect(200).json();
    let classes: Vec<&str> =
        body["conformsTo"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    let features = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/";
    assert_eq!(classes, ["core", "geojson", "oas30"].map(|c| format!("{features}{c}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn schemas_describe_fields_as_the_reader_sees_them() {
    let site = Site::new().await;
    let reply = site.get("/api/collections/violations/schema?lang=en").await.expect(200);
    assert_eq!(reply.header("content-type"), "application/schema+json");
    let schema = reply.json();
    assert_eq!(schema["$id"], "http://localhost/api/collections/violations/schema");
    let properties = &schema["properties"];
    assert_eq!(properties["id"]["x-ogc-role"], "id");
    assert_eq!(properties["found_on"]["format"], "date");
    assert_eq!(properties["found_on"]["x-ogc-role"], "primary-instant");
    assert_eq!(properties["geometry"]["x-ogc-role"], "primary-geometry");
    assert!(properties["geometry"].get("type").is_none());
    assert_eq!(schema["required"], json!(["category", "state", "found_on"]));
    let queryables = site.get("/api/collections/violations/queryables").await.expect(200).json();
    // Long texts are read with one feature and cannot be asked for.
    assert!(properties.get("summary").is_some() && queryables["properties"].get("summary").is_none());
    assert_eq!(queryables["additionalProperties"], false);
    for property in queryables["properties"].as_object().unwrap().values() {
        assert!(property.get("type").is_some(), "{property}");
    }
    let documents = site.get("/api/collections/documents/schema").await.expect(200).json();
    assert!(documents["properties"].get("geometry").is_none());
}
