//! Imports over HTTP: a file in, a receipt out; the list of imports; and undoing one. The file lies in a temporary
//! file without a name while it is read, so that nothing of it stays behind, however this ends.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use engine::{EngineError, ImportError, Upload};
use model::{Code, nfc};
use serde_json::json;

use crate::answer::{JSON, document, with_body};
use crate::app::App;
use crate::ask::Ask;
use crate::body;
use crate::edits::idempotency_key;
use crate::problem::Problem;

/// Media types of files. A browser names them by the file's ending and by what is installed; what a file is, its name
/// and its content tell.
pub(crate) const FILES: [&str; 10] = [
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/csv",
    "application/vnd.ms-excel",
    "application/json",
    "application/geo+json",
    "application/geo+json-seq",
    "application/x-ndjson",
    "application/octet-stream",
];

/// Longest name of a file.
const MAX_NAME: usize = 200;

/// `POST /api/imports`
pub(crate) async fn create(State(app): State<App>, ask: Ask, content: Body) -> Result<Response, Problem> {
    ask.only(&["layer", "filename", "dry_run", "mapping", "key", "crs", "map", "new_layer", "f", "lang"])?;
    body::of_type(&ask.headers, &FILES)?;
    let mut upload = Upload {
        layer: required(&ask, "layer")?.to_owned(),
        filename: file_name(required(&ask, "filename")?)?,
        // Read first what can be refused without reading the file.
        file: Arc::new(tempfile::tempfile().map_err(|e| Problem::internal(e.to_string()))?),
        mapping: text(&ask, "mapping")?,
        map: mapped(&ask)?,
        key: text(&ask, "key")?,
        crs: text(&ask, "crs")?,
        new_layer: flag(&ask, "new_layer")?,
        dry_run: flag(&ask, "dry_run")?,
        idempotency_key: idempotency_key(&ask)?,
    };
    // A file is held in memory while it is read: a few at once.
    let _turn = app.importing().try_acquire().map_err(|_| Problem::of(Code::Busy))?;
    let file = Arc::try_unwrap(upload.file).map_err(|_| Problem::of(Code::Internal))?;
    upload.file = Arc::new(body::to_file(&ask, content, app.config(), file).await?);
    let answer = app.engine().import(&ask.actor, upload).await.map_err(refused)?;
    let json = serde_json::to_vec(&answer).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(with_body(JSON, Bytes::from(json)))
}

/// `GET /api/imports`
pub(crate) async fn list(State(app): State<App>, ask: Ask) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let all = app.engine().imports(&ask.actor).await?;
    document(&ask, JSON, &json!({"imports": all}))
}

/// `DELETE /api/imports/{batch}`
pub(crate) async fn undo(
    State(app): State<App>,
    Path(batch): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    ask.only(&["f", "lang"])?;
    let undone = app.engine().undo_import(&ask.actor, &batch).await?;
    let json = serde_json::to_vec(&undone).map_err(|e| Problem::internal(e.to_string()))?;
    Ok(with_body(JSON, Bytes::from(json)))
}

fn refused(error: ImportError) -> Problem {
    let faults = error.faults();
    match error {
        ImportError::Store(error) => EngineError::Store(error).into(),
        ImportError::PersonData(found, columns) => Problem::from(EngineError::Faults(faults))
            .with("person_data", json!(found))
            .with("columns", json!(columns)),
        ImportError::Faults(_) => EngineError::Faults(faults).into(),
        other => Problem::internal(other.to_string()),
    }
}

fn required<'a>(ask: &'a Ask, name: &str) -> Result<&'a str, Problem> {
    let given = ask.one(name)?.filter(|v| !v.is_empty());
    given.ok_or_else(|| Problem::parameter(name, "Thiếu tham số", "the parameter is missing"))
}

fn text(ask: &Ask, name: &str) -> Result<Option<String>, Problem> {
    Ok(ask.one(name)?.filter(|v| !v.is_empty()).map(nfc))
}

fn flag(ask: &Ask, name: &str) -> Result<bool, Problem> {
    match ask.one(name)? {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::parameter(name, "Nhận “true” hoặc “false”", "takes “true” or “false”")),
    }
}

/// `map=field=column`, any number of times; without a column the field is left alone.
fn mapped(ask: &Ask) -> Result<Vec<(String, String)>, Problem> {
    let pair = |value: &str| {
        let (field, column) = value.split_once('=')?;
        Some((nfc(field.trim()), nfc(column.trim())))
    };
    let given = ask.params.iter().filter(|(name, _)| name == "map");
    given
        .map(|(_, value)| {
            pair(value).ok_or_else(|| Problem::parameter("map", "Nhận “trường=cột”", "takes “field=column”"))
        })
        .collect()
}

/// The last part of a name, without signs that belong to no name.
fn file_name(given: &str) -> Result<String, Problem> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = nfc(last.trim()).chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    if name.is_empty() {
        return Err(Problem::parameter("filename", "Thiếu tên tệp", "the file has no name"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_its_own_name_and_no_path() {
        let name = |given| file_name(given).ok();
        assert_eq!(name("C:\\fakepath\\dữ liệu.csv").as_deref(), Some("dữ liệu.csv"));
        assert_eq!(name("../../etc/pass\u{0}wd").as_deref(), Some("passwd"));
        assert_eq!(name("a/"), None);
        assert_eq!(name(&"x".repeat(500)).map(|n| n.len()), Some(MAX_NAME));
    }
}
