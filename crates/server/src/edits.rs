//! Edits of features: what was asked, turned into one call of the engine; its outcome, turned into headers.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use engine::{EditMeta, EditOutcome, Precondition, Verb};
use http::header::{ALLOW, ETAG, HeaderName, LOCATION};
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use crate::answer::{GEOJSON, with_body};
use crate::app::App;
use crate::ask::Ask;
use crate::body::{FEATURE, PATCH, REQUEST, of_type, read};
use crate::items::{etag, feature_id, path_of, with_links};
use crate::problem::Problem;
use crate::validator;

/// Where the log stands after an edit.
const MARK: HeaderName = HeaderName::from_static("x-diaban-mark");
/// Names a request, so that its repetition is answered alike.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// `OPTIONS /api/collections/{layer}/items`
pub(crate) async fn options_of_page(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    let editable = app.engine().layer(&ask.actor, &layer)?.editable;
    Ok(allowed(if editable { "GET, HEAD, OPTIONS, POST" } else { "GET, HEAD, OPTIONS" }))
}

/// `OPTIONS /api/collections/{layer}/items/{id}`
pub(crate) async fn options_of_one(
    State(app): State<App>,
    Path((layer, _)): Path<(String, String)>,
    ask: Ask,
) -> Result<Response, Problem> {
    let editable = app.engine().layer(&ask.actor, &layer)?.editable;
    Ok(allowed(if editable { "GET, HEAD, OPTIONS, PUT, PATCH, DELETE" } else { "GET, HEAD, OPTIONS" }))
}

fn allowed(methods: &'static str) -> Response {
    let mut response = Response::new(Body::empty());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
    response
}

/// `POST /api/collections/{layer}/items`
pub(crate) async fn create(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
    body: Body,
) -> Result<Response, Problem> {
    let edit = Edit { verb: Verb::Create, id: None, types: &FEATURE };
    edit.make(&app, &layer, &ask, body).await
}

/// `PUT /api/collections/{layer}/items/{id}`
pub(crate) async fn replace(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
    body: Body,
) -> Result<Response, Problem> {
    app.engine().layer(&ask.actor, &layer)?;
    let edit = Edit { verb: Verb::Replace, id: Some(feature_id(&id)?), types: &FEATURE };
    edit.make(&app, &layer, &ask, body).await
}

/// `PATCH /api/collections/{layer}/items/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
    body: Body,
) -> Result<Response, Problem> {
    app.engine().layer(&ask.actor, &layer)?;
    let edit = Edit { verb: Verb::Update, id: Some(feature_id(&id)?), types: &PATCH };
    edit.make(&app, &layer, &ask, body).await
}

/// `DELETE /api/collections/{layer}/items/{id}`
pub(crate) async fn delete(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
    body: Body,
) -> Result<Response, Problem> {
    app.engine().layer(&ask.actor, &layer)?;
    let edit = Edit { verb: Verb::Delete, id: Some(feature_id(&id)?), types: &[] };
    edit.make(&app, &layer, &ask, body).await
}

/// `POST /api/collections/{layer}/items/{id}/revert`
pub(crate) async fn revert(
    State(app): State<App>,
    Path((layer, id)): Path<(String, String)>,
    ask: Ask,
    body: Body,
) -> Result<Response, Problem> {
    app.engine().layer(&ask.actor, &layer)?;
    let edit = Edit { verb: Verb::Revert, id: Some(feature_id(&id)?), types: &REQUEST };
    edit.make(&app, &layer, &ask, body).await
}

struct Edit {
    verb: Verb,
    id: Option<Uuid>,
    /// Media types of its body.
    types: &'static [&'static str],
}

impl Edit {
    async fn make(self, app: &App, layer: &str, ask: &Ask, body: Body) -> Result<Response, Problem> {
        app.engine().layer(&ask.actor, layer)?;
        ask.only(&["f", "lang"])?;
        let content = read(ask, body, app.config()).await?;
        let needs_body = !matches!(self.verb, Verb::Delete | Verb::Revert);
        if needs_body || (!content.is_empty() && !self.types.is_empty()) {
            of_type(&ask.headers, self.types)?;
        }
        let precondition = match self.verb {
            Verb::Create => Precondition::Any,
            _ => validator::precondition(&ask.headers),
        };
        let meta = EditMeta { precondition, idempotency_key: key(ask)? };
        let content = if self.types.is_empty() { Bytes::new() } else { content };
        let outcome = app.engine().edit(&ask.actor, layer, self.id, self.verb, &content, meta).await?;
        Ok(answer(ask, layer, self.verb, &outcome))
    }
}

/// The request's own name: 1 to 200 visible ASCII characters.
fn key(ask: &Ask) -> Result<Option<String>, Problem> {
    let Some(value) = ask.headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let text = value.to_str().ok().filter(|s| (1..=200).contains(&s.len()) && s.bytes().all(|b| b.is_ascii_graphic()));
    match text {
        Some(text) => Ok(Some(text.to_owned())),
        None => Err(Problem::parameter(
            "Idempotency-Key",
            "Idempotency-Key gồm 1 đến 200 ký tự ASCII nhìn thấy được",
            "Idempotency-Key is 1 to 200 visible ASCII characters",
        )),
    }
}

fn answer(ask: &Ask, layer: &str, verb: Verb, outcome: &EditOutcome) -> Response {
    let mut response = match &outcome.item {
        Some(item) => {
            let mut response = with_body(GEOJSON, with_links(ask, layer, item));
            if let Some(etag) = validator::header(&etag(item)) {
                response.headers_mut().insert(ETAG, etag);
            }
            response
        }
        None => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
    };
    if verb == Verb::Create {
        *response.status_mut() = StatusCode::CREATED;
        if let Ok(location) = HeaderValue::from_str(&ask.href(&path_of(layer, outcome.id))) {
            response.headers_mut().insert(LOCATION, location);
        }
    }
    if let Ok(mark) = HeaderValue::from_str(&outcome.mark) {
        response.headers_mut().insert(MARK, mark);
    }
    response
}
