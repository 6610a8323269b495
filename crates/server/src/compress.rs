//! Compression by gzip of texts. Tiles bring their own compressed form, and event streams must not wait in a
//! compressor.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use engine::Encoding;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{And, Predicate, SizeAbove};

use crate::lang::weighted;
use crate::validator::COMPRESSED;

/// Below this many bytes gzip gains nothing.
const LEAST: u64 = 512;

/// Decides by the media type.
type ByKind = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

/// The layer that compresses.
pub(crate) fn layer() -> CompressionLayer<And<SizeAbove, ByKind>> {
    let by_kind: ByKind = |_, _, headers, _| is_text(headers);
    CompressionLayer::new()
        .quality(CompressionLevel::Precise(4))
        .compress_when(SizeAbove::new(LEAST).and(by_kind))
}

fn is_text(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let text = kind.starts_with("text/") && kind != "text/event-stream";
    text || kind.ends_with("json") || matches!(kind, "application/javascript" | "image/svg+xml")
}

/// The coding of a tile for a reader: of those taken with the greatest weight the one that packs fastest for its size.
pub(crate) fn best_for_tiles(headers: &HeaderMap) -> Encoding {
    let mut best = (0.0, Encoding::Plain);
    for (encoding, names) in
        [(Encoding::Zstd, &["zstd"][..]), (Encoding::Brotli, &["br"]), (Encoding::Gzip, &["gzip", "x-gzip"])]
    {
        let weight = weight_of(headers, names);
        if weight > best.0 {
            best = (weight, encoding);
        }
    }
    best.1
}

/// Whether the reader takes gzip.
pub(crate) fn takes_gzip(headers: &HeaderMap) -> bool {
    weight_of(headers, &["gzip", "x-gzip"]) > 0.0
}

/// The weight of a coding, by its own name or else by `*`; 0 when it is not taken.
fn weight_of(headers: &HeaderMap, names: &[&str]) -> f64 {
    let texts = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    let mut any = 0.0;
    for (name, weight) in texts.flat_map(|t| t.split(',')).map(weighted) {
        if names.contains(&name.as_str()) {
            return weight;
        }
        if name == "*" {
            any = weight;
        }
    }
    any
}

/// Around the layer: says to it only "gzip" or nothing (it would answer 406 to a reader who refuses the plain form,
/// after the work is done), and gives a compressed representation a strong ETag of its own.
pub(crate) async fn negotiate(mut request: Request, next: Next) -> Response {
    let gzip = takes_gzip(request.headers());
    request.headers_mut().remove(ACCEPT_ENCODING);
    if gzip {
        request.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
    }
    let mut response = next.run(request).await;
    if response.headers().contains_key(CONTENT_ENCODING)
        && let Some(own) = response.headers().get(ETAG).and_then(|v| of_compressed(v.to_str().ok()?))
    {
        response.headers_mut().insert(ETAG, own);
    }
    response
}

fn of_compressed(etag: &str) -> Option<HeaderValue> {
    let inner = etag.strip_prefix('"')?.strip_suffix('"')?;
    HeaderValue::from_str(&format!("\"{inner}{COMPRESSED}\"")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_taken_when_it_is_not_refused() {
        let of = |text: &'static str| {
            takes_gzip(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        assert!(!takes_gzip(&HeaderMap::new()));
        assert!(of("gzip") && of("br, gzip;q=0.5") && of("*"));
        assert!(!of("br") && !of("gzip;q=0, *") && !of("identity;q=0"));
    }

    #[test]
    fn a_tile_goes_in_the_coding_that_is_liked_best() {
        let of = |text: &'static str| {
            best_for_tiles(&HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(text))]))
        };
        assert_eq!(best_for_tiles(&HeaderMap::new()), Encoding::Plain);
        assert_eq!(of("gzip, deflate, br, zstd"), Encoding::Zstd);
        assert_eq!(of("gzip, deflate, br"), Encoding::Brotli);
        assert_eq!(of("gzip;q=1, br;q=0.8"), Encoding::Gzip);
        assert_eq!(of("*"), Encoding::Zstd);
        assert_eq!(of("zstd;q=0, br;q=0, *;q=0.1"), Encoding::Gzip);
        assert_eq!(of("identity, gzip;q=0"), Encoding::Plain);
    }

    #[test]
    fn texts_are_compressed_and_tiles_are_not() {
        let of = |text: &'static str| {
            is_text(&HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(text))]))
        };
        assert!(of("application/geo+json") && of("text/css") && of("application/json; charset=utf-8"));
        assert!(!of("application/vnd.mapbox-vector-tile") && !of("text/event-stream") && !of("font/woff2"));
    }

    #[test]
    fn only_strong_tags_get_a_form_for_compression() {
        assert_eq!(of_compressed("\"a.json\"").unwrap(), "\"a.json-gzip\"");
        assert!(of_compressed("W/\"a\"").is_none());
    }
}
