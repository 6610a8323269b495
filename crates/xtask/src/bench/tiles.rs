//! Vector tiles: drawn anew and kept, plain and compressed, of one zoom and of many, counted and filtered.

use anyhow::{Context, Result, bail};

use super::fetch::Client;
use super::load::Load;
use super::options::Options;
use super::places::{Place, choose};
use super::report::{Measured, Report};
use super::serving::{Running, Side, accepting, in_turns, static_bytes};
use super::site::Site;
use super::{martin, mvt};
use crate::browser::Server;
use crate::postgres::{Postgres, Purpose};
use crate::repo::Repo;

/// Different tiles that are asked for.
const TILES: usize = 500;
/// Tiles that are decoded on both sides before anything is measured.
const COMPARED: usize = 25;

/// Martin without and with its cache, over the database that they read.
struct Peers {
    uncached: Running,
    cached: Running,
    // Ends after those who read from it.
    postgres: Postgres,
}

/// Everything that runs while tiles are measured.
struct Bench<'a> {
    repo: &'a Repo,
    options: &'a Options,
    uncached: Server,
    cached: Server,
    peers: Option<Peers>,
    points: Vec<(f64, f64)>,
    report: Report,
}

/// Measures and reports.
pub(super) fn measure(repo: &Repo, options: &Options) -> Result<Report> {
    let site = Site::make(repo, options, options.size)?;
    let peers = if options.peers {
        martin::install(repo)?;
        let postgres = Postgres::start(repo, Purpose::Bench)?;
        postgres.fill(&site.exported(repo)?)?;
        let uncached = martin::start(repo, &postgres, 0)?;
        let cached = martin::start(repo, &postgres, 512)?;
        Some(Peers { uncached, cached, postgres })
    } else {
        None
    };
    let mut bench = Bench {
        repo,
        options,
        uncached: site.serve(repo, &["--tile-cache-mb", "0"], "uncached")?,
        cached: site.serve(repo, &["--tile-cache-mb", "512"], "cached")?,
        peers,
        points: site.points()?,
        report: Report::new("tiles"),
    };
    bench.plain()?;
    bench.compressed()?;
    bench.mixed()?;
    bench.clusters()?;
    bench.filtered()?;
    bench.growth()?;
    if bench.peers.is_some() {
        bench.report.note(&format!("Peer: {}.", martin::version(repo)));
    }
    Ok(bench.report)
}

fn ours(places: &[Place], query: &str) -> Vec<String> {
    places.iter().map(|(z, x, y)| format!("/tiles/incidents/{z}/{x}/{y}{query}")).collect()
}

fn theirs(places: &[Place], source: &str) -> Vec<String> {
    places.iter().map(|(z, x, y)| format!("/{source}/{z}/{x}/{y}")).collect()
}

impl Bench<'_> {
    fn places(&self, zooms: &[u8]) -> Vec<Place> {
        choose(&self.points, zooms, TILES, self.options.seed)
    }

    fn our_side(&self, cached: bool, paths: &[String]) -> Result<Side> {
        let (server, name) =
            if cached { (&self.cached, "diaban, cache") } else { (&self.uncached, "diaban, no cache") };
        Side::new(self.repo, name, &server.url, &[server.pid()], paths)
    }

    fn their_side(&self, cached: bool, source: &str, places: &[Place]) -> Result<Option<Side>> {
        let Some(peers) = &self.peers else { return Ok(None) };
        let (server, name) =
            if cached { (&peers.cached, "Martin, cache") } else { (&peers.uncached, "Martin, no cache") };
        let roots = [server.pid(), peers.postgres.pid()?];
        Side::new(self.repo, name, &server.base, &roots, &theirs(places, source)).map(Some)
    }

    /// Zoom 14, one connection and 32.
    fn plain(&mut self) -> Result<()> {
        let places = self.places(&[14]);
        self.compare(&places, "", "incidents", mvt::features)?;
        let paths = ours(&places, "");
        let ready = static_bytes(self.repo, &self.uncached.url, &paths, "identity")?;
        let still = Side::new(self.repo, "static bytes", &ready.base, &[ready.pid()], &paths)?;
        let (cold, warm) = (self.our_side(false, &paths)?, self.our_side(true, &paths)?);
        let (slow, kept) =
            (self.their_side(false, "incidents", &places)?, self.their_side(true, "incidents", &places)?);
        warm.warm("identity")?;
        if let Some(kept) = &kept {
            kept.warm("identity")?;
        }
        self.report.table("Zoom 14");
        for connections in [1, 32] {
            let mut sides = vec![&cold, &warm, &still];
            sides.extend(slow.iter().chain(&kept));
            let loads = in_turns(self.repo, self.options, &sides, connections, "identity")?;
            let what = format!("z14, {connections} connections");
            let of = |n: usize| Measured { name: &sides[n].name, load: &loads[n] };
            self.report.against(&what, &of(0), &of(2), 0.55);
            self.report.against(&what, &of(1), &of(2), 0.9);
            if sides.len() == 5 {
                self.report.against(&what, &of(0), &of(3), 15.0);
                self.report.against(&what, &of(0), &of(4), 0.9);
                self.report.against(&what, &of(1), &of(4), 1.5);
            }
            for n in 2..sides.len() {
                self.report.side(&what, &of(n));
            }
        }
        Ok(())
    }

    /// Zoom 14 over 32 connections, each encoding asked for.
    fn compressed(&mut self) -> Result<()> {
        let places = self.places(&[14]);
        let paths = ours(&places, "");
        self.report.table("Zoom 14, compressed");
        for encoding in ["gzip", "br", "zstd"] {
            let ready = static_bytes(self.repo, &self.cached.url, &paths, encoding)?;
            let still = Side::new(self.repo, "static bytes", &ready.base, &[ready.pid()], &paths)?;
            let (cold, warm) = (self.our_side(false, &paths)?, self.our_side(true, &paths)?);
            let (slow, kept) =
                (self.their_side(false, "incidents", &places)?, self.their_side(true, "incidents", &places)?);
            self.is_encoded(&paths[0], encoding)?;
            warm.warm(encoding)?;
            if let Some(kept) = &kept {
                kept.warm(encoding)?;
            }
            let mut sides = vec![&cold, &warm, &still];
            sides.extend(slow.iter().chain(&kept));
            let loads = in_turns(self.repo, self.options, &sides, 32, encoding)?;
            let what = format!("z14, {encoding}, 32 connections");
            let of = |n: usize| Measured { name: &sides[n].name, load: &loads[n] };
            self.report.against(&what, &of(1), &of(2), 0.9);
            if sides.len() == 5 {
                self.report.against(&what, &of(0), &of(3), 5.0);
                self.report.against(&what, &of(1), &of(4), 15.0);
            } else {
                self.report.side(&what, &of(0));
            }
            for n in 2..sides.len() {
                self.report.side(&what, &of(n));
            }
        }
        Ok(())
    }

    fn is_encoded(&self, path: &str, encoding: &str) -> Result<()> {
        let answer = Client::open(&self.cached.url)?.get(path, &accepting(encoding))?;
        let said = answer.header("content-encoding");
        if said != Some(encoding) {
            bail!("{path}: {encoding} was asked, {said:?} came");
        }
        Ok(())
    }

    /// Zooms 10 to 16 in equal shares, feature by feature.
    fn mixed(&mut self) -> Result<()> {
        let places = self.places(&[10, 11, 12, 13, 14, 15, 16]);
        self.compare(&places, "?aggregate=none", "incidents", mvt::features)?;
        let cold = self.our_side(false, &ours(&places, "?aggregate=none"))?;
        let slow = self.their_side(false, "incidents", &places)?;
        self.report.table("Zooms 10 to 16, feature by feature");
        self.pair("z10–z16, 32 connections", 32, &cold, slow.as_ref(), 25.0)
    }

    /// Zooms 6 to 10, counted in clusters.
    fn clusters(&mut self) -> Result<()> {
        let places = self.places(&[6, 7, 8, 9, 10]);
        let query = "?aggregate=cluster&radius=64";
        self.compare(&places, query, "clusters", |tile| Ok(mvt::sum(tile, "point_count")? as usize))?;
        let cold = self.our_side(false, &ours(&places, query))?;
        let grid = self.their_side(false, "clusters", &places)?;
        self.report.table("Zooms 6 to 10, clusters");
        self.pair("z6–z10, 4 connections, against the same grid in SQL", 4, &cold, grid.as_ref(), 20.0)?;
        if let Some(whole) = self.their_side(false, "incidents", &places)? {
            // A tile of all features takes Martin seconds.
            let patient =
                Options { seconds: self.options.seconds.max(10), rounds: 1, out: None, ..*self.options };
            let loads = in_turns(self.repo, &patient, &[&cold, &whole], 4, "identity")?;
            let of = |n: usize| Measured {
                name: ["diaban, no cache", "Martin, all features"][n],
                load: &loads[n],
            };
            let what = "z6–z10, 4 connections, against a tile of all features";
            self.report.against(what, &of(0), &of(1), 200.0);
            self.report.side(what, &of(1));
        }
        Ok(())
    }

    /// A filter that nobody asked for before, against no filter.
    fn filtered(&mut self) -> Result<()> {
        let places = self.places(&[14]);
        let whole = self.our_side(false, &ours(&places, ""))?;
        // Nothing is kept on this side, so every one of them is new to it whenever it comes.
        let day = |n: usize| format!("2023-{:02}-{:02}", n / 28 % 12 + 1, n % 28 + 1);
        let some = places.iter().cycle().take(20_000).enumerate().map(|(n, (z, x, y))| {
            format!(
                "/tiles/incidents/{z}/{x}/{y}?category=theft&datetime={}/2025-06-{:02}",
                day(n),
                n / 336 % 28 + 1
            )
        });
        let some: Vec<String> = some.collect();
        let part = Side::new(self.repo, "diaban, filter", &whole.base, &whole.roots, &some)?;
        let loads = in_turns(self.repo, self.options, &[&part, &whole], 32, "identity")?;
        let of = |n: usize| Measured { name: ["diaban, filter", "diaban, no filter"][n], load: &loads[n] };
        self.report.table("A filter never seen, nothing kept");
        let what = "z14, 32 connections, category and datetime";
        self.report.against(what, &of(0), &of(1), 0.5);
        self.report.side(what, &of(1));
        Ok(())
    }

    /// How the time of a tile grows with what is in it: one zoom after the other.
    fn growth(&mut self) -> Result<()> {
        self.report.plain_table("Growth: a tile drawn anew, one connection");
        let quick = Options { rounds: 1, seconds: 1, out: None, ..*self.options };
        let mut first: Option<(f64, f64)> = None;
        for z in [16, 14, 13, 12, 11, 10] {
            let places = self.places(&[z]);
            let paths = ours(&places, "?aggregate=none");
            let mut client = Client::open(&self.uncached.url)?;
            let mut features = 0;
            let sample = &paths[..paths.len().min(50)];
            for path in sample {
                features += mvt::features(&client.get(path, &[])?.body)?;
            }
            let features = features as f64 / sample.len() as f64;
            let side = self.our_side(false, &paths)?;
            let load: Load = in_turns(self.repo, &quick, &[&side], 1, "identity")?[0];
            let time = 1e6 / load.rate;
            let text =
                format!("{features:.0} features, {time:.0} µs, {:.0} ns a feature", time * 1e3 / features);
            match first {
                None => {
                    first = Some((features, time));
                    self.report.fact(&format!("z{z}"), &text);
                }
                Some((few, short)) => {
                    let better = (features / few) / (time / short);
                    let other = format!("{:.0}× the features, {:.1}× the time", features / few, time / short);
                    self.report.ratio(&format!("z{z}"), &text, &other, better, 1.0);
                }
            }
        }
        Ok(())
    }

    /// Ours against one of theirs, or alone.
    fn pair(
        &mut self,
        what: &str,
        connections: usize,
        ours: &Side,
        theirs: Option<&Side>,
        goal: f64,
    ) -> Result<()> {
        let sides: Vec<&Side> = std::iter::once(ours).chain(theirs).collect();
        let loads = in_turns(self.repo, self.options, &sides, connections, "identity")?;
        let of = |n: usize| Measured { name: &sides[n].name, load: &loads[n] };
        if sides.len() == 1 {
            self.report.side(what, &of(0));
        } else {
            self.report.against(what, &of(0), &of(1), goal);
            self.report.side(what, &of(1));
        }
        Ok(())
    }

    /// Stops everything when two servers do not draw the same: ours with and without cache to the byte, Martin's by
    /// what `count` says. A point on the very edge of a tile may be on either side of it.
    fn compare(
        &self,
        places: &[Place],
        query: &str,
        source: &str,
        count: fn(&[u8]) -> Result<usize>,
    ) -> Result<()> {
        let mut clients = vec![Client::open(&self.uncached.url)?, Client::open(&self.cached.url)?];
        if let Some(peers) = &self.peers {
            clients.push(Client::open(&peers.uncached.base)?);
        }
        let (ours, theirs) = (ours(places, query), theirs(places, source));
        let mut all = 0;
        for (our, their) in ours.iter().zip(&theirs).take(COMPARED) {
            let (tile, again) = (clients[0].get(our, &[])?.body, clients[1].get(our, &[])?.body);
            if tile != again {
                bail!("{our}: another tile with the cache");
            }
            let held = count(&tile).with_context(|| our.clone())?;
            all += held;
            if let Some(martin) = clients.get_mut(2) {
                let other = count(&martin.get(their, &[])?.body).with_context(|| their.clone())?;
                if held.abs_diff(other) * 500 > other.max(500) {
                    bail!("{our} holds {held}, {their} {other}");
                }
            }
        }
        if all == 0 {
            bail!("the compared tiles are empty");
        }
        println!("compared {COMPARED} tiles with {all} features");
        Ok(())
    }
}
