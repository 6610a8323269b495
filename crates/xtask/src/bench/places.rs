//! Which tiles are asked for: a seeded list of tiles that have something in them.

use std::collections::BTreeSet;

use super::incidents::Random;

/// Zoom, column, row.
pub(super) type Place = (u8, u32, u32);

/// The tile of a zoom in which a point lies.
pub(super) fn place(z: u8, (lon, lat): (f64, f64)) -> Place {
    let n = f64::from(1u32 << z);
    let (sin, cos) = lat.to_radians().sin_cos();
    let y = (1.0 - (sin / cos + 1.0 / cos).ln() / std::f64::consts::PI) / 2.0;
    (z, ((lon + 180.0) / 360.0 * n) as u32, (y * n) as u32)
}

/// Tiles of these zooms with points, `count` of them, equally many of each zoom as far as there are, in a random order.
pub(super) fn choose(points: &[(f64, f64)], zooms: &[u8], count: usize, seed: u64) -> Vec<Place> {
    let mut random = Random::new(seed);
    let mut chosen = Vec::new();
    for &z in zooms {
        let mut there: BTreeSet<Place> = BTreeSet::new();
        for &point in points {
            there.insert(place(z, point));
        }
        let mut there: Vec<Place> = there.into_iter().collect();
        shuffle(&mut there, &mut random);
        // Few tiles of a low zoom are asked for again and again, so that each zoom has its share.
        let share = count.div_ceil(zooms.len());
        chosen.extend(there.iter().cycle().take(share));
    }
    shuffle(&mut chosen, &mut random);
    chosen
}

fn shuffle(all: &mut [Place], random: &mut Random) {
    for n in (1..all.len()).rev() {
        all.swap(n, random.below(n as u64 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_usual_formula() {
        assert_eq!(place(12, (104.0, 21.4)), (12, 3231, 1798));
        let points = [(104.0, 21.4), (104.5, 21.6)];
        let chosen = choose(&points, &[6, 12], 8, 1);
        assert_eq!(chosen.len(), 8);
        assert_eq!(chosen, choose(&points, &[6, 12], 8, 1));
        assert_eq!(chosen.iter().filter(|(z, ..)| *z == 12).count(), 4);
    }
}
