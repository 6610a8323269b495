//! What every answer carries, and who is refused before anything is looked at.

use http::HeaderMap;

use crate::site::{Site, VIOLATIONS, violation};

fn is_protected(headers: &HeaderMap) -> bool {
    let value = |name: &str| headers.get(name).map_or("", |v| v.to_str().unwrap());
    let policy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
        img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; \
        base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    value("content-security-policy") == policy
        && value("x-content-type-options") == "nosniff"
        && value("referrer-policy") == "no-referrer"
        && value("cross-origin-resource-policy") == "same-origin"
        && value("cross-origin-opener-policy") == "same-origin"
        && !value("x-request-id").is_empty()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_is_protected_and_private() {
    let site = Site::new().await;
    for path in ["/", "/api", "/nowhere", "/healthz", "/tiles/zones/0/0/0", "/live?x=1", VIOLATIONS] {
        let reply = site.get(path).await;
        assert!(is_protected(&reply.headers), "{path}: {:?}", reply.headers);
        if path != "/" {
            assert_eq!(reply.header("cache-control"), "private, no-cache", "{path}");
        }
    }
    let refused = site.get_with("/", &[("host", "evil.example")]).await;
    assert!(is_protected(&refused.headers));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_our_own_names_are_answered() {
    let site = Site::new().await;
    for host in ["localhost", "127.0.0.1:8080", "[::1]:9", "LOCALHOST"] {
        site.get_with("/api", &[("host", host)]).await.expect(200);
    }
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "localhost:x"] {
        site.get_with("/api", &[("host", host)]).await.problem(403, "unknown-host");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_pages_cannot_write() {
    let site = Site::new().await;
    let body = violation("noise", 104.0).to_string();
    let kind = ("content-type", "application/geo+json");
    for foreign in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("origin", "http://localhost:81"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        for method in ["POST", "PUT", "PATCH", "DELETE"] {
            site.send(method, VIOLATIONS, &[kind, foreign], &body).await.problem(403, "foreign-origin");
        }
    }
    let count = site.get("/api/collections/violations/count").await.json();
    assert_eq!(count["count"], 0);
    let own = [kind, ("origin", "http://localhost"), ("sec-fetch-site", "same-origin")];
    site.send("POST", VIOLATIONS, &own, &body).await.expect(201);
    // Reading is no write: the browser itself keeps a foreign page from seeing the answer.
    site.get_with(VIOLATIONS, &[("origin", "https://evil.example")]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_compressed_for_those_who_take_it() {
    let site = Site::new().await;
    let plain = site.get("/api/collections").await.expect(200);
    assert_eq!(plain.header("content-encoding"), "");
    let small = site.get_with("/api/collections", &[("accept-encoding", "gzip")]).await.expect(200);
    assert_eq!(small.header("content-encoding"), "gzip");
    assert!(small.body.len() < plain.body.len() / 2);
    assert_eq!(small.header("etag"), plain.header("etag"), "a weak validator is one for all encodings");
    site.get_with("/api/collections", &[("accept-encoding", "identity;q=0, br")]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_web_app_is_embedded() {
    let site = Site::new().await;
    let page = site.get("/").await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-cache");
    let etag = page.header("etag").to_owned();
    site.get_with("/index.html", &[("if-none-match", &etag)]).await.expect(304);
    let head = site.send("HEAD", "/", &[], "").await.expect(200);
    assert!(head.body.is_empty() && head.header("content-length") == page.body.len().to_string());
    site.send("POST", "/", &[], "").await.problem(405, "method-not-allowed");
    for path in
        ["/assets/none.js", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "/assets/..%2findex.html", "//", "/map"]
    {
        site.get(path).await.problem(404, "unknown-path");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_are_told_how_it_goes() {
    let site = Site::new().await;
    assert_eq!(site.get("/healthz").await.expect(200).body, "ok\n");
    assert_eq!(site.get("/readyz").await.expect(200).json()["ready"], true);
    site.violation("noise", 104.0).await;
    site.get("/api/collections/violations").await.expect(200);
    let text = String::from_utf8(site.get("/metrics").await.expect(200).body.to_vec()).unwrap();
    assert!(text.contains("features_in_memory 1"), "{text}");
    assert!(text.contains("diaban_build_info{version="), "{text}");
    let route = r#"http_requests_total{method="GET",route="/api/collections/{layer}",status="200"} 1"#;
    assert!(text.contains(route), "{text}");
    assert!(text.contains("http_request_duration_seconds_bucket"), "{text}");
}
