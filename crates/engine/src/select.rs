//! Which rows a query selects: by the index where an area or a box is asked for, else by the columns.

use model::{FieldType, Filter};
use spatial::Predicate;

use crate::query::Query;
use crate::view::View;

/// The query's filter made ready for the view's snapshot.
pub(crate) fn predicate<'a>(view: &'a View<'a>, query: &'a Query) -> Predicate<'a, View<'a>> {
    view.snapshot.predicate(&query.filter, query.as_of(), view, |field| is_plain(view, field))
}

/// Whether the reader sees a field just as the snapshot has it.
pub(crate) fn is_plain(view: &View<'_>, field: usize) -> bool {
    let f = &view.def().fields[field];
    !(f.people && f.kind == FieldType::Integer) || view.role.sees_small_counts()
}

/// Whether an index offers the rows: then few are looked at.
pub(crate) fn is_indexed(query: &Query) -> bool {
    query.filter.area().is_some() || query.filter.bbox().is_some()
}

/// The selected rows in the order of their fids, those after a fid.
pub(crate) fn rows_after<'a>(
    view: &'a View<'a>,
    query: &'a Query,
    fid: i64,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    let predicate = predicate(view, query);
    let snapshot = view.snapshot;
    let found = match (query.filter.area(), query.filter.bbox()) {
        (Some(area), _) => snapshot.candidates(area.bbox()),
        (None, Some(bbox)) => {
            let mut found = snapshot.candidates(bbox);
            found.extend(snapshot.waiting());
            found
        }
        (None, None) if query.filter == Filter::All => return Box::new(snapshot.rows_after(fid)),
        (None, None) => {
            return Box::new(snapshot.rows_after(fid).filter(move |row| predicate.selects(*row)));
        }
    };
    let mut rows: Vec<(i64, usize)> = found
        .into_iter()
        .map(|row| (snapshot.fid(row), row))
        .filter(|(f, row)| *f > fid && predicate.selects(*row))
        .collect();
    rows.sort_unstable();
    Box::new(rows.into_iter().map(|(_, row)| row))
}

/// The selected rows in the order of their fids.
pub(crate) fn rows<'a>(view: &'a View<'a>, query: &'a Query) -> Box<dyn Iterator<Item = usize> + 'a> {
    rows_after(view, query, -1)
}

/// How many rows are selected.
pub(crate) fn count(view: &View<'_>, query: &Query) -> usize {
    if is_indexed(query) { rows(view, query).count() } else { predicate(view, query).count().0 }
}
