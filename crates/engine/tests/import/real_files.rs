//! Real open data of others, by path only. Whole runs of the command are tested end to end; here it is what the
//! receipt says and that the same again changes nothing.

use std::io::Write as _;
use std::path::PathBuf;

use engine::ImportOptions;

use crate::site::{Site, counts, options};

/// Files of the shared data; `None`, visibly, where they are not there.
fn shared(test: &str, names: &[&str]) -> Option<Vec<PathBuf>> {
    let root = std::env::var_os("DIABAN_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let files: Vec<PathBuf> = names.iter().map(|n| root.join("data").join(n)).collect();
    if files.iter().all(|f| f.is_file()) {
        return Some(files);
    }
    let line = format!("import::real_files::{test}: the shared data are not there");
    eprintln!("SKIP {line}");
    if let Some(list) = std::env::var_os("DIABAN_SKIPS") {
        let mut list = std::fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        writeln!(list, "{line}").unwrap();
    }
    None
}

async fn twice(layer: &str, files: &[PathBuf]) -> ([usize; 5], Option<String>) {
    let site = Site::new().await;
    let files: Vec<&std::path::Path> = files.iter().map(PathBuf::as_path).collect();
    let all = options(layer, &files);
    let foreseen = site.import(ImportOptions { dry_run: true, ..all.clone() }).await.unwrap();
    let first = site.import(all.clone()).await.unwrap();
    assert_eq!(counts(&foreseen), counts(&first));
    for again in [ImportOptions { dry_run: true, ..all.clone() }, all] {
        let again = site.import(again).await.unwrap();
        assert_eq!(counts(&again), [0, 0, first.read - first.rejected, 0, first.rejected]);
    }
    (counts(&first), first.mapping)
}

#[tokio::test]
async fn three_months_of_london() {
    let names = ["01", "02", "03"].map(|m| format!("london/2023-{m}-city-of-london-street.csv"));
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let Some(files) = shared("three_months_of_london", &names) else { return };
    assert_eq!(twice("incidents", &files).await, ([2049, 0, 0, 162, 0], Some("police-uk".to_owned())));
}

#[tokio::test]
async fn permits_of_calgary() {
    let Some(files) = shared("permits_of_calgary", &["calgary_building_permits.csv"]) else { return };
    assert_eq!(twice("sites", &files).await, ([2000, 0, 0, 0, 0], Some("calgary-permits".to_owned())));
}

#[tokio::test]
async fn wards_before_and_after() {
    let names = [
        "to_hieu_2025_03646.geojson",
        "03664_chieng_an_2025.geojson",
        "03670_chieng_coi_2025.geojson",
        "03679_chieng_sinh_2025.geojson",
        "sonla_city_ward_mapping_2025.json",
    ];
    let Some(files) = shared("wards_before_and_after", &names) else { return };
    let mappings = "vn-wards-2025,vn-wards-until-2025".to_owned();
    assert_eq!(twice("wards", &files).await, ([4, 0, 0, 12, 0], Some(mappings)));
}

#[tokio::test]
async fn layers_made_from_real_files() {
    let names = ["calgary_building_permits.csv", "to_hieu_2025_03646.geojson"];
    let Some(files) = shared("layers_made_from_real_files", &names) else { return };
    let site = Site::new().await;
    for (layer, file, read) in [("permits", &files[0], 2000), ("outlines", &files[1], 1)] {
        let made = ImportOptions { new_layer: true, ..options(layer, &[file]) };
        let receipt = site.import(made).await.unwrap();
        assert_eq!((receipt.stored, receipt.dropped), (read, Vec::<String>::new()));
        let def = site.def(layer);
        let first = std::fs::read_to_string(file).unwrap();
        if layer == "permits" {
            let own = def.fields.iter().filter(|f| !f.system).map(|f| f.name.as_str());
            assert_eq!(own.collect::<Vec<_>>().join(","), first.lines().next().unwrap());
            assert_eq!(def.field("applieddate").unwrap().kind, model::FieldType::Date);
        }
    }
}
