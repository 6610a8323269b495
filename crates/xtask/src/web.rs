//! The web app's packages and scripts, through npm.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::process::{check, command};
use crate::repo::Repo;

/// A copy of the lock file inside `node_modules` says what that folder was installed from.
const STAMP: &str = ".installed-from.json";

/// An npm command in `web/`.
pub(crate) fn npm(repo: &Repo, args: &[&str]) -> Command {
    let mut npm = command("npm", &repo.web);
    npm.args(args).env("CI", "true").env("NO_COLOR", "1");
    npm
}

/// `npm ci`, unless `node_modules` already is what the lock file says. Tells whether it had to.
/// What npm says goes to standard error, because the first line on standard output of the demo is its address.
pub(crate) fn install(repo: &Repo) -> Result<bool> {
    let lock = fs::read(repo.web.join("package-lock.json")).context("web/package-lock.json")?;
    let stamp = repo.web.join("node_modules").join(STAMP);
    if fresh(&stamp, &lock) {
        return Ok(false);
    }
    check(npm(repo, &["ci", "--no-audit", "--no-fund"]).stdout(std::io::stderr()))?;
    fs::write(&stamp, &lock).with_context(|| format!("cannot write {STAMP}"))?;
    Ok(true)
}

/// Builds `web/dist`, which the server carries in its binary.
pub(crate) fn build(repo: &Repo) -> Result<()> {
    check(npm(repo, &["run", "build"]).stdout(std::io::stderr()))
}

fn fresh(stamp: &Path, lock: &[u8]) -> bool {
    fs::read(stamp).is_ok_and(|installed| installed == lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_modules_are_fresh_only_when_the_lock_file_is_the_same() {
        let dir = std::env::temp_dir().join(format!("xtask-web-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let stamp = dir.join(STAMP);
        assert!(!fresh(&stamp, b"{}"), "nothing installed yet");
        fs::write(&stamp, b"{}").unwrap();
        assert!(fresh(&stamp, b"{}"));
        assert!(!fresh(&stamp, b"{ }"), "the lock file changed");
        fs::remove_dir_all(&dir).unwrap();
    }
}
