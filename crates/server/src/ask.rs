//! A request as handlers read it: who asks, in what language, with which parameters, under which address.

use axum::extract::{FromRequestParts, Query};
use engine::{Actor, Encoding};
use http::header::{ACCEPT, HOST};
use http::request::Parts;
use http::{HeaderMap, Uri};
use model::{Code, Fault, Lang, Text};

use crate::app::App;
use crate::compress::best_for_tiles;
use crate::connection::Connection;
use crate::lang;
use crate::problem::Problem;

/// The parts of a request that handlers need.
pub(crate) struct Ask {
    /// Who asks.
    pub(crate) actor: Actor,
    /// The language of the answer.
    pub(crate) lang: Lang,
    /// Query parameters, in their order.
    pub(crate) params: Vec<(String, String)>,
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    /// `http://host:port`.
    pub(crate) base: String,
    /// The request's path and query.
    pub(crate) uri: Uri,
    /// The coding in which a tile goes to this reader.
    pub(crate) encoding: Encoding,
    /// The connection it came by, when there is one.
    pub(crate) connection: Option<Connection>,
}

impl FromRequestParts<App> for Ask {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Ask, Problem> {
        let params = params_of(&parts.uri);
        let lang = lang_of(&params, &parts.headers);
        let base = format!("http://{}", host(&parts.uri, &parts.headers).unwrap_or_default());
        let encoding = best_for_tiles(&parts.headers);
        Ok(Ask {
            actor: app.actor(lang),
            lang,
            params,
            // Whoever reads the body after us needs no headers.
            headers: std::mem::take(&mut parts.headers),
            base,
            uri: parts.uri.clone(),
            encoding,
            connection: parts.extensions.get::<Connection>().cloned(),
        })
    }
}

/// The decoded query parameters of an address.
pub(crate) fn params_of(uri: &Uri) -> Vec<(String, String)> {
    if uri.query().is_none() {
        return Vec::new();
    }
    // Pairs of texts always read: an octet that is not UTF-8 becomes a replacement character.
    Query::try_from_uri(uri).map(|Query(pairs)| pairs).unwrap_or_default()
}

/// The language of an answer: the `lang` parameter, else the headers.
pub(crate) fn lang_of(params: &[(String, String)], headers: &HeaderMap) -> Lang {
    let named = params.iter().find(|(name, _)| name == "lang").and_then(|(_, value)| lang::named(value));
    named.unwrap_or_else(|| lang::preferred(headers))
}

/// The host a request is for: of its address (HTTP/2, or a proxy's form), else of its header.
pub(crate) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    uri.authority().map(http::uri::Authority::as_str).or_else(|| headers.get(HOST)?.to_str().ok())
}

impl Ask {
    /// The value of a parameter that may stand once.
    pub(crate) fn one(&self, name: &str) -> Result<Option<&str>, Problem> {
        let mut values = self.params.iter().filter(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let first = values.next();
        if values.next().is_some() {
            return Err(Problem::parameter(name, "Tham số bị lặp", "the parameter stands twice"));
        }
        Ok(first)
    }

    /// Refuses parameters outside `known`, and values of `f` and `lang` that are not offered.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        if let Some((name, _)) = self.params.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            return Err(unknown(name));
        }
        self.formats()
    }

    /// Checks `f` and `lang` where a resource takes them.
    pub(crate) fn formats(&self) -> Result<(), Problem> {
        if self.one("f")?.is_some_and(|f| !matches!(f, "json" | "geojson")) {
            return Err(Problem::parameter("f", "f chỉ nhận “json”", "f takes “json” only"));
        }
        if self.one("lang")?.is_some_and(|l| lang::named(l).is_none()) {
            return Err(Problem::parameter("lang", "lang là “vi” hoặc “en”", "lang is “vi” or “en”"));
        }
        Ok(())
    }

    /// Checks `f` where a tile is asked for: there is one format.
    pub(crate) fn formats_of_tile(&self) -> Result<(), Problem> {
        match self.one("f")? {
            None | Some("mvt") => Ok(()),
            Some(_) => Err(Problem::parameter("f", "f chỉ nhận “mvt”", "f takes “mvt” only")),
        }
    }

    /// Refuses a reader who takes none of the media types that are offered. `f` outranks the header.
    pub(crate) fn accepts(&self, offered: &[&str]) -> Result<(), Problem> {
        let has_f = self.params.iter().any(|(name, _)| name == "f");
        if has_f || acceptable(&self.headers, offered) {
            Ok(())
        } else {
            Err(Problem::of(Code::NotAcceptable))
        }
    }

    /// An address on this server.
    pub(crate) fn href(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The address that was asked for.
    pub(crate) fn own_href(&self) -> String {
        self.href(self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str))
    }

    /// The query as it came, without the parameters named; empty when nothing is left.
    pub(crate) fn query_without(&self, names: &[&str]) -> String {
        let kept =
            |part: &&str| !names.contains(&part.split('=').next().unwrap_or_default()) && !part.is_empty();
        self.uri.query().unwrap_or_default().split('&').filter(kept).collect::<Vec<_>>().join("&")
    }
}

/// The refusal of a parameter that a resource does not have.
pub(crate) fn unknown(name: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    Fault::parameter(
        Code::UnknownParameter,
        &name,
        Text::new(format!("Không có tham số “{name}”"), format!("there is no parameter “{name}”")),
    )
    .into()
}

fn acceptable(headers: &HeaderMap, offered: &[&str]) -> bool {
    let mut ranges =
        headers.get_all(ACCEPT).iter().filter_map(|v| v.to_str().ok()).flat_map(|t| t.split(',')).peekable();
    if ranges.peek().is_none() {
        return true;
    }
    ranges.any(|element| {
        let (range, weight) = lang::weighted(element);
        let fits = |kind: &&str| {
            let whole = kind.split_once('/').is_some_and(|(main, _)| range == format!("{main}/*"));
            range == "*/*" || range == **kind || whole
        };
        weight > 0.0 && offered.iter().any(fits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_is_read_as_ranges_with_weights() {
        let of = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, text.parse().unwrap());
            acceptable(&headers, &["application/geo+json", "application/json"])
        };
        assert!(acceptable(&HeaderMap::new(), &["application/json"]));
        assert!(of("*/*") && of("application/*") && of("application/json; charset=utf-8"));
        assert!(of("text/html, application/geo+json;q=0.1"));
        assert!(!of("text/html") && !of("application/json;q=0") && !of("application/xml"));
    }

    #[test]
    fn parameters_are_decoded_and_kept_in_order() {
        let uri: Uri = "/x?a=%C4%91%20b&c=1+2&a=".parse().unwrap();
        let pairs = params_of(&uri);
        let texts: Vec<_> = pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(texts, [("a", "đ b"), ("c", "1 2"), ("a", "")]);
    }
}
