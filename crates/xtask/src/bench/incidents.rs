//! Made-up incidents for measuring: clustered along streets and evenings, with Vietnamese addresses. The same seed makes
//! the same file.

use std::fmt::Write as _;

/// A small generator of random numbers (SplitMix64).
pub(super) struct Random(u64);

impl Random {
    /// One that always gives the same numbers for a seed.
    pub(super) fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from 0 to `n` − 1.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    fn one<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.below(all.len() as u64) as usize]
    }

    /// Roughly normal, from −3 to 3.
    fn bell(&mut self) -> f64 {
        (0..6).map(|_| self.unit() - 0.5).sum::<f64>()
    }
}

const STREETS: [&str; 12] = [
    "Đường Mẫu Lớn",
    "Đường Chợ Mới",
    "Đường Bờ Suối",
    "Đường Trường Học",
    "Đường Ga Cũ",
    "Đường Đồi Chè",
    "Đường Cầu Trắng",
    "Đường Vườn Ươm",
    "Đường Nhà Máy",
    "Đường Hoa Ban",
    "Đường Thác Nước",
    "Đường Sân Vận Động",
];
const PLACES: [&str; 5] = ["Số", "Ngõ", "Trước số", "Đối diện số", "Gần số"];
const CATEGORIES: [&str; 6] = ["theft", "burglary", "public_order", "vehicle", "damage", "other"];
const FOUND_BY: [&str; 4] = ["citizen", "citizen", "citizen", "patrol"];
/// Hours of a day as they are drawn: evenings more often.
const HOURS: [u64; 12] = [8, 10, 12, 15, 17, 18, 18, 19, 19, 20, 21, 22];

/// A CSV file of `count` incidents in a box of degrees (west, south, east, north), in the years 2023 to 2025.
pub(super) fn csv(count: usize, seed: u64, [west, south, east, north]: [f64; 4]) -> String {
    let mut random = Random(seed);
    let centres: Vec<(f64, f64)> = (0..60)
        .map(|_| (west + random.unit() * (east - west), south + random.unit() * (north - south)))
        .collect();
    let spread = ((east - west).min(north - south)) / 40.0;
    let mut text = String::with_capacity(count * 120);
    text.push_str("ref,category,occurred_from,date_precision,found_by,severity,address,lon,lat\n");
    for n in 0..count {
        // Squaring makes the first centres the busy ones.
        let share = random.unit();
        let (x, y) = centres[(share * share * centres.len() as f64) as usize];
        let lon = (x + random.bell() * spread).clamp(west, east);
        let lat = (y + random.bell() * spread).clamp(south, north);
        let day = random.below(3 * 336);
        let (year, month, day) = (2023 + day / 336, day % 336 / 28 + 1, day % 28 + 1);
        let hour = HOURS[random.below(HOURS.len() as u64) as usize];
        let minute = random.below(60);
        let (place, house, street) = (random.one(&PLACES), random.below(240) + 1, random.one(&STREETS));
        let (category, found_by) = (random.one(&CATEGORIES), random.one(&FOUND_BY));
        let severity = random.one(&["minor", "minor", "moderate", "serious"]);
        // Writing to a text does not fail.
        let _ = writeln!(
            text,
            "B{n},{category},{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00+07:00,minute,{found_by},{severity},\"{place} {house} {street}\",{lon:.6},{lat:.6}",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_one_file_and_every_row_is_whole() {
        let bounds = [103.9, 21.3, 103.95, 21.35];
        let text = csv(500, 7, bounds);
        assert_eq!(text, csv(500, 7, bounds));
        assert_ne!(text, csv(500, 8, bounds));
        assert_eq!(text.lines().count(), 501);
        for line in text.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            assert_eq!(cells.len(), 9, "{line}");
            let (lon, lat): (f64, f64) = (cells[7].parse().unwrap(), cells[8].parse().unwrap());
            assert!((bounds[0]..=bounds[2]).contains(&lon) && (bounds[1]..=bounds[3]).contains(&lat));
        }
    }
}
