//! Writers of one site: each changes features of its own over a connection of its own, as fast as it is answered or at
//! a pace.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use serde_json::Value;

use super::fetch::Client;

/// A feature that is edited.
#[derive(Clone)]
pub(super) struct Edited {
    /// Its id.
    pub(super) id: String,
    /// Where it lies.
    pub(super) at: (f64, f64),
}

/// Features of the site, `count` of them.
pub(super) fn features(base: &str, count: usize) -> Result<Vec<Edited>> {
    let path = format!("/api/collections/incidents/items?limit={count}");
    let page = Client::open(base)?.get(&path, &[])?.json()?;
    let feature = |f: &Value| {
        let at = |n: usize| f["geometry"]["coordinates"][n].as_f64();
        Some(Edited { id: f["id"].as_str()?.to_owned(), at: (at(0)?, at(1)?) })
    };
    page["features"]
        .as_array()
        .context("no features")?
        .iter()
        .map(|f| feature(f).context("a feature"))
        .collect()
}

/// When a feature happened after `n` edits of ours, as tiles tell it: each edit is a second later.
pub(super) fn moment(n: u64) -> String {
    format!("2025-01-01T{:02}:{:02}:{:02}Z", n / 3600 % 24, n / 60 % 60, n % 60)
}

/// Edits these features in turns until the time is over; how long each edit took, in seconds.
pub(super) fn write(base: &str, mine: &[Edited], time: Duration, pace: Option<Duration>) -> Result<Vec<f64>> {
    let mut client = Client::open(base)?;
    let path = |id: &str| format!("/api/collections/incidents/items/{id}");
    let mut tags = Vec::new();
    for feature in mine {
        let answer = client.get(&path(&feature.id), &[])?;
        tags.push(answer.header("etag").context("no ETag")?.to_owned());
    }
    let begin = Instant::now();
    let (mut took, mut n) = (Vec::new(), 0);
    while begin.elapsed() < time {
        if let Some(pace) = pace {
            let due = pace * n as u32;
            std::thread::sleep(due.saturating_sub(begin.elapsed()));
        }
        let (which, round) = (n % mine.len(), n / mine.len() + 1);
        let body = format!(r#"{{"properties":{{"occurred_from":"{}"}}}}"#, moment(round as u64));
        let headers = [("Content-Type", "application/merge-patch+json"), ("If-Match", tags[which].as_str())];
        let sent = Instant::now();
        let path = path(&mine[which].id);
        let answer = client.send("PATCH", &path, &headers, body.as_bytes())?.good(&path)?;
        took.push(sent.elapsed().as_secs_f64());
        answer.header("etag").context("no ETag")?.clone_into(&mut tags[which]);
        n += 1;
    }
    Ok(took)
}
