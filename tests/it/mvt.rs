//! A reader of Mapbox vector tiles written for the tests alone, from the specification: what we write is judged by
//! somebody else's eyes. It panics at anything the specification does not allow.

use std::collections::BTreeMap;

use serde_json::Value;

/// A place in units of the tile.
pub(crate) type Spot = (i64, i64);

/// One layer of a tile.
#[derive(Debug, Default)]
pub(crate) struct TileLayer {
    pub(crate) name: String,
    pub(crate) extent: u64,
    pub(crate) features: Vec<TileFeature>,
}

/// One feature of a layer.
#[derive(Debug, Default)]
pub(crate) struct TileFeature {
    pub(crate) fid: u64,
    pub(crate) properties: BTreeMap<String, Value>,
    /// 1 points, 2 lines, 3 polygons.
    pub(crate) kind: u64,
    /// Points as one path; lines; rings without the repeated first vertex.
    pub(crate) paths: Vec<Vec<Spot>>,
}

impl TileFeature {
    /// The property `id`.
    #[track_caller]
    pub(crate) fn id(&self) -> &str {
        self.properties["id"].as_str().expect("the property id is a text")
    }

    /// Rings as polygons: each exterior (clockwise on the screen) with the holes that follow it.
    #[track_caller]
    pub(crate) fn polygons(&self) -> Vec<Vec<&[Spot]>> {
        assert_eq!(self.kind, 3, "not a polygon");
        let mut all: Vec<Vec<&[Spot]>> = Vec::new();
        for ring in &self.paths {
            match doubled_area(ring) {
                0 => panic!("a ring without area: {ring:?}"),
                area if area > 0 => all.push(vec![ring]),
                _ => all.last_mut().expect("a hole before any exterior").push(ring),
            }
        }
        all
    }
}

/// Twice the area by the surveyor's formula, positive when the ring runs clockwise with y down.
pub(crate) fn doubled_area(ring: &[Spot]) -> i64 {
    let next = ring.iter().cycle().skip(1);
    ring.iter().zip(next).map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum()
}

/// The layers of a tile; none for an empty one.
#[track_caller]
pub(crate) fn decode(bytes: &[u8]) -> Vec<TileLayer> {
    let layers: Vec<TileLayer> = fields(bytes)
        .map(|(number, part)| {
            assert_eq!(number, 3, "a tile holds layers only");
            layer(part.bytes())
        })
        .collect();
    for (i, layer) in layers.iter().enumerate() {
        assert!(layers[..i].iter().all(|l| l.name != layer.name), "layer {} stands twice", layer.name);
    }
    layers
}

/// The features of one layer of a tile.
#[track_caller]
pub(crate) fn features(bytes: &[u8], layer: &str) -> Vec<TileFeature> {
    let found = decode(bytes).into_iter().find(|l| l.name == layer);
    found.map(|l| l.features).unwrap_or_default()
}

#[track_caller]
fn layer(bytes: &[u8]) -> TileLayer {
    let (mut out, mut version) = (TileLayer { extent: 4096, ..TileLayer::default() }, 0);
    let (mut raw, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (number, part) in fields(bytes) {
        match number {
            1 => out.name = part.text(),
            2 => raw.push(part.bytes()),
            3 => keys.push(part.text()),
            4 => values.push(value(part.bytes())),
            5 => out.extent = part.number(),
            15 => version = part.number(),
            other => panic!("field {other} of a layer"),
        }
    }
    assert_eq!(version, 2, "the version of the layer {}", out.name);
    assert!(!raw.is_empty(), "a layer without features");
    out.features = raw.into_iter().map(|bytes| feature(bytes, &keys, &values)).collect();
    out
}

#[track_caller]
fn feature(bytes: &[u8], keys: &[String], values: &[Value]) -> TileFeature {
    let (mut out, mut tags, mut commands) = (TileFeature::default(), Vec::new(), Vec::new());
    for (number, part) in fields(bytes) {
        match number {
            1 => out.fid = part.number(),
            2 => tags = packed(part.bytes()),
            3 => out.kind = part.number(),
            4 => commands = packed(part.bytes()),
            other => panic!("field {other} of a feature"),
        }
    }
    assert!(tags.len().is_multiple_of(2), "an odd number of tags");
    for pair in tags.chunks(2) {
        let (key, value) = (&keys[pair[0] as usize], &values[pair[1] as usize]);
        assert!(out.properties.insert(key.clone(), value.clone()).is_none(), "{key} stands twice");
    }
    assert!((1..=3).contains(&out.kind), "geometry of kind {}", out.kind);
    out.paths = paths(&commands, out.kind);
    out
}

#[track_caller]
fn paths(commands: &[u64], kind: u64) -> Vec<Vec<Spot>> {
    let mut left = commands.iter().copied();
    let (mut all, mut at): (Vec<Vec<Spot>>, Spot) = (Vec::new(), (0, 0));
    while let Some(command) = left.next() {
        let (what, count) = (command & 7, command >> 3);
        match what {
            1 => assert!(kind == 1 || count == 1, "one move begins a line or ring"),
            2 => assert!(kind > 1 && count > 0 && !all.is_empty(), "a line to from nowhere"),
            7 => assert!(kind == 3 && count == 1 && all.last().unwrap().len() > 2, "a ring closes"),
            other => panic!("command {other}"),
        }
        if what == 7 {
            continue;
        }
        for n in 0..count {
            let mut step = || unzigzag(left.next().expect("a parameter"));
            at = (at.0 + step(), at.1 + step());
            let begins = what == 1 && (kind != 1 || (n == 0 && all.is_empty()));
            if begins {
                all.push(Vec::new());
            }
            let path = all.last_mut().unwrap();
            assert!(kind == 1 || path.last() != Some(&at), "a vertex is repeated");
            path.push(at);
        }
    }
    assert!(!all.is_empty(), "a feature without geometry");
    assert!(kind != 2 || all.iter().all(|line| line.len() > 1), "a line of one vertex");
    all
}

#[track_caller]
fn value(bytes: &[u8]) -> Value {
    let (number, part) = fields(bytes).next().expect("a value");
    match (number, part) {
        (1, part) => part.text().into(),
        (2, Part::Four(b)) => f32::from_le_bytes(b).into(),
        (3, Part::Eight(b)) => f64::from_le_bytes(b).into(),
        (4, part) => (part.number() as i64).into(),
        (5, part) => part.number().into(),
        (6, part) => unzigzag(part.number()).into(),
        (7, part) => (part.number() != 0).into(),
        other => panic!("a value of {other:?}"),
    }
}

fn unzigzag(n: u64) -> i64 {
    ((n >> 1) as i64) ^ -((n & 1) as i64)
}

/// One field of a protocol buffer.
#[derive(Debug)]
enum Part<'a> {
    Number(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'a [u8]),
}

impl<'a> Part<'a> {
    #[track_caller]
    fn number(&self) -> u64 {
        let Part::Number(n) = self else { panic!("no number: {self:?}") };
        *n
    }

    #[track_caller]
    fn bytes(&self) -> &'a [u8] {
        let Part::Bytes(bytes) = self else { panic!("no bytes: {self:?}") };
        bytes
    }

    #[track_caller]
    fn text(&self) -> String {
        String::from_utf8(self.bytes().to_vec()).expect("a text is UTF-8")
    }
}

fn fields(bytes: &[u8]) -> impl Iterator<Item = (u64, Part<'_>)> {
    let mut left = bytes;
    std::iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        let tag = varint(&mut left);
        let part = match tag & 7 {
            0 => Part::Number(varint(&mut left)),
            1 => Part::Eight(take(&mut left, 8).try_into().unwrap()),
            2 => {
                let length = varint(&mut left) as usize;
                Part::Bytes(take(&mut left, length))
            }
            5 => Part::Four(take(&mut left, 4).try_into().unwrap()),
            other => panic!("wire type {other}"),
        };
        Some((tag >> 3, part))
    })
}

#[track_caller]
fn take<'a>(left: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (head, tail) = left.split_at_checked(count).expect("the tile ends too early");
    *left = tail;
    head
}

#[track_caller]
fn varint(left: &mut &[u8]) -> u64 {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(left, 1)[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return number;
        }
    }
    panic!("a number of more than 64 bits")
}

#[track_caller]
fn packed(bytes: &[u8]) -> Vec<u64> {
    let mut left = bytes;
    let mut all = Vec::new();
    while !left.is_empty() {
        all.push(varint(&mut left));
    }
    all
}

#[test]
fn reads_the_example_of_the_specification() {
    // The polygons of section 4.3.5.6 of version 2.1: two exteriors, the second with a hole.
    let commands = [
        9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0, 8, 8,
        0, 0, 7, 15,
    ];
    let feature = TileFeature { kind: 3, paths: paths(&commands, 3), ..TileFeature::default() };
    assert_eq!(feature.paths[0], [(0, 0), (10, 0), (10, 10), (0, 10)]);
    assert_eq!(feature.paths[2], [(13, 13), (13, 17), (17, 17), (17, 13)]);
    assert_eq!(feature.polygons().iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
}
