//! Edits: durable, logged and shown; by one writer and by eight, in a small site and in a great one.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::editing::{Edited, features, write};
use super::load::middle;
use super::options::{Options, Size};
use super::report::Report;
use super::site::Site;
use crate::browser::Server;
use crate::repo::Repo;

/// Writers at once.
const WRITERS: usize = 8;
/// Features of each writer.
const EACH: usize = 4;

/// Measures and reports.
pub(super) fn measure(repo: &Repo, options: &Options) -> Result<Report> {
    let mut report = Report::new("edits");
    report.plain_table("Edits over HTTP, answered when durable, logged and shown");
    let disk = fsync_ms(&repo.target.join("xtask/bench"))?;
    report.fact("fsync of 4 kB on this disk", &format!("{disk:.2} ms"));
    let mut alone = Vec::new();
    let sizes: &[Size] =
        if options.size == Size::L { &[Size::S, Size::M, Size::L] } else { &[Size::S, Size::M] };
    for &size in sizes {
        let site = copy(Site::make(repo, options, size)?)?;
        let server = site.serve(repo, &[], "edits")?;
        let mine = features(&server.url, WRITERS * EACH)?;
        let (mut one, mut many, mut times) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..options.rounds {
            let took = together(&server, &mine[..EACH], options.seconds)?;
            one.push(took.len() as f64 / options.seconds as f64);
            times.extend(took);
            many.push(together(&server, &mine, options.seconds)?.len() as f64 / options.seconds as f64);
        }
        server.stop()?;
        let (rate, together) = (middle(one), middle(many));
        let half = middle(times) * 1e3;
        let what = format!("{WRITERS} writers, {} features", size.incidents());
        report.ratio(
            &what,
            &format!("{together:.0}/s"),
            &format!("one writer {rate:.0}/s"),
            together / rate,
            4.0,
        );
        report.fact(
            &format!("one edit, {} features", size.incidents()),
            &format!("{half:.2} ms (half of them)"),
        );
        alone.push((size, half));
    }
    if let [(_, first), .., (last, time)] = alone[..] {
        let what = format!("an edit among {} features", last.incidents());
        // A tenth and a half more may be noise of the disk.
        report.ratio(
            &what,
            &format!("{time:.2} ms"),
            &format!("among 20000: {first:.2} ms"),
            first / time,
            0.85,
        );
    }
    Ok(report)
}

/// A copy of the site to write into; the original stays as it was made.
pub(super) fn copy(site: Site) -> Result<Site> {
    let data = format!("edited-{}", site.data);
    for end in ["-wal", "-shm"] {
        let _ = fs::remove_file(site.home.join(format!("{data}{end}")));
    }
    for end in ["", ".anchor"] {
        fs::copy(site.home.join(format!("{}{end}", site.data)), site.home.join(format!("{data}{end}")))
            .with_context(|| format!("a copy of {}", site.data))?;
    }
    Ok(Site { data, ..site })
}

/// Each writer with features of its own; how long each edit took.
fn together(server: &Server, mine: &[Edited], seconds: u64) -> Result<Vec<f64>> {
    let time = Duration::from_secs(seconds);
    thread::scope(|scope| {
        let writers: Vec<_> =
            mine.chunks(EACH).map(|own| scope.spawn(move || write(&server.url, own, time, None))).collect();
        let mut all = Vec::new();
        for writer in writers {
            match writer.join() {
                Ok(took) => all.extend(took?),
                Err(_) => bail!("a writer broke"),
            }
        }
        Ok(all)
    })
}

/// How long the disk takes to keep a page, the median.
fn fsync_ms(dir: &Path) -> Result<f64> {
    let path = dir.join("fsync");
    let mut file = File::create(&path)?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let begin = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
    }
    fs::remove_file(&path)?;
    Ok(middle(times))
}
