//! `cargo xtask bench …`: how fast the product is, held against the limit of this machine and against other servers.
//!
//! Absolute times mean nothing on a shared machine. A row is always two sides measured in turns in one run; before that
//! their answers are compared.

mod build;
mod editing;
mod edits;
mod export;
mod fetch;
mod incidents;
mod items;
mod load;
mod martin;
mod meter;
mod mvt;
mod options;
mod places;
mod python;
mod report;
mod serving;
mod site;
mod soak;
mod tiles;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::repo::Repo;
use options::{Options, USAGE};
pub(crate) use soak::run as soak;

/// Measures one workload and prints.
pub(crate) fn run(repo: &Repo, args: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    let args: Vec<String> = args.map(|a| a.to_string_lossy().into_owned()).collect();
    let Some((workload, flags)) = args.split_first() else { bail!("{USAGE}") };
    if workload == "web" {
        return web::run(repo, flags);
    }
    let options = Options::read(flags)?;
    let measure = match workload.as_str() {
        "tiles" => tiles::measure,
        "items" => items::measure,
        "export" => export::measure,
        "edits" => edits::measure,
        _ => bail!("{USAGE}"),
    };
    let repo = build::optimised(repo)?;
    let report = measure(&repo, &options)?;
    report.publish(&repo, &options)?;
    Ok(ExitCode::SUCCESS)
}
