//! Erasure: the text is in no byte of the file any more, and the log still verifies and says so.

use model::{Code, Value};
use store::{Idempotency, Op, Store, StoreError};
use uuid::Uuid;

use crate::ward::*;

const NEEDLE: &str = "Nguyễn Văn Mẫu 012345678901";

/// A case whose text was changed twice, deleted and restored, under idempotency keys.
async fn talked_about(store: &Store) -> Uuid {
    let long = format!("{NEEDLE} {}", "x".repeat(9000));
    let made = create(store, "spots", full).await;
    for (name, text) in [("name", NEEDLE.to_owned()), ("note", long.clone()), ("note", format!("{long}y"))] {
        let def = spots();
        let value = Value::text(&text);
        let mut edit = request("spots", Some(made.id), Op::Update, move |current| {
            let mut row = current.row.clone().unwrap();
            row.set(&def, name, value);
            Ok(store::Decision::Put(row))
        });
        let key = format!("key-{}", text.len());
        edit.idempotency = Some(Idempotency { key, fingerprint: format!("PATCH {text}") });
        store.edit(edit).await.unwrap();
    }
    delete(store, "spots", made.id).await.unwrap();
    restore(store, "spots", made.id).await.unwrap();
    made.id
}

#[tokio::test]
async fn an_erased_field_is_in_no_byte() {
    let ward = ward().await;
    let store = &ward.store;
    // Neighbours on the same pages.
    for _ in 0..50 {
        create(store, "spots", full).await;
    }
    let id = talked_about(store).await;
    assert!(!ward.dir.found(NEEDLE).await.is_empty(), "the search finds what is there");
    store.redact(&layer("spots"), id, Some("name"), "dữ liệu cá nhân", "local:test", at(9)).await.unwrap();
    let seq = store.redact(&layer("spots"), id, Some("note"), "gõ nhầm", "local:test", at(9)).await.unwrap();
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
    assert_eq!(seq, store.head());
    let def = spots();
    let row = whole(store, "spots", id).await.unwrap();
    assert_eq!(
        (row.get(&def, "name"), row.get(&def, "note")),
        (model::ValueRef::Null, model::ValueRef::Null)
    );
    assert_eq!(row.get(&def, "Seq"), model::ValueRef::Int(-7));
    let report = store.verify(None).await.unwrap();
    assert!(report.ok, "{:#?}", report.problems);
    let told: Vec<_> =
        report.redacted.iter().map(|r| (r.id, r.field.as_deref(), r.reason.as_deref())).collect();
    assert_eq!(told, [(id, Some("name"), Some("dữ liệu cá nhân")), (id, Some("note"), Some("gõ nhầm"))]);
    let history = store.history(&layer("spots"), id).await.unwrap();
    assert_eq!(history[0].change.op, Op::Erase);
    assert!(!history[0].change.erased && history[1..].iter().all(|h| h.change.erased));
    assert!(history[1..].iter().all(|h| h.change.before.is_none() && h.change.after.is_none()));
    // A copy has nothing to tell either, and the feature lives on.
    let copy = ward.dir.path().join("copy.gpkg");
    if kind() == Kind::Gpkg {
        store.backup(&copy).await.unwrap();
    }
    change(store, "spots", id, set("name", Value::text("khác"))).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
    if kind() == Kind::Gpkg {
        let copy = Store::verify_at(&copy, None).await.unwrap();
        assert!(copy.ok && copy.redacted.len() == 2);
    }
}

#[tokio::test]
async fn an_erased_feature_is_gone_while_another_process_looks_on() {
    let ward = ward().await;
    let other = Store::open(ward.dir.place()).await.unwrap();
    let id = talked_about(&ward.store).await;
    let mut heads = other.changes();
    heads.wait_for(|head| *head >= 7).await.unwrap();
    assert_eq!(other.load().await.unwrap().head, 7);
    ward.store.redact(&layer("spots"), id, None, "hết hạn", "local:test", at(9)).await.unwrap();
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
    heads.wait_for(|head| *head >= 8).await.unwrap();
    assert_eq!(whole(&other, "spots", id).await, None);
    assert_sound(&other).await;
    // What was deleted before can be erased as well; what never was cannot.
    let gone = talked_about(&other).await;
    delete(&other, "spots", gone).await.unwrap();
    other.redact(&layer("spots"), gone, Some("name"), "hết hạn", "local:test", at(9)).await.unwrap();
    assert_eq!(ward.dir.found(NEEDLE).await, Vec::<String>::new());
    let head = other.head();
    let never = other.redact(&layer("spots"), Uuid::now_v7(), None, "x", "local:test", at(9)).await;
    assert!(matches!(never, Err(StoreError::Fault(f)) if f.code == Code::UnknownFeature));
    let field = other.redact(&layer("spots"), gone, Some("nothing"), "x", "local:test", at(9)).await;
    assert!(matches!(field, Err(StoreError::Fault(f)) if f.code == Code::UnknownField));
    assert_eq!(other.head(), head);
    assert_sound(&other).await;
}

#[tokio::test]
async fn a_place_is_erased_with_what_was_given() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    ward.store.redact(&layer("spots"), made.id, Some("geometry"), "x", "local:test", at(9)).await.unwrap();
    let row = whole(&ward.store, "spots", made.id).await.unwrap();
    assert_eq!((row.geometry, row.given), (None, None));
    assert_sound(&ward.store).await;
}
