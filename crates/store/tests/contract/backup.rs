//! Backups are whole sites, taken while the site is used.

use store::{Store, StoreError};

use crate::ward::*;

#[tokio::test]
async fn a_copy_taken_under_load_is_a_site() {
    let ward = file_ward().await;
    create(&ward.store, "areas", |def, f| {
        f.set(def, "entity", model::Value::text("a"));
        f.geometry = Some(square(104.0, 21.0, 0.1));
    })
    .await;
    let stop = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let (store, stop) = (ward.store.clone(), stop.clone());
            tokio::spawn(async move {
                let mut made = 0;
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    create(&store, "spots", full).await;
                    made += 1;
                }
                made
            })
        })
        .collect();
    for n in 0..3 {
        let before = ward.store.head();
        let out = ward.dir.path().join(format!("copy-{n}.gpkg"));
        ward.store.backup(&out).await.unwrap();
        let report = Store::verify_at(&out, None).await.unwrap();
        assert!(report.ok && report.head >= before, "{report:#?}");
        let copy = Store::open(&out).await.unwrap();
        assert_eq!(copy.site(), ward.store.site());
        create(&copy, "spots", full).await;
        copy.close().await.unwrap();
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    let mut made = 0;
    for writer in writers {
        made += writer.await.unwrap();
    }
    assert_eq!(ward.store.head(), 2 + made);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn nothing_is_overwritten_and_nothing_left_behind() {
    let ward = file_ward().await;
    let out = ward.dir.path().join("taken.gpkg");
    std::fs::write(&out, b"mine").unwrap();
    assert!(matches!(ward.store.backup(&out).await, Err(StoreError::Exists { .. })));
    assert_eq!(std::fs::read(&out).unwrap(), b"mine");
    let nowhere = ward.dir.path().join("no/such/folder/x.gpkg");
    assert!(ward.store.backup(&nowhere).await.is_err());
    ward.store.backup(&ward.dir.path().join("good.gpkg")).await.unwrap();
    let parts = std::fs::read_dir(ward.dir.path()).unwrap().filter(|f| {
        let name = f.as_ref().unwrap().file_name();
        name.to_string_lossy().contains(".part")
    });
    assert_eq!(parts.count(), 0);
}
