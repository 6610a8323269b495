//! The first 127 bytes: where everything is, what kind of tiles, which zooms, which part of the world.

use model::Bbox;

use super::PmTilesError;

/// Bytes of the header.
pub(super) const LENGTH: usize = 127;
/// Header and root directory lie in the first bytes of the file, so that one read brings both.
pub(super) const ROOT_WITHIN: usize = 16_384;

const MAGIC: &[u8; 7] = b"PMTiles";
const VERSION: u8 = 3;

/// What a tile is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TileKind {
    /// Mapbox Vector Tile.
    Mvt,
    /// Picture.
    Png,
    /// Picture.
    Jpeg,
    /// Picture.
    Webp,
    /// Picture.
    Avif,
}

impl TileKind {
    const ALL: [TileKind; 5] = [TileKind::Mvt, TileKind::Png, TileKind::Jpeg, TileKind::Webp, TileKind::Avif];

    fn number(self) -> u8 {
        1 + TileKind::ALL.iter().position(|kind| *kind == self).unwrap_or_default() as u8
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            TileKind::Mvt => "application/vnd.mapbox-vector-tile",
            TileKind::Png => "image/png",
            TileKind::Jpeg => "image/jpeg",
            TileKind::Webp => "image/webp",
            TileKind::Avif => "image/avif",
        }
    }

    /// Whether bytes begin as this kind does. A vector tile has no sign of its own: anything that is no picture
    /// passes.
    pub(crate) fn fits(self, bytes: &[u8]) -> bool {
        let png = bytes.starts_with(b"\x89PNG\r\n\x1a\n");
        let jpeg = bytes.starts_with(b"\xff\xd8\xff");
        let webp = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP");
        let avif = bytes.get(4..8) == Some(b"ftyp");
        match self {
            TileKind::Mvt => !(png || jpeg || webp || avif),
            TileKind::Png => png,
            TileKind::Jpeg => jpeg,
            TileKind::Webp => webp,
            TileKind::Avif => avif,
        }
    }
}

/// A stretch of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Section {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// A header, read or to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub(super) root: Section,
    pub(super) metadata: Section,
    pub(super) leaves: Section,
    pub(super) tiles: Section,
    /// Tiles, entries, different contents; 0: not counted.
    pub(super) counts: [u64; 3],
    pub(super) clustered: bool,
    /// Whether directories and metadata are gzip.
    pub(super) packed: bool,
    /// Whether tiles are gzip; `None`: the file does not say.
    pub(super) packed_tiles: Option<bool>,
    pub(super) kind: TileKind,
    pub(super) zooms: (u8, u8),
    pub(super) bounds: Bbox,
    /// Zoom, longitude, latitude to open at.
    pub(super) centre: (u8, f64, f64),
}

impl Header {
    pub(super) fn encode(&self) -> [u8; LENGTH] {
        let mut out = [0; LENGTH];
        out[..7].copy_from_slice(MAGIC);
        out[7] = VERSION;
        let sections = [self.root, self.metadata, self.leaves, self.tiles];
        let numbers = sections.iter().flat_map(|s| [s.offset, s.length]).chain(self.counts);
        for (n, number) in numbers.enumerate() {
            out[8 + 8 * n..16 + 8 * n].copy_from_slice(&number.to_le_bytes());
        }
        out[96] = u8::from(self.clustered);
        out[97] = 1 + u8::from(self.packed);
        out[98] = self.packed_tiles.map_or(0, |packed| 1 + u8::from(packed));
        out[99] = self.kind.number();
        (out[100], out[101]) = self.zooms;
        let b = &self.bounds;
        for (n, degrees) in [b.west, b.south, b.east, b.north].into_iter().enumerate() {
            out[102 + 4 * n..106 + 4 * n].copy_from_slice(&tenth_micro(degrees));
        }
        out[118] = self.centre.0;
        out[119..123].copy_from_slice(&tenth_micro(self.centre.1));
        out[123..127].copy_from_slice(&tenth_micro(self.centre.2));
        out
    }

    pub(super) fn decode(bytes: &[u8; LENGTH]) -> Result<Header, PmTilesError> {
        if &bytes[..7] != MAGIC {
            return Err(PmTilesError::OtherFormat);
        }
        if bytes[7] != VERSION {
            return Err(PmTilesError::Version(bytes[7]));
        }
        let number = |at: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&bytes[at..at + 8]);
            u64::from_le_bytes(eight)
        };
        let section = |at: usize| Section { offset: number(at), length: number(at + 8) };
        let degrees = |at: usize| {
            let mut four = [0; 4];
            four.copy_from_slice(&bytes[at..at + 4]);
            f64::from(i32::from_le_bytes(four)) / 1e7
        };
        let packing = |n: u8| match n {
            0 => Ok(None),
            1 => Ok(Some(false)),
            2 => Ok(Some(true)),
            other => Err(PmTilesError::Compression(other)),
        };
        let kind = usize::from(bytes[99]).checked_sub(1).and_then(|n| TileKind::ALL.get(n));
        Ok(Header {
            root: section(8),
            metadata: section(24),
            leaves: section(40),
            tiles: section(56),
            counts: [number(72), number(80), number(88)],
            clustered: bytes[96] == 1,
            packed: packing(bytes[97])?.ok_or(PmTilesError::Compression(0))?,
            packed_tiles: packing(bytes[98])?,
            kind: *kind.ok_or(PmTilesError::Kind(bytes[99]))?,
            zooms: (bytes[100], bytes[101]),
            bounds: Bbox { west: degrees(102), south: degrees(106), east: degrees(110), north: degrees(114) },
            centre: (bytes[118], degrees(119), degrees(123)),
        })
    }
}

/// Degrees in ten-millionths.
fn tenth_micro(degrees: f64) -> [u8; 4] {
    ((degrees * 1e7).round() as i32).to_le_bytes()
}
