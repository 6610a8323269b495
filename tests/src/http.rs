//! A plain HTTP client: every status is an answer, nothing is followed, retried or unpacked.

use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Request};

/// Longer than any answer may take.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A client for one server.
#[derive(Clone)]
pub struct Http {
    agent: Agent,
    base: String,
}

/// One answer.
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as it came.
    pub body: Vec<u8>,
    request: String,
}

impl Http {
    /// A client for the server at `base`, such as `http://127.0.0.1:8080`.
    pub fn new(base: &str) -> Self {
        Self { agent: agent(Some(TIMEOUT)), base: base.trim_end_matches('/').to_owned() }
    }

    /// Any request. `path` begins with `/` and is sent as it is.
    #[track_caller]
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Reply {
        let url = format!("{}{path}", self.base);
        let mut request = Request::builder().method(method).uri(&url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let wrong = |error: &dyn std::fmt::Display| -> ! { panic!("{method} {url}: {error}") };
        // A body is sent whatever the method says about bodies.
        let answer = match body {
            Some(bytes) => self.agent.run(request.body(bytes).unwrap_or_else(|e| wrong(&e))),
            None => self.agent.run(request.body(()).unwrap_or_else(|e| wrong(&e))),
        };
        let (parts, mut body) = answer.unwrap_or_else(|e| wrong(&e)).into_parts();
        let body = body.with_config().limit(u64::MAX).read_to_vec();
        Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.unwrap_or_else(|e| wrong(&e)),
            request: format!("{method} {path}"),
        }
    }

    /// A request with a JSON body to a server that may be gone: `None` when there is no whole answer.
    pub fn try_request(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Option<Reply> {
        let headers: Vec<(&str, &str)> =
            std::iter::once(("content-type", "application/json")).chain(headers.iter().copied()).collect();
        self.try_bytes(method, path, &serde_json::to_vec(body).ok()?, &headers)
    }

    /// A request with any body to a server that may be gone: `None` when there is no whole answer.
    pub fn try_bytes(
        &self,
        method: &str,
        path: &str,
        body: &[u8],
        headers: &[(&str, &str)],
    ) -> Option<Reply> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.to_vec()).ok()?;
        let (parts, mut body) = self.agent.run(request).ok()?.into_parts();
        Some(Reply {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: body.with_config().limit(u64::MAX).read_to_vec().ok()?,
            request: format!("{method} {path}"),
        })
    }

    /// GET.
    #[track_caller]
    pub fn get(&self, path: &str) -> Reply {
        self.request("GET", path, &[], None)
    }

    /// GET with headers.
    #[track_caller]
    pub fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("GET", path, headers, None)
    }

    /// GET of a JSON document, which must be there.
    #[track_caller]
    pub fn get_json(&self, path: &str) -> Value {
        self.get(path).expect(200).json()
    }

    /// POST of a GeoJSON feature or another JSON document.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        self.send("POST", "application/geo+json", path, body, headers)
    }

    /// PUT of a GeoJSON feature.
    #[track_caller]
    pub fn put(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        self.send("PUT", "application/geo+json", path, body, headers)
    }

    /// PATCH with a JSON merge patch.
    #[track_caller]
    pub fn patch(&self, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        self.send("PATCH", "application/merge-patch+json", path, body, headers)
    }

    /// DELETE.
    #[track_caller]
    pub fn delete(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("DELETE", path, headers, None)
    }

    /// The content type is `kind` unless the headers name one.
    #[track_caller]
    fn send(&self, method: &str, kind: &str, path: &str, body: &Value, headers: &[(&str, &str)]) -> Reply {
        let mut all = headers.to_vec();
        if !all.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type")) {
            all.push(("content-type", kind));
        }
        self.request(method, path, &all, Some(body.to_string().as_bytes()))
    }
}

impl Reply {
    /// Asserts the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert!(self.status == status, "{}: {}, not {status}\n{}", self.request, self.status, self.text());
        self
    }

    /// Asserts a problem document with this status and stable code, and returns it.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        let reply = self.expect(status);
        assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{}", reply.request);
        let problem = reply.json();
        assert_eq!(problem["code"], code, "{}: {problem:#}", reply.request);
        problem
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The ETag, which must be there.
    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("{}: no ETag", self.request)).to_owned()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: not JSON: {error}\n{}", self.request, self.text()))
    }
}

/// The agent behind every request: no proxy of the host, no redirects, no status as an error.
pub(crate) fn agent(timeout: Option<Duration>) -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .proxy(None)
        .timeout_global(timeout)
        .user_agent("diaban-e2e")
        .build()
        .new_agent()
}
