//! When things happen: days drawn by year, season and weekday, hours by the clock.

use jiff::ToSpan;
use jiff::civil::Date;

use crate::random::Random;
use crate::record::later;

/// Days with weights, from which days are drawn.
#[derive(Debug)]
pub(crate) struct Days {
    first: Date,
    weights: Vec<f64>,
}

impl Days {
    /// The days from `first` to `last` (included), each with its weight.
    pub(crate) fn new(first: Date, last: Date, weight: impl Fn(Date) -> f64) -> Days {
        let weights = first.series(1.day()).take_while(|d| *d <= last).map(weight).collect();
        Days { first, weights }
    }

    /// The days of a year.
    pub(crate) fn of_year(year: i16, weight: impl Fn(Date) -> f64) -> Days {
        Days::new(Date::constant(year, 1, 1), Date::constant(year, 12, 31), weight)
    }

    pub(crate) fn draw(&self, random: &mut Random) -> Date {
        later(self.first, random.weighted(&self.weights) as i64)
    }
}

/// The weight of a day in tables by month (January first) and weekday (Monday first).
pub(crate) fn rhythm(day: Date, months: &[f64], week: &[f64]) -> f64 {
    let month = months.get(usize::from(day.month().unsigned_abs()) - 1).copied().unwrap_or(1.0);
    let weekday =
        week.get(day.weekday().to_monday_zero_offset().unsigned_abs() as usize).copied().unwrap_or(1.0);
    month * weekday
}

/// A day a number of days later, drawn from an inclusive range.
pub(crate) fn after(day: Date, range: [i64; 2], random: &mut Random) -> Date {
    later(day, random.whole(range[0], range[1]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn only_days_with_weight_are_drawn() {
        let mondays = Days::of_year(2024, |d| f64::from(d.weekday() == jiff::civil::Weekday::Monday));
        let mut random = Random::new(3, "days");
        for _ in 0..200 {
            let day = mondays.draw(&mut random);
            assert_eq!((day.year(), day.weekday()), (2024, jiff::civil::Weekday::Monday));
        }
        assert_eq!(mondays.weights.len(), 366);
        assert!(Days::new(date(2024, 2, 1), date(2024, 2, 3), |_| 1.0).draw(&mut random) <= date(2024, 2, 3));
    }

    #[test]
    fn the_rhythm_multiplies_month_and_weekday() {
        let months = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];
        let week = [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 5.0];
        // 2 February 2025 was a Sunday.
        assert!((rhythm(date(2025, 2, 2), &months, &week) - 10.0).abs() < 1e-12);
    }
}
