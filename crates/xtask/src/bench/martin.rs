//! Martin, the tile server that a ward would run otherwise, over the private PostGIS.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::serving::Running;
use crate::postgres::{Postgres, free_port};
use crate::process::{ask, cargo, check, command};
use crate::repo::Repo;

/// Installs Martin under the target folder unless it is there. The first time this takes many minutes.
pub(super) fn install(repo: &Repo) -> Result<PathBuf> {
    let root = repo.target.join("tools");
    let program = root.join("bin/martin");
    if !program.exists() {
        let mut install = cargo(&repo.root);
        install.args([
            "install",
            "martin",
            "--locked",
            "--no-default-features",
            "--features",
            "postgres",
            "--root",
        ]);
        check(install.arg(&root)).context("Martin cannot be built")?;
    }
    Ok(program)
}

/// Its name with the version.
pub(super) fn version(repo: &Repo) -> String {
    let program = repo.target.join("tools/bin/martin");
    ask(command(program, &repo.root).arg("--version")).unwrap_or_default().trim().to_owned()
}

/// Starts it with so many MiB of cache; 0 keeps nothing.
pub(super) fn start(repo: &Repo, postgres: &Postgres, cache_mb: u64) -> Result<Running> {
    let home = repo.target.join("xtask/bench");
    let port = free_port()?;
    let config = home.join(format!("martin-{cache_mb}.yaml"));
    let text = include_str!("martin.yaml")
        .replace("{PORT}", &port.to_string())
        .replace("{CACHE}", &cache_mb.to_string())
        .replace("{DATABASE}", &postgres.url());
    std::fs::write(&config, text)?;
    let mut martin = command(install(repo)?, &home);
    martin.arg("--config").arg(&config).env("RUST_LOG", "warn");
    Running::start(&mut martin, port, "/catalog", &home.join(format!("martin-{cache_mb}.log")))
}
