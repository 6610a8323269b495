//! A tile's number: zooms one after the other, in each the place on the Hilbert curve. Neighbours on the curve are
//! neighbours on the map, and the four children of a tile follow one another like their parents.

use super::PmTilesError;

/// The number of a tile in PMTiles.
pub type TileId = u64;

/// Deepest zoom whose numbers the format can hold.
const DEEPEST: u8 = 31;

/// The number of the first tile of a zoom: as many tiles as all zooms above have.
fn first_of(z: u8) -> TileId {
    ((1_u64 << (2 * u32::from(z))) - 1) / 3
}

/// The number of a tile; `None` outside the grid.
///
/// ```
/// use store::format::pmtiles::id_of;
/// assert_eq!([id_of(0, 0, 0), id_of(1, 0, 0), id_of(1, 1, 0)], [Some(0), Some(1), Some(4)]);
/// ```
pub fn id_of(z: u8, x: u32, y: u32) -> Option<TileId> {
    if z > DEEPEST || u64::from(x) >> z != 0 || u64::from(y) >> z != 0 {
        return None;
    }
    let (mut x, mut y, mut along) = (x, y, 0_u64);
    for bit in (0..z).rev() {
        let (right, below) = ((x >> bit) & 1, (y >> bit) & 1);
        along = along << 2 | u64::from((3 * right) ^ below);
        if below == 0 {
            if right == 1 {
                // Only the bits not yet looked at matter from here on.
                (x, y) = (!x, !y);
            }
            (x, y) = (y, x);
        }
    }
    Some(first_of(z) + along)
}

/// The tile of a number: zoom, column, row.
///
/// # Errors
/// [`PmTilesError::Damaged`] for a number that no zoom of the format has.
pub fn place_of(id: TileId) -> Result<(u8, u32, u32), PmTilesError> {
    let z = (0..=DEEPEST)
        .rev()
        .find(|z| first_of(*z) <= id)
        .filter(|z| *z < DEEPEST || id < first_of(DEEPEST) + (1 << 62));
    let z = z.ok_or(PmTilesError::Damaged("a tile number beyond the deepest zoom"))?;
    let (mut x, mut y, mut along) = (0_u32, 0_u32, id - first_of(z));
    for bit in 0..z {
        let right = (along >> 1) as u32 & 1;
        let below = (along as u32 & 1) ^ right;
        if below == 0 {
            if right == 1 {
                let far = (1_u32 << bit) - 1;
                (x, y) = (far - x, far - y);
            }
            (x, y) = (y, x);
        }
        (x, y) = (x | right << bit, y | below << bit);
        along >>= 2;
    }
    Ok((z, x, y))
}

/// The four tiles that a tile is divided into at the next zoom, in the order of their numbers.
pub fn children(z: u8, id: TileId) -> impl Iterator<Item = TileId> {
    let first = first_of(z + 1) + 4 * (id - first_of(z));
    first..first + 4
}
