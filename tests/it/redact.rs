//! Erasure: after `redact` the text is in no byte of the file, its log of writes, the anchor, a later copy, an export,
//! a tile or an answer; and `verify` still passes and says that something was erased.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use e2e::{Http, Server, demo_copy, diaban, temp_dir};
use serde_json::{Value, json};

use crate::grid::covering;
use crate::site::{arg, files_with, holds};

/// What must go: as a person might have typed it. Names no one.
const MARKER: &str = "Zqx-7719-khong-duoc-ghi";
/// What replaced it: may stay unless the whole feature goes.
const PLACE: &str = "Ngo 12 duong Hoa Mau";
/// Where the erased feature lies.
const AT: [f64; 4] = [104.001, 21.401, 104.0014, 21.4014];

/// How long a running server may take to show what another process committed: 250 ms are promised, a laden machine is
/// given more.
const SEEN: Duration = Duration::from_secs(10);

/// A case whose address and summary held the marker, and then did not.
#[track_caller]
fn typed_by_mistake(http: &Http) -> String {
    let properties = json!({
        "category": "noise", "state": "found", "found_on": "2025-12-31", "address": format!("{PLACE} {MARKER}"),
        "summary": format!("theo lời kể của {MARKER}"),
    });
    let point = json!({"type": "Point", "coordinates": [AT[0], AT[1]]});
    let feature = json!({"type": "Feature", "geometry": point, "properties": properties});
    let made = http.post("/api/collections/violations/items", &feature, &[]).expect(201);
    let (id, etag) = (made.json()["id"].as_str().unwrap().to_owned(), made.etag());
    let path = format!("/api/collections/violations/items/{id}");
    let change = json!({"properties": {"address": PLACE}});
    let etag = http.patch(&path, &change, &[("if-match", &etag)]).expect(200).etag();
    let change = json!({"properties": {"state": "reminded"}});
    http.patch(&path, &change, &[("if-match", &etag)]).expect(200);
    id
}

/// A ward whose name, which is drawn into tiles, is the marker.
#[track_caller]
fn named_by_mistake(http: &Http) -> String {
    let [w, s, e, n] = AT;
    let square = json!({"type": "Polygon", "coordinates": [[[w, s], [e, s], [e, n], [w, n], [w, s]]]});
    let properties = json!({"code": "99", "name": MARKER, "valid_from": "2020-01-01", "note": format!("ghi chú {MARKER}")});
    let feature = json!({"type": "Feature", "geometry": square, "properties": properties});
    let made = http.post("/api/collections/wards/items", &feature, &[]).expect(201);
    let (id, etag) = (made.json()["id"].as_str().unwrap().to_owned(), made.etag());
    let change = json!({"properties": {"name_en": format!("{MARKER} in English")}});
    http.patch(&format!("/api/collections/wards/items/{id}"), &change, &[("if-match", &etag)]).expect(200);
    id
}

/// Answers of the server that held the marker, by what was asked.
fn answers_with(http: &Http, layer: &str, id: &str) -> Vec<String> {
    let item = format!("/api/collections/{layer}/items/{id}");
    let mut asked = vec![
        item.clone(),
        format!("{item}/history"),
        format!("/api/collections/{layer}/items?limit=10000"),
        format!("/api/collections/{layer}/items?limit=10000&recorded={}", "2099-01-01"),
        format!("/export/{layer}?format=geojson"),
        format!("/export/{layer}?format=csv"),
    ];
    for (z, x, y) in (8..=16).flat_map(|z| covering(AT, z, 0)) {
        asked.push(format!("/tiles/{layer}/{z}/{x}/{y}"));
        asked.push(format!("/tiles/wards,violations,zones/{z}/{x}/{y}"));
    }
    let holds_it = |path: &String| holds(&http.get(path).body, MARKER);
    asked.into_iter().filter(holds_it).collect()
}

#[track_caller]
fn redact(data: &Path, layer: &str, id: &str, more: &[&str]) -> Value {
    let data = arg(data);
    let mut args =
        vec!["redact", "--json", "--data", &data, layer, id, "--reason", "nhập nhầm dữ liệu cá nhân"];
    args.extend(more);
    diaban(args).ok().json()
}

/// `verify` passes and lists the erasure.
#[track_caller]
fn assert_listed(data: &Path, layer: &str, id: &str, field: &Value) {
    let report = diaban(["verify", "--json", "--data", &arg(data)]).ok().json();
    assert_eq!((&report["ok"], &report["problems"]), (&json!(true), &json!([])), "{report:#}");
    let listed = report["redacted"].as_array().expect("redacted");
    let ours = listed.iter().find(|r| r["layer"] == layer && r["id"] == id).expect("the erasure is listed");
    assert_eq!((&ours["field"], &ours["reason"]), (field, &json!("nhập nhầm dữ liệu cá nhân")));
}

/// A site in a folder of its own, so that whatever a command leaves there is found.
fn site(dir: &Path) -> (PathBuf, PathBuf) {
    let home = dir.join("site");
    std::fs::create_dir(&home).unwrap();
    let data = demo_copy(&home);
    (home, data)
}

#[test]
fn a_feature_erased_while_the_server_is_stopped_is_nowhere() {
    let dir = temp_dir();
    let (home, data) = site(dir.path());
    let server = Server::serve(&data);
    let id = named_by_mistake(&server);
    let before = answers_with(&server, "wards", &id);
    assert!(
        before.iter().any(|path| path.starts_with("/tiles")),
        "the marker is in tiles at first: {before:?}"
    );
    assert!(before.iter().any(|path| path.starts_with("/export")) && before.len() > 10, "{before:?}");
    server.stop();
    assert!(!files_with(&home, MARKER).is_empty(), "the marker is in the file at first");

    redact(&data, "wards", &id, &[]);
    assert_eq!(files_with(&home, MARKER), Vec::<PathBuf>::new());
    assert_listed(&data, "wards", &id, &Value::Null);

    let later = dir.path().join("later");
    std::fs::create_dir(&later).unwrap();
    diaban(["backup", &arg(&later.join("copy.gpkg")), "--data", &arg(&data)]).ok();
    let exported = later.join("wards.geojson");
    diaban(["export", "wards", "--data", &arg(&data), "--out", &arg(&exported)]).ok();
    diaban([
        "export",
        "wards",
        "--format",
        "csv",
        "--data",
        &arg(&data),
        "--out",
        &arg(&later.join("wards.csv")),
    ])
    .ok();
    assert!(std::fs::read_to_string(&exported).unwrap().contains("Phường Mẫu"), "the others are still there");
    assert_eq!(files_with(&later, MARKER), Vec::<PathBuf>::new());
    assert_listed(&later.join("copy.gpkg"), "wards", &id, &Value::Null);

    let server = Server::serve(&data);
    assert_eq!(answers_with(&server, "wards", &id), Vec::<String>::new());
    server.get(&format!("/api/collections/wards/items/{id}")).problem(404, "unknown-feature");
    assert_history(&server, "wards", &id);
    server.stop();
    assert_eq!(files_with(&home, MARKER), Vec::<PathBuf>::new());
}

#[test]
fn fields_erased_under_a_running_server_are_nowhere() {
    let dir = temp_dir();
    let (home, data) = site(dir.path());
    let server = Server::serve(&data);
    let id = typed_by_mistake(&server);
    let item = format!("/api/collections/violations/items/{id}");
    let past = server.get_json(&format!("{item}/history"))["entries"][2]["mark"].as_str().unwrap().to_owned();
    let at_first = format!("/api/collections/violations/items?limit=10000&recorded={past}");
    assert!(holds(&server.get(&at_first).body, MARKER), "the marker is in what was known at first");
    assert!(!answers_with(&server, "violations", &id).is_empty());
    assert!(!files_with(&home, MARKER).is_empty());
    let early = dir.path().join("early.gpkg");
    diaban(["backup", &arg(&early), "--data", &arg(&data)]).ok();
    assert!(
        holds(&std::fs::read(&early).unwrap(), MARKER),
        "a copy made before still has it: nobody can reach that"
    );

    // The address no longer holds it, its past does; the summary holds it still.
    redact(&data, "violations", &id, &["--field", "summary"]);
    redact(&data, "violations", &id, &["--field", "address"]);
    let deadline = Instant::now() + SEEN;
    while !server.get_json(&item)["properties"]["address"].is_null() {
        assert!(Instant::now() < deadline, "the server does not see what another process erased");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(answers_with(&server, "violations", &id), Vec::<String>::new());
    assert!(!holds(&server.get(&at_first).body, MARKER), "what was known at first has lost it too");
    assert_eq!(files_with(&home, MARKER), Vec::<PathBuf>::new(), "while the server runs");
    let told = server.get_json(&item);
    assert_eq!(
        (&told["properties"]["state"], &told["properties"]["summary"]),
        (&json!("reminded"), &Value::Null)
    );
    assert_history(&server, "violations", &id);

    // The feature lives on.
    let etag = server.get(&item).expect(200).etag();
    let change = json!({"properties": {"state": "fixed", "address": PLACE}});
    server.patch(&item, &change, &[("if-match", &etag)]).expect(200);
    let later = dir.path().join("later.gpkg");
    diaban(["backup", &arg(&later), "--data", &arg(&data)]).ok();
    assert!(!holds(&std::fs::read(&later).unwrap(), MARKER));
    server.stop();
    assert_eq!(files_with(&home, MARKER), Vec::<PathBuf>::new(), "after the server stopped");
    assert_listed(&data, "violations", &id, &json!("summary"));
    assert_listed(&later, "violations", &id, &json!("summary"));
}

/// The history says that something was erased, and why; what it was it cannot say.
#[track_caller]
fn assert_history(http: &Http, layer: &str, id: &str) {
    let history = http.get_json(&format!("/api/collections/{layer}/items/{id}/history"));
    let entries = history["entries"].as_array().expect("entries");
    let newest = &entries[0];
    assert_eq!(
        (&newest["op"], &newest["reason"]),
        (&json!("erase"), &json!("nhập nhầm dữ liệu cá nhân")),
        "{history:#}"
    );
    assert!(entries.len() > 2, "the changes that lost their content are still listed: {history:#}");
    assert!(!history.to_string().contains(MARKER));
}

#[test]
fn what_cannot_be_erased_is_said() {
    let dir = temp_dir();
    let (_, data) = site(dir.path());
    let data = arg(&data);
    let nobody = "01890a5d-ac96-774b-bcce-b302099a8057";
    diaban(["redact", "--data", &data, "wards", nobody, "--reason", "thử"]).exit(1);
    diaban(["redact", "--data", &data, "no_such_layer", nobody, "--reason", "thử"]).exit(1);
    diaban(["redact", "--data", &data, "wards", nobody]).exit(2);
    diaban(["redact", "--data", &data, "wards", "not-an-id", "--reason", "thử"]).exit(2);
}
