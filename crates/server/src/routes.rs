//! The table of routes, and the layers every request passes.

use std::panic::AssertUnwindSafe;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodRouter, delete, get, post};
use engine::Engine;
use futures_util::FutureExt as _;

use crate::app::App;
use crate::problem::Problem;
use crate::telemetry::Observed;
use crate::{
    ServeConfig, assets, attachments, basemaps, collections, compress, counts, edits, export, guard, health,
    imports, items, landing, live, openapi, schema, search, seen, style, tiles,
};

/// A path and what is done there.
type Route = (&'static str, fn() -> MethodRouter<App>);

/// Every path that is not a file of the web app. `openapi` describes each; a test compares.
#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    ("/api", || get(landing::landing)),
    ("/api/", || get(landing::landing)),
    ("/api/site", || get(landing::site)),
    ("/api/conformance", || get(landing::conformance)),
    ("/api/openapi.json", || get(openapi::document)),
    ("/api/search", || get(search::search)),
    ("/api/collections", || get(collections::list)),
    ("/api/collections/{layer}", || get(collections::one)),
    ("/api/collections/{layer}/schema", || get(schema::schema)),
    ("/api/collections/{layer}/queryables", || get(schema::queryables)),
    ("/api/collections/{layer}/items", || get(items::page).post(edits::create).options(edits::options_of_page)),
    ("/api/collections/{layer}/items/{id}", || {
        get(items::one).put(edits::replace).patch(edits::update).delete(edits::delete).options(edits::options_of_one)
    }),
    ("/api/collections/{layer}/items/{id}/history", || get(items::history)),
    ("/api/collections/{layer}/items/{id}/revert", || post(edits::revert)),
    ("/api/collections/{layer}/clusters/{cluster_id}/items", || get(items::of_cluster)),
    ("/api/collections/{layer}/count", || get(counts::count)),
    ("/api/collections/{layer}/histogram", || get(counts::histogram)),
    ("/api/collections/{layer}/moves", || get(counts::moves)),
    ("/api/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}", || get(tiles::of_collection)),
    ("/api/imports", || get(imports::list).post(imports::create)),
    ("/api/imports/{batch}", || delete(imports::undo)),
    ("/tiles/{layers}", || get(tiles::tilejson)),
    ("/tiles/{layers}/{z}/{x}/{y}", || get(tiles::tile)),
    ("/basemaps/{name}", || get(basemaps::tilejson)),
    ("/basemaps/{name}/{z}/{x}/{y}", || get(basemaps::tile)),
    ("/styles/{name}", || get(style::style)),
    ("/live", || get(live::live)),
    ("/export/{layer}", || get(export::export)),
    ("/attachments", || post(attachments::take)),
    ("/attachments/{sha256}", || get(attachments::show)),
    ("/healthz", || get(health::alive)),
    ("/readyz", || get(health::ready)),
    ("/metrics", || get(health::meters)),
];

/// The whole edge as a service, for tests without a socket. With port 0 in `config.listen` any port is taken for ours.
pub fn app(engine: Engine, config: ServeConfig) -> Router {
    router(App::new(engine, config))
}

/// The routes behind their layers; the last layer is the outermost.
pub(crate) fn router(app: App) -> Router {
    let (tiles, others): (Vec<&Route>, Vec<&Route>) = ROUTES.iter().partition(|(path, _)| is_tile(path));
    let routes =
        |all: Vec<&Route>| all.into_iter().fold(Router::new(), |r, (path, make)| r.route(path, make()));
    // Tiles bring their own compressed form and are asked for most: they pass no compressor.
    routes(others)
        .fallback(assets::file)
        .layer(compress::layer())
        .layer(from_fn(compress::negotiate))
        .merge(routes(tiles))
        .layer(from_fn_with_state(app.clone(), pass))
        .with_state(app)
}

/// Around everything, in one layer because each costs a tile more than finding it does: names the request, lets in what is
/// for us, waits for what its reader has seen elsewhere, turns a panic into a problem, tells of it, protects the answer.
async fn pass(State(app): State<App>, request: Request, next: Next) -> Response {
    let observed = Observed::begin(&request);
    let answer = async {
        if let Err(problem) = guard::admit(&app, &request) {
            return problem.into_response();
        }
        match seen::wait(&app, request.headers()).await {
            Ok(()) => next.run(request).await,
            Err(problem) => problem.into_response(),
        }
    };
    let answer = AssertUnwindSafe(answer).catch_unwind().await;
    let answer = answer.unwrap_or_else(|_| Problem::internal("a handler panicked").into_response());
    let mut response = observed.end(&app, answer);
    guard::protect(&mut response);
    response
}

fn is_tile(path: &str) -> bool {
    path.ends_with("/{z}/{x}/{y}") || path.ends_with("/{z}/{row}/{col}")
}
