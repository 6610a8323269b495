//! The order of pages: `sortby` keys, then fid. A page goes on after the values of its last feature, so that edits
//! between two pages move nothing but what was edited.

use std::cmp::Ordering;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jiff::civil::Date;
use model::{Code, Columns, Fault, FieldType, LayerDef, Role, Text, Value, ValueRef, collation_key};
use rustc_hash::FxHashMap;
use serde_json::{Value as Json, json};

use crate::condition::{Subject, subject};
use crate::view::View;

/// The most keys of an order.
const MAX_KEYS: usize = 5;

/// An order of features: keys, then fid. Without keys, fid alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sort {
    keys: Vec<SortKey>,
}

/// A field and a direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SortKey {
    field: usize,
    descending: bool,
}

/// A value as it is compared. Null stands last whatever the direction.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Key {
    Null,
    Whole(i64),
    Num(f64),
    Day(Date),
    Moment(Timestamp),
    Text(Arc<[u8]>),
}

/// Keys of texts that were made already, by where the text lies: a column keeps each of its words once.
pub(crate) type Words = FxHashMap<(usize, usize), Arc<[u8]>>;

/// Where a page begins: after these values and this fid.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct After {
    keys: Vec<Key>,
    pub(crate) fid: i64,
}

impl Sort {
    /// Reads `-found_on,category`: names of fields, `-` for descending, `+` or nothing for ascending.
    pub(crate) fn read(def: &LayerDef, role: Role, text: &str) -> Result<Sort, Fault> {
        let fault = |vi: String, en: String| {
            Err(Fault::parameter(Code::InvalidParameter, "sortby", Text::new(vi, en)))
        };
        let mut keys: Vec<SortKey> = Vec::new();
        for word in text.split(',') {
            let (descending, name) = match word.strip_prefix('-') {
                Some(name) => (true, name),
                // A plus in an address that was not encoded is a space.
                None => (false, word.strip_prefix(['+', ' ']).unwrap_or(word)),
            };
            let Some(Subject::Field(field)) = subject(def, role, name) else {
                return fault(
                    format!("Không sắp xếp được theo “{name}”"),
                    format!("there is no field “{name}” to sort by"),
                );
            };
            if keys.iter().any(|k| k.field == field) {
                return fault(format!("“{name}” bị lặp"), format!("“{name}” stands twice"));
            }
            keys.push(SortKey { field, descending });
        }
        if keys.len() > MAX_KEYS {
            let (vi, en) = (format!("Nhiều hơn {MAX_KEYS} khóa"), format!("more than {MAX_KEYS} keys"));
            return fault(vi, en);
        }
        Ok(Sort { keys })
    }

    /// Whether the order is that of fids.
    pub(crate) fn is_plain(&self) -> bool {
        self.keys.is_empty()
    }

    /// The indices of the fields it goes by.
    fn fields(&self) -> impl Iterator<Item = usize> + '_ {
        self.keys.iter().map(|k| k.field)
    }

    /// The values a row is sorted by.
    pub(crate) fn keys_of(
        &self,
        view: View<'_>,
        row: usize,
        as_of: Option<Date>,
        words: &mut Words,
    ) -> Vec<Key> {
        self.fields().map(|f| key_of(view.def(), f, view.value(row, f, as_of), words)).collect()
    }

    /// Order of two features by their keys and fids.
    pub(crate) fn compare(&self, a: (&[Key], i64), b: (&[Key], i64)) -> Ordering {
        for (key, (x, y)) in self.keys.iter().zip(a.0.iter().zip(b.0)) {
            let order = match (x, y) {
                (Key::Null, Key::Null) => Ordering::Equal,
                (Key::Null, _) => Ordering::Greater,
                (_, Key::Null) => Ordering::Less,
                _ if key.descending => ascending(y, x),
                _ => ascending(x, y),
            };
            if order.is_ne() {
                return order;
            }
        }
        a.1.cmp(&b.1)
    }

    /// Whether a feature comes after the last one of the page before.
    pub(crate) fn is_after(&self, keys: &[Key], fid: i64, after: Option<&After>) -> bool {
        after.is_none_or(|a| self.compare((keys, fid), (&a.keys, a.fid)).is_gt())
    }

    /// The text of a page's continuation after a row: its fid, and the values it was sorted by.
    pub(crate) fn cursor(&self, view: View<'_>, row: usize, as_of: Option<Date>) -> String {
        let fid = view.snapshot.fid(row);
        if self.is_plain() {
            return format!("{fid:x}");
        }
        let value = |k: &SortKey| {
            let name = &view.def().fields[k.field].name;
            json!([name, k.descending, view.value(row, k.field, as_of).to_json()])
        };
        let keys: Vec<Json> = self.keys.iter().map(value).collect();
        URL_SAFE_NO_PAD.encode(json!([fid, keys]).to_string())
    }

    /// Reads a continuation of a page in this order.
    pub(crate) fn read_cursor(&self, def: &LayerDef, text: &str) -> Result<After, Fault> {
        self.after(def, text).ok_or_else(|| {
            Fault::parameter(
                Code::InvalidParameter,
                "after",
                Text::new("Con trỏ trang không hợp lệ", "the page cursor is not valid"),
            )
        })
    }

    fn after(&self, def: &LayerDef, text: &str) -> Option<After> {
        if self.is_plain() {
            let fid = i64::from_str_radix(text, 16).ok().filter(|n| *n >= 0)?;
            return Some(After { keys: Vec::new(), fid });
        }
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (fid, keys): (i64, Vec<(String, bool, Json)>) = serde_json::from_slice(&bytes).ok()?;
        if keys.len() != self.keys.len() {
            return None;
        }
        let read = |(key, (name, descending, json)): (&SortKey, (String, bool, Json))| {
            let field = &def.fields[key.field];
            let same = field.name == name && key.descending == descending;
            let small = json.as_str() == Some(model::SMALL) && field.people;
            let value =
                if small { Value::text(model::SMALL) } else { field.kind.value_from_json(&json).ok()? };
            same.then(|| key_of(def, key.field, value.borrow(), &mut Words::default()))
        };
        let keys: Option<Vec<Key>> = self.keys.iter().zip(keys).map(read).collect();
        Some(After { keys: keys?, fid })
    }
}

fn ascending(a: &Key, b: &Key) -> Ordering {
    match (a, b) {
        (Key::Whole(a), Key::Whole(b)) => a.cmp(b),
        (Key::Num(a), Key::Num(b)) => a.total_cmp(b),
        (Key::Day(a), Key::Day(b)) => a.cmp(b),
        (Key::Moment(a), Key::Moment(b)) => a.cmp(b),
        (Key::Text(a), Key::Text(b)) => a.cmp(b),
        // Does not occur: a field's values are of one type.
        _ => Ordering::Equal,
    }
}

fn key_of(def: &LayerDef, field: usize, value: ValueRef<'_>, words: &mut Words) -> Key {
    let field = &def.fields[field];
    match value {
        ValueRef::Null => Key::Null,
        ValueRef::Bool(b) => Key::Whole(i64::from(b)),
        ValueRef::Int(i) => Key::Whole(i),
        // Minus nought and nought are the same number.
        ValueRef::Num(n) => Key::Num(n + 0.0),
        ValueRef::Date(d) => Key::Day(d),
        ValueRef::Time(t) => Key::Moment(t),
        // Codes stand in the order of their list: states as they follow each other, classes from best to worst.
        ValueRef::Text(code) if field.kind == FieldType::Code => {
            Key::Whole(field.codes.iter().position(|c| c.code == code).unwrap_or(field.codes.len()) as i64)
        }
        // A small count that is not told: all of them together, between nought and five.
        ValueRef::Text(_) if field.kind == FieldType::Integer => Key::Whole(1),
        ValueRef::Text(s) => Key::Text(Arc::clone(
            words.entry((s.as_ptr() as usize, s.len())).or_insert_with(|| collation_key(s).into()),
        )),
        // Photos are cold and cannot be sorted by.
        ValueRef::List(_) => Key::Null,
    }
}
