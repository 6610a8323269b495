//! Edits: what is stored comes back, decisions see the present, refusals leave nothing, repetitions are answered.

use model::Role::{Analyst, Planner, Public};
use model::{Code, Fault, Value};
use store::{Decision, Idempotency, Op, StoreError};
use uuid::Uuid;

use crate::ward::*;

fn fault(result: Result<store::Edited, StoreError>) -> Fault {
    match result {
        Err(StoreError::Fault(fault)) => fault,
        other => panic!("no fault: {other:?}"),
    }
}

#[tokio::test]
async fn a_feature_comes_back_as_it_was_stored() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    assert_eq!((made.seq, made.fid, made.replayed), (2, 1, false));
    let def = spots();
    let mut expected = model::Feature::empty(&def, made.id);
    full(&def, &mut expected);
    (expected.fid, expected.seq) = (1, 2);
    assert_eq!(whole(&ward.store, "spots", made.id).await.unwrap(), expected);
    assert_eq!(made.change.after.as_deref(), Some(expected.to_row_text(&def).as_str()));
    // Memory keeps it without what is cold.
    let (_, _, rows) = ward.store.load_one(&layer("spots")).await.unwrap();
    expected.set(&def, "note", Value::Null);
    expected.given = None;
    assert_eq!(rows[0].feature, expected);
    assert_eq!(rows[0].touched, made.touched);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn what_no_table_can_hold_is_brought_into_shape_or_refused() {
    let ward = ward().await;
    let made = create(
        &ward.store,
        "spots",
        set("seen_at", Value::Time("2025-01-01T00:00:00.123456789Z".parse().unwrap())),
    )
    .await;
    let kept = whole(&ward.store, "spots", made.id).await.unwrap();
    let expected = Value::Time("2025-01-01T00:00:00.123Z".parse().unwrap());
    assert_eq!(kept.values[spots().index("seen_at").unwrap()], expected);
    let many = geo_types::MultiPoint::from(vec![(1.0, 2.0), (3.0, 4.0)]);
    let two = change(&ward.store, "spots", made.id, |_, f| f.geometry = Some(many.into())).await;
    assert_eq!(fault(two).code, Code::InvalidGeometry);
    let early = Value::Date(jiff::civil::date(-1, 1, 1));
    assert_eq!(
        fault(change(&ward.store, "spots", made.id, set("found_on", early)).await).code,
        Code::InvalidValue
    );
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn only_those_who_see_a_field_are_touched_by_it() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    let edited = change(&ward.store, "spots", made.id, set("secret", Value::text("x"))).await.unwrap();
    assert_eq!(edited.change.fields, ["secret"]);
    assert_eq!(edited.touched.of(Analyst), 2);
    assert_eq!(edited.touched.of(Planner), 1);
    assert_eq!(edited.touched.of(Public), 1);
    let edited = change(&ward.store, "spots", made.id, set("name", Value::text("x"))).await.unwrap();
    assert_eq!((edited.touched.of(Analyst), edited.touched.of(Planner)), (3, 2));
    let (_, _, rows) = ward.store.load_one(&layer("spots")).await.unwrap();
    assert_eq!(rows[0].touched, edited.touched);
    assert_eq!(ward.store.touched(&layer("spots"), made.id, made.seq).await.unwrap(), made.touched);
}

#[tokio::test]
async fn decisions_are_made_on_what_is_there_and_none_is_lost() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", set("Seq", Value::Int(0))).await;
    let def = spots();
    let at = def.index("Seq").unwrap();
    let tasks = (0..40).map(|_| {
        let store = ward.store.clone();
        tokio::spawn(async move {
            change(&store, "spots", made.id, move |_, f| {
                let Value::Int(n) = f.values[at] else { panic!() };
                f.values[at] = Value::Int(n + 1);
            })
            .await
        })
    });
    let mut seqs = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        seqs.push(task.await.unwrap().unwrap().seq);
    }
    seqs.sort_unstable();
    // The site's definitions are commit 1, the feature 2.
    assert_eq!(seqs, (3..43).collect::<Vec<i64>>());
    assert_eq!(whole(&ward.store, "spots", made.id).await.unwrap().values[at], Value::Int(40));
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn a_refused_edit_takes_no_other_with_it() {
    let ward = ward().await;
    let good = create(&ward.store, "spots", full).await;
    let tasks: Vec<_> = (0..30)
        .map(|i| {
            let store = ward.store.clone();
            tokio::spawn(async move {
                let refused = i % 3 == 0;
                let edit = request("spots", Some(good.id), Op::Update, move |current| {
                    if refused {
                        return Err(Fault::of(Code::StaleVersion));
                    }
                    let mut row = current.row.clone().unwrap();
                    row.set(&spots(), "Seq", Value::Int(1000 + i));
                    Ok(Decision::Put(row))
                });
                (refused, store.edit(edit).await)
            })
        })
        .collect();
    for task in tasks {
        let (refused, result) = task.await.unwrap();
        if refused {
            assert_eq!(fault(result).code, Code::StaleVersion);
        } else {
            result.unwrap();
        }
    }
    assert_eq!(ward.store.head(), 2 + 20);
    // Rules that panic are the caller's trouble, not the writer's.
    let bad = request("spots", Some(good.id), Op::Update, |_| panic!("on purpose"));
    assert_eq!(fault(ward.store.edit(bad).await).code, Code::Internal);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn deleted_features_keep_their_number_and_come_back_with_it() {
    let ward = ward().await;
    let first = create(&ward.store, "spots", full).await;
    let gone = delete(&ward.store, "spots", first.id).await.unwrap();
    assert_eq!(gone.change.fields, ["*"]);
    assert_eq!(fault(delete(&ward.store, "spots", first.id).await).code, Code::UnknownFeature);
    let second = create(&ward.store, "spots", full).await;
    assert_eq!(second.fid, 2, "numbers are never used again");
    let back = restore(&ward.store, "spots", first.id).await.unwrap();
    assert_eq!((back.fid, back.id, back.change.op), (1, first.id, Op::Restore));
    assert_eq!(back.touched.of(Analyst), 3);
    let (_, _, rows) = ward.store.load_one(&layer("spots")).await.unwrap();
    assert_eq!(rows[0].touched, back.touched);
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn nothing_changed_is_no_commit() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    for decision in [Decision::Nothing, Decision::Put(whole(&ward.store, "spots", made.id).await.unwrap())] {
        let edit = request("spots", Some(made.id), Op::Update, |_| Ok(decision));
        let edited = ward.store.edit(edit).await.unwrap();
        assert_eq!((edited.seq, edited.change.n, edited.touched), (made.seq, 0, made.touched));
        assert!(edited.change.fields.is_empty());
    }
    assert_eq!(ward.store.head(), made.seq);
    let edit = request("spots", Some(Uuid::now_v7()), Op::Update, |_| Ok(Decision::Nothing));
    assert_eq!(fault(ward.store.edit(edit).await).code, Code::UnknownFeature);
}

#[tokio::test]
async fn a_repeated_request_is_answered_and_not_done_again() {
    let ward = ward().await;
    let made = create(&ward.store, "spots", full).await;
    let ask = |key: &str, fingerprint: &str, actor: &str, n: i64| {
        let mut edit = request("spots", Some(made.id), Op::Update, move |current| {
            let mut row = current.row.clone().unwrap();
            row.set(&spots(), "Seq", Value::Int(n));
            Ok(Decision::Put(row))
        });
        edit.actor = actor.to_owned();
        let idempotency = Idempotency { key: key.to_owned(), fingerprint: fingerprint.to_owned() };
        edit.idempotency = Some(idempotency);
        ward.store.edit(edit)
    };
    let once = ask("k", "a", "local:one", 1).await.unwrap();
    let other = ask("l", "a", "local:one", 2).await.unwrap();
    let again = ask("k", "a", "local:one", 1).await.unwrap();
    assert!(again.replayed && !once.replayed);
    assert_eq!((again.seq, again.touched, again.change.clone()), (once.seq, once.touched, once.change));
    assert_eq!(fault(ask("k", "b", "local:one", 1).await).code, Code::IdempotencyKeyReused);
    assert_eq!(ward.store.head(), other.seq);
    // Another actor's key is another key.
    assert!(!ask("k", "b", "local:two", 3).await.unwrap().replayed);
    // Changing nothing is remembered too.
    let nothing = ask("m", "a", "local:two", 3).await.unwrap();
    assert!(nothing.change.fields.is_empty() && nothing.change.n == 1);
    ask("n", "a", "local:two", 4).await.unwrap();
    assert_eq!(ask("m", "a", "local:two", 3).await.unwrap().seq, nothing.seq);
    let (_, _, rows) = ward.store.load_one(&layer("spots")).await.unwrap();
    assert_eq!(rows[0].feature.values[spots().index("Seq").unwrap()], Value::Int(4));
    // The key's request is kept as a hash only, keyed with a secret.
    assert_sound(&ward.store).await;
}

#[tokio::test]
async fn the_rules_see_versions_and_references() {
    let ward = ward().await;
    let version = |entity: &'static str, code: &'static str| {
        move |def: &model::LayerDef, f: &mut model::Feature| {
            f.set(def, "entity", Value::text(entity));
            f.set(def, "code", Value::text(code));
        }
    };
    let a1 = create(&ward.store, "areas", version("a", "1")).await;
    let a2 = create(&ward.store, "areas", version("a", "2")).await;
    let b1 = create(&ward.store, "areas", version("b", "1")).await;
    let spot = create(&ward.store, "spots", full).await;
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut edit = request("areas", Some(a1.id), Op::Update, move |current| {
        let ids: Vec<Uuid> = current.siblings.iter().map(|f| f.id).collect();
        sender.send((ids, current.refs.clone())).unwrap();
        Ok(Decision::Nothing)
    });
    edit.entity = Some("b".to_owned());
    edit.refs = vec![
        (layer("areas"), "a".to_owned()),
        (layer("areas"), a1.id.to_string()),
        (layer("spots"), spot.id.to_string()),
        (layer("spots"), Uuid::now_v7().to_string()),
        (layer("nowhere"), "a".to_owned()),
    ];
    ward.store.edit(edit).await.unwrap();
    let (siblings, refs) = receiver.recv().unwrap();
    assert_eq!(siblings, [a2.id, b1.id]);
    assert_eq!(refs, [true, false, true, false, false]);
}
