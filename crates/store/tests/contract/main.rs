//! What every store promises, tested through [`store::Store`]; and what is particular to the GeoPackage.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::items_after_statements,
    clippy::needless_raw_string_hashes,
    reason = "tests fail by panicking and print what they measured"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod backup;
mod edits;
mod imports;
mod layers;
mod opening;
mod photos;
mod reading;
mod redact;
mod replay;
mod snapshot_file;
mod tamper;
mod together;
mod undo;
mod validator;
mod ward;
