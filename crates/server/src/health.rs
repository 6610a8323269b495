//! For operators: is it alive, is it ready, what has it done.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::StatusCode;
use serde_json::json;

use crate::answer::{JSON, with_body};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// The text format of Prometheus.
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /healthz`: the process answers.
pub(crate) async fn alive(ask: Ask) -> Result<Response, Problem> {
    ask.only(&[])?;
    Ok(with_body("text/plain; charset=utf-8", Bytes::from_static(b"ok\n")))
}

/// `GET /readyz`: the site can be read and written; 503 with what is wrong otherwise.
pub(crate) async fn ready(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&[])?;
    let troubles = app.engine().troubles();
    let ready = troubles.is_empty();
    let body = with_body(JSON, Bytes::from(json!({"ready": ready, "troubles": troubles}).to_string()));
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, body).into_response())
}

/// `GET /metrics`
pub(crate) async fn meters(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&[])?;
    let engine = app.engine();
    Ok(with_body(PROMETHEUS, Bytes::from(app.meters().text(engine.feature_count(), engine.tiles_drawn()))))
}
