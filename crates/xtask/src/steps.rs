//! `cargo xtask test`: the list of checks, run one after the other, and the count at the end.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::postgres::{Postgres, Purpose};
use crate::process::{cargo, check, command, status, tee};
use crate::repo::Repo;
use crate::tally::Tally;
use crate::{browser, deps, results, web};

/// One line of the list. A step is done only when the steps it needs held.
struct Step {
    title: &'static str,
    needs: &'static [&'static str],
    work: fn(&Repo) -> Result<Tally>,
}

const PACKAGES: &str = "web packages";
const WEB_BUILD: &str = "web build";
const RUST_BUILD: &str = "rust build";

#[rustfmt::skip]
const STEPS: [Step; 14] = [
    Step { title: "system packages",      needs: &[],                      work: |repo| prepare(deps::debian(repo)) },
    Step { title: "python tools",         needs: &[],                      work: |repo| prepare(deps::python_tools(repo)) },
    Step { title: PACKAGES,               needs: &[],                      work: |repo| prepare(web::install(repo).map(drop)) },
    Step { title: "web types",            needs: &[PACKAGES],              work: |repo| npm_script(repo, "check") },
    Step { title: "web lint",             needs: &[PACKAGES],              work: |repo| npm_script(repo, "lint") },
    Step { title: "web unit tests",       needs: &[PACKAGES],              work: web_tests },
    Step { title: WEB_BUILD,              needs: &[PACKAGES],              work: |repo| npm_script(repo, "build") },
    Step { title: "rust format",          needs: &[],                      work: |repo| cargo_check(repo, &["fmt", "--all", "--check"]) },
    Step { title: "rust lint",            needs: &[],                      work: lint },
    Step { title: "rust dependencies",    needs: &[],                      work: deny },
    Step { title: RUST_BUILD,             needs: &[],                      work: |repo| prepare(rust_build(repo)) },
    Step { title: "rust tests",           needs: &[RUST_BUILD],            work: rust_tests },
    Step { title: "store on PostGIS",     needs: &[RUST_BUILD],            work: postgis_tests },
    Step { title: "browser tests",        needs: &[WEB_BUILD, RUST_BUILD], work: browser::run },
];

/// Runs every step and ends with `N passed, N failed, N skipped`.
pub(crate) fn run(repo: &Repo) -> ExitCode {
    let begin = Instant::now();
    let mut total = Tally::default();
    let mut lines = Vec::new();
    let mut held = BTreeMap::new();
    for (index, step) in STEPS.iter().enumerate() {
        println!("\n[{}/{}] {}", index + 1, STEPS.len(), step.title);
        let start = Instant::now();
        let tally = match step.needs.iter().find(|need| !held.get(*need).copied().unwrap_or(false)) {
            Some(need) => Tally::skip(step.title, &format!("{need} did not succeed")),
            None => (step.work)(repo).unwrap_or_else(|error| {
                println!("{error:#}");
                Tally::check(false)
            }),
        };
        held.insert(step.title, tally.failed == 0);
        let took = seconds(start.elapsed());
        println!("[{}/{}] {}: {tally} ({took})", index + 1, STEPS.len(), step.title);
        lines.push(format!("{:<18} {took:>9}  {tally}", step.title));
        total.add(tally);
    }
    println!("\n{}\n{:<18} {:>9}\n", lines.join("\n"), "together", seconds(begin.elapsed()));
    for skip in &total.skips {
        println!("{skip}");
    }
    println!("{total}");
    if total.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A preparation counts only when it fails.
fn prepare(outcome: Result<()>) -> Result<Tally> {
    outcome.map(|()| Tally::default())
}

fn cargo_check(repo: &Repo, args: &[&str]) -> Result<Tally> {
    Ok(Tally::check(status(cargo(&repo.root).args(args))?.success()))
}

fn npm_script(repo: &Repo, script: &str) -> Result<Tally> {
    Ok(Tally::check(status(&mut web::npm(repo, &["run", script]))?.success()))
}

fn lint(repo: &Repo) -> Result<Tally> {
    cargo_check(repo, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// Advisories are left out: they need a database from outside, and a check must not change its mind overnight.
fn deny(repo: &Repo) -> Result<Tally> {
    let Ok(program) = deps::cargo_deny(repo) else {
        return Ok(Tally::skip("rust dependencies", "cargo-deny is not installed and could not be"));
    };
    let mut deny = command(program, &repo.root);
    deny.args(["--workspace", "check", "licenses", "bans", "sources"]);
    Ok(Tally::check(status(&mut deny)?.success()))
}

fn web_tests(repo: &Repo) -> Result<Tally> {
    let report = scratch(repo, "vitest.json")?;
    let mut npm = web::npm(repo, &["run", "test", "--", "--reporter=default", "--reporter=json"]);
    npm.arg(format!("--outputFile.json={}", report.display()));
    let success = status(&mut npm)?.success();
    let text = fs::read_to_string(&report).context("vitest wrote no report")?;
    Ok(results::vitest::read(&text)?.with_exit(success))
}

/// All that the tests are made of, in one build: the end-to-end tests start `diaban`, which a test build alone leaves out.
fn rust_build(repo: &Repo) -> Result<()> {
    check(cargo(&repo.root).args(["build", "--workspace", "--all-targets"]))
}

fn rust_tests(repo: &Repo) -> Result<Tally> {
    let skips = scratch(repo, "skips.txt")?;
    let mut tests = cargo(&repo.root);
    tests.args(["test", "--workspace", "--no-fail-fast"]).env("DIABAN_SKIPS", &skips);
    // What is particular to a server is asked where there is one: in the next step.
    tests.args(["--", "--skip", "on_a_server::"]).env("DIABAN_TEST_STORE", "gpkg");
    let (exit, output) = tee(&mut tests)?;
    let mut tally = results::cargo::read(&output).with_exit(exit.success());
    tally.move_skipped(&fs::read_to_string(&skips).unwrap_or_default());
    Ok(tally)
}

/// The contract of the store once more, in a PostgreSQL of our own. What is particular to a file is left out.
fn postgis_tests(repo: &Repo) -> Result<Tally> {
    let postgres = match Postgres::start(repo, Purpose::Tests) {
        Ok(postgres) => postgres,
        Err(error) => return Ok(Tally::skip("store on PostGIS", &format!("{error:#}"))),
    };
    let mut tests = cargo(&repo.root);
    tests.args(["test", "--package", "store", "--test", "contract", "--no-fail-fast", "--"]);
    tests.args(["--skip", "on_a_file::", "--skip", "backup::", "--skip", "validator::"]);
    tests.env("DIABAN_TEST_STORE", "postgis").env("DIABAN_TEST_DATABASE_URL", postgres.url());
    let (exit, output) = tee(&mut tests)?;
    Ok(results::cargo::read(&output).with_exit(exit.success()))
}

/// A file in the target folder that does not exist yet.
pub(crate) fn scratch(repo: &Repo, name: &str) -> Result<PathBuf> {
    let dir = repo.target.join("xtask");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let file = dir.join(name);
    match fs::remove_file(&file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).context("cannot remove an old report")
        }
        _ => Ok(file),
    }
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{:.1} s", time.as_secs_f64()),
        s => format!("{} min {:02} s", s / 60, s % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_needs_only_steps_before_it() {
        for (index, step) in STEPS.iter().enumerate() {
            for need in step.needs {
                assert!(
                    STEPS[..index].iter().any(|before| before.title == *need),
                    "{} needs {need}",
                    step.title
                );
            }
        }
    }

    #[test]
    fn durations_are_readable() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(425)), "7 min 05 s");
    }
}
