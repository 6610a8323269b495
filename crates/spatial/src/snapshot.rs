//! A layer in memory at one moment: an immutable base of columns, a small delta of rows changed since, and
//! tombstones in the base. A change makes a new snapshot that shares the base; readers keep the one they hold.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;
use model::{Bbox, Feature, Geometry, LayerDef, Span, TimeKind, Touched, Transition};
use rayon::prelude::*;
use uuid::Uuid;

use crate::bits::Bits;
use crate::block::Block;
use crate::delta::{Delta, DeltaRow};
use crate::geometry::union;
use crate::shape::Place;
use crate::{Mercator, MercatorBox, extent};

/// A row as the store gives it: cold values are null.
#[derive(Debug, Clone)]
pub struct Row {
    /// The feature.
    pub feature: Feature,
    /// How many changes each role has seen of it.
    pub touched: Touched,
}

/// A change of one row.
#[derive(Debug, Clone)]
pub enum RowChange {
    /// The row is new, or takes the place of the one with its id.
    Put(Row),
    /// The row with this id is gone; nothing happens when there is none.
    Remove(Uuid),
}

/// A delta smaller than this is never merged into the base.
const LEAST_MERGE: usize = 1024;

/// A layer at one moment. Cloning is cheap. Rows have numbers from 0, with holes; a number means a row only in
/// the snapshot that gave it. A row number that no row has makes the accessors panic.
#[derive(Debug, Clone)]
pub struct Snapshot {
    def: Arc<LayerDef>,
    pub(crate) base: Arc<Block>,
    pub(crate) delta: Arc<Delta>,
    dead: Arc<Bits>,
    dead_count: usize,
    live: usize,
    located: usize,
    /// Per field, whether its value depends on the day.
    stateful: Arc<[bool]>,
    bounds: OnceLock<Option<Bbox>>,
}

/// Where a row is kept.
pub(crate) enum At<'a> {
    Base(usize),
    Delta(&'a DeltaRow),
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
            dead: Arc::new(Bits::new(base.len())),
            dead_count: 0,
            live: base.len(),
            located: base.located_len(),
            base: Arc::new(base),
            delta: Arc::default(),
            stateful,
            bounds: OnceLock::new(),
        }
    }

    /// The snapshot after these changes, in their order. Costs in proportion to the delta; once the delta or the
    /// tombstones outgrow an eighth of the base (and 1,024), everything becomes a new base.
    #[must_use]
    pub fn apply(&self, changes: &[RowChange]) -> Snapshot {
        if changes.is_empty() {
            return self.clone();
        }
        let mut next = Snapshot { bounds: OnceLock::new(), ..self.clone() };
        let dead = Arc::make_mut(&mut next.dead);
        let delta = Arc::make_mut(&mut next.delta);
        for change in changes {
            let id = match change {
                RowChange::Put(row) => row.feature.id,
                RowChange::Remove(id) => *id,
            };
            if let Some(row) = next.base.find(id)
                && !dead.get(row)
            {
                dead.set(row);
                next.dead_count += 1;
                next.live -= 1;
                next.located -= usize::from(next.base.is_located(row));
            }
            let before = match change {
                RowChange::Put(row) => {
                    let new = DeltaRow::new(&next.def, row);
                    next.live += 1;
                    next.located += usize::from(new.place.is_some());
                    delta.put(new)
                }
                RowChange::Remove(id) => delta.remove(*id),
            };
            if let Some(before) = before {
                next.live -= 1;
                next.located -= usize::from(before.place.is_some());
            }
        }
        delta.order();
        let limit = LEAST_MERGE.max(next.base.len() / 8);
        if next.delta.capacity() > limit || next.dead_count > limit {
            return Snapshot::build(Arc::clone(&next.def), next.all_rows().collect());
        }
        next
    }

    /// The same rows, all of them in the base.
    pub(crate) fn settled(&self) -> Snapshot {
        if self.delta.capacity() == 0 && self.dead_count == 0 {
            return self.clone();
        }
        Snapshot::build(Arc::clone(&self.def), self.all_rows().collect())
    }

    /// The least span around those of all live rows; `None` when no row has one.
    pub fn lifetime(&self) -> Option<Span> {
        let around = |a: Span, b: Span| Span { from: a.from.min(b.from), to: a.to.max(b.to) };
        let base = self.base.spans().par_iter().enumerate();
        let base = base.filter_map(|(row, span)| span.filter(|_| !self.dead.get(row))).reduce_with(around);
        let changed = self.delta.rows_after(i64::MIN).filter_map(|(_, slot)| self.delta.row(slot).span);
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
            row
        });
        Snapshot::build(def, rows.collect())
    }

    fn all_rows(&self) -> impl Iterator<Item = Row> + '_ {
        self.rows_after(i64::MIN).map(|r| Row { feature: self.feature(r), touched: self.touched(r) })
    }

    /// The layer's definition.
    pub fn def(&self) -> &Arc<LayerDef> {
        &self.def
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
        let mut delta = self.delta.rows_after(fid).map(move |(fid, slot)| (fid, first + slot)).peekable();
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

    /// Whether a row of the base still lives. Rows changed since live as long as they are listed.
    pub fn is_live(&self, row: usize) -> bool {
        row >= self.base.len() || !self.dead.get(row)
    }

    /// Live rows without a place, each once.
    pub fn waiting(&self) -> impl Iterator<Item = usize> + '_ {
        let base = (self.base.located_len()..self.base.len()).filter(|row| !self.dead.get(*row));
        base.chain(self.changed_rows().filter(|row| self.middle(*row).is_none()))
    }

    /// Rows changed since the base was built that still live.
    pub(crate) fn changed_rows(&self) -> impl Iterator<Item = usize> + '_ {
        let first = self.base.len();
        self.delta.rows_after(i64::MIN).map(move |(_, slot)| first + slot)
    }

    /// Which of so many rows of the base live, as bits; at most 64.
    pub(crate) fn live_bits(&self, first: usize, len: usize) -> u64 {
        let all = if len < 64 { (1 << len) - 1 } else { u64::MAX };
        if self.dead_count == 0 { all } else { all & !self.dead.word(first, len) }
    }

    /// Located live rows whose extent meets the box (degrees), each once, in no particular order. A few more may be
    /// given, none is missed.
    pub fn candidates(&self, bbox: &Bbox) -> Vec<usize> {
        let boxes = MercatorBox::of_degrees(bbox);
        let mut rows: Vec<usize> = boxes.iter().flat_map(|b| self.meeting(b)).collect();
        if boxes.len() > 1 {
            rows.sort_unstable();
            rows.dedup();
        }
        rows
    }

    /// Located live rows whose extent meets the box, each once.
    pub(crate) fn meeting(&self, b: &MercatorBox) -> Vec<usize> {
        let mut rows = Vec::new();
        self.visit(b, |row| rows.push(row));
        rows
    }

    /// The same without a list: points of the base first, in the order of the curve.
    pub(crate) fn visit(&self, b: &MercatorBox, mut found: impl FnMut(usize)) {
        let any_dead = self.dead_count > 0;
        self.base.meeting(b, |row| {
            if !(any_dead && self.dead.get(row)) {
                found(row);
            }
        });
        let first = self.base.len();
        self.delta.meeting(b).for_each(|slot| found(first + slot));
    }

    /// How many points, and how many other geometries, a drawing of the box looks at, at most.
    pub fn at_most(&self, b: &MercatorBox) -> (usize, usize) {
        let (points, shapes) = self.base.at_most(b);
        (points + self.delta.capacity(), shapes + self.delta.meeting(b).count())
    }

    /// A row's point, or the middle of its box.
    pub(crate) fn middle(&self, row: usize) -> Option<Mercator> {
        match self.at(row) {
            At::Base(row) => self.base.middle(row),
            At::Delta(r) => r.place.as_ref().map(Place::middle),
        }
    }

    pub(crate) fn at(&self, row: usize) -> At<'_> {
        match row.checked_sub(self.base.len()) {
            None => At::Base(row),
            Some(slot) => At::Delta(self.delta.row(slot)),
        }
    }

    /// The row's point; `None` without a place or when it is a shape.
    pub(crate) fn point(&self, row: usize) -> Option<Mercator> {
        match self.at(row) {
            At::Base(row) => self.base.point(row),
            At::Delta(r) => match &r.place {
                Some(Place::Point(_, at)) => Some(*at),
                _ => None,
            },
        }
    }

    /// Whether the row's geometry shares a point with the closed box, exactly.
    pub(crate) fn meets(&self, row: usize, b: &MercatorBox) -> bool {
        match self.point(row) {
            Some(at) => b.contains(at),
            None => self.place(row).is_some_and(|place| place.meets(b)),
        }
    }

    /// The longer side of the row's box, in units of the square; 0 for a point.
    pub(crate) fn longest_side(&self, row: usize) -> f64 {
        if self.point(row).is_some() {
            return 0.0;
        }
        self.place(row).map_or(0.0, |place| {
            let b = place.bounds();
            (b.max_x - b.min_x).max(b.max_y - b.min_y)
        })
    }

    /// The row's place.
    pub(crate) fn place(&self, row: usize) -> Option<Place> {
        match self.at(row) {
            At::Base(row) => self.base.place(row),
            At::Delta(r) => r.place.clone(),
        }
    }

    /// Whether a field's value depends on the day that is asked about.
    pub fn varies(&self, field: usize, as_of: Option<Date>) -> bool {
        as_of.is_some() && self.is_stateful(field)
    }

    pub(crate) fn is_stateful(&self, field: usize) -> bool {
        self.stateful[field]
    }

    /// The row's fid.
    pub fn fid(&self, row: usize) -> i64 {
        match self.at(row) {
            At::Base(row) => self.base.fids[row],
            At::Delta(r) => r.feature.fid,
        }
    }

    /// The row's id.
    pub fn id(&self, row: usize) -> Uuid {
        match self.at(row) {
            At::Base(row) => self.base.ids[row],
            At::Delta(r) => r.feature.id,
        }
    }

    /// The row's last commit.
    pub fn seq(&self, row: usize) -> i64 {
        match self.at(row) {
            At::Base(row) => self.base.seqs[row],
            At::Delta(r) => r.feature.seq,
        }
    }

    /// How many changes each role has seen of the row.
    pub fn touched(&self, row: usize) -> Touched {
        match self.at(row) {
            At::Base(row) => self.base.touched[row],
            At::Delta(r) => r.touched,
        }
    }

    /// The row's geometry in degrees, exactly as put; `None` when it waits for its location.
    pub fn geometry(&self, row: usize) -> Option<Geometry> {
        self.place(row).map(|p| p.geometry())
    }

    /// The box of the row's geometry in degrees.
    pub fn extent(&self, row: usize) -> Option<Bbox> {
        self.place(row).map(|p| p.bbox())
    }

    /// The row's changes of state.
    pub fn transitions(&self, row: usize) -> &[Transition] {
        match self.at(row) {
            At::Base(row) => self.base.transitions(row),
            At::Delta(r) => &r.feature.transitions,
        }
    }

    /// The row as a feature, without its given geometry (which is cold).
    pub fn feature(&self, row: usize) -> Feature {
        match self.at(row) {
            At::Base(row) => self.base.feature(row),
            At::Delta(r) => r.feature.clone(),
        }
    }

    /// The box of all live geometry in degrees; `None` when nothing has a place. Found once per snapshot.
    pub fn bounds(&self) -> Option<Bbox> {
        *self.bounds.get_or_init(|| {
            let mut all: Option<Bbox> = None;
            for row in self.rows_after(i64::MIN) {
                if let Some(b) = self.extent(row) {
                    all = Some(all.map_or(b, |a| union(&a, &b)));
                }
            }
            all
        })
    }
}

impl Row {
    /// The row's extent in degrees; `None` without a place.
    pub fn extent(&self) -> Option<Bbox> {
        self.feature.geometry.as_ref().and_then(extent)
    }
}
