//! Counts what a vector tile holds, to see that two servers drew the same features.

use anyhow::{Context, Result};

/// How many features each layer has.
pub(super) fn features(tile: &[u8]) -> Result<usize> {
    let mut count = 0;
    for (field, layer) in Fields(tile) {
        if field == 3 {
            count += Fields(layer.context("a layer without bytes")?).filter(|(field, _)| *field == 2).count();
        }
    }
    Ok(count)
}

/// The sum of the numbers under `key` in all features: of clusters, the features they stand for. One without the number
/// stands for itself.
pub(super) fn sum(tile: &[u8], key: &str) -> Result<u64> {
    let mut total = 0;
    for (_, layer) in Fields(tile).filter(|(field, _)| *field == 3) {
        let layer = layer.context("a layer without bytes")?;
        let of = |n: u64| Fields(layer).filter(move |(field, _)| *field == n).filter_map(|(_, bytes)| bytes);
        let key = of(3).position(|k| k == key.as_bytes()).map(|n| n as u64);
        let values: Vec<u64> = of(4).map(number).collect();
        for feature in of(2) {
            let tags =
                Fields(feature).find(|(field, _)| *field == 2).and_then(|(_, bytes)| bytes).unwrap_or(&[]);
            let tags = varints(tags);
            let mut pairs = tags.chunks_exact(2).filter(|pair| Some(pair[0]) == key);
            total += pairs.next().and_then(|pair| values.get(pair[1] as usize)).copied().unwrap_or(1);
        }
    }
    Ok(total)
}

/// The text under `key` of the feature whose text under `id` is this one.
pub(super) fn text_of(tile: &[u8], id: &str, key: &str) -> Option<String> {
    let (_, layer) = Fields(tile).find(|(field, _)| *field == 3)?;
    let layer = layer?;
    let of = |n: u64| Fields(layer).filter(move |(field, _)| *field == n).filter_map(|(_, bytes)| bytes);
    let key_of = |name: &str| of(3).position(|k| k == name.as_bytes()).map(|n| n as u64);
    let (id_key, wanted) = (key_of("id")?, key_of(key)?);
    let text = |value: &'_ [u8]| {
        let (_, bytes) = Fields(value).find(|(field, _)| *field == 1)?;
        Some(String::from_utf8_lossy(bytes?).into_owned())
    };
    let number = of(4).position(|value| text(value).is_some_and(|t| t == id))? as u64;
    for feature in of(2) {
        let tags = Fields(feature).find(|(field, _)| *field == 2).and_then(|(_, bytes)| bytes).unwrap_or(&[]);
        let tags = varints(tags);
        if tags.chunks_exact(2).any(|pair| *pair == [id_key, number]) {
            let value = tags.chunks_exact(2).find(|pair| pair[0] == wanted)?[1];
            return of(4).nth(value as usize).and_then(text);
        }
    }
    None
}

/// A value that is a whole number, in whichever of the three forms.
fn number(value: &[u8]) -> u64 {
    let mut rest = value;
    let (Some(key), Some(n)) = (varint(&mut rest), varint(&mut rest)) else { return 0 };
    match key >> 3 {
        4 | 5 => n,
        6 => n >> 1,
        _ => 0,
    }
}

fn varints(mut bytes: &[u8]) -> Vec<u64> {
    std::iter::from_fn(|| varint(&mut bytes)).collect()
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The fields of a message, each with its bytes when it has some of its own.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let key = varint(&mut self.0)?;
        let length = match key & 7 {
            0 => {
                varint(&mut self.0)?;
                return Some((key >> 3, None));
            }
            1 => 8,
            2 => varint(&mut self.0)? as usize,
            5 => 4,
            _ => return None,
        };
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some((key >> 3, (key & 7 == 2).then_some(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A layer with the keys "id" and "s", and one feature: "a" and "b".
    #[test]
    fn a_text_is_found_by_the_id() {
        let layer = b"\x12\x06\x12\x04\x00\x00\x01\x01\x1a\x02id\x1a\x01s\x22\x03\x0a\x01a\x22\x03\x0a\x01b";
        let tile = [&[0x1a, layer.len() as u8], &layer[..]].concat();
        assert_eq!(text_of(&tile, "a", "s").as_deref(), Some("b"));
        assert_eq!(text_of(&tile, "b", "s"), None);
    }

    /// A layer with the key "n", the values 5 and 7, and three features: 5, 7, 5.
    fn tile() -> Vec<u8> {
        let feature = |value: u8| vec![0x12, 4, 0x12, 2, 0, value];
        let mut layer = vec![0x0a, 1, b'x'];
        for value in [0, 1, 0] {
            layer.extend(feature(value));
        }
        layer.extend([0x1a, 1, b'n', 0x22, 2, 0x28, 5, 0x22, 2, 0x20, 7]);
        let mut tile = vec![0x1a, layer.len() as u8];
        tile.extend(layer);
        tile
    }

    #[test]
    fn features_are_counted_and_summed() {
        assert_eq!(features(&tile()).unwrap(), 3);
        assert_eq!(sum(&tile(), "n").unwrap(), 17);
        assert_eq!(sum(&tile(), "m").unwrap(), 3);
        assert_eq!(features(&[]).unwrap(), 0);
    }
}
