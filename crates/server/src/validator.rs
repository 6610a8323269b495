//! Validators (RFC 9110 §8.8, §13): what `If-Match` and `If-None-Match` name, compared before the suffix that each
//! representation adds to a feature's ETag.

use bytes::Bytes;
use engine::Precondition;
use http::header::{HeaderName, IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue};
use sha2::{Digest, Sha256};

/// Ends the ETag of a compressed representation.
pub(crate) const COMPRESSED: &str = "-gzip";

/// A weak ETag made of an answer's bytes.
pub(crate) fn weak_of(bytes: &Bytes) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(bytes);
    let hex = digest.iter().take(12).fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    });
    format!("W/\"{hex}\"")
}

/// An ETag as a header's value.
pub(crate) fn header(etag: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(etag).ok()
}

/// Whether the reader already holds the answer with this ETag (weak comparison).
pub(crate) fn is_held(headers: &HeaderMap, etag: &str) -> bool {
    let own = opaque(etag).unwrap_or_default();
    match read(headers, &IF_NONE_MATCH) {
        Some(Tags::Any) => true,
        Some(Tags::List(tags)) => tags.iter().any(|(_, tag)| plain(tag) == plain(own)),
        None => false,
    }
}

/// What an edit was based on: strong validators only, each cut before its suffix.
pub(crate) fn precondition(headers: &HeaderMap) -> Precondition {
    match read(headers, &IF_MATCH) {
        None => Precondition::Missing,
        Some(Tags::Any) => Precondition::Any,
        Some(Tags::List(tags)) => {
            let strong = tags.into_iter().filter(|(weak, _)| !weak);
            Precondition::OneOf(strong.map(|(_, tag)| version(&tag).to_owned()).collect())
        }
    }
}

/// A tag without the mark of compression.
fn plain(tag: &str) -> &str {
    tag.strip_suffix(COMPRESSED).unwrap_or(tag)
}

/// A feature's version: what stands before the representation's suffix.
fn version(tag: &str) -> &str {
    tag.split('.').next().unwrap_or_default()
}

enum Tags {
    Any,
    List(Vec<(bool, String)>),
}

/// The tags of a header; one that is no tag matches nothing.
fn read(headers: &HeaderMap, name: &HeaderName) -> Option<Tags> {
    let mut tags = Vec::new();
    let mut given = false;
    for value in headers.get_all(name) {
        given = true;
        let Ok(mut text) = value.to_str() else { continue };
        if text.trim() == "*" {
            return Some(Tags::Any);
        }
        // A tag may hold commas: cut at quotes, not at commas.
        while let Some(start) = text.find('"') {
            let weak = text[..start].ends_with("W/");
            let rest = &text[start + 1..];
            let Some(end) = rest.find('"') else { break };
            tags.push((weak, rest[..end].to_owned()));
            text = &rest[end + 1..];
        }
    }
    given.then_some(Tags::List(tags))
}

/// The text between the quotes of an ETag.
fn opaque(etag: &str) -> Option<&str> {
    etag.strip_prefix("W/").unwrap_or(etag).strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, text: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(text))])
    }

    #[test]
    fn if_match_takes_strong_tags_before_their_suffix() {
        let of = |text| precondition(&with(IF_MATCH, text));
        assert_eq!(precondition(&HeaderMap::new()), Precondition::Missing);
        assert_eq!(of("*"), Precondition::Any);
        assert_eq!(of("\"ab.json\""), Precondition::OneOf(vec!["ab".to_owned()]));
        assert_eq!(of("\"ab.json-gzip\""), Precondition::OneOf(vec!["ab".to_owned()]));
        assert_eq!(of("W/\"ab.json\", \"c,d\""), Precondition::OneOf(vec!["c,d".to_owned()]));
        assert_eq!(of("ab"), Precondition::OneOf(vec![]));
        assert_eq!(of("W/\"ab\""), Precondition::OneOf(vec![]));
    }

    #[test]
    fn if_none_match_compares_weakly() {
        let held = |text, etag| is_held(&with(IF_NONE_MATCH, text), etag);
        assert!(held("\"a\"", "W/\"a\"") && held("W/\"a\"", "\"a\"") && held("*", "\"a\""));
        assert!(held("\"x\", \"a.json-gzip\"", "\"a.json\""));
        assert!(!held("\"b\"", "\"a\"") && !held("\"a.csv\"", "\"a.json\"") && !held("a", "\"a\""));
        assert!(!is_held(&HeaderMap::new(), "\"a\""));
    }
}
