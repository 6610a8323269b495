//! The rows that reach farthest to each side: the box of what lives among many rows is then found without looking at
//! all of them, however many died.

use model::Bbox;

/// Rows kept per side. When all of them have died, all rows are looked at.
const MOST: usize = 32;

/// Per side the rows that reach farthest, the farthest first.
#[derive(Debug)]
pub(crate) struct Rims {
    len: usize,
    sides: [Vec<u32>; 4],
}

/// How far a box reaches to a side: west, south, east, north.
fn reach(b: &Bbox, side: usize) -> f64 {
    [-b.west, -b.south, b.east, b.north][side]
}

impl Rims {
    /// Of the rows below `len`; `bbox` gives their boxes.
    pub(crate) fn of(len: usize, bbox: impl Fn(usize) -> Option<Bbox>) -> Rims {
        let sides = [0, 1, 2, 3].map(|side| {
            let mut rows: Vec<(f64, u32)> =
                (0..len).filter_map(|row| Some((reach(&bbox(row)?, side), row as u32))).collect();
            let farthest = |a: &(f64, u32), b: &(f64, u32)| b.0.total_cmp(&a.0);
            if rows.len() > MOST {
                rows.select_nth_unstable_by(MOST, farthest);
                rows.truncate(MOST);
            }
            rows.sort_unstable_by(farthest);
            rows.into_iter().map(|(_, row)| row).collect()
        });
        Rims { len, sides }
    }

    /// The box of the rows that live; `None` when there are none.
    pub(crate) fn bounds(
        &self,
        bbox: impl Fn(usize) -> Option<Bbox>,
        lives: impl Fn(usize) -> bool,
    ) -> Option<Bbox> {
        let mut found = [0.0; 4];
        for (side, rows) in self.sides.iter().enumerate() {
            let known = rows.iter().map(|row| *row as usize).find(|row| lives(*row));
            found[side] = match known {
                Some(row) => reach(&bbox(row)?, side),
                None if rows.len() < MOST => return None,
                None => {
                    let rows = (0..self.len).filter(|row| lives(*row));
                    rows.filter_map(|row| Some(reach(&bbox(row)?, side))).reduce(f64::max)?
                }
            };
        }
        let [west, south, east, north] = found;
        Some(Bbox { west: -west, south: -south, east, north })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_box_is_that_of_what_lives() {
        let at = |n: usize| {
            let (x, y) = ((n * 37 % 101) as f64, (n * 53 % 97) as f64);
            Some(Bbox { west: x, south: y, east: x + 1.0, north: y })
        };
        let rims = Rims::of(90, at);
        for every in 1..90 {
            let lives = |n: usize| n.is_multiple_of(every) && n > 3;
            let plain =
                (0..90).filter(|n| lives(*n)).filter_map(at).reduce(|a, b| crate::geometry::union(&a, &b));
            assert_eq!(rims.bounds(at, lives), plain, "every {every}");
        }
        assert_eq!(rims.bounds(at, |_| false), None);
    }
}
