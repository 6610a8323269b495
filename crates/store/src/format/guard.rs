//! Text that a spreadsheet would take for a formula, made harmless and back.
//!
//! An apostrophe goes before `=`, `+`, `-`, `@`, TAB and CR where a cell begins: at the start of a text, and after
//! a separator, a quote or a line feed inside it, where a reader that splits by another rule would see a start.
//! Apostrophes already there are kept, so that [`unguard`] gives back exactly what went in.

use std::borrow::Cow;

fn dangerous(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r')
}

fn begins_after(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '"' | '\n' | '\r')
}

/// Byte offsets at which a cell begins and, behind any apostrophes, a dangerous character follows.
fn starts(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut begin = Some(0);
    for (i, c) in text.char_indices() {
        if c == '\'' && begin.is_some() {
            continue;
        }
        if let Some(at) = begin.take()
            && dangerous(c)
        {
            found.push(at);
        }
        if begins_after(c) {
            begin = Some(i + c.len_utf8());
        }
    }
    found
}

/// `text` so that no spreadsheet takes it, or a part of it, for a formula.
pub fn guard(text: &str) -> Cow<'_, str> {
    let starts = starts(text);
    if starts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + starts.len());
    let mut from = 0;
    for at in starts {
        out.push_str(&text[from..at]);
        out.push('\'');
        from = at;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

/// What [`guard`] was given.
pub fn unguard(text: &str) -> Cow<'_, str> {
    let starts: Vec<usize> = starts(text).into_iter().filter(|at| text[*at..].starts_with('\'')).collect();
    if starts.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for at in starts {
        out.push_str(&text[from..at]);
        from = at + 1;
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_disarmed() {
        for (text, safe) in [
            ("=1+1", "'=1+1"),
            ("+84", "'+84"),
            ("-1", "'-1"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("a,=1+1", "a,'=1+1"),
            ("\"=1+1", "\"'=1+1"),
            ("a;@b", "a;'@b"),
            ("a\n=b", "a\n'=b"),
            ("'=1", "''=1"),
        ] {
            assert_eq!(guard(text), safe, "{text:?}");
        }
    }

    #[test]
    fn plain_text_stays() {
        for text in ["", "Tổ 1", "a = b", "1-2", "it's", "'quoted'", "x, y"] {
            assert_eq!(guard(text), text);
            assert_eq!(unguard(text), text);
        }
    }

    proptest! {
        #[test]
        fn unguard_gives_back_what_went_in(text in "['=+@,;\"\t\r\na-]{0,12}") {
            let safe = guard(&text);
            prop_assert_eq!(unguard(&safe), text.as_str());
            prop_assert!(!safe.starts_with(dangerous));
        }
    }
}
