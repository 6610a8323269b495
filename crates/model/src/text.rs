//! Vietnamese and English text: pairs of titles, normalisation, folding for search.

use std::sync::LazyLock;

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
    let mut out = String::with_capacity(s.len());
    for c in s.chars() {
        fold_char(c, &mut out);
    }
    out
}

/// Appends one character, folded. Marks are dropped wherever they stand, so folding by character is folding the
/// decomposed text.
fn fold_char(c: char, out: &mut String) {
    // Almost every letter of a Vietnamese text is one of these: found by number, not by decomposition.
    static LETTERS: LazyLock<Vec<Option<char>>> =
        LazyLock::new(|| ('\0'..'\u{250}').chain('\u{1e00}'..'\u{1f00}').map(folded_to_one).collect());
    let place = match c {
        '\0'..'\u{250}' => Some(c as usize),
        '\u{1e00}'..'\u{1f00}' => Some(c as usize - 0x1e00 + 0x250),
        '\u{300}'..'\u{370}' => return,
        _ => None,
    };
    match place.and_then(|i| LETTERS[i]) {
        Some(folded) => out.push(folded),
        None => out.extend(folded(c)),
    }
}

fn folded(c: char) -> impl Iterator<Item = char> {
    std::iter::once(c).nfd().filter(|c| !is_combining_mark(*c)).flat_map(|c| {
        match c {
            'đ' | 'Đ' | 'Ð' | 'ð' | 'Ɖ' => 'd',
            c => c,
        }
        .to_lowercase()
    })
}

fn folded_to_one(c: char) -> Option<char> {
    let mut all = folded(c);
    let first = all.next();
    if all.next().is_none() { first } else { None }
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
    fn folding_by_character_is_folding_the_decomposed_text() {
        let whole = |s: &str| -> String { s.nfd().flat_map(folded).collect() };
        let every = ('\0'..char::MAX).filter(|c| c.len_utf16() == 1);
        for c in every {
            let alone = c.to_string();
            assert_eq!(fold(&alone), whole(&alone), "{:x}", c as u32);
        }
        let decomposed = "Bản Co\u{323}\u{302}ng HÒA hoà Ɖông";
        assert_eq!(fold(decomposed), "ban cong hoa hoa dong");
        assert_eq!(fold(&fold(decomposed)), fold(decomposed));
    }
}
