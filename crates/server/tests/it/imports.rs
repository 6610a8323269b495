//! Importing over HTTP: looked at, stored, listed, undone; refused as a whole where it must be.

use std::path::PathBuf;

use model::Role;
use serde_json::{Value, json};

use crate::site::{Reply, Site, VIOLATIONS, config, send, skip};

const CSV: &[(&str, &str)] = &[("content-type", "text/csv")];
const IMPORTS: &str = "/api/imports?layer=violations&filename=tr%C3%ADch.csv";
/// Three that can be read, one of them without a place; one of no known category.
const ROWS: &str = "category,found_on,address,lon,lat\n\
    noise,2025-05-01,Ngõ 1,104.0,21.4\n\
    sleeping,2025-05-02,Ngõ 2,104.1,21.4\n\
    other,2025-05-03,Ngõ 3,104.2,21.4\n\
    littering_dumping,2025-05-04,Ngõ 4,,\n";

async fn upload(site: &Site, query: &str, text: &str) -> Reply {
    site.send("POST", &format!("{IMPORTS}{query}"), CSV, text).await
}

async fn undo(site: &Site, batch: &Value) -> Reply {
    site.send("DELETE", &format!("/api/imports/{}", batch.as_str().unwrap()), &[], "").await
}

async fn count(site: &Site) -> Value {
    site.get("/api/collections/violations/count").await.json()["count"].clone()
}

async fn export(site: &Site, layer: &str) -> bytes::Bytes {
    site.get(&format!("/export/{layer}?format=geojson")).await.expect(200).body
}

async fn assert_sound(site: &Site) {
    let report = site.store.verify(None).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
}

fn counts(receipt: &Value) -> [u64; 6] {
    ["read", "stored", "updated", "unchanged", "waiting_for_location", "rejected"]
        .map(|name| receipt[name].as_u64().unwrap_or_else(|| panic!("{name}: {receipt:#}")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_everything_and_stores_nothing() {
    let site = Site::new().await;
    let seen = upload(&site, "&dry_run=true", ROWS).await.expect(200).json();
    assert_eq!(counts(&seen), [4, 2, 0, 0, 1, 1]);
    let columns: Vec<(&str, &Value)> = seen["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| (c["name"].as_str().unwrap(), &c["field"]))
        .collect();
    assert_eq!(
        columns,
        [
            ("category", &json!("category")),
            ("found_on", &json!("found_on")),
            ("address", &json!("address")),
            ("lon", &json!("x")),
            ("lat", &json!("y"))
        ]
    );
    assert_eq!(seen["columns"][2]["samples"], json!(["Ngõ 1", "Ngõ 2", "Ngõ 3"]));
    let rows = seen["preview"]["features"].as_array().unwrap();
    let told: Vec<(u64, &str)> = rows
        .iter()
        .map(|f| (f["properties"]["row"].as_u64().unwrap(), f["properties"]["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [(2, "rejected"), (1, "stored"), (3, "stored"), (4, "waiting")]);
    let refused = &rows[0];
    assert_eq!(refused["geometry"]["coordinates"], json!([104.1, 21.4]));
    let fault = &refused["properties"]["faults"][0];
    assert_eq!((&fault["code"], &fault["field"]), (&json!("unknown-code"), &json!("category")));
    assert_eq!(refused["properties"]["values"]["category"], "sleeping");
    assert!(rows[3]["geometry"].is_null());

    assert_eq!(count(&site).await, 0);
    assert_eq!(site.get("/api/imports").await.json()["imports"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_is_stored_listed_and_undone() {
    let site = Site::new().await;
    let (path, _) = site.violation("noise", 104.3).await;
    let before = export(&site, "violations").await;
    let receipt = upload(&site, "", ROWS).await.expect(200).json();
    assert_eq!(counts(&receipt), [4, 2, 0, 0, 1, 1]);
    assert!(receipt.get("preview").is_none());
    // The answer comes when this server shows it.
    assert_eq!(count(&site).await, 4);
    let listed = site.get("/api/imports").await.expect(200).json()["imports"].clone();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    let one = &listed[0];
    assert_eq!(counts(one), [4, 2, 0, 0, 1, 1]);
    assert_eq!(
        [&one["batch"], &one["layer"], &one["files"], &one["actor"], &one["undone"], &one["undoable"]],
        [
            &receipt["batch"],
            &json!("violations"),
            &json!(["trích.csv"]),
            &json!("local:test"),
            &json!(false),
            &json!(true)
        ]
    );

    let undone = undo(&site, &receipt["batch"]).await.expect(200).json();
    assert_eq!(
        [&undone["removed"], &undone["restored"], &undone["empty"]],
        [&json!(3), &json!(0), &json!(false)]
    );
    assert_eq!(export(&site, "violations").await, before);
    site.get(&path).await.expect(200);
    let listed = site.get("/api/imports").await.json()["imports"].clone();
    assert_eq!([&listed[0]["undone"], &listed[0]["undone_by"]], [&json!(true), &json!("local:test")]);
    undo(&site, &receipt["batch"]).await.problem(409, "already-undone");
    // The same file again is new records again.
    assert_eq!(counts(&upload(&site, "", ROWS).await.expect(200).json()), [4, 2, 0, 0, 1, 1]);
    assert_sound(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_were_updated_are_put_back() {
    let site = Site::new().await;
    let first = "key,category,found_on,address,lon,lat\na,noise,2025-05-01,Ngõ 1,104.0,21.4\nb,noise,2025-05-01,Ngõ 2,104.1,21.4\n";
    upload(&site, "&key=key", first).await.expect(200);
    let before = export(&site, "violations").await;
    let second = "key,category,found_on,address,lon,lat\na,noise,2025-05-01,Ngõ 9,104.5,21.5\nb,noise,2025-05-01,Ngõ 2,104.1,21.4\nc,other,2025-06-01,,,\n";
    let receipt = upload(&site, "&key=key", second).await.expect(200).json();
    assert_eq!(counts(&receipt), [3, 0, 1, 1, 1, 0]);
    assert_ne!(export(&site, "violations").await, before);
    let undone = undo(&site, &receipt["batch"]).await.expect(200).json();
    assert_eq!([&undone["removed"], &undone["restored"]], [&json!(1), &json!(1)]);
    assert_eq!(export(&site, "violations").await, before);
    // The history of the record tells the import and its undoing in words.
    let all = site.get(VIOLATIONS).await.json();
    let one = all["features"].as_array().unwrap().iter().find(|f| f["properties"]["address"] == "Ngõ 1");
    let id = one.unwrap()["id"].as_str().unwrap();
    let history = site.get(&format!("{VIOLATIONS}/{id}/history?lang=vi")).await.expect(200).json();
    let told: Vec<(&str, &str)> = history["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| (e["op"].as_str().unwrap(), e["reason"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            ("revert", "hoàn tác một lượt nhập"),
            ("import", "nhập từ tệp trích.csv"),
            ("import", "nhập từ tệp trích.csv")
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_since_is_named_and_nothing_happens() {
    let site = Site::new().await;
    let receipt = upload(&site, "", ROWS).await.expect(200).json();
    let all = site.get(VIOLATIONS).await.json();
    let id = all["features"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("{VIOLATIONS}/{id}");
    let etag = site.get(&path).await.header("etag").to_owned();
    site.patch(&path, &etag, &json!({"properties": {"address": "Ngõ 7"}})).await.expect(200);
    let problem = undo(&site, &receipt["batch"]).await.problem(409, "changed-since");
    let named: Vec<&str> =
        problem["errors"].as_array().unwrap().iter().filter_map(|e| e["place"].as_str()).collect();
    assert_eq!(named, [id.as_str()]);
    assert_eq!(count(&site).await, 3);
    assert_eq!(site.get("/api/imports").await.json()["imports"][0]["undone"], false);
    // A record that was deleted since was changed too.
    let etag = site.get(&path).await.header("etag").to_owned();
    site.send("DELETE", &path, &[("if-match", &etag)], "").await.expect(204);
    undo(&site, &receipt["batch"]).await.problem(409, "changed-since");
    assert_eq!(count(&site).await, 2);
    let unknown = json!("01890a5d-ac96-774b-bcce-b302099a8057");
    undo(&site, &unknown).await.problem(404, "unknown-batch");
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_and_an_undo_at_once_leave_one_of_two_wholes() {
    let site = Site::new().await;
    for round in 0..6 {
        let receipt = upload(&site, "", ROWS).await.expect(200).json();
        let id = site.get(VIOLATIONS).await.json()["features"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("{VIOLATIONS}/{id}");
        let etag = site.get(&path).await.header("etag").to_owned();
        let change = json!({"properties": {"address": format!("Ngõ sửa {round}")}});
        let (edited, undone) =
            tokio::join!(site.patch(&path, &etag, &change), undo(&site, &receipt["batch"]));
        match (edited.status, undone.status) {
            // The edit came first: the import stays whole.
            (200, 409) => {
                assert_eq!(count(&site).await, 3);
                for feature in site.get(VIOLATIONS).await.json()["features"].as_array().unwrap() {
                    let path = format!("{VIOLATIONS}/{}", feature["id"].as_str().unwrap());
                    site.send("DELETE", &path, &[("if-match", "*")], "").await.expect(204);
                }
            }
            // The undo came first: nothing is left to edit.
            (404 | 412, 200) => assert_eq!(count(&site).await, 0),
            other => panic!("{other:?}"),
        }
    }
    assert_sound(&site).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn personal_data_refuse_the_whole_and_are_not_repeated() {
    let site = Site::new().await;
    let text = "category,found_on,address,họ tên,lon,lat\n\
        noise,2025-05-01,Ngõ 1,Ai Đó,104.0,21.4\n\
        noise,2025-05-02,gọi 0912345678,Ai Kia,104.1,21.4\n";
    for query in ["&dry_run=true", ""] {
        let reply = upload(&site, query, text).await;
        assert!(!String::from_utf8_lossy(&reply.body).contains("0912345678"));
        let problem = reply.problem(422, "person-data");
        assert_eq!(
            [&problem["person_data"][0]["column"], &problem["person_data"][0]["rows"]],
            [&json!("address"), &json!([2])]
        );
        // The columns are told, so that this one can be left out.
        let column = |n: usize| problem["columns"][n].clone();
        assert_eq!([&column(2)["field"], &column(2)["samples"]], [&json!("address"), &json!([])]);
        // Nobody's name is repeated either, though the column is dropped.
        assert_eq!([&column(3)["field"], &column(3)["samples"]], [&Value::Null, &json!([])]);
    }
    assert_eq!(count(&site).await, 0);
    let without = upload(&site, "&map=address%3D", text).await.expect(200).json();
    assert_eq!(counts(&without), [2, 2, 0, 0, 0, 0]);
    assert_eq!(without["dropped"], json!(["address", "họ tên"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_mapped_by_title_and_by_hand_and_vn_2000_is_read() {
    let site = Site::new().await;
    // The point P0 of the shared test vectors: the reference point of Sơn La.
    let text = "Loại vi phạm;Ngày phát hiện;Ghi chú;X;Y\nnoise;2025-05-01;Ngõ 1;2360900.056;490238.806\n";
    let seen = upload(&site, "&dry_run=true&crs=EPSG:9206", text).await.expect(200).json();
    assert_eq!(seen["columns"][1]["field"], "found_on");
    // In a Vietnamese survey X points north: read as it stands the row is refused, and the fault says why.
    let fault = &seen["preview"]["features"][0]["properties"]["faults"][0];
    assert_eq!(fault["code"], "invalid-geometry");
    assert!(fault["detail"]["vi"].as_str().unwrap().contains("hai trục bị đảo"), "{fault:#}");
    let query = "&dry_run=true&crs=EPSG:9206&map=x%3DY&map=y%3DX&map=category%3DLo%E1%BA%A1i%20vi%20ph%E1%BA%A1m&map=address%3DGhi%20ch%C3%BA";
    let seen = upload(&site, query, text).await.expect(200).json();
    assert_eq!(counts(&seen), [1, 1, 0, 0, 0, 0], "{seen:#}");
    let at = &seen["preview"]["features"][0]["geometry"]["coordinates"];
    let (lon, lat) = (at[0].as_f64().unwrap(), at[1].as_f64().unwrap());
    // One metre is about 9.0e-6 degrees of latitude and 9.7e-6 of longitude here.
    assert!((lon - 103.907_779_5).abs() < 9e-6 && (lat - 21.342_757).abs() < 9e-6, "{at}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_imports_what_it_may_edit_and_sees_no_other_import() {
    let site = Site::new().await;
    let post = async |role: Role, path: &str, text: &str| {
        send(&server::app(site.engine.clone(), config(role)), "POST", path, CSV, text).await
    };
    let incidents = "/api/imports?layer=incidents&filename=a.csv";
    let incident = "category,occurred_from,found_by,lon,lat\ntheft,2025-05-01T08:00:00Z,citizen,104.0,21.4\n";
    let made = post(Role::Analyst, incidents, incident).await.expect(200).json();
    // Planners do not see incidents; leaders see them and do not edit them.
    post(Role::Planner, incidents, incident).await.problem(404, "unknown-layer");
    post(Role::Leader, incidents, incident).await.problem(403, "forbidden");
    let batch = format!("/api/imports/{}", made["batch"].as_str().unwrap());
    let as_planner = site.as_role(Role::Planner);
    let seen = send(&as_planner, "GET", "/api/imports", &[], "").await.json();
    assert_eq!(seen["imports"], json!([]));
    send(&as_planner, "DELETE", &batch, &[], "").await.problem(404, "unknown-batch");
    let as_leader = site.as_role(Role::Leader);
    let seen = send(&as_leader, "GET", "/api/imports", &[], "").await.json();
    assert_eq!(seen["imports"][0]["undoable"], false);
    send(&as_leader, "DELETE", &batch, &[], "").await.problem(403, "forbidden");

    let new = "/api/imports?layer=benches&filename=a.csv&new_layer=true";
    let benches = "name,lon,lat\nGhế 1,104.0,21.4\n";
    for role in [Role::Officer, Role::Leader, Role::Public] {
        post(role, new, benches).await.problem(403, "forbidden");
    }
    post(Role::Analyst, "/api/imports?layer=benches&filename=a.csv", benches)
        .await
        .problem(404, "unknown-layer");
    let made = post(Role::Planner, new, benches).await.expect(200).json();
    assert_eq!(counts(&made), [1, 1, 0, 0, 0, 0]);
    let undone = undo(&site, &made["batch"]).await.expect(200).json();
    assert_eq!([&undone["removed"], &undone["empty"]], [&json!(1), &json!(true)]);
    site.get("/api/collections/benches").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_a_role_does_not_see_whole_are_not_filled_by_it() {
    let site = Site::new().await;
    let text = "key,code,name,kind,households,valid_from\nu,T1,Tổ 1,to,3,2025-01-01\n";
    let path = "/api/imports?layer=units&filename=a.csv&key=key&dry_run=true";
    let planner = send(&site.as_role(Role::Planner), "POST", path, CSV, text).await;
    let analyst = send(&site.app, "POST", path, CSV, text).await.expect(200).json();
    assert_eq!(analyst["columns"][4]["field"], "households");
    // Whether "3" is what stands there must not be told to who reads "<5".
    let planner = planner.expect(200).json();
    assert_eq!(
        (&planner["columns"][4]["field"], &planner["dropped"]),
        (&Value::Null, &json!(["households"]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_is_answered_from_the_log() {
    let site = Site::new().await;
    let headers = [("content-type", "text/csv"), ("idempotency-key", "k-1")];
    let path = "/api/imports?layer=benches&filename=a.csv&new_layer=true";
    let text = "name,lon,lat\nGhế 1,104.0,21.4\nGhế 2,104.1,210\n";
    let first = site.send("POST", path, &headers, text).await.expect(200).json();
    let again = site.send("POST", path, &headers, text).await.expect(200).json();
    assert_eq!(first, again);
    assert_eq!(site.get("/api/imports").await.json()["imports"].as_array().unwrap().len(), 1);
    site.send("POST", path, &headers, &format!("{text}Ghế 3,104.0,21.0\n"))
        .await
        .problem(422, "idempotency-key-reused");
    assert_eq!(site.get("/api/collections/benches/count").await.json()["count"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_refused_with_its_place() {
    let site = Site::new().await;
    let post =
        async |path: &str, headers: &[(&str, &str)], text: &str| site.send("POST", path, headers, text).await;
    let foreign = [("content-type", "text/csv"), ("origin", "http://evil.example")];
    post(IMPORTS, &foreign, ROWS).await.problem(403, "foreign-origin");
    site.send("DELETE", "/api/imports/x", &foreign, "").await.problem(403, "foreign-origin");
    post(IMPORTS, &[("content-type", "text/html")], ROWS).await.problem(415, "unsupported-media-type");
    let place = |p: Value| p["errors"][0]["parameter"].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        place(post("/api/imports?filename=a.csv", CSV, ROWS).await.problem(400, "invalid-parameter")),
        "layer"
    );
    assert_eq!(
        place(post("/api/imports?layer=violations", CSV, ROWS).await.problem(400, "invalid-parameter")),
        "filename"
    );
    assert_eq!(place(upload(&site, "&dry_run=1", ROWS).await.problem(400, "invalid-parameter")), "dry_run");
    assert_eq!(place(upload(&site, "&map=x", ROWS).await.problem(400, "invalid-parameter")), "map");
    assert_eq!(place(upload(&site, "&crs=EPSG:1", ROWS).await.problem(400, "unknown-crs")), "crs");
    upload(&site, "&map=nothing%3Daddress", ROWS).await.problem(422, "unknown-field");
    upload(&site, "&strict=true", ROWS).await.problem(400, "unknown-parameter");
    upload(&site, "", "").await.problem(400, "invalid-file");
    upload(&site, "", "\u{feff}category\n\"noise").await.problem(400, "invalid-file");

    let small = server::ServeConfig { max_import: 1_000, ..config(Role::Analyst) };
    let app = server::app(site.engine.clone(), small);
    let long = format!("{ROWS}{}", "x".repeat(1_000));
    send(&app, "POST", IMPORTS, CSV, &long).await.problem(413, "too-large");
    assert_eq!(count(&site).await, 0);
}

fn shared(test: &str, name: &str) -> Option<String> {
    let root = std::env::var_os("DIABAN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let text = std::fs::read_to_string(root.join("data").join(name)).ok();
    if text.is_none() {
        skip(&format!("imports::{test}"), "the shared data is not here");
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn real_files_come_in_and_go_out_again() {
    let test = "real_files_come_in_and_go_out_again";
    let london = shared(test, "london/2023-01-city-of-london-street.csv");
    let calgary = shared(test, "calgary_building_permits.csv");
    let (Some(london), Some(calgary)) = (london, calgary) else { return };
    let site = Site::new().await;
    let rows = london.lines().count() as u64 - 1;
    let files = [
        (Role::Analyst, "incidents", &london, rows, "police-uk"),
        (Role::Planner, "sites", &calgary, 2000, "calgary-permits"),
    ];
    for (role, layer, text, rows, mapping) in files {
        let app = site.as_role(role);
        let before = export(&site, layer).await;
        let path = format!("/api/imports?layer={layer}&filename=a.csv");
        let seen = send(&app, "POST", &format!("{path}&dry_run=true"), CSV, text).await.expect(200).json();
        assert_eq!(seen["preview"]["features"].as_array().unwrap().len(), 500);
        let receipt = send(&app, "POST", &path, CSV, text).await.expect(200).json();
        assert_eq!((counts(&receipt)[0], &receipt["mapping"]), (rows, &json!(mapping)));
        assert_eq!(counts(&receipt), counts(&seen), "the dry run told what would happen");
        let again = send(&app, "POST", &path, CSV, text).await.expect(200).json();
        assert_eq!(counts(&again), [rows, 0, 0, rows, 0, 0]);
        let batch = format!("/api/imports/{}", receipt["batch"].as_str().unwrap());
        send(&app, "DELETE", &batch, &[], "").await.expect(200);
        assert_eq!(export(&site, layer).await, before, "{layer}");
    }
    assert_sound(&site).await;
}
