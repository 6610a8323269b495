//! Little-endian bytes, written into a vector and read back without trust: a length is checked against what is there
//! before anything is allocated for it.

use super::UnpackError;

/// Appends a count.
pub(super) fn put_len(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u64).to_le_bytes());
}

/// Appends a count and so many values of one size.
pub(super) fn put_array<const N: usize>(out: &mut Vec<u8>, values: impl ExactSizeIterator<Item = [u8; N]>) {
    put_len(out, values.len());
    out.reserve(values.len() * N);
    values.for_each(|v| out.extend_from_slice(&v));
}

/// Appends a text behind its length.
pub(super) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_len(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

/// What is left of the bytes of a part.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { rest: bytes }
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], UnpackError> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or(UnpackError("its last bytes"))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], UnpackError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(UnpackError("its last bytes"))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn byte(&mut self) -> Result<u8, UnpackError> {
        Ok(self.fixed::<1>()?[0])
    }

    pub(super) fn int(&mut self) -> Result<i64, UnpackError> {
        self.fixed().map(i64::from_le_bytes)
    }

    pub(super) fn num(&mut self) -> Result<f64, UnpackError> {
        self.fixed().map(f64::from_le_bytes)
    }

    /// A count of things that take at least `least` bytes each.
    pub(super) fn len(&mut self, least: usize) -> Result<usize, UnpackError> {
        let n = self.fixed().map(u64::from_le_bytes)?;
        let n = usize::try_from(n).ok().filter(|n| *n <= self.rest.len() / least.max(1));
        n.ok_or(UnpackError("as much as it says"))
    }

    /// A count and so many values of one size.
    pub(super) fn array<const N: usize, T>(
        &mut self,
        read: impl Fn([u8; N]) -> T,
    ) -> Result<Vec<T>, UnpackError> {
        let n = self.len(N)?;
        let (chunks, _) = self.take(n * N)?.as_chunks::<N>();
        Ok(chunks.iter().map(|c| read(*c)).collect())
    }

    /// The same where not every value means something.
    pub(super) fn checked<const N: usize, T>(
        &mut self,
        read: impl Fn([u8; N]) -> Option<T>,
    ) -> Result<Vec<T>, UnpackError> {
        let n = self.len(N)?;
        let (chunks, _) = self.take(n * N)?.as_chunks::<N>();
        let all: Option<Vec<T>> = chunks.iter().map(|c| read(*c)).collect();
        all.ok_or(UnpackError("values that mean something"))
    }

    /// A text behind its length.
    pub(super) fn text(&mut self) -> Result<&'a str, UnpackError> {
        let n = self.len(1)?;
        std::str::from_utf8(self.take(n)?).map_err(|_| UnpackError("text"))
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), UnpackError> {
        if self.rest.is_empty() { Ok(()) } else { Err(UnpackError("only what it says")) }
    }
}
