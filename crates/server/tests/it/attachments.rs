//! Photos over HTTP: what is taken, what becomes of it, who may see it, what features may cite.

use axum::Router;
use image::ImageFormat;
use model::Role;
use serde_json::{Value, json};

use crate::pictures::*;
use crate::site::{Reply, Site, VIOLATIONS, send, violation};

const INCIDENTS: &str = "/api/collections/incidents/items";

async fn upload(app: &Router, bytes: &[u8]) -> Reply {
    send(app, "POST", "/attachments", &[("content-type", "image/jpeg")], bytes).await
}

/// Uploads a photo; answers its hash.
async fn photo(app: &Router, bytes: &[u8]) -> String {
    upload(app, bytes).await.expect(201).json()["sha256"].as_str().unwrap().to_owned()
}

async fn fetch(app: &Router, sha256: &str) -> Reply {
    send(app, "GET", &format!("/attachments/{sha256}"), &[], "").await
}

fn with_photos(photos: &Value) -> Value {
    let mut body = violation("noise", 104.0);
    body["properties"]["photos"] = photos.clone();
    body
}

/// Every file of the site, one after the other.
fn files(site: &Site) -> Vec<u8> {
    let all = std::fs::read_dir(site.home.path()).unwrap();
    all.flat_map(|f| std::fs::read(f.unwrap().path()).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_loses_what_the_camera_wrote_beside_it() {
    let site = Site::new().await;
    let sent = with_exif(&encoded(&four_fields(60, 40), ImageFormat::Jpeg), 6);
    for secret in [MARKER, b"Exif", b"II*\0"] {
        assert!(holds(&sent, secret), "the search finds what is there");
    }
    let made = upload(&site.app, &sent).await.expect(201);
    let said = made.json();
    let sha256 = said["sha256"].as_str().unwrap().to_owned();
    assert_eq!(made.header("location"), format!("/attachments/{sha256}"));
    // A quarter turn: what lay is upright now.
    assert_eq!((&said["width"], &said["height"]), (&json!(40), &json!(60)));
    let kept = fetch(&site.app, &sha256).await.expect(200);
    assert_eq!(said["bytes"], kept.body.len());
    assert_eq!(
        (said["media_type"].as_str(), kept.header("content-type")),
        (Some("image/jpeg"), "image/jpeg")
    );
    assert_eq!(kept.header("x-content-type-options"), "nosniff");
    let thumb =
        send(&site.app, "GET", &format!("/attachments/{sha256}?size=thumb"), &[], "").await.expect(200);
    site.engine.close().await.unwrap();
    for bytes in [&kept.body[..], &thumb.body[..], &files(&site)] {
        for secret in [MARKER, b"Exif", b"II*\0"] {
            assert!(!holds(bytes, secret), "{:?}", String::from_utf8_lossy(secret));
        }
    }
    // The bytes in the file are those that were served, under their own hash.
    assert!(holds(&files(&site), &kept.body[kept.body.len() - 64..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_orientation_ends_upright() {
    let site = Site::new().await;
    let (red, green, blue, white) = ([220, 20, 20], [20, 200, 20], [20, 20, 220], [240, 240, 240]);
    // What EXIF says of the stored picture's first row and column, and what the upright picture shows from the upper
    // left as one reads. (TIFF 6.0, tag 274.)
    let upright = [
        (1, [red, green, blue, white]),
        (2, [green, red, white, blue]),
        (3, [white, blue, green, red]),
        (4, [blue, white, red, green]),
        (5, [red, blue, green, white]),
        (6, [blue, red, white, green]),
        (7, [white, green, blue, red]),
        (8, [green, white, red, blue]),
    ];
    for (orientation, fields) in upright {
        let sent = with_exif(&encoded(&four_fields(64, 48), ImageFormat::Jpeg), orientation);
        let sha256 = photo(&site.app, &sent).await;
        let kept =
            image::load_from_memory(&fetch(&site.app, &sha256).await.expect(200).body).unwrap().into_rgb8();
        let (w, h) = kept.dimensions();
        assert_eq!((w, h), if orientation < 5 { (64, 48) } else { (48, 64) }, "{orientation}");
        let places = [(w / 4, h / 4), (w * 3 / 4, h / 4), (w / 4, h * 3 / 4), (w * 3 / 4, h * 3 / 4)];
        for ((x, y), colour) in places.into_iter().zip(fields) {
            let found = kept.get_pixel(x, y).0;
            let near = found.iter().zip(colour).all(|(a, b): (&u8, u8)| a.abs_diff(b) < 24);
            assert!(near, "{orientation} at {x},{y}: {found:?}, not {colour:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_photo_is_one_attachment_and_a_long_side_is_bounded() {
    let site = Site::new().await;
    let sent = encoded(&four_fields(3000, 300), ImageFormat::Png);
    let first = upload(&site.app, &sent).await.expect(201).json();
    assert_eq!((&first["width"], &first["height"]), (&json!(2560), &json!(256)));
    assert_eq!(upload(&site.app, &sent).await.expect(201).json(), first);
    let sha256 = first["sha256"].as_str().unwrap();
    let thumb =
        send(&site.app, "GET", &format!("/attachments/{sha256}?size=thumb"), &[], "").await.expect(200);
    let small = image::load_from_memory(&thumb.body).unwrap();
    assert_eq!((small.width(), small.height()), (320, 32));
    assert!(upload(&site.app, &encoded(&four_fields(30, 20), ImageFormat::WebP)).await.status == 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_held_is_not_sent_again() {
    let site = Site::new().await;
    let sha256 = photo(&site.app, &jpeg(1)).await;
    let path = format!("/attachments/{sha256}");
    for path in [path.clone(), format!("{path}?size=thumb")] {
        let whole = site.get(&path).await.expect(200);
        let etag = whole.header("etag").to_owned();
        assert!(etag.starts_with('"') && etag.contains(&sha256), "{etag}");
        let held = site.get_with(&path, &[("if-none-match", &etag)]).await.expect(304);
        assert!(held.body.is_empty() && held.header("etag") == etag);
        site.get_with(&path, &[("if-none-match", "\"other\"")]).await.expect(200);
        let head = site.send("HEAD", &path, &[], "").await.expect(200);
        assert_eq!(head.header("content-length"), whole.body.len().to_string());
    }
    assert_ne!(
        site.get(&path).await.header("etag"),
        site.get(&format!("{path}?size=thumb")).await.header("etag")
    );
    site.get(&format!("{path}?size=huge")).await.problem(400, "invalid-parameter");
    site.get(&format!("{path}?x=1")).await.problem(400, "unknown-parameter");
    site.get_with(&path, &[("accept", "image/png")]).await.problem(406, "not-acceptable");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_whole_picture_is_refused() {
    let site = Site::new().await;
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let whole = encoded(&four_fields(50, 50), format);
        upload(&site.app, &whole).await.expect(201);
        for part in [1, 2, 3] {
            upload(&site.app, &whole[..whole.len() * part / 4]).await.problem(422, "invalid-image");
        }
        upload(&site.app, &whole[..whole.len() - 1]).await.problem(422, "invalid-image");
    }
    for foreign in
        [&b""[..], b"x", b"GIF89a\x01\0\x01\0\0\0\0;", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"BM"]
    {
        upload(&site.app, foreign).await.problem(422, "invalid-image");
    }
    // Bombs: what they claim is refused before anything is unpacked.
    for (width, height) in [(10_000, 10_000), (100_000, 10), (u32::MAX >> 1, 1), (19_999, 19_999)] {
        upload(&site.app, &png_that_claims(width, height)).await.problem(413, "too-large");
    }
    let kind = |kind| [("content-type", kind)];
    for other in ["image/gif", "image/svg+xml", "application/octet-stream", ""] {
        site.send("POST", "/attachments", &kind(other), jpeg(1)).await.problem(415, "unsupported-media-type");
    }
    let long = [("content-type", "image/jpeg"), ("content-length", "20000001")];
    site.send("POST", "/attachments", &long, "").await.problem(413, "too-large");
    let body = vec![0u8; 20_000_001];
    upload(&site.app, &body).await.problem(413, "too-large");
    // More than any other body may have.
    upload(&site.app, &body[..20_000_000]).await.problem(422, "invalid-image");
}

#[tokio::test(flavor = "multi_thread")]
async fn features_cite_photos_that_are_there() {
    let site = Site::new().await;
    let (a, b) = (photo(&site.app, &jpeg(1)).await, photo(&site.app, &jpeg(2)).await);
    let unknown = "0".repeat(64);
    let refused = site.post(VIOLATIONS, &with_photos(&json!([a, b, unknown]))).await;
    let fault = refused.problem(422, "unknown-attachment");
    assert_eq!(fault["errors"][0]["pointer"], "/properties/photos/2");
    for (photos, pointer) in [
        (json!([a, a]), "/properties/photos/1"),
        (json!(["x"]), "/properties/photos/0"),
        (json!(a), "/properties/photos"),
        (json!((0..21).map(|n| format!("{n:064x}")).collect::<Vec<_>>()), "/properties/photos"),
    ] {
        let fault = site.post(VIOLATIONS, &with_photos(&photos)).await.problem(422, "invalid-value");
        assert_eq!(fault["errors"][0]["pointer"], pointer);
    }
    let made = site.post(VIOLATIONS, &with_photos(&json!([b, a]))).await.expect(201);
    assert_eq!(made.json()["properties"]["photos"], json!([b, a]));
    let path = made.header("location").strip_prefix("http://localhost").unwrap().to_owned();
    let patch = json!({"properties": {"photos": [a]}});
    let changed = site.patch(&path, made.header("etag"), &patch).await.expect(200);
    assert_eq!(site.get(&path).await.json()["properties"]["photos"], json!([a]));
    // Replacing the rest keeps the photos; nothing of them is in tiles or lists.
    let history = site.get(&format!("{path}/history")).await.json();
    assert_eq!(
        history["entries"][0]["changes"],
        json!([{"field": "photos", "before": [b, a], "after": [a]}])
    );
    let csv = site.get("/export/violations?f=csv").await;
    let csv =
        if csv.status == 200 { csv } else { site.get("/export/violations?format=csv").await.expect(200) };
    assert!(String::from_utf8_lossy(&csv.body).contains(&a));
    let reverted = site
        .send("POST", &format!("{path}/revert"), &[("if-match", changed.header("etag"))], "")
        .await
        .expect(200);
    assert_eq!(reverted.json()["properties"]["photos"], json!([b, a]));
    let none = json!({"properties": {"photos": []}});
    let none = site.patch(&path, reverted.header("etag"), &none).await.expect(200);
    assert_eq!(none.json()["properties"]["photos"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_shows_with_the_features_that_cite_it() {
    let site = Site::new().await;
    let planner = site.as_role(Role::Planner);
    let sha256 = photo(&site.app, &jpeg(1)).await;
    let nothing = |reply: Reply| {
        let mut json = reply.problem(404, "unknown-attachment");
        json.as_object_mut().unwrap().remove("instance");
        json
    };
    let unknown = nothing(fetch(&planner, &"0".repeat(64)).await);
    // The analyst's alone, as long as nothing cites it; the planner can neither see nor cite it.
    fetch(&site.app, &sha256).await.expect(200);
    assert_eq!(nothing(fetch(&planner, &sha256).await), unknown);
    let cite = with_photos(&json!([sha256])).to_string();
    let geojson = [("content-type", "application/geo+json")];
    let refused =
        send(&planner, "POST", VIOLATIONS, &geojson, &cite).await.problem(422, "unknown-attachment");
    let other = with_photos(&json!(["0".repeat(64)])).to_string();
    assert_eq!(
        refused,
        send(&planner, "POST", VIOLATIONS, &geojson, other).await.problem(422, "unknown-attachment")
    );
    // Cited by an incident, which the planner may not see, it stays hidden; by a violation it shows.
    let incident = json!({
        "type": "Feature", "geometry": null,
        "properties": {
            "category": "theft", "occurred_from": "2025-05-01T00:00:00Z", "found_by": "citizen", "photos": [sha256],
        },
    });
    let incident = site.post(INCIDENTS, &incident).await.expect(201);
    let incident_path = incident.header("location").strip_prefix("http://localhost").unwrap().to_owned();
    assert_eq!(nothing(fetch(&planner, &sha256).await), unknown);
    let made = site.post(VIOLATIONS, &with_photos(&json!([sha256]))).await.expect(201);
    let path = made.header("location").strip_prefix("http://localhost").unwrap().to_owned();
    fetch(&planner, &sha256).await.expect(200);
    let gone = site.send("DELETE", &path, &[("if-match", made.header("etag"))], "").await.expect(204);
    drop(gone);
    assert_eq!(nothing(fetch(&planner, &sha256).await), unknown);
    // Who uploads the same picture sees it: they had it. That another had it before does not show.
    let theirs = photo(&planner, &jpeg(1)).await;
    assert_eq!(theirs, sha256);
    fetch(&planner, &sha256).await.expect(200);
    let etag = site.get(&incident_path).await.header("etag").to_owned();
    site.send("DELETE", &incident_path, &[("if-match", &etag)], "").await.expect(204);
    fetch(&planner, &sha256).await.expect(200);
    // A leader edits nothing, and brings no photos.
    upload(&site.as_role(Role::Leader), &jpeg(3)).await.problem(403, "forbidden");
}
