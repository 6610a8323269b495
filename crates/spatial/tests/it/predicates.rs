//! A prepared filter selects what the filter selects, row by row: random trees over random columns with nulls, over
//! base, delta and tombstones.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, date};
use model::{Columns, Compare, Feature, Filter, LayerDef, Span, Touched, Value, parse_layer};
use proptest::prelude::*;
use spatial::{Row, RowChange, Snapshot};

use crate::support::{check, point};

const LAYER: &str = r##"
id = "facts"
title = { vi = "Việc", en = "Facts" }
description = { vi = "Việc", en = "Facts" }
geometry = "point"
time = "event"
start = "at"
fields = [
    { name = "at", type = "datetime", title = { vi = "Lúc", en = "At" } },
    { name = "word", type = "text", title = { vi = "Chữ", en = "Word" } },
    { name = "n", type = "integer", title = { vi = "Số", en = "Number" } },
    { name = "x", type = "number", title = { vi = "Đo", en = "Measure" } },
    { name = "day", type = "date", title = { vi = "Ngày", en = "Day" } },
    { name = "yes", type = "boolean", title = { vi = "Có", en = "Yes" } },
]
[style]
draw = "circle"
color = "#000000"
"##;

const NAMES: [&str; 6] = ["at", "word", "n", "x", "day", "yes"];

fn moment(n: u8) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + i64::from(n) * 40_000).unwrap()
}

fn day(n: u8) -> Date {
    date(2025, 1, 1).saturating_add(jiff::ToSpan::days(i64::from(n)))
}

fn value(field: usize, n: u8) -> Value {
    match field {
        0 => Value::Time(moment(n)),
        1 => Value::text(["chợ", "Chợ Hoa", "đường", "", "ngõ 5", "a%b"][usize::from(n) % 6]),
        2 => Value::Int(i64::from(n) - 4),
        3 => Value::Num(f64::from(n) / 3.0),
        4 => Value::Date(day(n)),
        _ => Value::Bool(n.is_multiple_of(2)),
    }
}

/// A row: whether it has a place, and per field a number or null.
type Facts = (bool, Vec<Option<u8>>);

fn facts() -> impl Strategy<Value = Facts> {
    (any::<bool>(), prop::collection::vec(prop::option::weighted(0.8, 0..9_u8), 6))
}

fn row(def: &LayerDef, id: u128, (placed, values): &Facts) -> Row {
    let mut feature = Feature::empty(def, uuid::Uuid::from_u128(id));
    feature.fid = id as i64;
    feature.geometry = placed.then(|| point(103.9 + id as f64 * 1e-4, 21.3));
    for (field, n) in values.iter().enumerate() {
        if let Some(n) = n {
            feature.set(def, NAMES[field], value(field, *n));
        }
    }
    Row { feature, touched: Touched::default(), cold: false }
}

fn filters(def: Arc<LayerDef>) -> impl Strategy<Value = Filter> {
    let at = move |field: usize| def.index(NAMES[field]).unwrap();
    let ops = [Compare::Eq, Compare::Ne, Compare::Lt, Compare::Le, Compare::Gt, Compare::Ge];
    let leaf = (0..9_u8, 0..6_usize, 0..6_usize, 0..9_u8, 0..9_u8, 0..6_usize).prop_map(
        move |(kind, field, op, a, b, other)| {
            let (index, of) = (at(field), |n| value(field, n));
            match kind {
                0 => Filter::Compare(index, ops[op], of(a)),
                1 => Filter::In(index, vec![of(a), of(b), Value::Null]),
                2 => Filter::Between(index, of(a), of(b)),
                3 => Filter::IsNull(index),
                4 => Filter::Holds(at(1), "cho".to_owned()),
                5 => Filter::Like(at(1), "%h%".to_owned()),
                6 => Filter::During(Span { from: moment(a).as_second(), to: moment(b).as_second() + 1 }),
                7 => Filter::Located(a.is_multiple_of(2)),
                // A value of another type than the field's.
                _ => Filter::Compare(index, ops[op], value(other, a)),
            }
        },
    );
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(Filter::And),
            prop::collection::vec(inner.clone(), 1..4).prop_map(Filter::Or),
            inner.prop_map(|f| Filter::Not(Box::new(f))),
        ]
    })
}

#[test]
fn a_prepared_filter_selects_what_the_filter_selects() {
    let def = Arc::new(parse_layer("facts.toml", LAYER).unwrap());
    let rows = prop::collection::vec(facts(), 1..220);
    let changes = prop::collection::vec((0..240_u8, prop::option::of(facts())), 0..20);
    let trees = prop::collection::vec(filters(Arc::clone(&def)), 12);
    check(120, (rows, changes, trees), |(rows, changes, trees)| {
        let built = rows.iter().zip(1..).map(|(f, id)| row(&def, id, f)).collect();
        let changes: Vec<RowChange> = changes
            .iter()
            .map(|(id, to)| match to {
                Some(facts) => RowChange::Put(row(&def, u128::from(*id) + 1, facts)),
                None => RowChange::Remove(uuid::Uuid::from_u128(u128::from(*id) + 1)),
            })
            .collect();
        let snapshot = Snapshot::build(Arc::clone(&def), built).apply(&changes);
        let all: Vec<usize> = snapshot.rows_after(i64::MIN).collect();
        for filter in trees {
            let expected: Vec<usize> =
                all.iter().copied().filter(|row| filter.selects(&snapshot, *row, None)).collect();
            let normal = filter.clone().normal();
            for (what, filter) in [("as written", &filter), ("in one form", &normal)] {
                let predicate = snapshot.predicate(filter, None, &snapshot, |_| true);
                let one: Vec<usize> = all.iter().copied().filter(|row| predicate.selects(*row)).collect();
                prop_assert_eq!(&one, &expected, "{} {:?}", what, filter);
                let mut folded = predicate.fold(Vec::new, Vec::push, |a, b| [a, b].concat());
                folded.sort_unstable_by_key(|row| snapshot.fid(*row));
                prop_assert_eq!(&folded, &expected, "{} {:?}", what, filter);
                let placed = expected.iter().filter(|row| snapshot.located(**row)).count();
                prop_assert_eq!(predicate.count(), (expected.len(), placed));
                let word = def.index("word").unwrap();
                if let Some(words) = predicate.count_by(word) {
                    let of = |w: &str| {
                        let is = |row: &&usize| snapshot.value(**row, word, None) == model::ValueRef::Text(w);
                        expected.iter().filter(is).count()
                    };
                    prop_assert!(words.iter().all(|(w, n)| of(w) == *n), "{:?}", words);
                    let texts = expected
                        .iter()
                        .filter(|row| matches!(snapshot.value(**row, word, None), model::ValueRef::Text(_)));
                    prop_assert_eq!(words.values().sum::<usize>(), texts.count());
                }
            }
        }
        Ok(())
    });
}
