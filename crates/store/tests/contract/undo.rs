//! Undoing an import: one commit, all or nothing, told by the log.

use model::{Code, Feature, Value};
use store::{Idempotency, ImportNote, ImportRequest, ImportRow, Op, StoreError, Undo, UndoRequest};
use uuid::Uuid;

use crate::ward::*;

const BATCH: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

fn undoing(batch: &str) -> UndoRequest {
    UndoRequest { batch: batch.to_owned(), actor: "local:other".to_owned(), at: at(9) }
}

#[tokio::test]
async fn one_commit_takes_an_import_back() {
    let ward = ward().await;
    let def = spots();
    let first = ward.store.import(records(&def, &[("k1", "một", Some(104.0))])).await.unwrap();
    change(&ward.store, "spots", first.ids[0], full).await.unwrap();
    change(&ward.store, "spots", first.ids[0], set("name", Value::text("một"))).await.unwrap();
    let before = whole(&ward.store, "spots", first.ids[0]).await.unwrap();
    let mut request = records(&def, &[("k1", "mới", Some(104.5)), ("k2", "hai", None)]);
    request.batch = BATCH.to_owned();
    request.note =
        Some(ImportNote { files: vec!["a.csv".to_owned()], read: 3, rejected: 1, ..ImportNote::default() });
    let done = ward.store.import(request).await.unwrap();
    let Undo::Done(undone) = ward.store.undo(undoing(BATCH)).await.unwrap() else { panic!() };
    assert_eq!((undone.layer.as_str(), undone.removed, undone.restored), ("spots", 1, 1));
    let after = whole(&ward.store, "spots", first.ids[0]).await.unwrap();
    assert_eq!(Feature { seq: 0, ..after }, Feature { seq: 0, ..before });
    assert!(whole(&ward.store, "spots", done.ids[1]).await.is_none());

    let commits = ward.store.commits_after(undone.seq - 1, 10).await.unwrap();
    let [commit] = &commits[..] else { panic!("{commits:?}") };
    assert_eq!(commit.batch.as_deref(), Some(format!("undo:{BATCH}").as_str()));
    let ops: Vec<_> = commit.changes.iter().map(|c| (c.op, c.fields.join(","))).collect();
    assert_eq!(ops, [(Op::Delete, "*".to_owned()), (Op::Revert, "name,geometry,given".to_owned())]);
    let [batch] = &ward.store.batches(10).await.unwrap()[..] else {
        panic!("only imports with a name of their own")
    };
    assert_eq!((batch.layer.as_str(), batch.seq), ("spots", done.seq.unwrap()));
    let note = &batch.note;
    assert_eq!([note.read, note.stored, note.updated, note.waiting, note.rejected], [3, 0, 1, 1, 1]);
    let (seq, when, by) = batch.undone.clone().unwrap();
    assert_eq!((seq, when, by.as_str()), (undone.seq, at(9), "local:other"));
    assert_eq!(ward.store.undo(undoing(BATCH)).await.unwrap(), Undo::Already);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn what_was_changed_since_stops_the_whole() {
    let ward = ward().await;
    let def = spots();
    let mut request = records(&def, &[("k1", "một", None), ("k2", "hai", None), ("k3", "ba", None)]);
    request.batch = BATCH.to_owned();
    let done = ward.store.import(request).await.unwrap();
    change(&ward.store, "spots", done.ids[1], set("secret", Value::text("x"))).await.unwrap();
    let at_id =
        ward.store.redact(&layer("spots"), done.ids[2], Some("name"), "tên riêng", "local:test", at(6)).await;
    at_id.unwrap();
    let head = ward.store.head();
    // An edit in the very transaction before is seen too, and so is an erasure: its text cannot come back.
    assert_eq!(
        ward.store.undo(undoing(BATCH)).await.unwrap(),
        Undo::ChangedSince(vec![done.ids[1], done.ids[2]])
    );
    let unknown = ward.store.undo(undoing("b1")).await;
    assert!(matches!(unknown, Err(StoreError::Fault(f)) if f.code == Code::UnknownBatch));
    assert_eq!(ward.store.head(), head);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn an_undo_that_cannot_be_finished_leaves_everything() {
    let ward = ward().await;
    let def = areas();
    let day = |year: i16| Value::Date(jiff::civil::date(year, 1, 1));
    let area = |key: &str, entity: &str, from: i16, to: Option<i16>| {
        let mut feature = Feature::empty(&def, Uuid::nil());
        feature.set(&def, "entity", Value::text(entity));
        feature.set(&def, "valid_from", day(from));
        feature.set(&def, "valid_to", to.map_or(Value::Null, day));
        ImportRow { key: key.to_owned(), feature }
    };
    let mapped: Vec<usize> =
        ["entity", "valid_from", "valid_to"].iter().map(|n| def.index(n).unwrap()).collect();
    let request = |batch: &str, rows: Vec<ImportRow>| ImportRequest {
        batch: batch.to_owned(),
        rows,
        mapped: mapped.clone(),
        ..ImportRequest { layer: def.id.clone(), ..records(&spots(), &[]) }
    };
    ward.store.import(request("b0", vec![area("a", "one", 2020, None)])).await.unwrap();
    // The import ends the version and makes other things; then somebody begins the next version.
    let rows = vec![area("x", "two", 2020, None), area("a", "one", 2020, Some(2024))];
    let done = ward.store.import(request(BATCH, rows)).await.unwrap();
    create(&ward.store, "areas", move |def, f| {
        f.set(def, "entity", Value::text("one"));
        f.set(def, "valid_from", Value::Date(jiff::civil::date(2024, 1, 1)));
    })
    .await;
    let head = ward.store.head();
    let refused = ward.store.undo(undoing(BATCH)).await;
    assert!(matches!(refused, Err(StoreError::Fault(f)) if f.code == Code::ValidityOverlap));
    assert_eq!(ward.store.head(), head);
    // The other row, taken back before the clash was met, is there again.
    assert!(whole(&ward.store, "areas", done.ids[0]).await.is_some());
    assert!(ward.store.batch(BATCH).await.unwrap().unwrap().undone.is_none());
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn a_key_names_one_import() {
    let ward = ward().await;
    let def = spots();
    let keyed = |key: &str, asked: &str, batch: &str| {
        let mut request = records(&def, &[("k1", "một", Some(104.0))]);
        request.idempotency = Some(Idempotency { key: key.to_owned(), fingerprint: asked.to_owned() });
        request.batch = batch.to_owned();
        request.note = Some(ImportNote::default());
        request
    };
    let first = ward.store.import(keyed("k", "a", BATCH)).await.unwrap();
    let again = ward.store.import(keyed("k", "a", "01890a5d-ac96-774b-bcce-b302099a8058")).await.unwrap();
    assert_eq!((again.seq, again.stored), (first.seq, 1));
    assert_eq!(again.replayed.unwrap().batch, BATCH);
    let other = ward.store.import(keyed("k", "b", BATCH)).await;
    assert!(matches!(other, Err(StoreError::Fault(f)) if f.code == Code::IdempotencyKeyReused));
    assert!(ward.store.key_used("local:test", "k").await.unwrap());
    assert!(!ward.store.key_used("local:other", "k").await.unwrap());
}
