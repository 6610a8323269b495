//! The language of an answer, from `Accept-Language` (RFC 9110 §12.5.4): Vietnamese unless English is preferred.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use model::Lang;

/// The tag of a language.
pub(crate) fn tag(lang: Lang) -> &'static str {
    match lang {
        Lang::Vi => "vi",
        Lang::En => "en",
    }
}

/// The language of a `lang` parameter.
pub(crate) fn named(name: &str) -> Option<Lang> {
    match name {
        "vi" => Some(Lang::Vi),
        "en" => Some(Lang::En),
        _ => None,
    }
}

/// The language the headers prefer: the one of greatest weight, the first of equals.
pub(crate) fn preferred(headers: &HeaderMap) -> Lang {
    let texts = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|v| v.to_str().ok());
    let mut best = (0.0, Lang::Vi);
    for range in texts.flat_map(|t| t.split(',')) {
        let (range, weight) = weighted(range);
        let lang = match range.split('-').next().unwrap_or_default() {
            "en" => Lang::En,
            "vi" | "*" => Lang::Vi,
            _ => continue,
        };
        if weight > best.0 {
            best = (weight, lang);
        }
    }
    best.1
}

/// An element of an `Accept…` header: its value in lower case and its weight, 1 when none is given.
pub(crate) fn weighted(element: &str) -> (String, f64) {
    let mut parts = element.split(';').map(str::trim);
    let value = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts
        .find_map(|p| p.strip_prefix("q=").or_else(|| p.strip_prefix("Q=")))
        .map_or(1.0, |q| q.trim().parse::<f64>().ok().filter(|q| (0.0..=1.0).contains(q)).unwrap_or(0.0));
    (value, weight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, text.parse().unwrap());
        preferred(&headers)
    }

    #[test]
    fn vietnamese_unless_english_is_preferred() {
        assert_eq!(preferred(&HeaderMap::new()), Lang::Vi);
        assert_eq!(of("en"), Lang::En);
        assert_eq!(of("en-GB,en;q=0.9"), Lang::En);
        assert_eq!(of("fr, vi;q=0.4, en;q=0.8"), Lang::En);
        assert_eq!(of("en;q=0.5, vi-VN;q=0.7"), Lang::Vi);
        assert_eq!(of("fr,de"), Lang::Vi);
        assert_eq!(of("en;q=0"), Lang::Vi);
        assert_eq!(of("vi,en"), Lang::Vi);
        assert_eq!(of("*, en;q=0.9"), Lang::Vi);
    }
}
