//! What the processes of one side cost, as the kernel tells it: time on the processor, and memory.

use std::collections::BTreeSet;
use std::fs;

/// Ticks of the kernel's clock in a second, the same on every Linux.
const TICKS: f64 = 100.0;

/// These processes and all below them.
fn family(roots: &[u32]) -> BTreeSet<u32> {
    let mut found = BTreeSet::new();
    let mut next: Vec<u32> = roots.to_vec();
    while let Some(pid) = next.pop() {
        if !found.insert(pid) {
            continue;
        }
        let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { continue };
        for task in tasks.flatten() {
            let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
            next.extend(children.split_whitespace().filter_map(|p| p.parse::<u32>().ok()));
        }
    }
    found
}

/// Seconds of processor time that they have used, with what they waited for.
pub(super) fn cpu_seconds(roots: &[u32]) -> f64 {
    family(roots).into_iter().map(|pid| ticks(pid) / TICKS).sum()
}

fn ticks(pid: u32) -> f64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    times(&stat).unwrap_or(0.0)
}

/// User and system time, own and of ended children: fields 14 to 17. The name before them may hold anything.
fn times(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(") ")?;
    let fields: Vec<f64> = rest.split(' ').skip(11).take(4).filter_map(|f| f.parse().ok()).collect();
    (fields.len() == 4).then(|| fields.iter().sum())
}

/// MiB of memory; what processes share is counted once where the kernel says so (PSS).
pub(super) fn memory_mib(roots: &[u32]) -> f64 {
    let kib = |pid: &u32| {
        let of = |file: &str, name: &str| {
            let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
            let line = text.lines().find(|l| l.starts_with(name))?;
            line.split_whitespace().nth(1)?.parse::<f64>().ok()
        };
        of("smaps_rollup", "Pss:").or_else(|| of("status", "VmRSS:")).unwrap_or(0.0)
    };
    family(roots).iter().map(kib).sum::<f64>() / 1024.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_stand_behind_a_name_with_anything_in_it() {
        let stat = "12 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 100 20 3 4 20 0 1 0 99";
        assert_eq!(times(stat), Some(127.0));
        assert_eq!(times("12 (x) S 1"), None);
    }

    #[test]
    fn this_process_has_memory_and_time() {
        let own = [std::process::id()];
        assert!(memory_mib(&own) > 1.0 && cpu_seconds(&own) >= 0.0);
    }
}
