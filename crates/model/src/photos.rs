//! The photos a feature cites: SHA-256 hashes in their order, without repetition, at most [`MAX_PHOTOS`].

use std::collections::HashSet;
use std::sync::Arc;

use crate::{Code, Fault, Text, Value};

/// Most photos of one feature.
pub const MAX_PHOTOS: usize = 20;

/// Whether a text is a SHA-256 as we write it: 64 lower-case hexadecimal digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// Reads the photos of a feature; none at all is null.
///
/// # Errors
/// `invalid-value` with the place `/2` of the one that is wrong, or without a place when there are too many.
pub(crate) fn read<'a>(all: impl IntoIterator<Item = Option<&'a str>>) -> Result<Value, Fault> {
    let fault =
        |place: String, vi: String, en: String| Fault::at(Code::InvalidValue, place, Text::new(vi, en));
    let mut seen = HashSet::new();
    let mut photos: Vec<Arc<str>> = Vec::new();
    for (i, photo) in all.into_iter().enumerate() {
        if i >= MAX_PHOTOS {
            return Err(fault(
                String::new(),
                format!("Nhiều nhất {MAX_PHOTOS} ảnh"),
                format!("at most {MAX_PHOTOS} photos"),
            ));
        }
        let Some(photo) = photo.filter(|p| is_sha256(p)) else {
            return Err(fault(
                format!("/{i}"),
                "Ảnh được dẫn bằng SHA-256: 64 chữ số thập lục phân viết thường".to_owned(),
                "a photo is cited by its SHA-256: 64 lower-case hexadecimal digits".to_owned(),
            ));
        };
        if !seen.insert(photo) {
            return Err(fault(format!("/{i}"), "Ảnh bị lặp".to_owned(), "the photo stands twice".to_owned()));
        }
        photos.push(Arc::from(photo));
    }
    Ok(if photos.is_empty() { Value::Null } else { Value::List(photos.into()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldType;
    use serde_json::json;

    fn hash(n: usize) -> String {
        format!("{n:064x}")
    }

    #[test]
    fn hashes_are_read_in_their_order() {
        let value = FieldType::Photos.value_from_json(&json!([hash(9), hash(1)])).unwrap();
        assert_eq!(value.to_json(), json!([hash(9), hash(1)]));
        let text = FieldType::Photos.value_from_text(&format!(" {}  {} ", hash(9), hash(1))).unwrap();
        assert_eq!(text, value);
        for nothing in [json!(null), json!([])] {
            assert_eq!(FieldType::Photos.value_from_json(&nothing).unwrap(), Value::Null);
        }
        let most: Vec<String> = (0..MAX_PHOTOS).map(hash).collect();
        assert!(FieldType::Photos.value_from_json(&json!(most)).is_ok());
    }

    #[test]
    fn a_fault_names_the_photo() {
        let place = |json| {
            let fault = FieldType::Photos.value_from_json(&json).unwrap_err();
            assert_eq!(fault.code, Code::InvalidValue);
            fault.place
        };
        assert_eq!(place(json!([hash(1), hash(2), "x"])), "/2");
        assert_eq!(place(json!([hash(1), 7])), "/1");
        assert_eq!(place(json!([hash(1), hash(1)])), "/1");
        assert_eq!(place(json!([hash(0xabc).to_uppercase()])), "/0");
        let many: Vec<String> = (0..=MAX_PHOTOS).map(hash).collect();
        assert_eq!(place(json!(many)), "");
        assert_eq!(place(json!(hash(1))), "");
    }
}
