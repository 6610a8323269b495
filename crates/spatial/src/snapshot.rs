//! A layer in memory at one moment: an immutable base of columns, a small delta of rows changed since, and
//! tombstones in the base. A change makes a new snapshot that shares nearly all of both; readers keep the one they hold.
//! What becomes a new base, and when, is in `merge.rs`.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use model::{Bbox, Feature, LayerDef, Span, TimeKind, Touched};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use uuid::Uuid;

use crate::block::Block;
use crate::delta::Delta;
use crate::extent;
use crate::paged::Paged;
use crate::run::DeltaRow;

/// A row as the store gives it: cold values are null.
#[derive(Debug, Clone)]
pub struct Row {
    /// The feature.
    pub feature: Feature,
    /// How many changes each role has seen of it.
    pub touched: Touched,
    /// Whether the store may keep values of cold fields for it.
    pub cold: bool,
}

/// A change of one row.
#[derive(Debug, Clone)]
pub enum RowChange {
    /// The row is new, or takes the place of the one with its id.
    Put(Row),
    /// The row with this id is gone; nothing happens when there is none.
    Remove(Uuid),
}

/// A layer at one moment. Cloning is cheap. Rows have numbers from 0, with holes; a number means a row only in
/// the snapshot that gave it. A row number that no row has makes the accessors panic.
#[derive(Debug, Clone)]
pub struct Snapshot {
    def: Arc<LayerDef>,
    pub(crate) base: Arc<Block>,
    pub(crate) delta: Arc<Delta>,
    /// Rows of the base that died.
    pub(crate) dead: Paged,
    pub(crate) live: usize,
    pub(crate) located: usize,
    /// Per field, whether its value depends on the day.
    stateful: Arc<[bool]>,
    pub(crate) bounds: OnceLock<Option<Bbox>>,
}

impl Snapshot {
    /// Builds a snapshot of these rows; their ids and fids are distinct.
    pub fn build(def: Arc<LayerDef>, rows: Vec<Row>) -> Snapshot {
        let base = Block::build(&def, rows);
        Snapshot::of_base(def, base)
    }

    /// The rows of a base and no others.
    pub(crate) fn of_base(def: Arc<LayerDef>, base: Block) -> Snapshot {
        let stateful = def
            .fields
            .iter()
            .map(|f| def.time == TimeKind::State && def.workflow(&f.name).is_some())
            .collect();
        Snapshot {
            def,
            dead: Paged::new(base.len()),
            live: base.len(),
            located: base.located_len(),
            base: Arc::new(base),
            delta: Arc::default(),
            stateful,
            bounds: OnceLock::new(),
        }
    }

    /// The snapshot after these changes, in their order. Costs in proportion to the changes, and to the logarithm of
    /// how many there were since the base was built: a delta grows until somebody merges it. Only so many changes at
    /// once that a new base costs no more are made into one at once.
    #[must_use]
    pub fn apply(&self, changes: &[RowChange]) -> Snapshot {
        if changes.is_empty() {
            return self.clone();
        }
        let mut next = Snapshot { bounds: OnceLock::new(), ..self.clone() };
        let mut fresh: Vec<Option<Arc<DeltaRow>>> = Vec::with_capacity(changes.len());
        let mut known: FxHashMap<Uuid, usize> = FxHashMap::default();
        for change in changes {
            let id = match change {
                RowChange::Put(row) => row.feature.id,
                RowChange::Remove(id) => *id,
            };
            let earlier = known.get(&id).and_then(|n| fresh[*n].take());
            let placed = earlier.map(|row| row.place.is_some()).or_else(|| next.bury(id));
            if let Some(placed) = placed {
                next.live -= 1;
                next.located -= usize::from(placed);
            }
            if let RowChange::Put(row) = change {
                let new = DeltaRow::new(&next.def, row);
                next.live += 1;
                next.located += usize::from(new.place.is_some());
                known.insert(id, fresh.len());
                fresh.push(Some(Arc::new(new)));
            }
        }
        Arc::make_mut(&mut next.delta).put(fresh.into_iter().flatten().collect());
        if changes.len() > Snapshot::limit(self.base.len()) { next.merged() } else { next }
    }

    /// Marks the row with this id as dead; tells whether it had a place, if there was one.
    fn bury(&mut self, id: Uuid) -> Option<bool> {
        if let Some(row) = self.base.find(id).filter(|row| !self.dead.get(*row)) {
            self.dead.set(row);
            return Some(self.base.is_located(row));
        }
        self.delta.find(id)?;
        Arc::make_mut(&mut self.delta).remove(id).map(|row| row.place.is_some())
    }

    /// The least span around those of all live rows; `None` when no row has one.
    pub fn lifetime(&self) -> Option<Span> {
        let around = |a: Span, b: Span| Span { from: a.from.min(b.from), to: a.to.max(b.to) };
        let base = self.base.spans().par_iter().enumerate();
        let base = base.filter_map(|(row, span)| span.filter(|_| !self.dead.get(row))).reduce_with(around);
        let changed = self.delta.all().filter_map(|row| self.delta.row(row).span);
        base.into_iter().chain(changed).reduce(around)
    }

    /// The same rows under another definition of the layer: values are carried over by field name.
    #[must_use]
    pub fn with_def(&self, def: Arc<LayerDef>) -> Snapshot {
        let from: Vec<Option<usize>> = def.fields.iter().map(|f| self.def.index(&f.name)).collect();
        let rows = self.all_rows().map(|mut row| {
            let mut old = std::mem::take(&mut row.feature.values);
            let take = |i: &Option<usize>| i.map(|i| std::mem::take(&mut old[i])).unwrap_or_default();
            row.feature.values = from.iter().map(take).collect();
            // What was kept in memory so far is cold from here on, if the definition says so.
            row.cold |= def.fields.iter().zip(&row.feature.values).any(|(f, v)| f.cold && !v.is_null());
            row
        });
        let rows = rows.collect();
        Snapshot::build(def, rows)
    }

    fn all_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows_after(i64::MIN).map(|row| self.row(row))
    }

    /// The layer's definition.
    pub fn def(&self) -> &Arc<LayerDef> {
        &self.def
    }

    /// Whether a field's value depends on the day that is asked about.
    pub fn varies(&self, field: usize, as_of: Option<Date>) -> bool {
        as_of.is_some() && self.is_stateful(field)
    }

    pub(crate) fn is_stateful(&self, field: usize) -> bool {
        self.stateful[field]
    }

    /// A row, as it was put.
    pub fn row(&self, row: usize) -> Row {
        Row { feature: self.feature(row), touched: self.touched(row), cold: self.has_cold(row) }
    }

    /// How many rows live.
    pub fn len(&self) -> usize {
        self.live
    }

    /// Whether no row lives.
    pub fn is_empty(&self) -> bool {
        self.live == 0
    }

    /// How many live rows have a place.
    pub fn located_count(&self) -> usize {
        self.located
    }

    /// One more than the greatest row number.
    pub fn capacity(&self) -> usize {
        self.base.len() + self.delta.capacity()
    }

    /// The live row with this id.
    pub fn find(&self, id: Uuid) -> Option<usize> {
        let base = self.base.find(id).filter(|row| !self.dead.get(*row));
        base.or_else(|| Some(self.base.len() + self.delta.find(id)?))
    }

    /// The live row with this fid.
    pub fn find_fid(&self, fid: i64) -> Option<usize> {
        let row = self.rows_after(fid.checked_sub(1)?).next()?;
        (self.fid(row) == fid).then_some(row)
    }

    /// Live rows with a greater fid than the given one, in fid order.
    pub fn rows_after(&self, fid: i64) -> impl Iterator<Item = usize> + '_ {
        let first = self.base.len();
        let mut base = self.base.rows_after(fid).filter(|(_, row)| !self.dead.get(*row)).peekable();
        let mut delta = self.delta.rows_after(fid).map(move |(fid, row)| (fid, first + row)).peekable();
        std::iter::from_fn(move || {
            let from_base = match (base.peek(), delta.peek()) {
                (Some((a, _)), Some((b, _))) => a <= b,
                (a, _) => a.is_some(),
            };
            let next = if from_base { base.next() } else { delta.next() };
            next.map(|(_, row)| row)
        })
    }

    /// Whether both have the same base: rows below [`Snapshot::base_len`] then hold the same values in both, where
    /// they live.
    pub fn same_base(&self, other: &Snapshot) -> bool {
        Arc::ptr_eq(&self.base, &other.base)
    }

    /// How many rows the base has, dead ones included. Rows from here on are those changed since.
    pub fn base_len(&self) -> usize {
        self.base.len()
    }

    /// Whether the row of a number lives.
    pub fn is_live(&self, row: usize) -> bool {
        match row.checked_sub(self.base.len()) {
            None => !self.dead.get(row),
            Some(row) => self.delta.lives(row),
        }
    }

    /// Live rows without a place, each once.
    pub fn waiting(&self) -> impl Iterator<Item = usize> + '_ {
        let base = (self.base.located_len()..self.base.len()).filter(|row| !self.dead.get(*row));
        base.chain(self.delta.waiting().map(|row| self.base.len() + row))
    }

    /// Rows changed since the base was built that still live.
    pub(crate) fn changed_rows(&self) -> impl Iterator<Item = usize> + '_ {
        let first = self.base.len();
        self.delta.all().map(move |row| first + row)
    }

    /// Which of so many rows of the base live, as bits; at most 64.
    pub(crate) fn live_bits(&self, first: usize, len: usize) -> u64 {
        let all = if len < 64 { (1 << len) - 1 } else { u64::MAX };
        if self.dead.count() == 0 { all } else { all & !self.dead.word(first, len) }
    }
}

impl Row {
    /// The row's extent in degrees; `None` without a place.
    pub fn extent(&self) -> Option<Bbox> {
        self.feature.geometry.as_ref().and_then(extent)
    }
}
