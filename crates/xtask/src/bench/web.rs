//! `cargo xtask bench web`: how long the page takes to be of use on the demo ward, how much it transfers, and how fast
//! the panel answers a filter over many incidents. Chromium measures, in `web/bench/web.mjs`.

use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::incidents;
use super::options::USAGE;
use crate::browser::{CHROMIUM, Server, diaban};
use crate::process::{check, command};
use crate::repo::Repo;
use crate::web;

/// Incidents unless told otherwise: the size M.
const MANY: usize = 200_000;
/// The box of the demo ward's heart.
const BOX: [f64; 4] = [103.885, 21.315, 103.925, 21.345];

/// Measures and prints. The web app and the optimised binary, which is what people run, are built first.
pub(super) fn run(repo: &Repo, args: &[String]) -> Result<ExitCode> {
    let (mut count, mut seed) = (MANY, 1);
    let mut rest = args.iter().map(String::as_str);
    while let Some(flag) = rest.next() {
        let number: u64 = rest.next().and_then(|n| n.parse().ok()).context(USAGE)?;
        match flag {
            "--incidents" => count = number as usize,
            "--seed" => seed = number,
            _ => bail!("{USAGE}"),
        }
    }
    if !Path::new(CHROMIUM).exists() {
        bail!("chromium is not installed");
    }
    web::install(repo)?;
    web::build(repo)?;
    check(crate::process::cargo(&repo.root).args(["build", "--release", "--package", "server"]))?;
    let repo = &repo.optimised();
    let home = repo.target.join("xtask/bench-web");
    if home.exists() {
        fs::remove_dir_all(&home).context("cannot remove the last run's sites")?;
    }
    fs::create_dir_all(&home)?;
    check(diaban(repo, &home).args(["demo", "--data", "demo.gpkg", "--seed", "1", "--no-serve"]))?;
    fs::copy(home.join("demo.gpkg"), home.join("many.gpkg"))?;
    fs::write(home.join("incidents.csv"), incidents::csv(count, seed, BOX))?;
    let begin = Instant::now();
    let import = ["import", "incidents", "incidents.csv", "--data", "many.gpkg", "--key", "ref"];
    check(diaban(repo, &home).args(import))?;
    println!("import of {count} incidents: {:.1} s", begin.elapsed().as_secs_f64());

    for (data, what) in [("demo.gpkg", "open"), ("many.gpkg", "filter")] {
        let server = Server::start(repo, &home, data, "analyst")?;
        let mut node = command("node", &repo.web);
        node.args(["bench/web.mjs", what]).env("DIABAN_URL", &server.url);
        let outcome = check(&mut node);
        server.stop()?;
        outcome?;
    }
    Ok(ExitCode::SUCCESS)
}
