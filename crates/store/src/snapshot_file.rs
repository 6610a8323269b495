//! The snapshot file beside a store: what a server held in memory at one commit, so that the next start reads columns
//! in one go and not rows one by one. It is only ever a copy: whoever deletes it loses nothing but time.
//!
//! A magic word, then a header (JSON: format, program, site, commit, layers), then sections. Header and sections stand
//! behind their length and an XXH3 of 128 bits; that of a section is seeded with the header's and the section's number,
//! so that none can stand in another's place. It is written under another name, and renamed when it is on disk.

use std::fs::{File, OpenOptions, Permissions};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use model::{LayerDef, LayerId, Value};
use serde::{Deserialize, Serialize};
use spatial::{Packed, Part, Snapshot};
use twox_hash::XxHash3_128;
use uuid::Uuid;

use crate::StoreError;

/// The first bytes of every snapshot file.
const MAGIC: [u8; 8] = *b"diabansn";
/// Raised whenever the same bytes would mean something else: the layout here or in `spatial::Packed`, what a span is,
/// what `Touched` counts.
const FORMAT: u32 = 2;
/// A header longer than this is none.
const LONGEST_HEADER: u64 = 16 << 20;

/// Photos that features cite, by layer.
pub(crate) type Photos = Vec<(LayerId, Vec<(Uuid, Value)>)>;

/// What is kept: layers and citations as of one commit.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The last commit contained.
    pub head: i64,
    /// Every layer by name; a derived one is empty.
    pub layers: Vec<Snapshot>,
    /// The photos that features cite, by layer.
    pub photos: Photos,
}

/// Why a snapshot file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// There is none.
    #[error("there is no snapshot file")]
    Missing,
    /// The system, or what stands in it.
    #[error("the snapshot file cannot be read: {0}")]
    Unreadable(String),
    /// Another version of the program wrote it.
    #[error("another version wrote the snapshot file")]
    OtherVersion,
    /// It is of another site.
    #[error("the snapshot file is of another site")]
    OtherSite,
    /// The log has no such commit: the store was put back to an older copy.
    #[error("the snapshot file is of another history of this site")]
    OtherHistory,
    /// A layer was defined or extended since.
    #[error("layers were defined since the snapshot file was written")]
    OtherLayers,
    /// It may hold what has to be forgotten. Such a file is deleted.
    #[error("something was erased since the snapshot file was written")]
    Erased,
    /// Following the log would take longer than reading the rows.
    #[error("too much changed since the snapshot file was written")]
    FarBehind,
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a file says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    format: u32,
    program: String,
    pub(crate) site: [u8; 16],
    pub(crate) seq: i64,
    /// The hash of that commit.
    pub(crate) hash: [u8; 32],
    pub(crate) layers: Vec<Layer>,
}

/// One layer of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Layer {
    pub(crate) id: String,
    /// Of its definition.
    pub(crate) hash: String,
    pub(crate) rows: usize,
    parts: usize,
}

impl Header {
    /// Whether this program wrote it, or would write it so.
    pub(crate) fn is_ours(&self) -> bool {
        self.format == FORMAT && self.program == env!("CARGO_PKG_VERSION")
    }

    /// The header of a file to be written.
    pub(crate) fn new(
        site: [u8; 16],
        seq: i64,
        hash: [u8; 32],
        layers: &[(Arc<LayerDef>, Packed)],
    ) -> Header {
        let layer = |(def, packed): &(Arc<LayerDef>, Packed)| Layer {
            id: def.id.as_str().to_owned(),
            hash: def.hash.clone(),
            rows: packed.rows(),
            parts: packed.part_count(),
        };
        let program = env!("CARGO_PKG_VERSION").to_owned();
        Header { format: FORMAT, program, site, seq, hash, layers: layers.iter().map(layer).collect() }
    }
}

/// The snapshot file of a store.
pub(crate) fn path_of(store: &Path) -> PathBuf {
    beside(store, ".snapshot")
}

fn beside(store: &Path, suffix: &str) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn part_of(store: &Path) -> PathBuf {
    beside(store, ".snapshot.part")
}

/// Removes the file and what is left of one that was being written.
pub(crate) fn remove(store: &Path) -> Result<(), StoreError> {
    for path in [path_of(store), part_of(store)] {
        match std::fs::remove_file(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(StoreError::io(path)(e)),
            _ => {}
        }
    }
    Ok(())
}

fn sum(bytes: &[u8], seed: u64) -> [u8; 16] {
    XxHash3_128::oneshot_with_seed(seed, bytes).to_le_bytes()
}

/// What the sums of sections are seeded with.
fn seed(header: [u8; 16], section: usize) -> u64 {
    let [low, high] = [0, 8].map(|at| header[at..at + 8].iter().fold(0_u64, |n, b| n << 8 | u64::from(*b)));
    low ^ high.wrapping_add(section as u64)
}

/// Writes the file of the store at `store`. Another process that is writing it is left to do so: false then.
pub(crate) fn write(
    store: &Path,
    header: &Header,
    layers: &[(Arc<LayerDef>, Packed)],
    photos: &Photos,
) -> Result<bool, StoreError> {
    let part = part_of(store);
    let io = || StoreError::io(&part);
    let file = OpenOptions::new().write(true).create(true).truncate(false).open(&part).map_err(io())?;
    if file.try_lock().is_err() {
        return Ok(false);
    }
    // It holds what the store holds: who may read the one may read the other. Beside a site in a database there is no
    // other file: nobody else reads it.
    let permissions = match std::fs::metadata(store) {
        Ok(store) => store.permissions(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Permissions::from_mode(0o600),
        Err(e) => return Err(StoreError::io(store)(e)),
    };
    file.set_permissions(permissions).and_then(|()| file.set_len(0)).map_err(io())?;
    let mut out = BufWriter::with_capacity(1 << 20, &file);
    write_all(&mut out, header, layers, photos).and_then(|()| out.flush()).map_err(io())?;
    drop(out);
    file.sync_all().map_err(io())?;
    std::fs::rename(&part, path_of(store)).map_err(io())?;
    let folder = store.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|f| f.sync_all()).map_err(StoreError::io(folder))?;
    Ok(true)
}

fn write_all(
    out: &mut impl Write,
    header: &Header,
    layers: &[(Arc<LayerDef>, Packed)],
    photos: &Photos,
) -> std::io::Result<()> {
    let header = serde_json::to_vec(header)?;
    let mut put = |bytes: &[u8], sum: [u8; 16]| {
        out.write_all(&(bytes.len() as u64).to_le_bytes())?;
        out.write_all(&sum)?;
        out.write_all(bytes)
    };
    let head = sum(&header, u64::from_le_bytes(MAGIC));
    put(&MAGIC, head)?;
    put(&header, head)?;
    let mut section = 0;
    for (_, packed) in layers {
        for n in 0..packed.part_count() {
            let bytes = packed.part(n);
            put(&bytes, sum(&bytes, seed(head, section)))?;
            section += 1;
        }
    }
    let cited: Vec<CitedBy<'_>> = photos
        .iter()
        .map(|(layer, all)| {
            (layer.as_str(), all.iter().map(|(id, photos)| (*id, photos.as_list())).collect())
        })
        .collect();
    let bytes = serde_json::to_vec(&cited)?;
    put(&bytes, sum(&bytes, seed(head, section)))
}

/// A layer with the photos that its features cite.
type CitedBy<'a> = (&'a str, Vec<(Uuid, &'a [Arc<str>])>);

/// A file whose header was read.
pub(crate) struct Opened {
    pub(crate) header: Header,
    file: File,
    sum: [u8; 16],
    /// Bytes that follow.
    left: u64,
}

#[expect(clippy::needless_pass_by_value, reason = "errors are handed over by `map_err`")]
fn unreadable(what: impl ToString) -> Unfit {
    Unfit::Unreadable(what.to_string())
}

impl Opened {
    /// Opens the file of the store at `store` and reads its header.
    pub(crate) fn open(store: &Path) -> Result<Opened, Unfit> {
        let file = match File::open(path_of(store)) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(Unfit::Missing),
            opened => opened.map_err(unreadable)?,
        };
        let left = file.metadata().map_err(unreadable)?.len();
        let header = Header {
            format: 0,
            program: String::new(),
            site: [0; 16],
            seq: 0,
            hash: [0; 32],
            layers: Vec::new(),
        };
        let mut opened = Opened { header, file, sum: [0; 16], left };
        let mut bytes = Vec::new();
        let head = opened.section(&mut bytes, MAGIC.len() as u64)?;
        if bytes != MAGIC {
            return Err(unreadable("it is another kind of file"));
        }
        opened.sum = opened.section(&mut bytes, LONGEST_HEADER)?;
        if opened.sum != head || head != sum(&bytes, u64::from_le_bytes(MAGIC)) {
            return Err(unreadable("its header is damaged"));
        }
        // Another version may say other things about itself.
        opened.header = serde_json::from_slice(&bytes).map_err(|_| Unfit::OtherVersion)?;
        Ok(opened)
    }

    /// Reads the next section into `bytes`; answers the sum it should have.
    fn section(&mut self, bytes: &mut Vec<u8>, most: u64) -> Result<[u8; 16], Unfit> {
        let mut front = [0; 24];
        self.file.read_exact(&mut front).map_err(unreadable)?;
        let mut wanted = [0; 16];
        wanted.copy_from_slice(&front[8..]);
        let len = front[..8].iter().rev().fold(0_u64, |n, b| n << 8 | u64::from(*b));
        self.left = self.left.saturating_sub(front.len() as u64);
        if len > self.left.min(most) {
            return Err(unreadable("it ends too early"));
        }
        self.left -= len;
        bytes.clear();
        bytes.reserve(usize::try_from(len).map_err(unreadable)?);
        let read = (&mut self.file).take(len).read_to_end(bytes).map_err(unreadable)?;
        if read as u64 == len { Ok(wanted) } else { Err(unreadable("it ends too early")) }
    }

    /// Reads the rest: layers, by these definitions in the order of the header, and photos. One thread reads, the
    /// others make columns of what was read.
    pub(crate) fn read(mut self, defs: &[Arc<LayerDef>]) -> Result<(Vec<Snapshot>, Photos), Unfit> {
        let counts: Vec<usize> = self.header.layers.iter().map(|l| l.parts).collect();
        // Every section takes room: a wrong count ends with the file.
        let total = counts
            .iter()
            .try_fold(0_usize, |n, c| n.checked_add(*c))
            .ok_or_else(|| unreadable("its counts"))?;
        let mut parts = self.parts(total)?.into_iter();
        let mut photos = Vec::new();
        let wanted = self.section(&mut photos, u64::MAX)?;
        if wanted != sum(&photos, seed(self.sum, total)) || self.left > 0 {
            return Err(unreadable("its last section is damaged"));
        }
        let mut layers = Vec::with_capacity(defs.len());
        for (def, count) in defs.iter().zip(counts) {
            let own = parts.by_ref().take(count).collect();
            layers.push(Snapshot::unpack(Arc::clone(def), own).map_err(unreadable)?);
        }
        Ok((layers, read_photos(&photos)?))
    }

    fn parts(&mut self, total: usize) -> Result<Vec<Part>, Unfit> {
        let head = self.sum;
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        let (send, receive) = mpsc::sync_channel::<(usize, [u8; 16], Vec<u8>)>(1);
        let (receive, spare) = (Mutex::new(receive), Mutex::new(Vec::<Vec<u8>>::new()));
        let broken = AtomicBool::new(false);
        let work = || {
            let mut done = Vec::new();
            loop {
                let next = lock(&receive).recv();
                let Ok((n, wanted, bytes)) = next else { return Ok(done) };
                let part = if sum(&bytes, seed(head, n)) == wanted {
                    Part::read(&bytes).map_err(unreadable)
                } else {
                    Err(unreadable(format!("its section {n} is damaged")))
                };
                lock(&spare).push(bytes);
                match part {
                    Ok(part) => done.push((n, part)),
                    // The others take what is left, so that the reader is not left waiting.
                    Err(error) => {
                        broken.store(true, Ordering::Relaxed);
                        while lock(&receive).recv().is_ok() {}
                        return Err(error);
                    }
                }
            }
        };
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
            let mut read = Ok(());
            for n in 0..total {
                let mut bytes = lock(&spare).pop().unwrap_or_default();
                match self.section(&mut bytes, u64::MAX) {
                    Ok(wanted)
                        if !broken.load(Ordering::Relaxed) && send.send((n, wanted, bytes)).is_ok() => {}
                    Ok(_) => break,
                    Err(error) => {
                        read = Err(error);
                        break;
                    }
                }
            }
            drop(send);
            let mut parts = Vec::new();
            for worker in all {
                parts.extend(worker.join().map_err(|_| unreadable("a thread that read it ended"))??);
            }
            read?;
            parts.sort_unstable_by_key(|(n, _)| *n);
            Ok(parts.into_iter().map(|(_, part)| part).collect())
        })
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_photos(bytes: &[u8]) -> Result<Photos, Unfit> {
    type Cited = Vec<(String, Vec<(Uuid, Vec<Arc<str>>)>)>;
    let cited: Cited = serde_json::from_slice(bytes).map_err(unreadable)?;
    let mut all = Vec::with_capacity(cited.len());
    for (layer, features) in cited {
        let layer = LayerId::new(&layer).ok_or_else(|| unreadable("a layer's name"))?;
        let value =
            |photos: Vec<Arc<str>>| if photos.is_empty() { Value::Null } else { Value::List(photos.into()) };
        all.push((layer, features.into_iter().map(|(id, photos)| (id, value(photos))).collect()));
    }
    Ok(all)
}
