//! Opening: what is newer is refused, what is read-only stays so, a closed site is as it was.

use store::{Store, StoreError};

use crate::ward::*;

#[tokio::test]
async fn a_closed_site_opens_again() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    let site = ward.store.site().clone();
    ward.store.close().await.unwrap();
    let edit = request("spots", None, store::Op::Create, |_| Ok(store::Decision::Nothing));
    assert!(matches!(ward.store.edit(edit).await, Err(StoreError::Closed)));
    let again = Store::open(ward.dir.place()).await.unwrap();
    assert_eq!(again.site(), &site);
    assert_eq!(again.head(), made.seq);
    let report = again.verify(None).await.unwrap();
    assert!(report.ok && report.anchored.unwrap() >= 2, "{report:?}");
}

#[tokio::test]
async fn a_newer_site_is_refused() {
    let ward = ward().await;
    ward.store.close().await.unwrap();
    let mut conn = ward.dir.raw().await;
    let (yes, bytes) = if kind() == Kind::Gpkg { ("1", "x'00'") } else { ("true", "''") };
    conn.run(&format!(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'later', {yes}, {bytes}, 0)"
    ))
    .await;
    conn.close().await;
    let place = || ward.dir.place();
    for opened in [Store::open(place()).await, Store::open_read_only(place()).await] {
        assert!(matches!(opened, Err(StoreError::TooNew { found: 9999, .. })));
    }
}

#[tokio::test]
async fn a_read_only_store_follows_and_changes_nothing() {
    let ward = ward().await;
    let reader = Store::open_read_only(ward.dir.place()).await.unwrap();
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
    let mut conn = ward.dir.guarded().await;
    let (no, insert) = match kind() {
        Kind::Gpkg => ("0", "insert or replace into site select 1, id, key, '', '', 0, null from site"),
        Kind::Postgis => ("false", "insert into site select 1, id, key, '', '', false, null from site"),
    };
    for attempt in [&format!("update site set demo = {no}"), "delete from site", insert] {
        assert!(conn.try_run(attempt).await.is_err(), "{attempt}");
    }
    assert_eq!(conn.number(&format!("select count(*) from site where demo <> {no}")).await, 1);
}
