//! Counts over time under one filter, from a snapshot.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Code, Columns, Fault, FieldType, Text, ValueRef};
use rustc_hash::FxHashMap;
use serde::Serialize;

use crate::query::Query;
use crate::select;
use crate::view::View;

/// Counts over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Histogram {
    /// Bars in order, empty ones between included.
    pub bars: Vec<Bar>,
    /// Selected features whose value lies before the period asked for: cases that began earlier and were open in it.
    pub before: usize,
    /// Selected features without a value.
    pub without: usize,
}

/// One bar: the days from `from` up to and without `to`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// First day.
    pub from: Date,
    /// First day after.
    pub to: Date,
    /// Features.
    pub count: usize,
}

/// Width of a histogram's bars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Days.
    Day,
    /// Weeks, from Monday.
    Week,
    /// Calendar months.
    Month,
    /// Calendar years.
    Year,
}

/// The most bars a histogram may have.
const MAX_BARS: usize = 10_000;

/// Types of fields that lie in time.
pub(crate) const KINDS: [FieldType; 2] = [FieldType::Date, FieldType::DateTime];

pub(crate) fn histogram(view: View<'_>, query: &Query, field: usize, step: Step) -> Result<Histogram, Fault> {
    let as_of = query.as_of();
    let first = query.period.filter(|p| p.from != i64::MIN).map(|p| model::day_of(p.from));
    let add = |days: &mut Days, row: usize| match view.value(row, field, as_of) {
        ValueRef::Date(day) => *days.dates.entry(day).or_default() += 1,
        ValueRef::Time(t) => {
            let second = t.as_second();
            days.moments.entry(model::day_number(second)).or_insert((second, 0)).1 += 1;
        }
        _ => days.without += 1,
    };
    let days = if select::is_indexed(query) {
        let mut days = Days::default();
        select::rows(&view, query).for_each(|row| add(&mut days, row));
        days
    } else {
        select::predicate(&view, query).fold(Days::default, add, Days::join)
    };
    let (mut before, without) = (0, days.without);
    let of_moments = days.moments.into_values().map(|(second, n)| (model::day_of(second), n));
    let mut counts: BTreeMap<Date, usize> = BTreeMap::new();
    for (day, n) in days.dates.into_iter().chain(of_moments) {
        if first.is_some_and(|first| day < first) {
            before += n;
        } else {
            *counts.entry(bar_of(day, step)).or_default() += n;
        }
    }
    let mut bars = Vec::new();
    let (Some(first), Some(last)) =
        (counts.first_key_value().map(|(d, _)| *d), counts.last_key_value().map(|(d, _)| *d))
    else {
        return Ok(Histogram { bars, before, without });
    };
    let mut from = first;
    while from <= last {
        let to = after(from, step);
        bars.push(Bar { from, to, count: counts.get(&from).copied().unwrap_or(0) });
        if to == from {
            break;
        }
        if bars.len() > MAX_BARS {
            return Err(Fault::parameter(
                Code::InvalidParameter,
                "step",
                Text::new("Quá nhiều cột: chọn bước lớn hơn", "too many bars: choose a wider step"),
            ));
        }
        from = to;
    }
    Ok(Histogram { bars, before, without })
}

/// Features per day first: there are few days and many features.
#[derive(Default)]
struct Days {
    dates: FxHashMap<Date, usize>,
    /// Instants by the day's number, with one of its seconds.
    moments: FxHashMap<i64, (i64, usize)>,
    without: usize,
}

impl Days {
    fn join(mut self, other: Days) -> Days {
        for (day, n) in other.dates {
            *self.dates.entry(day).or_default() += n;
        }
        for (day, (second, n)) in other.moments {
            self.moments.entry(day).or_insert((second, 0)).1 += n;
        }
        self.without += other.without;
        self
    }
}

fn bar_of(day: Date, step: Step) -> Date {
    match step {
        Step::Day => day,
        Step::Week => day.saturating_sub(i64::from(day.weekday().to_monday_zero_offset()).days()),
        Step::Month => day.first_of_month(),
        Step::Year => day.first_of_year(),
    }
}

fn after(from: Date, step: Step) -> Date {
    match step {
        Step::Day => from.saturating_add(1.day()),
        Step::Week => from.saturating_add(1.week()),
        Step::Month => from.saturating_add(1.month()),
        Step::Year => from.saturating_add(1.year()),
    }
}
