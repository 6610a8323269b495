//! Search over everything the reader may see.

use axum::extract::State;
use axum::response::Response;
use serde_json::json;

use crate::answer::{JSON, worded};
use crate::app::App;
use crate::ask::Ask;
use crate::problem::Problem;

/// Results when the request names no number.
pub(crate) const DEFAULT_FOUND: usize = 20;
/// The most results.
pub(crate) const MAX_FOUND: usize = 100;

/// `GET /api/search?q=`
pub(crate) async fn search(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["q", "limit", "layers", "f", "lang"])?;
    let layers: Option<Vec<&str>> = ask.one("layers")?.map(|all| all.split(',').collect());
    let limit = match ask.one("limit")? {
        None => DEFAULT_FOUND,
        Some(text) => {
            let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            let number = digits.then(|| text.parse().unwrap_or(MAX_FOUND)).filter(|n| *n > 0);
            let number = number.ok_or_else(|| {
                Problem::parameter(
                    "limit",
                    format!("limit phải là số nguyên từ 1 đến {MAX_FOUND}"),
                    format!("limit must be a whole number from 1 to {MAX_FOUND}"),
                )
            })?;
            number.min(MAX_FOUND)
        }
    };
    let text = ask.one("q")?.unwrap_or_default();
    let finding = app.engine().search(&ask.actor, text, layers.as_deref(), limit).await?;
    worded(&ask, JSON, &json!(finding))
}
