//! `diaban serve`: a site on this machine, until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use engine::{Basemap, Config, Engine, EngineError, Place, Store, StoreError};
use model::{Code, Fault, Role, Text};

use super::limits::Limits;
use super::{Data, actor_name, fixed_now, local_role, tell_faults};

/// Where and as whom to serve.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    listen: Listen,
    /// Copy the site into this folder from time to time.
    #[arg(long, env = "DIABAN_BACKUP_DIR")]
    backup_dir: Option<PathBuf>,
    /// Minutes between copies.
    #[arg(long, env = "DIABAN_BACKUP_EVERY", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    backup_every: u64,
    /// How many copies are kept.
    #[arg(long, env = "DIABAN_BACKUP_KEEP", default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..))]
    backup_keep: u64,
}

/// What `serve` and `demo` share.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_field_names, reason = "flags are named by their fields")]
pub(crate) struct Listen {
    /// Address and port; port 0 picks one. Only addresses of this machine, until accounts exist.
    #[arg(long, env = "DIABAN_LISTEN", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// The role that everyone who connects has: analyst or planner.
    #[arg(long = "as", env = "DIABAN_AS", default_value = "analyst", value_parser = local_role)]
    role: Role,
    /// Largest file taken for an import in the browser, in MiB.
    #[arg(long, env = "DIABAN_MAX_IMPORT", default_value_t = 64, value_parser = clap::value_parser!(u64).range(1..=512))]
    max_import: u64,
    /// Draw this PMTiles or MBTiles file under the ward's layers, in place of our own base map; may be repeated, low ones
    /// first. Its name, without the ending, is its address: /basemaps/NAME.
    #[arg(long, env = "DIABAN_BASEMAP", value_name = "FILE", value_delimiter = ',')]
    basemap: Vec<PathBuf>,
    /// Memory for drawn tiles, in MiB; 0 keeps none and draws every tile anew.
    #[arg(long, env = "DIABAN_TILE_CACHE_MB", default_value_t = 256, value_parser = clap::value_parser!(u64).range(0..=1_048_576))]
    tile_cache_mb: u64,
    #[command(flatten)]
    limits: Limits,
}

pub(crate) async fn run(args: ServeArgs) -> anyhow::Result<ExitCode> {
    let store = args.data.open().await?;
    if let Some(dir) = args.backup_dir {
        if matches!(store.place(), Place::Database(_)) {
            store.close().await?;
            return Err(StoreError::NoFileCopy.into());
        }
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot create {}", dir.display()))?;
        let keep = usize::try_from(args.backup_keep)?;
        tokio::spawn(back_up(store.clone(), dir, Duration::from_secs(args.backup_every * 60), keep));
    }
    serve(store, args.listen).await
}

/// Serves a store until SIGINT or SIGTERM. The first line on stdout is the address.
pub(crate) async fn serve(store: Store, listen: Listen) -> anyhow::Result<ExitCode> {
    let Some(basemaps) = open_basemaps(&listen.basemap).await? else {
        store.close().await?;
        return Ok(ExitCode::FAILURE);
    };
    let tile_cache_bytes = listen.tile_cache_mb << 20;
    let config = Config { now: fixed_now()?, tile_cache_bytes, keep_snapshot: true };
    let engine = Engine::open(store, config).await?;
    let config = listen.limits.apply(server::ServeConfig {
        listen: listen.listen,
        role: listen.role,
        actor_name: actor_name(),
        max_import: listen.max_import << 20,
        basemaps,
        ..server::ServeConfig::default()
    });
    let told = |address: SocketAddr| {
        // Whoever started us waits for this line.
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, "http://{address}").and_then(|()| out.flush());
    };
    let served = server::serve(engine.clone(), config, told, stop_signal()).await;
    engine.close().await?;
    served?;
    Ok(ExitCode::SUCCESS)
}

/// Opens the basemaps; `None`, having said why, when one of them is no map or two have one name.
async fn open_basemaps(files: &[PathBuf]) -> anyhow::Result<Option<Vec<Arc<Basemap>>>> {
    let mut open: Vec<Arc<Basemap>> = Vec::new();
    for file in files {
        let opened = match Basemap::open(file).await {
            Ok(basemap) if open.iter().any(|other| other.name() == basemap.name()) => {
                Err(EngineError::from(twice(file)))
            }
            Ok(basemap) => Ok(basemap),
            Err(error) => Err(error.into()),
        };
        match opened {
            Ok(basemap) => open.push(Arc::new(basemap)),
            Err(error @ EngineError::Faults(_)) => {
                tell_faults(&error);
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Some(open))
}

fn twice(file: &Path) -> Fault {
    let detail = Text::new(
        "Bản đồ nền: hai tệp cùng tên; hãy đổi tên một tệp",
        "basemap: two files have one name; rename one of them",
    );
    Fault::at(Code::InvalidFile, file.display().to_string(), detail)
}

async fn stop_signal() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

async fn back_up(store: Store, dir: PathBuf, every: Duration, keep: usize) {
    loop {
        tokio::time::sleep(every).await;
        let name =
            jiff::Timestamp::now().to_zoned(model::zone()).strftime("ward-%Y%m%d-%H%M%S.gpkg").to_string();
        if let Err(error) = store.backup(&dir.join(name)).await {
            tracing::error!(%error, "the periodic backup failed");
            continue;
        }
        if let Err(error) = prune(&dir, keep) {
            tracing::warn!(%error, "old backups could not be removed");
        }
    }
}

/// Removes the oldest copies beyond `keep`; their names sort by time.
fn prune(dir: &Path, keep: usize) -> std::io::Result<()> {
    let is_ours =
        |name: &str| name.starts_with("ward-") && Path::new(name).extension().is_some_and(|e| e == "gpkg");
    let mut copies: Vec<PathBuf> = std::fs::read_dir(dir)?
        .filter_map(Result::ok)
        .filter(|e| e.file_name().to_str().is_some_and(is_ours))
        .map(|e| e.path())
        .collect();
    copies.sort();
    let excess = copies.len().saturating_sub(keep);
    copies.into_iter().take(excess).try_for_each(std::fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_copies_go() {
        let dir = tempfile::tempdir().unwrap();
        for day in 1..=5 {
            std::fs::write(dir.path().join(format!("ward-2025010{day}-000000.gpkg")), b"").unwrap();
        }
        std::fs::write(dir.path().join("notes.txt"), b"").unwrap();
        prune(dir.path(), 2).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["notes.txt", "ward-20250104-000000.gpkg", "ward-20250105-000000.gpkg"]);
    }
}
