//! What an export writes, an import reads back: into the same site nothing changes, into an empty one the features
//! are the same, ids and changes of state included.

use engine::{Actor, Config, Engine, Format};
use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};
use model::{Feature, FieldDef, FieldType, Geometry, GeometryKind, Lang, LayerDef, Role, TimeKind, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use store::{ImportRequest, ImportRow};
use uuid::Uuid;

use crate::site::{Site, counts};

const LAYERS: [&str; 7] = ["documents", "incidents", "projects", "sites", "units", "violations", "wards"];

/// Letters, signs and marks that formats stumble over, and no digits: these are no telephone numbers.
const TEXT: &str = "[a-zàđệ=+@'\",;\t\n\\- ]{1,20}";

fn day() -> impl Strategy<Value = Date> {
    (0i64..6000).prop_map(|n| date(2010, 1, 1).checked_add(n.days()).unwrap())
}

fn value(field: &FieldDef) -> BoxedStrategy<Value> {
    let (min, max) = (field.min.unwrap_or(-1e6), field.max.unwrap_or(1e6));
    let longest = field.max_length.unwrap_or(500);
    let some = match field.kind {
        FieldType::Text => TEXT
            .prop_map(move |s| Value::text(&model::nfc(&s.chars().take(longest).collect::<String>())))
            .boxed(),
        FieldType::Code => {
            let codes: Vec<String> = field.codes.iter().map(|c| c.code.clone()).collect();
            prop::sample::select(codes).prop_map(|c| Value::text(&c)).boxed()
        }
        FieldType::Integer => (min as i64..=max as i64).prop_map(Value::Int).boxed(),
        FieldType::Number => (min..=max).prop_map(Value::Num).boxed(),
        FieldType::Boolean => any::<bool>().prop_map(Value::Bool).boxed(),
        FieldType::Date => day().prop_map(Value::Date).boxed(),
        FieldType::DateTime => (0i64..2_000_000_000_000)
            .prop_map(|ms| Value::Time(Timestamp::from_millisecond(ms).unwrap()))
            .boxed(),
        // They have to be there first; `photos.rs` brings some.
        FieldType::Photos => Just(Value::Null).boxed(),
        FieldType::Ref => any::<u128>().prop_map(|n| Value::text(&Uuid::from_u128(n).to_string())).boxed(),
    };
    if field.required { some } else { prop_oneof![some, Just(Value::Null)].boxed() }
}

/// Coordinates with seven decimals, as an export writes them.
fn at() -> impl Strategy<Value = (f64, f64)> {
    let part = |whole: i64, n: i64| format!("{whole}.{n:07}").parse::<f64>().unwrap();
    (0i64..9_000_000, 0i64..9_000_000).prop_map(move |(x, y)| (part(104, x), part(21, y)))
}

fn geometry(kind: GeometryKind) -> BoxedStrategy<Option<Geometry>> {
    let point = at().prop_map(|p| Geometry::Point(p.into()));
    let line = prop::collection::vec(at(), 2..6).prop_map(|all| Geometry::LineString(all.into()));
    // A triangle to the right and up is counter-clockwise and crosses nothing.
    let area = (at(), 1i64..1000).prop_map(|((x, y), d)| {
        let d = d as f64 * 1e-4;
        let near = |n: f64| format!("{n:.7}").parse::<f64>().unwrap();
        let ring = vec![(x, y), (near(x + d), y), (x, near(y + d)), (x, y)];
        Geometry::Polygon(geo_types::Polygon::new(ring.into(), Vec::new()))
    });
    let some = match kind {
        GeometryKind::None => return Just(None).boxed(),
        GeometryKind::Point => point.boxed(),
        GeometryKind::Line => line.boxed(),
        GeometryKind::Polygon => area.boxed(),
        GeometryKind::Any => prop_oneof![point, line, area].boxed(),
    };
    prop_oneof![3 => some.prop_map(Some), 1 => Just(None)].boxed()
}

fn feature(def: &LayerDef) -> impl Strategy<Value = Feature> + use<> {
    let values: Vec<BoxedStrategy<Value>> =
        def.fields.iter().map(|f| if f.internal { Just(Value::Null).boxed() } else { value(f) }).collect();
    let moves: Vec<BoxedStrategy<Vec<(String, u8)>>> = def
        .workflows
        .iter()
        .map(|w| {
            let codes: Vec<String> =
                def.field(&w.field).unwrap().codes.iter().map(|c| c.code.clone()).collect();
            prop::collection::vec((prop::sample::select(codes), 0..100u8), 1..4).boxed()
        })
        .collect();
    let def = def.clone();
    (values, moves, geometry(def.geometry), day(), any::<u128>()).prop_map(
        move |(values, moves, geometry, first, id)| {
            let id = uuid::Builder::from_random_bytes(id.to_be_bytes()).into_uuid();
            let mut f = Feature { values, geometry, ..Feature::empty(&def, id) };
            for (w, moves) in def.workflows.iter().zip(moves) {
                let mut on = first;
                for (to, days) in moves {
                    on = on.checked_add(i64::from(days).days()).unwrap();
                    f.move_to(&def, &w.field, &to, on);
                }
            }
            if def.time == TimeKind::Interval {
                f.values[def.entity] = Value::text(&id.to_string());
                f.set(&def, "valid_from", Value::Date(first));
                f.set(&def, "valid_to", Value::Null);
            }
            f
        },
    )
}

async fn exported(site: &Site, layer: &str, format: Format) -> String {
    let config = Config { now: Some("2026-12-31T05:00:00Z".parse().unwrap()), ..Config::default() };
    let engine = Engine::open(site.store.clone(), config).await.unwrap();
    let actor = Actor { role: Role::Admin, name: "test".to_owned(), lang: Lang::En };
    let query = engine.query(&actor, layer, &[], &[]).unwrap();
    let mut export = engine.export(&actor, &query, format).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = export.pieces.recv().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    String::from_utf8(bytes).unwrap()
}

/// A row without what a site gives it itself.
fn plain(def: &LayerDef, mut f: Feature) -> Feature {
    (f.fid, f.seq) = (0, 0);
    f.set(def, "source_key", Value::Null);
    f
}

async fn comes_back(layer: &str, features: Vec<Feature>) {
    let site = Site::new().await;
    let def = site.def(layer);
    let n = features.len();
    let rows =
        features.into_iter().enumerate().map(|(i, feature)| ImportRow { key: format!("seed:{i}"), feature });
    let seed = ImportRequest {
        layer: def.id.clone(),
        actor: "test".to_owned(),
        at: "2025-01-01T00:00:00Z".parse().unwrap(),
        reason: None,
        batch: "seed".to_owned(),
        note: None,
        idempotency: None,
        rows: rows.collect(),
        mapped: (0..def.fields.len()).collect(),
        has_location: true,
        settle: None,
    };
    site.store.import(seed).await.unwrap();
    let before: Vec<Feature> = site.features(layer).await;

    let head = site.store.head();
    for (format, name) in [(Format::GeoJson, "x.geojson"), (Format::Csv, "x.csv")] {
        let text = exported(&site, layer, format).await;
        let receipt = site.text(layer, name, &text).await.unwrap();
        assert_eq!(counts(&receipt), [0, 0, n, 0, 0], "{layer} {name}: {:?}\n{text}", receipt.rejects);
    }
    assert_eq!(site.store.head(), head);

    let other = Site::new().await;
    let text = exported(&site, layer, Format::GeoJson).await;
    let receipt = other.text(layer, "x.geojson", &text).await.unwrap();
    assert_eq!(receipt.rejected, 0, "{:?}", receipt.rejects);
    let after = other.features(layer).await;
    for (a, b) in before.into_iter().zip(after) {
        assert_eq!(plain(&def, a), plain(&def, b), "{layer}");
    }
}

#[test]
fn what_goes_out_comes_back_the_same() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let layers = engine::builtin_layers().unwrap();
    for name in LAYERS {
        let def = layers.iter().find(|d| d.id.as_str() == name).unwrap();
        let cases = Cases { cases: 6, failure_persistence: None, ..Cases::default() };
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let all = prop::collection::vec(feature(def), 1..12);
        TestRunner::new_with_rng(cases, rng)
            .run(&all, |features| {
                runtime.block_on(comes_back(name, features));
                Ok(())
            })
            .unwrap();
    }
}
