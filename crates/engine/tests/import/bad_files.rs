//! Files that are not what they should be: each with its code, a sentence in both languages, and nothing stored.

use engine::{ImportError, ImportOptions};
use model::Code;

use crate::site::{Site, options};

/// A collection with one feature of this text.
fn collection(feature: &str) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{feature}]}}"#)
}

fn feature(properties: &str) -> String {
    collection(&format!(r#"{{"type":"Feature","geometry":null,"properties":{properties}}}"#))
}

#[tokio::test]
async fn a_file_that_cannot_be_read_stores_nothing() {
    let site = Site::new().await;
    let head = site.store.head();
    let good = feature(r#"{"category":"noise","found_on":"2025-01-01"}"#);
    let deep = format!("[{}{}]", "[".repeat(100_000), "]".repeat(100_000));
    for (name, text, code) in [
        ("x.geojson", good[..good.len() - 3].to_owned(), Code::InvalidJson),
        ("x.geojson", String::new(), Code::InvalidJson),
        ("x.geojson", feature(r#"{"a":NaN}"#), Code::InvalidJson),
        ("x.geojson", feature(r#"{"a":Infinity}"#), Code::InvalidJson),
        ("x.geojson", feature(r#"{"a":1e400}"#), Code::InvalidJson),
        ("x.geojson", feature(r#"{"a":1,"a":2}"#), Code::DuplicateKey),
        ("x.json", deep, Code::TooDeep),
        ("x.geojson", r#"{"type":"Topology"}"#.to_owned(), Code::InvalidFile),
        ("x.csv", String::new(), Code::InvalidFile),
        ("x.csv", "category,found_on\nnoise,\"2025-01-01".to_owned(), Code::InvalidFile),
        ("x.csv", "category,category\nnoise,noise\n".to_owned(), Code::DuplicateKey),
    ] {
        let error = site.text("violations", name, &text).await.unwrap_err();
        let fault = &error.faults()[0];
        assert_eq!(fault.code, code, "{name} {text:.60}");
        assert!(
            !fault.detail.vi.is_empty() && !fault.detail.en.is_empty() && fault.detail.vi != fault.detail.en
        );
        assert_eq!(error.to_json()["code"], code.as_str());
    }
    let latin = site.dir.path().join("latin.csv");
    std::fs::write(&latin, b"category,found_on\nnoise,2025-01-01\nnoise\xe9,2025-01-01\n").unwrap();
    let error = site.import(options("violations", &[&latin])).await.unwrap_err();
    assert_eq!((error.faults()[0].code, error.faults()[0].place.as_str()), (Code::InvalidFile, "row 2"));
    // One bad file of two: the good one is not stored either.
    let good = site.file("good.geojson", &good);
    assert!(site.import(options("violations", &[&good, &latin])).await.is_err());
    assert!(site.import(options("violations", &[&site.dir.path().join("none.csv")])).await.is_err());
    assert_eq!(site.store.head(), head);
}

#[tokio::test]
async fn a_bad_geometry_is_a_reject_with_its_pointer() {
    let site = Site::new().await;
    let head = site.store.head();
    for (coordinates, place, en) in [
        ("[[[104,21],[104.1,21],[104.1,21.1],[104,21.1]]]", "/geometry/coordinates/0", "not closed"),
        (
            "[[[104,21],[104.1,21.1],[104.1,21],[104,21.1],[104,21]]]",
            "/geometry/coordinates",
            "crosses itself",
        ),
        ("[[[21,104],[21,104.1],[21.1,104.1],[21,104]]]", "/geometry/coordinates/0/0", "swapped"),
    ] {
        let text = collection(&format!(
            r#"{{"type":"Feature","properties":{{"code":"1","name":"Tổ 1","kind":"to"}},
                "geometry":{{"type":"Polygon","coordinates":{coordinates}}}}}"#
        ));
        let receipt = site.text("units", "x.geojson", &text).await.unwrap();
        let reject = &receipt.rejects[0];
        assert_eq!((reject.code, reject.field.as_str()), ("invalid-geometry", place));
        assert!(reject.detail.en.contains(en) && reject.detail.vi != reject.detail.en, "{reject:?}");
    }
    assert_eq!(site.store.head(), head, "an import that stores nothing makes no commit");
}

#[tokio::test]
async fn an_import_that_cannot_be_meant_is_refused() {
    let site = Site::new().await;
    let file = site.file("x.csv", "category,found_on\nnoise,2025-01-01\n");
    let base = |layer: &str| options(layer, &[&file]);
    let map = |field: &str, column: &str| vec![(field.to_owned(), column.to_owned())];
    for (options, code) in [
        (base("nowhere"), Code::UnknownLayer),
        (base("zones"), Code::ReadOnly),
        (ImportOptions { new_layer: true, ..base("violations") }, Code::InvalidParameter),
        (ImportOptions { crs: Some("EPSG:1".to_owned()), ..base("violations") }, Code::UnknownCrs),
        (ImportOptions { key: Some("none".to_owned()), ..base("violations") }, Code::InvalidParameter),
        (ImportOptions { map: map("category", "none"), ..base("violations") }, Code::InvalidParameter),
        (ImportOptions { map: map("none", "category"), ..base("violations") }, Code::UnknownField),
        (ImportOptions { map: map("source_key", "category"), ..base("violations") }, Code::UnknownField),
        (ImportOptions { source_layer: Some("x".to_owned()), ..base("violations") }, Code::InvalidParameter),
    ] {
        let faults = site.import(options).await.unwrap_err().faults();
        assert_eq!(faults[0].code, code);
        assert!(!faults[0].detail.vi.is_empty() && faults[0].detail.vi != faults[0].detail.en);
    }
}

#[tokio::test]
async fn personal_data_refuses_every_file_before_anything_is_stored() {
    let site = Site::new().await;
    let head = site.store.head();
    let good = site.file("good.csv", "category,found_on,address\nnoise,2025-01-01,Ngõ 1\n");
    let row = |address: &str| {
        format!("category,found_on,address\nnoise,2025-01-01,Chợ\nnoise,2025-01-01,{address}\n")
    };
    for secret in ["014203001234", "0912345678", "0912 345 678", "+84912345678", "26A-123.45"] {
        let bad = site.file("bad.csv", &row(&format!("gặp {secret} ở chợ")));
        let error = site.import(options("violations", &[&good, &bad])).await.unwrap_err();
        let ImportError::PersonData(found, _) = &error else { panic!("{secret}: {error}") };
        assert_eq!((found[0].file.as_str(), found[0].column.as_str()), ("bad.csv", "address"));
        assert_eq!((found[0].rows.as_slice(), found[0].count), ([2].as_slice(), 1));
        let told = format!("{error} {} {error:?}", error.to_json());
        assert!(!told.contains(secret) && told.contains("person-data"), "{told}");
    }
    // A column's name is enough, whatever the field's type, if it is read.
    let named = site.file("named.csv", "category,Ngày sinh\nnoise,2025-01-01\n");
    let map = vec![("found_on".to_owned(), "Ngày sinh".to_owned())];
    let error = site.import(ImportOptions { map, ..options("violations", &[&named]) }).await.unwrap_err();
    assert!(matches!(&error, ImportError::PersonData(f, _) if f[0].count == 0), "{error}");
    // The key is kept too.
    let keyed = site.file("keyed.csv", "k,category,found_on\n0912345678,noise,2025-01-01\n");
    let key = Some("k".to_owned());
    let error = site.import(ImportOptions { key, ..options("violations", &[&keyed]) }).await.unwrap_err();
    assert!(matches!(error, ImportError::PersonData(..)));
    assert_eq!(site.store.head(), head);

    // What only looks like it passes, and so does a column that is not read.
    let pass = "category,found_on,address,SĐT\n\
        noise,2025-01-01,104.0018901275,0912345678\n\
        noise,2025-01-01,4a14d4745da0a2219ecf913fdc28a0c84ae8408954cac6a0bf7cc46767bb7d26,\n\
        noise,2025-01-01,Quyết định 1681/NQ-UBTVQH15,\n";
    let receipt = site.text("violations", "pass.csv", pass).await.unwrap();
    assert_eq!((receipt.waiting_for_location, receipt.dropped), (3, vec!["SĐT".to_owned()]));
    let def = site.def("violations");
    let stored: String = site.features("violations").await.iter().map(|f| f.to_row_text(&def)).collect();
    assert!(!stored.contains("0912345678"), "what is dropped leaves no trace");
}
