//! Importing and undoing is nothing: for whatever rows are there and whatever the file says of them, the export after
//! both is the export before, byte for byte, and the log verifies.

use engine::{Actor, Config, Engine, Format};
use model::{Lang, Role};
use proptest::prelude::*;
use proptest::test_runner::{Config as Cases, RngAlgorithm, TestRng, TestRunner};
use store::{Undo, UndoRequest};

use crate::site::{Site, options};

const CATEGORIES: [&str; 4] = ["noise", "other", "littering_dumping", "no such category"];
const STATES: [&str; 4] = ["found", "reminded", "recorded", ""];

/// One row: key, category, state, day, address, place.
type Row = (u8, usize, usize, u8, String, Option<(u16, u16)>);

fn row() -> impl Strategy<Value = Row> {
    let place = prop::option::of((0u16..1000, 0u16..1000));
    (0u8..8, 0usize..4, 0usize..4, 1u8..29, "[a-zđệ \"',;=+-]{0,12}", place)
}

fn csv(rows: &[Row]) -> String {
    let mut text = "key,category,state,found_on,address,lon,lat\n".to_owned();
    for (key, category, state, day, address, place) in rows {
        let (category, state, address) =
            (CATEGORIES[*category], STATES[*state], address.replace('"', "\"\""));
        let (lon, lat) = place
            .map_or((String::new(), String::new()), |(x, y)| (format!("104.{x:03}"), format!("21.{y:03}")));
        text += &format!("k{key},{category},{state},2025-03-{day:02},\"{address}\",{lon},{lat}\n");
    }
    text
}

async fn exported(engine: &Engine) -> Vec<u8> {
    let actor = Actor { role: Role::Admin, name: "test".to_owned(), lang: Lang::En };
    let query = engine.query(&actor, "violations", &[], &[]).unwrap();
    let mut export = engine.export(&actor, &query, Format::GeoJson).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(piece) = export.pieces.recv().await {
        bytes.extend_from_slice(&piece.unwrap());
    }
    bytes
}

async fn import_and_undo(there: &[Row], file: &[Row]) {
    let site = Site::new().await;
    let import = async |name: &str, rows: &[Row]| {
        let path = site.file(name, &csv(rows));
        let mut options = options("violations", &[&path]);
        options.key = Some("key".to_owned());
        site.import(options).await.unwrap()
    };
    import("there.csv", there).await;
    let config = || Config { now: Some("2026-12-31T05:00:00Z".parse().unwrap()), ..Config::default() };
    let before = exported(&Engine::open(site.store.clone(), config()).await.unwrap()).await;
    let receipt = import("file.csv", file).await;
    let changes = receipt.stored + receipt.updated + receipt.waiting_for_location;
    let at = "2025-07-01T00:00:00Z".parse().unwrap();
    let request = UndoRequest { batch: receipt.batch.clone(), actor: "test".to_owned(), at };
    let undone = site.store.undo(request.clone()).await;
    if changes == 0 {
        assert!(undone.is_err(), "an import that changed nothing is not in the log");
    } else {
        let Ok(Undo::Done(done)) = undone else { panic!("{undone:?}") };
        assert_eq!(done.removed, receipt.stored + receipt.waiting_for_location);
        assert_eq!(done.restored, receipt.updated);
        assert_eq!(site.store.undo(request).await.unwrap(), Undo::Already);
    }
    // A server that starts now and one that followed show the same.
    let after = exported(&Engine::open(site.store.clone(), config()).await.unwrap()).await;
    assert_eq!(String::from_utf8_lossy(&before), String::from_utf8_lossy(&after));
    let report = site.store.verify(None).await.unwrap();
    assert!(report.problems.is_empty(), "{report:?}");
}

#[test]
fn importing_and_undoing_is_nothing() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = Cases { cases: 24, failure_persistence: None, ..Cases::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]);
    let rows = || prop::collection::vec(row(), 0..10);
    TestRunner::new_with_rng(cases, rng)
        .run(&(rows(), rows()), |(there, file)| {
            runtime.block_on(import_and_undo(&there, &file));
            Ok(())
        })
        .unwrap();
}
