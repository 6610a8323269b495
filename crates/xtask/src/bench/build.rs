//! What must be there before anything is measured: the optimised binaries and `wrk`.

use anyhow::{Context, Result};

use crate::process::{ask, check, command};
use crate::repo::Repo;

/// Builds what people run, and the server of ready bytes; the places with them.
pub(super) fn optimised(repo: &Repo) -> Result<Repo> {
    tool(repo, "wrk", "wrk")?;
    let mut cargo = crate::process::cargo(&repo.root);
    check(cargo.args(["build", "--release", "--package", "server", "--bins", "--example", "static_bytes"]))?;
    let home = repo.target.join("xtask/bench");
    std::fs::create_dir_all(&home).context("no folder for the bench")?;
    Ok(repo.optimised())
}

/// Installs a Debian package when its program is not there.
pub(super) fn tool(repo: &Repo, program: &str, package: &str) -> Result<()> {
    if ask(command("which", &repo.root).arg(program)).is_some() {
        return Ok(());
    }
    let mut install = command("apt-get", &repo.root);
    check(install.args(["install", "--yes", "--no-install-recommends", package]))
        .with_context(|| format!("{program} is needed: install the package {package}"))
}
