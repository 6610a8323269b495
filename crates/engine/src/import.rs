//! Import: files become records, records become features, and all of them are stored together or not at all.
//!
//! Nothing is stored before everything was read: personal data anywhere refuses the whole import, a row that
//! cannot be read becomes a reject with its place, and the receipt accounts for every row.

mod cells;
mod choose;
mod keys;
mod new_layer;
mod person;
mod place;
mod prepare;
mod preview;
mod receipt;
mod settle;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use model::{Code, Fault, LayerDef, LayerId, Mapping, Role, Text, parse_mapping};
use store::format::{Table, open_file};
use store::{Idempotency, ImportRequest, ImportRow, Store};

use crate::mappings::builtin_mappings;
use choose::Wanted;
use prepare::Draft;
pub use preview::{Column, Preview};
pub use receipt::{ImportError, PersonFinding, Receipt, Reject};
use settle::Known;

/// How the mapping is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingChoice {
    /// By the file's header.
    Auto,
    /// One of the built-in mappings.
    Named(String),
    /// A mapping file.
    File(PathBuf),
}

/// A file to import.
#[derive(Debug, Clone)]
pub struct ImportFile {
    /// Its name, which tells its format and stands in the receipt.
    pub name: String,
    /// Where it is read from.
    pub content: Content,
}

/// Where a file is read from.
#[derive(Debug, Clone)]
pub enum Content {
    /// A path.
    Path(PathBuf),
    /// A file that is open, from its beginning; it may have no name any more.
    Open(Arc<File>),
}

impl ImportFile {
    /// The file at `path`, under its own name.
    pub fn at(path: &Path) -> ImportFile {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        ImportFile { name, content: Content::Path(path.to_path_buf()) }
    }
}

/// What to import and how.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The layer.
    pub layer: LayerId,
    /// The files, imported together.
    pub files: Vec<ImportFile>,
    /// Which mapping.
    pub mapping: MappingChoice,
    /// Fields filled from columns, over and above the mapping; a field with an empty column is left alone.
    pub map: Vec<(String, String)>,
    /// The column that identifies a record.
    pub key: Option<String>,
    /// The coordinates' system.
    pub crs: Option<String>,
    /// A layer inside the file; no format of today holds several.
    pub source_layer: Option<String>,
    /// Make the layer from the first file.
    pub new_layer: bool,
    /// Do everything but store.
    pub dry_run: bool,
    /// Store nothing when a row is rejected.
    pub strict: bool,
    /// Where rejected rows are written.
    pub rejects: Option<PathBuf>,
    /// Who.
    pub actor: String,
    /// As whom: only fields this role may see are filled. `None`: every field.
    pub role: Option<Role>,
    /// Names the request, so that a repetition is answered and not done again.
    pub idempotency_key: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// What came of an import besides its receipt.
pub(crate) struct Outcome {
    pub(crate) receipt: Receipt,
    /// The commit that holds it, when there is one.
    pub(crate) seq: Option<i64>,
    /// What a dry run saw.
    pub(crate) preview: Option<Preview>,
}

/// Imports files into a layer.
///
/// # Errors
/// [`ImportError`]; nothing is stored then.
pub async fn import(store: &Store, options: &ImportOptions) -> Result<Receipt, ImportError> {
    Ok(run(store, options).await?.receipt)
}

/// Imports, or looks at what an import would do.
pub(crate) async fn run(store: &Store, options: &ImportOptions) -> Result<Outcome, ImportError> {
    if options.source_layer.is_some() {
        return Err(Fault::parameter(
            Code::InvalidParameter,
            "source-layer",
            Text::new("Các định dạng này không chứa nhiều lớp", "these formats hold no several layers"),
        )
        .into());
    }
    let files = options.files.clone();
    let tables = Arc::new(blocking(move || open_all(&files)).await??);
    // A repetition of a request that made its layer finds the layer there.
    let repeats = match &options.idempotency_key {
        Some(key) => store.key_used(&options.actor, key).await?,
        None => false,
    };
    let layers = store.layers();
    let present = layers.iter().find(|d| d.id == options.layer).cloned();
    let is_new = present.is_none();
    let (def, made_of) = layer(options, present, repeats, &tables)?;
    let asked = read_mapping(options)?;
    let (mappings, work) = (builtin_mappings().map_err(bad_mapping)?, options.clone());
    let mut prepared = {
        let (def, tables) = (Arc::clone(&def), Arc::clone(&tables));
        blocking(move || {
            let only_map = made_of.is_some();
            let map: Vec<(String, String)> = made_of.into_iter().flatten().chain(work.map).collect();
            let wanted = Wanted {
                mapping: asked.as_ref(),
                known: &mappings,
                map: &map,
                only_map,
                key: work.key.as_deref(),
                crs: work.crs.as_deref(),
                role: work.role,
            };
            prepare::all(&def, &tables, &wanted, work.at)
        })
        .await??
    };
    if !prepared.personal.is_empty() {
        let columns = preview::columns(&def, &tables, &prepared);
        return Err(ImportError::PersonData(prepared.personal, columns));
    }
    let known = if !is_new && (options.dry_run || settle::needs_known(&def, &prepared)) {
        known(store, &def, &prepared.drafts).await?
    } else {
        Known::default()
    };
    settle::settle(&def, &known, &mut prepared);
    let mut receipt = prepared.receipt(options);
    if let Some(path) = &options.rejects {
        receipt::write_rejects(path, &receipt.rejects).map_err(ImportError::Rejects)?;
    }
    if options.strict && receipt.rejected > 0 {
        return Err(ImportError::Rejected(Box::new(receipt)));
    }
    if options.dry_run {
        return blocking(move || {
            let outcomes = settle::foresee(&def, &known, &prepared);
            receipt.count(&outcomes);
            let preview = preview::preview(&def, &tables, &prepared, &outcomes);
            Outcome { receipt, seq: None, preview: Some(preview) }
        })
        .await;
    }
    if is_new {
        store.define_layer(Arc::clone(&def), &options.actor, options.at).await?;
    }
    let today = model::day_of(options.at.as_second());
    let decide = settle::decide(Arc::clone(&def), &prepared, today);
    let request = ImportRequest {
        layer: options.layer.clone(),
        actor: options.actor.clone(),
        at: options.at,
        reason: None,
        batch: receipt.batch.clone(),
        note: Some(receipt.note()),
        idempotency: options.idempotency_key.clone().map(|key| fingerprinted(key, options, &receipt)),
        rows: prepared.drafts.into_iter().map(|d| ImportRow { key: d.key, feature: d.feature }).collect(),
        mapped: prepared.mapped,
        has_location: prepared.has_location,
        settle: Some(decide),
    };
    let done = store.import(request).await?;
    receipt.fill(&done);
    Ok(Outcome { receipt, seq: done.seq, preview: None })
}

/// The key with what was asked for: the same words about the same bytes.
fn fingerprinted(key: String, options: &ImportOptions, receipt: &Receipt) -> Idempotency {
    let ImportOptions { layer, mapping, map, key: column, crs, new_layer, .. } = options;
    let asked = (layer.as_str(), &receipt.files, &receipt.sha256, mapping, map, column, crs, new_layer);
    Idempotency { key, fingerprint: format!("import {asked:?}") }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ImportError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ImportError::Stopped)
}

fn open_all(files: &[ImportFile]) -> Result<Vec<(String, Table)>, ImportError> {
    let mut tables = Vec::new();
    for ImportFile { name, content } in files {
        let opened = match content {
            Content::Path(path) => File::open(path).map(Arc::new),
            Content::Open(file) => Ok(Arc::clone(file)),
        };
        let table = open_file(name, opened).map_err(|f| {
            let detail = Text::new(format!("{name}: {}", f.detail.vi), format!("{name}: {}", f.detail.en));
            Fault { detail, ..f }
        })?;
        tables.push((name.clone(), table));
    }
    Ok(tables)
}

/// Fields and the columns that fill them.
type ColumnMap = Vec<(String, String)>;

/// The layer; one that is made comes with the columns it was made of.
fn layer(
    options: &ImportOptions,
    present: Option<Arc<LayerDef>>,
    repeats: bool,
    tables: &[(String, Table)],
) -> Result<(Arc<LayerDef>, Option<ColumnMap>), ImportError> {
    let name = options.layer.as_str();
    match present {
        Some(def) if options.new_layer && repeats => {
            let all: Vec<&Table> = tables.iter().map(|(_, t)| t).collect();
            Ok((def, Some(new_layer::define(&options.layer, &all)?.1)))
        }
        Some(_) if options.new_layer => Err(Fault::at(
            Code::InvalidParameter,
            name,
            Text::new(format!("Lớp {name} đã có"), format!("the layer {name} exists already")),
        )
        .into()),
        Some(def) if def.derived.is_some() => Err(Fault::at(
            Code::ReadOnly,
            name,
            Text::new(
                format!("Lớp {name} được suy ra, không nhập được"),
                format!("the layer {name} is derived"),
            ),
        )
        .into()),
        Some(def) => Ok((def, None)),
        None if options.new_layer => {
            let all: Vec<&Table> = tables.iter().map(|(_, t)| t).collect();
            let (def, map) = new_layer::define(&options.layer, &all)?;
            Ok((Arc::new(def), Some(map)))
        }
        None => Err(Fault::at(
            Code::UnknownLayer,
            name,
            Text::new(
                format!("Không có lớp {name} (thêm --new-layer để tạo)"),
                format!("there is no layer {name} (--new-layer makes it)"),
            ),
        )
        .into()),
    }
}

fn bad_mapping(detail: String) -> Fault {
    Fault::at(Code::UnknownMapping, "", Text::new(detail.clone(), detail))
}

fn read_mapping(options: &ImportOptions) -> Result<Option<Mapping>, ImportError> {
    match &options.mapping {
        MappingChoice::Auto => Ok(None),
        MappingChoice::Named(name) => {
            let all = builtin_mappings().map_err(bad_mapping)?;
            let found = all.into_iter().find(|m| m.name == *name);
            let missing = || bad_mapping(format!("{name}: không có bảng ánh xạ này / no such mapping"));
            Ok(Some(found.ok_or_else(missing)?))
        }
        MappingChoice::File(path) => {
            let text =
                std::fs::read_to_string(path).map_err(|e| bad_mapping(format!("{}: {e}", path.display())))?;
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            Ok(Some(parse_mapping(&name, &text).map_err(bad_mapping)?))
        }
    }
}

/// The records of the layer; those the drafts belong to with their cold values.
async fn known(store: &Store, def: &LayerDef, drafts: &[Draft]) -> Result<Known, ImportError> {
    let (_, _, rows) = store.load_one(&def.id).await?;
    let mut known = Known::new(def, rows.into_iter().map(|r| r.feature).collect());
    let matched = known.matched(drafts);
    known.complete(store.cold(&def.id, &matched).await?);
    Ok(known)
}
