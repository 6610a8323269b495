//! `diaban demo`: the fictional ward, made when it is not there yet, and served.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use engine::{NewSite, Place, Store, StoreError, builtin_layers};

use super::data::InDatabase;
use super::serve::{Listen, serve};
use super::{USAGE, print, shown};

/// Which ward, and where.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The demo's GeoPackage; made when absent.
    #[arg(long, env = "DIABAN_DATA", default_value = "demo.gpkg")]
    data: PathBuf,
    #[command(flatten)]
    database: InDatabase,
    /// The seed: the same seed makes the same ward.
    #[arg(long, env = "DIABAN_SEED", default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    listen: Listen,
    /// Only make the file.
    #[arg(long)]
    no_serve: bool,
}

pub(crate) async fn run(args: DemoArgs, json: bool) -> anyhow::Result<ExitCode> {
    let place = args.database.or(&args.data)?;
    let store = if Store::exists(&place).await? {
        let opened = Store::open(&place).await;
        match opened {
            Ok(store) if store.site().demo => store,
            Err(error @ (StoreError::Unreachable { .. } | StoreError::Server { .. })) => {
                return Err(error.into());
            }
            other => {
                if let Ok(store) = other {
                    store.close().await?;
                }
                eprintln!("diaban: {place} exists and is not a demo site; it is left alone");
                return Ok(ExitCode::from(USAGE));
            }
        }
    } else {
        match &place {
            Place::File(path) => make(path, args.seed).await?,
            Place::Database(_) => make_in_database(&place, args.seed).await?,
        }
        Store::open(&place).await?
    };
    if args.no_serve {
        store.close().await?;
        let place = place.to_string();
        print(json, &serde_json::json!({"ok": true, "data": place}), &place)?;
        return Ok(ExitCode::SUCCESS);
    }
    serve(store, args.listen).await
}

/// Makes the ward where it will be: it goes again when it cannot be finished. (Of a run that was killed a part remains, and
/// is known by its commits.)
async fn make_in_database(place: &Place, seed: u64) -> anyhow::Result<()> {
    let made = fill(place, seed).await;
    if made.is_err() && Store::exists(place).await? {
        Store::discard(place).await?;
    }
    made
}

/// Makes the ward under another name first: a demo file is whole or not there.
async fn make(data: &Path, seed: u64) -> anyhow::Result<()> {
    let part = with_suffix(data, ".part");
    remove(&part);
    fill(&part.as_path().into(), seed).await.with_context(|| format!("cannot create {}", shown(data)))?;
    std::fs::rename(with_suffix(&part, ".anchor"), with_suffix(data, ".anchor"))?;
    std::fs::rename(&part, data)?;
    Ok(())
}

/// Makes a site at `place` and fills it.
async fn fill(place: &Place, seed: u64) -> anyhow::Result<()> {
    let layers = builtin_layers()?;
    let at = jiff::Timestamp::now();
    let ward = demo::generate(seed, &layers)?;
    let site = NewSite { title: ward.site_title, demo: true, as_of: Some(ward.as_of) };
    let store = Store::create(place, site, &layers, "demo", at).await?;
    for commit in ward.commits {
        engine::store_generated(&store, commit.reason, commit.at, commit.features).await?;
    }
    store.close().await?;
    Ok(())
}

fn remove(part: &Path) {
    for suffix in ["", "-wal", "-shm", ".anchor"] {
        let _ = std::fs::remove_file(with_suffix(part, suffix));
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
