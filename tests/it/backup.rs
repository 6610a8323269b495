//! Copies of a site that is being written to: whole, valid, and with everything that was acknowledged before.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use e2e::{Http, Server, demo_copy, diaban, python_run, skip, temp_dir, validate_gpkg};
use serde_json::{Value, json};

use crate::grid::Dice;
use crate::site::{arg, items};

/// Threads that edit.
const WRITERS: u64 = 4;
/// Copies that are made meanwhile.
const COPIES: usize = 3;
/// Edits that are waited for before each copy, so that every copy is made under load.
const BETWEEN: usize = 40;

/// Ids that GDAL finds in each layer.
#[track_caller]
fn gdal_ids(file: &Path) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let run = python_run(include_str!("gis/layer_ids.py"), [arg(file)])?;
    Some(serde_json::from_value(run.ok().json()).expect("lists of ids"))
}

/// A GeoPackage that GDAL's checker has nothing to say about; false without the checker.
#[track_caller]
fn assert_valid(file: &Path) -> bool {
    let Some(run) = validate_gpkg(file) else { return false };
    assert!(run.code == Some(0), "{}: {}\n{}", file.display(), run.text(), run.stderr);
    true
}

#[track_caller]
fn verified(file: &Path) -> Value {
    let report = diaban(["verify", "--json", "--data", &arg(file)]).ok().json();
    assert_eq!((&report["ok"], &report["problems"]), (&json!(true), &json!([])), "{report:#}");
    report
}

/// What the writers did so far.
#[derive(Default)]
struct Done {
    created: Mutex<BTreeSet<String>>,
    edits: AtomicUsize,
    over: AtomicBool,
}

/// Creates, moves and removes cases until it is told to end; removes only what it made itself.
fn write(http: &Http, seed: u64, done: &Done) {
    let mut dice = Dice::new("writer", seed);
    let mut mine: Vec<String> = Vec::new();
    while !done.over.load(Ordering::Relaxed) {
        let lon = 104.0 + dice.below(1000) as f64 / 1e5;
        let point = json!({"type": "Point", "coordinates": [lon, 21.4]});
        let target = (mine.len() > 3).then(|| mine[dice.below(mine.len())].clone());
        if let Some(id) = target {
            let path = format!("/api/collections/violations/items/{id}");
            let etag = http.get(&path).expect(200).etag();
            let change =
                json!({"geometry": point, "properties": {"address": format!("Số {}", dice.below(99))}});
            http.patch(&path, &change, &[("if-match", &etag)]).expect(200);
            mine.retain(|other| *other != id);
        } else {
            let properties = json!({"category": "noise", "state": "found", "found_on": "2025-12-31"});
            let feature = json!({"type": "Feature", "geometry": point, "properties": properties});
            let made = http.post("/api/collections/violations/items", &feature, &[]).expect(201).json();
            let id = made["id"].as_str().expect("an id").to_owned();
            done.created.lock().unwrap().insert(id.clone());
            mine.push(id);
        }
        done.edits.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn copies_made_under_load_are_whole() {
    let name = "backup::copies_made_under_load_are_whole";
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let server = Server::serve(&data);
    let before = items(&server, "violations", "").len();
    let done = Done::default();
    let mut copies = Vec::new();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (http, done) = (server.http(), &done);
            scope.spawn(move || write(&http, 1_100 + writer, done));
        }
        // Whatever happens here, the writers are told to end.
        let made = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for n in 0..COPIES {
                let enough = (n + 1) * BETWEEN;
                while done.edits.load(Ordering::Relaxed) < enough {
                    thread::yield_now();
                }
                let acknowledged = done.created.lock().unwrap().clone();
                let edits = done.edits.load(Ordering::Relaxed);
                let out = dir.path().join(format!("copy-{n}.gpkg"));
                diaban(["backup", &arg(&out), "--data", &arg(&data)]).ok();
                println!(
                    "copy {n}: after {edits} edits, {} more while it was made",
                    done.edits.load(Ordering::Relaxed) - edits
                );
                copies.push((out, acknowledged));
            }
        }));
        done.over.store(true, Ordering::Relaxed);
        if let Err(panic) = made {
            std::panic::resume_unwind(panic);
        }
    });
    let mut heads = Vec::new();
    for (copy, acknowledged) in &copies {
        heads.push(verified(copy)["head"].as_i64().unwrap());
        let Some(layers) = gdal_ids(copy) else { return skip(name, "no Python with GDAL") };
        // Nobody has kept a view in the demo yet.
        let empty: Vec<_> = layers.iter().filter(|(_, ids)| ids.is_empty()).map(|(layer, _)| layer).collect();
        assert_eq!(empty, ["views"]);
        let violations = &layers["violations"];
        let missing: Vec<_> = acknowledged.difference(violations).collect();
        assert!(missing.is_empty(), "acknowledged before the copy began and not in it: {missing:?}");
        assert!(violations.len() >= before + acknowledged.len());
        assert!(assert_valid(copy), "there is a GDAL and no validate_gpkg");
    }
    assert!(heads.windows(2).all(|pair| pair[0] < pair[1]), "heads of the copies: {heads:?}");
    // The last copy is a site of its own: it serves what it holds.
    let (copy, _) = copies.last().unwrap();
    let served = items(&Server::serve(copy), "violations", "").len();
    assert_eq!(served, gdal_ids(copy).unwrap()["violations"].len());

    // And the site itself, once it has stopped.
    let total = items(&server, "violations", "").len();
    assert_eq!(total, before + done.created.lock().unwrap().len());
    server.stop();
    verified(&data);
    assert!(assert_valid(&data));
    assert_eq!(gdal_ids(&data).unwrap()["violations"].len(), total);
}

#[test]
fn the_demo_file_is_a_valid_geopackage() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    verified(&data);
    if !assert_valid(&data) {
        skip("backup::the_demo_file_is_a_valid_geopackage", "no Python with GDAL");
    }
}

#[test]
fn a_copy_never_overwrites() {
    let dir = temp_dir();
    let data = demo_copy(dir.path());
    let out = dir.path().join("there.gpkg");
    std::fs::write(&out, "mine").unwrap();
    let run = diaban(["backup", &arg(&out), "--data", &arg(&data)]).exit(1);
    assert!(run.stderr.contains("there.gpkg"), "{}", run.stderr);
    assert_eq!(std::fs::read(&out).unwrap(), b"mine");
    diaban(["backup", "--data", &arg(&data)]).exit(2);
    // Nor does it make a site where there is none.
    let absent = dir.path().join("absent.gpkg");
    diaban(["backup", "--to", &arg(&dir.path().join("copy.gpkg")), "--data", &arg(&absent)]).exit(1);
    assert!(!absent.exists());
}
