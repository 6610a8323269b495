//! The subcommands, one file each, and what they share: where the site lies, who acts, how results are printed.

mod data;
mod demo;
mod export;
mod import;
mod keep;
mod limits;
mod serve;
mod tiles;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use engine::EngineError;
use jiff::Timestamp;
use model::Role;

pub(crate) use data::Data;

/// Exit code of a wrong use.
pub(crate) const USAGE: u8 = 2;
/// Exit code when problems were found in data.
pub(crate) const FOUND: u8 = 3;

/// Địa Bàn: a living map of a ward's order.
#[derive(Debug, Parser)]
#[command(name = "diaban", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
    /// Print results as JSON.
    #[arg(long, global = true)]
    json: bool,
    /// What is logged to stderr, for instance `debug` or `warn,server=info`.
    #[arg(long, global = true, env = "DIABAN_LOG", default_value = "warn", hide_env_values = true)]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the fictional demo ward and serve it.
    Demo(demo::DemoArgs),
    /// Serve a site on this machine.
    Serve(serve::ServeArgs),
    /// Bring files into a layer, all or nothing, with a receipt.
    Import(import::ImportArgs),
    /// Write a layer as a file.
    Export(export::ExportArgs),
    /// Draw layers into one file of vector tiles (PMTiles).
    Tiles(tiles::TilesArgs),
    /// Copy the site while it is in use.
    Backup(keep::BackupArgs),
    /// Check the log, the rows and the anchor.
    Verify(keep::VerifyArgs),
    /// Erase a text for good, from the row and from the log.
    Redact(keep::RedactArgs),
}

/// Runs one command.
pub(crate) async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    server::telemetry(&cli.log)?;
    match cli.command {
        Command::Demo(args) => demo::run(args, cli.json).await,
        Command::Serve(args) => serve::run(args).await,
        Command::Import(args) => import::run(args, cli.json).await,
        Command::Export(args) => export::run(args).await,
        Command::Tiles(args) => tiles::run(args, cli.json).await,
        Command::Backup(args) => keep::backup(args, cli.json).await,
        Command::Verify(args) => keep::verify(args, cli.json).await,
        Command::Redact(args) => keep::redact(args, cli.json).await,
    }
}

/// The name under which this user's acts stand in the log.
pub(crate) fn actor_name() -> String {
    let user = ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|v| std::env::var(v).ok());
    format!("local:{}", user.filter(|u| !u.is_empty()).unwrap_or_else(|| "unknown".to_owned()))
}

/// The fixed "now" of `DIABAN_NOW`, an instant or a day (its noon in the site's zone).
pub(crate) fn fixed_now() -> anyhow::Result<Option<Timestamp>> {
    let Ok(text) = std::env::var("DIABAN_NOW") else { return Ok(None) };
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && text.len() == 10
    {
        return Ok(Some(Timestamp::from_second(model::day_start(day) + 12 * 3600)?));
    }
    let now =
        text.parse().with_context(|| format!("DIABAN_NOW: {text:?} is neither a day nor an instant"))?;
    Ok(Some(now))
}

/// Now, or the fixed one.
pub(crate) fn now() -> anyhow::Result<Timestamp> {
    Ok(fixed_now()?.unwrap_or_else(Timestamp::now))
}

/// Reads `--as`: the two roles that are real until accounts exist.
pub(crate) fn local_role(text: &str) -> Result<Role, String> {
    match text.parse() {
        Ok(role @ (Role::Analyst | Role::Planner)) => Ok(role),
        _ => Err("the roles are analyst and planner, until accounts exist".to_owned()),
    }
}

/// Prints a result: JSON for machines, the sentence for people.
pub(crate) fn print(json: bool, value: &serde_json::Value, sentence: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{value}")?;
    } else {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}

/// Says on stderr what is wrong: code, place, and a sentence in both languages.
pub(crate) fn tell_faults(error: &EngineError) {
    for fault in error.faults() {
        let place = if fault.place.is_empty() { String::new() } else { format!(" {}", fault.place) };
        eprintln!("diaban: {}{place}: {} — {}", fault.code.as_str(), fault.detail.vi, fault.detail.en);
    }
}

/// A path for people.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}
