//! Vietnamese and English text: pairs of titles, normalisation, folding for search, natural order.

use std::cmp::Ordering;
use std::iter::Peekable;
use std::str::Chars;

use serde::{Deserialize, Serialize};
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};

/// A language of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Vietnamese, the first language.
    #[default]
    Vi,
    /// English.
    En,
}

/// A text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text from its Vietnamese and English forms.
    pub fn new(vi: impl Into<String>, en: impl Into<String>) -> Self {
        Text { vi: vi.into(), en: en.into() }
    }

    /// The form in `lang`.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Vi => &self.vi,
            Lang::En => &self.en,
        }
    }
}

/// `s` in Unicode normal form C, the form in which all text is stored.
pub fn nfc(s: &str) -> String {
    if is_nfc(s) { s.to_owned() } else { s.nfc().collect() }
}

/// `s` folded for search: lower case, without diacritics, with đ, Đ and Ð as d (they do not decompose).
pub fn fold(s: &str) -> String {
    s.nfd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(|c| {
            match c {
                'đ' | 'Đ' | 'Ð' | 'ð' | 'Ɖ' => 'd',
                c => c,
            }
            .to_lowercase()
        })
        .collect()
}

/// Order of labels as people expect it: digits by their number ("Tổ 2" before "Tổ 10"), letters folded
/// first and by code point when folded forms are equal.
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    let (fa, fb) = (fold(a), fold(b));
    let (mut ca, mut cb) = (fa.chars().peekable(), fb.chars().peekable());
    loop {
        let order = match (ca.peek().copied(), cb.peek().copied()) {
            (None, None) => return a.cmp(b),
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                number(&mut ca).cmp(&number(&mut cb))
            }
            (Some(x), Some(y)) => {
                ca.next();
                cb.next();
                x.cmp(&y)
            }
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

fn number(chars: &mut Peekable<Chars<'_>>) -> u64 {
    let mut n = 0u64;
    while let Some(d) = chars.peek().and_then(|c| c.to_digit(10)) {
        n = n.saturating_mul(10).saturating_add(u64::from(d));
        chars.next();
    }
    n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nfc_repairs_decomposed_vietnamese() {
        let decomposed = "Chie\u{302}\u{300}ng Le\u{302}\u{300}";
        assert_eq!(nfc(decomposed), "Chiềng Lề");
        assert_eq!(nfc(decomposed).chars().count(), 9);
    }

    #[test]
    fn fold_drops_marks_and_the_stroke() {
        assert_eq!(fold("Đường Lò Văn Giá"), "duong lo van gia");
        assert_eq!(fold("CHIỀNG LỀ"), fold("chieng le"));
        assert_eq!(fold("hoà"), fold("hòa"));
    }

    #[test]
    fn every_vietnamese_letter_folds_to_ascii() {
        let letters =
            "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
        for c in letters.chars().chain(letters.to_uppercase().chars()) {
            let folded = fold(&c.to_string());
            assert!(folded.len() == 1 && folded.is_ascii(), "{c} folds to {folded:?}");
        }
    }

    #[test]
    fn numbers_sort_by_value() {
        let mut names = vec!["Tổ 10", "Tổ 2", "Bản 1", "Tổ 1"];
        names.sort_by(|a, b| natural_cmp(a, b));
        assert_eq!(names, ["Bản 1", "Tổ 1", "Tổ 2", "Tổ 10"]);
    }
}
