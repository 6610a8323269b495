//! Imports: one commit, all or nothing; known records are compared.

use model::{Code, Feature, Value};
use store::{ImportRow, Op, StoreError};
use uuid::Uuid;

use crate::ward::*;

#[tokio::test]
async fn records_are_stored_compared_and_updated() {
    let ward = ward().await;
    let def = spots();
    let all = [("k1", "một", Some(104.0)), ("k2", "hai", None), ("k3", "ba", Some(104.2))];
    let first = ward.store.import(records(&def, &all)).await.unwrap();
    assert_eq!((first.stored, first.waiting, first.updated, first.unchanged), (2, 1, 0, 0));
    assert_eq!(first.seq, Some(2));
    let again = ward.store.import(records(&def, &all)).await.unwrap();
    assert_eq!((again.seq, again.unchanged), (None, 3));
    assert_eq!(again.ids, first.ids);
    // A place found by hand stays when the source still has none.
    change(&ward.store, "spots", first.ids[1], |_, f| f.geometry = Some(point(104.1, 21.4))).await.unwrap();
    let next = [("k1", "mới", Some(104.0)), ("k2", "hai", None), ("k4", "bốn", None)];
    let third = ward.store.import(records(&def, &next)).await.unwrap();
    assert_eq!((third.stored, third.waiting, third.updated, third.unchanged), (0, 1, 1, 1));
    let kept = whole(&ward.store, "spots", first.ids[1]).await.unwrap();
    assert_eq!(kept.geometry, Some(point(104.1, 21.4)));
    let commits = ward.store.commits_after(first.seq.unwrap() + 1, 10).await.unwrap();
    assert_eq!(commits.len(), 1, "an import is one commit");
    let ops: Vec<_> = commits[0].changes.iter().map(|c| (c.op, c.fields.join(","))).collect();
    assert_eq!(ops, [(Op::Import, "name".to_owned()), (Op::Import, "*".to_owned())]);
    assert_eq!(commits[0].batch.as_deref(), Some("b1"));
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn fields_the_source_says_nothing_about_are_kept() {
    let ward = ward().await;
    let def = spots();
    let one = ward.store.import(records(&def, &[("k", "một", Some(104.0))])).await.unwrap();
    change(&ward.store, "spots", one.ids[0], set("Seq", Value::Int(5))).await.unwrap();
    ward.store.import(records(&def, &[("k", "hai", Some(104.5))])).await.unwrap();
    let row = whole(&ward.store, "spots", one.ids[0]).await.unwrap();
    assert_eq!(row.values[def.index("Seq").unwrap()], Value::Int(5));
    assert_eq!(row.values[def.index("name").unwrap()], Value::text("hai"));
    assert_eq!(row.geometry, Some(point(104.5, 21.4)));
}

#[tokio::test]
async fn a_bad_record_stores_none() {
    let ward = ward().await;
    let def = spots();
    let mut request = records(&def, &[("k1", "một", Some(104.0)), ("k2", "hai", Some(104.1))]);
    request.rows[1].feature.set(&def, "found_on", Value::Date(jiff::civil::date(-5, 1, 1)));
    assert!(
        matches!(ward.store.import(request).await, Err(StoreError::Fault(f)) if f.code == Code::InvalidValue)
    );
    let twice = records(&def, &[("k1", "một", None), ("k1", "hai", None)]);
    assert!(
        matches!(ward.store.import(twice).await, Err(StoreError::Fault(f)) if f.code == Code::DuplicateKey)
    );
    assert_eq!(ward.store.head(), 1);
    assert!(ward.store.load_one(&layer("spots")).await.unwrap().2.is_empty());
    // The writer goes on.
    create(&ward.store, "spots", full).await;
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn two_versions_valid_at_once_are_refused() {
    let ward = ward().await;
    let def = areas();
    let version = |key: &str, from: i16, to: Option<i16>| {
        let mut feature = Feature::empty(&def, Uuid::nil());
        feature.set(&def, "entity", Value::text("a"));
        feature.set(&def, "valid_from", Value::Date(jiff::civil::date(from, 1, 1)));
        if let Some(to) = to {
            feature.set(&def, "valid_to", Value::Date(jiff::civil::date(to, 1, 1)));
        }
        feature.geometry = Some(square(104.0, 21.0, 0.1));
        ImportRow { key: key.to_owned(), feature }
    };
    let import = |rows: Vec<ImportRow>| {
        let mut request = records(&spots(), &[]);
        request.layer = layer("areas");
        request.mapped = Vec::new();
        request.rows = rows;
        ward.store.import(request)
    };
    // Half-open: one ends on the day the next begins.
    import(vec![version("1", 2020, Some(2022)), version("2", 2022, None)]).await.unwrap();
    let clash = import(vec![version("3", 2019, Some(2021))]).await;
    assert!(matches!(clash, Err(StoreError::Fault(f)) if f.code == Code::ValidityOverlap));
    import(vec![version("4", 2018, Some(2020))]).await.unwrap();
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn many_records_are_one_commit() {
    let ward = ward().await;
    let def = spots();
    let names: Vec<String> = (0..2500).map(|i| format!("k{i}")).collect();
    let all: Vec<_> = names.iter().map(|k| (k.as_str(), k.as_str(), Some(104.0))).collect();
    let done = ward.store.import(records(&def, &all)).await.unwrap();
    assert_eq!((done.stored, done.seq), (2500, Some(2)));
    let (head, _, rows) = ward.store.load_one(&layer("spots")).await.unwrap();
    assert_eq!((head, rows.len()), (2, 2500));
    assert!(rows.iter().zip(1..).all(|(row, fid)| row.feature.fid == fid));
    assert!(rows.iter().zip(&done.ids).all(|(row, id)| row.feature.id == *id));
    let commits = ward.store.commits_after(1, 10).await.unwrap();
    assert_eq!(commits[0].changes.len(), 2500);
    assert!(commits[0].changes.iter().zip(1..).all(|(c, n)| c.n == n));
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn a_deleted_feature_that_a_file_brings_back_is_itself_again() {
    let ward = ward().await;
    let def = spots();
    let made = create(&ward.store, "spots", full).await;
    create(&ward.store, "spots", full).await;
    delete(&ward.store, "spots", made.id).await.unwrap();
    let mut request = records(&def, &[("x", "lại", Some(104.0)), ("y", "mới", Some(104.0))]);
    request.rows[0].feature.id = made.id;
    let done = ward.store.import(request).await.unwrap();
    assert_eq!(done.ids[0], made.id);
    let (_, _, rows) = ward.store.load_one(&layer("spots")).await.unwrap();
    let fids: Vec<_> = rows.iter().map(|r| r.feature.fid).collect();
    assert_eq!(fids, [1, 2, 3]);
    let until = ward.store.head();
    assert_eq!(rows[0].touched, ward.store.touched(&layer("spots"), made.id, until).await.unwrap());
    assert_eq!(rows[0].touched.of(model::Role::Analyst), 3);
    // The same feature under two keys is one too many.
    let mut request = records(&def, &[("x", "lại", None), ("z", "lại", None)]);
    request.rows[1].feature.id = made.id;
    assert!(
        matches!(ward.store.import(request).await, Err(StoreError::Fault(f)) if f.code == Code::DuplicateKey)
    );
    assert_sound(&ward.store).await;
}

/// The rules of an import meet rows as they are when it writes, whatever was read before, by whomever.
#[tokio::test]
async fn records_are_settled_against_the_rows_they_meet() {
    let ward = ward().await;
    let def = spots();
    let first = ward.store.import(records(&def, &[("k1", "một", None)])).await.unwrap();
    let mut import = records(&def, &[("k2", "hai", None), ("k1", "mới", None)]);
    let (state, name) = (def.index("state").unwrap(), def.index("name").unwrap());
    import.mapped.push(state);
    import.settle = Some(std::sync::Arc::new(move |number, row, record| {
        match (number, row) {
            (0, None) => record.values[name] = Value::text("settled"),
            (1, Some(row)) => record.values[state] = row.values[state].clone(),
            (number, row) => panic!("{number}: {row:?}"),
        }
        Ok(())
    }));
    // The request is made; now another process moves the case on.
    let other = store::Store::open(ward.dir.place()).await.unwrap();
    change(&other, "spots", first.ids[0], |def, f| {
        f.move_to(def, "state", "open", jiff::civil::date(2025, 6, 2));
    })
    .await
    .unwrap();
    let done = ward.store.import(import).await.unwrap();
    let rows = [
        whole(&other, "spots", done.ids[0]).await.unwrap(),
        whole(&other, "spots", done.ids[1]).await.unwrap(),
    ];
    assert_eq!(rows[0].values[name], Value::text("settled"));
    assert_eq!((&rows[1].values[state], rows[1].transitions.len()), (&Value::text("open"), 1));
    assert_sound(&ward.store).await;
    // A fault refuses everything.
    let head = ward.store.head();
    let mut refused = records(&def, &[("k9", "chín", None)]);
    refused.settle = Some(std::sync::Arc::new(|_, _, _| Err(model::Fault::of(Code::Required))));
    assert!(
        matches!(ward.store.import(refused).await, Err(StoreError::Fault(f)) if f.code == Code::Required)
    );
    assert_eq!(ward.store.head(), head);
}
