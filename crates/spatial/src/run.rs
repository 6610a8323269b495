//! Rows that came into the delta together, or were brought together since: immutable, in the order of a base, with
//! orders by fid and by id beside them. Two runs become one by merging their orders; nothing is sorted anew.

use std::sync::{Arc, OnceLock};

use model::{Feature, LayerDef, Span, Touched};
use uuid::Uuid;

use crate::block::{Rank, rank};
use crate::curve::CurveRange;
use crate::extents::Extents;
use crate::paged::Paged;
use crate::rims::Rims;
use crate::shape::Place;
use crate::snapshot::Row;
use crate::{MercatorBox, curve};

/// One changed row.
#[derive(Debug)]
pub(crate) struct DeltaRow {
    pub(crate) feature: Feature,
    pub(crate) touched: Touched,
    pub(crate) cold: bool,
    pub(crate) place: Option<Place>,
    pub(crate) span: Option<Span>,
    pub(crate) rank: Rank,
}

impl DeltaRow {
    pub(crate) fn new(def: &LayerDef, row: &Row) -> DeltaRow {
        let mut feature = row.feature.clone();
        feature.given = None;
        feature.values.resize(def.fields.len(), model::Value::Null);
        let place = feature.geometry.as_ref().and_then(Place::of);
        if place.is_none() {
            feature.geometry = None;
        }
        let span = feature.span(def);
        let rank = rank(place.as_ref(), feature.fid);
        DeltaRow { feature, touched: row.touched, cold: row.cold, place, span, rank }
    }
}

/// So few rows are looked through one by one.
const FEW: usize = 64;

/// Immutable rows: points along the curve, then other geometry, then rows without a place.
#[derive(Debug)]
pub(crate) struct Run {
    rows: Vec<Arc<DeltaRow>>,
    /// Positions of the points on the curve.
    positions: Vec<u64>,
    located: usize,
    by_fid: Vec<(i64, u32)>,
    by_id: Vec<(Uuid, u32)>,
    /// Of the rows after the points, unless they are few.
    extents: Option<Extents>,
    rims: OnceLock<Rims>,
}

impl Run {
    /// A run of rows with distinct fids and ids.
    pub(crate) fn new(mut rows: Vec<Arc<DeltaRow>>) -> Run {
        rows.sort_unstable_by_key(|row| row.rank);
        let numbered = || rows.iter().zip(0..);
        let mut by_fid: Vec<(i64, u32)> = numbered().map(|(row, n)| (row.feature.fid, n)).collect();
        let mut by_id: Vec<(Uuid, u32)> = numbered().map(|(row, n)| (row.feature.id, n)).collect();
        by_fid.sort_unstable();
        by_id.sort_unstable();
        Run::of(rows, by_fid, by_id)
    }

    fn of(rows: Vec<Arc<DeltaRow>>, by_fid: Vec<(i64, u32)>, by_id: Vec<(Uuid, u32)>) -> Run {
        let points = rows.iter().take_while(|row| row.rank.0 == 0);
        let positions: Vec<u64> = points.map(|row| row.rank.1).collect();
        let located = rows.partition_point(|row| row.rank.0 < 2);
        let shapes = &rows[positions.len()..located];
        let bounds = shapes.iter().filter_map(|row| row.place.as_ref().map(Place::bounds));
        let extents = (shapes.len() > FEW).then(|| Extents::build(positions.len(), bounds));
        Run { rows, positions, located, by_fid, by_id, extents, rims: OnceLock::new() }
    }

    /// The living rows of two runs; what lives in one is not in the other.
    pub(crate) fn merge(a: (&Run, &Paged), b: (&Run, &Paged)) -> Run {
        let len = |(run, dead): (&Run, &Paged)| run.rows.len() - dead.count();
        let mut rows = Vec::with_capacity(len(a) + len(b));
        let mut moved = [vec![u32::MAX; a.0.rows.len()], vec![u32::MAX; b.0.rows.len()]];
        for (_, side, n) in merged(ranked(a, 0), ranked(b, 1)) {
            moved[side][n] = rows.len() as u32;
            rows.push(Arc::clone(&[a.0, b.0][side].rows[n]));
        }
        let by_fid = merged(still(&a.0.by_fid, &moved[0]), still(&b.0.by_fid, &moved[1])).collect();
        let by_id = merged(still(&a.0.by_id, &moved[0]), still(&b.0.by_id, &moved[1])).collect();
        Run::of(rows, by_fid, by_id)
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn located_len(&self) -> usize {
        self.located
    }

    pub(crate) fn row(&self, n: usize) -> &DeltaRow {
        &self.rows[n]
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<usize> {
        let at = self.by_id.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        Some(self.by_id[at].1 as usize)
    }

    /// Fids greater than the given one with their rows, ascending.
    pub(crate) fn rows_after(&self, fid: i64) -> impl Iterator<Item = (i64, usize)> + '_ {
        let from = self.by_fid.partition_point(|(f, _)| *f <= fid);
        self.by_fid[from..].iter().map(|(fid, n)| (*fid, *n as usize))
    }

    fn meets(&self, n: usize, b: &MercatorBox) -> bool {
        self.rows[n].place.as_ref().is_some_and(|place| place.bounds().meets(b))
    }

    /// Calls `found` for each row whose box meets `b`; `ranges` are those of the box.
    pub(crate) fn meeting(&self, b: &MercatorBox, ranges: &[CurveRange], mut found: impl FnMut(usize)) {
        if self.located <= FEW {
            (0..self.located).filter(|n| self.meets(*n, b)).for_each(found);
            return;
        }
        for range in ranges {
            curve::within(&self.positions, *range).filter(|n| self.meets(*n, b)).for_each(&mut found);
        }
        match &self.extents {
            Some(extents) => extents.meeting(b).for_each(found),
            None => (self.positions.len()..self.located).filter(|n| self.meets(*n, b)).for_each(found),
        }
    }

    /// How many points may lie in the box, and how many other rows' boxes meet it.
    pub(crate) fn at_most(&self, b: &MercatorBox, ranges: &[CurveRange]) -> (usize, usize) {
        let points = match self.located {
            0..=FEW => self.positions.len(),
            _ => ranges.iter().map(|range| curve::within(&self.positions, *range).len()).sum(),
        };
        let shapes = match &self.extents {
            Some(extents) => extents.meeting(b).count(),
            None => (self.positions.len()..self.located).filter(|n| self.meets(*n, b)).count(),
        };
        (points, shapes)
    }

    /// The rows that reach farthest.
    pub(crate) fn rims(&self) -> &Rims {
        self.rims.get_or_init(|| Rims::of(self.located, |n| self.bbox(n)))
    }

    /// The box of a row that has a place, in degrees.
    pub(crate) fn bbox(&self, n: usize) -> Option<model::Bbox> {
        self.rows[n].place.as_ref().map(Place::bbox)
    }
}

/// The living rows of a run by rank, each with the number of its run.
fn ranked<'a>(
    (run, dead): (&'a Run, &'a Paged),
    side: usize,
) -> impl Iterator<Item = (Rank, usize, usize)> + 'a {
    let living = run.rows.iter().enumerate().filter(|(n, _)| !dead.get(*n));
    living.map(move |(n, row)| (row.rank, side, n))
}

/// Those of an order that are still there, under their new numbers.
fn still<'a, K: Copy>(order: &'a [(K, u32)], moved: &'a [u32]) -> impl Iterator<Item = (K, u32)> + 'a {
    order.iter().map(|(key, n)| (*key, moved[*n as usize])).filter(|(_, n)| *n != u32::MAX)
}

/// Two ascending orders as one.
fn merged<T: Ord>(a: impl Iterator<Item = T>, b: impl Iterator<Item = T>) -> impl Iterator<Item = T> {
    merged_by(a, b, |x, y| x <= y)
}

/// Two orders as one; `first` tells whether the one of the first order comes before that of the second.
pub(crate) fn merged_by<T>(
    a: impl Iterator<Item = T>,
    b: impl Iterator<Item = T>,
    first: impl Fn(&T, &T) -> bool,
) -> impl Iterator<Item = T> {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    std::iter::from_fn(move || {
        let from_a = match (a.peek(), b.peek()) {
            (Some(x), Some(y)) => first(x, y),
            (x, _) => x.is_some(),
        };
        if from_a { a.next() } else { b.next() }
    })
}
