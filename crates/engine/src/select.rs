//! Which rows a query selects, by the index where an area is asked for, else by looking at each.

use crate::query::Query;
use crate::view::View;

/// The selected rows in the order of their fids, those after a fid.
pub(crate) fn rows_after<'a>(
    view: View<'a>,
    query: &'a Query,
    fid: i64,
) -> Box<dyn Iterator<Item = usize> + 'a> {
    let as_of = query.as_of();
    let wanted = move |row: &usize| query.filter.selects(&view, *row, as_of);
    let Some(area) = query.filter.area() else {
        return Box::new(view.snapshot.rows_after(fid).filter(wanted));
    };
    let mut rows: Vec<(i64, usize)> = view
        .snapshot
        .candidates(area.bbox())
        .into_iter()
        .map(|row| (view.snapshot.fid(row), row))
        .filter(|(f, row)| *f > fid && wanted(row))
        .collect();
    rows.sort_unstable();
    Box::new(rows.into_iter().map(|(_, row)| row))
}

/// The selected rows in the order of their fids.
pub(crate) fn rows<'a>(view: View<'a>, query: &'a Query) -> Box<dyn Iterator<Item = usize> + 'a> {
    rows_after(view, query, -1)
}
