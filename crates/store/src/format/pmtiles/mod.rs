//! PMTiles version 3: many tiles in one file, found by a directory sorted by place on a Hilbert curve.
//!
//! [`Part`] gathers tiles in a journal that survives a killed process and writes the finished file; [`PmTiles`] reads
//! one. Written files are clustered, hold equal tiles once, and depend on nothing but what was put in. Read are
//! archives with gzip or no compression, of other programs too; what their directories say is checked before it is
//! believed.

mod curve;
mod directory;
mod header;
mod part;
mod reader;
mod writer;

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use model::Text;

pub use curve::{TileId, children, id_of, place_of};
pub use header::TileKind;
pub use part::{Part, Start};
pub use reader::PmTiles;
pub use writer::{About, Written};

/// The largest directory that is read, packed or not.
const MAX_DIRECTORY: u64 = 32 << 20;
/// The largest tile that is read, packed or not.
pub(crate) const MAX_TILE: u64 = 8 << 20;

/// Why an archive cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PmTilesError {
    /// The system could not read the file.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The file begins like something else.
    #[error("it does not begin as a PMTiles file does")]
    OtherFormat,
    /// Another version of the format.
    #[error("it is PMTiles of version {0}; only version 3 is read")]
    Version(u8),
    /// A part of the file that its header names is not there.
    #[error("it is cut off: the {0} would lie beyond its end")]
    CutOff(&'static str),
    /// A compression that is not read, by its number in the format.
    #[error("its compression (number {0}) is not read; gzip and none are")]
    Compression(u8),
    /// A kind of tile that is not known, by its number in the format.
    #[error("its kind of tiles (number {0}) is not known")]
    Kind(u8),
    /// A directory, the metadata or a tile contradicts the format.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
}

impl PmTilesError {
    /// The same in both languages.
    pub fn text(&self) -> Text {
        let vi = match self {
            PmTilesError::Io(error) => format!("không đọc được: {error}"),
            PmTilesError::OtherFormat => "không phải là tệp PMTiles".to_owned(),
            PmTilesError::Version(n) => format!("là PMTiles phiên bản {n}; chỉ đọc phiên bản 3"),
            PmTilesError::CutOff(what) => format!("tệp bị cắt cụt: phần “{what}” nằm ngoài tệp"),
            PmTilesError::Compression(n) => {
                format!("kiểu nén số {n} không được đọc; chỉ gzip hoặc không nén")
            }
            PmTilesError::Kind(n) => format!("kiểu ô số {n} không được biết"),
            PmTilesError::Damaged(what) => format!("tệp bị hỏng: {what}"),
        };
        Text::new(vi, self.to_string())
    }
}

/// Packed by gzip, as small as it gets; same input, same bytes.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 2 + 32), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

/// Unpacked from gzip; refused when it would be larger than `most`.
///
/// # Errors
/// [`PmTilesError::Damaged`].
pub fn gunzip(bytes: &[u8], most: u64) -> Result<Vec<u8>, PmTilesError> {
    let mut out = Vec::new();
    GzDecoder::new(bytes)
        .take(most + 1)
        .read_to_end(&mut out)
        .map_err(|_| PmTilesError::Damaged("what should be gzip is not"))?;
    if out.len() as u64 > most {
        return Err(PmTilesError::Damaged("a part is larger than anything that is taken"));
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
