//! The clock of a day and a week in the site's zone: hours of instants, weekdays of days and instants.

use crate::{FieldType, ValueRef, day_of, time::OFFSET_SECONDS};

/// A part of a moment that comes round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Clock {
    /// The hour, 0 to 23; only an instant has one.
    Hour,
    /// The weekday, 1 (Monday) to 7.
    Weekday,
}

impl Clock {
    /// Both.
    pub const ALL: [Clock; 2] = [Clock::Hour, Clock::Weekday];

    /// The name that stands after a field's, as in `found_at.hour`.
    pub fn name(self) -> &'static str {
        match self {
            Clock::Hour => "hour",
            Clock::Weekday => "weekday",
        }
    }

    /// Its least and greatest value.
    pub fn range(self) -> (u32, u32) {
        match self {
            Clock::Hour => (0, 23),
            Clock::Weekday => (1, 7),
        }
    }

    /// Whether a field of this type has it.
    pub fn fits(self, kind: FieldType) -> bool {
        kind == FieldType::DateTime || (kind == FieldType::Date && self == Clock::Weekday)
    }

    /// What it shows at a value; `None` for null and for values without it.
    pub fn of(self, value: ValueRef<'_>) -> Option<u32> {
        match (self, value) {
            (Clock::Hour, ValueRef::Time(t)) => {
                Some(((t.as_second() + OFFSET_SECONDS).rem_euclid(86_400) / 3_600) as u32)
            }
            (Clock::Weekday, ValueRef::Date(day)) => Some(day.weekday().to_monday_one_offset() as u32),
            (Clock::Weekday, ValueRef::Time(t)) => {
                Some(day_of(t.as_second()).weekday().to_monday_one_offset() as u32)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn hours_and_weekdays_are_those_of_hanoi() {
        // 2025-07-06 was a Sunday; at 17:30 UTC it was 00:30 on Monday in Hanoi.
        let late = ValueRef::Time("2025-07-06T17:30:00Z".parse().unwrap());
        let before = ValueRef::Time("2025-07-06T16:59:59Z".parse().unwrap());
        assert_eq!((Clock::Hour.of(late), Clock::Weekday.of(late)), (Some(0), Some(1)));
        assert_eq!((Clock::Hour.of(before), Clock::Weekday.of(before)), (Some(23), Some(7)));
        // Before 1970 the remainder must not be negative.
        let old = ValueRef::Time("1945-09-02T02:00:00Z".parse().unwrap());
        assert_eq!((Clock::Hour.of(old), Clock::Weekday.of(old)), (Some(9), Some(7)));
        assert_eq!(Clock::Weekday.of(ValueRef::Date(date(2025, 7, 5))), Some(6));
        assert_eq!(Clock::Hour.of(ValueRef::Date(date(2025, 7, 5))), None);
        assert_eq!(Clock::Hour.of(ValueRef::Null), None);
    }
}
