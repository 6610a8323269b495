//! Edits while bases are made aside: whatever comes in between, a snapshot answers as one built anew of the same rows,
//! and one that is held stays what it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::packed::{answers, bytes, def, rows, tiles};
use crate::support::check;
use model::{Columns as _, Compare, Filter, LayerDef, Value};
use proptest::prelude::*;
use spatial::{Row, RowChange, Snapshot};
use uuid::Uuid;

/// What happens to a layer.
#[derive(Debug, Clone)]
enum Step {
    /// Some rows are put (those there are with new content, or new ones) and some go, in one batch.
    Change(Vec<Row>, Vec<prop::sample::Index>),
    /// A merge begins, or one that runs is given up for it.
    Begin,
    /// The merge that runs ends.
    End,
}

fn steps(def: &Arc<LayerDef>) -> impl Strategy<Value = Vec<Step>> + use<> {
    let gone = prop::collection::vec(any::<prop::sample::Index>(), 0..6);
    let change = (rows(def), gone, 1..20_usize).prop_map(|(mut rows, gone, most)| {
        rows.truncate(most);
        Step::Change(rows, gone)
    });
    prop::collection::vec(prop_oneof![4 => change, 1 => Just(Step::Begin), 2 => Just(Step::End)], 1..14)
}

fn built(def: &Arc<LayerDef>, truth: &BTreeMap<Uuid, Row>) -> Snapshot {
    Snapshot::build(Arc::clone(def), truth.values().cloned().collect())
}

/// Everything that may be asked, with what is not in [`answers`].
fn all(s: &Snapshot) -> String {
    let cold: Vec<bool> = s.rows_after(i64::MIN).map(|row| s.has_cold(row)).collect();
    let field = s.def().index("state").unwrap();
    let filter = Filter::Compare(field, Compare::Eq, Value::text("open"));
    let predicate = s.predicate(&filter, None, s, |_| true);
    let mut chosen: Vec<i64> = predicate.fold(
        Vec::new,
        |v, row| v.push(s.fid(row)),
        |mut a, b| {
            a.extend(b);
            a
        },
    );
    chosen.sort_unstable();
    let located = s.rows_after(i64::MIN).filter(|row| s.located(*row)).count();
    let segments: Vec<usize> =
        s.segments().flat_map(|part| part.rows()).filter(|row| s.is_live(*row)).collect();
    let mut listed: Vec<usize> = s.rows_after(i64::MIN).collect();
    listed.sort_unstable();
    assert_eq!(segments, listed);
    assert_eq!(located, s.located_count());
    assert_eq!(predicate.count().0, chosen.len());
    format!("{} {cold:?} {chosen:?} {:?}", answers(s), predicate.count())
}

#[test]
fn merges_that_end_at_any_moment_change_nothing() {
    let def = def();
    check(160, (rows(&def), steps(&def)), |(start, steps)| {
        let mut truth: BTreeMap<Uuid, Row> = start.into_iter().map(|r| (r.feature.id, r)).collect();
        let mut snapshot = built(&def, &truth);
        let mut running: Option<(Snapshot, Snapshot)> = None;
        let mut held = Vec::new();
        for (n, step) in steps.into_iter().enumerate() {
            match step {
                Step::Change(rows, gone) => {
                    let known: Vec<Uuid> = truth.keys().copied().collect();
                    let mut changes = Vec::new();
                    for (i, mut row) in rows.into_iter().enumerate() {
                        // Fids belong to ids for ever.
                        row.cold = (i + n) % 3 == 0;
                        truth.insert(row.feature.id, row.clone());
                        changes.push(RowChange::Put(row));
                        if i % 4 == 3
                            && let Some(which) = gone.first()
                            && !known.is_empty()
                        {
                            let id = known[which.index(known.len())];
                            truth.remove(&id);
                            changes.push(RowChange::Remove(id));
                        }
                    }
                    for which in gone {
                        if !known.is_empty() {
                            let id = known[which.index(known.len())];
                            truth.remove(&id);
                            changes.push(RowChange::Remove(id));
                        }
                    }
                    snapshot = snapshot.apply(&changes);
                }
                Step::Begin => {
                    snapshot = snapshot.sealed();
                    running = Some((snapshot.clone(), snapshot.merged()));
                }
                Step::End => {
                    if let Some((sealed, merged)) = running.take() {
                        let sealed_answers = all(&sealed);
                        prop_assert_eq!(&sealed_answers, &all(&merged));
                        snapshot = snapshot.rebased(&sealed, &merged).unwrap();
                        prop_assert_eq!(snapshot.same_base(&merged), true);
                    }
                }
            }
            let fresh = built(&def, &truth);
            let told = all(&snapshot);
            prop_assert_eq!(&told, &all(&fresh), "after step {}", n);
            prop_assert_eq!(tiles(&snapshot), tiles(&fresh));
            prop_assert_eq!(bytes(&snapshot), bytes(&fresh), "the base made of it is that made of its rows");
            held.push((snapshot.clone(), told));
        }
        for (snapshot, told) in held {
            prop_assert_eq!(all(&snapshot), told);
        }
        Ok(())
    });
}

#[test]
fn a_merge_of_another_past_is_not_taken_in() {
    let def = def();
    let row = |fid: i64| {
        let mut feature = model::Feature::empty(&def, Uuid::from_u128(fid as u128));
        feature.fid = fid;
        Row { feature, touched: model::Touched::default(), cold: false }
    };
    let one = Snapshot::build(Arc::clone(&def), (1..9).map(row).collect());
    let two = Snapshot::build(Arc::clone(&def), (1..9).map(row).collect());
    let (sealed, put) = (one.sealed(), RowChange::Put(row(9)));
    let merged = sealed.merged();
    assert!(two.apply(std::slice::from_ref(&put)).rebased(&sealed, &merged).is_none());
    let later = sealed.apply(&[put]);
    assert!(later.sealed().rebased(&sealed, &merged).is_none(), "sealed again since");
    assert_eq!(later.rebased(&sealed, &merged).unwrap().len(), 9);
}
