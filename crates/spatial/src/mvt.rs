//! Writes Mapbox Vector Tiles 2.1: one pass from values to bytes. What a layer repeats (keys, values) stands once,
//! in the order in which it first appears; so the same features in the same order give the same bytes.
//!
//! Source: Mapbox Vector Tile Specification 2.1; field numbers below are its.

use std::fmt::Write as _;
use std::hash::BuildHasher as _;

use hashbrown::HashTable;
use model::ValueRef;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::{EXTENT, GridPoint};

/// What a feature's geometry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Point = 1,
    Line = 2,
    Polygon = 3,
}

/// A layer being written.
pub(crate) struct Layer {
    name: String,
    features: Vec<u8>,
    keys: Vec<u8>,
    key_count: u32,
    values: Vec<u8>,
    value_count: u32,
    /// Where each distinct value stands among the values, and its number.
    known: HashTable<Known>,
    /// Instants and days by their number: they are printed once.
    times: FxHashMap<i64, u32>,
    days: FxHashMap<i64, u32>,
    // Of the feature being written.
    tags: Vec<u8>,
    geometry: Vec<u8>,
    cursor: GridPoint,
    scratch: Vec<u8>,
    text: String,
}

#[derive(Clone, Copy)]
struct Known {
    from: u32,
    to: u32,
    index: u32,
}

/// A key of the layer, by its place among the keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key(u32);

fn varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

fn varint_len(v: u64) -> usize {
    (70 - (v | 1).leading_zeros() as usize) / 7
}

fn zigzag(v: i64) -> u64 {
    (v << 1 ^ v >> 63) as u64
}

fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    out.push(field << 3 | 2);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

impl Layer {
    pub(crate) fn new(name: &str) -> Layer {
        Layer {
            name: name.to_owned(),
            features: Vec::new(),
            keys: Vec::new(),
            key_count: 0,
            values: Vec::new(),
            value_count: 0,
            known: HashTable::new(),
            times: FxHashMap::default(),
            days: FxHashMap::default(),
            tags: Vec::new(),
            geometry: Vec::new(),
            cursor: GridPoint { x: 0, y: 0 },
            scratch: Vec::new(),
            text: String::new(),
        }
    }

    /// Adds a key; the caller keeps it and does not add it twice.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        bytes(&mut self.keys, 3, name.as_bytes());
        self.key_count += 1;
        Key(self.key_count - 1)
    }

    /// Room for so many features more.
    pub(crate) fn reserve(&mut self, features: usize) {
        // A point with some codes takes about so much; an id is 40 bytes.
        self.features.reserve(features * 32);
        self.values.reserve(features * 64);
    }

    /// Gives the feature a value, unless it is null; tells its number among the values. A list is cold and never in
    /// tiles.
    pub(crate) fn tag(&mut self, key: Key, value: ValueRef<'_>) -> Option<u32> {
        let index = match value {
            ValueRef::Null | ValueRef::List(_) => return None,
            // Instants differ below the second in theory only.
            ValueRef::Time(t) if t.subsec_nanosecond() == 0 => {
                let second = t.as_second();
                self.times.get(&second).copied().unwrap_or_else(|| {
                    let index = self.printed(t);
                    self.times.insert(second, index);
                    index
                })
            }
            ValueRef::Date(d) => {
                let number = (i64::from(d.year()) * 16 + i64::from(d.month())) * 32 + i64::from(d.day());
                self.days.get(&number).copied().unwrap_or_else(|| {
                    let index = self.printed(d);
                    self.days.insert(number, index);
                    index
                })
            }
            value => {
                let mut scratch = std::mem::take(&mut self.scratch);
                scratch.clear();
                encode_value(&mut scratch, value);
                let index = self.value(&scratch);
                self.scratch = scratch;
                index
            }
        };
        self.tag_known(key, index);
        Some(index)
    }

    /// Gives the feature a value by its number.
    pub(crate) fn tag_known(&mut self, key: Key, index: u32) {
        varint(&mut self.tags, u64::from(key.0));
        varint(&mut self.tags, u64::from(index));
    }

    /// Gives the feature a short text that no other feature has; nothing is looked up.
    pub(crate) fn tag_once(&mut self, key: Key, text: &str) {
        let len = text.len() as u8;
        debug_assert!(text.len() < 126, "both lengths take one byte");
        self.values.extend_from_slice(&[4 << 3 | 2, len + 2, 1 << 3 | 2, len]);
        self.values.extend_from_slice(text.as_bytes());
        self.value_count += 1;
        self.tag_known(key, self.value_count - 1);
    }

    /// A value as ISO 8601 text, as in GeoJSON.
    fn printed(&mut self, value: impl std::fmt::Display) -> u32 {
        let mut text = std::mem::take(&mut self.text);
        text.clear();
        // Writing to a text does not fail.
        let _ = write!(text, "{value}");
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        bytes(&mut scratch, 1, text.as_bytes());
        let index = self.value(&scratch);
        (self.text, self.scratch) = (text, scratch);
        index
    }

    /// The number of an encoded value; a new one is written.
    fn value(&mut self, encoded: &[u8]) -> u32 {
        let hash = |bytes: &[u8]| FxBuildHasher.hash_one(bytes);
        let of = |values: &[u8], k: &Known| hash(&values[k.from as usize..k.to as usize]);
        let values = &self.values;
        let is_it = |k: &Known| values[k.from as usize..k.to as usize] == *encoded;
        if let Some(known) = self.known.find(hash(encoded), is_it) {
            return known.index;
        }
        bytes(&mut self.values, 4, encoded);
        let to = self.values.len() as u32;
        let index = self.value_count;
        self.value_count += 1;
        let values = &self.values;
        let known = Known { from: to - encoded.len() as u32, to, index };
        self.known.insert_unique(hash(encoded), known, |k| of(values, k));
        index
    }

    /// Points of the feature, at least one.
    pub(crate) fn points(&mut self, points: &[GridPoint]) {
        self.command(1, points.len());
        for p in points {
            self.to(*p);
        }
    }

    /// A line of the feature, of at least two points.
    pub(crate) fn line(&mut self, line: &[GridPoint]) {
        let [first, rest @ ..] = line else { return };
        self.command(1, 1);
        self.to(*first);
        self.command(2, rest.len());
        for p in rest {
            self.to(*p);
        }
    }

    /// A ring of the feature, of at least three points, not closed; turned as the specification asks.
    pub(crate) fn ring(&mut self, ring: &[GridPoint]) {
        self.line(ring);
        self.command(7, 1);
    }

    fn command(&mut self, id: u64, count: usize) {
        varint(&mut self.geometry, (count as u64) << 3 | id);
    }

    fn to(&mut self, p: GridPoint) {
        varint(&mut self.geometry, zigzag(p.x - self.cursor.x));
        varint(&mut self.geometry, zigzag(p.y - self.cursor.y));
        self.cursor = p;
    }

    /// Ends the feature whose values and geometry were given.
    pub(crate) fn end(&mut self, id: u64, kind: Kind) {
        let field = |len: usize| if len == 0 { 0 } else { 1 + varint_len(len as u64) + len };
        let len = 1 + varint_len(id) + field(self.tags.len()) + 2 + field(self.geometry.len());
        self.features.push(2 << 3 | 2);
        varint(&mut self.features, len as u64);
        self.features.push(1 << 3);
        varint(&mut self.features, id);
        if !self.tags.is_empty() {
            bytes(&mut self.features, 2, &self.tags);
        }
        self.features.extend_from_slice(&[3 << 3, kind as u8]);
        if !self.geometry.is_empty() {
            bytes(&mut self.features, 4, &self.geometry);
        }
        self.tags.clear();
        self.geometry.clear();
        self.cursor = GridPoint { x: 0, y: 0 };
    }

    /// Appends the layer to a tile; one without features is left out.
    pub(crate) fn write(&self, tile: &mut Vec<u8>) {
        if self.features.is_empty() {
            return;
        }
        let mut head = Vec::with_capacity(self.name.len() + 8);
        head.extend_from_slice(&[15 << 3, 2]);
        bytes(&mut head, 1, self.name.as_bytes());
        let mut tail = vec![5 << 3];
        varint(&mut tail, u64::from(EXTENT));
        let parts = [&head, &self.features, &self.keys, &self.values, &tail];
        tile.push(3 << 3 | 2);
        varint(tile, parts.iter().map(|p| p.len() as u64).sum());
        tile.reserve(parts.iter().map(|p| p.len()).sum());
        for part in parts {
            tile.extend_from_slice(part);
        }
    }
}

/// Writes a `Value` message; days and instants are printed elsewhere.
fn encode_value(out: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null | ValueRef::List(_) => {}
        ValueRef::Text(s) => bytes(out, 1, s.as_bytes()),
        ValueRef::Date(d) => bytes(out, 1, d.to_string().as_bytes()),
        ValueRef::Time(t) => bytes(out, 1, t.to_string().as_bytes()),
        ValueRef::Num(n) => {
            out.push(3 << 3 | 1);
            out.extend_from_slice(&n.to_le_bytes());
        }
        ValueRef::Int(i) if i >= 0 => {
            out.push(4 << 3);
            varint(out, i as u64);
        }
        // A negative plain int takes ten bytes.
        ValueRef::Int(i) => {
            out.push(6 << 3);
            varint(out, zigzag(i));
        }
        ValueRef::Bool(b) => out.extend_from_slice(&[7 << 3, u8::from(b)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_of_a_number_is_what_it_takes() {
        for shift in 0..64 {
            for v in [1_u64 << shift, (1_u64 << shift) - 1, u64::MAX >> shift] {
                let mut out = Vec::new();
                varint(&mut out, v);
                assert_eq!(out.len(), varint_len(v), "{v}");
            }
        }
    }

    #[test]
    fn a_value_stands_once() {
        let mut layer = Layer::new("x");
        let key = layer.key("k");
        let day: jiff::civil::Date = "2025-07-01".parse().unwrap();
        let time: jiff::Timestamp = "2025-07-01T00:00:00Z".parse().unwrap();
        let values = [
            ValueRef::Text("a"),
            ValueRef::Int(1),
            ValueRef::Num(1.0),
            ValueRef::Bool(true),
            ValueRef::Date(day),
            ValueRef::Time(time),
        ];
        let numbers = |layer: &mut Layer| values.map(|v| layer.tag(key, v));
        assert_eq!(numbers(&mut layer), [0, 1, 2, 3, 4, 5].map(Some));
        assert_eq!(numbers(&mut layer), [0, 1, 2, 3, 4, 5].map(Some));
        assert_eq!(layer.tag(key, ValueRef::Null), None);
        assert_eq!(layer.tag(key, ValueRef::Text("2025-07-01")), Some(4));
    }
}
