//! The anchor: a text file beside the store to which the head of the log is appended, so that a log whose end was
//! cut off, with every trace in the database, is found out. One line per head: `<instant> <seq> <hash>`.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use tokio::time::{Duration, Instant};

use super::Conn;
use super::hash::hex;
use super::log::{Head, at_text};
use super::shared::Shared;
use crate::StoreError;

/// The anchor of a store.
pub(crate) fn path_of(store: &Path) -> PathBuf {
    let mut name = store.as_os_str().to_owned();
    name.push(".anchor");
    name.into()
}

/// How often the anchor is written.
const EVERY: Duration = Duration::from_secs(1);

/// Writes the anchor of a store that is open, once a second when the head moved.
pub(crate) struct Anchoring {
    path: Option<PathBuf>,
    anchored: i64,
    next: Instant,
}

impl Anchoring {
    /// The anchor at `path`, if there is to be one, which knows the head.
    pub(crate) fn new(path: Option<PathBuf>, head: i64) -> Anchoring {
        Anchoring { path, anchored: head, next: Instant::now() + EVERY }
    }

    /// Writes it when it is time.
    pub(crate) async fn tick(&mut self, shared: &Shared, conn: &mut Conn) {
        let Some(path) = &self.path else { return };
        if Instant::now() < self.next || *shared.head.borrow() <= self.anchored {
            return;
        }
        self.next = Instant::now() + EVERY;
        match shared.write_anchor(conn, path.clone()).await {
            Ok(seq) => self.anchored = seq,
            Err(error) => tracing::error!(%error, "cannot write the anchor"),
        }
    }
}

/// One head known to the anchor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub seq: i64,
    pub hash: String,
}

fn parse(line: &str) -> Option<Line> {
    let mut parts = line.split(' ');
    let (at, seq, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let whole = parts.next().is_none() && at.parse::<Timestamp>().is_ok();
    let seq: i64 = seq.parse().ok().filter(|s| *s > 0)?;
    let good = hash.len() == 64 && hash.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    (whole && good).then(|| Line { seq, hash: hash.to_owned() })
}

/// Every line, each read or not. An unfinished last line (power was lost while it was written) is none.
pub(crate) fn read(path: &Path) -> Result<Vec<Option<Line>>, StoreError> {
    let bytes = std::fs::read(path).map_err(StoreError::io(path))?;
    let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let lines = bytes[..end].split_inclusive(|b| *b == b'\n');
    Ok(lines.map(|l| std::str::from_utf8(&l[..l.len() - 1]).ok().and_then(parse)).collect())
}

/// The greatest number known to the anchor; 0 when there is none.
pub(crate) fn last(path: &Path) -> i64 {
    read(path).ok().into_iter().flatten().flatten().map(|l| l.seq).max().unwrap_or(0)
}

/// Appends a head and waits until it is on disk. Processes that share a store take turns.
pub(crate) fn append(path: &Path, at: Timestamp, head: &Head) -> Result<(), StoreError> {
    let io = || StoreError::io(path);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(io())?;
    file.lock().map_err(io())?;
    let end = whole_lines(&mut file).map_err(io())?;
    file.set_len(end).map_err(io())?;
    file.seek(SeekFrom::Start(end)).map_err(io())?;
    let line = format!("{} {} {}\n", at_text(at), head.seq, hex(&head.hash));
    file.write_all(line.as_bytes()).map_err(io())?;
    file.sync_data().map_err(io())
}

/// Length of the file without an unfinished last line.
fn whole_lines(file: &mut File) -> std::io::Result<u64> {
    let length = file.metadata()?.len();
    // A line is shorter than this.
    let from = length.saturating_sub(256);
    file.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    Ok(tail
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(if from == 0 { 0 } else { length }, |i| from + i as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_back_and_a_torn_one_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.gpkg.anchor");
        let head = |seq| Head { seq, hash: [seq as u8; 32] };
        append(&path, Timestamp::UNIX_EPOCH, &head(1)).unwrap();
        append(&path, Timestamp::UNIX_EPOCH, &head(7)).unwrap();
        assert_eq!(last(&path), 7);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(b"2025-01-01T00:00");
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(read(&path).unwrap().len(), 2);
        append(&path, Timestamp::UNIX_EPOCH, &head(8)).unwrap();
        let lines: Vec<_> = read(&path).unwrap().into_iter().map(|l| l.unwrap().seq).collect();
        assert_eq!(lines, [1, 7, 8]);
        assert_eq!(read(&path).unwrap()[1].as_ref().unwrap().hash, "07".repeat(32));
    }

    #[test]
    fn damaged_lines_are_seen() {
        let good = format!("2025-01-01T00:00:00.000000Z 3 {}", "a".repeat(64));
        assert!(parse(&good).is_some());
        for bad in [
            good.replace(" 3 ", " x "),
            good.replace(" 3 ", " -3 "),
            good.replace('T', "t?"),
            format!("{good} "),
            good[..good.len() - 1].to_owned(),
            good.replace("aaa", "aaA"),
        ] {
            assert!(parse(&bad).is_none(), "{bad}");
        }
    }
}
