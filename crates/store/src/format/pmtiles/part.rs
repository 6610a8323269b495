//! A file in the making: tiles are appended to a journal beside it, each with a checksum. Whoever is killed goes on
//! from the last whole record, when everything the tiles depend on (the fingerprint) is still the same.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

use flate2::Crc;
use model::{Code, Fault, Text};
use sha2::{Digest, Sha256};

use super::TileId;
use crate::StoreError;

const MAGIC: &[u8; 16] = b"diaban tiles 1\r\n";
const OPENING: usize = MAGIC.len() + 32;
/// Tile number, content's length, number of the earlier content it equals or [`NEW`], checksum of all.
const RECORD: usize = 8 + 4 + 4 + 4;
/// Stands where a record brings its own content.
const NEW: u32 = u32::MAX;
/// A tile larger than this was not written by us.
const LARGEST: u32 = 1 << 30;

/// How a journal began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// There was none.
    New,
    /// The one that was there is continued, with so many tiles.
    Resumed(usize),
    /// The one that was there is of other data or arguments, and was thrown away.
    Anew,
}

/// A tile and which content it has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) id: TileId,
    pub(super) content: u32,
}

/// Where a content lies in the journal.
#[derive(Debug, Clone, Copy)]
pub(super) struct Content {
    pub(super) at: u64,
    pub(super) length: u32,
}

/// The journal, held by this process alone.
pub struct Part {
    pub(super) path: PathBuf,
    pub(super) file: File,
    end: u64,
    bytes: u64,
    pub(super) tiles: Vec<Placed>,
    pub(super) contents: Vec<Content>,
    known: HashMap<[u8; 32], u32>,
}

impl Part {
    /// Opens the journal of `out` (`out.part`), or begins one.
    ///
    /// # Errors
    /// `busy` when another process works on it; [`StoreError::Io`].
    pub fn open(out: &Path, fingerprint: &[u8; 32]) -> Result<(Part, Start), StoreError> {
        let path = beside(out, ".part");
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(&path);
        let file = file.map_err(StoreError::io(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(&path)),
            Err(TryLockError::Error(error)) => return Err(StoreError::io(&path)(error)),
        }
        let mut part = Part {
            path,
            file,
            end: 0,
            bytes: 0,
            tiles: Vec::new(),
            contents: Vec::new(),
            known: HashMap::new(),
        };
        if part.is_strange().map_err(StoreError::io(&part.path))? {
            return Err(StoreError::Exists { place: part.path.into() });
        }
        let start = part.read(fingerprint).map_err(StoreError::io(&part.path))?;
        Ok((part, start))
    }

    /// How many tiles there are.
    pub fn len(&self) -> usize {
        self.tiles.len()
    }

    /// Whether there is no tile yet.
    pub fn is_empty(&self) -> bool {
        self.tiles.is_empty()
    }

    /// The last tile, behind which to go on.
    pub fn last(&self) -> Option<TileId> {
        self.tiles.last().map(|tile| tile.id)
    }

    /// The tiles with these numbers, in order.
    pub fn within(&self, numbers: Range<TileId>) -> impl Iterator<Item = TileId> + '_ {
        let first = self.tiles.partition_point(|tile| tile.id < numbers.start);
        let ids = self.tiles[first..].iter().map(|tile| tile.id);
        ids.take_while(move |id| *id < numbers.end)
    }

    /// Bytes of all different contents.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds a tile behind the last one.
    ///
    /// # Errors
    /// [`StoreError::Io`].
    ///
    /// # Panics
    /// When the tile does not come behind the last one: then it would not be found again.
    pub fn push(&mut self, id: TileId, content: &[u8]) -> Result<(), StoreError> {
        assert!(self.last().is_none_or(|last| last < id), "tiles come in the order of their numbers");
        let digest: [u8; 32] = Sha256::digest(content).into();
        let same = self.known.get(&digest).copied();
        let mut record = Vec::with_capacity(RECORD + content.len());
        record.extend(id.to_le_bytes());
        record.extend((content.len() as u32).to_le_bytes());
        record.extend(same.unwrap_or(NEW).to_le_bytes());
        let own = if same.is_some() { &[][..] } else { content };
        record.extend(checksum(&record, own).to_le_bytes());
        record.extend(own);
        self.file.write_all(&record).map_err(StoreError::io(&self.path))?;
        self.take_in(id, same, digest, content.len() as u32);
        Ok(())
    }

    fn take_in(&mut self, id: TileId, same: Option<u32>, digest: [u8; 32], length: u32) {
        self.end += RECORD as u64;
        let content = same.unwrap_or_else(|| {
            let number = self.contents.len() as u32;
            self.contents.push(Content { at: self.end, length });
            self.known.insert(digest, number);
            self.end += u64::from(length);
            self.bytes += u64::from(length);
            number
        });
        self.tiles.push(Placed { id, content });
    }

    /// Whether somebody else's file has the journal's name; it is left alone.
    fn is_strange(&self) -> io::Result<bool> {
        let mut begin = Vec::new();
        (&self.file).take(MAGIC.len() as u64).read_to_end(&mut begin)?;
        (&self.file).seek(SeekFrom::Start(0))?;
        Ok(!MAGIC.starts_with(&begin))
    }

    /// Reads what is there and leaves the file open behind its last whole record.
    fn read(&mut self, fingerprint: &[u8; 32]) -> io::Result<Start> {
        let mut reader = BufReader::new(self.file.try_clone()?);
        let mut opening = [0; OPENING];
        let opened = read_full(&mut reader, &mut opening)?;
        let ours = opened && opening[..16] == MAGIC[..] && opening[16..] == fingerprint[..];
        if !ours {
            let empty = self.file.metadata()?.len() == 0;
            self.file.set_len(0)?;
            self.file.seek(SeekFrom::Start(0))?;
            opening[..16].copy_from_slice(MAGIC);
            opening[16..].copy_from_slice(fingerprint);
            self.file.write_all(&opening)?;
            self.end = OPENING as u64;
            return Ok(if empty { Start::New } else { Start::Anew });
        }
        self.end = OPENING as u64;
        let mut content = Vec::new();
        while self.read_record(&mut reader, &mut content)? {}
        self.file.set_len(self.end)?;
        self.file.seek(SeekFrom::Start(self.end))?;
        Ok(Start::Resumed(self.tiles.len()))
    }

    /// One record; false at the end, or where a record is not whole.
    fn read_record(&mut self, reader: &mut impl Read, content: &mut Vec<u8>) -> io::Result<bool> {
        let mut head = [0; RECORD];
        if !read_full(reader, &mut head)? {
            return Ok(false);
        }
        let four = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let id = u64::from(four(0)) | u64::from(four(4)) << 32;
        let (length, same, sum) = (four(8), four(12), four(16));
        let earlier = (same != NEW).then_some(same);
        content.clear();
        let own = if earlier.is_none() { u64::from(length) } else { 0 };
        if length > LARGEST || (reader.by_ref().take(own).read_to_end(content)? as u64) < own {
            return Ok(false);
        }
        let known = earlier.is_none_or(|n| (n as usize) < self.contents.len());
        if !known || sum != checksum(&head[..16], content) || self.last().is_some_and(|last| last >= id) {
            return Ok(false);
        }
        self.take_in(id, earlier, Sha256::digest(&*content).into(), length);
        Ok(true)
    }
}

fn checksum(head: &[u8], content: &[u8]) -> u32 {
    let mut sum = Crc::new();
    sum.update(head);
    sum.update(content);
    sum.sum()
}

/// Fills the buffer; false when the file ends before.
fn read_full(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The path with something at its end.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn held(path: &Path) -> StoreError {
    let detail = Text::new("Một tiến trình khác đang ghi tệp này", "another process is writing this file");
    StoreError::Fault(Fault::at(Code::Busy, path.display().to_string(), detail))
}
