//! Rows changed since the base was built: a short stack of immutable runs, the older the larger, each with tombstones of
//! its own. A batch of changes becomes a run and is merged with those above it that are not much larger, so a row is
//! moved a few times for every doubling of the delta; runs, rows and pages of tombstones are shared by all snapshots
//! that have them.

use std::sync::Arc;

use model::Bbox;
use uuid::Uuid;

use crate::MercatorBox;
use crate::curve::CurveRange;
use crate::geometry::union;
use crate::paged::Paged;
use crate::run::{DeltaRow, Run};

/// A run is merged with the one before it until that has more than so many times its rows.
const GROWTH: usize = 4;

/// A run with the rows of it that died since.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// The number of its first row.
    first: usize,
    run: Arc<Run>,
    dead: Paged,
}

/// Changed rows by numbers from 0, with holes.
#[derive(Debug, Clone, Default)]
pub(crate) struct Delta {
    /// Old ones first.
    parts: Vec<Part>,
    /// So many of them are being made into a base: they stay as they are, but for tombstones.
    sealed: usize,
}

impl Part {
    fn live(&self) -> usize {
        self.run.len() - self.dead.count()
    }

    /// Its rows' numbers.
    pub(crate) fn rows(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.run.len()
    }

    /// The run itself.
    pub(crate) fn run(&self) -> &Arc<Run> {
        &self.run
    }
}

impl Delta {
    /// One more than the greatest row number.
    pub(crate) fn capacity(&self) -> usize {
        self.parts.last().map_or(0, |part| part.rows().end)
    }

    /// Its runs, old ones first.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, id: Uuid) -> Option<&DeltaRow> {
        // The newer ones are small.
        for part in self.parts.iter_mut().rev() {
            if let Some(n) = part.run.find(id).filter(|n| !part.dead.get(*n)) {
                part.dead.set(n);
                return Some(part.run.row(n));
            }
        }
        None
    }

    /// Puts rows in, of which none is there.
    pub(crate) fn put(&mut self, rows: Vec<Arc<DeltaRow>>) {
        let kept = self.sealed;
        let open = self.parts.split_off(kept);
        self.parts.extend(open.into_iter().filter(|part| part.live() > 0));
        if !rows.is_empty() {
            let dead = Paged::new(rows.len());
            self.parts.push(Part { first: 0, run: Arc::new(Run::new(rows)), dead });
        }
        while let [.., older, newer] = &self.parts[kept..]
            && older.live() <= GROWTH * newer.live()
        {
            let run = Run::merge((&older.run, &older.dead), (&newer.run, &newer.dead));
            let dead = Paged::new(run.len());
            self.parts.truncate(self.parts.len() - 2);
            self.parts.push(Part { first: 0, run: Arc::new(run), dead });
        }
        self.number();
    }

    fn number(&mut self) {
        let mut first = 0;
        for part in &mut self.parts {
            part.first = first;
            first = part.rows().end;
        }
    }

    /// From here on only tombstones change what is there now; what comes goes into runs of its own.
    pub(crate) fn seal(&mut self) {
        self.sealed = self.parts.len();
    }

    /// Ids of rows that died since `before` was sealed, and the runs that came since; `None` when this does not
    /// descend from it.
    pub(crate) fn since<'a>(&'a self, before: &'a Delta) -> Option<(impl Iterator<Item = Uuid> + 'a, Delta)> {
        let own = self.parts.get(..before.parts.len())?;
        let same = own.iter().zip(&before.parts).all(|(a, b)| Arc::ptr_eq(&a.run, &b.run));
        if !same || self.sealed != own.len() || before.sealed != own.len() {
            return None;
        }
        let died = own
            .iter()
            .zip(&before.parts)
            .flat_map(|(part, before)| part.dead.since(&before.dead).map(|n| part.run.row(n).feature.id));
        let mut later = Delta { parts: self.parts[own.len()..].to_vec(), sealed: 0 };
        later.number();
        Some((died, later))
    }

    pub(crate) fn find(&self, id: Uuid) -> Option<usize> {
        let found = |part: &Part| Some(part.first + part.run.find(id).filter(|n| !part.dead.get(*n))?);
        self.parts.iter().rev().find_map(found)
    }

    /// The row of a number.
    pub(crate) fn row(&self, number: usize) -> &DeltaRow {
        let part = self.parts.iter().rev().find(|part| part.first <= number);
        let part = part.expect("row numbers come from this snapshot");
        part.run.row(number - part.first)
    }

    /// Whether the row of a number lives.
    pub(crate) fn lives(&self, number: usize) -> bool {
        let part = self.parts.iter().rev().find(|part| part.first <= number);
        part.is_some_and(|part| !part.dead.get(number - part.first))
    }

    /// Numbers of all rows, in no order.
    pub(crate) fn all<'a>(&'a self) -> impl Iterator<Item = usize> + 'a {
        let live = |part: &'a Part| {
            let (first, dead) = (part.first, &part.dead);
            (0..part.run.len()).filter(move |n| !dead.get(*n)).map(move |n| first + n)
        };
        self.parts.iter().flat_map(live)
    }

    /// Numbers of rows without a place.
    pub(crate) fn waiting<'a>(&'a self) -> impl Iterator<Item = usize> + 'a {
        let live = |part: &'a Part| {
            let (first, dead) = (part.first, &part.dead);
            (part.run.located_len()..part.run.len()).filter(move |n| !dead.get(*n)).map(move |n| first + n)
        };
        self.parts.iter().flat_map(live)
    }

    /// Fids greater than the given one with their rows, ascending.
    pub(crate) fn rows_after<'a>(&'a self, fid: i64) -> impl Iterator<Item = (i64, usize)> + 'a {
        let order = |part: &'a Part| {
            let (first, dead) = (part.first, &part.dead);
            let rows = part.run.rows_after(fid).filter(move |(_, n)| !dead.get(*n));
            rows.map(move |(fid, n)| (fid, first + n))
        };
        let mut orders: Vec<_> = self.parts.iter().map(|part| order(part).peekable()).collect();
        std::iter::from_fn(move || {
            let heads = orders.iter_mut().enumerate().filter_map(|(n, order)| Some((order.peek()?.0, n)));
            let (_, least) = heads.min()?;
            orders[least].next()
        })
    }

    /// Calls `found` for each row whose box meets `b`; `ranges` are those of the box.
    pub(crate) fn meeting(&self, b: &MercatorBox, ranges: &[CurveRange], mut found: impl FnMut(usize)) {
        for part in &self.parts {
            part.run.meeting(b, ranges, |n| {
                if !part.dead.get(n) {
                    found(part.first + n);
                }
            });
        }
    }

    /// How many points may lie in the box, and how many other rows' boxes meet it.
    pub(crate) fn at_most(&self, b: &MercatorBox, ranges: &[CurveRange]) -> (usize, usize) {
        let sum = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
        self.parts.iter().map(|part| part.run.at_most(b, ranges)).fold((0, 0), sum)
    }

    /// The box of all geometry in degrees.
    pub(crate) fn bounds(&self) -> Option<Bbox> {
        let of = |part: &Part| {
            let run = &part.run;
            run.rims().bounds(|n| run.bbox(n), |n| !part.dead.get(n))
        };
        self.parts.iter().filter_map(of).reduce(|a, b| union(&a, &b))
    }
}
