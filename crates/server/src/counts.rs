//! Counts, histograms and moves between two days under the same questions as pages of features.

use axum::extract::{Path, State};
use axum::response::Response;
use engine::Step;
use jiff::civil::Date;
use serde_json::json;

use crate::answer::{JSON, document};
use crate::app::App;
use crate::ask::{Ask, unknown};
use crate::items::limit;
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
        return Err(missing("field"));
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

/// `GET /api/collections/{layer}/moves`
pub(crate) async fn moves(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let own = ["field", "from", "to", "limit", "f", "lang"];
    if ask.one("datetime")?.is_some() {
        // The two days say when.
        return Err(unknown("datetime"));
    }
    let query = app.engine().query(&ask.actor, &layer, &ask.params, &own)?;
    ask.formats()?;
    let days = [day(&ask, "from")?, day(&ask, "to")?];
    let Some(field) = ask.one("field")? else { return Err(missing("field")) };
    let limit = limit(ask.one("limit")?)?;
    let moves = app.engine().moves(&ask.actor, &query, field, days, limit).await?;
    document(&ask, JSON, &json!(moves))
}

fn day(ask: &Ask, name: &str) -> Result<Date, Problem> {
    let Some(text) = ask.one(name)? else { return Err(missing(name)) };
    let day = text.parse::<Date>().ok().filter(|_| text.len() == 10);
    day.ok_or_else(|| {
        let (vi, en) =
            (format!("{name} là một ngày dạng 2025-12-31"), format!("{name} is a day like 2025-12-31"));
        Problem::parameter(name, vi, en)
    })
}

fn missing(name: &str) -> Problem {
    Problem::parameter(name, format!("Thiếu tham số “{name}”"), format!("the parameter “{name}” is missing"))
}
