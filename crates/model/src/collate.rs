//! Vietnamese order: the letters of the alphabet (a ă â b c d đ …), then the tones (a à ả ã á ạ), numbers by their
//! value. Made as a key of bytes, so that a column is sorted by comparing bytes.

use std::cmp::Ordering;

use unicode_normalization::UnicodeNormalization;

use crate::nfc;

/// The alphabet with the foreign letters at their places.
const ALPHABET: &str = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz";

// First byte of an element of a key's first level, by what it stands for. How long an element is, its first bytes
// tell, so no element begins another.
const END: u8 = 0;
const SPACE: u8 = 1;
const SIGN: u8 = 2;
const NUMBER: u8 = 3;
const LETTER: u8 = 4;
const FOREIGN: u8 = 0xf0;

/// A key whose order as bytes is the Vietnamese order of texts. Different texts (in NFC) have different keys.
pub fn collation_key(s: &str) -> Box<[u8]> {
    let text = nfc(s);
    let mut key = Vec::with_capacity(text.len() * 3 + 4);
    let mut tones = Vec::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() {
            let mut digits = vec![c as u8];
            while let Some(d) = chars.next_if(char::is_ascii_digit) {
                digits.push(d as u8);
            }
            let zeros = digits.iter().take_while(|d| **d == b'0').count();
            let digits = &digits[zeros..];
            // A longer number is a greater one.
            key.push(NUMBER);
            key.extend((digits.len() as u32).to_be_bytes());
            key.extend(digits);
        } else if c.is_whitespace() {
            key.push(SPACE);
        } else if c.is_ascii_punctuation() || c.is_ascii_control() {
            key.extend([SIGN, c as u8]);
        } else {
            let (letter, tone) = letter_and_tone(c);
            if let Some(place) = ALPHABET.chars().position(|l| l == letter) {
                key.push(LETTER + place as u8);
            } else {
                key.push(FOREIGN);
                key.extend((letter as u32).to_be_bytes());
            }
            tones.push(tone);
        }
    }
    key.push(END);
    key.extend(tones);
    key.push(END);
    key.extend(text.as_bytes());
    key.into_boxed_slice()
}

/// Vietnamese order of two texts: "Dũng" < "Dương" < "Đông", "Tổ 2" before "Tổ 10".
pub fn natural_cmp(a: &str, b: &str) -> Ordering {
    collation_key(a).cmp(&collation_key(b))
}

/// A syllable as its small letters without the tone, and the tone's rank from 1 (none): "hoà" and "hòa" are
/// spelt alike, "lí" and "lý" are not.
pub fn spelling(word: &str) -> (String, u8) {
    let mut tone = 1;
    let mut letters = String::with_capacity(word.len());
    for c in nfc(word).chars() {
        let (letter, own) = letter_and_tone(c);
        letters.push(letter);
        tone = tone.max(own);
    }
    (letters, tone)
}

/// A character as a small letter without its tone, and the tone's rank from 1.
fn letter_and_tone(c: char) -> (char, u8) {
    let small = c.to_lowercase().next().unwrap_or(c);
    if small.is_ascii() {
        return (small, 1);
    }
    if matches!(small, 'ð' | 'ɖ') {
        return ('đ', 1);
    }
    let mut tone = 1;
    let bare = std::iter::once(small).nfd().filter(|mark| {
        let rank = match mark {
            '\u{300}' => 2,
            '\u{309}' => 3,
            '\u{303}' => 4,
            '\u{301}' => 5,
            '\u{323}' => 6,
            _ => return true,
        };
        tone = rank;
        false
    });
    let bare: String = bare.nfc().collect();
    (bare.chars().next().unwrap_or(small), tone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_the_dictionarys() {
        // Letters before tones before capitals; numbers by value. From the alphabet, not from a program.
        for list in [
            &["a", "à", "ả", "ã", "á", "ạ", "ă", "â", "b"][..],
            &["An", "Ăn", "Ân"],
            &["Dũng", "Dương", "Đông"],
            &["Bản 1", "Tổ 1", "Tổ 2", "Tổ 10", "Tổ 10 A", "Tổ 11"],
            &["Lò Văn Giá", "Lò Văn Giá 2", "Lò Văn Hặc"],
            &["ma", "mà", "mả", "mã", "má", "mạ", "mạ non", "man"],
            &["Chiềng An", "Chiềng Cơi", "Chiềng Lề", "Chiềng Sinh"],
            &["o", "ô", "ơ", "p"],
            &["1/2", "1/10", "2/1", "10/1"],
        ] {
            let mut sorted: Vec<&str> = list.iter().rev().copied().collect();
            sorted.sort_by(|a, b| natural_cmp(a, b));
            assert_eq!(sorted, list);
        }
    }

    #[test]
    fn where_the_tone_is_written_does_not_matter() {
        assert_eq!(spelling("Hoà"), spelling("hòa"));
        assert_eq!(spelling("Lề"), ("lê".to_owned(), 2));
        assert_eq!(spelling("ĐƯỜNG"), ("đương".to_owned(), 2));
        assert_ne!(spelling("lí"), spelling("lý"));
        assert_ne!(spelling("dương"), spelling("đương"));
    }

    #[test]
    fn it_is_a_total_order_of_different_texts() {
        assert_eq!(natural_cmp("Tổ 1", "Tổ 1"), Ordering::Equal);
        assert_ne!(natural_cmp("Tổ 1", "Tổ 01"), Ordering::Equal);
        assert_ne!(natural_cmp("hoà", "hòa"), Ordering::Equal);
        assert_ne!(natural_cmp("an", "AN"), Ordering::Equal);
        // Written apart, the same text.
        assert_eq!(natural_cmp("Lề", "Le\u{302}\u{300}"), Ordering::Equal);
    }
}
