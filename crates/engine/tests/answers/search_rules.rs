//! The index follows edits, roles see their part, limits hold; properties of names.

use engine::{EditMeta, EngineError, FoundKind, Precondition, Verb};
use model::{Role, fold};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::json;

use crate::site::{Site, actor, thing};

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_is_found_when_it_returns() {
    let site = Site::with(&[thing("a", "places", &[("name", "Chợ Cũ")])]).await;
    assert_eq!(site.keys(&site.find("chợ cũ").await), ["a"]);
    let who = actor(Role::Analyst);
    let id = site.find("chợ cũ").await.results[0].id.unwrap();
    let edit = async |id, verb, body: serde_json::Value| {
        let precondition = Precondition::Any;
        let meta = EditMeta { precondition, idempotency_key: None };
        site.engine.edit(&who, "places", id, verb, &body.to_string().into_bytes(), meta).await.unwrap()
    };
    edit(Some(id), Verb::Update, json!({"properties": {"name": "Chợ Mới"}})).await;
    assert!(site.find("chợ cũ").await.results.is_empty());
    assert_eq!(site.keys(&site.find("cho moi").await), ["a"]);
    let place = json!({"type": "Point", "coordinates": [103.9, 21.3]});
    let body = json!({"type": "Feature", "geometry": place, "properties": {"name": "Bến Xe Khách", "kind": "station"}});
    let made = edit(None, Verb::Create, body).await.id;
    let found = site.find("ben xe").await.results;
    assert_eq!((found.len(), found[0].id, found[0].point), (1, Some(made), Some([103.9, 21.3])));
    edit(Some(made), Verb::Delete, json!(null)).await;
    assert!(site.find("ben xe").await.results.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_finds_only_what_it_may_see() {
    let site = Site::with(&[
        thing(
            "i",
            "incidents",
            &[("address", "Ngõ Mật"), ("occurred_from", "2025-01-01"), ("found_by", "citizen")],
        ),
        thing("v", "violations", &[("address", "Ngõ Mật 2"), ("found_on", "2025-01-01")]),
    ])
    .await;
    assert_eq!(site.keys(&site.find("ngo mat").await), ["i", "v"]);
    let planner = site.engine.search(&actor(Role::Planner), "ngo mat", None, 20).await.unwrap();
    assert_eq!(site.keys(&planner), ["v"]);
    let refused = site.engine.search(&actor(Role::Planner), "ngo", Some(&["incidents"]), 20).await;
    assert_eq!(refused.unwrap_err().to_string(), nowhere(&site).await.replace("nowhere", "incidents"));
    let some = site.engine.search(&actor(Role::Analyst), "ngo mat", Some(&["violations"]), 20).await.unwrap();
    assert_eq!(site.keys(&some), ["v"]);
}

async fn nowhere(site: &Site) -> String {
    let answer = site.engine.search(&actor(Role::Planner), "ngo", Some(&["nowhere"]), 20).await;
    answer.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_and_places_are_told() {
    let things: Vec<_> = (1..=30)
        .map(|n| thing(&n.to_string(), "units", &[("name", &format!("Tổ {n}")), ("code", "x")]))
        .collect();
    let site = Site::with(&things).await;
    for empty in ["", "   ", "—"] {
        let finding = site.find(empty).await;
        assert!(finding.results.is_empty() && !finding.more, "{empty}");
    }
    let who = actor(Role::Analyst);
    let few = site.engine.search(&who, "tổ", None, 3).await.unwrap();
    assert_eq!((site.keys(&few), few.more), (vec!["1", "2", "3"], true), "in the order of their numbers");
    let all = site.engine.search(&who, "tổ", None, 100).await.unwrap();
    assert_eq!((all.results.len(), all.more), (30, false));
    // The beginning of a number comes after the number, and is found all the same.
    let one = site.engine.search(&who, "tổ 1", None, 100).await.unwrap();
    assert_eq!(site.keys(&one), ["1", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19"]);
    let long = site.engine.search(&who, &"x".repeat(201), None, 20).await;
    assert!(matches!(long, Err(EngineError::Faults(_))));
    let place = site.find("490000 2360000").await.results.remove(0);
    assert_eq!((place.kind, place.layer), (FoundKind::Coordinates, None));
    let [lon, lat] = place.point.unwrap();
    assert!((lon - 103.905_482_313).abs() < 2e-8 && (lat - 21.334_625_861).abs() < 2e-8);
}

/// Names that differ when folded: a syllable or two, and a number.
fn names() -> impl Strategy<Value = Vec<String>> {
    let syllable = prop::sample::select(vec![
        "Chiềng", "Lề", "Đông", "Quyết", "Thắng", "Mường", "Phương", "Hoà", "Cọ", "Sẳng",
    ]);
    let name = (prop::collection::vec(syllable, 1..4), 1..40u32)
        .prop_map(|(words, n)| format!("{} {n}", words.join(" ")));
    prop::collection::vec(name, 1..30).prop_map(|mut all| {
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|name| seen.insert(fold(name)));
        all
    })
}

#[test]
fn a_thing_is_found_first_by_its_name_with_and_without_diacritics() {
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let config = Config { cases: 12, failure_persistence: None, ..Config::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let run = TestRunner::new_with_rng(config, rng).run(&names(), |names| {
        runtime.block_on(async {
            let things: Vec<_> = names.iter().map(|name| thing(name, "places", &[("name", name)])).collect();
            let site = Site::with(&things).await;
            for name in &names {
                for typed in [name.clone(), fold(name), name.to_uppercase()] {
                    let finding = site.find(&typed).await;
                    prop_assert_eq!(site.keys(&finding).first().copied(), Some(name.as_str()), "{}", typed);
                }
            }
            Ok(())
        })
    });
    run.unwrap();
}
