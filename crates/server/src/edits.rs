//! Edits: POST, PUT, PATCH, DELETE and revert. The engine decides; here only the request is read and the answer
//! written.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use bytes::Bytes;
use engine::{EditMeta, EditOutcome, Precondition, Verb};
use http::header::{ALLOW, ETAG, LOCATION};
use http::{HeaderValue, StatusCode};
use uuid::Uuid;

use crate::answer::{GEOJSON, with_body};
use crate::app::App;
use crate::ask::Ask;
use crate::body;
use crate::items::{etag, feature_id, path_of, with_links};
use crate::problem::Problem;
use crate::seen;
use crate::validator;

const IDEMPOTENCY_KEY: &str = "Idempotency-Key";
/// Longest key of a request.
const MAX_KEY: usize = 200;

/// The path of a feature.
type One = Path<(String, String)>;

/// `POST /api/collections/{layer}/items`
pub(crate) async fn create(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
    content: Body,
) -> Result<Response, Problem> {
    let edit = Edit { app: &app, ask: &ask, layer: &layer, id: None, verb: Verb::Create };
    edit.make(&body::FEATURE, content).await
}

/// `PUT /api/collections/{layer}/items/{id}`
pub(crate) async fn replace(
    State(app): State<App>,
    Path((layer, id)): One,
    ask: Ask,
    content: Body,
) -> Result<Response, Problem> {
    one(&app, &ask, &layer, &id, Verb::Replace, &body::FEATURE, content).await
}

/// `PATCH /api/collections/{layer}/items/{id}`
pub(crate) async fn update(
    State(app): State<App>,
    Path((layer, id)): One,
    ask: Ask,
    content: Body,
) -> Result<Response, Problem> {
    one(&app, &ask, &layer, &id, Verb::Update, &body::PATCH, content).await
}

/// `DELETE /api/collections/{layer}/items/{id}`
pub(crate) async fn delete(
    State(app): State<App>,
    Path((layer, id)): One,
    ask: Ask,
    content: Body,
) -> Result<Response, Problem> {
    one(&app, &ask, &layer, &id, Verb::Delete, &[], content).await
}

/// `POST /api/collections/{layer}/items/{id}/revert`
pub(crate) async fn revert(
    State(app): State<App>,
    Path((layer, id)): One,
    ask: Ask,
    content: Body,
) -> Result<Response, Problem> {
    one(&app, &ask, &layer, &id, Verb::Revert, &body::REQUEST, content).await
}

async fn one(
    app: &App,
    ask: &Ask,
    layer: &str,
    id: &str,
    verb: Verb,
    types: &[&str],
    content: Body,
) -> Result<Response, Problem> {
    app.engine().check_layer(&ask.actor, layer)?;
    let id = Some(feature_id(id)?);
    Edit { app, ask, layer, id, verb }.make(types, content).await
}

/// `OPTIONS /api/collections/{layer}/items`
pub(crate) async fn options_of_page(
    State(app): State<App>,
    Path(layer): Path<String>,
    ask: Ask,
) -> Result<Response, Problem> {
    options(&app, &ask, &layer, "GET,HEAD,OPTIONS", "GET,HEAD,OPTIONS,POST")
}

/// `OPTIONS /api/collections/{layer}/items/{id}`
pub(crate) async fn options_of_one(
    State(app): State<App>,
    Path((layer, id)): One,
    ask: Ask,
) -> Result<Response, Problem> {
    feature_id(&id)?;
    options(&app, &ask, &layer, "GET,HEAD,OPTIONS", "GET,HEAD,OPTIONS,PUT,PATCH,DELETE")
}

fn options(
    app: &App,
    ask: &Ask,
    layer: &str,
    reader: &'static str,
    editor: &'static str,
) -> Result<Response, Problem> {
    let editable = app.engine().may_edit(&ask.actor, layer)?;
    ask.only(&[])?;
    let mut response = Response::new(Body::empty());
    let allowed = if editable { editor } else { reader };
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(allowed));
    Ok(response)
}

/// The request's own name, when it has one.
pub(crate) fn idempotency_key(ask: &Ask) -> Result<Option<String>, Problem> {
    let mut given = ask.headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else { return Ok(None) };
    let bytes = key.as_bytes();
    let visible = (1..=MAX_KEY).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_graphic);
    match key.to_str() {
        Ok(key) if visible && given.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Problem::parameter(
            IDEMPOTENCY_KEY,
            format!("{IDEMPOTENCY_KEY} gồm 1 đến {MAX_KEY} ký tự ASCII không dấu cách"),
            format!("{IDEMPOTENCY_KEY} is 1 to {MAX_KEY} visible ASCII characters"),
        )),
    }
}

/// One edit that is asked for.
struct Edit<'a> {
    app: &'a App,
    ask: &'a Ask,
    layer: &'a str,
    id: Option<Uuid>,
    verb: Verb,
}

impl Edit<'_> {
    async fn make(&self, types: &[&str], content: Body) -> Result<Response, Problem> {
        let (app, ask) = (self.app, self.ask);
        app.engine().check_layer(&ask.actor, self.layer)?;
        ask.only(&["f", "lang"])?;
        let optional = matches!(self.verb, Verb::Delete | Verb::Revert);
        if !optional {
            body::of_type(&ask.headers, types)?;
        }
        let meta = EditMeta { precondition: self.precondition(), idempotency_key: idempotency_key(ask)? };
        let content = body::read(ask, content, app.config()).await?;
        if self.verb == Verb::Revert && !content.is_empty() {
            body::of_type(&ask.headers, types)?;
        }
        let content = if self.verb == Verb::Delete { Bytes::new() } else { content };
        let outcome = app.engine().edit(&ask.actor, self.layer, self.id, self.verb, &content, meta).await?;
        Ok(self.answer(&outcome))
    }

    fn precondition(&self) -> Precondition {
        match self.verb {
            Verb::Create => Precondition::Any,
            _ => validator::precondition(&self.ask.headers),
        }
    }

    fn answer(&self, outcome: &EditOutcome) -> Response {
        let mut response = match &outcome.item {
            Some(item) if self.verb != Verb::Delete => {
                let mut response = with_body(GEOJSON, with_links(self.ask, self.layer, item));
                if let Some(etag) = validator::header(&etag(item)) {
                    response.headers_mut().insert(ETAG, etag);
                }
                response
            }
            _ => {
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::NO_CONTENT;
                response
            }
        };
        if self.verb == Verb::Create {
            *response.status_mut() = StatusCode::CREATED;
            let place = self.ask.href(&path_of(self.layer, outcome.id));
            if let Ok(place) = HeaderValue::from_str(&place) {
                response.headers_mut().insert(LOCATION, place);
            }
        }
        seen::remember(response.headers_mut(), &outcome.mark);
        response
    }
}
