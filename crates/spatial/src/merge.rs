//! Base, delta and tombstones made into a new base, while changes go on: what is there is sealed, its rows are merged
//! into columns elsewhere, and what came meanwhile is put upon the result. Nothing here waits for anything: who merges,
//! and when, is for the caller to say.

use std::sync::{Arc, OnceLock};

use model::{LayerDef, TimeKind, Touched};
use rayon::prelude::*;
use uuid::Uuid;

use crate::Snapshot;
use crate::bits::Bits;
use crate::block::Block;
use crate::column::Column;
use crate::delta::Delta;
use crate::extents::Extents;
use crate::run::{self, DeltaRow};
use crate::shape::Place;

/// A smaller delta is never merged into the base, nor so few tombstones.
const LEAST: usize = 1024;

/// Where a row of a new base comes from.
#[derive(Clone, Copy)]
pub(crate) enum From<'a> {
    Base(usize),
    Delta(&'a DeltaRow),
}

impl Snapshot {
    /// How many rows of the delta, or tombstones, are too many: an eighth of the base, at least 1,024.
    pub(crate) fn limit(base: usize) -> usize {
        LEAST.max(base / 8)
    }

    /// Whether so much changed since the base was built that a new one is worth its cost.
    pub fn merge_is_due(&self) -> bool {
        self.delta.capacity().max(self.dead.count()) > Snapshot::limit(self.base.len())
    }

    /// The same snapshot, ready to be merged elsewhere: snapshots that are made of it by changes can take the result in
    /// with [`Snapshot::rebased`]. An earlier seal is broken.
    #[must_use]
    pub fn sealed(&self) -> Snapshot {
        let mut sealed = self.clone();
        Arc::make_mut(&mut sealed.delta).seal();
        sealed
    }

    /// The same rows, all of them in the base, as if it had been built of them. Costs in proportion to all rows.
    #[must_use]
    pub fn merged(&self) -> Snapshot {
        if self.delta.capacity() == 0 && self.dead.count() == 0 {
            return self.clone();
        }
        let base = Block::merge(self.def(), &self.base, &self.order());
        Snapshot::of_base(Arc::clone(self.def()), base)
    }

    /// The rows of this snapshot upon the base of `merged`, which was made of `sealed`; `None` when this one does not
    /// descend from `sealed` by changes alone. Costs in proportion to what changed since.
    pub fn rebased(&self, sealed: &Snapshot, merged: &Snapshot) -> Option<Snapshot> {
        if !self.same_base(sealed) || !Arc::ptr_eq(self.def(), merged.def()) {
            return None;
        }
        let (died, delta): (_, Delta) = self.delta.since(&sealed.delta)?;
        let of_base = self.dead.since(&sealed.dead).map(|row| self.base.ids[row]);
        let died: Vec<Uuid> = of_base.chain(died).collect();
        let mut next = merged.clone();
        for id in died {
            next.dead.set(next.base.find(id)?);
        }
        next.delta = Arc::new(delta);
        (next.live, next.located) = (self.live, self.located);
        next.bounds = OnceLock::new();
        Some(next)
    }

    /// All living rows in the order of a base.
    fn order(&self) -> Vec<From<'_>> {
        let mut changed: Vec<&DeltaRow> = self.delta.all().map(|row| self.delta.row(row)).collect();
        changed.sort_unstable_by_key(|row| row.rank);
        let base = (0..self.base.len()).filter(|row| !self.dead.get(*row));
        let base = base.map(|row| (self.base.rank(row), row, None));
        let changed = changed.into_iter().map(|row| (row.rank, 0, Some(row)));
        let both = run::merged_by(base, changed, |a, b| a.0 <= b.0);
        both.map(|(_, row, changed)| changed.map_or(From::Base(row), From::Delta)).collect()
    }
}

impl Block {
    /// A base of rows of another and rows that changed, in their order.
    fn merge(def: &LayerDef, old: &Block, order: &[From<'_>]) -> Block {
        fn each<T>(order: &[From<'_>], base: impl Fn(usize) -> T, delta: impl Fn(&DeltaRow) -> T) -> Vec<T> {
            let value = |from: &From<'_>| match *from {
                From::Base(row) => base(row),
                From::Delta(row) => delta(row),
            };
            order.iter().map(value).collect()
        }
        let (mut positions, mut lon_lats, mut mercators, mut shapes) =
            (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (mut transitions, mut transition_ends) = (Vec::new(), Vec::with_capacity(order.len()));
        let mut cold = Bits::new(order.len());
        for (n, from) in order.iter().enumerate() {
            let (rank, place, steps, is_cold) = match *from {
                From::Base(row) => {
                    (old.positions.get(row).copied(), old.place(row), old.transitions(row), old.cold.get(row))
                }
                From::Delta(row) => {
                    (Some(row.rank.1), row.place.clone(), &*row.feature.transitions, row.cold)
                }
            };
            match place {
                Some(Place::Point(lon_lat, mercator)) => {
                    positions.extend(rank);
                    lon_lats.push(lon_lat);
                    mercators.push(mercator);
                }
                Some(Place::Shape(shape)) => shapes.push(shape),
                None => {}
            }
            transitions.extend_from_slice(steps);
            transition_ends.push(transitions.len() as u32);
            if is_cold {
                cold.set(n);
            }
        }
        let spans = if def.time == TimeKind::None {
            Vec::new()
        } else {
            each(order, |row| old.span(row), |row| row.span)
        };
        let columns =
            (0..def.fields.len()).into_par_iter().map(|i| Column::gather(&old.columns[i], i, order));
        let columns = columns.collect();
        let touched: Vec<Touched> = each(order, |row| old.touched[row], |row| row.touched);
        let mut block = Block {
            positions,
            lon_lats,
            mercators,
            shapes,
            extents: Extents::build(0, std::iter::empty()),
            fids: each(order, |row| old.fids[row], |row| row.feature.fid),
            ids: each(order, |row| old.ids[row], |row| row.feature.id),
            seqs: each(order, |row| old.seqs[row], |row| row.feature.seq),
            touched,
            cold,
            columns,
            spans,
            transition_ends,
            transitions,
            by_fid: Vec::new(),
            by_id: Vec::new(),
            rims: OnceLock::new(),
        };
        block.index();
        block
    }
}
