//! Rust source text taken apart: code without comments, strings and tests; and the strings by themselves.

/// One source file.
pub(crate) struct Source {
    /// The code: comments and the contents of strings are gone, lines are kept.
    pub(crate) code: String,
    /// The contents of string literals.
    pub(crate) strings: Vec<String>,
}

impl Source {
    /// Takes a file apart and leaves out what is compiled for tests only.
    pub(crate) fn read(text: &str) -> Self {
        let (code, strings) = split(text);
        let kept = without_tests(&code);
        // A string is located by its place in the code, where it left a mark.
        let strings = strings.into_iter().filter(|(at, _)| kept[*at]).map(|(_, text)| text).collect();
        let code = code.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|(c, _)| c).collect();
        Self { code, strings }
    }

    /// The names in the code: identifiers and keywords.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|name| !name.is_empty())
    }

    /// The code without white space, for patterns of several tokens.
    pub(crate) fn squeezed(&self) -> String {
        self.code.split_whitespace().collect()
    }
}

/// The code as characters with every string reduced to one `"` mark, and each string with the place of its mark.
fn split(text: &str) -> (Vec<char>, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let mut code = Vec::with_capacity(chars.len());
    let mut strings = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        if rest.starts_with(&['/', '/']) {
            at += rest.iter().position(|&c| c == '\n').unwrap_or(rest.len());
        } else if rest.starts_with(&['/', '*']) {
            at += block_comment(rest);
        } else if let Some((skip, hashes)) = string_start(rest, code.last()) {
            let (length, content) = string(&rest[skip..], hashes);
            strings.push((code.len(), content));
            code.push('"');
            at += skip + length;
        } else if rest[0] == '\'' {
            at += char_or_lifetime(rest);
            code.push(' ');
        } else {
            code.push(rest[0]);
            at += 1;
        }
    }
    (code, strings)
}

/// How long a block comment is; they nest.
fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// At the start of a string: how many characters its opening has, and for a raw string how many hashes.
fn string_start(rest: &[char], before: Option<&char>) -> Option<(usize, Option<usize>)> {
    if rest[0] == '"' {
        return Some((1, None));
    }
    // An r, b or c that ends a longer name begins no string.
    if before.is_some_and(|c| c.is_alphanumeric() || *c == '_') {
        return None;
    }
    let prefix = rest.iter().take(2).take_while(|c| matches!(c, 'r' | 'b' | 'c')).count();
    let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
    let raw = rest[..prefix].contains(&'r');
    let opens = prefix > 0 && rest.get(prefix + hashes) == Some(&'"') && (raw || hashes == 0);
    opens.then_some((prefix + hashes + 1, raw.then_some(hashes)))
}

/// From behind the opening: how long the rest of the string is with its end, and what it says.
fn string(rest: &[char], hashes: Option<usize>) -> (usize, String) {
    let mut content = String::new();
    let mut at = 0;
    while at < rest.len() {
        match (rest[at], hashes) {
            ('\\', None) => {
                content.push(' ');
                at += 2;
            }
            ('"', None) => return (at + 1, content),
            ('"', Some(n)) if rest[at + 1..].iter().take_while(|c| **c == '#').count() >= n => {
                return (at + 1 + n, content);
            }
            (c, _) => {
                content.push(c);
                at += 1;
            }
        }
    }
    (at, content)
}

/// `'a'`, `'\n'` and `'\''` are characters, `'a` alone is a lifetime.
fn char_or_lifetime(rest: &[char]) -> usize {
    match rest {
        ['\'', '\\', _, after @ ..] => 3 + after.iter().position(|&c| c == '\'').map_or(0, |end| end + 1),
        ['\'', _, '\'', ..] => 3,
        _ => 1,
    }
}

/// For every place of the code, whether it is outside all items under `#[cfg(test)]`.
fn without_tests(code: &[char]) -> Vec<bool> {
    let attribute: Vec<char> = "#[cfg(test)]".chars().collect();
    let mut kept = vec![true; code.len()];
    let mut at = 0;
    while at < code.len() {
        if code[at..].starts_with(&attribute) {
            let end = at + attribute.len() + item(&code[at + attribute.len()..]);
            kept[at..end].fill(false);
            at = end;
        } else {
            at += 1;
        }
    }
    kept
}

/// How long an item is: up to its semicolon, or its block.
fn item(code: &[char]) -> usize {
    let mut depth = 0;
    for (at, c) in code.iter().enumerate() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 && matches!(c, ';' | '}') {
            return at + 1;
        }
    }
    code.len()
}

#[test]
fn source_is_taken_apart() {
    let text = r##"//! use axum;
use std::fs; /* sqlx /* nested */ still */ let s = "select \" axum"; let r = br#"a "b" c"#;
fn f<'a>(x: &'a str) -> char { '"' } // tokio
let c = '\''; let bar"text";
#[cfg(test)]
mod tests { use tokio; fn g() { let s = "hidden"; } }
fn after() { moka(); }
#[cfg(test)] use rand;
let last = "end";"##;
    let source = Source::read(text);
    let names: Vec<&str> = source.names().collect();
    for there in ["std", "fs", "str", "bar", "after", "moka", "last"] {
        assert!(names.contains(&there), "{there} in {names:?}");
    }
    for gone in ["axum", "sqlx", "nested", "still", "select", "tokio", "tests", "hidden", "rand", "b"] {
        assert!(!names.contains(&gone), "{gone} in {names:?}");
    }
    assert_eq!(source.strings, ["select   axum", "a \"b\" c", "text", "end"]);
    assert!(source.squeezed().contains("usestd::fs;"));
}
