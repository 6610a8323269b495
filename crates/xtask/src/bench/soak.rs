//! `cargo xtask soak tiles`: edits without end while many read tiles and listen. No tile is old after its event, no
//! request fails, memory stays flat, and readers hardly notice.

use std::collections::HashMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::editing::{Edited, features, moment, write};
use super::edits::copy;
use super::fetch::Client;
use super::options::{Options, Size};
use super::places::{choose, place};
use super::site::Site;
use super::{build, meter, mvt};
use crate::repo::Repo;

const USAGE: &str = "cargo xtask soak tiles [--minutes N]";
const READERS: usize = 64;
/// Requests of all readers in a second, so many that a quiet server answers with ease.
const READS: u32 = 1_000;
const WRITERS: usize = 8;
/// Edits of all writers in a second.
const EDITS: u32 = 200;
const EACH: usize = 25;
const LISTENERS: usize = 4;
/// Memory for tiles, little enough to be full before memory is compared: tiles of before an edit stay in it until
/// others need the room.
const CACHE_MB: &str = "32";
/// The zoom of the tiles that are looked at after an event.
const LOOKED_AT: u8 = 16;
/// How much slower a read may be while there are edits, at the 99th percentile.
const SLOWER: f64 = 1.5;

/// What listeners found.
#[derive(Default)]
struct Seen {
    events: AtomicU64,
    stale: AtomicU64,
}

/// Runs, prints the verdict; a failure when one of the promises broke.
pub(crate) fn run(repo: &Repo, args: &[String]) -> Result<ExitCode> {
    let minutes: u64 = match args {
        [what] if what == "tiles" => 10,
        [what, flag, n] if what == "tiles" && flag == "--minutes" => n.parse().context(USAGE)?,
        _ => bail!("{USAGE}"),
    };
    let repo = build::optimised(repo)?;
    let options = Options::read(&[])?;
    let site = copy(Site::make(&repo, &options, Size::M)?)?;
    let server = site.serve(&repo, &["--tile-cache-mb", CACHE_MB], "soak")?;
    let paths: Vec<String> = choose(&site.points()?, &[13, 14, 15], 500, options.seed)
        .into_iter()
        .map(|(z, x, y)| format!("/tiles/incidents/{z}/{x}/{y}"))
        .collect();
    let edited = features(&server.url, WRITERS * EACH)?;
    let time = Duration::from_secs(minutes.max(1) * 60);
    // Once, so that both phases find the same tiles kept.
    read(&server.url, &paths, Duration::from_secs(3))?;
    let quiet = p99(read(&server.url, &paths, time / 5)?);
    println!("quiet: p99 of reads {quiet:.2} ms");
    let (seen, over) = (Seen::default(), AtomicBool::new(false));
    let (base, roots) = (server.url.as_str(), [server.pid()]);
    let (busy, edits, memory) = thread::scope(|scope| -> Result<_> {
        let listeners: Vec<_> = (0..LISTENERS)
            .map(|n| {
                let (seen, edited, over) = (&seen, &edited, &over);
                scope.spawn(move || listen(base, edited, n, seen, over))
            })
            .collect();
        // They must hear the first edit.
        thread::sleep(Duration::from_secs(1));
        let pace = Duration::from_secs(1) * WRITERS as u32 / EDITS;
        let writers: Vec<_> = edited
            .chunks(EACH)
            .map(|mine| scope.spawn(move || write(base, mine, time, Some(pace))))
            .collect();
        let watch = scope.spawn(|| {
            let mut memory = Vec::new();
            while !over.load(Ordering::Relaxed) {
                memory.push(meter::memory_mib(&roots));
                thread::sleep(Duration::from_secs(1));
            }
            memory
        });
        let busy = read(base, &paths, time);
        let written: Vec<_> = writers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        thread::sleep(Duration::from_secs(1));
        over.store(true, Ordering::Relaxed);
        let heard: Vec<_> = listeners.into_iter().map(thread::ScopedJoinHandle::join).collect();
        let mut edits = 0;
        for outcome in written {
            edits += outcome.ok().context("a writer broke")??.len();
        }
        for outcome in heard {
            outcome.ok().context("a listener broke")??;
        }
        Ok((p99(busy?), edits, watch.join().unwrap_or_default()))
    })?;
    server.stop()?;
    Ok(verdict((quiet, busy), (edits, time), &seen, &memory))
}

fn verdict(
    (quiet, busy): (f64, f64),
    (edits, time): (usize, Duration),
    seen: &Seen,
    memory: &[f64],
) -> ExitCode {
    let rate = edits as f64 / time.as_secs_f64();
    let (events, stale) = (seen.events.load(Ordering::Relaxed), seen.stale.load(Ordering::Relaxed));
    let quarter = memory.len() / 4;
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len().max(1) as f64;
    let (early, late) = (mean(&memory[quarter..2 * quarter]), mean(&memory[3 * quarter..]));
    let checks = [
        (format!("{edits} edits, {events} events looked at, {stale} tiles old after their event"), {
            stale == 0 && events > 0 && events as usize * 10 >= edits * 9
        }),
        (format!("{rate:.0} edits a second, {EDITS} were asked for"), rate >= 0.9 * f64::from(EDITS)),
        ("no request failed: one would have ended this".to_owned(), true),
        (
            format!("memory {early:.1} MiB in the second quarter, {late:.1} in the last"),
            late < early * 1.1 + 8.0,
        ),
        (format!("p99 of reads {busy:.2} ms, {quiet:.2} when quiet: {:.2}×", busy / quiet), {
            busy <= quiet * SLOWER
        }),
    ];
    for (text, good) in &checks {
        println!("{} {text}", if *good { "ok    " } else { "FAILED" });
    }
    if checks.iter().all(|(_, good)| *good) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Reads tiles at the fixed pace; how long each took from the moment it was due, in milliseconds.
fn read(base: &str, paths: &[String], time: Duration) -> Result<Vec<f64>> {
    let pace = Duration::from_secs(1) * READERS as u32 / READS;
    thread::scope(|scope| {
        let reader = |n: usize| {
            scope.spawn(move || -> Result<Vec<f64>> {
                let mut client = Client::open(base)?;
                let begin = Instant::now() + pace * n as u32 / READERS as u32;
                let mut took = Vec::new();
                for (k, path) in paths.iter().cycle().skip(n * 7).enumerate() {
                    let due = begin + pace * k as u32;
                    if due.saturating_duration_since(begin) >= time {
                        break;
                    }
                    thread::sleep(due.saturating_duration_since(Instant::now()));
                    client.get(path, &[])?;
                    took.push(due.elapsed().as_secs_f64() * 1e3);
                }
                Ok(took)
            })
        };
        let readers: Vec<_> = (0..READERS).map(reader).collect();
        let mut all = Vec::new();
        for reader in readers {
            all.extend(reader.join().ok().context("a reader broke")??);
        }
        Ok(all)
    })
}

fn p99(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all.get(all.len() * 99 / 100).copied().unwrap_or(0.0)
}

/// Follows the events and looks at the tile each names. The n-th event of a feature tells its n-th edit, so the tile
/// must show that one or a later one. The listeners share the looking.
fn listen(base: &str, edited: &[Edited], own: usize, seen: &Seen, over: &AtomicBool) -> Result<()> {
    let (mut live, mut client) = (Client::open(base)?, Client::open(base)?);
    let places: HashMap<&str, (f64, f64)> = edited.iter().map(|e| (e.id.as_str(), e.at)).collect();
    let mut counts: HashMap<String, u64> = HashMap::new();
    live.begin("/live", &[("Accept", "text/event-stream")], Duration::from_millis(500))?;
    let mut number = 0;
    while !over.load(Ordering::Relaxed) {
        let Some(line) = live.line_in_time()? else { continue };
        let Some(data) = line.strip_prefix("data:") else { continue };
        let event: Value = serde_json::from_str(data.trim()).context("an event that is not JSON")?;
        let Some(id) = event["id"].as_str() else { continue };
        let Some(&at) = places.get(id) else { continue };
        let count = counts.entry(id.to_owned()).or_default();
        *count += 1;
        number += 1;
        if number % LISTENERS != own {
            continue;
        }
        let (z, x, y) = place(LOOKED_AT, at);
        let named = event["tiles"][z.to_string()].as_array().is_some_and(|ranges| {
            let n = |range: &Value, i: usize| range[i].as_u64().unwrap_or(u64::MAX) as u32;
            ranges.iter().any(|r| (n(r, 0)..=n(r, 2)).contains(&x) && (n(r, 1)..=n(r, 3)).contains(&y))
        });
        let tile = client.get(&format!("/tiles/incidents/{z}/{x}/{y}"), &[])?.body;
        let shown = mvt::text_of(&tile, id, "occurred_from").unwrap_or_default();
        seen.events.fetch_add(1, Ordering::Relaxed);
        if !named || shown < moment(*count) {
            println!("old: {z}/{x}/{y} shows {shown:?}, event {count} of {id} came, named: {named}");
            seen.stale.fetch_add(1, Ordering::Relaxed);
        }
    }
    Ok(())
}
