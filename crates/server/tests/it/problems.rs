//! One test per problem code that the edge can answer with, each in both languages, and nothing stored.

use model::Role;
use serde_json::{Value, json};

use crate::site::{Site, VIOLATIONS, send, violation};

/// POSTs a text as a new violation, in both languages; answers the English problem.
async fn refused(site: &Site, body: &str, status: u16, code: &str) -> Value {
    let kind = ("content-type", "application/geo+json");
    let vi = site.send("POST", VIOLATIONS, &[kind], body).await.problem(status, code);
    let en =
        site.send("POST", VIOLATIONS, &[kind, ("accept-language", "en")], body).await.problem(status, code);
    assert_ne!(vi["title"], en["title"], "{code}");
    assert_ne!(vi["detail"], en["detail"], "{code}");
    assert_eq!(site.get("/api/collections/violations/count").await.json()["count"], 0, "{code}");
    en
}

fn with(change: impl FnOnce(&mut Value)) -> String {
    let mut body = violation("noise", 104.0);
    change(&mut body);
    body.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_404() {
    let site = Site::new().await;
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    site.get("/api/collections/nothing").await.problem(404, "unknown-layer");
    site.get("/api/collections/Violations").await.problem(404, "unknown-layer");
    site.get("/tiles/zones,nothing/0/0/0").await.problem(404, "unknown-layer");
    for path in
        [format!("{VIOLATIONS}/{id}"), format!("{VIOLATIONS}/1"), format!("{VIOLATIONS}/{id}/history")]
    {
        site.get(&path).await.problem(404, "unknown-feature");
    }
    for path in
        ["/api/nothing", "/nothing", "/api/collections/violations/items/x/y", "/styles/other", "/tiles"]
    {
        site.get(path).await.problem(404, "unknown-path");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_are_400_everywhere() {
    let site = Site::new().await;
    let (path, _) = site.violation("noise", 104.0).await;
    let mut paths: Vec<String> = [
        "/api",
        "/api/site",
        "/api/conformance",
        "/api/openapi.json",
        "/api/collections",
        "/tiles/zones",
        "/tiles/zones/0/0/0",
        "/styles/ward",
        "/live",
        "/export/zones",
        "/healthz",
        "/readyz",
        "/metrics",
    ]
    .map(str::to_owned)
    .to_vec();
    let below =
        ["", "/schema", "/queryables", "/items", "/count", "/histogram", "/tiles/WebMercatorQuad/0/0/0"];
    paths.extend(below.map(|end| format!("/api/collections/violations{end}")));
    paths.extend([path.clone(), format!("{path}/history")]);
    for path in paths {
        let problem =
            site.get(&format!("{path}?unknownQueryParameter=1")).await.problem(400, "unknown-parameter");
        assert_eq!(problem["errors"][0]["parameter"], "unknownQueryParameter", "{path}");
    }
    let reply = site.send("DELETE", &format!("{path}?x=1"), &[("if-match", "*")], "").await;
    reply.problem(400, "unknown-parameter");
    // A hidden field is as unknown as one that does not exist.
    let app = site.as_role(Role::Planner);
    let hidden = send(&app, "GET", "/api/collections/violations/items?evidence=x", &[], "").await;
    hidden.problem(400, "unknown-parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_that_cannot_be_read_are_400() {
    let site = Site::new().await;
    for query in [
        "bbox=1,2,3",
        "bbox=a,b,c,d",
        "bbox=0,0,181,0",
        "bbox=0,5,1,4",
        "bbox=NaN,0,1,1",
        "datetime=yesterday",
        "datetime=2025-13-01",
        "located=yes",
        "category=nothing",
        "recorded=x",
        "after=zz",
        "f=xml",
        "lang=fr",
        "category=noise&category=other",
        "limit=1&limit=2",
    ] {
        site.get(&format!("{VIOLATIONS}?{query}")).await.problem(400, "invalid-parameter");
    }
    // Across the antimeridian, with heights, with a duration: all are of the standard.
    for query in
        ["bbox=177,65,-177,70", "bbox=0,0,0,1,1,9", "datetime=2025-01-01/P2D", "datetime=../2025-01-01"]
    {
        site.get(&format!("{VIOLATIONS}?{query}")).await.expect(200);
    }
    site.get("/styles/ward?theme=blue").await.problem(400, "invalid-parameter");
    site.get("/tiles/zones?datetime=never").await.problem(400, "invalid-parameter");
    let key = "x".repeat(201);
    for key in ["", "two words", &key] {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let reply = site.send("POST", VIOLATIONS, &headers, &violation("noise", 104.0).to_string()).await;
        assert_eq!(reply.problem(400, "invalid-parameter")["errors"][0]["parameter"], "Idempotency-Key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn text_that_is_no_strict_json_is_400() {
    let site = Site::new().await;
    let good = violation("noise", 104.0).to_string();
    for bad in [&good[..good.len() - 1], "", "{", "[NaN]", "{\"a\":Infinity}", "[1e400]", "\u{0}"] {
        refused(&site, bad, 400, "invalid-json").await;
    }
    refused(&site, "[1]", 400, "invalid-json").await;
    let twice = r#"{"type":"Feature","properties":{"a":1,"a":2}}"#;
    assert_eq!(refused(&site, twice, 400, "duplicate-key").await["errors"][0]["pointer"], "/properties/a");
    refused(&site, &"[".repeat(100_000), 400, "too-deep").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn content_that_is_wrong_is_422_with_a_pointer() {
    let site = Site::new().await;
    let cases: [(&str, &str, String); 9] = [
        ("unknown-field", "/properties/nothing", with(|b| b["properties"]["nothing"] = 1.into())),
        ("unknown-code", "/properties/category", with(|b| b["properties"]["category"] = "nothing".into())),
        (
            "invalid-value",
            "/properties/found_on",
            with(|b| b["properties"]["found_on"] = "2025-02-30".into()),
        ),
        ("invalid-value", "/properties/fine", with(|b| b["properties"]["fine"] = json!(-1))),
        ("required", "/properties/category", with(|b| b["properties"]["category"] = Value::Null)),
        (
            "person-data",
            "/properties/summary",
            with(|b| b["properties"]["summary"] = "gọi 0912345678".into()),
        ),
        (
            "invalid-geometry",
            "/geometry/coordinates",
            with(|b| b["geometry"]["coordinates"] = json!([21.4, 104.0])),
        ),
        (
            "invalid-geometry",
            "/geometry/coordinates",
            with(|b| b["geometry"]["coordinates"] = json!([104.0])),
        ),
        (
            "invalid-geometry",
            "/geometry/type",
            with(|b| {
                b["geometry"] = json!({"type": "LineString", "coordinates": [[104.0, 21.4], [104.1, 21.4]]});
            }),
        ),
    ];
    for (code, pointer, body) in cases {
        let problem = refused(&site, &body, 422, code).await;
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{code}");
    }
    // All faults are told at once.
    let two = with(|b| {
        b["properties"]["category"] = "nothing".into();
        b["properties"]["found_on"] = 5.into();
    });
    assert_eq!(refused(&site, &two, 422, "unknown-code").await["errors"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rings_must_be_closed_and_must_not_cross() {
    let site = Site::new().await;
    let unit = |ring: Value| {
        json!({"type": "Feature", "geometry": {"type": "Polygon", "coordinates": [ring]},
            "properties": {"code": "1", "name": "Tổ 1", "kind": "to", "valid_from": "2020-01-01"}})
    };
    let bow_tie = unit(json!([[104.0, 21.0], [104.1, 21.1], [104.1, 21.0], [104.0, 21.1], [104.0, 21.0]]));
    let open = unit(json!([[104.0, 21.0], [104.1, 21.0], [104.1, 21.1], [104.0, 21.1]]));
    for bad in [bow_tie, open] {
        site.post("/api/collections/units/items", &bad).await.problem(422, "invalid-geometry");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_contradicts_the_present_is_409() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.0).await;
    let jump = json!({"properties": {"state": "rechecked"}});
    site.patch(&path, &etag, &jump).await.problem(409, "transition-not-allowed");

    let unit = json!({"type": "Feature", "geometry": null, "properties": {
        "entity": "to-1", "code": "1", "name": "Tổ 1", "kind": "to", "valid_from": "2020-01-01"}});
    site.post("/api/collections/units/items", &unit).await.expect(201);
    site.post("/api/collections/units/items", &unit).await.problem(409, "validity-overlap");

    // The first change cannot be undone while the second stands on it.
    let first = site.patch(&path, &etag, &json!({"properties": {"address": "A"}})).await.expect(200);
    let mark = first.header("x-diaban-mark").to_owned();
    let second = json!({"properties": {"address": "B"}});
    let etag = site.patch(&path, first.header("etag"), &second).await.expect(200).header("etag").to_owned();
    let headers = [("content-type", "application/json"), ("if-match", etag.as_str())];
    let body = json!({"mark": mark}).to_string();
    site.send("POST", &format!("{path}/revert"), &headers, &body).await.problem(409, "revert-conflict");
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    let never = site.send("POST", &format!("{VIOLATIONS}/{id}/revert"), &headers[1..], "").await;
    assert!(matches!(never.status, 404 | 409), "{}", never.status);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_may_not_do_is_403() {
    let site = Site::new().await;
    let body =
        json!({"type": "Feature", "geometry": null, "properties": {"name": "Cống", "stage": "approved"}});
    site.post("/api/collections/projects/items", &body).await.problem(403, "forbidden");
    site.post("/api/collections/zones/items", &body).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn methods_and_types_that_are_not_offered() {
    let site = Site::new().await;
    let reply = site.send("DELETE", "/api/collections", &[], "").await;
    let allow = reply.header("allow").to_owned();
    reply.problem(405, "method-not-allowed");
    assert!(allow.contains("GET") && allow.contains("HEAD"), "{allow}");
    let reply = site.send("PATCH", VIOLATIONS, &[], "").await;
    assert!(reply.header("allow").contains("POST"));
    reply.problem(405, "method-not-allowed");

    let body = violation("noise", 104.0).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let reply = site.send("POST", VIOLATIONS, &[("content-type", kind)], &body).await;
        reply.problem(415, "unsupported-media-type");
    }
    site.send("POST", VIOLATIONS, &[], &body).await.problem(415, "unsupported-media-type");

    for path in ["/api", "/api/collections", VIOLATIONS, "/tiles/zones", "/styles/ward"] {
        site.get_with(path, &[("accept", "text/html")]).await.problem(406, "not-acceptable");
        site.get_with(path, &[("accept", "text/html,*/*;q=0.1")]).await.expect(200);
        site.get_with(&format!("{path}?f=json"), &[("accept", "text/html")]).await.expect(200);
    }
    site.get_with("/tiles/zones/0/0/0", &[("accept", "image/png")]).await.problem(406, "not-acceptable");
    site.get_with("/live", &[("accept", "application/json")]).await.problem(406, "not-acceptable");
}

#[tokio::test(flavor = "multi_thread")]
async fn tiles_outside_the_grid_are_404() {
    let site = Site::new().await;
    for place in
        ["0/1/0", "0/0/1", "3/8/0", "25/0/0", "-1/0/0", "0/-1/0", "0/0/4294967296", "a/b/c", "0/0/0.png"]
    {
        site.get(&format!("/tiles/violations/{place}")).await.problem(404, "out-of-range");
    }
    let path = "/api/collections/violations/tiles/WebMercatorQuad/1/2/0";
    site.get(path).await.problem(404, "out-of-range");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_is_413_however_it_comes() {
    let site = Site::new().await;
    let kind = ("content-type", "application/geo+json");
    // Announced: two gigabytes, of which none is sent.
    let announced = [kind, ("content-length", "2147483648")];
    site.send("POST", VIOLATIONS, &announced, "").await.problem(413, "too-large");
    // Not announced: counted as it comes.
    let body = " ".repeat((16 << 20) + 1);
    site.send("POST", VIOLATIONS, &[kind], &body).await.problem(413, "too-large");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_store_is_503_and_tells_nothing() {
    let site = Site::new().await;
    site.violation("noise", 104.0).await;
    site.engine.close().await.unwrap();
    let reply = site.post(VIOLATIONS, &violation("noise", 104.1)).await;
    assert_eq!(reply.header("retry-after"), "1");
    let problem = reply.problem(503, "store-unavailable");
    assert!(problem["instance"].as_str().unwrap().starts_with("urn:uuid:"));
    assert!(!problem.to_string().contains("gpkg"));
    // What is in memory is still answered.
    site.get(VIOLATIONS).await.expect(200);
    assert_eq!(site.get("/readyz").await.status, 503);
}
