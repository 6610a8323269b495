//! What becomes of rows: known, new, waiting, refused.

use engine::{ImportError, ImportOptions, MappingChoice};
use model::{Value, ValueRef};

use crate::site::{Site, counts, options};

const SITES: &str = "permit_no,permit_state,opened_on,lon,lat,summary,extra\n\
    A-1,issued,2024-01-02,104.0,21.4,nhà 2 tầng,x\n\
    A-2,applied,2024-01-03,,,,y\n\
    A-2,expired,2024-01-04,104.1,21.4,,z\n\
    A-3,unheard_of,2024-01-05,104.0,21.4,,\n\
    A-4,issued,,104.0,21.4,,\n\
    A-5,issued,2024-01-05,21.4,104.0,,\n";

fn keyed(options: ImportOptions) -> ImportOptions {
    ImportOptions { key: Some("permit_no".to_owned()), ..options }
}

#[tokio::test]
async fn every_row_is_accounted_for_and_the_same_again_changes_nothing() {
    let site = Site::new().await;
    let file = site.file("sites.csv", SITES);
    let rejects = site.dir.path().join("rejects.csv");
    let all = ImportOptions { rejects: Some(rejects.clone()), ..keyed(options("sites", &[&file])) };
    let foreseen = site.import(ImportOptions { dry_run: true, ..all.clone() }).await.unwrap();
    assert!(site.features("sites").await.is_empty());
    let receipt = site.import(all.clone()).await.unwrap();
    assert_eq!(counts(&receipt), [2, 0, 0, 1, 3]);
    assert_eq!(counts(&foreseen), counts(&receipt));
    assert_eq!(receipt.dropped, ["extra"]);
    let refused: Vec<(usize, &str, &str)> =
        receipt.rejects.iter().map(|r| (r.row, r.code, r.field.as_str())).collect();
    assert_eq!(
        refused,
        [
            (4, "unknown-code", "permit_state"),
            (5, "required", "opened_on"),
            (6, "invalid-geometry", "/geometry/coordinates"),
        ]
    );
    assert!(receipt.rejects[2].detail.en.contains("swapped") && receipt.rejects[2].detail.vi.contains("đảo"));
    let written = std::fs::read_to_string(&rejects).unwrap();
    assert!(written.lines().count() == 4 && written.contains("sites.csv\",4,\"permit_state\",unknown-code,"));

    // A state begins on the day the case does.
    let def = site.def("sites");
    let first = &site.features("sites").await[0];
    assert_eq!(first.transitions.len(), 1);
    assert_eq!(first.transitions[0].on, jiff::civil::date(2024, 1, 2));
    assert_eq!(first.get(&def, "summary"), ValueRef::Text("nhà 2 tầng"));

    let again = site.import(all.clone()).await.unwrap();
    assert_eq!(counts(&again), [0, 0, 3, 0, 3]);
    // A mended row is new, those behind it keep their keys; a changed one is updated.
    let mended = SITES.replace("unheard_of", "issued").replace("nhà 2 tầng", "nhà 3 tầng");
    site.file("sites.csv", &mended);
    let foreseen = site.import(ImportOptions { dry_run: true, ..all.clone() }).await.unwrap();
    let receipt = site.import(all).await.unwrap();
    assert_eq!(counts(&receipt), [1, 1, 2, 0, 2]);
    assert_eq!(counts(&foreseen), counts(&receipt));
}

#[tokio::test]
async fn a_file_that_knows_two_columns_changes_one_field() {
    let site = Site::new().await;
    let file = site.file("sites.csv", SITES);
    site.import(keyed(options("sites", &[&file]))).await.unwrap();
    let news = site.file("news.csv", "no,floors\nA-1,5\nA-9,1\n");
    let told = ImportOptions {
        map: vec![("permit_floors".to_owned(), "floors".to_owned())],
        key: Some("no".to_owned()),
        ..options("sites", &[&news])
    };
    let receipt = site.import(told).await.unwrap();
    // A-9 is not known, and a new site needs more than that.
    assert_eq!(counts(&receipt), [0, 1, 0, 0, 1]);
    assert_eq!((receipt.rejects[0].row, receipt.rejects[0].code), (2, "required"));
    let def = site.def("sites");
    let first = site.features("sites").await.remove(0);
    assert_eq!(first.get(&def, "permit_floors"), ValueRef::Int(5));
    assert_eq!(first.get(&def, "permit_state"), ValueRef::Text("issued"));
    assert!(first.geometry.is_some());
}

#[tokio::test]
async fn a_state_told_again_goes_on_from_where_it_is() {
    let site = Site::new().await;
    let told = |state: &str| format!("permit_no,permit_state,opened_on\nA-1,{state},2024-01-02\n");
    let course = async |text: &str| {
        let file = site.file("sites.csv", text);
        site.import(keyed(options("sites", &[&file]))).await.unwrap();
        let row = site.features("sites").await.remove(0);
        row.transitions.iter().map(|t| format!("{} {}", t.to, t.on)).collect::<Vec<_>>()
    };
    assert_eq!(course(&told("applied")).await, ["applied 2024-01-02"]);
    // A wrong first day is put right; a new state holds from the day it was told, and the old one is not forgotten.
    assert_eq!(course(&told("applied").replace("01-02", "01-03")).await, ["applied 2024-01-03"]);
    assert_eq!(course(&told("issued")).await, ["applied 2024-01-03", "issued 2025-06-01"]);
    assert_eq!(course(&told("issued")).await, ["applied 2024-01-03", "issued 2025-06-01"]);
}

#[tokio::test]
async fn strict_stores_nothing_when_a_row_is_refused() {
    let site = Site::new().await;
    let file = site.file("sites.csv", SITES);
    let head = site.store.head();
    let strict = ImportOptions { strict: true, ..keyed(options("sites", &[&file])) };
    match site.import(strict).await {
        Err(ImportError::Rejected(receipt)) => assert_eq!(receipt.rejected, 3),
        other => panic!("{other:?}"),
    }
    assert_eq!(site.store.head(), head);
}

#[tokio::test]
async fn versions_of_one_unit_stay_apart() {
    let site = Site::new().await;
    let text = "unit,class,valid_from,valid_to\n\
        u1,key,2020-12-31,2021-12-31\n\
        u1,low_complexity,2021-12-31,\n\
        u1,drug_free,2023-01-01,\n\
        u2,key,2022-01-01,2021-01-01\n";
    let receipt = site.text("unit_classes", "classes.csv", text).await.unwrap();
    let refused: Vec<(usize, &str)> = receipt.rejects.iter().map(|r| (r.row, r.code)).collect();
    assert_eq!(refused, [(3, "validity-overlap"), (4, "invalid-value")]);
    assert_eq!(counts(&receipt), [2, 0, 0, 0, 2]);
    // In a later file too, and beside what is there.
    let later = "unit,class,valid_from,valid_to\nu1,key,2025-01-01,\nu1,key,2019-01-01,2020-12-31\n";
    let receipt = site.text("unit_classes", "later.csv", later).await.unwrap();
    assert_eq!((counts(&receipt), receipt.rejects[0].row), ([1, 0, 0, 0, 1], 1));
}

#[tokio::test]
async fn one_code_of_two_sources_is_two_wards() {
    let site = Site::new().await;
    let new = r#"{"type":"FeatureCollection","features":[{"type":"Feature","geometry":null,"properties":
        {"code":"03646","name":"Mẫu","fullName":"Phường Mẫu Mới","codeName":"m","gisServerId":"1","areaKm2":1}}]}"#;
    let old = r#"[{"old_code":"03646","old_name":"Phường Mẫu","new_code":"03646","new_name":"Phường Mẫu Mới",
        "effective":"2025-07-01"}]"#;
    let (new, old) = (site.file("new.geojson", new), site.file("old.json", old));
    let receipt = site.import(options("wards", &[&new, &old])).await.unwrap();
    assert_eq!(counts(&receipt), [0, 0, 0, 2, 0]);
    assert_eq!(receipt.mapping.as_deref(), Some("vn-wards-2025,vn-wards-until-2025"));
    let def = site.def("wards");
    let both = site.features("wards").await;
    assert!(both.iter().all(|f| f.get(&def, "code") == ValueRef::Text("03646")));
    assert_ne!(both[0].entity(&def), both[1].entity(&def));
    assert_eq!(counts(&site.import(options("wards", &[&new, &old])).await.unwrap()), [0, 0, 2, 0, 0]);
}

#[tokio::test]
async fn a_new_layer_is_made_from_the_file_and_keeps_its_names() {
    let site = Site::new().await;
    let text = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[104,21]},
         "properties":{"Tên":"Chợ","Số tầng":2,"quality":"good","nested":{"a":[1]}}},
        {"type":"Feature","id":"b","geometry":null,"properties":{"Tên":"Trạm","Số tầng":null}}]}"#;
    let file = site.file("stalls.geojson", text);
    let made = ImportOptions { new_layer: true, ..options("stalls", &[&file]) };
    let dry = site.import(ImportOptions { dry_run: true, ..made.clone() }).await.unwrap();
    assert_eq!(counts(&dry), [1, 0, 0, 1, 0]);
    assert!(!site.store.layers().iter().any(|d| d.id.as_str() == "stalls"));
    assert_eq!(counts(&site.import(made.clone()).await.unwrap()), [1, 0, 0, 1, 0]);
    let def = site.def("stalls");
    let first = site.features("stalls").await.remove(0);
    assert_eq!(first.get(&def, "Tên"), ValueRef::Text("Chợ"));
    assert_eq!(first.get(&def, "Số tầng"), ValueRef::Int(2));
    assert_eq!(first.get(&def, "nested"), ValueRef::Text(r#"{"a":[1]}"#));
    assert_eq!(first.values[def.index("quality_2").unwrap()], Value::text("good"));
    // Made once; the `id` of a feature is its key, so the same again without the switch changes nothing.
    assert!(matches!(site.import(made).await, Err(ImportError::Faults(_))));
    let map = vec![("quality_2".to_owned(), "quality".to_owned())];
    let named = site.import(ImportOptions { map, ..options("stalls", &[&file]) }).await.unwrap();
    assert_eq!(counts(&named), [0, 0, 1, 0, 1], "the system's `quality` knows no such code");
}

#[tokio::test]
async fn a_mapping_is_taken_by_name_or_from_a_file_only_when_it_fits() {
    let site = Site::new().await;
    let file = site.file("x.csv", "Mã;Ngày;Loại\n1;2025-01-02;ồn\n2;2025-01-03;khác\n");
    let mapping = site.file(
        "m.toml",
        "name = \"m\"\nlayer = \"violations\"\nkey = \"Mã\"\n\
         [fields.found_on]\ncolumn = \"Ngày\"\ndate = \"day\"\n\
         [fields.category]\ncolumn = \"Loại\"\ncodes = { \"ồn\" = \"noise\" }\n\
         [fields.source]\nvalue = \"sổ tay\"\n",
    );
    let by = |mapping| ImportOptions { mapping, ..options("violations", &[&file]) };
    let receipt = site.import(by(MappingChoice::File(mapping.clone()))).await.unwrap();
    assert_eq!((counts(&receipt), receipt.rejects[0].code), ([0, 0, 0, 1, 1], "unknown-code"));
    assert_eq!(receipt.mapping.as_deref(), Some("m"));
    for wrong in ["police-uk", "calgary-permits", "nothing"] {
        let error = site.import(by(MappingChoice::Named(wrong.to_owned()))).await.unwrap_err();
        assert_eq!(error.faults()[0].code.as_str(), "unknown-mapping", "{wrong}");
    }
}
