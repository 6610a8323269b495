//! Whole files out and in, memory, and the start: against GDAL and against reading bytes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::fetch::Client;
use super::load::middle;
use super::meter;
use super::options::{Options, Size};
use super::report::Report;
use super::site::Site;
use crate::browser::{Server, diaban};
use crate::process::{check, command};
use crate::repo::Repo;

/// Measures and reports.
pub(super) fn measure(repo: &Repo, options: &Options) -> Result<Report> {
    super::build::tool(repo, "ogr2ogr", "gdal-bin")?;
    let mut report = Report::new("export");
    let site = Site::make(repo, options, options.size)?;
    report.plain_table(&format!("Files of {} incidents", options.size.incidents()));
    out(repo, options, &site, &mut report)?;
    into(repo, options, &site, &mut report)?;
    report.plain_table("Start and memory");
    start(repo, options, &site, &mut report)?;
    Ok(report)
}

/// What one export took.
struct Taken {
    seconds: f64,
    first_byte: f64,
    above_idle_mib: f64,
}

fn out(repo: &Repo, options: &Options, site: &Site, report: &mut Report) -> Result<()> {
    let server = site.serve(repo, &[], "export")?;
    let (mut ours, mut gdal, mut csv) = (Vec::new(), Vec::new(), Vec::new());
    let (mine, theirs) = (site.home.join("ours.geojson"), site.home.join("theirs.geojson"));
    for _ in 0..options.rounds {
        ours.push(fetch(&server, "geojson", &mine)?);
        gdal.push(by_gdal(repo, site, "GeoJSON", &theirs, &[&site.data, "incidents"])?);
        csv.push(fetch(&server, "csv", &site.home.join("ours.csv"))?);
    }
    let (held, other) = (features(&mine)?, features(&theirs)?);
    if held != options.size.incidents() || other != held {
        bail!("exported {held} features, ogr2ogr {other}");
    }
    println!("compared files of {held} features");
    let of = |all: &[Taken], pick: fn(&Taken) -> f64| middle(all.iter().map(pick).collect());
    let (time, reference) = (of(&ours, |t| t.seconds), middle(gdal));
    report.ratio(
        "export as GeoJSON",
        &format!("{time:.2} s"),
        &format!("ogr2ogr {reference:.2} s"),
        reference / time,
        10.0,
    );
    let first = of(&ours, |t| t.first_byte);
    report.fact("first byte of GeoJSON", &format!("{:.1} ms", first * 1e3));
    report.fact("first byte of CSV", &format!("{:.1} ms", of(&csv, |t| t.first_byte) * 1e3));
    report.fact("export as CSV", &format!("{:.2} s", of(&csv, |t| t.seconds)));
    let memory = of(&ours, |t| t.above_idle_mib);
    let text = format!("{memory:.1} MiB above idle");
    report.ratio("memory of an export", &text, "16 MiB", 16.0 / memory.max(0.1), 1.0);
    server.stop()
}

/// Asks for a file and keeps it, watching the server's memory.
fn fetch(server: &Server, format: &str, to: &Path) -> Result<Taken> {
    let mut file = File::create(to)?;
    let roots = [server.pid()];
    let idle = meter::memory_mib(&roots);
    let over = AtomicBool::new(false);
    let mut taken = Taken { seconds: 0.0, first_byte: 0.0, above_idle_mib: 0.0 };
    let peak = thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut peak = idle;
            while !over.load(Ordering::Relaxed) {
                peak = meter::memory_mib(&roots).max(peak);
                thread::sleep(Duration::from_millis(5));
            }
            peak
        });
        let outcome = (|| {
            let mut client = Client::open(&server.url)?;
            let begin = Instant::now();
            let mut written = Ok(());
            let path = format!("/export/incidents?format={format}");
            let answer = client.stream("GET", &path, &[], b"", |bytes| {
                if taken.first_byte == 0.0 {
                    taken.first_byte = begin.elapsed().as_secs_f64();
                }
                if written.is_ok() {
                    written = file.write_all(bytes);
                }
            })?;
            written?;
            answer.good(&path)?;
            taken.seconds = begin.elapsed().as_secs_f64();
            anyhow::Ok(())
        })();
        over.store(true, Ordering::Relaxed);
        outcome.map(|()| watch.join().unwrap_or(idle))
    })?;
    taken.above_idle_mib = peak - idle;
    Ok(taken)
}

/// How long `ogr2ogr` takes to write a file.
fn by_gdal(repo: &Repo, site: &Site, format: &str, to: &Path, source: &[&str]) -> Result<f64> {
    if to.exists() {
        fs::remove_file(to)?;
    }
    let mut ogr = command("ogr2ogr", &site.home);
    ogr.args(["-f", format]).arg(to).args(source).env("CPL_LOG", repo.target.join("xtask/bench/gdal.log"));
    let begin = Instant::now();
    check(&mut ogr)?;
    Ok(begin.elapsed().as_secs_f64())
}

/// How many features a GeoJSON file has.
fn features(file: &Path) -> Result<usize> {
    let text = fs::read_to_string(file)?;
    Ok([r#""type":"Feature","#, r#""type": "Feature","#].iter().map(|mark| text.matches(mark).count()).sum())
}

/// The incidents from CSV into a fresh site, and into a GeoPackage by GDAL.
fn into(repo: &Repo, options: &Options, site: &Site, report: &mut Report) -> Result<()> {
    let (mut ours, mut gdal) = (Vec::new(), Vec::new());
    let csv = site.csv.to_string_lossy();
    for _ in 0..options.rounds {
        for end in ["", "-wal", "-shm", ".anchor"] {
            let _ = fs::remove_file(site.home.join(format!("imported.gpkg{end}")));
        }
        let import = ["import", "incidents", &csv, "--data", "imported.gpkg", "--key", "ref"];
        let begin = Instant::now();
        check(diaban(repo, &site.home).args(import))?;
        ours.push(begin.elapsed().as_secs_f64());
        let columns = ["-oo", "X_POSSIBLE_NAMES=lon", "-oo", "Y_POSSIBLE_NAMES=lat", "-a_srs", "EPSG:4326"];
        let source: Vec<&str> = std::iter::once(&*csv).chain(columns).collect();
        gdal.push(by_gdal(repo, site, "GPKG", &site.home.join("theirs.gpkg"), &source)?);
    }
    let (time, reference) = (middle(ours), middle(gdal));
    report.ratio(
        "import of CSV: durable, logged, indexed",
        &format!("{time:.2} s"),
        &format!("ogr2ogr to GeoPackage {reference:.2} s"),
        reference / time,
        1.0,
    );
    Ok(())
}

/// The start from the GeoPackage beside reading its bytes, and what a row takes in memory.
fn start(repo: &Repo, options: &Options, site: &Site, report: &mut Report) -> Result<()> {
    let (mut loads, mut reads, mut held) = (Vec::new(), Vec::new(), 0.0);
    for _ in 0..options.rounds {
        let begin = Instant::now();
        let server = site.serve(repo, &[], "start")?;
        loads.push(begin.elapsed().as_secs_f64());
        held = meter::memory_mib(&[server.pid()]);
        server.stop()?;
        let begin = Instant::now();
        let bytes = fs::read(site.home.join(&site.data)).context("the site's file")?.len();
        reads.push(begin.elapsed().as_secs_f64());
        if bytes == 0 {
            bail!("the site's file is empty");
        }
    }
    let (load, read) = (middle(loads), middle(reads));
    report.fact(
        "start until ready, from the snapshot file where there is one",
        &format!("{load:.2} s; reading the same bytes {read:.2} s, {:.1}×", load / read),
    );
    if options.size == Size::S {
        return Ok(());
    }
    let small = Site::make(repo, options, Size::S)?.serve(repo, &[], "small")?;
    let few = meter::memory_mib(&[small.pid()]);
    small.stop()?;
    let rows = (options.size.incidents() - Size::S.incidents()) as f64;
    let bytes = (held - few) * 1024.0 * 1024.0 / rows;
    report.fact("memory of a row, all of the server's", &format!("{bytes:.0} bytes ({held:.0} MiB in all)"));
    Ok(())
}
