//! How files look: sizes, headers, names, and what must never be written in one.

use serde_json::Value;

use super::{assert_none, files, read, texts};

/// A file past this size is asking to be two.
const MOST_LINES: usize = 500;

/// What may stand at the top of the repository.
#[rustfmt::skip]
const TOP: [&str; 20] = [
    ".cargo", ".ci", ".gitattributes", ".gitignore", "ARCHITECTURE.md", "Cargo.lock", "Cargo.toml", "LICENSE-APACHE",
    "LICENSE-MIT", "README.md", "clippy.toml", "crates", "data", "deny.toml", "docs", "migrations", "rust-toolchain.toml",
    "rustfmt.toml", "tests", "web",
];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "common", "misc", "helpers", "manager"];

/// Folders of one person's machine. Written in pieces, so that this file passes its own test.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/")];

/// Beginnings of the host names package registries answer on.
const REGISTRY_HOSTS: [&str; 7] = ["registry.", "index.", "static.", "files.", "pypi.", "deb.", "npm."];

/// The one source Cargo.lock may name, as cargo itself spells it.
const CRATES_IO: &str = "\"registry+https://github.com/rust-lang/crates.io-index\"";

#[test]
fn every_rust_file_opens_by_saying_what_it_is() {
    let without: Vec<String> = texts(&["rs"])
        .into_iter()
        .filter(|(_, text)| !text.starts_with("//! "))
        .map(|(file, _)| file.display().to_string())
        .collect();
    assert_none("the first line is not `//! …`", &without);
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = texts(&["rs", "ts", "tsx", "css"])
        .into_iter()
        .filter(|(_, text)| text.lines().count() > MOST_LINES)
        .map(|(file, text)| format!("{}: {} lines", file.display(), text.lines().count()))
        .collect();
    assert_none("one file, one idea", &long);
}

#[test]
fn the_top_folder_holds_only_what_belongs_there() {
    let mut strangers: Vec<String> = files()
        .iter()
        .filter_map(|file| file.iter().next()?.to_str().map(str::to_owned))
        .filter(|entry| !TOP.contains(&entry.as_str()))
        .collect();
    strangers.dedup();
    assert_none("not in the list of this test", &strangers);
}

#[test]
fn names_say_something() {
    let nameless: Vec<String> = files()
        .iter()
        .filter(|file| {
            file.with_extension("").iter().any(|part| EMPTY_NAMES.iter().any(|name| part == *name))
        })
        .map(|file| file.display().to_string())
        .collect();
    assert_none("name it after what it does", &nameless);
}

#[test]
fn no_file_names_a_machine_or_a_registry() {
    let mut offences = Vec::new();
    for file in files() {
        // Pictures and fonts are no text.
        let Ok(text) = std::fs::read_to_string(e2e::repo_root().join(&file)) else { continue };
        for (number, line) in text.lines().enumerate() {
            offences.extend(offence(line).map(|found| format!("{}:{}: {found}", file.display(), number + 1)));
        }
    }
    assert_none("true on one machine only", &offences);
}

/// A machine's path, or an address on a registry's host.
fn offence(line: &str) -> Option<String> {
    if let Some(path) = MACHINE_PATHS.iter().find(|path| at_start_of_path(line, path)) {
        return Some((*path).to_owned());
    }
    let hosts = line.split("://").skip(1);
    hosts.filter(|host| REGISTRY_HOSTS.iter().any(|begin| host.starts_with(begin))).map(str::to_owned).next()
}

/// A path that begins here, not one that goes on: `api` before it would make it an address of ours.
fn at_start_of_path(line: &str, path: &str) -> bool {
    line.match_indices(path)
        .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || "._-}".contains(c)))
}

#[test]
fn a_planted_path_or_address_is_found() {
    assert!(offence(concat!("cd /ho", "me/me/diaban")).is_some());
    assert!(offence(concat!("\"path\": \"/wo", "rk/main\"")).is_some());
    assert!(offence(concat!("https:/", "/registry.example.org/x.tgz")).is_some());
    assert!(offence(concat!("https://maplibre.org and ./wo", "rk/ and 127.0.0.1/ho", "me/")).is_none());
}

#[test]
fn lock_files_name_no_address() {
    let lock = read("Cargo.lock".as_ref());
    let mut offences: Vec<String> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("source = "))
        .filter(|source| *source != CRATES_IO)
        .map(str::to_owned)
        .collect();
    assert!(lock.contains(CRATES_IO), "Cargo.lock names crates.io differently than expected");
    let lock: Value =
        serde_json::from_str(&read("web/package-lock.json".as_ref())).expect("package-lock.json");
    let packages = lock["packages"].as_object().expect("packages");
    assert!(packages.len() > 5, "package-lock.json locks next to nothing");
    offences.extend(
        packages.iter().filter(|(_, package)| !package["resolved"].is_null()).map(|(name, _)| name.clone()),
    );
    assert_none("a lock file that names where it was fetched from", &offences);
    // npm leaves the hash out of packages for other machines when it writes a lock beside a filled node_modules: make it
    // anew without that folder (`npm install --package-lock-only`).
    let without: Vec<String> = packages
        .iter()
        .filter(|(name, package)| !name.is_empty() && package["integrity"].is_null())
        .map(|(name, _)| name.clone())
        .collect();
    assert_none("a package that is locked without its hash", &without);
}
