//! Measures the store: `cargo run -p store --example measure [rows] [postgresql://…]`. Prints edits per second of 1, 8 and
//! 64 writers, and the time to import, load, verify and copy many rows; of files, or of two schemas that it makes in a
//! database and takes away again.
#![expect(clippy::print_stdout, reason = "its results")]

use std::error::Error;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::{Feature, LayerDef, Value, parse_layer};
use store::{Database, Decision, EditRequest, ImportRequest, ImportRow, NewSite, Op, Place, Store};
use uuid::Uuid;

type Failure = Box<dyn Error + Send + Sync>;

const LAYER: &str = include_str!("../../../data/layers/violations.toml");
const WRITERS: [usize; 3] = [1, 8, 64];

fn feature(def: &LayerDef, n: i64) -> Feature {
    let mut f = Feature::empty(def, Uuid::now_v7());
    let day = jiff::civil::date(2025, 1, 1);
    f.set(def, "category", Value::text("noise"));
    f.set(def, "found_on", Value::Date(day));
    f.move_to(def, "state", "found", day);
    f.set(def, "address", Value::text("Đường Mẫu, cạnh chợ tạm"));
    f.set(def, "source", Value::text("đo"));
    let place = (104.0 + n as f64 * 1e-6, 21.4);
    f.geometry = Some(geo_types::Point::from(place).into());
    f
}

fn edit(def: &Arc<LayerDef>, n: i64) -> EditRequest {
    let made = feature(def, n);
    EditRequest {
        layer: def.id.clone(),
        id: None,
        new_id: made.id,
        actor: "local:measure".to_owned(),
        at: Timestamp::now(),
        reason: None,
        op: Op::Create,
        idempotency: None,
        entity: None,
        refs: Vec::new(),
        photos: Vec::new(),
        decide: Box::new(move |_| Ok(Decision::Put(made))),
    }
}

async fn edits(store: &Store, def: &Arc<LayerDef>, writers: usize) -> Result<(), Failure> {
    let until = Instant::now() + Duration::from_secs(5);
    let tasks: Vec<_> = (0..writers)
        .map(|_| {
            let (store, def) = (store.clone(), Arc::clone(def));
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < until {
                    let since = Instant::now();
                    store.edit(edit(&def, 0)).await?;
                    took.push(since.elapsed());
                }
                Ok::<_, Failure>(took)
            })
        })
        .collect();
    let mut took = Vec::new();
    for task in tasks {
        took.extend(task.await??);
    }
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    println!("{writers} writers: {} edits/s, median {:?}, p99 {:?}", took.len() / 5, at(0.5), at(0.99));
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let rows: i64 = std::env::args().nth(1).map_or(Ok(200_000), |n| n.parse())?;
    let folder = std::env::temp_dir().join(format!("diaban-measure-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let database: Option<Database> = std::env::args().nth(2).map(|url| url.parse()).transpose()?;
    let places = ["a", "b"].map(|name| match &database {
        Some(database) => database.clone().with_schema(&format!("measure_{name}")).map(Place::Database),
        None => Ok(Place::File(folder.join(format!("{name}.gpkg")))),
    });
    let [a, b] = places;
    let (a, b) = (a?, b?);
    let done = measure(&folder, &a, &b, rows).await;
    for place in [a, b] {
        if Store::exists(&place).await? {
            Store::discard(&place).await?;
        }
    }
    std::fs::remove_dir_all(&folder)?;
    done
}

async fn measure(folder: &Path, a: &Place, b: &Place, rows: i64) -> Result<(), Failure> {
    let def = Arc::new(parse_layer("violations.toml", LAYER)?);
    let layers = [Arc::clone(&def)];
    let now = Timestamp::now();
    let store = Store::create(a, NewSite::default(), &layers, "local:measure", now).await?;
    for writers in WRITERS {
        edits(&store, &def, writers).await?;
    }
    store.close().await?;
    let store = Store::create(b, NewSite::default(), &layers, "local:measure", now).await?;
    let all = (0..rows).map(|n| ImportRow { key: format!("k{n}"), feature: feature(&def, n) }).collect();
    let request = ImportRequest {
        layer: def.id.clone(),
        actor: "local:measure".to_owned(),
        at: now,
        reason: None,
        batch: "b".to_owned(),
        note: None,
        idempotency: None,
        rows: all,
        mapped: (0..def.fields.len()).collect(),
        has_location: true,
        settle: None,
    };
    let again = request.clone();
    let told = |what: &str, since: Instant| println!("{what} {rows} rows: {:.2?}", since.elapsed());
    let since = Instant::now();
    store.import(request).await?;
    told("import", since);
    let since = Instant::now();
    store.import(again).await?;
    told("import again", since);
    let since = Instant::now();
    let loaded = store.load().await?;
    told("load", since);
    drop(loaded);
    let since = Instant::now();
    store.commits_after(1, 10).await?;
    told("follow", since);
    let since = Instant::now();
    let report = store.verify(None).await?;
    told(if report.ok { "verify" } else { "verify (NOT OK)" }, since);
    if let Place::File(path) = b {
        let since = Instant::now();
        store.backup(&folder.join("c.gpkg")).await?;
        told("backup", since);
        store.close().await?;
        println!("file: {} MiB", std::fs::metadata(path)?.len() >> 20);
    } else {
        store.close().await?;
    }
    Ok(())
}
