//! `diaban tiles`: the file holds the server's tiles, other people's readers find the layers' features in it, a killed
//! run goes on, and a saved view is drawn as the page draws it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use e2e::{Http, Run, Server, command, demo_copy, diaban, skip, temp_dir, tiles_python};
use serde_json::{Value, json};

use crate::grid::{Tile, around, bounds, covering, positions, union};
use crate::site::{arg, drawn_layers, is_located, items};

/// `diaban tiles … --json`.
#[track_caller]
fn bake(data: &Path, out: &Path, args: &[&str]) -> Run {
    let (data, out) = (arg(data), arg(out));
    let mut all = vec!["tiles", "--json", "--data", &data, "--out", &out];
    all.extend(args);
    diaban(all)
}

/// Every nth tile of a file, plain, and what its own package says of it; `None` without that package.
#[track_caller]
fn taken_apart(file: &Path, dir: &Path, step: usize) -> Option<(BTreeMap<Tile, Vec<u8>>, Value)> {
    let folder = dir.join("apart");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir(&folder).unwrap();
    let told = tiles_python(include_str!("gis/archive.py"), [arg(file), arg(&folder), step.to_string()])?
        .ok()
        .json();
    let tiles: Vec<Tile> = serde_json::from_value(told["tiles"].clone()).unwrap();
    let read = |(z, x, y): Tile| ((z, x, y), fs::read(folder.join(format!("{z}-{x}-{y}"))).unwrap());
    Some((tiles.into_iter().map(read).collect(), told))
}

/// Every tile near these features that the server has something in.
#[track_caller]
fn served(server: &Http, layers: &str, query: &str, near: &[Value], zooms: &[u8]) -> BTreeMap<Tile, Vec<u8>> {
    let mut all = BTreeMap::new();
    let around: BTreeSet<Tile> = match near.iter().filter_map(bounds).reduce(union) {
        // A ring around, for what only reaches into a tile's buffer.
        Some(b) => zooms.iter().flat_map(|z| covering(b, *z, 1)).collect(),
        None => BTreeSet::new(),
    };
    for (z, x, y) in around {
        let reply = server.get(&format!("/tiles/{layers}/{z}/{x}/{y}{query}"));
        if reply.status != 204 {
            all.insert((z, x, y), reply.expect(200).body.clone());
        }
    }
    all
}

#[test]
fn a_file_holds_the_tiles_of_the_server() {
    let name = "archive::a_file_holds_the_tiles_of_the_server";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let out = dir.path().join("ward.pmtiles");
    for (role, layers, args, query) in [
        ("analyst", "zones,violations,base", &[][..], ""),
        (
            "analyst",
            "zones,violations",
            &["--datetime", "2023-05-01", "--match", "class=key,drug_free"],
            "?datetime=2023-05-01&class=key,drug_free",
        ),
        ("planner", "units,sites", &["--bbox", "103.99,21.39,104.0,21.4"], "?bbox=103.99,21.39,104.0,21.4"),
    ] {
        let server = Server::serve_as(role, &data);
        let told =
            bake(&data, &out, &[&[layers, "--as", role, "--maxzoom", "17"], args].concat()).ok().json();
        let Some((tiles, apart)) = taken_apart(&out, dir.path(), 1) else {
            return skip(name, "no pmtiles package");
        };
        let near: Vec<Value> = layers.split(',').flat_map(|layer| items(&server, layer, "")).collect();
        let zooms: Vec<u8> = (0..=17).collect();
        let wanted = served(&server, layers, query, &near, &zooms);
        assert_eq!(tiles.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>(), "{layers} {query}");
        assert!(tiles == wanted, "{layers} {query}: a tile differs");
        let header = &apart["header"];
        for (member, value) in [
            ("clustered", json!(true)),
            ("tile_type", json!("MVT")),
            ("tile_compression", json!("GZIP")),
            ("internal_compression", json!("GZIP")),
            ("min_zoom", json!(0)),
            ("max_zoom", json!(17)),
            ("addressed_tiles_count", told["tiles"].clone()),
            ("tile_contents_count", told["contents"].clone()),
        ] {
            assert_eq!(header[member], value, "{member}");
        }
        assert_eq!(told["tiles"], tiles.len());
        let metadata = &apart["metadata"];
        assert_eq!(metadata["diaban"], told["provenance"]);
        assert_eq!(
            (&metadata["diaban"]["role"], &metadata["diaban"]["notice"]["vi"]),
            (&json!(role), &json!("dữ liệu minh hoạ"))
        );
        assert!(metadata["attribution"].as_str().unwrap().starts_with("dữ liệu minh hoạ"), "{metadata:#}");
        for (about, layer) in metadata["vector_layers"].as_array().unwrap().iter().zip(layers.split(',')) {
            assert_eq!(about["id"], layer);
        }
        // A single layer's count is that of its located items under the parameters it takes.
        let first = &metadata["diaban"]["layers"][0];
        let filter = first["filter"].as_str().unwrap_or_default();
        let found = items(&server, layers.split(',').next().unwrap(), filter);
        assert_eq!(first["count"], found.iter().filter(|f| is_located(f)).count(), "{filter}");
        println!("{layers} {query}: {} tiles as the server's", tiles.len());
    }
}

#[test]
fn a_large_file_has_leaf_directories_and_holds_equal_tiles_once() {
    let name = "archive::a_large_file_has_leaf_directories_and_holds_equal_tiles_once";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    let out = dir.path().join("deep.pmtiles");
    let (layers, zooms) = ("units,assets,base", ["--minzoom", "21", "--maxzoom", "22"]);
    let told = bake(&data, &out, &[&[layers][..], &zooms].concat()).ok().json();
    let (tiles, contents) = (told["tiles"].as_u64().unwrap(), told["contents"].as_u64().unwrap());
    assert!(tiles > 40_000 && contents < tiles * 2 / 3, "{tiles} tiles, {contents} different");
    let Some((sample, apart)) = taken_apart(&out, dir.path(), 211) else {
        return skip(name, "no pmtiles package");
    };
    assert!(apart["header"]["leaf_directory_length"].as_u64().unwrap() > 0, "{apart:#}");
    assert_eq!(apart["count"], tiles);
    for ((z, x, y), bytes) in &sample {
        let wanted = server.get(&format!("/tiles/{layers}/{z}/{x}/{y}")).expect(200);
        assert!(wanted.body == *bytes, "{z}/{x}/{y}");
    }
    println!("{} of {tiles} tiles, {contents} different, as the server's", sample.len());
}

#[test]
fn gdal_finds_the_features_of_every_layer() {
    let name = "archive::gdal_finds_the_features_of_every_layer";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    let layers = drawn_layers(&server);
    let ids: Vec<&str> = layers.keys().map(String::as_str).collect();
    let out = dir.path().join("all.pmtiles");
    // Feature by feature: far out some layers are clustered unless asked otherwise.
    let args = [&ids.join(","), "--minzoom", "9", "--maxzoom", "16", "--match", "aggregate=none"];
    let told = bake(&data, &out, &args).ok().json();
    let Some(run) = tiles_python(include_str!("gis/gdal_archive.py"), [arg(&out), "[10,16]".to_owned()])
    else {
        return skip(name, "no pyogrio");
    };
    let read = run.ok().json();
    let mut points = 0;
    for (n, (layer, definition)) in layers.iter().enumerate() {
        let located: BTreeMap<String, Value> = items(&server, layer, "")
            .into_iter()
            .filter(is_located)
            .map(|f| (f["id"].as_str().unwrap().to_owned(), f))
            .collect();
        assert_eq!(told["provenance"]["layers"][n]["count"], located.len(), "{layer}");
        for zoom in ["10", "16"] {
            let seen = &read[zoom][layer];
            let found: Vec<String> = serde_json::from_value(seen["ids"].clone()).unwrap();
            assert_eq!(found, located.keys().cloned().collect::<Vec<_>>(), "{layer} at {zoom}");
            let drawn = definition["fields"].as_array().unwrap().iter().filter(|f| f["tile"] == true);
            let mut fields: Vec<&str> = drawn.map(|f| f["name"].as_str().unwrap()).collect();
            fields.push("id");
            fields.sort_unstable();
            let named: Vec<&str> =
                seen["fields"].as_array().unwrap().iter().map(|f| f.as_str().unwrap()).collect();
            assert_eq!(named.into_iter().filter(|f| *f != "mvt_id").collect::<Vec<_>>(), fields, "{layer}");
        }
        for (id, place) in read["16"][layer]["points"].as_object().unwrap() {
            let wanted = positions(&located[id]["geometry"]["coordinates"])[0];
            // A unit of the grid of zoom 16 is 1.3e-6 degrees wide.
            for (n, wanted) in wanted.into_iter().enumerate() {
                assert!((place[n].as_f64().unwrap() - wanted).abs() < 1.4e-6, "{layer} {id}: {place}");
            }
            points += 1;
        }
    }
    println!("{} layers and {points} points as GDAL reads them", layers.len());
    assert!(points > 1_000);
}

#[test]
fn a_killed_run_goes_on_to_the_same_bytes() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let (whole, out) = (dir.path().join("whole.pmtiles"), dir.path().join("ward.pmtiles"));
    let args = ["base,violations", "--maxzoom", "19"];
    let at_once = bake(&data, &whole, &args).ok().json();
    let tiles = at_once["tiles"].as_u64().unwrap();
    let part = dir.path().join("ward.pmtiles.part");
    let mut kills = 0;
    for least in [100_000, 400_000, 1_000_000] {
        let (data, out) = (arg(&data), arg(&out));
        let mut all = vec!["tiles", "--data", &data, "--out", &out];
        all.extend(args);
        let mut child = command(all, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let deadline = Instant::now() + Duration::from_mins(2);
        while fs::metadata(&part).map_or(0, |m| m.len()) < least && child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "no tile for two minutes");
            std::thread::sleep(Duration::from_millis(1));
        }
        child.kill().unwrap();
        let killed = !child.wait().unwrap().success();
        kills += u32::from(killed);
        assert!(!killed || !Path::new(&out).exists(), "a file before it is whole");
    }
    assert!(kills >= 2, "the machine was too fast to be stopped: {kills}");
    let run = bake(&data, &out, &args).ok();
    let resumed = run.json();
    assert!(run.stderr.contains("went on from"), "{}", run.stderr);
    let kept = resumed["resumed"].as_u64().unwrap();
    assert!(kept > 0 && kept < tiles, "{kept} of {tiles}");
    assert!(fs::read(&out).unwrap() == fs::read(&whole).unwrap(), "the resumed file differs");
    assert!(!part.exists());
    println!("killed {kills} times, {kept} of {tiles} tiles kept");
}

#[test]
fn other_data_or_arguments_begin_anew() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let out = dir.path().join("ward.pmtiles");
    let part = dir.path().join("ward.pmtiles.part");
    bake(&data, &out, &["violations"]).ok();
    let first = fs::read(&out).unwrap();
    bake(&data, &out, &["violations"]).ok();
    assert!(fs::read(&out).unwrap() == first, "same input, same bytes");
    // A journal of ours with another fingerprint.
    fs::write(&part, [&b"diaban tiles 1\r\n"[..], &[9; 32], &[1; 500]].concat()).unwrap();
    let run = bake(&data, &out, &["violations"]).ok();
    assert!(run.stderr.contains("began anew") && run.json()["resumed"] == 0, "{}", run.stderr);
    assert!(fs::read(&out).unwrap() == first && !part.exists());
    // After an edit the file is another one: its mark moved.
    let server = Server::serve(&data);
    let feature = json!({
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [104.0, 21.4]},
        "properties": {"category": "other", "state": "found", "found_on": "2025-12-31"},
    });
    server.post("/api/collections/violations/items", &feature, &[]).expect(201);
    let before: Value = bake(&data, &out, &["violations"]).ok().json();
    assert!(fs::read(&out).unwrap() != first);
    assert_eq!(before["provenance"]["count"], items(&server, "violations", "located=true").len());
    // Somebody else's file of that name is left alone.
    fs::write(&part, "notes of somebody").unwrap();
    bake(&data, &out, &["violations"]).exit(1);
    assert_eq!(fs::read(&part).unwrap(), b"notes of somebody");
}

#[test]
fn a_saved_view_is_drawn_as_the_page_draws_it() {
    let name = "archive::a_saved_view_is_drawn_as_the_page_draws_it";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    let query = "asof=2025-06-30&period=P3M&layers=violations,zones&f=violations.state:found,reminded&hours=7,8,17&at=104,21.4,14";
    let properties = json!({"name": "Giờ tan tầm", "query": query});
    let feature = json!({"type": "Feature", "geometry": null, "properties": properties});
    let made = server.post("/api/collections/views/items", &feature, &[]).expect(201).json();
    let out = dir.path().join("view.pmtiles");
    let told = bake(&data, &out, &["--view", "Giờ tan tầm"]).ok().json();
    let cases = "datetime=2025-03-31/2025-06-30&state=found,reminded&found_at.hour=7,8,17";
    let layers = told["provenance"]["layers"].as_array().unwrap();
    let counted = |n: usize, layer: &str, params: &str| {
        assert_eq!(layers[n]["layer"], layer);
        let mut wanted: Vec<&str> = params.split('&').collect();
        wanted.sort_unstable();
        assert_eq!(layers[n]["filter"], wanted.join("&"));
        let found = items(&server, layer, &format!("{params}&located=true"));
        assert_eq!(layers[n]["count"], found.len(), "{layer}");
        found
    };
    counted(0, "zones", "datetime=2025-06-30");
    let found = counted(1, "violations", cases);
    assert!(found.len() > 5, "{} cases", found.len());
    // By id, and with one layer named.
    let id = made["id"].as_str().unwrap();
    let by_id = bake(&data, &out, &["violations", "--view", id]).ok().json();
    assert_eq!(by_id["provenance"]["layers"], json!([layers[1]]));
    let Some((tiles, _)) = taken_apart(&out, dir.path(), 1) else { return skip(name, "no pmtiles package") };
    let zooms = [13, 16];
    let wanted = served(&server, "violations", &format!("?{cases}"), &found, &zooms);
    let tiles: BTreeMap<Tile, Vec<u8>> = tiles.into_iter().filter(|(t, _)| zooms.contains(&t.0)).collect();
    assert!(tiles == wanted, "{} tiles, {} served", tiles.len(), wanted.len());
    assert!(zooms.iter().all(|z| around(&found, *z).iter().all(|t| tiles.contains_key(t))));
    // A second view of that name: which one is meant?
    server.post("/api/collections/views/items", &feature, &[]).expect(201);
    let run = bake(&data, &out, &["--view", "Giờ tan tầm"]).exit(2);
    assert_eq!(run.json()["code"], "unknown-view");
}

#[test]
fn wrong_questions_are_told_apart_by_their_exit() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let out = dir.path().join("x.pmtiles");
    let planner = drawn_layers(&Server::serve_as("planner", &data));
    let analyst = drawn_layers(&Server::serve(&data));
    let hidden =
        analyst.keys().find(|layer| !planner.contains_key(*layer)).expect("a layer planners do not see");
    for (args, exit, code) in [
        (&["nothing"][..], 2, "unknown-layer"),
        (&[hidden, "--as", "planner"], 2, "unknown-layer"),
        (&["violations", "--match", "nothing=1"], 2, "unknown-parameter"),
        (&["violations", "--match", "recorded=2025-01-01"], 2, "unknown-parameter"),
        (&["violations", "--datetime", "never"], 2, "invalid-parameter"),
        (&["--view", "nothing"], 2, "unknown-view"),
        (&["violations", "--datetime", "1900-01-01"], 1, "nothing-selected"),
        (&["documents"], 1, "nothing-selected"),
    ] {
        let run = bake(&data, &out, args).exit(exit);
        assert_eq!(run.json()["code"], code, "{args:?}");
        assert!(run.stderr.contains(code) && run.stderr.contains(" — "), "{}", run.stderr);
    }
    for args in [
        &["violations", "--minzoom", "5", "--maxzoom", "4"][..],
        &["violations", "--maxzoom", "40"],
        &["violations", "--view", "x", "--datetime", "2025-01-01"],
        &[],
    ] {
        bake(&data, &out, args).exit(2);
    }
    bake(&dir.path().join("none.gpkg"), &out, &["violations"]).exit(1);
    bake(&data, &dir.path().join("no/folder/x.pmtiles"), &["violations"]).exit(1);
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().contains("pmtiles")), "{left:?}");
}
