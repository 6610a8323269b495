//! Writing: optimistic locking, idempotency, history, revert.

use serde_json::json;

use crate::site::{Reply, Site, VIOLATIONS, violation};

async fn delete(site: &Site, path: &str, etag: &str) -> Reply {
    site.send("DELETE", path, &[("if-match", etag)], "").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feature_is_made_changed_moved_and_removed() {
    let site = Site::new().await;
    let made = site.post(VIOLATIONS, &violation("noise", 104.0)).await.expect(201);
    assert_eq!(made.header("content-type"), "application/geo+json");
    assert!(!made.header("x-diaban-mark").is_empty());
    let body = made.json();
    assert_eq!(
        (&body["properties"]["state"], &body["properties"]["category"]),
        (&json!("found"), &json!("noise"))
    );
    let place = format!("http://localhost{VIOLATIONS}/{}", body["id"].as_str().unwrap());
    assert_eq!(made.header("location"), place);
    let path = place.strip_prefix("http://localhost").unwrap().to_owned();
    assert_eq!(site.get(&path).await.expect(200).body, made.body);

    let state =
        json!({"properties": {"state": "reminded"}, "effective_on": "2025-05-03", "reason": "đã nhắc"});
    let changed = site.patch(&path, made.header("etag"), &state).await.expect(200);
    assert_eq!(changed.json()["properties"]["state"], "reminded");
    let transitions = &changed.json()["transitions"];
    assert_eq!(transitions[1], json!({"field": "state", "to": "reminded", "on": "2025-05-03"}));
    // Yesterday's map is as it was.
    let before = site.get(&format!("{VIOLATIONS}?datetime=2025-05-02")).await.json();
    assert_eq!(before["features"][0]["properties"]["state"], "found");

    let moved = json!({"geometry": {"type": "Point", "coordinates": [104.5, 21.5]}});
    let moved = site.patch(&path, changed.header("etag"), &moved).await.expect(200);
    assert_eq!(moved.json()["geometry"]["coordinates"], json!([104.5, 21.5]));

    let whole = violation("other", 104.2).to_string();
    let headers = [("content-type", "application/json"), ("if-match", moved.header("etag"))];
    let put = site.send("PUT", &path, &headers, &whole).await.expect(200);
    assert_eq!(put.json()["properties"]["category"], "other");

    let gone = delete(&site, &path, put.header("etag")).await.expect(204);
    assert!(!gone.header("x-diaban-mark").is_empty() && gone.body.is_empty());
    site.get(&path).await.problem(404, "unknown-feature");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_says_what_it_is_based_on() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.0).await;
    let change = json!({"properties": {"address": "Ngõ 1"}}).to_string();
    let kind = ("content-type", "application/merge-patch+json");
    let whole = violation("noise", 104.0).to_string();
    site.send("PATCH", &path, &[kind], &change).await.problem(428, "version-required");
    let put = site.send("PUT", &path, &[("content-type", "application/json")], &whole).await;
    put.problem(428, "version-required");
    site.send("DELETE", &path, &[], "").await.problem(428, "version-required");
    site.send("POST", &format!("{path}/revert"), &[], "").await.problem(428, "version-required");

    let changed = site.send("PATCH", &path, &[kind, ("if-match", &etag)], &change).await.expect(200);
    let fresh = changed.header("etag").to_owned();
    assert_ne!(fresh, etag);
    let weak = format!("W/{fresh}");
    for stale in [etag.as_str(), "\"x\"", weak.as_str(), "nonsense"] {
        site.send("PATCH", &path, &[kind, ("if-match", stale)], &change).await.problem(412, "stale-version");
        delete(&site, &path, stale).await.problem(412, "stale-version");
    }
    // Any of a list, and the version behind any representation.
    let other = fresh.replace(".json", ".html");
    let list = format!("\"x\", {other}");
    let next = json!({"properties": {"address": "Ngõ 2"}});
    site.patch(&path, &list, &next).await.expect(200);
    delete(&site, &path, "*").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_feature_can_be_edited_too() {
    let site = Site::new().await;
    let mut body = violation("noise", 104.0);
    body["properties"]["summary"] = "x".repeat(2_000).into();
    let made = site.post(VIOLATIONS, &body).await.expect(201);
    let path = made.header("location").strip_prefix("http://localhost").unwrap().to_owned();
    let small = site.get_with(&path, &[("accept-encoding", "gzip")]).await.expect(200);
    assert_eq!(small.header("content-encoding"), "gzip");
    let etag = small.header("etag").to_owned();
    assert_ne!(etag, made.header("etag"), "a strong validator is of one representation");
    site.get_with(&path, &[("accept-encoding", "gzip"), ("if-none-match", &etag)]).await.expect(304);
    site.patch(&path, &etag, &json!({"properties": {"address": "Ngõ 1"}})).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_is_answered_alike_and_done_once() {
    let site = Site::new().await;
    let body = violation("noise", 104.0).to_string();
    let headers = [("content-type", "application/geo+json"), ("idempotency-key", "k-1")];
    let first = site.send("POST", VIOLATIONS, &headers, &body).await.expect(201);
    let again = site.send("POST", VIOLATIONS, &headers, &body).await.expect(201);
    assert_eq!(first.body, again.body);
    for name in ["location", "etag", "x-diaban-mark"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    assert_eq!(site.get("/api/collections/violations/count").await.json()["count"], 1);
    let other = violation("other", 104.0).to_string();
    site.send("POST", VIOLATIONS, &headers, &other).await.problem(422, "idempotency-key-reused");

    let path = first.header("location").strip_prefix("http://localhost").unwrap().to_owned();
    let gone = [("if-match", first.header("etag")), ("idempotency-key", "k-2")];
    site.send("DELETE", &path, &gone, "").await.expect(204);
    site.send("DELETE", &path, &gone, "").await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn history_is_told_and_undone() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.0).await;
    let change = json!({"properties": {"address": "Ngõ 1"}, "reason": "bổ sung"});
    let changed = site.patch(&path, &etag, &change).await.expect(200);
    let history = site.get(&format!("{path}/history")).await.expect(200).json();
    let entries = history["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!((&entries[0]["op"], &entries[1]["op"]), (&json!("update"), &json!("create")));
    assert_eq!(entries[0]["mark"], changed.header("x-diaban-mark"));
    assert_eq!((&entries[0]["actor"], &entries[0]["reason"]), (&json!("local:test"), &json!("bổ sung")));
    assert_eq!(entries[0]["changes"], json!([{"field": "address", "before": null, "after": "Ngõ 1"}]));

    let revert = format!("{path}/revert");
    let undone = site.send("POST", &revert, &[("if-match", changed.header("etag"))], "").await.expect(200);
    assert_eq!(undone.json()["properties"]["address"], json!(null));

    // A removed feature comes back under its own id, without If-Match: there is nothing to be based on.
    delete(&site, &path, undone.header("etag")).await.expect(204);
    let kind = ("content-type", "application/json");
    let back = site.send("POST", &revert, &[kind], "{}").await.expect(200);
    assert_eq!(back.json()["id"], undone.json()["id"]);
    assert_ne!(back.header("etag"), undone.header("etag"));
    site.get(&path).await.expect(200);
    let text = site.send("POST", &revert, &[("content-type", "text/plain"), ("if-match", "*")], "{}").await;
    text.problem(415, "unsupported-media-type");
}
