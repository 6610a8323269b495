//! Derived layers: cut in time exactly, without gap or overlap, with ids that stay.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::support::check;
use jiff::civil::Date;
use jiff::civil::date;
use model::{Feature, LayerDef, Role, Roles, Touched, Value, system};
use model::{ValueRef, parse_layer};
use proptest::prelude::*;
use spatial::{Row, Snapshot, derive_zones};
use uuid::Uuid;

const FIRST: &str = r##"
id = "units"
title = { vi = "u", en = "u" }
description = { vi = "u", en = "u" }
geometry = "point"
time = "interval"
[[fields]]
name = "name"
type = "text"
title = { vi = "n", en = "n" }
[style]
draw = "circle"
color = "#000000"
"##;

const SECOND: &str = r#"
id = "classes"
title = { vi = "c", en = "c" }
description = { vi = "c", en = "c" }
geometry = "none"
time = "interval"
entity = "unit"
[[fields]]
name = "unit"
type = "text"
title = { vi = "u", en = "u" }
[[fields]]
name = "class"
type = "text"
title = { vi = "c", en = "c" }
"#;

const DERIVED: &str = r##"
id = "zones"
title = { vi = "z", en = "z" }
description = { vi = "z", en = "z" }
geometry = "point"
time = "interval"
[derived]
geometry_from = "units"
values_from = "classes"
join = "entity"
missing = { class = "not_assessed" }
[[fields]]
name = "name"
type = "text"
title = { vi = "n", en = "n" }
from = "units.name"
[[fields]]
name = "class"
type = "text"
title = { vi = "c", en = "c" }
from = "classes.class"
[style]
draw = "circle"
color = "#000000"
"##;

fn def(text: &str) -> Arc<LayerDef> {
    Arc::new(parse_layer("test.toml", text).unwrap())
}

fn row(def: &LayerDef, fid: i64, entity: &str, days: [Option<Date>; 2], set: (&str, &str)) -> Row {
    let mut feature = Feature::empty(def, Uuid::from_u128(fid as u128 + 0x1000));
    feature.fid = fid;
    feature.seq = fid * 10;
    feature.values[def.entity] = Value::text(entity);
    feature.set(def, set.0, Value::text(set.1));
    for (name, day) in [system::VALID_FROM, system::VALID_TO].into_iter().zip(days) {
        feature.set(def, name, day.map_or(Value::Null, Value::Date));
    }
    let mut touched = Touched::default();
    (0..fid).for_each(|_| touched.count_all());
    Row { feature, touched, cold: false }
}

#[test]
fn validity_is_cut_into_classes_and_gaps() {
    let (u, c, z) = (def(FIRST), def(SECOND), def(DERIVED));
    let day = |y| Some(date(y, 1, 1));
    let units = vec![
        row(&u, 1, "a", [day(2020), None], ("name", "one")),
        row(&u, 2, "b", [None, day(2021)], ("name", "two")),
    ];
    let classes = vec![
        row(&c, 5, "a", [day(2019), day(2021)], ("class", "key")),
        row(&c, 6, "a", [day(2022), day(2023)], ("class", "free")),
        row(&c, 7, "other", [day(2019), None], ("class", "key")),
    ];
    let (units, classes) = (Snapshot::build(u, units), Snapshot::build(c, classes));
    let rows = derive_zones(&z, &units, &classes);
    let told: Vec<_> = rows
        .iter()
        .map(|r| {
            let day = |n| match r.feature.get(&z, n) {
                ValueRef::Date(d) => Some(d.year()),
                _ => None,
            };
            let text = |n| r.feature.values[z.index(n).unwrap()].as_text().unwrap().to_owned();
            let seen = (r.feature.seq, r.touched.of(Role::Analyst));
            (r.feature.fid, text("name"), text("class"), day("valid_from"), day("valid_to"), seen)
        })
        .collect();
    let s = str::to_owned;
    assert_eq!(
        told,
        [
            (1 << 26 | 5 << 1, s("one"), s("key"), Some(2020), Some(2021), (50, 6)),
            (1 << 26 | 5 << 1 | 1, s("one"), s("not_assessed"), Some(2021), Some(2022), (60, 12)),
            (1 << 26 | 6 << 1, s("one"), s("free"), Some(2022), Some(2023), (60, 7)),
            (1 << 26 | 6 << 1 | 1, s("one"), s("not_assessed"), Some(2023), None, (60, 7)),
            (2 << 26 | 1, s("two"), s("not_assessed"), None, Some(2021), (20, 2)),
        ]
    );
    let again = derive_zones(&z, &units, &classes);
    assert!(rows.iter().zip(&again).all(|(a, b)| a.feature == b.feature));
    let ids: std::collections::BTreeSet<_> = rows.iter().map(|r| r.feature.id).collect();
    assert_eq!(ids.len(), rows.len());
    assert!(ids.iter().all(|id| id.get_version_num() == 8));
    assert_eq!(rows[0].feature.get(&z, system::ENTITY), ValueRef::Text("a"));
}

#[test]
fn counts_of_each_role_add_up() {
    let z = def(DERIVED);
    let (u, c) = (def(FIRST), def(SECOND));
    let mut unit = row(&u, 1, "a", [None, None], ("name", "one"));
    let mut class = row(&c, 2, "a", [None, None], ("class", "key"));
    let only = |role| LayerDef { see: Roles::from_iter([role]), fields: Vec::new(), ..LayerDef::clone(&u) };
    unit.touched.count(&only(Role::Planner), &[String::new()]);
    class.touched.count(&only(Role::Planner), &[String::new()]);
    class.touched.count(&only(Role::Leader), &[String::new()]);
    let rows = derive_zones(&z, &Snapshot::build(u, vec![unit]), &Snapshot::build(c, vec![class]));
    assert_eq!(Role::ALL.map(|r| rows[0].touched.of(r)), [3, 5, 3, 4, 3, 3]);
}

#[test]
fn every_day_of_a_unit_is_covered_once() {
    // Days as numbers; -1 and 1000 stand for open ends.
    let open =
        |n: i64| (0..1000).contains(&n).then(|| date(2020, 1, 1).saturating_add(jiff::Span::new().days(n)));
    let unit = (-1..500_i64, 1..600_i64).prop_map(|(from, long)| (from, (from + long).min(1000)));
    let classes = prop::collection::vec((0..200_i64, 1..150_i64), 0..6);
    check(200, (unit, classes), |((from, to), steps)| {
        let (u, c, z) = (def(FIRST), def(SECOND), def(DERIVED));
        let units =
            Snapshot::build(Arc::clone(&u), vec![row(&u, 1, "a", [open(from), open(to)], ("name", "n"))]);
        let mut at = -1;
        let mut spans = Vec::new();
        for (skip, long) in steps {
            let begin = at + skip;
            at = begin + long;
            spans.push((begin, at));
        }
        let classes = spans
            .iter()
            .enumerate()
            .map(|(i, (a, b))| row(&c, i as i64 + 1, "a", [open(*a), open(*b)], ("class", &format!("c{i}"))));
        let rows = derive_zones(&z, &units, &Snapshot::build(Arc::clone(&c), classes.collect()));
        let mut by_day: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for r in &rows {
            let end = |name, otherwise| match r.feature.get(&z, name) {
                ValueRef::Date(d) => i64::from((d - date(2020, 1, 1)).get_days()),
                _ => otherwise,
            };
            for day in end(system::VALID_FROM, -1)..end(system::VALID_TO, 1000) {
                let class = r.feature.values[z.index("class").unwrap()].as_text().unwrap().to_owned();
                by_day.entry(day).or_default().push(class);
            }
        }
        let expected: BTreeMap<i64, Vec<String>> = (from..to)
            .map(|day| {
                let class = spans.iter().position(|(a, b)| *a <= day && day < *b);
                (day, vec![class.map_or("not_assessed".to_owned(), |i| format!("c{i}"))])
            })
            .collect();
        prop_assert_eq!(by_day, expected);
        Ok(())
    });
}
