//! Exports: the same question as on the map, as a file, in the order of row numbers, streamed in pieces that are made
//! off the async threads. Only rows that have cold values are asked of the store.

use std::collections::{HashMap, VecDeque};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use jiff::civil::Date;
use model::{Columns, Feature, LayerDef, Role, Transition};
use spatial::Snapshot;
use store::format::{CsvWriter, ExportRow, GeoJsonWriter, Provenance};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::query::Query;
use crate::select;
use crate::view::{View, mask, visible_fields};
use crate::{Actor, Engine, EngineError, demo_notice};

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// GeoJSON, RFC 7946.
    GeoJson,
    /// CSV in UTF-8 with a byte-order mark.
    Csv,
}

impl Format {
    /// The format of a name.
    pub fn from_name(name: &str) -> Option<Format> {
        match name {
            "geojson" => Some(Format::GeoJson),
            "csv" => Some(Format::Csv),
            _ => None,
        }
    }

    /// Its media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Format::GeoJson => "application/geo+json",
            Format::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Its file extension.
    pub fn extension(self) -> &'static str {
        match self {
            Format::GeoJson => "geojson",
            Format::Csv => "csv",
        }
    }
}

/// Rows of one piece of a file.
const CHUNK: usize = 250;
/// Pieces that may wait for a slow reader.
const PIECES: usize = 2;
/// Pieces that are made at once.
const AT_ONCE: usize = 2;

/// A running export: where its features come from, and its pieces.
pub struct Export {
    /// What it holds and how it was selected.
    pub provenance: Provenance,
    /// The file, piece by piece; an error ends it.
    pub pieces: mpsc::Receiver<Result<Bytes, EngineError>>,
}

impl Engine {
    /// Starts an export.
    ///
    /// # Errors
    /// As [`Engine::items`].
    pub async fn export(&self, actor: &Actor, query: &Query, format: Format) -> Result<Export, EngineError> {
        let snapshot = self.snapshot(actor, query).await?;
        let (role, asked) = (actor.role, query.clone());
        let chosen = snapshot.clone();
        let found = move || select::rows(&View::new(&chosen, role), &asked).map(|row| row as u32).collect();
        let rows: Vec<u32> = self.cpu().run(found).await?;
        let def = snapshot.def().clone();
        let provenance = Provenance {
            layer: def.id.to_string(),
            title: def.title.clone(),
            filter: (!query.text.is_empty()).then(|| query.text.clone()),
            as_of: query.as_of(),
            count: rows.len(),
            demo: self.store().site().demo.then(demo_notice),
            note: def.note.clone(),
        };
        let fields: Vec<usize> = visible_fields(&def, role).collect();
        let mut writer = Writer::new(format, &provenance, &def, &fields);
        let begin = writer.take().into();
        let wants_cold = fields.iter().any(|&i| def.fields[i].cold);
        let file = Arc::new(File {
            engine: self.clone(),
            has_cold: wants_cold && def.derived.is_none() && query.recorded.is_none(),
            snapshot,
            rows,
            role,
            as_of: query.as_of(),
            fields,
            writer,
            spare: Arc::default(),
        });
        let (send, pieces) = mpsc::channel(PIECES);
        tokio::spawn(async move {
            if send.send(Ok(begin)).await.is_ok() {
                file.stream(&send).await;
            }
        });
        Ok(Export { provenance, pieces })
    }
}

/// A file that is being written.
struct File {
    engine: Engine,
    snapshot: Snapshot,
    rows: Vec<u32>,
    role: Role,
    as_of: Option<Date>,
    /// Indices of the fields that are written.
    fields: Vec<usize>,
    /// Whether a row may have values that only the store has.
    has_cold: bool,
    writer: Writer,
    /// Rooms of pieces that were sent.
    spare: Arc<Spare>,
}

/// Rooms for pieces: each is written into again once it was sent, so that a file takes no more memory than a few.
type Spare = Mutex<Vec<Vec<u8>>>;

/// A piece on its way.
struct Piece {
    bytes: Vec<u8>,
    spare: Arc<Spare>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let room = std::mem::take(&mut self.bytes);
        self.spare.lock().unwrap_or_else(PoisonError::into_inner).push(room);
    }
}

impl File {
    /// Sends the pieces in their order. A few are made side by side, no more than the reader takes.
    async fn stream(self: Arc<File>, send: &mpsc::Sender<Result<Bytes, EngineError>>) {
        let mut chunks = (0..self.rows.len()).step_by(CHUNK);
        let mut running = VecDeque::new();
        loop {
            while running.len() < AT_ONCE
                && let Some(first) = chunks.next()
            {
                running.push_back(tokio::spawn(Arc::clone(&self).piece(first)));
            }
            let Some(next) = running.pop_front() else { break };
            let piece = next.await.unwrap_or(Err(EngineError::Stopped));
            let failed = piece.is_err();
            // A reader that went away, or an error: nothing follows.
            if send.send(piece).await.is_err() || failed {
                return;
            }
        }
        let _ = send.send(Ok(self.writer.end())).await;
    }

    /// The piece of the rows from `first` on.
    async fn piece(self: Arc<File>, first: usize) -> Result<Bytes, EngineError> {
        let chunk = first..self.rows.len().min(first + CHUNK);
        let rows = self.rows[chunk.clone()].iter().map(|row| *row as usize);
        let cold = rows.filter(|row| self.has_cold && self.snapshot.has_cold(*row));
        let ids: Vec<Uuid> = cold.map(|row| self.snapshot.id(row)).collect();
        let cold = match ids.as_slice() {
            [] => Vec::new(),
            ids => self.engine.store().cold(&self.snapshot.def().id, ids).await?,
        };
        let file = Arc::clone(&self);
        self.engine.cpu().run(move || file.encode(chunk, &cold)).await
    }

    fn encode(&self, chunk: Range<usize>, cold: &[Feature]) -> Bytes {
        let (snapshot, def) = (&self.snapshot, self.snapshot.def());
        let view = View::new(snapshot, self.role);
        let by_id: HashMap<Uuid, &Feature> = cold.iter().map(|f| (f.id, f)).collect();
        let room = self.spare.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut writer = self.writer.part(chunk.start == 0, room.unwrap_or_default());
        for row in self.rows[chunk].iter().map(|row| *row as usize) {
            let id = snapshot.id(row);
            let full = if by_id.is_empty() { None } else { by_id.get(&id) };
            let properties = self.fields.iter().map(|&i| {
                let field = &def.fields[i];
                let value = match full {
                    Some(f) if field.cold => mask(def, i, self.role, f.values[i].borrow()),
                    _ => view.value(row, i, self.as_of),
                };
                (field.name.as_str(), value)
            });
            let geometry = snapshot.geometry(row);
            let row_of = ExportRow { id, properties: properties.collect(), geometry: geometry.as_ref() };
            let transitions = snapshot.transitions(row).iter().filter(|t| def.shows(self.role, &t.field));
            writer.row(&row_of, transitions);
        }
        Bytes::from_owner(Piece { bytes: writer.take(), spare: Arc::clone(&self.spare) })
    }
}

enum Writer {
    GeoJson(GeoJsonWriter),
    Csv(CsvWriter),
}

impl Writer {
    fn new(format: Format, about: &Provenance, def: &LayerDef, fields: &[usize]) -> Writer {
        match format {
            Format::GeoJson => Writer::GeoJson(GeoJsonWriter::begin(about)),
            Format::Csv => {
                let names: Vec<&str> = fields.iter().map(|&i| def.fields[i].name.as_str()).collect();
                Writer::Csv(CsvWriter::begin(about, def.geometry, &names))
            }
        }
    }

    /// One for some of the rows.
    fn part(&self, first: bool, room: Vec<u8>) -> Writer {
        match self {
            Writer::GeoJson(_) => Writer::GeoJson(GeoJsonWriter::part(first, room)),
            Writer::Csv(w) => Writer::Csv(w.part(room)),
        }
    }

    fn row<'t>(&mut self, row: &ExportRow<'_>, transitions: impl Iterator<Item = &'t Transition>) {
        match self {
            Writer::GeoJson(w) => w.row_with(row, transitions),
            Writer::Csv(w) => w.row(row),
        }
    }

    fn take(&mut self) -> Vec<u8> {
        match self {
            Writer::GeoJson(w) => w.take(),
            Writer::Csv(w) => w.take(),
        }
    }

    /// What stands behind the last row.
    fn end(&self) -> Bytes {
        match self {
            Writer::GeoJson(_) => GeoJsonWriter::part(false, Vec::new()).end().into(),
            Writer::Csv(_) => Bytes::new(),
        }
    }
}
