//! Files in and out, pure over bytes: [`open_records`] reads CSV, GeoJSON, GeoJSON sequences and arrays of flat
//! objects into one shape of [`Record`]; [`GeoJsonWriter`] and [`CsvWriter`] stream rows out; [`pmtiles`] holds tiles.
//! What a column means for a layer is not known here.

mod csv_in;
mod csv_out;
mod geojson_out;
mod guard;
pub mod pmtiles;
mod provenance;
mod scan;
mod table;
mod text_out;

pub use csv_out::CsvWriter;
pub use geojson_out::{GeoJsonWriter, exported};
pub use guard::{guard, unguard};
pub use provenance::{ExportRow, Provenance};
pub use table::{Cell, Format, Record, Table, open_bytes, open_file, open_records};

/// The largest file that is read: 512 MiB.
pub const MAX_FILE: u64 = 512 * 1024 * 1024;
