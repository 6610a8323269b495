//! Maps of others to lie under the ward's own: PMTiles and MBTiles files, opened for reading only. What is wrong with
//! a file is said when it is opened; what a damaged file names later decides neither memory nor time.

mod about;
mod mbtiles;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use model::{Bbox, Code, Fault, Text};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

pub use self::about::{BasemapAbout, VectorLayer};
use self::mbtiles::MbTiles;
use crate::StoreError;
use crate::format::pmtiles::{MAX_TILE, PmTiles, PmTilesError, gunzip, id_of};

/// Tiles of one file that are read at once: what they may take together is bounded.
const AT_ONCE: usize = 8;
/// The deepest zoom whose tiles have numbers here.
const DEEPEST: u8 = 30;

/// A tile, in the form that was asked for.
#[derive(Debug, Clone)]
pub struct BasemapTile {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether they are gzip.
    pub packed: bool,
    /// A digest of the bytes as they stand in the file.
    pub etag: String,
}

/// An open file.
pub struct Basemap {
    name: String,
    about: BasemapAbout,
    source: Source,
    reads: Semaphore,
}

enum Source {
    PmTiles(Arc<PmTiles>),
    MbTiles(MbTiles),
}

impl fmt::Debug for Basemap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Basemap").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Basemap {
    /// Opens a file and looks at what it says of itself and at a tile of it. Its name is the file's, without the
    /// ending: letters, digits, `-` and `_`.
    ///
    /// # Errors
    /// `invalid-file` with what is wrong, in both languages.
    pub async fn open(path: &Path) -> Result<Basemap, StoreError> {
        let name = name_of(path)?;
        let opened = match signature(path)? {
            Signature::PmTiles => {
                let path = path.to_owned();
                let archive = off_thread(move || PmTiles::open(&path)).await;
                archive.map(|a| (BasemapAbout::of_archive(&a), Source::PmTiles(Arc::new(a))))
            }
            Signature::Sqlite => MbTiles::open(path).await.map(|(about, m)| (about, Source::MbTiles(m))),
            Signature::Other => Err(PmTilesError::OtherFormat),
        };
        let (about, source) = opened.map_err(|error| refused(path, &error.text()))?;
        if about.zooms.1 > DEEPEST {
            return Err(refused(path, &PmTilesError::Damaged("a zoom is deeper than tiles can be").text()));
        }
        Ok(Basemap { name, about, source, reads: Semaphore::new(AT_ONCE) })
    }

    /// The name in its address.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the file says of itself.
    pub fn about(&self) -> &BasemapAbout {
        &self.about
    }

    /// One tile, unpacked unless the reader takes gzip; `None` where there is none.
    ///
    /// # Errors
    /// `out-of-range` outside the grid; [`StoreError::Damaged`] when the file cannot be read there.
    pub async fn tile(&self, z: u8, x: u32, y: u32, gzip: bool) -> Result<Option<BasemapTile>, StoreError> {
        if z > DEEPEST || id_of(z, x, y).is_none() {
            let detail = Text::new("Số hiệu ô nằm ngoài lưới", "the tile lies outside the grid");
            return Err(Fault::at(Code::OutOfRange, format!("{z}/{x}/{y}"), detail).into());
        }
        let _turn = self.reads.acquire().await.map_err(|_| StoreError::Closed)?;
        let found = match &self.source {
            Source::PmTiles(archive) => {
                let archive = Arc::clone(archive);
                off_thread(move || read(&archive, (z, x, y), gzip)).await
            }
            Source::MbTiles(file) => match file.tile(z, x, y).await {
                Ok(Some(bytes)) => {
                    let packed = bytes.starts_with(&GZIP);
                    off_thread(move || in_form(bytes, packed, gzip).map(Some)).await
                }
                other => other.map(|_| None),
            },
        };
        found
            .map_err(|error| StoreError::damaged(format!("basemap {}, tile {z}/{x}/{y}: {error}", self.name)))
    }
}

/// How gzip begins.
const GZIP: [u8; 2] = [0x1f, 0x8b];

fn read(
    archive: &PmTiles,
    (z, x, y): (u8, u32, u32),
    gzip: bool,
) -> Result<Option<BasemapTile>, PmTilesError> {
    let Some(bytes) = archive.tile(z, x, y)? else { return Ok(None) };
    let packed = archive.is_packed(&bytes);
    in_form(bytes, packed, gzip).map(Some)
}

fn in_form(bytes: Vec<u8>, packed: bool, gzip: bool) -> Result<BasemapTile, PmTilesError> {
    use std::fmt::Write as _;
    let etag = Sha256::digest(&bytes).iter().take(10).fold(String::new(), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    });
    let (bytes, packed) = if packed && !gzip { (gunzip(&bytes, MAX_TILE)?, false) } else { (bytes, packed) };
    Ok(BasemapTile { bytes, packed, etag })
}

/// Runs what blocks where it may.
async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PmTilesError> + Send + 'static,
) -> Result<T, PmTilesError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(PmTilesError::Io(std::io::Error::other(error))))
}

/// The name of a file in addresses and styles: it goes into paths, so that only harmless characters pass.
fn name_of(path: &Path) -> Result<String, StoreError> {
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let harmless = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > 64 || !name.chars().all(harmless) {
        let detail = Text::new(
            "tên tệp chỉ gồm chữ cái không dấu, chữ số, “-” và “_” (tối đa 64); hãy đổi tên tệp",
            "the file's name may hold letters a to z, digits, “-” and “_” (at most 64); rename the file",
        );
        return Err(refused(path, &detail));
    }
    Ok(name.to_owned())
}

enum Signature {
    PmTiles,
    Sqlite,
    Other,
}

/// What a file is, by how it begins.
fn signature(path: &Path) -> Result<Signature, StoreError> {
    let mut begin = Vec::new();
    let read = File::open(path).and_then(|file| file.take(16).read_to_end(&mut begin));
    read.map_err(|error| refused(path, &PmTilesError::Io(error).text()))?;
    Ok(if begin.starts_with(b"PMTiles") {
        Signature::PmTiles
    } else if begin == b"SQLite format 3\0" {
        Signature::Sqlite
    } else {
        Signature::Other
    })
}

fn refused(path: &Path, reason: &Text) -> StoreError {
    let detail = Text::new(format!("Bản đồ nền: {}", reason.vi), format!("basemap: {}", reason.en));
    StoreError::Fault(Fault::at(Code::InvalidFile, path.display().to_string(), detail))
}

/// A box of degrees as MBTiles and TileJSON write it; `None` when it is none.
fn bbox(numbers: &[f64]) -> Option<Bbox> {
    let [west, south, east, north] = *numbers else { return None };
    let sane = west.abs() <= 180.0 && east.abs() <= 180.0 && (-90.0..=90.0).contains(&south);
    (sane && south <= north && north <= 90.0).then_some(Bbox { west, south, east, north })
}

#[cfg(test)]
mod tests;
