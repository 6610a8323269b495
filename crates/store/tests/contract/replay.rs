//! Any sequence of edits: what is loaded is what the log tells, and what a plain model of the rules expects.

use std::collections::BTreeMap;

use model::{Feature, Role, Touched, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use store::{Op, Store};
use uuid::Uuid;

use crate::ward::*;

#[derive(Debug, Clone)]
enum Step {
    Create(i64),
    Set(usize, &'static str, Value),
    Move(usize, bool),
    Delete(usize),
    Restore(usize),
    Import(Vec<(u8, i64)>),
    Erase(usize),
}

fn step() -> impl Strategy<Value = Step> {
    // PostgreSQL keeps every character but NUL.
    let first = if kind() == Kind::Gpkg { '\u{0}' } else { '\u{1}' };
    let text = format!("[a-zđơ\"\\\\ '{first}-\u{1f}]{{0,12}}");
    let text = proptest::string::string_regex(&text).unwrap().prop_map(|s| Value::text(&s));
    let set = (
        any::<usize>(),
        prop_oneof![
            text.prop_map(|v| ("name", v)),
            any::<i64>().prop_map(|n| ("Seq", Value::Int(n))),
            any::<f64>()
                .prop_filter("finite", |n| n.is_finite())
                .prop_map(|n| ("share \"of\" it", Value::Num(n))),
            any::<bool>().prop_map(|b| ("known", Value::Bool(b))),
            (-2_000_000_000_000i64..4_000_000_000_000)
                .prop_map(|ms| { ("seen_at", Value::Time(jiff::Timestamp::from_millisecond(ms).unwrap())) }),
            Just(("secret", Value::Null)),
            Just(("secret", Value::text("kín"))),
            Just(("note", Value::text("dài"))),
        ],
    )
        .prop_map(|(i, (name, value))| Step::Set(i, name, value));
    prop_oneof![
        3 => any::<i64>().prop_map(Step::Create),
        6 => set,
        2 => (any::<usize>(), any::<bool>()).prop_map(|(i, at)| Step::Move(i, at)),
        2 => any::<usize>().prop_map(Step::Delete),
        2 => any::<usize>().prop_map(Step::Restore),
        1 => prop::collection::vec((0u8..6, 0i64..3), 1..5).prop_map(Step::Import),
        1 => any::<usize>().prop_map(Step::Erase),
    ]
}

/// What the rules say is there: for each feature how often it was touched and, while it lives, its number in `Seq`
/// and its name.
#[derive(Default)]
struct Expected {
    ids: Vec<Uuid>,
    live: BTreeMap<Uuid, (Value, Value)>,
}

async fn run(steps: Vec<Step>) {
    let ward = ward().await;
    let store = &ward.store;
    let def = spots();
    let get = |f: &Feature, name: &str| f.get(&def, name).to_owned();
    let mut expected = Expected::default();
    for step in steps {
        let pick = |i: usize| expected.ids.get(i % expected.ids.len().max(1)).copied();
        match step {
            Step::Create(n) => {
                let made = create(store, "spots", set("Seq", Value::Int(n))).await;
                expected.ids.push(made.id);
                expected.live.insert(made.id, (Value::Int(n), Value::Null));
            }
            Step::Set(i, name, value) => {
                let Some(id) = pick(i) else { continue };
                let done = change(store, "spots", id, set(name, value.clone())).await;
                assert_eq!(done.is_ok(), expected.live.contains_key(&id));
                if let Some(row) = expected.live.get_mut(&id) {
                    match name {
                        "Seq" => row.0 = value,
                        "name" => row.1 = value,
                        _ => {}
                    }
                }
            }
            Step::Move(i, there) => {
                let Some(id) = pick(i) else { continue };
                let moved = change(store, "spots", id, move |def, f| {
                    f.geometry = there.then(|| point(104.0, 21.0));
                    f.move_to(
                        def,
                        "state",
                        if there { "open" } else { "shut" },
                        jiff::civil::date(2025, 1, 1),
                    );
                });
                assert_eq!(moved.await.is_ok(), expected.live.contains_key(&id));
            }
            Step::Delete(i) => {
                let Some(id) = pick(i) else { continue };
                let was = expected.live.remove(&id).is_some();
                assert_eq!(delete(store, "spots", id).await.is_ok(), was);
            }
            Step::Restore(i) => {
                let Some(id) = pick(i).filter(|id| !expected.live.contains_key(id)) else { continue };
                let history = store.history(&layer("spots"), id).await.unwrap();
                if history[0].change.before.is_none() {
                    continue;
                }
                let back = restore(store, "spots", id).await.unwrap();
                let row = Feature::from_row_text(&def, back.change.after.as_deref().unwrap(), 0).unwrap();
                expected.live.insert(id, (get(&row, "Seq"), get(&row, "name")));
            }
            Step::Import(all) => {
                let all: BTreeMap<u8, i64> = all.into_iter().collect();
                let texts: Vec<_> = all.iter().map(|(k, n)| (format!("k{k}"), format!("n{n}"))).collect();
                let rows: Vec<_> = texts.iter().map(|(k, n)| (k.as_str(), n.as_str(), None)).collect();
                let done = store.import(records(&def, &rows)).await.unwrap();
                for (id, (_, name)) in done.ids.into_iter().zip(&texts) {
                    let name = Value::text(name);
                    if let Some(row) = expected.live.get_mut(&id) {
                        row.1 = name;
                    } else {
                        expected.ids.push(id);
                        expected.live.insert(id, (Value::Null, name));
                    }
                }
            }
            Step::Erase(i) => {
                let Some(id) = pick(i) else { continue };
                store.redact(&layer("spots"), id, Some("name"), "x", "local:test", at(7)).await.unwrap();
                if let Some(row) = expected.live.get_mut(&id) {
                    row.1 = Value::Null;
                }
            }
        }
    }
    compare(store, &expected).await;
    store.close().await.unwrap();
    let again = Store::open(ward.dir.place()).await.unwrap();
    compare(&again, &expected).await;
    assert_sound(&again).await;
}

async fn compare(store: &Store, expected: &Expected) {
    let def = spots();
    let (_, _, rows) = store.load_one(&layer("spots")).await.unwrap();
    let found: BTreeMap<Uuid, (Value, Value)> = rows
        .iter()
        .map(|r| {
            (r.feature.id, (r.feature.get(&def, "Seq").to_owned(), r.feature.get(&def, "name").to_owned()))
        })
        .collect();
    assert_eq!(found, expected.live);
    // The log, told again from its beginning.
    let mut told: BTreeMap<i64, Feature> = BTreeMap::new();
    let mut touched: BTreeMap<i64, Touched> = BTreeMap::new();
    for commit in store.commits_after(0, usize::MAX).await.unwrap() {
        for change in commit.changes.into_iter().filter(|c| c.layer == "spots") {
            let count = touched.entry(change.fid).or_default();
            if change.fields == ["*"] {
                count.count_all();
            } else {
                count.count(&def, &change.fields);
            }
            match &change.after {
                Some(text) => {
                    told.insert(change.fid, Feature::from_row_text(&def, text, commit.seq).unwrap());
                }
                // Erased: a later change says what is there.
                None if change.erased => {}
                None => {
                    assert!(matches!(change.op, Op::Delete | Op::Erase));
                    told.remove(&change.fid);
                }
            }
        }
    }
    assert_eq!(told.len(), rows.len());
    let note = def.index("note").unwrap();
    for (row, mut known) in rows.into_iter().zip(told.into_values()) {
        known.values[note] = Value::Null;
        assert_eq!(row.feature, known);
        assert_eq!(row.touched, touched[&known.fid]);
        assert!(row.touched.of(Role::Analyst) >= row.touched.of(Role::Planner));
    }
}

#[test]
fn what_is_loaded_is_what_the_log_tells() {
    let config = Config { cases: 20, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runner
        .run(&prop::collection::vec(step(), 1..40), |steps| {
            runtime.block_on(run(steps));
            Ok(())
        })
        .unwrap();
}
