//! A snapshot as bytes and back: part by part, so that nobody holds all of it twice. A part is one column of the base;
//! changes and tombstones are folded into a new base before. Coordinates and instants come back to the bit; outlines
//! and the index of extents are made anew.
//!
//! What is read is not trusted: lengths and row numbers are checked, so that wrong bytes are an error and never a
//! panic, then or later. That the bytes are those that were written is for whoever keeps them to know (a checksum).

mod bytes;
mod column;
mod geometry;

use std::sync::{Arc, OnceLock};

use model::{LayerDef, Span, TimeKind, Touched, Transition};
use uuid::Uuid;

use crate::bits::Bits;
use crate::block::Block;
use crate::column::Column;
use crate::extents::Extents;
use crate::shape::{Place, Shape};
use crate::{LonLat, Mercator, Snapshot};
use bytes::{Reader, put_array, put_len};

/// Bytes that are no part of a snapshot, or parts that do not belong together: what they do not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a packed snapshot does not hold {0}")]
pub struct UnpackError(&'static str);

/// How many shapes one part holds.
const SHAPES: usize = 4096;

/// Parts before the shapes, and those between the shapes and the fields.
const POINT_PARTS: usize = 3;
const ROW_PARTS: usize = 4;
/// Parts after the fields.
const LAST_PARTS: usize = 5;

/// A snapshot on its way to bytes.
#[derive(Debug, Clone)]
pub struct Packed {
    base: Arc<Block>,
}

/// One part, read.
#[derive(Debug)]
pub struct Part(Kind);

#[derive(Debug)]
enum Kind {
    Positions(Vec<u64>),
    LonLats(Vec<LonLat>),
    Mercators(Vec<Mercator>),
    Shapes(Vec<Arc<Shape>>),
    Fids(Vec<i64>),
    Ids(Vec<Uuid>),
    Seqs(Each<i64>),
    Touched(Each<Touched>),
    Column(Column),
    Spans(Vec<Option<Span>>),
    Transitions(Vec<u32>, Vec<Transition>),
    ByFid(Vec<u32>),
    ById(Vec<u32>),
    /// Bits of rows, 64 to a word; none when no bit is set.
    Cold(Vec<u64>),
}

/// Values of all rows. After an import all rows have the same, which takes no room.
#[derive(Debug)]
enum Each<T> {
    Same(T),
    Own(Vec<T>),
}

impl<T: Copy> Each<T> {
    /// One per row; `rows` is known from something that was read whole.
    fn expand(self, rows: usize) -> Vec<T> {
        match self {
            Each::Same(value) => vec![value; rows],
            Each::Own(all) => all,
        }
    }
}

fn put_each<T: Copy + PartialEq, const N: usize>(out: &mut Vec<u8>, all: &[T], bytes: impl Fn(T) -> [u8; N]) {
    match all.first() {
        Some(first) if all.iter().all(|v| v == first) => {
            out.push(1);
            out.extend_from_slice(&bytes(*first));
        }
        _ => {
            out.push(0);
            put_array(out, all.iter().map(|v| bytes(*v)));
        }
    }
}

fn each<T, const N: usize>(from: &mut Reader, read: impl Fn([u8; N]) -> T) -> Result<Each<T>, UnpackError> {
    match from.byte()? {
        0 => from.array(read).map(Each::Own),
        1 => from.fixed().map(|b| Each::Same(read(b))),
        _ => Err(UnpackError("a value per row")),
    }
}

/// Two numbers of eight bytes.
fn pair(a: [u8; 8], b: [u8; 8]) -> [u8; 16] {
    let mut both = [0; 16];
    both[..8].copy_from_slice(&a);
    both[8..].copy_from_slice(&b);
    both
}

fn halves(both: [u8; 16]) -> [[u8; 8]; 2] {
    let n = u128::from_le_bytes(both);
    [(n as u64).to_le_bytes(), ((n >> 64) as u64).to_le_bytes()]
}

fn touched_bytes(touched: Touched) -> [u8; 24] {
    let mut bytes = [0; 24];
    for (four, n) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(touched.counts()) {
        *four = n.to_le_bytes();
    }
    bytes
}

fn touched_of(bytes: [u8; 24]) -> Touched {
    let mut counts = [0; 6];
    for (n, four) in counts.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *n = u32::from_le_bytes(*four);
    }
    Touched::from_counts(counts)
}

/// What stands for "without time": no span begins after it ends.
const NO_SPAN: Span = Span { from: i64::MAX, to: i64::MIN };

impl Packed {
    /// How many parts there are.
    pub fn part_count(&self) -> usize {
        POINT_PARTS + self.shape_parts() + ROW_PARTS + self.base.columns.len() + LAST_PARTS
    }

    /// How many rows they hold.
    pub fn rows(&self) -> usize {
        self.base.len()
    }

    fn shape_parts(&self) -> usize {
        self.base.shapes.len().div_ceil(SHAPES)
    }

    /// The bytes of a part, from 0; nothing for a number past the last.
    pub fn part(&self, n: usize) -> Vec<u8> {
        let (base, mut out) = (&*self.base, Vec::new());
        let shapes = self.shape_parts();
        let Some(n) = n.checked_sub(POINT_PARTS) else {
            out.push(n as u8);
            match n {
                0 => put_array(&mut out, base.positions.iter().map(|p| p.to_le_bytes())),
                1 => {
                    let bytes = |p: &LonLat| pair(p.lon.to_le_bytes(), p.lat.to_le_bytes());
                    put_array(&mut out, base.lon_lats.iter().map(bytes));
                }
                _ => {
                    let bytes = |p: &Mercator| pair(p.x.to_le_bytes(), p.y.to_le_bytes());
                    put_array(&mut out, base.mercators.iter().map(bytes));
                }
            }
            return out;
        };
        let Some(n) = n.checked_sub(shapes) else {
            let some = base.shapes.chunks(SHAPES).nth(n).unwrap_or_default();
            out.push(3);
            put_len(&mut out, some.len());
            for shape in some {
                geometry::put(&mut out, &shape.geometry);
            }
            return out;
        };
        let Some(n) = n.checked_sub(ROW_PARTS) else {
            out.push(4 + n as u8);
            match n {
                0 => put_array(&mut out, base.fids.iter().map(|f| f.to_le_bytes())),
                1 => put_array(&mut out, base.ids.iter().map(|id| id.into_bytes())),
                2 => put_each(&mut out, &base.seqs, i64::to_le_bytes),
                _ => put_each(&mut out, &base.touched, touched_bytes),
            }
            return out;
        };
        if let Some(column) = base.columns.get(n) {
            out.push(8);
            column::put(&mut out, column);
            return out;
        }
        let n = n - base.columns.len();
        out.push(9 + n as u8);
        match n {
            0 => {
                let bytes = |s: &Option<Span>| {
                    let s = s.unwrap_or(NO_SPAN);
                    pair(s.from.to_le_bytes(), s.to.to_le_bytes())
                };
                put_array(&mut out, base.spans.iter().map(bytes));
            }
            1 => {
                put_array(&mut out, base.transition_ends.iter().map(|e| e.to_le_bytes()));
                let all = &base.transitions;
                column::put_words(&mut out, all.iter().map(|t| t.field.as_str()));
                column::put_words(&mut out, all.iter().map(|t| t.to.as_str()));
                put_array(&mut out, all.iter().map(|t| column::date_bytes(t.on)));
            }
            2 => put_array(&mut out, base.by_fid.iter().map(|r| r.to_le_bytes())),
            3 => put_array(&mut out, base.by_id.iter().map(|r| r.to_le_bytes())),
            4 => {
                let words = base.cold.words();
                let words = if words.iter().all(|w| *w == 0) { &[] } else { words };
                put_array(&mut out, words.iter().map(|w| w.to_le_bytes()));
            }
            _ => return Vec::new(),
        }
        out
    }
}

impl Part {
    /// Reads one part. Costs most of the work of [`Snapshot::unpack`], and parts know nothing of each other: they may
    /// be read side by side.
    ///
    /// # Errors
    /// When the bytes are no part.
    pub fn read(bytes: &[u8]) -> Result<Part, UnpackError> {
        let mut from = Reader::new(bytes);
        let from = &mut from;
        let unit = |v: f64| (0.0..=1.0).contains(&v);
        let kind = match from.byte()? {
            0 => Kind::Positions(from.array(u64::from_le_bytes)?),
            1 => Kind::LonLats(from.checked(|b| {
                let [lon, lat] = halves(b).map(f64::from_le_bytes);
                (lon.is_finite() && lat.is_finite()).then_some(LonLat { lon, lat })
            })?),
            2 => Kind::Mercators(from.checked(|b| {
                let [x, y] = halves(b).map(f64::from_le_bytes);
                (unit(x) && unit(y)).then_some(Mercator { x, y })
            })?),
            3 => {
                let n = from.len(9)?;
                let all: Result<Vec<Arc<Shape>>, _> = (0..n).map(|_| shape(from)).collect();
                Kind::Shapes(all?)
            }
            4 => Kind::Fids(from.array(i64::from_le_bytes)?),
            5 => Kind::Ids(from.array(Uuid::from_bytes)?),
            6 => Kind::Seqs(each(from, i64::from_le_bytes)?),
            7 => Kind::Touched(each(from, touched_of)?),
            8 => Kind::Column(column::read(from)?),
            9 => Kind::Spans(from.array(|b| {
                let [from, to] = halves(b).map(i64::from_le_bytes);
                let span = Span { from, to };
                (span != NO_SPAN).then_some(span)
            })?),
            10 => transitions(from)?,
            11 => Kind::ByFid(from.array(u32::from_le_bytes)?),
            12 => Kind::ById(from.array(u32::from_le_bytes)?),
            13 => Kind::Cold(from.array(u64::from_le_bytes)?),
            _ => return Err(UnpackError("a kind of part")),
        };
        from.end()?;
        Ok(Part(kind))
    }
}

fn shape(from: &mut Reader) -> Result<Arc<Shape>, UnpackError> {
    match Place::of(&geometry::read(from)?) {
        Some(Place::Shape(shape)) => Ok(shape),
        _ => Err(UnpackError("a shape")),
    }
}

fn transitions(from: &mut Reader) -> Result<Kind, UnpackError> {
    let ends = from.array(u32::from_le_bytes)?;
    let (fields, states) = (column::words(from)?, column::words(from)?);
    let days = from.checked(column::date_of)?;
    let steps = ends.is_sorted() && ends.last().map_or(0, |e| *e as usize) == days.len();
    if !steps || fields.len() != days.len() || states.len() != days.len() {
        return Err(UnpackError("whole transitions"));
    }
    let all = fields.iter().zip(&states).zip(days);
    let all =
        all.map(|((field, to), on)| Transition { field: (**field).to_owned(), to: (**to).to_owned(), on });
    Ok(Kind::Transitions(ends, all.collect()))
}

/// Takes the next part, if it is of the wanted kind.
macro_rules! next {
    ($parts:ident, $kind:ident ( $($field:ident),+ )) => {
        match $parts.next() {
            Some(Part(Kind::$kind($($field),+))) => ($($field),+),
            _ => return Err(UnpackError("its parts in their order")),
        }
    };
}

impl Snapshot {
    /// The snapshot for keeping: nothing in it is of rows that are gone.
    pub fn pack(&self) -> Packed {
        Packed { base: Arc::clone(&self.merged().base) }
    }

    /// Puts the parts of a snapshot together again, all of them in their order.
    ///
    /// # Errors
    /// When they are not the parts of one snapshot of this layer.
    pub fn unpack(def: Arc<LayerDef>, parts: Vec<Part>) -> Result<Snapshot, UnpackError> {
        let mut parts = parts.into_iter().peekable();
        let positions = next!(parts, Positions(all));
        let lon_lats = next!(parts, LonLats(all));
        let mercators = next!(parts, Mercators(all));
        let mut shapes = Vec::new();
        while let Some(Part(Kind::Shapes(_))) = parts.peek() {
            shapes.extend(next!(parts, Shapes(some)));
        }
        let fids = next!(parts, Fids(all));
        let ids = next!(parts, Ids(all));
        let rows = ids.len();
        let seqs = next!(parts, Seqs(all)).expand(rows);
        let touched = next!(parts, Touched(all)).expand(rows);
        let mut columns = Vec::with_capacity(def.fields.len());
        for _ in &def.fields {
            columns.push(next!(parts, Column(column)));
        }
        let spans = next!(parts, Spans(all));
        let (transition_ends, transitions) = next!(parts, Transitions(ends, all));
        let by_fid = next!(parts, ByFid(all));
        let by_id = next!(parts, ById(all));
        let cold = next!(parts, Cold(words));
        if parts.next().is_some() {
            return Err(UnpackError("only its own parts"));
        }

        let cold = if cold.is_empty() { Some(Bits::new(rows)) } else { Bits::of(cold, rows) };
        let cold = cold.ok_or(UnpackError("a bit per row"))?;
        let points = positions.len();
        let timeless = def.time == TimeKind::None;
        let whole = [lon_lats.len(), mercators.len()].iter().all(|n| *n == points)
            && points + shapes.len() <= rows
            && [fids.len(), seqs.len(), touched.len(), transition_ends.len(), by_fid.len(), by_id.len()]
                .iter()
                .all(|n| *n == rows)
            && columns.iter().all(|c| c.rows().is_none_or(|n| n == rows))
            && spans.len() == if timeless { 0 } else { rows };
        let known = |order: &[u32]| order.iter().max().is_none_or(|most| (*most as usize) < rows);
        if !(whole && known(&by_fid) && known(&by_id) && positions.is_sorted()) {
            return Err(UnpackError("as many values as rows"));
        }
        let extents = Extents::build(points, shapes.iter().map(|s| s.bounds));
        Ok(Snapshot::of_base(
            def,
            Block {
                positions,
                lon_lats,
                mercators,
                shapes,
                extents,
                fids,
                ids,
                seqs,
                touched,
                cold,
                columns,
                spans,
                transition_ends,
                transitions,
                by_fid,
                by_id,
                rims: OnceLock::new(),
            },
        ))
    }
}
