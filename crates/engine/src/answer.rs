//! Pages of features and counts under one filter, from a snapshot.

use std::collections::BTreeMap;

use model::{Code, Columns, Fault, FieldType, Filter, Text, ValueRef};
use rustc_hash::FxHashMap;
use serde::Serialize;
use spatial::Snapshot;

use crate::condition::{Subject, subject};
use crate::item::write_row;
use crate::query::Query;
use crate::select;
use crate::sort::{After, Key, Words};
use crate::view::{View, visible_fields};

/// A page of features in the order of the query.
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
    /// Counts per value of the field (or its clock) asked for; features without value under the empty text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<BTreeMap<String, usize>>,
}

pub(crate) fn page(view: View<'_>, query: &Query, limit: usize, after: Option<&After>) -> ItemsPage {
    let (rows, matched, more) = if query.sort.is_plain() {
        by_fid(&view, query, limit, after)
    } else {
        by_keys(&view, query, limit, after)
    };
    let fields: Vec<usize> =
        visible_fields(view.def(), view.role).filter(|&i| !view.def().fields[i].cold).collect();
    let as_of = query.as_of();
    let items = rows.iter().map(|&row| {
        let mut json = String::with_capacity(384);
        write_row(&mut json, view, &fields, row, as_of);
        json
    });
    let next = rows.last().filter(|_| more).map(|&row| query.sort.cursor(view, row, as_of));
    ItemsPage { matched, items: items.collect(), next }
}

/// A page's rows in the order of fids, how many the query selects, and whether more follow.
fn by_fid(view: &View<'_>, query: &Query, limit: usize, after: Option<&After>) -> (Vec<usize>, usize, bool) {
    let fid = after.map_or(-1, |a| a.fid);
    let mut rows = select::rows_after(view, query, fid);
    let page: Vec<usize> = rows.by_ref().take(limit).collect();
    // Where an index offered the rows all of them are at hand; else columns are counted faster than rows.
    if select::is_indexed(query) && after.is_none() {
        let rest = rows.count();
        return (page.clone(), page.len() + rest, rest > 0);
    }
    let more = rows.next().is_some();
    let matched = match query.filter {
        Filter::All => view.snapshot.len(),
        _ if after.is_none() && !more => page.len(),
        _ => select::count(view, query),
    };
    (page, matched, more)
}

/// The same in the order of the query's keys.
fn by_keys(view: &View<'_>, query: &Query, limit: usize, after: Option<&After>) -> (Vec<usize>, usize, bool) {
    let as_of = query.as_of();
    let mut matched = 0;
    let mut rest: Vec<(Vec<Key>, i64, usize)> = Vec::new();
    let mut words = Words::default();
    for row in select::rows(view, query) {
        matched += 1;
        let (keys, fid) = (query.sort.keys_of(*view, row, as_of, &mut words), view.snapshot.fid(row));
        if query.sort.is_after(&keys, fid, after) {
            rest.push((keys, fid, row));
        }
    }
    let order =
        |a: &(Vec<Key>, i64, usize), b: &(Vec<Key>, i64, usize)| query.sort.compare((&a.0, a.1), (&b.0, b.1));
    let more = rest.len() > limit;
    if more && limit > 0 {
        // Only the page itself is put in order.
        rest.select_nth_unstable_by(limit - 1, order);
    }
    rest.truncate(limit);
    rest.sort_unstable_by(order);
    (rest.into_iter().map(|(_, _, row)| row).collect(), matched, more)
}

pub(crate) fn count(view: View<'_>, query: &Query, by: Option<Subject>) -> Count {
    let rows: Option<Vec<usize>> = select::is_indexed(query).then(|| select::rows(&view, query).collect());
    let (count, located) = match &rows {
        Some(rows) => (rows.len(), rows.iter().filter(|row| view.located(**row)).count()),
        None => select::predicate(&view, query).count(),
    };
    let by = by.map(|by| count_by(&view, query, by, rows.as_deref(), count));
    Count { count, located, waiting: count - located, by }
}

/// Counts per value of those selected: of the rows an index offered, else over all columns.
fn count_by(
    view: &View<'_>,
    query: &Query,
    by: Subject,
    rows: Option<&[usize]>,
    count: usize,
) -> BTreeMap<String, usize> {
    let as_of = query.as_of();
    let predicate = select::predicate(view, query);
    if let (Subject::Field(field), None) = (by, rows)
        && select::is_plain(view, field)
        && !view.snapshot.varies(field, as_of)
        && let Some(found) = predicate.count_by(field)
    {
        let without = count - found.values().sum::<usize>();
        let mut all: BTreeMap<String, usize> = found.into_iter().map(|(k, n)| (k.to_owned(), n)).collect();
        if without > 0 {
            all.insert(String::new(), without);
        }
        return all;
    }
    let add = |sums: &mut Tally, row: usize| {
        let key = match by {
            Subject::Field(field) => match view.value(row, field, as_of) {
                ValueRef::Null => String::new(),
                ValueRef::Text(s) => {
                    if let Some(n) = sums.get_mut(s) {
                        *n += 1;
                    } else {
                        sums.insert(s.to_owned(), 1);
                    }
                    return;
                }
                other => other.to_json().to_string().trim_matches('"').to_owned(),
            },
            Subject::Clock(field, clock) => {
                clock.of(view.value(row, field, as_of)).map_or_else(String::new, |n| n.to_string())
            }
        };
        *sums.entry(key).or_default() += 1;
    };
    let sums = match rows {
        Some(rows) => rows.iter().fold(Tally::default(), |mut sums, row| {
            add(&mut sums, *row);
            sums
        }),
        None => predicate.fold(Tally::default, add, |mut a, b| {
            for (key, n) in b {
                *a.entry(key).or_default() += n;
            }
            a
        }),
    };
    sums.into_iter().collect()
}

/// Counts per text.
type Tally = FxHashMap<String, usize>;

/// What a parameter names to count by: a visible, warm field, or its clock.
pub(crate) fn named(
    snapshot: &Snapshot,
    role: model::Role,
    parameter: &str,
    name: &str,
) -> Result<Subject, Fault> {
    subject(snapshot.def(), role, name).ok_or_else(|| unusable(parameter, name))
}

/// The index of a visible, warm field of one of these types, named by a parameter.
pub(crate) fn field_named(
    snapshot: &Snapshot,
    role: model::Role,
    parameter: &str,
    name: &str,
    kinds: &[FieldType],
) -> Result<usize, Fault> {
    match named(snapshot, role, parameter, name)? {
        Subject::Field(field) if kinds.contains(&snapshot.def().fields[field].kind) => Ok(field),
        _ => Err(unusable(parameter, name)),
    }
}

/// The fault of a field that a parameter cannot take, or that is not there for this reader.
pub(crate) fn unusable(parameter: &str, name: &str) -> Fault {
    Fault::parameter(
        Code::InvalidParameter,
        parameter,
        Text::new(format!("Không dùng được trường “{name}”"), format!("the field “{name}” cannot be used")),
    )
}
