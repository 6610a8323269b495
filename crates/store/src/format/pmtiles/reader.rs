//! Reads an archive: header, root and metadata are held, leaves come and go, tiles are read when they are asked for.

use std::collections::VecDeque;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use model::Bbox;
use serde_json::Value;

use super::directory::{Entry, decode, find};
use super::header::{Header, LENGTH, Section, TileKind};
use super::{MAX_DIRECTORY, MAX_TILE, PmTilesError, gunzip, id_of};

/// Leaf directories that are kept.
const LEAVES: usize = 32;
/// Directories on the way to a tile; the format needs two.
const DEPTH: usize = 4;

/// An open archive. Reads block.
pub struct PmTiles {
    file: File,
    length: u64,
    header: Header,
    root: Arc<Vec<Entry>>,
    metadata: Value,
    /// The last leaves by their place, newest first.
    leaves: Mutex<VecDeque<(u64, Arc<Vec<Entry>>)>>,
}

impl PmTiles {
    /// Opens an archive and looks at what everything else hangs on: header, root, metadata, the first tile.
    ///
    /// # Errors
    /// [`PmTilesError`]: what is wrong with the file.
    pub fn open(path: &Path) -> Result<PmTiles, PmTilesError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut bytes = [0; LENGTH];
        if length < LENGTH as u64 {
            return Err(PmTilesError::OtherFormat);
        }
        file.read_exact_at(&mut bytes, 0)?;
        let header = Header::decode(&bytes)?;
        let mut archive = PmTiles {
            file,
            length,
            header,
            root: Arc::default(),
            metadata: Value::Null,
            leaves: Mutex::default(),
        };
        let header = &archive.header;
        for (section, name) in [
            (header.root, "root directory"),
            (header.metadata, "metadata"),
            (header.leaves, "leaf directories"),
            (header.tiles, "tiles"),
        ] {
            if section.offset.checked_add(section.length).is_none_or(|end| end > length) {
                return Err(PmTilesError::CutOff(name));
            }
        }
        archive.root = Arc::new(archive.directory(archive.header.root)?);
        let told = archive.header.metadata;
        // Some programs leave out what they have nothing to say in.
        let text = if told.length == 0 { b"{}".to_vec() } else { archive.unpacked(told)? };
        archive.metadata = serde_json::from_slice(&text)
            .ok()
            .filter(Value::is_object)
            .ok_or(PmTilesError::Damaged("its metadata is no JSON object"))?;
        archive.check()?;
        Ok(archive)
    }

    /// What every entry of the root points to is there, and the first tile is what the header calls it.
    fn check(&self) -> Result<(), PmTilesError> {
        if self.header.zooms.0 > self.header.zooms.1 {
            return Err(PmTilesError::Damaged("its first zoom lies behind its last"));
        }
        for entry in self.root.iter() {
            let _ = self.section_of(entry)?;
        }
        let mut entry = self.root.first().copied();
        for _ in 0..DEPTH {
            match entry {
                Some(leaf) if leaf.run == 0 => entry = self.leaf(&leaf)?.first().copied(),
                _ => break,
            }
        }
        let Some(first) = entry else { return Ok(()) };
        let bytes = self.read(self.section_of(&first)?, MAX_TILE)?;
        let plain = if self.is_packed(&bytes) { gunzip(&bytes, MAX_TILE)? } else { bytes };
        if self.header.kind.fits(&plain) {
            Ok(())
        } else {
            Err(PmTilesError::Damaged("its first tile is not of the kind that its header names"))
        }
    }

    /// What the tiles are.
    pub fn kind(&self) -> TileKind {
        self.header.kind
    }

    /// First and last zoom.
    pub fn zooms(&self) -> (u8, u8) {
        self.header.zooms
    }

    /// The part of the world that is covered.
    pub fn bounds(&self) -> Bbox {
        self.header.bounds
    }

    /// Zoom, longitude, latitude to open at.
    pub fn centre(&self) -> (u8, f64, f64) {
        self.header.centre
    }

    /// The metadata, an object.
    pub fn metadata(&self) -> &Value {
        &self.metadata
    }

    /// Whether the tiles stand in the order of their numbers.
    pub fn is_clustered(&self) -> bool {
        self.header.clustered
    }

    /// Whether a tile's bytes are gzip: as the header says, else by how they begin.
    pub fn is_packed(&self, bytes: &[u8]) -> bool {
        self.header.packed_tiles.unwrap_or_else(|| bytes.starts_with(&[0x1f, 0x8b]))
    }

    /// A tile as it stands in the file; `None` where there is none.
    ///
    /// # Errors
    /// [`PmTilesError`] when the file turns out to be damaged on the way to it.
    pub fn tile(&self, z: u8, x: u32, y: u32) -> Result<Option<Vec<u8>>, PmTilesError> {
        let Some(id) = id_of(z, x, y) else { return Ok(None) };
        let mut directory = Arc::clone(&self.root);
        for _ in 0..DEPTH {
            let Some(entry) = find(&directory, id) else { return Ok(None) };
            if entry.run > 0 {
                return self.read(self.section_of(&entry)?, MAX_TILE).map(Some);
            }
            directory = self.leaf(&entry)?;
        }
        Err(PmTilesError::Damaged("directories point to directories without end"))
    }

    /// Where in the file an entry's bytes are, checked against the section they belong to.
    fn section_of(&self, entry: &Entry) -> Result<Section, PmTilesError> {
        let within = if entry.run == 0 { self.header.leaves } else { self.header.tiles };
        let inside =
            entry.offset.checked_add(u64::from(entry.length)).is_some_and(|end| end <= within.length);
        if inside {
            Ok(Section { offset: within.offset + entry.offset, length: u64::from(entry.length) })
        } else {
            Err(PmTilesError::Damaged("a directory points outside the file"))
        }
    }

    fn leaf(&self, entry: &Entry) -> Result<Arc<Vec<Entry>>, PmTilesError> {
        let kept = || self.leaves.lock().unwrap_or_else(PoisonError::into_inner);
        let mut leaves = kept();
        if let Some(n) = leaves.iter().position(|(at, _)| *at == entry.offset)
            && let Some(found) = leaves.remove(n)
        {
            let leaf = Arc::clone(&found.1);
            leaves.push_front(found);
            return Ok(leaf);
        }
        drop(leaves);
        // Read without the lock: two readers may read the same leaf, none waits for the disk of another.
        let leaf = Arc::new(self.directory(self.section_of(entry)?)?);
        let mut leaves = kept();
        leaves.push_front((entry.offset, Arc::clone(&leaf)));
        leaves.truncate(LEAVES);
        Ok(leaf)
    }

    fn directory(&self, section: Section) -> Result<Vec<Entry>, PmTilesError> {
        decode(&self.unpacked(section)?)
    }

    fn unpacked(&self, section: Section) -> Result<Vec<u8>, PmTilesError> {
        let bytes = self.read(section, MAX_DIRECTORY)?;
        if self.header.packed { gunzip(&bytes, MAX_DIRECTORY) } else { Ok(bytes) }
    }

    fn read(&self, section: Section, most: u64) -> Result<Vec<u8>, PmTilesError> {
        // What a damaged directory names must not decide how much memory is asked for.
        if section.length > most || section.offset + section.length > self.length {
            return Err(PmTilesError::Damaged("a part is larger than anything that is taken"));
        }
        let mut bytes = vec![0; section.length as usize];
        self.file.read_exact_at(&mut bytes, section.offset)?;
        Ok(bytes)
    }
}
