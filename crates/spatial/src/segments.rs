//! The parts of a snapshot whose rows were put together at one time: the base, and the runs of changes. Another snapshot
//! that has the same part holds the same rows in it, though perhaps under other numbers and with other ones dead. What
//! is worked out per part (an index of words) can be kept for all snapshots that share it.

use std::ops::Range;
use std::sync::{Arc, Weak};

use crate::Snapshot;
use crate::block::Block;
use crate::run::Run;

/// One part of a snapshot. It does not keep its rows alive.
#[derive(Debug, Clone)]
pub struct Segment {
    rows: Range<usize>,
    of: Of,
}

#[derive(Debug, Clone)]
enum Of {
    Base(Weak<Block>),
    Run(Weak<Run>),
}

impl Segment {
    /// The numbers of its rows in the snapshot that gave it, dead ones included.
    pub fn rows(&self) -> Range<usize> {
        self.rows.clone()
    }

    /// Whether both are the same part, of one snapshot or of two: the n-th rows of both are then one.
    pub fn is(&self, other: &Segment) -> bool {
        match (&self.of, &other.of) {
            (Of::Base(a), Of::Base(b)) => Weak::ptr_eq(a, b),
            (Of::Run(a), Of::Run(b)) => Weak::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Snapshot {
    /// Its parts, in the order of row numbers: the base first.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        let first = self.base.len();
        let base = Segment { rows: 0..first, of: Of::Base(Arc::downgrade(&self.base)) };
        let runs = self.delta.parts().iter().map(move |part| {
            let rows = part.rows();
            Segment { rows: first + rows.start..first + rows.end, of: Of::Run(Arc::downgrade(part.run())) }
        });
        std::iter::once(base).chain(runs)
    }
}
