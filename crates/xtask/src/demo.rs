//! `cargo xtask demo`: the web app and the server are built, then this process becomes the server.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::repo::Repo;
use crate::{process, web};

/// Builds, then runs `diaban demo` with the given flags until it is stopped.
pub(crate) fn run(repo: &Repo, args: impl Iterator<Item = OsString>) -> Result<ExitCode> {
    web::install(repo)?;
    web::build(repo)?;
    let mut server = process::cargo(&repo.root);
    server.args(["run", "--package", "server", "--bin", "diaban", "--", "demo"]).args(args);
    server.stdin(std::process::Stdio::inherit());
    become_it(server)
}

/// Replaces this process, so that signals and the terminal belong to the server.
#[cfg(unix)]
fn become_it(mut server: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(anyhow::Error::new(server.exec()).context("cannot start cargo"))
}

#[cfg(not(unix))]
fn become_it(mut server: Command) -> Result<ExitCode> {
    let status = process::status(&mut server)?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
