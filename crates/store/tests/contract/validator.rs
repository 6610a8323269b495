//! GDAL's validator and GDAL itself on our files.

use std::path::Path;
use std::process::Command;

use crate::ward::*;

const PYTHON: &str = "/usr/bin/python3";

/// Whether GDAL's Python tools are there; says so when not.
fn gdal(test: &str) -> bool {
    let there = Command::new(PYTHON)
        .args(["-c", "import osgeo_utils.samples.validate_gpkg"])
        .output()
        .is_ok_and(|o| o.status.success());
    if !there {
        skip(&format!("store::contract::validator::{test}"), "python3 with osgeo_utils is not installed");
    }
    there
}

fn validate(path: &Path) -> (bool, String) {
    let out = Command::new(PYTHON)
        .args(["-m", "osgeo_utils.samples.validate_gpkg", "-k", "--extra", "--warning-as-error"])
        .arg(path)
        .output()
        .unwrap();
    (
        out.status.success(),
        format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr)),
    )
}

fn assert_valid(path: &Path) {
    let (ok, said) = validate(path);
    assert!(ok && said.is_empty(), "{said}");
}

/// One of each kind of geometry and value, and a deletion.
async fn fill(ward: &Ward) {
    create(&ward.store, "spots", full).await;
    create(&ward.store, "spots", |_, _| {}).await;
    let gone = create(&ward.store, "spots", full).await;
    delete(&ward.store, "spots", gone.id).await.unwrap();
    create(&ward.store, "notes", set("text", model::Value::text("xin chào"))).await;
    for (n, entity) in ["a", "b", "c"].into_iter().enumerate() {
        create(&ward.store, "areas", move |def, f| {
            f.set(def, "entity", model::Value::text(entity));
            let geo_types::Geometry::Polygon(one) = square(104.0 + n as f64, 21.0, 0.5) else { panic!() };
            f.geometry =
                Some(if n == 0 { one.into() } else { geo_types::MultiPolygon::new(vec![one]).into() });
        })
        .await;
    }
}

#[tokio::test]
async fn a_live_file_and_a_closed_one_are_valid() {
    if !gdal("a_live_file_and_a_closed_one_are_valid") {
        return;
    }
    let ward = file_ward().await;
    fill(&ward).await;
    let path = file(ward.dir.path());
    assert_valid(&path);
    ward.store
        .redact(&layer("areas"), areas_first(&ward).await, None, "x", "local:test", at(3))
        .await
        .unwrap();
    ward.store.close().await.unwrap();
    assert_valid(&path);
    // The control: the validator does find what is wrong.
    let mut conn = ward.dir.raw().await;
    conn.run("update gpkg_contents set last_change = 'yesterday' where table_name = 'spots'").await;
    conn.close().await;
    let (ok, said) = validate(&path);
    assert!(!ok && said.contains("Req 15"), "{said}");
}

async fn areas_first(ward: &Ward) -> uuid::Uuid {
    ward.store.load_one(&layer("areas")).await.unwrap().2[0].feature.id
}

#[tokio::test]
async fn a_backup_under_load_is_valid_and_read_by_gdal() {
    if !gdal("a_backup_under_load_is_valid_and_read_by_gdal") {
        return;
    }
    let ward = file_ward().await;
    fill(&ward).await;
    let writer = {
        let store = ward.store.clone();
        tokio::spawn(async move {
            loop {
                create(&store, "spots", full).await;
            }
        })
    };
    let out = ward.dir.path().join("copy.gpkg");
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    ward.store.backup(&out).await.unwrap();
    writer.abort();
    assert_valid(&out);
    let script = "
import sys
from osgeo import ogr
ogr.UseExceptions()
ds = ogr.Open(sys.argv[1])
names = sorted(ds.GetLayer(i).GetName() for i in range(ds.GetLayerCount()))
areas = ds.GetLayerByName('areas')
spots = ds.GetLayerByName('spots')
f = spots.GetFeature(1)
print(','.join(names), areas.GetFeatureCount(), areas.GetExtent(), spots.GetFeatureCount() > 2,
      f.GetField('name'), f.GetField('field_Seq'), f.GetGeometryRef().ExportToWkt(), f.GetField('seen_at'))
";
    let out = Command::new(PYTHON).args(["-c", script]).arg(&out).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).trim().to_owned();
    let expected = "areas,notes,spots 3 (104.0, 106.5, 21.0, 21.5) True Chợ tạm \"Đầu cầu\" -7 \
                    POINT (104.001 21.402) 2025/06/01 08:15:30.123+00";
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(&out.stderr));
}
