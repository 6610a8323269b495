//! Values in PostgreSQL's binary form, by hand: sqlx knows no jiff and no geometry, and COPY wants the same bytes.

use jiff::civil::Date;
use jiff::{SignedDuration, Span, Timestamp, Unit};
use sqlx::encode::IsNull;
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgTypeInfo, Postgres};
use uuid::Uuid;

use super::Arg;

/// PostgreSQL counts days and microseconds from here.
const EPOCH: Date = jiff::civil::date(2000, 1, 1);
/// Seconds from the Unix epoch to PostgreSQL's.
const EPOCH_SECONDS: i64 = 946_684_800;

/// A text holds a NUL, which PostgreSQL cannot keep.
#[derive(Debug, thiserror::Error)]
#[error("a text with a NUL character cannot be stored")]
pub(crate) struct NulInText;

/// A value to be bound. Its type is left to the server: a statement is prepared once for whatever values come, and
/// what a column is, the column says.
pub(super) struct Bound<'a>(pub(super) &'a Arg);

impl sqlx::Type<Postgres> for Bound<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl sqlx::Encode<'_, Postgres> for Bound<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(if write(self.0, buffer)? { IsNull::No } else { IsNull::Yes })
    }
}

/// About how many bytes a value takes.
pub(super) fn size(arg: &Arg) -> usize {
    4 + match arg {
        Arg::Null => 0,
        Arg::Bool(_) => 1,
        Arg::Date(_) => 4,
        Arg::Int(_) | Arg::Num(_) | Arg::Time(_) => 8,
        Arg::Uuid(_) => 16,
        Arg::Text(s) => s.len(),
        Arg::Shared(s) => s.len(),
        Arg::Bytes(b) => b.len(),
    }
}

/// Writes the bytes of a value; false when it is null, which has none.
pub(crate) fn write(arg: &Arg, out: &mut Vec<u8>) -> Result<bool, NulInText> {
    let text = |s: &str, out: &mut Vec<u8>| {
        if s.as_bytes().contains(&0) {
            return Err(NulInText);
        }
        out.extend_from_slice(s.as_bytes());
        Ok(())
    };
    match arg {
        Arg::Null => return Ok(false),
        Arg::Bool(b) => out.push(u8::from(*b)),
        Arg::Int(i) => out.extend_from_slice(&i.to_be_bytes()),
        Arg::Num(n) => out.extend_from_slice(&n.to_be_bytes()),
        Arg::Text(s) => text(s, out)?,
        Arg::Shared(s) => text(s, out)?,
        Arg::Bytes(b) => out.extend_from_slice(b),
        Arg::Uuid(id) => out.extend_from_slice(id.as_bytes()),
        Arg::Date(day) => out.extend_from_slice(&days(*day).to_be_bytes()),
        Arg::Time(at) => {
            let micros = at.as_microsecond() - EPOCH_SECONDS * 1_000_000;
            out.extend_from_slice(&micros.to_be_bytes());
        }
    }
    Ok(true)
}

fn days(day: Date) -> i32 {
    // Between any two days of jiff's calendar there are fewer than i32 holds.
    EPOCH.until((Unit::Day, day)).map_or(0, |span| span.get_days())
}

/// The day of four bytes.
pub(super) fn date(bytes: &[u8]) -> Option<Date> {
    let days = i32::from_be_bytes(bytes.try_into().ok()?);
    EPOCH.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// The instant of eight bytes.
pub(super) fn time(bytes: &[u8]) -> Option<Timestamp> {
    let micros = i64::from_be_bytes(bytes.try_into().ok()?);
    let epoch = Timestamp::from_second(EPOCH_SECONDS).ok()?;
    epoch.checked_add(SignedDuration::from_micros(micros)).ok()
}

/// The UUID of sixteen bytes.
pub(super) fn uuid(bytes: &[u8]) -> Option<Uuid> {
    Uuid::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_come_back() {
        let mut out = Vec::new();
        for day in [(2000, 1, 1), (1999, 12, 31), (0, 1, 1), (9999, 12, 31), (2025, 6, 1)] {
            let day = jiff::civil::date(day.0, day.1, day.2);
            out.clear();
            assert!(write(&Arg::Date(day), &mut out).unwrap());
            assert_eq!(date(&out), Some(day));
        }
        assert_eq!(days(jiff::civil::date(2000, 1, 2)), 1);
        for at in ["2000-01-01T00:00:00Z", "1969-12-31T23:59:59.123Z", "2025-06-01T08:15:30.123456Z"] {
            let at: Timestamp = at.parse().unwrap();
            out.clear();
            assert!(write(&Arg::Time(at), &mut out).unwrap());
            assert_eq!(time(&out), Some(at));
        }
        // PostgreSQL's infinities are no days of ours.
        assert_eq!(date(&i32::MAX.to_be_bytes()), None);
        assert_eq!(time(&i64::MIN.to_be_bytes()), None);
    }

    #[test]
    fn a_nul_is_refused() {
        let mut out = Vec::new();
        assert!(write(&Arg::from("a\0b"), &mut out).is_err());
        assert!(out.is_empty());
    }
}
