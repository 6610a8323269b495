//! Layers are defined in the log and only ever extended.

use model::{Code, Value};
use store::{NewSite, Store, StoreError};

use crate::ward::*;

#[tokio::test]
async fn a_layer_is_extended_and_loses_nothing() {
    let ward = ward().await;
    let store = &ward.store;
    let a = create(store, "spots", full).await;
    assert_eq!(store.define_layer(spots(), "local:test", at(2)).await.unwrap(), None);
    let seq = store.define_layer(spots_with_a_field(), "local:test", at(2)).await.unwrap();
    assert_eq!(seq, Some(a.seq + 1));
    let def = def_of(store, "spots");
    assert_eq!(def.hash, spots_with_a_field().hash);
    let row = whole(store, "spots", a.id).await.unwrap();
    assert_eq!(row.get(&def, "Seq"), model::ValueRef::Int(-7));
    change(store, "spots", a.id, set("extra", Value::text("thêm"))).await.unwrap();
    let b = create(store, "spots", full).await;
    assert_sound(store).await;
    // A field that goes leaves its column behind; what is written from then on is empty there.
    store.define_layer(spots_without_a_field(), "local:test", at(3)).await.unwrap();
    assert_sound(store).await;
    change(store, "spots", a.id, set("Seq", Value::Int(1))).await.unwrap();
    assert_sound(store).await;
    store.define_layer(spots(), "local:test", at(4)).await.unwrap();
    let def = spots();
    assert_eq!(whole(store, "spots", a.id).await.unwrap().get(&def, "known"), model::ValueRef::Null);
    assert_eq!(whole(store, "spots", b.id).await.unwrap().get(&def, "known"), model::ValueRef::Bool(true));
    assert_sound(store).await;
}

#[tokio::test]
async fn what_a_table_cannot_become_is_refused() {
    let ward = ward().await;
    let text = &spots().source;
    for (from, to) in [
        ("geometry = \"point\"", "geometry = \"any\""),
        ("name = \"Seq\"\ntype = \"integer\"", "name = \"Seq\"\ntype = \"text\""),
        ("id = \"spots\"", "id = \"commits\""),
        ("id = \"spots\"", "id = \"gpkg_spots\""),
    ] {
        let changed = text.replace(from, to);
        assert_ne!(*text, changed, "{from}");
        let refused = ward.store.define_layer(parse(&changed), "local:test", at(2)).await;
        assert!(matches!(refused, Err(StoreError::Incompatible { .. })), "{to}: {refused:?}");
    }
    assert_eq!(ward.store.head(), 1);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn every_layer_of_the_product_finds_its_table() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/layers");
    let mut layers = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        layers.push(parse(&std::fs::read_to_string(file.unwrap().path()).unwrap()));
    }
    let home = Home::new();
    let store = Store::create(home.place(), NewSite::default(), &layers, "local:test", at(0)).await.unwrap();
    assert_eq!(store.layers().len(), layers.len());
    let derived = layers.iter().find(|l| l.derived.is_some()).unwrap();
    let edit = request(derived.id.as_str(), None, store::Op::Create, |_| Ok(store::Decision::Nothing));
    assert!(matches!(store.edit(edit).await, Err(StoreError::Fault(f)) if f.code == Code::Forbidden));
    let loaded = store.load().await.unwrap();
    assert_eq!((loaded.head, loaded.layers.len()), (1, layers.len()));
    assert_sound(&store).await;
}
