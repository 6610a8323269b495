//! Typed values: what a field can hold, read strictly from JSON and leniently from the text of a file.

use std::cmp::Ordering;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Code, Fault, Text, nfc, photos};

/// The type of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text in NFC.
    Text,
    /// One of the field's codes.
    Code,
    /// A whole number.
    Integer,
    /// A finite number.
    Number,
    /// True or false.
    Boolean,
    /// A civil day.
    Date,
    /// An instant, kept in UTC.
    DateTime,
    /// The id (for interval layers: the entity) of a feature of another layer.
    Ref,
    /// Photos by their SHA-256, in order.
    Photos,
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing known.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Num(f64),
    /// Text, a code or a reference.
    Text(Arc<str>),
    /// A civil day.
    Date(Date),
    /// An instant.
    Time(Timestamp),
    /// Several texts in their order, at least one.
    List(Arc<[Arc<str>]>),
}

/// A borrowed [`Value`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ValueRef<'a> {
    /// Nothing known.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A finite number.
    Num(f64),
    /// Text, a code or a reference.
    Text(&'a str),
    /// A civil day.
    Date(Date),
    /// An instant.
    Time(Timestamp),
    /// Several texts in their order.
    List(&'a [Arc<str>]),
}

impl Value {
    /// A text value.
    pub fn text(s: &str) -> Value {
        Value::Text(Arc::from(s))
    }

    /// Whether nothing is known.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The value, borrowed.
    pub fn borrow(&self) -> ValueRef<'_> {
        match self {
            Value::Null => ValueRef::Null,
            Value::Bool(b) => ValueRef::Bool(*b),
            Value::Int(i) => ValueRef::Int(*i),
            Value::Num(n) => ValueRef::Num(*n),
            Value::Text(s) => ValueRef::Text(s),
            Value::Date(d) => ValueRef::Date(*d),
            Value::Time(t) => ValueRef::Time(*t),
            Value::List(all) => ValueRef::List(all),
        }
    }

    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(s) = self { Some(s) } else { None }
    }

    /// The texts of a list; none when it is none.
    pub fn as_list(&self) -> &[Arc<str>] {
        if let Value::List(all) = self { all } else { &[] }
    }

    /// The day: of a date itself, of an instant the civil day it lies in.
    pub fn as_day(&self) -> Option<Date> {
        match self {
            Value::Date(d) => Some(*d),
            Value::Time(t) => Some(crate::day_of(t.as_second())),
            _ => None,
        }
    }

    /// The value as JSON: dates and instants as ISO 8601 text.
    pub fn to_json(&self) -> serde_json::Value {
        self.borrow().to_json()
    }
}

impl ValueRef<'_> {
    /// An owned copy.
    pub fn to_owned(self) -> Value {
        match self {
            ValueRef::Null => Value::Null,
            ValueRef::Bool(b) => Value::Bool(b),
            ValueRef::Int(i) => Value::Int(i),
            ValueRef::Num(n) => Value::Num(n),
            ValueRef::Text(s) => Value::text(s),
            ValueRef::Date(d) => Value::Date(d),
            ValueRef::Time(t) => Value::Time(t),
            ValueRef::List(all) => Value::List(all.into()),
        }
    }

    /// The value as JSON.
    pub fn to_json(self) -> serde_json::Value {
        match self {
            ValueRef::Null => serde_json::Value::Null,
            ValueRef::Bool(b) => b.into(),
            ValueRef::Int(i) => i.into(),
            ValueRef::Num(n) => serde_json::Number::from_f64(n).map_or(serde_json::Value::Null, Into::into),
            ValueRef::Text(s) => s.into(),
            ValueRef::Date(d) => d.to_string().into(),
            ValueRef::Time(t) => t.to_string().into(),
            ValueRef::List(all) => all.iter().map(|s| &**s).collect(),
        }
    }

    /// Order of two values; `None` when either is null or their types do not compare.
    pub fn compare(self, other: ValueRef<'_>) -> Option<Ordering> {
        use ValueRef as V;
        match (self, other) {
            (V::Bool(a), V::Bool(b)) => Some(a.cmp(&b)),
            (V::Int(a), V::Int(b)) => Some(a.cmp(&b)),
            (V::Num(a), V::Num(b)) => a.partial_cmp(&b),
            (V::Int(a), V::Num(b)) => (a as f64).partial_cmp(&b),
            (V::Num(a), V::Int(b)) => a.partial_cmp(&(b as f64)),
            (V::Text(a), V::Text(b)) => Some(a.cmp(b)),
            (V::Date(a), V::Date(b)) => Some(a.cmp(&b)),
            (V::Time(a), V::Time(b)) => Some(a.cmp(&b)),
            _ => None,
        }
    }
}

fn wrong(kind: FieldType) -> Fault {
    let (vi, en) = match kind {
        FieldType::Text | FieldType::Code | FieldType::Ref => ("một chuỗi chữ", "text"),
        FieldType::Integer => ("một số nguyên", "a whole number"),
        FieldType::Number => ("một số", "a number"),
        FieldType::Boolean => ("true hoặc false", "true or false"),
        FieldType::Date => ("một ngày YYYY-MM-DD", "a day YYYY-MM-DD"),
        FieldType::DateTime => ("một thời điểm RFC 3339", "an RFC 3339 instant"),
        FieldType::Photos => ("một danh sách SHA-256 của ảnh", "a list of photos by their SHA-256"),
    };
    Fault::at(
        Code::InvalidValue,
        "",
        Text::new(format!("Giá trị phải là {vi}"), format!("the value must be {en}")),
    )
}

impl FieldType {
    /// Reads a value of this type from JSON. An instant may be given as a civil day (its start).
    ///
    /// # Errors
    /// `invalid-value`, without a place; of a list, the place of the part that is wrong (`/2`).
    pub fn value_from_json(self, json: &serde_json::Value) -> Result<Value, Fault> {
        use serde_json::Value as J;
        let value = match (self, json) {
            (_, J::Null) => Some(Value::Null),
            (FieldType::Boolean, J::Bool(b)) => Some(Value::Bool(*b)),
            (FieldType::Integer, J::Number(n)) => n
                .as_i64()
                .or_else(|| {
                    n.as_f64()
                        .filter(|f| f.fract() == 0.0 && f.abs() <= 9.007_199_254_740_992e15)
                        .map(|f| f as i64)
                })
                .map(Value::Int),
            (FieldType::Number, J::Number(n)) => n.as_f64().filter(|f| f.is_finite()).map(Value::Num),
            (FieldType::Text | FieldType::Code | FieldType::Ref, J::String(s)) => Some(Value::text(&nfc(s))),
            (FieldType::Date | FieldType::DateTime, J::String(s)) => self.time(s),
            (FieldType::Photos, J::Array(all)) => return photos::read(all.iter().map(J::as_str)),
            _ => None,
        };
        value.ok_or_else(|| wrong(self))
    }

    /// Reads a value of this type from the text of a file or a query; empty text is null.
    ///
    /// # Errors
    /// `invalid-value`, without a place.
    pub fn value_from_text(self, text: &str) -> Result<Value, Fault> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Value::Null);
        }
        let value = match self {
            FieldType::Text | FieldType::Code | FieldType::Ref => Some(Value::text(&nfc(text))),
            FieldType::Integer => text.parse().ok().map(Value::Int),
            FieldType::Number => text.parse().ok().filter(|n: &f64| n.is_finite()).map(Value::Num),
            FieldType::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "có" => Some(Value::Bool(true)),
                "false" | "0" | "no" | "không" => Some(Value::Bool(false)),
                _ => None,
            },
            FieldType::Date | FieldType::DateTime => self.time(text),
            FieldType::Photos => return photos::read(text.split_whitespace().map(Some)),
        };
        value.ok_or_else(|| wrong(self))
    }

    fn time(self, text: &str) -> Option<Value> {
        // `2013-07-08T00:00:00.000` without a zone is a civil moment of the site.
        let civil = || -> Option<jiff::civil::DateTime> {
            let moment: jiff::civil::DateTime = text.parse().ok()?;
            (moment.date().year() > 0).then_some(moment)
        };
        let instant = || -> Option<Timestamp> {
            text.parse().ok().or_else(|| civil()?.to_zoned(crate::zone()).ok().map(|z| z.timestamp()))
        };
        if self == FieldType::DateTime {
            return instant().map(Value::Time);
        }
        if text.len() == 10 {
            return text.parse().ok().map(Value::Date);
        }
        match text.parse::<Timestamp>() {
            Ok(t) => Some(Value::Date(crate::day_of(t.as_second()))),
            Err(_) => civil().map(|c| Value::Date(c.date())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use serde_json::json;

    #[test]
    fn json_is_strict() {
        assert_eq!(FieldType::Integer.value_from_json(&json!(3)).unwrap(), Value::Int(3));
        assert_eq!(FieldType::Integer.value_from_json(&json!(3.0)).unwrap(), Value::Int(3));
        assert!(FieldType::Integer.value_from_json(&json!(3.5)).is_err());
        assert!(FieldType::Integer.value_from_json(&json!("3")).is_err());
        assert!(FieldType::Text.value_from_json(&json!(3)).is_err());
        assert_eq!(FieldType::Number.value_from_json(&json!(null)).unwrap(), Value::Null);
        assert!(FieldType::Date.value_from_json(&json!("2023-02-30")).is_err());
    }

    #[test]
    fn civil_moments_are_read_in_the_sites_zone() {
        assert_eq!(
            FieldType::Date.value_from_text("2013-07-08T00:00:00.000").unwrap(),
            Value::Date(date(2013, 7, 8))
        );
        let t: Timestamp = "2024-01-01T17:00:00Z".parse().unwrap();
        assert_eq!(FieldType::DateTime.value_from_text("2024-01-02T00:00:00").unwrap(), Value::Time(t));
        assert_eq!(FieldType::DateTime.value_from_text("2024-01-02").unwrap(), Value::Time(t));
        assert_eq!(
            FieldType::Date.value_from_text("2024-01-01T17:30:00Z").unwrap(),
            Value::Date(date(2024, 1, 2))
        );
    }
}
