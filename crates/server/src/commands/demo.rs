//! `diaban demo`: the fictional ward, made when it is not there yet, and served.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use engine::{NewSite, Store, builtin_layers};

use super::serve::{Listen, serve};
use super::{USAGE, print, shown};

/// Which ward, and where.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// The demo's GeoPackage; made when absent.
    #[arg(long, env = "DIABAN_DATA", default_value = "demo.gpkg")]
    data: PathBuf,
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
    let store = if args.data.exists() {
        let opened = Store::open(&args.data).await;
        match opened {
            Ok(store) if store.site().demo => store,
            other => {
                if let Ok(store) = other {
                    store.close().await?;
                }
                eprintln!("diaban: {} exists and is not a demo site; it is left alone", shown(&args.data));
                return Ok(ExitCode::from(USAGE));
            }
        }
    } else {
        make(&args.data, args.seed).await?;
        Store::open(&args.data).await?
    };
    if args.no_serve {
        store.close().await?;
        print(json, &serde_json::json!({"ok": true, "data": shown(&args.data)}), &shown(&args.data))?;
        return Ok(ExitCode::SUCCESS);
    }
    serve(store, args.listen).await
}

/// Makes the ward under another name first: a demo file is whole or not there.
async fn make(data: &Path, seed: u64) -> anyhow::Result<()> {
    let part = with_suffix(data, ".part");
    remove(&part);
    let layers = builtin_layers()?;
    let at = jiff::Timestamp::now();
    let ward = demo::generate(seed, &layers)?;
    let site = NewSite { title: ward.site_title, demo: true, as_of: Some(ward.as_of) };
    let store = Store::create(&part, site, &layers, "demo", at)
        .await
        .with_context(|| format!("cannot create {}", shown(data)))?;
    for commit in ward.commits {
        engine::store_generated(&store, commit.reason, commit.at, commit.features).await?;
    }
    store.close().await?;
    std::fs::rename(with_suffix(&part, ".anchor"), with_suffix(data, ".anchor"))?;
    std::fs::rename(&part, data)?;
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
