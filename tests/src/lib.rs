//! Harness shared by the end-to-end tests: the real `diaban`, HTTP, live events, other people's GIS tools.
//!
//! A test may rely on nothing but what a person has: the binary, its address and its files. A harness call that cannot do
//! what it was asked panics with the reason, because a test has nothing better to do with it. What may be missing on a
//! machine (the shared data, GDAL, tippecanoe) comes as an `Option`; a test that misses it calls [`skip`] and returns.
#![expect(clippy::panic, reason = "test code: a broken harness ends the test that uses it")]
#![expect(clippy::return_self_not_must_use, reason = "an asserted answer may be all a test wants")]

mod http;
mod live;
mod places;
mod run;
mod server;
mod tools;

pub use http::{Http, Reply};
pub use live::{Event, Live};
pub use places::{demo_copy, repo_root, shared_data, skip, target_dir};
pub use run::{Run, binary, command, diaban, diaban_with_env};
pub use server::Server;
pub use tempfile::TempDir;
pub use tools::{ogrinfo, python, python_run, tiles_python, tippecanoe_decode, validate_gpkg};

/// A new empty folder that goes away with the value.
pub fn temp_dir() -> TempDir {
    tempfile::Builder::new().prefix("diaban-e2e-").tempdir().expect("a folder for temporary files")
}
