//! Tiles and TileJSON over HTTP; what is in a tile is tested where tiles are drawn.

use serde_json::json;

use crate::site::Site;

/// The tile of zoom 10 that holds 104.05 E, 21.4 N: x = (104.05 + 180) / 360 · 1024 = 807.9…, and by the Mercator
/// formula y = (1 − asinh(tan 21.4°) / π) / 2 · 1024 = 449.6….
const PLACE: (u32, u32, u32) = (10, 807, 449);

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_has_a_plain_and_a_compressed_form() {
    let site = Site::new().await;
    site.violation("noise", 104.05).await;
    let (z, x, y) = PLACE;
    let path = format!("/tiles/violations/{z}/{x}/{y}");
    let plain = site.get(&path).await.expect(200);
    assert_eq!(plain.header("content-type"), "application/vnd.mapbox-vector-tile");
    assert!(plain.header("etag").starts_with("W/\"") && plain.header("content-encoding").is_empty());
    assert!(plain.header("vary").contains("accept-encoding"));
    for (taken, given) in [("gzip", "gzip"), ("gzip, br", "br"), ("gzip, deflate, br, zstd", "zstd")] {
        let small = site.get_with(&path, &[("accept-encoding", taken)]).await.expect(200);
        assert_eq!(small.header("content-encoding"), given);
        assert_eq!(small.header("etag"), plain.header("etag"));
        assert_ne!(small.body, plain.body);
        match given {
            "gzip" => assert!(small.body.starts_with(&[0x1f, 0x8b])),
            "zstd" => assert!(small.body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])),
            _ => {}
        }
    }
    site.get_with(&path, &[("if-none-match", plain.header("etag"))]).await.expect(304);
    assert_eq!(site.get(&format!("{path}.mvt")).await.expect(200).body, plain.body);
    let ogc = format!("/api/collections/violations/tiles/WebMercatorQuad/{z}/{y}/{x}");
    assert_eq!(site.get(&ogc).await.expect(200).body, plain.body, "row before column");
    let empty = site.get(&format!("/tiles/violations/{z}/0/0")).await.expect(204);
    assert!(empty.body.is_empty());
    let head = site.send("HEAD", &path, &[], "").await.expect(200);
    assert_eq!(head.header("etag"), plain.header("etag"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_applies_to_the_layers_that_have_it() {
    let site = Site::new().await;
    site.violation("noise", 104.05).await;
    let (z, x, y) = PLACE;
    let path = format!("/tiles/violations,zones/{z}/{x}/{y}");
    site.get(&format!("{path}?category=noise")).await.expect(200);
    site.get(&format!("{path}?category=other")).await.expect(204);
    site.get(&format!("{path}?class=key")).await.expect(200);
    site.get(&format!("{path}?nothing=1")).await.problem(400, "unknown-parameter");
    site.get(&format!("{path}?datetime=2024-01-01")).await.expect(204);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_is_asked_for_in_words() {
    let site = Site::new().await;
    for east in [104.05, 104.0501, 104.0502] {
        site.violation("noise", east).await;
    }
    let (z, x, y) = PLACE;
    let path = format!("/tiles/violations/{z}/{x}/{y}");
    // Far out the layer is clustered as its file says, and a filter counts.
    let clustered = site.get(&path).await.expect(200).body;
    let holds = |body: &[u8], text: &str| body.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds(&clustered, "point_count") && holds(&clustered, "expansion_zoom"));
    assert!(holds(&site.get(&format!("{path}?aggregate=cluster")).await.expect(200).body, "point_count"));
    assert!(!holds(&site.get(&format!("{path}?aggregate=none")).await.expect(200).body, "point_count"));
    site.get(&format!("{path}?category=other")).await.expect(204);
    let by = site.get(&format!("{path}?aggregate=hex&cell_m=500&by=category")).await.expect(200).body;
    assert!(holds(&by, "n_category_noise") && holds(&by, "per_km2"));
    site.get(&format!("{path}?aggregate=grid&radius=32&sum=accuracy_m")).await.expect(200);
    for wrong in [
        "aggregate=all",
        "radius=64",
        "aggregate=cluster&radius=8",
        "aggregate=cluster&cell_m=100",
        "aggregate=hex&cell_m=1",
        "aggregate=hex&cell_m=100&radius=64",
        "aggregate=hex&by=address",
        "aggregate=hex&sum=category",
        "aggregate=none&by=category",
        "aggregate=hex&aggregate=grid",
    ] {
        site.get(&format!("{path}?{wrong}")).await.problem(400, "invalid-parameter");
        site.get(&format!("/tiles/violations?{wrong}")).await.problem(400, "invalid-parameter");
    }
    // One layer of several may lack the field.
    site.get(&format!("/tiles/violations,zones/{z}/{x}/{y}?aggregate=hex&by=category")).await.expect(200);
    site.get(&format!("/tiles/violations,zones/{z}/{x}/{y}?aggregate=hex&by=nothing"))
        .await
        .problem(400, "invalid-parameter");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_names_its_features() {
    let site = Site::new().await;
    for east in [104.05, 104.0501, 104.9] {
        site.violation("noise", east).await;
    }
    let (z, x, y) = PLACE;
    // Eight cells a side: the number holds the zoom and the cell (see `spatial::cluster_id`).
    let cell = |v: f64| (v * 8.0 * f64::from(1_u32 << z)) as u64;
    let north = (1.0 - (21.4_f64.to_radians().tan()).asinh() / std::f64::consts::PI) / 2.0;
    let id = 1_u64 << 52 | u64::from(z) << 46 | cell((104.05 + 180.0) / 360.0) << 23 | cell(north);
    assert!(x < 1024 && y < 1024);
    let path = format!("/api/collections/violations/clusters/{id}/items");
    let page = site.get(&format!("{path}?limit=1")).await.expect(200).json();
    assert_eq!((page["numberMatched"].as_u64(), page["numberReturned"].as_u64()), (Some(2), Some(1)));
    let next = page["links"].as_array().unwrap().iter().find(|l| l["rel"] == "next").unwrap();
    assert!(next["href"].as_str().unwrap().contains(&path), "{next}");
    assert_eq!(site.get(&format!("{path}?category=other")).await.expect(200).json()["numberMatched"], 0);
    for wrong in
        [format!("{path}?radius=1"), path.replace(&id.to_string(), "7"), path.replace(&id.to_string(), "x")]
    {
        site.get(&wrong).await.problem(400, "invalid-parameter");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_changes_the_tile_before_it_is_answered() {
    let site = Site::new().await;
    let (feature, etag) = site.violation("noise", 104.05).await;
    let (z, x, y) = PLACE;
    let path = format!("/tiles/violations/{z}/{x}/{y}");
    let before = site.get(&path).await.expect(200);
    let held = [("if-none-match", before.header("etag"))];
    site.patch(&feature, &etag, &json!({"properties": {"state": "reminded"}})).await.expect(200);
    let after = site.get_with(&path, &held).await.expect(200);
    assert_ne!(before.body, after.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn tilejson_says_where_tiles_are_and_what_is_in_them() {
    let site = Site::new().await;
    site.violation("noise", 104.05).await;
    let query = "datetime=2025-12-31&category=noise";
    let reply = site
        .get_with(&format!("/tiles/violations,zones?lang=en&{query}"), &[("host", "localhost:8080")])
        .await;
    let body = reply.expect(200).json();
    assert_eq!(body["tilejson"], "3.0.0");
    let url = format!("http://localhost:8080/tiles/violations,zones/{{z}}/{{x}}/{{y}}?{query}");
    assert_eq!(body["tiles"], json!([url]));
    assert_eq!((&body["minzoom"], &body["maxzoom"]), (&json!(0), &json!(18)));
    assert_eq!(body["bounds"], json!([104.05, 21.4, 104.05, 21.4]));
    let layers = body["vector_layers"].as_array().unwrap();
    assert_eq!(layers[0]["id"], "violations");
    let fields = layers[0]["fields"].as_object().unwrap();
    assert!(
        fields.contains_key("id") && fields.contains_key("state") && !fields.contains_key("internal_note")
    );
    assert_eq!(fields["state"], "String: State");
    assert_eq!(body["attribution"], "illustrative data");
    site.get("/tiles/violations,zones?nothing=1").await.problem(400, "unknown-parameter");
}
