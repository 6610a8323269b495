//! Days, instants and spans. A civil day is a day in Asia/Ho_Chi_Minh (UTC+7, no daylight saving time).
//!
//! Spans are half-open `[from, to)` in whole seconds since 1970-01-01T00:00:00Z; open ends are `i64::MIN` and
//! `i64::MAX`.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::{Code, Fault, Text};

/// Seconds by which the site's clocks are ahead of UTC.
pub(crate) const OFFSET_SECONDS: i64 = 7 * 3_600;

/// The zone of all civil days of a site: UTC+7.
pub fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(7))
}

/// First second of `day` in the site's zone.
pub fn day_start(day: Date) -> i64 {
    day.to_zoned(zone()).map_or(i64::MIN, |z| z.timestamp().as_second())
}

/// First second after `day` in the site's zone.
pub fn day_end(day: Date) -> i64 {
    day.tomorrow().map_or(i64::MAX, day_start)
}

/// The civil day in the site's zone in which `second` lies; clamped to the calendar's ends.
pub fn day_of(second: i64) -> Date {
    let ends = if second < 0 { Date::MIN } else { Date::MAX };
    Timestamp::from_second(second).map_or(ends, |t| t.to_zoned(zone()).date())
}

/// The number of the civil day in the site's zone in which `second` lies; day 0 is 1970-01-01.
pub fn day_number(second: i64) -> i64 {
    second.saturating_add(OFFSET_SECONDS).div_euclid(86_400)
}

/// A half-open stretch of time `[from, to)` in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Span {
    /// First second, `i64::MIN` when open.
    pub from: i64,
    /// First second after, `i64::MAX` when open.
    pub to: i64,
}

impl Span {
    /// All time.
    pub const ALL: Span = Span { from: i64::MIN, to: i64::MAX };

    /// The span of one civil day.
    pub fn day(day: Date) -> Span {
        Span { from: day_start(day), to: day_end(day) }
    }

    /// Whether the two spans share a moment.
    pub fn intersects(self, other: Span) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// The `datetime` parameter: nothing, or a span that the answer must intersect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum When {
    /// Not restricted.
    #[default]
    Any,
    /// Restricted to a span.
    Within(Span),
}

impl When {
    /// The day on which states are to be told: the last day of the span, `None` for "now".
    pub fn as_of(self) -> Option<Date> {
        match self {
            When::Within(span) if span.to != i64::MAX => Some(day_of(span.to - 1)),
            _ => None,
        }
    }
}

/// Reads the OGC `datetime` notation: a date, an RFC 3339 instant, `a/b`, `../b`, `a/..`, `/b`, `a/`,
/// and `a/P2D` (start and ISO 8601 duration). A date is a civil day in the site's zone.
///
/// # Errors
/// `invalid-parameter` when the text is none of these, or the end lies before the start.
pub fn parse_when(text: &str) -> Result<When, Fault> {
    parse_span(text).map(When::Within).ok_or_else(|| {
        Fault::parameter(
            Code::InvalidParameter,
            "datetime",
            Text::new(
                "datetime phải là một ngày, một thời điểm RFC 3339, hoặc khoảng a/b, ../b, a/..",
                "datetime must be a date, an RFC 3339 instant, or an interval a/b, ../b, a/..",
            ),
        )
    })
}

/// Reads the notation of [`parse_when`] as a span, both ends included; `None` when it is none, or ends before it
/// begins.
pub fn parse_span(text: &str) -> Option<Span> {
    let Some((a, b)) = text.split_once('/') else { return moment(text) };
    let open = |s: &str| s.is_empty() || s == "..";
    let from = if open(a) { None } else { Some(moment(a)?) };
    let to = if open(b) {
        None
    } else if b.starts_with('P') {
        let start = from?.from;
        let length: jiff::Span = b.parse().ok()?;
        let end = Timestamp::from_second(start).ok()?.to_zoned(zone()).checked_add(length).ok()?;
        Some(Span { from: start, to: end.timestamp().as_second() })
    } else {
        Some(moment(b)?)
    };
    let span = Span { from: from.map_or(i64::MIN, |s| s.from), to: to.map_or(i64::MAX, |s| s.to) };
    (span.from < span.to).then_some(span)
}

fn moment(text: &str) -> Option<Span> {
    if text.len() == 10 {
        return text.parse::<Date>().ok().map(Span::day);
    }
    let at: Timestamp = text.parse().ok()?;
    let from = at.as_second();
    Some(Span { from, to: at.checked_add(1.second()).ok()?.as_second() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_a_day_in_hanoi() {
        // 2025-07-01 00:00 at UTC+7 is 2025-06-30 17:00 UTC.
        let t: Timestamp = "2025-06-30T17:00:00Z".parse().unwrap();
        assert_eq!(day_start(date(2025, 7, 1)), t.as_second());
        assert_eq!(day_of(t.as_second()), date(2025, 7, 1));
        assert_eq!(day_of(t.as_second() - 1), date(2025, 6, 30));
        assert_eq!(day_number(t.as_second()) - day_number(t.as_second() - 1), 1);
        assert_eq!((day_number(-7 * 3_600), day_number(-7 * 3_600 - 1)), (0, -1));
    }

    #[test]
    fn reads_every_notation() {
        let day = |y, m, d| Span::day(date(y, m, d));
        let within = |s| When::Within(s);
        assert_eq!(parse_when("2023-05-01").unwrap(), within(day(2023, 5, 1)));
        assert_eq!(
            parse_when("2023-05-01/2023-06-30").unwrap(),
            within(Span { from: day(2023, 5, 1).from, to: day(2023, 6, 30).to })
        );
        assert_eq!(
            parse_when("../2023-06-30").unwrap(),
            within(Span { from: i64::MIN, to: day(2023, 6, 30).to })
        );
        assert_eq!(
            parse_when("2023-05-01/").unwrap(),
            within(Span { from: day(2023, 5, 1).from, to: i64::MAX })
        );
        assert_eq!(
            parse_when("2023-05-01/P2D").unwrap(),
            within(Span { from: day(2023, 5, 1).from, to: day(2023, 5, 2).to })
        );
        assert_eq!(parse_when("../..").unwrap(), within(Span::ALL));
        for bad in ["", "yesterday", "2023-13-01", "2023-05-02/2023-05-01", "2023-05-01/x", "x/..", "P2D/.."]
        {
            assert_eq!(parse_when(bad).unwrap_err().code, Code::InvalidParameter, "{bad}");
        }
    }

    #[test]
    fn the_as_of_day_is_the_last_day_of_the_span() {
        assert_eq!(parse_when("2023-05-01").unwrap().as_of(), Some(date(2023, 5, 1)));
        assert_eq!(parse_when("2023-01-01/2023-06-30").unwrap().as_of(), Some(date(2023, 6, 30)));
        assert_eq!(parse_when("2023-01-01/..").unwrap().as_of(), None);
        assert_eq!(When::Any.as_of(), None);
    }
}
