//! Features by box as GeoJSON, and counting: totals, bars, groups, against servers of features and against SQL.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::fetch::Client;
use super::incidents::Random;
use super::options::Options;
use super::python;
use super::report::{Measured, Report};
use super::serving::{Side, in_turns};
use super::site::Site;
use crate::postgres::{Postgres, Purpose};
use crate::repo::Repo;

/// Different boxes that are asked for.
const BOXES: usize = 200;

/// Measures and reports.
pub(super) fn measure(repo: &Repo, options: &Options) -> Result<Report> {
    let mut report = Report::new("items");
    let site = Site::make(repo, options, options.size)?;
    let postgres = options.peers.then(|| Postgres::start(repo, Purpose::Bench)).transpose()?;
    if let Some(postgres) = &postgres {
        postgres.fill(&site.exported(repo)?)?;
    }
    by_box(repo, options, &site, postgres.as_ref(), &mut report)?;
    counting(repo, options, &site, postgres.as_ref(), &mut report)?;
    if options.peers {
        report.note(&format!("Peers: {}.", python::versions(repo)));
    }
    Ok(report)
}

/// Boxes of a few hundred metres around incidents, so that each holds some.
fn boxes(points: &[(f64, f64)], seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    let around = |(lon, lat): (f64, f64)| {
        format!("{:.5},{:.5},{:.5},{:.5}", lon - 0.01, lat - 0.01, lon + 0.01, lat + 0.01)
    };
    (0..BOXES).map(|_| around(points[random.below(points.len() as u64) as usize])).collect()
}

fn by_box(
    repo: &Repo,
    options: &Options,
    site: &Site,
    postgres: Option<&Postgres>,
    report: &mut Report,
) -> Result<()> {
    let server = site.serve(repo, &[], "items")?;
    let boxes = boxes(&site.points()?, options.seed);
    let paths = |before: &str| -> Vec<String> {
        boxes.iter().map(|b| format!("{before}?bbox={b}&limit=100")).collect()
    };
    let own = paths("/api/collections/incidents/items");
    let mut sides = vec![Side::new(repo, "diaban", &server.url, &[server.pid()], &own)?];
    let mut peers = Vec::new();
    if let Some(postgres) = postgres {
        let env: PathBuf = python::install(repo)?;
        for (name, running, path) in [
            ("tipg", python::tipg(repo, &env, postgres)?, "/collections/public.features/items"),
            ("pygeoapi", python::pygeoapi(repo, &env, postgres)?, "/collections/features/items"),
        ] {
            let asked: Vec<String> =
                paths(path).into_iter().map(|p| format!("{p}&f={}", form(name))).collect();
            let roots = [running.pid(), postgres.pid()?];
            same(&server.url, &own, &running.base, &asked).context(name)?;
            sides.push(Side::new(repo, name, &running.base, &roots, &asked)?);
            peers.push(running);
        }
    }
    report.table("Items by box, limit 100");
    for connections in [1, 32] {
        let all: Vec<&Side> = sides.iter().collect();
        let loads = in_turns(repo, options, &all, connections, "identity")?;
        let what = format!("box, {connections} connections");
        let of = |n: usize| Measured { name: &sides[n].name, load: &loads[n] };
        if sides.len() == 1 {
            report.side(&what, &of(0));
        }
        for (n, goal) in (1..sides.len()).zip([90.0, 200.0]) {
            report.against(&what, &of(0), &of(n), goal);
            report.side(&what, &of(n));
        }
    }
    server.stop()
}

fn form(name: &str) -> &'static str {
    if name == "tipg" { "geojson" } else { "json" }
}

/// Both answer with as many features, and with the same ones where all of a box are told.
fn same(ours: &str, own: &[String], theirs: &str, asked: &[String]) -> Result<()> {
    let (mut one, mut two) = (Client::open(ours)?, Client::open(theirs)?);
    let mut compared = 0;
    for (own, asked) in own.iter().zip(asked).take(20) {
        let (a, b) = (ids(&one.get(own, &[])?.json()?), ids(&two.get(asked, &[])?.json()?));
        if a.len() != b.len() || (a.len() < 100 && a != b) {
            bail!("{own} tells {} features, {asked} {}", a.len(), b.len());
        }
        compared += a.len();
    }
    println!("compared 20 boxes with {compared} features");
    Ok(())
}

fn ids(collection: &Value) -> Vec<String> {
    let id = |f: &Value| {
        let text = |v: &Value| v.as_str().map(str::to_owned);
        text(&f["id"]).or_else(|| text(&f["properties"]["id"])).unwrap_or_default()
    };
    let mut ids: Vec<String> = collection["features"].as_array().into_iter().flatten().map(id).collect();
    ids.sort();
    ids
}

/// What is counted: its name, the path, the statement that says the same, and how the two answers compare.
struct Sum {
    what: &'static str,
    path: &'static str,
    sql: &'static str,
}

const SUMS: [Sum; 4] = [
    Sum {
        what: "count, category and period",
        path: "count?category=theft&datetime=2023-07-01/2024-12-31",
        sql: include_str!("sql/count.sql"),
    },
    Sum {
        what: "count, box and category",
        path: "count?category=theft,damage&bbox=103.6,21.1,104.2,21.7",
        sql: include_str!("sql/count_box.sql"),
    },
    Sum {
        what: "count by severity, period",
        path: "count?by=severity&datetime=2023-07-01/2024-12-31",
        sql: include_str!("sql/count_by.sql"),
    },
    Sum {
        what: "histogram by month, category",
        path: "histogram?field=occurred_from&step=month&category=theft",
        sql: include_str!("sql/histogram.sql"),
    },
];

fn counting(
    repo: &Repo,
    options: &Options,
    site: &Site,
    postgres: Option<&Postgres>,
    report: &mut Report,
) -> Result<()> {
    let server = site.serve(repo, &[], "counts")?;
    let mut client = Client::open(&server.url)?;
    report.plain_table(&format!("Counting over {} incidents, one connection, µs", options.size.incidents()));
    for sum in &SUMS {
        let path = format!("/api/collections/incidents/{}", sum.path);
        let told = numbers(&client.get(&path, &[])?.json()?);
        let side = Side::new(repo, "counting", &server.url, &[server.pid()], std::slice::from_ref(&path))?;
        let load = in_turns(repo, options, &[&side], 1, "identity")?[0];
        let ours = 1e6 / load.rate;
        let Some(postgres) = postgres else {
            report.fact(sum.what, &format!("{ours:.0}"));
            continue;
        };
        let rows = postgres.run(sum.sql, None)?;
        let mut counted: Vec<u64> =
            rows.lines().filter_map(|row| row.rsplit('|').next()?.parse().ok()).collect();
        counted.sort_unstable();
        if told != counted {
            bail!("{path}: {told:?}, PostGIS {counted:?}");
        }
        let theirs = postgres.microseconds(sum.sql, options.seconds)?;
        report.ratio(sum.what, &format!("{ours:.0}"), &format!("PostGIS {theirs:.0}"), theirs / ours, 10.0);
    }
    server.stop()
}

/// The counts in an answer, sorted: groups or bars when there are some, the total otherwise.
fn numbers(answer: &Value) -> Vec<u64> {
    let mut found: Vec<u64> = if let Some(by) = answer["by"].as_object() {
        by.values().filter_map(Value::as_u64).collect()
    } else if let Some(bars) = answer["bins"].as_array().or_else(|| answer["bars"].as_array()) {
        bars.iter().filter_map(|bar| bar["count"].as_u64().or_else(|| bar[1].as_u64())).collect()
    } else {
        answer["count"].as_u64().into_iter().collect()
    };
    found.retain(|n| *n > 0);
    found.sort_unstable();
    found
}
