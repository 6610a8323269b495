//! Writes Mapbox Vector Tiles 2.1: one pass from values to bytes. What a layer repeats (keys, values) stands once,
//! in the order in which it first appears; so the same features in the same order give the same bytes.
//!
//! Source: Mapbox Vector Tile Specification 2.1; field numbers below are its.

use model::ValueRef;
use rustc_hash::FxHashMap;

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
    /// Values written so far, as they stand in the tile.
    known: FxHashMap<Box<[u8]>, u32>,
    // Of the feature being written.
    tags: Vec<u8>,
    geometry: Vec<u8>,
    cursor: GridPoint,
    scratch: Vec<u8>,
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
            known: FxHashMap::default(),
            tags: Vec::new(),
            geometry: Vec::new(),
            cursor: GridPoint { x: 0, y: 0 },
            scratch: Vec::new(),
        }
    }

    /// Adds a key; the caller keeps it and does not add it twice.
    pub(crate) fn key(&mut self, name: &str) -> Key {
        bytes(&mut self.keys, 3, name.as_bytes());
        self.key_count += 1;
        Key(self.key_count - 1)
    }

    /// Gives the feature a value, unless it is null. A list is cold and never in tiles.
    pub(crate) fn tag(&mut self, key: Key, value: ValueRef<'_>) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        if encode_value(&mut scratch, value) {
            let known = self.known.get(scratch.as_slice()).copied();
            let index = known.unwrap_or_else(|| {
                let index = self.push_value(&scratch);
                self.known.insert(scratch.as_slice().into(), index);
                index
            });
            self.push_tag(key, index);
        }
        self.scratch = scratch;
    }

    /// Gives the feature a text that no other feature has; nothing is looked up.
    pub(crate) fn tag_once(&mut self, key: Key, text: &str) {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        encode_value(&mut scratch, ValueRef::Text(text));
        let index = self.push_value(&scratch);
        self.push_tag(key, index);
        self.scratch = scratch;
    }

    fn push_value(&mut self, encoded: &[u8]) -> u32 {
        bytes(&mut self.values, 4, encoded);
        self.value_count += 1;
        self.value_count - 1
    }

    fn push_tag(&mut self, key: Key, index: u32) {
        varint(&mut self.tags, u64::from(key.0));
        varint(&mut self.tags, u64::from(index));
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
        let mut head = std::mem::take(&mut self.scratch);
        head.clear();
        head.push(1 << 3);
        varint(&mut head, id);
        if !self.tags.is_empty() {
            bytes(&mut head, 2, &self.tags);
        }
        head.push(3 << 3);
        head.push(kind as u8);
        head.push(4 << 3 | 2);
        varint(&mut head, self.geometry.len() as u64);
        self.features.push(2 << 3 | 2);
        varint(&mut self.features, (head.len() + self.geometry.len()) as u64);
        self.features.extend_from_slice(&head);
        self.features.extend_from_slice(&self.geometry);
        self.tags.clear();
        self.geometry.clear();
        self.cursor = GridPoint { x: 0, y: 0 };
        self.scratch = head;
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

/// Writes a `Value` message; whether there is a value. Dates and instants are ISO 8601 text, as in GeoJSON.
fn encode_value(out: &mut Vec<u8>, value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Null | ValueRef::List(_) => return false,
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
    true
}
