//! The product without HTTP: snapshots that follow the log, tiles, queries, edits, policy.
//!
//! [`Engine`] is the façade. It knows no HTTP and writes no SQL: it asks `store` to keep things and `spatial` to
//! draw them. Reads come from immutable snapshots; a write returns when its log entry is durable and this
//! server's snapshots show it.

mod about;
mod actor;
mod aggregate;
mod answer;
mod attachment;
mod bake;
mod body;
mod cited;
mod compressed;
mod condition;
mod cpu;
mod decide;
mod edit;
mod engine;
mod error;
mod export;
mod follow;
mod generated;
mod histogram;
mod history;
mod import;
mod imports;
mod item;
mod layers;
mod link;
mod live;
mod mappings;
mod mark;
mod merging;
mod moves;
mod photo;
mod picture_file;
mod query;
mod search;
mod select;
mod sort;
mod start;
mod tile;
mod view;
mod world;

pub use about::{LayerInfo, SiteInfo, demo_notice};
pub use actor::Actor;
pub use aggregate::AGGREGATE_PARAMETERS;
pub use answer::{Count, ItemsPage};
pub use attachment::{Attached, PhotoSize};
pub use bake::{BakeProgress, BakeRequest, Baked};
pub use compressed::Encoding;
pub use decide::Precondition;
pub use edit::{EditMeta, EditOutcome, Verb};
pub use engine::Engine;
pub use error::{EngineError, ErrorKind, kind_of};
pub use export::{Export, Format};
pub use generated::store_generated;
pub use histogram::{Bar, Histogram, Step};
pub use history::{FieldChange, HistoryEntry};
pub use import::{
    Column, Content, ImportError, ImportFile, ImportOptions, MappingChoice, PersonFinding, Preview, Receipt,
    Reject, import,
};
pub use imports::{Batch, ImportAnswer, Undone, Upload, undo_import};
pub use item::Item;
pub use layers::builtin_layers;
pub use live::{LiveEvent, Subscription};
pub use mappings::builtin_mappings;
pub use moves::{Change, Flow, Move, Moves};
pub use query::{Query, Recorded};
pub use search::{Finding, Found, FoundKind, Match};
pub use sort::Sort;
pub use start::Config;
pub use store::format::pmtiles::{Start as BakeStart, TileKind};
pub use store::{Basemap, Database, NewSite, Place, Site, Store, StoreError};
pub use tile::{Tile, TileRequest};
