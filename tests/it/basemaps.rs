//! `serve --basemap`: tiles as they stand in the file, under the ward's layers, and files that are refused at start.

use std::fs;
use std::path::Path;

use e2e::{Server, demo_copy, diaban, python_run, repo_root, skip, temp_dir, tiles_python};
use serde_json::{Value, json};

use crate::site::arg;

#[track_caller]
fn serve(data: &Path, files: &[&Path]) -> Server {
    let mut args = vec!["serve".to_owned(), "--data".to_owned(), arg(data)];
    for file in files {
        args.extend(["--basemap".to_owned(), arg(file)]);
    }
    Server::start(args)
}

/// The tile of a file as it stands there, by the format's own package.
const STANDS: &str = r"
import sys
from pmtiles.reader import MmapSource, Reader
with open(sys.argv[1], 'rb') as file:
    tile = Reader(MmapSource(file)).get(*map(int, sys.argv[2:5]))
sys.stdout.buffer.write(tile or b'')
";

#[test]
fn vector_tiles_are_those_of_the_file() {
    let name = "basemaps::vector_tiles_are_those_of_the_file";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let file = dir.path().join("ban_do.pmtiles");
    let baked =
        diaban(["tiles", "base,units", "--data", &arg(&data), "--out", &arg(&file), "--maxzoom", "15"]);
    baked.ok();
    let server = serve(&data, &[&file]);
    let about = server.get_json("/basemaps/ban_do");
    assert_eq!((&about["minzoom"], &about["maxzoom"]), (&json!(0), &json!(15)));
    assert_eq!(about["vector_layers"][1]["id"], "units");
    assert_eq!(about["tiles"], json!([format!("{}/basemaps/ban_do/{{z}}/{{x}}/{{y}}", server.url)]));
    let mut compared = 0;
    for (z, x, y) in [(0, 0, 0), (12, 3231, 1798), (15, 25851, 14389), (15, 25850, 14388), (15, 0, 0)] {
        let path = format!("/basemaps/ban_do/{z}/{x}/{y}");
        let packed = server.get_with(&path, &[("accept-encoding", "gzip")]);
        let place = [z, x, y].map(|n| n.to_string());
        let Some(stands) = tiles_python(STANDS, [&[arg(&file)][..], &place].concat()) else {
            return skip(name, "no pmtiles package");
        };
        let stands = stands.ok().stdout;
        if stands.is_empty() {
            packed.expect(204);
            continue;
        }
        let packed = packed.expect(200);
        assert!(packed.body == stands, "{path}: {} bytes and {}", packed.body.len(), stands.len());
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert_eq!(packed.header("content-type"), Some("application/vnd.mapbox-vector-tile"));
        let plain = server.get(&path).expect(200);
        assert_eq!(plain.header("content-encoding"), None);
        assert!(
            plain.body == server.get(&format!("/tiles/base,units/{z}/{x}/{y}")).expect(200).body,
            "{path}"
        );
        let etag = packed.header("etag").unwrap();
        assert_eq!(plain.header("etag"), Some(etag));
        assert!(server.get_with(&path, &[("if-none-match", etag)]).expect(304).body.is_empty());
        compared += 1;
    }
    assert!(compared >= 3, "{compared} tiles");
    for path in [
        "/basemaps/ban_do/1/2/0",
        "/basemaps/ban_do/40/0/0",
        "/basemaps/ban_do/x/0/0",
        "/basemaps/nothing/0/0/0",
        "/basemaps/..%2Fdemo/0/0/0",
        "/basemaps/%2e%2e/0/0/0",
        "/basemaps/ban_do.pmtiles",
    ] {
        let reply = server.get(path);
        assert_eq!(reply.status, 404, "{path}");
        assert!(
            reply.header("content-type").is_some_and(|kind| kind.starts_with("application/problem+json"))
        );
    }
    let style = server.get_json("/styles/ward");
    let source = &style["sources"]["basemap-ban_do"];
    assert_eq!((&source["type"], &source["maxzoom"]), (&json!("vector"), &json!(15)));
    let ids: Vec<&str> =
        style["layers"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap()).collect();
    let last = ids.iter().rposition(|id| id.starts_with("basemap-")).unwrap();
    assert!(ids[1..=last].iter().all(|id| id.starts_with("basemap-")), "{ids:?}");
    assert!(!ids.iter().any(|id| id.starts_with("base-")), "our own base map gives way: {ids:?}");
    assert!(ids.contains(&"basemap-ban_do-units-area") && ids.contains(&"violations-circle"));
    assert_valid(name, &style);
}

#[test]
fn pictures_lie_under_everything() {
    let name = "basemaps::pictures_lie_under_everything";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let file = dir.path().join("anh.mbtiles");
    let Some(made) = python_run(include_str!("gis/mbtiles.py"), [arg(&file)]) else {
        return skip(name, "no Python");
    };
    made.ok();
    let before = fs::read(&file).unwrap();
    let server = serve(&data, &[&file]);
    let tile = server.get_with("/basemaps/anh/2/1/3", &[("accept-encoding", "gzip")]).expect(200);
    assert_eq!((tile.header("content-type"), tile.header("content-encoding")), (Some("image/png"), None));
    assert!(
        tile.body.starts_with(b"\x89PNG") && before.windows(tile.body.len()).any(|w| w == &tile.body[..])
    );
    server.get("/basemaps/anh/2/3/3").expect(204);
    server.get("/basemaps/anh/3/0/0").expect(204);
    for theme in ["light", "dark"] {
        let style = server.get_json(&format!("/styles/ward?theme={theme}"));
        let source = &style["sources"]["basemap-anh"];
        assert_eq!((&source["type"], &source["maxzoom"]), (&json!("raster"), &json!(2)));
        assert_eq!(source["attribution"], "Nguồn");
        assert_eq!(
            (&style["layers"][0]["id"], &style["layers"][1]["id"]),
            (&json!("background"), &json!("basemap-anh"))
        );
        assert_valid(name, &style);
    }
    server.stop();
    assert!(fs::read(&file).unwrap() == before);
    let beside: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|n| n.to_string_lossy().starts_with("anh.mbtiles-")), "{beside:?}");
}

/// MapLibre's own validator has nothing to say; the test `name` is told as skipped without it.
#[track_caller]
fn assert_valid(name: &str, style: &Value) {
    let web = repo_root().join("web");
    if !web.join("node_modules/@maplibre/maplibre-gl-style-spec").exists() {
        return skip(name, "the web packages are not installed");
    }
    let check = "import {validateStyleMin} from '@maplibre/maplibre-gl-style-spec';\
        import {readFileSync} from 'node:fs';\
        const errors = validateStyleMin({glyphs: 'x/{fontstack}/{range}', ...JSON.parse(readFileSync(0, 'utf8'))});\
        console.log(errors.map((e) => e.message).join('\\n'));";
    let mut node = std::process::Command::new("node");
    node.args(["--input-type=module", "-e", check]).current_dir(web);
    node.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = node.spawn().expect("node");
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), style.to_string().as_bytes()).unwrap();
    let said = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    assert!(said.is_empty(), "{said}");
}

#[test]
fn a_file_that_is_no_map_stops_the_start() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let file = dir.path().join("a.pmtiles");
    diaban(["tiles", "wards", "--data", &arg(&data), "--out", &arg(&file), "--maxzoom", "8"]).ok();
    let good = fs::read(&file).unwrap();
    let other = dir.path().join("other");
    fs::create_dir(&other).unwrap();
    let twin = other.join("a.mbtiles");
    fs::copy(&file, &twin).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let cut = write("cut.pmtiles", &good[..good.len() - 1]);
    for (files, words) in [
        (vec![dir.path().join("none.pmtiles")], "No such file"),
        (vec![write("text.mbtiles", b"hello")], "does not begin"),
        (vec![cut], "cut off"),
        (vec![write("a b.pmtiles", &good)], "rename the file"),
        (vec![data.clone()], "metadata"),
        (vec![file.clone(), twin], "two files have one name"),
    ] {
        let mut args = vec![
            "serve".to_owned(),
            "--data".to_owned(),
            arg(&data),
            "--listen".to_owned(),
            "127.0.0.1:0".to_owned(),
        ];
        for file in &files {
            args.extend(["--basemap".to_owned(), arg(file)]);
        }
        let run = diaban(args).exit(1);
        assert!(run.text().is_empty(), "no address is told");
        assert!(
            run.stderr.contains("invalid-file") && run.stderr.contains(words),
            "{files:?}: {}",
            run.stderr
        );
        assert!(run.stderr.contains("Bản đồ nền"), "{}", run.stderr);
    }
    // By the environment, several at once.
    let second = write("b.pmtiles", &good);
    let both = format!("{},{}", arg(&file), arg(&second));
    let server = Server::start_with_env(["serve", "--data", &arg(&data)], &[("DIABAN_BASEMAP", &both)]);
    assert_eq!(
        server.get("/basemaps/a/8/201/112").expect(200).body,
        server.get("/basemaps/b/8/201/112").expect(200).body
    );
}
