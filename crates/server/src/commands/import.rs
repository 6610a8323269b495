//! `diaban import`: files into a layer, with a receipt.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use engine::{ImportError, ImportOptions, MappingChoice, Receipt, Store};
use model::LayerId;

use super::{Data, FOUND, actor_name, now, print};

/// What to read and how.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    data: Data,
    /// The layer.
    #[arg(required_unless_present = "undo")]
    layer: Option<String>,
    /// GeoJSON, GeoJSONSeq, JSON array or CSV (UTF-8).
    #[arg(required_unless_present = "undo")]
    files: Vec<PathBuf>,
    /// Undo the import of this batch (it stands in the receipt) instead, in one commit.
    #[arg(long, value_name = "BATCH", conflicts_with_all = ["layer", "files"])]
    undo: Option<String>,
    /// A mapping's name, or a mapping file; chosen by the file's header otherwise.
    #[arg(long)]
    mapping: Option<String>,
    /// Fill a field from a column; may be repeated.
    #[arg(long = "map", value_name = "FIELD=COLUMN", value_parser = pair)]
    map: Vec<(String, String)>,
    /// The column that identifies a record.
    #[arg(long, value_name = "COLUMN")]
    key: Option<String>,
    /// Coordinate reference system of the coordinates, for instance EPSG:9206.
    #[arg(long, value_name = "EPSG:n")]
    crs: Option<String>,
    /// A layer inside the file, for formats that hold several.
    #[arg(long, value_name = "NAME")]
    source_layer: Option<String>,
    /// Make a layer of this name from the file.
    #[arg(long)]
    new_layer: bool,
    /// Check everything, store nothing.
    #[arg(long)]
    dry_run: bool,
    /// Store nothing when any row is rejected.
    #[arg(long)]
    strict: bool,
    /// Write rejected rows to this CSV file.
    #[arg(long, value_name = "FILE.csv")]
    rejects: Option<PathBuf>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (field, column) = text.split_once('=').ok_or("give FIELD=COLUMN")?;
    Ok((field.trim().to_owned(), column.trim().to_owned()))
}

pub(crate) async fn run(args: ImportArgs, json: bool) -> anyhow::Result<ExitCode> {
    if let Some(batch) = args.undo {
        return undo(&args.data, batch, json).await;
    }
    let name = args.layer.unwrap_or_default();
    let Some(layer) = LayerId::new(&name) else {
        eprintln!("diaban: {name:?} is not a layer name: [a-z][a-z0-9_]{{0,62}}");
        return Ok(ExitCode::from(super::USAGE));
    };
    let mapping = match args.mapping {
        None => MappingChoice::Auto,
        Some(m) if std::path::Path::new(&m).extension().is_some() => MappingChoice::File(m.into()),
        Some(m) => MappingChoice::Named(m),
    };
    let options = ImportOptions {
        layer,
        files: args.files.iter().map(|f| engine::ImportFile::at(f)).collect(),
        mapping,
        map: args.map,
        key: args.key,
        crs: args.crs,
        source_layer: args.source_layer,
        new_layer: args.new_layer,
        dry_run: args.dry_run,
        strict: args.strict,
        rejects: args.rejects,
        actor: actor_name(),
        role: None,
        idempotency_key: None,
        at: now()?,
    };
    let (store, existed) = args.data.open_or_create().await?;
    let outcome = engine::import(&store, &options).await;
    store.close().await?;
    if !existed && (outcome.is_err() || options.dry_run) {
        // A refused first import leaves nothing behind.
        Store::discard(args.data.place()?).await?;
    }
    match outcome {
        Ok(receipt) => {
            print(json, &serde_json::to_value(&receipt)?, &sentence(&receipt))?;
            Ok(if receipt.rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
        }
        Err(error) => {
            if json {
                print(true, &error.to_json(), "")?;
            }
            if let ImportError::Rejected(receipt) = &error {
                eprintln!("{}", sentence(receipt));
            }
            eprintln!("diaban: {error}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Undoes an import; what was changed since keeps it, and is named.
async fn undo(data: &Data, batch: String, json: bool) -> anyhow::Result<ExitCode> {
    let store = data.open().await?;
    let outcome = engine::undo_import(&store, &batch, &actor_name(), now()?).await;
    store.close().await?;
    match outcome {
        Ok(done) => {
            let told = serde_json::json!({
                "batch": batch, "layer": done.layer, "removed": done.removed, "restored": done.restored,
            });
            let sentence = format!("{}: removed {}, put back {}", done.layer, done.removed, done.restored);
            print(json, &told, &sentence)?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            if json {
                print(true, &ImportError::Faults(error.faults().to_vec()).to_json(), "")?;
            }
            eprintln!("diaban: {error}");
            Ok(ExitCode::FAILURE)
        }
    }
}

/// Rejected rows that are told to people; the receipt has all.
const SHOWN: usize = 20;

fn sentence(r: &Receipt) -> String {
    let mut text = format!(
        "{}: read {}, stored {}, updated {}, unchanged {}, waiting for location {}, rejected {}",
        r.layer, r.read, r.stored, r.updated, r.unchanged, r.waiting_for_location, r.rejected
    );
    if let Some(mapping) = &r.mapping {
        text.push_str(&format!(" (mapping {mapping})"));
    }
    for reject in r.rejects.iter().take(SHOWN) {
        text.push_str(&format!(
            "\n  {} row {}: {}: {} — {}",
            reject.file, reject.row, reject.code, reject.detail.vi, reject.detail.en
        ));
    }
    if r.rejects.len() > SHOWN {
        text.push_str(&format!("\n  … and {} more", r.rejects.len() - SHOWN));
    }
    text
}
