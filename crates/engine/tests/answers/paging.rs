//! The order of pages, by keys and without, while edits go on.

use std::cmp::Ordering;

use engine::{EditMeta, Engine, Precondition, Verb};
use model::Role;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::site::{Site, Thing, actor, thing};

/// All pages of `sortby`; `between` is told of every page.
async fn pages(
    engine: &Engine,
    role: Role,
    layer: &str,
    sortby: Option<&str>,
    limit: usize,
    mut between: impl AsyncFnMut(usize),
) -> Vec<Value> {
    let who = actor(role);
    let (mut all, mut after, mut n) = (Vec::new(), None::<String>, 0);
    loop {
        let mut query = engine.query(&who, layer, &[], &[]).unwrap();
        if let Some(sortby) = sortby {
            query = engine.sorted(&who, query, sortby).unwrap();
        }
        let page = engine.items(&who, &query, limit, after.as_deref()).await.unwrap();
        all.extend(page.items.iter().map(|s| serde_json::from_str::<Value>(s).unwrap()));
        let Some(next) = page.next else { return all };
        after = Some(next);
        between(n).await;
        n += 1;
    }
}

fn violations() -> impl Strategy<Value = Vec<(Option<i64>, Option<u32>, usize)>> {
    prop::collection::vec((prop::option::of(0..6i64), prop::option::of(1..25u32), 0..3usize), 1..60)
}

const CATEGORIES: [&str; 3] = ["sidewalk_encroachment", "noise", "other"];

/// Null last whatever the direction.
fn by<T: Ord>(a: Option<T>, b: Option<T>, descending: bool) -> Ordering {
    match (a, b) {
        (None, None) => Ordering::Equal,
        (None, _) => Ordering::Greater,
        (_, None) => Ordering::Less,
        (Some(a), Some(b)) if descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
    }
}

#[test]
fn pages_put_together_are_the_whole_in_order() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 6, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let run = TestRunner::new_with_rng(config, rng).run(&(violations(), 1..9usize), |(rows, limit)| {
        runtime.block_on(async {
            let things: Vec<Thing> = rows
                .iter()
                .enumerate()
                .map(|(n, (fine, house, category))| {
                    let mut fields = vec![
                        ("category", CATEGORIES[*category].to_owned()),
                        ("found_on", "2025-01-01".to_owned()),
                    ];
                    fields.extend(fine.map(|f| ("fine", f.to_string())));
                    fields.extend(house.map(|h| ("address", format!("Số {h} Tô Hiệu"))));
                    let fields: Vec<(&str, &str)> = fields.iter().map(|(k, v)| (*k, v.as_str())).collect();
                    thing(&n.to_string(), "violations", &fields)
                })
                .collect();
            let site = Site::with(&things).await;
            for (sortby, keys) in [
                ("-fine,address", vec![("fine", true), ("address", false)]),
                ("category,-address", vec![("category", false), ("address", true)]),
                ("+address", vec![("address", false)]),
            ] {
                let mut order: Vec<usize> = (0..rows.len()).collect();
                order.sort_by(|&a, &b| {
                    let mut all = Ordering::Equal;
                    for (key, descending) in &keys {
                        let one = match *key {
                            "fine" => by(rows[a].0, rows[b].0, *descending),
                            "address" => by(rows[a].1, rows[b].1, *descending),
                            // Codes stand as their list has them.
                            _ => by(Some(rows[a].2), Some(rows[b].2), *descending),
                        };
                        all = all.then(one);
                    }
                    all.then(a.cmp(&b))
                });
                let expected: Vec<String> =
                    order.iter().map(|n| uuid::Uuid::from_u128(*n as u128 + 1).to_string()).collect();
                let found =
                    pages(&site.engine, Role::Analyst, "violations", Some(sortby), limit, async |_| {}).await;
                let found: Vec<&str> = found.iter().map(|f| f["id"].as_str().unwrap()).collect();
                prop_assert_eq!(found, expected, "{}", sortby);
            }
            Ok(())
        })
    });
    run.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_is_seen_once_whatever_is_edited_between_two_pages() {
    let row = |n: usize| {
        thing(
            &n.to_string(),
            "violations",
            &[("category", "noise"), ("found_on", "2025-01-01"), ("address", &format!("Số {n}"))],
        )
    };
    for sortby in [None, Some("-address")] {
        let things: Vec<Thing> = (0..40).map(row).collect();
        let site = Site::with(&things).await;
        let engine = site.engine.clone();
        let who = actor(Role::Analyst);
        let edit = async |id: Option<u128>, verb: Verb, body: Value| {
            let meta = EditMeta { precondition: Precondition::Any, idempotency_key: None };
            let id = id.map(uuid::Uuid::from_u128);
            engine.edit(&who, "violations", id, verb, &body.to_string().into_bytes(), meta).await.unwrap();
        };
        // Between pages one goes, one comes, and one that sorts the same changes elsewhere.
        let between = async |n: usize| {
            edit(Some(1 + 2 * n as u128), Verb::Delete, Value::Null).await;
            let body = json!({"type": "Feature", "geometry": null, "properties": {"category": "other", "found_on": "2025-02-01", "address": format!("Số {n}0")}});
            edit(None, Verb::Create, body).await;
            edit(Some(40 - 2 * n as u128), Verb::Update, json!({"properties": {"fine": n}})).await;
        };
        let seen = pages(&site.engine, Role::Analyst, "violations", sortby, 7, between).await;
        let ids: Vec<&str> = seen.iter().map(|f| f["id"].as_str().unwrap()).collect();
        let rounds = ids.len().div_ceil(7);
        for n in 1..=40u128 {
            let id = uuid::Uuid::from_u128(n).to_string();
            let times = ids.iter().filter(|i| **i == id).count();
            let deleted = n % 2 == 1 && n < 1 + 2 * rounds as u128;
            assert!(times == 1 || (deleted && times == 0), "{n} stands {times} times, {sortby:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_values_have_no_order() {
    // Counts from 1 to 4 are one to a planner: those rows stand in the order of their numbers.
    let unit = |n: usize, people: &str| {
        thing(&n.to_string(), "units", &[("name", &format!("Tổ {n}")), ("code", "x"), ("residents", people)])
    };
    let site = Site::with(&[unit(0, "9"), unit(1, "4"), unit(2, "1"), unit(3, "0"), unit(4, "3")]).await;
    let order = async |role| {
        let all = pages(&site.engine, role, "units", Some("residents"), 2, async |_| {}).await;
        all.iter().map(|f| f["properties"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(order(Role::Analyst).await, ["Tổ 3", "Tổ 2", "Tổ 4", "Tổ 1", "Tổ 0"]);
    assert_eq!(order(Role::Planner).await, ["Tổ 3", "Tổ 1", "Tổ 2", "Tổ 4", "Tổ 0"]);
}
