//! Who may use whom, and what a crate must never name.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use e2e::repo_root;
use serde_json::Value;

use super::source::Source;
use super::{assert_none, texts};

/// What a crate is allowed and refused. Names are identifiers in its code; dependencies are packages it is built with.
struct Rule {
    name: &'static str,
    /// Our own crates it may be built with.
    uses: &'static [&'static str],
    /// Other people's crates it must not be built with.
    without: &'static [&'static str],
    /// Identifiers that must not stand in its code.
    unnamed: &'static [&'static str],
    /// May it hold SQL?
    sql: bool,
    /// May it read a clock? (Patterns over tokens.)
    clock: bool,
}

const HTTP: [&str; 6] = ["axum", "http", "hyper", "hyper-util", "tower", "tower-http"];
const HTTP_NAMES: [&str; 6] = ["axum", "http", "hyper", "hyper_util", "tower_http", "StatusCode"];

const RULES: [Rule; 8] = [
    Rule {
        name: "model",
        uses: &[],
        without: &["tokio", "sqlx", "libsqlite3-sys", "moka", "rayon"],
        unnamed: &["tokio", "sqlx", "fs"],
        sql: false,
        clock: true,
    },
    Rule {
        name: "spatial",
        uses: &["model"],
        without: &["tokio", "sqlx", "libsqlite3-sys", "moka", "rand"],
        unnamed: &["tokio", "sqlx", "fs", "SystemTime"],
        sql: false,
        clock: false,
    },
    Rule {
        name: "store",
        uses: &["model", "spatial"],
        without: &["moka"],
        unnamed: &["moka"],
        sql: true,
        clock: true,
    },
    Rule {
        name: "demo",
        uses: &["model", "spatial"],
        without: &["tokio", "sqlx", "libsqlite3-sys", "rand"],
        unnamed: &["tokio", "sqlx", "SystemTime"],
        sql: false,
        clock: false,
    },
    Rule {
        name: "engine",
        uses: &["model", "spatial", "store"],
        without: &["sqlx", "libsqlite3-sys"],
        unnamed: &["sqlx"],
        sql: false,
        clock: true,
    },
    Rule {
        name: "server",
        uses: &["model", "engine", "demo"],
        without: &["sqlx", "libsqlite3-sys", "geo", "rstar", "proj4rs", "fast-mvt"],
        unnamed: &["sqlx"],
        sql: false,
        clock: true,
    },
    Rule { name: "xtask", uses: &[], without: &["tokio"], unnamed: &["tokio"], sql: false, clock: true },
    Rule { name: "e2e", uses: &[], without: &["tokio", "sqlx"], unnamed: &[], sql: true, clock: true },
];

impl Rule {
    /// HTTP belongs to the server; the tests are its client.
    fn http(&self) -> bool {
        matches!(self.name, "server" | "e2e")
    }

    fn offences_of_dependency(&self, name: &str, own: bool) -> Option<String> {
        let refused = self.without.contains(&name) || (!self.http() && HTTP.contains(&name));
        if own && !self.uses.contains(&name) {
            return Some(format!("{} is built with {name}, which is not below it", self.name));
        }
        refused.then(|| format!("{} is built with {name}", self.name))
    }

    fn offences_of_source(&self, source: &Source) -> Vec<String> {
        let refused =
            |name: &&str| self.unnamed.contains(name) || (!self.http() && HTTP_NAMES.contains(name));
        let mut offences: Vec<String> =
            source.names().filter(refused).map(|name| format!("names {name}")).collect();
        if !self.sql {
            let statements = source.strings.iter().filter(|text| is_sql(text));
            offences.extend(statements.map(|text| format!("holds SQL: {text}")));
        }
        if !self.clock && source.squeezed().contains("::now(") {
            offences.push("reads a clock".to_owned());
        }
        offences.dedup();
        offences
    }
}

/// A statement, not a sentence that happens to begin with a verb.
fn is_sql(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let has = |word: &str| words.iter().any(|w| w == word);
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["select", ..] => has("from") || words.len() == 2,
        ["update", ..] => has("set"),
        ["insert" | "replace", "into", ..]
        | ["delete", "from", ..]
        | ["create" | "alter" | "drop", "table" | "index" | "view" | "trigger", ..]
        | ["pragma" | "vacuum" | "savepoint", ..] => true,
        ["begin", second, ..] => matches!(*second, "immediate" | "exclusive" | "transaction"),
        ["with", _, "as", ..] => has("select"),
        _ => false,
    }
}

/// The packages of the workspace, each with what it is built with.
fn packages() -> BTreeMap<String, Vec<(String, bool)>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(repo_root())
        .output()
        .expect("cargo metadata");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    let mut packages = BTreeMap::new();
    for package in metadata["packages"].as_array().expect("packages") {
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        let built_with = dependencies.iter().filter(|dependency| dependency["kind"] != "dev");
        let named =
            built_with.map(|d| (d["name"].as_str().expect("a name").to_owned(), !d["path"].is_null()));
        packages.insert(package["name"].as_str().expect("a name").to_owned(), named.collect());
    }
    packages
}

#[test]
fn every_crate_has_a_rule() {
    let packages: Vec<String> = packages().into_keys().collect();
    let mut rules: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
    rules.sort_unstable();
    assert_eq!(packages, rules);
}

#[test]
fn crates_are_built_only_with_what_they_may_use() {
    let packages = packages();
    let mut offences = Vec::new();
    for rule in &RULES {
        let dependencies = packages.get(rule.name).into_iter().flatten();
        offences.extend(dependencies.filter_map(|(name, own)| rule.offences_of_dependency(name, *own)));
    }
    assert_none("an arrow of ARCHITECTURE.md is missing or points the wrong way", &offences);
}

#[test]
fn crates_do_not_name_what_they_must_not() {
    let mut offences = Vec::new();
    let mut seen = 0;
    for (file, text) in texts(&["rs"]) {
        let Some(rule) =
            RULES.iter().find(|rule| file.starts_with(Path::new("crates").join(rule.name).join("src")))
        else {
            continue;
        };
        if file.file_stem().is_some_and(|stem| stem == "tests") {
            continue;
        }
        seen += 1;
        let found = rule.offences_of_source(&Source::read(&text));
        offences.extend(found.into_iter().map(|offence| format!("{} {offence}", file.display())));
    }
    assert!(seen > 10, "only {seen} source files were looked at");
    assert_none("see the table in ARCHITECTURE.md", &offences);
}

#[test]
fn a_planted_offence_is_found() {
    let rule = |name: &str| RULES.iter().find(|rule| rule.name == name).expect("a rule");
    let offends = |name: &str, text: &str| !rule(name).offences_of_source(&Source::read(text)).is_empty();
    assert!(offends("model", "use std::{fs, io};"));
    assert!(offends("engine", "fn f() -> StatusCode { todo() }"));
    assert!(offends("engine", "query(\"  SELECT fid\n FROM units\")"));
    assert!(offends("server", "run(\"update units set code = ?1\")"));
    assert!(offends("spatial", "let t = Instant :: now();"));
    assert!(!offends(
        "engine",
        "// StatusCode\nlet s = \"update your browser\"; let u = \"http://a.example\";"
    ));
    assert!(!offends("store", "query(\"select 1 from units\")"));
    assert!(rule("model").offences_of_dependency("spatial", true).is_some());
    assert!(rule("store").offences_of_dependency("axum", false).is_some());
    assert!(rule("server").offences_of_dependency("axum", false).is_none());
}
