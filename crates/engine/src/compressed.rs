//! The forms in which a tile is kept: as drawn, and compressed once for everyone who takes that coding.

use std::io::Write as _;

/// A content coding (RFC 9110 §8.4.1), or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As drawn.
    Plain,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// A tile is compressed once and sent often, yet whoever asks first waits for it: middling levels.
const GZIP_LEVEL: u32 = 6;
const BROTLI_QUALITY: i32 = 5;
const BROTLI_WINDOW_BITS: i32 = 22;
const ZSTD_LEVEL: i32 = 3;

impl Encoding {
    /// Its name in HTTP.
    pub fn name(self) -> &'static str {
        match self {
            Encoding::Plain => "identity",
            Encoding::Gzip => "gzip",
            Encoding::Brotli => "br",
            Encoding::Zstd => "zstd",
        }
    }

    /// The bytes in this coding.
    pub(crate) fn encode(self, bytes: &[u8]) -> std::io::Result<Vec<u8>> {
        match self {
            Encoding::Plain => Ok(bytes.to_vec()),
            Encoding::Gzip => {
                let out = Vec::with_capacity(bytes.len() / 2);
                let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::new(GZIP_LEVEL));
                encoder.write_all(bytes)?;
                encoder.finish()
            }
            Encoding::Brotli => {
                let mut out = Vec::with_capacity(bytes.len() / 2);
                let params = brotli::enc::BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    lgwin: BROTLI_WINDOW_BITS,
                    size_hint: bytes.len(),
                    ..Default::default()
                };
                brotli::BrotliCompress(&mut &*bytes, &mut out, &params)?;
                Ok(out)
            }
            Encoding::Zstd => zstd::bulk::compress(bytes, ZSTD_LEVEL),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn every_form_unpacks_to_what_was_drawn() {
        let bytes: Vec<u8> = (0..50_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let unpack = |encoding: Encoding| {
            let packed = encoding.encode(&bytes).unwrap();
            assert!(encoding == Encoding::Plain || packed.len() < bytes.len() / 2, "{encoding:?}");
            let mut out = Vec::new();
            match encoding {
                Encoding::Plain => out = packed,
                Encoding::Gzip => {
                    flate2::read::GzDecoder::new(&*packed).read_to_end(&mut out).unwrap();
                }
                Encoding::Brotli => brotli::BrotliDecompress(&mut &*packed, &mut out).unwrap(),
                Encoding::Zstd => out = zstd::bulk::decompress(&packed, bytes.len()).unwrap(),
            }
            out
        };
        for encoding in [Encoding::Plain, Encoding::Gzip, Encoding::Brotli, Encoding::Zstd] {
            assert!(unpack(encoding) == bytes, "{encoding:?}");
        }
    }
}
