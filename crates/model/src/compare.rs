//! A field held against another: what was built against what was permitted, what was begun against the day it
//! might begin. The definition only says which pairs there are; whoever shows a pair decides how.

use serde::{Deserialize, Serialize};

use crate::{FieldDef, FieldType, LayerDef, Role, ValueRef};

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

/// Differences of decimals are not exact in binary: 10.3 − 10.1 is no departure from a tolerance of 0.2.
const ROUNDING: f64 = 1e-9;

/// Whether `value` departs from `other` by more than `tolerance`, on the side `limit` forbids.
pub fn departs(value: f64, other: f64, tolerance: f64, limit: Limit) -> bool {
    match limit {
        Limit::Most => value - other > tolerance + ROUNDING,
        Limit::Least => other - value > tolerance + ROUNDING,
    }
}

/// A field held against another, by their places in the layer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The field that is held against the other.
    pub field: usize,
    /// The other.
    pub other: usize,
    /// How far they may be apart.
    pub tolerance: f64,
    /// Which way.
    pub limit: Limit,
}

impl Pair {
    /// The layer's pairs of which `role` may see both sides, cold fields left out.
    pub fn all(def: &LayerDef, role: Role) -> Vec<Pair> {
        let seen = |i: usize| def.fields[i].visible(role) && !def.fields[i].cold;
        let pair = |(field, f): (usize, &FieldDef)| {
            let other = def.index(f.compare.as_deref()?)?;
            let (tolerance, limit) = (f.tolerance.unwrap_or_default(), f.limit.unwrap_or_default());
            (seen(field) && seen(other)).then_some(Pair { field, other, tolerance, limit })
        };
        def.fields.iter().enumerate().filter_map(pair).collect()
    }

    /// Whether the one value departs from the other; `None` when one of them is not known as a number or day.
    pub fn departs(&self, value: ValueRef<'_>, other: ValueRef<'_>) -> Option<bool> {
        Some(departs(measured(value)?, measured(other)?, self.tolerance, self.limit))
    }
}

/// A number, or a day as days since 1970.
fn measured(value: ValueRef<'_>) -> Option<f64> {
    match value {
        ValueRef::Int(i) => Some(i as f64),
        ValueRef::Num(n) => Some(n),
        ValueRef::Date(d) => Some((crate::day_start(d).div_euclid(86_400)) as f64),
        _ => None,
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
    let days = field.kind == FieldType::Date && other.kind == FieldType::Date;
    if !numbers && !days {
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
