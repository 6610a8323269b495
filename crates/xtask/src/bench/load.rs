//! Load by `wrk`, and what it saw.

use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::meter;
use crate::process::{ask, command};
use crate::repo::Repo;

/// One measurement of one side.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Load {
    /// Requests answered in a second.
    pub(super) rate: f64,
    /// Microseconds within which half of them were.
    pub(super) p50: f64,
    /// Microseconds within which all but one of a hundred were.
    pub(super) p99: f64,
    /// Bytes of an answer with its headers.
    pub(super) bytes: f64,
    /// Microseconds of processor time for a request, of all processes of the side.
    pub(super) cpu: f64,
    /// MiB afterwards.
    pub(super) memory: f64,
}

/// How one side is asked.
pub(super) struct Target<'a> {
    /// `http://host:port`.
    pub(super) base: &'a str,
    /// The roots of its processes.
    pub(super) roots: &'a [u32],
    /// A file with one path a line.
    pub(super) list: &'a Path,
    /// Accept-Encoding, `identity` for none.
    pub(super) encoding: &'a str,
}

/// Loads one side for some seconds over so many connections.
pub(super) fn run(repo: &Repo, target: &Target<'_>, connections: usize, seconds: u64) -> Result<Load> {
    let script = repo.target.join("xtask/bench/load.lua");
    std::fs::write(&script, include_str!("load.lua"))?;
    let threads = connections.min(2).to_string();
    let before = meter::cpu_seconds(target.roots);
    let mut wrk = command("wrk", &repo.target);
    wrk.args([
        "-t",
        &threads,
        "-c",
        &connections.to_string(),
        "-d",
        &format!("{seconds}s"),
        "--timeout",
        "30s",
    ]);
    wrk.arg("-s").arg(&script).arg(target.base).arg("--").arg(target.list).arg(target.encoding);
    let said = ask(&mut wrk).context("wrk failed")?;
    let cpu = meter::cpu_seconds(target.roots) - before;
    let line = said.lines().rev().find(|l| l.starts_with('{')).context("wrk said no result")?;
    let told: Value = serde_json::from_str(line)?;
    let of = |name: &str| told[name].as_f64().unwrap_or(0.0);
    if of("refused") + of("broken") > 0.0 || of("requests") < 1.0 {
        bail!("{} did not answer well: {line}", target.base);
    }
    Ok(Load {
        rate: of("requests") / of("microseconds") * 1e6,
        p50: of("p50"),
        p99: of("p99"),
        bytes: of("bytes") / of("requests"),
        cpu: cpu * 1e6 / of("requests"),
        memory: meter::memory_mib(target.roots),
    })
}

/// Each number's median.
pub(super) fn median(loads: &[Load]) -> Load {
    let of = |pick: fn(&Load) -> f64| middle(loads.iter().map(pick).collect());
    Load {
        rate: of(|l| l.rate),
        p50: of(|l| l.p50),
        p99: of(|l| l.p99),
        bytes: of(|l| l.bytes),
        cpu: of(|l| l.cpu),
        memory: of(|l| l.memory),
    }
}

/// The middle one; of an even number the mean of the two in the middle; 0 of none.
pub(super) fn middle(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let n = all.len();
    if n == 0 {
        return 0.0;
    }
    f64::midpoint(all[(n - 1) / 2], all[n / 2])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_list() {
        let of = |all: &[f64]| middle(all.to_vec()).to_string();
        assert_eq!([of(&[3.0, 1.0, 2.0]), of(&[4.0, 1.0]), of(&[])], ["2", "2.5", "0"]);
    }
}
