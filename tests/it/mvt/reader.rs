//! The bytes of a vector tile, read strictly: version 2.1 of the specification (and version 1 in what it shares with it).

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::{Spot, TileFeature, TileLayer};

/// The layers of a tile; none for an empty one.
///
/// # Errors
/// Says what the specification does not allow.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<TileLayer>> {
    let mut layers: Vec<TileLayer> = Vec::new();
    for field in fields(bytes) {
        let (number, part) = field?;
        ensure!(number == 3, "field {number} of a tile, which holds layers only");
        let layer = layer(part.bytes()?)?;
        ensure!(layers.iter().all(|l| l.name != layer.name), "layer {} stands twice", layer.name);
        layers.push(layer);
    }
    Ok(layers)
}

fn layer(bytes: &[u8]) -> Result<TileLayer> {
    let (mut name, mut extent, mut version) = (None, 4096, None);
    let (mut raw, mut keys, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for field in fields(bytes) {
        let (number, part) = field?;
        match number {
            1 => ensure!(name.replace(part.text()?).is_none(), "a layer with two names"),
            2 => raw.push(part.bytes()?),
            3 => keys.push(part.text()?),
            4 => values.push(value(part.bytes()?)?),
            5 => extent = part.number()?,
            15 => version = Some(part.number()?),
            other => bail!("field {other} of a layer"),
        }
    }
    let name = name.context("a layer without a name")?;
    let version = version.with_context(|| format!("layer {name} has no version"))?;
    ensure!((1..=2).contains(&version), "layer {name} of version {version}");
    let features: Result<Vec<_>> = raw.into_iter().map(|bytes| feature(bytes, &keys, &values)).collect();
    let features = features.with_context(|| format!("layer {name}"))?;
    Ok(TileLayer { name, version, extent, features })
}

fn feature(bytes: &[u8], keys: &[String], values: &[Value]) -> Result<TileFeature> {
    let (mut out, mut kind, mut commands) = (TileFeature::default(), None, None);
    let mut tags = Vec::new();
    for field in fields(bytes) {
        let (number, part) = field?;
        match number {
            1 => out.fid = part.number()?,
            2 => tags = packed(part.bytes()?)?,
            3 => kind = Some(part.number()?),
            4 => ensure!(commands.replace(packed(part.bytes()?)?).is_none(), "a feature with two geometries"),
            other => bail!("field {other} of a feature"),
        }
    }
    ensure!(tags.len().is_multiple_of(2), "an odd number of tags");
    for pair in tags.chunks(2) {
        let key = keys.get(pair[0] as usize).with_context(|| format!("no key {}", pair[0]))?;
        let value = values.get(pair[1] as usize).with_context(|| format!("no value {}", pair[1]))?;
        ensure!(out.properties.insert(key.clone(), value.clone()).is_none(), "{key} stands twice");
    }
    out.kind = kind.context("a feature without a kind of geometry")?;
    ensure!(out.kind <= 3, "geometry of kind {}", out.kind);
    let commands = commands.context("a feature without geometry")?;
    if out.kind != 0 {
        out.paths = paths(&commands, out.kind)?;
    }
    Ok(out)
}

fn paths(commands: &[u64], kind: u64) -> Result<Vec<Vec<Spot>>> {
    let mut left = commands.iter().copied();
    let (mut all, mut at): (Vec<Vec<Spot>>, Spot) = (Vec::new(), (0, 0));
    let mut closed = true;
    while let Some(command) = left.next() {
        let (what, count) = (command & 7, command >> 3);
        let long_enough = |path: Option<&Vec<Spot>>| path.is_some_and(|path| path.len() >= kind as usize);
        match what {
            1 => {
                ensure!(count > 0 && (kind == 1 || count == 1), "one move begins a line or ring");
                ensure!(kind != 3 || closed, "a ring that does not close");
                ensure!(all.is_empty() || (kind > 1 && long_enough(all.last())), "a path too short");
                closed = false;
            }
            2 => ensure!(kind > 1 && count > 0 && !closed, "a line to from nowhere"),
            7 => {
                ensure!(kind == 3 && count == 1 && !closed && long_enough(all.last()), "a ring closes");
                closed = true;
                continue;
            }
            other => bail!("command {other}"),
        }
        for n in 0..count {
            let mut step = || left.next().map(unzigzag).context("a parameter is missing");
            at = (at.0 + step()?, at.1 + step()?);
            if what == 1 && n == 0 {
                all.push(Vec::new());
            }
            let path = all.last_mut().context("no path was begun")?;
            ensure!(kind == 1 || path.last() != Some(&at), "a vertex is repeated");
            path.push(at);
        }
    }
    ensure!(kind != 3 || closed, "a ring that does not close");
    ensure!(!all.is_empty(), "a feature without geometry");
    ensure!(kind != 2 || all.iter().all(|line| line.len() > 1), "a line of one vertex");
    Ok(all)
}

fn value(bytes: &[u8]) -> Result<Value> {
    let mut all = BTreeMap::new();
    for field in fields(bytes) {
        let (number, part) = field?;
        let value: Value = match (number, part) {
            (1, part) => part.text()?.into(),
            (2, Part::Four(b)) => f32::from_le_bytes(b).into(),
            (3, Part::Eight(b)) => f64::from_le_bytes(b).into(),
            (4, part) => (part.number()? as i64).into(),
            (5, part) => part.number()?.into(),
            (6, part) => unzigzag(part.number()?).into(),
            (7, part) => (part.number()? != 0).into(),
            other => bail!("a value of {other:?}"),
        };
        all.insert(number, value);
    }
    ensure!(all.len() == 1, "a value of {} kinds", all.len());
    all.into_values().next().context("a value")
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
    fn number(&self) -> Result<u64> {
        let Part::Number(n) = self else { bail!("no number: {self:?}") };
        Ok(*n)
    }

    fn bytes(&self) -> Result<&'a [u8]> {
        let Part::Bytes(bytes) = self else { bail!("no bytes: {self:?}") };
        Ok(bytes)
    }

    fn text(&self) -> Result<String> {
        String::from_utf8(self.bytes()?.to_vec()).context("a text is UTF-8")
    }
}

/// The fields of a message; after one that cannot be read there are none.
fn fields(bytes: &[u8]) -> impl Iterator<Item = Result<(u64, Part<'_>)>> {
    let mut left = bytes;
    std::iter::from_fn(move || {
        if left.is_empty() {
            return None;
        }
        let found = field(&mut left);
        if found.is_err() {
            left = &[];
        }
        Some(found)
    })
}

fn field<'a>(left: &mut &'a [u8]) -> Result<(u64, Part<'a>)> {
    let tag = varint(left)?;
    let part = match tag & 7 {
        0 => Part::Number(varint(left)?),
        1 => Part::Eight(take(left, 8)?.try_into()?),
        2 => {
            let length = usize::try_from(varint(left)?)?;
            Part::Bytes(take(left, length)?)
        }
        5 => Part::Four(take(left, 4)?.try_into()?),
        other => bail!("wire type {other}"),
    };
    Ok((tag >> 3, part))
}

fn take<'a>(left: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (head, tail) = left.split_at_checked(count).context("the tile ends too early")?;
    *left = tail;
    Ok(head)
}

fn varint(left: &mut &[u8]) -> Result<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(left, 1)?[0];
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    bail!("a number of more than 64 bits")
}

fn packed(bytes: &[u8]) -> Result<Vec<u64>> {
    let mut left = bytes;
    let mut all = Vec::new();
    while !left.is_empty() {
        all.push(varint(&mut left)?);
    }
    Ok(all)
}

#[test]
fn reads_the_example_of_the_specification() {
    // The polygons of section 4.3.5.6 of version 2.1: two exteriors, the second with a hole.
    let commands = [
        9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26, 0, 8, 8,
        0, 0, 7, 15,
    ];
    let feature = TileFeature { kind: 3, paths: paths(&commands, 3).unwrap(), ..TileFeature::default() };
    assert_eq!(feature.paths[0], [(0, 0), (10, 0), (10, 10), (0, 10)]);
    assert_eq!(feature.paths[2], [(13, 13), (13, 17), (17, 17), (17, 13)]);
    assert_eq!(feature.polygons().iter().map(Vec::len).collect::<Vec<_>>(), [1, 2]);
}
