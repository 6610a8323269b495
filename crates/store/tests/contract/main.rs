//! What every store promises, tested through [`store::Store`] on the kind that `DIABAN_TEST_STORE` names (`gpkg`, or
//! `postgis` with `DIABAN_TEST_DATABASE_URL`); and in `on_a_file`, `backup` and `validator` what is particular to the GeoPackage, in
//! `on_a_server` what is particular to PostgreSQL.

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
mod home;
mod imports;
mod layers;
mod on_a_file;
mod on_a_server;
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
