//! A column of a new base from that of the old one and the values of changed rows: as [`Column::build`] would make it
//! of all values, without making them.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;
use model::Value;
use rustc_hash::FxHashMap;

use crate::bits::Bits;
use crate::column::{Column, Typed};
use crate::merge::From;

impl Column {
    /// The values of these rows: of `old`, the column of the base, or of field `field` of a changed row.
    pub(crate) fn gather(old: &Column, field: usize, order: &[From<'_>]) -> Column {
        let gathered = match old {
            Column::Bool(c) => typed(c, field, order, (false, Column::Bool), |v| match v {
                Value::Bool(b) => Some(*b),
                _ => None,
            }),
            Column::Int(c) => typed(c, field, order, (0, Column::Int), |v| match v {
                Value::Int(i) => Some(*i),
                _ => None,
            }),
            Column::Num(c) => typed(c, field, order, (0.0, Column::Num), |v| match v {
                Value::Num(n) => Some(*n),
                _ => None,
            }),
            Column::Date(c) => typed(c, field, order, (Date::ZERO, Column::Date), |v| match v {
                Value::Date(d) => Some(*d),
                _ => None,
            }),
            Column::Time(c) => typed(c, field, order, (Timestamp::UNIX_EPOCH, Column::Time), |v| match v {
                Value::Time(t) => Some(*t),
                _ => None,
            }),
            Column::Text { codes, words, .. } => text(codes, words, field, order),
            Column::Null | Column::Mixed(_) => None,
        };
        gathered.unwrap_or_else(|| Column::of_all(old, field, order))
    }

    /// The column of values that are not of the type of those before.
    fn of_all(old: &Column, field: usize, order: &[From<'_>]) -> Column {
        let null = Value::Null;
        let values: Vec<Value> = match old {
            Column::Null => Vec::new(),
            _ => order
                .iter()
                .map(|from| if let From::Base(row) = *from { old.value(row) } else { Value::Null })
                .collect(),
        };
        let all = order.iter().enumerate().map(|(n, from)| match *from {
            From::Delta(row) => &row.feature.values[field],
            From::Base(_) => values.get(n).unwrap_or(&null),
        });
        let all: Vec<&Value> = all.collect();
        Column::build(&all)
    }
}

/// Values of one type; `None` when one is of another. `zero` stands where there is none, `make` is the type's column.
fn typed<T: Copy>(
    old: &Typed<T>,
    field: usize,
    order: &[From<'_>],
    (zero, make): (T, impl Fn(Typed<T>) -> Column),
    read: impl Fn(&Value) -> Option<T>,
) -> Option<Column> {
    let mut nulls = Bits::new(order.len());
    let mut values = Vec::with_capacity(order.len());
    let mut any = false;
    for (n, from) in order.iter().enumerate() {
        let value = match *from {
            From::Base(row) => old.get(row),
            From::Delta(row) => match &row.feature.values[field] {
                Value::Null => None,
                value => Some(read(value)?),
            },
        };
        any |= value.is_some();
        values.push(value.unwrap_or_else(|| {
            nulls.set(n);
            zero
        }));
    }
    Some(if any { make(Typed::of(values, nulls)) } else { Column::Null })
}

/// Texts; `None` when a value is none. Those of the base are known by their codes.
fn text(codes: &[u32], words: &[Arc<str>], field: usize, order: &[From<'_>]) -> Option<Column> {
    // Words stand in the order in which rows have them, so a word of the base gets its number with its first row.
    let mut given: Vec<u32> = vec![0; words.len()];
    let mut by_word: FxHashMap<&str, usize> = FxHashMap::default();
    if has_changed(field, order) {
        by_word.extend(words.iter().enumerate().map(|(n, word)| (&**word, n)));
    }
    let mut others: FxHashMap<&str, u32> = FxHashMap::default();
    let (mut kept, mut all) = (Vec::with_capacity(order.len()), Vec::new());
    for from in order {
        let known = match *from {
            From::Base(row) => (codes[row] as usize).checked_sub(1).map(|n| (&words[n], &mut given[n])),
            From::Delta(row) => match &row.feature.values[field] {
                Value::Null => None,
                Value::Text(word) => Some(match by_word.get(&**word) {
                    Some(n) => (&words[*n], &mut given[*n]),
                    None => (word, others.entry(word).or_default()),
                }),
                _ => return None,
            },
        };
        kept.push(known.map_or(0, |(word, code)| {
            if *code == 0 {
                all.push(Arc::clone(word));
                *code = all.len() as u32;
            }
            *code
        }));
    }
    let text = Column::Text { codes: kept, words: all, folded: OnceLock::new() };
    Some(if text.words().is_some_and(<[_]>::is_empty) { Column::Null } else { text })
}

/// Whether a changed row has a value.
fn has_changed(field: usize, order: &[From<'_>]) -> bool {
    order.iter().any(|from| matches!(*from, From::Delta(row) if !row.feature.values[field].is_null()))
}
