//! Which tiles a change may show in.

use std::collections::BTreeMap;

use model::Bbox;

use crate::aggregate::Bins;
use crate::lattice::fine;
use crate::{BUFFER, EXTENT, MercatorBox};

/// Deepest zoom of [`tile_ranges`]; deeper tiles are found by their ancestor at this zoom.
pub const LAST_RANGE_ZOOM: u8 = 18;

/// Above this many ranges in a zoom those inside others are no longer looked for, only equal ones.
const COMPARE_PAIRS_UP_TO: usize = 256;

/// For zooms 0 to [`LAST_RANGE_ZOOM`], the tiles whose grown box meets one of the extents (degrees), as inclusive
/// ranges `[x0, y0, x1, y1]`, sorted; ranges inside others are left out. Empty for no extents. Where features are
/// counted in `bins`, the tiles are those that the cell of an extent's middle may show in, too.
///
/// ```
/// let b = model::Bbox { west: 103.9, south: 21.3, east: 103.9, north: 21.3 };
/// assert_eq!(spatial::tile_ranges(&[b], None)[&0], [[0, 0, 0, 0]]);
/// ```
pub fn tile_ranges(extents: &[Bbox], bins: Option<&Bins>) -> BTreeMap<u8, Vec<[u32; 4]>> {
    let boxes: Vec<MercatorBox> = extents.iter().flat_map(MercatorBox::of_degrees).collect();
    if boxes.is_empty() {
        return BTreeMap::new();
    }
    let at = |z: u8| {
        let lattice = bins.and_then(|bins| bins.lattice(z));
        let shown = boxes.iter().map(|b| match lattice {
            Some(lattice) => b.around(&lattice.bounds(lattice.cell(fine(b.middle())))),
            None => *b,
        });
        outermost(shown.map(|b| range(z, &b)).collect())
    };
    (0..=LAST_RANGE_ZOOM).map(|z| (z, at(z))).collect()
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
        let ranges = tile_ranges(&[b, b], None);
        assert_eq!(ranges.len(), 19);
        assert_eq!(ranges[&1], [[0, 0, 1, 1]]);
        let half = 1 << 17;
        assert_eq!(ranges[&18], [[half - 1, half - 1, half, half]]);
    }

    #[test]
    fn a_range_inside_another_is_left_out() {
        let wide = Bbox { west: 103.0, south: 21.0, east: 105.0, north: 22.0 };
        let small = Bbox { west: 104.0, south: 21.5, east: 104.0, north: 21.5 };
        assert_eq!(tile_ranges(&[wide, small], None), tile_ranges(&[wide], None));
        assert!(tile_ranges(&[], None).is_empty());
    }

    #[test]
    fn a_cluster_shows_wherever_its_cell_does() {
        // Eight cells a side: at zoom 10 the place lies in the last column of its tile, so its cluster may stand in the
        // buffer of the next.
        let side = 1024.0;
        let at = crate::Mercator { x: (807.0 + 7.5 / 8.0) / side, y: 450.5 / side }.to_lon_lat();
        let b = Bbox { west: at.lon, south: at.lat, east: at.lon, north: at.lat };
        let bins = Bins::Clusters { per_tile: 8, until: 12 };
        assert_eq!(tile_ranges(&[b], None)[&10], [[807, 450, 807, 450]]);
        assert_eq!(tile_ranges(&[b], Some(&bins))[&10], [[807, 450, 808, 450]]);
        assert_eq!(tile_ranges(&[b], Some(&bins))[&12], tile_ranges(&[b], None)[&12]);
    }

    #[test]
    fn across_the_antimeridian_there_are_two() {
        let b = Bbox { west: 179.0, south: 0.1, east: -179.0, north: 0.2 };
        assert_eq!(tile_ranges(&[b], None)[&4].len(), 2);
    }
}
