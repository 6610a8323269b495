//! The rules of the house, kept by tests: who may use whom, what a crate must never name, how files look.
//!
//! ARCHITECTURE.md says why. A rule is a row of a table here; [`source`] is the little that must be understood of Rust.

mod crates;
mod files;
mod source;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::repo_root;

/// Every file of the repository as git sees it: tracked, or new and not ignored. Paths are relative.
fn files() -> Vec<PathBuf> {
    let listing = Command::new("git")
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(repo_root())
        .output()
        .expect("git");
    assert!(listing.status.success(), "git: {}", String::from_utf8_lossy(&listing.stderr));
    let names = String::from_utf8(listing.stdout).expect("file names are UTF-8");
    let mut files: Vec<PathBuf> = names.split_terminator('\0').map(PathBuf::from).collect();
    files.retain(|file| repo_root().join(file).is_file());
    assert!(files.len() > 20, "git lists only {files:?}");
    files
}

/// The files with one of these endings, read.
fn texts(endings: &[&str]) -> Vec<(PathBuf, String)> {
    let wanted = |file: &PathBuf| {
        let ending = file.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        endings.contains(&ending)
    };
    files().into_iter().filter(wanted).map(|file| (file.clone(), read(&file))).collect()
}

fn read(file: &Path) -> String {
    fs::read_to_string(repo_root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// Fails with everything that breaks a rule, not with the first.
#[track_caller]
fn assert_none(rule: &str, offences: &[String]) {
    assert!(offences.is_empty(), "{rule}:\n  {}", offences.join("\n  "));
}
