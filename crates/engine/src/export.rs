//! Exports: the same question as on the map, as a file, in the order of row numbers, streamed in pieces.

use bytes::Bytes;
use model::{Columns, Feature, Transition};
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

/// Rows whose cold values are read at once.
const CHUNK: usize = 500;
/// Pieces that may wait for a slow reader.
const PIECES: usize = 8;
/// A piece is handed over when it has grown to this many bytes.
const PIECE_BYTES: usize = 64 << 10;

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
        let rows: Vec<usize> =
            self.cpu().run(move || select::rows(&View::new(&chosen, role), &asked).collect()).await?;
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
        let (send, pieces) = mpsc::channel(PIECES);
        let (engine, about, as_of, recorded) =
            (self.clone(), provenance.clone(), query.as_of(), query.recorded.is_some());
        tokio::spawn(async move {
            let fields: Vec<usize> = visible_fields(&def, role).collect();
            let has_cold = fields.iter().any(|&i| def.fields[i].cold) && def.derived.is_none() && !recorded;
            let mut writer = Writer::new(format, &about, &def, &fields);
            for chunk in rows.chunks(CHUNK) {
                let ids: Vec<Uuid> = chunk.iter().map(|&r| snapshot.id(r)).collect();
                let cold: Vec<Feature> = if has_cold {
                    match engine.store().cold(&def.id, &ids).await {
                        Ok(features) => features,
                        Err(error) => {
                            let _ = send.send(Err(error.into())).await;
                            return;
                        }
                    }
                } else {
                    Vec::new()
                };
                let by_id: std::collections::HashMap<Uuid, &Feature> =
                    cold.iter().map(|f| (f.id, f)).collect();
                let view = View::new(&snapshot, role);
                for &row in chunk {
                    let full = by_id.get(&snapshot.id(row));
                    let geometry = snapshot.geometry(row);
                    let properties = fields.iter().map(|&i| {
                        let field = &def.fields[i];
                        let value = match full {
                            Some(f) if field.cold => mask(&def, i, role, f.values[i].borrow()),
                            _ => view.value(row, i, as_of),
                        };
                        (field.name.as_str(), value)
                    });
                    let row_of = ExportRow {
                        id: snapshot.id(row),
                        properties: properties.collect(),
                        geometry: geometry.as_ref(),
                    };
                    let transitions: Vec<Transition> = snapshot
                        .transitions(row)
                        .iter()
                        .filter(|t| def.shows(role, &t.field))
                        .cloned()
                        .collect();
                    writer.row(&row_of, &transitions);
                }
                if let Some(piece) = writer.take(PIECE_BYTES)
                    && send.send(Ok(piece)).await.is_err()
                {
                    // The reader went away.
                    return;
                }
            }
            let _ = send.send(Ok(writer.finish())).await;
        });
        Ok(Export { provenance, pieces })
    }
}

enum Writer {
    GeoJson(GeoJsonWriter),
    Csv(CsvWriter),
}

impl Writer {
    fn new(format: Format, about: &Provenance, def: &model::LayerDef, fields: &[usize]) -> Writer {
        match format {
            Format::GeoJson => Writer::GeoJson(GeoJsonWriter::begin(about)),
            Format::Csv => {
                let names: Vec<&str> = fields.iter().map(|&i| def.fields[i].name.as_str()).collect();
                Writer::Csv(CsvWriter::begin(about, def.geometry, &names))
            }
        }
    }

    fn row(&mut self, row: &ExportRow<'_>, transitions: &[Transition]) {
        match self {
            Writer::GeoJson(w) => w.row_with(row, transitions),
            Writer::Csv(w) => w.row(row),
        }
    }

    fn take(&mut self, least: usize) -> Option<Bytes> {
        let buffer = match self {
            Writer::GeoJson(w) => w.buffer(),
            Writer::Csv(w) => w.buffer(),
        };
        (buffer.len() >= least).then(|| Bytes::from(std::mem::take(buffer)))
    }

    fn finish(self) -> Bytes {
        match self {
            Writer::GeoJson(w) => w.end().into(),
            Writer::Csv(w) => w.end().into(),
        }
    }
}
