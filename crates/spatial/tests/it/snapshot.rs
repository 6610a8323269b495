//! Columns of a snapshot: values, states on a day, spans, another definition.

use std::sync::Arc;

use crate::support::point;
use jiff::civil::date;
use model::{Columns, Compare, Feature, Filter, LayerDef, Span, Touched, Value, ValueRef, parse_layer};
use spatial::{Row, RowChange, Snapshot};
use uuid::Uuid;

const CASES: &str = r##"
id = "cases"
title = { vi = "Vụ", en = "Cases" }
description = { vi = "Vụ", en = "Cases" }
geometry = "point"
time = "state"
start = "found_on"
[[fields]]
name = "found_on"
type = "date"
title = { vi = "Ngày", en = "Day" }
[[fields]]
name = "state"
type = "code"
title = { vi = "Trạng thái", en = "State" }
codes = [{ code = "open", vi = "Mở", en = "Open" }, { code = "shut", vi = "Đóng", en = "Shut" }]
[[workflows]]
field = "state"
ends = ["shut"]
[style]
draw = "circle"
color = "#000000"
"##;

fn def(text: &str) -> Arc<LayerDef> {
    Arc::new(parse_layer("cases.toml", text).unwrap())
}

fn case(def: &LayerDef, fid: i64) -> Row {
    let mut f = Feature::empty(def, Uuid::from_u128(fid as u128));
    f.fid = fid;
    f.seq = 7;
    f.geometry = Some(point(104.0, 21.0));
    f.set(def, "found_on", Value::Date(date(2024, 1, 1)));
    f.move_to(def, "state", "open", date(2024, 1, 2));
    f.move_to(def, "state", "shut", date(2024, 3, 1));
    Row { feature: f, touched: Touched::default(), cold: false }
}

/// The same row in the base and in the delta.
fn both() -> [(Snapshot, usize); 2] {
    let def = def(CASES);
    let base = Snapshot::build(Arc::clone(&def), vec![case(&def, 1)]);
    let delta = Snapshot::build(Arc::clone(&def), Vec::new()).apply(&[RowChange::Put(case(&def, 1))]);
    [base, delta].map(|s| {
        let row = s.find(Uuid::from_u128(1)).unwrap();
        (s, row)
    })
}

#[test]
fn a_state_is_told_as_of_a_day() {
    for (s, row) in both() {
        let state = s.def().index("state").unwrap();
        let on = |m, d| s.value(row, state, Some(date(2024, m, d)));
        assert_eq!(on(1, 2), ValueRef::Text("open"));
        assert_eq!(on(2, 29), ValueRef::Text("open"));
        assert_eq!(on(3, 1), ValueRef::Text("shut"));
        assert_eq!(s.value(row, state, None), ValueRef::Text("shut"));
        let open = Filter::Compare(state, Compare::Eq, Value::text("open"));
        assert!(open.selects(&s, row, Some(date(2024, 2, 1))) && !open.selects(&s, row, None));
        assert_eq!(s.transitions(row).len(), 2);
        let life = Span { from: model::day_start(date(2024, 1, 1)), to: model::day_end(date(2024, 3, 1)) };
        assert_eq!(s.span(row), Some(life));
        assert_eq!((s.fid(row), s.seq(row), s.located(row)), (1, 7, true));
    }
}

#[test]
fn a_row_comes_back_as_it_was_put() {
    for (s, row) in both() {
        assert_eq!(s.feature(row), case(s.def(), 1).feature);
    }
}

#[test]
fn another_definition_keeps_values_by_name() {
    let wider = def(&CASES.replace(
        "[[workflows]]",
        "[[fields]]\nname = \"more\"\ntype = \"text\"\ntitle = { vi = \"x\", en = \"x\" }\n[[workflows]]",
    ));
    for (s, _) in both() {
        let s = s.with_def(Arc::clone(&wider));
        let row = s.find_fid(1).unwrap();
        let value = |name| s.value(row, wider.index(name).unwrap(), None);
        assert_eq!(value("state"), ValueRef::Text("shut"));
        assert_eq!(value("more"), ValueRef::Null);
        assert_eq!(s.feature(row).values.len(), wider.fields.len());
    }
}

#[test]
fn an_empty_layer_answers() {
    let s = Snapshot::build(def(CASES), Vec::new());
    assert!(s.is_empty() && s.bounds().is_none() && s.find_fid(1).is_none());
    assert_eq!(s.apply(&[RowChange::Remove(Uuid::nil())]).len(), 0);
}
