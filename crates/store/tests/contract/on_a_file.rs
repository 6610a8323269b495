//! What is particular to a GeoPackage: it is one file, what is no site is left alone, and any damage is survived.

use sqlx::{Connection, SqliteConnection};
use store::{NewSite, Store, StoreError, VerifyReport, codes};

use crate::tamper::logged_in;
use crate::ward::*;

async fn verify(path: &std::path::Path) -> VerifyReport {
    Store::verify_at(path, None).await.unwrap()
}

#[tokio::test]
async fn a_closed_site_is_one_file() {
    let ward = file_ward().await;
    create(&ward.store, "spots", full).await;
    ward.store.close().await.unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(ward.dir.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["ward.gpkg", "ward.gpkg.anchor"]);
}

#[tokio::test]
async fn what_is_no_site_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.gpkg");
    let missing = Store::open(&path).await;
    assert!(matches!(missing, Err(StoreError::Missing { .. })));
    let mut database = {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
        SqliteConnection::connect_with(&options).await.unwrap()
    };
    sqlx::query("create table x (y)").execute(&mut database).await.unwrap();
    database.close().await.unwrap();
    let foreign = std::fs::read(&path).unwrap();
    for content in
        [foreign, b"not a database at all, but long enough to look like one".repeat(40), Vec::new()]
    {
        std::fs::write(&path, &content).unwrap();
        for opened in [Store::open(&path).await, Store::open_read_only(&path).await] {
            assert!(matches!(opened, Err(StoreError::NotASite { .. })));
        }
        let created = Store::create(&path, NewSite::default(), &[], "local:test", at(0)).await;
        assert!(matches!(created, Err(StoreError::Exists { .. })));
        assert_eq!(std::fs::read(&path).unwrap(), content);
    }
}

/// Whatever byte of the file is damaged, there is a report; and where the damage lies in what the log or the rows
/// say, it is not "ok".
#[tokio::test]
async fn any_flipped_byte_of_the_file_is_survived() {
    let dir = logged_in(file_ward().await).await;
    let path = file(dir.path());
    let good = std::fs::read(&path).unwrap();
    let anchor = std::fs::read(dir.path().join("ward.gpkg.anchor")).unwrap();
    let damaged = dir.path().join("damaged.gpkg");
    std::fs::write(dir.path().join("damaged.gpkg.anchor"), anchor).unwrap();
    // A fixed sequence of places (a linear congruential generator).
    let mut x = 20_250_701_u64;
    let mut next = || {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (x >> 33) as usize
    };
    let mut found = 0;
    for _ in 0..250 {
        let (at, bit) = (next() % good.len(), next() % 8);
        let mut bad = good.clone();
        bad[at] ^= 1 << bit;
        std::fs::write(&damaged, &bad).unwrap();
        for suffix in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(dir.path().join(format!("damaged.gpkg{suffix}")));
        }
        let report = verify(&damaged).await;
        assert_eq!(report.ok, report.problems.is_empty());
        found += usize::from(!report.ok);
    }
    assert!(found > 20, "{found}");
    // Half a file, and none at all.
    std::fs::write(&damaged, &good[..good.len() / 2]).unwrap();
    assert!(verify(&damaged).await.problems.iter().any(|p| p.code == codes::FILE_DAMAGED));
    std::fs::write(&damaged, b"").unwrap();
    assert!(!verify(&damaged).await.ok);
}
