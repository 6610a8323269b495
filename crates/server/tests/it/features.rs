//! Reading: landing page, collections, pages, single features, counts, exports.

use model::Role;
use serde_json::{Value, json};

use crate::site::{Site, VIOLATIONS, send};

fn rels(body: &Value) -> Vec<&str> {
    body["links"].as_array().unwrap().iter().map(|l| l["rel"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_landing_page_leads_everywhere() {
    let site = Site::new().await;
    for path in ["/api", "/api/"] {
        let body = site.get(path).await.expect(200).json();
        for rel in ["self", "service-desc", "conformance", "data"] {
            assert!(rels(&body).contains(&rel), "{rel}");
        }
        for link in body["links"].as_array().unwrap() {
            let path = link["href"].as_str().unwrap().strip_prefix("http://localhost").unwrap();
            site.get(path).await.expect(200);
        }
    }
    assert_eq!(site.get("/api?lang=en").await.json()["title"], "Test Ward");
    let english = site.get_with("/api", &[("accept-language", "en-GB,en;q=0.8")]).await;
    assert_eq!(
        (english.header("content-language"), english.json()["title"].as_str()),
        ("en", Some("Test Ward"))
    );
    assert_eq!(site.get("/api").await.json()["title"], "Phường Thử");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_site_says_who_asks_and_what_day_it_is() {
    let site = Site::new().await;
    let body = site.get("/api/site").await.expect(200).json();
    assert_eq!(body["demo"], true);
    assert_eq!((&body["today"], &body["as_of"]), (&json!("2025-12-31"), &json!("2025-12-31")));
    assert_eq!(body["role"], "analyst");
    assert_eq!(body["languages"], json!(["vi", "en"]));
    assert_eq!(body["notice"]["vi"], "dữ liệu minh hoạ");
    let planner = send(&site.as_role(Role::Planner), "GET", "/api/site", &[], "").await.json();
    assert_eq!(planner["role"], "planner");
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_are_cut_to_the_reader() {
    let site = Site::new().await;
    let of = |body: &Value| -> Vec<String> {
        body["collections"].as_array().unwrap().iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
    };
    let analyst = site.get("/api/collections").await.expect(200).json();
    assert!(of(&analyst).contains(&"incidents".to_owned()) && of(&analyst).contains(&"zones".to_owned()));
    let app = site.as_role(Role::Planner);
    let planner = send(&app, "GET", "/api/collections", &[], "").await.expect(200);
    assert!(!of(&planner.json()).contains(&"incidents".to_owned()));
    let text = send(&app, "GET", "/api/collections/violations", &[], "").await.expect(200).json().to_string();
    assert!(text.contains("category") && !text.contains("internal_note") && !text.contains("evidence"));
    for path in ["", "/schema", "/queryables", "/items", "/count", "/items/x", "/items/x/history"] {
        let path = format!("/api/collections/incidents{path}");
        send(&app, "GET", &path, &[], "").await.problem(404, "unknown-layer");
    }
    let one = site.get("/api/collections/violations").await.expect(200).json();
    assert_eq!(one["layer"]["editable"], true);
    assert_eq!(one["layer"]["style"]["by"], "state");
    assert_eq!(one["layer"]["workflows"][0]["initial"], json!(["found"]));
    assert_eq!(one["itemType"], "feature");
    let zones = site.get("/api/collections/zones").await.expect(200).json();
    assert_eq!((&zones["layer"]["derived"], &zones["layer"]["editable"]), (&json!(true), &json!(false)));
    assert!(zones["layer"]["note"]["vi"].as_str().unwrap().contains("không phải đánh giá"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_extent_holds_every_feature() {
    let site = Site::new().await;
    site.violation("noise", 104.0).await;
    site.violation("noise", 104.5).await;
    let body = site.get("/api/collections/violations").await.expect(200).json();
    assert_eq!(body["extent"]["spatial"]["bbox"][0], json!([104.0, 21.4, 104.5, 21.4]));
    // Found on 2025-05-01, not ended: the day begins at 17:00Z the day before.
    assert_eq!(body["extent"]["temporal"]["interval"][0], json!(["2025-04-30T17:00:00Z", null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_miss_nothing() {
    let site = Site::new().await;
    for n in 0..5 {
        site.violation("noise", 104.0 + f64::from(n) / 100.0).await;
    }
    site.violation("other", 104.9).await;
    let mut path = format!("{VIOLATIONS}?category=noise&limit=2");
    let mut seen = Vec::new();
    loop {
        let reply = site.get(&path).await.expect(200);
        assert_eq!(reply.header("content-type"), "application/geo+json");
        let page = reply.json();
        assert_eq!((&page["type"], &page["numberMatched"]), (&json!("FeatureCollection"), &json!(5)));
        let features = page["features"].as_array().unwrap();
        assert_eq!(page["numberReturned"], features.len());
        assert!(page.get("timeStamp").is_none());
        seen.extend(features.iter().map(|f| f["id"].as_str().unwrap().to_owned()));
        assert!(rels(&page).starts_with(&["self", "collection"]));
        let next = page["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next");
        let Some(next) = next else { break };
        assert_eq!(features.len(), 2);
        path = next["href"].as_str().unwrap().strip_prefix("http://localhost").unwrap().to_owned();
        assert!(
            path.contains("category=noise")
                && path.contains("limit=2")
                && path.matches("after=").count() == 1
        );
    }
    let all = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((all, seen.len()), (5, 5));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_beyond_the_greatest_is_clamped() {
    let site = Site::new().await;
    site.violation("noise", 104.0).await;
    for good in ["1", "10000", "10001", "99999999999999999999"] {
        site.get(&format!("{VIOLATIONS}?limit={good}")).await.expect(200);
    }
    for bad in ["0", "abc", "-1", "1.5", ""] {
        let problem = site.get(&format!("{VIOLATIONS}?limit={bad}")).await.problem(400, "invalid-parameter");
        assert_eq!(problem["errors"][0]["parameter"], "limit");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_features_are_not_sent_twice() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.0).await;
    let page = site.get(VIOLATIONS).await.expect(200);
    assert!(page.header("etag").starts_with("W/\""));
    let held = site.get_with(VIOLATIONS, &[("if-none-match", page.header("etag"))]).await.expect(304);
    assert!(held.body.is_empty());
    assert_eq!(held.header("etag"), page.header("etag"));

    let one = site.get(&path).await.expect(200);
    assert_eq!(one.header("etag"), etag, "what POST told holds for GET");
    assert!(etag.starts_with('"') && etag.ends_with(".json\""));
    assert_eq!(rels(&one.json()), ["self", "collection"]);
    site.get_with(&path, &[("if-none-match", &etag)]).await.expect(304);
    site.get_with(&path, &[("if-none-match", "\"other\"")]).await.expect(200);
    site.patch(&path, &etag, &json!({"properties": {"address": "Ngõ 3"}})).await.expect(200);
    site.get_with(&path, &[("if-none-match", &etag)]).await.expect(200);
    site.get_with(VIOLATIONS, &[("if-none-match", page.header("etag"))]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_as_get_without_a_body() {
    let site = Site::new().await;
    let (path, _) = site.violation("noise", 104.0).await;
    for path in ["/api", "/api/collections", VIOLATIONS, &path, "/api/collections/violations/count"] {
        let (get, head) = (site.get(path).await, site.send("HEAD", path, &[], "").await);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("etag"), get.header("etag"), "{path}");
        assert_eq!(head.header("content-length"), get.body.len().to_string(), "{path}");
    }
    let missing = site.send("HEAD", "/api/nothing", &[], "").await.expect(404);
    assert!(missing.body.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn options_tell_what_this_reader_may_do() {
    let site = Site::new().await;
    let allow =
        async |path: &str| site.send("OPTIONS", path, &[], "").await.expect(200).header("allow").to_owned();
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(allow(VIOLATIONS).await, "GET,HEAD,OPTIONS,POST");
    assert_eq!(allow(&format!("{VIOLATIONS}/{id}")).await, "GET,HEAD,OPTIONS,PUT,PATCH,DELETE");
    // Zones are derived; projects are the planner's.
    assert_eq!(allow("/api/collections/zones/items").await, "GET,HEAD,OPTIONS");
    assert_eq!(allow("/api/collections/projects/items").await, "GET,HEAD,OPTIONS");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_and_bars_answer_the_same_question() {
    let site = Site::new().await;
    site.violation("noise", 104.0).await;
    site.violation("noise", 104.1).await;
    site.violation("other", 104.2).await;
    let waiting = json!({"type": "Feature", "geometry": null,
        "properties": {"category": "other", "found_on": "2025-07-15"}});
    site.post(VIOLATIONS, &waiting).await.expect(201);
    let count = site.get("/api/collections/violations/count?by=category").await.expect(200).json();
    assert_eq!(count, json!({"count": 4, "located": 3, "waiting": 1, "by": {"noise": 2, "other": 2}}));
    let some = site.get("/api/collections/violations/count?category=other&located=true").await.json();
    assert_eq!(some, json!({"count": 1, "located": 1, "waiting": 0}));
    let bars = site.get("/api/collections/violations/histogram?field=found_on&step=month").await.json();
    let expected = json!([
        {"from": "2025-05-01", "to": "2025-06-01", "count": 3},
        {"from": "2025-06-01", "to": "2025-07-01", "count": 0},
        {"from": "2025-07-01", "to": "2025-08-01", "count": 1},
    ]);
    assert_eq!(bars, json!({"bars": expected, "before": 0, "without": 0}));
    for bad in
        ["count?by=nothing", "histogram", "histogram?field=category", "histogram?field=found_on&step=hour"]
    {
        site.get(&format!("/api/collections/violations/{bad}")).await.problem(400, "invalid-parameter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_a_file() {
    let site = Site::new().await;
    site.violation("noise", 104.0).await;
    site.violation("other", 104.1).await;
    let json = site.get("/export/violations?category=noise").await.expect(200);
    assert_eq!(json.header("content-type"), "application/geo+json");
    let name = "attachment; filename=\"violations-2025-12-31.geojson\"";
    assert_eq!(json.header("content-disposition"), name);
    let body = json.json();
    assert_eq!(body["features"].as_array().unwrap().len(), 1);
    assert_eq!(body["diaban"]["filter"], "category=noise");
    let csv = site.get("/export/violations?format=csv&datetime=2025-06-30").await.expect(200);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("violations-2025-06-30.csv"));
    assert!(csv.body.starts_with("\u{feff}".as_bytes()));
    let lines = String::from_utf8(csv.body.to_vec()).unwrap().trim_end().lines().count();
    assert!(lines >= 3, "a header and two rows");
    site.get("/export/violations?format=shp").await.problem(400, "invalid-parameter");
    site.get("/export/nothing").await.problem(404, "unknown-layer");
}
