//! One field as bytes: typed values beside the bits of their nulls, words once and their codes per row.

use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use jiff::civil::Date;
use model::Value;
use rayon::prelude::*;

use super::UnpackError;
use super::bytes::{Reader, put_array, put_len, put_text};
use crate::bits::Bits;
use crate::column::{Column, Typed};

/// A day as year, month and day: the order of the numbers is that of the days.
pub(super) fn date_bytes(day: Date) -> [u8; 4] {
    (i32::from(day.year()) * 512 + i32::from(day.month()) * 32 + i32::from(day.day())).to_le_bytes()
}

/// Reads a day; `None` when the calendar has none such.
pub(super) fn date_of(bytes: [u8; 4]) -> Option<Date> {
    let n = i32::from_le_bytes(bytes);
    let year = i16::try_from(n >> 9).ok()?;
    Date::new(year, (n >> 5 & 15) as i8, (n & 31) as i8).ok()
}

fn put_typed<T: Copy, const N: usize>(
    out: &mut Vec<u8>,
    kind: u8,
    c: &Typed<T>,
    bytes: impl Fn(T) -> [u8; N],
) {
    out.push(kind);
    put_array(out, c.values().iter().map(|v| bytes(*v)));
    put_nulls(out, c.null_bits());
}

fn put_nulls(out: &mut Vec<u8>, nulls: &Bits) {
    put_array(out, nulls.words().iter().map(|w| w.to_le_bytes()));
}

/// Appends texts: their lengths, then all of them together.
pub(super) fn put_words<'a>(out: &mut Vec<u8>, words: impl ExactSizeIterator<Item = &'a str> + Clone) {
    put_array(out, words.clone().map(|w| (w.len() as u32).to_le_bytes()));
    put_len(out, words.clone().map(str::len).sum());
    words.for_each(|w| out.extend_from_slice(w.as_bytes()));
}

/// Appends a column.
pub(super) fn put(out: &mut Vec<u8>, column: &Column) {
    match column {
        Column::Null => out.push(0),
        Column::Bool(c) => put_typed(out, 1, c, |b| [u8::from(b)]),
        Column::Int(c) => put_typed(out, 2, c, i64::to_le_bytes),
        Column::Num(c) => put_typed(out, 3, c, f64::to_le_bytes),
        Column::Date(c) => put_typed(out, 4, c, date_bytes),
        Column::Time(c) => {
            put_typed(out, 5, c, |t| t.as_second().to_le_bytes());
            // Instants within a second are rare: whole seconds take no room for it.
            let whole = c.values().iter().all(|t| t.subsec_nanosecond() == 0);
            let values = if whole { &[] } else { c.values() };
            put_array(out, values.iter().map(|t| t.subsec_nanosecond().to_le_bytes()));
        }
        Column::Text { codes, words, .. } => {
            out.push(6);
            put_array(out, codes.iter().map(|c| c.to_le_bytes()));
            put_words(out, words.iter().map(|w| &**w));
        }
        Column::Mixed(all) => {
            out.push(7);
            put_len(out, all.len());
            for v in all {
                put_value(out, v);
            }
        }
    }
}

fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => out.push(0),
        Value::Bool(b) => out.extend([1, u8::from(*b)]),
        Value::Int(i) => {
            out.push(2);
            out.extend_from_slice(&i.to_le_bytes());
        }
        Value::Num(n) => {
            out.push(3);
            out.extend_from_slice(&n.to_le_bytes());
        }
        Value::Date(d) => {
            out.push(4);
            out.extend_from_slice(&i64::from(i32::from_le_bytes(date_bytes(*d))).to_le_bytes());
        }
        Value::Time(t) => {
            out.push(5);
            out.extend_from_slice(&t.as_second().to_le_bytes());
            out.extend_from_slice(&i64::from(t.subsec_nanosecond()).to_le_bytes());
        }
        Value::Text(text) => {
            out.push(6);
            put_text(out, text);
        }
        Value::List(all) => {
            out.push(7);
            put_len(out, all.len());
            all.iter().for_each(|text| put_text(out, text));
        }
    }
}

fn typed<T, const N: usize>(
    from: &mut Reader,
    read: impl Fn([u8; N]) -> Option<T>,
) -> Result<Typed<T>, UnpackError> {
    let values = from.checked(read)?;
    let nulls = nulls(from, values.len())?;
    Ok(Typed::of(values, nulls))
}

fn nulls(from: &mut Reader, rows: usize) -> Result<Bits, UnpackError> {
    Bits::of(from.array(u64::from_le_bytes)?, rows).ok_or(UnpackError("a bit per row"))
}

/// Reads texts.
pub(super) fn words(from: &mut Reader) -> Result<Vec<Arc<str>>, UnpackError> {
    let lengths = from.array(u32::from_le_bytes)?;
    let text = from.text()?;
    let mut end = 0;
    let mut ranges = Vec::with_capacity(lengths.len());
    for len in lengths {
        let start = end;
        end += len as usize;
        ranges.push(start..end);
    }
    if end != text.len() {
        return Err(UnpackError("all its words"));
    }
    let all: Option<Vec<Arc<str>>> =
        ranges.into_par_iter().with_min_len(4096).map(|range| text.get(range).map(Arc::from)).collect();
    all.ok_or(UnpackError("whole letters"))
}

/// Reads a column.
pub(super) fn read(from: &mut Reader) -> Result<Column, UnpackError> {
    Ok(match from.byte()? {
        0 => Column::Null,
        1 => Column::Bool(typed(from, |[b]| Some(b != 0))?),
        2 => Column::Int(typed(from, |b| Some(i64::from_le_bytes(b)))?),
        3 => Column::Num(typed(from, |b| Some(f64::from_le_bytes(b)))?),
        4 => Column::Date(typed(from, date_of)?),
        5 => times(from)?,
        6 => {
            let codes = from.array(u32::from_le_bytes)?;
            let words = words(from)?;
            if codes.iter().max().is_some_and(|most| *most as usize > words.len()) {
                return Err(UnpackError("the words of its codes"));
            }
            Column::Text { codes, words, folded: OnceLock::new() }
        }
        7 => {
            let n = from.len(1)?;
            let all: Result<Vec<Value>, _> = (0..n).map(|_| value(from)).collect();
            Column::Mixed(all?)
        }
        _ => return Err(UnpackError("a type of column")),
    })
}

fn times(from: &mut Reader) -> Result<Column, UnpackError> {
    let whole = |b| Timestamp::from_second(i64::from_le_bytes(b)).ok();
    let times: Typed<Timestamp> = typed(from, whole)?;
    let nanos = from.array(i32::from_le_bytes)?;
    if nanos.is_empty() {
        return Ok(Column::Time(times));
    }
    if nanos.len() != times.values().len() {
        return Err(UnpackError("an instant per row"));
    }
    let exact = times.values().iter().zip(nanos).map(|(t, n)| Timestamp::new(t.as_second(), n).ok());
    let exact: Option<Vec<Timestamp>> = exact.collect();
    let exact = exact.ok_or(UnpackError("values that mean something"))?;
    Ok(Column::Time(Typed::of(exact, times.null_bits().clone())))
}

fn value(from: &mut Reader) -> Result<Value, UnpackError> {
    let meaning = UnpackError("values that mean something");
    Ok(match from.byte()? {
        0 => Value::Null,
        1 => Value::Bool(from.byte()? != 0),
        2 => Value::Int(from.int()?),
        3 => Value::Num(from.num()?),
        4 => {
            let n = i32::try_from(from.int()?).map_err(|_| meaning.clone())?;
            Value::Date(date_of(n.to_le_bytes()).ok_or(meaning)?)
        }
        5 => {
            let second = from.int()?;
            let nanos = i32::try_from(from.int()?).map_err(|_| meaning.clone())?;
            Value::Time(Timestamp::new(second, nanos).map_err(|_| meaning)?)
        }
        6 => Value::text(from.text()?),
        7 => {
            let n = from.len(8)?;
            let all: Result<Vec<Arc<str>>, _> = (0..n).map(|_| from.text().map(Arc::from)).collect();
            Value::List(all?.into())
        }
        _ => return Err(meaning),
    })
}
