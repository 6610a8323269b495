//! The index of extents: boxes and row numbers, nothing else. No rstar type leaves this file.

use rstar::{AABB, RTree, RTreeObject};

use crate::MercatorBox;

#[derive(Debug)]
struct Entry {
    bounds: MercatorBox,
    row: u32,
}

impl RTreeObject for Entry {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        envelope(&self.bounds)
    }
}

fn envelope(b: &MercatorBox) -> AABB<[f64; 2]> {
    AABB::from_corners([b.min_x, b.min_y], [b.max_x, b.max_y])
}

/// A bulk-loaded tree over the extents of rows.
#[derive(Debug)]
pub(crate) struct Extents(RTree<Entry>);

impl Extents {
    /// Builds the tree of these boxes; the n-th has number `first + n`.
    pub(crate) fn build(first: usize, boxes: impl Iterator<Item = MercatorBox>) -> Extents {
        let entries = boxes.enumerate().map(|(i, bounds)| Entry { bounds, row: (first + i) as u32 });
        Extents(RTree::bulk_load(entries.collect()))
    }

    /// Numbers of the boxes that meet `b`, edges included.
    pub(crate) fn meeting(&self, b: &MercatorBox) -> impl Iterator<Item = usize> + '_ {
        self.0.locate_in_envelope_intersecting(envelope(b)).map(|e| e.row as usize)
    }
}
