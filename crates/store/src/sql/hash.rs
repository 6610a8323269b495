//! The hashes of the log. Every part is length-prefixed and nothing is told from empty, so no two contents
//! share an encoding.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub(crate) type Hash = [u8; 32];

/// What a commit says about itself, byte for byte as stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Header<'a> {
    pub seq: i64,
    pub at: &'a [u8],
    pub actor: &'a [u8],
    pub reason: Option<&'a [u8]>,
    pub batch: Option<&'a [u8]>,
    pub key: Option<&'a [u8]>,
    pub fingerprint: Option<&'a [u8]>,
    /// How many changes follow.
    pub changes: i64,
}

/// What a change says about itself, without its texts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'a> {
    pub n: i64,
    pub layer: &'a [u8],
    pub fid: i64,
    pub id: &'a [u8],
    pub op: &'a [u8],
    pub fields: &'a [u8],
    pub payload_hash: &'a [u8],
}

fn part(hasher: &mut Sha256, bytes: &[u8]) {
    hasher.update((bytes.len() as u64).to_be_bytes());
    hasher.update(bytes);
}

fn optional(hasher: &mut Sha256, bytes: Option<&[u8]>) {
    match bytes {
        None => hasher.update([0]),
        Some(bytes) => {
            hasher.update([1]);
            part(hasher, bytes);
        }
    }
}

/// The first link of a site's log.
pub(crate) fn first(site: &[u8]) -> Hash {
    let mut hasher = Sha256::new();
    part(&mut hasher, b"diaban log");
    part(&mut hasher, site);
    hasher.finalize().into()
}

/// Hash of a change's texts.
pub(crate) fn payload(salt: &[u8], before: Option<&[u8]>, after: Option<&[u8]>) -> Hash {
    let mut hasher = Sha256::new();
    part(&mut hasher, salt);
    optional(&mut hasher, before);
    optional(&mut hasher, after);
    hasher.finalize().into()
}

/// The hash of a commit under way: header first, then its changes in order.
pub(crate) struct Link(Sha256);

impl Link {
    pub(crate) fn new(prev: &[u8], header: &Header) -> Link {
        let mut hasher = Sha256::new();
        part(&mut hasher, prev);
        part(&mut hasher, &header.seq.to_be_bytes());
        part(&mut hasher, header.at);
        part(&mut hasher, header.actor);
        optional(&mut hasher, header.reason);
        optional(&mut hasher, header.batch);
        optional(&mut hasher, header.key);
        optional(&mut hasher, header.fingerprint);
        part(&mut hasher, &header.changes.to_be_bytes());
        Link(hasher)
    }

    pub(crate) fn add(&mut self, entry: &Entry) {
        let hasher = &mut self.0;
        part(hasher, &entry.n.to_be_bytes());
        part(hasher, entry.layer);
        part(hasher, &entry.fid.to_be_bytes());
        part(hasher, entry.id);
        part(hasher, entry.op);
        part(hasher, entry.fields);
        part(hasher, entry.payload_hash);
    }

    pub(crate) fn finish(self) -> Hash {
        self.0.finalize().into()
    }
}

/// A request's fingerprint as it is kept: keyed, so that short personal texts cannot be guessed from it.
pub(crate) fn fingerprint(key: &[u8; 16], text: &str) -> String {
    let mut hasher = Sha256::new();
    part(&mut hasher, key);
    part(&mut hasher, text.as_bytes());
    hex(&hasher.finalize())
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, b| {
        let _ = write!(out, "{b:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_not_empty_and_borders_count() {
        let all = [
            payload(b"s", None, None),
            payload(b"s", Some(b""), None),
            payload(b"s", None, Some(b"")),
            payload(b"s", Some(b"ab"), Some(b"c")),
            payload(b"s", Some(b"a"), Some(b"bc")),
            payload(b"sa", None, Some(b"")),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }
}
