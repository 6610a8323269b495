//! Web Mercator and its tiles, as the standard defines them: where things must stand, computed without the product.

use std::collections::BTreeSet;

use serde_json::Value;

/// West, south, east, north in degrees.
pub(crate) type Degrees = [f64; 4];

/// A tile: zoom, column, row.
pub(crate) type Tile = (u8, u32, u32);

/// Units of a tile's side, and how far its box is grown.
pub(crate) const EXTENT: f64 = 4096.0;
/// How many units a tile's box is grown by.
pub(crate) const BUFFER: f64 = 64.0;

/// A place in the unit square, x to the east, y to the south.
pub(crate) fn mercator(lon: f64, lat: f64) -> (f64, f64) {
    let y = 0.5 - lat.to_radians().tan().asinh() / std::f64::consts::TAU;
    (lon / 360.0 + 0.5, y)
}

/// Tiles of a zoom that touch a box, grown by `ring` tiles on each side.
pub(crate) fn covering(bounds: Degrees, z: u8, ring: i64) -> Vec<Tile> {
    let side = f64::from(1_u32 << z);
    let (west, north) = mercator(bounds[0], bounds[3]);
    let (east, south) = mercator(bounds[2], bounds[1]);
    let range = |from: f64, to: f64| {
        let (from, to) = ((from * side) as i64 - ring, (to * side) as i64 + ring);
        from.max(0)..=to.min((1 << z) - 1)
    };
    let tile = |x: i64, y: i64| (z, x as u32, y as u32);
    range(north, south).flat_map(|y| range(west, east).map(move |x| tile(x, y))).collect()
}

/// Tiles of a zoom that touch the box of any of these features.
pub(crate) fn around<'a>(features: impl IntoIterator<Item = &'a Value>, z: u8) -> BTreeSet<Tile> {
    features.into_iter().filter_map(bounds).flat_map(|b| covering(b, z, 0)).collect()
}

/// The box around a feature's geometry.
pub(crate) fn bounds(feature: &Value) -> Option<Degrees> {
    positions(&feature["geometry"]["coordinates"])
        .into_iter()
        .map(|[lon, lat]| [lon, lat, lon, lat])
        .reduce(union)
}

/// The box around both.
pub(crate) fn union(a: Degrees, b: Degrees) -> Degrees {
    [a[0].min(b[0]), a[1].min(b[1]), a[2].max(b[2]), a[3].max(b[3])]
}

/// All positions of GeoJSON coordinates, however deep.
pub(crate) fn positions(coordinates: &Value) -> Vec<[f64; 2]> {
    match coordinates.as_array() {
        Some(list) if list.first().is_some_and(Value::is_number) => {
            vec![[list[0].as_f64().unwrap(), list[1].as_f64().unwrap()]]
        }
        Some(list) => list.iter().flat_map(positions).collect(),
        None => Vec::new(),
    }
}

/// Numbers that look random and are the same every time (splitmix64): which tiles are sampled, who writes what.
pub(crate) struct Dice(u64);

impl Dice {
    /// Prints its seed, so that a failure can be told and repeated.
    pub(crate) fn new(test: &str, seed: u64) -> Self {
        println!("{test}: seed {seed}");
        Self(seed)
    }

    /// A number below `n`.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }

    /// At most `n` of these, in their order.
    pub(crate) fn sample<T>(&mut self, mut from: Vec<T>, n: usize) -> Vec<T> {
        while from.len() > n {
            let at = self.below(from.len());
            from.remove(at);
        }
        from
    }
}

#[test]
fn mercator_is_the_usual_one() {
    // Of the OGC tile matrix set: the square ends at 85.0511287798066° north and south.
    let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12;
    assert!(near(mercator(0.0, 0.0), (0.5, 0.5)));
    assert!(near(mercator(-180.0, 85.051_128_779_806_6), (0.0, 0.0)));
    assert_eq!(covering([103.9, 21.3, 103.95, 21.35], 8, 0), [(8, 201, 112)]);
    assert_eq!(covering([103.9, 21.3, 103.95, 21.35], 8, 1).len(), 9);
}
