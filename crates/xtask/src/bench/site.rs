//! The sites that are measured: seeded incidents, imported once and kept under the target folder.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::incidents;
use super::options::{Options, Size};
use crate::browser::{Server, diaban};
use crate::process::check;
use crate::repo::Repo;

/// About the size of a province, so that a tile of zoom 14 is one of a thousand with something in it.
pub(super) const BOX: [f64; 4] = [103.4, 20.9, 104.4, 21.9];

/// A site and the file it was made from.
pub(super) struct Site {
    /// The folder of the bench.
    pub(super) home: PathBuf,
    /// The site's file name in it.
    pub(super) data: String,
    /// The incidents as a CSV file.
    pub(super) csv: PathBuf,
}

impl Site {
    /// The site of this size and seed.
    pub(super) fn make(repo: &Repo, options: &Options, size: Size) -> Result<Site> {
        let home = repo.target.join("xtask/bench");
        let name = format!("{size:?}-{}", options.seed);
        let csv = home.join(format!("{name}.csv"));
        let data = format!("{name}.gpkg");
        if !csv.exists() {
            write_whole(&csv, &incidents::csv(size.incidents(), options.seed, BOX))?;
        }
        if !home.join(&data).exists() {
            println!("importing {} incidents", size.incidents());
            let unfinished = format!("unfinished-{data}");
            for end in ["", "-wal", "-shm", ".anchor"] {
                let _ = fs::remove_file(home.join(format!("{unfinished}{end}")));
            }
            let file = csv.to_string_lossy();
            let import = ["import", "incidents", &file, "--data", &unfinished, "--key", "ref"];
            check(diaban(repo, &home).args(import))?;
            for end in ["", ".anchor"] {
                fs::rename(home.join(format!("{unfinished}{end}")), home.join(format!("{data}{end}")))?;
            }
        }
        Ok(Site { home, data, csv })
    }

    /// The incidents as the product writes them, ids and all: what other servers are filled with.
    pub(super) fn exported(&self, repo: &Repo) -> Result<PathBuf> {
        let file = self.home.join(format!("{}.export.csv", self.data));
        if !file.exists() {
            let partial = self.home.join("export.partial");
            let path = partial.to_string_lossy();
            let export = ["export", "incidents", "--data", &self.data, "--format", "csv", "--out", &path];
            check(diaban(repo, &self.home).args(export))?;
            fs::rename(&partial, &file)?;
        }
        Ok(file)
    }

    /// A server over it.
    pub(super) fn serve(&self, repo: &Repo, flags: &[&str], log: &str) -> Result<Server> {
        Server::start_with(repo, &self.home, &self.data, "analyst", flags, log)
    }

    /// Longitude and latitude of every incident, as generated.
    pub(super) fn points(&self) -> Result<Vec<(f64, f64)>> {
        let text = fs::read_to_string(&self.csv).context("the incidents")?;
        let point = |line: &str| {
            let mut ends = line.rsplitn(3, ',');
            let (lat, lon) = (ends.next()?.parse().ok()?, ends.next()?.parse().ok()?);
            Some((lon, lat))
        };
        Ok(text.lines().skip(1).filter_map(point).collect())
    }
}

/// A run that is stopped leaves no half of a file.
fn write_whole(path: &std::path::Path, text: &str) -> Result<()> {
    let partial = path.with_extension("partial");
    fs::write(&partial, text)?;
    fs::rename(&partial, path)?;
    Ok(())
}
