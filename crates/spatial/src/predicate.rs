//! A filter made ready for a snapshot: conditions on columns are answered for 64 rows of the base at a time, as bits,
//! in three-valued logic. What has no fast form, and rows changed since the base was built, are asked one by one
//! through [`Filter::eval`]; so the answer is always that of the filter.

use jiff::civil::Date;
use model::{Area, Bbox, Columns, Compare, Filter, Span, SpatialOp, Square, Value, ValueRef};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::Snapshot;
use crate::column::{Column, Typed};

/// Rows answered at a time.
const WIDTH: usize = 64;
/// A dictionary larger than this is not looked through beforehand.
const MOST_WORDS: usize = 4_096;
/// Blocks that one thread takes at a time.
const BLOCKS_PER_TASK: usize = 256;

/// Truth of rows: bit n is of the n-th. A row in neither is unknown.
#[derive(Debug, Clone, Copy)]
struct Truth {
    is: u64,
    is_not: u64,
}

/// A filter over a snapshot, with the columns as a reader may see them.
pub struct Predicate<'a, C> {
    snapshot: &'a Snapshot,
    columns: &'a C,
    filter: &'a Filter,
    as_of: Option<Date>,
    node: Node<'a>,
}

enum Node<'a> {
    Always(bool),
    And(Vec<Node<'a>>),
    Or(Vec<Node<'a>>),
    Not(Box<Node<'a>>),
    /// Per code of a dictionary, 0 being null: the truth.
    Words(&'a [u32], Vec<Option<bool>>),
    Int(&'a Typed<i64>, Test<i64>),
    Num(&'a Typed<f64>, Test<f64>),
    Date(&'a Typed<Date>, Test<Date>),
    Time(&'a Typed<jiff::Timestamp>, Test<jiff::Timestamp>),
    During(&'a [Option<Span>], Span),
    /// The first row without a place, and whether a place is wanted.
    Located(usize, bool),
    /// No fast form.
    Each(&'a Filter),
}

#[derive(Clone, Copy)]
enum Test<T> {
    Op(Compare, T),
    Between(T, T),
}

impl<T: PartialOrd + Copy> Test<T> {
    fn holds(self, v: T) -> bool {
        match self {
            Test::Op(Compare::Eq, to) => v == to,
            Test::Op(Compare::Ne, to) => v != to,
            Test::Op(Compare::Lt, to) => v < to,
            Test::Op(Compare::Le, to) => v <= to,
            Test::Op(Compare::Gt, to) => v > to,
            Test::Op(Compare::Ge, to) => v >= to,
            Test::Between(low, high) => low <= v && v <= high,
        }
    }
}

impl Truth {
    fn known(mask: u64, is: u64) -> Truth {
        Truth { is: is & mask, is_not: !is & mask }
    }
}

/// The bits of `len` rows from `first` for which the answer is true.
fn bits(first: usize, len: usize, mut answer: impl FnMut(usize) -> bool) -> u64 {
    (0..len).fold(0, |bits, n| bits | u64::from(answer(first + n)) << n)
}

fn all(len: usize) -> u64 {
    if len == WIDTH { u64::MAX } else { (1 << len) - 1 }
}

fn typed<T: PartialOrd + Copy>(column: &Typed<T>, test: Test<T>, first: usize, len: usize) -> Truth {
    let values = &column.values()[first..first + len];
    let is = values.iter().enumerate().fold(0, |bits, (n, v)| bits | u64::from(test.holds(*v)) << n);
    Truth::known(all(len) & !column.nulls(first, len), is)
}

impl<'a> Node<'a> {
    fn new(snapshot: &'a Snapshot, filter: &'a Filter, is_plain: &dyn Fn(usize) -> bool) -> Node<'a> {
        let each = |list: &'a [Filter]| list.iter().map(|f| Node::new(snapshot, f, is_plain)).collect();
        match filter {
            Filter::All => Node::Always(true),
            Filter::And(list) => Node::And(each(list)),
            Filter::Or(list) => Node::Or(each(list)),
            Filter::Not(f) => Node::Not(Box::new(Node::new(snapshot, f, is_plain))),
            Filter::During(span) => match snapshot.base.spans() {
                [] => Node::Always(true),
                spans => Node::During(spans, *span),
            },
            Filter::Located(wanted) => Node::Located(snapshot.base.located_len(), *wanted),
            Filter::Compare(field, ..)
            | Filter::In(field, _)
            | Filter::Between(field, ..)
            | Filter::Like(field, _)
            | Filter::Holds(field, _)
            | Filter::IsNull(field)
                if is_plain(*field) =>
            {
                Node::of_column(snapshot.base.column(*field), filter).unwrap_or(Node::Each(filter))
            }
            _ => Node::Each(filter),
        }
    }

    fn of_column(column: &'a Column, filter: &'a Filter) -> Option<Node<'a>> {
        let op = |op: &Compare, v| Test::Op(*op, v);
        Some(match (column, filter) {
            (Column::Text { codes, words, .. }, _) if words.len() <= MOST_WORDS => {
                let one = |value: ValueRef<'_>| filter.eval(&One(value), 0, None);
                let truths = std::iter::once(one(ValueRef::Null));
                Node::Words(codes, truths.chain(words.iter().map(|w| one(ValueRef::Text(w)))).collect())
            }
            (Column::Int(c), Filter::Compare(_, o, Value::Int(v))) => Node::Int(c, op(o, *v)),
            (Column::Int(c), Filter::Between(_, Value::Int(a), Value::Int(b))) => {
                Node::Int(c, Test::Between(*a, *b))
            }
            (Column::Num(c), Filter::Compare(_, o, Value::Num(v))) if !v.is_nan() => {
                Node::Num(c, Test::Op(*o, *v))
            }
            (Column::Num(c), Filter::Between(_, Value::Num(a), Value::Num(b))) => {
                Node::Num(c, Test::Between(*a, *b))
            }
            (Column::Date(c), Filter::Compare(_, o, Value::Date(v))) => Node::Date(c, Test::Op(*o, *v)),
            (Column::Date(c), Filter::Between(_, Value::Date(a), Value::Date(b))) => {
                Node::Date(c, Test::Between(*a, *b))
            }
            (Column::Time(c), Filter::Compare(_, o, Value::Time(v))) => Node::Time(c, Test::Op(*o, *v)),
            (Column::Time(c), Filter::Between(_, Value::Time(a), Value::Time(b))) => {
                Node::Time(c, Test::Between(*a, *b))
            }
            _ => return None,
        })
    }

    /// The truth of `len` rows of the base from `first`, of which only those in `wanted` matter.
    fn truth(
        &self,
        first: usize,
        len: usize,
        wanted: u64,
        each: &dyn Fn(&Filter, usize) -> Option<bool>,
    ) -> Truth {
        let mask = all(len);
        match self {
            Node::Always(yes) => Truth::known(mask, if *yes { mask } else { 0 }),
            Node::And(nodes) => {
                let mut truth = Truth { is: mask, is_not: 0 };
                for node in nodes {
                    // What is false already stays so.
                    let left = wanted & !truth.is_not;
                    if left == 0 {
                        break;
                    }
                    let next = node.truth(first, len, left, each);
                    truth = Truth { is: truth.is & next.is, is_not: truth.is_not | next.is_not };
                }
                truth
            }
            Node::Or(nodes) => {
                let mut truth = Truth { is: 0, is_not: mask };
                for node in nodes {
                    let left = wanted & !truth.is;
                    if left == 0 {
                        break;
                    }
                    let next = node.truth(first, len, left, each);
                    truth = Truth { is: truth.is | next.is, is_not: truth.is_not & next.is_not };
                }
                truth
            }
            Node::Not(node) => {
                let inner = node.truth(first, len, wanted, each);
                Truth { is: inner.is_not, is_not: inner.is }
            }
            Node::Words(codes, truths) => {
                let mut truth = Truth { is: 0, is_not: 0 };
                for (n, code) in codes[first..first + len].iter().enumerate() {
                    match truths[*code as usize] {
                        Some(true) => truth.is |= 1 << n,
                        Some(false) => truth.is_not |= 1 << n,
                        None => {}
                    }
                }
                truth
            }
            Node::Int(column, test) => typed(column, *test, first, len),
            Node::Num(column, test) => typed(column, *test, first, len),
            Node::Date(column, test) => typed(column, *test, first, len),
            Node::Time(column, test) => typed(column, *test, first, len),
            Node::During(spans, span) => {
                Truth::known(mask, bits(first, len, |row| spans[row].is_none_or(|s| s.intersects(*span))))
            }
            Node::Located(end, yes) => Truth::known(mask, bits(first, len, |row| (row < *end) == *yes)),
            Node::Each(filter) => {
                let mut truth = Truth { is: 0, is_not: 0 };
                let mut left = wanted;
                while left != 0 {
                    let n = left.trailing_zeros();
                    left &= left - 1;
                    match each(filter, first + n as usize) {
                        Some(true) => truth.is |= 1 << n,
                        Some(false) => truth.is_not |= 1 << n,
                        None => {}
                    }
                }
                truth
            }
        }
    }
}

impl Snapshot {
    /// Makes a filter ready. `columns` answers what has no fast form; `is_plain` tells of a field whether `columns`
    /// gives it on every day just as the snapshot has it.
    pub fn predicate<'a, C: Columns>(
        &'a self,
        filter: &'a Filter,
        as_of: Option<Date>,
        columns: &'a C,
        is_plain: impl Fn(usize) -> bool,
    ) -> Predicate<'a, C> {
        let plain = |field: usize| is_plain(field) && !self.varies(field, as_of);
        Predicate { snapshot: self, columns, filter, as_of, node: Node::new(self, filter, &plain) }
    }
}

impl<C: Columns> Predicate<'_, C> {
    fn each(&self, filter: &Filter, row: usize) -> Option<bool> {
        filter.eval(self.columns, row, self.as_of)
    }

    /// Whether a live row is selected.
    pub fn selects(&self, row: usize) -> bool {
        if row >= self.snapshot.base_len() {
            return self.filter.selects(self.columns, row, self.as_of);
        }
        self.node.truth(row, 1, 1, &|f, row| self.each(f, row)).is & 1 == 1
    }

    /// The selected rows of a block of the base, as bits.
    fn block(&self, first: usize) -> u64 {
        let len = WIDTH.min(self.snapshot.base_len() - first);
        let live = self.snapshot.live_bits(first, len);
        live & self.node.truth(first, len, live, &|f, row| self.each(f, row)).is
    }
}

impl<C: Columns + Sync> Predicate<'_, C> {
    /// Folds over the selected rows, in parts on several threads and in no order that may be relied on.
    pub fn fold<T: Send>(
        &self,
        start: impl Fn() -> T + Sync + Send,
        add: impl Fn(&mut T, usize) + Sync + Send,
        join: impl Fn(T, T) -> T + Sync + Send,
    ) -> T {
        let len = self.snapshot.base_len();
        let blocks = (0..len.div_ceil(WIDTH)).into_par_iter().with_min_len(BLOCKS_PER_TASK);
        let of_base = blocks.fold(&start, |mut sum, block| {
            let first = block * WIDTH;
            let mut left = self.block(first);
            while left != 0 {
                add(&mut sum, first + left.trailing_zeros() as usize);
                left &= left - 1;
            }
            sum
        });
        let mut sum = of_base.reduce(&start, &join);
        for row in self.snapshot.changed_rows().filter(|row| self.selects(*row)) {
            add(&mut sum, row);
        }
        sum
    }

    /// How many rows are selected, and how many of them have a place.
    pub fn count(&self) -> (usize, usize) {
        let (len, located) = (self.snapshot.base_len(), self.snapshot.base.located_len());
        let blocks = (0..len.div_ceil(WIDTH)).into_par_iter().with_min_len(BLOCKS_PER_TASK);
        let of_block = |block: usize| {
            let first = block * WIDTH;
            let found = self.block(first);
            let placed = located.saturating_sub(first).min(WIDTH);
            (found.count_ones() as usize, (found & all(placed)).count_ones() as usize)
        };
        let plus = |a: (usize, usize), b: (usize, usize)| (a.0 + b.0, a.1 + b.1);
        let of_base = blocks.map(of_block).reduce(|| (0, 0), plus);
        let changed = self.snapshot.changed_rows().filter(|row| self.selects(*row));
        changed.fold(of_base, |sum, row| plus(sum, (1, usize::from(self.columns.located(row)))))
    }

    /// Selected rows per text of a plain field; rows without one are left out. `None` when the base does not keep
    /// the field as a dictionary, or a large one.
    pub fn count_by(&self, field: usize) -> Option<FxHashMap<&str, usize>> {
        let Column::Text { codes, words, .. } = self.snapshot.base.column(field) else { return None };
        if words.len() > MOST_WORDS {
            return None;
        }
        let base = self.snapshot.base_len();
        let changed: Vec<usize> = self.snapshot.changed_rows().filter(|row| self.selects(*row)).collect();
        let per_code = self.fold(
            || vec![0_usize; words.len() + 1],
            |sums, row| {
                if row < base {
                    sums[codes[row] as usize] += 1;
                }
            },
            |mut a, b| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
                a
            },
        );
        let mut found: FxHashMap<&str, usize> = FxHashMap::default();
        for (word, n) in words.iter().zip(&per_code[1..]).filter(|(_, n)| **n > 0) {
            found.insert(word, *n);
        }
        for row in changed {
            if let ValueRef::Text(word) = self.columns.value(row, field, self.as_of) {
                *found.entry(word).or_default() += 1;
            }
        }
        Some(found)
    }
}

/// One value as the only row, for conditions on one field.
struct One<'a>(ValueRef<'a>);

impl Columns for One<'_> {
    fn value(&self, _: usize, _: usize, _: Option<Date>) -> ValueRef<'_> {
        self.0
    }
    fn span(&self, _: usize) -> Option<Span> {
        None
    }
    fn located(&self, _: usize) -> bool {
        false
    }
    fn in_bbox(&self, _: usize, _: &Bbox) -> bool {
        false
    }
    fn relates(&self, _: usize, _: SpatialOp, _: &Area) -> Option<bool> {
        None
    }
    fn in_square(&self, _: usize, _: Square) -> bool {
        false
    }
}
