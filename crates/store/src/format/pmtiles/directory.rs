//! Directories: which tile numbers stand where in the file, a run of equal tiles being one entry. Columns of
//! differences in variable-length numbers, so that gzip finds little left to do.

use super::{PmTilesError, TileId, gzip};

/// One run of equal tiles, or, with a run of 0, the directory that goes on from this number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: TileId,
    /// From the beginning of the tiles, or of the leaf directories.
    pub(super) offset: u64,
    pub(super) length: u32,
    pub(super) run: u32,
}

/// How many entries a leaf begins with when there must be leaves.
const LEAF: usize = 4_096;

/// The directory's bytes, not compressed yet.
pub(super) fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(entries.len() * 6 + 8);
    put(&mut out, entries.len() as u64);
    let mut last = 0;
    for entry in entries {
        put(&mut out, entry.id - last);
        last = entry.id;
    }
    for entry in entries {
        put(&mut out, u64::from(entry.run));
    }
    for entry in entries {
        put(&mut out, u64::from(entry.length));
    }
    let mut end = None;
    for entry in entries {
        // What follows on its predecessor needs no place of its own.
        put(&mut out, if end == Some(entry.offset) { 0 } else { entry.offset + 1 });
        end = Some(entry.offset + u64::from(entry.length));
    }
    out
}

/// Reads a directory; every run lies after the one before it and no entry is empty.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Entry>, PmTilesError> {
    let mut left = bytes;
    let count = usize::try_from(take(&mut left)?).map_err(|_| TOO_MANY)?;
    // An entry takes four bytes at least: a count that the bytes cannot hold asks for no memory.
    if count > bytes.len() / 4 {
        return Err(TOO_MANY);
    }
    let mut entries = Vec::with_capacity(count);
    let mut id: TileId = 0;
    for n in 0..count {
        let step = take(&mut left)?;
        if n > 0 && step == 0 {
            return Err(PmTilesError::Damaged("a directory has a tile twice"));
        }
        id = id.checked_add(step).ok_or(OVERFLOW)?;
        entries.push(Entry { id, offset: 0, length: 0, run: 0 });
    }
    for entry in &mut entries {
        entry.run = u32::try_from(take(&mut left)?).map_err(|_| OVERFLOW)?;
    }
    for entry in &mut entries {
        entry.length = u32::try_from(take(&mut left)?).map_err(|_| OVERFLOW)?;
        if entry.length == 0 {
            return Err(PmTilesError::Damaged("a directory has an empty entry"));
        }
    }
    let mut end: u64 = 0;
    for (n, entry) in entries.iter_mut().enumerate() {
        entry.offset = match take(&mut left)? {
            0 if n == 0 => return Err(PmTilesError::Damaged("the first entry of a directory has no place")),
            0 => end,
            place => place - 1,
        };
        end = entry.offset.checked_add(u64::from(entry.length)).ok_or(OVERFLOW)?;
    }
    if entries.windows(2).any(|pair| pair[0].id.saturating_add(u64::from(pair[0].run)) > pair[1].id) {
        return Err(PmTilesError::Damaged("runs of a directory overlap"));
    }
    Ok(entries)
}

const TOO_MANY: PmTilesError = PmTilesError::Damaged("a directory names more entries than it has");
const OVERFLOW: PmTilesError = PmTilesError::Damaged("a number in a directory is too large");

/// The entry a number falls under.
pub(super) fn find(entries: &[Entry], id: TileId) -> Option<Entry> {
    let after = entries.partition_point(|entry| entry.id <= id);
    let entry = entries.get(after.checked_sub(1)?)?;
    (entry.run == 0 || id - entry.id < u64::from(entry.run)).then_some(*entry)
}

/// Root and leaves, compressed: everything in the root when that takes at most `most` bytes, else leaves as large as
/// is needed for the root to point to all of them.
pub(super) fn lay_out(entries: &[Entry], most: usize) -> (Vec<u8>, Vec<u8>) {
    let root = gzip(&encode(entries));
    if root.len() <= most {
        return (root, Vec::new());
    }
    let mut size = LEAF.min(entries.len().div_ceil(2)).max(1);
    loop {
        let (mut pointers, mut leaves) = (Vec::new(), Vec::new());
        for chunk in entries.chunks(size) {
            let leaf = gzip(&encode(chunk));
            let offset = leaves.len() as u64;
            pointers.push(Entry { id: chunk[0].id, offset, length: leaf.len() as u32, run: 0 });
            leaves.extend(leaf);
        }
        let root = gzip(&encode(&pointers));
        if root.len() <= most || pointers.len() == 1 {
            return (root, leaves);
        }
        size = size.saturating_mul(2);
    }
}

fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take(left: &mut &[u8]) -> Result<u64, PmTilesError> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) =
            left.split_first().ok_or(PmTilesError::Damaged("a directory ends in the middle"))?;
        *left = rest;
        let bits = u64::from(first & 0x7f);
        if shift == 63 && bits > 1 {
            return Err(OVERFLOW);
        }
        number |= bits << shift;
        if first & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(OVERFLOW)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Any directory: gaps, runs, lengths, and whether an entry follows on the one before.
    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let one = (0..1_u64 << 40, 0..5_u32, 1..=u32::MAX, prop::option::of(0..1_u64 << 50));
        prop::collection::vec(one, 0..200).prop_map(|parts| {
            let (mut id, mut end) = (0, 0);
            let mut all = Vec::new();
            for (gap, run, length, place) in parts {
                let offset = place.unwrap_or(end);
                all.push(Entry { id: id + gap, offset, length, run });
                (id, end) = (id + gap + u64::from(run.max(1)), offset + u64::from(length));
            }
            all
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(all in entries()) {
            prop_assert_eq!(decode(&encode(&all)).unwrap(), all);
        }

        #[test]
        fn noise_is_refused_and_never_believed(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(all) = decode(&bytes) {
                prop_assert!(all.len() <= bytes.len() / 4);
            }
        }

        #[test]
        fn a_directory_cut_short_is_refused(all in entries(), cut in any::<prop::sample::Index>()) {
            let bytes = encode(&all);
            prop_assert!(decode(&bytes[..cut.index(bytes.len())]).is_err());
        }
    }

    #[test]
    fn an_entry_that_follows_on_another_writes_a_zero() {
        let entry = |id, offset, run| Entry { id, offset, length: 7, run };
        let bytes = encode(&[entry(5, 0, 1), entry(6, 7, 2), entry(300, 0, 1)]);
        assert_eq!(bytes, [3, 5, 1, 0xa6, 2, 1, 2, 1, 7, 7, 7, 1, 0, 1]);
    }
}
