//! `diaban export`: a layer, or the part of it that parameters select, as a file.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use engine::{Actor, Config, Engine, EngineError, Export, Format};
use model::{Lang, Role};

use super::{Data, actor_name, fixed_now, local_role};

/// What to write and where.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    data: Data,
    /// The layer.
    layer: String,
    /// geojson or csv.
    #[arg(long, default_value = "geojson", value_parser = format)]
    format: Format,
    /// Only what meets this box: west,south,east,north.
    #[arg(long, allow_hyphen_values = true)]
    bbox: Option<String>,
    /// Only what shares a point with this area: WKT POLYGON or MULTIPOLYGON, longitude latitude.
    #[arg(long, value_name = "WKT")]
    intersects: Option<String>,
    /// Only what has a location (true) or waits for one (false).
    #[arg(long)]
    located: Option<bool>,
    /// Only what stands in this time; a day is "as of".
    #[arg(long)]
    datetime: Option<String>,
    /// As the log knew it then: a day or an instant.
    #[arg(long)]
    recorded: Option<String>,
    /// Only features whose field fits: `state=found,fixed`, `found_on=2025-01-01/..`, `fine=100..500`, `address=~chợ`,
    /// `fixed_on=null:`, `found_at.hour=17,18`; may be repeated.
    #[arg(long = "match", value_name = "FIELD=VALUE")]
    matches: Vec<String>,
    /// As this role sees it: analyst or planner.
    #[arg(long = "as", default_value = "analyst", value_parser = local_role)]
    role: Role,
    /// The file; stdout otherwise.
    #[arg(long)]
    out: Option<PathBuf>,
}

fn format(name: &str) -> Result<Format, String> {
    Format::from_name(name).ok_or_else(|| "the formats are geojson and csv".to_owned())
}

pub(crate) async fn run(args: ExportArgs) -> anyhow::Result<ExitCode> {
    let mut params = Vec::new();
    for (name, value) in [
        ("bbox", &args.bbox),
        ("intersects", &args.intersects),
        ("located", &args.located.map(|yes| yes.to_string())),
        ("datetime", &args.datetime),
        ("recorded", &args.recorded),
    ] {
        params.extend(value.clone().map(|v| (name.to_owned(), v)));
    }
    for pair in &args.matches {
        let (field, value) = pair.split_once('=').context("give --match FIELD=VALUE")?;
        params.push((field.to_owned(), value.to_owned()));
    }
    let store = args.data.open().await?;
    let engine = Engine::open(store, Config { now: fixed_now()?, ..Config::default() }).await?;
    let actor = Actor { role: args.role, name: actor_name(), lang: Lang::Vi };
    let outcome = async {
        let query = engine.query(&actor, &args.layer, &params, &[])?;
        engine.export(&actor, &query, args.format).await
    };
    let export = match outcome.await {
        Ok(export) => export,
        Err(error @ EngineError::Faults(_)) => {
            engine.close().await?;
            eprintln!("diaban: {error}");
            return Ok(ExitCode::from(super::USAGE));
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(out) = &args.out {
        to_file(export, out, args.format).await?;
    } else {
        let mut stdout = std::io::stdout().lock();
        let mut pieces = export.pieces;
        while let Some(piece) = pieces.recv().await {
            stdout.write_all(&piece?)?;
        }
        stdout.flush()?;
    }
    engine.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Writes beside the target and renames, so that a half-written file never bears its name.
async fn to_file(mut export: Export, out: &Path, format: Format) -> anyhow::Result<()> {
    let part = with_suffix(out, ".part");
    let mut file =
        std::fs::File::create(&part).with_context(|| format!("cannot write {}", part.display()))?;
    while let Some(piece) = export.pieces.recv().await {
        file.write_all(&piece?)?;
    }
    file.sync_all()?;
    std::fs::rename(&part, out).with_context(|| format!("cannot write {}", out.display()))?;
    if format != Format::GeoJson {
        // GeoJSON carries its provenance inside; other formats have it beside them.
        let manifest = serde_json::to_string_pretty(&export.provenance)?;
        std::fs::write(with_suffix(out, ".manifest.json"), manifest)?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
