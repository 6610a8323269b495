//! Strict JSON: what RFC 8259 allows and nothing a reader could take two ways. Duplicate keys, numbers beyond
//! the range of a double, NaN, and nesting beyond [`MAX_DEPTH`] are refused with the place in the text.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use crate::{Code, Fault, Text};

/// The deepest nesting of arrays and objects that is read.
pub const MAX_DEPTH: usize = 64;

const DUPLICATE: &str = "duplicate key ";
const DEEP: &str = "nested too deeply";

/// Parses one JSON text.
///
/// # Errors
/// `invalid-json`, `duplicate-key` (place: the pointer of the object's member) or `too-deep`.
pub fn parse_strict(bytes: &[u8]) -> Result<Value, Fault> {
    let mut de = serde_json::Deserializer::from_slice(bytes);
    let seed = Strict { depth: 0, pointer: String::new() };
    let value = seed.deserialize(&mut de).and_then(|v| de.end().map(|()| v));
    value.map_err(|e| {
        let text = e.to_string();
        if let Some(rest) = text.strip_prefix(DUPLICATE) {
            let pointer = rest.split(" at line").next().unwrap_or_default();
            return Fault::at(
                Code::DuplicateKey,
                pointer,
                Text::new(format!("Khóa {pointer} bị lặp"), format!("The key {pointer} stands twice")),
            );
        }
        let place = format!("line {} column {}", e.line(), e.column());
        if text.starts_with(DEEP) || text.starts_with("recursion limit") {
            let detail = Text::new(
                format!("JSON lồng nhau quá {MAX_DEPTH} tầng"),
                format!("JSON nested more than {MAX_DEPTH} levels deep"),
            );
            return Fault::at(Code::TooDeep, place, detail);
        }
        let detail = Text::new(
            format!("JSON sai tại dòng {} cột {}: {text}", e.line(), e.column()),
            format!("invalid JSON: {text}"),
        );
        Fault::at(Code::InvalidJson, place, detail)
    })
}

struct Strict {
    depth: usize,
    pointer: String,
}

impl Strict {
    fn child(&self, key: &str) -> Strict {
        let key = key.replace('~', "~0").replace('/', "~1");
        Strict { depth: self.depth + 1, pointer: format!("{}/{key}", self.pointer) }
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: serde::Deserializer<'de>>(self, de: D) -> Result<Value, D::Error> {
        de.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_f64<E: serde::de::Error>(self, v: f64) -> Result<Value, E> {
        serde_json::Number::from_f64(v).map(Value::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(v.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        if self.depth >= MAX_DEPTH {
            return Err(A::Error::custom(DEEP));
        }
        let mut items = Vec::new();
        // Numbers are leaves: only nested values need their own pointer, and coordinates are many.
        while let Some(item) =
            seq.next_element_seed(Strict { depth: self.depth + 1, pointer: self.pointer.clone() })?
        {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        if self.depth >= MAX_DEPTH {
            return Err(A::Error::custom(DEEP));
        }
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let child = self.child(&key);
            if members.contains_key(&key) {
                return Err(A::Error::custom(format!("{DUPLICATE}{}", child.pointer)));
            }
            let value = map.next_value_seed(child)?;
            members.insert(key, value);
        }
        Ok(members.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> (Code, String) {
        let f = parse_strict(text.as_bytes()).unwrap_err();
        (f.code, f.place)
    }

    #[test]
    fn refuses_what_readers_disagree_on() {
        assert_eq!(code(r#"{"a":1,"b":{"c":1,"c":2}}"#), (Code::DuplicateKey, "/b/c".to_owned()));
        assert_eq!(code("[NaN]").0, Code::InvalidJson);
        assert_eq!(code("[Infinity]").0, Code::InvalidJson);
        assert_eq!(code("[1e400]").0, Code::InvalidJson);
        assert_eq!(code("{\"a\":1").0, Code::InvalidJson);
        assert_eq!(code("{} {}").0, Code::InvalidJson);
        assert_eq!(code(&"[".repeat(100_000)).0, Code::TooDeep);
        assert_eq!(code(&format!("{}1{}", "[".repeat(65), "]".repeat(65))).0, Code::TooDeep);
    }

    #[test]
    fn reads_what_is_plain() {
        let deep = format!("{}1{}", "[".repeat(64), "]".repeat(64));
        assert!(parse_strict(deep.as_bytes()).is_ok());
        let v = parse_strict(r#"{"a":[1,-2,1.5,"x",null,true]}"#.as_bytes()).unwrap();
        assert_eq!(v, serde_json::json!({"a":[1,-2,1.5,"x",null,true]}));
    }
}
