//! A set of row numbers in pages that copies share: setting a bit in a copy copies one page, however many rows there are.

use std::sync::Arc;

/// Words of a page: 8,192 rows, a kilobyte.
const WORDS: usize = 128;

/// 64 rows to a word.
type Page = [u64; WORDS];

/// One bit per row. A page without a bit takes no room.
#[derive(Debug, Clone)]
pub(crate) struct Paged {
    pages: Arc<[Option<Arc<Page>>]>,
    count: usize,
}

impl Paged {
    /// No bit set, room for `len`.
    pub(crate) fn new(len: usize) -> Paged {
        Paged { pages: vec![None; len.div_ceil(WORDS * 64)].into(), count: 0 }
    }

    /// How many bits are set.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    /// Sets a bit.
    pub(crate) fn set(&mut self, i: usize) {
        let page =
            Arc::make_mut(&mut self.pages)[i / (WORDS * 64)].get_or_insert_with(|| Arc::new([0; WORDS]));
        let word = &mut Arc::make_mut(page)[i / 64 % WORDS];
        let bit = 1 << (i % 64);
        self.count += usize::from(*word & bit == 0);
        *word |= bit;
    }

    /// Whether a bit is set.
    pub(crate) fn get(&self, i: usize) -> bool {
        self.count > 0 && self.at(i / 64) >> (i % 64) & 1 == 1
    }

    fn at(&self, word: usize) -> u64 {
        self.pages.get(word / WORDS).and_then(Option::as_ref).map_or(0, |page| page[word % WORDS])
    }

    /// The bits of `len` rows from `first`, at most 64.
    pub(crate) fn word(&self, first: usize, len: usize) -> u64 {
        let (at, shift) = (first / 64, first % 64);
        let mut word = self.at(at) >> shift;
        if shift > 0 && shift + len > 64 {
            word |= self.at(at + 1) << (64 - shift);
        }
        if len < 64 { word & ((1 << len) - 1) } else { word }
    }

    /// Bits set here and not in `before`, of which this is a copy with more of them. Pages that both share are not
    /// looked at.
    pub(crate) fn since<'a>(&'a self, before: &'a Paged) -> impl Iterator<Item = usize> + 'a {
        let pages = self.pages.iter().zip(before.pages.iter()).enumerate();
        let changed = pages.filter_map(|(n, (page, old))| {
            let page = page.as_ref()?;
            let same = old.as_ref().is_some_and(|old| Arc::ptr_eq(page, old));
            (!same).then_some((n, page, old))
        });
        changed.flat_map(|(n, page, old)| {
            let words = page.iter().enumerate().map(move |(w, bits)| {
                let old = old.as_ref().map_or(0, |old| old[w]);
                ((n * WORDS + w) * 64, bits & !old)
            });
            words
                .flat_map(|(first, bits)| (0..64).filter(move |n| bits >> n & 1 == 1).map(move |n| first + n))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_what_it_does_not_change() {
        let mut first = Paged::new(20_000);
        first.set(3);
        first.set(9_000);
        let mut second = first.clone();
        second.set(9_001);
        second.set(9_001);
        assert_eq!((first.count(), second.count()), (2, 3));
        assert!(!first.get(9_001) && second.get(9_001) && second.get(3) && !second.get(19_999));
        let page = |of: &Paged, n: usize| of.pages[n].clone().unwrap();
        assert!(Arc::ptr_eq(&page(&first, 0), &page(&second, 0)));
        assert!(first.pages[2].is_none());
        assert_eq!(second.since(&first).collect::<Vec<_>>(), [9_001]);
        assert_eq!(second.since(&Paged::new(20_000)).collect::<Vec<_>>(), [3, 9_000, 9_001]);
    }

    #[test]
    fn words_are_those_of_the_bits() {
        let mut bits = Paged::new(8_300);
        for i in [0, 63, 64, 130, 8_191, 8_192, 8_299] {
            bits.set(i);
        }
        for first in [0, 1, 60, 64, 100, 8_150, 8_191, 8_236] {
            for len in [1, 17, 63, 64] {
                let plain = (0..len).filter(|n| first + n < 8_300 && bits.get(first + n));
                let plain = plain.fold(0_u64, |word, n| word | 1 << n);
                assert_eq!(bits.word(first, len), plain, "{len} from {first}");
            }
        }
    }
}
