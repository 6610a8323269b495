//! `diaban backup`, `verify` and `redact`: keeping a site sound.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use model::LayerId;
use uuid::Uuid;

use super::{Data, FOUND, actor_name, now, print, shown};

/// Where to copy to.
#[derive(Debug, Args)]
pub(crate) struct BackupArgs {
    #[command(flatten)]
    data: Data,
    /// The copy; must not exist yet.
    #[arg(value_name = "OUT.gpkg")]
    out: Option<PathBuf>,
    /// The copy, named by a flag.
    #[arg(long, conflicts_with = "out", value_name = "OUT.gpkg")]
    to: Option<PathBuf>,
}

pub(crate) async fn backup(args: BackupArgs, json: bool) -> anyhow::Result<ExitCode> {
    let Some(out) = args.out.or(args.to) else {
        eprintln!("diaban: name the copy: diaban backup OUT.gpkg");
        return Ok(ExitCode::from(super::USAGE));
    };
    let store = args.data.open().await?;
    store.backup(&out).await.with_context(|| format!("cannot back up to {}", out.display()))?;
    store.close().await?;
    let sentence = format!("{} → {}", args.data.place()?, shown(&out));
    print(json, &serde_json::json!({"ok": true, "out": shown(&out)}), &sentence)?;
    Ok(ExitCode::SUCCESS)
}

/// What to check against.
#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    data: Data,
    /// The anchor file, when it lies elsewhere than beside the site.
    #[arg(long)]
    anchor: Option<PathBuf>,
}

pub(crate) async fn verify(args: VerifyArgs, json: bool) -> anyhow::Result<ExitCode> {
    let place = args.data.place()?;
    anyhow::ensure!(engine::Store::exists(&place).await?, "{place} does not exist");
    let report = engine::Store::verify_at(&place, args.anchor.as_deref()).await?;
    let mut sentence = format!("{} commits, head {}", report.commits, report.head);
    for problem in &report.problems {
        let at = problem.seq.map_or_else(String::new, |s| format!(" at commit {s}"));
        sentence.push_str(&format!("\n{}{at}: {}", problem.code, problem.detail));
    }
    for redaction in &report.redacted {
        let field = redaction.field.as_deref().unwrap_or("all");
        sentence.push_str(&format!(
            "\nredacted at commit {}: {} {} ({field})",
            redaction.seq, redaction.layer, redaction.id
        ));
    }
    sentence.push_str(if report.ok { "\nok" } else { "\nproblems were found" });
    print(json, &serde_json::to_value(&report)?, &sentence)?;
    Ok(if report.ok { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

/// What to erase.
#[derive(Debug, Args)]
pub(crate) struct RedactArgs {
    #[command(flatten)]
    data: Data,
    /// The layer.
    layer: String,
    /// The feature's id.
    id: Uuid,
    /// The field; without it the whole feature goes.
    #[arg(long)]
    field: Option<String>,
    /// Why. It is kept: name no person in it.
    #[arg(long)]
    reason: String,
}

pub(crate) async fn redact(args: RedactArgs, json: bool) -> anyhow::Result<ExitCode> {
    let Some(layer) = LayerId::new(&args.layer) else {
        eprintln!("diaban: {:?} is not a layer name", args.layer);
        return Ok(ExitCode::from(super::USAGE));
    };
    let store = args.data.open().await?;
    let done =
        store.redact(&layer, args.id, args.field.as_deref(), &args.reason, &actor_name(), now()?).await;
    store.close().await?;
    done?;
    let what = args.field.as_deref().unwrap_or("*");
    let sentence = format!("{} {} {what}: erased from the row and the log", args.layer, args.id);
    let value = serde_json::json!({"ok": true, "layer": args.layer, "id": args.id, "field": args.field});
    print(json, &value, &sentence)?;
    Ok(ExitCode::SUCCESS)
}
