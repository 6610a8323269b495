//! Cases move from state to state on effective days, and tell their state on any day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A state field took a value on an effective day.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Transition {
    /// The state field.
    pub field: String,
    /// The code it took.
    pub to: String,
    /// The civil day from which it holds.
    pub on: Date,
}

/// The value of `field` on `day` by these transitions: the last one whose day is not later (of several on one
/// day, the last in the list). `None` before the first.
pub fn value_on<'a>(transitions: &'a [Transition], field: &str, day: Date) -> Option<&'a str> {
    transitions.iter().filter(|t| t.field == field && t.on <= day).max_by_key(|t| t.on).map(|t| t.to.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn the_last_transition_not_later_than_the_day_holds() {
        let t = |to: &str, on| Transition { field: "state".to_owned(), to: to.to_owned(), on };
        let all =
            [t("found", date(2024, 1, 5)), t("reminded", date(2024, 1, 7)), t("fixed", date(2024, 1, 7))];
        assert_eq!(value_on(&all, "state", date(2024, 1, 4)), None);
        assert_eq!(value_on(&all, "state", date(2024, 1, 6)), Some("found"));
        assert_eq!(value_on(&all, "state", date(2024, 1, 7)), Some("fixed"));
        assert_eq!(value_on(&all, "other", date(2024, 1, 7)), None);
    }
}
