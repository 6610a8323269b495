//! What is refused before anything is looked at: foreign hosts (a page that rebinds its name to us), foreign
//! origins (a page that sends to us), bodies beyond the limit. And the headers that keep browsers from mistakes.

use axum::extract::Request;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use model::Code;

use crate::ServeConfig;
use crate::app::App;
use crate::ask::host;
use crate::attachments;
use crate::connection::Connection;
use crate::problem::Problem;

/// Only our own files, workers, data and fonts; never in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; media-src 'self' blob:; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Answers are of one reader and checked again every time, unless a handler knows better.
const PRIVATE: &str = "private, no-cache";

const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Adds the protecting headers to an answer.
pub(crate) fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (RESOURCE_POLICY, "same-origin"),
        (OPENER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static(PRIVATE));
}

/// Refuses what is not meant for us, not sent by us, or too large.
pub(crate) fn admit(app: &App, request: &Request) -> Result<(), Problem> {
    let checked = check(app, request);
    if checked.as_ref().is_err_and(|problem| problem.code() == Code::TooLarge)
        && let Some(connection) = request.extensions().get::<Connection>()
    {
        connection.linger();
    }
    checked
}

fn check(app: &App, request: &Request) -> Result<(), Problem> {
    let headers = request.headers();
    if !is_own_host(request.uri(), headers, app.config().listen.port()) {
        return Err(Problem::of(Code::UnknownHost));
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && !is_own_origin(request.uri(), headers) {
        return Err(Problem::of(Code::ForeignOrigin));
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > limit(app.config(), request.uri())) {
        return Err(Problem::of(Code::TooLarge));
    }
    Ok(())
}

/// The largest body taken at an address: files are larger than features.
fn limit(config: &ServeConfig, uri: &Uri) -> u64 {
    match uri.path() {
        "/api/imports" => config.max_import,
        attachments::PATH => config.max_photo,
        _ => config.max_body,
    }
}

/// Whether both the address and the `Host` header name this machine, with our port or none.
fn is_own_host(uri: &Uri, headers: &HeaderMap, port: u16) -> bool {
    let mut given = headers.get_all(HOST).iter();
    let named = match (given.next(), given.next()) {
        (Some(host), None) => host.to_str().is_ok_and(|host| is_loopback(host, port)),
        (None, _) => uri.authority().is_some(),
        (Some(_), Some(_)) => false,
    };
    named && uri.authority().is_none_or(|a| is_loopback(a.as_str(), port))
}

/// Whether `host` is one of our names. Port 0 means that the port is not known (tests without a socket).
fn is_loopback(host: &str, port: u16) -> bool {
    let host = host.to_ascii_lowercase();
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|name| match host.strip_prefix(name) {
        Some("") => true,
        Some(rest) => {
            rest.strip_prefix(':').and_then(|p| p.parse::<u16>().ok()).is_some_and(|p| port == 0 || p == port)
        }
        None => false,
    })
}

/// Whether an unsafe request comes from one of our own pages, or from no page at all.
fn is_own_origin(uri: &Uri, headers: &HeaderMap) -> bool {
    let site = headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    let near = matches!(site, None | Some(b"same-origin" | b"none"));
    let mut given = headers.get_all(ORIGIN).iter();
    let own = match (given.next(), given.next()) {
        (None, _) => true,
        (Some(origin), None) => {
            let own = host(uri, headers).map(|host| format!("http://{host}"));
            own.is_some_and(|own| origin.to_str().is_ok_and(|o| o.eq_ignore_ascii_case(&own)))
        }
        (Some(_), Some(_)) => false,
    };
    near && own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
        all.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn hosts_are_our_names_with_our_port() {
        for good in ["localhost", "127.0.0.1:8080", "[::1]:8080", "LocalHost:8080", "[::1]"] {
            assert!(is_loopback(good, 8080), "{good}");
        }
        for bad in [
            "",
            "localhost:80",
            "localhost.evil.example",
            "127.0.0.1.evil",
            "evil",
            "127.0.0.2",
            "localhost:",
        ] {
            assert!(!is_loopback(bad, 8080), "{bad}");
        }
        let uri = Uri::from_static("/");
        assert!(is_own_host(&uri, &headers(&[("host", "localhost")]), 80));
        assert!(!is_own_host(&uri, &headers(&[]), 80));
        assert!(!is_own_host(&uri, &headers(&[("host", "localhost"), ("host", "localhost")]), 80));
        let foreign = Uri::from_static("http://evil.example/");
        assert!(!is_own_host(&foreign, &headers(&[("host", "localhost")]), 80));
    }

    #[test]
    fn origins_are_ours_or_absent() {
        let uri = Uri::from_static("/");
        let own = |all: &[(&'static str, &'static str)]| {
            let mut all = all.to_vec();
            all.push(("host", "localhost:8080"));
            is_own_origin(&uri, &headers(&all))
        };
        assert!(own(&[]));
        assert!(own(&[("origin", "http://localhost:8080"), ("sec-fetch-site", "same-origin")]));
        assert!(own(&[("sec-fetch-site", "none")]));
        assert!(!own(&[("origin", "null")]));
        assert!(!own(&[("origin", "http://127.0.0.1:8080")]));
        assert!(!own(&[("origin", "http://localhost:8081")]));
        assert!(!own(&[("origin", "https://localhost:8080")]));
        assert!(!own(&[("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("sec-fetch-site", "same-site")]));
        assert!(!own(&[("origin", "http://localhost:8080"), ("sec-fetch-site", "cross-site")]));
    }
}
