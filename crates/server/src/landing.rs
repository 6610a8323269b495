//! The entrance: `/api`, what the site is, and which standards hold.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::answer::{JSON, OPENAPI, document, link, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// Conformance classes that hold, without their common beginning. Never ahead of what is built.
const CONFORMS: [&str; 3] = [
    "ogcapi-features-1/1.0/conf/core",
    "ogcapi-features-1/1.0/conf/geojson",
    "ogcapi-features-1/1.0/conf/oas30",
];

/// `GET /api`: the OGC landing page.
pub(crate) async fn landing(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let site = app.engine().site(&ask.actor);
    let (title, description) = match ask.lang {
        model::Lang::Vi => (
            &site.title.vi,
            "Bản đồ trật tự, an ninh của địa bàn: lớp dữ liệu, ô véc-tơ, tìm theo thời gian.",
        ),
        model::Lang::En => {
            (&site.title.en, "The map of a ward's order: layers, vector tiles, questions of time.")
        }
    };
    let path = |path: &str| ask.href(path);
    let body = json!({
        "title": title,
        "description": description,
        "links": [
            link("self", JSON, &ask.own_href()),
            link("service-desc", OPENAPI, &path("/api/openapi.json")),
            link("conformance", JSON, &path("/api/conformance")),
            link("http://www.opengis.net/def/rel/ogc/1.0/conformance", JSON, &path("/api/conformance")),
            link("data", JSON, &path("/api/collections")),
            link("http://www.opengis.net/def/rel/ogc/1.0/data", JSON, &path("/api/collections")),
        ],
    });
    worded(&ask, JSON, &body)
}

/// `GET /api/site`: what the web app needs first.
pub(crate) async fn site(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let site = app.engine().site(&ask.actor);
    let body = json!({
        "title": site.title,
        "demo": site.demo,
        "today": site.today,
        "as_of": site.as_of,
        "role": site.role,
        "bounds": site.bounds,
        "languages": ["vi", "en"],
        "notice": site.notice,
    });
    document(&ask, JSON, &body)
}

/// `GET /api/conformance`
pub(crate) async fn conformance(ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let classes: Vec<String> =
        CONFORMS.iter().map(|class| format!("http://www.opengis.net/spec/{class}")).collect();
    document(&ask, JSON, &json!({"conformsTo": classes}))
}
