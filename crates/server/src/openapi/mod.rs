//! The API's own description: OpenAPI 3.0.3, made from the layer definitions as the reader sees them. A test holds it
//! against the table of routes.

mod aggregate;
mod components;
mod import_paths;
mod layer_paths;
mod operation;
mod site_paths;

use axum::extract::State;
use axum::response::Response;
use engine::LayerInfo;
use serde_json::{Map, Value, json};

use crate::answer::{OPENAPI, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// `GET /api/openapi.json`
pub(crate) async fn document(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let title = app.engine().site(&ask.actor).title;
    let layers = app.engine().layers(&ask.actor);
    // A large document: it is put together off the async threads.
    let made = tokio::task::spawn_blocking(move || {
        let body = describe(&ask, title.get(ask.lang), &layers);
        worded(&ask, OPENAPI, &body)
    });
    made.await.map_err(|error| Problem::internal(error.to_string()))?
}

fn describe(ask: &Ask, title: &str, layers: &[LayerInfo]) -> Value {
    let mut paths = Map::new();
    for (path, item) in site_paths::paths(layers) {
        paths.insert(path, item);
    }
    for info in layers {
        for (path, item) in layer_paths::paths(&info.def, info.editable, ask.actor.role) {
            paths.insert(path, item);
        }
    }
    // OGC clients read the paths below the landing page; what lies beside it says so itself.
    let root = json!([{"url": ask.href("")}]);
    let paths: Map<String, Value> = paths
        .into_iter()
        .map(|(path, mut item)| match path.strip_prefix("/api") {
            Some("") => ("/".to_owned(), item),
            Some(below) => (below.to_owned(), item),
            None => {
                item["servers"] = root.clone();
                (path, item)
            }
        })
        .collect();
    let mut components = components::components();
    for (name, one) in import_paths::schemas() {
        components["schemas"][name] = one;
    }
    for info in layers {
        components["schemas"][components::feature_name(&info.def)] =
            components::feature(&info.def, ask.actor.role, ask.lang);
        for (name, parameter) in layer_paths::parameters(&info.def, ask.actor.role, ask.lang) {
            components["parameters"][name] = parameter;
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "description": "Địa Bàn: OGC API Features, vector tiles, counts, history and live events.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT OR Apache-2.0"},
        },
        "servers": [{"url": ask.href("/api")}],
        "security": [],
        "paths": paths,
        "components": components,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::routes::ROUTES;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        // Some paths are of layers with a certain trait only.
        let mut described: BTreeSet<String> =
            site_paths::paths(&[]).into_iter().map(|(path, _)| path).collect();
        for def in engine::builtin_layers().unwrap() {
            let id = format!("/{}", def.id);
            let of_layer = layer_paths::paths(&def, true, model::Role::Analyst);
            described.extend(of_layer.into_iter().map(|(path, _)| path.replacen(&id, "/{layer}", 1)));
        }
        // The landing page also answers with a slash at its end.
        let routes: BTreeSet<String> =
            ROUTES.iter().map(|(path, _)| (*path).to_owned()).filter(|path| path != "/api/").collect();
        assert_eq!(described, routes);
    }
}
