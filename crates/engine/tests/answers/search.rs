//! What people type, and what they expect first.

use std::collections::BTreeMap;

use serde::Deserialize;
use unicode_normalization::UnicodeNormalization;

use crate::site::{Site, Thing};

#[derive(Deserialize)]
struct Fixture {
    things: Vec<RawThing>,
    queries: Vec<Query>,
}

#[derive(Deserialize)]
struct RawThing {
    key: String,
    layer: String,
    fields: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Query {
    q: String,
    first: String,
    #[serde(rename = "match")]
    fit: Option<String>,
    form: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_expected_comes_first() {
    let fixture: Fixture = toml::from_str(include_str!("search.toml")).unwrap();
    assert!(fixture.queries.len() >= 200);
    let things: Vec<Thing> = fixture
        .things
        .into_iter()
        .map(|t| Thing { key: t.key, layer: t.layer, fields: t.fields, place: None })
        .collect();
    let site = Site::with(&things).await;
    let mut wrong = Vec::new();
    for query in &fixture.queries {
        let typed = match query.form.as_deref() {
            None => query.q.clone(),
            Some("nfd") => query.q.nfd().collect(),
            Some("upper") => query.q.to_uppercase(),
            Some(other) => panic!("no such form: {other}"),
        };
        let finding = site.find(&typed).await;
        let first = site.keys(&finding).first().copied().unwrap_or("nothing");
        let fit = finding.results.first().map(|f| serde_json::to_value(f.fit).unwrap());
        let fits = query.fit.as_ref().is_none_or(|wanted| fit.as_ref().is_some_and(|f| f == wanted));
        if first != query.first || !fits {
            let named: Vec<String> =
                finding.results.iter().take(3).map(|f| format!("{} ({:?})", f.title, f.fit)).collect();
            wrong.push(format!(
                "{} {:?}: expected {} {:?}, found {first}: {}",
                query.q,
                query.form,
                query.first,
                query.fit,
                named.join(" | ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), fixture.queries.len(), wrong.join("\n"));
}
