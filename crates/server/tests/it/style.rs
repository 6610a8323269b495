//! The style as a document: what it draws, and MapLibre's own validator on it.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use model::Role;
use serde_json::{Value, json};

use crate::site::{Site, send, skip};

fn ids(style: &Value) -> Vec<&str> {
    style["layers"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn layers_are_drawn_in_their_order_from_their_own_tiles() {
    let site = Site::new().await;
    let style = site.get("/styles/ward?lang=vi&theme=light").await.expect(200).json();
    assert_eq!(style["version"], 8);
    let source = &style["sources"]["violations"];
    assert_eq!(source["type"], "vector");
    assert_eq!(source["tiles"], json!(["http://localhost/tiles/violations/{z}/{x}/{y}"]));
    assert_eq!((&source["minzoom"], &source["maxzoom"]), (&json!(0), &json!(18)));
    assert_eq!(source["attribution"], "dữ liệu minh hoạ");
    // Layers without geometry have nothing to draw.
    assert!(style["sources"].get("documents").is_none() && style["sources"].get("unit_classes").is_none());
    let ids = ids(&style);
    let at = |id: &str| ids.iter().position(|i| *i == id).unwrap_or_else(|| panic!("no {id} in {ids:?}"));
    assert_eq!(at("background"), 0);
    assert!(at("wards-line") < at("zones-fill"));
    assert!(at("zones-fill") < at("zones-hatch") && at("zones-hatch") < at("zones-line"));
    assert!(at("zones-line") < at("units-line") && at("units-line") < at("violations-circle"));
    assert!(at("violations-circle") < at("wards-label"), "names lie on top");
    assert!(!ids.contains(&"wards-fill"), "an outline has no area");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_base_map_lies_under_everything_and_its_houses_come_late() {
    let site = Site::new().await;
    let style = site.get("/styles/ward?datetime=2022-12-31").await.expect(200).json();
    let ids = ids(&style);
    let last_ground = ids.iter().rposition(|i| i.starts_with("base") && !i.contains("-name-")).unwrap();
    let first_data = ids.iter().position(|i| *i != "background" && !i.starts_with("base")).unwrap();
    assert!(last_ground < first_data, "{ids:?}");
    let fine = &style["sources"]["base-z15"];
    assert_eq!((&fine["minzoom"], &fine["maxzoom"]), (&json!(15), &json!(16)));
    // Its tiles are asked for by kind and, having no time, without the day.
    let url = "http://localhost/tiles/base/{z}/{x}/{y}?kind=parcel,building,alley";
    assert_eq!(fine["tiles"], json!([url]));
}

#[tokio::test(flavor = "multi_thread")]
async fn theme_day_and_reader_change_it() {
    let site = Site::new().await;
    let light = site.get("/styles/ward").await.expect(200);
    let dark = site.get("/styles/ward?theme=dark").await.expect(200);
    assert_ne!(light.header("etag"), dark.header("etag"));
    let text = |reply: &crate::site::Reply| String::from_utf8(reply.body.to_vec()).unwrap();
    assert!(text(&light).contains("#7a2b05") && !text(&dark).contains("#7a2b05"));
    let day = site.get("/styles/ward?datetime=2022-12-31&theme=dark").await.json();
    let url = "http://localhost/tiles/zones/{z}/{x}/{y}?datetime=2022-12-31";
    assert_eq!(day["sources"]["zones"]["tiles"][0], url);
    let planner = send(&site.as_role(Role::Planner), "GET", "/styles/ward", &[], "").await.expect(200).json();
    assert!(planner["sources"].get("incidents").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn maplibre_finds_the_style_valid() {
    let web = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web");
    let validator = web.join("node_modules/@maplibre/maplibre-gl-style-spec/dist/gl-style-validate.mjs");
    if !validator.exists() || Command::new("node").arg("--version").output().is_err() {
        skip(
            "server::style::maplibre_finds_the_style_valid",
            "web/node_modules has no gl-style-validate, or no node",
        );
        return;
    }
    let site = Site::new().await;
    for theme in ["light", "dark"] {
        let style = site.get(&format!("/styles/ward?theme={theme}")).await.expect(200);
        let (valid, said) = validate(&validator, &style.body);
        assert!(valid, "{theme}: {said}");
    }
    // The control: a bad colour is found.
    let style = site.get("/styles/ward").await.body;
    let bad = String::from_utf8(style.to_vec()).unwrap().replace("#7a2b05", "#nothing");
    assert!(!validate(&validator, bad.as_bytes()).0);
}

fn validate(validator: &Path, style: &[u8]) -> (bool, String) {
    let mut child =
        Command::new("node").arg(validator).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(style).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
}
