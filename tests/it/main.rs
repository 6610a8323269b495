//! End-to-end tests against the real binary, and the repository's own rules.
#![allow(
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "all of this is test code, the helpers between the tests too"
)]

mod archive;
mod as_of;
mod backup;
mod basemaps;
mod borders;
mod demo_page;
mod demo_ward;
mod export;
mod grid;
mod mvt;
mod real_data;
mod redact;
mod site;
mod snapshot_file;
mod tidy;
mod tiles;
