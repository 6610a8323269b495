//! The base of a snapshot: rows as columns. Points come first, in the order of the Hilbert curve, then other
//! geometry, in the order of its centres, then rows without a place.

use std::sync::{Arc, OnceLock};

use model::{Bbox, Feature, LayerDef, Span, TimeKind, Touched, Transition, Value, ValueRef};
use rayon::prelude::*;
use uuid::Uuid;

use crate::bits::Bits;
use crate::column::Column;
use crate::curve::CurveRange;
use crate::extents::Extents;
use crate::rims::Rims;
use crate::shape::{Place, Shape};
use crate::snapshot::Row;
use crate::{LonLat, Mercator, MercatorBox, curve};

/// Immutable columns.
#[derive(Debug)]
pub(crate) struct Block {
    /// Positions of the points on the curve, ascending; row n is the n-th point.
    pub(crate) positions: Vec<u64>,
    pub(crate) lon_lats: Vec<LonLat>,
    pub(crate) mercators: Vec<Mercator>,
    /// Rows after the points.
    pub(crate) shapes: Vec<Arc<Shape>>,
    pub(crate) extents: Extents,
    pub(crate) fids: Vec<i64>,
    pub(crate) ids: Vec<Uuid>,
    pub(crate) seqs: Vec<i64>,
    pub(crate) touched: Vec<Touched>,
    /// Rows of which the store keeps cold values.
    pub(crate) cold: Bits,
    pub(crate) columns: Vec<Column>,
    /// Empty for a layer without time.
    pub(crate) spans: Vec<Option<Span>>,
    /// Transitions of row n are those from `ends[n − 1]` (or 0) to `ends[n]`.
    pub(crate) transition_ends: Vec<u32>,
    pub(crate) transitions: Vec<Transition>,
    pub(crate) by_fid: Vec<u32>,
    pub(crate) by_id: Vec<u32>,
    pub(crate) rims: OnceLock<Rims>,
}

/// Points, shapes, nowhere: then along the curve, then by fid.
pub(crate) type Rank = (u8, u64, i64);

pub(crate) fn rank(place: Option<&Place>, fid: i64) -> Rank {
    match place {
        Some(Place::Point(_, m)) => (0, curve::position(*m), fid),
        Some(place @ Place::Shape(_)) => (1, curve::position(place.middle()), fid),
        None => (2, 0, fid),
    }
}

impl Block {
    pub(crate) fn build(def: &LayerDef, rows: Vec<Row>) -> Block {
        let mut ranked: Vec<(Rank, Option<Place>, Row)> = rows
            .into_par_iter()
            .map(|mut row| {
                // From here on the place is the geometry; the given text is cold.
                let place = row.feature.geometry.take().as_ref().and_then(Place::of);
                row.feature.given = None;
                (rank(place.as_ref(), row.feature.fid), place, row)
            })
            .collect();
        ranked.par_sort_unstable_by_key(|(rank, _, _)| *rank);

        let spans = if def.time == TimeKind::None {
            Vec::new()
        } else {
            ranked.par_iter().map(|(_, _, row)| row.feature.span(def)).collect()
        };
        let columns = (0..def.fields.len())
            .into_par_iter()
            .map(|i| {
                let null = Value::Null;
                let value = |(_, _, row): &'_ (Rank, Option<Place>, Row)| row.feature.values.get(i).is_some();
                let known = ranked.iter().all(value);
                let values: Vec<&Value> = if known {
                    ranked.iter().map(|(_, _, row)| &row.feature.values[i]).collect()
                } else {
                    ranked.iter().map(|(_, _, row)| row.feature.values.get(i).unwrap_or(&null)).collect()
                };
                Column::build(&values)
            })
            .collect();

        let len = ranked.len();
        let mut block = Block {
            positions: Vec::new(),
            lon_lats: Vec::new(),
            mercators: Vec::new(),
            shapes: Vec::new(),
            extents: Extents::build(0, std::iter::empty()),
            fids: Vec::with_capacity(len),
            ids: Vec::with_capacity(len),
            seqs: Vec::with_capacity(len),
            touched: Vec::with_capacity(len),
            cold: Bits::new(len),
            columns,
            spans,
            transition_ends: Vec::with_capacity(len),
            transitions: Vec::new(),
            by_fid: Vec::new(),
            by_id: Vec::new(),
            rims: OnceLock::new(),
        };
        for ((_, position, _), place, row) in ranked {
            block.push(position, place, row);
        }
        block.index();
        block
    }

    /// Makes the orders and the index of what is there.
    pub(crate) fn index(&mut self) {
        self.extents = Extents::build(self.positions.len(), self.shapes.iter().map(|s| s.bounds));
        self.by_fid = sorted_by(&self.fids);
        self.by_id = sorted_by(&self.ids);
    }

    fn push(&mut self, position: u64, place: Option<Place>, row: Row) {
        match place {
            Some(Place::Point(lon_lat, mercator)) => {
                self.positions.push(position);
                self.lon_lats.push(lon_lat);
                self.mercators.push(mercator);
            }
            Some(Place::Shape(shape)) => self.shapes.push(shape),
            None => {}
        }
        if row.cold {
            self.cold.set(self.fids.len());
        }
        self.fids.push(row.feature.fid);
        self.ids.push(row.feature.id);
        self.seqs.push(row.feature.seq);
        self.touched.push(row.touched);
        self.transitions.extend(row.feature.transitions);
        self.transition_ends.push(self.transitions.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.fids.len()
    }

    pub(crate) fn located_len(&self) -> usize {
        self.positions.len() + self.shapes.len()
    }

    pub(crate) fn is_located(&self, row: usize) -> bool {
        row < self.located_len()
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<usize> {
        let at = self.by_id.binary_search_by_key(&id, |row| self.ids[*row as usize]).ok()?;
        Some(self.by_id[at] as usize)
    }

    /// Fids greater than the given one with their rows, ascending.
    pub(crate) fn rows_after(&self, fid: i64) -> impl Iterator<Item = (i64, usize)> + '_ {
        let from = self.by_fid.partition_point(|row| self.fids[*row as usize] <= fid);
        self.by_fid[from..].iter().map(|row| (self.fids[*row as usize], *row as usize))
    }

    /// How many points may lie in the box, and how many other rows' boxes meet it; `ranges` are those of the box.
    pub(crate) fn at_most(&self, b: &MercatorBox, ranges: &[CurveRange]) -> (usize, usize) {
        let points = ranges.iter().map(|range| curve::within(&self.positions, *range).len());
        (points.sum(), self.extents.meeting(b).count())
    }

    /// Calls `found` for each row whose box meets `b`; `ranges` are those of the box.
    pub(crate) fn meeting(&self, b: &MercatorBox, ranges: &[CurveRange], mut found: impl FnMut(usize)) {
        for range in ranges {
            for row in curve::within(&self.positions, *range) {
                if b.contains(self.mercators[row]) {
                    found(row);
                }
            }
        }
        self.extents.meeting(b).for_each(found);
    }

    /// The rows that reach farthest.
    pub(crate) fn rims(&self) -> &Rims {
        self.rims.get_or_init(|| Rims::of(self.located_len(), |row| self.bbox(row)))
    }

    /// The box of a row that has a place, in degrees.
    pub(crate) fn bbox(&self, row: usize) -> Option<Bbox> {
        match row.checked_sub(self.positions.len()) {
            None => {
                let at = self.lon_lats[row];
                Some(Bbox { west: at.lon, south: at.lat, east: at.lon, north: at.lat })
            }
            Some(i) => self.shapes.get(i).map(|s| s.bbox),
        }
    }

    pub(crate) fn place(&self, row: usize) -> Option<Place> {
        match row.checked_sub(self.positions.len()) {
            None => Some(Place::Point(self.lon_lats[row], self.mercators[row])),
            Some(i) => self.shapes.get(i).map(|s| Place::Shape(Arc::clone(s))),
        }
    }

    /// Where a row stands among others.
    pub(crate) fn rank(&self, row: usize) -> Rank {
        match row.checked_sub(self.positions.len()) {
            None => (0, self.positions[row], self.fids[row]),
            Some(i) => match self.shapes.get(i) {
                Some(shape) => (1, curve::position(shape.bounds.middle()), self.fids[row]),
                None => (2, 0, self.fids[row]),
            },
        }
    }

    /// A row's point, when it is one.
    pub(crate) fn point(&self, row: usize) -> Option<Mercator> {
        self.mercators.get(row).copied()
    }

    /// A row's point, or the middle of its box.
    pub(crate) fn middle(&self, row: usize) -> Option<Mercator> {
        match row.checked_sub(self.positions.len()) {
            None => Some(self.mercators[row]),
            Some(i) => self.shapes.get(i).map(|s| s.bounds.middle()),
        }
    }

    pub(crate) fn value(&self, row: usize, field: usize) -> ValueRef<'_> {
        self.columns[field].get(row)
    }

    pub(crate) fn column(&self, field: usize) -> &Column {
        &self.columns[field]
    }

    /// One per row; empty for a layer without time.
    pub(crate) fn spans(&self) -> &[Option<Span>] {
        &self.spans
    }

    pub(crate) fn holds(&self, row: usize, field: usize, part: &str) -> Option<bool> {
        self.columns[field].holds(row, part)
    }

    pub(crate) fn span(&self, row: usize) -> Option<Span> {
        self.spans.get(row).copied().flatten()
    }

    pub(crate) fn transitions(&self, row: usize) -> &[Transition] {
        if self.transitions.is_empty() {
            return &[];
        }
        let from = row.checked_sub(1).map_or(0, |before| self.transition_ends[before]);
        &self.transitions[from as usize..self.transition_ends[row] as usize]
    }

    pub(crate) fn feature(&self, row: usize) -> Feature {
        Feature {
            fid: self.fids[row],
            id: self.ids[row],
            seq: self.seqs[row],
            values: self.columns.iter().map(|c| c.value(row)).collect(),
            transitions: self.transitions(row).to_vec(),
            geometry: self.place(row).map(|p| p.geometry()),
            given: None,
        }
    }
}

/// Row numbers in the order of their keys.
fn sorted_by<K: Ord + Copy + Sync>(keys: &[K]) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..keys.len() as u32).collect();
    rows.par_sort_unstable_by_key(|row| keys[*row as usize]);
    rows
}
