//! What a snapshot says of one row.

use model::{Bbox, Feature, Geometry, Touched, Transition};
use uuid::Uuid;

use crate::run::DeltaRow;
use crate::shape::Place;
use crate::{Mercator, MercatorBox, Snapshot};

/// Where a row is kept.
pub(crate) enum At<'a> {
    Base(usize),
    Delta(&'a DeltaRow),
}

impl Snapshot {
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
            Some(row) => At::Delta(self.delta.row(row)),
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

    /// Whether the store may keep values of cold fields for the row.
    pub fn has_cold(&self, row: usize) -> bool {
        match self.at(row) {
            At::Base(row) => self.base.cold.get(row),
            At::Delta(r) => r.cold,
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
}
