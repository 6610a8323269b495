//! Values as text, appended without anything in between: files have millions of them. What is written is what
//! `Display` and `serde_json` would write.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use model::ValueRef;

/// The room of a text that is no longer needed.
pub(super) fn emptied(mut room: Vec<u8>) -> String {
    room.clear();
    String::from_utf8(room).unwrap_or_default()
}

/// Appends a number with leading zeros.
fn digits(out: &mut String, n: u32, width: u32) {
    for place in (0..width).rev() {
        out.push(char::from(b'0' + (n / 10_u32.pow(place) % 10) as u8));
    }
}

/// Appends a day.
pub(super) fn date(out: &mut String, day: Date) {
    let Ok(year @ 0..) = u32::try_from(day.year()) else {
        let _ = write!(out, "{day}");
        return;
    };
    digits(out, year, 4);
    out.push('-');
    digits(out, day.month().unsigned_abs().into(), 2);
    out.push('-');
    digits(out, day.day().unsigned_abs().into(), 2);
}

/// Appends an instant in UTC.
pub(super) fn time(out: &mut String, at: Timestamp) {
    let civil = TimeZone::UTC.to_datetime(at);
    if at.subsec_nanosecond() != 0 || civil.year() < 0 {
        let _ = write!(out, "{at}");
        return;
    }
    date(out, civil.date());
    for (before, part) in [('T', civil.hour()), (':', civil.minute()), (':', civil.second())] {
        out.push(before);
        digits(out, part.unsigned_abs().into(), 2);
    }
    out.push('Z');
}

/// Appends a whole number.
pub(super) fn int(out: &mut String, n: i64) {
    match u32::try_from(n) {
        Ok(n) => digits(out, n, n.checked_ilog10().map_or(1, |log| log + 1)),
        Err(_) => {
            let _ = write!(out, "{n}");
        }
    }
}

/// Appends a text as JSON.
pub(super) fn json_text(out: &mut String, text: &str) {
    out.push('"');
    // Nearly all texts stay as they are; without an early end this is decided many bytes at a time.
    let escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    if !text.as_bytes().iter().fold(false, |any, byte| any | escaped(byte)) {
        out.push_str(text);
        out.push('"');
        return;
    }
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        if escape.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escape);
        }
        from = at + 1;
    }
    out.push_str(&text[from..]);
    out.push('"');
}

/// Appends a value as JSON.
pub(super) fn json(out: &mut String, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => out.push_str("null"),
        ValueRef::Bool(b) => out.push_str(if b { "true" } else { "false" }),
        ValueRef::Int(i) => int(out, i),
        ValueRef::Num(n) => match serde_json::Number::from_f64(n) {
            Some(n) => {
                let _ = write!(out, "{n}");
            }
            None => out.push_str("null"),
        },
        ValueRef::Text(s) => json_text(out, s),
        ValueRef::Date(d) => {
            out.push('"');
            date(out, d);
            out.push('"');
        }
        ValueRef::Time(t) => {
            out.push('"');
            time(out, t);
            out.push('"');
        }
        ValueRef::List(all) => {
            out.push('[');
            for (i, text) in all.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                json_text(out, text);
            }
            out.push(']');
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    proptest! {
        #[test]
        fn values_are_written_as_serde_does(
            text in any::<String>(), n in any::<f64>(), i in any::<i64>(), small in -20..2000_i64,
            second in -377_705_000_000..253_402_000_000_i64, nano in prop_oneof![Just(0), 0..1_000_000_000_i32],
        ) {
            let at = Timestamp::new(second, nano).unwrap();
            let day = TimeZone::UTC.to_datetime(at).date();
            let list = [Arc::from(text.as_str()), Arc::from("\u{1}\u{8}\u{c}\t\"\\")];
            let values = [
                ValueRef::Text(&text), ValueRef::Num(n), ValueRef::Int(i), ValueRef::Int(small), ValueRef::Bool(true),
                ValueRef::Date(day), ValueRef::Time(at), ValueRef::List(&list), ValueRef::Null,
            ];
            for value in values {
                prop_assert_eq!(written(|o| json(o, value)), value.to_json().to_string());
            }
            prop_assert_eq!(written(|o| time(o, at)), at.to_string());
        }
    }
}
