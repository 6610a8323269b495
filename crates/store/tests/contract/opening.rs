//! Opening: what is no site is left alone, what is newer is refused, what is read-only stays so.

use sqlx::{Connection, SqliteConnection};
use store::{NewSite, Store, StoreError};

use crate::ward::*;

/// A connection of our own to a closed site.
pub(crate) async fn raw(path: &std::path::Path) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).foreign_keys(false);
    SqliteConnection::connect_with(&options).await.unwrap()
}

#[tokio::test]
async fn a_closed_site_is_one_file_and_opens_again() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    let site = ward.store.site().clone();
    ward.store.close().await.unwrap();
    let mut files: Vec<_> =
        std::fs::read_dir(ward.dir.path()).unwrap().map(|f| f.unwrap().file_name()).collect();
    files.sort();
    assert_eq!(files, ["ward.gpkg", "ward.gpkg.anchor"]);
    let edit = request("spots", None, store::Op::Create, |_| Ok(store::Decision::Nothing));
    assert!(matches!(ward.store.edit(edit).await, Err(StoreError::Closed)));
    let again = Store::open(&file(ward.dir.path())).await.unwrap();
    assert_eq!(again.site(), &site);
    assert_eq!(again.head(), made.seq);
    let report = again.verify(None).await.unwrap();
    assert!(report.ok && report.anchored.unwrap() >= 2, "{report:?}");
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

#[tokio::test]
async fn a_newer_site_is_refused() {
    let ward = ward().await;
    ward.store.close().await.unwrap();
    let path = file(ward.dir.path());
    let mut conn = raw(&path).await;
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'later', 1, x'00', 0)",
    )
    .execute(&mut conn)
    .await
    .unwrap();
    conn.close().await.unwrap();
    for opened in [Store::open(&path).await, Store::open_read_only(&path).await] {
        assert!(matches!(opened, Err(StoreError::TooNew { found: 9999, .. })));
    }
}

#[tokio::test]
async fn a_read_only_store_follows_and_changes_nothing() {
    let ward = ward().await;
    let path = file(ward.dir.path());
    let reader = Store::open_read_only(&path).await.unwrap();
    let mut changes = reader.changes();
    let made = create(&ward.store, "spots", full).await;
    changes.wait_for(|head| *head >= made.seq).await.unwrap();
    assert_eq!(reader.load_one(&layer("spots")).await.unwrap().2.len(), 1);
    let edit = request("spots", None, store::Op::Create, |_| Ok(store::Decision::Nothing));
    assert!(matches!(reader.edit(edit).await, Err(StoreError::ReadOnly)));
    reader.close().await.unwrap();
}

#[tokio::test]
async fn the_demo_mark_cannot_be_cleared() {
    let ward = ward().await;
    ward.store.close().await.unwrap();
    let mut conn = raw(&file(ward.dir.path())).await;
    for attempt in [
        "update site set demo = 0",
        "delete from site",
        "insert or replace into site select 1, id, key, '', '', 0, null from site",
    ] {
        assert!(sqlx::query(attempt).execute(&mut conn).await.is_err(), "{attempt}");
    }
    let demo: i64 = sqlx::query_scalar("select demo from site").fetch_one(&mut conn).await.unwrap();
    assert_eq!(demo, 1);
}
