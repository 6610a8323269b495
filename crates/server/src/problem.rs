//! Errors on the wire (RFC 9457), and the one place that knows which status an error has.
//!
//! A handler returns a [`Problem`]; it travels as an extension of an empty response until [`render`] writes it in
//! the reader's language.

use std::borrow::Cow;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use engine::{EngineError, ErrorKind, kind_of};
use http::header::{CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER, VARY};
use http::{HeaderValue, Method, StatusCode};
use model::{Code, Fault, Lang, Text};
use serde_json::{Map, Value, json};

use crate::lang;

/// The media type of problems.
pub(crate) const MEDIA_TYPE: &str = "application/problem+json";

/// A refusal or a failure.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    status: StatusCode,
    faults: Vec<Fault>,
    /// What is to be logged and not told.
    cause: Option<String>,
    /// Further members: what belongs to this problem alone.
    more: Box<Map<String, Value>>,
}

/// The status of a kind of error. Exhaustive: a new kind does not compile until it has one.
fn status_of(kind: ErrorKind) -> StatusCode {
    match kind {
        ErrorKind::BadRequest => StatusCode::BAD_REQUEST,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::Stale => StatusCode::PRECONDITION_FAILED,
        ErrorKind::VersionRequired => StatusCode::PRECONDITION_REQUIRED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The status of a code: that of its kind, but for the few that only HTTP tells apart.
pub(crate) fn status_of_code(code: Code) -> StatusCode {
    match code {
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::UnknownHost => StatusCode::FORBIDDEN,
        other => status_of(kind_of(other)),
    }
}

impl Problem {
    /// A problem that its code says all about.
    pub(crate) fn of(code: Code) -> Problem {
        Fault::of(code).into()
    }

    /// What the address names is not there: where a body that names it is wrong, an address is not found.
    pub(crate) fn not_there(code: Code) -> Problem {
        Problem { status: status_of(ErrorKind::NotFound), ..Problem::of(code) }
    }

    /// A query parameter or header with a value that cannot be read.
    pub(crate) fn parameter(name: &str, vi: impl Into<String>, en: impl Into<String>) -> Problem {
        Fault::parameter(Code::InvalidParameter, name, Text::new(vi, en)).into()
    }

    /// The body stopped arriving.
    pub(crate) fn unfinished_body() -> Problem {
        let detail = Text::new("Nội dung không đến đủ", "the body did not arrive in full");
        let fault = Fault::at(Code::InvalidJson, "", detail);
        Problem {
            status: StatusCode::REQUEST_TIMEOUT,
            faults: vec![fault],
            cause: None,
            more: Box::default(),
        }
    }

    /// A failure of ours; `cause` is logged, not told.
    pub(crate) fn internal(cause: impl Into<String>) -> Problem {
        Problem { cause: Some(cause.into()), ..Problem::of(Code::Internal) }
    }

    /// Adds a member.
    pub(crate) fn with(mut self, name: &str, value: Value) -> Problem {
        self.more.insert(name.to_owned(), value);
        self
    }

    /// What is to be logged.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The code of the first fault.
    pub(crate) fn code(&self) -> Code {
        self.faults.first().map_or(Code::Internal, |f| f.code)
    }

    fn json(&self, lang: Lang, instance: Option<String>) -> Value {
        let code = self.code();
        let detail =
            self.faults.first().map_or(Cow::Borrowed(""), |f| Cow::Owned(f.detail.get(lang).to_owned()));
        let mut out = (*self.more).clone();
        out.insert("type".to_owned(), format!("/problems/{}", code.as_str()).into());
        out.insert("title".to_owned(), code.title().get(lang).into());
        out.insert("status".to_owned(), self.status.as_u16().into());
        out.insert("detail".to_owned(), detail.into());
        out.insert("code".to_owned(), code.as_str().into());
        if let Some(instance) = instance {
            out.insert("instance".to_owned(), instance.into());
        }
        if self.faults.len() > 1 || self.faults.iter().any(|f| !f.place.is_empty()) {
            out.insert("errors".to_owned(), self.faults.iter().map(|f| entry(f, lang)).collect());
        }
        Value::Object(out)
    }
}

/// One fault with its place: a JSON pointer into the body, a parameter, or something else that has a name.
fn entry(fault: &Fault, lang: Lang) -> Value {
    let mut out = json!({"code": fault.code, "detail": fault.detail.get(lang)});
    let (key, place) = match fault.place.strip_prefix('?') {
        Some(parameter) => ("parameter", parameter),
        None if fault.place.starts_with('/') => ("pointer", fault.place.as_str()),
        None => ("place", fault.place.as_str()),
    };
    if !place.is_empty() {
        out[key] = place.into();
    }
    out
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem { status: status_of_code(fault.code), faults: vec![fault], cause: None, more: Box::default() }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Problem {
        match error {
            EngineError::Faults(faults) if !faults.is_empty() => {
                Problem { status: status_of_code(faults[0].code), faults, cause: None, more: Box::default() }
            }
            EngineError::Store(error) => {
                Problem { cause: Some(error.to_string()), ..Problem::of(Code::StoreUnavailable) }
            }
            other => Problem::internal(other.to_string()),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes a problem that a handler, or the router by itself, has left in `response`.
pub(crate) fn render(mut response: Response, method: &Method, lang: Lang, request_id: &str) -> Response {
    if response.status() == StatusCode::METHOD_NOT_ALLOWED && response.extensions().get::<Problem>().is_none()
    {
        response.extensions_mut().insert(Problem::of(Code::MethodNotAllowed));
    }
    let Some(problem) = response.extensions().get::<Problem>() else { return response };
    let instance = problem.status.is_server_error().then(|| format!("urn:uuid:{request_id}"));
    let text = problem.json(lang, instance).to_string();
    let unavailable = problem.status == StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang::tag(lang)));
    headers.append(VARY, HeaderValue::from_static("accept-language"));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    if unavailable {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    *response.body_mut() = if method == Method::HEAD { Body::empty() } else { Body::from(text) };
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_status_of_an_error() {
        for code in Code::ALL {
            let status = status_of_code(*code);
            assert!(status.is_client_error() || status.is_server_error(), "{}", code.as_str());
        }
        assert_eq!(status_of_code(Code::VersionRequired).as_u16(), 428);
        assert_eq!(status_of_code(Code::StaleVersion).as_u16(), 412);
    }

    #[test]
    fn a_place_is_a_parameter_a_pointer_or_a_name() {
        let text = || Text::new("sai", "wrong");
        let faults = vec![
            Fault::parameter(Code::InvalidParameter, "bbox", text()),
            Fault::at(Code::InvalidValue, "/properties/state", text()),
            Fault::at(Code::OutOfRange, "3/9/9", text()),
        ];
        let json = Problem::from(EngineError::Faults(faults)).json(Lang::En, None);
        assert_eq!(json["errors"][0]["parameter"], "bbox");
        assert_eq!(json["errors"][1]["pointer"], "/properties/state");
        assert_eq!(json["errors"][2]["place"], "3/9/9");
        assert_eq!(json["status"], 400);
    }

    #[test]
    fn a_failure_of_ours_tells_no_detail() {
        let json = Problem::internal("secret path").json(Lang::En, Some("urn:uuid:x".to_owned()));
        assert!(!json.to_string().contains("secret"));
        assert_eq!(json["status"], 500);
    }
}
