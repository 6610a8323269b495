//! Seeded randomness: xoshiro256** streams. Every purpose has a stream of its own, named by a word, so that
//! a change in one part of the ward leaves the other parts as they were. No floating-point functions beyond
//! the four operations are used, so the same seed gives the same bytes on every machine.

/// A stream of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random([u64; 4]);

impl Random {
    /// The stream `name` of `seed`.
    pub(crate) fn new(seed: u64, name: &str) -> Random {
        // FNV-1a over the name, then SplitMix64 to fill the state.
        let mut state = name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ seed.rotate_left(17), |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3)
        });
        Random(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// 64 random bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A number in `[0, 1)`.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in `[low, high)`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `low..=high`.
    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        low + (self.unit() * (high - low + 1) as f64) as i64
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// A bell-shaped number with mean 0 and deviation 1 (a sum of twelve uniform ones).
    pub(crate) fn bell(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// An index, with the given weights. The weights must not all be 0.
    pub(crate) fn weighted(&mut self, weights: &[f64]) -> usize {
        let mut at = self.unit() * weights.iter().sum::<f64>();
        for (i, w) in weights.iter().enumerate() {
            if at < *w {
                return i;
            }
            at -= w;
        }
        weights.iter().rposition(|w| *w > 0.0).unwrap_or_default()
    }

    /// One of the items, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[(self.unit() * items.len() as f64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_differ_and_repeat() {
        let first = |seed, name| Random::new(seed, name).bits();
        assert_eq!(first(7, "mesh"), first(7, "mesh"));
        assert_ne!(first(7, "mesh"), first(8, "mesh"));
        assert_ne!(first(7, "mesh"), first(7, "sites"));
    }

    #[test]
    fn numbers_keep_their_ranges_and_means() {
        let mut r = Random::new(1, "test");
        let n = 20_000;
        let mean = (0..n).map(|_| r.unit()).sum::<f64>() / f64::from(n);
        // Four standard errors of a uniform mean: 4 × 0.2887 / √n ≈ 0.0082.
        assert!((mean - 0.5).abs() < 0.0083, "{mean}");
        assert!((0..n).all(|_| (3..=5).contains(&r.whole(3, 5))));
        let picked = (0..n).filter(|_| r.weighted(&[1.0, 0.0, 3.0]) == 2).count() as f64 / f64::from(n);
        assert!((picked - 0.75).abs() < 0.0123, "{picked}");
    }
}
