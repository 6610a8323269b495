//! Policy, applied once: a view is a layer's snapshot as one role may read it. Fields the role may not see do
//! not exist in it, and small counts of people read "<5". Everything the engine answers goes through a view.

use jiff::civil::Date;
use model::{Area, Bbox, Columns, FieldType, LayerDef, Role, SMALL, Span, SpatialOp, Square, ValueRef};
use spatial::Snapshot;

/// A snapshot through the eyes of a role.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) role: Role,
}

impl<'a> View<'a> {
    pub(crate) fn new(snapshot: &'a Snapshot, role: Role) -> View<'a> {
        View { snapshot, role }
    }

    /// The layer's definition.
    pub(crate) fn def(&self) -> &'a LayerDef {
        self.snapshot.def()
    }
}

/// Indices of the fields `role` may see.
pub(crate) fn visible_fields(def: &LayerDef, role: Role) -> impl Iterator<Item = usize> + '_ {
    def.fields.iter().enumerate().filter(move |(_, f)| f.visible(role)).map(|(i, _)| i)
}

/// A value as the role may see it.
pub(crate) fn mask<'a>(def: &LayerDef, field: usize, role: Role, value: ValueRef<'a>) -> ValueRef<'a> {
    let f = &def.fields[field];
    match value {
        ValueRef::Int(1..=4) if f.people && f.kind == FieldType::Integer && !role.sees_small_counts() => {
            // Text never compares with a number: a filter on the count cannot tell 1 from 4.
            ValueRef::Text(SMALL)
        }
        other => other,
    }
}

impl Columns for View<'_> {
    fn value(&self, row: usize, field: usize, as_of: Option<Date>) -> ValueRef<'_> {
        mask(self.def(), field, self.role, self.snapshot.value(row, field, as_of))
    }

    fn holds(&self, row: usize, field: usize, part: &str) -> Option<bool> {
        self.snapshot.holds(row, field, part)
    }

    fn span(&self, row: usize) -> Option<Span> {
        self.snapshot.span(row)
    }

    fn located(&self, row: usize) -> bool {
        self.snapshot.located(row)
    }

    fn in_bbox(&self, row: usize, bbox: &Bbox) -> bool {
        self.snapshot.in_bbox(row, bbox)
    }

    fn relates(&self, row: usize, op: SpatialOp, area: &Area) -> Option<bool> {
        self.snapshot.relates(row, op, area)
    }

    fn in_square(&self, row: usize, square: Square) -> bool {
        self.snapshot.in_square(row, square)
    }
}
