//! A site with the built-in layers and a few features, and requests to it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use engine::{Config, Engine, NewSite, Store, builtin_layers};
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use model::{Role, Text};
use serde_json::{Value, json};
use server::ServeConfig;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The fixed now of all tests: 2025-12-31 in the site's zone.
pub(crate) const NOW: &str = "2025-12-31T05:00:00Z";

/// An open site, served in process to an analyst.
pub(crate) struct Site {
    pub(crate) engine: Engine,
    pub(crate) store: Store,
    pub(crate) app: Router,
    pub(crate) home: TempDir,
}

impl Site {
    /// A site without features.
    pub(crate) async fn new() -> Site {
        let home = tempfile::tempdir().unwrap();
        let layers: Vec<Arc<model::LayerDef>> = builtin_layers().unwrap();
        let site = NewSite { title: Text::new("Phường Thử", "Test Ward"), demo: true, as_of: None };
        let now = NOW.parse().unwrap();
        let store = Store::create(&home.path().join("ward.gpkg"), site, &layers, "test", now).await.unwrap();
        let engine =
            Engine::open(store.clone(), Config { now: Some(now), ..Config::default() }).await.unwrap();
        let app = server::app(engine.clone(), config(Role::Analyst));
        Site { engine, store, app, home }
    }

    /// The same site as another role sees it.
    pub(crate) fn as_role(&self, role: Role) -> Router {
        server::app(self.engine.clone(), config(role))
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(&self.app, "GET", path, &[], "").await
    }

    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        send(&self.app, "GET", path, headers, "").await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl AsRef<[u8]>,
    ) -> Reply {
        send(&self.app, method, path, headers, body).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[("content-type", "application/geo+json")], body.to_string()).await
    }

    /// A PATCH based on this ETag.
    pub(crate) async fn patch(&self, path: &str, etag: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/merge-patch+json"), ("if-match", etag)];
        self.send("PATCH", path, &headers, body.to_string()).await
    }

    /// A new violation: its path and ETag.
    pub(crate) async fn violation(&self, category: &str, lon: f64) -> (String, String) {
        let reply = self.post(VIOLATIONS, &violation(category, lon)).await.expect(201);
        let place = reply.header("location").to_owned();
        (place.strip_prefix("http://localhost").unwrap().to_owned(), reply.header("etag").to_owned())
    }
}

/// The items of the layer that most tests edit.
pub(crate) const VIOLATIONS: &str = "/api/collections/violations/items";

pub(crate) fn violation(category: &str, lon: f64) -> Value {
    json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, 21.4]},
        "properties": {"category": category, "found_on": "2025-05-01"},
    })
}

pub(crate) fn config(role: Role) -> ServeConfig {
    ServeConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        role,
        actor_name: "local:test".to_owned(),
        ..ServeConfig::default()
    }
}

/// One request, with `Host: localhost` unless the headers name another.
pub(crate) async fn send(
    app: &Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl AsRef<[u8]>,
) -> Reply {
    let mut request = Request::builder().method(method).uri(path);
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "localhost");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.as_ref().to_vec())).unwrap();
    let (parts, body) = app.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Reply { status: parts.status.as_u16(), headers: parts.headers, body, request: format!("{method} {path}") }
}

/// One answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    request: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Reply {
        assert_eq!(self.status, status, "{}\n{}", self.request, String::from_utf8_lossy(&self.body));
        self
    }

    /// A header's value; empty without.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|e| panic!("{}: {e}\n{}", self.request, String::from_utf8_lossy(&self.body)))
    }

    /// A problem with this status and code, told in the language of its header.
    #[track_caller]
    pub(crate) fn problem(self, status: u16, code: &str) -> Value {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), "application/problem+json", "{}", reply.request);
        let json = reply.json();
        assert_eq!(json["code"], code, "{}: {json:#}", reply.request);
        assert_eq!(json["status"], status, "{}", reply.request);
        assert!(matches!(reply.header("content-language"), "vi" | "en"), "{}", reply.request);
        for key in ["type", "title", "detail"] {
            assert!(
                json[key].as_str().is_some_and(|s| !s.is_empty()),
                "{}: no {key}: {json:#}",
                reply.request
            );
        }
        json
    }
}

/// Says that a test cannot run here; `cargo xtask test` counts it as skipped.
pub(crate) fn skip(name: &str, reason: &str) {
    use std::io::Write as _;
    eprintln!("SKIP {name}: {reason}");
    let Some(file) = std::env::var_os("DIABAN_SKIPS") else { return };
    let mut list = std::fs::OpenOptions::new().create(true).append(true).open(file).unwrap();
    list.write_all(format!("{name}: {reason}\n").as_bytes()).unwrap();
}
