//! Counts and histograms under the same questions as pages of features.

use axum::extract::{Path, State};
use axum::response::Response;
use engine::Step;
use serde_json::json;

use crate::answer::{JSON, document};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// `GET /api/collections/{layer}/count`
pub(crate) async fn count(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &["by", "f", "lang"])?;
    ask.formats()?;
    let count = app.engine().count(&ask.actor, &query, ask.one("by")?).await?;
    document(&ask, JSON, &json!(count))
}

/// `GET /api/collections/{layer}/histogram`
pub(crate) async fn histogram(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &["field", "step", "f", "lang"])?;
    ask.formats()?;
    let Some(field) = ask.one("field")? else {
        return Err(Problem::parameter("field", "Thiếu tham số “field”", "the parameter “field” is missing"));
    };
    let step = match ask.one("step")? {
        None | Some("month") => Step::Month,
        Some("day") => Step::Day,
        Some("week") => Step::Week,
        Some("year") => Step::Year,
        Some(_) => {
            let (vi, en) = ("step là day, week, month hoặc year", "step is day, week, month or year");
            return Err(Problem::parameter("step", vi, en));
        }
    };
    let bars = app.engine().histogram(&ask.actor, &query, field, step).await?;
    document(&ask, JSON, &json!(bars))
}
