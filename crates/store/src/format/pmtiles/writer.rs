//! The finished file: header, root directory, metadata, leaf directories, tiles. It is written beside its name and
//! takes it when it is whole and durable.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use model::Bbox;
use serde_json::Value;

use super::directory::{Entry, lay_out};
use super::gzip;
use super::header::{Header, LENGTH, ROOT_WITHIN, Section, TileKind};
use super::part::{Part, beside};
use crate::StoreError;

/// What a file says about its tiles.
#[derive(Debug, Clone)]
pub struct About {
    /// What the tiles are. Their contents are gzip when they are vector tiles.
    pub kind: TileKind,
    /// First and last zoom.
    pub zooms: (u8, u8),
    /// The part of the world that is covered.
    pub bounds: Bbox,
    /// Zoom, longitude, latitude to open at.
    pub centre: (u8, f64, f64),
    /// An object: `name`, `vector_layers`, …
    pub metadata: Value,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Places that have a tile.
    pub tiles: u64,
    /// Different tiles.
    pub contents: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

impl Part {
    /// Makes the file at `out` of all tiles, and removes the journal. Until it is whole and durable, `out` is what it
    /// was before.
    ///
    /// # Errors
    /// [`StoreError::Io`]; the journal stays then.
    pub fn finish(mut self, out: &Path, about: &About) -> Result<Written, StoreError> {
        let new = beside(out, ".new");
        let written = self.write(&new, about).map_err(StoreError::io(&new))?;
        std::fs::rename(&new, out).map_err(StoreError::io(out))?;
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        // The name is durable when the folder is.
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(StoreError::io(folder))?;
        std::fs::remove_file(&self.path).map_err(StoreError::io(&self.path))?;
        Ok(written)
    }

    fn write(&mut self, new: &Path, about: &About) -> io::Result<Written> {
        let entries = self.entries();
        let (root, leaves) = lay_out(&entries, ROOT_WITHIN - LENGTH);
        let metadata = gzip(about.metadata.to_string().as_bytes());
        let mut end = LENGTH as u64;
        let mut section = |length: usize| {
            let section = Section { offset: end, length: length as u64 };
            end += length as u64;
            section
        };
        let header = Header {
            root: section(root.len()),
            metadata: section(metadata.len()),
            leaves: section(leaves.len()),
            tiles: Section { offset: end, length: self.bytes() },
            counts: [self.tiles.len() as u64, entries.len() as u64, self.contents.len() as u64],
            clustered: true,
            packed: true,
            packed_tiles: Some(about.kind == TileKind::Mvt),
            kind: about.kind,
            zooms: about.zooms,
            bounds: about.bounds,
            centre: about.centre,
        };
        let mut file = BufWriter::new(File::create(new)?);
        for piece in [&header.encode()[..], &root, &metadata, &leaves] {
            file.write_all(piece)?;
        }
        for content in &self.contents {
            self.file.seek(SeekFrom::Start(content.at))?;
            let copied = io::copy(&mut (&self.file).take(u64::from(content.length)), &mut file)?;
            if copied < u64::from(content.length) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(Written {
            tiles: header.counts[0],
            contents: header.counts[2],
            bytes: header.tiles.offset + header.tiles.length,
        })
    }

    /// The directory: contents lie in the order in which they first appear, so that the file is clustered.
    fn entries(&self) -> Vec<Entry> {
        let mut offsets = Vec::with_capacity(self.contents.len());
        let mut end = 0;
        for content in &self.contents {
            offsets.push(end);
            end += u64::from(content.length);
        }
        let mut entries: Vec<Entry> = Vec::new();
        for tile in &self.tiles {
            let offset = offsets[tile.content as usize];
            match entries.last_mut() {
                Some(last) if last.offset == offset && last.id + u64::from(last.run) == tile.id => {
                    last.run += 1;
                }
                _ => {
                    let length = self.contents[tile.content as usize].length;
                    entries.push(Entry { id: tile.id, offset, length, run: 1 });
                }
            }
        }
        entries
    }
}
