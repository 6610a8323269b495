//! Imports over a real GeoPackage: every row accounted for, nothing stored that should not be, and what goes out
//! comes back the same.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_files;
mod real_files;
mod round_trip;
mod rows;
mod site;
mod undo;
