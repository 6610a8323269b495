//! One field of a block as a typed column. Text is dictionary-encoded, nulls are explicit, and a field that is
//! null everywhere takes no room.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;
use model::{Value, ValueRef, fold};
use rustc_hash::FxHashMap;

use crate::bits::Bits;

/// Values of one type with their nulls.
#[derive(Debug)]
pub(crate) struct Typed<T> {
    values: Vec<T>,
    nulls: Bits,
}

/// A column; the type is that of the values found, so whatever went in comes out.
#[derive(Debug)]
pub(crate) enum Column {
    /// Null in every row.
    Null,
    Bool(Typed<bool>),
    Int(Typed<i64>),
    Num(Typed<f64>),
    Date(Typed<Date>),
    Time(Typed<Timestamp>),
    /// Per row 0 for null, else one more than an index into the words.
    Text {
        codes: Vec<u32>,
        words: Vec<Arc<str>>,
        /// The words folded, once somebody asks for a part of one.
        folded: OnceLock<Vec<Box<str>>>,
    },
    /// Values of several types: does not occur in rows that were checked against their layer.
    Mixed(Vec<Value>),
}

impl<T> Typed<T> {
    /// Values with a bit for each.
    pub(crate) fn of(values: Vec<T>, nulls: Bits) -> Typed<T> {
        Typed { values, nulls }
    }

    /// Which rows are null.
    pub(crate) fn null_bits(&self) -> &Bits {
        &self.nulls
    }
}

impl<T: Copy> Typed<T> {
    fn build<'a>(values: &[&'a Value], zero: T, read: impl Fn(&'a Value) -> Option<T>) -> Option<Typed<T>> {
        let mut typed = Typed { values: Vec::with_capacity(values.len()), nulls: Bits::new(values.len()) };
        for (i, value) in values.iter().enumerate() {
            if value.is_null() {
                typed.nulls.set(i);
                typed.values.push(zero);
            } else {
                typed.values.push(read(value)?);
            }
        }
        Some(typed)
    }

    /// One per row; what stands where the value is null means nothing.
    pub(crate) fn values(&self) -> &[T] {
        &self.values
    }

    /// Which of so many rows are null, as bits; at most 64.
    pub(crate) fn nulls(&self, first: usize, len: usize) -> u64 {
        self.nulls.word(first, len)
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Option<T> {
        (!self.nulls.get(row)).then(|| self.values[row])
    }
}

impl Column {
    /// Builds the column of these values, one per row.
    pub(crate) fn build(values: &[&Value]) -> Column {
        let Some(first) = values.iter().find(|v| !v.is_null()) else { return Column::Null };
        let column = match first {
            // A list is cold: it is not kept in memory, and reads back all the same.
            Value::Null | Value::List(_) => None,
            Value::Bool(_) => {
                Typed::build(values, false, |v| if let Value::Bool(b) = v { Some(*b) } else { None })
                    .map(Column::Bool)
            }
            Value::Int(_) => Typed::build(values, 0, |v| if let Value::Int(i) = v { Some(*i) } else { None })
                .map(Column::Int),
            Value::Num(_) => {
                Typed::build(values, 0.0, |v| if let Value::Num(n) = v { Some(*n) } else { None })
                    .map(Column::Num)
            }
            Value::Date(_) => {
                Typed::build(values, Date::ZERO, |v| if let Value::Date(d) = v { Some(*d) } else { None })
                    .map(Column::Date)
            }
            Value::Time(_) => Typed::build(values, Timestamp::UNIX_EPOCH, |v| {
                if let Value::Time(t) = v { Some(*t) } else { None }
            })
            .map(Column::Time),
            Value::Text(_) => Column::text(values),
        };
        column.unwrap_or_else(|| Column::Mixed(values.iter().map(|v| (*v).clone()).collect()))
    }

    fn text(values: &[&Value]) -> Option<Column> {
        let mut known: FxHashMap<&str, u32> = FxHashMap::default();
        let mut words: Vec<Arc<str>> = Vec::new();
        let mut codes = Vec::with_capacity(values.len());
        for value in values {
            codes.push(match value {
                Value::Null => 0,
                Value::Text(word) => *known.entry(word).or_insert_with(|| {
                    words.push(Arc::clone(word));
                    words.len() as u32
                }),
                _ => return None,
            });
        }
        Some(Column::Text { codes, words, folded: OnceLock::new() })
    }

    /// How many rows it has; `None` when it is null in all of them, however many.
    pub(crate) fn rows(&self) -> Option<usize> {
        Some(match self {
            Column::Null => return None,
            Column::Bool(c) => c.values.len(),
            Column::Int(c) => c.values.len(),
            Column::Num(c) => c.values.len(),
            Column::Date(c) => c.values.len(),
            Column::Time(c) => c.values.len(),
            Column::Text { codes, .. } => codes.len(),
            Column::Mixed(all) => all.len(),
        })
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> ValueRef<'_> {
        let value = match self {
            Column::Null => None,
            Column::Bool(c) => c.get(row).map(ValueRef::Bool),
            Column::Int(c) => c.get(row).map(ValueRef::Int),
            Column::Num(c) => c.get(row).map(ValueRef::Num),
            Column::Date(c) => c.get(row).map(ValueRef::Date),
            Column::Time(c) => c.get(row).map(ValueRef::Time),
            Column::Text { .. } => self.word(row).map(|w| ValueRef::Text(w)),
            Column::Mixed(all) => Some(all[row].borrow()),
        };
        value.unwrap_or(ValueRef::Null)
    }

    /// The value of a row, owned; text shares the dictionary's word.
    pub(crate) fn value(&self, row: usize) -> Value {
        match self.word(row) {
            Some(word) => Value::Text(Arc::clone(word)),
            None => self.get(row).to_owned(),
        }
    }

    /// Whether a row's text, folded, holds this folded part; `None` when it is no text.
    pub(crate) fn holds(&self, row: usize, part: &str) -> Option<bool> {
        match self {
            Column::Text { codes, words, folded } => {
                let folded = folded.get_or_init(|| words.iter().map(|w| fold(w).into()).collect());
                Some(folded.get((codes[row] as usize).checked_sub(1)?)?.contains(part))
            }
            Column::Mixed(all) => all[row].as_text().map(|s| fold(s).contains(part)),
            _ => None,
        }
    }

    /// The dictionary of a text column.
    pub(crate) fn words(&self) -> Option<&[Arc<str>]> {
        if let Column::Text { words, .. } = self { Some(words) } else { None }
    }

    /// Which of the words a row has; `None` for null and in columns without a dictionary.
    pub(crate) fn code(&self, row: usize) -> Option<usize> {
        if let Column::Text { codes, .. } = self { (codes[row] as usize).checked_sub(1) } else { None }
    }

    fn word(&self, row: usize) -> Option<&Arc<str>> {
        match self {
            Column::Text { codes, words, .. } => words.get((codes[row] as usize).checked_sub(1)?),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn check(values: &[Value]) -> Column {
        let column = Column::build(&values.iter().collect::<Vec<_>>());
        for (i, v) in values.iter().enumerate() {
            assert_eq!(column.get(i), v.borrow());
            assert_eq!(column.value(i), *v);
        }
        column
    }

    #[test]
    fn what_went_in_comes_out() {
        assert!(matches!(check(&[Value::Null, Value::Null]), Column::Null));
        assert!(matches!(check(&[Value::Null, Value::Int(7)]), Column::Int(_)));
        assert!(matches!(check(&[Value::Num(0.5), Value::Null]), Column::Num(_)));
        assert!(matches!(check(&[Value::Bool(true), Value::Null, Value::Bool(false)]), Column::Bool(_)));
        assert!(matches!(check(&[Value::Date(date(2025, 7, 1)), Value::Null]), Column::Date(_)));
        assert!(matches!(check(&[Value::Time(Timestamp::UNIX_EPOCH), Value::Null]), Column::Time(_)));
        assert!(matches!(check(&[Value::Int(1), Value::text("x")]), Column::Mixed(_)));
        assert!(matches!(check(&[Value::Null, Value::List(["a".into()].into())]), Column::Mixed(_)));
    }

    #[test]
    fn words_stand_once() {
        let column = check(&[Value::text("a"), Value::Null, Value::text("b"), Value::text("a")]);
        let Column::Text { words, .. } = column else { panic!("not text") };
        assert_eq!(words.len(), 2);
    }
}
