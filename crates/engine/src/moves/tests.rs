//! Against brute force: every answer is found again by looking at single days.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan;
use model::{Compare, Feature, Filter, LayerId, Role, Touched, Value as Known, parse_layer};
use spatial::{Row, Snapshot};

use super::*;
use crate::answer;
use crate::condition::Subject;

const LAYER: &str = r#"
id = "areas"
title = { vi = "Vùng", en = "Areas" }
description = { vi = "Vùng", en = "Areas" }
geometry = "none"
time = "interval"
see = ["analyst", "planner"]
label = "name"

[[fields]]
name = "name"
type = "text"
title = { vi = "Tên", en = "Name" }

[[fields]]
name = "class"
type = "code"
title = { vi = "Loại", en = "Class" }
ranks = ["good", "fair", "bad"]
codes = [
    { code = "good", vi = "Tốt", en = "Good" },
    { code = "fair", vi = "Vừa", en = "Fair" },
    { code = "bad", vi = "Xấu", en = "Bad" },
    { code = "unknown", vi = "Chưa rõ", en = "Unknown" },
]

[[fields]]
name = "people"
type = "integer"
title = { vi = "Người", en = "People" }
people = true

[[fields]]
name = "inner"
type = "code"
title = { vi = "Nội bộ", en = "Internal" }
see = ["analyst"]
codes = [{ code = "a", vi = "A", en = "A" }]
"#;

const CODES: [&str; 5] = ["good", "fair", "bad", "unknown", ""];

/// Days of the invented rows are counted from here.
fn day(n: i64) -> Date {
    jiff::civil::date(2020, 1, 1).saturating_add(n.days())
}

/// A stretch of an entity: days `[from, to)`, open where `None`, and its class ("" for none).
#[derive(Debug, Clone, Copy)]
struct Stretch {
    entity: usize,
    from: Option<i64>,
    to: Option<i64>,
    class: &'static str,
}

fn snapshot(stretches: &[Stretch]) -> Snapshot {
    let def = Arc::new(parse_layer("areas.toml", LAYER).unwrap());
    let rows = stretches.iter().enumerate().map(|(n, s)| {
        let mut feature = Feature::empty(&def, Uuid::from_u128(n as u128 + 1));
        // The store gives numbers in the order of writing, which need not be the order of validity.
        feature.fid = (stretches.len() - n) as i64;
        let mut set = |name: &str, value: Known| feature.values[def.index(name).unwrap()] = value;
        set("name", Known::text(&format!("Vùng {}", s.entity)));
        set("people", Known::Int(3));
        set(system::ENTITY, Known::text(&format!("e{}", s.entity)));
        if !s.class.is_empty() {
            set("class", Known::text(s.class));
        }
        if let Some(from) = s.from {
            set(system::VALID_FROM, Known::Date(day(from)));
        }
        if let Some(to) = s.to {
            set(system::VALID_TO, Known::Date(day(to)));
        }
        Row { feature, touched: Touched::default(), cold: false }
    });
    Snapshot::build(Arc::clone(&def), rows.collect())
}

/// What an entity is on a day, by looking.
fn class_on(stretches: &[Stretch], entity: usize, n: i64) -> Option<&'static str> {
    let holds = |s: &&Stretch| {
        s.entity == entity && s.from.is_none_or(|from| from <= n) && s.to.is_none_or(|to| n < to)
    };
    stretches.iter().find(holds).map(|s| s.class)
}

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

fn random(numbers: &mut Numbers) -> Vec<Stretch> {
    let mut all = Vec::new();
    for entity in 0..numbers.below(7) as usize {
        let mut at = numbers.below(12) as i64;
        for n in 0..numbers.below(5) {
            let from = (n > 0 || numbers.below(3) > 0).then_some(at);
            at += 1 + numbers.below(9) as i64;
            let is_open = numbers.below(6) == 0;
            let class = CODES[numbers.below(5) as usize];
            all.push(Stretch { entity, from, to: (!is_open).then_some(at), class });
            if is_open {
                break;
            }
            at += [0, 0, 3][numbers.below(3) as usize];
        }
    }
    all
}

fn of(snapshot: &Snapshot, filter: Filter, days: [i64; 2], role: Role) -> Moves {
    let query = Query { filter, ..Query::all(LayerId::new("areas").unwrap()) };
    let field = snapshot.def().index("class").unwrap();
    moves(View::new(snapshot, role), &query, field, days.map(day), usize::MAX)
}

#[test]
fn flows_and_turning_days_are_those_of_looking_at_single_days() {
    let mut numbers = Numbers(7);
    for _ in 0..400 {
        let stretches = random(&mut numbers);
        let snapshot = snapshot(&stretches);
        let days = [numbers.below(45) as i64, numbers.below(45) as i64];
        let told = of(&snapshot, Filter::All, days, Role::Analyst);
        let mut flows: BTreeMap<(Option<String>, Option<String>), usize> = BTreeMap::new();
        for entity in 0..7 {
            let [a, b] = days.map(|n| class_on(&stretches, entity, n));
            let found = told.moves.iter().find(|m| m.entity == format!("e{entity}"));
            if a.is_none() && b.is_none() {
                assert!(found.is_none());
                continue;
            }
            let owned = |c: Option<&str>| c.map(str::to_owned);
            *flows.entry((owned(a), owned(b))).or_default() += 1;
            let found = found.unwrap();
            assert_eq!((found.from.as_deref(), found.to.as_deref()), (a, b));
            let place = |c: &str| CODES[..3].iter().position(|k| *k == c);
            let change = match (a, b) {
                (None, _) => Change::Appeared,
                (_, None) => Change::Ended,
                (Some(a), Some(b)) if a == b => Change::Same,
                (Some(a), Some(b)) => match (place(a), place(b)) {
                    (Some(x), Some(y)) if y > x => Change::Worse,
                    (Some(_), Some(_)) => Change::Better,
                    _ => Change::Other,
                },
            };
            assert_eq!(found.change, change);
            // The day by walking back from the later day, one day at a time.
            let late = days[0].max(days[1]);
            let now = class_on(&stretches, entity, late);
            let whole = matches!(change, Change::Appeared | Change::Ended);
            let lasts = |n: i64| {
                let then = class_on(&stretches, entity, n);
                if whole || now.is_none() { then.is_some() == now.is_some() } else { then == now }
            };
            let mut first = late;
            while first > -2 && lasts(first - 1) {
                first -= 1;
            }
            let expected = (first > -2).then(|| day(first));
            assert_eq!(found.on, expected, "{stretches:?} {days:?} {found:?}");
        }
        assert_eq!(told.entities, told.moves.len());
        let got: BTreeMap<_, _> =
            told.flows.iter().map(|f| ((f.from.clone(), f.to.clone()), f.count)).collect();
        assert_eq!(got, flows);
        let order: Vec<Change> = told.moves.iter().map(|m| m.change).collect();
        assert!(order.is_sorted(), "{order:?}");
    }
}

#[test]
fn the_sums_of_flows_are_the_counts_of_either_day() {
    let mut numbers = Numbers(11);
    for _ in 0..100 {
        let snapshot = snapshot(&random(&mut numbers));
        let days = [numbers.below(45) as i64, numbers.below(45) as i64];
        let told = of(&snapshot, Filter::All, days, Role::Analyst);
        let field = snapshot.def().index("class");
        for (side, n) in days.into_iter().enumerate() {
            let mut sums: BTreeMap<String, usize> = BTreeMap::new();
            for flow in &told.flows {
                if let Some(value) = [&flow.from, &flow.to][side] {
                    *sums.entry(value.clone()).or_default() += flow.count;
                }
            }
            let during = Filter::During(model::Span::day(day(n)));
            let query = Query { filter: during, ..Query::all(LayerId::new("areas").unwrap()) };
            let counted =
                answer::count(View::new(&snapshot, Role::Analyst), &query, field.map(Subject::Field));
            assert_eq!(counted.by, Some(sums));
        }
    }
}

const TWO: [Stretch; 4] = [
    Stretch { entity: 0, from: Some(0), to: Some(10), class: "bad" },
    Stretch { entity: 0, from: Some(10), to: None, class: "good" },
    Stretch { entity: 1, from: Some(0), to: Some(10), class: "fair" },
    Stretch { entity: 1, from: Some(10), to: None, class: "fair" },
];

#[test]
fn an_entity_is_told_whole_when_one_of_its_days_is_selected() {
    let snapshot = snapshot(&TWO);
    let class = snapshot.def().index("class").unwrap();
    let was_bad = Filter::Compare(class, Compare::Eq, Known::text("bad"));
    let told = of(&snapshot, was_bad, [5, 15], Role::Analyst);
    assert_eq!(told.entities, 1);
    let flow = Flow { from: Some("bad".to_owned()), to: Some("good".to_owned()), count: 1 };
    assert_eq!(told.flows, [flow]);
    assert_eq!((told.moves[0].change, told.moves[0].on), (Change::Better, Some(day(10))));
    assert_eq!(told.moves[0].label.as_deref(), Some("Vùng 0"));
}

#[test]
fn a_limit_cuts_the_list_and_not_the_flows() {
    let snapshot = snapshot(&TWO);
    let query = Query::all(LayerId::new("areas").unwrap());
    let field = snapshot.def().index("class").unwrap();
    let told = moves(View::new(&snapshot, Role::Analyst), &query, field, [5, 15].map(day), 1);
    assert_eq!((told.moves.len(), told.entities), (1, 2));
    assert_eq!(told.flows.iter().map(|f| f.count).sum::<usize>(), 2);
    assert_eq!(told.moves[0].change, Change::Better, "what changed stands before what did not");
}

#[test]
fn a_role_is_told_what_it_may_see() {
    let snapshot = snapshot(&TWO);
    let told = |role| of(&snapshot, Filter::All, [5, 15], role).moves[0].properties.clone();
    assert_eq!(told(Role::Analyst)["people"], 3);
    assert!(told(Role::Analyst).contains_key("inner"));
    assert_eq!(told(Role::Planner)["people"], "<5");
    assert!(!told(Role::Planner).contains_key("inner"));
    let named = |role| answer::field_named(&snapshot, role, "field", "inner", &KINDS).is_ok();
    assert!(named(Role::Analyst) && !named(Role::Planner));
    assert!(answer::field_named(&snapshot, Role::Analyst, "field", "name", &KINDS).is_err());
}
