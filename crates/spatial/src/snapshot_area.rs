//! Which rows of a snapshot lie in a box.

use model::Bbox;

use crate::geometry::union;
use crate::{MercatorBox, Snapshot, curve};

impl Snapshot {
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
        let ranges = curve::ranges(b);
        self.base.meeting(b, &ranges, |row| {
            if !self.dead.get(row) {
                found(row);
            }
        });
        let first = self.base.len();
        self.delta.meeting(b, &ranges, |row| found(first + row));
    }

    /// How many points, and how many other geometries, a drawing of the box looks at, at most.
    pub fn at_most(&self, b: &MercatorBox) -> (usize, usize) {
        let ranges = curve::ranges(b);
        let (points, shapes) = self.base.at_most(b, &ranges);
        let (more_points, more_shapes) = self.delta.at_most(b, &ranges);
        (points + more_points, shapes + more_shapes)
    }

    /// The box of all live geometry in degrees; `None` when nothing has a place. Found once per snapshot, by the rows
    /// of each part that reach farthest.
    pub fn bounds(&self) -> Option<Bbox> {
        *self.bounds.get_or_init(|| {
            let of_base = self.base.rims().bounds(|row| self.base.bbox(row), |row| !self.dead.get(row));
            of_base.into_iter().chain(self.delta.bounds()).reduce(|a, b| union(&a, &b))
        })
    }
}
