//! A text as the words it is searched by: folded, numbers whole and without leading noughts, abbreviations of kinds of
//! units written out. Words that only say what kind the thing is that is named after them ("tổ 8", "phường Tô Hiệu") may
//! be missing on either side.

use model::{fold, nfc, spelling};

/// One word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    /// Small letters without diacritics, or digits.
    pub(crate) folded: String,
    /// As spelt, without the tone; and the tone.
    pub(crate) letters: String,
    /// The tone's rank from 1 (none).
    pub(crate) tone: u8,
    /// Whether it only says what kind a thing is.
    pub(crate) optional: bool,
}

/// Kinds of units: as folded, as spelt, and what they are written out as.
const KINDS: [(&[&str], &[&str], &[&str]); 12] = [
    (&["to", "dan", "pho"], &["tổ", "dân", "phố"], &["to", "dan", "pho"]),
    (&["thanh", "pho"], &["thành", "phố"], &["thanh", "pho"]),
    (&["khoi", "pho"], &["khối", "phố"], &["khoi", "pho"]),
    (&["tieu", "khu"], &["tiểu", "khu"], &["tieu", "khu"]),
    (&["tdp"], &["tdp"], &["to"]),
    (&["tp"], &["tp"], &["thanh", "pho"]),
    (&["kp"], &["kp"], &["khoi", "pho"]),
    (&["tk"], &["tk"], &["tieu", "khu"]),
    (&["to"], &["tổ"], &["to"]),
    (&["phuong"], &["phường"], &["phuong"]),
    (&["xa"], &["xã"], &["xa"]),
    (&["ban"], &["bản"], &["ban"]),
];

/// The words of a text that stands in a field.
pub(crate) fn of_field(text: &str) -> Vec<Word> {
    written_out(&pieces(text), false)
}

/// The words of a text that somebody types: the last one may be unfinished.
pub(crate) fn of_query(text: &str) -> Vec<Word> {
    let ended = text.ends_with(|c: char| !c.is_alphanumeric());
    let mut words = written_out(&pieces(text), !ended);
    if words.iter().all(|w| w.optional)
        && let Some(first) = words.first_mut()
    {
        // Whoever asks for "phường" asks for wards.
        first.optional = false;
    }
    words
}

/// Runs of letters and runs of digits, as written.
fn pieces(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut last = None;
    for c in nfc(text).chars() {
        let kind = c.is_alphanumeric().then(|| c.is_ascii_digit());
        match (kind, all.last_mut()) {
            (Some(_), Some(word)) if last == kind => word.push(c),
            (Some(_), _) => all.push(c.to_string()),
            (None, _) => {}
        }
        last = kind;
    }
    all
}

fn written_out(pieces: &[String], unfinished: bool) -> Vec<Word> {
    let folded: Vec<String> = pieces.iter().map(|p| fold(p)).collect();
    let mut words = Vec::with_capacity(pieces.len());
    let mut at = 0;
    while at < pieces.len() {
        let (length, out) = kind_at(pieces, &folded, at, unfinished);
        if length == 0 {
            words.push(plain(&pieces[at], &folded[at]));
            at += 1;
        } else {
            words.extend(out.iter().map(|w| Word {
                folded: (*w).to_owned(),
                letters: (*w).to_owned(),
                tone: 1,
                optional: length > 1 || at + length < pieces.len(),
            }));
            at += length;
        }
    }
    words
}

fn plain(piece: &str, folded: &str) -> Word {
    if piece.as_bytes()[0].is_ascii_digit() {
        let digits = folded.trim_start_matches('0');
        let digits = if digits.is_empty() { "0" } else { digits };
        return Word { folded: digits.to_owned(), letters: digits.to_owned(), tone: 1, optional: false };
    }
    let (letters, tone) = spelling(piece);
    Word { folded: folded.to_owned(), letters, tone, optional: false }
}

/// How many words from `at` on name a kind, and what they are written out as; none: 0.
fn kind_at(
    pieces: &[String],
    folded: &[String],
    at: usize,
    unfinished: bool,
) -> (usize, &'static [&'static str]) {
    let rest = &folded[at..];
    let number_follows = rest.get(1).is_some_and(|w| w.as_bytes()[0].is_ascii_digit());
    match rest[0].as_str() {
        "t" if number_follows => return (1, &["to"]),
        // A lone p at the end is the beginning of a word.
        "p" if rest.len() > 1 => return (1, &["phuong"]),
        _ => {}
    }
    for (plain, spelt, out) in KINDS {
        let shown = plain.len().min(rest.len());
        let is = |i: usize| rest[i] == plain[i] && is_spelt(&pieces[at + i], spelt[i]);
        if shown == plain.len() && (0..shown).all(is) {
            return (shown, out);
        }
        // "tổ dân ph" is on its way to "tổ dân phố".
        let begun =
            unfinished && shown == rest.len() && shown > 1 && plain[shown - 1].starts_with(&rest[shown - 1]);
        if begun && (0..shown - 1).all(is) {
            return (shown, &out[..shown]);
        }
    }
    (0, &[])
}

/// Whether a word is written as `spelt`, or without any diacritics: "Tô" is not "tổ".
fn is_spelt(piece: &str, spelt: &str) -> bool {
    piece.is_ascii() || piece.to_lowercase() == spelt
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(words: &[Word]) -> String {
        let one = |w: &Word| if w.optional { format!("({})", w.folded) } else { w.folded.clone() };
        words.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn kinds_of_units_are_written_out_and_optional() {
        for (text, expected) in [
            ("TDP 8", "(to) 8"),
            ("tổ 8", "(to) 8"),
            ("T8", "(to) 8"),
            ("to 08", "(to) 8"),
            ("Tổ dân phố số 8", "(to) (dan) (pho) so 8"),
            ("P. Tô Hiệu", "(phuong) to hieu"),
            ("Phường Tô Hiệu, TP. Sơn La", "(phuong) to hieu (thanh) (pho) son la"),
            ("phường Phương Mai", "(phuong) phuong mai"),
            ("KP 3", "(khoi) (pho) 3"),
            ("Tiểu khu 2", "(tieu) (khu) 2"),
            ("Bản Cọ", "(ban) co"),
            ("Đường Hoa Ban", "duong hoa ban"),
            ("Xã Hua La", "(xa) hua la"),
            ("bán hàng", "ban hang"),
            ("tô phở", "to pho"),
            ("12/QĐ-UBND", "12 qd ubnd"),
            ("03646", "3646"),
            ("000", "0"),
            ("", ""),
            (" – ", ""),
        ] {
            assert_eq!(shown(&of_field(text)), expected, "{text}");
        }
    }

    #[test]
    fn what_is_typed_may_be_unfinished() {
        for (text, expected) in [
            ("tổ dân ph", "to (dan) (pho)"),
            ("tổ dân phố 8", "(to) (dan) (pho) 8"),
            ("p", "p"),
            ("tdp", "to"),
            ("phường", "phuong"),
            ("phường t", "(phuong) t"),
        ] {
            assert_eq!(shown(&of_query(text)), expected, "{text}");
        }
    }
}
