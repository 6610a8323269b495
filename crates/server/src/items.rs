//! Features: pages of them, one of them, and what happened to it.

use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use engine::{Item, ItemsPage, Query};
use model::{Code, Fault};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer::{GEOJSON, JSON, document, link, validated};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;
use crate::validator;

/// Features of a page when the request names no number.
pub(crate) const DEFAULT_LIMIT: usize = 1_000;
/// The most features of a page; a greater number is taken for this one.
pub(crate) const MAX_LIMIT: usize = 10_000;
/// Parameters of a page beside those that select.
const PAGING: [&str; 5] = ["limit", "after", "sortby", "f", "lang"];
/// Pages from this many features on are put together off the async threads.
const LARGE: usize = 100;

/// `GET /api/collections/{layer}/items`
pub(crate) async fn page(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &PAGING)?;
    answer(&app, &ask, query, &layer, "items").await
}

/// `GET /api/collections/{layer}/clusters/{cluster_id}/items`: what a cluster of tiles stands for, under their filter.
pub(crate) async fn of_cluster(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    let others: Vec<&str> = PAGING.into_iter().chain(["radius"]).collect();
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &others)?;
    ask.one("radius")?;
    // What is no number is no cluster's either.
    let query = app.engine().members(query, &ask.params, id.parse().unwrap_or(0))?;
    answer(&app, &ask, query, &layer, &format!("clusters/{id}/items")).await
}

async fn answer(app: &App, ask: &Ask, query: Query, layer: &str, path: &str) -> Result<Response, Problem> {
    let query = match ask.one("sortby")? {
        Some(sortby) => app.engine().sorted(&ask.actor, query, sortby)?,
        None => query,
    };
    ask.formats()?;
    ask.accepts(&[GEOJSON, JSON])?;
    let limit = limit(ask.one("limit")?)?;
    let page = app.engine().items(&ask.actor, &query, limit, ask.one("after")?).await?;
    let links = page_links(ask, layer, path, page.next.as_deref());
    let (bytes, etag) = if page.items.len() < LARGE {
        written(&page, &links)
    } else {
        let made = tokio::task::spawn_blocking(move || written(&page, &links)).await;
        made.map_err(|error| Problem::internal(error.to_string()))?
    };
    Ok(validated(ask, GEOJSON, bytes, &etag))
}

pub(crate) fn limit(text: Option<&str>) -> Result<usize, Problem> {
    let Some(text) = text else { return Ok(DEFAULT_LIMIT) };
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits || text.bytes().all(|b| b == b'0') {
        return Err(Problem::parameter(
            "limit",
            format!("limit phải là số nguyên từ 1 đến {MAX_LIMIT}"),
            format!("limit must be a whole number from 1 to {MAX_LIMIT}"),
        ));
    }
    Ok(text.parse().unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
}

fn page_links(ask: &Ask, layer: &str, items: &str, next: Option<&str>) -> Vec<Value> {
    let path = format!("/api/collections/{layer}");
    let mut links = vec![link("self", GEOJSON, &ask.own_href()), link("collection", JSON, &ask.href(&path))];
    if let Some(cursor) = next {
        let query = ask.query_without(&["after"]);
        let and = if query.is_empty() { "" } else { "&" };
        links.push(link("next", GEOJSON, &ask.href(&format!("{path}/{items}?{query}{and}after={cursor}"))));
    }
    links
}

fn written(page: &ItemsPage, links: &[Value]) -> (Bytes, String) {
    use std::fmt::Write as _;
    let size: usize = page.items.iter().map(|item| item.len() + 1).sum();
    let mut text = String::with_capacity(size + 1_024);
    // Writing to a text does not fail.
    let _ = write!(
        text,
        "{{\"type\":\"FeatureCollection\",\"links\":{},\"numberMatched\":{},\"numberReturned\":{},\"features\":[",
        Value::from(links),
        page.matched,
        page.items.len()
    );
    for (n, item) in page.items.iter().enumerate() {
        if n > 0 {
            text.push(',');
        }
        text.push_str(item);
    }
    text.push_str("]}");
    let bytes = Bytes::from(text);
    let etag = validator::weak_of(&bytes);
    (bytes, etag)
}

/// `GET /api/collections/{layer}/items/{id}`
pub(crate) async fn one(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    // An unknown layer is told before a parameter that only it could know.
    app.engine().check_layer(&ask.actor, &layer)?;
    ask.only(&["f", "lang"])?;
    ask.accepts(&[GEOJSON, JSON])?;
    let item = app.engine().item(&ask.actor, &layer, feature_id(&id)?).await?;
    let (json, etag) = (with_links(&ask, &layer, &item), etag(&item));
    Ok(validated(&ask, GEOJSON, json, &etag))
}

/// `GET /api/collections/{layer}/items/{id}/history`
pub(crate) async fn history(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    app.engine().check_layer(&ask.actor, &layer)?;
    ask.only(&["f", "lang"])?;
    let id = feature_id(&id)?;
    let entries = app.engine().history(&ask.actor, &layer, id).await?;
    document(&ask, JSON, &json!({"id": id, "entries": entries}))
}

/// The id of a path; what is no id names no feature.
pub(crate) fn feature_id(text: &str) -> Result<Uuid, Problem> {
    let strict =
        Uuid::try_parse(text).ok().filter(|id| id.as_hyphenated().to_string().eq_ignore_ascii_case(text));
    strict.ok_or_else(|| Fault::of(Code::UnknownFeature).into())
}

/// The address of a feature.
pub(crate) fn path_of(layer: &str, id: Uuid) -> String {
    format!("/api/collections/{layer}/items/{id}")
}

/// The strong ETag of a feature's GeoJSON.
pub(crate) fn etag(item: &Item) -> String {
    format!("\"{}.json\"", item.etag)
}

/// A feature with its links.
pub(crate) fn with_links(ask: &Ask, layer: &str, item: &Item) -> Bytes {
    let links = [
        link("self", GEOJSON, &ask.href(&path_of(layer, item.id))),
        link("collection", JSON, &ask.href(&format!("/api/collections/{layer}"))),
    ];
    let open = item.json.strip_suffix('}').unwrap_or(&item.json);
    Bytes::from(format!("{open},\"links\":{}}}", json!(links)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_positive_number_and_clamped() {
        assert_eq!(limit(None).unwrap(), DEFAULT_LIMIT);
        assert_eq!(limit(Some("1")).unwrap(), 1);
        assert_eq!(limit(Some("10000")).unwrap(), 10_000);
        assert_eq!(limit(Some("10001")).unwrap(), 10_000);
        assert_eq!(limit(Some("99999999999999999999999999")).unwrap(), 10_000);
        for bad in ["", "0", "000", "-1", "+5", "1.5", "abc", "1e3", " 5"] {
            assert!(limit(Some(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_id_is_a_hyphenated_uuid() {
        assert!(feature_id("01890a5d-ac96-774b-bcce-b302099a8057").is_ok());
        for bad in ["", "1", "01890a5dac96774bbcceb302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}"] {
            assert!(feature_id(bad).is_err(), "{bad}");
        }
    }
}
