//! Finds where the values of a large JSON text begin and end, without recursion and without reading them, so
//! that features are parsed one at a time. What lies inside a value is judged by [`model::parse_strict`].

use std::ops::Range;

use model::{Code, Fault, Text};

/// Where an object's key and its value lie.
pub(super) type Member = (Range<usize>, Range<usize>);

/// A cursor over JSON text.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    /// A cursor at `at`.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Scan { bytes, at }
    }

    /// The next byte that is neither white space nor a record separator (RFC 8142).
    pub(super) fn peek(&mut self) -> Option<u8> {
        while self.bytes.get(self.at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | 0x1e)) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Takes `byte` when it comes next.
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over one value.
    pub(super) fn value(&mut self) -> Result<Range<usize>, Fault> {
        let Some(first) = self.peek() else { return Err(self.fault()) };
        let start = self.at;
        match first {
            b'"' => self.string()?,
            b'{' | b'[' => {
                let mut depth = 0usize;
                loop {
                    match self.bytes.get(self.at) {
                        Some(b'"') => {
                            self.string()?;
                            continue;
                        }
                        Some(b'{' | b'[') => depth += 1,
                        Some(b'}' | b']') => depth -= 1,
                        Some(_) => {}
                        None => return Err(self.fault()),
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            _ => {
                let ends = |b: &u8| matches!(b, b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r' | 0x1e);
                while self.bytes.get(self.at).is_some_and(|b| !ends(b)) {
                    self.at += 1;
                }
                if self.at == start {
                    return Err(self.fault());
                }
            }
        }
        Ok(start..self.at)
    }

    /// The values of an array; the cursor stands at its `[`.
    pub(super) fn elements(&mut self) -> Result<Vec<Range<usize>>, Fault> {
        let mut found = Vec::new();
        if !self.take(b'[') {
            return Err(self.fault());
        }
        if self.take(b']') {
            return Ok(found);
        }
        loop {
            found.push(self.value()?);
            if self.take(b']') {
                return Ok(found);
            }
            if !self.take(b',') {
                return Err(self.fault());
            }
        }
    }

    /// The members of an object, keys still in quotes; the cursor stands at its `{`.
    pub(super) fn members(&mut self) -> Result<Vec<Member>, Fault> {
        let mut found = Vec::new();
        if !self.take(b'{') {
            return Err(self.fault());
        }
        if self.take(b'}') {
            return Ok(found);
        }
        loop {
            if self.peek() != Some(b'"') {
                return Err(self.fault());
            }
            let key = self.value()?;
            if !self.take(b':') {
                return Err(self.fault());
            }
            found.push((key, self.value()?));
            if self.take(b'}') {
                return Ok(found);
            }
            if !self.take(b',') {
                return Err(self.fault());
            }
        }
    }

    fn string(&mut self) -> Result<(), Fault> {
        self.at += 1;
        loop {
            match self.bytes.get(self.at) {
                Some(b'\\') => self.at += 2,
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(_) => self.at += 1,
                None => return Err(self.fault()),
            }
        }
    }

    /// `invalid-json` at the cursor: the text ends early, or something else stands there.
    pub(super) fn fault(&self) -> Fault {
        let before = &self.bytes[..self.at.min(self.bytes.len())];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        let detail = if self.at >= self.bytes.len() {
            Text::new(
                format!("JSON bị cắt cụt: hết tệp ở dòng {line}"),
                format!("truncated JSON: the file ends at line {line}"),
            )
        } else {
            Text::new(format!("JSON sai ở dòng {line}"), format!("invalid JSON at line {line}"))
        };
        Fault::at(Code::InvalidJson, format!("line {line}"), detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_by_structure_only() {
        let text = br#" [ {"a":"]}\"","b":[1,{}]} , 12 ,"x,y", [ ] ] "#;
        let parts: Vec<&str> = Scan::new(text, 0)
            .elements()
            .unwrap()
            .into_iter()
            .map(|r| std::str::from_utf8(&text[r]).unwrap())
            .collect();
        assert_eq!(parts, [r#"{"a":"]}\"","b":[1,{}]}"#, "12", r#""x,y""#, "[ ]"]);
    }

    #[test]
    fn a_cut_text_is_a_fault_wherever_it_is_cut() {
        let text = br#"{"type":"x","features":[{"a":"b\\"},{"c":[1,2]}]}"#;
        for end in 0..text.len() {
            let cut = &text[..end];
            assert!(Scan::new(cut, 0).members().is_err(), "{end}");
        }
        assert_eq!(Scan::new(text, 0).members().unwrap().len(), 2);
        assert!(Scan::new(b"[1,]", 0).elements().is_err());
        assert!(Scan::new(b"[1 2]", 0).elements().is_err());
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(1_000_000);
        assert_eq!(Scan::new(deep.as_bytes(), 0).value().unwrap_err().code, Code::InvalidJson);
    }
}
