//! Rows changed since the base was built, kept as rows. Small, so it is scanned.

use std::sync::Arc;

use model::{Feature, LayerDef, Span, Touched};
use rustc_hash::FxHashMap;
use uuid::Uuid;

use crate::MercatorBox;
use crate::shape::Place;
use crate::snapshot::Row;

/// One changed row.
#[derive(Debug)]
pub(crate) struct DeltaRow {
    pub(crate) feature: Feature,
    pub(crate) touched: Touched,
    pub(crate) place: Option<Place>,
    pub(crate) span: Option<Span>,
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
        DeltaRow { feature, touched: row.touched, place, span }
    }
}

/// Changed rows in slots; a removed row leaves its slot empty.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delta {
    slots: Vec<Option<Arc<DeltaRow>>>,
    by_id: FxHashMap<Uuid, u32>,
    /// Fids and slots, ascending; made by [`Delta::order`].
    by_fid: Vec<(i64, u32)>,
}

impl Delta {
    /// How many slots there are, empty ones included.
    pub(crate) fn capacity(&self) -> usize {
        self.slots.len()
    }

    /// Puts the row in; gives what it replaces.
    pub(crate) fn put(&mut self, row: DeltaRow) -> Option<Arc<DeltaRow>> {
        let next = self.slots.len() as u32;
        let slot = *self.by_id.entry(row.feature.id).or_insert(next);
        if slot == next {
            self.slots.push(None);
        }
        self.slots[slot as usize].replace(Arc::new(row))
    }

    /// Takes the row out.
    pub(crate) fn remove(&mut self, id: Uuid) -> Option<Arc<DeltaRow>> {
        let slot = self.by_id.remove(&id)?;
        self.slots[slot as usize].take()
    }

    /// Brings the order by fid up to date after changes.
    pub(crate) fn order(&mut self) {
        self.by_fid.clear();
        self.by_fid.extend(
            self.slots.iter().enumerate().filter_map(|(i, r)| Some((r.as_ref()?.feature.fid, i as u32))),
        );
        self.by_fid.sort_unstable();
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<usize> {
        self.by_id.get(&id).map(|slot| *slot as usize)
    }

    /// The row in a slot that is not empty.
    pub(crate) fn row(&self, slot: usize) -> &DeltaRow {
        self.slots[slot].as_deref().expect("row numbers come from this snapshot and name live rows")
    }

    /// Fids greater than the given one with their slots, ascending.
    pub(crate) fn rows_after(&self, fid: i64) -> impl Iterator<Item = (i64, usize)> + '_ {
        let from = self.by_fid.partition_point(|(f, _)| *f <= fid);
        self.by_fid[from..].iter().map(|(fid, slot)| (*fid, *slot as usize))
    }

    /// Slots whose box meets `b`.
    pub(crate) fn meeting(&self, b: &MercatorBox) -> impl Iterator<Item = usize> {
        let meets = |r: &Arc<DeltaRow>| r.place.as_ref().is_some_and(|p| p.bounds().meets(b));
        let hit =
            move |(i, slot): (usize, &Option<Arc<DeltaRow>>)| slot.as_ref().is_some_and(meets).then_some(i);
        self.slots.iter().enumerate().filter_map(hit)
    }
}
