//! Marks: opaque tokens for (site, sequence number). The number itself never leaves the server, so that nobody
//! can count edits that are hidden from them; a mark is valid on every server of the site.

use std::time::Duration;

use aes::Aes128;
use aes::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::{Code, Fault};
use tokio::time::timeout;

use crate::{Engine, EngineError};

/// How long a reader waits for a server that follows another one. Following takes some milliseconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// Makes and reads marks of one site.
#[derive(Clone)]
pub(crate) struct Marks {
    cipher: Aes128,
    site: [u8; 8],
}

impl Marks {
    /// Marks of the site with this id and secret key.
    pub(crate) fn new(id: &[u8; 16], key: &[u8; 16]) -> Marks {
        let mut site = [0; 8];
        site.copy_from_slice(&id[..8]);
        Marks { cipher: Aes128::new(&(*key).into()), site }
    }

    /// The mark of a sequence number: one encrypted block holding site and number.
    pub(crate) fn make(&self, seq: i64) -> String {
        let mut block = [0u8; 16];
        block[..8].copy_from_slice(&self.site);
        block[8..].copy_from_slice(&seq.to_be_bytes());
        let mut block = block.into();
        self.cipher.encrypt_block(&mut block);
        URL_SAFE_NO_PAD.encode(&block[..])
    }

    /// The sequence number of a mark of this site.
    pub(crate) fn read(&self, mark: &str) -> Option<i64> {
        let bytes = URL_SAFE_NO_PAD.decode(mark).ok()?;
        let block: [u8; 16] = bytes.try_into().ok()?;
        let mut block = block.into();
        self.cipher.decrypt_block(&mut block);
        let seq = block[8..].try_into().ok().map(i64::from_be_bytes)?;
        (block[..8] == self.site && seq >= 0).then_some(seq)
    }
}

impl Engine {
    /// Whether the text is a mark of this site.
    pub fn is_mark(&self, text: &str) -> bool {
        self.marks().read(text).is_some()
    }

    /// Waits until this server shows what other servers of the site have shown the reader: the commits of these marks.
    /// Texts that are no marks of this site ask for nothing.
    ///
    /// # Errors
    /// `behind` when that takes too long.
    pub async fn caught_up(&self, marks: impl Iterator<Item = &str>) -> Result<(), EngineError> {
        let Some(seen) = marks.filter_map(|mark| self.marks().read(mark)).max() else { return Ok(()) };
        if seen <= self.head() {
            return Ok(());
        }
        match timeout(PATIENCE, self.shown(seen)).await {
            Ok(shown) => shown,
            Err(_) => Err(Fault::of(Code::Behind).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_reads_back_on_its_own_site_only() {
        let ours = Marks::new(&[7; 16], &[1; 16]);
        let mark = ours.make(42);
        assert_eq!(ours.read(&mark), Some(42));
        assert_eq!(Marks::new(&[8; 16], &[1; 16]).read(&mark), None);
        assert_eq!(Marks::new(&[7; 16], &[2; 16]).read(&mark), None);
        assert_eq!(ours.read("42"), None);
        assert_ne!(ours.make(43), mark);
    }
}
