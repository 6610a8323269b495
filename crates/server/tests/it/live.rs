//! Live events in process: they arrive after an edit, and a browser that comes back misses nothing.

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use http::Request;
use http_body_util::BodyExt as _;
use model::Role;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::site::Site;

/// Longer than any event may take.
const SOON: Duration = Duration::from_secs(10);

struct Stream {
    body: Body,
    text: String,
}

impl Stream {
    async fn open(app: &Router, path: &str, last: Option<&str>) -> Stream {
        let mut request =
            Request::get(path).header("host", "localhost").header("accept", "text/event-stream");
        if let Some(mark) = last {
            request = request.header("last-event-id", mark);
        }
        let reply = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(reply.status(), 200);
        assert_eq!(reply.headers()["content-type"], "text/event-stream");
        Stream { body: reply.into_body(), text: String::new() }
    }

    /// The next event with data: name, id, data.
    async fn next(&mut self) -> (String, String, Value) {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let event: String = self.text.drain(..end + 2).collect();
                let field = |name: &str| {
                    event.lines().find_map(|l| l.strip_prefix(name)).unwrap_or_default().trim().to_owned()
                };
                let data = field("data:");
                if !data.is_empty() {
                    return (field("event:"), field("id:"), serde_json::from_str(&data).unwrap());
                }
                continue;
            }
            let frame = tokio::time::timeout(SOON, self.body.frame()).await.expect("an event in time");
            let data = frame.expect("an open stream").unwrap().into_data().unwrap();
            self.text.push_str(std::str::from_utf8(&data).unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_told_with_its_tiles() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.05).await;
    let mut stream = Stream::open(&site.app, "/live", None).await;
    let changed = site.patch(&path, &etag, &json!({"properties": {"state": "reminded"}})).await.expect(200);
    let (name, id, data) = stream.next().await;
    assert_eq!(name, "change");
    assert_eq!(id, changed.header("x-diaban-mark"));
    assert_eq!((&data["layer"], &data["op"]), (&json!("violations"), &json!("update")));
    assert!(path.ends_with(data["id"].as_str().unwrap()));
    assert!(data["fid"].as_i64().unwrap() > 0);
    let tiles = data["tiles"].as_object().unwrap();
    assert_eq!(tiles.len(), 19, "zooms 0 to 18");
    assert_eq!(tiles["0"], json!([[0, 0, 0, 0]]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_back_hears_what_was_missed() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.0).await;
    let first = site.patch(&path, &etag, &json!({"properties": {"address": "A"}})).await.expect(200);
    let mark = first.header("x-diaban-mark").to_owned();
    let next = json!({"properties": {"address": "B"}});
    let second = site.patch(&path, first.header("etag"), &next).await.expect(200);
    for (path, last) in [("/live".to_owned(), Some(mark.as_str())), (format!("/live?last={mark}"), None)] {
        let mut stream = Stream::open(&site.app, &path, last).await;
        let (name, id, _) = stream.next().await;
        assert_eq!((name.as_str(), id.as_str()), ("change", second.header("x-diaban-mark")));
    }
    // A mark that is not ours means that everything must be asked for anew.
    let mut stream = Stream::open(&site.app, "/live", Some("nonsense")).await;
    assert_eq!(stream.next().await.0, "reset");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_hears_of_what_they_may_not_see() {
    let site = Site::new().await;
    let (path, etag) = site.violation("noise", 104.0).await;
    let mut stream = Stream::open(&site.as_role(Role::Planner), "/live", None).await;
    let hidden = site.patch(&path, &etag, &json!({"properties": {"internal_note": "n"}})).await.expect(200);
    let seen = json!({"properties": {"address": "A"}});
    let seen = site.patch(&path, hidden.header("etag"), &seen).await.expect(200);
    assert_eq!(stream.next().await.1, seen.header("x-diaban-mark"), "the first event is of the second edit");
}
