//! A field held against another: what was built against what was permitted, what was begun against the day it
//! might begin. The definition only says which pairs there are; whoever shows a pair decides how.

use serde::{Deserialize, Serialize};

use crate::{FieldDef, FieldType};

/// Which way a value may differ from the one it is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// More than the other departs from it: floors, height, area.
    #[default]
    Most,
    /// Less than the other departs from it: a setback, a start that must wait for its permit.
    Least,
}

/// Whether `value` departs from `other` by more than `tolerance`, on the side `limit` forbids.
pub fn departs(value: f64, other: f64, tolerance: f64, limit: Limit) -> bool {
    match limit {
        Limit::Most => value - other > tolerance,
        Limit::Least => other - value > tolerance,
    }
}

fn is_number(kind: FieldType) -> bool {
    matches!(kind, FieldType::Integer | FieldType::Number)
}

/// Checks that what a field is held against exists and is of its kind. Dates differ in days.
pub(crate) fn check_comparison(field: &FieldDef, all: &[FieldDef]) -> Result<(), String> {
    let Some(other) = &field.compare else {
        return match (field.tolerance, field.limit) {
            (None, None) => Ok(()),
            _ => Err("a tolerance or limit needs compare".to_owned()),
        };
    };
    if field.tolerance.is_some_and(|t| !t.is_finite() || t < 0.0) {
        return Err("a tolerance is a number from 0".to_owned());
    }
    if *other == field.name {
        return Err("a field cannot be compared with itself".to_owned());
    }
    let found = all.iter().find(|f| f.name == *other);
    let other = found.ok_or_else(|| format!("compare: there is no field {other}"))?;
    let numbers = is_number(field.kind) && is_number(other.kind);
    if !numbers && !(field.kind == FieldType::Date && other.kind == FieldType::Date) {
        return Err(format!("compare: {} and {} are not two numbers or two days", field.name, other.name));
    }
    if numbers && field.unit != other.unit {
        return Err(format!("compare: {} and {} have different units", field.name, other.name));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_departure_lies_beyond_the_tolerance_on_the_forbidden_side() {
        assert!(!departs(104.9, 100.0, 5.0, Limit::Most) && !departs(105.0, 100.0, 5.0, Limit::Most));
        assert!(departs(105.1, 100.0, 5.0, Limit::Most) && !departs(80.0, 100.0, 5.0, Limit::Most));
        assert!(departs(1.4, 2.0, 0.5, Limit::Least) && !departs(9.0, 2.0, 0.5, Limit::Least));
    }
}
