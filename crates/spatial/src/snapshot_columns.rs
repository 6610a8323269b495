//! A snapshot as the columns that filters are evaluated over.

use jiff::civil::Date;
use model::{Area, Bbox, Columns, Span, SpatialOp, Square, ValueRef, fold, value_on};

use crate::Snapshot;
use crate::lattice::{Cell, Lattice};
use crate::snapshot_rows::At;

impl Columns for Snapshot {
    /// The value of a field; a state field on a given day is what its transitions say (before the first one, the
    /// value of now, as [`model::Feature::value_as_of`] has it).
    fn value(&self, row: usize, field: usize, as_of: Option<Date>) -> ValueRef<'_> {
        if let Some(day) = as_of
            && self.is_stateful(field)
        {
            let name = &self.def().fields[field].name;
            if let Some(state) = value_on(self.transitions(row), name, day) {
                return ValueRef::Text(state);
            }
        }
        match self.at(row) {
            At::Base(row) => self.base.value(row, field),
            At::Delta(r) => r.feature.values[field].borrow(),
        }
    }

    fn holds(&self, row: usize, field: usize, part: &str) -> Option<bool> {
        match self.at(row) {
            At::Base(row) => self.base.holds(row, field, part),
            At::Delta(r) => r.feature.values[field].as_text().map(|s| fold(s).contains(part)),
        }
    }

    fn span(&self, row: usize) -> Option<Span> {
        match self.at(row) {
            At::Base(row) => self.base.span(row),
            At::Delta(r) => r.span,
        }
    }

    fn located(&self, row: usize) -> bool {
        match self.at(row) {
            At::Base(row) => self.base.is_located(row),
            At::Delta(r) => r.place.is_some(),
        }
    }

    /// Exact, in degrees.
    fn in_bbox(&self, row: usize, bbox: &Bbox) -> bool {
        self.place(row).is_some_and(|p| p.in_bbox(bbox))
    }

    /// Exact, in degrees.
    fn relates(&self, row: usize, op: SpatialOp, area: &Area) -> Option<bool> {
        self.place(row).map(|p| p.relates(op, area))
    }

    fn in_square(&self, row: usize, square: Square) -> bool {
        let Square { across, column, row: at } = square;
        self.anchor(row).is_some_and(|m| Lattice::Square { across }.cell(m) == Cell { row: at, column })
    }
}
