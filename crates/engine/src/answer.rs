//! Pages of features, counts and histograms under one filter, from a snapshot.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use model::{Code, Columns, Fault, FieldType, Filter, Text, ValueRef};
use serde::Serialize;
use spatial::Snapshot;

use crate::item::write_row;
use crate::query::Query;
use crate::view::{View, visible_fields};

/// A page of features in the order of their row numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemsPage {
    /// How many features the query selects, without the limit.
    pub matched: usize,
    /// The features, each a GeoJSON Feature.
    pub items: Vec<String>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// Counts of one query.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Selected features.
    pub count: usize,
    /// Those with geometry.
    pub located: usize,
    /// Those waiting for a location.
    pub waiting: usize,
    /// Counts per value of the field asked for; features without value under the empty text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<BTreeMap<String, usize>>,
}

/// Counts over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Histogram {
    /// Bars in order, empty ones between included.
    pub bars: Vec<Bar>,
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

fn selected<'a>(view: View<'a>, query: &'a Query) -> impl Iterator<Item = usize> + 'a {
    let as_of = query.as_of();
    view.snapshot.rows_after(-1).filter(move |&row| query.filter.selects(&view, row, as_of))
}

pub(crate) fn page(view: View<'_>, query: &Query, limit: usize, after: Option<i64>) -> ItemsPage {
    let fields: Vec<usize> =
        visible_fields(view.def(), view.role).filter(|&i| !view.def().fields[i].cold).collect();
    let as_of = query.as_of();
    let after = after.unwrap_or(-1);
    let matched =
        if query.filter == Filter::All { view.snapshot.len() } else { selected(view, query).count() };
    let mut items = Vec::new();
    let mut next = None;
    let mut last = after;
    for row in view.snapshot.rows_after(after).filter(|&r| query.filter.selects(&view, r, as_of)) {
        if items.len() == limit {
            next = Some(cursor(last));
            break;
        }
        let mut json = String::with_capacity(384);
        write_row(&mut json, view, &fields, row, as_of);
        items.push(json);
        last = view.snapshot.fid(row);
    }
    ItemsPage { matched, items, next }
}

/// The text of a page's continuation.
fn cursor(fid: i64) -> String {
    format!("{fid:x}")
}

pub(crate) fn read_cursor(text: &str) -> Result<i64, Fault> {
    i64::from_str_radix(text, 16).ok().filter(|n| *n >= 0).ok_or_else(|| {
        Fault::parameter(
            Code::InvalidParameter,
            "after",
            Text::new("Con trỏ trang không hợp lệ", "the page cursor is not valid"),
        )
    })
}

pub(crate) fn count(view: View<'_>, query: &Query, by: Option<usize>) -> Count {
    let mut out = Count { count: 0, located: 0, waiting: 0, by: by.map(|_| BTreeMap::new()) };
    let as_of = query.as_of();
    for row in selected(view, query) {
        out.count += 1;
        if view.located(row) {
            out.located += 1;
        } else {
            out.waiting += 1;
        }
        if let (Some(field), Some(counts)) = (by, &mut out.by) {
            let key = match view.value(row, field, as_of) {
                ValueRef::Null => String::new(),
                ValueRef::Text(s) => s.to_owned(),
                other => other.to_json().to_string().trim_matches('"').to_owned(),
            };
            *counts.entry(key).or_default() += 1;
        }
    }
    out
}

/// The index of a visible, warm field named by a parameter.
pub(crate) fn field_named(
    snapshot: &Snapshot,
    role: model::Role,
    parameter: &str,
    name: &str,
    kinds: &[FieldType],
) -> Result<usize, Fault> {
    let def = snapshot.def();
    let found = visible_fields(def, role)
        .find(|&i| def.fields[i].name == name && !def.fields[i].cold)
        .filter(|&i| kinds.is_empty() || kinds.contains(&def.fields[i].kind));
    found.ok_or_else(|| {
        Fault::parameter(
            Code::InvalidParameter,
            parameter,
            Text::new(
                format!("Không dùng được trường “{name}”"),
                format!("the field “{name}” cannot be used"),
            ),
        )
    })
}

pub(crate) fn histogram(view: View<'_>, query: &Query, field: usize, step: Step) -> Result<Histogram, Fault> {
    let mut counts: BTreeMap<Date, usize> = BTreeMap::new();
    let mut without = 0;
    let as_of = query.as_of();
    for row in selected(view, query) {
        let day = match view.value(row, field, as_of) {
            ValueRef::Date(d) => d,
            ValueRef::Time(t) => model::day_of(t.as_second()),
            _ => {
                without += 1;
                continue;
            }
        };
        *counts.entry(bar_of(day, step)).or_default() += 1;
    }
    let mut bars = Vec::new();
    let (Some(first), Some(last)) =
        (counts.first_key_value().map(|(d, _)| *d), counts.last_key_value().map(|(d, _)| *d))
    else {
        return Ok(Histogram { bars, without });
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
    Ok(Histogram { bars, without })
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
