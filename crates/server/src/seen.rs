//! What a reader saw on one server of a site is there on every other: a request brings the marks of what it has seen,
//! by header or cookie, and waits until this server shows that much.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::app::App;
use crate::problem::Problem;

/// A mark, of an edit in its answer; of what was seen, in a request. Several stand with commas between.
pub(crate) const MARK: HeaderName = HeaderName::from_static("x-diaban-mark");
/// The cookie of what the reader wrote, set with each edit.
const OWN: &str = "diaban-own";
/// The cookie of what live events told, set by the page.
const SEEN: &str = "diaban-seen";
/// Marks one header may hold.
const MOST: usize = 8;
/// How long a browser brings a mark, in seconds: a server that is further behind says so itself.
const KEPT_S: u32 = 600;

/// Waits until this server shows what the request's reader has seen.
pub(crate) async fn wait(app: &App, headers: &HeaderMap) -> Result<(), Problem> {
    if !headers.contains_key(&MARK) && !headers.contains_key(COOKIE) {
        return Ok(());
    }
    let named: Vec<&str> = named(headers).collect();
    if named.len() > MOST || named.iter().any(|mark| !app.engine().is_mark(mark)) {
        let (vi, en) = ("X-Diaban-Mark không phải dấu mốc của hệ thống này", "not a mark of this site");
        return Err(Problem::parameter("X-Diaban-Mark", vi, en));
    }
    // A cookie may be of the site that was served here before: it asks for nothing then.
    Ok(app.engine().caught_up(named.into_iter().chain(kept(headers))).await?)
}

/// Lets a browser bring the mark of what it wrote.
pub(crate) fn remember(headers: &mut HeaderMap, mark: &str) {
    let cookie = format!("{OWN}={mark}; Path=/; Max-Age={KEPT_S}; SameSite=Strict; HttpOnly");
    if let (Ok(mark), Ok(cookie)) = (HeaderValue::from_str(mark), HeaderValue::from_str(&cookie)) {
        headers.insert(MARK, mark);
        headers.append(SET_COOKIE, cookie);
    }
}

fn named(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.get_all(&MARK).iter().map(|v| v.to_str().unwrap_or("?"));
    texts.flat_map(|text| text.split(',')).map(str::trim)
}

fn kept(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|v| v.to_str().ok());
    let pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(name, _)| matches!(*name, OWN | SEEN)).map(|(_, mark)| mark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("a=1; diaban-own=x; diaban-owner=no"));
        headers.append(COOKIE, HeaderValue::from_static("diaban-seen=y=z;b"));
        assert_eq!(kept(&headers).collect::<Vec<_>>(), ["x", "y=z"]);
        headers.append(MARK, HeaderValue::from_static("p, q"));
        headers.append(MARK, HeaderValue::from_static("r"));
        assert_eq!(named(&headers).collect::<Vec<_>>(), ["p", "q", "r"]);
    }
}
