//! Which tiles a change may show in.

use std::collections::BTreeMap;

use model::Bbox;

use crate::{BUFFER, EXTENT, MercatorBox};

/// Deepest zoom of [`tile_ranges`]; deeper tiles are found by their ancestor at this zoom.
pub const LAST_RANGE_ZOOM: u8 = 18;

/// Above this many ranges in a zoom those inside others are no longer looked for, only equal ones.
const COMPARE_PAIRS_UP_TO: usize = 256;

/// For zooms 0 to [`LAST_RANGE_ZOOM`], the tiles whose grown box meets one of the extents (degrees), as inclusive
/// ranges `[x0, y0, x1, y1]`, sorted; ranges inside others are left out. Empty for no extents.
///
/// ```
/// let b = model::Bbox { west: 103.9, south: 21.3, east: 103.9, north: 21.3 };
/// assert_eq!(spatial::tile_ranges(&[b])[&0], [[0, 0, 0, 0]]);
/// ```
pub fn tile_ranges(extents: &[Bbox]) -> BTreeMap<u8, Vec<[u32; 4]>> {
    let boxes: Vec<MercatorBox> = extents.iter().flat_map(MercatorBox::of_degrees).collect();
    if boxes.is_empty() {
        return BTreeMap::new();
    }
    (0..=LAST_RANGE_ZOOM).map(|z| (z, outermost(boxes.iter().map(|b| range(z, b)).collect()))).collect()
}

/// Tile t reaches from t − g to t + 1 + g, both included.
fn range(z: u8, b: &MercatorBox) -> [u32; 4] {
    let side = f64::from(1_u32 << z);
    let g = f64::from(BUFFER) / f64::from(EXTENT);
    let first = |v: f64| (v * side - 1.0 - g).ceil().clamp(0.0, side - 1.0) as u32;
    let last = |v: f64| (v * side + g).floor().clamp(0.0, side - 1.0) as u32;
    [first(b.min_x), first(b.min_y), last(b.max_x), last(b.max_y)]
}

fn outermost(mut ranges: Vec<[u32; 4]>) -> Vec<[u32; 4]> {
    ranges.sort_unstable();
    ranges.dedup();
    if ranges.len() > COMPARE_PAIRS_UP_TO {
        return ranges;
    }
    let inside = |a: &[u32; 4], b: &[u32; 4]| a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3];
    let all = ranges.clone();
    ranges.retain(|r| !all.iter().any(|other| other != r && inside(r, other)));
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_near_a_corner_is_in_four_tiles() {
        // Longitude 0, latitude 0 is a corner of four tiles at every zoom from 1.
        let b = Bbox { west: 0.0, south: 0.0, east: 0.0, north: 0.0 };
        let ranges = tile_ranges(&[b, b]);
        assert_eq!(ranges.len(), 19);
        assert_eq!(ranges[&1], [[0, 0, 1, 1]]);
        let half = 1 << 17;
        assert_eq!(ranges[&18], [[half - 1, half - 1, half, half]]);
    }

    #[test]
    fn a_range_inside_another_is_left_out() {
        let wide = Bbox { west: 103.0, south: 21.0, east: 105.0, north: 22.0 };
        let small = Bbox { west: 104.0, south: 21.5, east: 104.0, north: 21.5 };
        assert_eq!(tile_ranges(&[wide, small]), tile_ranges(&[wide]));
        assert!(tile_ranges(&[]).is_empty());
    }

    #[test]
    fn across_the_antimeridian_there_are_two() {
        let b = Bbox { west: 179.0, south: 0.1, east: -179.0, north: 0.2 };
        assert_eq!(tile_ranges(&[b])[&4].len(), 2);
    }
}
