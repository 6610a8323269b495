//! A fixed-length set of row numbers.

/// One bit per row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    /// No bit set, room for `len`.
    pub(crate) fn new(len: usize) -> Bits {
        Bits(vec![0; len.div_ceil(64)])
    }

    /// These words as the bits of `len` rows; `None` when they are not as many.
    pub(crate) fn of(words: Vec<u64>, len: usize) -> Option<Bits> {
        (words.len() == len.div_ceil(64)).then_some(Bits(words))
    }

    /// All bits, 64 to a word.
    pub(crate) fn words(&self) -> &[u64] {
        &self.0
    }

    pub(crate) fn set(&mut self, i: usize) {
        self.0[i / 64] |= 1 << (i % 64);
    }

    pub(crate) fn get(&self, i: usize) -> bool {
        self.0[i / 64] >> (i % 64) & 1 == 1
    }

    /// The bits of `len` rows from `first`, at most 64.
    pub(crate) fn word(&self, first: usize, len: usize) -> u64 {
        let (at, shift) = (first / 64, first % 64);
        let mut word = self.0[at] >> shift;
        if shift > 0 && shift + len > 64 {
            word |= self.0[at + 1] << (64 - shift);
        }
        if len < 64 { word & ((1 << len) - 1) } else { word }
    }
}
