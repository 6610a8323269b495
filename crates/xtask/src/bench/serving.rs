//! Sides that are measured, and how they take turns.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::fetch::Client;
use super::load::{self, Load, Target};
use super::options::Options;
use crate::process::{check, command};
use crate::repo::Repo;

/// How long a server may take to answer.
const START: Duration = Duration::from_mins(1);

/// How long it may take to end.
const STOP: Duration = Duration::from_secs(10);

/// A server of somebody else; ended when dropped.
pub(super) struct Running {
    child: Child,
    /// `http://host:port`.
    pub(super) base: String,
}

impl Running {
    /// Starts a program that listens on `port`, and waits until it answers `path`.
    pub(super) fn start(program: &mut Command, port: u16, path: &str, log: &Path) -> Result<Running> {
        let log_file = fs::File::create(log)?;
        program.stdout(log_file.try_clone()?).stderr(log_file);
        let child = program.spawn().with_context(|| format!("cannot start {}", log.display()))?;
        let mut running = Running { child, base: format!("http://127.0.0.1:{port}") };
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if running.child.try_wait()?.is_some() {
                break;
            }
            if Client::open(&running.base).is_ok_and(|mut c| c.get(path, &[]).is_ok()) {
                return Ok(running);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        bail!("it does not answer:\n{}", fs::read_to_string(log).unwrap_or_default())
    }

    /// The process.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Asked first: one that is killed leaves its workers behind. All of this fails on a server that has ended.
        let pid = self.child.id().to_string();
        let _ = check(command("sh", Path::new("/")).args(["-c", "kill -TERM \"$0\"", &pid]));
        let deadline = Instant::now() + STOP;
        while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Ready answers in memory behind axum: for each path what `base` answers in this encoding.
pub(super) fn static_bytes(repo: &Repo, base: &str, paths: &[String], encoding: &str) -> Result<Running> {
    let file = repo.target.join(format!("xtask/bench/static-{encoding}.bin"));
    let mut client = Client::open(base)?;
    let mut pack = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    for path in paths.iter().filter(|path| seen.insert(path.as_str())) {
        let answer = client.get(path, &accepting(encoding))?;
        let coded = answer.header("content-encoding").unwrap_or("identity");
        pack.extend(format!("{path} {coded} {}\n", answer.body.len()).bytes());
        pack.extend(&answer.body);
    }
    fs::write(&file, pack)?;
    let mut program = Command::new(repo.binaries.join("examples/static_bytes"));
    program.arg(&file).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = program.spawn().context("cannot start static_bytes")?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().context("no standard output")?).read_line(&mut line)?;
    Ok(Running { child, base: line.trim().to_owned() })
}

/// The header that asks for an encoding.
pub(super) fn accepting(encoding: &str) -> Vec<(&str, &str)> {
    if encoding == "identity" { Vec::new() } else { vec![("Accept-Encoding", encoding)] }
}

/// A side in one workload.
pub(super) struct Side {
    /// Who.
    pub(super) name: String,
    /// `http://host:port`.
    pub(super) base: String,
    /// The roots of its processes.
    pub(super) roots: Vec<u32>,
    /// A file with what is asked, one path a line.
    pub(super) list: PathBuf,
}

impl Side {
    /// A side that is asked these paths.
    pub(super) fn new(repo: &Repo, name: &str, base: &str, roots: &[u32], paths: &[String]) -> Result<Side> {
        let list = repo.target.join(format!("xtask/bench/{}.list", name.replace(' ', "-")));
        fs::write(&list, paths.join("\n") + "\n")?;
        Ok(Side { name: name.to_owned(), base: base.to_owned(), roots: roots.to_vec(), list })
    }

    /// Asks every path of the list once, so that what can be kept is kept.
    pub(super) fn warm(&self, encoding: &str) -> Result<()> {
        let mut client = Client::open(&self.base)?;
        for path in fs::read_to_string(&self.list)?.lines() {
            client.get(path, &accepting(encoding))?;
        }
        Ok(())
    }
}

/// Measures the sides in turns, A B A B, and gives each one's medians.
pub(super) fn in_turns(
    repo: &Repo,
    options: &Options,
    sides: &[&Side],
    connections: usize,
    encoding: &str,
) -> Result<Vec<Load>> {
    let mut seen = vec![Vec::new(); sides.len()];
    for _ in 0..options.rounds {
        for (side, seen) in sides.iter().zip(&mut seen) {
            let target = Target { base: &side.base, roots: &side.roots, list: &side.list, encoding };
            let load = load::run(repo, &target, connections, options.seconds);
            seen.push(load.with_context(|| side.name.clone())?);
        }
    }
    Ok(seen.iter().map(|loads| load::median(loads)).collect())
}
