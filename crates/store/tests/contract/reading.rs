//! Reading: the log in order, features as they were known, their history.

use jiff::Timestamp;
use model::Value;
use store::{Op, Until};

use crate::ward::*;

#[tokio::test]
async fn commits_come_in_order_and_in_parts() {
    let ward = ward().await;
    let a = create(&ward.store, "spots", full).await;
    let b = change(&ward.store, "spots", a.id, set("Seq", Value::Int(1))).await.unwrap();
    let c = delete(&ward.store, "spots", a.id).await.unwrap();
    let all = ward.store.commits_after(0, 100).await.unwrap();
    assert_eq!(all.iter().map(|c| c.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let defined: Vec<_> = all[0].changes.iter().map(|c| (c.layer.as_str(), c.op)).collect();
    assert_eq!(defined, [("layers", Op::Define); 3]);
    assert_eq!(all[0].changes[0].after.as_deref(), Some(spots().source.as_str()));
    assert_eq!(
        [&all[1].changes[0], &all[2].changes[0], &all[3].changes[0]],
        [&a.change, &b.change, &c.change]
    );
    assert_eq!((all[1].actor.as_str(), all[1].at), ("local:test", at(1)));
    assert_eq!(b.change.before, a.change.after);
    assert_eq!(c.change.after, None);
    let some = ward.store.commits_after(1, 2).await.unwrap();
    assert_eq!(some.iter().map(|c| c.seq).collect::<Vec<_>>(), [2, 3]);
    assert!(ward.store.commits_after(4, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_layer_is_told_as_it_was_known() {
    let ward = ward().await;
    let def = spots();
    let seq_at = def.index("Seq").unwrap();
    let store = &ward.store;
    let later = |n: i64, value: i64| {
        let def = spots();
        move |current: &store::Current| {
            let mut row = current.row.clone().unwrap();
            row.set(&def, "Seq", Value::Int(value));
            let _ = n;
            Ok(store::Decision::Put(row))
        }
    };
    let a = create(store, "spots", full).await;
    let b = create(store, "spots", full).await;
    for (n, value) in [(10, 1), (20, 2)] {
        let mut edit = request("spots", Some(a.id), Op::Update, later(n, value));
        edit.at = at(n);
        store.edit(edit).await.unwrap();
    }
    let mut edit = request("spots", Some(b.id), Op::Delete, |_| Ok(store::Decision::Delete));
    edit.at = at(30);
    store.edit(edit).await.unwrap();
    let known = async |until: Until| -> Vec<(i64, Value, u32)> {
        let rows = store.as_recorded(&layer("spots"), until, 100).await.unwrap();
        let read = |r: spatial::Row| {
            (r.feature.fid, r.feature.values[seq_at].clone(), r.touched.of(model::Role::Analyst))
        };
        rows.into_iter().map(read).collect()
    };
    let int = Value::Int;
    assert_eq!(known(Until::Seq(1)).await, []);
    assert_eq!(known(Until::Seq(3)).await, [(1, int(-7), 1), (2, int(-7), 1)]);
    assert_eq!(known(Until::Time(at(9))).await, [(1, int(-7), 1), (2, int(-7), 1)]);
    assert_eq!(known(Until::Time(at(10))).await, [(1, int(1), 2), (2, int(-7), 1)]);
    assert_eq!(known(Until::Time(at(29))).await, [(1, int(2), 3), (2, int(-7), 1)]);
    assert_eq!(known(Until::Time(Timestamp::MAX)).await, [(1, int(2), 3)]);
    assert_eq!(store.as_recorded(&layer("spots"), Until::Seq(3), 1).await.unwrap().len(), 1);
    // What is known now is what is loaded now.
    let now = store.as_recorded(&layer("spots"), Until::Seq(i64::MAX), 100).await.unwrap();
    let (_, _, loaded) = store.load_one(&layer("spots")).await.unwrap();
    assert_eq!(now.len(), loaded.len());
    assert!(now.iter().zip(&loaded).all(|(a, b)| a.feature == b.feature && a.touched == b.touched));
}

#[tokio::test]
async fn history_is_newest_first() {
    let ward = ward().await;
    let a = create(&ward.store, "spots", full).await;
    let other = create(&ward.store, "spots", full).await;
    let b = change(&ward.store, "spots", a.id, set("Seq", Value::Int(1))).await.unwrap();
    change(&ward.store, "spots", other.id, set("Seq", Value::Int(1))).await.unwrap();
    let history = ward.store.history(&layer("spots"), a.id).await.unwrap();
    assert_eq!(history.iter().map(|h| h.seq).collect::<Vec<_>>(), [b.seq, a.seq]);
    assert_eq!(history[0].change, b.change);
    assert_eq!(history[1].actor, "local:test");
}
